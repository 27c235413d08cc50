"""What hangs on a meeting's date and follows it: flags, deputies, calendars, questions and messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlmodel import col, select

from bot.domain.deadlines import meeting_deadlines
from bot.domain.notices import Notice
from bot.domain.permissions import Verb
from bot.domain.working_days import ONE_DAY
from bot.errors import Mistake
from bot.models.cases import Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.outbox import WORDED, OutboxRow
from bot.models.panels import Membership, Panel
from bot.models.vocabulary import MeetingChange, MeetingState
from bot.records.access.clocks import local_time, zone_of
from bot.records.access.queries import Standing, is_to_hold
from bot.records.agenda.queries import LIVE_FLAGS
from bot.records.cases.changes import merge_flag, move_merged
from bot.records.cases.queries import live_flag
from bot.records.invitations.changes import ASKING_NOTICES, ask_by_notice, forget_asked, number_of
from bot.records.invitations.stand_ins import tell_stand_in
from bot.records.people.queries import members_who_may
from bot.records.rescheduling.queries import LAST_MEETING
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def move(work: Work, panel: Panel, meeting: Meeting, begins: datetime) -> None:
    """Give a meeting another time; it stays the same meeting for its flags, replies and calendars."""
    meeting.ends_at = begins + (meeting.ends_at - meeting.starts_at)
    meeting.starts_at = begins
    meeting.sequence += 1
    work.session.add(meeting)
    work.session.flush()
    day = local_time(work, panel, begins).date()
    _take_deputies_along(work, panel, meeting, day)
    for flag in _live_flags(work, [id_of(meeting)]):
        flag.is_late = flag.is_late and _is_late(work, panel, flag, meeting)
        work.session.add(flag)
    forget_asked(work, panel, meeting)


def cancel(work: Work, meeting: Meeting, to: Meeting | None) -> int:
    """Take a meeting out of the diary; what is flagged to it goes to another. How many flags did.

    The panel's diary has been locked. Raises Mistake when there is no other meeting.
    """
    if to is None:
        raise Mistake(LAST_MEETING)
    flags = _live_flags(work, [id_of(meeting)])
    _end_deputies(work, meeting)
    for flag in flags:
        _carry(work, flag, to)
    meeting.state = MeetingState.CANCELLED
    meeting.cancelled_at = work.now
    meeting.sequence += 1
    work.session.add(meeting)
    work.session.flush()
    return len(flags)


def _live_flags(work: Work, meeting_ids: Sequence[int]) -> list[Flag]:
    return list(
        work.session.exec(
            select(Flag)
            .where(col(Flag.meeting_id).in_(meeting_ids), col(Flag.state).in_(LIVE_FLAGS))
            .order_by(col(Flag.id))
        )
    )


def _carry(work: Work, flag: Flag, to: Meeting) -> None:
    # A line left behind on the agenda of a meeting that is not held would make the case look unheard for ever.
    for item in work.session.exec(select(AgendaItem).where(col(AgendaItem.flag_id) == id_of(flag))):
        work.session.delete(item)
    before = flag.meeting_id
    taken = live_flag(work, flag.case_id, id_of(to))
    flag.is_late = _is_late(work, work.session.get_one(Panel, to.panel_id), flag, to)
    if taken is not None:  # flagged to that meeting too: one hearing serves both
        merge_flag(work, flag, taken)
    else:
        flag.meeting_id = id_of(to)
        work.session.add(flag)
        work.session.flush()
    move_merged(work, flag.case_id, before, id_of(to))


def _is_late(work: Work, panel: Panel, flag: Flag, meeting: Meeting) -> bool:
    """Whether a flag came after the cut-off of a meeting at the time that this has now."""
    day = local_time(work, panel, meeting.starts_at).date()
    cut_off = meeting_deadlines(work.definition(panel.definition), day).flags_close
    return local_time(work, panel, flag.flagged_at).date() > cut_off


def _end_deputies(work: Work, meeting: Meeting) -> None:
    """Who was to come for this meeting only has no business on the panel any more."""
    places = work.session.exec(
        select(Membership)
        .where(col(Membership.meeting_id) == id_of(meeting), is_to_hold(work.now))
        .order_by(col(Membership.id))
    ).all()
    for place in places:
        place.ended_at = work.now
        work.session.add(place)
        work.audit("end", "membership", place.person_id, panel_id=place.panel_id)
        tell_stand_in(work, meeting, place.person_id)
    work.session.flush()


def _take_deputies_along(work: Work, panel: Panel, meeting: Meeting, day: date) -> None:
    """Who stands in at this meeting only, does so until the end of its new day."""
    zone = zone_of(work, panel)
    ends = datetime.combine(day + ONE_DAY, time(), tzinfo=zone).astimezone(UTC)
    places = work.session.exec(
        select(Membership).where(col(Membership.meeting_id) == id_of(meeting), col(Membership.ended_at).is_(None))
    ).all()
    for place in places:
        place.lapses_at = ends
        if place.began_at >= ends:
            place.began_at = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
        work.session.add(place)
    work.session.flush()


#: The messages about one meeting that carry buttons.
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
    """A message about a meeting, and where it stands."""

    kind: str  #: of effect
    meeting_id: int
    at: int  #: the time of which it speaks, as a number
    notice: MeetingChange | None
    says_flags_open: bool
    channel_id: str
    ts: str


def rewrite_messages(work: Work, meetings: Sequence[Meeting]) -> None:
    """Have every earlier message about meetings that have just changed say what is so, each once for each change."""
    changed = {id_of(meeting): meeting for meeting in meetings}
    number = col(OutboxRow.payload)["meeting_id"].as_integer()
    sent = work.session.exec(
        select(OutboxRow)
        .where(
            col(OutboxRow.state).in_([state.value for state in WORDED]),
            col(OutboxRow.kind).in_([notice.value for notice in _WITH_BUTTONS]),
            number.in_(list(changed)),
        )
        .order_by(col(OutboxRow.id))
    )
    for row in sent:
        facts: dict[str, Any] = row.payload
        sequence = changed[facts["meeting_id"]].sequence
        work.tell(facts["person_id"], Notice.MESSAGE_OVERTAKEN, once=sequence, message=id_of(row))


def sent_message(work: Work, number: int) -> SentMessage | None:
    """One of these messages; None where it is not known to have arrived."""
    row = work.session.get(OutboxRow, number)
    place, facts = (row.result or {}, row.payload) if row is not None else ({}, {})
    # Word to a stand-in that an earlier version sent does not say of which time it speaks.
    if row is None or not place.get("channel") or not place.get("ts") or "at" not in facts:
        return None
    return SentMessage(
        kind=row.kind,
        meeting_id=int(str(facts["meeting_id"])),
        at=int(str(facts["at"])),
        notice=MeetingChange(str(facts["notice"])) if "notice" in facts else None,
        says_flags_open=bool(facts.get("flags")),
        channel_id=str(place["channel"]),
        ts=str(place["ts"]),
    )


def tell_of(work: Work, standing: Standing, meeting: Meeting, notice: MeetingChange) -> None:
    """Tell every member but whoever did it, by direct message, asking who comes where the meeting is to come."""
    if notice in ASKING_NOTICES:
        ask_by_notice(work, standing.panel, meeting, besides=standing.actor.person_id)
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


def tell_of_many(
    work: Work,
    panel_id: int,
    key: str,
    changes: Sequence[tuple[Meeting, MeetingChange, datetime | None]],
    *,
    besides: int | None,
    series_id: int | None = None,
) -> None:
    """One message a person about several meetings: each with what became of it, and when it was to be before.

    `besides` is whoever did it, and `series_id` a series under a new rule, which the message says.
    """
    listed = [
        {"meeting_id": meeting.id, "notice": notice.value, "before": before.isoformat() if before else None}
        for meeting, notice, before in changes
    ]
    facts = {"panel_id": panel_id, "series_id": series_id, "changes": listed}
    _tell_members(work, panel_id, besides, Notice.DIARY_NOTICE, once=key, **facts)
    rewrite_messages(work, [meeting for meeting, _, _ in changes])


def _tell_members(work: Work, on: int, besides: int | None, notice: Notice, /, **facts: Any) -> None:
    for person in members_who_may(work, on, Verb.SEE_DIARY):
        if person.id != besides:
            work.tell(id_of(person), notice, **facts)
