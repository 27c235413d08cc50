"""Invitations: who was asked about which meeting at which time, and what an invitation says."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from bot.domain.deadlines import MeetingDeadlines, meeting_deadlines
from bot.domain.permissions import Verb, may
from bot.models.meetings import Meeting, Prompt, Rsvp
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, Notice, PromptKind, Reply
from bot.store.diary import local_time, today_at
from bot.store.outbox import Effect
from bot.store.replies import Expected, expected_at
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: The messages about one meeting at one time that carry its buttons.
_ASKING = (PromptKind.INVITATION, PromptKind.REPLY_REMINDER)
#: A meeting to come at a time that is new to members: the notice asks who comes, where that is due.
ASKING_NOTICES = (Notice.MOVED, Notice.ADDED, Notice.REINSTATED)


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What somebody is asked, and how they answered so far."""

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
    knows_cases: bool  #: whether the dates for flags and returns are theirs to keep
    may_send_deputy: bool
    reply: Reply | None
    deputy_name: str
    has_sent_information: bool


def number_of(moment: datetime) -> int:
    """A meeting's time as a number."""
    return int(moment.timestamp())


def view_invitation(work: Work, panel: Panel, meeting: Meeting, one: Expected) -> InvitationView:
    """The invitation of one of those expected."""
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
        knows_cases=may(Verb.READ_CASES, one.roles) and work.definition(panel.definition).hears_cases,
        may_send_deputy=may(Verb.READ_CASES, one.roles) and not one.only_this_meeting,
        reply=one.reply,
        deputy_name=one.deputy_name,
        has_sent_information=one.information is not None,
    )


def deadlines_of(work: Work, panel: Panel, meeting: Meeting) -> MeetingDeadlines:
    """The dates that hang on a meeting."""
    return meeting_deadlines(work.definition(panel.definition), day_of(work, panel, meeting))


def day_of(work: Work, panel: Panel, meeting: Meeting) -> date:
    """The meeting's own day."""
    return local_time(work, panel, meeting.starts_at).date()


def asked_when(work: Work, meeting: Meeting, kind: PromptKind, day: date) -> dict[int, datetime]:
    """When each person was asked; `day` is the meeting's own, so that one that moved is asked about anew."""
    rows = work.session.exec(
        select(Prompt).where(
            col(Prompt.meeting_id) == id_of(meeting), col(Prompt.kind) == kind, col(Prompt.deadline_on) == day
        )
    )
    return {row.person_id: row.queued_at for row in rows}


def note_asked(work: Work, meeting: Meeting, kind: PromptKind, person_id: int, day: date) -> None:
    """Keep that somebody was asked, so that nobody is asked twice."""
    work.session.add(
        Prompt(meeting_id=id_of(meeting), kind=kind, person_id=person_id, deadline_on=day, queued_at=work.now)
    )


def ask(work: Work, meeting: Meeting, kind: PromptKind, person_id: int, day: date, **more: object) -> None:
    """Ask somebody once about the meeting at the time it has."""
    note_asked(work, meeting, kind, person_id, day)
    work.send(
        Effect(
            key=message_key(work, kind, meeting, person_id),
            lane=f"person:{person_id}",
            kind=kind.value,
            payload={
                "person_id": person_id,
                "meeting_id": id_of(meeting),
                "at": number_of(meeting.starts_at),
                **more,
            },
        )
    )


def forget_asked(work: Work, panel: Panel, meeting: Meeting) -> None:
    """A meeting has moved to another time: what was asked about that day before, at another hour, counts no more."""
    dates = (day_of(work, panel, meeting), deadlines_of(work, panel, meeting).returns)
    for prompt in work.session.exec(
        select(Prompt).where(
            col(Prompt.meeting_id) == id_of(meeting),
            col(Prompt.kind).in_([PromptKind.INVITATION, PromptKind.REPLY_REMINDER, PromptKind.QUORUM]),
            col(Prompt.deadline_on).in_(dates),
        )
    ):
        work.session.delete(prompt)
    work.session.flush()


def forget_answers(work: Work, person_id: int) -> None:
    """Somebody has left: should they come back, they are asked about coming meetings as if for the first time."""
    coming = select(Meeting.id).where(col(Meeting.state) == MeetingState.SCHEDULED, col(Meeting.starts_at) > work.now)
    theirs = work.session.exec(select(Rsvp).where(col(Rsvp.person_id) == person_id, col(Rsvp.meeting_id).in_(coming)))
    asked = work.session.exec(
        select(Prompt).where(
            col(Prompt.person_id) == person_id,
            col(Prompt.meeting_id).in_(coming),
            col(Prompt.kind).in_([PromptKind.INVITATION, PromptKind.REPLY_REMINDER]),
        )
    )
    for row in (*theirs, *asked):
        work.session.delete(row)
    work.session.flush()


def ask_by_notice(work: Work, panel: Panel, meeting: Meeting, *, besides: int | None = None) -> None:
    """The notice of a new time asks who comes, where the invitations are out already or due by now.

    `besides` is whoever gave it: the notice does not go to them, so they are invited to the new time as to any.
    """
    day = day_of(work, panel, meeting)
    before = set(
        work.session.exec(
            select(Prompt.person_id).where(
                col(Prompt.meeting_id) == id_of(meeting), col(Prompt.kind) == PromptKind.INVITATION
            )
        )
    )
    already = asked_when(work, meeting, PromptKind.INVITATION, day)
    is_due = deadlines_of(work, panel, meeting).flags_open <= today_at(work, panel)
    for one in expected_at(work, meeting):
        if one.person_id != besides and one.person_id not in already and (is_due or one.person_id in before):
            note_asked(work, meeting, PromptKind.INVITATION, one.person_id, day)
    work.session.flush()


def message_key(work: Work, kind: PromptKind, meeting: Meeting, person_id: int) -> str:
    """What names one message about one meeting at one time to one person; moved there and back, it is another.

    So it is to somebody who has left since and is back: `enrolled_at` is when they came, the last time.
    """
    return _message_key(work, kind, meeting, person_id, meeting.sequence)


def _message_key(work: Work, kind: PromptKind, meeting: Meeting, person_id: int, sequence: int) -> str:
    since = int(work.session.get_one(Person, person_id).enrolled_at.timestamp())
    return f"{kind.value}:{meeting.id}:{person_id}.{since}:{meeting.starts_at.isoformat()}:{sequence}"


def messages_with_buttons(work: Work, meeting: Meeting, person_id: int) -> list[OutboxRow]:
    """What they were sent about the meeting at this time, as far as it is remembered where it stands."""
    # One that was cancelled and put back at its time is asked about by the messages of before.
    sequences = range(meeting.sequence + 1)
    keys = [_message_key(work, kind, meeting, person_id, n) for kind in _ASKING for n in sequences]
    keys += [f"{notice_key(notice, meeting, n)}:{person_id}" for notice in ASKING_NOTICES for n in sequences]
    sent = work.session.exec(
        select(OutboxRow).where(col(OutboxRow.key).in_(keys), col(OutboxRow.state) == EffectState.DONE)
    )
    return [row for row in sent if row.payload["at"] == number_of(meeting.starts_at)]


def notice_key(notice: Notice, meeting: Meeting, sequence: int) -> str:
    """What names the notice of one change of a meeting, to everybody."""
    return f"{notice.value}:{meeting.id}:{sequence}"


def asks(work: Work, panel: Panel, meeting: Meeting, person_id: int) -> bool:
    """Whether they were asked about the meeting at the time it has."""
    return person_id in asked_when(work, meeting, PromptKind.INVITATION, day_of(work, panel, meeting))
