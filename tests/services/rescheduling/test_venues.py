"""Where a panel meets: one meeting elsewhere, or from one on; West meets at the Civic Centre."""

from datetime import datetime

import pytest
from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.services.diary import calendars, panels, series
from bot.services.diary.series import DIARIES
from bot.services.meeting import opening
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.store.unit_of_work import Store
from tests.county import WEST, actor
from tests.services.conftest import LONDON, Play

pytestmark = pytest.mark.databases("sqlite")


def held_at(store: Store, panel_id: int) -> list[tuple[str, int]]:
    """Return where each meeting of a panel is held, in order, and how often calendars were told."""
    with store.reading() as work:
        rows = work.session.exec(select(Meeting).where(Meeting.panel_id == panel_id).order_by(col(Meeting.starts_at)))
        return [(row.venue, row.sequence) for row in rows]


def changes(play: Play, venue: str, *, number: int = 0, and_later: bool = False) -> rescheduling_meetings.VenueChange:
    """Let the co-ordinator say where West meets."""
    meeting_id = play.county.west_meetings[number]
    return play.does(
        "coordinator",
        rescheduling_meetings.change_venue,
        meeting_id,
        venue=venue,
        and_later=and_later,
        reason="Building works.",
    )


def test_one_meeting_is_held_elsewhere_and_calendars_and_members_hear(play: Play) -> None:
    change = changes(play, "  Town   Hall ", number=1)
    assert (change.venue, change.moves, change.clashes) == (
        "Town Hall",
        ((datetime(2026, 4, 21, 14, tzinfo=LONDON), "Civic Centre"),),
        (),
    )
    assert held_at(play.store, play.county.west_id) == [("Civic Centre", 0), ("Town Hall", 1), ("Civic Centre", 0)]
    assert len(play.sent("meeting_notice")) == 9
    with play.store.reading() as work:
        file = calendars.meeting_document(work, actor(work, "nurse"), play.county.west_meetings[1]).write()
    assert (b"LOCATION:Town Hall" in file, b"SEQUENCE:1" in file) == (True, True)
    meeting, reason = play.does("nurse", panels.meeting_for_notice, play.county.west_meetings[1])
    assert (meeting.venue, reason) == ("Town Hall", "Building works.")


@pytest.mark.databases("sqlite", "postgresql")
def test_from_a_meeting_on_also_those_that_are_not_in_the_diary_yet(play: Play) -> None:
    play.does("coordinator", series.create_series, WEST, rule="first Monday of the month at 10:00")
    changes(play, "Town Hall", number=1, and_later=True)
    places = [venue for venue, _ in held_at(play.store, play.county.west_id)]
    before = places.index("Town Hall")
    assert places == ["Civic Centre"] * before + ["Town Hall"] * (15 - before)
    assert {who for _, who in play.sent("diary_notice")} == {who for _, who in play.sent()}
    play.at(8, 4)
    assert play.ticks(DIARIES) > 0
    assert held_at(play.store, play.county.west_id)[-1] == ("Town Hall", 0)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_room_that_is_taken_then_is_shown_and_nothing_else(play: Play) -> None:
    same_time = datetime(2026, 3, 31, 10, 0)  # noqa: DTZ001 - the panel's wall clock
    play.does(
        "coordinator",
        rescheduling_meetings.reschedule_meeting,
        WEST,
        starts_at=same_time,
        reason="The chair's court day.",
    )
    with play.store.work() as work:
        for row in work.session.exec(select(Meeting).where(Meeting.panel_id == play.county.shire_id)):
            row.venue = "Room 2"
            work.session.add(row)
    shown = play.does(
        "coordinator",
        rescheduling_meetings.preview_venue,
        play.county.west_meetings[0],
        venue="room 2",
        and_later=False,
    )
    assert [clash.reasons for clash in shown.clashes] == [
        ("the room is taken (Shire Operational MET, 10:00 to 12:30)",)
    ]
    assert held_at(play.store, play.county.west_id)[0][0] == "Civic Centre"


@pytest.mark.parametrize(
    ("venue", "sentence"),
    [
        ("Civic Centre", "West Operational MET already meets at Civic Centre then."),
        ("SAMPLE-0012", "This venue looks as if it contains a case reference"),
        ("x" * 201, "The venue has 201 characters, but at most 200 fit."),
    ],
)
def test_what_is_no_new_venue_is_refused(play: Play, venue: str, sentence: str) -> None:
    asked = {"venue": venue, "and_later": False}
    first = play.county.west_meetings[0]
    assert play.refused("coordinator", rescheduling_meetings.preview_venue, first, **asked).startswith(sentence)  # type: ignore[arg-type]


def test_only_a_coming_meeting_and_only_who_keeps_the_diary(play: Play) -> None:
    first = play.county.west_meetings[0]
    asked = {"venue": "Town Hall", "and_later": True, "reason": "Works."}
    there = play.refused("nurse", rescheduling_meetings.change_venue, first, **asked)  # type: ignore[arg-type]
    assert there == play.refused("nurse", rescheduling_meetings.change_venue, 999, **asked)  # type: ignore[arg-type]
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    assert play.refused("coordinator", rescheduling_meetings.change_venue, first, **asked).startswith(  # type: ignore[arg-type]
        "That meeting is over or cancelled"
    )
