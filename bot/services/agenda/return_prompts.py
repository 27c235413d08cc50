"""Asking for returns: with the agenda, and once more at their deadline to who still owes some."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col

from bot.domain.deadlines import last_day_reached, meeting_deadlines
from bot.domain.notices import Notice
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Actor, Verb
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, PromptKind, Role
from bot.records.access.queries import local_time, standing_on, today_at
from bot.records.agenda.returns import Asked, asked_at, asked_of_person, is_asking
from bot.records.diary.queries import lock_diary
from bot.records.invitations.audiences import Hearer, agency_leads, meetings_within, still_to_hear
from bot.records.invitations.changes import note_told
from bot.records.invitations.queries import Due
from bot.store.rows import id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work


def _returns_are_due(definition: PanelDefinition, today: date) -> tuple[date, date]:
    return today, last_day_reached(definition, "returns", today)


_PROMPTED: Final = {MeetingState.SCHEDULED: _returns_are_due}


@dataclass(frozen=True, slots=True)
class ReturnPrompt:
    """What one person's agency is asked for one meeting, as it stands when it is said."""

    meeting_id: int
    panel_key: str
    panel_title: str
    agency_name: str
    starts_at: datetime
    due_on: date
    asked: int
    owed: int
    is_orphaned: bool = False  #: nobody answers for the agency any more: its lead hears that, and no figures


@dataclass(frozen=True, slots=True)
class _Owing:
    """A meeting whose returns are due, and its panel."""

    meeting: Meeting
    panel: Panel
    due: Due


#: A panel and one of its meetings, about the returns of which people are to be told.
Piece = tuple[int, int]


def _find(work: Work) -> list[Piece]:
    """Find the meetings of whose missing returns somebody who is at work is to be told."""
    owing = _owing(work)
    waiting = {one.meeting_id for one in _to_tell(work, owing)}
    return [(one.meeting.panel_id, one.due.meeting_id) for one in owing if one.due.meeting_id in waiting]


def _queue(work: Work, piece: Piece) -> int:
    """Queue the prompts of one meeting's returns, to people in their working hours. Return how many.

    Once for each person and deadline, and only until the meeting begins: after an outage nobody is asked in vain.
    """
    panel_id, meeting_id = piece
    lock_diary(work, panel_id)  # another process may be telling them, or a person moving the meeting
    queued = 0
    for one in _owing(work, col(Meeting.id) == meeting_id):
        people = [hearer.person_id for hearer in _to_tell(work, [one])]
        note_told(work, [(one.due, person_id) for person_id in people])
        for person_id in people:
            # The sequence, since a deadline may come back with the meeting.
            sequence, on = one.meeting.sequence, one.due.deadline_on.isoformat()
            number = one.due.meeting_id
            work.tell(person_id, Notice.RETURNS_PROMPT, once=sequence, meeting_id=number, due_on=on)
        queued += len(people)
    return queued


def compose_prompt(work: Work, actor: Actor, meeting_id: int, due_on: date) -> ReturnPrompt | None:
    """What the prompt says now; None when nothing is owed any more, or the meeting moved or has begun."""
    found = _prompt(work, actor, meeting_id)
    return found if found is not None and found.due_on == due_on and (found.owed or found.is_orphaned) else None


def asked_with_agenda(work: Work, actor: Actor, meeting_id: int) -> ReturnPrompt | None:
    """How many returns the agenda that is being sent asks of this person's agency; None where it asks none of them."""
    found = _prompt(work, actor, meeting_id)
    return found if found is not None and found.asked else None


def _prompt(work: Work, actor: Actor, meeting_id: int) -> ReturnPrompt | None:
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None or not is_asking(work, meeting):
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    starts_at = local_time(work, panel, meeting.starts_at)
    agencys = [one for one in asked_at(work, [meeting], None).get(meeting_id, []) if one.agency_id == actor.agency_id]
    view = ReturnPrompt(
        meeting_id=meeting_id,
        panel_key=panel.key,
        panel_title=panel.title,
        agency_name=actor.agency_name,
        starts_at=starts_at,
        due_on=meeting_deadlines(work.definition(panel.definition), starts_at.date()).returns,
        asked=0,
        owed=0,
    )
    if panel.is_active and standing_on(work, actor, panel).may(Verb.RETURN):
        theirs = asked_of_person(agencys, actor.person_id)
        return replace(view, asked=len(theirs), owed=sum(one.answer is None for one in theirs))
    if actor.leads_agency and any(one.answer is None and not one.readers for one in agencys):
        return replace(view, is_orphaned=True)
    return None


def _owing(work: Work, *conditions: ColumnElement[bool]) -> list[_Owing]:
    """Return the meetings to come whose returns are due, the soonest first."""
    found = []
    for meeting, panel in meetings_within(
        work,
        _PROMPTED,
        col(Meeting.agenda_published_at).is_not(None),
        col(Meeting.starts_at) > work.now,
        *conditions,
    ):
        due_on = _due_on(work, panel, meeting)
        if due_on is not None:
            found.append(_Owing(meeting, panel, Due(id_of(meeting), PromptKind.RETURNS, due_on)))
    return found


def _due_on(work: Work, panel: Panel, meeting: Meeting) -> date | None:
    """The deadline when it has come; none on the day of the agenda itself, which asked for the same."""
    today = today_at(work, panel)
    day = local_time(work, panel, meeting.starts_at).date()
    due_on = meeting_deadlines(work.definition(panel.definition), day).returns
    published = meeting.agenda_published_at
    if published is None or due_on > today or local_time(work, panel, published).date() >= today:
        return None
    return due_on


def _to_tell(work: Work, owing: Sequence[_Owing]) -> list[Hearer]:
    """Return who is to be told of missing returns and is at work: nobody twice of one deadline."""
    asked = asked_at(work, [one.meeting for one in owing], None)
    people = {one.due: _people(asked.get(one.due.meeting_id, [])) for one in owing}
    leads = agency_leads(work, {agency_id for _, orphaned in people.values() for agency_id in orphaned})
    wanted: list[tuple[Due, int]] = []
    for due, (seated, orphaned) in people.items():
        leading = {leads[agency_id] for agency_id in orphaned if agency_id in leads}
        wanted += [(due, person_id) for person_id in sorted(seated | leading)]
    kinds = {one.due.meeting_id: work.definition(one.panel.definition) for one in owing}
    return [
        one
        for one in still_to_hear(work, wanted)
        if one.is_at_work(work.now, kinds[one.meeting_id].bank_holiday_subdivision)
    ]


def _people(asked: list[Asked]) -> tuple[set[int], set[int]]:
    """Return who is told, and of which agencies the lead: for each case without an answer the agency's
    representatives, else its deputies, else the lead.
    """
    people: set[int] = set()
    orphaned: set[int] = set()
    for one in asked:
        if one.answer is not None:
            continue
        seats = [seat for seat in one.readers if seat.role is Role.REPRESENTATIVE] or list(one.readers)
        people |= {seat.person_id for seat in seats}
        if not seats:
            orphaned.add(one.agency_id)
    return people, orphaned


#: The prompts of returns, as the tick asks for them.
RETURN_PROMPTS = Sweep(_find, _queue)
