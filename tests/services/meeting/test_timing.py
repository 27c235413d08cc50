"""Splitting the time that an open meeting has left between the cases that are left."""

from datetime import datetime

import pytest

from bot.services.agenda import triage
from bot.services.cases import closed_items
from bot.services.meeting import timing
from bot.services.meeting.timing import SplitTime
from bot.slack.meeting import views
from tests.county import WEST
from tests.services.conftest import LONDON, Play
from tests.services.meeting.test_going_on import goes_on, sits_with_three

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open with three cases, and the first is discussed."""
    return sits_with_three(play)


def minutes(play: Play, who: str = "chair") -> dict[str, int]:
    """Return the minutes of each line of the agenda, by its title."""
    return {item.title: item.minutes for item in play.does(who, triage.show_agenda, WEST).items}


def test_the_cases_that_are_left_have_the_same_and_the_current_one_keeps_what_it_had(sitting: Play) -> None:
    before = minutes(sitting)
    sitting.at(3, 24, 14, 40)
    found = sitting.does("chair", timing.split_time, WEST)
    assert found == SplitTime(left=80, until=datetime(2026, 3, 24, 16, tzinfo=LONDON), cases=3, each=11)
    assert views.split(found) == (
        "80 minutes left until 16:00. That's *11 minutes* for each of the 3 cases. Other items keep their times."
    )
    after = minutes(sitting)
    assert {title: number for title, number in after.items() if number != before[title]} == {
        "WEST-0001": 40 + 11,
        "WEST-0002": 11,
        "WEST-0003": 11,
    }


def test_a_case_that_is_kept_from_anyone_keeps_its_minutes_and_is_not_counted(sitting: Play) -> None:
    sitting.does("chair", closed_items.close_item, WEST, "WEST-0003", "Need to know.")
    before = minutes(sitting)["WEST-0003"]
    sitting.at(3, 24, 14, 40)
    assert sitting.does("chair", timing.split_time, WEST).cases == 2
    assert minutes(sitting)["WEST-0003"] == before


def test_where_too_little_is_left_it_is_said_what_to_do(sitting: Play) -> None:
    skip = "Skip a case (`/meeting skip`), and it goes to the next meeting."
    sitting.at(3, 24, 15, 59)
    assert sitting.refused("chair", timing.split_time, WEST) == (
        f"1 minute is left until 16:00, which is too little for 3 cases. {skip}"
    )
    sitting.at(3, 24, 16, 5)
    assert sitting.refused("chair", timing.split_time, WEST) == (
        f"The planned end, 16:00, has passed, so no time is left to split. {skip}"
    )


def test_only_who_runs_the_meeting_splits_its_time(sitting: Play) -> None:
    assert sitting.refused("nurse", timing.split_time, WEST)
    assert goes_on(sitting).item is not None
