"""Asking: who is invited to a meeting, asked once more, and told that it may not be quorate; each once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import col, select

from bot.domain.deadlines import MeetingDeadlines, ask_again_on
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum_forecast import Forecast, Outlook
from bot.models.meetings import Meeting, Prompt
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, PromptKind, Role
from bot.store.access import require
from bot.store.diary import local_time, lock_diary, today_at
from bot.store.invitations import (
    InvitationView,
    ask,
    asked_when,
    asks,
    day_of,
    deadlines_of,
    message_key,
    note_asked,
    number_of,
    view_invitation,
)
from bot.store.outbox import Effect
from bot.store.panel_ends import roles_until_end
from bot.store.replies import Expected, expected_at, expected_person, forecast_of, needs_asking
from bot.store.rows import id_of
from bot.store.running import is_running
from bot.store.stand_ins import was_seated
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

_AHEAD = timedelta(days=120)  # beyond the earliest deadline that a definition may set (60 working days)
#: Whom a meeting that may not be quorate concerns.
_WARNED = frozenset({Role.CHAIR, Role.VICE_CHAIR, Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class QuorumWarning:
    """What the chair is told of a meeting that is not certain to be quorate."""

    meeting_id: int
    panel_key: str
    panel_title: str
    starts_at: datetime
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A meeting as it is now, for an earlier message about it."""

    meeting_id: int
    panel_title: str
    was_at: datetime  #: the time that the message is about; all times are the panel's own
    starts_at: datetime
    ends_at: datetime
    venue: str
    is_cancelled: bool
    invitation: InvitationView | None  #: where it is to come at that time, and the reader to it
    is_asked: bool  #: whether they were asked by now, or answered


def queue_invitations(work: Work) -> int:
    """Queue what is due about each coming meeting, to people in their working hours; how many messages."""
    coming = (
        select(Meeting, Panel)
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .where(
            is_running(work),
            col(Meeting.state) == MeetingState.SCHEDULED,
            col(Meeting.starts_at) > work.now,
            col(Meeting.starts_at) < work.now + _AHEAD,
        )
        .order_by(col(Meeting.starts_at))
    )
    # Before the look at who was asked: another process that is inviting, or somebody moving a meeting, asks them too.
    lock_diary(work, *{meeting.panel_id for meeting, _ in work.session.execute(coming)})
    queued = 0
    for meeting, panel in work.session.execute(coming).all():
        dates = deadlines_of(work, panel, meeting)
        if dates.flags_open > today_at(work, panel):
            continue
        expected = expected_at(work, meeting)
        awake = [one for one in expected if one.is_at_work(work.now)]
        queued += _invite(work, panel, meeting, dates, awake)
        queued += _ask_again(work, panel, meeting, dates, expected, awake)
        queued += _warn(work, panel, meeting, dates, expected, awake)
    work.session.flush()
    return queued


def _invite(work: Work, panel: Panel, meeting: Meeting, dates: MeetingDeadlines, awake: list[Expected]) -> int:
    """Whoever has not been asked about this time. The message also says that flags are open, where that is due."""
    day = day_of(work, panel, meeting)
    asked = asked_when(work, meeting, PromptKind.INVITATION, day)
    told_of_flags = asked_when(work, meeting, PromptKind.FLAGS_OPEN, dates.flags_open)
    hears_cases = work.definition(panel.definition).hears_cases
    flags_are_open = hears_cases and dates.flags_open <= today_at(work, panel) < dates.flags_close
    queued = 0
    for one in awake:
        if one.person_id in asked or one.reply is not None:
            continue
        asks_for_flags = flags_are_open and Role.REPRESENTATIVE in one.roles and one.person_id not in told_of_flags
        if asks_for_flags:  # one message instead of two
            work.session.add(
                Prompt(
                    meeting_id=id_of(meeting),
                    kind=PromptKind.FLAGS_OPEN,
                    person_id=one.person_id,
                    deadline_on=dates.flags_open,
                    queued_at=work.now,
                )
            )
        ask(work, meeting, PromptKind.INVITATION, one.person_id, day, flags=asks_for_flags)
        queued += 1
    return queued


def _ask_again(
    work: Work, panel: Panel, meeting: Meeting, dates: MeetingDeadlines, expected: list[Expected], awake: list[Expected]
) -> int:
    """Whoever was asked and has not answered, once, when that is due."""
    day, today = day_of(work, panel, meeting), today_at(work, panel)
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    asked = asked_when(work, meeting, PromptKind.INVITATION, day)
    reminded = asked_when(work, meeting, PromptKind.REPLY_REMINDER, day)
    queued = 0
    for one in awake:
        first = asked.get(one.person_id)
        if first is None or one.person_id in reminded:
            continue
        due = ask_again_on(local_time(work, panel, first).date(), dates.agenda, day, subdivision)
        if due is not None and due <= today and needs_asking(one, expected):
            ask(work, meeting, PromptKind.REPLY_REMINDER, one.person_id, day)
            queued += 1
    return queued


def _warn(
    work: Work, panel: Panel, meeting: Meeting, dates: MeetingDeadlines, expected: list[Expected], awake: list[Expected]
) -> int:
    """From the day of the returns on: once that it hangs on answers, once that it will not be quorate."""
    if dates.returns > today_at(work, panel):
        return 0
    forecast = forecast_of(work, panel, meeting, expected)
    if forecast.is_certain:
        return 0
    lost_on = day_of(work, panel, meeting)
    open_on = min(dates.returns, lost_on - timedelta(days=1))  # returns due on the day itself: still two warnings
    lost = asked_when(work, meeting, PromptKind.QUORUM, lost_on)
    hanging = asked_when(work, meeting, PromptKind.QUORUM, open_on)
    is_lost = forecast.outlook is Outlook.INQUORATE
    queued = 0
    for one in awake:
        if not one.roles & _WARNED or one.person_id in lost or (not is_lost and one.person_id in hanging):
            continue
        _warn_one(work, meeting, one.person_id, lost_on if is_lost else open_on)
        queued += 1
    return queued


def _warn_one(work: Work, meeting: Meeting, person_id: int, key_day: date) -> None:
    note_asked(work, meeting, PromptKind.QUORUM, person_id, key_day)
    work.send(
        Effect(
            key=f"{message_key(work, PromptKind.QUORUM, meeting, person_id)}:{key_day.isoformat()}",
            lane=f"person:{person_id}",
            kind="quorum",
            payload={"person_id": person_id, "meeting_id": id_of(meeting), "at": number_of(meeting.starts_at)},
        )
    )


def compose_invitation(work: Work, actor: Actor, meeting_id: int, at: int) -> InvitationView | None:
    """What an invitation says now; None when the meeting is at another time, or no more to come. Raises NotForYou."""
    found = _still(work, actor, meeting_id, at)
    if found is None:
        return None
    panel, meeting = found
    one = expected_person(work, meeting, actor.person_id)
    return None if one is None else view_invitation(work, panel, meeting, one)


def question_for_notice(work: Work, actor: Actor, meeting_id: int) -> InvitationView | None:
    """What the notice of a move or a cancellation asks with it; None for whoever is not asked yet."""
    meeting = work.session.get(Meeting, meeting_id)
    one = expected_person(work, meeting, actor.person_id) if meeting else None
    if meeting is None or one is None:
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    is_asked = meeting.state is not MeetingState.SCHEDULED or asks(work, panel, meeting, actor.person_id)
    return view_invitation(work, panel, meeting, one) if is_asked else None


def look_again(work: Work, actor: Actor, meeting_id: int, at: int) -> Overtaken | None:
    """What an earlier message about a meeting at a time is to say now; None once it is held or over.

    Raises NotForYou, but not for who was to come to a meeting alone that is cancelled, or sat on a panel that ended.
    """
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    is_cancelled = meeting.state is MeetingState.CANCELLED
    was_theirs = was_seated(work, meeting, actor.person_id) or roles_until_end(work, panel, actor.person_id)
    if not (is_cancelled and was_theirs):
        require(work, actor, meeting.panel_id, Verb.SEE_DIARY)
    if meeting.ends_at <= work.now or not (is_cancelled or meeting.state is MeetingState.SCHEDULED):
        return None
    is_as_said = not is_cancelled and number_of(meeting.starts_at) == at
    one = expected_person(work, meeting, actor.person_id) if is_as_said else None
    return Overtaken(
        meeting_id=meeting_id,
        panel_title=panel.title,
        was_at=local_time(work, panel, datetime.fromtimestamp(at, UTC)),
        starts_at=local_time(work, panel, meeting.starts_at),
        ends_at=local_time(work, panel, meeting.ends_at),
        venue=meeting.venue,
        is_cancelled=is_cancelled,
        invitation=view_invitation(work, panel, meeting, one) if one is not None else None,
        is_asked=one is not None and (one.reply is not None or asks(work, panel, meeting, actor.person_id)),
    )


def compose_warning(work: Work, actor: Actor, meeting_id: int, at: int) -> QuorumWarning | None:
    """What the chair is told of the quorum now; None once it is certain, or the meeting is not to come."""
    found = _still(work, actor, meeting_id, at, Verb.RUN_MEETING)
    if found is None:
        return None
    panel, meeting = found
    forecast = forecast_of(work, panel, meeting)
    if forecast.is_certain:
        return None
    starts_at = local_time(work, panel, meeting.starts_at)
    return QuorumWarning(meeting_id, panel.key, panel.title, starts_at, forecast)


def _still(
    work: Work, actor: Actor, meeting_id: int, at: int, verb: Verb = Verb.SEE_DIARY
) -> tuple[Panel, Meeting] | None:
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        return None
    standing = require(work, actor, meeting.panel_id, verb)
    is_to_come = meeting.state is MeetingState.SCHEDULED and meeting.starts_at > work.now
    return (standing.panel, meeting) if is_to_come and number_of(meeting.starts_at) == at else None


#: Invitations and what follows them, as the tick asks for them.
INVITATIONS = Sweep.of_one_piece(queue_invitations)
