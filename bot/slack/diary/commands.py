"""`/panel list`, `next`, `dates`, and people's own calendars: looking at the diary."""

from bot.services.diary import calendars, panels
from bot.slack import pages
from bot.slack.diary import views
from bot.slack.registry import Noun
from bot.slack.request import Handler, Reply, Request, the_panel
from bot.store.rows import Page


def panels_of(request: Request) -> Reply:
    """One's panels."""
    text, blocks = views.listed(panels.list_panels(request.work, request.actor, Page(0, pages.PANELS)))
    return Reply(text=text, blocks=blocks)


def _turned(request: Request) -> Reply:
    """Another page of them, in its place."""
    _, starts = pages.taken(request.value)
    found = panels.list_panels(request.work, request.actor, starts.page(pages.PANELS))
    text, blocks = views.listed(found, starts)
    return Reply(text=text, blocks=blocks, replaces=True)


def upcoming(request: Request) -> Reply:
    """The next meeting."""
    where = the_panel(request)
    return Reply(text=views.upcoming(panels.show_next_meeting(request.work, request.actor, where)))


def dates(request: Request) -> Reply:
    """The coming meetings."""
    where = the_panel(request)
    return Reply(text=views.dates(panels.diary(request.work, request.actor, where)))


CLICKS: dict[str, Handler] = {"panel.page": _turned}


def _file(request: Request) -> Reply:
    title = calendars.send_meeting_file(request.work, request.actor, request.number(), request_key=request.key[:32])
    return Reply(text=views.calendar_file(title))


def _diary(request: Request) -> Reply:
    count = calendars.send_diary(request.work, request.actor, request_key=request.key[:32])
    return Reply(text=views.diary_file(count, can_subscribe=True))


def _make(request: Request) -> Reply:
    return Reply(modal=views.feed_address(calendars.make_feed_address(request.work, request.actor)), shown_once=True)


def _off(request: Request) -> Reply:
    return Reply(text=views.feed_off(calendars.switch_feed_off(request.work, request.actor)))


NOUN = Noun(
    clicks={
        "calendar.file": _file,
        "calendar.diary": _diary,
        "calendar.make": _make,
        "calendar.off": _off,
    }
)
