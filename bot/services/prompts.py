"""Prompts: what the diary tells people around a meeting, each once per person and deadline."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.deadlines import meeting_deadlines
from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import FlagState, MeetingState, PromptKind, Role
from bot.store.access import readable, require
from bot.store.deadlines_told import is_news
from bot.store.diary import local_time, today_at
from bot.store.outbox import Effect
from bot.store.people import members, presiding_or_office
from bot.store.rows import id_of
from bot.store.running import is_running
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

_AHEAD = timedelta(days=120)  # beyond the earliest deadline that a definition may set (60 working days)
_AUDIENCE: dict[PromptKind, frozenset[Role]] = {
    PromptKind.FLAGS_OPEN: frozenset({Role.REPRESENTATIVE}),
    PromptKind.FLAGS_CLOSE: frozenset({Role.REPRESENTATIVE}),
    PromptKind.SUMMARY: frozenset({Role.COORDINATOR, Role.MINUTE_TAKER}),
}


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


def queue_prompts(work: Work) -> int:
    """Queue what today's deadlines call for, to people in their working hours; how many prompts were queued."""
    queued = 0
    rows = work.session.execute(
        select(Meeting, Panel)
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .where(
            is_running(work),
            col(Meeting.state).in_([MeetingState.SCHEDULED, MeetingState.CLOSED]),
            col(Meeting.starts_at) > work.now - timedelta(days=14),
            col(Meeting.starts_at) < work.now + _AHEAD,
        )
        .order_by(col(Meeting.starts_at))
    ).all()
    for meeting, panel in rows:
        due = _due(work, panel, meeting)
        if due is None:
            continue
        kind, deadline_on = due
        for person in _audience(work, panel, kind):
            if _asleep(work, person) or not is_news(work, meeting, kind, person, deadline_on):
                continue
            work.send(
                Effect(
                    # The sequence, since a deadline may come back: to the 3rd, to the 5th, and to the 3rd again.
                    key=f"prompt:{kind.value}:{meeting.id}:{person.id}:{deadline_on.isoformat()}:{meeting.sequence}",
                    lane=f"person:{person.id}",
                    kind="prompt",
                    payload={
                        "person_id": person.id,
                        "meeting_id": meeting.id,
                        "prompt": kind.value,
                        "deadline_on": deadline_on.isoformat(),
                    },
                )
            )
            queued += 1
    work.session.flush()
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


def _audience(work: Work, panel: Panel, kind: PromptKind) -> list[Person]:
    if kind is PromptKind.TRIAGE:
        return presiding_or_office(work, id_of(panel))
    return members(work, id_of(panel), _AUDIENCE[kind])


def _dates(work: Work, panel: Panel, meeting: Meeting) -> dict[PromptKind, date]:
    """The day on which each kind of prompt goes out; the cut-off is announced one working day ahead of its end."""
    deadlines = meeting_deadlines(work.definition(panel.definition), local_time(work, panel, meeting.starts_at).date())
    return {
        PromptKind.FLAGS_OPEN: deadlines.flags_open,
        PromptKind.FLAGS_CLOSE: deadlines.flags_close,
        PromptKind.TRIAGE: deadlines.triage,
        PromptKind.SUMMARY: deadlines.summary,
    }


def _due(work: Work, panel: Panel, meeting: Meeting) -> tuple[PromptKind, date] | None:
    """The latest prompt that is due and still of use: after an outage one message, not all that were missed."""
    today = today_at(work, panel)
    dates = _dates(work, panel, meeting)
    if meeting.state is MeetingState.CLOSED:
        on = dates[PromptKind.SUMMARY]
        return (PromptKind.SUMMARY, on) if on <= today else None
    if not work.definition(panel.definition).hears_cases:
        return None  # nobody is asked for cases that nobody will hear
    on_day = local_time(work, panel, meeting.starts_at).date()
    if today >= on_day:
        # Only a meeting that is called at short notice is triaged on its own day.
        is_last_chance = dates[PromptKind.TRIAGE] == on_day == today and work.now < meeting.starts_at
        return (PromptKind.TRIAGE, on_day) if is_last_chance else None
    if dates[PromptKind.TRIAGE] <= today:
        return PromptKind.TRIAGE, dates[PromptKind.TRIAGE]
    if dates[PromptKind.FLAGS_CLOSE] == today:
        return PromptKind.FLAGS_CLOSE, dates[PromptKind.FLAGS_CLOSE]
    if dates[PromptKind.FLAGS_OPEN] <= today < dates[PromptKind.FLAGS_CLOSE]:
        return PromptKind.FLAGS_OPEN, dates[PromptKind.FLAGS_OPEN]
    return None


def _asleep(work: Work, person: Person) -> bool:
    return not within_working_hours(work.now.astimezone(ZoneInfo(person.timezone)))


#: What the deadlines of meetings call for, as the tick asks for it.
PROMPTS = Sweep.of_one_piece(queue_prompts)
