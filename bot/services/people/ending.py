"""Taking places away: what was held there is passed on in the same step."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import Role
from bot.records.access.queries import is_to_hold, standings_on
from bot.records.leaving.changes import give_up_places, lock_with
from bot.records.leaving.queries import EstateView, person_id_of, require_a_place, require_all_passed, view_estate
from bot.records.people.queries import find_person, require_here
from bot.records.people.views import PlaceView, view_places
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class EndForm:
    """The places of one person that the reader may end."""

    user_id: str
    name: str
    places: tuple[PlaceView, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """Places that ended, and what became of what was held there."""

    name: str
    estate: EstateView


def propose_end(work: Work, actor: Actor, user_id: str) -> EndForm:
    """The places of somebody that the reader may end. Raises NotAllowed when there are none."""
    person = find_person(work, actor, user_id)
    allowed = _may_end(work, actor, person)
    if not allowed:
        raise NotAllowed(f"There is no place of {person.name}'s that you could end.")
    return EndForm(person.user_id, person.name, tuple(view_places(work, col(Membership.id).in_(allowed))))


def end_places(
    work: Work, actor: Actor, user_id: str, place_ids: Collection[int], *, successor_user_id: str = ""
) -> Ended:
    """End some of a person's places; what they held there is passed on. Raises Mistake naming the field."""
    person = find_person(work, actor, user_id)
    wanted = set(place_ids)
    if not wanted:
        raise Mistake("Choose what is to end.", field="places")
    if not wanted <= _may_end(work, actor, person):
        raise NotForYou("that place")
    successor = find_person(work, actor, successor_user_id, field="successor") if successor_user_id else None
    if successor is not None and successor.id == person.id:
        raise Mistake("Somebody else must take over.", field="successor")
    require_a_place(work, successor, {work.session.get_one(Membership, number).panel_id for number in wanted})
    successor_id = person_id_of(successor)
    person = lock_with(work, id_of(person), successor_id)
    if successor is not None:
        require_here(successor, field="successor")
    estate = give_up_places(work, person, wanted, successor_id=successor_id, by_id=actor.person_id)
    require_all_passed(work, actor, estate.passed, field="places")
    for place in estate.places:
        work.audit("end", "membership", person.id, panel_id=place.panel_id, actor_id=actor.person_id)
    return Ended(person.name, view_estate(work, actor, estate))


def _may_end(work: Work, actor: Actor, person: Person) -> set[int]:
    """Every place for who manages the panel; a deputy's also for the two, and their agency's lead."""
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
