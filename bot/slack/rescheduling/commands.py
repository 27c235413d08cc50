"""`/panel create`, `change`, `reschedule`, `venue`, `cancel`, `reinstate`, `add`: each shown before it is saved."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bot.domain.permissions import Verb as May
from bot.domain.rearrangement import Scope
from bot.errors import Mistake
from bot.models.vocabulary import BankHolidays
from bot.records.access.queries import Where, find_panel
from bot.services.diary import series
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.services.rescheduling import reinstating, venues
from bot.services.rescheduling import series as rescheduling_series
from bot.slack.parsing import blaming, plain, take_panel, the_panel
from bot.slack.request import Handler, Reply, Request, View
from bot.slack.rescheduling import series_views, views

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)


def wall_clock(request: Request) -> datetime:
    """The date and time put into a form, on the panel's clocks. Raises Mistake on the field that is wrong."""
    found = _TIME.fullmatch(request.field("time").strip())
    if found is None:
        raise Mistake("Write the time as hours and minutes, such as 14:00.", field="time")
    if not request.field("date"):
        raise Mistake("Choose a day.", field="date")
    return datetime.fromisoformat(f"{request.field('date')}T{int(found[1]):02d}:{found[2]}")


def panel_facts(request: Request, where: Where) -> tuple[str, dict[str, Any]]:
    """The title of a panel that the person schedules, and what its forms carry along."""
    panel = find_panel(request.work, request.actor, where, May.SCHEDULE).panel
    return panel.title, {"panel": panel.key}


def fingerprint(view: object) -> str:
    """Short for all that a preview shows, so that saving can tell whether it still holds."""
    return hashlib.sha256(repr(view).encode()).hexdigest()[:16]


def is_as_shown(metadata: Mapping[str, Any], view: object) -> bool:
    """Whether the diary is still as the preview showed it."""
    return bool(metadata.get("seen") == fingerprint(view))


def create(request: Request) -> Reply:
    """A new series: its form, or the dates at once when the rule is typed."""
    where, rule = take_panel(request, request.text, May.SCHEDULE)
    panel = find_panel(request.work, request.actor, where, May.SCHEDULE).panel
    rule = plain(rule)
    metadata = {"panel": panel.key}
    if not rule:
        form = series_views.rule_form(
            rule="", panel_title=panel.title, bank_holidays=panel.bank_holidays, metadata=metadata
        )
        return Reply(modal=form)
    return Reply(modal=_preview(request, {**metadata, "rule": rule}))


def _preview(request: Request, asked: Mapping[str, Any]) -> View:
    found = series.preview_series(request.work, request.actor, Where(panel_key=asked["panel"]), **_asked(asked))
    if not found.dates:
        raise Mistake(f"Every date of {found.rule} is in the diary already.", field="rule")
    return series_views.series_preview(found, dict(asked))


def _asked(asked: Mapping[str, Any]) -> dict[str, Any]:
    starts_on, holidays = asked.get("starts_on"), asked.get("bank_holidays")
    return {
        "rule": asked["rule"],
        "starts_on": date.fromisoformat(starts_on) if starts_on else None,
        "count": asked.get("count"),
        "bank_holidays": BankHolidays(holidays) if holidays and holidays != series.AS_THE_KIND else holidays,
    }


def _previewed(request: Request) -> Reply:
    count = request.field("count").strip()
    if count and not count.isdecimal():
        raise Mistake("Write how many meetings as a whole number, such as 12, or leave it empty.", field="count")
    asked = {
        "panel": request.metadata["panel"],
        "rule": request.field("rule"),
        "starts_on": request.field("starts_on") or None,
        "count": int(count) if count else None,
        "bank_holidays": request.field("bank_holidays") or None,
    }
    return Reply(next_view=_preview(request, asked))


def _created(request: Request) -> Reply:
    where = Where(panel_key=request.metadata["panel"])
    made = series.create_series(request.work, request.actor, where, **_asked(request.metadata))
    return Reply(text=series_views.series_created(made))


def change(request: Request) -> Reply:
    """A new rule for a series: its form, or what changes at once when the rule is typed and there is one series."""
    where, rule = take_panel(request, request.text, May.SCHEDULE)
    title, metadata = panel_facts(request, where)
    found = rescheduling_series.series_to_change(request.work, request.actor, Where(panel_key=metadata["panel"]))
    rule = plain(rule)
    if rule and len(found) == 1:
        return Reply(modal=change_preview(request, {**metadata, "series": found[0].id, "rule": rule}))
    return Reply(modal=series_views.change_form(found, panel_title=title, metadata=metadata, rule=rule))


def change_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    """What a new rule does, to be saved with a reason."""
    with blaming("rule"):
        found = rescheduling_series.preview_change(
            request.work, request.actor, asked["series"], rule=asked["rule"], since=asked.get("since")
        )
    metadata = {**asked, "seen": fingerprint(found)}
    return series_views.change_preview(found, metadata, reason=request.field("reason"), again=again)


def end_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    """What ending a series does, to be saved with a reason."""
    found = rescheduling_series.preview_end(request.work, request.actor, asked["series"], since=asked.get("since"))
    metadata = {**asked, "seen": fingerprint(found)}
    return series_views.change_preview(found, metadata, reason=request.field("reason"), again=again)


def _ruled(request: Request) -> Reply:
    chosen = request.field("series")
    asked = {
        "panel": request.metadata["panel"],
        "series": int(chosen) if chosen else request.metadata["series"],
        "since": request.metadata.get("since"),
        "rule": request.field("rule"),
    }
    return Reply(next_view=change_preview(request, asked))


def _changed(request: Request) -> Reply:
    asked = request.metadata
    found = rescheduling_series.preview_change(
        request.work, request.actor, asked["series"], rule=asked["rule"], since=asked.get("since")
    )
    if not is_as_shown(asked, found):
        return Reply(next_view=change_preview(request, asked, again=True))
    made = rescheduling_series.change_series(
        request.work,
        request.actor,
        asked["series"],
        rule=asked["rule"],
        reason=request.field("reason"),
        since=asked.get("since"),
    )
    return Reply(text=series_views.series_changed(made))


def _ended(request: Request) -> Reply:
    asked = request.metadata
    found = rescheduling_series.preview_end(request.work, request.actor, asked["series"], since=asked.get("since"))
    if not is_as_shown(asked, found):
        return Reply(next_view=end_preview(request, asked, again=True))
    made = rescheduling_series.end_series(
        request.work, request.actor, asked["series"], reason=request.field("reason"), since=asked.get("since")
    )
    return Reply(text=series_views.series_changed(made))


SERIES_SUBMISSIONS: dict[str, Handler] = {
    "panel.preview": _previewed,
    "panel.create": _created,
    "panel.rule": _ruled,
    "panel.change": _changed,
    "panel.end": _ended,
}


def reschedule(request: Request) -> Reply:
    """The form to move a meeting, the next one chosen."""
    title, metadata, where = _panel(request)
    meetings = rescheduling_meetings.meetings_to_change(request.work, request.actor, where)
    return Reply(modal=views.move_form(meetings, panel_title=title, metadata=metadata))


def _panel(request: Request) -> tuple[str, dict[str, Any], Where]:
    title, metadata = panel_facts(request, the_panel(request))
    return title, metadata, Where(panel_key=metadata["panel"])


def _moving(request: Request) -> Reply:
    asked = {"panel": request.metadata["panel"], "meeting": int(request.field("meeting"))}
    scope = _scope(request)
    if scope is not Scope.THIS:
        found = rescheduling_series.series_of_meeting(request.work, request.actor, asked["meeting"])
        metadata = {"panel": asked["panel"], "since": asked["meeting"] if scope is Scope.FOLLOWING else None}
        title = find_panel(request.work, request.actor, request.where(), May.SCHEDULE).panel.title
        return Reply(next_view=series_views.change_form([found], panel_title=title, metadata=metadata))
    facts = {**asked, "at": wall_clock(request).isoformat(), "venue": request.field("venue")}
    return Reply(next_view=_move_preview(request, facts))


def _move_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    found = _moved_view(request, asked)
    metadata = {**asked, "seen": fingerprint(found)}
    return views.move_preview(found, metadata, reason=request.field("reason"), again=again)


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
    return Reply(text=views.rescheduled(change))


def cancel(request: Request) -> Reply:
    """The form to cancel a meeting, the next one chosen."""
    title, metadata, where = _panel(request)
    meetings = rescheduling_meetings.meetings_to_change(request.work, request.actor, where)
    return Reply(modal=views.cancel_form(meetings, panel_title=title, metadata=metadata))


def _cancelling(request: Request) -> Reply:
    asked = {"panel": request.metadata["panel"], "meeting": int(request.field("meeting"))}
    scope = _scope(request)
    if scope is not Scope.THIS:
        found = rescheduling_series.series_of_meeting(request.work, request.actor, asked["meeting"])
        since = asked["meeting"] if scope is Scope.FOLLOWING else None
        return Reply(next_view=end_preview(request, {"panel": asked["panel"], "series": found.id, "since": since}))
    return Reply(next_view=_cancel_preview(request, asked))


def _cancel_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    found = rescheduling_meetings.preview_cancellation(
        request.work, request.actor, Where(panel_key=asked["panel"]), meeting_id=asked["meeting"]
    )
    metadata = {**asked, "seen": fingerprint(found)}
    return views.cancel_preview(found, metadata, reason=request.field("reason"), again=again)


def _cancelled(request: Request) -> Reply:
    asked, where = request.metadata, request.where()
    found = rescheduling_meetings.preview_cancellation(request.work, request.actor, where, meeting_id=asked["meeting"])
    if not is_as_shown(asked, found):
        return Reply(next_view=_cancel_preview(request, asked, again=True))
    change = rescheduling_meetings.cancel_meeting(
        request.work, request.actor, where, reason=request.field("reason"), meeting_id=asked["meeting"]
    )
    return Reply(text=views.cancelled(change))


def reinstate(request: Request) -> Reply:
    """The form to put cancelled meetings back."""
    title, metadata, where = _panel(request)
    meetings = reinstating.meetings_to_reinstate(request.work, request.actor, where)
    return Reply(modal=views.reinstate_form(meetings, panel_title=title, metadata=metadata))


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
    return views.reinstate_preview(found, metadata, reason=request.field("reason"), again=again)


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
    return Reply(text=views.reinstated(found))


def add(request: Request) -> Reply:
    """The form for one more meeting."""
    title, metadata, where = _panel(request)
    venue = find_panel(request.work, request.actor, where, May.SCHEDULE).panel.venue
    return Reply(modal=views.add_form(panel_title=title, venue=venue, metadata=metadata))


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
    return views.add_preview(found, metadata, reason=request.field("reason"), again=again)


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
    return Reply(text=views.added(change))


def _scope(request: Request) -> Scope:
    return Scope(request.field("scope") or Scope.THIS.value)


MEETING_SUBMISSIONS: dict[str, Handler] = {
    "panel.move": _moving,
    "panel.reschedule": _moved,
    "panel.cancelling": _cancelling,
    "panel.cancel": _cancelled,
    "panel.reinstating": _reinstating,
    "panel.reinstate": _reinstated,
    "panel.adding": _adding,
    "panel.add": _added,
}


def venue(request: Request) -> Reply:
    """The form, with the next meeting chosen and where the panel meets."""
    title, metadata = panel_facts(request, the_panel(request))
    where = Where(panel_key=metadata["panel"])
    meetings = rescheduling_meetings.meetings_to_change(request.work, request.actor, where)
    panel = find_panel(request.work, request.actor, where, May.SCHEDULE).panel
    return Reply(modal=views.venue_form(meetings, panel_title=title, venue=panel.venue, metadata=metadata))


def _asked_venue(request: Request) -> Reply:
    asked = {
        "panel": request.metadata["panel"],
        "meeting": int(request.field("meeting")),
        "venue": request.field("venue"),
        "later": request.field("reach") == "later",
    }
    return Reply(next_view=_preview_venue(request, asked))


def _found(request: Request, asked: Mapping[str, Any]) -> venues.VenueChange:
    return venues.preview_venue(
        request.work, request.actor, asked["meeting"], venue=asked["venue"], and_later=asked["later"]
    )


def _preview_venue(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    found = _found(request, asked)
    return views.venue_preview(
        found, {**asked, "seen": fingerprint(found)}, reason=request.field("reason"), again=again
    )


def _saved(request: Request) -> Reply:
    asked = request.metadata
    if not is_as_shown(asked, _found(request, asked)):
        return Reply(next_view=_preview_venue(request, asked, again=True))
    change = venues.change_venue(
        request.work,
        request.actor,
        asked["meeting"],
        venue=asked["venue"],
        and_later=asked["later"],
        reason=request.field("reason"),
    )
    return Reply(text=views.venue_changed(change))


VENUE_SUBMISSIONS: dict[str, Handler] = {"panel.venue_asked": _asked_venue, "panel.venue": _saved}
