"""When a place on a panel holds: the one definition, which every query about members uses."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, FromClause, and_, or_

from bot.models.panels import Membership
from bot.store.rows import table_of

Moment = datetime | BindParameter[Any]

_PLACE = table_of(Membership)


def holds_at(now: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """The condition on Membership that a place has begun and has neither been ended nor lapsed."""
    return and_(place.c.began_at <= now, is_to_hold(now, place))


def is_to_hold(now: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """The condition that a place holds or will: it has neither been ended nor lapsed, and may begin later."""
    return and_(place.c.ended_at.is_(None), or_(place.c.lapses_at.is_(None), place.c.lapses_at > now))
