"""Asking for returns: with the agenda, and once more at their deadline to who still owes some."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.deadlines import meeting_deadlines
from bot.domain.permissions import Actor, Verb
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, PromptKind, Role
from bot.store.access import standing_on
from bot.store.deadlines_told import is_news
from bot.store.diary import local_time, today_at
from bot.store.outbox import Effect
from bot.store.returns import Asked, asked_at, asked_of_person, is_asking
from bot.store.rows import id_of
from bot.store.running import is_running
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

_AHEAD = timedelta(days=120)  # beyond the earliest deadline that a definition may set (60 working days)


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


def queue_return_prompts(work: Work) -> int:
    """Queue the prompts of returns that are due, to people in their working hours; how many were queued.

    Once for each person and deadline, and only until the meeting begins: after an outage nobody is asked in vain.
    """
    rows = work.session.execute(
        select(Meeting, Panel)
        .join(Panel, col(Panel.id) == col(Meeting.panel_id))
        .where(
            is_running(work),
            col(Meeting.state) == MeetingState.SCHEDULED,
            col(Meeting.agenda_published_at).is_not(None),
            col(Meeting.starts_at) > work.now,
            col(Meeting.starts_at) < work.now + _AHEAD,
        )
        .order_by(col(Meeting.starts_at))
    ).all()
    due = [(meeting, panel, due_on) for meeting, panel in rows if (due_on := _due_on(work, panel, meeting))]
    asked = asked_at(work, [meeting for meeting, _, _ in due], None)
    queued = 0
    for meeting, _, due_on in due:
        for person in _recipients(work, asked.get(id_of(meeting), [])):
            if _asleep(work, person) or not is_news(work, meeting, PromptKind.RETURNS, person, due_on):
                continue
            work.send(
                Effect(
                    # The sequence, since a deadline may come back with the meeting.
                    key=f"returns:{meeting.id}:{person.id}:{due_on.isoformat()}:{meeting.sequence}",
                    lane=f"person:{person.id}",
                    kind="returns_prompt",
                    payload={"person_id": person.id, "meeting_id": meeting.id, "due_on": due_on.isoformat()},
                )
            )
            queued += 1
    work.session.flush()
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


def _due_on(work: Work, panel: Panel, meeting: Meeting) -> date | None:
    """The deadline when it has come; none on the day of the agenda itself, which asked for the same."""
    today = today_at(work, panel)
    day = local_time(work, panel, meeting.starts_at).date()
    due_on = meeting_deadlines(work.definition(panel.definition), day).returns
    published = meeting.agenda_published_at
    if published is None or due_on > today or local_time(work, panel, published).date() >= today:
        return None
    return due_on


def _recipients(work: Work, asked: list[Asked]) -> list[Person]:
    """For each case without an answer: the agency's representatives, else its deputies, else its lead."""
    people: set[int] = set()
    orphaned: set[int] = set()
    for one in asked:
        if one.answer is not None:
            continue
        seats = [seat for seat in one.readers if seat.role is Role.REPRESENTATIVE] or list(one.readers)
        people |= {seat.person_id for seat in seats}
        if not seats:
            orphaned.add(one.agency_id)
    query = select(Person).where(
        col(Person.left_at).is_(None),
        col(Person.id).in_(people) | (col(Person.leads_agency) & col(Person.agency_id).in_(orphaned)),
    )
    return list(work.session.exec(query.order_by(col(Person.id))))


def _asleep(work: Work, person: Person) -> bool:
    return not within_working_hours(work.now.astimezone(ZoneInfo(person.timezone)))


#: The prompts of returns, as the tick asks for them.
RETURN_PROMPTS = Sweep.of_one_piece(queue_return_prompts)
