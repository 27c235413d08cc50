"""`/panel list`, `/panel next` and `/panel dates`, people's own calendars, and Slack's events about channels."""

from collections.abc import Mapping
from typing import Any

from bot.services.diary import calendars, panels
from bot.services.diary.channels import look_soon, note_channel
from bot.services.rescheduling.not_held import held_elsewhere
from bot.slack import pages
from bot.slack.diary import views
from bot.slack.registry import Verb
from bot.slack.request import Handler, Reply, Request, for_number, for_panel, the_panel
from bot.store.unit_of_work import Work


def _list(request: Request) -> Reply:
    """Show one page of the person's panels. *Previous* and *Next* replace the page with another."""
    _, starts = pages.meant(request)
    found = request.do(panels.list_panels, starts.page(pages.PANELS))
    return request.shown(views.listed(found, starts), replaces=request.clicked is not None)


def _dates(request: Request) -> Reply:
    """Show the panel's coming meetings. A meeting recorded as held elsewhere has a button to undo this."""
    where = the_panel(request)
    found = request.do(panels.diary, where)
    return request.shown(views.dates_and_elsewhere(found, request.do(held_elsewhere, where)))


def _file(request: Request) -> Reply:
    title = request.do(calendars.send_meeting_file, request.number(), request_key=request.key[:32])
    return Reply(text=views.calendar_file(title))


def _diary(request: Request, *, can_subscribe: bool = True) -> Reply:
    count = request.do(calendars.send_diary, request_key=request.key[:32])
    return Reply(text=views.diary_file(count, can_subscribe=can_subscribe))


def _calendar(request: Request) -> Reply:
    feed = request.do(calendars.feed_of)
    return request.shown(views.subscription(feed)) if feed.can_subscribe else _diary(request, can_subscribe=False)


def _make(request: Request) -> Reply:
    return Reply(modal=views.feed_address(request.do(calendars.make_feed_address)), shown_once=True)


def _off(request: Request) -> Reply:
    return Reply(text=views.feed_off(request.do(calendars.switch_feed_off)))


def on_channel_shared(work: Work, _team_id: str, _user_id: str, body: Mapping[str, Any]) -> None:
    """Record from Slack's event that a panel's channel was shared with another workspace, or is no longer shared."""
    event = body["event"]
    is_shared = event["type"] == "channel_shared" or bool(event.get("is_ext_shared"))
    note_channel(work, str(event["channel"]), shared=is_shared)


def on_member_joined(work: Work, _team_id: str, user_id: str, body: Mapping[str, Any]) -> None:
    """Queue a call that reads who is in a panel's channel, since Slack reported that an account joined the channel."""
    look_soon(work, str(body["event"]["channel"]), user_id, once=str(body["event_id"]))


EVENTS = {
    **dict.fromkeys(("channel_shared", "channel_unshared"), on_channel_shared),
    "member_joined_channel": on_member_joined,
}

#: The verbs of `/panel` that only show something.
VERBS = (
    Verb("list", "", "show your panels and when each meets next", "", _list, reads=True),
    Verb(
        "next",
        "[panel]",
        "show the next meeting and its deadlines",
        "",
        for_panel(panels.show_next_meeting, views.upcoming),
        reads=True,
        offered_for=("when", "meeting"),
    ),
    Verb("dates", "[panel]", "show the coming meetings", "", _dates, reads=True, aliases=("date",)),
)
#: The verb of `/meeting` that belongs to the diary.
CALENDAR = Verb("calendar", "", "put your panels' meetings in your own calendar", "", _calendar)

CLICKS: dict[str, Handler] = {
    "panel.page": _list,
    "panel.reason": for_number(panels.meeting_for_notice, views.reason),
    "calendar.file": _file,
    "calendar.diary": _diary,
    "calendar.make": _make,
    "calendar.off": _off,
}
