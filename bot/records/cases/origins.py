"""Where flags come from: earlier decisions, other panels, and meetings that did not hear the case."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.case_origin import FLAGGED_HERE, CaseOrigin, Decided, Passed, PassedOver, SentOn
from bot.models.cases import Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind, FlagState, MeetingState
from bot.records.access.queries import local_time
from bot.records.cases.decisions import IS_DECIDED, STANDS, came_back
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

#: Aliases for a second row of a table in one query. They are made once, since SQLAlchemy makes one from every column.
_ORIGIN, _THERE = aliased(Flag), aliased(Flag)
_HERE, _AT = aliased(Flag), aliased(Meeting)


def sent_to(panel_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the SQL condition on Flag, true if the flag's hearing sent the case on to one of these panels."""
    is_it = (col(_THERE.origin_id) == col(Flag.id), col(_THERE.panel_id).in_(panel_ids))
    return exists().where(*is_it, col(_THERE.state) != FlagState.WITHDRAWN)


def sent_from(panel_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the SQL condition on Flag, true if one of these panels sent the flag's case.

    Such a panel may learn the outcome.
    """
    return exists().where(col(_ORIGIN.id) == col(Flag.origin_id), col(_ORIGIN.panel_id).in_(panel_ids))


def reasons_sent(work: Work, flags: Sequence[Flag]) -> dict[int, bytes]:
    """Return a dict from flag id to the sealed reason why another panel sent the case here.

    The reason is what the other chair wrote at triage, or the rationale of the last decision that sent the case. At
    most two statements are run.
    """
    numbers = {flag.origin_id for flag in flags if flag.origin_id is not None}
    if not numbers:
        return {}
    signposted = (col(Flag.id).in_(numbers), col(Flag.state) == FlagState.SIGNPOSTED)
    reasons = dict(tuple(row) for row in work.session.execute(select(Flag.id, Flag.triage_reason).where(*signposted)))
    decided = work.session.execute(
        select(col(Flag.id), col(Flag.panel_id), Decision)
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id))
        .join(Decision, col(Decision.item_id) == col(AgendaItem.id))
        .where(col(Flag.id).in_(numbers), STANDS)
        .order_by(col(Decision.id))
    )
    panels: dict[int, int] = {}
    for origin_id, panel_id, decision in decided:
        if _brings_here(decision, is_own=False):
            panels[origin_id], reasons[origin_id] = panel_id, decision.rationale
    found = ((flag, reasons.get(flag.origin_id)) for flag in flags if flag.origin_id is not None)
    return {
        id_of(flag): reason
        for flag, reason in found
        if reason is not None and panels.get(flag.origin_id or 0) != flag.panel_id
    }


def panels_sent_to(work: Work, flags: Sequence[Flag]) -> dict[int, str]:
    """Return a dict from the id of each signposted flag to the title of the panel to which the chair sent the case.

    At most one statement is run.
    """
    numbers = {id_of(flag) for flag in flags if flag.state is FlagState.SIGNPOSTED}
    if not numbers:
        return {}
    rows = work.session.execute(
        select(Flag.origin_id, Panel.title)
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(col(Flag.origin_id).in_(numbers))
        .order_by(col(Flag.id).desc())
    )
    return {origin_id: title for origin_id, title in rows if origin_id is not None}


class _Earlier(NamedTuple):
    flag: Flag
    meeting: Meeting
    panel: Panel


def origins_of(work: Work, flags: Sequence[Flag]) -> dict[int, CaseOrigin]:
    """Return a dict from flag id to why the case is before the flag's meeting. At most three statements are run."""
    numbers = {number for flag in flags for number in (flag.origin_id, flag.carried_from_id) if number is not None}
    earlier = _earlier(work, numbers)
    decisions = _decided_at(work, {flag.origin_id for flag in flags if flag.origin_id is not None})
    still_due = _still_due(work, [id_of(flag) for flag in flags if flag.origin_id is not None])
    return {id_of(flag): _origin(work, flag, earlier, decisions, still_due) for flag in flags}


def _earlier(work: Work, numbers: Collection[int]) -> dict[int, _Earlier]:
    if not numbers:
        return {}
    rows = work.session.execute(
        select(Flag, Meeting, Panel)
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(col(Flag.id).in_(numbers))
    )
    return {id_of(flag): _Earlier(flag, meeting, panel) for flag, meeting, panel in rows}


def _decided_at(work: Work, flag_ids: Collection[int]) -> dict[int, list[Decision]]:
    """Return a dict from flag id to the decisions in force on the item where its case was heard, the earliest first."""
    if not flag_ids:
        return {}
    rows = work.session.execute(
        select(col(AgendaItem.flag_id), Decision)
        .join(Decision, col(Decision.item_id) == col(AgendaItem.id))
        .where(col(AgendaItem.flag_id).in_(flag_ids), STANDS)
        .order_by(col(Decision.id))
    )
    return grouped((flag_id, decision) for flag_id, decision in rows if flag_id is not None)


def _still_due(work: Work, flag_ids: Collection[int]) -> dict[int, list[tuple[Meeting, Decision]]]:
    """Return a dict from flag id to older decisions that were due at the flag's meeting, each with its meeting.

    A decision is older if the panel made it before the hearing that the flag comes from.
    """
    if not flag_ids:
        return {}
    is_earlier = and_(
        col(Flag.case_id) == col(_HERE.case_id),
        col(Flag.panel_id) == col(_HERE.panel_id),
        col(Flag.id) < col(_HERE.origin_id),
    )
    rows = work.session.execute(
        select(col(_HERE.id), Meeting, Decision)
        .join(_AT, col(_AT.id) == col(_HERE.meeting_id))
        .join(Flag, is_earlier)
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id))
        .join(Decision, IS_DECIDED)
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(col(_HERE.id).in_(flag_ids), col(Meeting.state) == MeetingState.CLOSED, came_back(_HERE, _AT))
        .order_by(col(Decision.id))
    )
    return grouped((flag_id, (meeting, decision)) for flag_id, meeting, decision in rows)


def _origin(
    work: Work,
    flag: Flag,
    earlier: dict[int, _Earlier],
    decisions: dict[int, list[Decision]],
    still_due: dict[int, list[tuple[Meeting, Decision]]],
) -> CaseOrigin:
    decided, passed_over, sent_on = [], None, None
    if flag.origin_id is not None:
        there = earlier[flag.origin_id]
        is_own = there.flag.panel_id == flag.panel_id
        made = [one for one in decisions.get(flag.origin_id, ()) if _brings_here(one, is_own=is_own)]
        if made:
            on = local_time(work, there.panel, there.meeting.starts_at).date()
            decided.append(Decided(tuple((one.kind, one.review_on) for one in made), there.panel.title, on, is_own))
        elif there.flag.state is FlagState.SIGNPOSTED and not is_own:
            at = there.flag.triaged_at or there.flag.flagged_at
            sent_on = SentOn(there.panel.title, local_time(work, there.panel, at).date())
        before = grouped((meeting.starts_at, one) for meeting, one in still_due.get(id_of(flag), ()) if is_own)
        for starts_at, made in sorted(before.items(), reverse=True):
            on = local_time(work, there.panel, starts_at).date()
            decided.append(Decided(tuple((one.kind, one.review_on) for one in made), there.panel.title, on, is_own))
    if flag.carried_from_id is not None:
        there = earlier[flag.carried_from_id]
        on = local_time(work, there.panel, there.meeting.starts_at).date()
        passed_over = PassedOver(_how_passed(there), on)
    return CaseOrigin(tuple(decided), passed_over, sent_on) if decided or passed_over or sent_on else FLAGGED_HERE


def _brings_here(decision: Decision, *, is_own: bool) -> bool:
    if is_own:
        return decision.review_on is not None or decision.kind is DecisionKind.TRANSFER
    return decision.kind not in (DecisionKind.RETAIN, DecisionKind.CLOSE, DecisionKind.STEP_DOWN)


def _how_passed(earlier: _Earlier) -> Passed:
    if earlier.flag.state is FlagState.DEFERRED:
        return Passed.DEFERRED
    was_held = earlier.meeting.state is MeetingState.CLOSED or earlier.meeting.elsewhere_at is not None
    if not was_held:
        return Passed.NOT_HELD
    return Passed.NOT_TRIAGED if earlier.flag.state is FlagState.OPEN else Passed.NOT_REACHED
