"""The guided first run of practice mode. A step is ticked off once the bot has recorded it.

The module also gives moments to which the clock can be moved. It only reads the bot's database and changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select

from bot.domain.chase_ladder import step_on
from bot.domain.deadlines import add_working_days, meeting_deadlines
from bot.domain.language.day_words import MONTHS, WEEKDAYS
from bot.domain.states import OPEN_STATES
from bot.models.actions import Action, Chase
from bot.models.cases import Flag
from bot.models.meetings import AgendaItem, Attendance, Decision, Meeting
from bot.models.minutes import Minutes
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import ActionState, ChaseStep, FlagState, MeetingState, MinutesState
from bot.practice.workspace.records import Json
from bot.records.access.queries import holds_at, zone_of
from bot.records.agenda.published import labels_for
from bot.records.cases.decisions import STANDS
from bot.store.unit_of_work import Work

#: One minute after the working day begins, when the day's first tick has run.
MORNING = time(9, 1)
#: How long before its beginning a meeting is opened.
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
    """A moment to which people may want to move the clock, and what happens then."""

    at: datetime
    what: str


def panels_of(work: Work, user_id: str, channel_id: str | None) -> list[Panel]:
    """Return the panels that a person in this channel probably means: only the channel's panel, if it has one.

    In a channel without a panel, return the person's panels, or all panels if the person has none.
    """
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
    """Return the next moment at which something is due on these panels, or None if there is no such moment.

    Something is due at a deadline of a panel, or when a reminder about an action goes out.
    """
    ahead = (mark for panel in panels for mark in (*_deadlines(work, panel), *_reminders(work, panel)))
    return min((mark for mark in ahead if mark.at > work.now), default=None)


def next_meeting(work: Work, panels: Iterable[Panel]) -> Landmark | None:
    """Return the moment five minutes before the next meeting, or None if there is none."""
    ahead = (
        Landmark(meeting.starts_at - BEFORE_MEETING, f"meeting of {panel.title}")
        for panel in panels
        for meeting in _meetings(work, panel, MeetingState.SCHEDULED)
    )
    return min((mark for mark in ahead if mark.at > work.now), default=None)


def first_reminder(work: Work, action: Action) -> Landmark | None:
    """Return the moment of the next reminder about an action, or None if no further reminder is due."""
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


PANEL = "harrowmere"
CHAIR, COORDINATOR, MINUTE_TAKER = "U0RHYS", "U0MORGAN", "U0LENA"
SOCIAL_CARE, POLICE, HEALTH = "U0ESME", "U0FARAH", "U0AMARA"
REFERENCE = "SAMPLE-0101"
_EXPECTED = 4  # the chair, and police, social care and health, one each


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person has come in the guide's cycle from flag to minutes, read from the bot's database."""

    now: datetime
    zone: ZoneInfo
    flag: Flag | None = None
    meeting: Meeting | None = None
    number: str | None = None  #: of the flagged case on the agenda
    acknowledged: int = 0
    has_decision: bool = False
    action: Action | None = None
    reminder_at: datetime | None = None
    was_reminded: bool = False
    minutes: MinutesState | None = None

    def due_words(self) -> str:
        """Return the day five working days after the meeting, written as people type a due date."""
        start = self.meeting.starts_at if self.meeting else self.now
        on = add_working_days(max(start, self.now).astimezone(self.zone).date(), 5)
        return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the guide: who takes the step, what they type, and how the database shows that the step is done."""

    key: str
    title: str
    who: tuple[str, ...]
    words: str
    done: Callable[[Progress], bool]
    command: Callable[[Progress], str] = field(default=lambda _: "")
    travel: Callable[[Progress], datetime | None] = field(default=lambda _: None)
    example: str = ""  #: the form that the page offers to fill in with an example


def _meeting(progress: Progress, look: Callable[[Meeting], object]) -> bool:
    return progress.meeting is not None and bool(look(progress.meeting))


STEPS = (
    Step(
        "flag",
        "Flag a case",
        (POLICE,),
        "Farah represents police. The command opens a form; “Fill in an example” saves you the typing.",
        lambda at: at.flag is not None,
        lambda _: f"/case flag {REFERENCE}",
        example="case.flag",
    ),
    Step(
        "triage",
        "Triage the flags",
        (CHAIR,),
        f"Rhys chairs the panel. Accept {REFERENCE}, and one or two others; the rest can wait.",
        lambda at: at.flag is not None and at.flag.state is not FlagState.OPEN,
        lambda _: "/agenda triage",
    ),
    Step(
        "publish",
        "Publish the agenda",
        (COORDINATOR,),
        "Morgan co-ordinates. Every member hears of it, and the Word file comes by direct message.",
        lambda at: _meeting(at, lambda meeting: meeting.agenda_version),
        lambda _: "/agenda publish",
    ),
    Step(
        "travel",
        "Go to the day of the meeting",
        (),
        "Move the clock. On the way the bot sends every prompt that falls due.",
        lambda at: _meeting(at, lambda meeting: at.now >= meeting.starts_at - BEFORE_MEETING),
        travel=lambda at: at.meeting.starts_at - BEFORE_MEETING if at.meeting else None,
    ),
    Step(
        "open",
        "Open the meeting",
        (COORDINATOR,),
        "The board of the meeting appears in the channel, with the confidentiality statement. Everyone there sees the "
        "same board, and it stays current: have a second window open as another person.",
        lambda at: _meeting(at, lambda meeting: meeting.opened_at),
        lambda _: "/meeting open",
    ),
    Step(
        "acknowledge",
        "Be there",
        (CHAIR, POLICE, SOCIAL_CARE, HEALTH),
        "Press “I'm here” on the board as each of the four: the chair, police, social care and health. They make the "
        "meeting quorate. A member who doesn't press it is absent in the minutes, unless apologies or attendance were "
        "recorded for them.",
        lambda at: at.acknowledged >= _EXPECTED,
    ),
    Step(
        "decide",
        "Hear the case and decide",
        (COORDINATOR,),
        "Go to the case, and the board shows it to everyone. Press “Record” on the board: one form takes what each "
        "agency said, the decision with its rationale, and the actions. “Save” keeps it open, and the board shows "
        "what was decided.",
        lambda at: at.has_decision,
        lambda at: f"/meeting next {at.number or 5}",
        example="meeting.record",
    ),
    Step(
        "action",
        "Give an action",
        (COORDINATOR,),
        "One thing to do, one holder, one date. The board names the action, without its words.",
        lambda at: at.action is not None,
        lambda at: f"/action add @farah agree a safe route to school with the family by {at.due_words()}",
    ),
    Step(
        "close",
        "Close the meeting",
        (COORDINATOR,),
        "The board becomes the summary, and each holder is told of their action. If cases are left without a decision, "
        "you are asked first. Confirm, and they go to the next meeting.",
        lambda at: _meeting(at, lambda meeting: meeting.closed_at),
        lambda _: "/meeting close",
    ),
    Step(
        "draft",
        "Draft the minutes",
        (MINUTE_TAKER,),
        "Lena takes the minutes. The Word file goes to her and to the chair.",
        lambda at: at.minutes is not None,
        lambda _: "/minutes draft",
    ),
    Step(
        "approve",
        "Approve the minutes",
        (CHAIR,),
        "Approved minutes never change. “/minutes export” brings the Word file to anyone who may see it.",
        lambda at: at.minutes in (MinutesState.APPROVED, MinutesState.CIRCULATED),
        lambda _: "/minutes approve",
    ),
    Step(
        "chase",
        "Be reminded, and be done",
        (POLICE,),
        "Move the clock to the first reminder. Farah finds it among her direct messages: press “Done” there.",
        lambda at: at.action is not None and at.action.state in (ActionState.DONE, ActionState.CONFIRMED),
        travel=lambda at: None if at.was_reminded else at.reminder_at,
    ),
)


#: Steps that can't be done once the meeting is closed. The guide then goes on without them.
_ONLY_AT_THE_MEETING = frozenset({"acknowledge", "decide"})


def newest_flag(work: Work) -> int:
    """Return the number of the newest flag, or 0 if there is none. Flags made later have higher numbers."""
    return work.session.exec(select(func.max(Flag.id))).one() or 0


def read_progress(work: Work, zone: ZoneInfo, after_flag: int) -> Progress:
    """Return which steps of the guide are done for the first flag with a number above `after_flag`."""
    flag = work.session.exec(
        select(Flag)
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .where(
            col(Panel.key) == PANEL,
            col(Flag.id) > after_flag,
            col(Flag.state) != FlagState.WITHDRAWN,
            # Only flags that a person made: a meeting that closes lays its unheard cases before the next one.
            col(Flag.carried_from_id).is_(None),
            col(Flag.origin_id).is_(None),
        )
        .order_by(col(Flag.id))
        .limit(1)
    ).first()
    if flag is None:
        return Progress(work.now, zone)
    meeting = work.session.get(Meeting, flag.meeting_id)
    items = work.find_all(AgendaItem, col(AgendaItem.meeting_id) == flag.meeting_id, by=[col(AgendaItem.position)])
    item = next((one for one in items if one.flag_id == flag.id), None)
    labels = labels_for(work, None, meeting, items) if meeting else {}
    decided = work.session.exec(
        select(Decision.id)
        .join(AgendaItem, col(AgendaItem.id) == col(Decision.item_id))
        .where(col(AgendaItem.meeting_id) == flag.meeting_id, STANDS)
    ).first()
    action = work.session.exec(
        select(Action).where(col(Action.meeting_id) == flag.meeting_id).order_by(col(Action.id)).limit(1)
    ).first()
    reminder = first_reminder(work, action) if action else None
    version = work.session.exec(
        select(Minutes).where(col(Minutes.meeting_id) == flag.meeting_id).order_by(col(Minutes.version).desc())
    ).first()
    return Progress(
        now=work.now,
        zone=zone,
        flag=flag,
        meeting=meeting,
        number=labels.get(item.id) if item else None,
        acknowledged=work.session.exec(
            select(func.count())
            .select_from(Attendance)
            .where(col(Attendance.meeting_id) == flag.meeting_id, col(Attendance.acknowledged_at).is_not(None))
        ).one(),
        has_decision=decided is not None,
        action=action,
        reminder_at=reminder.at if reminder else None,
        was_reminded=action is not None
        and work.session.exec(select(Chase.id).where(col(Chase.action_id) == action.id)).first() is not None,
        minutes=version.state if version else None,
    )


def told(progress: Progress) -> list[Json]:
    """Return the steps of the guide as JSON, each with whether it is done."""
    shown = []
    for step in STEPS:
        at = step.travel(progress)
        if at is not None and at <= progress.now + timedelta(seconds=1):
            at = None
        shown.append(
            {
                "key": step.key,
                "title": step.title,
                "who": list(step.who),
                "words": step.words,
                "command": step.command(progress),
                "travel": at.timestamp() if at else None,
                "example": step.example,
                "done": step.done(progress),
                "missed": step.key in _ONLY_AT_THE_MEETING and _meeting(progress, lambda meeting: meeting.closed_at),
            }
        )
    return shown
