"""Prompts: what the diary tells people around a meeting, each once per person and deadline."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import col, select

from bot.domain.deadlines import add_working_days, last_day_reached, meeting_deadlines
from bot.domain.notices import Notice
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState, MeetingState, PromptKind
from bot.records.access.queries import local_time, readable, require, today_at
from bot.records.diary.queries import lock_diary
from bot.records.invitations.audiences import hearers, meetings_within
from bot.records.invitations.changes import note_told
from bot.records.invitations.queries import Due
from bot.store.rows import id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

_OF_USE = timedelta(days=14)  # after an outage: how long after its deadline a summary is still asked for


def _to_come(definition: PanelDefinition, today: date) -> tuple[date, date]:
    return today, last_day_reached(definition, "flags_open", today)


def _held(definition: PanelDefinition, today: date) -> tuple[date, date]:
    summary_of_today = add_working_days(today, -definition.deadlines.summary, definition.bank_holiday_subdivision)
    return summary_of_today - _OF_USE, today


#: The meetings to come of which a deadline has come, and those that were held lately.
_MEETINGS: Final = {MeetingState.SCHEDULED: _to_come, MeetingState.CLOSED: _held}


@dataclass(frozen=True, slots=True)
class PromptView:
    """One prompt as it stands when it is sent."""

    kind: PromptKind
    panel_key: str
    panel_title: str
    meeting_at: datetime
    deadline_on: date
    today: date
    waiting: int  #: flags that wait for triage, of those the reader may see
    may_triage: bool  #: else they hear of it because nobody presides


#: A panel and a meeting of it of which a deadline is to be told.
Piece = tuple[int, int]


def _find(work: Work) -> list[Piece]:
    """Return the meetings with a deadline of which members who are at work are to be told."""
    due: dict[int, Due] = {}
    panels: dict[int, Panel] = {}
    for meeting, panel in meetings_within(work, _MEETINGS):
        one = _due(work, panel, meeting)
        if one is not None:
            due[one.meeting_id], panels[one.meeting_id] = one, panel
    awake = {
        one.meeting_id
        for one in hearers(work, list(due.values()))
        if one.is_at_work(work.now, work.definition(panels[one.meeting_id].definition).bank_holiday_subdivision)
    }
    return [(id_of(panels[number]), number) for number in due if number in awake]


def _queue(work: Work, piece: Piece) -> int:
    """Queue what today's deadline of one meeting calls for, to people in their working hours. Return how many."""
    panel_id, meeting_id = piece
    lock_diary(work, panel_id)  # another process may be telling them, or a person moving the meeting
    queued = 0
    for meeting, panel in meetings_within(work, _MEETINGS, col(Meeting.id) == meeting_id):
        due = _due(work, panel, meeting)
        if due is None:
            continue
        subdivision = work.definition(panel.definition).bank_holiday_subdivision
        people = [one.person_id for one in hearers(work, [due]) if one.is_at_work(work.now, subdivision)]
        note_told(work, [(due, person_id) for person_id in people])
        for person_id in people:
            work.tell(
                person_id,
                Notice.PROMPT,
                once=meeting.sequence,  # since a deadline may come back: to the 3rd, to the 5th, and to the 3rd again
                meeting_id=meeting.id,
                prompt=due.kind.value,
                deadline_on=due.deadline_on.isoformat(),
            )
        queued += len(people)
    return queued


def compose_prompt(work: Work, actor: Actor, meeting_id: int, kind: PromptKind, deadline_on: date) -> PromptView | None:
    """What a prompt says now; None when it no longer holds: the meeting moved, was cancelled, or nothing waits."""
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotForYou("that meeting")
    standing = require(work, actor, meeting.panel_id, Verb.SEE_DIARY)
    starts_at = local_time(work, standing.panel, meeting.starts_at)
    dates = _dates(work, standing.panel, meeting)
    if meeting.state is MeetingState.CANCELLED or dates.get(kind) != deadline_on:
        return None
    waiting = work.session.exec(
        select(Flag.id)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id) == meeting_id, col(Flag.state) == FlagState.OPEN, readable(actor.person_id))
    ).all()
    if kind is PromptKind.TRIAGE and not waiting:
        return None
    return PromptView(
        kind=kind,
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        meeting_at=starts_at,
        deadline_on=deadline_on,
        today=today_at(work, standing.panel),
        waiting=len(waiting) if standing.may(Verb.READ_CASES) else 0,
        may_triage=standing.may(Verb.TRIAGE),
    )


def _dates(work: Work, panel: Panel, meeting: Meeting) -> dict[PromptKind, date]:
    """The day on which each kind of prompt goes out; the cut-off is announced one working day ahead of its end."""
    deadlines = meeting_deadlines(work.definition(panel.definition), local_time(work, panel, meeting.starts_at).date())
    return {
        PromptKind.FLAGS_OPEN: deadlines.flags_open,
        PromptKind.FLAGS_CLOSE: deadlines.flags_close,
        PromptKind.TRIAGE: deadlines.triage,
        PromptKind.SUMMARY: deadlines.summary,
    }


def _due(work: Work, panel: Panel, meeting: Meeting) -> Due | None:
    """Return the latest prompt that is due and still of use: after an outage one message, not all that were missed."""
    today = today_at(work, panel)
    dates = _dates(work, panel, meeting)
    kind = _kind_due(work, panel, meeting, dates, today)
    return None if kind is None else Due(id_of(meeting), kind, dates[kind])


def _kind_due(
    work: Work, panel: Panel, meeting: Meeting, dates: dict[PromptKind, date], today: date
) -> PromptKind | None:
    if meeting.state is MeetingState.CLOSED:
        return PromptKind.SUMMARY if dates[PromptKind.SUMMARY] <= today else None
    if not work.definition(panel.definition).hears_cases:
        return None  # nobody is asked for cases that nobody will hear
    on_day = local_time(work, panel, meeting.starts_at).date()
    if today >= on_day:
        # Only a meeting that is called at short notice is triaged on its own day.
        is_last_chance = dates[PromptKind.TRIAGE] == on_day == today and work.now < meeting.starts_at
        return PromptKind.TRIAGE if is_last_chance else None
    if dates[PromptKind.TRIAGE] <= today:
        return PromptKind.TRIAGE
    if dates[PromptKind.FLAGS_CLOSE] == today:
        return PromptKind.FLAGS_CLOSE
    if dates[PromptKind.FLAGS_OPEN] <= today < dates[PromptKind.FLAGS_CLOSE]:
        return PromptKind.FLAGS_OPEN
    return None


#: What the deadlines of meetings call for, as the tick asks for it.
PROMPTS = Sweep(_find, _queue)
