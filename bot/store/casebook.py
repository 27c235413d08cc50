"""Flags and hearings as people see them: one query's rows turned into one frozen view, everywhere alike."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import col, select

from bot.domain.risk import is_repeat, is_stale
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import (
    AgeBand,
    CloseReason,
    DecisionKind,
    FlagState,
    ItemState,
    LegalStatus,
    RiskLevel,
    RiskTool,
    Theme,
    Urgency,
)
from bot.store.diary import local_time
from bot.store.rows import id_of
from bot.store.tracker import opened_or_erased
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FlagView:
    """One flag as a reader sees it, with what was known of the case that day."""

    id: int
    case_id: int
    reference: str
    state: FlagState
    urgency: Urgency
    is_late: bool
    is_escalated: bool
    is_repeat: bool  #: heard by this or a sister panel within the definition's months
    is_stale: bool  #: the assessment, on the day of the meeting
    is_closed_item: bool
    age_band: AgeBand
    legal_status: LegalStatus
    risk_tool: RiskTool
    risk_level: RiskLevel
    score: int | None
    assessed_on: date
    themes: tuple[Theme, ...]
    missing_episodes: int
    interviews_offered: int
    interviews_within_72h: int
    agency_name: str
    presenter_id: int
    presenter_name: str
    flagged_at: datetime
    panel_id: int
    panel_key: str
    panel_title: str
    meeting_id: int
    meeting_at: datetime  #: the panel's own time
    judgement: str
    asked_of_panel: str
    last_heard_on: date | None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What a panel decided about an item, and why."""

    kind: DecisionKind
    rationale: str
    review_on: date | None
    close_reason: CloseReason | None
    risk_before: RiskLevel | None
    risk_after: RiskLevel | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Hearing:
    """One time a case was put to a panel, and what came of it."""

    flag: FlagView
    decision: DecisionView | None


def view_flag(work: Work, flag: Flag, case: Case, panel: Panel, meeting: Meeting) -> FlagView:
    """One flag; the caller has checked that the reader may see the case."""
    definition = work.definition(panel.definition)
    meeting_at = local_time(work, panel, meeting.starts_at)
    heard = last_heard_on(work, case, meeting)
    return FlagView(
        id=id_of(flag),
        case_id=id_of(case),
        reference=case.reference,
        state=flag.state,
        urgency=flag.urgency,
        is_late=flag.is_late,
        is_escalated=flag.is_escalated,
        is_repeat=is_repeat(heard, meeting_at.date(), definition.repeat_within_months),
        is_stale=is_stale(flag.assessed_on, meeting_at.date(), definition.stale_after_months),
        is_closed_item=case.is_closed,
        age_band=case.age_band,
        legal_status=case.legal_status,
        risk_tool=flag.risk_tool,
        risk_level=flag.risk_level,
        score=flag.score,
        assessed_on=flag.assessed_on,
        themes=tuple(Theme(theme) for theme in flag.themes),
        missing_episodes=flag.missing_episodes,
        interviews_offered=flag.interviews_offered,
        interviews_within_72h=flag.interviews_within_72h,
        agency_name=work.session.get_one(Agency, flag.agency_id).name,
        presenter_id=flag.person_id,
        presenter_name=work.session.get_one(Person, flag.person_id).name,
        flagged_at=flag.flagged_at,
        panel_id=id_of(panel),
        panel_key=panel.key,
        panel_title=panel.title,
        meeting_id=id_of(meeting),
        meeting_at=meeting_at,
        judgement=opened_or_erased(work, flag.judgement),
        asked_of_panel=opened_or_erased(work, flag.asked_of_panel),
        last_heard_on=heard,
    )


def last_heard_on(work: Work, case: Case, before: Meeting) -> date | None:
    """The day on which any panel last discussed the case before this meeting."""
    starts_at = work.session.exec(
        select(Meeting.starts_at)
        .join(AgendaItem, col(AgendaItem.meeting_id) == col(Meeting.id))
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id))
        .where(
            col(Flag.case_id) == id_of(case),
            col(AgendaItem.state) == ItemState.DISCUSSED,
            col(Meeting.starts_at) < before.starts_at,
        )
        .order_by(col(Meeting.starts_at).desc())
    ).first()
    return starts_at.date() if starts_at else None


def standing_decision(work: Work, item_id: int) -> DecisionView | None:
    """The decision that stands for an agenda item, unless none was made or it was undone."""
    decision = work.session.exec(
        select(Decision).where(col(Decision.item_id) == item_id, col(Decision.undone_at).is_(None))
    ).first()
    if decision is None:
        return None
    return DecisionView(
        kind=decision.kind,
        rationale=opened_or_erased(work, decision.rationale),
        review_on=decision.review_on,
        close_reason=decision.close_reason,
        risk_before=decision.risk_before,
        risk_after=decision.risk_after,
        decided_at=decision.decided_at,
    )


def hearings(
    work: Work, case: Case, before: Meeting | None = None, *, whole: Collection[int] = ()
) -> tuple[Hearing, ...]:
    """Every time the case was put to a panel, newest first; before one meeting when that is given.

    `whole` names the panels whose words the reader may have (with `before`, that meeting's own): of a sister panel
    one learns when it heard the case and what it decided, not what was said there.
    """
    own = {*whole, before.panel_id} if before is not None else set(whole)
    query = (
        select(Flag, Panel, Meeting, AgendaItem)
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id), isouter=True)
        .where(col(Flag.case_id) == id_of(case), col(Flag.state) != FlagState.WITHDRAWN)
        .order_by(col(Meeting.starts_at).desc(), col(Flag.id).desc())
    )
    if before is not None:
        query = query.where(col(Meeting.starts_at) < before.starts_at)
    found = []
    for flag, panel, meeting, item in work.session.execute(query):
        hearing = Hearing(
            flag=view_flag(work, flag, case, panel, meeting),
            decision=standing_decision(work, id_of(item)) if item is not None else None,
        )
        if flag.panel_id in own:
            found.append(hearing)
        elif hearing.decision is not None:
            found.append(_outline(hearing))
    return tuple(found)


def _outline(hearing: Hearing) -> Hearing:
    """A sister panel's hearing: that it was and what it decided, without anybody's words."""
    flag = replace(hearing.flag, judgement="", asked_of_panel="")
    return Hearing(flag, replace(hearing.decision, rationale="") if hearing.decision else None)
