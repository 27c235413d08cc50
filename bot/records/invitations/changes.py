"""Invitations: recording who was told of a meeting, for which time, and recording apologies when the meeting opens."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.deadlines import MeetingDeadlines, meeting_deadlines
from bot.domain.notices import Notice
from bot.domain.permissions import Verb, may
from bot.models.meetings import Meeting, Prompt, Rsvp
from bot.models.outbox import WORDED, OutboxRow
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import AttendanceStatus, MeetingChange, MeetingState, PromptKind, Reply
from bot.records.access.queries import local_time, today_at
from bot.records.diary.queries import lock_diary
from bot.records.invitations.queries import PROMPTS_TOLD, Due, Expected, expected_at
from bot.records.meeting.queries import attendance_rows
from bot.store.rows import add_rows, id_of, upsert, write_rows
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

#: Records a prompt. For a deadline that a person was told of before, it sets a new time.
_NOTE = upsert(PROMPTS_TOLD, "meeting_id", "kind", "person_id", "deadline_on", changing=["queued_at"])


def note_told(work: Work, told: Iterable[tuple[Due, int]]) -> None:
    """Record that people are told of a deadline now. `told` has pairs of a prompt and a person's id."""
    rows = [{**due._asdict(), "person_id": person_id, "queued_at": work.now} for due, person_id in told]
    write_rows(work.session, _NOTE, rows)


@dataclass(frozen=True, slots=True)
class Telling:
    """A message to send to one person, who is at work now, about a meeting's deadline."""

    panel_id: int
    due: Due
    person_id: int
    facts: Mapping[str, Any]  #: what the notice carries in addition to the meeting, and `once`


#: Returns the tellings that are due, of all meetings or under conditions on Meeting, without what was told before.
ToTell = Callable[..., Sequence[Telling]]


def sweep_of(notice: Notice, to_tell: ToTell) -> Sweep:
    """Return the sweep (a tick's work) that sends a notice to the people returned by `to_tell`, meeting by meeting."""

    def find(work: Work) -> list[tuple[int, int]]:
        return list(dict.fromkeys((one.panel_id, one.due.meeting_id) for one in to_tell(work)))

    def tell(work: Work, piece: tuple[int, int]) -> int:
        panel_id, meeting_id = piece
        lock_diary(work, panel_id)  # another process may be telling them, or a person moving the meeting
        told = to_tell(work, col(Meeting.id) == meeting_id)
        note_told(work, [(one.due, one.person_id) for one in told])
        for one in told:
            work.tell(one.person_id, notice, meeting_id=meeting_id, **one.facts)
        return len(told)

    return Sweep(find, tell)


#: Notices that carry the buttons for an answer.
_ASKING = (Notice.INVITATION, Notice.REPLY_REMINDER)
#: Changes after which a meeting has a new time. Their notices may ask who comes.
ASKING_NOTICES = (MeetingChange.MOVED, MeetingChange.ADDED, MeetingChange.REINSTATED)


@dataclass(frozen=True, slots=True)
class InvitationView:
    """The facts that an invitation shows to a member, with the member's answer so far."""

    meeting_id: int
    panel_key: str
    panel_title: str
    starts_at: datetime  #: the panel's own time
    ends_at: datetime
    at: int  #: the same as a number, which its buttons carry: an answer is for one time
    venue: str
    state: MeetingState
    deadlines: MeetingDeadlines
    today: date
    knows_cases: bool  #: whether this member must keep the dates for flags and returns
    may_send_deputy: bool
    reply: Reply | None
    deputy_name: str
    has_sent_information: bool


def number_of(moment: datetime) -> int:
    """Return the moment as whole seconds since 1970.

    An invitation's buttons carry this number, so that an answer counts only for this time of the meeting.
    """
    return int(moment.timestamp())


def view_invitation(work: Work, panel: Panel, meeting: Meeting, one: Expected) -> InvitationView:
    """Return what the invitation shows to the expected person `one`."""
    starts_at = local_time(work, panel, meeting.starts_at)
    return InvitationView(
        meeting_id=id_of(meeting),
        panel_key=panel.key,
        panel_title=panel.title,
        starts_at=starts_at,
        ends_at=local_time(work, panel, meeting.ends_at),
        at=number_of(meeting.starts_at),
        venue=meeting.venue,
        state=meeting.state,
        deadlines=deadlines_of(work, panel, meeting),
        today=today_at(work, panel),
        knows_cases=may(Verb.READ_CASES, one.roles)
        and work.definition(panel.definition).hears_cases
        and not meeting.is_extraordinary,
        may_send_deputy=may(Verb.READ_CASES, one.roles) and not one.only_this_meeting,
        reply=one.reply,
        deputy_name=one.deputy_name,
        has_sent_information=one.information is not None,
    )


def deadlines_of(work: Work, panel: Panel, meeting: Meeting) -> MeetingDeadlines:
    """Return the meeting's deadlines, which follow from its date and the panel's definition."""
    return meeting_deadlines(work.definition(panel.definition), day_of(work, panel, meeting))


def day_of(work: Work, panel: Panel, meeting: Meeting) -> date:
    """Return a meeting's date in the panel's time zone."""
    return local_time(work, panel, meeting.starts_at).date()


#: When each person was told of a meeting's deadline, by kind of prompt and day of the deadline.
Told = Mapping[tuple[PromptKind, date], Mapping[int, datetime]]


def told_at_each(work: Work, meeting_ids: Collection[int]) -> dict[int, Told]:
    """Return a dict from meeting id to when each person was told of each of the meeting's deadlines.

    One query is run.
    """
    columns = PROMPTS_TOLD.c["meeting_id", "kind", "deadline_on", "person_id", "queued_at"]
    rows = work.execute(tables_select(*columns).where(PROMPTS_TOLD.c.meeting_id.in_(meeting_ids)))
    found: dict[int, dict[tuple[PromptKind, date], dict[int, datetime]]] = {number: {} for number in meeting_ids}
    for meeting_id, kind, deadline_on, person_id, queued_at in rows:
        found[meeting_id].setdefault((kind, deadline_on), {})[person_id] = queued_at
    return dict(found)


def asked_when(work: Work, meeting: Meeting, kind: PromptKind, day: date) -> Mapping[int, datetime]:
    """Return a dict from person id to the time at which they got this kind of prompt for the meeting.

    Only prompts that were sent while the meeting was planned for `day` count.
    """
    return told_at_each(work, [id_of(meeting)])[id_of(meeting)].get((kind, day), {})


def ask(
    work: Work,
    meeting: Meeting,
    kind: PromptKind,
    people: Sequence[Expected],
    day: date,
    *,
    more: Mapping[int, Mapping[str, object]] = MappingProxyType({}),
) -> None:
    """Send people a notice about the meeting at its present time, and record that they were told.

    `more` is a dict from person id to further facts for that person's notice.
    """
    note_told(work, [(Due(id_of(meeting), kind, day), one.person_id) for one in people])
    for one in people:
        work.tell(
            one.person_id,
            Notice[kind.name],
            once=(*_at_its_time(meeting, one.enrolled_at, meeting.sequence), day.isoformat()),
            meeting_id=id_of(meeting),
            at=number_of(meeting.starts_at),
            **more.get(one.person_id, {}),
        )


def forget_answers(work: Work, person_id: int) -> None:
    """Delete a person's answers about coming meetings, so that they are asked again if they come back."""
    coming = select(Meeting.id).where(col(Meeting.state) == MeetingState.SCHEDULED, col(Meeting.starts_at) > work.now)
    asking = col(Prompt.kind).in_([PromptKind.INVITATION, PromptKind.REPLY_REMINDER])
    asked = delete(Prompt).where(col(Prompt.person_id) == person_id, col(Prompt.meeting_id).in_(coming), asking)
    work.session.execute(asked)
    theirs = delete(Rsvp).where(col(Rsvp.person_id) == person_id, col(Rsvp.meeting_id).in_(coming))
    work.session.execute(theirs)


def ask_by_notice(work: Work, panel: Panel, meeting: Meeting, *, except_for: int | None = None) -> None:
    """Record which members the notice of a meeting's new time also invites.

    A member is recorded if invitations are due by now, or if this member was invited before. The person who moved the
    meeting (`except_for`) gets no such notice, and is invited separately.
    """
    day = day_of(work, panel, meeting)
    told = told_at_each(work, [id_of(meeting)])[id_of(meeting)]
    before = {person_id for (kind, _), people in told.items() if kind is PromptKind.INVITATION for person_id in people}
    already = told.get((PromptKind.INVITATION, day), {})
    is_due = deadlines_of(work, panel, meeting).flags_open <= today_at(work, panel)
    asked = Due(id_of(meeting), PromptKind.INVITATION, day)
    note_told(
        work,
        [
            (asked, one.person_id)
            for one in expected_at(work, meeting)
            if one.person_id != except_for and one.person_id not in already and (is_due or one.person_id in before)
        ],
    )


def _at_its_time(meeting: Meeting, enrolled_at: datetime, sequence: int) -> tuple[int, str, int]:
    """Return the parts of a message's key that change when the person enrols again or the meeting changes.

    `sequence` counts the changes of the meeting, as in calendar files.
    """
    return int(enrolled_at.timestamp()), meeting.starts_at.isoformat(), sequence


def messages_with_buttons(work: Work, meeting: Meeting, person_id: int) -> list[OutboxRow]:
    """Return the messages that ask the person whether they are coming to the meeting at its present time.

    Messages that are being sent are included.
    """
    # A meeting reinstated at its old time still has the messages from before with an earlier sequence number.
    sequences = range(meeting.sequence + 1)
    enrolled_at = work.session.get_one(Person, person_id).enrolled_at
    ids = {"meeting_id": meeting.id, "person_id": person_id}
    keys = [
        asking.key.format(**ids, once=_at_its_time(meeting, enrolled_at, n)) for asking in _ASKING for n in sequences
    ]
    change = Notice.MEETING_NOTICE.key
    keys += [change.format(**ids, notice=notice.value, once=n) for notice in ASKING_NOTICES for n in sequences]
    sent = work.find_all(OutboxRow, col(OutboxRow.key).in_(keys), col(OutboxRow.state).in_(WORDED))
    return [row for row in sent if row.payload["at"] == number_of(meeting.starts_at)]


def asks(work: Work, panel: Panel, meeting: Meeting, person_id: int) -> bool:
    """Return whether the person has been invited to the meeting at its present date."""
    return person_id in asked_when(work, meeting, PromptKind.INVITATION, day_of(work, panel, meeting))


def record_apologies(work: Work, meeting: Meeting) -> None:
    """Fill in the attendance when a meeting opens: who sent apologies, and who sends a deputy.

    If they sent information, the day on which they sent it is recorded too. People who are already in the attendance
    keep their status.
    """
    away = [one for one in expected_at(work, meeting) if one.reply in (Reply.APOLOGIES, Reply.DEPUTY)]
    rows = attendance_rows(work, meeting, {one.person_id: id_of(one.agency) for one in away})
    added = []
    for one in away:
        row = rows[one.person_id]
        if row.id is not None:
            continue
        row.status = AttendanceStatus.APOLOGIES
        if one.information is not None:
            row.information_sent, row.information_sent_at = one.information, one.replied_at
        added.append(row)
    add_rows(work.session, added)
