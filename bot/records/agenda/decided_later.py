"""What follows from a decision that is added or corrected after its meeting, and when such a change is refused.

Which cases come back, and when, is worked out from the decisions in force whenever it is needed. Only the flag to the
panel's coming meeting is stored, since closing the meeting made it. This module keeps, changes or withdraws that flag.
"""

from sqlmodel import col, select, update

from bot.domain.flag_state import LIVE_STATES, FlagEvent
from bot.domain.language.day_words import date_words
from bot.domain.notices import Notice
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind, FlagState, ItemState, MeetingState
from bot.records.access.queries import local_time
from bot.records.agenda.gathering import decide_again, gather_due
from bot.records.agenda.sending import County
from bot.records.cases.changes import change_flag, withdraw_flag
from bot.records.cases.decisions import decisions_in_force
from bot.records.cases.queries import live_flag, merged_flags
from bot.records.diary.queries import next_for_cases
from bot.records.people.queries import presiding_or_office
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def require_not_heard_since(work: Work, panel: Panel, meeting: Meeting, case: Case) -> None:
    """Raise Mistake if the panel has opened a later meeting with the case, since that meeting's decisions count."""
    later = select(Meeting).join(Flag, col(Flag.meeting_id) == col(Meeting.id))
    later = later.where(
        col(Flag.case_id) == id_of(case),
        col(Flag.panel_id) == id_of(panel),
        col(Flag.state).in_(LIVE_STATES),
        col(Meeting.opened_at).is_not(None),
        col(Meeting.state).in_([MeetingState.OPEN, MeetingState.CLOSED]),
        col(Meeting.starts_at) > meeting.starts_at,
    )
    since = work.session.exec(later.order_by(col(Meeting.starts_at)).limit(1)).first()
    if since is not None:
        on = date_words(local_time(work, panel, since.starts_at).date())
        raise Mistake(
            f"The meeting of {on} has {case.reference} on its agenda and was opened, so it decides what happens now. "
            "You can correct the rationale and the risk here. For the rest, approve the minutes and add a slip: "
            "`/minutes amend`.",
            field="kind",
        )


def require_not_sent(work: Work, flag: Flag, case: Case) -> None:
    """Raise Mistake if a decision on the flag sent the case to another panel, and that panel has the case now."""
    sent = select(Panel).join(Flag, col(Flag.panel_id) == col(Panel.id))
    states = [*LIVE_STATES, FlagState.DEFERRED]
    is_sent = (col(Flag.origin_id) == flag.id, col(Flag.panel_id) != flag.panel_id, col(Flag.state).in_(states))
    there = work.session.exec(sent.where(*is_sent).order_by(col(Panel.title)).limit(1)).first()
    if there is not None:
        raise Mistake(
            f"This decision sent {case.reference} to {there.title}, which has it now. Ask the chair there to signpost "
            "the case first. Or approve the minutes, and add a slip: `/minutes amend`.",
            field="kind",
        )


def follow_decisions(work: Work, actor_id: int, panel: Panel, meeting: Meeting, item: AgendaItem, flag: Flag) -> None:
    """Update the flags for coming meetings, so that they fit the decisions now in force on this item's case.

    The caller has locked the panel's diary. When the meeting closed, it may have flagged the case to the panel's coming
    meeting. This flag stays if a decision brings the case back by then, and is withdrawn otherwise. Flags that agencies
    have made since then stay. The cases for other panels' coming meetings are worked out again at the next tick.
    """
    item.state = ItemState.DISCUSSED
    work.session.add(item)
    work.session.flush()
    coming = next_for_cases(work, id_of(panel))
    if coming is not None and coming.starts_at > meeting.starts_at:
        _settle(work, actor_id, panel, meeting, coming, item, flag)
        gather_due(work, panel, coming)
    others = County.read(work).around(id_of(panel))
    to_gather = (col(Meeting.panel_id).in_(others), col(Meeting.state) == MeetingState.SCHEDULED)
    work.session.execute(update(Meeting).where(*to_gather).values(gathered_at=None))
    work.session.flush()


def _settle(
    work: Work, actor_id: int, panel: Panel, meeting: Meeting, coming: Meeting, item: AgendaItem, flag: Flag
) -> None:
    live = live_flag(work, flag.case_id, id_of(coming))
    if live is None or flag.id not in (live.origin_id, live.carried_from_id):
        return
    day = local_time(work, panel, coming.starts_at).date()
    decisions = decisions_in_force(work, [id_of(item)])
    transfer = next((one for one in decisions if one.kind is DecisionKind.TRANSFER), None)
    if transfer is not None or any(one.review_on is not None and one.review_on <= day for one in decisions):
        decide_again(work, flag, live, transfer)
        return
    reason = f"The draft minutes of {date_words(local_time(work, panel, meeting.starts_at).date())} were corrected."
    key_id = work.session.get_one(Case, flag.case_id).data_key_id
    gone = list[Flag]()
    for one in merged_flags(work, flag.case_id, id_of(coming)):
        if one.origin_id == flag.id or one.flagged_at <= (meeting.closed_at or work.now):
            one.withdrawn_by_id, one.withdrawn_at = actor_id, work.now
            one.withdrawn_reason = work.seal(key_id, reason)
            change_flag(work, one, FlagEvent.WITHDRAWN)
            gone.append(one)
    gone += withdraw_flag(work, live, actor_id, reason)
    for one in gone:
        if one.origin_id == flag.id:
            one.origin_id = None  # else a later correction could not bring the case to that meeting again
            work.session.add(one)
    told = {one.person_id for one in gone}
    if coming.agenda_published_at is not None:
        told |= {id_of(person) for person in presiding_or_office(work, id_of(panel))}
    for person_id in sorted(told - {actor_id}):
        work.tell(person_id, Notice.FLAG_WITHDRAWN, flag_id=id_of(live))
