"""A person's own calendar feed, as they are told of it."""

import pytest

from bot.domain.permissions import Actor
from bot.services.diary import calendars
from bot.store.unit_of_work import Work
from tests.services.conftest import Play, unseen


def _subscribes(work: Work, who: Actor) -> None:
    work.public_url = "https://bot.example.org"
    calendars.make_feed_address(work, who)


def test_when_a_feed_was_made_is_told_on_the_persons_own_clock(play: Play) -> None:
    play.at(6, 2, 0, 30)  # summer: the day before by UTC
    play.does("nurse", _subscribes)
    made_at = play.does("nurse", calendars.feed_of).made_at
    assert made_at is not None
    assert f"{made_at:%d %b %H:%M}" == "02 Jun 00:30"


@pytest.mark.databases("sqlite")
def test_a_calendar_file_is_only_for_who_sees_the_diary(play: Play) -> None:
    assert play.refused("outsider", calendars.meeting_document, play.county.west_meetings[0]) == unseen("that meeting")


@pytest.mark.databases("sqlite")
def test_only_who_reads_cases_has_the_dates_of_cases_in_their_calendar(play: Play) -> None:
    meeting_id = play.county.west_meetings[0]
    dates = {
        who: b"Flag cases by" in play.does(who, calendars.meeting_document, meeting_id).write()
        for who in ("chair", "nurse", "minutetaker", "observer")
    }
    assert dates == {"chair": True, "nurse": True, "minutetaker": True, "observer": False}
