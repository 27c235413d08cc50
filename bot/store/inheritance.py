"""Passing on what somebody holds: actions and waiting flags go to the nearest who may have them, each told once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.action_state import UNCONFIRMED_STATES
from bot.domain.permissions import ROLES, Verb
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Flag
from bot.models.panels import Membership
from bot.models.people import Agency, Person
from bot.models.vocabulary import ActionEventKind, FlagState, Role
from bot.store.access import readable_cases
from bot.store.outbox import Effect
from bot.store.people import members, members_who_may
from bot.store.places import holds_at
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

_PERSON: Final = table_of(Person)
#: Whoever comes before everybody else, by panel and holder: a named successor, then the holder's deputies.
Nearest = Callable[[int, int], Sequence[int]]
#: A flag that still waits for its hearing, and for somebody to present it.
WAITING = (FlagState.OPEN, FlagState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Passed:
    """One action or flag that was somebody's, and whose it is now."""

    noun: str  #: action, or flag
    number: int
    panel_id: int
    case_id: int | None
    from_id: int
    to_id: int | None  #: none: nobody on the panel may take it, and it stays where it was


def unconfirmed_actions(work: Work, *conditions: ColumnElement[bool]) -> list[Action]:
    """Actions that somebody still answers for, locked in one order so that two who pass them on never cross."""
    return list(
        work.session.exec(
            select(Action)
            .where(col(Action.state).in_(sorted(UNCONFIRMED_STATES)), *conditions)
            .order_by(col(Action.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def waiting_flags(work: Work, *conditions: ColumnElement[bool]) -> list[Flag]:
    """Flags that somebody is to present, locked like actions."""
    return list(
        work.session.exec(
            select(Flag)
            .where(col(Flag.state).in_(WAITING), *conditions)
            .order_by(col(Flag.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def sits(work: Work, panel_id: Any, person_id: Any, verb: Verb) -> ColumnElement[bool]:
    """The condition that somebody, by the columns of an action or a flag, has a place there that carries the verb."""
    place = table_of(Membership)
    return (
        tables_select(place.c.id)
        .join(_PERSON, _PERSON.c.id == place.c.person_id)
        .where(
            place.c.panel_id == panel_id,
            place.c.person_id == person_id,
            place.c.role.in_(sorted(ROLES[verb])),
            _PERSON.c.left_at.is_(None),
            holds_at(work.now),
        )
        .exists()
    )


def pass_on(
    work: Work, actions: Iterable[Action], flags: Iterable[Flag], nearest: Nearest, *, by_id: int | None = None
) -> tuple[Passed, ...]:
    """Give each to the nearest who may hold it and read its case; a flag of a case to who may flag there.

    The agency goes on owning what it owned, unless it has ended: then it is the new holder's.
    """
    passed = [_pass_action(work, action, nearest, by_id) for action in actions]
    passed += [_pass_flag(work, flag, nearest, by_id) for flag in flags]
    work.session.flush()
    _tell(work, passed)
    return tuple(passed)


def _pass_action(work: Work, action: Action, nearest: Nearest, by_id: int | None) -> Passed:
    before = action.holder_id
    heir = _heir(work, action.panel_id, before, action.agency_id, action.case_id, Verb.HOLD_ACTIONS, nearest)
    if heir is not None:
        action.holder_id = id_of(heir)
        action.agency_id = _owner(work, action.agency_id, heir)
        line = ActionEvent(
            action_id=id_of(action),
            kind=ActionEventKind.REASSIGNED,
            person_id=by_id,
            at=work.now,
            holder_id=id_of(heir),
        )
        work.session.add_all([action, line])
        work.audit("reassign", "action", action.id, panel_id=action.panel_id, actor_id=by_id)
    to_id = None if heir is None else id_of(heir)
    return Passed("action", id_of(action), action.panel_id, action.case_id, before, to_id)


def _pass_flag(work: Work, flag: Flag, nearest: Nearest, by_id: int | None) -> Passed:
    before = flag.person_id
    heir = _heir(work, flag.panel_id, before, flag.agency_id, flag.case_id, Verb.FLAG, nearest)
    if heir is not None:
        flag.person_id = id_of(heir)
        flag.agency_id = _owner(work, flag.agency_id, heir)
        work.session.add(flag)
        work.audit("reassign", "flag", flag.id, panel_id=flag.panel_id, actor_id=by_id)
    to_id = None if heir is None else id_of(heir)
    return Passed("flag", id_of(flag), flag.panel_id, flag.case_id, before, to_id)


def _owner(work: Work, agency_id: int, heir: Person) -> int:
    return agency_id if work.session.get_one(Agency, agency_id).is_active else heir.agency_id


def _heir(
    work: Work, panel_id: int, holder_id: int, agency_id: int, case_id: int | None, verb: Verb, nearest: Nearest
) -> Person | None:
    """The first who may have it: who may not read its case is passed over."""
    candidates = _heirs(work, panel_id, holder_id, agency_id, verb, nearest(panel_id, holder_id))
    for person in candidates:
        if case_id is None or readable_cases(work, id_of(person), [case_id]):
            return person
    return None


def _heirs(
    work: Work, panel_id: int, holder_id: int, agency_id: int, verb: Verb, nearest: Sequence[int]
) -> list[Person]:
    """Who could take it, the nearest first: the named, the agency's lead, others of the agency, the chair's office."""
    able = {id_of(person): person for person in members_who_may(work, panel_id, verb)}
    able.pop(holder_id, None)
    agencys = [person for person in able.values() if person.agency_id == agency_id]
    sitting = {id_of(person) for person in members(work, panel_id, {Role.REPRESENTATIVE, Role.DEPUTY})}
    ordered = [
        *(able[number] for number in nearest if number in able),
        *(person for person in agencys if person.leads_agency),
        *(person for person in agencys if person.id in sitting),
        *members(work, panel_id, {Role.COORDINATOR}),
        *members(work, panel_id, {Role.CHAIR}),
        *members(work, panel_id, {Role.VICE_CHAIR}),
    ]
    each_once = {id_of(person): person for person in ordered}
    each_once.pop(holder_id, None)
    return list(each_once.values())


def _tell(work: Work, passed: Iterable[Passed]) -> None:
    """One message for each heir, whatever they got."""
    got: dict[tuple[int, int], list[Passed]] = {}
    for one in passed:
        if one.to_id is not None:
            got.setdefault((one.from_id, one.to_id), []).append(one)
    for (from_id, to_id), theirs in got.items():
        first = theirs[0]
        work.send(
            Effect(
                key=f"handed_over:{from_id}:{to_id}:{first.noun}:{first.number}:{work.now.isoformat()}",
                lane=f"person:{to_id}",
                kind="handed_over",
                payload={
                    "person_id": to_id,
                    "from_id": from_id,
                    "actions": [one.number for one in theirs if one.noun == "action"],
                    "flags": [one.number for one in theirs if one.noun == "flag"],
                },
            )
        )
