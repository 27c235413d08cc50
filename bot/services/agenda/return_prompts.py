"""Asking agencies for returns: with the agenda, and again at the deadline if some are missing."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col

from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, PromptKind, Role
from bot.records.access.queries import local_time, standing_on, today_at
from bot.records.agenda.returns import Asked, asked_at, asked_of_person, is_asking, returns_due
from bot.records.diary.queries import OfMeeting, of_meeting
from bot.records.invitations.audiences import agency_leads, at_work, meetings_within, reaching, still_to_hear
from bot.records.invitations.changes import Telling, sweep_of
from bot.records.invitations.queries import Due
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_PROMPTED: Final = {MeetingState.SCHEDULED: reaching("returns")}


@dataclass(frozen=True, slots=True)
class ReturnPrompt(OfMeeting):
    """How many returns one person's agency owes for a meeting, at the moment a message is sent."""

    agency_name: str
    due_on: date
    asked: int
    owed: int
    is_orphaned: bool = False  #: nobody on the panel answers for the agency now: its lead is told so, without figures


def compose_prompt(work: Work, actor: Actor, meeting_id: int, due_on: date) -> ReturnPrompt | None:
    """Return the prompt with its present numbers, or None if no return is owed or the meeting has moved or begun."""
    found = _prompt(work, actor, meeting_id)
    return found if found is not None and found.due_on == due_on and (found.owed or found.is_orphaned) else None


def asked_with_agenda(work: Work, actor: Actor, meeting_id: int) -> ReturnPrompt | None:
    """Return how many returns are asked of this person's agency with the agenda, or None if none are asked."""
    found = _prompt(work, actor, meeting_id)
    return found if found is not None and found.asked else None


def _prompt(work: Work, actor: Actor, meeting_id: int) -> ReturnPrompt | None:
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None or not is_asking(work, meeting):
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    agencys = [one for one in asked_at(work, [meeting], None).get(meeting_id, []) if one.agency_id == actor.agency_id]
    due_on = returns_due(work, panel, meeting)
    view = ReturnPrompt(*of_meeting(work, panel, meeting), actor.agency_name, due_on, asked=0, owed=0)
    if panel.is_active and standing_on(work, actor, panel).may(Verb.RETURN):
        theirs = asked_of_person(agencys, actor.person_id)
        return replace(view, asked=len(theirs), owed=sum(one.answer is None for one in theirs))
    if actor.leads_agency and any(one.answer is None and not one.readers for one in agencys):
        return replace(view, is_orphaned=True)
    return None


def _owing(work: Work, *conditions: ColumnElement[bool]) -> list[tuple[Meeting, Panel, Due]]:
    """Return the meetings that have not begun and whose returns are due, the soonest first.

    A meeting whose agenda came out today is left out, because the returns were asked for together with the agenda.
    """
    found = []
    is_out = col(Meeting.agenda_published_at).is_not(None)
    for meeting, panel in meetings_within(work, _PROMPTED, is_out, col(Meeting.starts_at) > work.now, *conditions):
        today, due_on = today_at(work, panel), returns_due(work, panel, meeting)
        published = meeting.agenda_published_at
        if due_on <= today and published is not None and local_time(work, panel, published).date() < today:
            found.append((meeting, panel, Due(id_of(meeting), PromptKind.RETURNS, due_on)))
    return found


def _to_tell(work: Work, *conditions: ColumnElement[bool]) -> list[Telling]:
    """Return the people at work who should be told of missing returns, once for each deadline."""
    owing = _owing(work, *conditions)
    asked = asked_at(work, [meeting for meeting, _, _ in owing], None)
    people = {due: _people(asked.get(due.meeting_id, [])) for _, _, due in owing}
    leads = agency_leads(work, {agency_id for _, orphaned in people.values() for agency_id in orphaned})
    wanted: list[tuple[Due, int]] = []
    for due, (seated, orphaned) in people.items():
        leading = {leads[agency_id] for agency_id in orphaned if agency_id in leads}
        wanted += [(due, person_id) for person_id in sorted(seated | leading)]
    awake = at_work(work, still_to_hear(work, wanted), {due.meeting_id: panel for _, panel, due in owing})
    told = []
    for meeting, panel, due in owing:
        # The key has the meeting's sequence number, since a meeting may move back to an earlier date and deadline.
        facts = {"once": meeting.sequence, "due_on": due.deadline_on.isoformat()}
        told += [Telling(id_of(panel), due, person_id, facts) for person_id in awake[due.meeting_id]]
    return told


def _people(asked: list[Asked]) -> tuple[set[int], set[int]]:
    """Return the ids of the people to tell of missing returns, and of the agencies that have no one to tell.

    For each missing return, these people are the agency's representatives who may read the case, or else its deputies.
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


#: The tick's work on prompts for returns.
RETURN_PROMPTS = sweep_of(Notice.RETURNS_PROMPT, _to_tell)
