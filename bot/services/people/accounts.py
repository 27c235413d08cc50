"""What Slack says of accounts: who is switched off has left, who is switched on again stays away."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import Departure, Role
from bot.records.access.queries import holds_at, panels_where
from bot.records.leaving.changes import depart, lock_leaver
from bot.records.leaving.queries import Estate, Left, Passed, Place, view_estate
from bot.records.people.queries import administrators, members
from bot.store.outbox import Effect
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


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
        work.send(
            Effect(
                key=f"person_left:{person.id}:{coordinator_id}:{work.now.isoformat()}",
                lane=f"person:{coordinator_id}",
                kind="person_left",
                payload={"person_id": coordinator_id, "left_id": id_of(person), "was_last_administrator": was_last}
                | _as_ids(estate, panels),
            )
        )
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
        work.send(
            Effect(
                key=f"account_back:{person.id}:{coordinator_id}:{work.now.isoformat()}",
                lane=f"person:{coordinator_id}",
                kind="account_back",
                payload={"person_id": coordinator_id, "left_id": id_of(person)},
            )
        )
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
