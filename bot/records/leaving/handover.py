"""Handing over actions and live flags to the first person who may hold them. Each new holder gets one message."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, bindparam, or_, tuple_
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import ROLES, Verb
from bot.models.actions import Action, ActionEvent
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Flag
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import ActionEventKind, Role
from bot.records.access.queries import carries, holds_at
from bot.records.cases.kept import KeptCases
from bot.records.leaving.queries import ACTIONS, FLAGS, KINDS, HandedOver, Held, Kind, kind_of, select_open
from bot.records.people.queries import IS_HERE
from bot.store.rows import grouped, id_of, table_of
from bot.store.unit_of_work import Work

_PERSON: Final = table_of(Person)
#: By panel and holder, the people to ask before the holder's agency, in order, such as the holder's deputies.
Nearest = Mapping[tuple[int, int], Sequence[int]]
#: Returns the SQL conditions that choose what is handed over, for actions and for flags.
Condition = Callable[[Kind], Sequence[ColumnElement[bool]]]
_REASSIGN: Final = "reassign"  #: the verb of a handover in the audit
#: Roles that take over, in this order, what no one in the agency can take.
_OFFICE: Final = (Role.COORDINATOR, Role.CHAIR, Role.VICE_CHAIR)


def _lock_held(work: Work, condition: Condition) -> list[Held]:
    """Lock the open actions and then the live flags that meet `condition`. Return the actions and flags.

    Actions are always locked before flags, so that two handovers never deadlock.
    """
    held: list[Held] = []
    for kind in KINDS:
        query = select_open(kind, *condition(kind))
        held += work.session.exec(query.with_for_update().execution_options(populate_existing=True))
    return held


def _holds_place(work: Work, panel_id: Any, person_id: Any, verb: Verb) -> ColumnElement[bool]:
    """Return the SQL condition, true if the person has a place on the panel whose role allows `verb`.

    `panel_id` and `person_id` are columns. The condition uses IN rather than a correlated EXISTS. After a large county
    file, PostgreSQL's statistics can still say that a table is empty. PostgreSQL would then read all places for each
    row of the EXISTS, which took minutes.
    """
    place = table_of(Membership)
    carrying = (
        tables_select(place.c.panel_id, place.c.person_id)
        .join(_PERSON, _PERSON.c.id == place.c.person_id)
        .where(carries(verb, work.now), _PERSON.c.left_at.is_(None))
    )
    return tuple_(panel_id, person_id).in_(carrying)


def is_left_behind(work: Work, kind: Kind) -> ColumnElement[bool]:
    """Return the SQL condition, true if none of the holder's roles on the panel lets the holder keep what they hold.

    The condition is on actions or on flags, depending on `kind`.
    """
    return ~_holds_place(work, kind.panel, kind.holder, kind.verb)


def left_behind(work: Work, definitions: Collection[str]) -> list[Held]:
    """Return the actions and flags whose holders have no role on the panel that lets them hold these.

    Only active panels with one of these definitions are searched. The search for actions starts from places that have
    ended, so that not every open action is read.
    """
    place, person = table_of(Membership).alias("given_up"), _PERSON.alias("who_gave_up")
    gave_up = work.execute(
        tables_select(place.c.person_id)
        .distinct()
        .join(person, person.c.id == place.c.person_id)
        .where(
            or_(place.c.ended_at.is_not(None), place.c.lapses_at <= work.now, person.c.left_at.is_not(None)),
            ~_holds_place(work, place.c.panel_id, place.c.person_id, Verb.HOLD_ACTIONS),
        )
    ).scalars()
    running = select(Panel.id).where(col(Panel.is_active), col(Panel.definition).in_(definitions))
    # Select by the ids of people and sort in Python. With a join, SQLite reads every open action.
    actions = work.find_all(
        Action,
        col(Action.holder_id).in_(list(gave_up)),
        ACTIONS.is_open,
        # `+ 0` keeps the database from using an index of panels, which would read every open action of each panel.
        (col(Action.panel_id) + 0).in_(running),
        is_left_behind(work, ACTIONS),
    )
    # A presenter may never have had a place on the panel to which their panel sent the case. So live flags are searched
    # themselves, by a partial index that both databases use only if its states are literal values.
    waiting: BindParameter[Any] = bindparam("waiting", LIVE_STATES, expanding=True, literal_execute=True)
    is_waiting = (col(Flag.state).in_(waiting), col(Flag.panel_id).in_(running))
    flags = work.find_all(Flag, *is_waiting, is_left_behind(work, FLAGS), by=[col(Flag.id)])
    return [*sorted(actions, key=id_of), *flags]


class Candidates:
    """The people who may take over actions and flags on some panels, in order. They are read once for all these panels.

    The order is: the named successor; the people that `nearest` has for the panel and holder; the agency's lead; the
    agency's members; and the panel's co-ordinator, chair and vice-chair.
    """

    def __init__(self, work: Work, held: Sequence[Held], nearest: Nearest, successor_id: int | None = None) -> None:
        self._nearest = nearest
        self._first = [] if successor_id is None else [successor_id]
        self.ended: set[int] = set()  #: agencies that have ended, so that the new holder's agency becomes the owner
        self._places: dict[int, list[tuple[Role, Person]]] = {}
        panel_ids = {one.panel_id for one in held}
        if not panel_ids:
            return
        rows = work.session.execute(
            select(Membership.panel_id, Membership.role, Person)
            .join(Person, col(Person.id) == col(Membership.person_id))
            .where(col(Membership.panel_id).in_(panel_ids), holds_at(work.now), IS_HERE)
            .order_by(col(Person.name), col(Person.id), col(Membership.id))
        )
        self._places = grouped((panel_id, (role, person)) for panel_id, role, person in rows)
        self.ended = {id_of(agency) for agency in work.find_all(Agency, ~col(Agency.is_active))}
        self.kept = KeptCases(work, {one.case_id for one in held if one.case_id is not None})

    def new_holder(self, one: Held) -> Person | None:
        """Return the first candidate who may hold the action or flag on its panel and may read its case.

        Return None if no candidate may.
        """
        for person in self._in_order(one):
            if one.case_id is None or not self.kept.is_kept_from(one.case_id, id_of(person)):
                return person
        return None

    def able(self, panel_id: int, verb: Verb) -> dict[int, Person]:
        """Return a dict from person id to each person whose role on the panel allows `verb`."""
        return {id_of(person): person for role, person in self._places.get(panel_id, ()) if role in ROLES[verb]}

    def _in_order(self, one: Held) -> list[Person]:
        places = self._places.get(one.panel_id, [])
        able = self.able(one.panel_id, kind_of(one).verb)
        agencys = [person for person in able.values() if person.agency_id == one.agency_id]
        sitting = {person.id for role, person in places if role in (Role.REPRESENTATIVE, Role.DEPUTY)}
        named = [*self._first, *self._nearest.get((one.panel_id, holder_of(one)), ())]
        ordered = [
            *(able[number] for number in named if number in able),
            *(person for person in agencys if person.leads_agency),
            *(person for person in agencys if person.id in sitting),
            *(person for turn in _OFFICE for role, person in places if role is turn),
        ]
        each_once = {id_of(person): person for person in ordered if person.id != holder_of(one)}
        return list(each_once.values())


def holder_of(one: Held) -> int:
    """Return the id of the action's holder, or of the flag's presenter."""
    return one.holder_id if isinstance(one, Action) else one.person_id


def was_handed_over(work: Work, flag: Flag) -> bool:
    """Return whether the flag's presenter took it over from the colleague who flagged the case.

    A flag that was copied to its meeting counts as handed over if the earlier flag was.
    """
    numbers, earlier = list[int](), work.session.get(Flag, id_of(flag))
    while earlier is not None:
        numbers.append(id_of(earlier))
        earlier = work.session.get(Flag, earlier.carried_from_id or earlier.origin_id or 0)
    is_of_it = (col(AuditEntry.noun) == "flag", col(AuditEntry.noun_id).in_(numbers))
    is_done = (col(AuditEntry.verb) == _REASSIGN, col(AuditEntry.outcome) == "done")
    return work.find(AuditEntry, col(AuditEntry.case_id) == flag.case_id, *is_of_it, *is_done) is not None


def hand_over(
    work: Work, condition: Condition, nearest: Nearest, successor_id: int | None = None, by_id: int | None = None
) -> tuple[HandedOver, ...]:
    """Hand over the open actions and live flags that meet `condition`. Return each with its old and new holder.

    Each new holder is told once. An action or flag that no one may take stays with its holder, and is returned as
    unassigned. Actions and flags keep their agency. If that agency has ended, they go to the new holder's agency. The
    first candidate is the successor. The next ones are the people in `nearest` for the panel and the holder.
    """
    held = _lock_held(work, condition)
    work.session.flush()
    candidates = Candidates(work, held, nearest, successor_id)
    done = tuple(_hand_on(work, one, candidates, by_id) for one in held)
    work.session.flush()
    _tell(work, done)
    return done


def _hand_on(work: Work, one: Held, candidates: Candidates, by_id: int | None) -> HandedOver:
    noun, before = kind_of(one).noun, holder_of(one)
    new_holder = candidates.new_holder(one)
    to_id = None if new_holder is None else id_of(new_holder)
    if new_holder is not None and to_id is not None:
        if isinstance(one, Action):
            one.holder_id = to_id
            kind = ActionEventKind.REASSIGNED
            line = ActionEvent(action_id=id_of(one), kind=kind, person_id=by_id, at=work.now, holder_id=to_id)
            work.session.add(line)
        else:
            one.person_id = to_id
        if one.agency_id in candidates.ended:
            one.agency_id = new_holder.agency_id
        work.audit(_REASSIGN, noun, one.id, panel_id=one.panel_id, actor_id=by_id, case_id=one.case_id)
    return HandedOver(noun, id_of(one), one.panel_id, one.case_id, before, to_id)


def _tell(work: Work, done: Iterable[HandedOver]) -> None:
    got = grouped(((one.from_id, one.to_id), one) for one in done if one.to_id is not None)
    for (from_id, to_id), theirs in got.items():
        work.tell(
            to_id,
            Notice.HANDED_OVER,
            once=f"{theirs[0].noun}:{theirs[0].number}",
            from_id=from_id,
            actions=[one.number for one in theirs if one.noun == "action"],
            flags=[one.number for one in theirs if one.noun == "flag"],
        )
