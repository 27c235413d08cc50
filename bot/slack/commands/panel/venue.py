"""`/panel venue`: another venue for one meeting or from one on, shown before it is saved."""

from collections.abc import Mapping
from typing import Any

from bot.domain.permissions import Verb as May
from bot.records.access.queries import Where, find_panel
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.services.rescheduling import venues
from bot.slack.commands.panel.forms import fingerprint, is_as_shown, panel_facts
from bot.slack.parsing import the_panel
from bot.slack.reply import Reply, View
from bot.slack.request import Handler, Request
from bot.slack.views import venues as show


def venue(request: Request) -> Reply:
    """The form, with the next meeting chosen and where the panel meets."""
    title, metadata = panel_facts(request, the_panel(request))
    where = Where(panel_key=metadata["panel"])
    meetings = rescheduling_meetings.meetings_to_change(request.work, request.actor, where)
    panel = find_panel(request.work, request.actor, where, May.SCHEDULE).panel
    return Reply(modal=show.venue_form(meetings, panel_title=title, venue=panel.venue, metadata=metadata))


def _asked(request: Request) -> Reply:
    asked = {
        "panel": request.metadata["panel"],
        "meeting": int(request.field("meeting")),
        "venue": request.field("venue"),
        "later": request.field("reach") == "later",
    }
    return Reply(next_view=_preview(request, asked))


def _found(request: Request, asked: Mapping[str, Any]) -> venues.VenueChange:
    return venues.preview_venue(
        request.work, request.actor, asked["meeting"], venue=asked["venue"], and_later=asked["later"]
    )


def _preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    found = _found(request, asked)
    return show.venue_preview(found, {**asked, "seen": fingerprint(found)}, reason=request.field("reason"), again=again)


def _saved(request: Request) -> Reply:
    asked = request.metadata
    if not is_as_shown(asked, _found(request, asked)):
        return Reply(next_view=_preview(request, asked, again=True))
    change = venues.change_venue(
        request.work,
        request.actor,
        asked["meeting"],
        venue=asked["venue"],
        and_later=asked["later"],
        reason=request.field("reason"),
    )
    return Reply(text=show.venue_changed(change))


SUBMISSIONS: dict[str, Handler] = {"panel.venue_asked": _asked, "panel.venue": _saved}
