"""Changes of single meetings: moved, lengthened, cancelled, added, reinstated, or held at another venue."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import col, select

from bot.domain.deadlines import meeting_deadlines
from bot.domain.language.identifiers import accept_reason, accept_venue
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.permissions import Actor, Verb
from bot.domain.recurrence import words_of
from bot.domain.states import MeetingEvent, next_meeting_state
from bot.errors import Mistake, NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Series
from bot.models.vocabulary import MeetingChange, MeetingState
from bot.records.access.queries import (
    Standing,
    Where,
    find_panel,
    local_time,
    readable_cases,
    require_meeting,
)
from bot.records.diary.queries import (
    ROOM_TAKEN,
    Clash,
    MeetingChoice,
    MeetingView,
    choices_of,
    clashes_at,
    lock_diary,
    meetings_after,
    meetings_of,
    next_meeting,
    remarks_on,
    upcoming_meeting,
    view_meeting,
    view_meetings,
)
from bot.records.rescheduling import changes
from bot.records.rescheduling.queries import LAST_MEETING, begins_at, refuse_taken
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_DAY: Final = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class ChangeOfDate:
    """What a change does to a meeting and its flags, before or after the change is saved."""

    meeting: MeetingView
    before: datetime
    cases_moved: int = 0  #: of those the reader may see
    cases_moved_to: datetime | None = None
    remarks: tuple[str, ...] = ()  #: what is unusual about the new date, a sentence each
    clashes: tuple[Clash, ...] = ()
    is_past: bool = False  #: its time has passed, and it was not held


@dataclass(frozen=True, slots=True)
class Reinstatement:
    """Cancelled meetings that are reinstated at their former times."""

    panel_title: str
    meetings: tuple[MeetingView, ...]  #: soonest first
    remarks: tuple[tuple[datetime, str], ...]  #: what is unusual about a date, by the panel's own time
    clashes: tuple[Clash, ...]
    ended_rules: tuple[str, ...]  #: of series that ended before these meetings, and are not filled any further


@dataclass(frozen=True, slots=True)
class VenueChange:
    """What a change of venue does to one or several meetings."""

    panel_key: str
    panel_title: str
    venue: str  #: empty: none is named
    moves: tuple[tuple[datetime, str], ...]  #: each meeting that changes, in the panel's own time, and its venue before
    and_later: bool  #: later meetings that are not in the diary yet get this venue too
    agenda_is_out: bool  #: the published agenda of one of these meetings has the old venue
    clashes: tuple[Clash, ...]  #: clashes of the room, not of people


def meetings_to_change(work: Work, actor: Actor, where: Where) -> tuple[MeetingChoice, ...]:
    """Return the coming meetings that can be moved or cancelled, soonest first. Raise Mistake if there are none."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    first = next_meeting(work, standing.panel_id)
    if first is None:
        upcoming_meeting(work, standing)  # raises Mistake if there is no meeting at all
        raise Mistake("The only meeting in the diary is open now, so it can't be moved or cancelled.")
    return choices_of(work, standing, [first, *meetings_after(work, standing.panel_id, first.starts_at)])


def preview_move(
    work: Work, actor: Actor, where: Where, *, starts_at: datetime, meeting_id: int | None = None, venue: str = ""
) -> ChangeOfDate:
    """Return what moving a meeting would do. Nothing is saved.

    Raise the errors of `reschedule_meeting` for the new time. Without a `venue`, the meeting keeps its own.
    """
    standing, meeting = _to_change(work, actor, where, meeting_id)
    begins, lasts = begins_at(work, standing.panel, starts_at), meeting.ends_at - meeting.starts_at
    if begins == meeting.starts_at:
        raise Mistake("The meeting is at that time already. `/panel venue` changes the venue alone.", field="date")
    refuse_taken(work, standing.panel, begins, lasts, except_for=id_of(meeting))
    view = view_meeting(work, standing, meeting)
    moved = local_time(work, standing.panel, begins)
    place = accept_venue(venue, field="venue", today=work.now.date()) or meeting.venue
    after = replace(
        view,
        venue=place,
        starts_at=moved,
        ends_at=local_time(work, standing.panel, begins + lasts),
        deadlines=meeting_deadlines(work.definition(standing.panel.definition), moved.date()),
    )
    remarks = remarks_on(work, standing, starts_at)
    if meeting.agenda_published_at is not None:
        remarks = (*remarks, "The agenda is already published, with the old date.")
    return ChangeOfDate(
        meeting=after,
        before=view.starts_at,
        cases_moved=view.cases - _carried(work, standing, meeting),
        cases_moved_to=moved,
        remarks=remarks,
        is_past=view.is_not_held,
        clashes=clashes_at(work, standing, [begins], lasts=lasts, venue=place, except_for=[id_of(meeting)]),
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
    """Move a meeting, by default the next one, with its flags. Members are told.

    `starts_at` is on the panel's clock, without a zone. Without a `venue`, the meeting keeps its own. Raise Mistake for
    a time that has passed, does not exist or is taken. A date that is only unusual is accepted with a remark.
    """
    reason = accept_reason(reason, today=work.now.date())
    standing, meeting = _to_change(work, actor, where, meeting_id, locked=True)
    change = preview_move(work, actor, where, starts_at=starts_at, meeting_id=id_of(meeting), venue=venue)
    begins = begins_at(work, standing.panel, starts_at)
    changes.move(work, standing, meeting, begins, reason, venue=change.meeting.venue)
    changes.tell_of(work, standing, meeting, MeetingChange.MOVED)
    return change


def lengthen_meeting(work: Work, actor: Actor, meeting_id: int, *, minutes: int) -> ChangeOfDate:
    """Lengthen a coming meeting to `minutes` in all, so that its agenda fits. Members are told.

    Raise Mistake if the meeting lasts that long already, would end on another day, or would run into the panel's next
    meeting.
    """
    standing, meeting = _to_change(work, actor, Where(), meeting_id, locked=True)
    panel, lasts = standing.panel, timedelta(minutes=min(minutes, _DAY))
    starts, before = (local_time(work, panel, at) for at in (meeting.starts_at, meeting.ends_at))
    ends_at = meeting.starts_at + lasts
    if ends_at <= meeting.ends_at:
        raise Mistake(f"The meeting lasts until {before:%H:%M} already.")
    if local_time(work, panel, ends_at).date() != starts.date():
        raise Mistake("A meeting ends on the day on which it begins. Defer cases instead.")
    refuse_taken(work, panel, meeting.starts_at, lasts, except_for=meeting_id)
    changes.lengthen(work, standing, meeting, ends_at, "The agenda takes longer than the meeting did.")
    begins, venue = [meeting.starts_at], meeting.venue
    return ChangeOfDate(
        meeting=view_meeting(work, standing, meeting),
        before=before,
        clashes=clashes_at(work, standing, begins, lasts=lasts, venue=venue, except_for=[meeting_id]),
    )


def preview_cancellation(work: Work, actor: Actor, where: Where, *, meeting_id: int | None = None) -> ChangeOfDate:
    """Return what cancelling a meeting would do. Nothing is saved. Raise Mistake for the only meeting in the diary."""
    standing, meeting = _to_change(work, actor, where, meeting_id)
    view = view_meeting(work, standing, meeting)
    return ChangeOfDate(
        meeting=view,
        before=view.starts_at,
        cases_moved=view.cases - _carried(work, standing, meeting),
        cases_moved_to=local_time(work, standing.panel, _taker(work, standing, meeting).starts_at),
        remarks=("The agenda is already published.",) if meeting.agenda_published_at is not None else (),
        is_past=view.is_not_held,
    )


def cancel_meeting(
    work: Work, actor: Actor, where: Where, *, reason: str, meeting_id: int | None = None
) -> ChangeOfDate:
    """Cancel a meeting, by default the next one, and tell members.

    Its cases go to the next ordinary meeting after it or, if there is none, to the panel's last coming ordinary
    meeting. Raise Mistake for the only meeting in the diary.
    """
    reason = accept_reason(reason, today=work.now.date())
    standing, meeting = _to_change(work, actor, where, meeting_id, locked=True)
    change = preview_cancellation(work, actor, where, meeting_id=id_of(meeting))
    changes.cancel(work, meeting, _taker(work, standing, meeting), by=standing, reason=reason)
    changes.tell_of(work, standing, meeting, MeetingChange.CANCELLED)
    return replace(change, meeting=view_meeting(work, standing, meeting))


def preview_extra(work: Work, actor: Actor, where: Where, *, starts_at: datetime, venue: str) -> ChangeOfDate:
    """Return what adding one meeting would do. Nothing is saved. Raise Mistake for an impossible time."""
    return _extra_change(work, find_panel(work, actor, where, Verb.SCHEDULE), starts_at, venue)


def _extra_change(work: Work, standing: Standing, starts_at: datetime, venue: str) -> ChangeOfDate:
    meeting = _extra(work, standing, starts_at, venue)
    view, lasts = view_meeting(work, standing, meeting), meeting.ends_at - meeting.starts_at
    return ChangeOfDate(
        meeting=view,
        before=view.starts_at,
        remarks=remarks_on(work, standing, starts_at),
        clashes=clashes_at(work, standing, [meeting.starts_at], lasts=lasts, venue=meeting.venue),
    )


def add_meeting(
    work: Work, actor: Actor, where: Where, *, starts_at: datetime, venue: str, reason: str
) -> ChangeOfDate:
    """Add one meeting to the diary, outside any series. Members are told. Raise the errors of `preview_extra`."""
    reason = accept_reason(reason, today=work.now.date())
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    lock_diary(work, standing.panel_id)
    change = _extra_change(work, standing, starts_at, venue)
    meeting = _extra(work, standing, starts_at, venue)
    changes.add_meeting(work, standing, meeting, reason)
    return replace(change, meeting=view_meeting(work, standing, meeting))


def meetings_to_reinstate(work: Work, actor: Actor, where: Where) -> tuple[MeetingChoice, ...]:
    """Return the coming meetings that were cancelled, soonest first. Raise Mistake if there are none."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    query = select(Meeting).where(
        col(Meeting.panel_id) == standing.panel_id,
        col(Meeting.state) == MeetingState.CANCELLED,
        col(Meeting.starts_at) > work.now,
    )
    cancelled = work.session.exec(query.order_by(col(Meeting.starts_at), col(Meeting.id))).all()
    if not cancelled:
        raise Mistake(f"{standing.panel.title} has no cancelled meeting to put back.")
    return choices_of(work, standing, list(cancelled))


def preview_reinstatement(work: Work, actor: Actor, where: Where, *, meeting_ids: tuple[int, ...]) -> Reinstatement:
    """Return what reinstating meetings would do. Nothing is saved. Raise Mistake if one can't be reinstated."""
    return _reinstatement(work, find_panel(work, actor, where, Verb.SCHEDULE), meeting_ids)


def _reinstatement(work: Work, standing: Standing, meeting_ids: tuple[int, ...]) -> Reinstatement:
    panel, found = standing.panel, _cancelled(work, standing, meeting_ids)
    clashes: list[Clash] = []
    for meeting in found:  # each by itself: they may be in different rooms, and of different length
        lasts = meeting.ends_at - meeting.starts_at
        clashes += clashes_at(work, standing, [meeting.starts_at], lasts=lasts, venue=meeting.venue)
    views = view_meetings(work, [(standing, meeting) for meeting in found])
    return Reinstatement(
        panel_title=panel.title,
        meetings=tuple(views),
        remarks=tuple(
            (view.starts_at, remark)
            for view in views
            for remark in remarks_on(work, standing, view.starts_at.replace(tzinfo=None))
        ),
        clashes=tuple(clashes),
        ended_rules=tuple(dict.fromkeys(rule for meeting in found for rule in _ended_rule(work, meeting))),
    )


def reinstate_meetings(
    work: Work, actor: Actor, where: Where, *, meeting_ids: tuple[int, ...], reason: str
) -> Reinstatement:
    """Reinstate cancelled meetings at their former times. Members are told once.

    Cases stay at the meetings they have moved to. Raise Mistake if a time has passed or is taken.
    """
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    reason = accept_reason(reason, today=work.now.date())
    lock_diary(work, standing.panel_id)
    shown = _reinstatement(work, standing, meeting_ids)
    found = _cancelled(work, standing, meeting_ids)
    for meeting in found:
        changes.reinstate(work, standing, meeting, reason)
    key = "reinstated:" + ":".join(f"{meeting.id}.{meeting.sequence}" for meeting in found[:3])
    changes.tell_of_each(work, standing, found, MeetingChange.REINSTATED, key)
    return replace(shown, meetings=tuple(view_meetings(work, [(standing, meeting) for meeting in found])))


def preview_venue(work: Work, actor: Actor, meeting_id: int, *, venue: str, and_later: bool) -> VenueChange:
    """Return what a new venue would change, for one meeting or also for all later ones. Nothing is saved.

    Raise Mistake for text that is no venue, or if the venue would stay the same.
    """
    standing, first = _to_hold_elsewhere(work, actor, meeting_id)
    return _venue_change(work, standing, first, accept_venue(venue, field="venue", today=work.now.date()), and_later)[0]


def change_venue(work: Work, actor: Actor, meeting_id: int, *, venue: str, and_later: bool, reason: str) -> VenueChange:
    """Change the venue of a meeting and, with `and_later`, of all later meetings. Members are told once."""
    reason = accept_reason(reason, today=work.now.date())
    place = accept_venue(venue, field="venue", today=work.now.date())
    standing, first = _to_hold_elsewhere(work, actor, meeting_id)
    lock_diary(work, standing.panel_id)
    standing, first = _to_hold_elsewhere(work, actor, meeting_id)  # read again: another change may have come first
    change, meetings = _venue_change(work, standing, first, place, and_later)
    sealed = work.seal(standing.panel.data_key_id, reason)
    changes.hold_at(work, meetings, place, reason=sealed, by_id=actor.person_id)
    if and_later:
        standing.panel.venue = place
    if meetings:
        key = f"venue:{standing.panel_id}:{id_of(meetings[0])}.{meetings[0].sequence}"
        changes.tell_of_each(work, standing, meetings, MeetingChange.ELSEWHERE, key)
    return change


def _to_change(
    work: Work, actor: Actor, where: Where, meeting_id: int | None, *, locked: bool = False
) -> tuple[Standing, Meeting]:
    if meeting_id is None:
        standing = find_panel(work, actor, where, Verb.SCHEDULE)
    else:
        standing, _ = require_meeting(work, actor, meeting_id, Verb.SCHEDULE)
    if locked:
        lock_diary(work, standing.panel_id)
    meeting = upcoming_meeting(work, standing) if meeting_id is None else work.session.get_one(Meeting, meeting_id)
    next_meeting_state(meeting.state, MeetingEvent.MOVED)
    if meeting.elsewhere_at is not None:
        raise Mistake("That meeting was held elsewhere, so it can't be moved or cancelled.")
    return standing, meeting


def _carried(work: Work, standing: Standing, meeting: Meeting) -> int:
    """Return how many cases of the meeting are also before another coming meeting.

    Cases that the reader may not see don't count.
    """
    carried = [flag for flag, _ in changes.carried_already(work, meeting)] if standing.may(Verb.READ_CASES) else []
    return len(readable_cases(work, standing.actor.person_id, [flag.case_id for flag in carried]))


def _taker(work: Work, standing: Standing, meeting: Meeting) -> Meeting:
    """Return the meeting that hears a cancelled meeting's cases instead. Raise Mistake if there is none."""
    taker = changes.takers_of(work, standing.panel_id, [meeting])[id_of(meeting)]
    if taker is None:
        raise Mistake(LAST_MEETING)
    return taker


def _extra(work: Work, standing: Standing, starts_at: datetime, venue: str) -> Meeting:
    begins = begins_at(work, standing.panel, starts_at)
    lasts = timedelta(minutes=work.definition(standing.panel.definition).duration)
    refuse_taken(work, standing.panel, begins, lasts)
    place = accept_venue(venue, field="venue", today=work.now.date()) or standing.panel.venue
    return Meeting(panel_id=standing.panel_id, starts_at=begins, ends_at=begins + lasts, venue=place)


def _cancelled(work: Work, standing: Standing, meeting_ids: tuple[int, ...]) -> list[Meeting]:
    """Return the cancelled meetings with these ids, soonest first.

    Raise Mistake for one that can't be reinstated, or if two would be at the same time.
    """
    if not meeting_ids:
        raise Mistake("Choose the meetings to put back.", field="meetings")
    found: list[Meeting] = []
    for meeting_id in sorted(set(meeting_ids)):
        meeting = work.session.get(Meeting, meeting_id)
        if meeting is None or meeting.panel_id != standing.panel_id:
            raise NotForYou("that meeting")
        when = f"{local_time(work, standing.panel, meeting.starts_at):%-d %B %Y at %H:%M}"
        if meeting.state is not MeetingState.CANCELLED:
            raise Mistake(f"The meeting on {when} is not cancelled.", field="meetings")
        if meeting.starts_at <= work.now:
            raise Mistake(f"The time of the meeting on {when} has passed.", field="meetings")
        if any(one.starts_at < meeting.ends_at and meeting.starts_at < one.ends_at for one in found):
            raise Mistake(f"Two of these meetings are at the same time, {when}. Choose one of them.", field="meetings")
        try:
            refuse_taken(work, standing.panel, meeting.starts_at, meeting.ends_at - meeting.starts_at)
        except Mistake:
            raise Mistake(
                f"Another meeting took the place of the one on {when}. Move that one first, or use `/panel add`.",
                field="meetings",
            ) from None
        found.append(meeting)
    return sorted(found, key=lambda meeting: meeting.starts_at)


def _ended_rule(work: Work, meeting: Meeting) -> Iterator[str]:
    """Yield the rule that a meeting's series had, if a person ended the series before this meeting."""
    series = work.session.get(Series, meeting.series_id) if meeting.series_id is not None else None
    if series is None or meeting.rule_on is None:
        return
    rule = parse_rule(series.rule)
    if rule.ends is not None and rule.ends.year is not None and rule.ends.on_or_after(date.min) < meeting.rule_on:
        yield words_of(replace(rule, ends=None))


def _to_hold_elsewhere(work: Work, actor: Actor, meeting_id: int) -> tuple[Standing, Meeting]:
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SCHEDULE)
    if meeting.state is not MeetingState.SCHEDULED or meeting.ends_at <= work.now:
        raise Mistake("That meeting is over or cancelled. You can change the venue only of a coming meeting.")
    return standing, meeting


def _venue_change(
    work: Work, standing: Standing, first: Meeting, venue: str, and_later: bool
) -> tuple[VenueChange, list[Meeting]]:
    panel = standing.panel
    following = [
        one
        for one in meetings_of(work, first.panel_id)
        if one.state is MeetingState.SCHEDULED and one.starts_at >= first.starts_at
    ]
    meetings = [one for one in (following if and_later else [first]) if one.venue != venue]
    if not meetings and not (and_later and panel.venue != venue):
        said = f"at {venue}" if venue else "without a venue"
        raise Mistake(f"{panel.title} already meets {said} then.", field="venue")
    clashes: list[Clash] = []
    except_for = [id_of(one) for one in meetings]
    for lasts in sorted({one.ends_at - one.starts_at for one in meetings}):
        starts = [one.starts_at for one in meetings if one.ends_at - one.starts_at == lasts]
        clashes += clashes_at(work, standing, starts, lasts=lasts, venue=venue, except_for=except_for)
    of_the_room = [
        replace(clash, reasons=tuple(why for why in clash.reasons if why.startswith(ROOM_TAKEN))) for clash in clashes
    ]
    change = VenueChange(
        panel_key=panel.key,
        panel_title=panel.title,
        venue=venue,
        moves=tuple((local_time(work, panel, one.starts_at), one.venue) for one in meetings),
        and_later=and_later,
        agenda_is_out=any(one.agenda_published_at is not None for one in meetings),
        clashes=tuple(one for one in of_the_room if one.reasons),
    )
    return change, meetings
