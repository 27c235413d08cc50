"""Reminders of agencies' sharing agreements: 30 days before a review is due, once for each review."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.records.access.queries import holds_at, is_running
from bot.records.people.queries import IS_HERE, administrators
from bot.store.rows import id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

AHEAD: Final = timedelta(days=30)
_LONDON, _ENGLAND = ZoneInfo("Europe/London"), "ENG"  # an agency belongs to no panel, whose time zone could be used


@dataclass(frozen=True, slots=True)
class AgreementView:
    """An agency's sharing agreement, for a message to a co-ordinator or administrator."""

    agency_name: str
    signed_on: date | None
    review_on: date


def _due(work: Work) -> list[int]:
    """Return the ids of agencies whose sharing agreement is overdue for review, or due within 30 days.

    Agencies that people were reminded of already are left out. Outside working hours, no ids are returned.
    """
    if not within_working_hours(work.now.astimezone(_LONDON), _ENGLAND):
        return []
    review_on, told_for = col(Agency.sharing_agreement_review_on), col(Agency.sharing_review_told_for)
    query = (
        select(Agency.id)
        .where(col(Agency.is_active), review_on <= work.now.date() + AHEAD)
        .where(told_for.is_distinct_from(review_on))
        .order_by(col(Agency.id))
    )
    return [number for number in work.session.exec(query) if number is not None]


def _tell(work: Work, agency_id: int) -> int:
    """Remind people that an agency's sharing agreement must be reviewed. Return how many people were reminded.

    These are the co-ordinators of the panels to which the agency sends people, or else the administrators. Each person
    is reminded once for each review date.
    """
    agency = work.session.exec(select(Agency).where(col(Agency.id) == agency_id).with_for_update()).one()
    review_on = agency.sharing_agreement_review_on
    if review_on is None or agency.sharing_review_told_for == review_on:
        return 0
    agency.sharing_review_told_for = review_on
    work.session.add(agency)
    people = _coordinators(work, agency_id) or [id_of(person) for person in administrators(work)]
    for person_id in people:
        work.tell(
            person_id,
            Notice.AGREEMENT_REVIEW,
            once=review_on.isoformat(),
            agency_id=agency_id,
            on=review_on.isoformat(),
        )
    work.session.flush()
    return len(people)


def _coordinators(work: Work, agency_id: int) -> list[int]:
    sends = (
        select(Membership.panel_id)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Person.agency_id) == agency_id, holds_at(work.now), IS_HERE)
    )
    query = (
        select(Person.id)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Panel, col(Panel.id) == col(Membership.panel_id))
        .where(col(Membership.role) == Role.COORDINATOR, holds_at(work.now), IS_HERE)
        .where(col(Membership.panel_id).in_(sends), is_running(work))
        .distinct()
        .order_by(col(Person.id))
    )
    return [number for number in work.session.exec(query) if number is not None]


def agreement_for_notice(work: Work, actor: Actor, agency_id: int, on: str) -> AgreementView | None:
    """Return an agreement for a message about its review, or None if the message no longer applies."""
    agency = work.session.get(Agency, agency_id)
    if agency is None or agency.sharing_agreement_review_on is None:
        return None
    if agency.sharing_agreement_review_on.isoformat() != on or not agency.is_active:
        return None
    if actor.person_id not in _coordinators(work, agency_id) and not actor.is_administrator:
        return None
    return AgreementView(agency.name, agency.sharing_agreement_signed_on, agency.sharing_agreement_review_on)


AGREEMENT_REVIEWS: Final = Sweep(_due, _tell)
