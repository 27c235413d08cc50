"""The named readers of closed items: who is made one, and when that ends."""

from collections.abc import Collection
from itertools import product

from sqlalchemy import delete
from sqlmodel import col, select

from bot.domain.permissions import Verb
from bot.models.cases import CaseReader, Flag
from bot.models.panels import Membership
from bot.models.vocabulary import FlagState
from bot.records.access.queries import carries
from bot.store.rows import add_rows
from bot.store.unit_of_work import Work


def name_readers(work: Work, case_ids: Collection[int], person_ids: Collection[int]) -> None:
    """Make people named readers of closed items; who is one already stays one."""
    named = work.find_all(CaseReader, col(CaseReader.case_id).in_(case_ids), col(CaseReader.person_id).in_(person_ids))
    wanted = set(product(case_ids, person_ids)) - {(one.case_id, one.person_id) for one in named}
    add_rows(work.session, [CaseReader(case_id=case_id, person_id=person_id) for case_id, person_id in sorted(wanted)])


def end_reading(work: Work, case_ids: Collection[int], person_id: int | None = None) -> None:
    """End one person's reading of cases, or that of every named reader."""
    theirs = () if person_id is None else (col(CaseReader.person_id) == person_id,)
    work.session.execute(delete(CaseReader).where(col(CaseReader.case_id).in_(case_ids), *theirs))


def end_readings(work: Work, person_id: int) -> None:
    """End what a person reads of closed items, except on panels where they preside."""
    presides = select(Membership.panel_id).where(col(Membership.person_id) == person_id, carries(Verb.TRIAGE, work.now))
    kept = select(Flag.case_id).where(col(Flag.panel_id).in_(presides), col(Flag.state) != FlagState.WITHDRAWN)
    theirs = col(CaseReader.person_id) == person_id
    work.session.execute(delete(CaseReader).where(theirs, col(CaseReader.case_id).not_in(kept)))
