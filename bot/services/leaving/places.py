"""Ending a person's places, handing over the actions and flags that they held, and the tick that tidies up places."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, Role
from bot.records.access.queries import day_ends, is_running, is_to_hold, local_time, standings_on
from bot.records.diary.queries import lock_diary
from bot.records.leaving.changes import give_up_places, lock_person, nearest_on_panels
from bot.records.leaving.handover import Candidates, hand_over, holder_of, is_left_behind, left_behind
from bot.records.leaving.queries import (
    HandoverView,
    Held,
    Kind,
    find_successor,
    kind_of,
    require_all_assigned,
    require_successor,
    view_handover,
)
from bot.records.people.queries import find_person
from bot.records.people.views import PlaceView, view_places
from bot.store.rows import id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class EndForm:
    """The places of one person that the reader may end."""

    user_id: str
    name: str
    places: tuple[PlaceView, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The name of a person whose places were ended, and what was handed over."""

    name: str
    handover: HandoverView


def propose_end(work: Work, actor: Actor, user_id: str) -> EndForm:
    """Return the places of a person that the reader may end. Raise NotAllowed if there are none."""
    person = find_person(work, actor, user_id)
    allowed = _may_end(work, actor, person)
    if not allowed:
        raise NotAllowed(f"{person.name} has no place that you can end.")
    return EndForm(person.user_id, person.name, tuple(view_places(work, col(Membership.id).in_(allowed))))


def end_places(
    work: Work, actor: Actor, user_id: str, place_ids: Collection[int], *, successor_user_id: str = ""
) -> Ended:
    """End some of a person's places, and hand over the actions and flags that they held there.

    Raise Mistake, attached to the field at fault, if no place is chosen, or if an action or flag would have no holder.
    """
    person = find_person(work, actor, user_id)
    wanted = set(place_ids)
    if not wanted:
        raise Mistake("Choose the places that should end.", field="places")
    if not wanted <= _may_end(work, actor, person):
        raise NotForYou("that place")
    panels = {work.session.get_one(Membership, number).panel_id for number in wanted}
    successor = find_successor(work, actor, successor_user_id)
    lock_person(work, person, successor)
    successor_id = require_successor(work, person, successor, panels)
    handover = give_up_places(work, person, wanted, successor_id=successor_id, by_id=actor.person_id)
    require_all_assigned(work, actor, handover.held, field="places")
    for place in handover.places:
        work.audit("end", "membership", person.id, panel_id=place.panel_id, actor_id=actor.person_id)
    return Ended(person.name, view_handover(work, actor, handover))


def _may_end(work: Work, actor: Actor, person: Person) -> set[int]:
    """Return the ids of the person's places that the actor may end.

    People who manage the panel may end every place. A deputy's place may also be ended by the deputy, by the person
    they stand in for, by the lead of that person's agency, and by people who may name deputies for others.
    """
    absent_one = aliased(Person)
    rows = work.session.execute(
        select(Membership, Panel, absent_one)
        .join(Panel, col(Panel.id) == col(Membership.panel_id))
        .join(absent_one, col(absent_one.id) == col(Membership.deputy_for_id), isouter=True)
        .where(col(Membership.person_id) == id_of(person), is_to_hold(work.now))
    ).all()
    standings = standings_on(work, actor, [panel for _, panel, _ in rows])
    allowed = set()
    for place, _, absent in rows:
        standing = standings[place.panel_id]
        theirs = absent is not None and (
            actor.person_id in (absent.id, person.id) or (actor.leads_agency and actor.agency_id == absent.agency_id)
        )
        steers = place.role is Role.DEPUTY and standing.may(Verb.NAME_DEPUTIES)
        if standing.may(Verb.MANAGE_PEOPLE) or theirs or steers:
            allowed.add(id_of(place))
    return allowed


_AT_ONCE: Final = 100  #: rows that one transaction changes at most, so that no command waits long for it
PartT = TypeVar("PartT")


#: The work of one short transaction: the function does it and returns how much was done.
Piece = Callable[[Work], int]


def _find(work: Work) -> list[Piece]:
    """Return all pieces of work for the tick, in the order in which they should be done."""
    following = {place.panel_id for place, _ in _to_follow(work)}
    lapsed = work.session.exec(select(Membership.id).where(*_is_lapsed(work)).order_by(col(Membership.id))).all()
    return [
        *(partial(_follow_meetings, panel_id) for panel_id in sorted(following)),
        *(partial(_end_lapsed, some) for some in _parts(lapsed)),
        *_find_left_behind(work),
    ]


def _parts(found: Sequence[PartT]) -> Iterator[Sequence[PartT]]:
    """Yield these rows in parts that each fit into one transaction."""
    return (found[first : first + _AT_ONCE] for first in range(0, len(found), _AT_ONCE))


def _to_follow(work: Work, *conditions: ColumnElement[bool]) -> list[tuple[Membership, datetime | None]]:
    """Return the places for one meeting only whose meeting moved or was cancelled, each with its new end.

    The new end is None if the meeting was cancelled.
    """
    rows = work.session.execute(
        select(Membership, Meeting, Panel)
        .join(Meeting, col(Meeting.id) == col(Membership.meeting_id))
        .join(Panel, col(Panel.id) == col(Membership.panel_id))
        .where(is_to_hold(work.now), is_running(work), *conditions)
        .order_by(col(Membership.id))
    )
    found: list[tuple[Membership, datetime | None]] = []
    for place, meeting, panel in rows:
        lapses_at = day_ends(work, panel, local_time(work, panel, meeting.ends_at).date())
        if meeting.state is MeetingState.CANCELLED:
            found.append((place, None))
        elif place.lapses_at != lapses_at and lapses_at > max(work.now, place.began_at):
            found.append((place, lapses_at))
    return found


def _follow_meetings(panel_id: int, work: Work) -> int:
    """Update places that are for one meeting only, if that meeting has moved or was cancelled.

    Return how many places of the panel were changed. If the meeting has moved, the place now ends on the meeting's new
    day. If the meeting was cancelled, the place ends at once.
    """
    lock_diary(work, panel_id)
    places = _to_follow(work, col(Membership.panel_id) == panel_id)
    for place, lapses_at in places:
        if lapses_at is None:
            place.ended_at = work.now
        else:
            place.lapses_at = lapses_at
        work.audit("end" if place.ended_at else "move", "membership", place.person_id, panel_id=place.panel_id)
    return len(places)


def _is_lapsed(work: Work) -> tuple[ColumnElement[bool], ...]:
    return col(Membership.ended_at).is_(None), col(Membership.lapses_at) <= work.now


def _end_lapsed(place_ids: Sequence[int | None], work: Work) -> int:
    lapsed = work.session.exec(
        select(Membership)
        .where(col(Membership.id).in_(place_ids), *_is_lapsed(work))
        .order_by(col(Membership.id))
        .with_for_update()
    ).all()
    for place in lapsed:
        place.ended_at = place.lapses_at
        work.audit("lapse", "membership", place.person_id, panel_id=place.panel_id)
    return len(lapsed)


def _find_left_behind(work: Work) -> list[Piece]:
    """Return pieces of work that hand over the actions and flags of people who have lost their place.

    There is a piece for each holder. Only actions and flags that another person may take are handed over.
    """
    # A panel's working hours follow from its kind.
    awake = [
        key
        for key, definition in work.definitions.items()
        if within_working_hours(work.now.astimezone(ZoneInfo(definition.timezone)), definition.bank_holiday_subdivision)
    ]
    found = left_behind(work, awake)
    if not found:
        return []
    candidates = Candidates(work, found, nearest_on_panels(work))
    by_holder: dict[int, list[Held]] = defaultdict(list)
    for one in found:
        if candidates.new_holder(one) is not None:
            by_holder[holder_of(one)].append(one)
    return [
        partial(_pass_on, {one.panel_id for one in some}, [(kind_of(one).noun, id_of(one)) for one in some])
        for _, theirs in sorted(by_holder.items())
        for some in _parts(theirs)
    ]


def _pass_on(panel_ids: Collection[int], held: Collection[tuple[str, int]], work: Work) -> int:
    """Hand over the actions and flags of a person who has lost their place. Return how many found a new holder.

    `held` are pairs of the noun ("action" or "flag") and the id of each.
    """
    lock_diary(work, *panel_ids)

    def is_theirs(kind: Kind) -> list[ColumnElement[bool]]:
        numbers = [number for noun, number in held if noun == kind.noun]
        return [col(kind.table.id).in_(numbers), is_left_behind(work, kind)]

    done = hand_over(work, is_theirs, nearest_on_panels(work))
    return sum(one.to_id is not None for one in done)


#: The tick's work on places: it tidies them up.
PLACES = Sweep(_find, lambda work, piece: piece(work))
