"""Exceptions by hand, one meeting at a time: moved, cancelled, or added beside the series."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.clashes import accept_venue
from bot.domain.deadlines import meeting_deadlines
from bot.domain.language.identifiers import accept_reason
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.meetings import Meeting
from bot.models.vocabulary import MeetingState, Notice
from bot.records.access.clocks import local_time
from bot.records.access.queries import Standing, Where, find_panel, require
from bot.records.diary.clashes import Clash, clashes_at
from bot.records.diary.queries import (
    MeetingChoice,
    MeetingView,
    choices_of,
    lock_diary,
    meetings_after,
    next_meeting,
    upcoming_meeting,
    view_meeting,
)
from bot.records.rescheduling.changes import cancel, move, tell_of
from bot.records.rescheduling.queries import LAST_MEETING, begins_at, cases_seen, heirs_of, refuse_taken, remarks_on
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ChangeOfDate:
    """What becomes of a meeting and what is flagged to it, before or after it is saved."""

    meeting: MeetingView
    before: datetime
    cases_moved: int  #: of those the reader may see
    cases_moved_to: datetime | None
    remarks: tuple[str, ...] = ()  #: what is unusual about the new date, a sentence each
    clashes: tuple[Clash, ...] = ()


def meetings_to_change(work: Work, actor: Actor, where: Where) -> tuple[MeetingChoice, ...]:
    """The coming meetings that can be moved or cancelled, soonest first. Raises Mistake when there are none."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    first = next_meeting(work, standing.panel_id)
    if first is None:
        upcoming_meeting(work, standing)  # one is open, and cannot be changed; or there is none, and this says so
        raise Mistake("Only the meeting that is open is in the diary, and it cannot be moved or cancelled any more.")
    return choices_of(work, standing, [first, *meetings_after(work, standing.panel_id, first.starts_at)])


def preview_move(
    work: Work, actor: Actor, where: Where, *, starts_at: datetime, meeting_id: int | None = None, venue: str = ""
) -> ChangeOfDate:
    """What moving a meeting would do; nothing is saved. Raises Mistake as moving it would. No `venue`: as it was."""
    standing, meeting = _to_change(work, actor, where, meeting_id)
    begins = _checked_move(work, standing, meeting, starts_at)
    lasts = meeting.ends_at - meeting.starts_at
    view = view_meeting(work, standing, meeting)
    moved = local_time(work, standing.panel, begins)
    place = accept_venue(venue, field="venue") or meeting.venue
    after = replace(
        view,
        venue=place,
        starts_at=moved,
        ends_at=local_time(work, standing.panel, begins + lasts),
        deadlines=meeting_deadlines(work.definition(standing.panel.definition), moved.date()),
    )
    remarks = remarks_on(work, standing, starts_at)
    if meeting.agenda_published_at is not None:
        remarks = (*remarks, "Its agenda is out already, with the date it has now.")
    return ChangeOfDate(
        meeting=after,
        before=view.starts_at,
        cases_moved=view.flags_open + view.cases_accepted,
        cases_moved_to=moved,
        remarks=remarks,
        clashes=clashes_at(work, standing, [begins], lasts=lasts, venue=place, besides=[id_of(meeting)]),
    )


def reschedule_meeting(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    starts_at: datetime,
    reason: str,
    meeting_id: int | None = None,
    venue: str = "",
) -> ChangeOfDate:
    """Move a meeting (the next one, unless named); what was flagged to it goes with it, and members are told.

    `starts_at` is the panel's wall clock without a zone; without a `venue` it is held where it was to be. Raises
    Mistake for a time that has passed, does not exist or is taken; a date that is only unusual is remarked upon.
    """
    reason = accept_reason(reason)
    standing, meeting = _to_change(work, actor, where, meeting_id, locked=True)
    change = preview_move(work, actor, where, starts_at=starts_at, meeting_id=id_of(meeting), venue=venue)
    meeting.venue = change.meeting.venue
    meeting.reason = work.seal(standing.panel.data_key_id, reason)
    move(work, standing.panel, meeting, begins_at(work, standing.panel, starts_at))
    work.audit("reschedule", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    tell_of(work, standing, meeting, Notice.MOVED)
    return change


def preview_cancellation(work: Work, actor: Actor, where: Where, *, meeting_id: int | None = None) -> ChangeOfDate:
    """What cancelling a meeting would do; nothing is saved. Raises Mistake for the only one in the diary."""
    standing, meeting = _to_change(work, actor, where, meeting_id)
    heir = _heir(work, standing, meeting)
    view = view_meeting(work, standing, meeting)
    return ChangeOfDate(
        meeting=view,
        before=view.starts_at,
        cases_moved=cases_seen(work, standing, [id_of(meeting)])[id_of(meeting)],
        cases_moved_to=local_time(work, standing.panel, heir.starts_at),
        remarks=("Its agenda is out already.",) if meeting.agenda_published_at is not None else (),
    )


def cancel_meeting(
    work: Work, actor: Actor, where: Where, *, reason: str, meeting_id: int | None = None
) -> ChangeOfDate:
    """Cancel a meeting (the next one, unless named): its cases go to the nearest other one, and members are told.

    That is the next, or the one before where none is later. Raises Mistake for the only meeting in the diary.
    """
    reason = accept_reason(reason)
    standing, meeting = _to_change(work, actor, where, meeting_id, locked=True)
    change = preview_cancellation(work, actor, where, meeting_id=id_of(meeting))
    meeting.reason = work.seal(standing.panel.data_key_id, reason)
    cancel(work, meeting, _heir(work, standing, meeting))
    work.audit("cancel", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    tell_of(work, standing, meeting, Notice.CANCELLED)
    return replace(change, meeting=view_meeting(work, standing, meeting))


def preview_extra(work: Work, actor: Actor, where: Where, *, starts_at: datetime, venue: str) -> ChangeOfDate:
    """What one more meeting would be; nothing is saved. Raises Mistake for a time that cannot be."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    meeting = _extra(work, standing, starts_at, venue)
    local = local_time(work, standing.panel, meeting.starts_at)
    view = MeetingView(
        id=0,
        panel_id=standing.panel_id,
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        starts_at=local,
        ends_at=local_time(work, standing.panel, meeting.ends_at),
        venue=meeting.venue,
        state=meeting.state,
        deadlines=meeting_deadlines(work.definition(standing.panel.definition), local.date()),
        today=local_time(work, standing.panel, work.now).date(),
        flags_open=0,
        cases_accepted=0,
        agenda_version=0,
    )
    lasts = meeting.ends_at - meeting.starts_at
    return ChangeOfDate(
        meeting=view,
        before=local,
        cases_moved=0,
        cases_moved_to=None,
        remarks=remarks_on(work, standing, starts_at),
        clashes=clashes_at(work, standing, [meeting.starts_at], lasts=lasts, venue=meeting.venue),
    )


def add_meeting(
    work: Work, actor: Actor, where: Where, *, starts_at: datetime, venue: str, reason: str
) -> ChangeOfDate:
    """Put one more meeting into the diary, beside any series; members are told. Raises Mistake as its preview does."""
    reason = accept_reason(reason)
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    lock_diary(work, standing.panel_id)
    change = preview_extra(work, actor, where, starts_at=starts_at, venue=venue)
    meeting = _extra(work, standing, starts_at, venue)
    meeting.reason = work.seal(standing.panel.data_key_id, reason)
    work.session.add(meeting)
    work.session.flush()
    work.audit("add", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    tell_of(work, standing, meeting, Notice.ADDED)
    return replace(change, meeting=view_meeting(work, standing, meeting))


def _heir(work: Work, standing: Standing, meeting: Meeting) -> Meeting:
    """The meeting that takes the cases of another."""
    heir = heirs_of(work, standing.panel_id, [meeting])[id_of(meeting)]
    if heir is None:
        raise Mistake(LAST_MEETING)
    return heir


def _checked_move(work: Work, standing: Standing, meeting: Meeting, starts_at: datetime) -> datetime:
    begins = begins_at(work, standing.panel, starts_at)
    if begins == meeting.starts_at:
        raise Mistake("The meeting is at that time already. Another venue alone: `/panel venue`.", field="date")
    refuse_taken(work, standing.panel, begins, meeting.ends_at - meeting.starts_at, besides=id_of(meeting))
    return begins


def _extra(work: Work, standing: Standing, starts_at: datetime, venue: str) -> Meeting:
    begins = begins_at(work, standing.panel, starts_at)
    lasts = timedelta(minutes=work.definition(standing.panel.definition).duration)
    refuse_taken(work, standing.panel, begins, lasts)
    place = accept_venue(venue, field="venue") or standing.panel.venue
    return Meeting(panel_id=standing.panel_id, starts_at=begins, ends_at=begins + lasts, venue=place)


def _to_change(
    work: Work, actor: Actor, where: Where, meeting_id: int | None, *, locked: bool = False
) -> tuple[Standing, Meeting]:
    if meeting_id is not None:
        meeting = work.session.get(Meeting, meeting_id)
        if meeting is None:
            raise NotForYou("that meeting")
        standing = require(work, actor, meeting.panel_id, Verb.SCHEDULE, noun="that meeting")
        if locked:
            lock_diary(work, standing.panel_id)
    else:
        standing = find_panel(work, actor, where, Verb.SCHEDULE)
        if locked:
            lock_diary(work, standing.panel_id)
        meeting = upcoming_meeting(work, standing)
    if meeting.state is not MeetingState.SCHEDULED:
        raise Mistake(f"That meeting is {meeting.state.label}; only one that has not begun can be moved or cancelled.")
    if meeting.ends_at <= work.now:
        raise Mistake("The time of that meeting has passed; only a coming one can be moved or cancelled.")
    return standing, meeting
