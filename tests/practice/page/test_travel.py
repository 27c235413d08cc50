"""Where the clock stops on its way, and what lies guide."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.practice.mode import PracticeMode
from bot.practice.page import guide
from bot.practice.page.controls import hops

LONDON = ZoneInfo("Europe/London")


def at(words: str) -> datetime:
    """Return a moment in London."""
    return datetime.fromisoformat(words).replace(tzinfo=LONDON)


def test_a_short_way_is_walked_in_quarters_of_an_hour_within_working_hours() -> None:
    assert list(hops(at("2026-03-12 16:20"), at("2026-03-13 09:20"), LONDON)) == [
        at("2026-03-12 16:30"),
        at("2026-03-12 16:45"),
        at("2026-03-13 09:00"),
        at("2026-03-13 09:15"),
        at("2026-03-13 09:20"),
    ]


def test_a_long_way_stops_three_times_on_each_working_day_and_never_at_a_weekend() -> None:
    assert list(hops(at("2026-03-13 12:00"), at("2026-03-16 13:00"), LONDON)) == [
        at("2026-03-13 13:00"),
        at("2026-03-13 16:59"),
        at("2026-03-16 09:01"),
        at("2026-03-16 13:00"),
    ]


def test_a_way_across_the_change_of_clocks_keeps_to_the_clock_on_the_wall() -> None:
    assert [hop.astimezone(UTC).hour for hop in hops(at("2026-03-27 17:00"), at("2026-03-30 09:02"), LONDON)] == [8, 8]


def test_what_lies_ahead_is_that_of_the_panel_whose_channel_one_looks_at(shared: PracticeMode) -> None:
    with shared.store.reading() as work:
        here = guide.panels_of(work, "U0FARAH", "C0TARNBECK")
        assert [panel.key for panel in here] == ["tarnbeck"]
        assert guide.next_meeting(work, here) == guide.Landmark(
            at("2026-04-14 13:55"), "meeting of Tarnbeck District Operational MET"
        )
        assert guide.next_deadline(work, here) == guide.Landmark(
            at("2026-03-20 09:01"), "flags open, Tarnbeck District Operational MET"
        )


def test_elsewhere_it_is_that_of_all_ones_panels(shared: PracticeMode) -> None:
    with shared.store.reading() as work:
        panels = guide.panels_of(work, "U0SUNITA", "C0LOBBY")
        assert [panel.key for panel in panels] == ["county", "mase"]
        strangers = guide.panels_of(work, "U0ROBIN", None)
        assert [panel.key for panel in strangers] == [
            "harrowmere",
            "tarnbeck",
            "quillhaven",
            "eldercombe",
            "county",
            "mase",
        ]


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-03-01 09:00", "The clock only moves forward."),
        ("2027-03-01 09:00", "The sample county's diary does not reach that far."),
    ],
)
def test_the_clock_goes_neither_back_nor_beyond_the_diary(shared: PracticeMode, moment: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        shared._controls.travel.go(at(moment))
