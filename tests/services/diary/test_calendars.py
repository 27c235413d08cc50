"""A person's own calendar feed, as they are told of it."""

from bot.domain.permissions import Actor
from bot.services.diary import calendars
from bot.store.unit_of_work import Work
from tests.services.conftest import Play


def _subscribes(work: Work, who: Actor) -> None:
    work.public_url = "https://bot.example.org"
    calendars.make_feed_address(work, who)


def test_when_a_feed_was_made_is_told_on_the_persons_own_clock(play: Play) -> None:
    play.at(6, 2, 0, 30)  # summer: the day before by UTC
    play.does("nurse", _subscribes)
    made_at = play.does("nurse", calendars.feed_of).made_at
    assert made_at is not None
    assert f"{made_at:%d %b %H:%M}" == "02 Jun 00:30"
