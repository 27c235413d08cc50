"""Every change of every state of a meeting is in one table; what is not in it is refused with a sentence."""

import pytest

from bot.domain.meeting_state import TOLD_TO_CALENDARS, MeetingEvent, next_state
from bot.errors import Mistake
from bot.models.vocabulary import MeetingState

TABLE = {
    (MeetingState.SCHEDULED, MeetingEvent.MOVED): MeetingState.SCHEDULED,
    (MeetingState.SCHEDULED, MeetingEvent.HELD_ELSEWHERE): MeetingState.SCHEDULED,
    (MeetingState.SCHEDULED, MeetingEvent.RETITLED): MeetingState.SCHEDULED,
    (MeetingState.SCHEDULED, MeetingEvent.CANCELLED): MeetingState.CANCELLED,
    (MeetingState.SCHEDULED, MeetingEvent.OPENED): MeetingState.OPEN,
    (MeetingState.OPEN, MeetingEvent.RETITLED): MeetingState.OPEN,
    (MeetingState.OPEN, MeetingEvent.POSTPONED): MeetingState.SCHEDULED,
    (MeetingState.OPEN, MeetingEvent.CLOSED): MeetingState.CLOSED,
    (MeetingState.CANCELLED, MeetingEvent.REINSTATED): MeetingState.SCHEDULED,
}


@pytest.mark.parametrize("change", MeetingEvent)
@pytest.mark.parametrize("state", MeetingState)
def test_a_meeting_changes_as_the_table_says_and_in_no_other_way(state: MeetingState, change: MeetingEvent) -> None:
    if (state, change) in TABLE:
        assert next_state(state, change) is TABLE[state, change]
    else:
        with pytest.raises(Mistake, match=f"^That meeting is {state.label}"):
            next_state(state, change)


def test_what_was_held_stays_as_it_was_held() -> None:
    assert not [change for state, change in TABLE if state is MeetingState.CLOSED]


def test_calendars_learn_of_all_but_the_opening_and_the_closing() -> None:
    assert set(MeetingEvent) - TOLD_TO_CALENDARS == {MeetingEvent.OPENED, MeetingEvent.CLOSED}
