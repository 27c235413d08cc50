"""Passing on what somebody holds: actions and waiting flags go to the nearest who may have them, each told once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, bindparam, or_, tuple_
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import ROLES, Verb
from bot.domain.states import UNCONFIRMED_STATES
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Flag
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import ActionEventKind, Role
from bot.records.access.queries import holds_at
from bot.records.cases.queries import KeptCases
from bot.records.leaving.queries import Passed
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

_PERSON: Final = table_of(Person)
#: Whoever comes before everybody else, by panel and holder: a named successor, then the holder's deputies.
Nearest = Callable[[int, int], Sequence[int]]
#: Who takes over what nobody of the agency can, in this order.
_OFFICE: Final = (Role.COORDINATOR, Role.CHAIR, Role.VICE_CHAIR)


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
            .where(col(Flag.state).in_(LIVE_STATES), *conditions)
            .order_by(col(Flag.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def holds_place(work: Work, panel_id: Any, person_id: Any, verb: Verb) -> ColumnElement[bool]:
    """Return the condition that a person, by two columns, has a place on a panel that carries the verb.

    A set rather than a correlated EXISTS: with statistics of an empty table, as after a large county file, PostgreSQL
    read all places for each row, which took minutes.
    """
    place = table_of(Membership)
    carrying = (
        tables_select(place.c.panel_id, place.c.person_id)
        .join(_PERSON, _PERSON.c.id == place.c.person_id)
        .where(place.c.role.in_(sorted(ROLES[verb])), _PERSON.c.left_at.is_(None), holds_at(work.now))
    )
    return tuple_(panel_id, person_id).in_(carrying)


def left_behind(work: Work, kinds: Collection[str]) -> tuple[list[Action], list[Flag]]:
    """Return the actions and flags, on running panels of these kinds, of people without a place that carries them.

    Actions are looked for from the places that ended, so that the open actions of everybody else are not read.
    """
    place, person = table_of(Membership).alias("given_up"), _PERSON.alias("who_gave_up")
    gave_up = work.execute(
        tables_select(place.c.person_id)
        .distinct()
        .join(person, person.c.id == place.c.person_id)
        .where(
            or_(place.c.ended_at.is_not(None), place.c.lapses_at <= work.now, person.c.left_at.is_not(None)),
            ~holds_place(work, place.c.panel_id, place.c.person_id, Verb.HOLD_ACTIONS),
        )
    ).scalars()
    running = select(Panel.id).where(col(Panel.is_active), col(Panel.definition).in_(kinds))
    # By people rather than joined, and put into their order here, or SQLite goes through every open action.
    actions = work.session.exec(
        select(Action).where(
            col(Action.holder_id).in_(list(gave_up)),
            col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
            # As a sum it is no way in by an index of panels, which would lead past every open action of each.
            (col(Action.panel_id) + 0).in_(running),
            ~holds_place(work, col(Action.panel_id), col(Action.holder_id), Verb.HOLD_ACTIONS),
        )
    )
    # Somebody who was never on a panel may present there what their own sent up: flags are looked through themselves,
    # by the index of those that wait, whose condition both databases find only in plain words.
    waiting: BindParameter[Any] = bindparam("waiting", LIVE_STATES, expanding=True, literal_execute=True)
    presenting = holds_place(work, col(Flag.panel_id), col(Flag.person_id), Verb.FLAG)
    flags = work.session.exec(
        select(Flag)
        .where(col(Flag.state).in_(waiting), col(Flag.panel_id).in_(running), ~presenting)
        .order_by(col(Flag.id))
    )
    return sorted(actions, key=id_of), list(flags)


def lock_left_behind(
    work: Work, action_ids: Collection[int], flag_ids: Collection[int]
) -> tuple[list[Action], list[Flag]]:
    """Return those of these actions and flags that are still without a place that carries them, locked."""
    holding = holds_place(work, col(Action.panel_id), col(Action.holder_id), Verb.HOLD_ACTIONS)
    presenting = holds_place(work, col(Flag.panel_id), col(Flag.person_id), Verb.FLAG)
    return (
        unconfirmed_actions(work, col(Action.id).in_(action_ids), ~holding),
        waiting_flags(work, col(Flag.id).in_(flag_ids), ~presenting),
    )


class NewHolders:
    """Who may take over what on some panels, the nearest first; read at once, for any number of actions and flags."""

    def __init__(self, work: Work, held: Sequence[Action | Flag], nearest: Nearest) -> None:
        self._nearest = nearest
        self._ended: set[int] = set()
        self._places: dict[int, list[tuple[Role, Person]]] = defaultdict(list)
        panel_ids = {one.panel_id for one in held}
        if not panel_ids:
            return
        rows = work.session.execute(
            select(Membership.panel_id, Membership.role, Person)
            .join(Person, col(Person.id) == col(Membership.person_id))
            .where(col(Membership.panel_id).in_(panel_ids), holds_at(work.now), col(Person.left_at).is_(None))
            .order_by(col(Person.name), col(Person.id), col(Membership.id))
        )
        for panel_id, role, person in rows:
            self._places[panel_id].append((role, person))
        self._ended = {id_of(agency) for agency in work.session.exec(select(Agency).where(~col(Agency.is_active)))}
        self._kept = KeptCases(work, {one.case_id for one in held if one.case_id is not None})

    def of_action(self, action: Action) -> Person | None:
        """Return who takes over an action: the first who may hold it and read its case."""
        return self._first(action, action.holder_id, Verb.HOLD_ACTIONS)

    def of_flag(self, flag: Flag) -> Person | None:
        """Return who presents a flag from now on: the first who may flag there and read its case."""
        return self._first(flag, flag.person_id, Verb.FLAG)

    def owner(self, agency_id: int, new_holder: Person) -> int:
        """Return the agency that goes on owning something: the same, unless it has ended."""
        return new_holder.agency_id if agency_id in self._ended else agency_id

    def _first(self, one: Action | Flag, holder_id: int, verb: Verb) -> Person | None:
        for person in self._in_order(one, holder_id, verb):
            if one.case_id is None or not self._kept.is_kept_from(one.case_id, id_of(person)):
                return person
        return None

    def _in_order(self, one: Action | Flag, holder_id: int, verb: Verb) -> list[Person]:
        """The named, the agency's lead, others of the agency, the chair's office."""
        places = self._places[one.panel_id]
        able = {id_of(person): person for role, person in places if role in ROLES[verb]}
        agencys = [person for person in able.values() if person.agency_id == one.agency_id]
        sitting = {person.id for role, person in places if role in (Role.REPRESENTATIVE, Role.DEPUTY)}
        ordered = [
            *(able[number] for number in self._nearest(one.panel_id, holder_id) if number in able),
            *(person for person in agencys if person.leads_agency),
            *(person for person in agencys if person.id in sitting),
            *(person for turn in _OFFICE for role, person in places if role is turn),
        ]
        each_once = {id_of(person): person for person in ordered if person.id != holder_id}
        return list(each_once.values())


def pass_on(
    work: Work, actions: Iterable[Action], flags: Iterable[Flag], nearest: Nearest, *, by_id: int | None = None
) -> tuple[Passed, ...]:
    """Give each to the nearest who may hold it and read its case; a flag of a case to who may flag there.

    The agency goes on owning what it owned, unless it has ended: then it is the new holder's.
    """
    actions, flags = list(actions), list(flags)
    work.session.flush()
    new_holders = NewHolders(work, [*actions, *flags], nearest)
    passed = [_pass_action(work, action, new_holders, by_id) for action in actions]
    passed += [_pass_flag(work, flag, new_holders, by_id) for flag in flags]
    work.session.flush()
    _tell(work, passed)
    return tuple(passed)


def _pass_action(work: Work, action: Action, new_holders: NewHolders, by_id: int | None) -> Passed:
    before = action.holder_id
    heir = new_holders.of_action(action)
    if heir is not None:
        action.holder_id = id_of(heir)
        action.agency_id = new_holders.owner(action.agency_id, heir)
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


def _pass_flag(work: Work, flag: Flag, new_holders: NewHolders, by_id: int | None) -> Passed:
    before = flag.person_id
    heir = new_holders.of_flag(flag)
    if heir is not None:
        flag.person_id = id_of(heir)
        flag.agency_id = new_holders.owner(flag.agency_id, heir)
        work.session.add(flag)
        work.audit("reassign", "flag", flag.id, panel_id=flag.panel_id, actor_id=by_id)
    to_id = None if heir is None else id_of(heir)
    return Passed("flag", id_of(flag), flag.panel_id, flag.case_id, before, to_id)


def _tell(work: Work, passed: Iterable[Passed]) -> None:
    """One message for each heir, whatever they got."""
    got: dict[tuple[int, int], list[Passed]] = {}
    for one in passed:
        if one.to_id is not None:
            got.setdefault((one.from_id, one.to_id), []).append(one)
    for (from_id, to_id), theirs in got.items():
        first = theirs[0]
        work.tell(
            to_id,
            Notice.HANDED_OVER,
            once=f"{first.noun}:{first.number}",
            from_id=from_id,
            actions=[one.number for one in theirs if one.noun == "action"],
            flags=[one.number for one in theirs if one.noun == "flag"],
        )
