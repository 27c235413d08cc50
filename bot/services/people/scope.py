"""Who may manage whom, and finding the person who is meant."""

from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.records.access.queries import is_to_hold, panels_where
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

NOT_A_MANAGER = "People are looked after by their panel's co-ordinator and by administrators. Ask one of them."


def managed_panels(work: Work, actor: Actor) -> list[Panel]:
    """The panels whose people somebody manages. Raises NotAllowed when there are none."""
    panels = panels_where(work, actor, Verb.MANAGE_PEOPLE)
    if not panels and not actor.is_administrator:
        raise NotAllowed(NOT_A_MANAGER)
    return panels


def require_over(work: Work, actor: Actor, person: Person) -> None:
    """What concerns somebody everywhere is an administrator's; a co-ordinator's when all their places are theirs.

    Of somebody who left, those that ended with it. Raises NotAllowed otherwise.
    """
    theirs = {id_of(panel) for panel in managed_panels(work, actor)}
    if actor.is_administrator:
        return
    counts = is_to_hold(work.now) if person.left_at is None else col(Membership.ended_at) == person.left_at
    sits_on = set(
        work.session.exec(select(Membership.panel_id).where(col(Membership.person_id) == id_of(person), counts))
    )
    if person.is_administrator or not sits_on or not sits_on <= theirs:
        instead = (
            " What you can do: `/people end` takes somebody off the panels that you co-ordinate."
            if person.left_at is None
            else ""
        )
        raise NotAllowed(f"Only an administrator can do this for {person.name}.{instead}")


def find_person(work: Work, actor: Actor, user_id: str, *, field: str | None = None) -> Person:
    """The enrolled person behind a mention. Raises Mistake when nobody enrolled them, or they left."""
    person = ever_enrolled(work, actor, user_id)
    if person is None:
        raise Mistake(f"<@{user_id}> is not enrolled. `/people enrol` adds somebody.", field=field)
    require_here(person, field=field)
    return person


def require_here(person: Person, *, field: str | None = None) -> None:
    """Raises Mistake for somebody who has left, be it just now."""
    if person.left_at is not None:
        raise Mistake(f"{person.name} has left. `/people return` brings somebody back.", field=field)


def ever_enrolled(work: Work, actor: Actor, user_id: str) -> Person | None:
    """The person behind a mention, also one who left; those of one's own workspace first."""
    found = work.session.exec(select(Person).where(col(Person.user_id) == user_id).order_by(col(Person.id))).all()
    return next((person for person in found if person.team_id == actor.team_id), found[0] if found else None)


def find_agency(work: Work, agency_id: int, *, field: str = "agency") -> Agency:
    """An agency by its number in a form. Raises Mistake when it has ended meanwhile."""
    agency = work.session.get(Agency, agency_id)
    if agency is None or not agency.is_active:
        raise Mistake("That agency is no longer there. Choose another.", field=field)
    return agency


def active_agencies(work: Work) -> list[Agency]:
    """Every agency that sends people, by name."""
    return list(work.session.exec(select(Agency).where(col(Agency.is_active)).order_by(col(Agency.name))))


def lead_of(work: Work, agency_id: int) -> Person | None:
    """Who leads the agency."""
    return work.session.exec(
        select(Person).where(
            col(Person.agency_id) == agency_id, col(Person.leads_agency), col(Person.left_at).is_(None)
        )
    ).first()
