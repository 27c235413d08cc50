"""Which meeting's minutes are meant: by a day in any British spelling, or by none."""

from datetime import datetime

import pytest

from bot.domain.language.day_words import YearDay
from bot.services.minutes import approving, papers
from tests.county import WEST
from tests.services.conftest import LONDON, NO_PANEL, Play

pytestmark = pytest.mark.databases("sqlite")

MARCH, APRIL = (datetime(2026, month, day, 14, 0, tzinfo=LONDON) for month, day in ((3, 24), (4, 21)))


@pytest.fixture
def held(play: Play) -> Play:
    """Hold the meetings of 24 March and 21 April."""
    play.at(3, 24, 14)
    play.holds({})
    play.at(4, 21, 14)
    play.holds({})
    return play


@pytest.mark.databases("sqlite", "postgresql")
def test_without_a_day_it_is_the_latest_meeting_without_approved_minutes(held: Play) -> None:
    assert held.does("coordinator", papers.draft_minutes, WEST).starts_at == APRIL
    assert held.does("chair", approving.approve_minutes, WEST).starts_at == APRIL
    assert held.does("coordinator", papers.draft_minutes, WEST).starts_at == MARCH
    assert held.does("coordinator", papers.export_minutes, WEST, request_key="a").starts_at == APRIL


@pytest.mark.databases("sqlite", "postgresql")
def test_without_a_day_the_chair_approves_the_draft_there_is(held: Play) -> None:
    held.does("coordinator", papers.draft_minutes, WEST, YearDay(3, 24))
    assert held.does("chair", approving.approve_minutes, WEST).starts_at == MARCH


@pytest.mark.parametrize(
    "typed",
    [
        *("24 March", "Tue 24 Mar 2026", "Tuesday 24 March 2026", "24th March 2026", "the 24th of March", "24/03/26"),
        *("24.3.2026", "24-03-2026", "2026-03-24", "tuesday 24 march, 2026", "24/3"),
    ],
)
def test_a_day_is_read_as_due_phrases_are(held: Play, typed: str) -> None:
    assert held.does("coordinator", papers.draft_minutes, WEST, YearDay.named(typed)).starts_at == MARCH


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Friday 24 March 2026", "24 March 2026 is a Tuesday, not a Friday."),
        ("25 March", "West Operational MET held no meeting on 25 March. The nearest was on 24 March 2026."),
        ("31 February", "West Operational MET held no meeting on 31 February."),
        ("24 March 2025", "West Operational MET held no meeting on 24 March 2025. The nearest was on 24 March 2026."),
        ("19 May 2026", "West Operational MET held no meeting on 19 May 2026."),
    ],
)
def test_a_day_without_a_meeting_is_refused(held: Play, typed: str, said: str) -> None:
    assert held.refused("coordinator", papers.draft_minutes, WEST, YearDay.named(typed)) == said


def test_what_is_no_day_is_none() -> None:
    assert [YearDay.named(words) for words in ("", "Friday", "March 24", "24", "10.12", "24/13/2026")] == [None] * 6


def test_an_open_year_is_the_latest_that_can_be_meant() -> None:
    today = APRIL.date()
    assert YearDay(4, 22).until(today)[0].isoformat() == "2025-04-22"
    assert YearDay(4, 21).until(today)[0] == today
    assert [day.year for day in YearDay(2, 29).until(today)] == [2024, 2020]
    assert [day.year for day in YearDay(3, 24, weekday=1).until(today)] == [2026, 2020]


def test_only_who_reads_minutes_asks_for_them_and_only_who_writes_them_for_their_day(play: Play) -> None:
    assert play.refused("outsider", papers.export_minutes, WEST, request_key="a") == NO_PANEL
    assert play.refused("observer", papers.export_minutes, WEST, request_key="a") == (
        "On West Operational MET, observers can't read minutes."
    )
    assert play.refused("outsider", papers.day_to_minute, WEST, play.county.west_meetings[0]) == NO_PANEL
    assert play.refused("nurse", papers.day_to_minute, WEST, play.county.west_meetings[0]) == (
        "On West Operational MET, only the chair, vice-chair, co-ordinator and minute-taker can draft minutes."
    )
