"""What somebody holds, and what was passed on when they left or gave up places."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlmodel import col, select

from bot.domain.permissions import ROLES, Actor, Verb
from bot.errors import Mistake
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.records.access.queries import holds_at, is_to_hold, readable_cases, standings_on
from bot.records.people.queries import is_member_who_may
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Passed:
    """One action or flag that was somebody's, and whose it is now."""

    noun: str  #: action, or flag
    number: int
    panel_id: int
    case_id: int | None
    from_id: int
    to_id: int | None  #: none: nobody on the panel may take it, and it stays where it was


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a panel that ended."""

    panel_id: int
    role: Role
    deputy_for_id: int | None


@dataclass(frozen=True, slots=True)
class Deputy:
    """Somebody who stood in for the person who gave up their place, and for whom they stand in now."""

    person_id: int
    panel_id: int
    deputy_for_id: int | None


@dataclass(frozen=True, slots=True)
class Estate:
    """What became of what somebody had."""

    places: tuple[Place, ...] = ()
    passed: tuple[Passed, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    had_feed: bool = False
    led_agency_id: int | None = None


class Held(Protocol):
    """An action or a flag: on a panel, and perhaps about a case."""

    @property
    def panel_id(self) -> int: ...

    @property
    def case_id(self) -> int | None: ...


HeldT = TypeVar("HeldT", bound=Held)
RowT = TypeVar("RowT", Panel, Person)


@dataclass(frozen=True, slots=True)
class HeirView:
    """What one person got, as far as the reader may see it."""

    user_id: str
    name: str
    actions: tuple[int, ...]
    flags: int


@dataclass(frozen=True, slots=True)
class EstateView:
    """What became of what somebody had, for whoever said that it ends."""

    heirs: tuple[HeirView, ...]
    stuck: int  #: of what the reader may see: nobody may take it, and it is where it was
    places: tuple[tuple[str, Role], ...]  #: panel and role of each place that ended
    deputies: tuple[tuple[str, str, str | None], ...]  #: who stood in, where, and for whom now
    had_feed: bool = False
    leaderless_agency: str | None = None
    chairless_panels: tuple[str, ...] = ()  #: where they presided, and nobody does now
    no_administrator: bool = False  #: they were the last


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who has left, and what became of what they had."""

    name: str
    estate: EstateView
    new_lead: str | None = None


def view_estate(work: Work, actor: Actor, estate: Estate, *, no_administrator: bool = False) -> EstateView:
    """What the reader is told of it: what is kept from them is not counted either."""
    passed = seen_of(work, actor, estate.passed)
    title = {panel_id: panel.title for panel_id, panel in _by_number(work, Panel, _panels(estate)).items()}
    names = names_of(
        work,
        {number for one in estate.deputies for number in (one.person_id, one.deputy_for_id) if number is not None},
    )
    presided = {place.panel_id for place in estate.places if place.role in ROLES[Verb.TRIAGE]}
    chaired = _chaired(work, presided)
    return EstateView(
        heirs=_heirs(work, passed),
        stuck=sum(one.to_id is None for one in passed),
        places=tuple((title[place.panel_id], place.role) for place in estate.places),
        deputies=tuple(
            (
                names[deputy.person_id],
                title[deputy.panel_id],
                None if deputy.deputy_for_id is None else names[deputy.deputy_for_id],
            )
            for deputy in estate.deputies
        ),
        had_feed=estate.had_feed,
        leaderless_agency=None
        if estate.led_agency_id is None
        else work.session.get_one(Agency, estate.led_agency_id).name,
        chairless_panels=tuple(
            title[place.panel_id]
            for place in estate.places
            if place.role in ROLES[Verb.TRIAGE] and place.panel_id not in chaired
        ),
        no_administrator=no_administrator,
    )


def seen_of(work: Work, actor: Actor, held: Iterable[HeldT]) -> list[HeldT]:
    """Those of the actions and flags that the reader may see: without a case, or of a case that they may read."""
    every = list(held)
    panels = {one.panel_id for one in every if one.case_id is not None}
    standings = standings_on(work, actor, list(_by_number(work, Panel, panels).values()))
    where = {number for number, standing in standings.items() if standing.may(Verb.READ_CASES)}
    readable = readable_cases(work, actor.person_id, {one.case_id for one in every if one.case_id is not None})
    return [one for one in every if one.case_id is None or (one.panel_id in where and one.case_id in readable)]


def has_a_place(work: Work, person: Person, panel_ids: Collection[int]) -> bool:
    """Whether somebody has a place on one of the panels now."""
    query = select(Membership.id).where(
        col(Membership.person_id) == id_of(person), col(Membership.panel_id).in_(panel_ids), holds_at(work.now)
    )
    return work.session.exec(query).first() is not None


def require_a_place(work: Work, successor: Person | None, panel_ids: Collection[int]) -> None:
    """Raises Mistake for a named successor who can take something over on none of the panels concerned."""
    if successor is None or not panel_ids:
        return
    if has_a_place(work, successor, panel_ids):
        if not any(is_member_who_may(work, panel_id, id_of(successor), Verb.HOLD_ACTIONS) for panel_id in panel_ids):
            raise Mistake(f"{successor.name} only observes there. Choose somebody who works on it.", field="successor")
        return
    titles = sorted(work.session.get_one(Panel, number).title for number in set(panel_ids))
    where = titles[0] if len(titles) == 1 else "any of their panels"
    raise Mistake(f"{successor.name} has no place on {where}. Choose somebody who has.", field="successor")


def panels_of(work: Work, person: Person) -> set[int]:
    """Where somebody has a place, or will."""
    return set(
        work.session.exec(
            select(Membership.panel_id).where(col(Membership.person_id) == id_of(person), is_to_hold(work.now))
        )
    )


def require_all_passed(work: Work, actor: Actor, passed: Iterable[Passed], *, field: str) -> None:
    """Raises Mistake when something would be nobody's, without a word of what or where that is.

    What is kept from the reader stays where it is without a word, until somebody comes who may have it: a refusal
    would tell of it, and leaving does not wait for that.
    """
    stuck = [one for one in passed if one.to_id is None]
    told = readable_cases(work, actor.person_id, {one.case_id for one in stuck if one.case_id is not None})
    if any(one.case_id is None or one.case_id in told for one in stuck):
        raise Mistake(
            "This cannot be handed over to that person; choose another successor, or ask the chair.", field=field
        )


def names_of(work: Work, person_ids: Collection[int]) -> dict[int, str]:
    """People's names by their numbers."""
    return {number: person.name for number, person in _by_number(work, Person, person_ids).items()}


def _panels(estate: Estate) -> set[int]:
    return {place.panel_id for place in estate.places} | {deputy.panel_id for deputy in estate.deputies}


def _by_number(work: Work, model: type[RowT], numbers: Collection[int]) -> dict[int, RowT]:
    if not numbers:
        return {}
    rows = work.session.exec(select(model).where(col(model.id).in_(numbers)))
    return {id_of(row): row for row in rows}


def _chaired(work: Work, panel_ids: Collection[int]) -> set[int]:
    """Return those of the panels on which a member may triage."""
    if not panel_ids:
        return set()
    query = (
        select(Membership.panel_id)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(
            col(Membership.panel_id).in_(panel_ids),
            col(Membership.role).in_(sorted(ROLES[Verb.TRIAGE])),
            col(Person.left_at).is_(None),
            holds_at(work.now),
        )
        .distinct()
    )
    return set(work.session.exec(query))


def _heirs(work: Work, passed: Iterable[Passed]) -> tuple[HeirView, ...]:
    theirs: dict[int, list[Passed]] = {}
    for one in passed:
        if one.to_id is not None:
            theirs.setdefault(one.to_id, []).append(one)
    heirs = _by_number(work, Person, theirs)
    made = []
    for heir_id, got in theirs.items():
        heir = heirs[heir_id]
        actions = tuple(one.number for one in got if one.noun == "action")
        made.append(HeirView(heir.user_id, heir.name, actions, sum(one.noun == "flag" for one in got)))
    return tuple(sorted(made, key=lambda one: one.name))


def person_id_of(person: Person | None) -> int | None:
    """Their number, when there is anybody."""
    return None if person is None else id_of(person)
