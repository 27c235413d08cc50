"""Every change of a diary: series and meetings are added, moved, cancelled and reinstated, and members are told.

If a meeting moves, everything that depends on its date is changed too: flags, deputies, calendar entries, prompts and
messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.deadlines import meeting_deadlines
from bot.domain.flag_state import LIVE_STATES, FlagEvent
from bot.domain.language.rhythm_rule import Recurrence
from bot.domain.notices import Notice
from bot.domain.permissions import Verb
from bot.domain.recurrence import Occurrence, anchored
from bot.domain.states import TOLD_TO_CALENDARS, MeetingEvent, next_meeting_state
from bot.models.cases import Flag
from bot.models.meetings import Meeting, Prompt
from bot.models.outbox import WORDED, OutboxRow
from bot.models.panels import Membership, Panel, Series
from bot.models.vocabulary import MeetingChange, MeetingState, PromptKind
from bot.records.access.queries import Standing, day_begins, day_ends, is_to_hold, local_time
from bot.records.agenda.changes import carry_items
from bot.records.cases.changes import change_flag, merge_flag, move_merged
from bot.records.cases.queries import live_flag
from bot.records.diary.queries import is_coming, is_not_held, meetings_of
from bot.records.invitations.changes import ASKING_NOTICES, ask_by_notice, deadlines_of, number_of
from bot.records.invitations.stand_ins import seat_again, tell_stand_in
from bot.records.people.queries import members_who_may
from bot.store.outbox import find_sent
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work


def begin_series(
    work: Work,
    panel: Panel,
    rule: Recurrence,
    given: Sequence[Occurrence],
    *,
    starts_on: date,
    count: int | None,
    created_by_id: int | None = None,
) -> Series:
    """Add a series to the panel's diary, with a meeting on each of the given dates. Return the series."""
    series = Series(
        panel_id=id_of(panel),
        rule=(anchored(rule, given) if given else rule).describe(),
        starts_on=starts_on,
        count=count if count is not None else rule.times,
        created_by_id=created_by_id,
        created_at=work.now,
    )
    work.session.add(series)
    work.session.flush()
    fill_series(work, panel, series, given)
    return series


def fill_series(work: Work, panel: Panel, series: Series, given: Sequence[Occurrence]) -> None:
    """Add a meeting to the series for each of these dates, in one statement."""
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    meetings = [
        Meeting(
            panel_id=id_of(panel),
            series_id=id_of(series),
            rule_on=one.rule_on,
            starts_at=one.starts_at.astimezone(UTC),
            ends_at=one.starts_at.astimezone(UTC) + lasts,
            venue=panel.venue,
        )
        for one in given
    ]
    add_rows(work.session, meetings)


def add_meeting(work: Work, by: Standing, meeting: Meeting, reason: str) -> None:
    """Add a meeting to the diary outside any series, and tell members."""
    meeting.reason = work.seal(by.panel.data_key_id, reason)
    work.session.add(meeting)
    work.session.flush()
    _audit(work, by, "add", meeting)
    tell_of(work, by, meeting, MeetingChange.ADDED)


def change_meeting(
    work: Work,
    meeting: Meeting,
    change: MeetingEvent,
    *,
    begins: datetime | None = None,
    ends: datetime | None = None,
    venue: str | None = None,
) -> None:
    """Set a meeting's state, time and venue after a change. No other function sets these columns.

    Raise Mistake if the meeting's present state does not allow the change.
    """
    meeting.state = next_meeting_state(meeting.state, change)
    if change in TOLD_TO_CALENDARS:
        meeting.sequence += 1
    if begins is not None or change is MeetingEvent.REINSTATED:
        meeting.gathered_at = None
    if begins is not None:
        meeting.ends_at = begins + (meeting.ends_at - meeting.starts_at)
        meeting.starts_at = begins
    if ends is not None:
        meeting.ends_at = ends
    if venue is not None:
        meeting.venue = venue
    match change:
        case MeetingEvent.OPENED:
            meeting.opened_at = work.now
        case MeetingEvent.POSTPONED:
            meeting.opened_at = None
        case MeetingEvent.CLOSED:
            meeting.closed_at = work.now
        case MeetingEvent.CANCELLED:
            meeting.cancelled_at = work.now
        case MeetingEvent.REINSTATED:
            meeting.cancelled_at = None
    work.session.flush()


def move(
    work: Work,
    by: Standing,
    meeting: Meeting,
    begins: datetime,
    reason: str,
    *,
    venue: str | None = None,
    change: MeetingEvent = MeetingEvent.MOVED,
) -> None:
    """Move a meeting to another time, with its flags and deputies. Answers to its invitation are kept."""
    panel = by.panel
    meeting.reason = work.seal(panel.data_key_id, reason)
    for flag, to in carried_already(work, meeting):
        _carry(work, flag, to)
    change_meeting(work, meeting, change, begins=begins, venue=venue)
    day = local_time(work, panel, begins).date()
    _move_deputies(work, panel, meeting, day)
    for flag in _live_flags(work, meeting):
        flag.is_late = flag.is_late and _is_late(work, panel, flag, meeting)
    _forget_asked(work, panel, meeting, day)
    _audit(work, by, "postpone" if change is MeetingEvent.POSTPONED else "reschedule", meeting)


def carried_already(work: Work, meeting: Meeting) -> list[tuple[Flag, Meeting]]:
    """Return the meeting's live flags whose case is already flagged to a coming meeting, each with that meeting.

    Only a meeting that was not held can have such flags.
    """
    if not is_not_held(work, meeting):
        return []
    copy = aliased(Flag)
    rows = work.session.execute(
        select(Flag, Meeting)
        .join(copy, and_(col(copy.case_id) == col(Flag.case_id), col(copy.panel_id) == col(Flag.panel_id)))
        .join(Meeting, col(Meeting.id) == col(copy.meeting_id))
        .where(
            col(Flag.meeting_id) == id_of(meeting),
            col(Flag.state).in_(LIVE_STATES),
            col(copy.state).in_(LIVE_STATES),
            is_coming(work),
        )
        .order_by(col(Meeting.starts_at))
    )
    return list({id_of(flag): (flag, to) for flag, to in reversed(rows.all())}.values())


def note_elsewhere(work: Work, by: Standing, meeting: Meeting, reason: str) -> None:
    """Record that a meeting which was never opened was held outside Slack. Its cases still go to the next meeting."""
    meeting.reason = work.seal(by.panel.data_key_id, reason)
    meeting.elsewhere_at = work.now
    work.session.flush()
    _audit(work, by, "elsewhere", meeting)


def forget_elsewhere(work: Work, by: Standing, meeting: Meeting) -> None:
    """Remove the record that a meeting was held outside Slack, so that it counts as not held again."""
    meeting.reason = meeting.elsewhere_at = None
    work.session.flush()
    _audit(work, by, "not_elsewhere", meeting)


def cancel(work: Work, meeting: Meeting, to: Meeting | None, *, by: Standing | None = None, reason: str = "") -> None:
    """Cancel a meeting, and move its flags and added items to the meeting `to`.

    If the panel ends, `to` is None and nothing is moved. The caller has locked the panel's diary.
    """
    if by is not None:
        meeting.reason = work.seal(by.panel.data_key_id, reason)
    _end_deputies(work, meeting)
    if to is not None:
        for flag in _live_flags(work, meeting):
            _carry(work, flag, to)
        carry_items(work, work.session.get_one(Panel, meeting.panel_id), meeting, to)
    change_meeting(work, meeting, MeetingEvent.CANCELLED)
    if by is not None:
        _audit(work, by, "cancel", meeting)


def takers_of(
    work: Work, panel_id: int, gone: Sequence[Meeting], moved: Mapping[int, Occurrence] | None = None
) -> dict[int, Meeting | None]:
    """Return a dict from the id of each cancelled meeting to the meeting that takes its cases.

    The cases go to the next remaining meeting, or to the last one if none is later. The value is None if no meeting
    remains. `moved` has the new dates of meetings that move.
    """
    numbers, times = {id_of(meeting) for meeting in gone}, moved or {}
    remaining = sorted(
        (
            (times[id_of(one)].starts_at.astimezone(UTC) if id_of(one) in times else one.starts_at, id_of(one), one)
            for one in meetings_of(work, panel_id)
            if id_of(one) not in numbers
            and one.state is MeetingState.SCHEDULED
            and one.starts_at > work.now
            and not one.is_extraordinary
        ),
        key=lambda each: each[:2],
    )
    last = remaining[-1][2] if remaining else None
    return {id_of(meeting): next((one for at, _, one in remaining if at > meeting.starts_at), last) for meeting in gone}


def reinstate(work: Work, by: Standing, meeting: Meeting, reason: str) -> None:
    """Reinstate a cancelled meeting at its former time, and give its deputies their places back."""
    seat_again(work, by.panel, meeting)
    meeting.reason = work.seal(by.panel.data_key_id, reason)
    change_meeting(work, meeting, MeetingEvent.REINSTATED)
    _audit(work, by, "reinstate", meeting)


def hold_at(work: Work, meetings: Sequence[Meeting], venue: str, *, reason: bytes | None, by_id: int | None) -> None:
    """Change the venue of these meetings. `reason` is already sealed."""
    for meeting in meetings:
        meeting.reason = reason  # an earlier change's reason would be read as the reason for this change
        change_meeting(work, meeting, MeetingEvent.HELD_ELSEWHERE, venue=venue)
        work.audit("venue", "meeting", meeting.id, panel_id=meeting.panel_id, actor_id=by_id)


def lengthen(work: Work, by: Standing, meeting: Meeting, ends: datetime, reason: str) -> None:
    """Give a meeting a later end, and tell members.

    Answers to the invitation still count, since the start is the same.
    """
    meeting.reason = work.seal(by.panel.data_key_id, reason)
    change_meeting(work, meeting, MeetingEvent.LENGTHENED, ends=ends)
    _audit(work, by, "lengthen", meeting)
    tell_of(work, by, meeting, MeetingChange.LENGTHENED)


def _audit(work: Work, by: Standing, verb: str, meeting: Meeting) -> None:
    work.audit(verb, "meeting", meeting.id, panel_id=by.panel_id, actor_id=by.actor.person_id)


def _live_flags(work: Work, meeting: Meeting) -> Sequence[Flag]:
    at_it = col(Flag.meeting_id) == id_of(meeting)
    return work.find_all(Flag, at_it, col(Flag.state).in_(LIVE_STATES), by=[col(Flag.id)])


def _carry(work: Work, flag: Flag, to: Meeting) -> None:
    before = flag.meeting_id
    taken = live_flag(work, flag.case_id, id_of(to))
    flag.is_late = _is_late(work, work.session.get_one(Panel, to.panel_id), flag, to)
    if taken is not None:  # the case is flagged to that meeting too: one hearing serves both
        merge_flag(work, flag, taken)
    else:
        change_flag(work, flag, FlagEvent.MOVED, meeting_id=id_of(to))
    move_merged(work, flag.case_id, before, id_of(to))


def _is_late(work: Work, panel: Panel, flag: Flag, meeting: Meeting) -> bool:
    """Return whether the flag is late for the meeting's present date: made after the last day for flags."""
    return local_time(work, panel, flag.flagged_at).date() > deadlines_of(work, panel, meeting).flags_close


def _end_deputies(work: Work, meeting: Meeting) -> None:
    """End the places that were given for this meeting only, and tell their holders."""
    for_it_alone = col(Membership.meeting_id) == id_of(meeting)
    for place in work.find_all(Membership, for_it_alone, is_to_hold(work.now), by=[col(Membership.id)]):
        place.ended_at = work.now
        work.audit("end", "membership", place.person_id, panel_id=place.panel_id)
        tell_stand_in(work, meeting, place.person_id)
    work.session.flush()


def _move_deputies(work: Work, panel: Panel, meeting: Meeting, day: date) -> None:
    """Change the places that deputies have for this meeting alone, so that they lapse at the end of its new day."""
    ends = day_ends(work, panel, day)
    for_it_alone = col(Membership.meeting_id) == id_of(meeting)
    for place in work.find_all(Membership, for_it_alone, col(Membership.ended_at).is_(None)):
        place.lapses_at = ends
        if place.began_at >= ends:
            place.began_at = day_begins(work, panel, day)
    work.session.flush()


def _forget_asked(work: Work, panel: Panel, meeting: Meeting, day: date) -> None:
    """Delete the record of prompts about a meeting's new day, so that people are asked again.

    There is such a record if the meeting moves back to a day for which it was planned before.
    """
    returns = meeting_deadlines(work.definition(panel.definition), day).returns
    asked = delete(Prompt).where(
        col(Prompt.meeting_id) == id_of(meeting),
        col(Prompt.kind).in_([PromptKind.INVITATION, PromptKind.REPLY_REMINDER, PromptKind.QUORUM]),
        col(Prompt.deadline_on).in_((day, returns)),
    )
    work.session.execute(asked)


#: Notices about one meeting whose messages carry buttons.
_WITH_BUTTONS: Final = (
    Notice.INVITATION,
    Notice.REPLY_REMINDER,
    Notice.QUORUM,
    Notice.STAND_IN,
    Notice.DEPUTY_AWAY,
    Notice.ANSWERED_FOR_YOU,
    Notice.MEETING_NOTICE,
)


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message about a meeting that arrived in Slack, with its Slack channel and timestamp."""

    kind: str  #: of effect
    meeting_id: int
    at: int  #: the meeting's time that the message gives, as a number
    notice: MeetingChange | None
    says_flags_open: bool
    channel_id: str
    ts: str


def rewrite_messages(work: Work, meetings: Sequence[Meeting]) -> None:
    """Queue an update of each earlier message that has buttons for one of these changed meetings.

    A message is rewritten once for each change of its meeting.
    """
    changed = {id_of(meeting): meeting for meeting in meetings}
    number = col(OutboxRow.payload)["meeting_id"].as_integer()
    for row in work.find_all(
        OutboxRow,
        col(OutboxRow.state).in_([state.value for state in WORDED]),
        col(OutboxRow.kind).in_([notice.value for notice in _WITH_BUTTONS]),
        number.in_(list(changed)),
        by=[col(OutboxRow.id)],
    ):
        facts: dict[str, Any] = row.payload
        sequence = changed[facts["meeting_id"]].sequence
        work.tell(facts["person_id"], Notice.MESSAGE_OVERTAKEN, once=sequence, message=id_of(row))


def sent_message(work: Work, number: int) -> SentMessage | None:
    """Return the message about a meeting that the effect with the id `number` sent.

    Return None if the message is not known to have arrived.
    """
    found = find_sent(work.session, [number])
    # Messages that an earlier version of panelbot sent to a deputy lack the time of the meeting.
    if not found or "at" not in found[0].payload:
        return None
    sent, facts = found[0], found[0].payload
    return SentMessage(
        kind=sent.kind,
        meeting_id=int(str(facts["meeting_id"])),
        at=int(str(facts["at"])),
        notice=MeetingChange(str(facts["notice"])) if "notice" in facts else None,
        says_flags_open=bool(facts.get("flags")),
        channel_id=sent.channel_id,
        ts=sent.ts,
    )


def tell_of(work: Work, standing: Standing, meeting: Meeting, notice: MeetingChange) -> None:
    """Tell members of a change to a meeting, and rewrite earlier messages about the meeting.

    The person who made the change is not told. If the meeting has a new time, the notice also asks members whether they
    are coming.
    """
    if notice in ASKING_NOTICES:
        ask_by_notice(work, standing.panel, meeting, except_for=standing.actor.person_id)
    _tell_members(
        work,
        standing.panel_id,
        standing.actor.person_id,
        Notice.MEETING_NOTICE,
        once=meeting.sequence,
        meeting_id=meeting.id,
        notice=notice.value,
        at=number_of(meeting.starts_at),
    )
    rewrite_messages(work, [meeting])


def tell_of_each(work: Work, by: Standing, meetings: Sequence[Meeting], notice: MeetingChange, key: str) -> None:
    """Tell members of the same change to several meetings in one message.

    A single meeting is announced as by `tell_of`. `key` identifies the message, so that it is sent only once.
    """
    if len(meetings) == 1:
        tell_of(work, by, meetings[0], notice)
    else:
        changed = [(meeting, notice, None) for meeting in meetings]
        tell_of_many(work, by.panel_id, key, changed, except_for=by.actor.person_id)


def tell_of_many(
    work: Work,
    panel_id: int,
    key: str,
    changes: Sequence[tuple[Meeting, MeetingChange, datetime | None]],
    *,
    except_for: int | None,
    series_id: int | None = None,
) -> None:
    """Send each member one message about several meetings, with the change and the earlier time of each meeting.

    The person `except_for`, who made the changes, gets no message. `series_id` is the series that has a new rule, if
    there is one.
    """
    listed = [
        {"meeting_id": meeting.id, "notice": notice.value, "before": before.isoformat() if before else None}
        for meeting, notice, before in changes
    ]
    facts = {"panel_id": panel_id, "series_id": series_id, "changes": listed}
    _tell_members(work, panel_id, except_for, Notice.DIARY_NOTICE, once=key, **facts)
    rewrite_messages(work, [meeting for meeting, _, _ in changes])


def _tell_members(work: Work, on: int, except_for: int | None, notice: Notice, /, **facts: Any) -> None:
    for person in members_who_may(work, on, Verb.SEE_DIARY):
        if person.id != except_for:
            work.tell(id_of(person), notice, **facts)
