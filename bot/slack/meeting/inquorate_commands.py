"""The chair's choices in a meeting without a quorum: wait, postpone, or set the date of the full meeting."""

from datetime import datetime
from typing import Final

from bot.records.access.queries import Where
from bot.services.meeting import inquorate
from bot.slack.meeting import inquorate_views
from bot.slack.request import Reply, Request, moment_of

_HERE: Final = Where()


def wait(request: Request) -> Reply:
    """Tell the chair how a meeting without a quorum goes on while it waits for the missing people."""
    request.do(inquorate.show_inquorate, _HERE, request.number())
    return Reply(text=inquorate_views.waiting())


def postponed(request: Request) -> Reply:
    """Postpone the meeting to the date and time in the form."""
    found = request.do(
        inquorate.postpone,
        _HERE,
        starts_at=_chosen(request),
        reason=request.field("reason"),
        meeting_id=request.metadata.number("meeting"),
    )
    return Reply(text=inquorate_views.postponed(found))


def show_dates(request: Request) -> Reply:
    """Open the form for the date of the full meeting that follows an interim discussion."""
    return Reply(modal=inquorate_views.date_form(request.do(inquorate.show_inquorate, _HERE, request.number())))


def dated(request: Request) -> Reply:
    """Set the date of the full meeting from the form, or record the chair's reason for setting none."""
    meeting_id = request.metadata.number("meeting")
    if request.field("when") == inquorate_views.NONE:
        found = request.do(inquorate.decline_new_date, _HERE, request.field("reason"), meeting_id)
        return Reply(text=inquorate_views.declined(found))
    found = request.do(inquorate.set_new_date, _HERE, starts_at=_chosen(request), meeting_id=meeting_id)
    return Reply(text=inquorate_views.dated(found))


def _chosen(request: Request) -> datetime:
    when = request.field("when")
    if when != inquorate_views.OTHER:
        return moment_of(when)
    return request.wall_clock("Choose the new date here.")
