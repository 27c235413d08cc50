"""The order of flags by how pressing they are. Triage, lists and the agenda all use this order."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func
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
from bot.store.unit_of_work import Work

_SECONDS_A_DAY = 86_400
#: Aliases for a second row of a table in one query. They are made once, since SQLAlchemy makes one from every column.
_EARLIER, _THERE = aliased(Flag), aliased(Meeting)


def most_pressing(
    work: Work, panel: Panel, meeting: Meeting, *, withheld: ColumnElement[bool] | None = None
) -> list[ColumnElement[Any]]:
    """Return the SQL sort keys that put a meeting's most pressing flags first. Every list of flags uses them.

    A flag that meets the condition `withheld` is sorted as if its case had never been heard.
    """
    fresh = fresh_from(
        local_time(work, panel, meeting.starts_at).date(), work.definition(panel.definition).stale_after_months
    )
    heard = _day_last_heard(meeting)
    columns: dict[str, Any] = {
        "urgency": col(Flag.urgency),
        "below_highest": _below_highest(work),
        "assessed_on": col(Flag.assessed_on),
        "last_heard_on": heard if withheld is None else sql_case((withheld, None), else_=heard),
        "reference": col(Case.reference),
        "flag_id": col(Flag.id),
    }
    return [_sorted_by(key, columns[key.fact], fresh) for key in MOST_PRESSING]


def _below_highest(work: Work) -> ColumnElement[Any]:
    """Return SQL for how many levels a flag's level is below the highest of its tool.

    An unassessed flag counts as highest.
    """
    places = {f"{tool}:{level}": risk.below_highest for (tool, level), risk in work.risks.items()}
    return sql_case(places, value=col(Flag.risk_tool) + ":" + col(Flag.risk_level), else_=HIGHEST)


def _sorted_by(key: OrderKey, column: ColumnElement[Any], fresh: date) -> ColumnElement[Any]:
    """Return the SQL for one sort key, which must give the same order as `OrderKey.place`."""
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
