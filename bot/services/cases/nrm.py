"""Referrals to the National Referral Mechanism: the day of each, the decisions on it, and the child's guardian."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.domain.language.identifiers import check_reference
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case, Flag, NrmReferral
from bot.models.vocabulary import NrmOutcome
from bot.records.access.queries import Standing, Where, find_panel, readable, today_at
from bot.records.cases.nrm import ReferralFacts, ReferralView, facts_of, is_nrm_decided, referrals_of
from bot.records.cases.queries import IS_HEARD
from bot.records.cases.references import is_meant
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class CaseReferrals:
    """The referrals of one case to the National Referral Mechanism, the oldest first."""

    case_id: int
    reference: str
    panel_key: str
    referrals: tuple[ReferralView, ...]


def referrals_to_follow(work: Work, actor: Actor, where: Where, reference: str) -> CaseReferrals:
    """Return the referrals of the case with this reference.

    Raise NotForYou if the person may not read the case, and Mistake if the panel has not decided to refer it.
    """
    reference = check_reference(reference)
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    sought = select(Case.id).where(is_meant(reference))
    return _view(work, standing, _case(work, standing, work.session.exec(sought).first(), f"case {reference}"))


def referrals_of_case(work: Work, actor: Actor, where: Where, case_id: int) -> CaseReferrals:
    """Return the referrals of the case with this id.

    Raise NotForYou if the person may not read the case, and Mistake if the panel has not decided to refer it.
    """
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    return _view(work, standing, _case(work, standing, case_id, "that case"))


def record_referral(
    work: Work, actor: Actor, where: Where, case_id: int, facts: ReferralFacts, referral_id: int | None = None
) -> CaseReferrals:
    """Record a referral of a case, or change the referral with `referral_id`.

    Raise Mistake, attached to the field at fault, if a day or outcome is missing or out of order.
    """
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    case = _case(work, standing, case_id, "that case")
    work.session.exec(select(Case.id).where(col(Case.id) == id_of(case)).with_for_update(key_share=True)).one()
    _check(work, standing, facts)
    there = work.find_all(NrmReferral, col(NrmReferral.case_id) == id_of(case))
    row = next((one for one in there if one.id == referral_id and one.panel_id == standing.panel_id), None)
    if referral_id is not None and row is None:
        raise NotForYou("that referral")
    if any(one.referred_on == facts.referred_on and one is not row for one in there):
        raise Mistake("A referral of that day is already recorded. Change that referral.", field="referred_on")
    given: dict[str, Any] = {name: getattr(facts, name) for name in ReferralFacts.__dataclass_fields__}
    by: dict[str, Any] = {"written_by_id": actor.person_id, "written_at": work.now}
    if row is None:
        work.session.add(NrmReferral(case_id=id_of(case), panel_id=standing.panel_id, **given, **by))
    elif facts_of(row) != facts:
        row.sqlmodel_update(given | by)
        work.session.add(row)
    work.session.flush()
    work.audit("nrm", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _view(work, standing, case)


def _case(work: Work, standing: Standing, case_id: int | None, noun: str) -> Case:
    """Return a case that the panel decided to refer.

    Raise NotForYou if the panel does not hear the case or the person may not read it, with the same error as for an
    unknown case. Raise Mistake if the panel has not decided to refer it.
    """
    is_heard = (col(Flag.case_id) == case_id, col(Flag.panel_id) == standing.panel_id, IS_HEARD)
    may_read = readable(standing.actor.person_id)
    found = None
    if case_id is not None and work.find(Flag, *is_heard) is not None:
        found = work.find(Case, col(Case.id) == case_id, may_read)
    if found is None:
        raise NotForYou(noun)
    if not work.session.execute(select(is_nrm_decided(id_of(found), standing.panel_id))).scalar_one():
        raise Mistake(
            f"{standing.panel.title} has not decided on an NRM referral for {found.reference}. "
            "The panel records that decision in its meeting, with `/meeting decide`."
        )
    return found


def _view(work: Work, standing: Standing, case: Case) -> CaseReferrals:
    work.saw(standing.actor.person_id, [(case.id, standing.panel_id)])
    referrals = referrals_of(work, id_of(case), [standing.panel_id])
    return CaseReferrals(id_of(case), case.reference, standing.panel.key, referrals)


def _check(work: Work, standing: Standing, facts: ReferralFacts) -> None:
    """Raise Mistake if an outcome lacks its day, a day lacks its outcome, or the days are out of order."""
    awaited = NrmOutcome.AWAITED
    for name, outcome, on in (
        ("reasonable", facts.reasonable, facts.reasonable_on),
        ("conclusive", facts.conclusive, facts.conclusive_on),
    ):
        if (outcome is awaited) != (on is None):
            raise Mistake(
                f"The decision on {name} grounds is awaited, so it has no day yet."
                if outcome is awaited
                else f"On which day was the decision on {name} grounds made?",
                field=f"{name}_on",
            )
    if facts.conclusive is not awaited and facts.reasonable is not NrmOutcome.POSITIVE:
        raise Mistake("A decision on conclusive grounds needs positive reasonable grounds first.", field="conclusive")
    before = facts.referred_on
    for field, day in (("reasonable_on", facts.reasonable_on), ("conclusive_on", facts.conclusive_on)):
        if day is not None and day < before:
            raise Mistake("That day is before the day of the earlier step. Please check both.", field=field)
        before = day or before
    today = today_at(work, standing.panel)
    for field in ("referred_on", "reasonable_on", "conclusive_on"):
        if (getattr(facts, field) or today) > today:
            raise Mistake("That day has not come yet.", field=field)
