"""The people who have read a case, for the chair of a panel that hears it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_
from sqlmodel import col, select

from bot.domain.permissions import Actor
from bot.models.bookkeeping import AuditEntry
from bot.models.people import Agency, Person
from bot.records.access.queries import Where, is_about_case, local_time
from bot.records.cases.before_panel import case_of_chair
from bot.records.cases.references import numbers_of_child
from bot.store.rows import WHOLE, Page, id_of
from bot.store.unit_of_work import Work

_ONLY_A_CHAIR = (
    "Only the chair or the vice-chair of a panel that hears a case can see who has read it. If you think that a "
    "person can read what they shouldn't, tell your chair."
)


@dataclass(frozen=True, slots=True)
class CaseReading:
    """One person who has read a case, with how often and when last."""

    name: str
    agency_name: str
    times: int
    last_at: datetime  #: the panel's own time
    has_left: bool


@dataclass(frozen=True, slots=True)
class CaseReadings:
    """One page of the people who have read a case, the latest reader first."""

    reference: str
    panel_key: str
    people: tuple[CaseReading, ...]
    count: int  #: on all pages
    first: int  #: where the page begins, from 0


def who_has_read(work: Work, actor: Actor, where: Where, reference: str, page: Page = WHOLE) -> CaseReadings:
    """Return the people who were shown any part of a case.

    Lists, Home, files, agendas, minutes and the case's history count. Several things shown at one moment count once.
    Raise NotAllowed for people who chair no panel that hears the case.
    """
    standing, case = case_of_chair(work, actor, where, reference, _ONLY_A_CHAIR)
    is_about = or_(*map(is_about_case, numbers_of_child(work, id_of(case))))
    read = (is_about, col(AuditEntry.verb) == "read", col(AuditEntry.outcome) == "done")
    readers = select(func.count(func.distinct(AuditEntry.actor_id))).where(*read)
    count: int = work.session.execute(readers).scalar_one()
    page = page.within(count)
    last = func.max(AuditEntry.at)
    query = (
        select(Person, Agency.name)
        .add_columns(func.count(func.distinct(AuditEntry.at)), last)
        .join(AuditEntry, col(AuditEntry.actor_id) == col(Person.id))
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(*read)
        .group_by(col(Person.id), col(Agency.name))
        .order_by(last.desc(), col(Person.id))
    )
    found = work.session.execute(page.of(query)).all()
    work.audit("list", "audit", panel_id=standing.panel_id, actor_id=actor.person_id, case_id=id_of(case))
    people = tuple(
        CaseReading(person.name, agency, times, local_time(work, standing.panel, at), person.left_at is not None)
        for person, agency, times, at in found
    )
    return CaseReadings(case.reference, standing.panel.key, people, count, page.first)
