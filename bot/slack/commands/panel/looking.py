"""`/panel list`, `next`, `dates`: looking at the diary."""

from bot.services import panels
from bot.slack.parsing import the_panel
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import panels as show


def panels_of(request: Request) -> Reply:
    """One's panels."""
    return Reply(text=show.listed(panels.list_panels(request.work, request.actor).panels))


def upcoming(request: Request) -> Reply:
    """The next meeting."""
    where = the_panel(request)
    return Reply(text=show.upcoming(panels.show_next_meeting(request.work, request.actor, where)))


def dates(request: Request) -> Reply:
    """The coming meetings."""
    where = the_panel(request)
    return Reply(text=show.dates(panels.diary(request.work, request.actor, where)))
