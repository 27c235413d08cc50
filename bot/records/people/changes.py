"""Giving places on panels. People can't give themselves a place that reads cases.

The panel's chair and the named readers of its closed items are told of new places.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import ROLES, Verb
from bot.errors import NotAllowed
from bot.models.cases import CaseReader
from bot.models.panels import Membership, ReadingAsked
from bot.models.people import Person
from bot.models.vocabulary import Role
from bot.records.people.queries import IS_HERE, administrators, members, presiding
from bot.records.people.readings import closed_items, readers_of, who_decides
from bot.store.rows import add_rows, grouped, id_of
from bot.store.unit_of_work import Work

#: Roles that may read what is written about cases.
READS_CASES = ROLES[Verb.READ_CASES]
#: Roles that triage cases and so should be able to read closed items too.
PRESIDES = ROLES[Verb.TRIAGE]
#: A chair whose place ended within this time is still told who follows them.
_JUST_ENDED = timedelta(days=1)
NOT_TO_ONESELF = (
    "You can't give yourself a role that can read cases. "
    "Ask another administrator, or another co-ordinator of the panel, to give it to you."
)


def require_given_by_another(person_id: int | None, role: Role, by_id: int | None) -> None:
    """Raise NotAllowed if a person gives themselves a place that reads cases."""
    if person_id == by_id and role in READS_CASES:
        raise NotAllowed(NOT_TO_ONESELF, field="places")


def give_places(work: Work, places: Sequence[Membership], *, by_id: int | None) -> None:
    """Save new places, welcome new representatives, and tell chairs and named readers about the places.

    A new chair or vice-chair may not be able to read a closed item yet. In that case, record the question whether they
    may read the item. `by_id` is the person who gives the places, or None for a county file. Raise NotAllowed if a
    person gives themselves a place that reads cases.
    """
    for place in places:
        require_given_by_another(place.person_id, place.role, by_id)
    work.session.add_all(places)
    work.session.flush()
    _welcome(work, [place for place in places if place.role is Role.REPRESENTATIVE])
    # No one is told if a member sends a deputy, since the deputy may do no more than the member.
    told = [one for one in places if one.role in READS_CASES and (by_id is None or one.deputy_for_id != by_id)]
    for panel_id, theirs in grouped((place.panel_id, place) for place in told).items():
        _ask_and_tell(work, panel_id, theirs, by_id)


def _welcome(work: Work, places: Sequence[Membership]) -> None:
    """Send a welcome to each new representative of a panel, unless they were its representative before."""
    if not places:
        return
    before = select(Membership.person_id, Membership.panel_id).where(
        col(Membership.role) == Role.REPRESENTATIVE,
        col(Membership.person_id).in_({place.person_id for place in places}),
        col(Membership.id).not_in([place.id for place in places]),
    )
    known = {(person_id, panel_id) for person_id, panel_id in work.session.exec(before)}
    for place in places:
        if (place.person_id, place.panel_id) not in known:
            work.tell(place.person_id, Notice.WELCOME, panel_id=place.panel_id)


def _ask_and_tell(work: Work, panel_id: int, places: Sequence[Membership], by_id: int | None) -> None:
    closed = closed_items(work, panel_id)
    readers = set().union(*readers_of(work, panel_id, closed).values())
    presided = {place.person_id for place in places if place.role in PRESIDES}
    told = readers | ({id_of(person) for person in presiding(work, panel_id)} - presided)
    over = _told_of_presiding(work, panel_id, {place.person_id for place in places}, by_id) if presided else set()
    together = [place for place in places if place.role not in PRESIDES]
    for place in places:
        if place.role in PRESIDES:
            decide = who_decides(work, [place], _ask(work, place, closed, by_id)).get(id_of(place), {})
            except_for = None if by_id in decide else by_id
            _tell(work, panel_id, [place], told | over | set(decide), except_for=except_for, by_id=by_id)
    _tell(work, panel_id, together, told, except_for=by_id, by_id=by_id)


def _told_of_presiding(work: Work, panel_id: int, new: Collection[int], by_id: int | None) -> set[int]:
    """Return the ids of the people to tell of a new chair or vice-chair.

    The set is empty if all the panel's members are new.
    """
    if not {id_of(person) for person in members(work, panel_id, set(Role))} - set(new):
        return set()
    presides = {id_of(person) for person in members(work, panel_id, PRESIDES)} - {*new, by_id}
    office = set() if presides else {id_of(person) for person in administrators(work)}
    return (_seated_over(work, panel_id) | office) - set(new)


def may_hear_of_presiding(work: Work, panel_id: int) -> set[int]:
    """Return the ids of the people who may be told of a panel's new chair or vice-chair.

    These people are the panel's chair and vice-chairs, now or within the last day, its co-ordinators and all
    administrators.
    """
    return _seated_over(work, panel_id) | {id_of(person) for person in administrators(work)}


def _seated_over(work: Work, panel_id: int) -> set[int]:
    seated = {id_of(person) for person in members(work, panel_id, {*PRESIDES, Role.COORDINATOR})}
    ended = select(Membership.person_id).where(
        col(Membership.panel_id) == panel_id,
        col(Membership.role).in_(PRESIDES),
        col(Membership.ended_at) > work.now - _JUST_ENDED,
    )
    return seated | {id_of(person) for person in work.find_all(Person, IS_HERE, col(Person.id).in_(ended))}


def _ask(work: Work, place: Membership, closed: Collection[int], by_id: int | None) -> list[ReadingAsked]:
    """Record a question for each closed item that a person in a new place can't read yet: may they read it?

    Return the questions.
    """
    read = set(
        work.session.exec(
            select(CaseReader.case_id).where(
                col(CaseReader.person_id) == place.person_id, col(CaseReader.case_id).in_(closed)
            )
        )
    )
    asked = [
        ReadingAsked(place_id=id_of(place), case_id=case_id, given_by_id=by_id)
        for case_id in sorted(set(closed) - read)
    ]
    add_rows(work.session, asked)
    return asked


def _tell(
    work: Work,
    panel_id: int,
    places: Sequence[Membership],
    told: Collection[int],
    *,
    except_for: int | None,
    by_id: int | None,
) -> None:
    for person_id in sorted(set(told) - {except_for}):
        theirs = [id_of(place) for place in places if place.person_id != person_id]
        if theirs:
            work.tell(person_id, Notice.PLACES_GIVEN, panel_id=panel_id, places=theirs, by_id=by_id)
