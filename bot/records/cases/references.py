"""References of one child: which case a reference means, and which references were merged into which case."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.language.references import EXAMPLE, example_of, squeezed
from bot.domain.permissions import Actor, Verb
from bot.models.cases import AgencyReference, Case, Flag
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.records.access.queries import carries, local_time, readable
from bot.records.actions.queries import opened_or_erased
from bot.records.people.queries import names_of
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

#: Aliases for a second row of a table in one query. They are made once, since SQLAlchemy makes one from every column.
_LEADS, _NAMED, _OLD = aliased(Case), aliased(Case), aliased(Case)


@dataclass(frozen=True, slots=True)
class MergedReference:
    """A reference that leads to a case because a chair merged it into that case."""

    reference: str
    by_name: str
    panel_title: str
    on: date  #: the day by that panel's clocks
    reason: str  #: empty for people who read cases on other panels only


def is_meant(reference: str) -> ColumnElement[bool]:
    """Return the SQL condition on Case, true if the reference is the case's own or was merged into the case."""
    led_to = select(_LEADS.merged_into_id).where(
        col(_LEADS.reference) == reference, col(_LEADS.merged_into_id).is_not(None)
    )
    is_own = and_(col(Case.reference) == reference, col(Case.merged_into_id).is_(None))
    return or_(is_own, col(Case.id).in_(led_to))


def is_flagged_as(reference: str) -> ColumnElement[bool]:
    """Return the SQL condition on Flag joined with Case, true if the flagger used exactly this reference.

    Other references merged into the case don't count: people who may not read a case must not learn the child's other
    references from their own flag.
    """
    by_another = exists().where(col(_NAMED.id) == col(Flag.named_id), col(_NAMED.reference) == reference)
    return or_(and_(col(Flag.named_id).is_(None), col(Case.reference) == reference), by_another)


def references_leading_to(work: Work, case_ids: Collection[int]) -> dict[int, list[Case]]:
    """Return a dict from case id to the rows of the references merged into the case, the earliest merge first."""
    found: dict[int, list[Case]] = {}
    rows = work.find_all(Case, col(Case.merged_into_id).in_(case_ids), by=[col(Case.merged_at), col(Case.id)])
    for row in rows:
        if row.merged_into_id is not None:
            found.setdefault(row.merged_into_id, []).append(row)
    return found


def references_now(work: Work, actor: Actor, words: Collection[str]) -> dict[str, str]:
    """Return a dict from each merged reference among these words to the present reference of its case.

    A case is included only if the person may read it, and if it was flagged to a panel where they read cases.
    """
    named = col(_OLD.reference).in_([word.upper() for word in words])
    rows = work.session.execute(
        select(_OLD.reference, Case.reference)
        .join(Case, col(Case.id) == col(_OLD.merged_into_id))
        .where(named, readable(actor.person_id), _is_before_their_panel(work, actor))
        .order_by(col(_OLD.id))
    )
    found: dict[str, str] = {}
    for reference, leads_to in rows:
        found[reference] = leads_to
    return found


def reference_with_other_marks(work: Work, actor: Actor, reference: str) -> str | None:
    """Return a known reference that differs from `reference` only in hyphens or slashes, or None.

    For instance, return WEST-0012 for WEST0012. The reference must be of a case that the person may read, and that was
    flagged to a panel where they read cases.
    """
    bare = func.replace(func.replace(col(Case.reference), "-", ""), "/", "")
    is_alike = (bare == squeezed(reference), col(Case.reference) != reference)
    query = select(Case.reference).where(*is_alike, readable(actor.person_id), _is_before_their_panel(work, actor))
    return work.session.exec(query.order_by(col(Case.id))).first()


def references_ending(work: Work, actor: Actor, digits: str) -> list[str]:
    """Return the references that consist of letters followed by these digits, such as WEST-0012 for the digits 0012.

    Leading zeros may be left out: 12 finds WEST-0012 too. A case is included only if the person may read it, and if it
    was flagged to a panel where they read cases.
    """
    is_alike = (col(Case.reference).like(f"%{digits}"), col(Case.merged_into_id).is_(None))
    query = select(Case.reference).where(*is_alike, readable(actor.person_id), _is_before_their_panel(work, actor))
    found = work.session.exec(query.order_by(col(Case.reference))).all()
    return [reference for reference in found if re.fullmatch(r"[A-Z/-]*[A-Z][/-]?0*", reference.removesuffix(digits))]


def _is_before_their_panel(work: Work, actor: Actor) -> ColumnElement[bool]:
    """Return the SQL condition on Case, true if the case was flagged to a panel where the person reads cases."""
    place = table_of(Membership)
    return exists().where(
        col(Flag.case_id) == col(Case.id),
        col(Flag.panel_id) == place.c.panel_id,
        place.c.person_id == actor.person_id,
        carries(Verb.READ_CASES, work.now, place),
    )


def numbers_of_child(work: Work, case_id: int) -> list[int]:
    """Return the id of a case, followed by the ids of the references merged into it.

    All of them are needed to find audit entries, since older entries have the ids of merged references.
    """
    return [case_id, *(id_of(row) for row in references_leading_to(work, [case_id]).get(case_id, ()))]


def merged_references(work: Work, case_id: int, panel_ids: Collection[int]) -> tuple[MergedReference, ...]:
    """Return the references merged into a case. Reasons are given only for merges at the panels in `panel_ids`.

    The caller has checked that the person may read the case, and that they read cases on these panels.
    """
    rows = references_leading_to(work, [case_id]).get(case_id, [])
    if not rows:
        return ()
    names = names_of(work, Person, {row.merged_by_id for row in rows if row.merged_by_id})
    panels = {
        id_of(panel): panel for panel in work.find_all(Panel, col(Panel.id).in_([one.merged_at_id for one in rows]))
    }
    theirs = [row.merged_because for row in rows if row.merged_at_id in panel_ids]
    work.keys.fetch(work.session, theirs)
    found = []
    for row in rows:
        if row.merged_at is None or row.merged_by_id is None or row.merged_at_id is None or row.merged_because is None:
            continue
        panel = panels[row.merged_at_id]
        reason = opened_or_erased(work, row.merged_because) if row.merged_at_id in panel_ids else ""
        on = local_time(work, panel, row.merged_at).date()
        found.append(MergedReference(row.reference, names[row.merged_by_id], panel.title, on, reason))
    return tuple(found)


def own_references(work: Work, case_ids: Collection[int], agency_id: int) -> dict[int, str]:
    """Return a dict from case id to the agency's own reference for the child.

    The reference reads "(erased)" if the case's key was destroyed.
    """
    rows = work.find_all(
        AgencyReference, col(AgencyReference.case_id).in_(case_ids), col(AgencyReference.agency_id) == agency_id
    )
    work.keys.fetch(work.session, [row.reference for row in rows])
    return {row.case_id: opened_or_erased(work, row.reference) for row in rows}


def example_reference_of(work: Work, agency_id: int) -> str:
    """Return an example of the agency's references, made from the agency's pattern if there is one."""
    agency = work.session.get(Agency, agency_id)
    return example_of(agency.reference_pattern) if agency and agency.reference_pattern else EXAMPLE
