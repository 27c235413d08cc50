"""Buttons for one's own calendar: a file, or the address of a feed."""

from bot.services.diary import calendars
from bot.slack.registry import Noun
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import calendars as show


def _file(request: Request) -> Reply:
    title = calendars.send_meeting_file(request.work, request.actor, int(request.value), request_key=request.key[:32])
    return Reply(text=show.calendar_file(title))


def _diary(request: Request) -> Reply:
    count = calendars.send_diary(request.work, request.actor, request_key=request.key[:32])
    return Reply(text=show.diary_file(count, can_subscribe=True))


def _make(request: Request) -> Reply:
    return Reply(modal=show.feed_address(calendars.make_feed_address(request.work, request.actor)), shown_once=True)


def _off(request: Request) -> Reply:
    return Reply(text=show.feed_off(calendars.switch_feed_off(request.work, request.actor)))


NOUN = Noun(
    clicks={
        "calendar.file": _file,
        "calendar.diary": _diary,
        "calendar.make": _make,
        "calendar.off": _off,
    }
)
