"""Referrals to the National Referral Mechanism as people see them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, exists, true
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from bot.domain.deadlines import add_working_days
from bot.models.cases import Flag, NrmReferral
from bot.models.meetings import AgendaItem, Decision
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind, FirstResponder, GuardianOffer, NrmOutcome, NrmRoute
from bot.records.cases.decisions import IS_DECIDED
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: Working days after a referral to the Single Competent Authority, when its decision on reasonable grounds is due.
AUTHORITY_DECIDES_WITHIN: Final = 5
#: After a referral to a pilot panel, when its decision on reasonable grounds is due.
PILOT_DECIDES_WITHIN: Final = timedelta(days=45)
#: After positive reasonable grounds, when a decision on conclusive grounds can first be made.
CONCLUDED_AFTER: Final = timedelta(days=30)


class Grounds(StrEnum):
    """The two decisions on a referral. Reasonable grounds are decided first, then conclusive grounds."""

    REASONABLE = "reasonable"
    CONCLUSIVE = "conclusive"


@dataclass(frozen=True, slots=True)
class AwaitedGrounds:
    """The decision that a referral awaits, when the wait began, and the day on which the decision is due."""

    grounds: Grounds
    since: date  #: of the referral, or of the positive decision on reasonable grounds
    due_on: date  #: conclusive grounds are not decided before


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
    """One referral, with the id of its row, and the decision that it awaits (None if it awaits none)."""

    id: int
    facts: ReferralFacts
    awaited: AwaitedGrounds | None


def referrals_of(work: Work, case_id: int, panel_ids: Collection[int] | None = None) -> tuple[ReferralView, ...]:
    """Return the referrals of a case, the oldest first. With `panel_ids`, only those recorded on these panels.

    The caller has checked that the reader may see the case, and what other panels decided about it.
    """
    of_panel = true() if panel_ids is None else col(NrmReferral.panel_id).in_(panel_ids)
    rows = work.session.execute(
        select(NrmReferral, Panel)
        .join(Panel, col(Panel.id) == col(NrmReferral.panel_id))
        .where(col(NrmReferral.case_id) == case_id, of_panel)
        .order_by(col(NrmReferral.referred_on))
    )
    return tuple(ReferralView(id_of(row), facts_of(row), awaited_by(work, row, panel)) for row, panel in rows)


def awaited_by(work: Work, row: NrmReferral, panel: Panel) -> AwaitedGrounds | None:
    """Return the decision for which a referral of this panel is waiting, or None if no decision is outstanding."""
    if row.reasonable is NrmOutcome.AWAITED:
        due_on = row.referred_on + PILOT_DECIDES_WITHIN
        if row.route is NrmRoute.AUTHORITY:
            definition = work.definitions.get(
                panel.definition
            )  # None if this panel has no definition now, while another panel shows the referral
            subdivision = "ENG" if definition is None else definition.bank_holiday_subdivision
            due_on = add_working_days(row.referred_on, AUTHORITY_DECIDES_WITHIN, subdivision)
        return AwaitedGrounds(Grounds.REASONABLE, row.referred_on, due_on)
    is_concluded = row.reasonable is not NrmOutcome.POSITIVE or row.conclusive is not NrmOutcome.AWAITED
    if is_concluded or row.reasonable_on is None:
        return None
    return AwaitedGrounds(Grounds.CONCLUSIVE, row.reasonable_on, row.reasonable_on + CONCLUDED_AFTER)


def facts_of(row: NrmReferral) -> ReferralFacts:
    """Return the facts that a referral's row records."""
    return ReferralFacts(**{name: getattr(row, name) for name in ReferralFacts.__dataclass_fields__})


def is_nrm_decided(case_id: int | Mapped[int], panel_id: int | Mapped[int]) -> ColumnElement[bool]:
    """Return the SQL condition, true if the panel decided to refer the case to the NRM and the decision is in force."""
    return exists().where(
        col(Flag.case_id) == case_id,
        col(Flag.panel_id) == panel_id,
        col(AgendaItem.flag_id) == col(Flag.id),
        IS_DECIDED,
        col(Decision.kind) == DecisionKind.NRM,
    )
