"""`/panel create` and `change`: a rule in words, what it gives, and saving it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import BankHolidays
from bot.records.access.queries import Where, find_panel
from bot.services.diary import series
from bot.services.rescheduling import series as rescheduling_series
from bot.slack.commands.panel.forms import fingerprint, is_as_shown, panel_facts
from bot.slack.parsing import blaming, plain, take_panel
from bot.slack.reply import Reply, View
from bot.slack.request import Handler, Request
from bot.slack.views import series as show


def create(request: Request) -> Reply:
    """A new series: its form, or the dates at once when the rule is typed."""
    where, rule = take_panel(request, request.text, May.SCHEDULE)
    panel = find_panel(request.work, request.actor, where, May.SCHEDULE).panel
    rule = plain(rule)
    metadata = {"panel": panel.key}
    if not rule:
        form = show.rule_form(rule="", panel_title=panel.title, bank_holidays=panel.bank_holidays, metadata=metadata)
        return Reply(modal=form)
    return Reply(modal=_preview(request, {**metadata, "rule": rule}))


def _preview(request: Request, asked: Mapping[str, Any]) -> View:
    found = series.preview_series(request.work, request.actor, Where(panel_key=asked["panel"]), **_asked(asked))
    if not found.dates:
        raise Mistake(f"Every date of {found.rule} is in the diary already.", field="rule")
    return show.series_preview(found, dict(asked))


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
    return Reply(text=show.series_created(made))


def change(request: Request) -> Reply:
    """A new rule for a series: its form, or what changes at once when the rule is typed and there is one series."""
    where, rule = take_panel(request, request.text, May.SCHEDULE)
    title, metadata = panel_facts(request, where)
    found = rescheduling_series.series_to_change(request.work, request.actor, Where(panel_key=metadata["panel"]))
    rule = plain(rule)
    if rule and len(found) == 1:
        return Reply(modal=change_preview(request, {**metadata, "series": found[0].id, "rule": rule}))
    return Reply(modal=show.change_form(found, panel_title=title, metadata=metadata, rule=rule))


def change_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    """What a new rule does, to be saved with a reason."""
    with blaming("rule"):
        found = rescheduling_series.preview_change(
            request.work, request.actor, asked["series"], rule=asked["rule"], since=asked.get("since")
        )
    metadata = {**asked, "seen": fingerprint(found)}
    return show.change_preview(found, metadata, reason=request.field("reason"), again=again)


def end_preview(request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
    """What ending a series does, to be saved with a reason."""
    found = rescheduling_series.preview_end(request.work, request.actor, asked["series"], since=asked.get("since"))
    metadata = {**asked, "seen": fingerprint(found)}
    return show.change_preview(found, metadata, reason=request.field("reason"), again=again)


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
    return Reply(text=show.series_changed(made))


def _ended(request: Request) -> Reply:
    asked = request.metadata
    found = rescheduling_series.preview_end(request.work, request.actor, asked["series"], since=asked.get("since"))
    if not is_as_shown(asked, found):
        return Reply(next_view=end_preview(request, asked, again=True))
    made = rescheduling_series.end_series(
        request.work, request.actor, asked["series"], reason=request.field("reason"), since=asked.get("since")
    )
    return Reply(text=show.series_changed(made))


SUBMISSIONS: dict[str, Handler] = {
    "panel.preview": _previewed,
    "panel.create": _created,
    "panel.rule": _ruled,
    "panel.change": _changed,
    "panel.end": _ended,
}
