"""The named readers of closed items: who is made one, who is one by chairing the panel, and when that ends."""

from collections.abc import Iterable

from sqlalchemy import delete
from sqlmodel import col, select

from bot.domain.permissions import ROLES, Verb
from bot.models.cases import Case, CaseReader, Flag
from bot.models.panels import Membership
from bot.models.vocabulary import FlagState
from bot.records.access.queries import holds_at
from bot.store.unit_of_work import Work

#: The roles that read the closed items of their panel by office: somebody there must rule on them.
READ_BY_OFFICE = ROLES[Verb.TRIAGE]


def name_readers(work: Work, case_id: int, person_ids: Iterable[int]) -> None:
    """Make people named readers of a closed item; who is one already stays one."""
    for person_id in sorted(set(person_ids)):
        if work.session.get(CaseReader, (case_id, person_id)) is None:
            work.session.add(CaseReader(case_id=case_id, person_id=person_id))
    work.session.flush()


def read_by_office(work: Work, panel_id: int, person_id: int) -> None:
    """Whoever comes to preside on a panel reads the closed items that it has, as who presided before did."""
    cases = work.session.exec(
        select(Case.id)
        .join(Flag, col(Flag.case_id) == col(Case.id))
        .where(col(Case.is_closed), col(Flag.panel_id) == panel_id, col(Flag.state) != FlagState.WITHDRAWN)
        .distinct()
    ).all()
    for case_id in cases:
        if case_id is not None:
            name_readers(work, case_id, [person_id])
            work.audit("name_reader", "case", case_id, panel_id=panel_id)


def end_readings(work: Work, person_id: int) -> None:
    """Somebody who left, or works for another agency, reads closed items only where they preside."""
    work.session.flush()
    work.session.execute(delete(CaseReader).where(col(CaseReader.person_id) == person_id))
    presides = select(Membership.panel_id).where(
        col(Membership.person_id) == person_id, col(Membership.role).in_(sorted(READ_BY_OFFICE)), holds_at(work.now)
    )
    for panel_id in work.session.exec(presides).all():
        read_by_office(work, panel_id, person_id)
