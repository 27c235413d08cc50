"""Correcting the decisions of a draft: what was decided, the date and the risk. Forgotten decisions are added here.

A corrected or added decision has the same effects as if it had been made at the meeting. If that is no longer possible,
the correction is refused.
"""

from dataclasses import dataclass, replace

from bot.domain.decisions import decision_words
from bot.domain.language.day_words import date_words
from bot.domain.language.identifiers import accept_line
from bot.domain.panel_definition import RiskTool
from bot.domain.permissions import Actor
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Board, Decision, Meeting
from bot.models.vocabulary import CorrectionKind, DecisionKind
from bot.records.access.queries import Standing, local_time, readable_cases
from bot.records.agenda.decided_later import follow_decisions, require_not_heard_since, require_not_sent
from bot.records.cases.decisions import DecisionView, view_decision
from bot.records.diary.queries import OfMeeting, lock_diary, of_meeting
from bot.records.meeting.board import redraw_board
from bot.records.meeting.deciding import DecisionForm, check_decision, put_in_place, put_right
from bot.records.meeting.outcomes import tell_outcomes
from bot.records.minutes.changes import keep_correction
from bot.services.minutes.looking import NO_REASON, NOTHING, DraftPage, draft_to_write, mark_of, open_draft, page_of
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class DecisionInDraft(OfMeeting):
    """The values of the form that corrects a decision of a draft, or adds a forgotten one (`decision` is then None)."""

    minutes_id: int
    page: int
    item_id: int
    title: str
    decision: DecisionView | None
    mark: str  #: of what the decision says, by which a later save can tell whether it has changed
    kinds: tuple[DecisionKind, ...]
    risk_tools: tuple[RiskTool, ...]


def offer_decision(
    work: Work, actor: Actor, minutes_id: int, page: int, item_id: int, decision_id: int | None
) -> DecisionInDraft:
    """Return the values of the form that corrects a decision of a draft.

    Without `decision_id`, the form adds a forgotten decision. Raise NotForYou for an item or decision that the person
    may not read. Raise Mistake if the decision is no longer in the draft, if the meeting was an interim discussion, or
    if the minutes are approved.
    """
    standing, meeting, minutes = open_draft(work, actor, minutes_id)
    item, flag, case = _case_item(work, standing, meeting, item_id)
    decision = _decision(work, item, decision_id)
    work.saw(actor.person_id, [(flag.case_id, standing.panel_id)])
    if decision is None:
        _refuse_interim(meeting)
    definition = work.definition(standing.panel.definition)
    kinds = definition.decisions
    if decision is not None and decision.kind not in kinds:
        kinds = (decision.kind, *kinds)
    view = view_decision(work, decision) if decision is not None else None
    return DecisionInDraft(
        *of_meeting(work, standing.panel, meeting),
        minutes_id=id_of(minutes),
        page=page,
        item_id=item_id,
        title=case.reference,
        decision=view,
        mark=mark_of(decision_text(view)) if view else "",
        kinds=kinds,
        risk_tools=definition.risk_tools,
    )


def save_decision(
    work: Work,
    actor: Actor,
    minutes_id: int,
    item_id: int,
    decision_id: int | None,
    form: DecisionForm,
    *,
    mark: str,
    reason: str,
    page: int = 1,
) -> DraftPage:
    """Correct a decision of a draft, or add a forgotten one if `decision_id` is None. Return the draft's page.

    The decision has the same effects as if it had been made at the meeting: on where the case is heard next, on what is
    owed, and on who is told.

    Raise Mistake, attached to the field at fault, if the decision is incomplete or excludes another one. Raise Mistake
    also without a reason, if nothing has been changed, or if another person has changed the decision meanwhile. A
    forgotten decision, another kind or another day is refused too if it would contradict what has happened since: the
    panel has heard the case again, or another panel has it. If Mistake is raised, nothing is saved.
    """
    standing, *_ = draft_to_write(work, actor, minutes_id)
    lock_diary(work, standing.panel_id)
    standing, meeting, minutes = open_draft(work, actor, minutes_id, to_change=True)
    item, flag, case = _case_item(work, standing, meeting, item_id)
    now = _decision(work, item, decision_id)
    was = view_decision(work, now) if now is not None else None
    before = decision_text(was) if was else ""
    if was is not None and mark_of(before) != mark:
        raise Mistake(f"Another person changed this since you opened the form: {before}", field="rationale")
    since = local_time(work, standing.panel, meeting.starts_at).date()
    if now is None:
        _refuse_interim(meeting)
    facts, _ = check_decision(work, actor, standing.panel, item, case, form, since=since, instead=now)
    will_be = view_decision(work, Decision(**facts.model_dump() | {"id": 0}))
    after = decision_text(will_be)
    if before == after:
        raise Mistake(NOTHING, field="reason")
    why = accept_line(reason, field="reason", missing=NO_REASON, today=work.now.date())
    is_other = was is None or (was.kind, was.review_on) != (will_be.kind, will_be.review_on)
    if is_other:
        require_not_heard_since(work, standing.panel, meeting, case)
    if was is not None and was.kind is not will_be.kind:
        require_not_sent(work, flag, case)
    author = now.decided_by_id if now is not None else None
    if now is None:
        put_in_place(work, facts)
    else:
        put_right(work, now, facts)
    kind = CorrectionKind.DECISION if now is not None else CorrectionKind.FORGOTTEN
    said = {"before": before, "after": after, "reason": why}
    keep_correction(work, actor, minutes, kind, **said, item_id=item_id, case_id=id_of(case), of_id=author)
    follow_decisions(work, actor.person_id, standing.panel, meeting, item, flag)
    if is_other:
        tell_decided_otherwise(work, actor, standing, meeting, flag)
    work.audit("correct", "item", item_id, panel_id=standing.panel_id, actor_id=actor.person_id, case_id=id_of(case))
    work.session.flush()
    return replace(page_of(work, standing, meeting, minutes, page), saved=1)


def move_decision(work: Work, actor: Actor, standing: Standing, meeting: Meeting, decision: Decision) -> None:
    """Let a decision's new date take effect, and tell the people who brought the case.

    The caller has changed the date and locked the panel's diary. Raise Mistake, attached to the field of the date, if
    the panel has heard the case again since.
    """
    item, flag, case = _case_item(work, standing, meeting, decision.item_id)
    try:
        require_not_heard_since(work, standing.panel, meeting, case)
    except Mistake as heard:
        heard.field = f"review.{decision.id}"
        raise
    follow_decisions(work, actor.person_id, standing.panel, meeting, item, flag)
    tell_decided_otherwise(work, actor, standing, meeting, flag)


def tell_decided_otherwise(work: Work, actor: Actor, standing: Standing, meeting: Meeting, flag: Flag) -> None:
    """Tell the people who brought a case that its outcome has changed, and redraw the board."""
    tell_outcomes(work, meeting, except_for=actor.person_id, of_flag=id_of(flag), once=work.now.isoformat())
    if work.session.get(Board, id_of(meeting)) is not None:
        redraw_board(work, standing.panel, meeting)


def decision_text(decision: DecisionView) -> str:
    """Return all that a decision says, in sentences, for the list of corrections."""
    words = decision_words(decision, date_words)
    said = [f"{words[:1].upper()}{words[1:]}.", decision.rationale]
    if decision.risk_after is not None:
        on = f", assessed on {date_words(decision.risk_assessed_on)}" if decision.risk_assessed_on else ""
        said.append(f"{decision.risk_after.words}{on}.")
    return " ".join(filter(None, (*said, decision.risk_judgement)))


def _case_item(work: Work, standing: Standing, meeting: Meeting, item_id: int) -> tuple[AgendaItem, Flag, Case]:
    item = work.session.get(AgendaItem, item_id)
    if item is None or item.meeting_id != meeting.id or item.flag_id is None:
        raise NotForYou("that item")
    flag = work.session.get_one(Flag, item.flag_id)
    if not readable_cases(work, standing.actor.person_id, [flag.case_id]):
        raise NotForYou("that item")
    return item, flag, work.session.get_one(Case, flag.case_id)


def _decision(work: Work, item: AgendaItem, decision_id: int | None) -> Decision | None:
    if decision_id is None:
        return None
    decision = work.session.get(Decision, decision_id)
    if decision is None or decision.item_id != item.id:
        raise NotForYou("that decision")
    if decision.undone_at is not None or decision.superseded_by_id is not None:
        raise Mistake("This was taken out since you opened the form. Open the draft again.", field="reason")
    return decision


def _refuse_interim(meeting: Meeting) -> None:
    if meeting.is_interim:
        raise Mistake(
            "This meeting was an interim discussion, which makes no decisions. Add what was agreed as a line, or "
            "decide at the next meeting.",
            field="kind",
        )
