"""Changing a person's name, job title, agency, time zone or office.

If the agency changes, the actions and flags that the person held stay with the former agency.
"""

from dataclasses import dataclass

from bot.domain.permissions import Actor
from bot.errors import Mistake, NotAllowed
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.records.leaving.changes import deputies_of, give_up_places, leave_agency, lock_leaver, part_deputies
from bot.records.leaving.queries import (
    Handover,
    HandoverView,
    find_successor,
    panels_of,
    require_all_assigned,
    require_successor,
    view_handover,
)
from bot.records.people.queries import (
    active_agencies,
    administrators,
    find_agency,
    find_managed,
    lead_of,
    require_here,
)
from bot.records.people.views import PersonView, view_person
from bot.services.people.enrolment import accept_job_title, accept_name, accept_timezone
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: Roles in which a person speaks for their agency. These places end if the agency changes, unless they are kept.
_FOR_THE_AGENCY = frozenset({Role.REPRESENTATIVE, Role.DEPUTY})


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """A person's present details, and the choices of the form that changes them."""

    person: PersonView
    agencies: tuple[tuple[int, str], ...]
    is_administrators: bool  #: whether the reader may name leads and administrators
    has_agency_places: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The values of the form that changes a person's details."""

    name: str
    agency_id: int
    timezone: str
    leads_agency: bool
    is_administrator: bool
    keeps_places: bool = False  #: as representative or deputy, for the new agency
    job_title: str = ""  #: as minutes print it
    successor_user_id: str = ""  #: who takes over what the person holds for the former agency


@dataclass(frozen=True, slots=True)
class Changed:
    """A person's new details, and what was handed over if they changed agency."""

    person: PersonView
    from_agency: str | None  #: none: they work where they did
    handover: HandoverView
    lead_before: str | None = None  #: who led the agency until now


def propose_change(work: Work, actor: Actor, user_id: str) -> ChangeForm:
    """Return a person's details, for the form that changes them. Raise NotAllowed for people who may not do so."""
    person = find_managed(work, actor, user_id)
    view = view_person(work, person)
    return ChangeForm(
        person=view,
        agencies=tuple((id_of(agency), agency.name) for agency in active_agencies(work)),
        is_administrators=actor.is_administrator,
        has_agency_places=any(place.role in _FOR_THE_AGENCY for place in view.places),
    )


def change_person(work: Work, actor: Actor, user_id: str, change: Change) -> Changed:
    """Change a person's details. Return the new details, and what was handed over.

    Raise Mistake, attached to the field at fault, if a detail is wrong. Raise NotAllowed for an office that only an
    administrator gives.
    """
    person = find_managed(work, actor, user_id)
    successor = None
    if change.agency_id != person.agency_id:
        successor = find_successor(work, actor, change.successor_user_id)
    lock_leaver(work, person, successor)
    require_here(person)
    agency = find_agency(work, change.agency_id)
    person.name = accept_name(change.name, work.now.date())
    person.job_title = accept_job_title(change.job_title, work.now.date())
    person.timezone = accept_timezone(change.timezone)
    offices = (change.leads_agency, change.is_administrator)
    if not actor.is_administrator and offices != (person.leads_agency, person.is_administrator):
        raise NotAllowed("Only an administrator chooses agency leads and administrators.", field="offices")
    if person.is_administrator and not change.is_administrator and administrators(work) == [person]:
        raise Mistake(
            "This person is the only administrator. First make another person administrator: `/people change @name`.",
            field="offices",
        )
    person.is_administrator = change.is_administrator
    before, handover = None, Handover()
    if id_of(agency) != person.agency_id:
        before = work.session.get_one(Agency, person.agency_id).name
        handover = _move(work, actor, person, id_of(agency), successor, keeps_places=change.keeps_places)
    lead_before = _change_lead(work, person, leads=change.leads_agency)
    work.audit("change", "person", person.id, actor_id=actor.person_id)
    work.session.flush()
    return Changed(view_person(work, person), before, view_handover(work, actor, handover), lead_before)


def _move(
    work: Work, actor: Actor, person: Person, agency_id: int, successor: Person | None, *, keeps_places: bool
) -> Handover:
    """Move a person to another agency, and hand over what they held for the former agency.

    Their places end too, unless `keeps_places`.
    """
    if successor is not None and (successor.agency_id != person.agency_id or successor.id == person.id):
        raise Mistake("Choose another colleague from the agency that this person is leaving.", field="successor")
    successor_id = require_successor(work, person, successor, panels_of(work, person))
    before, led = person.agency_id, person.agency_id if person.leads_agency else None
    person.agency_id, person.leads_agency = agency_id, False
    nearest = deputies_of(work, id_of(person))
    held = leave_agency(work, id_of(person), before, nearest, successor_id=successor_id, by_id=actor.person_id)
    ended = Handover()
    if not keeps_places:
        theirs = [place.id for place in view_person(work, person).places if place.role in _FOR_THE_AGENCY]
        ended = give_up_places(work, person, theirs, successor_id=successor_id, by_id=actor.person_id)
    held = (*held, *ended.held)
    require_all_assigned(work, actor, held, field="successor")
    parted = part_deputies(work, person, successor_id)
    return Handover(ended.places, held, (*ended.deputies, *parted), led_agency_id=led)


def _change_lead(work: Work, person: Person, *, leads: bool) -> str | None:
    """Make a person the lead of their agency, or end their time as lead.

    Return the name of the lead who was replaced, or None if nobody was.
    """
    if leads == person.leads_agency:
        return None
    before = lead_of(work, person.agency_id)
    if leads and before is not None:
        before.leads_agency = False  # cleared first, since an agency has one lead at a time
        work.session.flush()
    person.leads_agency = leads
    return before.name if leads and before is not None else None
