"""What people hold on panels, and what became of it when they left or gave up places."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.permissions import ROLES, Actor, Verb
from bot.domain.states import UNCONFIRMED_STATES
from bot.errors import Mistake
from bot.models.actions import Action
from bot.models.cases import Flag
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.records.access.queries import holds_at, is_to_hold, readable_cases, standings_on
from bot.records.people.queries import find_person, members_who_may, names_of, require_here
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

#: What a person holds and hands over: an action to do, or a flag to present.
Held = Action | Flag


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that people hold on panels (actions or flags), with its table and columns."""

    noun: str  #: as in the audit
    table: type[Action] | type[Flag]
    holder: Mapped[int]  #: the column with the holder's or presenter's id
    panel: Mapped[int]
    agency: Mapped[int]
    is_open: ColumnElement[bool]
    verb: Verb  #: what a place must allow, so that a person can hold it


ACTIONS: Final = Kind(
    "action",
    Action,
    col(Action.holder_id),
    col(Action.panel_id),
    col(Action.agency_id),
    col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
    Verb.HOLD_ACTIONS,
)
FLAGS: Final = Kind(
    "flag",
    Flag,
    col(Flag.person_id),
    col(Flag.panel_id),
    col(Flag.agency_id),
    col(Flag.state).in_(LIVE_STATES),
    Verb.FLAG,
)
#: Both kinds, in the order in which they are locked and handed over.
KINDS: Final = (ACTIONS, FLAGS)


def kind_of(one: Held) -> Kind:
    """Return ACTIONS if `one` is an action, or FLAGS if it is a flag."""
    return ACTIONS if isinstance(one, Action) else FLAGS


def select_open(kind: Kind, *conditions: ColumnElement[bool]) -> Any:
    """Return the query for a kind's open rows (open actions or live flags) that meet `conditions`, sorted by id."""
    return select(kind.table).where(kind.is_open, *conditions).order_by(col(kind.table.id))


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One action or flag with its old holder and its new holder."""

    noun: str  #: of its kind
    number: int
    panel_id: int
    case_id: int | None
    from_id: int
    to_id: int | None  #: None: unassigned, since nobody on the panel may take it; it stays with its holder


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a panel that has ended."""

    panel_id: int
    role: Role
    deputy_for_id: int | None


@dataclass(frozen=True, slots=True)
class Deputy:
    """A deputy of a member who gave up their place, with the member that the deputy stands in for now."""

    person_id: int
    panel_id: int
    deputy_for_id: int | None


@dataclass(frozen=True, slots=True)
class Handover:
    """What became of a person's places, deputies, offices, actions and flags."""

    places: tuple[Place, ...] = ()
    held: tuple[HandedOver, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    had_feed: bool = False
    led_agency_id: int | None = None


SeenT = TypeVar("SeenT", bound=Action | Flag | HandedOver)
RowT = TypeVar("RowT", Panel, Person)


@dataclass(frozen=True, slots=True)
class NewHolder:
    """A person who took over actions and flags. `actions` and `flags` are the ones that the reader may see."""

    user_id: str
    name: str
    actions: tuple[int, ...]
    flags: int


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A handover as shown to the person who asked for the handover, or to a co-ordinator."""

    new_holders: tuple[NewHolder, ...]
    unassigned: int  #: how many of the actions and flags that the reader may see nobody may take
    places: tuple[tuple[str, Role], ...]  #: panel and role of each place that ended
    deputies: tuple[tuple[str, str, str | None], ...]  #: deputy, panel, and the member they stand in for now
    had_feed: bool = False
    leaderless_agency: str | None = None
    chairless_panels: tuple[str, ...] = ()  #: panels where they presided and nobody does now
    no_administrator: bool = False  #: they were the last administrator


@dataclass(frozen=True, slots=True)
class Left:
    """A person who has left, and what happened to their actions and flags. `new_lead` is the agency's next lead."""

    name: str
    handover: HandoverView
    new_lead: str | None = None


def view_handover(work: Work, actor: Actor, handover: Handover, *, no_administrator: bool = False) -> HandoverView:
    """Return the view of a handover for one reader. Actions and flags kept from the reader are not counted.

    `no_administrator` says that the person who left was the last administrator.
    """
    held = seen_of(work, actor, handover.held)
    panels = {place.panel_id for place in handover.places} | {one.panel_id for one in handover.deputies}
    title = {id_of(panel): panel.title for panel in _by_number(work, Panel, panels)}
    standing_in = [number for one in handover.deputies for number in (one.person_id, one.deputy_for_id)]
    names = names_of(work, Person, {number for number in standing_in if number is not None})
    presided = [place.panel_id for place in handover.places if place.role in ROLES[Verb.TRIAGE]]
    chairless = [panel_id for panel_id in presided if not members_who_may(work, panel_id, Verb.TRIAGE)]
    led = handover.led_agency_id
    return HandoverView(
        new_holders=_new_holders(work, held),
        unassigned=sum(one.to_id is None for one in held),
        places=tuple((title[place.panel_id], place.role) for place in handover.places),
        deputies=tuple(
            (names[one.person_id], title[one.panel_id], names[one.deputy_for_id] if one.deputy_for_id else None)
            for one in handover.deputies
        ),
        had_feed=handover.had_feed,
        leaderless_agency=None if led is None else work.session.get_one(Agency, led).name,
        chairless_panels=tuple(title[panel_id] for panel_id in chairless),
        no_administrator=no_administrator,
    )


def seen_of(work: Work, actor: Actor, held: Iterable[SeenT]) -> list[SeenT]:
    """Return the actions and flags in `held` that the reader may see.

    The reader may see those without a case, and those whose case they may read on the panel.
    """
    every = list(held)
    panels = {one.panel_id for one in every if one.case_id is not None}
    standings = standings_on(work, actor, _by_number(work, Panel, panels))
    where = {number for number, standing in standings.items() if standing.may(Verb.READ_CASES)}
    readable = readable_cases(work, actor.person_id, {one.case_id for one in every if one.case_id is not None})
    return [one for one in every if one.case_id is None or (one.panel_id in where and one.case_id in readable)]


def roles_on(work: Work, person: Person, panel_ids: Collection[int]) -> set[Role]:
    """Return the roles that a person has now on any of these panels."""
    there = col(Membership.panel_id).in_(panel_ids)
    places = work.find_all(Membership, col(Membership.person_id) == id_of(person), there, holds_at(work.now))
    return {place.role for place in places}


def find_successor(work: Work, actor: Actor, user_id: str) -> Person | None:
    """Return the person named as successor, or None if none is named. Raise Mistake if they aren't enrolled."""
    return find_person(work, actor, user_id, field="successor") if user_id else None


def require_successor(work: Work, person: Person, successor: Person | None, panel_ids: set[int]) -> int | None:
    """Return the id of the person named to take over, or None if none is named.

    Raise Mistake if the successor has left, is the person who leaves, or has no role on these panels that can hold
    actions.
    """
    if successor is None:
        return None
    require_here(successor, field="successor")
    if successor.id == person.id:
        raise Mistake("Choose another person to take over.", field="successor")
    roles = roles_on(work, successor, panel_ids)
    if panel_ids and not roles:
        titles = sorted(work.session.get_one(Panel, number).title for number in panel_ids)
        where = titles[0] if len(titles) == 1 else "any of their panels"
        raise Mistake(f"{successor.name} has no place on {where}. Choose a member.", field="successor")
    if panel_ids and not roles & ROLES[Verb.HOLD_ACTIONS]:
        said = f"{successor.name} is an observer there, and observers hold nothing. Choose another member."
        raise Mistake(said, field="successor")
    return successor.id


def panels_of(work: Work, person: Person) -> set[int]:
    """Return the ids of panels on which a person has, or will have, a place."""
    places = work.find_all(Membership, col(Membership.person_id) == id_of(person), is_to_hold(work.now))
    return {place.panel_id for place in places}


def require_all_assigned(work: Work, actor: Actor, held: Iterable[HandedOver], *, field: str) -> None:
    """Raise Mistake, attached to `field`, if an action or flag that the person may see would have no new holder.

    The error doesn't name the action or flag. Actions and flags that are kept from the person raise no error, since an
    error would reveal them. They stay unassigned until a member comes who may hold them.
    """
    unassigned = [one for one in held if one.to_id is None]
    told = readable_cases(work, actor.person_id, {one.case_id for one in unassigned if one.case_id is not None})
    if any(one.case_id is None or one.case_id in told for one in unassigned):
        raise Mistake("That person can't take this over. Choose another person, or ask the chair.", field=field)


def _by_number(work: Work, model: type[RowT], numbers: Collection[int]) -> list[RowT]:
    return work.find_all(model, col(model.id).in_(numbers), by=[col(model.id)]) if numbers else []


def _new_holders(work: Work, held: Iterable[HandedOver]) -> tuple[NewHolder, ...]:
    theirs = grouped((one.to_id, one) for one in held if one.to_id is not None)
    made = []
    for person in _by_number(work, Person, theirs):
        got = theirs[id_of(person)]
        actions = tuple(one.number for one in got if one.noun == "action")
        made.append(NewHolder(person.user_id, person.name, actions, len(got) - len(actions)))
    return tuple(sorted(made, key=lambda one: one.name))
