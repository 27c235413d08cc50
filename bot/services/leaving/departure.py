"""Somebody leaves, be it because Slack switched their account off: shown first, then passed on in one step."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.states import UNCONFIRMED_STATES
from bot.errors import Mistake
from bot.models.actions import Action
from bot.models.cases import Flag
from bot.models.panels import Membership
from bot.models.people import CalendarFeed, Person
from bot.models.vocabulary import Departure, Role
from bot.records.access.queries import holds_at, panels_where
from bot.records.leaving.changes import depart, deputies_of, lock_leaver
from bot.records.leaving.queries import (
    Estate,
    Left,
    Passed,
    Place,
    has_a_place,
    names_of,
    panels_of,
    person_id_of,
    require_a_place,
    require_all_passed,
    seen_of,
    view_estate,
)
from bot.records.people.queries import (
    administrators,
    find_person,
    lead_of,
    managed_panels,
    members,
    require_here,
    require_over,
)
from bot.records.people.views import PersonView, view_person
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Holdings:
    """What somebody holds, before they leave, as far as the reader may see it."""

    person: PersonView
    actions: int
    flags: int
    deputies: tuple[str, ...]
    has_feed: bool
    successor: tuple[str, str] | None  #: Slack user and name of who is proposed
    needs_lead: bool  #: they lead an agency that has other people


def show_holdings(work: Work, actor: Actor, user_id: str) -> Holdings:
    """What somebody holds, for whoever may say that they left."""
    managed_panels(work, actor)
    person = find_person(work, actor, user_id)
    require_over(work, actor, person)
    _not_oneself(actor, person)
    person_id = id_of(person)
    work.audit("read", "person", person_id, actor_id=actor.person_id)
    standing_in = Counter(number for numbers in deputies_of(work, person_id).values() for number in numbers)
    proposed = _proposed(work, person, standing_in)
    actions = work.session.execute(
        select(Action.panel_id, Action.case_id).where(
            col(Action.holder_id) == person_id, col(Action.state).in_(sorted(UNCONFIRMED_STATES))
        )
    )
    flags = work.session.execute(
        select(Flag.panel_id, Flag.case_id).where(col(Flag.person_id) == person_id, col(Flag.state).in_(LIVE_STATES))
    )
    return Holdings(
        person=view_person(work, person),
        actions=len(seen_of(work, actor, actions)),
        flags=len(seen_of(work, actor, flags)),
        deputies=tuple(sorted(names_of(work, standing_in).values())),
        has_feed=bool(
            _count(
                work, CalendarFeed.id, col(CalendarFeed.person_id) == person_id, col(CalendarFeed.revoked_at).is_(None)
            )
        ),
        successor=None if proposed is None else (proposed.user_id, proposed.name),
        needs_lead=person.leads_agency and _has_colleagues(work, person),
    )


def leave(work: Work, actor: Actor, user_id: str, *, successor_user_id: str = "", lead_user_id: str = "") -> Left:
    """Somebody has left: all they held is passed on, their access ends with their next request.

    Raises Mistake naming the field when the successor or the new lead cannot be, or nobody may take something.
    """
    managed_panels(work, actor)
    person = find_person(work, actor, user_id)
    require_over(work, actor, person)
    _not_oneself(actor, person)
    successor = find_person(work, actor, successor_user_id, field="successor") if successor_user_id else None
    person = lock_leaver(work, person, person_id_of(successor))
    if person.left_at is not None:
        raise Mistake(f"{person.name} has left already.")
    if person.is_administrator and administrators(work) == [person]:
        raise Mistake("They are the only administrator. Make somebody else one first, with `/people change`.")
    if successor is not None:
        require_here(successor, field="successor")
    if successor is not None and successor.id == person.id:
        raise Mistake("Somebody else must take over.", field="successor")
    require_a_place(work, successor, panels_of(work, person))
    lead = _new_lead(work, actor, person, lead_user_id)
    estate = depart(work, person, Departure.SAID, successor_id=person_id_of(successor), by_id=actor.person_id)
    require_all_passed(work, actor, estate.passed, field="successor")
    if lead is not None:
        lead.leads_agency = True
        work.session.add(lead)
    work.audit("leave", "person", person.id, actor_id=actor.person_id)
    return Left(person.name, view_estate(work, actor, estate), lead.name if lead else None)


def _proposed(work: Work, person: Person, standing_in: Counter[int]) -> Person | None:
    here = work.session.exec(select(Person).where(col(Person.id).in_(standing_in), col(Person.left_at).is_(None)))
    deputies = {deputy.id: deputy for deputy in here}
    for number, _ in standing_in.most_common():
        if number in deputies:
            return deputies[number]
    lead = lead_of(work, person.agency_id)
    if lead is None or lead.id == person.id or not has_a_place(work, lead, panels_of(work, person)):
        return None
    return lead


def _new_lead(work: Work, actor: Actor, person: Person, lead_user_id: str) -> Person | None:
    if not person.leads_agency or not _has_colleagues(work, person):
        return None
    if not lead_user_id:
        raise Mistake("They lead their agency. Say who leads it now.", field="lead")
    lead = find_person(work, actor, lead_user_id, field="lead")
    if lead.agency_id != person.agency_id or lead.id == person.id:
        raise Mistake("An agency is led by one of its own: choose somebody else of it.", field="lead")
    return lead


def _has_colleagues(work: Work, person: Person) -> bool:
    return bool(
        _count(
            work,
            Person.id,
            col(Person.agency_id) == person.agency_id,
            col(Person.left_at).is_(None),
            col(Person.id) != id_of(person),
        )
    )


def _not_oneself(actor: Actor, person: Person) -> None:
    if person.id == actor.person_id:
        raise Mistake("You cannot say this of yourself: ask another co-ordinator or an administrator.")


def _count(work: Work, counted: Any, *conditions: Any) -> int:
    return work.session.exec(select(func.count(counted)).where(*conditions)).one()


def account_switched_off(work: Work, team_id: str, user_id: str) -> bool:
    """Slack says that an account is deactivated: whoever it was has left. Whether it concerned somebody enrolled.

    What nobody may take stays where it was, since Slack cannot be asked to wait; co-ordinators are told of it.
    """
    person = _of_account(work, team_id, user_id)
    if person is None:
        return False
    person = lock_leaver(work, person)
    if person.left_at is not None:
        person.departure = Departure.DEACTIVATED
        work.session.add(person)
        return True
    was_administrator = person.is_administrator
    estate = depart(work, person, Departure.DEACTIVATED)
    work.audit("deactivate", "person", person.id)
    was_last = was_administrator and not _administrators(work, team_id)
    told = _told(work, team_id, {place.panel_id for place in estate.places})
    if was_last:
        told = {id_of(one): told.get(id_of(one), set()) for one in _all_coordinators(work)} | told
    for coordinator_id, panels in told.items():
        ids = {"left_id": id_of(person), "was_last_administrator": was_last, **_as_ids(estate, panels)}
        work.tell(coordinator_id, Notice.PERSON_LEFT, **ids)
    return True


def account_switched_on(work: Work, team_id: str, user_id: str) -> bool:
    """Slack says that an account is active: who left because it was not stays away, and co-ordinators are told once."""
    person = _of_account(work, team_id, user_id)
    if person is None or person.left_at is None or person.departure is not Departure.DEACTIVATED:
        return False
    person.departure = Departure.REACTIVATED
    work.session.add(person)
    work.audit("reactivate", "person", person.id)
    panels = set(
        work.session.exec(
            select(Membership.panel_id).where(
                col(Membership.person_id) == id_of(person), col(Membership.ended_at) == person.left_at
            )
        )
    )
    for coordinator_id in _told(work, team_id, panels):
        work.tell(coordinator_id, Notice.ACCOUNT_BACK, left_id=id_of(person))
    return True


def left_for_notice(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Left | None:
    """What a co-ordinator is told of somebody whose account was switched off; none when they look after it no more."""
    theirs = {id_of(panel) for panel in panels_where(work, actor, Verb.MANAGE_PEOPLE)}
    person = work.session.get_one(Person, payload["left_id"])
    places = tuple(Place(number, Role(role), None) for number, role in payload["places"] if number in theirs)
    passed = tuple(Passed(*one[:6]) for one in payload["passed"] if one[2] in theirs)  # older ones have a seventh
    no_administrator = payload.get("was_last_administrator", False) and not _administrators(work, actor.team_id)
    if not places and not passed and not actor.is_administrator and not no_administrator:
        return None
    estate = Estate(places, passed, (), led_agency_id=payload["led"])
    return Left(person.name, view_estate(work, actor, estate, no_administrator=no_administrator))


def back_for_notice(work: Work, actor: Actor, left_id: int) -> str | None:
    """Whose account is on again; none when they are back already, or the reader manages nobody any more."""
    person = work.session.get_one(Person, left_id)
    manages = actor.is_administrator or panels_where(work, actor, Verb.MANAGE_PEOPLE)
    return person.name if manages and person.left_at is not None else None


def _as_ids(estate: Estate, panels: Iterable[int]) -> dict[str, Any]:
    shown = set(panels)
    return {
        "places": [(place.panel_id, place.role.value) for place in estate.places if place.panel_id in shown],
        "passed": [
            (one.noun, one.number, one.panel_id, one.case_id, one.from_id, one.to_id)
            for one in estate.passed
            if one.panel_id in shown or not shown
        ],
        "led": estate.led_agency_id,
    }


def _told(work: Work, team_id: str, panels: set[int]) -> dict[int, set[int]]:
    """Who is told, and of which of the panels: their co-ordinators; administrators of those that have none."""
    told: dict[int, set[int]] = {}
    for panel_id in sorted(panels):
        for person in members(work, panel_id, {Role.COORDINATOR}) or _administrators(work, team_id):
            told.setdefault(id_of(person), set()).add(panel_id)
    return told or {id_of(person): set() for person in _administrators(work, team_id)}


def _administrators(work: Work, team_id: str) -> list[Person]:
    return administrators(work, col(Person.team_id) == team_id)


def _all_coordinators(work: Work) -> list[Person]:
    keeps = select(Membership.person_id).where(col(Membership.role) == Role.COORDINATOR, holds_at(work.now))
    query = select(Person).where(col(Person.left_at).is_(None), col(Person.id).in_(keeps))
    return list(work.session.exec(query.order_by(col(Person.id))))


def _of_account(work: Work, team_id: str, user_id: str) -> Person | None:
    return work.session.exec(
        select(Person).where(col(Person.team_id) == team_id, col(Person.user_id) == user_id)
    ).first()
