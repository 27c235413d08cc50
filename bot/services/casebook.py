"""The casebook as people read it: what is flagged to the next meeting, and a case's hearings across panels."""

from dataclasses import dataclass

from sqlmodel import col, select

from bot.domain.identifiers import check_reference
from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.people import Area
from bot.models.vocabulary import AgeBand, FlagState, LegalStatus, Urgency
from bot.store.access import Where, find_panel, panels_where, readable, readable_cases
from bot.store.agenda import LIVE_FLAGS
from bot.store.casebook import FlagView, Hearing, hearings, view_flag
from bot.store.diary import next_meeting, open_meeting
from bot.store.rows import id_of
from bot.store.tracker import ActionView, view_actions
from bot.store.unit_of_work import Work
from bot.store.withheld import as_if_new, is_beside, standing_recusal, withheld_own_flags


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """A case with every hearing, newest first, and the actions that came of them."""

    reference: str
    age_band: AgeBand
    legal_status: LegalStatus
    district: str
    hearings: tuple[Hearing, ...]
    actions: tuple[ActionView, ...]


def list_flags(work: Work, actor: Actor, where: Where) -> tuple[FlagView, ...]:
    """What is flagged to the panel's next meeting, most pressing first."""
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    meeting = open_meeting(work, standing.panel_id) or next_meeting(work, standing.panel_id)
    if meeting is None:
        return ()
    rows = work.session.execute(
        select(Flag, Case)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(
            col(Flag.meeting_id) == id_of(meeting),
            col(Flag.state).in_(LIVE_FLAGS),
            readable(actor.person_id),
        )
    ).all()
    for flag, _ in rows:
        work.audit("read", "case", flag.case_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    views = [view_flag(work, flag, case, standing.panel, meeting) for flag, case in rows]
    views += [
        as_if_new(view_flag(work, flag, case, standing.panel, meeting))
        for flag, case, flagged_to in withheld_own_flags(work, actor, standing)
        if flagged_to.id == meeting.id
    ]
    order = list(Urgency)
    return tuple(sorted(views, key=lambda v: (order.index(v.urgency), -v.risk_level.rank, v.reference)))


def case_history(work: Work, actor: Actor, reference: str) -> CaseHistory:
    """The hearings of a case that is before a panel where the person reads cases.

    Of a sister panel one learns its decisions, and only once one's own chair has accepted the case: flagging a
    reference must not open another panel's records. Withdrawn flags open nothing.
    """
    reference = check_reference(reference)
    noun = f"case {reference}"
    panels = {id_of(panel) for panel in panels_where(work, actor, Verb.READ_CASES)}
    case = work.session.exec(select(Case).where(col(Case.reference) == reference)).first()
    if case is None:
        raise NotForYou(noun)
    here = work.session.exec(
        select(Flag).where(
            col(Flag.case_id) == id_of(case),
            col(Flag.panel_id).in_(panels),
            col(Flag.state) != FlagState.WITHDRAWN,
        )
    ).all()
    kept_from_them = not readable_cases(work, actor.person_id, [id_of(case)])
    if kept_from_them:
        # They know what they flagged themselves, and nothing else.
        recused = standing_recusal(work, id_of(case), actor.person_id) is not None
        here = [flag for flag in here if flag.person_id == actor.person_id and is_beside(flag) and not recused]
    if not here:
        raise NotForYou(noun)
    work.audit("read", "case", case.id, actor_id=actor.person_id)
    heard = hearings(work, case, whole=panels)
    actions: list[ActionView] = []
    if kept_from_them:
        own = {id_of(flag) for flag in here}
        heard = tuple(Hearing(as_if_new(one.flag), None) for one in heard if one.flag.id in own)
    else:
        if not any(flag.state is FlagState.ACCEPTED for flag in here):
            heard = tuple(one for one in heard if one.flag.panel_id in panels)
        actions = view_actions(
            work, actor.person_id, col(Action.case_id) == id_of(case), col(Action.panel_id).in_(panels)
        )
    return CaseHistory(
        reference=case.reference,
        age_band=case.age_band,
        legal_status=case.legal_status,
        district=work.session.get_one(Area, case.area_id).name,
        hearings=heard,
        actions=tuple(actions),
    )


def closed_flag_for_notice(work: Work, actor: Actor, flag_id: int) -> FlagView:
    """What somebody who is no named reader said of a closed item, for the message to those who are."""
    flag = work.session.get(Flag, flag_id)
    if flag is None or not readable_cases(work, actor.person_id, [flag.case_id]):
        raise NotForYou("that flag")
    case = work.session.get_one(Case, flag.case_id)
    panel = work.session.get_one(Panel, flag.panel_id)
    return view_flag(work, flag, case, panel, work.session.get_one(Meeting, flag.meeting_id))
