"""The named readers of closed items: who is made one, who is one by chairing the panel, and when that ends."""

from collections.abc import Collection
from itertools import product

from sqlalchemy import delete
from sqlmodel import col, select

from bot.domain.permissions import ROLES, Verb
from bot.models.cases import Case, CaseReader, Flag
from bot.models.panels import Membership
from bot.models.vocabulary import FlagState
from bot.records.access.queries import carries
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work

#: The roles that read the closed items of their panel by office: somebody there must rule on them.
READ_BY_OFFICE = ROLES[Verb.TRIAGE]


def name_readers(work: Work, case_ids: Collection[int], person_ids: Collection[int]) -> None:
    """Make people named readers of closed items; who is one already stays one."""
    named = work.find_all(CaseReader, col(CaseReader.case_id).in_(case_ids), col(CaseReader.person_id).in_(person_ids))
    wanted = set(product(case_ids, person_ids)) - {(one.case_id, one.person_id) for one in named}
    add_rows(work.session, [CaseReader(case_id=case_id, person_id=person_id) for case_id, person_id in sorted(wanted)])


def end_reading(work: Work, case_id: int, person_id: int | None = None) -> None:
    """End one person's reading of a case, or that of every named reader."""
    theirs = () if person_id is None else (col(CaseReader.person_id) == person_id,)
    work.session.execute(delete(CaseReader).where(col(CaseReader.case_id) == case_id, *theirs))


def read_by_office(work: Work, panel_id: int, person_id: int) -> None:
    """Whoever comes to preside on a panel reads the closed items that it has, as who presided before did."""
    flagged = select(Flag.case_id).where(col(Flag.panel_id) == panel_id, col(Flag.state) != FlagState.WITHDRAWN)
    cases = [id_of(case) for case in work.find_all(Case, col(Case.is_closed), col(Case.id).in_(flagged))]
    if cases:
        name_readers(work, cases, [person_id])
    for case_id in cases:
        work.audit("name_reader", "case", case_id, panel_id=panel_id)


def end_readings(work: Work, person_id: int) -> None:
    """Somebody who left, or works for another agency, reads closed items only where they preside."""
    work.session.execute(delete(CaseReader).where(col(CaseReader.person_id) == person_id))
    for place in work.find_all(Membership, col(Membership.person_id) == person_id, carries(Verb.TRIAGE, work.now)):
        read_by_office(work, place.panel_id, person_id)
