"""The chair's choices in a meeting without a quorum: wait, postpone, or set the date of the full meeting."""

import re
from datetime import datetime
from typing import Final

from bot.domain.language.diary_words import read_move, says_day
from bot.domain.language.due_phrases import recognises
from bot.domain.permissions import Verb as May
from bot.records.access.queries import Where
from bot.services.meeting import inquorate
from bot.slack.editing import filling, options_of, quoting
from bot.slack.meeting import inquorate_views
from bot.slack.request import Reply, Request, moment_of, take_panel, the_panel
from bot.slack.typed import only_key, plain, take_reason

_HERE: Final = Where()


def wait(request: Request) -> Reply:
    """Tell the chair how a meeting without a quorum goes on while it waits for the missing people."""
    request.do(inquorate.show_inquorate, _HERE, request.number())
    return Reply(text=inquorate_views.waiting())


def postpone(request: Request) -> Reply:
    """Open the form that postpones a meeting without a quorum. A typed day, time and reason are filled in."""
    if request.clicked is not None:
        return request.shown(
            inquorate_views.postpone_form(request.do(inquorate.show_inquorate, _HERE, request.number()))
        )
    key = only_key(request.text)
    is_panel = not key or (" " not in key and not says_day(key) and not recognises(key))
    where, text = (the_panel(request), "") if is_panel else take_panel(request, request.text, May.RUN_MEETING)
    text = plain(text)
    found = request.do(inquorate.show_inquorate, where, None)
    reply = request.shown(inquorate_views.postpone_form(found))
    if not text:
        return reply
    typed, reason = take_reason(text)
    said = read_move(f"next meeting to {_TO_DAY.sub('', typed)}", request.work.now.date())
    day = found.starts_at.date() + said.later_by if said.later_by else said.to
    if day is None:
        return quoting(filling(reply, {"reason": reason or text}), text)
    at = f"{said.at or found.starts_at.time():%H:%M}"
    moment_offered = f"{day}T{at}"
    chosen = moment_offered if moment_offered in options_of(reply, "when") else inquorate_views.OTHER
    filled = filling(reply, {"when": chosen, "date": str(day), "time": at, "reason": reason})
    return filled if said.is_clear else quoting(filled, text)


#: "Until Tuesday 14 April", "a week": with what the new day begins.
_TO_DAY = re.compile(r"^(?:(?:to|until|till|til|for|on)\s+)+", re.IGNORECASE)


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
