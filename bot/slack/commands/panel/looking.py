"""`/panel list`, `next`, `dates`: looking at the diary."""

from bot.services.diary import panels
from bot.slack.parsing import the_panel
from bot.slack.reply import Reply
from bot.slack.request import Handler, Request
from bot.slack.views import pages
from bot.slack.views import panels as show
from bot.store.pages import Page


def panels_of(request: Request) -> Reply:
    """One's panels."""
    text, blocks = show.listed(panels.list_panels(request.work, request.actor, Page(0, pages.PANELS)))
    return Reply(text=text, blocks=blocks)


def _turned(request: Request) -> Reply:
    """Another page of them, in its place."""
    _, starts = pages.taken(request.value)
    found = panels.list_panels(request.work, request.actor, Page(starts.first, pages.PANELS))
    text, blocks = show.listed(found, starts)
    return Reply(text=text, blocks=blocks, replaces=True)


def upcoming(request: Request) -> Reply:
    """The next meeting."""
    where = the_panel(request)
    return Reply(text=show.upcoming(panels.show_next_meeting(request.work, request.actor, where)))


def dates(request: Request) -> Reply:
    """The coming meetings."""
    where = the_panel(request)
    return Reply(text=show.dates(panels.diary(request.work, request.actor, where)))


CLICKS: dict[str, Handler] = {"panel.page": _turned}
