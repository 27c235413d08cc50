"""Risk assessments that were still to be made when a case was flagged: asked for on the day they are due, and added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.domain.case_facts import ASSESSMENT, accept_assessment
from bot.domain.deadlines import add_working_days
from bot.domain.flag_state import LIVE_STATES
from bot.domain.language.identifiers import check_reference
from bot.domain.notices import Notice
from bot.domain.permissions import ROLES, Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.vocabulary import MeetingState, PromptKind
from bot.records.access.queries import (
    Where,
    find_panel,
    holds_at,
    is_running,
    local_time,
    readable,
    require_flag,
    standing_on,
    today_at,
)
from bot.records.cases.queries import FlagView, view_flag, view_flags
from bot.records.diary.queries import lock_diary
from bot.records.invitations.audiences import at_work, still_to_hear
from bot.records.invitations.changes import Telling, sweep_of
from bot.records.invitations.queries import Due
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: Working days after an assessment was due, on which its panel's chair hears too: as of an action that is overdue.
CHAIR_AFTER: Final = 5
_A_DAY_AHEAD = timedelta(days=1)  # a panel's own day may be ahead of UTC's


@dataclass(frozen=True, slots=True)
class AssessmentPrompt:
    """The assessments for one meeting that one person is reminded of."""

    panel_title: str
    meeting_at: datetime
    own: tuple[FlagView, ...]  #: of the cases that they present
    others: tuple[FlagView, ...]  #: long overdue, of the cases that others present to a chair


def flag_to_assess(work: Work, actor: Actor, where: Where, reference: str) -> FlagView:
    """Return the flag of a case that waits for its assessment. Raises NotForYou, and Mistake where none waits."""
    standing = find_panel(work, actor, where, Verb.FLAG)
    reference = check_reference(reference)
    flags = work.session.exec(
        select(Flag)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(
            col(Flag.panel_id) == standing.panel_id,
            col(Case.reference) == reference,
            col(Flag.state).in_(LIVE_STATES),
            readable(actor.person_id),
        )
        .order_by(col(Flag.id).desc())
    ).all()
    if not flags:
        raise NotForYou(f"a flag for {reference}")
    return assessment_to_add(work, actor, id_of(flags[0]))


def assessment_to_add(work: Work, actor: Actor, flag_id: int) -> FlagView:
    """Return a flag that waits for its assessment. Raises NotForYou, and Mistake where it does not wait any longer."""
    standing, flag, case = require_flag(work, actor, flag_id, Verb.FLAG)
    if flag.agency_id != actor.agency_id and not standing.may(Verb.COMPILE):
        raise NotAllowed("Another agency flagged this case; it adds the assessment.")
    meeting = work.session.get_one(Meeting, flag.meeting_id)
    if flag.assessed_on is not None:
        raise Mistake(f"{case.reference} has its assessment already.")
    if flag.state not in LIVE_STATES or meeting.state not in (MeetingState.SCHEDULED, MeetingState.OPEN):
        raise Mistake(f"{case.reference} is not before the panel any more. Flag it again with the assessment.")
    return view_flag(work, flag)


def add_assessment(work: Work, actor: Actor, flag_id: int, given: Mapping[str, object]) -> FlagView:
    """Give a flag the assessment that has now been made. Raises Mistake on the field that is wrong."""
    view = assessment_to_add(work, actor, flag_id)
    lock_diary(work, view.panel_id)
    view = assessment_to_add(work, actor, flag_id)
    panel = work.session.get_one(Panel, view.panel_id)
    facts = accept_assessment(view.facts, given, today_at(work, panel))
    flag = work.session.get_one(Flag, flag_id)
    for name in ASSESSMENT:
        setattr(flag, name, getattr(facts, name))
    work.audit("assess", "case", flag.case_id, panel_id=view.panel_id, actor_id=actor.person_id)
    return view_flag(work, flag)


@dataclass(frozen=True, slots=True)
class _Missing:
    """An assessment that was due, the last day on which people were to hear of it, and whether the chair is to."""

    flag: Flag
    meeting: Meeting
    panel: Panel
    told_on: date
    for_chair: bool


def _missing(work: Work, *conditions: ColumnElement[bool]) -> list[_Missing]:
    """Return the assessments that are due for meetings to come of running panels, the longest due first."""
    rows = work.session.execute(
        select(Flag, Meeting, Panel)
        .add_columns(col(Flag.assessment_due_on))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(
            col(Flag.assessment_due_on) <= work.now.date() + _A_DAY_AHEAD,
            col(Flag.state).in_(LIVE_STATES),
            col(Meeting.state) == MeetingState.SCHEDULED,
            is_running(work),
            *conditions,
        )
        .order_by(col(Flag.assessment_due_on), col(Flag.id))
    )
    found = []
    for flag, meeting, panel, due_on in rows:
        today = today_at(work, panel)
        chair_on = add_working_days(due_on, CHAIR_AFTER, work.definition(panel.definition).bank_holiday_subdivision)
        if due_on <= today:
            is_late = chair_on <= today
            found.append(_Missing(flag, meeting, panel, chair_on if is_late else due_on, is_late))
    return found


def _to_tell(work: Work, *conditions: ColumnElement[bool]) -> list[Telling]:
    """Return who is to be told and is at work: nobody twice on account of one day."""
    missing = _missing(work, *conditions)
    chairs = _chairs(work, {one.flag.panel_id for one in missing if one.for_chair})
    last: dict[tuple[int, int], date] = {}
    for one in missing:
        people = {one.flag.person_id} | (chairs.get(one.flag.panel_id, set()) if one.for_chair else set())
        for person_id in people:
            key = (one.flag.meeting_id, person_id)
            last[key] = max(one.told_on, last.get(key, one.told_on))
    due = {key: Due(key[0], PromptKind.ASSESSMENTS, on) for key, on in last.items()}
    panels = {one.flag.meeting_id: one.panel for one in missing}
    awake = at_work(work, still_to_hear(work, [(one, person_id) for (_, person_id), one in due.items()]), panels)
    return [
        Telling(id_of(panels[number]), one, person_id, {"once": one.deadline_on.isoformat()})
        for number, people in awake.items()
        for person_id in people
        for one in [due[number, person_id]]
    ]


def _chairs(work: Work, panel_ids: set[int]) -> dict[int, set[int]]:
    """Return who triages on each panel, by its number."""
    if not panel_ids:
        return {}
    places = work.session.execute(
        select(Membership.panel_id, Membership.person_id).where(
            col(Membership.panel_id).in_(panel_ids),
            col(Membership.role).in_(sorted(ROLES[Verb.TRIAGE])),
            holds_at(work.now),
        )
    )
    found: dict[int, set[int]] = {}
    for panel_id, person_id in places:
        found.setdefault(panel_id, set()).add(person_id)
    return found


def compose_assessments(work: Work, actor: Actor, meeting_id: int) -> AssessmentPrompt | None:
    """Return what is missing now of what this person may see; None when nothing is, or it is not theirs any more."""
    missing = _missing(work, col(Flag.meeting_id) == meeting_id)
    cases = select(Case).where(col(Case.id).in_([one.flag.case_id for one in missing]), readable(actor.person_id))
    known = {id_of(case): case for case in work.session.exec(cases)}
    shown = [one for one in missing if one.flag.case_id in known]
    if not shown:
        return None
    panel, meeting = shown[0].panel, shown[0].meeting
    standing = standing_on(work, actor, panel)
    views = view_flags(work, [(one.flag, known[one.flag.case_id], panel, meeting) for one in shown], with_words=False)
    own = tuple(view for view in views if view.presenter_id == actor.person_id and standing.may(Verb.FLAG))
    late = {one.flag.id for one in shown if one.for_chair} if standing.may(Verb.TRIAGE) else set()
    others = tuple(view for view in views if view.id in late and view not in own)
    if not own and not others:
        return None
    return AssessmentPrompt(panel.title, local_time(work, panel, meeting.starts_at), own, others)


#: The prompts of missing assessments, as the tick asks for them.
ASSESSMENT_PROMPTS = sweep_of(Notice.ASSESSMENTS_PROMPT, _to_tell)
