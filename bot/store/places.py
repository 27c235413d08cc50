"""When a place on a panel holds: the one definition, which every query about members uses."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, FromClause, and_, or_

from bot.models.panels import Membership, Panel
from bot.store.diary import local_time, zone_of
from bot.store.rows import table_of
from bot.store.unit_of_work import Work

Moment = datetime | BindParameter[Any]

_PLACE = table_of(Membership)


def holds_at(now: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """The condition on Membership that a place has begun and has neither been ended nor lapsed."""
    return and_(place.c.began_at <= now, is_to_hold(now, place))


def is_to_hold(now: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """The condition that a place holds or will: it has neither been ended nor lapsed, and may begin later."""
    return and_(place.c.ended_at.is_(None), or_(place.c.lapses_at.is_(None), place.c.lapses_at > now))


def held_at(then: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """The condition that a place held at a moment in the past, whatever became of it since."""
    return and_(
        place.c.began_at <= then,
        or_(place.c.ended_at.is_(None), place.c.ended_at > then),
        or_(place.c.lapses_at.is_(None), place.c.lapses_at > then),
    )


def day_begins(work: Work, panel: Panel, on: date) -> datetime:
    """The first moment of a day by the panel's clocks."""
    return datetime.combine(on, time.min, tzinfo=zone_of(work, panel)).astimezone(UTC)


def day_ends(work: Work, panel: Panel, on: date) -> datetime:
    """The first moment after a day by the panel's clocks: a place that lapses then holds all that day."""
    return day_begins(work, panel, on + timedelta(days=1))


def last_day(work: Work, panel: Panel, lapses_at: datetime) -> date:
    """The last day on which a place that lapses then holds."""
    return local_time(work, panel, lapses_at - timedelta(seconds=1)).date()
