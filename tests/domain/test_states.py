"""The lives of an action and of a meeting: what is not in their tables is refused with a sentence."""

from datetime import date

import pytest

from bot.domain.states import (
    OPEN_STATES,
    REPORTED_STATES,
    REPORTS,
    TOLD_TO_CALENDARS,
    UNCONFIRMED_STATES,
    MeetingEvent,
    Rag,
    is_overdue,
    needs_chair,
    next_meeting_state,
    next_state,
    rag,
)
from bot.errors import Mistake
from bot.models.vocabulary import ActionEventKind as Event
from bot.models.vocabulary import ActionState as State
from bot.models.vocabulary import MeetingState

FRIDAY = date(2026, 11, 27)

# Everything that may happen to an action; whatever is not here is refused.
ALLOWED = {
    (State.OPEN, Event.STARTED): State.IN_PROGRESS,
    (State.OPEN, Event.DONE): State.DONE,
    (State.OPEN, Event.NOT_POSSIBLE): State.REPORTED_NOT_POSSIBLE,
    (State.OPEN, Event.NOT_DONE): State.REPORTED_NOT_DONE,
    (State.OPEN, Event.NOT_OURS): State.REPORTED_NOT_OURS,
    (State.OPEN, Event.EXTENSION_ASKED): State.OPEN,
    (State.OPEN, Event.EXTENDED): State.OPEN,
    (State.OPEN, Event.EXTENSION_REFUSED): State.OPEN,
    (State.OPEN, Event.NOT_YET): State.OPEN,
    (State.OPEN, Event.REASSIGNED): State.OPEN,
    (State.OPEN, Event.EDITED): State.OPEN,
    (State.OPEN, Event.WITHDRAWN): State.WITHDRAWN,
    (State.IN_PROGRESS, Event.DONE): State.DONE,
    (State.IN_PROGRESS, Event.NOT_POSSIBLE): State.REPORTED_NOT_POSSIBLE,
    (State.IN_PROGRESS, Event.NOT_DONE): State.REPORTED_NOT_DONE,
    (State.IN_PROGRESS, Event.NOT_OURS): State.REPORTED_NOT_OURS,
    (State.IN_PROGRESS, Event.EXTENSION_ASKED): State.IN_PROGRESS,
    (State.IN_PROGRESS, Event.EXTENDED): State.IN_PROGRESS,
    (State.IN_PROGRESS, Event.EXTENSION_REFUSED): State.IN_PROGRESS,
    (State.IN_PROGRESS, Event.NOT_YET): State.IN_PROGRESS,
    (State.IN_PROGRESS, Event.REASSIGNED): State.IN_PROGRESS,
    (State.IN_PROGRESS, Event.EDITED): State.IN_PROGRESS,
    (State.IN_PROGRESS, Event.WITHDRAWN): State.WITHDRAWN,
    (State.DONE, Event.CONFIRMED): State.CONFIRMED,
    (State.DONE, Event.REOPENED): State.OPEN,
    (State.DONE, Event.REASSIGNED): State.DONE,
    (State.DONE, Event.EDITED): State.DONE,
    (State.DONE, Event.WITHDRAWN): State.WITHDRAWN,
    (State.REPORTED_NOT_POSSIBLE, Event.CONFIRMED): State.NOT_POSSIBLE,
    (State.REPORTED_NOT_POSSIBLE, Event.REOPENED): State.OPEN,
    (State.REPORTED_NOT_POSSIBLE, Event.REASSIGNED): State.REPORTED_NOT_POSSIBLE,
    (State.REPORTED_NOT_POSSIBLE, Event.EDITED): State.REPORTED_NOT_POSSIBLE,
    (State.REPORTED_NOT_POSSIBLE, Event.WITHDRAWN): State.WITHDRAWN,
    (State.REPORTED_NOT_DONE, Event.CONFIRMED): State.NOT_DONE,
    (State.REPORTED_NOT_DONE, Event.REOPENED): State.OPEN,
    (State.REPORTED_NOT_DONE, Event.REASSIGNED): State.REPORTED_NOT_DONE,
    (State.REPORTED_NOT_DONE, Event.EDITED): State.REPORTED_NOT_DONE,
    (State.REPORTED_NOT_DONE, Event.WITHDRAWN): State.WITHDRAWN,
    (State.REPORTED_NOT_OURS, Event.REOPENED): State.OPEN,
    (State.REPORTED_NOT_OURS, Event.REASSIGNED): State.OPEN,
    (State.REPORTED_NOT_OURS, Event.EDITED): State.REPORTED_NOT_OURS,
    (State.REPORTED_NOT_OURS, Event.WITHDRAWN): State.WITHDRAWN,
    (State.CONFIRMED, Event.REOPENED): State.OPEN,
    (State.NOT_POSSIBLE, Event.REOPENED): State.OPEN,
    (State.NOT_DONE, Event.REOPENED): State.OPEN,
    (State.WITHDRAWN, Event.PUT_BACK): State.OPEN,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_only_the_steps_of_an_actions_life_are_taken(state: State, event: Event) -> None:
    if (state, event) in ALLOWED:
        assert next_state(state, event) == ALLOWED[state, event]
    else:
        with pytest.raises(Mistake, match=r"^Action (is|has|was) .+\.$"):
            next_state(state, event)


@pytest.mark.parametrize(
    ("state", "event", "sentence"),
    [
        (
            State.DONE,
            Event.DONE,
            "Action is already reported done. If there is more to do, reopen it first.",
        ),
        (State.OPEN, Event.CONFIRMED, "Action is open, so it can't be accepted. Report it done first."),
        (State.IN_PROGRESS, Event.STARTED, "Action is already in progress, so it can't be started."),
        (
            State.CONFIRMED,
            Event.EXTENDED,
            "Action is already accepted as done, so it can't be extended. If there is more to do, add a new action, "
            "or ask the chair to reopen it.",
        ),
    ],
)
def test_a_refused_step_says_where_the_action_stands_and_what_to_do(state: State, event: Event, sentence: str) -> None:
    with pytest.raises(Mistake) as refused:
        next_state(state, event)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("today", "colour"),
    [
        (date(2026, 11, 23), Rag.GREEN),  # four working days before
        (date(2026, 11, 24), Rag.AMBER),  # three
        (FRIDAY, Rag.AMBER),  # the day itself is in time
        (date(2026, 11, 28), Rag.RED),
    ],
)
def test_an_open_action_turns_amber_then_red(today: date, colour: Rag) -> None:
    assert rag(State.OPEN, FRIDAY, today) == colour
    assert rag(State.IN_PROGRESS, FRIDAY, today) == colour


def test_amber_counts_working_days_over_easter() -> None:
    assert rag(State.OPEN, date(2026, 4, 8), date(2026, 4, 1)) == Rag.AMBER
    assert rag(State.OPEN, date(2026, 4, 8), date(2026, 3, 31)) == Rag.GREEN


@pytest.mark.parametrize("state", sorted(set(State) - UNCONFIRMED_STATES))
def test_blue_is_done_and_accepted_and_nothing_else(state: State) -> None:
    long_after = date(2027, 11, 27)
    assert rag(state, FRIDAY, long_after) == (Rag.BLUE if state is State.CONFIRMED else Rag.CLOSED)
    assert not is_overdue(state, FRIDAY, long_after)


@pytest.mark.parametrize("state", sorted(REPORTED_STATES))
def test_a_reported_action_has_the_colour_of_the_day_of_the_report_and_is_owed_by_nobody(state: State) -> None:
    days = (date(2026, 11, 20), FRIDAY, date(2026, 11, 30))
    assert [rag(state, FRIDAY, on) for on in days] == [Rag.GREEN, Rag.AMBER, Rag.RED]
    assert not is_overdue(state, FRIDAY, date(2027, 11, 27))


def test_what_is_reported_is_expected_of_nobody_but_still_answered_for() -> None:
    assert {State.OPEN, State.IN_PROGRESS} == OPEN_STATES
    assert set(REPORTS.values()) == REPORTED_STATES == UNCONFIRMED_STATES - OPEN_STATES


def test_past_the_free_extension_the_chair_decides() -> None:
    assert [needs_chair(so_far, 1) for so_far in (0, 1, 2)] == [False, True, True]
    assert needs_chair(0, 0)


TABLE = {
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


@pytest.mark.parametrize("change", MeetingEvent)
@pytest.mark.parametrize("state", MeetingState)
def test_a_meeting_changes_as_the_table_says_and_in_no_other_way(state: MeetingState, change: MeetingEvent) -> None:
    if (state, change) in TABLE:
        assert next_meeting_state(state, change) is TABLE[state, change]
    else:
        with pytest.raises(Mistake, match=f"^That meeting is {state.label}"):
            next_meeting_state(state, change)


def test_what_was_held_stays_as_it_was_held() -> None:
    assert not [change for state, change in TABLE if state is MeetingState.CLOSED]


def test_calendars_learn_of_all_but_the_opening_and_the_closing() -> None:
    assert set(MeetingEvent) - TOLD_TO_CALENDARS == {MeetingEvent.OPENED, MeetingEvent.CLOSED}
