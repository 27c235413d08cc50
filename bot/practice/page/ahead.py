"""What lies ahead in the diary: the next deadline and the next meeting, looked up and never changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import col, select

from bot.domain.action_state import OPEN_STATES
from bot.domain.chase_ladder import step_on
from bot.domain.deadlines import meeting_deadlines
from bot.models.actions import Action
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import ChaseStep, MeetingState
from bot.records.access.queries import holds_at, zone_of
from bot.store.unit_of_work import Work

#: A minute after the working day begins: the first tick of the day has run by then.
MORNING = time(9, 1)
#: A meeting is opened a little before it begins.
BEFORE_MEETING = timedelta(minutes=5)
_WORDS = {
    "flags_open": "flags open",
    "flags_close": "last day to flag",
    "triage": "the chair triages",
    "agenda": "agenda goes out",
    "returns": "returns are due",
    "summary": "summary is due",
    "draft_minutes": "draft minutes are due",
    "approved_minutes": "approved minutes are due",
}
_STEPS = {
    ChaseStep.BEFORE: "first reminder",
    ChaseStep.DUE: "due",
    ChaseStep.OVERDUE: "one day overdue",
    ChaseStep.DEPUTY: "goes to deputy or lead",
    ChaseStep.CHAIR: "goes to the chair",
}


@dataclass(frozen=True, slots=True, order=True)
class Landmark:
    """A moment worth travelling to, and what happens then."""

    at: datetime
    what: str


def panels_of(work: Work, user_id: str, channel_id: str | None) -> list[Panel]:
    """The panel of the channel somebody looks at; elsewhere all their panels, and for strangers every panel."""
    panels = work.session.exec(select(Panel).where(col(Panel.is_active)).order_by(col(Panel.id))).all()
    here = [panel for panel in panels if channel_id is not None and panel.channel_id == channel_id]
    theirs = set(
        work.session.exec(
            select(Membership.panel_id)
            .join(Person, col(Person.id) == col(Membership.person_id))
            .where(col(Person.user_id) == user_id, holds_at(work.now))
        ).all()
    )
    return here or [panel for panel in panels if panel.id in theirs] or list(panels)


def next_deadline(work: Work, panels: Iterable[Panel]) -> Landmark | None:
    """The first day on which the diary or an action asks something of somebody."""
    ahead = (mark for panel in panels for mark in (*_deadlines(work, panel), *_reminders(work, panel)))
    return min((mark for mark in ahead if mark.at > work.now), default=None)


def next_meeting(work: Work, panels: Iterable[Panel]) -> Landmark | None:
    """A little before the next meeting that can be opened begins."""
    ahead = (
        Landmark(meeting.starts_at - BEFORE_MEETING, f"meeting of {panel.title}")
        for panel in panels
        for meeting in _meetings(work, panel, MeetingState.SCHEDULED)
    )
    return min((mark for mark in ahead if mark.at > work.now), default=None)


def first_reminder(work: Work, action: Action) -> Landmark | None:
    """When the holder of an action is first reminded of it; None once that has passed."""
    panel = work.session.get(Panel, action.panel_id)
    marks = [] if panel is None else [mark for mark in _steps(work, panel, action) if mark.at > work.now]
    return min(marks, default=None)


def _meetings(work: Work, panel: Panel, *states: MeetingState) -> list[Meeting]:
    return list(
        work.session.exec(
            select(Meeting)
            .where(
                col(Meeting.panel_id) == panel.id,
                col(Meeting.state).in_(list(states)),
                col(Meeting.starts_at) > work.now - timedelta(days=40),
            )
            .order_by(col(Meeting.starts_at))
            .limit(4)
        ).all()
    )


def _deadlines(work: Work, panel: Panel) -> Iterator[Landmark]:
    zone, definition = zone_of(work, panel), work.definition(panel.definition)
    for meeting in _meetings(work, panel, MeetingState.SCHEDULED, MeetingState.CLOSED):
        dates = meeting_deadlines(definition, meeting.starts_at.astimezone(zone).date())
        for name, words in _WORDS.items():
            yield Landmark(_morning(work, panel, getattr(dates, name)), f"{words}, {panel.title}")


def _reminders(work: Work, panel: Panel) -> Iterator[Landmark]:
    query = select(Action).where(col(Action.panel_id) == panel.id, col(Action.state).in_(sorted(OPEN_STATES)))
    for action in work.session.exec(query).all():
        yield from _steps(work, panel, action)


def _steps(work: Work, panel: Panel, action: Action) -> Iterator[Landmark]:
    definition = work.definition(panel.definition)
    for step, words in _STEPS.items():
        on = step_on(action.due_on, step, definition.chasing, definition.bank_holiday_subdivision)
        yield Landmark(_morning(work, panel, on), f"action {action.id}: {words}")


def _morning(work: Work, panel: Panel, on: date) -> datetime:
    return datetime.combine(on, MORNING, tzinfo=zone_of(work, panel))
