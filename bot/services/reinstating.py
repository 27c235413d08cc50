"""Cancelled meetings that are held after all."""

from sqlmodel import col, select

from bot.domain.narrative import accept_reason
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.meetings import Meeting
from bot.models.vocabulary import MeetingState, Notice
from bot.store.access import Where, find_panel
from bot.store.diary import local_time, lock_diary
from bot.store.diary_notices import tell_of, tell_of_many
from bot.store.meeting_views import MeetingChoice, MeetingView, choices_of, view_meeting
from bot.store.moves import refuse_taken
from bot.store.stand_ins import seat_again
from bot.store.unit_of_work import Work


def meetings_to_reinstate(work: Work, actor: Actor, where: Where) -> tuple[MeetingChoice, ...]:
    """The coming meetings that were cancelled, soonest first. Raises Mistake when there are none."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    cancelled = work.session.exec(
        select(Meeting)
        .where(
            col(Meeting.panel_id) == standing.panel_id,
            col(Meeting.state) == MeetingState.CANCELLED,
            col(Meeting.starts_at) > work.now,
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    ).all()
    if not cancelled:
        raise Mistake(f"No coming meeting of {standing.panel.title} is cancelled.")
    return choices_of(work, standing, list(cancelled))


def reinstate_meetings(
    work: Work, actor: Actor, where: Where, *, meeting_ids: tuple[int, ...], reason: str
) -> tuple[MeetingView, ...]:
    """Put cancelled meetings back at their times; members are told once. Cases stay where they went meanwhile.

    Raises Mistake when a time has passed or is taken.
    """
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    reason = accept_reason(reason)
    if not meeting_ids:
        raise Mistake("Choose the meetings to put back.", field="meetings")
    lock_diary(work, standing.panel_id)
    found = []
    for meeting_id in sorted(set(meeting_ids)):
        meeting = work.session.get(Meeting, meeting_id)
        if meeting is None or meeting.panel_id != standing.panel_id:
            raise NotForYou("that meeting")
        when = f"{local_time(work, standing.panel, meeting.starts_at):%-d %B %Y at %H:%M}"
        if meeting.state is not MeetingState.CANCELLED:
            raise Mistake(f"The meeting on {when} is not cancelled.", field="meetings")
        if meeting.starts_at <= work.now:
            raise Mistake(f"The time of the meeting on {when} has passed.", field="meetings")
        try:
            refuse_taken(work, standing.panel, meeting.starts_at, meeting.ends_at - meeting.starts_at)
        except Mistake:
            raise Mistake(
                f"Another meeting took the place of the one on {when}. Move that one first, or use `/panel add`.",
                field="meetings",
            ) from None
        meeting.state = MeetingState.SCHEDULED
        meeting.sequence += 1
        meeting.reason = work.seal(standing.panel.data_key_id, reason)
        work.session.add(meeting)
        work.session.flush()
        seat_again(work, standing.panel, meeting)
        work.audit("reinstate", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
        found.append(meeting)
    found.sort(key=lambda meeting: meeting.starts_at)
    if len(found) == 1:
        tell_of(work, standing, found[0], Notice.REINSTATED)
    else:
        key = "reinstated:" + ":".join(f"{meeting.id}.{meeting.sequence}" for meeting in found[:3])
        told = [(meeting, Notice.REINSTATED, None) for meeting in found]
        tell_of_many(work, standing.panel_id, key, told, besides=actor.person_id)
    return tuple(view_meeting(work, standing, meeting) for meeting in found)
