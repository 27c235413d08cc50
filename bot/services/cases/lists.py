"""Lists of cases: the flags to the next meeting, and the history of one case on all panels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.language.identifiers import check_reference
from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.people import Area
from bot.models.vocabulary import FlagState, MeetingState
from bot.records.access.queries import Where, find_panel, panels_where, readable, readable_cases
from bot.records.actions.queries import ActionView, count_actions, view_actions
from bot.records.cases.edits import edits_of
from bot.records.cases.nrm import ReferralView, referrals_of
from bot.records.cases.order import most_pressing
from bot.records.cases.origins import sent_from, sent_to
from bot.records.cases.queries import (
    FlagView,
    Hearing,
    as_if_new,
    count_hearings,
    hearings_of_each,
    is_own_withheld,
    needs_triage,
    standing_recusal,
    view_flag,
    view_flags,
)
from bot.records.cases.references import MergedReference, is_meant, merged_references
from bot.records.cases.withdrawals import withdrawals_of
from bot.records.diary.queries import is_coming, open_or_next
from bot.store.rows import WHOLE, Page, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FlagList:
    """One page of the flags to a meeting."""

    flags: tuple[FlagView, ...]
    count: int = 0  #: of all pages
    unassessed: int = 0  #: of them
    first: int = 0  #: where the page begins, from 0
    panel_key: str = ""
    may_triage: bool = False  #: the reader triages them, and may change the answer to accepted ones


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """One page of a case's history: its hearings, newest first, and then its actions."""

    reference: str
    district: str  #: the responsible one; empty until the reader's own chair has accepted the case
    hearings: tuple[Hearing, ...]
    actions: tuple[ActionView, ...]
    referrals: tuple[ReferralView, ...]  #: to the National Referral Mechanism
    count: int  #: the number of hearings and actions, on all pages
    first: int  #: where the page begins, from 0
    merged: tuple[MergedReference, ...] = ()  #: references that lead to it
    edited_at: str = ""  #: the key of a panel where the reader's agency may still change its flag


def list_flags(work: Work, actor: Actor, where: Where, page: Page = WHOLE) -> FlagList:
    """Return one page of the flags to the panel's next meeting, most pressing first.

    The agencies' own words are left out.
    """
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    panel, meeting = standing.panel, open_or_next(work, [standing.panel_id], for_cases=True).get(standing.panel_id)
    if meeting is None:
        return FlagList(())
    is_withheld = is_own_withheld(actor)
    there = (
        col(Flag.meeting_id) == id_of(meeting),
        or_(col(Flag.state).in_(LIVE_STATES) & readable(actor.person_id), is_withheld),
    )
    flagged = select(Flag, Case).add_columns(is_withheld).join(Case, col(Case.id) == col(Flag.case_id)).where(*there)
    counted = (
        select(func.count(), func.count(col(Flag.assessment_due_on)))
        .select_from(Flag)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(*there)
    )
    count, unassessed = work.session.execute(counted).one()
    page = page.within(count)
    rows = work.session.execute(
        page.of(flagged.order_by(*most_pressing(work, panel, meeting, withheld=is_withheld)))
    ).all()
    work.saw(actor.person_id, ((flag.case_id, flag.panel_id) for flag, _, withheld in rows if not withheld))
    views = view_flags(work, [(flag, case, panel, meeting) for flag, case, _ in rows], with_words=False)
    shown = (as_if_new(view) if row[2] else _unmarked(actor, view) for view, row in zip(views, rows, strict=True))
    may_triage = standing.may(Verb.TRIAGE) and meeting.state is MeetingState.SCHEDULED
    return FlagList(tuple(shown), count, unassessed, page.first, panel.key, may_triage)


def case_history(work: Work, actor: Actor, reference: str, page: Page = WHOLE) -> CaseHistory:
    """Return a case's history, if the case is before a panel where the person may read cases.

    Another panel's hearings are shown only if a chair of one of the reader's panels has accepted the case, or if one of
    the two panels sent the case to the other. Otherwise anyone could open another panel's records by flagging a case.
    The district is shown only after a chair has accepted the case. A withdrawn flag is listed with its reason, but
    gives no access.
    """
    reference = check_reference(reference)
    noun = f"case {reference}"
    keys = {id_of(panel): panel.key for panel in panels_where(work, actor, Verb.READ_CASES)}
    panels = set(keys)
    case = work.session.exec(select(Case).where(is_meant(reference))).first()
    if case is None:
        raise NotForYou(noun)
    every = work.find_all(Flag, col(Flag.case_id) == id_of(case), col(Flag.panel_id).in_(panels))
    here = [flag for flag in every if flag.state is not FlagState.WITHDRAWN]
    taken_back = [flag for flag in every if flag.state is FlagState.WITHDRAWN]
    kept_from_them = not readable_cases(work, actor.person_id, [id_of(case)])
    if kept_from_them:
        # The person sees only what they flagged themselves.
        recused = standing_recusal(work, id_of(case), actor.person_id) is not None
        named_id = None if case.reference == reference else _number_of(work, reference)
        theirs_alone = (actor.person_id, named_id, None)
        own = [flag for flag in every if (flag.person_id, flag.named_id, flag.origin_id) == theirs_alone]
        here = [] if recused else [flag for flag in own if flag in here and (flag.triage_reason or needs_triage(flag))]
        taken_back = [flag for flag in own if flag in taken_back]
    if not here:
        raise NotForYou(noun)
    work.audit("read", "case", case.id, actor_id=actor.person_id)
    is_accepted = any(flag.state is FlagState.ACCEPTED for flag in here)
    theirs: list[ColumnElement[bool]] = []
    if kept_from_them:
        theirs.append(col(Flag.id).in_([flag.id for flag in (*here, *taken_back)]))
    elif not is_accepted:
        theirs.append(or_(col(Flag.panel_id).in_(panels), sent_to(panels), sent_from(panels)))
    of_case = (col(Action.case_id) == id_of(case), col(Action.panel_id).in_(panels))
    heard = count_hearings(work, case, whole=panels, conditions=theirs)
    given = 0 if kept_from_them else count_actions(work, actor.person_id, *of_case)
    page = page.within(heard + given)
    numbers = [id_of(case)]
    put = hearings_of_each(work, numbers, whole=panels, conditions=theirs, page=page, withdrawn=True)
    found = put.get(id_of(case), ())
    actions: list[ActionView] = []
    if given:
        most = None if page.most is None else page.most - len(found)
        rest = Page(max(0, page.first - heard), most)
        actions = view_actions(work, actor.person_id, *of_case, page=rest)
    if kept_from_them:
        told = {id_of(flag): flag.state for flag in here if flag.triage_reason}
        told |= {id_of(flag): FlagState.WITHDRAWN for flag in taken_back}
        found = tuple(Hearing(as_if_new(one.flag, told.get(one.flag.id, FlagState.OPEN)), ()) for one in found)
    # For a panel whose hearings are kept from this reader, only its decisions are shown.
    edits = edits_of(work, {one.flag.id: one.flag for one in found if one.flag.facts.judgement})
    withdrawals = withdrawals_of(work, [one.flag.id for one in found if one.flag.state is FlagState.WITHDRAWN])
    found = tuple(
        replace(
            one,
            flag=_unmarked(actor, one.flag),
            edits=edits.get(one.flag.id, ()),
            withdrawal=withdrawals.get(one.flag.id),
        )
        for one in found
    )
    return CaseHistory(
        reference=reference if kept_from_them else case.reference,
        merged=() if kept_from_them else merged_references(work, id_of(case), panels),
        district=work.session.get_one(Area, case.area_id).name if is_accepted else "",
        hearings=found,
        actions=tuple(actions),
        referrals=() if kept_from_them else referrals_of(work, id_of(case), None if is_accepted else panels),
        count=heard + given,
        first=page.first,
        edited_at=next((keys[panel_id] for panel_id in _panels_to_edit_at(work, actor, here)), ""),
    )


def _number_of(work: Work, reference: str) -> int:
    """Return the id of the row for a reference that was merged into another case."""
    return id_of(work.session.exec(select(Case).where(col(Case.reference) == reference)).one())


def _panels_to_edit_at(work: Work, actor: Actor, flags: Sequence[Flag]) -> list[int]:
    """Return the ids of panels where the person's agency may still correct one of these flags.

    A flag can be corrected until the chair accepts the case or the meeting begins.
    """
    accepted = {flag.meeting_id for flag in flags if flag.state is FlagState.ACCEPTED}
    own = [
        flag
        for flag in flags
        if flag.agency_id == actor.agency_id
        and needs_triage(flag)
        and not flag.triage_reason
        and flag.origin_id is None
        and flag.meeting_id not in accepted
    ]
    if not own:
        return []
    is_one = (col(Meeting.id).in_({flag.meeting_id for flag in own}), is_coming(work))
    coming = set(work.session.exec(select(Meeting.id).where(*is_one)))
    return [flag.panel_id for flag in own if flag.meeting_id in coming]


def _unmarked(actor: Actor, view: FlagView) -> FlagView:
    """Return the flag's view. If the reader presents the flag, `is_closed_item` is False until a chair accepts it.

    Otherwise a flagger who ticks "closed" could tell whether the case was a closed item before. If a decision brought
    the case back, or a panel sent it on, `is_closed_item` stays as it is, as on the agenda.
    """
    is_ruled_on = view.state is FlagState.ACCEPTED or view.origin.decided or view.origin.sent_on is not None
    shows_it = is_ruled_on or view.presenter_id != actor.person_id
    return replace(view, is_closed_item=view.is_closed_item and bool(shows_it))


def closed_flag_for_notice(work: Work, actor: Actor, flag_id: int) -> FlagView:
    """Return a flag for the message to the readers of its closed item.

    The person who made the flag may not read the item.
    """
    flag = work.session.get(Flag, flag_id)
    if flag is None or not readable_cases(work, actor.person_id, [flag.case_id]):
        raise NotForYou("that flag")
    return view_flag(work, flag)
