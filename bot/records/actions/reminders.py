"""The reminders of actions that people should get now, found by one query that starts from due dates.

No schedule is stored. The reminders follow from each action's due date, its panel's ladder of reminders, today's
members and the reminders already sent. A new holder, another chair, a moved date or a changed ladder therefore counts
at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from bot.domain.chase_ladder import JOINS_AT, Recipient, last_due_on, within_working_hours
from bot.domain.notices import Notice
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Verb
from bot.domain.states import REPORTED_STATES, UNCONFIRMED_STATES
from bot.models.actions import Action, ActionEvent, Chase
from bot.models.meetings import Meeting
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind, ChaseStep, MeetingState, Role
from bot.records.access.queries import carries, holds_at
from bot.store.rows import grouped, table_of, upsert, write_rows
from bot.store.unit_of_work import Work

#: The number of the transaction lock that makes PostgreSQL processes queue digests one after the other.
_CHASING_LOCK = 0x6368617365  # "chase"

_ACTION, _CHASE, _PANEL, _PLACE = table_of(Action), table_of(Chase), table_of(Panel), table_of(Membership)
_PERSON, _OUTBOX = table_of(Person), table_of(OutboxRow)
_MEETING, _EVENT = table_of(Meeting), table_of(ActionEvent)

_OF_ACTION = ("id", "panel_id", "holder_id", "agency_id", "due_on", "meeting_id", "created_at", "state")
#: The steps of the ladder as numbers, so that the database can compare them.
_RANKS = {step: number for number, step in enumerate(ChaseStep)}
_DEPUTY = _RANKS[JOINS_AT[Recipient.DEPUTY_OR_LEAD]]
_CHAIR = _RANKS[JOINS_AT[Recipient.CHAIR]]
#: Roles reminded in the chair's place, in order. Only people with the first role that anyone has are reminded.
_PRESIDING = {Role.CHAIR: 0, Role.VICE_CHAIR: 1, Role.COORDINATOR: 2}

_on = _OUTBOX.c.payload["on"].as_string()
#: The day of a queued digest as a date, by database: SQLite keeps days as text.
_DAY_PROMISED: dict[str, ColumnElement[date]] = {"sqlite": type_coerce(_on, Date), "postgresql": cast(_on, Date)}

_WRITE = upsert(_CHASE, "action_id", "recipient_id", "due_on", "step", changing=["queued_at", "told_on"])


@dataclass(frozen=True, slots=True)
class Hours:
    """A time zone where it is working time now, with its date and the kinds of panel that may send reminders there."""

    zone: str
    today: date
    kinds: tuple[str, ...]  #: keys of definitions


class Owed(NamedTuple):
    """A reminder of one action that belongs in one person's digest of today."""

    recipient_id: int
    told_on: date  #: today, on the recipient's calendar
    action_id: int
    due_on: date
    step: ChaseStep


def working_hours(work: Work) -> tuple[Hours, ...]:
    """Return the time zones where it is working time now, with the kinds of panel that may send reminders there.

    Bank holidays are those that a kind's definition names. So a zone may have only some kinds, or be left out.
    """
    zones = work.execute(select(_PERSON.c.timezone).where(_PERSON.c.left_at.is_(None)).distinct()).scalars()
    found = []
    for zone in sorted(zones):
        local = work.now.astimezone(ZoneInfo(zone))
        kinds = [
            key for key, one in work.definitions.items() if within_working_hours(local, one.bank_holiday_subdivision)
        ]
        if kinds:
            found.append(Hours(zone, local.date(), tuple(sorted(kinds))))
    return tuple(found)


def reminders_owed(
    work: Work,
    hours: Collection[Hours],
    *,
    people: Collection[int] | None = None,
    actions: Collection[int] | None = None,
) -> list[Owed]:
    """Return the reminders owed now to people in these time zones who had no digest today, sorted by person and action.

    If a meeting told a person of their actions today, their digest waits until tomorrow: one message follows a meeting.
    `people` and `actions` limit the reminders to those people and those actions.
    """
    if not hours:
        return []
    due = _due(work, {kind for one in hours for kind in one.kinds}, actions)
    heard = union_all(_holders(work, due), _stand_ins(work, due), _presiding(work, due)).cte("heard")
    today = case({one.zone: literal(one.today, Date) for one in hours}, value=_PERSON.c.timezone)
    had_digest = table_of(Chase).alias("had")
    query = (
        select(_PERSON.c.id, _PERSON.c.timezone, heard.c.action_id, heard.c.due_on, func.max(heard.c.rung))
        .join(heard, heard.c.person_id == _PERSON.c.id)
        .where(
            _PERSON.c.left_at.is_(None),
            or_(*(and_(_PERSON.c.timezone == one.zone, heard.c.kind.in_(one.kinds)) for one in hours)),
            ~exists().where(had_digest.c.recipient_id == _PERSON.c.id, had_digest.c.told_on == today),
            ~_was_told(work, heard, today),
            ~_told_by_meetings(work, hours),
        )
        .group_by(_PERSON.c.id, _PERSON.c.timezone, heard.c.action_id, heard.c.due_on)
        .order_by(_PERSON.c.id, heard.c.action_id)
    )
    if people is not None:
        query = query.where(_PERSON.c.id.in_(people))
    days = {one.zone: one.today for one in hours}
    steps = list(ChaseStep)
    return [
        Owed(person_id, days[zone], action_id, due_on, steps[rung])
        for person_id, zone, action_id, due_on, rung in work.execute(query)
    ]


def take_turn(work: Work) -> None:
    """Wait until no other process is queueing digests. A query made after this call sees that process's digests."""
    if work.session.get_bind().dialect.name == "postgresql":  # SQLite admits one writer
        work.execute(select(func.pg_advisory_xact_lock(_CHASING_LOCK)))


def write_chases(work: Work, owed: Collection[Owed]) -> None:
    """Record the reminders that today's digests carry, each with today's date.

    If a reminder was lost, or was dated in the future by a wrong clock, its existing row gets today's date.
    """
    # Each row refers to its action and locks it. All transactions use one order, to avoid deadlocks.
    in_order = sorted(owed, key=lambda one: (one.action_id, one.recipient_id))
    write_rows(work.session, _WRITE, [{**one._asdict(), "queued_at": work.now} for one in in_order])


def forget_days_to_come(work: Work, owed: Collection[Owed]) -> None:
    """Delete the recipients' reminders that are dated after today. They were written while a clock was wrong."""
    by_day = grouped((one.told_on, one.recipient_id) for one in owed)
    ahead = [and_(_CHASE.c.recipient_id.in_(set(people)), _CHASE.c.told_on > day) for day, people in by_day.items()]
    work.execute(delete(_CHASE).where(or_(*ahead)))


def _due(work: Work, kinds: Collection[str], actions: Collection[int] | None) -> CTE:
    """Return the query for actions on these kinds of panel that have reached a step of the reminder ladder.

    Accepted actions are left out. Each action comes with the highest step that it has reached. `is_reported` is true
    for actions that the holder reported on, so that the panel has to answer.
    """
    reached = _last_due_dates(work, kinds)
    bound = max(dates[0] for dates in reached)
    # Select by due date first. Otherwise SQLite begins with the panels and reads all of their open actions.
    shown = (_ACTION.c[name] for name in _OF_ACTION)
    near = select(*shown).where(_ACTION.c.state.in_(sorted(UNCONFIRMED_STATES)), _ACTION.c.due_on <= bound)
    if actions is not None:
        near = near.where(_ACTION.c.id.in_(actions))
    opened = _once("near", near)
    rung = case(
        *(
            (and_(_PANEL.c.definition.in_(keys), opened.c.due_on <= dates[number]), number)
            for dates, keys in reached.items()
            for number in sorted(_RANKS.values(), reverse=True)
        )
    )
    return (
        select(
            opened.c.id.label("action_id"),
            opened.c.panel_id,
            opened.c.holder_id,
            opened.c.agency_id,
            opened.c.due_on,
            opened.c.meeting_id,
            opened.c.created_at,
            opened.c.state.in_(sorted(REPORTED_STATES)).label("is_reported"),
            _PANEL.c.definition.label("kind"),
            rung.label("rung"),
        )
        .join(_PANEL, _PANEL.c.id == opened.c.panel_id)
        .where(_PANEL.c.is_active, _PANEL.c.definition.in_(sorted(kinds)), rung.is_not(None))
        .cte("due")
    )


def _last_due_dates(work: Work, kinds: Collection[str]) -> dict[tuple[date, ...], list[str]]:
    """Return the kinds of panel, grouped by the due dates that reach each step of the reminder ladder today.

    Each key of the dict is a tuple with one date for each step. An action has reached the step today if it was due on
    or before this date. Each value is a list of the kinds for which these dates apply.
    """
    found: dict[tuple[date, ...], list[str]] = {}
    for key in sorted(kinds):
        definition: PanelDefinition = work.definitions[key]
        today = work.now.astimezone(ZoneInfo(definition.timezone)).date()
        dates = tuple(
            last_due_on(step, today, definition.chasing, definition.bank_holiday_subdivision) for step in ChaseStep
        )
        found.setdefault(dates, []).append(key)
    return found


def _hearing(due: CTE, person_id: ColumnElement[Any], rung: ColumnElement[Any]) -> Select[Any]:
    return select(due.c.action_id, due.c.due_on, due.c.kind, person_id.label("person_id"), rung.label("rung"))


def _holders(work: Work, due: CTE) -> Select[Any]:
    """Return the query that selects the holders to be reminded of due actions.

    A holder is reminded only if their place on the panel lets them see the action.
    """
    place = _PLACE.alias("held")
    has_place = exists().where(
        place.c.panel_id == due.c.panel_id,
        place.c.person_id == due.c.holder_id,
        carries(Verb.SEE_ACTIONS, work.now, place),
    )
    return _hearing(due, due.c.holder_id, due.c.rung).where(
        has_place, ~due.c.is_reported, ~_is_given_at_open_meeting(work, due)
    )


#: For as many days after its opening, an open meeting keeps its actions from their holders' digests. Later the meeting
#: was probably forgotten, and without the digest nobody would remind the holders.
_KEPT_FOR: Final = timedelta(days=7)


def _is_given_at_open_meeting(work: Work, due: CTE) -> ColumnElement[bool]:
    """Return the SQL condition, true if an open meeting gave or passed on the action, and has not told its holder."""
    untold = func.coalesce(_MEETING.c.asked_open_at, _MEETING.c.opened_at)
    is_passed_on = exists().where(
        _EVENT.c.action_id == due.c.action_id,
        _EVENT.c.holder_id == due.c.holder_id,
        _EVENT.c.kind == ActionEventKind.REASSIGNED.value,
        _EVENT.c.at > untold,
    )
    return exists().where(
        _MEETING.c.panel_id == due.c.panel_id,
        _MEETING.c.state == MeetingState.OPEN.value,
        _MEETING.c.opened_at > work.now - _KEPT_FOR,
        or_(and_(due.c.meeting_id == _MEETING.c.id, due.c.created_at > untold), is_passed_on),
    )


def _told_by_meetings(work: Work, hours: Collection[Hours]) -> ColumnElement[bool]:
    """Return the SQL condition on Person, true if a meeting told the person of their actions today.

    Meetings tell holders when they are closed, and when they are found left open. A message that Slack refused, or that
    may not have arrived, does not count.
    """
    recent = work.now - timedelta(days=2)
    told_at = (_MEETING.c.closed_at, _MEETING.c.asked_open_at)
    rows = work.execute(select(_MEETING.c.id, *told_at).where(or_(*(at > recent for at in told_at)))).all()
    moments = [(meeting_id, at) for meeting_id, *each in rows for at in each if at is not None]
    keys = [
        and_(_PERSON.c.timezone == one.zone, _OUTBOX.c.key == _key_of(meeting_id, at))
        for one in hours
        for meeting_id, at in moments
        if at.astimezone(ZoneInfo(one.zone)).date() == one.today
    ]
    is_lost = _OUTBOX.c.state.in_([EffectState.AMBIGUOUS.value, EffectState.DEAD.value, EffectState.DROPPED.value])
    return exists().where(or_(false(), *keys), ~is_lost)


def _key_of(meeting_id: int, at: datetime) -> ColumnElement[str]:
    """Return the key, for each person, of the message in which a meeting told holders of their actions."""
    before, after = Notice.MEETING_ACTIONS.key.format(
        meeting_id=meeting_id, person_id=_PERSON_HERE, once=at.isoformat()
    ).split(_PERSON_HERE)
    return literal(before) + cast(_PERSON.c.id, String) + literal(after)


_PERSON_HERE: Final = "{person}"


def _stand_ins(work: Work, due: CTE) -> Select[Any]:
    """Return the query that selects the people to be reminded of due actions in addition to the holder.

    This is the holder's deputy on the panel. If there is no deputy, it is the lead of the action's agency, if the lead
    sees the panel's actions.
    """
    deputies = _once(
        "deputy",
        select(_PLACE.c.panel_id, _PLACE.c.deputy_for_id, func.min(_PERSON.c.id).label("person_id"))
        .join(_PERSON, _PERSON.c.id == _PLACE.c.person_id)
        .where(_PLACE.c.deputy_for_id.is_not(None), holds_at(work.now), _PERSON.c.left_at.is_(None))
        .group_by(_PLACE.c.panel_id, _PLACE.c.deputy_for_id),
    )
    leads = _once(
        "lead",
        select(_PLACE.c.panel_id, _PERSON.c.agency_id, _PERSON.c.id.label("person_id"))
        .join(_PLACE, _PLACE.c.person_id == _PERSON.c.id)
        .where(_PERSON.c.leads_agency, _PERSON.c.left_at.is_(None), carries(Verb.SEE_ACTIONS, work.now))
        .distinct(),
    )
    person_id = func.coalesce(deputies.c.person_id, leads.c.person_id)
    return (
        _hearing(due, person_id, literal(_DEPUTY))
        .outerjoin(deputies, and_(deputies.c.panel_id == due.c.panel_id, deputies.c.deputy_for_id == due.c.holder_id))
        .outerjoin(
            leads,
            and_(
                leads.c.panel_id == due.c.panel_id,
                leads.c.agency_id == due.c.agency_id,
                leads.c.person_id != due.c.holder_id,
            ),
        )
        .where(due.c.rung >= _DEPUTY, ~due.c.is_reported, person_id.is_not(None))
    )


def _presiding(work: Work, due: CTE) -> Select[Any]:
    """Return the query for the people reminded on behalf of the panel: its chair, else vice-chairs, else co-ordinators.

    If the chair reported the action, the vice-chairs are reminded, since no one accepts their own report.
    """
    seat = case({role.value: number for role, number in _PRESIDING.items()}, value=cast(_PLACE.c.role, String))
    seats = _once(
        "seat",
        select(_PLACE.c.panel_id, _PLACE.c.person_id, seat.label("seat"))
        .add_columns(func.min(seat).over(partition_by=_PLACE.c.panel_id).label("first"))
        .join(_PERSON, _PERSON.c.id == _PLACE.c.person_id)
        .where(_PLACE.c.role.in_(sorted(_PRESIDING)), holds_at(work.now), _PERSON.c.left_at.is_(None)),
    )
    own = seats.alias("own")
    is_own = and_(due.c.is_reported, seats.c.person_id == due.c.holder_id)
    presides, is_vice = seats.c.seat == seats.c.first, seats.c.seat == _PRESIDING[Role.VICE_CHAIR]
    chairs_it = (own.c.panel_id == due.c.panel_id, own.c.person_id == due.c.holder_id)
    reported_by_chair = and_(
        due.c.is_reported, exists().where(*chairs_it, own.c.seat == _PRESIDING[Role.CHAIR]), ~is_own
    )
    return (
        _hearing(due, seats.c.person_id, literal(_CHAIR))
        .join(seats, seats.c.panel_id == due.c.panel_id)
        .where(due.c.rung >= _CHAIR, or_(and_(presides, ~is_own), and_(is_vice, reported_by_chair)))
    )


def _once(name: str, query: Select[Any]) -> CTE:
    """Return the query as a named part (CTE) that the database evaluates only once."""
    return query.cte(name).prefix_with("MATERIALIZED")


def _was_told(work: Work, heard: FromClause, today: ColumnElement[date]) -> ColumnElement[bool]:
    """Return the SQL condition, true if the person was already reminded of the action at this step or a higher one.

    Only reminders for the same due date count. Lost digests don't count, nor do reminders dated in the future, which
    were written while a clock was wrong.
    """
    step = cast(_CHASE.c.step, String)
    # Compare both in one expression: with a condition on the date alone SQLite reads all chases of the person.
    told = case((_CHASE.c.told_on > today, -1), *((step == one.value, number) for one, number in _RANKS.items()))
    return exists().where(
        _CHASE.c.action_id == heard.c.action_id,
        _CHASE.c.due_on == heard.c.due_on,
        _CHASE.c.recipient_id == heard.c.person_id,
        told >= heard.c.rung,
        _CHASE.c.id.not_in(_lost(work)),
    )


def _lost(work: Work) -> Select[Any]:
    """Return the query for the reminders in digests that Slack refused, or that may not have arrived.

    A digest that a co-ordinator sends again or dismisses no longer counts as lost.
    """
    lost = _CHASE.alias("lost")
    return (
        select(lost.c.id)
        .join(
            _OUTBOX,
            and_(
                _OUTBOX.c.payload["person_id"].as_integer() == lost.c.recipient_id,
                _DAY_PROMISED[work.session.get_bind().dialect.name] == lost.c.told_on,
            ),
        )
        .where(
            _OUTBOX.c.state.in_([EffectState.AMBIGUOUS.value, EffectState.DEAD.value]),
            _OUTBOX.c.kind == Notice.DIGEST.value,
        )
    )
