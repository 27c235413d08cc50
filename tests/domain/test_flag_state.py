"""Every event of every state of a flag is in one table; what is not in it is refused with a sentence."""

import pytest

from bot.domain.flag_state import LIVE_STATES, FlagEvent, next_state
from bot.errors import Mistake
from bot.models.cases import Flag
from bot.models.vocabulary import FlagState

OPEN, ACCEPTED, DEFERRED = FlagState.OPEN, FlagState.ACCEPTED, FlagState.DEFERRED
TABLE = {
    (None, FlagEvent.FLAGGED): OPEN,
    (None, FlagEvent.SENT): OPEN,
    (None, FlagEvent.RETAINED): ACCEPTED,
    (OPEN, FlagEvent.CARRIED_FORWARD): OPEN,
    (OPEN, FlagEvent.ACCEPTED): ACCEPTED,
    (OPEN, FlagEvent.DEFERRED): DEFERRED,
    (OPEN, FlagEvent.SIGNPOSTED): FlagState.SIGNPOSTED,
    (OPEN, FlagEvent.WITHDRAWN): FlagState.WITHDRAWN,
    (OPEN, FlagEvent.MERGED): DEFERRED,
    (OPEN, FlagEvent.MOVED): OPEN,
    (ACCEPTED, FlagEvent.CARRIED_FORWARD): ACCEPTED,
    (ACCEPTED, FlagEvent.ACCEPTED): ACCEPTED,
    (ACCEPTED, FlagEvent.DEFERRED): DEFERRED,
    (ACCEPTED, FlagEvent.SIGNPOSTED): FlagState.SIGNPOSTED,
    (ACCEPTED, FlagEvent.WITHDRAWN): FlagState.WITHDRAWN,
    (ACCEPTED, FlagEvent.MERGED): DEFERRED,
    (ACCEPTED, FlagEvent.MOVED): ACCEPTED,
    (DEFERRED, FlagEvent.WITHDRAWN): FlagState.WITHDRAWN,
    (DEFERRED, FlagEvent.UNMERGED): OPEN,
    (DEFERRED, FlagEvent.MOVED): DEFERRED,
}


@pytest.mark.parametrize("event", FlagEvent)
@pytest.mark.parametrize("state", [None, *FlagState])
def test_a_flag_changes_as_the_table_says_and_in_no_other_way(state: FlagState | None, event: FlagEvent) -> None:
    if (state, event) in TABLE:
        assert next_state(state, event) is TABLE[state, event]
    else:
        with pytest.raises(Mistake, match=rf"^That flag is [a-z]+, so it can't be {event}\.$"):
            next_state(state, event)


@pytest.mark.parametrize("state", [FlagState.SIGNPOSTED, FlagState.WITHDRAWN])
@pytest.mark.parametrize("event", list(FlagEvent))
def test_what_is_signposted_or_withdrawn_stays_so(state: FlagState, event: FlagEvent) -> None:
    with pytest.raises(Mistake):
        next_state(state, event)


def test_a_new_row_is_a_new_flag_and_waits_for_the_chair() -> None:
    assert Flag.model_fields["state"].default is next_state(None, FlagEvent.FLAGGED)
    assert next_state(None, FlagEvent.FLAGGED) in LIVE_STATES
