"""Works out which cases are owed a hearing, from the database each time, and flags them to the coming meeting.

Home, `/case list`, prompts, triage and the agenda all count these flags, so that their numbers agree.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.domain.decisions import transfer_question
from bot.domain.flag_state import LIVE_STATES, FlagEvent
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind, FlagState, ItemState, MeetingState, Purpose, ReviewAnswer
from bot.records.access.queries import is_running, local_time, readable_cases
from bot.records.actions.queries import opened_or_erased
from bot.records.agenda.sending import County, let_receivers_read, tell_of_sent
from bot.records.cases.changes import answer_review, change_flag, flag_again, give_moments, merge_flag
from bot.records.cases.decisions import STANDS, DecidedLevel, comes_back, is_brought_by, levels_decided
from bot.records.cases.served import is_copy, is_folded, merged_into
from bot.records.diary.queries import first_coming
from bot.store.key_ring import Erased
from bot.store.rows import add_rows, grouped, id_of
from bot.store.unit_of_work import Work

#: A meeting is gathered again after this time, since a county file may have changed where a panel's cases go.
_AT_LATEST: Final = timedelta(days=1)
#: Aliases for a second row of a table in one query. They are made once: SQLAlchemy makes an alias from every column,
#: which takes longer than building the rest of the query.
_OTHER, _THERE = aliased(Meeting), aliased(Meeting)
_NEWER, _FOLDED = aliased(Flag), aliased(Flag)


#: A flag that is owed a hearing, with the decision that brings it back, or None if no meeting reached the flag.
Owed = tuple[Flag, Decision | None]


def gather_due(work: Work, panel: Panel, meeting: Meeting) -> int:
    """Add the cases that are owed a hearing to a coming meeting. Return how many flags were added or moved.

    These are cases that a decision brings back by the day of the meeting, cases whose transfer the other area has yet
    to accept, flags that no earlier meeting reached, and cases that other panels sent. The panel's chair and
    co-ordinators are told of the cases that other panels sent. The cases are worked out from the decisions each time,
    since a stored list could be out of date.
    """
    if meeting.is_extraordinary:
        return 0
    day = local_time(work, panel, meeting.starts_at).date()
    owed = _decided(work, panel, meeting, [id_of(panel)], DecisionKind, is_done=~comes_back(meeting, day))
    unheard = _unheard(work, panel, meeting)
    # Flags that no meeting reached come first, since they are newer than the decision on the same case.
    added = _flag_again(work, panel, meeting, unheard, FlagEvent.CARRIED_FORWARD)
    added += _move_merged_to(work, panel, meeting)
    added += _flag_again(work, panel, meeting, owed, FlagEvent.RETAINED)
    sent = _sent_here(work, panel, meeting)
    added += _flag_again(work, panel, meeting, sent, FlagEvent.SENT)
    if sent:
        tell_of_sent(work, panel, meeting, {flag.case_id for flag, _ in sent})
    return added


def meetings_to_gather(work: Work) -> list[int]:
    """Return the ids of coming meetings whose cases owed a hearing should be gathered again.

    These cases may have changed if a meeting of any panel closed after they were last gathered. They may also have
    changed if an earlier meeting of the panel was cancelled or not held. A meeting is also included if its
    `gathered_at` is None or a day old. A panel with an open meeting is left out until that meeting closes.
    """
    of_panel = col(_OTHER.panel_id) == col(Meeting.panel_id)
    gathered = col(Meeting.gathered_at)
    not_held = and_(col(_OTHER.state) == MeetingState.SCHEDULED, col(_OTHER.ends_at) <= work.now)
    is_over = or_(col(_OTHER.cancelled_at) >= gathered, and_(not_held, col(_OTHER.ends_at) >= gathered))
    last_closed = select(func.max(col(_OTHER.closed_at))).scalar_subquery()
    query = (
        select(Meeting.id)
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .where(
            is_running(work),
            col(Meeting.id) == first_coming(work, for_cases=True),
            ~exists().where(of_panel, col(_OTHER.state) == MeetingState.OPEN),
            or_(
                gathered.is_(None),
                gathered > work.now,  # a clock was wrong
                gathered <= work.now - _AT_LATEST,
                gathered <= last_closed,
                exists().where(of_panel, is_over),
            ),
        )
        .order_by(col(Meeting.id))
    )
    return [number for number in work.session.exec(query) if number is not None]


def _sent_here(work: Work, panel: Panel, meeting: Meeting) -> list[Owed]:
    """Return the flags whose cases other panels sent to this panel, with the decisions that sent them.

    Panels below this one escalate cases to it, and panels above return cases to it.
    """
    receives = work.definition(panel.definition).receives
    if not receives:
        return []
    county = County.read(work)
    sent = _decided(work, panel, meeting, county.below(id_of(panel)), receives)
    here = [one for one in sent if not county.goes_elsewhere(work, *one, panel)]
    if DecisionKind.RETURN in receives:
        own_cases = col(Flag.case_id).in_(select(Case.id).where(col(Case.area_id) == panel.area_id))
        here += _decided(work, panel, meeting, county.above(id_of(panel)), [DecisionKind.RETURN], own_cases)
    return here


def _decided(
    work: Work,
    panel: Panel,
    meeting: Meeting,
    panel_ids: Iterable[int],
    kinds: Iterable[DecisionKind],
    *conditions: ColumnElement[bool],
    is_done: ColumnElement[bool] | None = None,
) -> list[Owed]:
    """Return the flags on which these panels made a decision of these `kinds`, each with the decision.

    Flags that meet the condition `is_done` are left out. Without `is_done`, flags whose case has come before this panel
    since the decision are left out.
    """
    rows = work.session.execute(
        select(Flag, Decision)
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id))
        .join(Decision, col(Decision.item_id) == col(AgendaItem.id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            col(Flag.panel_id).in_(list(panel_ids)),
            col(Meeting.state) == MeetingState.CLOSED,
            STANDS,
            col(Decision.kind).in_(list(kinds)),
            *conditions,
            ~(_has_come_since(panel, meeting, col(Decision.decided_at)) if is_done is None else is_done),
        )
        .order_by(col(Decision.id))
    )
    return [(flag, decision) for flag, decision in rows]


def _unheard(work: Work, panel: Panel, meeting: Meeting) -> list[Owed]:
    """Return the flags whose case no meeting reached, unless the case has come before the panel again since."""
    has_come = _has_come_since(panel, meeting, work.now, is_unheard=True)
    rows = work.session.exec(_nobody_came_to(work, panel).where(~has_come).order_by(col(Flag.id)))
    return [(flag, None) for flag in rows]


def _nobody_came_to(work: Work, panel: Panel) -> SelectOfScalar[Flag]:
    """Return the query for live flags whose case was not discussed at a meeting that is over, cancelled or not held."""
    over = or_(
        col(Meeting.state) == MeetingState.CLOSED,
        (col(Meeting.state) == MeetingState.SCHEDULED) & (col(Meeting.ends_at) <= work.now),
        # A case that was flagged just as its meeting was cancelled is still heard.
        col(Meeting.state) == MeetingState.CANCELLED,
    )
    return (
        select(Flag)
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id), isouter=True)
        .where(
            col(Flag.panel_id) == id_of(panel),
            col(Flag.state).in_(LIVE_STATES),
            over,
            or_(col(AgendaItem.id).is_(None), col(AgendaItem.state) != ItemState.DISCUSSED),
        )
    )


def _has_come_since(panel: Panel, meeting: Meeting, since: Any, *, is_unheard: bool = False) -> ColumnElement[bool]:
    """Return the SQL condition on Flag and Meeting, true if the flag's case has come before this panel again.

    It has come again if this panel has a flag of the case, the same flag or a newer one, of one of these kinds:
    - a flag to the coming `meeting` that is the same flag, or a copy of the flag or of a later one;
    - a flag to another meeting that begins after the flag's own meeting, and that was not withdrawn;
    - a flag that a panel below this one sent here after `since`.

    `is_unheard` is set for a flag that no meeting reached. A flag to the coming meeting then counts only if it is of
    the same agency or was carried forward from the flag. At another meeting, a flag of the same agency counts even if
    it was withdrawn.
    """
    not_withdrawn = col(_NEWER.state) != FlagState.WITHDRAWN
    at_it = col(_NEWER.meeting_id) == id_of(meeting)
    # Flags that agencies made to the coming meeting don't count: the gathered flags are merged with them.
    is_its_own = or_(is_brought_by(_NEWER), col(_NEWER.id) == col(Flag.id))
    if is_unheard:
        # Withdrawing a flag doesn't end what the panel decided, but it ends the same agency's flag that no meeting
        # reached. A flag that the agency makes again replaces its unheard flag.
        is_same = col(_NEWER.agency_id) == col(Flag.agency_id)
        not_withdrawn = or_(not_withdrawn, is_same)
        is_its_own = or_(col(_NEWER.carried_from_id) == col(Flag.id), is_same)
    return exists(
        select(_NEWER.id)
        .join(_THERE, col(_THERE.id) == col(_NEWER.meeting_id))
        .where(
            col(_NEWER.case_id) == col(Flag.case_id),
            col(_NEWER.panel_id) == id_of(panel),
            col(_NEWER.id) >= col(Flag.id),  # equal, as the flag itself may be for the coming meeting
            or_(
                and_(at_it, is_its_own),
                and_(~at_it, col(_THERE.starts_at) > col(Meeting.starts_at), not_withdrawn),
                # A case that was sent here since has been triaged here, so it isn't sent again.
                and_(col(_NEWER.is_escalated), col(_NEWER.flagged_at) > since),
            ),
        )
        .correlate(Flag, Meeting, Decision)
    )


def _move_merged_to(work: Work, panel: Panel, meeting: Meeting) -> int:
    """Move merged flags to the coming meeting if the flag into which they were merged was not heard.

    Return how many flags were moved.
    """
    serves_it = (col(Flag.case_id) == col(_FOLDED.case_id), col(Flag.meeting_id) == col(_FOLDED.meeting_id))
    found = work.find_all(
        _FOLDED,
        col(_FOLDED.panel_id) == id_of(panel),
        col(_FOLDED.meeting_id) != id_of(meeting),
        is_folded(_FOLDED),
        _nobody_came_to(work, panel).where(*serves_it).correlate(_FOLDED).exists(),
    )
    for flag in found:
        change_flag(work, flag, FlagEvent.MOVED, meeting_id=id_of(meeting))
    return len(found)


def _flag_again(work: Work, panel: Panel, meeting: Meeting, owed: Iterable[Owed], event: FlagEvent) -> int:
    """Copy flags to a coming meeting, one flag for each case. Return the number of these cases.

    `event` decides the state of the copies. If the case already has a live flag at that meeting, the copy is merged
    into the live flag. Flags of other agencies that were heard together with the case are copied too, and merged in the
    same way.
    """
    first: dict[int, Owed] = {}
    transfers: dict[int, Decision] = {}
    for flag, decision in owed:
        if decision is not None and decision.kind is DecisionKind.TRANSFER:
            transfers[flag.case_id] = decision
        if decision is not None or flag.case_id not in first:
            first[flag.case_id] = (flag, decision)  # of several hearings, the last one's facts count
    if not first:
        return 0
    levels = levels_decided(work, [id_of(flag) for flag, decision in first.values() if decision is not None])
    live = (col(Flag.meeting_id) == id_of(meeting), col(Flag.state).in_(LIVE_STATES))
    there = {flag.case_id: flag for flag in work.find_all(Flag, *live, col(Flag.case_id).in_(first))}
    copies = {case_id: _copied(work, panel, meeting, *one, event, levels) for case_id, one in first.items()}
    concerns = _concerns_again(work, panel, meeting, first, event, levels)
    if event is FlagEvent.RETAINED:
        _ask_about(work, copies, transfers)
        _ask_as_before(work, {case_id: again for case_id, again in copies.items() if case_id not in transfers})
    give_moments(work, id_of(panel), [*copies.values(), *(one for several in concerns.values() for one, _ in several)])
    add_rows(work.session, [again for case_id, again in copies.items() if case_id not in there])
    panels = _panels_of_origins(work, [*there.values(), *(copies[case_id] for case_id in there)])
    answered = _flagged_beside(work, meeting, [*there, *concerns])
    for case_id, into in there.items():
        again, (flag, decision) = copies[case_id], first[case_id]
        _ask_once(again, answered.get((case_id, again.agency_id), into), _said_at(panel, flag, decision, into))
        _name_newer_hearing(again, into, panels)
        merge_flag(work, again, into, said_at=_said_at(panel, flag, decision, into))
        _show_decided(work, levels.get(id_of(flag)), flag, again, into)
    for case_id, several in concerns.items():
        into, (_, decision) = there.get(case_id, copies[case_id]), first[case_id]
        for again, said in several:
            _ask_once(again, answered.get((case_id, again.agency_id), into), _said_at(panel, said, decision, into))
            merge_flag(work, again, into, said_at=_said_at(panel, said, decision, into))
    sent = [one for one in first.values() if one[0].panel_id != id_of(panel)]
    by_id = {flag.case_id: flag.person_id if decision is None else decision.decided_by_id for flag, decision in sent}
    let_receivers_read(work, panel, by_id)
    return len(first)


def _flagged_beside(work: Work, meeting: Meeting, case_ids: Collection[int]) -> dict[tuple[int, int], Flag]:
    """Return the flags to the meeting that agencies made themselves and that are merged into another flag.

    The result is a dict from (case id, agency id) to the flag. Copies of earlier flags are left out.
    """
    if not case_ids:
        return {}
    at_it = (col(Flag.meeting_id) == id_of(meeting), col(Flag.case_id).in_(case_ids), is_folded())
    own = (flag for flag in work.find_all(Flag, *at_it, by=[col(Flag.id)]) if not is_copy(flag))
    return {(flag.case_id, flag.agency_id): flag for flag in own}


def _said_at(panel: Panel, flag: Flag, decision: Decision | None, into: Flag) -> datetime:
    """Return when the facts of a copied flag were given: at the time of the decision, or else when the flag was made.

    The copy is merged into the flag `into`. If an agency made `into` itself, a decision of another panel does not
    count, and the time of the flag is returned. The agency may have told this panel something later.
    """
    is_of_another = flag.panel_id != id_of(panel) and not is_copy(into)
    return flag.flagged_at if decision is None or is_of_another else decision.decided_at


def _concerns_again(
    work: Work,
    panel: Panel,
    meeting: Meeting,
    heard: Mapping[int, Owed],
    event: FlagEvent,
    levels: Mapping[int, DecidedLevel],
) -> dict[int, list[tuple[Flag, Flag]]]:
    """Return a dict from case id to copies of the flags that other agencies made for the case's earlier hearing.

    Each copy is paired with its original. Copies that the coming meeting has already are left out. If the earlier
    meeting did not hear the case, nothing is copied. These agencies' flags are then moved to the coming meeting.
    """
    if event is FlagEvent.CARRIED_FORWARD:
        return {}
    merged = merged_into(work, [flag for flag, _ in heard.values()])
    if not merged:
        return {}
    at_it = (col(Flag.meeting_id) == id_of(meeting), col(Flag.case_id).in_(heard), is_folded())
    known = {_speaker(flag) for flag in work.find_all(Flag, *at_it) if is_copy(flag)}
    found: dict[int, list[tuple[Flag, Flag]]] = {}
    for case_id, (flag, decision) in heard.items():
        for one in merged.get(id_of(flag), ()):
            if _speaker(one) in known:
                continue
            again = _copied(work, panel, meeting, one, decision, event, levels)
            again.origin_id = id_of(flag)
            decided = levels.get(id_of(flag))
            if decided is not None and _is_new_level(decided, flag):
                _take_over_level(again, decided)
            found.setdefault(case_id, []).append((again, one))
    return found


def _is_new_level(decided: DecidedLevel, flag: Flag) -> bool:
    """Return whether the panel set the level `decided` itself.

    It did if the level differs from the heard flag's level, or if the panel assessed the risk itself.
    """
    return decided.risk != (flag.risk_tool, flag.risk_level) or decided.assessed_on is not None


def _show_decided(work: Work, decided: DecidedLevel | None, flag: Flag, again: Flag, into: Flag) -> None:
    """Copy the risk level that another panel decided on for `flag` to `into`, a flag of the same agency.

    `again` is the copy of `flag`. This copy is merged into `into`, and so is no longer shown itself. Nothing is copied
    if the presenter of `into` may not read the case.
    """
    is_new = decided is not None and flag.panel_id != into.panel_id and _is_new_level(decided, flag)
    if decided is None or not is_new or again.agency_id != into.agency_id:
        return
    if readable_cases(work, into.person_id, [into.case_id]):
        _take_over_level(into, decided)


def _speaker(flag: Flag) -> tuple[int, int, int, int | None]:
    """Return the four values that identify a copied flag at its meeting: case, agency, person and own reference.

    Two copies at one meeting with the same four values say the same.
    """
    return flag.case_id, flag.agency_id, flag.person_id, flag.named_id


def _copied(
    work: Work,
    panel: Panel,
    meeting: Meeting,
    flag: Flag,
    decision: Decision | None,
    event: FlagEvent,
    levels: Mapping[int, DecidedLevel],
) -> Flag:
    sent_up = flag.panel_id != id_of(panel) and decision is not None and decision.kind is not DecisionKind.RETURN
    again = flag_again(work, flag, event, id_of(panel), id_of(meeting), is_escalated=sent_up)
    if decision is not None:
        again.origin_id, again.carried_from_id = id_of(flag), None
    if decision is not None and id_of(flag) in levels:
        _take_over_level(again, levels[id_of(flag)])
    is_returned = flag.panel_id != id_of(panel) and decision is not None and decision.kind is DecisionKind.RETURN
    if event is FlagEvent.RETAINED or is_returned:
        _begin_review(again)
    return again


def _begin_review(again: Flag) -> None:
    again.purpose = Purpose.REVIEW
    # Episodes before the hearing were counted at the hearing.
    again.missing_episodes = again.interviews_offered = again.interviews_within_72h = 0
    again.review_answer = ReviewAnswer.AWAITED


def decide_again(work: Work, flag: Flag, again: Flag, transfer: Decision | None) -> None:
    """Update the flag `again`, which brings a case back, after the decisions on the case were changed.

    `flag` is the flag by which the case was heard. If the meeting made no decision at first, `again` now becomes a
    review. `transfer` is the decision to transfer the case, if there is one.
    """
    if again.origin_id != flag.id:
        again.origin_id, again.carried_from_id = id_of(flag), None
        _begin_review(again)
    decided = levels_decided(work, [id_of(flag)]).get(id_of(flag))
    if decided is not None and again.reviewed_at is None:  # otherwise the agency's later answer is newer
        _take_over_level(again, decided)
    copies = {flag.case_id: again}
    if transfer is not None:
        _ask_about(work, copies, {flag.case_id: transfer})
    else:
        _ask_as_before(work, copies)
    work.session.add(again)
    work.session.flush()


def _take_over_level(again: Flag, decided: DecidedLevel) -> None:
    """Replace the risk level of the flag `again` with the level that the panel decided.

    The flag's day of assessment changes only if the panel's level was assessed on a later day.
    """
    tool, level = decided.risk
    before, on = again.assessed_on, decided.assessed_on
    is_newer = on is not None and (before is None or on > before)
    if tool != again.risk_tool or is_newer:
        again.score = None  # the score belongs to the agency's own assessment
    if is_newer:
        again.assessed_on = on
    again.risk_tool, again.risk_level = tool, level


def _panels_of_origins(work: Work, flags: Iterable[Flag]) -> dict[int, int]:
    """Return a dict from the id of each flag's origin (an earlier flag) to the id of the origin's panel."""
    numbers = {flag.origin_id for flag in flags if flag.origin_id is not None}
    if not numbers:
        return {}
    rows = work.session.execute(select(Flag.id, Flag.panel_id).where(col(Flag.id).in_(numbers)))
    return {number: panel_id for number, panel_id in rows if number is not None}


def _name_newer_hearing(again: Flag, into: Flag, panels: Mapping[int, int]) -> None:
    """Copy the origin of the flag `again` to the flag `into`, if that origin is the newer of the two.

    Nothing changes unless both origins are earlier flags to the panel of `into`. `panels` is a dict from origin id to
    the id of the origin's panel.
    """
    if again.origin_id is None or into.origin_id is None or again.origin_id <= into.origin_id:
        return
    if panels[again.origin_id] == panels[into.origin_id] == into.panel_id:
        into.origin_id = again.origin_id


def _ask_once(again: Flag, into: Flag, said_at: datetime) -> None:
    """Keep an agency from being asked twice what has changed in a case: on `again` and on `into`.

    If both flags are from the same agency, remove the question on `again`. The flag `into` then counts as the agency's
    answer. If `into` is a copy too, or is older than the copied facts (`said_at`), ask the question on `into` instead.
    """
    if again.review_answer is None or again.agency_id != into.agency_id:
        return
    again.review_answer = None
    if is_copy(into) or into.flagged_at < said_at:
        answer_review(into, ReviewAnswer.AWAITED, None, None)
    else:
        answer_review(into, ReviewAnswer.CHANGED, into.person_id, into.flagged_at)


def _ask_about(work: Work, copies: Mapping[int, Flag], transfers: Mapping[int, Decision]) -> None:
    """Add a question to each copied flag of a transferred case: has the other area accepted the transfer?

    `transfers` is a dict from case id to the decision to transfer the case.
    """
    if not transfers:
        return
    keys = {id_of(case): case.data_key_id for case in work.find_all(Case, col(Case.id).in_(transfers))}
    work.keys.fetch(work.session, (one.area for one in transfers.values()), key_ids=list(keys.values()))
    for case_id, decision in transfers.items():
        area = opened_or_erased(work, decision.area) if decision.area else ""
        try:
            copies[case_id].asked_of_panel = work.seal(keys[case_id], transfer_question(area))
        except Erased:
            continue  # the case comes back all the same


def _ask_as_before(work: Work, copies: Mapping[int, Flag]) -> None:
    """Ask the agency's own question again on copied flags whose question is about a transfer that is now over.

    The agency's own question is on the flag by which the first transfer was decided.
    """
    rows = work.session.execute(
        select(Flag, Decision.area)
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id))
        .join(Decision, col(Decision.item_id) == col(AgendaItem.id))
        .where(col(Decision.kind) == DecisionKind.TRANSFER, STANDS, col(Flag.case_id).in_(copies))
        .where(col(Flag.panel_id).in_({again.panel_id for again in copies.values()}))
        .order_by(col(Decision.id))
    ).all()
    over: dict[int, list[tuple[Flag, bytes | None]]] = grouped((flag.case_id, (flag, area)) for flag, area in rows)
    work.keys.fetch(work.session, (words for flag, area in rows for words in (flag.asked_of_panel, area)))
    for case_id, transfers in over.items():
        questions = {transfer_question(opened_or_erased(work, area) if area else "") for _, area in transfers}
        if opened_or_erased(work, copies[case_id].asked_of_panel) in questions:
            copies[case_id].asked_of_panel = transfers[0][0].asked_of_panel
