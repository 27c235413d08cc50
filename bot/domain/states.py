"""The states of an action and of a meeting, and the events that may follow each state."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.deadlines import working_days_between
from bot.errors import Mistake
from bot.models.vocabulary import ActionEventKind as Event
from bot.models.vocabulary import ActionState as State
from bot.models.vocabulary import MeetingState


class Rag(StrEnum):
    """The colour of an action in lists and reports."""

    BLUE = "blue"  # done, and accepted by the panel
    GREEN = "green"  # on track
    AMBER = "amber"  # due within three working days
    RED = "red"  # overdue
    CLOSED = "closed"  # ended without being done


#: States in which something is still expected of the holder, so that the action is chased.
OPEN_STATES: Final = frozenset({State.OPEN, State.IN_PROGRESS})

#: States in which the holder has answered and the panel has not accepted the answer yet. Nothing is expected of the
#: holder.
REPORTED_STATES: Final = frozenset(
    {State.DONE, State.REPORTED_NOT_POSSIBLE, State.REPORTED_NOT_DONE, State.REPORTED_NOT_OURS}
)

#: States of actions that the agency answers for until the panel accepts. They are on every list and come up under
#: matters arising.
UNCONFIRMED_STATES: Final = OPEN_STATES | REPORTED_STATES

#: The reports of a holder, each with the state that the action has until the panel answers.
REPORTS: Final[Mapping[Event, State]] = MappingProxyType(
    {
        Event.DONE: State.DONE,
        Event.NOT_POSSIBLE: State.REPORTED_NOT_POSSIBLE,
        Event.NOT_DONE: State.REPORTED_NOT_DONE,
        Event.NOT_OURS: State.REPORTED_NOT_OURS,
    }
)

#: The state of an action once the panel accepts its report. If the report names another agency, the action is given to
#: a person there instead.
ACCEPTED: Final[Mapping[State, State]] = MappingProxyType(
    {
        State.DONE: State.CONFIRMED,
        State.REPORTED_NOT_POSSIBLE: State.NOT_POSSIBLE,
        State.REPORTED_NOT_DONE: State.NOT_DONE,
    }
)

# Working days before the due date from which an action is amber (the panels' RAG key).
_AMBER_WITHIN = 3


def _table() -> Mapping[tuple[State, Event], State]:
    table = {(State.OPEN, Event.STARTED): State.IN_PROGRESS, (State.WITHDRAWN, Event.PUT_BACK): State.OPEN}
    for state, accepted in ACCEPTED.items():
        table[state, Event.CONFIRMED] = accepted
    for state in OPEN_STATES:
        for event, reported in REPORTS.items():
            table[state, event] = reported
        for event in (Event.EXTENSION_ASKED, Event.EXTENDED, Event.EXTENSION_REFUSED, Event.NOT_YET):
            table[state, event] = state
    for state in UNCONFIRMED_STATES:
        # When a person leaves, reported actions are handed over too.
        table[state, Event.REASSIGNED] = state
        table[state, Event.EDITED] = state
        table[state, Event.WITHDRAWN] = State.WITHDRAWN
    table[State.REPORTED_NOT_OURS, Event.REASSIGNED] = State.OPEN  # that answers the report
    for state in REPORTED_STATES | set(ACCEPTED.values()):
        table[state, Event.REOPENED] = State.OPEN
    return MappingProxyType(table)


_NEXT: Final = _table()

_WHAT_WAS_ASKED: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.ADDED: "added again",
        Event.STARTED: "started",
        Event.DONE: "reported done",
        Event.REOPENED: "reopened",
        Event.CONFIRMED: "accepted",
        Event.EXTENSION_ASKED: "extended",
        Event.EXTENDED: "extended",
        Event.EXTENSION_REFUSED: "refused an extension",
        Event.REASSIGNED: "reassigned",
        Event.EDITED: "corrected",
        Event.WITHDRAWN: "withdrawn",
        Event.PUT_BACK: "put back",
        Event.NOT_POSSIBLE: "reported not possible",
        Event.NOT_DONE: "reported not done",
        Event.NOT_OURS: "reported not ours",
        Event.NOT_YET: "kept as not done yet",
    }
)

#: The error for each state of an action, with what to do instead.
_REFUSED: Final[Mapping[State, tuple[str, str]]] = MappingProxyType(
    {
        State.OPEN: ("is open", "report it done first"),
        State.IN_PROGRESS: ("is already in progress", "report it done first"),
        State.DONE: ("is already reported done", "if there is more to do, reopen it first"),
        State.REPORTED_NOT_POSSIBLE: (
            "is already reported not possible",
            "if it can be done after all, reopen it first",
        ),
        State.REPORTED_NOT_DONE: ("is already reported not done", "if it is to be done after all, reopen it first"),
        State.REPORTED_NOT_OURS: (
            "is reported as another agency's",
            "give it to a person there, or reopen it with the reason why it stays",
        ),
        State.CONFIRMED: (
            "is already accepted as done",
            "if there is more to do, add a new action, or ask the chair to reopen it",
        ),
        State.NOT_POSSIBLE: ("is closed as no longer possible", "if it can be done after all, reopen it first"),
        State.NOT_DONE: ("is closed as not done", "if it is to be done after all, reopen it first"),
        State.TRANSFERRED: ("has moved to another panel", "change it on that panel"),
        State.WITHDRAWN: ("was withdrawn as a mistake", "the person who gave it can put it back"),
    }
)


def next_state(state: State, event: Event) -> State:
    """Return the state of an action after an event. Raise Mistake if the event may not follow the state.

    An action accepted as done is final, because the minutes say so. `not_possible` and `not_done` are both closed, and
    one never becomes the other without being reopened (SafeLives).
    """
    if (following := _NEXT.get((state, event))) is not None:
        return following
    where, remedy = _REFUSED[state]
    if where.endswith(_WHAT_WAS_ASKED[event]):
        raise Mistake(f"Action {where}. {remedy[0].upper()}{remedy[1:]}.")
    if state in OPEN_STATES and event is not Event.CONFIRMED:
        raise Mistake(f"Action {where}, so it can't be {_WHAT_WAS_ASKED[event]}.")
    raise Mistake(f"Action {where}, so it can't be {_WHAT_WAS_ASKED[event]}. {remedy[0].upper()}{remedy[1:]}.")


def is_overdue(state: State, due_on: date, today: date) -> bool:
    """Return whether an action is open and its due date has passed. On the due date itself it is in time."""
    return state in OPEN_STATES and due_on < today


def rag(state: State, due_on: date, today: date, subdivision: str = "ENG") -> Rag:
    """Return the action's colour: red past its due date, amber within three working days of it, otherwise green.

    Blue means done and accepted. For a reported action, `today` is the day of the report, so that an action does not
    turn red while the panel takes its time to accept it.
    """
    if state not in UNCONFIRMED_STATES:
        return Rag.BLUE if state is State.CONFIRMED else Rag.CLOSED
    if due_on < today:
        return Rag.RED
    if working_days_between(today, due_on, subdivision) <= _AMBER_WITHIN:
        return Rag.AMBER
    return Rag.GREEN


def needs_chair(extensions_so_far: int, free_extensions: int) -> bool:
    """Return whether the chair must decide on the next extension, because no free extension is left."""
    return extensions_so_far >= free_extensions


class MeetingEvent(StrEnum):
    """An event that changes the state of a meeting in the diary."""

    MOVED = "moved"  # to another time, and to another venue if one is given
    HELD_ELSEWHERE = "held elsewhere"  # at the same time
    LENGTHENED = "lengthened"  # it begins as before and ends later
    RETITLED = "retitled"  # its panel has another title
    CANCELLED = "cancelled"
    REINSTATED = "reinstated"
    OPENED = "opened"
    POSTPONED = "postponed"  # it was open, and not quorate
    CLOSED = "closed"


_NEXT_OF_MEETING: Final[Mapping[tuple[MeetingState, MeetingEvent], MeetingState]] = MappingProxyType(
    {
        (MeetingState.SCHEDULED, MeetingEvent.MOVED): MeetingState.SCHEDULED,
        (MeetingState.SCHEDULED, MeetingEvent.HELD_ELSEWHERE): MeetingState.SCHEDULED,
        (MeetingState.SCHEDULED, MeetingEvent.LENGTHENED): MeetingState.SCHEDULED,
        (MeetingState.SCHEDULED, MeetingEvent.RETITLED): MeetingState.SCHEDULED,
        (MeetingState.SCHEDULED, MeetingEvent.CANCELLED): MeetingState.CANCELLED,
        (MeetingState.SCHEDULED, MeetingEvent.OPENED): MeetingState.OPEN,
        (MeetingState.OPEN, MeetingEvent.RETITLED): MeetingState.OPEN,
        (MeetingState.OPEN, MeetingEvent.POSTPONED): MeetingState.SCHEDULED,
        (MeetingState.OPEN, MeetingEvent.CLOSED): MeetingState.CLOSED,
        (MeetingState.CANCELLED, MeetingEvent.REINSTATED): MeetingState.SCHEDULED,
    }
)

#: Calendars already have the meeting's day, so opening or closing it needs no new version for them.
TOLD_TO_CALENDARS: Final = frozenset(MeetingEvent) - {MeetingEvent.OPENED, MeetingEvent.CLOSED}


def next_meeting_state(state: MeetingState, change: MeetingEvent) -> MeetingState:
    """Return the state of a meeting after an event. Raise Mistake if the event may not follow the state."""
    if (following := _NEXT_OF_MEETING.get((state, change))) is not None:
        return following
    if change in (MeetingEvent.MOVED, MeetingEvent.CANCELLED):
        raise Mistake(f"That meeting is {state.label}. You can move or cancel only a meeting that has not begun.")
    raise Mistake(f"That meeting is {state.label}, so it can't be {change}.")
