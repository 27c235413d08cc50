"""Leaving, and giving up places: access ends at once, and what was held is passed on in the same transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.domain.permissions import ROLES, Verb
from bot.models.actions import Action
from bot.models.cases import Flag
from bot.models.panels import Membership
from bot.models.people import CalendarFeed, Person
from bot.models.vocabulary import Departure, Role
from bot.records.access.changes import end_readings
from bot.records.access.queries import holds_at, is_to_hold
from bot.records.invitations.changes import forget_answers
from bot.records.invitations.stand_ins import tell_who_counted_on
from bot.records.leaving.handover import Nearest, pass_on, unconfirmed_actions, waiting_flags
from bot.records.leaving.queries import Deputy, Estate, Passed, Place
from bot.records.people.queries import administrators
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def lock_person(work: Work, person_id: int) -> Person:
    """The person as they stand, kept from being given anything or changed until this transaction ends.

    Whoever gives somebody an action reads them FOR SHARE, which waits for this; whoever only refers to them does not.
    """
    return work.session.exec(
        select(Person)
        .where(col(Person.id) == person_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def lock_with(work: Work, person_id: int, *others: int | None) -> Person:
    """The person as by `lock_person`, with others who neither leave nor change until this transaction ends.

    In the order of their numbers, so that two who name each other wait instead of standing in each other's way. The
    others are read FOR SHARE, beside whoever gives them an action.
    """
    for number in sorted({person_id} | {one for one in others if one is not None}):
        if number == person_id:
            lock_person(work, number)
        else:
            _hold(work, col(Person.id) == number)
    return work.session.get_one(Person, person_id)


def hold_everybody(work: Work) -> None:
    """Nobody leaves or changes otherwise than by this transaction until it ends; everybody is read afresh."""
    _hold(work)


def _hold(work: Work, *conditions: ColumnElement[bool]) -> None:
    work.session.exec(
        select(Person)
        .where(*conditions)
        .order_by(col(Person.id))
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).all()


def lock_leaver(work: Work, person: Person, *others: int | None) -> Person:
    """Somebody who may leave or lose an office, as by `lock_with`; when they administer, with all who do.

    Otherwise two administrators who say at once that the other left would both find one who stays.
    """
    beside = [id_of(one) for one in administrators(work)] if person.is_administrator else []
    return lock_with(work, id_of(person), *others, *beside)


def depart(
    work: Work, person: Person, how: Departure, *, successor_id: int | None = None, by_id: int | None = None
) -> Estate:
    """Somebody has left: their access, places, feed and offices end, and all they hold is passed on.

    `person` has been locked. What nobody may take stays where it is, and is told as such.
    """
    person_id = id_of(person)
    deputies = deputies_of(work, person_id)
    ended = end_access(work, person, how, successor_id=successor_id)
    passed = pass_on(
        work,
        unconfirmed_actions(work, col(Action.holder_id) == person_id),
        waiting_flags(work, col(Flag.person_id) == person_id),
        nearest(deputies, successor_id),
        by_id=by_id,
    )
    return replace(ended, passed=passed)


def end_access(work: Work, person: Person, how: Departure, *, successor_id: int | None = None) -> Estate:
    """The half of leaving that cannot wait; what they held is still to be passed on."""
    person_id = id_of(person)
    led = person.agency_id if person.leads_agency else None
    person.left_at, person.departure = work.now, how
    person.leads_agency = person.is_administrator = False
    work.session.add(person)
    had_feed = _revoke_feed(work, person_id)
    places, stood_in = close_places(work, _places_of(work, col(Membership.person_id) == person_id), successor_id)
    end_readings(work, person_id)
    forget_answers(work, person_id)
    return Estate(places, (), stood_in, had_feed, led)


def give_up_places(
    work: Work, person: Person, place_ids: Collection[int], *, successor_id: int | None = None, by_id: int | None = None
) -> Estate:
    """Some of a person's places end; what they held on a panel where they can hold it no more is passed on."""
    person_id = id_of(person)
    deputies = deputies_of(work, person_id)
    closing = _places_of(work, col(Membership.person_id) == person_id, col(Membership.id).in_(place_ids))
    for place in closing:
        if place.deputy_for_id is not None:  # what a deputy held goes back to whom they stood in for
            deputies.setdefault((place.panel_id, person_id), []).insert(0, place.deputy_for_id)
    places, stood_in = close_places(work, closing, successor_id)
    panels = {place.panel_id for place in places} - _panels_still_held(work, person_id)
    passed = pass_on(
        work,
        unconfirmed_actions(work, col(Action.holder_id) == person_id, col(Action.panel_id).in_(panels)),
        waiting_flags(work, col(Flag.person_id) == person_id, col(Flag.panel_id).in_(panels)),
        nearest(deputies, successor_id),
        by_id=by_id,
    )
    return Estate(places, passed, stood_in)


def change_agency(
    work: Work, person: Person, agency_id: int, *, successor_id: int | None = None, by_id: int | None = None
) -> tuple[Passed, ...]:
    """Somebody works for another agency now; what they held for the one before stays with it, in other hands."""
    person_id, before = id_of(person), person.agency_id
    person.agency_id = agency_id
    person.leads_agency = False
    work.session.add(person)
    end_readings(work, person_id)
    return pass_on(
        work,
        unconfirmed_actions(work, col(Action.holder_id) == person_id, col(Action.agency_id) == before),
        waiting_flags(work, col(Flag.person_id) == person_id, col(Flag.agency_id) == before),
        nearest(deputies_of(work, person_id), successor_id),
        by_id=by_id,
    )


def part_deputies(work: Work, person: Person, successor_id: int | None = None) -> tuple[Deputy, ...]:
    """Somebody kept places for another agency: across agencies nobody stands in for longer than one meeting.

    Who stood in for them is handed on as when they leave; they themselves stand in for nobody in particular.
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
            work.session.add(place)
            parted.append(Deputy(place.person_id, place.panel_id, None))
    return tuple(parted)


def deputies_of(work: Work, person_id: int | None = None) -> dict[tuple[int, int], list[int]]:
    """Who stands in now, by panel and person: for one person, or for everybody."""
    query = select(Membership).where(col(Membership.deputy_for_id).is_not(None), holds_at(work.now))
    if person_id is not None:
        query = query.where(col(Membership.deputy_for_id) == person_id)
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place in work.session.exec(query.order_by(col(Membership.id))):
        found[place.panel_id, place.deputy_for_id or 0].append(place.person_id)
    return dict(found)


def stood_in_for(work: Work) -> dict[tuple[int, int], list[int]]:
    """Return for whom each deputy stands or stood in last, by panel and deputy; one person or none."""
    query = select(Membership.panel_id, Membership.person_id, Membership.deputy_for_id).where(
        col(Membership.deputy_for_id).is_not(None)
    )
    found: dict[tuple[int, int], list[int]] = {}
    for panel_id, person_id, absent_id in work.session.execute(query.order_by(col(Membership.id))):
        found[panel_id, person_id] = [absent_id]
    return found


def nearest(deputies: dict[tuple[int, int], list[int]], successor_id: int | None) -> Nearest:
    """The named successor first, then the deputies."""
    first = [] if successor_id is None else [successor_id]
    return lambda panel_id, holder_id: [*first, *deputies.get((panel_id, holder_id), ())]


def close_places(
    work: Work, places: Iterable[Membership], successor_id: int | None
) -> tuple[tuple[Place, ...], tuple[Deputy, ...]]:
    """End places of one person. Who stood in for them stands in for the successor, if that one represents there.

    A deputy comes from the same agency. Otherwise they stay as its deputies, standing in for nobody in particular.
    """
    closed: list[Place] = []
    gave_up: dict[int, set[int]] = defaultdict(set)
    stood_in: list[Deputy] = []
    for place in places:
        place.ended_at = work.now
        work.session.add(place)
        closed.append(Place(place.panel_id, place.role, place.deputy_for_id))
        gave_up[place.person_id].add(place.panel_id)
        if place.role is Role.REPRESENTATIVE:
            stood_in += _hand_deputies(work, place, successor_id)
    work.session.flush()
    for person_id, panel_ids in gave_up.items():
        tell_who_counted_on(work, person_id, panel_ids)
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
        work.session.add(deputy)
        handed.append(Deputy(deputy.person_id, ended.panel_id, deputy.deputy_for_id))
    return handed


def _comes_from(work: Work, deputy: Membership, successor: Person | None) -> bool:
    """Whether a deputy is of the successor's agency, or was sent to one meeting by somebody of it."""
    sent_by = deputy.deputy_for_id if deputy.meeting_id is not None else None
    people = [work.session.get_one(Person, one) for one in (deputy.person_id, sent_by) if one is not None]
    return successor is not None and successor.agency_id in {person.agency_id for person in people}


def _places_of(work: Work, *conditions: ColumnElement[bool]) -> list[Membership]:
    """Places that hold or will, under these conditions."""
    return list(
        work.session.exec(
            select(Membership).where(is_to_hold(work.now), *conditions).order_by(col(Membership.id)).with_for_update()
        )
    )


def _panels_still_held(work: Work, person_id: int) -> set[int]:
    """Where they can still hold actions."""
    return set(
        work.session.exec(
            select(Membership.panel_id).where(
                col(Membership.person_id) == person_id,
                col(Membership.role).in_(sorted(ROLES[Verb.HOLD_ACTIONS])),
                holds_at(work.now),
            )
        )
    )


def _revoke_feed(work: Work, person_id: int) -> bool:
    feed = work.session.exec(
        select(CalendarFeed).where(col(CalendarFeed.person_id) == person_id, col(CalendarFeed.revoked_at).is_(None))
    ).first()
    if feed is None:
        return False
    feed.revoked_at = work.now
    work.session.add(feed)
    return True
