"""Referrals to the National Referral Mechanism as people see them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, true
from sqlmodel import col

from bot.models.cases import Flag, NrmReferral
from bot.models.meetings import AgendaItem, Decision
from bot.models.vocabulary import DecisionKind, FirstResponder, GuardianOffer, NrmOutcome, NrmRoute
from bot.records.cases.decisions import IS_DECIDED
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """What is recorded about one referral: its day, first responder and route, and the decisions made on it."""

    referred_on: date
    organisation: FirstResponder
    route: NrmRoute
    reasonable: NrmOutcome = NrmOutcome.AWAITED
    reasonable_on: date | None = None
    conclusive: NrmOutcome = NrmOutcome.AWAITED
    conclusive_on: date | None = None
    guardian: GuardianOffer | None = None  #: none: not recorded yet


@dataclass(frozen=True, slots=True)
class ReferralView:
    """One referral, with the id of its row."""

    id: int
    facts: ReferralFacts


def referrals_of(work: Work, case_id: int, panel_ids: Collection[int] | None = None) -> tuple[ReferralView, ...]:
    """Return the referrals of a case, the oldest first. With `panel_ids`, only those recorded on these panels.

    The caller has checked that the reader may see the case, and what other panels decided about it.
    """
    of_panel = true() if panel_ids is None else col(NrmReferral.panel_id).in_(panel_ids)
    rows = work.find_all(NrmReferral, col(NrmReferral.case_id) == case_id, of_panel, by=[col(NrmReferral.referred_on)])
    return tuple(ReferralView(id_of(row), facts_of(row)) for row in rows)


def facts_of(row: NrmReferral) -> ReferralFacts:
    """Return the facts that a referral's row records."""
    return ReferralFacts(**{name: getattr(row, name) for name in ReferralFacts.__dataclass_fields__})


def is_nrm_decided(case_id: int, panel_id: int) -> ColumnElement[bool]:
    """Return the SQL condition, true if the panel decided to refer the case to the NRM and the decision is in force."""
    return exists().where(
        col(Flag.case_id) == case_id,
        col(Flag.panel_id) == panel_id,
        col(AgendaItem.flag_id) == col(Flag.id),
        IS_DECIDED,
        col(Decision.kind) == DecisionKind.NRM,
    )
