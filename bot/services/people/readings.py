"""Messages to chairs about new places, and decisions on whether the new member may read earlier closed items."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import col

from bot.domain.permissions import Actor
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case
from bot.models.panels import Membership, Panel, ReadingAsked
from bot.models.people import Agency, Person
from bot.models.vocabulary import AccessChange
from bot.records.access.changes import end_reading, name_readers, note_access
from bot.records.access.queries import is_to_hold
from bot.records.diary.queries import lock_diary
from bot.records.leaving.changes import lock_person
from bot.records.people.changes import PRESIDES, may_hear_of_presiding
from bot.records.people.queries import presiding
from bot.records.people.readings import closed_items, readers_of, readings_asked, undecided, who_decides
from bot.records.people.views import PlaceView, view_places
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class GivenPlace:
    """A new place, and how many earlier closed items the reader must decide about for the place's holder."""

    place: PlaceView
    name: str
    agency_name: str
    presides: bool
    items: int = 0  #: closed items that the reader decides about
    answer: bool | None = None  #: what the reader decided; None: not decided yet


@dataclass(frozen=True, slots=True)
class PlacesGiven:
    """The places on one panel that were given in one step, for a person who is told of these places."""

    panel_title: str
    by_name: str | None  #: none: a county file gave them
    places: tuple[GivenPlace, ...]


def given_for_notice(
    work: Work, actor: Actor, panel_id: int, places: Collection[int], by_id: int | None
) -> PlacesGiven | None:
    """Return the new places with the ids in `places`, for a message to the actor.

    Return None if the places have ended, or if the person need not be told of them.
    """
    rows = work.find_all(Membership, col(Membership.id).in_(places), col(Membership.panel_id) == panel_id)
    views = {view.id: view for view in view_places(work, col(Membership.id).in_([row.id for row in rows]))}
    decides = {place.id: _to_decide(work, actor, place) for place in rows if place.role in PRESIDES}
    told = _told(work, panel_id) | (may_hear_of_presiding(work, panel_id) if decides else set())
    is_told = any(decides.values()) or actor.person_id in told
    if not views or not is_told:
        return None
    given = [_given(work, place, views[id_of(place)], decides.get(place.id, [])) for place in rows if place.id in views]
    by_name = None if by_id is None else work.session.get_one(Person, by_id).name
    return PlacesGiven(work.session.get_one(Panel, panel_id).title, by_name, tuple(given))


def list_undecided(work: Work, actor: Actor) -> tuple[PlacesGiven, ...]:
    """Return the new places for which this reader must still decide on earlier closed items, the oldest first."""
    found = [
        given_for_notice(work, actor, place.panel_id, [id_of(place)], asked[0].given_by_id)
        for place, asked in undecided(work, actor.person_id)
    ]
    return tuple(one for one in found if one is not None)


def decide_reading(work: Work, actor: Actor, place_id: int, *, is_granted: bool) -> PlacesGiven:
    """Record whether the holder of a place may read closed items older than the place. Return the place.

    The person who decided may change the decision. Raise NotForYou for people who may not decide, and Mistake if the
    place has ended or another person has decided.
    """
    place = work.session.get(Membership, place_id)
    if place is None:
        raise NotForYou("that place")
    lock_diary(work, place.panel_id)
    person = lock_person(work, work.session.get_one(Person, place.person_id))
    mine = _decides(work, actor, place)
    if not mine:
        raise NotForYou("that place")
    if work.find(Membership, col(Membership.id) == place_id, is_to_hold(work.now)) is None:
        raise Mistake(f"{person.name} no longer has that place, so there is nothing to decide.")
    open_to_me = [one for one in mine if one.decided_by_id in (None, actor.person_id)]
    if not open_to_me:
        other = work.session.get_one(Person, mine[0].decided_by_id)
        said = "yes" if mine[0].is_granted else "no"
        raise Mistake(f"{other.name} has decided already, and said {said}. Speak to them to change it.")
    _decide(work, actor, place, open_to_me, is_granted=is_granted)
    given = given_for_notice(work, actor, place.panel_id, [place_id], mine[0].given_by_id)
    if given is None:
        raise NotForYou("that place")
    return given


def _decide(work: Work, actor: Actor, place: Membership, asked: Collection[ReadingAsked], *, is_granted: bool) -> None:
    changed = [one.case_id for one in asked if bool(one.is_granted) is not is_granted]
    if is_granted:
        changed = [case_id for case_id, _ in name_readers(work, changed, [place.person_id])]
        kind, reason = AccessChange.NAMED, f"The answer to their place as {place.role.label} was yes."
    else:
        end_reading(work, changed, place.person_id)
        kind, reason = AccessChange.ENDED, f"The answer to their place as {place.role.label} is no now."
    for case in work.find_all(Case, col(Case.id).in_(changed), by=[col(Case.id)]):
        note_access(work, case, place.panel_id, kind, place.person_id, actor.person_id, reason)
    for one in asked:
        one.decided_by_id, one.is_granted = actor.person_id, is_granted
        work.session.add(one)
        verb = "name_reader" if is_granted else "refuse_reader"
        work.audit(verb, "case", one.case_id, panel_id=place.panel_id, actor_id=actor.person_id)
    work.session.flush()


def _to_decide(work: Work, actor: Actor, place: Membership) -> list[ReadingAsked]:
    """Return the questions that the actor may answer: may the holder of this place read an earlier closed item?

    Questions that another person has decided are left out.
    """
    return [one for one in _decides(work, actor, place) if one.decided_by_id in (None, actor.person_id)]


def _decides(work: Work, actor: Actor, place: Membership) -> list[ReadingAsked]:
    asked = readings_asked(work, [id_of(place)])
    return who_decides(work, [place], asked).get(id_of(place), {}).get(actor.person_id, [])


def _told(work: Work, panel_id: int) -> set[int]:
    readers = readers_of(work, panel_id, closed_items(work, panel_id)).values()
    return {id_of(person) for person in presiding(work, panel_id)}.union(*readers)


def _given(work: Work, place: Membership, view: PlaceView, decides: list[ReadingAsked]) -> GivenPlace:
    person = work.session.get_one(Person, place.person_id)
    agency = work.session.get_one(Agency, person.agency_id)
    answers = {one.is_granted for one in decides}
    answer = next(iter(answers)) if len(answers) == 1 else None
    return GivenPlace(view, person.name, agency.name, place.role in PRESIDES, len(decides), answer)
