"""Which meetings have reached a deadline, and which people have not yet been told of it.

Each query runs once for any number of meetings, and leaves out people who were told already.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    column,
    false,
    func,
    or_,
    type_coerce,
)
from sqlalchemy import select as tables_select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.deadlines import last_day_reached
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import ROLES, Verb
from bot.models.meetings import Meeting, Rsvp
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, PromptKind, Role
from bot.records.access.queries import Moment, holds_at, is_running
from bot.records.invitations.queries import PROMPTS_TOLD, Due, is_expected, is_news
from bot.records.people.queries import IS_HERE
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

#: Returns the first and last day of the meetings meant, from a panel's definition and today's date there.
Days = Callable[[PanelDefinition, date], tuple[date, date]]

_AUDIENCE: Final[dict[PromptKind, frozenset[Role]]] = {
    PromptKind.FLAGS_OPEN: frozenset({Role.REPRESENTATIVE}),
    PromptKind.FLAGS_CLOSE: frozenset({Role.REPRESENTATIVE}),
    PromptKind.SUMMARY: ROLES[Verb.READ_MINUTES],
}
#: Roles told of what the chair should do: only people of the first role that has a holder, as in
#: `people.presiding_or_office`.
_PRESIDING: Final = (Role.CHAIR, Role.VICE_CHAIR, Role.COORDINATOR)

_meeting, _membership, _person = table_of(Meeting), table_of(Membership), table_of(Person)
_rsvp = table_of(Rsvp)


@dataclass(frozen=True, slots=True)
class Hearer:
    """A person who should be told of one meeting's deadline and has not been told of it yet."""

    meeting_id: int
    person_id: int
    timezone: str

    def is_at_work(self, now: datetime, subdivision: str) -> bool:
        """Return whether it is working time for the person now. Bank holidays are those of `subdivision`."""
        return within_working_hours(now.astimezone(ZoneInfo(self.timezone)), subdivision)


def meetings_within(
    work: Work, days: Mapping[MeetingState, Days], *conditions: ColumnElement[bool]
) -> list[tuple[Meeting, Panel]]:
    """Return the meetings of running panels whose state and day fit `days`, the soonest first.

    `days` maps each wanted state to a function. The function returns the first and last day of the meetings wanted in
    that state.
    """
    kinds: dict[tuple[MeetingState, datetime, datetime], list[str]] = defaultdict(list)
    for key, definition in work.definitions.items():
        zone = ZoneInfo(definition.timezone)
        today = work.now.astimezone(zone).date()
        for state, days_of in days.items():
            first, last = days_of(definition, today)
            kinds[state, _midnight(first, zone), _midnight(last + timedelta(days=1), zone)].append(key)
    on_those_days = [
        and_(
            col(Panel.definition).in_(keys),
            col(Meeting.state) == state,
            col(Meeting.starts_at) >= begins,
            col(Meeting.starts_at) < ends,
        )
        for (state, begins, ends), keys in kinds.items()
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
    """Return the people to send these prompts to, sorted by meeting and name.

    A person is left out if the last prompt of the same kind that they got was for the same day.
    """
    if not due:
        return []
    written = _written((one, None) for one in due)
    rows = work.execute(_hearers(_dialect(work)), {"due": written, "now": work.now})
    return [Hearer(meeting_id, person_id, timezone) for meeting_id, person_id, timezone, _ in rows]


def still_to_hear(work: Work, wanted: Collection[tuple[Due, int]]) -> list[Hearer]:
    """Return the people who should still get the prompts in `wanted`.

    `wanted` has pairs of a prompt and a person's id. People who have left are left out. A person is also left out if
    the last prompt of the same kind that they got was for the same day.
    """
    if not wanted:
        return []
    found = work.execute(_still_to_hear(_dialect(work)), {"due": _written(wanted)})
    return [Hearer(*row) for row in found]


def at_work(work: Work, found: Iterable[Hearer], panels: Mapping[int, Panel]) -> dict[int, list[int]]:
    """Return a dict from meeting id to the ids of the people in `found` who are at work now.

    `panels` is a dict from meeting id to the meeting's panel.
    """
    people: dict[int, list[int]] = {meeting_id: [] for meeting_id in panels}
    for one in found:
        definition = work.definition(panels[one.meeting_id].definition)
        if one.is_at_work(work.now, definition.bank_holiday_subdivision):
            people[one.meeting_id].append(one.person_id)
    return people


def reaching(deadline: str) -> Days:
    """Return a function that gives the first and last day of the meetings that `meetings_within` should search.

    The first day is today. The last is the latest day of a meeting for which the deadline named `deadline` may have
    come by today.
    """
    return lambda definition, today: (today, last_day_reached(definition, deadline, today))


def agency_leads(work: Work, agency_ids: Collection[int]) -> dict[int, int]:
    """Return a dict from agency id to the id of the person who leads the agency."""
    if not agency_ids:
        return {}
    leads = work.find_all(Person, col(Person.agency_id).in_(agency_ids), col(Person.leads_agency), IS_HERE)
    return {lead.agency_id: id_of(lead) for lead in leads}


def unasked(work: Work, invitations: Sequence[Due], reminders: Sequence[Due]) -> set[int]:
    """Return the ids of meetings with at least one expected person who was not asked to come and has not answered.

    Only the meetings of the prompts in `invitations` and `reminders` are searched. An answer that names a deputy
    doesn't count as an answer here, since the deputy may have sent apologies.
    """
    due = [(one, None) for one in (*invitations, *reminders)]
    if not due:
        return set()
    return set(work.execute(_unasked(_dialect(work)), {"due": _written(due), "now": work.now}).scalars())


def _dialect(work: Work) -> str:
    return work.session.get_bind().dialect.name


def _written(due: Iterable[tuple[Due, int | None]]) -> str:
    """Return these prompts as one JSON value, so that the SQL statement is the same for any number of prompts."""
    rows = [{**one._asdict(), "person_id": person_id} for one, person_id in due]
    return json.dumps(rows, default=str)  # days in ISO's form


def _given(dialect: str) -> Subquery:
    """Return the prompts in the SQL parameter `due` as a table that a query can join."""
    columns: tuple[Any, ...] = (
        column("meeting_id", Integer),
        column("kind", String),
        column("deadline_on", Date),
        column("person_id", Integer),
    )
    written: BindParameter[Any] = bindparam("due", type_=String)
    if dialect == "postgresql":
        table = func.jsonb_to_recordset(cast(written, JSONB)).table_valued(*columns, name="due")
        return tables_select(*table.render_derived(with_types=True).c).subquery("given")
    value = func.json_each(written).table_valued("value").c.value
    each = (type_coerce(func.json_extract(value, f"$.{one.name}"), one.type).label(one.name) for one in columns)
    return tables_select(*each).subquery("given")


@cache
def _hearers(dialect: str) -> Select[Any]:
    given, now = _given(dialect), bindparam("now", type_=_person.c.enrolled_at.type)
    presides = and_(
        given.c.kind == PromptKind.TRIAGE.value,
        _membership.c.role.in_(_PRESIDING),
        ~_is_presided_before(now),
    )
    has_role = [
        and_(given.c.kind == kind.value, _membership.c.role.in_(sorted(roles))) for kind, roles in _AUDIENCE.items()
    ]
    return (
        tables_select(given.c.meeting_id, _person.c.id, _person.c.timezone, _person.c.name)
        .distinct()
        .join(_meeting, _meeting.c.id == given.c.meeting_id)
        .join(_membership, _membership.c.panel_id == _meeting.c.panel_id)
        .join(_person, _person.c.id == _membership.c.person_id)
        .where(
            _person.c.left_at.is_(None),
            holds_at(now),
            or_(presides, *has_role),
            is_news(given.c.meeting_id, given.c.kind, _person.c.id, given.c.deadline_on),
        )
        .order_by(given.c.meeting_id, _person.c.name, _person.c.id)
    )


@cache
def _still_to_hear(dialect: str) -> Select[Any]:
    given = _given(dialect)
    return (
        tables_select(given.c.meeting_id, _person.c.id, _person.c.timezone)
        .join(_person, _person.c.id == given.c.person_id)
        .where(
            _person.c.left_at.is_(None),
            is_news(given.c.meeting_id, given.c.kind, _person.c.id, given.c.deadline_on),
        )
        .order_by(given.c.meeting_id, _person.c.id)
    )


@cache
def _unasked(dialect: str) -> Select[Any]:
    given, now = _given(dialect), bindparam("now", type_=_person.c.enrolled_at.type)
    asked = tables_select(PROMPTS_TOLD.c.id).where(
        PROMPTS_TOLD.c.meeting_id == given.c.meeting_id,
        PROMPTS_TOLD.c.kind == given.c.kind,
        PROMPTS_TOLD.c.person_id == _person.c.id,
        PROMPTS_TOLD.c.deadline_on == given.c.deadline_on,
    )
    answered = tables_select(_rsvp.c.id).where(
        _rsvp.c.meeting_id == _meeting.c.id,
        _rsvp.c.person_id == _person.c.id,
        _rsvp.c.starts_at == _meeting.c.starts_at,
        _rsvp.c.deputy_id.is_(None),
    )
    return (
        tables_select(given.c.meeting_id)
        .distinct()
        .join(_meeting, _meeting.c.id == given.c.meeting_id)
        .join(_membership, _membership.c.panel_id == _meeting.c.panel_id)
        .join(_person, _person.c.id == _membership.c.person_id)
        # Subqueries look up each person by index. With NOT EXISTS, PostgreSQL may join all prompts ever told instead.
        .where(is_expected(now), _is_none(asked), _is_none(answered))
    )


def _is_none(query: Select[Any]) -> ColumnElement[bool]:
    return query.limit(1).scalar_subquery().is_(None)


def _is_presided_before(now: Moment) -> ColumnElement[bool]:
    """Return the SQL condition on Membership, true if another person on the panel has a role that ranks higher.

    The order of these roles is chair, vice-chair, co-ordinator.
    """
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
