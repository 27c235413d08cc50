"""Whose meetings have reached a deadline, and who of their members is still to hear of it.

Each question is asked once for any number of meetings, and answered without what was told before.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Date, Integer, String, and_, case, column, false, or_, values
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.panel_definition import PanelDefinition
from bot.models.meetings import Meeting, Prompt, Rsvp
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import PromptKind, Role
from bot.store.deadlines_told import Due, is_news
from bot.store.places import holds_at
from bot.store.replies import is_expected
from bot.store.rows import table_of
from bot.store.running import is_running
from bot.store.unit_of_work import Work

#: The first and the last day on which a meeting may be, by the kind of its panel and its date today.
Days = Callable[[PanelDefinition, date], tuple[date, date]]

_AUDIENCE: Final[dict[PromptKind, frozenset[Role]]] = {
    PromptKind.FLAGS_OPEN: frozenset({Role.REPRESENTATIVE}),
    PromptKind.FLAGS_CLOSE: frozenset({Role.REPRESENTATIVE}),
    PromptKind.SUMMARY: frozenset({Role.COORDINATOR, Role.MINUTE_TAKER}),
}
#: Who hears of what waits for the chair, as `people.presiding_or_office` has it: the first of these that there are.
_PRESIDING: Final = (Role.CHAIR, Role.VICE_CHAIR, Role.COORDINATOR)

_meeting, _membership, _person = table_of(Meeting), table_of(Membership), table_of(Person)
_prompt, _rsvp = table_of(Prompt), table_of(Rsvp)


@dataclass(frozen=True, slots=True)
class Hearer:
    """Somebody who is still to be told about one meeting."""

    meeting_id: int
    person_id: int
    timezone: str

    def is_at_work(self, now: datetime, subdivision: str) -> bool:
        """Whether a message of a panel of this subdivision may reach them now: their own working hours."""
        return within_working_hours(now.astimezone(ZoneInfo(self.timezone)), subdivision)


def meetings_within(work: Work, days: Days, *conditions: ColumnElement[bool]) -> list[tuple[Meeting, Panel]]:
    """Return the meetings of running panels that are on one of these days, the soonest first."""
    kinds: dict[tuple[datetime, datetime], list[str]] = defaultdict(list)
    for key, definition in work.definitions.items():
        zone = ZoneInfo(definition.timezone)
        first, last = days(definition, work.now.astimezone(zone).date())
        if first <= last:
            kinds[_midnight(first, zone), _midnight(last + timedelta(days=1), zone)].append(key)
    on_those_days = [
        and_(col(Panel.definition).in_(keys), col(Meeting.starts_at) >= begins, col(Meeting.starts_at) < ends)
        for (begins, ends), keys in kinds.items()
    ]
    rows = work.session.execute(
        select(Meeting, Panel)
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .where(is_running(work), or_(false(), *on_those_days), *conditions)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    )
    return [(meeting, panel) for meeting, panel in rows]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def hearers(work: Work, due: Sequence[Due]) -> list[Hearer]:
    """Return those whom a prompt concerns and who were last told of another deadline, by meeting and name."""
    if not due:
        return []
    given = _given(due)
    presides = and_(
        given.c.kind == PromptKind.TRIAGE.value,
        _membership.c.role.in_(_PRESIDING),
        ~_somebody_presides_before(work.now),
    )
    has_role = [
        and_(given.c.kind == kind.value, _membership.c.role.in_(sorted(roles))) for kind, roles in _AUDIENCE.items()
    ]
    rows = work.execute(
        tables_select(given.c.meeting_id, _person.c.id, _person.c.timezone, _person.c.name)
        .distinct()
        .join(_meeting, _meeting.c.id == given.c.meeting_id)
        .join(_membership, _membership.c.panel_id == _meeting.c.panel_id)
        .join(_person, _person.c.id == _membership.c.person_id)
        .where(
            _person.c.left_at.is_(None),
            holds_at(work.now),
            or_(presides, *has_role),
            is_news(given.c.meeting_id, given.c.kind, _person.c.id, given.c.deadline_on),
        )
        .order_by(given.c.meeting_id, _person.c.name, _person.c.id)
    )
    return [Hearer(meeting_id, person_id, timezone) for meeting_id, person_id, timezone, _ in rows]


def still_to_hear(work: Work, wanted: Collection[tuple[Due, int]]) -> list[Hearer]:
    """Return which of these people, by their numbers, were last told of another deadline and have not left."""
    if not wanted:
        return []
    columns = (*_DUE, column("person_id", Integer))
    rows = [(due.meeting_id, due.kind.value, due.deadline_on, person_id) for due, person_id in wanted]
    given = values(*columns, name="given").data(rows).cte("due")
    found = work.execute(
        tables_select(given.c.meeting_id, _person.c.id, _person.c.timezone)
        .join(_person, _person.c.id == given.c.person_id)
        .where(
            _person.c.left_at.is_(None),
            is_news(given.c.meeting_id, given.c.kind, _person.c.id, given.c.deadline_on),
        )
        .order_by(given.c.meeting_id, _person.c.id)
    )
    return [Hearer(*row) for row in found]


def agency_leads(work: Work, agency_ids: Collection[int]) -> dict[int, int]:
    """Return who leads each of these agencies, by its number."""
    if not agency_ids:
        return {}
    rows = work.execute(
        tables_select(_person.c.agency_id, _person.c.id).where(
            _person.c.agency_id.in_(agency_ids), _person.c.leads_agency, _person.c.left_at.is_(None)
        )
    )
    return dict(rows.all())


def unasked(work: Work, invitations: Sequence[Due], reminders: Sequence[Due]) -> set[int]:
    """Return the meetings to which somebody is expected who gave no answer of their own and was not asked so.

    An answer that names a deputy does not count as one here, since the deputy may have sent apologies.
    """
    due = [*invitations, *reminders]
    if not due:
        return set()
    given = _given(due)
    asked = tables_select(_prompt.c.id).where(
        _prompt.c.meeting_id == given.c.meeting_id,
        _prompt.c.kind == given.c.kind,
        _prompt.c.person_id == _person.c.id,
        _prompt.c.deadline_on == given.c.deadline_on,
    )
    answered = tables_select(_rsvp.c.id).where(
        _rsvp.c.meeting_id == _meeting.c.id,
        _rsvp.c.person_id == _person.c.id,
        _rsvp.c.starts_at == _meeting.c.starts_at,
        _rsvp.c.deputy_id.is_(None),
    )
    rows = work.execute(
        tables_select(given.c.meeting_id)
        .distinct()
        .join(_meeting, _meeting.c.id == given.c.meeting_id)
        .join(_membership, _membership.c.panel_id == _meeting.c.panel_id)
        .join(_person, _person.c.id == _membership.c.person_id)
        .where(is_expected(work.now), ~asked.exists(), ~answered.exists())
    )
    return {meeting_id for (meeting_id,) in rows}


_DUE: Final[tuple[Any, ...]] = (column("meeting_id", Integer), column("kind", String), column("deadline_on", Date))


def _given(due: Sequence[Due]) -> CTE:
    """Return what is due as a table that can be joined."""
    rows = [(one.meeting_id, one.kind.value, one.deadline_on) for one in due]
    return values(*_DUE, name="given").data(rows).cte("due")


def _somebody_presides_before(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a place that somebody holds one of the panel's that comes before it."""
    place, person = _membership.alias("before"), _person.alias("before_them")
    return (
        tables_select(place.c.id)
        .join(person, person.c.id == place.c.person_id)
        .where(
            place.c.panel_id == _membership.c.panel_id,
            person.c.left_at.is_(None),
            holds_at(now, place),
            _turn(place.c.role) < _turn(_membership.c.role),
        )
        .exists()
    )


def _turn(role: Any) -> ColumnElement[int]:
    return case(*((role == one, turn) for turn, one in enumerate(_PRESIDING)), else_=len(_PRESIDING))
