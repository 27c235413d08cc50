"""The life of a meeting: which change may follow which state, and which changes a calendar must learn of."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.errors import Mistake
from bot.models.vocabulary import MeetingState as State


class MeetingEvent(StrEnum):
    """What can become of a meeting that is in the diary."""

    MOVED = "moved"  # to another time, and to another venue with it where one is given
    HELD_ELSEWHERE = "held elsewhere"  # at the same time
    RETITLED = "retitled"  # its panel has another title
    CANCELLED = "cancelled"
    REINSTATED = "reinstated"
    OPENED = "opened"
    POSTPONED = "postponed"  # it was open, and not quorate
    CLOSED = "closed"


_NEXT: Final[Mapping[tuple[State, MeetingEvent], State]] = MappingProxyType(
    {
        (State.SCHEDULED, MeetingEvent.MOVED): State.SCHEDULED,
        (State.SCHEDULED, MeetingEvent.HELD_ELSEWHERE): State.SCHEDULED,
        (State.SCHEDULED, MeetingEvent.RETITLED): State.SCHEDULED,
        (State.SCHEDULED, MeetingEvent.CANCELLED): State.CANCELLED,
        (State.SCHEDULED, MeetingEvent.OPENED): State.OPEN,
        (State.OPEN, MeetingEvent.RETITLED): State.OPEN,
        (State.OPEN, MeetingEvent.POSTPONED): State.SCHEDULED,
        (State.OPEN, MeetingEvent.CLOSED): State.CLOSED,
        (State.CANCELLED, MeetingEvent.REINSTATED): State.SCHEDULED,
    }
)

#: A meeting is held on the day that calendars have, so they need not learn that it was opened or closed.
TOLD_TO_CALENDARS: Final = frozenset(MeetingEvent) - {MeetingEvent.OPENED, MeetingEvent.CLOSED}


def next_state(state: State, change: MeetingEvent) -> State:
    """Return the state of a meeting after a change. Raises Mistake where the table of moves does not allow it."""
    if (following := _NEXT.get((state, change))) is not None:
        return following
    if change in (MeetingEvent.MOVED, MeetingEvent.CANCELLED):
        raise Mistake(f"That meeting is {state.label}; only one that has not begun can be moved or cancelled.")
    raise Mistake(f"That meeting is {state.label}, so it cannot be {change}.")
