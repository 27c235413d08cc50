"""Members' answers for a meeting, as the chair and co-ordinator see them, and reminders that they send by hand."""

from dataclasses import dataclass

from sqlmodel import col, select

from bot.domain.minutes import OPEN_STATES, approved_by
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import Forecast
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, PromptKind
from bot.records.access.queries import Standing, Where, find_panel, require_meeting, today_at
from bot.records.actions.queries import opened_or_erased
from bot.records.diary.queries import OfMeeting, lock_diary, next_meeting, of_meeting
from bot.records.invitations.changes import ask, asked_when, day_of, deadlines_of
from bot.records.invitations.queries import AgencyAnswer, Expected, by_agency, expected_at, forecast_of, needs_asking
from bot.records.minutes.queries import approvers_of
from bot.records.people.queries import presiding
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class RepliesView(OfMeeting):
    """Members' answers for a meeting by agency, with the forecast of the quorum."""

    agencies: tuple[AgencyAnswer, ...]
    sent: dict[int, str]  #: by person id, the information sent with their apologies
    forecast: Forecast
    to_remind: int  #: how many people have not answered and can still be asked once more
    reminded: int | None = None  #: how many were asked by this click
    asleep: int = 0  #: how many more could be asked in their working hours


def show_replies(work: Work, actor: Actor, where: Where, meeting_id: int | None = None) -> RepliesView:
    """Return how members answered the invitation to a meeting, by default the next one, for a chair or co-ordinator."""
    if meeting_id is None:
        standing = find_panel(work, actor, where, Verb.RUN_MEETING)
        meeting = next_meeting(work, standing.panel_id)
        if meeting is None:
            raise Mistake(f"{standing.panel.title} has no meeting in the diary. To add meetings: `/panel create`.")
    else:
        standing, meeting = require_meeting(work, actor, meeting_id, Verb.RUN_MEETING)
    view = _replies(work, standing.panel, meeting)
    work.audit("read", "replies", meeting.id, panel_id=meeting.panel_id, actor_id=actor.person_id)
    return view


def remind(work: Work, actor: Actor, meeting_id: int) -> RepliesView:
    """Remind the people who were invited, have not answered and are at work now. Each is reminded only once."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.RUN_MEETING)
    panel = standing.panel
    lock_diary(work, standing.panel_id)  # the tick may be reminding people at this moment
    if meeting.state is not MeetingState.SCHEDULED or meeting.starts_at <= work.now:
        raise Mistake("That meeting is over or cancelled, so I won't ask anyone about it.")
    day = day_of(work, panel, meeting)
    owing = _to_remind(work, panel, meeting, expected_at(work, meeting))
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    awake = [one for one in owing if one.is_at_work(work.now, subdivision)]
    ask(work, meeting, PromptKind.REPLY_REMINDER, awake, day)
    work.audit("remind", "meeting", meeting_id, panel_id=meeting.panel_id, actor_id=actor.person_id)
    return _replies(work, panel, meeting, reminded=len(awake), asleep=len(owing) - len(awake))


def _replies(
    work: Work, panel: Panel, meeting: Meeting, *, reminded: int | None = None, asleep: int = 0
) -> RepliesView:
    expected = expected_at(work, meeting)
    work.keys.fetch(work.session, (one.information for one in expected))
    return RepliesView(
        *of_meeting(work, panel, meeting),
        agencies=by_agency(expected),
        sent={one.person_id: opened_or_erased(work, one.information) for one in expected if one.information},
        forecast=forecast_of(work, panel, meeting, expected),
        to_remind=len(_to_remind(work, panel, meeting, expected)),
        reminded=reminded,
        asleep=asleep,
    )


def _to_remind(work: Work, panel: Panel, meeting: Meeting, expected: list[Expected]) -> list[Expected]:
    day = day_of(work, panel, meeting)
    invited = asked_when(work, meeting, PromptKind.INVITATION, day)
    reminded = asked_when(work, meeting, PromptKind.REPLY_REMINDER, day)
    return [
        one
        for one in expected
        if one.person_id in invited and one.person_id not in reminded and needs_asking(one, expected)
    ]


def remind_of_triage(work: Work, actor: Actor, meeting_id: int) -> str:
    """Tell the panel's chair once more that flags need triage. Return the panel's title."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.COMPILE)
    if meeting.state is not MeetingState.SCHEDULED:
        raise Mistake("That meeting has begun or is over.")
    due_on = deadlines_of(work, standing.panel, meeting).triage
    for person_id in _chairs(work, standing):
        work.tell(
            person_id,
            Notice.PROMPT,
            once=f"again-{today_at(work, standing.panel).isoformat()}",
            meeting_id=meeting_id,
            prompt=PromptKind.TRIAGE.value,
            deadline_on=due_on.isoformat(),
        )
    work.audit("remind", "meeting", meeting_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return standing.panel.title


def resend_draft(work: Work, actor: Actor, meeting_id: int) -> tuple[str, ...]:
    """Send the latest draft of a meeting's minutes again to the chair, or to other people who may approve it.

    Return the names of these people. Raise Mistake if there is no draft, or if nobody may approve it apart from the
    person who took the minutes.
    """
    standing, _ = require_meeting(work, actor, meeting_id, Verb.COMPILE)
    draft = work.session.exec(
        select(Minutes)
        .where(col(Minutes.meeting_id) == meeting_id, col(Minutes.state).in_(sorted(OPEN_STATES)))
        .order_by(col(Minutes.version).desc())
    ).first()
    if draft is None:
        raise Mistake("There is no draft of those minutes.")
    found = approvers_of(work, standing.panel_id, draft)
    if not found:
        raise Mistake(approved_by(()))
    asked = [person for person, role in found if role is found[0][1]]
    for person in asked:
        again = f"again-{today_at(work, standing.panel).isoformat()}"
        work.tell(id_of(person), Notice.MINUTES_FILE, once=again, minutes_id=id_of(draft))
    work.audit("remind", "minutes", draft.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return tuple(person.name for person in asked)


def _chairs(work: Work, standing: Standing) -> list[int]:
    chairs = presiding(work, standing.panel_id)
    if not chairs:
        raise Mistake(f"{standing.panel.title} has no chair to remind.")
    return [id_of(person) for person in chairs]
