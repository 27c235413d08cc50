"""Ending the access of people who leave, and the places that people give up.

Access ends at once. All the actions and flags of these people are handed over in the same transaction.
"""

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
    """Lock the rows of a person and of `others` until the transaction ends. Return the person, read again.

    None of these people can leave or change meanwhile. Rows are locked in the order of their ids, so that two people
    who name each other don't deadlock. A transaction that gives a locked person an action waits for the lock, since it
    reads the person FOR SHARE. A transaction that only refers to the person doesn't wait.
    """
    person_id = id_of(person)
    for number in sorted({person_id} | {id_of(one) for one in others if one is not None}):
        _lock(work, col(Person.id) == number, for_share=number != person_id)
    return person


def lock_everyone(work: Work) -> None:
    """Lock the rows of all people and read them again, so that no one leaves or changes until this transaction ends."""
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
    """Lock a person who may leave or lose an office, as `lock_person` does.

    If the person is an administrator, all administrators are locked. Otherwise two of them could each record at once
    that the other has left, and no administrator would remain.
    """
    return lock_person(work, person, *others, *(administrators(work) if person.is_administrator else ()))


def depart(
    work: Work, person: Person, how: Departure, *, successor_id: int | None = None, by_id: int | None = None
) -> Handover:
    """End a person's access, places, calendar feed and offices, and hand over their actions and flags.

    The caller has locked the person. Return the handover.
    """
    person_id = id_of(person)
    deputies = deputies_of(work, person_id)
    ended = end_access(work, person, how, successor_id=successor_id)
    held = hand_over(work, lambda kind: [kind.holder == person_id], deputies, successor_id, by_id)
    return replace(ended, held=held)


def end_access(work: Work, person: Person, how: Departure, *, successor_id: int | None = None) -> Handover:
    """End a person's access, places, calendar feed and offices at once. Return the handover without actions and flags.

    The caller hands over the person's actions and flags later.
    """
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
    """End some of a person's places, and hand over the actions and flags that they can no longer hold on those panels.

    Return the handover.
    """
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
    """Hand over the actions and flags that a person holds for their former agency. Return each with its new holder.

    `nearest` and `successor_id` are as for `hand_over`.
    """
    end_readings(work, person_id)
    return hand_over(
        work, lambda kind: [kind.holder == person_id, kind.agency == agency_id], nearest, successor_id, by_id
    )


def part_deputies(work: Work, person: Person, successor_id: int | None = None) -> tuple[Deputy, ...]:
    """Separate a person who changed agency from their own deputies, and from the member they stand in for.

    Return the deputies who no longer stand in for the same member. A deputy for longer than one meeting must be of the
    member's agency. The person's own deputies now stand in for the successor, as when a person leaves. If the person is
    a deputy, they keep the place but no longer stand in for a particular member.
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
    """Return a dict from (panel id, member id) to the ids of the member's present deputies.

    With `person_id`, only that member's deputies are returned.
    """
    absent = col(Membership.deputy_for_id)
    stands_in = absent.is_not(None) if person_id is None else absent == person_id
    places = work.find_all(Membership, stands_in, holds_at(work.now), by=[col(Membership.id)])
    return grouped(((place.panel_id, place.deputy_for_id or 0), place.person_id) for place in places)


def nearest_on_panels(work: Work) -> dict[tuple[int, int], list[int]]:
    """Return a dict from each holder on a panel to the people who are asked first to take over their actions and flags.

    The dict is from (panel id, holder id) to person ids. First comes the member that the holder last deputised for,
    then the holder's own deputies.
    """
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
    """End a person's places. Return the ended places, and the deputies who stood in for the person.

    From now on, a deputy stands in for the successor, if the successor is a representative on the panel and of the
    deputy's agency. Otherwise the deputy keeps the place, but no longer stands in for a particular member.
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
    """Return whether the deputy is of the successor's agency.

    A deputy for one meeting also counts if the member who named them is of that agency.
    """
    sent_by = deputy.deputy_for_id if deputy.meeting_id is not None else None
    people = [work.session.get_one(Person, one) for one in (deputy.person_id, sent_by) if one is not None]
    return successor is not None and successor.agency_id in {person.agency_id for person in people}


def _places_of(work: Work, *conditions: ColumnElement[bool]) -> list[Membership]:
    """Lock and return the places that meet these conditions and are in force or will be."""
    return list(
        work.session.exec(
            select(Membership).where(is_to_hold(work.now), *conditions).order_by(col(Membership.id)).with_for_update()
        )
    )
