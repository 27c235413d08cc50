"""The order of flags by how pressing they are. Triage, lists and the agenda all use this order."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, cast, extract, false, func
from sqlalchemy import case as sql_case
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.agenda_order import MOST_PRESSING, OrderKey
from bot.domain.case_facts import fresh_from
from bot.domain.risk import HIGHEST
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import ItemState
from bot.records.access.queries import local_time
from bot.records.cases.served import is_concern_of
from bot.store.unit_of_work import Work

_SECONDS_A_DAY = 86_400
#: Aliases for a second row of a table in one query. They are made once, since SQLAlchemy makes one from every column.
_EARLIER, _THERE, _CONCERN = aliased(Flag), aliased(Meeting), aliased(Flag)


def most_pressing(
    work: Work, panel: Panel, meeting: Meeting, *, withheld: ColumnElement[bool] | None = None
) -> list[ColumnElement[Any]]:
    """Return the SQL sort keys that put a meeting's most pressing flags first. Every list of flags uses them.

    If several agencies flagged a case, the most urgent of their flags and the highest of their risk levels decide. For
    flags that meet the condition `withheld`, the case's earlier hearings and other flags are ignored.
    """
    fresh = fresh_from(
        local_time(work, panel, meeting.starts_at).date(), work.definition(panel.definition).stale_after_months
    )
    heard = _day_last_heard(meeting)
    is_kept = false() if withheld is None else withheld
    facts: dict[str, Any] = {
        "last_heard_on": heard if withheld is None else sql_case((withheld, None), else_=heard),
        "reference": col(Case.reference),
    }
    keys = []
    for key in MOST_PRESSING:
        own = _sorted_by(work, key, Flag, fresh, facts)
        keys.append(_most_of_all(own, _sorted_by(work, key, _CONCERN, fresh, facts), is_kept) if key.is_of_all else own)
    return keys


def _most_of_all(
    own: ColumnElement[Any], concern: ColumnElement[Any], withheld: ColumnElement[bool]
) -> ColumnElement[Any]:
    """Return SQL for the most pressing sort value among those of the flag itself and of its concerns.

    If the flag meets `withheld`, only its own value counts.
    """
    theirs = select(func.min(concern)).where(is_concern_of(_CONCERN)).correlate(Flag).scalar_subquery()
    return sql_case((and_(~withheld, theirs < own), theirs), else_=own)


def _below_highest(work: Work, flag: type[Flag]) -> ColumnElement[Any]:
    """Return SQL for the number of levels between a flag's level and the highest level of its risk tool.

    For a flag without an assessment, this is 0, as for the highest level.
    """
    places = {f"{tool}:{level}": risk.below_highest for (tool, level), risk in work.risks.items()}
    return sql_case(places, value=col(flag.risk_tool) + ":" + col(flag.risk_level), else_=HIGHEST)


def _sorted_by(
    work: Work, key: OrderKey, flag: type[Flag], fresh: date, facts: Mapping[str, Any]
) -> ColumnElement[Any]:
    """Return the SQL for one sort key of a flag. It must give the same order as `OrderKey.place` does in Python.

    `facts` has the SQL for facts that aren't columns of the flag.
    """
    if key.fact == "below_highest":
        return _below_highest(work, flag)
    column = facts[key.fact] if key.fact in facts else getattr(flag, "id" if key.fact == "flag_id" else key.fact)
    if key.levels:
        return sql_case({level.value: place for place, level in enumerate(key.levels)}, value=column, else_=0)
    return sql_case((column >= fresh, 1), else_=0) if key.is_staleness else column.nulls_first()


def _day_last_heard(meeting: Meeting) -> ColumnElement[Any]:
    """Return SQL for the UTC day, as a number, on which a flag's case was last heard before the meeting."""
    return (
        select(cast(extract("epoch", func.max(_THERE.starts_at)), BigInteger) // _SECONDS_A_DAY)
        .join(AgendaItem, col(AgendaItem.meeting_id) == col(_THERE.id))
        .join(_EARLIER, col(_EARLIER.id) == col(AgendaItem.flag_id))
        .where(
            col(_EARLIER.case_id) == col(Flag.case_id),
            col(AgendaItem.state) == ItemState.DISCUSSED,
            col(_THERE.starts_at) < meeting.starts_at,
        )
        .correlate(Flag)
        .scalar_subquery()
    )
