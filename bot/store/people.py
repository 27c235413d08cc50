"""Named queries about people: by their Slack account, by their place on a panel, and who stands in for whom."""

from collections.abc import Collection

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.permissions import ROLES, Verb
from bot.models.panels import Membership
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.store.unit_of_work import Work


def person_by_account(work: Work, team_id: str, user_id: str) -> Person | None:
    """The enrolled person with this Slack account, unless they left."""
    return work.session.exec(
        select(Person).where(
            col(Person.team_id) == team_id, col(Person.user_id) == user_id, col(Person.left_at).is_(None)
        )
    ).first()


def members(work: Work, panel_id: int, roles: Collection[Role]) -> list[Person]:
    """Everybody who now holds one of the roles on the panel, by name; each once."""
    query = (
        select(Person)
        .where(
            col(Person.left_at).is_(None),
            col(Person.id).in_(
                select(Membership.person_id).where(
                    col(Membership.panel_id) == panel_id,
                    col(Membership.ended_at).is_(None),
                    col(Membership.role).in_(sorted(roles)),
                )
            ),
        )
        .order_by(col(Person.name))
    )
    return list(work.session.exec(query))


def members_who_may(work: Work, panel_id: int, verb: Verb) -> list[Person]:
    """Everybody whose role on the panel carries the verb, by name."""
    return members(work, panel_id, ROLES[verb])


def is_member_who_may(work: Work, panel_id: int, person_id: int, verb: Verb) -> bool:
    """Whether this person's role on the panel carries the verb."""
    count = work.session.exec(
        select(func.count())
        .select_from(Membership)
        .where(
            col(Membership.panel_id) == panel_id,
            col(Membership.person_id) == person_id,
            col(Membership.ended_at).is_(None),
            col(Membership.role).in_(sorted(ROLES[verb])),
        )
    ).one()
    return count > 0


def deputy_or_lead(work: Work, panel_id: int, holder_id: int, agency_id: int) -> Person | None:
    """Who is told when a holder does not answer: their deputy on this panel, else the agency's lead on it."""
    deputy = work.session.exec(
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.panel_id) == panel_id,
            col(Membership.deputy_for_id) == holder_id,
            col(Membership.ended_at).is_(None),
            col(Person.left_at).is_(None),
        )
        .order_by(col(Person.id))
    ).first()
    if deputy is not None:
        return deputy
    lead = work.session.exec(
        select(Person).where(
            col(Person.agency_id) == agency_id,
            col(Person.leads_agency),
            col(Person.left_at).is_(None),
            col(Person.id) != holder_id,
        )
    ).first()
    if lead is None or lead.id is None or not is_member_who_may(work, panel_id, lead.id, Verb.SEE_ACTIONS):
        return None
    return lead


def agency_of(work: Work, agency_id: int) -> Agency:
    """The agency with this id."""
    return work.session.get_one(Agency, agency_id)
