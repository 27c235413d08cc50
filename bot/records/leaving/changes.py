"""Leaving, and giving up places. Access ends at once, and everything held is handed over in the same transaction."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.domain.permissions import Verb
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import Departure, Role
from bot.records.access.changes import end_presiding, end_readings
from bot.records.access.queries import holds_at, is_to_hold
from bot.records.invitations.changes import forget_answers
from bot.records.invitations.stand_ins import tell_who_counted_on
from bot.records.leaving.handover import Nearest, hand_over
from bot.records.leaving.queries import Deputy, HandedOver, Handover, Place
from bot.records.people.queries import administrators, is_member_who_may, live_feed
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


def lock_person(work: Work, person: Person, *others: Person | None) -> Person:
    """Lock a person and read them again. `others` can't leave or change until this transaction ends.

    In the order of their numbers, so that two who name each other wait and do not deadlock. Giving a person an action
    reads them FOR SHARE, which waits for this lock, as `others` are read too; only referring to a person does not wait.
    """
    person_id = id_of(person)
    for number in sorted({person_id} | {id_of(one) for one in others if one is not None}):
        _lock(work, col(Person.id) == number, for_share=number != person_id)
    return person


def lock_everyone(work: Work) -> None:
    """Lock everyone and read them again, so that nobody leaves or changes until this transaction ends."""
    _lock(work, for_share=True)


def _lock(work: Work, *conditions: ColumnElement[bool], for_share: bool) -> None:
    work.session.exec(
        select(Person)
        .where(*conditions)
        .order_by(col(Person.id))
        .with_for_update(read=for_share, key_share=not for_share)
        .execution_options(populate_existing=True)
    ).all()


def lock_leaver(work: Work, person: Person, *others: Person | None) -> Person:
    """Lock a person who may leave or lose an office, as by `lock_person`. If they administer, lock all administrators.

    Otherwise two administrators who say at once that the other left would both find one who stays.
    """
    return lock_person(work, person, *others, *(administrators(work) if person.is_administrator else ()))


def depart(
    work: Work, person: Person, how: Departure, *, successor_id: int | None = None, by_id: int | None = None
) -> Handover:
    """End the access, places, feed and offices of a locked person, and hand over all they hold."""
    person_id = id_of(person)
    deputies = deputies_of(work, person_id)
    ended = end_access(work, person, how, successor_id=successor_id)
    held = hand_over(work, lambda kind: [kind.holder == person_id], deputies, successor_id, by_id)
    return replace(ended, held=held)


def end_access(work: Work, person: Person, how: Departure, *, successor_id: int | None = None) -> Handover:
    """End a person's access, which can't wait. Their actions and flags are still to be handed over."""
    person_id = id_of(person)
    led = person.agency_id if person.leads_agency else None
    person.left_at, person.departure = work.now, how
    person.leads_agency = person.is_administrator = False
    feed = live_feed(work, person_id)
    if feed is not None:
        feed.revoked_at = work.now
    places, stood_in = _close_places(work, person_id, successor_id)
    end_readings(work, person_id)
    forget_answers(work, person_id)
    return Handover(places, (), stood_in, feed is not None, led)


def give_up_places(
    work: Work, person: Person, place_ids: Collection[int], *, successor_id: int | None = None, by_id: int | None = None
) -> Handover:
    """End some of a person's places, and hand over what they can no longer hold on those panels."""
    person_id = id_of(person)
    nearest = deputies_of(work, person_id)
    places, stood_in = _close_places(work, person_id, successor_id, col(Membership.id).in_(place_ids))
    for place in places:
        if place.deputy_for_id is not None:  # what a deputy held goes back to the person they stood in for
            nearest.setdefault((place.panel_id, person_id), []).insert(0, place.deputy_for_id)
    ended = {place.panel_id for place in places}
    panels = [number for number in ended if not is_member_who_may(work, number, person_id, Verb.HOLD_ACTIONS)]
    held = hand_over(
        work, lambda kind: [kind.holder == person_id, kind.panel.in_(panels)], nearest, successor_id, by_id
    )
    work.session.flush()
    end_presiding(work, work.find_all(Membership, col(Membership.id).in_(place_ids)), by_id)
    return Handover(places, held, stood_in)


def leave_agency(
    work: Work,
    person_id: int,
    agency_id: int,
    nearest: Nearest,
    *,
    successor_id: int | None = None,
    by_id: int | None = None,
) -> tuple[HandedOver, ...]:
    """Hand over what a person holds for their former agency, within that agency."""
    end_readings(work, person_id)
    return hand_over(
        work, lambda kind: [kind.holder == person_id, kind.agency == agency_id], nearest, successor_id, by_id
    )


def part_deputies(work: Work, person: Person, successor_id: int | None = None) -> tuple[Deputy, ...]:
    """Separate a person with places for another agency from their deputies and those they stood in for.

    Return who changed.

    Across agencies nobody stands in for longer than one meeting. Their deputies are handed on as when they leave; they
    themselves stand in for nobody in particular.
    """
    for_longer = col(Membership.meeting_id).is_(None)
    elsewhere = col(Membership.person_id).not_in(select(Person.id).where(col(Person.agency_id) == person.agency_id))
    parted = []
    for place in _places_of(work, col(Membership.person_id) == id_of(person), for_longer):
        absent = work.session.get(Person, place.deputy_for_id) if place.deputy_for_id else None
        if place.role is Role.REPRESENTATIVE:
            parted += _hand_deputies(work, place, successor_id, for_longer, elsewhere)
        elif absent is not None and absent.agency_id != person.agency_id:
            place.deputy_for_id = None
            parted.append(Deputy(place.person_id, place.panel_id, None))
    return tuple(parted)


def deputies_of(work: Work, person_id: int | None = None) -> dict[tuple[int, int], list[int]]:
    """Return current deputies, by panel and person, for one person or everyone."""
    absent = col(Membership.deputy_for_id)
    stands_in = absent.is_not(None) if person_id is None else absent == person_id
    places = work.find_all(Membership, stands_in, holds_at(work.now), by=[col(Membership.id)])
    return grouped(((place.panel_id, place.deputy_for_id or 0), place.person_id) for place in places)


def nearest_on_panels(work: Work) -> dict[tuple[int, int], list[int]]:
    """Return, by panel and holder, the person that a deputy last stood in for, then the holder's deputies."""
    query = select(Membership.panel_id, Membership.person_id, Membership.deputy_for_id).where(
        col(Membership.deputy_for_id).is_not(None)
    )
    found: dict[tuple[int, int], list[int]] = {}
    for panel_id, person_id, absent_id in work.session.execute(query.order_by(col(Membership.id))):
        found[panel_id, person_id] = [absent_id]
    for holder, deputies in deputies_of(work).items():
        found.setdefault(holder, []).extend(deputies)
    return found


def _close_places(
    work: Work, person_id: int, successor_id: int | None, *conditions: ColumnElement[bool]
) -> tuple[tuple[Place, ...], tuple[Deputy, ...]]:
    """End places of a person. Their deputies stand in for the successor, if that one is a representative there.

    A deputy comes from the same agency. Otherwise they stay as its deputies, standing in for nobody in particular.
    """
    closed: list[Place] = []
    stood_in: list[Deputy] = []
    for place in _places_of(work, col(Membership.person_id) == person_id, *conditions):
        place.ended_at = work.now
        closed.append(Place(place.panel_id, place.role, place.deputy_for_id))
        if place.role is Role.REPRESENTATIVE:
            stood_in += _hand_deputies(work, place, successor_id)
    work.session.flush()
    if closed:
        tell_who_counted_on(work, person_id, {place.panel_id for place in closed})
    return tuple(closed), tuple(stood_in)


def _hand_deputies(
    work: Work, ended: Membership, successor_id: int | None, *conditions: ColumnElement[bool]
) -> list[Deputy]:
    successor = None if successor_id is None else work.session.get_one(Person, successor_id)
    represents = successor is not None and bool(
        _places_of(
            work,
            col(Membership.panel_id) == ended.panel_id,
            col(Membership.person_id) == successor_id,
            col(Membership.role) == Role.REPRESENTATIVE,
        )
    )
    handed = []
    stands_in = (col(Membership.panel_id) == ended.panel_id, col(Membership.deputy_for_id) == ended.person_id)
    for deputy in _places_of(work, *stands_in, *conditions):
        goes_on = represents and deputy.person_id != successor_id and _comes_from(work, deputy, successor)
        deputy.deputy_for_id = successor_id if goes_on else None
        handed.append(Deputy(deputy.person_id, ended.panel_id, deputy.deputy_for_id))
    return handed


def _comes_from(work: Work, deputy: Membership, successor: Person | None) -> bool:
    """Return whether a deputy is of the successor's agency, or was sent to one meeting by that agency."""
    sent_by = deputy.deputy_for_id if deputy.meeting_id is not None else None
    people = [work.session.get_one(Person, one) for one in (deputy.person_id, sent_by) if one is not None]
    return successor is not None and successor.agency_id in {person.agency_id for person in people}


def _places_of(work: Work, *conditions: ColumnElement[bool]) -> list[Membership]:
    """Return and lock the places under these conditions that are or will be in force."""
    return list(
        work.session.exec(
            select(Membership).where(is_to_hold(work.now), *conditions).order_by(col(Membership.id)).with_for_update()
        )
    )
