"""Prompts to people about a meeting's deadlines. A person gets each prompt once for each deadline."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.domain.deadlines import add_working_days
from bot.domain.notices import Notice
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Actor, Verb
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState, MeetingState, PromptKind
from bot.records.access.queries import require_meeting, today_at
from bot.records.diary.queries import OfMeeting, count_flags, of_meeting
from bot.records.invitations.audiences import at_work, hearers, meetings_within, reaching
from bot.records.invitations.changes import Telling, day_of, deadlines_of, sweep_of
from bot.records.invitations.queries import Due
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_OF_USE = timedelta(days=14)  # for so long after its deadline, a summary is still asked for after an outage


def _held(definition: PanelDefinition, today: date) -> tuple[date, date]:
    summary_of_today = add_working_days(today, -definition.deadlines.summary, definition.bank_holiday_subdivision)
    return summary_of_today - _OF_USE, today


#: Coming meetings that have reached a deadline, and meetings held lately.
_MEETINGS: Final = {MeetingState.SCHEDULED: reaching("flags_open"), MeetingState.CLOSED: _held}


@dataclass(frozen=True, slots=True)
class PromptView(OfMeeting):
    """One prompt with the facts that are true when it is sent."""

    kind: PromptKind
    deadline_on: date
    today: date
    waiting: int  #: flags that wait for triage, of those the reader may see
    may_triage: bool  #: false: they are told because the panel has neither chair nor vice-chair
    may_draft: bool = False  #: the reader may draft the minutes, which are not drafted yet


def _to_tell(work: Work, *conditions: ColumnElement[bool]) -> list[Telling]:
    """Return the prompts due now for people at work, the soonest meeting first."""
    due = [
        (meeting, panel, one)
        for meeting, panel in meetings_within(work, _MEETINGS, *conditions)
        if (one := _due(work, panel, meeting)) is not None
    ]
    # While no flag needs triage, nobody counts as told. People are told once a flag comes.
    waits = _untriaged(work, [one.meeting_id for *_, one in due if one.kind is PromptKind.TRIAGE])
    due = [each for each in due if each[2].kind is not PromptKind.TRIAGE or each[2].meeting_id in waits]
    people = at_work(work, hearers(work, [one for _, _, one in due]), {one.meeting_id: panel for _, panel, one in due})
    told = []
    for meeting, panel, one in due:
        # The key has the meeting's sequence number, since a deadline may move away and back: to the 5th, and to the 3rd
        # again.
        facts = {"once": meeting.sequence, "prompt": one.kind.value, "deadline_on": one.deadline_on.isoformat()}
        told += [Telling(id_of(panel), one, person_id, facts) for person_id in people[one.meeting_id]]
    return told


def _untriaged(work: Work, meeting_ids: Collection[int]) -> set[int]:
    """Return the ids of the given meetings that have flags in need of triage."""
    if not meeting_ids:
        return set()
    waiting = select(Flag.meeting_id).where(col(Flag.meeting_id).in_(meeting_ids), col(Flag.state) == FlagState.OPEN)
    return set(work.session.exec(waiting.distinct()))


def compose_prompt(work: Work, actor: Actor, meeting_id: int, kind: PromptKind, deadline_on: date) -> PromptView | None:
    """Return a prompt with its present facts.

    Return None if the meeting has moved or is cancelled, or if nothing needs to be done any longer.
    """
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)
    panel = standing.panel
    if meeting.state is MeetingState.CANCELLED or _dates(work, panel, meeting).get(kind) != deadline_on:
        return None
    if kind is PromptKind.SUMMARY and not standing.may(Verb.READ_MINUTES):
        return None
    waiting = count_flags(work, actor, meeting, FlagState.OPEN)
    if kind is PromptKind.TRIAGE and not waiting:
        return None
    return PromptView(
        *of_meeting(work, panel, meeting),
        kind=kind,
        deadline_on=deadline_on,
        today=today_at(work, panel),
        waiting=waiting if standing.may(Verb.READ_CASES) else 0,
        may_triage=standing.may(Verb.TRIAGE),
        may_draft=kind is PromptKind.SUMMARY and standing.may(Verb.DRAFT_MINUTES) and not _is_drafted(work, meeting),
    )


def _is_drafted(work: Work, meeting: Meeting) -> bool:
    return work.find(Minutes, col(Minutes.meeting_id) == id_of(meeting)) is not None


def _dates(work: Work, panel: Panel, meeting: Meeting) -> dict[PromptKind, date]:
    """Return a dict from each kind of prompt to its deadline.

    People are told on the day of the deadline. For the closing of flags, they may be told earlier: see `_last_call`.
    """
    deadlines = deadlines_of(work, panel, meeting)
    return {
        PromptKind.FLAGS_OPEN: deadlines.flags_open,
        PromptKind.FLAGS_CLOSE: deadlines.flags_close,
        PromptKind.TRIAGE: deadlines.triage,
        PromptKind.SUMMARY: deadlines.summary,
    }


def _due(work: Work, panel: Panel, meeting: Meeting) -> Due | None:
    """Return the latest prompt that is due and still useful, or None if there is none.

    Only the latest is returned, so that after an outage people get one message and not several.
    """
    dates = _dates(work, panel, meeting)
    kind = _kind_due(work, panel, meeting, dates)
    return None if kind is None else Due(id_of(meeting), kind, dates[kind])


def _kind_due(work: Work, panel: Panel, meeting: Meeting, dates: dict[PromptKind, date]) -> PromptKind | None:
    today = today_at(work, panel)
    if meeting.state is MeetingState.CLOSED:
        return PromptKind.SUMMARY if dates[PromptKind.SUMMARY] <= today else None
    if meeting.is_extraordinary or not work.definition(panel.definition).hears_cases:
        return None  # the meeting takes no other cases, so nobody is asked for cases
    on_day = day_of(work, panel, meeting)
    if today >= on_day:
        # Triage is on the day of the meeting only if the meeting was called at short notice.
        is_last_chance = dates[PromptKind.TRIAGE] == on_day == today and work.now < meeting.starts_at
        return PromptKind.TRIAGE if is_last_chance else None
    if dates[PromptKind.TRIAGE] <= today:
        return PromptKind.TRIAGE
    if _last_call(work, panel, dates) <= today <= dates[PromptKind.FLAGS_CLOSE]:
        return PromptKind.FLAGS_CLOSE
    return PromptKind.FLAGS_OPEN if dates[PromptKind.FLAGS_OPEN] <= today < dates[PromptKind.FLAGS_CLOSE] else None


def _last_call(work: Work, panel: Panel, dates: dict[PromptKind, date]) -> date:
    """Return the day on which people are told that flags close.

    This is one working day before flags close, so that people can still flag, but never before the day on which flags
    open.
    """
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    return max(add_working_days(dates[PromptKind.FLAGS_CLOSE], -1, subdivision), dates[PromptKind.FLAGS_OPEN])


#: The tick's work on prompts about meetings' deadlines.
PROMPTS = sweep_of(Notice.PROMPT, _to_tell)
