"""Inviting members to a meeting, reminding those who don't answer, and warning that the quorum may be missing.

Each message is sent once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col

from bot.domain.deadlines import ONE_DAY, MeetingDeadlines, ask_again_on
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import Forecast, Outlook
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, PromptKind, Role
from bot.records.access.queries import local_time, require, require_meeting, today_at
from bot.records.diary.queries import OfMeeting, lock_diary, of_meeting
from bot.records.invitations.audiences import meetings_within, reaching, unasked
from bot.records.invitations.changes import (
    InvitationView,
    Told,
    ask,
    asks,
    day_of,
    deadlines_of,
    note_told,
    number_of,
    told_at_each,
    view_invitation,
)
from bot.records.invitations.queries import (
    Due,
    Expected,
    expected_at,
    expected_at_each,
    expected_person,
    forecast_of,
    needs_asking,
)
from bot.records.invitations.stand_ins import was_seated
from bot.records.leaving.panels import roles_until_end
from bot.store.rows import id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

#: The roles that are warned of a meeting that may not be quorate.
_WARNED = frozenset({Role.CHAIR, Role.VICE_CHAIR, Role.COORDINATOR})


_INVITED: Final = {MeetingState.SCHEDULED: reaching("flags_open")}


@dataclass(frozen=True, slots=True)
class QuorumWarning(OfMeeting):
    """A warning to the chair and co-ordinators that a meeting may not be quorate."""

    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Overtaken(OfMeeting):
    """The present facts of a meeting, for rewriting an earlier message that is out of date."""

    was_at: datetime  #: the time that the message is about
    is_cancelled: bool
    invitation: InvitationView | None  #: None unless the meeting is coming at that time and the reader is expected
    is_asked: bool  #: whether they were asked by now, or answered


@dataclass(frozen=True, slots=True)
class _Telling:
    """A message of one kind to send now about a meeting, and the people who get it, who are all at work."""

    kind: PromptKind
    day: date  #: the day under which the message is recorded
    people: tuple[Expected, ...]
    of_flags: frozenset[int] = frozenset()  #: the people told in the same message that flags are open


@dataclass(frozen=True, slots=True)
class _Coming:
    """A coming meeting that members are invited to. Its days are by the panel's clock."""

    meeting: Meeting
    panel: Panel
    dates: MeetingDeadlines
    day: date  #: of the meeting
    today: date
    definition: PanelDefinition


#: A panel and a meeting of it about which something is due.
Piece = tuple[int, int]


def _coming(work: Work, *conditions: ColumnElement[bool]) -> Iterator[_Coming]:
    for meeting, panel in meetings_within(work, _INVITED, col(Meeting.starts_at) > work.now, *conditions):
        dates, today = deadlines_of(work, panel, meeting), today_at(work, panel)
        if dates.flags_open <= today:
            definition = work.definition(panel.definition)
            yield _Coming(meeting, panel, dates, day_of(work, panel, meeting), today, definition)


def _find(work: Work) -> list[Piece]:
    """Return the meetings about which people at work should get a message now, as pairs (panel id, meeting id)."""
    coming = {id_of(one.meeting): one for one in _coming(work)}
    to_invite, to_remind, to_warn = [], [], set()
    for number, one in coming.items():
        to_invite.append(Due(number, PromptKind.INVITATION, one.day))
        if min(one.dates.agenda, one.day - ONE_DAY) <= one.today:
            to_remind.append(Due(number, PromptKind.REPLY_REMINDER, one.day))
        if one.dates.returns <= one.today:
            to_warn.add(number)
    some = to_warn | unasked(work, to_invite, to_remind)
    expected = expected_at_each(work, [coming[number].meeting for number in some])
    told = told_at_each(work, some)
    return [
        (one.meeting.panel_id, number)
        for number, one in coming.items()
        if number in some and _tellings(work, one, expected[number], told[number])
    ]


def _queue(work: Work, piece: Piece) -> int:
    """Queue the messages that are due about one meeting, to people who are at work. Return the number of messages."""
    panel_id, meeting_id = piece
    # Lock before reading who was asked, since another process may be inviting people or moving the meeting.
    lock_diary(work, panel_id)
    queued = 0
    for coming in _coming(work, col(Meeting.id) == meeting_id):
        told = told_at_each(work, [meeting_id])[meeting_id]
        for one in _tellings(work, coming, expected_at(work, coming.meeting), told):
            _tell(work, coming, one)
            queued += len(one.people)
    return queued


def _tellings(work: Work, coming: _Coming, expected: list[Expected], told: Told) -> list[_Telling]:
    """Return the messages that are due about a meeting. Messages that people have had already are left out."""
    subdivision = coming.definition.bank_holiday_subdivision
    awake = [one for one in expected if one.is_at_work(work.now, subdivision)]
    if not awake:
        return []
    due = (
        _invitation(coming, awake, told),
        _reminder(work, coming, expected, awake, told),
        _warning(work, coming, expected, awake, told),
    )
    return [one for one in due if one is not None and one.people]


def _invitation(coming: _Coming, awake: list[Expected], told: Told) -> _Telling:
    """Return the invitation to send, with the people to send it to.

    These people are at work now (`awake`), were not asked about this date before, and have not answered. While cases
    can be flagged to the meeting, the invitation also tells this to representatives who have not been told yet.
    """
    asked = told.get((PromptKind.INVITATION, coming.day), {})
    people = tuple(one for one in awake if one.person_id not in asked and one.reply is None)
    takes_cases = coming.definition.hears_cases and not coming.meeting.is_extraordinary
    if not takes_cases or coming.today >= coming.dates.flags_close:
        return _Telling(PromptKind.INVITATION, coming.day, people)
    told_of_flags = told.get((PromptKind.FLAGS_OPEN, coming.dates.flags_open), {})
    of_flags = frozenset(
        one.person_id for one in people if Role.REPRESENTATIVE in one.roles and one.person_id not in told_of_flags
    )
    return _Telling(PromptKind.INVITATION, coming.day, people, of_flags)


def _reminder(work: Work, coming: _Coming, expected: list[Expected], awake: list[Expected], told: Told) -> _Telling:
    """Return the reminder for people who were invited and have not answered, if it is due and not yet sent."""
    asked = told.get((PromptKind.INVITATION, coming.day), {})
    reminded = told.get((PromptKind.REPLY_REMINDER, coming.day), {})
    people = []
    for one in awake:
        first = asked.get(one.person_id)
        if first is None or one.person_id in reminded:
            continue
        first_on = local_time(work, coming.panel, first).date()
        due = ask_again_on(first_on, coming.dates.agenda, coming.day, coming.definition.bank_holiday_subdivision)
        if due is not None and due <= coming.today and needs_asking(one, expected):
            people.append(one)
    return _Telling(PromptKind.REPLY_REMINDER, coming.day, tuple(people))


def _warning(
    work: Work, coming: _Coming, expected: list[Expected], awake: list[Expected], told: Told
) -> _Telling | None:
    """Return the quorum warning to send, with the people to warn.

    Return None before the day on which returns are due. Return None also if the quorum is certain. Each person is
    warned once that the quorum is unsure, and once more if the quorum is lost.
    """
    if coming.dates.returns > coming.today:
        return None
    forecast = forecast_of(work, coming.panel, coming.meeting, expected)
    if forecast.is_certain:
        return None
    lost_on = coming.day
    open_on = min(coming.dates.returns, lost_on - ONE_DAY)  # so there are always two warnings
    lost, hanging = told.get((PromptKind.QUORUM, lost_on), {}), told.get((PromptKind.QUORUM, open_on), {})
    is_lost = forecast.outlook is Outlook.INQUORATE
    people = tuple(
        one
        for one in awake
        if one.roles & _WARNED and one.person_id not in lost and (is_lost or one.person_id not in hanging)
    )
    return _Telling(PromptKind.QUORUM, lost_on if is_lost else open_on, people)


def _tell(work: Work, coming: _Coming, telling: _Telling) -> None:
    # The invitation also says that flags are open, so that people get one message instead of two.
    of_flags = Due(id_of(coming.meeting), PromptKind.FLAGS_OPEN, coming.dates.flags_open)
    note_told(work, [(of_flags, person_id) for person_id in sorted(telling.of_flags)])
    is_invitation = telling.kind is PromptKind.INVITATION
    said = {one.person_id: {"flags": one.person_id in telling.of_flags} for one in telling.people if is_invitation}
    ask(work, coming.meeting, telling.kind, telling.people, telling.day, more=said)


def compose_invitation(work: Work, actor: Actor, meeting_id: int, at: int) -> InvitationView | None:
    """Return an invitation with its present facts, or None if the meeting has moved or is over.

    Raise NotForYou for people who may not see the diary.
    """
    found = _still(work, actor, meeting_id, at)
    if found is None:
        return None
    panel, meeting = found
    one = expected_person(work, meeting, actor.person_id)
    return None if one is None else view_invitation(work, panel, meeting, one)


def question_for_notice(work: Work, actor: Actor, meeting_id: int) -> InvitationView | None:
    """Return the invitation to show in a message about a changed meeting, or None for a person not invited yet."""
    meeting = work.session.get(Meeting, meeting_id)
    one = expected_person(work, meeting, actor.person_id) if meeting else None
    if meeting is None or one is None:
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    is_asked = meeting.state is not MeetingState.SCHEDULED or asks(work, panel, meeting, actor.person_id)
    return view_invitation(work, panel, meeting, one) if is_asked else None


def look_again(work: Work, actor: Actor, meeting_id: int, at: int) -> Overtaken | None:
    """Return the present facts of a meeting, to rewrite an earlier message that gave the meeting's time as `at`.

    Return None if the meeting is past. Raise NotForYou for people who may not see the diary. There is one exception: if
    the meeting is cancelled, its facts are also returned to people whose panel has ended, and to people who had a place
    for this meeting alone.
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
        *of_meeting(work, panel, meeting),
        was_at=local_time(work, panel, datetime.fromtimestamp(at, UTC)),
        is_cancelled=is_cancelled,
        invitation=view_invitation(work, panel, meeting, one) if one is not None else None,
        is_asked=one is not None and (one.reply is not None or asks(work, panel, meeting, actor.person_id)),
    )


def compose_warning(work: Work, actor: Actor, meeting_id: int, at: int) -> QuorumWarning | None:
    """Return the quorum warning with its present facts.

    Return None if the quorum is certain, or if the meeting has moved or begun.
    """
    found = _still(work, actor, meeting_id, at, Verb.RUN_MEETING)
    if found is None:
        return None
    panel, meeting = found
    forecast = forecast_of(work, panel, meeting)
    if forecast.is_certain:
        return None
    return QuorumWarning(*of_meeting(work, panel, meeting), forecast)


def _still(
    work: Work, actor: Actor, meeting_id: int, at: int, verb: Verb = Verb.SEE_DIARY
) -> tuple[Panel, Meeting] | None:
    standing, meeting = require_meeting(work, actor, meeting_id, verb)
    is_to_come = meeting.state is MeetingState.SCHEDULED and meeting.starts_at > work.now
    return (standing.panel, meeting) if is_to_come and number_of(meeting.starts_at) == at else None


#: The tick's work on invitations, reminders and warnings.
INVITATIONS = Sweep(_find, _queue)
