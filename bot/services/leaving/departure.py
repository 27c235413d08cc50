"""Recording that a person has left or that their Slack account is switched off, and handing over what they hold.

The messages that follow are composed here too: what was handed over, who has left, and that a panel has ended.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb, may
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import Departure, Role
from bot.records.access.queries import holds_at, panels_where, readable
from bot.records.actions.queries import ActionView, actions_held
from bot.records.leaving.changes import depart, deputies_of, lock_leaver
from bot.records.leaving.panels import roles_until_end
from bot.records.leaving.queries import (
    FLAGS,
    KINDS,
    HandedOver,
    Handover,
    Left,
    Place,
    find_successor,
    panels_of,
    require_all_assigned,
    require_successor,
    roles_on,
    seen_of,
    select_open,
    view_handover,
)
from bot.records.people.queries import (
    administrators,
    find_managed,
    find_person,
    lead_of,
    live_feed,
    members,
    names_of,
)
from bot.records.people.views import PersonView, view_person
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a person holds before they leave, as far as the reader may see it, with a successor to suggest."""

    person: PersonView
    actions: int
    flags: int
    deputies: tuple[str, ...]
    has_feed: bool
    successor: tuple[str, str] | None  #: Slack user and name of who is proposed
    needs_lead: bool  #: they lead an agency that has other people


def show_holdings(work: Work, actor: Actor, user_id: str) -> Holdings:
    """Return what a person holds, for a reader who may record that the person has left."""
    person = _who_leaves(work, actor, user_id)
    person_id = id_of(person)
    work.audit("read", "person", person_id, actor_id=actor.person_id)
    standing_in = Counter(number for numbers in deputies_of(work, person_id).values() for number in numbers)
    proposed = _proposed(work, person, standing_in)
    actions, flags = (
        len(seen_of(work, actor, work.session.exec(select_open(kind, kind.holder == person_id)))) for kind in KINDS
    )
    return Holdings(
        person=view_person(work, person),
        actions=actions,
        flags=flags,
        deputies=tuple(sorted(names_of(work, Person, standing_in).values())),
        has_feed=live_feed(work, person_id) is not None,
        successor=None if proposed is None else (proposed.user_id, proposed.name),
        needs_lead=_needs_lead(work, person),
    )


def leave(work: Work, actor: Actor, user_id: str, *, successor_user_id: str = "", lead_user_id: str = "") -> Left:
    """Record that a person has left, and hand over everything they held. They lose access at their next request.

    Raise Mistake, attached to the field at fault, if the successor or new agency lead can't be chosen, or if an action
    or flag would have no holder.
    """
    person = _who_leaves(work, actor, user_id)
    successor = find_successor(work, actor, successor_user_id)
    lock_leaver(work, person, successor)
    if person.left_at is not None:
        raise Mistake(f"{person.name} has left already.")
    if person.is_administrator and administrators(work) == [person]:
        raise Mistake(
            "This person is the only administrator. First make another person administrator: `/people change @name`."
        )
    successor_id = require_successor(work, person, successor, panels_of(work, person))
    lead = _new_lead(work, actor, person, lead_user_id)
    handover = depart(work, person, Departure.SAID, successor_id=successor_id, by_id=actor.person_id)
    require_all_assigned(work, actor, handover.held, field="successor")
    if lead is not None:
        lead.leads_agency = True
    work.audit("leave", "person", person.id, actor_id=actor.person_id)
    return Left(person.name, view_handover(work, actor, handover), lead.name if lead else None)


def _who_leaves(work: Work, actor: Actor, user_id: str) -> Person:
    person = find_managed(work, actor, user_id, is_to_leave=True)
    if person.id == actor.person_id:
        raise Mistake("You can't do this for yourself. Ask another co-ordinator or an administrator.")
    return person


def _proposed(work: Work, person: Person, standing_in: Counter[int]) -> Person | None:
    here = work.session.exec(select(Person).where(col(Person.id).in_(standing_in), col(Person.left_at).is_(None)))
    deputies = {deputy.id: deputy for deputy in here}
    for number, _ in standing_in.most_common():
        if number in deputies:
            return deputies[number]
    lead = lead_of(work, person.agency_id)
    if lead is None or lead.id == person.id or not roles_on(work, lead, panels_of(work, person)):
        return None
    return lead


def _new_lead(work: Work, actor: Actor, person: Person, lead_user_id: str) -> Person | None:
    if not _needs_lead(work, person):
        return None
    if not lead_user_id:
        raise Mistake("This person leads their agency. Choose who leads the agency now.", field="lead")
    lead = find_person(work, actor, lead_user_id, field="lead")
    if lead.agency_id != person.agency_id or lead.id == person.id:
        raise Mistake("Choose a person of that agency to lead it.", field="lead")
    return lead


def _needs_lead(work: Work, person: Person) -> bool:
    """Return whether the person leads an agency in which other people remain."""
    colleague = select(Person.id).where(
        col(Person.agency_id) == person.agency_id, col(Person.left_at).is_(None), col(Person.id) != id_of(person)
    )
    return person.leads_agency and work.session.exec(colleague).first() is not None


def account_switched_off(work: Work, team_id: str, user_id: str) -> bool:
    """Record the owner of a deactivated Slack account as left. Return whether the owner was enrolled.

    An action or flag that nobody may take over stays unassigned, since Slack can't wait for an answer. Co-ordinators
    are told of it.
    """
    person = _of_account(work, team_id, user_id)
    if person is None:
        return False
    lock_leaver(work, person)
    if person.left_at is not None:
        if person.departure is not Departure.DEACTIVATED:
            person.departure = Departure.DEACTIVATED
            work.audit("deactivate", "person", person.id)
        return True
    was_administrator = person.is_administrator
    handover = depart(work, person, Departure.DEACTIVATED)
    work.audit("deactivate", "person", person.id)
    was_last = was_administrator and not _administrators(work, team_id)
    told = _told(work, team_id, {place.panel_id for place in handover.places})
    if was_last:
        told = {id_of(one): told.get(id_of(one), set()) for one in _all_coordinators(work)} | told
    for coordinator_id, panels in told.items():
        work.tell(
            coordinator_id,
            Notice.PERSON_LEFT,
            left_id=id_of(person),
            was_last_administrator=was_last,
            places=[(place.panel_id, place.role.value) for place in handover.places if place.panel_id in panels],
            passed=[astuple(one) for one in handover.held if one.panel_id in panels or not panels],
            led=handover.led_agency_id,
        )
    return True


def account_switched_on(work: Work, team_id: str, user_id: str) -> bool:
    """Tell co-ordinators once that an account is active again.

    This does not bring the account's owner back. Return whether the owner had been recorded as left because the account
    was switched off.
    """
    person = _of_account(work, team_id, user_id)
    if person is None or person.left_at is None or person.departure is not Departure.DEACTIVATED:
        return False
    person.departure = Departure.REACTIVATED
    work.audit("reactivate", "person", person.id)
    ended_then = (col(Membership.person_id) == id_of(person), col(Membership.ended_at) == person.left_at)
    panels = set(work.session.exec(select(Membership.panel_id).where(*ended_then)))
    for coordinator_id in _told(work, team_id, panels):
        work.tell(coordinator_id, Notice.ACCOUNT_BACK, left_id=id_of(person))
    return True


def left_for_notice(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Left | None:
    """Return what was handed over when a person's account was switched off.

    Return None if the reader no longer manages this person.
    """
    theirs = {id_of(panel) for panel in panels_where(work, actor, Verb.MANAGE_PEOPLE)}
    person = work.session.get_one(Person, payload["left_id"])
    places = tuple(Place(number, Role(role), None) for number, role in payload["places"] if number in theirs)
    held = tuple(HandedOver(*one[:6]) for one in payload["passed"] if one[2] in theirs)  # older ones have a seventh
    no_administrator = payload.get("was_last_administrator", False) and not _administrators(work, actor.team_id)
    if not places and not held and not actor.is_administrator and not no_administrator:
        return None
    handover = Handover(places, held, (), led_agency_id=payload["led"])
    return Left(person.name, view_handover(work, actor, handover, no_administrator=no_administrator))


def back_for_notice(work: Work, actor: Actor, left_id: int) -> str | None:
    """Return the name of a person whose account is active again, for a message to the reader (`actor`).

    Return None if the person has been brought back already, or if the reader no longer manages people.
    """
    person = work.session.get_one(Person, left_id)
    manages = actor.is_administrator or panels_where(work, actor, Verb.MANAGE_PEOPLE)
    return person.name if manages and person.left_at is not None else None


def _told(work: Work, team_id: str, panels: set[int]) -> dict[int, set[int]]:
    """Return who should be told about changes on these panels, as a dict from person id to panel ids.

    The people are each panel's co-ordinators, or the administrators if the panel has no co-ordinator.
    """
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


@dataclass(frozen=True, slots=True)
class HandedToYou:
    """The actions and flags that a person was handed when a colleague left, and that the person still holds."""

    from_name: str
    actions: tuple[ActionView, ...]
    flags: tuple[tuple[str, str], ...]  #: reference and panel of each case that they present


def handover_for_notice(work: Work, actor: Actor, payload: Mapping[str, Any]) -> HandedToYou | None:
    """Return the actions and flags that the reader was handed, still holds and may see, or None if there are none."""
    actions = actions_held(work, actor, payload["actions"])
    flags = work.session.execute(
        select(Case.reference, Panel.title)
        .join(Flag, col(Flag.case_id) == col(Case.id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(
            col(Flag.id).in_(payload["flags"]),
            col(Flag.person_id) == actor.person_id,
            FLAGS.is_open,
            col(Flag.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.READ_CASES)]),
            readable(actor.person_id),
        )
        .order_by(col(Panel.title), col(Case.reference))
    ).all()
    if not actions and not flags:
        return None
    from_name = work.session.get_one(Person, payload["from_id"]).name
    return HandedToYou(from_name, tuple(actions), tuple((reference, title) for reference, title in flags))


@dataclass(frozen=True, slots=True)
class PanelEnded:
    """A panel that has ended, and what this means for one reader."""

    panel_title: str
    had_meetings: bool  #: it had coming meetings, which are cancelled too
    references: tuple[str, ...]  #: of the cases of the reader's agency that waited there; for readers of cases there
    waiting: int  #: how many such cases there are, for a lead without a place there, without cases kept from the lead


def compose_end(work: Work, actor: Actor, panel_id: int, flag_ids: Sequence[int], meetings: int) -> PanelEnded | None:
    """Return the facts for the message that tells a member or an agency's lead that a panel has ended.

    Return None if the reader is not affected, or if the panel has begun again.
    """
    panel = work.session.get(Panel, panel_id)
    if panel is None or panel.is_active:
        return None
    found = work.session.exec(
        select(Case.reference)
        .join(Flag, col(Flag.case_id) == col(Case.id))
        .where(
            col(Flag.id).in_(list(flag_ids)),
            col(Flag.agency_id) == actor.agency_id,
            FLAGS.is_open,
            readable(actor.person_id),
        )
        .distinct()
        .order_by(col(Case.reference))
    ).all()
    roles = roles_until_end(work, panel, actor.person_id)
    counts = not roles and actor.leads_agency
    if not roles and not (counts and found):
        return None
    reads = may(Verb.READ_CASES, roles)
    return PanelEnded(panel.title, meetings > 0, tuple(found) if reads else (), len(found) if counts else 0)
