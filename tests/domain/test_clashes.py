"""What counts as a room, and which free times are near."""

from datetime import datetime, timedelta

import pytest

from bot.domain.deadlines import free_times
from bot.domain.language.identifiers import room_of

TUESDAY = datetime(2026, 12, 22, 14)  # noqa: DTZ001 - a wall clock


@pytest.mark.parametrize(
    ("venue", "room"),
    [
        ("Civic Centre, Room 2", "civic centre, room 2"),
        ("  CIVIC centre, room 2. ", "civic centre, room 2"),
        ("", None),
        ("Online", None),
        ("MS Teams", None),
        ("via Teams", None),
        ("Microsoft Teams meeting", None),
        ("Online (Teams)", None),
        ("https://example.org/room", None),
        ("TBC", None),
        ("Zoom Street Hall", "zoom street hall"),
    ],
)
def test_two_spellings_of_a_room_are_one_and_online_is_none(venue: str, room: str | None) -> None:
    assert room_of(venue) == room


def test_the_nearest_free_times_skip_weekends_and_bank_holidays() -> None:
    def is_free(at: datetime, end: datetime) -> bool:
        return at.date() != TUESDAY.date() or end <= TUESDAY or at >= TUESDAY + timedelta(hours=2)

    assert free_times(TUESDAY, timedelta(hours=2), is_free, "ENG") == (
        datetime(2026, 12, 21, 14),  # noqa: DTZ001
        datetime(2026, 12, 22, 12),  # noqa: DTZ001
        datetime(2026, 12, 23, 14),  # noqa: DTZ001
    )
    christmas_eve = datetime(2026, 12, 24, 14)  # noqa: DTZ001
    nothing_else = free_times(christmas_eve, timedelta(hours=2), lambda at, _: at.date() > christmas_eve.date(), "ENG")
    assert [at.day for at in nothing_else] == [29, 30, 31]


def test_a_day_without_room_for_the_meeting_offers_other_days() -> None:
    found = free_times(TUESDAY, timedelta(hours=9), lambda at, _: at != TUESDAY, "ENG")
    assert [at.day for at in found] == [21, 23, 24]
