"""Closed items: a chair closes or opens a case, or names and removes its readers, always with a reason.

A change applies on all panels that hear the case. The chairs of these panels stay readers, and are told who made the
change.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.domain.language.identifiers import accept_line
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.cases import AccessEvent, Case, CaseReader, Flag
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import AccessChange, Role
from bot.records.access.changes import end_reading, keep_access, name_readers
from bot.records.access.queries import (
    Standing,
    Where,
    local_time,
    panels_where,
    readable_cases,
)
from bot.records.actions.queries import opened_or_erased
from bot.records.cases.before_panel import case_of_chair
from bot.records.cases.queries import IS_HEARD, IS_OWED, standing_recusal
from bot.records.meeting.board import redraw_for_case
from bot.records.people.queries import IS_HERE, is_member_who_may, members, members_who_may, names_of, person_by_account
from bot.records.people.readings import readers_at
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

_ONLY_A_CHAIR = (
    "Only the chair or the vice-chair of a panel that hears a case decides who can see it. Ask your chair. "
    "If the case should "
    "be a closed item, write nothing more about it until the chair has decided."
)
_NO_REASON = "Please say why, after the word because. I'll keep the reason with the case, for the chairs."


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One entry in the history of who can read a case."""

    kind: AccessChange
    at: datetime  #: the panel's own time
    by_name: str
    person_name: str  #: empty if the entry is about no single person
    reason: str


@dataclass(frozen=True, slots=True)
class Reader:
    """One named reader of a closed item."""

    name: str
    agency_name: str
    office: Role | None  #: chair or vice-chair of a panel that hears the case: stays a reader while they are


@dataclass(frozen=True, slots=True)
class Keeper:
    """A person who may not read a closed item, but still holds actions on it.

    The actions' text is hidden from this person.
    """

    name: str
    actions: tuple[int, ...]  #: still owed, by number


@dataclass(frozen=True, slots=True)
class ClosedItem:
    """The readers of a case and all earlier changes of its readers, as a chair sees them."""

    reference: str
    panel_key: str
    panel_title: str
    is_closed: bool
    readers: tuple[Reader, ...] = ()  #: people who can open it today
    stepped_back: tuple[Reader, ...] = ()  #: named, but with an interest declared or without a place that reads cases
    keepers: tuple[Keeper, ...] = ()  #: people who can't open it but hold actions on it
    history: tuple[AccessLine, ...] = ()  #: oldest first


@dataclass(frozen=True, slots=True)
class ChangeNotice:
    """What one person is told of a change to a case's readers. The reason is left out, since messages stay in Slack."""

    kind: AccessChange
    reference: str  #: empty for a person who no longer reads it
    panel_title: str
    by_name: str
    person_name: str
    is_you: bool
    panel_key: str  #: of a panel where they may change it; empty: nowhere


def close_item(work: Work, actor: Actor, where: Where, reference: str, reason: str) -> ClosedItem:
    """Make a case a closed item on all panels that hear it. The readers are the panels' chairs and the flaggers.

    Other people keep their actions on the case, so that the work is not forgotten, but no longer see the actions' text.
    """
    standing, case = _case_to_change(work, actor, where, reference)
    if case.is_closed:
        raise Mistake(
            f"{case.reference} is a closed item already: "
            f"`/case readers {case.reference} {standing.panel.key}` shows who sees it."
        )
    reason = _reason(work, reason)
    flaggers = select(Flag.person_id).where(col(Flag.case_id) == id_of(case), IS_HEARD)
    readers = {id_of(person) for person in work.find_all(Person, IS_HERE, col(Person.id).in_(flaggers))}
    readers |= {actor.person_id} | _chairs(work, case)
    case.is_closed = True
    end_reading(work, [id_of(case)])  # these were readers when the case was a closed item before
    name_readers(work, [id_of(case)], readers)
    redraw_for_case(work, id_of(case))
    _note(work, standing, case, AccessChange.CLOSED, reason, readers)
    return _view(work, standing, case)


def open_item(work: Work, actor: Actor, where: Where, reference: str, reason: str) -> ClosedItem:
    """Open a closed item for everyone on the panels that hear the case, and tell its earlier readers."""
    standing, case = _case_to_change(work, actor, where, reference, closed=True)
    reason = _reason(work, reason)
    readers = _readers(work, case)
    case.is_closed = False
    end_reading(work, [id_of(case)])
    redraw_for_case(work, id_of(case))
    _note(work, standing, case, AccessChange.OPENED, reason, readers)
    return _view(work, standing, case)


def name_reader(work: Work, actor: Actor, where: Where, reference: str, user_id: str, reason: str) -> ClosedItem:
    """Add a Slack user to the readers of a closed item.

    The reader must be a member of a panel that hears the case. Tell the reader and the other chairs.
    """
    standing, case = _case_to_change(work, actor, where, reference, closed=True)
    person = _person(work, actor, user_id)
    reason = _reason(work, reason)
    if not any(is_member_who_may(work, panel, id_of(person), Verb.READ_CASES) for panel in _panels(work, case)):
        raise Mistake(f"{person.name} can't read cases on any panel that hears {case.reference}.")
    if standing_recusal(work, id_of(case), id_of(person)) is not None:
        raise Mistake(f"{person.name} has declared an interest in {case.reference}, so they can't be a reader of it.")
    if id_of(person) in _readers(work, case):
        raise Mistake(f"{person.name} is a reader of {case.reference} already.")
    name_readers(work, [id_of(case)], [id_of(person)])
    _note(work, standing, case, AccessChange.NAMED, reason, {id_of(person)} | _chairs(work, case), person)
    return _view(work, standing, case)


def end_reader(work: Work, actor: Actor, where: Where, reference: str, user_id: str, reason: str) -> ClosedItem:
    """Remove a named reader from a closed item. Tell this person and the other chairs.

    Raise Mistake for a chair of a panel that hears the case, since chairs stay readers.
    """
    standing, case = _case_to_change(work, actor, where, reference, closed=True)
    person = _person(work, actor, user_id)
    reason = _reason(work, reason)
    if id_of(person) not in _readers(work, case):
        raise Mistake(f"{person.name} is not a reader of {case.reference}.")
    if id_of(person) in _chairs(work, case):
        raise Mistake(f"{person.name} reads {case.reference} as a chair, for as long as they are one.")
    end_reading(work, [id_of(case)], id_of(person))
    _note(work, standing, case, AccessChange.ENDED, reason, {id_of(person)} | _chairs(work, case), person)
    return _view(work, standing, case)


def show_readers(work: Work, actor: Actor, where: Where, reference: str) -> ClosedItem:
    """Return the readers of a case, and all earlier changes of its readers with their reasons."""
    standing, case = case_of_chair(work, actor, where, reference, _ONLY_A_CHAIR)
    work.audit("read", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _view(work, standing, case)


def change_for_notice(work: Work, actor: Actor, event_id: int) -> ChangeNotice | None:
    """Return a change of readers for a message to this person, or None if the change is no longer in force.

    Raise NotForYou if the person may not read the case, unless the message is that they are no longer a reader.
    """
    event = work.session.get(AccessEvent, event_id)
    if event is None:
        raise NotForYou("that case")
    case = work.session.get_one(Case, event.case_id)
    is_you = event.person_id == actor.person_id
    may_read = bool(readable_cases(work, actor.person_id, [event.case_id]))
    heard_by = _panels(work, case)
    theirs = {id_of(panel) for panel in panels_where(work, actor, Verb.READ_CASES)} & heard_by
    ended = is_you and event.kind is AccessChange.ENDED
    if case.is_closed == (event.kind is AccessChange.OPENED) or (ended and may_read):
        return None
    if not ended and not (may_read and theirs):
        raise NotForYou("that case")
    names = names_of(work, Person, {event.by_id} | ({event.person_id} if event.person_id else set()))
    chairs = [panel for panel in panels_where(work, actor, Verb.CLOSE_ITEMS) if id_of(panel) in heard_by]
    work.audit("send", "case", case.id, panel_id=event.panel_id, actor_id=actor.person_id)
    return ChangeNotice(
        event.kind,
        "" if ended else case.reference,
        work.session.get_one(Panel, event.panel_id).title,
        names[event.by_id],
        names.get(event.person_id, "") if event.person_id else "",
        is_you,
        panel_key=chairs[0].key if chairs else "",
    )


def _case_to_change(
    work: Work, actor: Actor, where: Where, reference: str, *, closed: bool = False
) -> tuple[Standing, Case]:
    """Return a chair's standing, and the case whose readers the chair wants to change.

    The case's row is locked, so that two chairs take turns. With `closed`, raise Mistake unless the case is a closed
    item.
    """
    standing, case = case_of_chair(work, actor, where, reference, _ONLY_A_CHAIR)
    work.session.refresh(case, with_for_update=True)
    if closed and not case.is_closed:
        raise Mistake(f"{case.reference} is not a closed item: everyone who reads cases on its panels sees it.")
    return standing, case


def _person(work: Work, actor: Actor, user_id: str) -> Person:
    person = person_by_account(work, actor.team_id, user_id)
    if person is None:
        raise Mistake(f"<@{user_id}> is not enrolled.")
    return person


def _reason(work: Work, given: str) -> str:
    return accept_line(given, field="reason", missing=_NO_REASON, today=work.now.date())


def _panels(work: Work, case: Case) -> set[int]:
    """Return the ids of the panels that hear the case or still have an open or reported action on it."""
    heard = work.session.exec(select(Flag.panel_id).where(col(Flag.case_id) == id_of(case), IS_HEARD))
    return set(heard) | {action.panel_id for action in _owed(work, case)}


def _chairs(work: Work, case: Case) -> set[int]:
    """Return the ids of the chairs and vice-chairs of all panels that hear the case."""
    panels = _panels(work, case)
    return {id_of(one) for panel_id in panels for one in members_who_may(work, panel_id, Verb.CLOSE_ITEMS)}


def _readers(work: Work, case: Case) -> set[int]:
    return set(work.session.exec(select(CaseReader.person_id).where(col(CaseReader.case_id) == id_of(case))))


def _owed(work: Work, case: Case) -> list[Action]:
    """Return the open and reported actions on the case, from all panels."""
    return work.find_all(Action, col(Action.case_id) == id_of(case), IS_OWED, by=[col(Action.id)])


def _keepers(work: Work, case: Case, readers: set[int]) -> tuple[Keeper, ...]:
    held = grouped((one.holder_id, id_of(one)) for one in _owed(work, case) if one.holder_id not in readers)
    names = names_of(work, Person, held)
    return tuple(Keeper(names[number], tuple(held[number])) for number in sorted(held, key=lambda one: names[one]))


def _note(
    work: Work,
    standing: Standing,
    case: Case,
    kind: AccessChange,
    reason: str,
    concerned: set[int],
    person: Person | None = None,
) -> None:
    """Record a change of a case's readers with its reason, and tell the people in `concerned`.

    People in `concerned` who may not know of the change are not told.
    """
    actor = standing.actor
    about = None if person is None else id_of(person)
    event_id = keep_access(work, case, standing.panel_id, kind, about, actor.person_id, reason)
    for person_id in sorted(concerned - {actor.person_id}):
        is_their_own = person is not None and person_id == id_of(person)
        if standing_recusal(work, id_of(case), person_id) is None and (
            is_their_own or readable_cases(work, person_id, [id_of(case)])
        ):
            work.tell(person_id, Notice.ACCESS_CHANGED, event_id=event_id)
    work.audit(f"access_{kind.value}", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    if person is not None:
        work.audit(f"access_{kind.value}", "person", person.id, panel_id=standing.panel_id, actor_id=actor.person_id)


def _view(work: Work, standing: Standing, case: Case) -> ClosedItem:
    work.session.flush()
    readers, panels = _readers(work, case) if case.is_closed else set(), _panels(work, case)
    offices = {
        id_of(person): role
        for role in (Role.VICE_CHAIR, Role.CHAIR)
        for panel_id in panels
        for person in members(work, panel_id, {role})
    }
    able = {one for readers_there in readers_at(work, panels, [id_of(case)]).values() for one in readers_there}
    people = work.session.exec(
        select(Person, Agency)
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(col(Person.id).in_(readers), IS_HERE)
        .order_by(col(Person.name), col(Person.id))
    ).all()
    events = work.find_all(AccessEvent, col(AccessEvent.case_id) == id_of(case), by=[col(AccessEvent.id)])
    names = names_of(work, Person, {number for one in events for number in (one.by_id, one.person_id) if number})
    work.keys.fetch(work.session, (event.reason for event in events))
    named = [(id_of(person), Reader(person.name, agency.name, offices.get(id_of(person)))) for person, agency in people]
    return ClosedItem(
        case.reference,
        standing.panel.key,
        standing.panel.title,
        case.is_closed,
        tuple(reader for number, reader in named if number in able),
        tuple(reader for number, reader in named if number not in able),
        _keepers(work, case, able) if case.is_closed else (),
        tuple(
            AccessLine(
                event.kind,
                local_time(work, standing.panel, event.at),
                names[event.by_id],
                names[event.person_id] if event.person_id else "",
                opened_or_erased(work, event.reason),
            )
            for event in events
        ),
    )
