"""The states of a flag, and the events that may follow each state."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.errors import Mistake
from bot.models.vocabulary import FlagState as State


class FlagEvent(StrEnum):
    """An event that changes the state of a flag."""

    FLAGGED = "flagged"  # an agency flagged the case, or the chair deferred it to another meeting
    SENT = "sent"  # a decision of another panel sent it to this panel
    RETAINED = "retained"  # the panel's review of the case is due
    CARRIED_FORWARD = "carried forward"  # its meeting did not reach it, so a copy goes to the next meeting
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    SIGNPOSTED = "signposted"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # the hearing of another flag of the case serves it too
    UNMERGED = "unmerged"  # that other flag was withdrawn
    MOVED = "moved"  # to another meeting, since its own was cancelled or the flag it was merged into moved


#: States of a flag by which a meeting hears a case.
LIVE_STATES: Final = (State.OPEN, State.ACCEPTED)

#: States in which a flag has no agenda line, even if it had one before.
TAKES_OFF_AGENDA: Final = frozenset(
    {FlagEvent.DEFERRED, FlagEvent.SIGNPOSTED, FlagEvent.WITHDRAWN, FlagEvent.MERGED, FlagEvent.MOVED}
)


def _table() -> Mapping[tuple[State | None, FlagEvent], State]:
    table: dict[tuple[State | None, FlagEvent], State] = {
        (None, FlagEvent.FLAGGED): State.OPEN,
        (None, FlagEvent.SENT): State.OPEN,
        (None, FlagEvent.RETAINED): State.ACCEPTED,
        (State.DEFERRED, FlagEvent.UNMERGED): State.OPEN,
        (State.DEFERRED, FlagEvent.MOVED): State.DEFERRED,
        (State.DEFERRED, FlagEvent.WITHDRAWN): State.WITHDRAWN,
    }
    for state in LIVE_STATES:
        # Until the meeting begins, the chair may change the answer to an accepted flag.
        table[state, FlagEvent.ACCEPTED] = State.ACCEPTED
        table[state, FlagEvent.DEFERRED] = table[state, FlagEvent.MERGED] = State.DEFERRED
        table[state, FlagEvent.SIGNPOSTED] = State.SIGNPOSTED
        table[state, FlagEvent.WITHDRAWN] = State.WITHDRAWN
        table[state, FlagEvent.MOVED] = table[state, FlagEvent.CARRIED_FORWARD] = state
    return MappingProxyType(table)


_NEXT: Final = _table()


def next_state(state: State | None, event: FlagEvent) -> State:
    """Return the state of a flag after an event. A new flag's state is None.

    Raise Mistake if the event may not follow the state.
    """
    if (following := _NEXT.get((state, event))) is not None:
        return following
    raise Mistake(f"That flag is {state.label if state else 'new'}, so it can't be {event}.")
