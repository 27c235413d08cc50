"""`/panel reschedule`, `cancel`, `reinstate`, `add`: exceptions by hand, shown before they are saved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.permissions import Verb as May
from bot.domain.rearrangement import Scope
from bot.records.access.queries import Where, find_panel
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.services.rescheduling import reinstating, series
from bot.slack.commands.panel.forms import fingerprint, is_as_shown, panel_facts, wall_clock
from bot.slack.commands.panel.series import end_preview
from bot.slack.parsing import the_panel
from bot.slack.reply import Reply, View
from bot.slack.request import Handler, Request
from bot.slack.views import diary as show
from bot.slack.views import series as show_series


def reschedule(request: Request) -> Reply:
    """The form to move a meeting, the next one chosen."""
    title, metadata, where = _panel(request)
    meetings = rescheduling_meetings.meetings_to_change(request.work, request.actor, where)
    return Reply(modal=show.move_form(meetings, panel_title=title, metadata=metadata))


def _panel(request: Request) -> tuple[str, dict[str, Any], Where]:
    title, metadata = panel_facts(request, the_panel(request))
    return title, metadata, Where(panel_key=metadata["panel"])


def _moving(request: Request) -> Reply:
    asked = {"panel": request.metadata["panel"], "meeting": int(request.field("meeting"))}
    scope = _scope(request)
    if scope is not Scope.THIS:
        found = series.series_of_meeting(request.work, request.actor, asked["meeting"])
        metadata = {"panel": asked["panel"], "since": asked["meeting"] if scope is Scope.FOLLOWING else None}
        title = find_panel(request.work, request.actor, request.where(), May.SCHEDULE).panel.title
        return Reply(next_view=show_series.change_form([found], panel_title=title, metadata=metadata))
    facts = {**asked, "at": wall_clock(request).isoformat(), "venue": request.field("venue")}
    return Reply(next_view=_move_preview(request, facts))


def _move_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    found = _moved_view(request, asked)
    metadata = {**asked, "seen": fingerprint(found)}
    return show.move_preview(found, metadata, reason=request.field("reason"), again=again)


def _moved_view(request: Request, asked: Mapping[str, Any]) -> rescheduling_meetings.ChangeOfDate:
    return rescheduling_meetings.preview_move(
        request.work,
        request.actor,
        Where(panel_key=asked["panel"]),
        starts_at=datetime.fromisoformat(asked["at"]),
        meeting_id=asked["meeting"],
        venue=asked["venue"],
    )


def _moved(request: Request) -> Reply:
    asked = request.metadata
    if not is_as_shown(asked, _moved_view(request, asked)):
        return Reply(next_view=_move_preview(request, asked, again=True))
    change = rescheduling_meetings.reschedule_meeting(
        request.work,
        request.actor,
        request.where(),
        starts_at=datetime.fromisoformat(asked["at"]),
        reason=request.field("reason"),
        meeting_id=asked["meeting"],
        venue=asked["venue"],
    )
    return Reply(text=show.rescheduled(change))


def cancel(request: Request) -> Reply:
    """The form to cancel a meeting, the next one chosen."""
    title, metadata, where = _panel(request)
    meetings = rescheduling_meetings.meetings_to_change(request.work, request.actor, where)
    return Reply(modal=show.cancel_form(meetings, panel_title=title, metadata=metadata))


def _cancelling(request: Request) -> Reply:
    asked = {"panel": request.metadata["panel"], "meeting": int(request.field("meeting"))}
    scope = _scope(request)
    if scope is not Scope.THIS:
        found = series.series_of_meeting(request.work, request.actor, asked["meeting"])
        since = asked["meeting"] if scope is Scope.FOLLOWING else None
        return Reply(next_view=end_preview(request, {"panel": asked["panel"], "series": found.id, "since": since}))
    return Reply(next_view=_cancel_preview(request, asked))


def _cancel_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    found = rescheduling_meetings.preview_cancellation(
        request.work, request.actor, Where(panel_key=asked["panel"]), meeting_id=asked["meeting"]
    )
    metadata = {**asked, "seen": fingerprint(found)}
    return show.cancel_preview(found, metadata, reason=request.field("reason"), again=again)


def _cancelled(request: Request) -> Reply:
    asked, where = request.metadata, request.where()
    found = rescheduling_meetings.preview_cancellation(request.work, request.actor, where, meeting_id=asked["meeting"])
    if not is_as_shown(asked, found):
        return Reply(next_view=_cancel_preview(request, asked, again=True))
    change = rescheduling_meetings.cancel_meeting(
        request.work, request.actor, where, reason=request.field("reason"), meeting_id=asked["meeting"]
    )
    return Reply(text=show.cancelled(change))


def reinstate(request: Request) -> Reply:
    """The form to put cancelled meetings back."""
    title, metadata, where = _panel(request)
    meetings = reinstating.meetings_to_reinstate(request.work, request.actor, where)
    return Reply(modal=show.reinstate_form(meetings, panel_title=title, metadata=metadata))


def _reinstating(request: Request) -> Reply:
    numbers = [int(number) for number in request.choices("meetings")]
    return Reply(next_view=_reinstate_preview(request, {"panel": request.metadata["panel"], "meetings": numbers}))


def _back(request: Request, asked: Mapping[str, Any]) -> reinstating.Reinstatement:
    return reinstating.preview_reinstatement(
        request.work, request.actor, Where(panel_key=asked["panel"]), meeting_ids=tuple(asked["meetings"])
    )


def _reinstate_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    found = _back(request, asked)
    metadata = {**asked, "seen": fingerprint(found)}
    return show.reinstate_preview(found, metadata, reason=request.field("reason"), again=again)


def _reinstated(request: Request) -> Reply:
    asked = request.metadata
    if not is_as_shown(asked, _back(request, asked)):
        return Reply(next_view=_reinstate_preview(request, asked, again=True))
    found = reinstating.reinstate_meetings(
        request.work,
        request.actor,
        request.where(),
        meeting_ids=tuple(asked["meetings"]),
        reason=request.field("reason"),
    )
    return Reply(text=show.reinstated(found))


def add(request: Request) -> Reply:
    """The form for one more meeting."""
    title, metadata, where = _panel(request)
    venue = find_panel(request.work, request.actor, where, May.SCHEDULE).panel.venue
    return Reply(modal=show.add_form(panel_title=title, venue=venue, metadata=metadata))


def _adding(request: Request) -> Reply:
    asked = {
        "panel": request.metadata["panel"],
        "at": wall_clock(request).isoformat(),
        "venue": request.field("venue"),
    }
    return Reply(next_view=_add_preview(request, asked))


def _extra_view(request: Request, asked: Mapping[str, Any]) -> rescheduling_meetings.ChangeOfDate:
    return rescheduling_meetings.preview_extra(
        request.work,
        request.actor,
        Where(panel_key=asked["panel"]),
        starts_at=datetime.fromisoformat(asked["at"]),
        venue=asked["venue"],
    )


def _add_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    found = _extra_view(request, asked)
    metadata = {**asked, "seen": fingerprint(found)}
    return show.add_preview(found, metadata, reason=request.field("reason"), again=again)


def _added(request: Request) -> Reply:
    asked = request.metadata
    if not is_as_shown(asked, _extra_view(request, asked)):
        return Reply(next_view=_add_preview(request, asked, again=True))
    change = rescheduling_meetings.add_meeting(
        request.work,
        request.actor,
        request.where(),
        starts_at=datetime.fromisoformat(asked["at"]),
        venue=asked["venue"],
        reason=request.field("reason"),
    )
    return Reply(text=show.added(change))


def _scope(request: Request) -> Scope:
    return Scope(request.field("scope") or Scope.THIS.value)


SUBMISSIONS: dict[str, Handler] = {
    "panel.move": _moving,
    "panel.reschedule": _moved,
    "panel.cancelling": _cancelling,
    "panel.cancel": _cancelled,
    "panel.reinstating": _reinstating,
    "panel.reinstate": _reinstated,
    "panel.adding": _adding,
    "panel.add": _added,
}
