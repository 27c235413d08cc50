"""`/panel`: the diary of a panel."""

import re
from datetime import date, datetime

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.services import diary, panels, series
from bot.slack.parsing import plain, take_panel, the_panel
from bot.slack.registry import Command, Noun, Verb
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import panels as show
from bot.store.access import Where, find_panel
from bot.store.meeting_views import MeetingView

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


def _create(request: Request) -> Reply:
    where, rule = take_panel(request, request.text, May.SCHEDULE)
    panel = find_panel(request.work, request.actor, where, May.SCHEDULE).panel
    rule = plain(rule)
    if not rule:
        return Reply(modal=show.rule_form(rule="", panel_title=panel.title, metadata={"panel": panel.key}))
    return Reply(modal=_preview(request, panel.key, rule, None, panels.DEFAULT_COUNT))


def _preview(request: Request, panel_key: str, rule: str, starts_on: str | None, count: int) -> dict[str, object]:
    found = series.preview_series(
        request.work,
        request.actor,
        Where(panel_key=panel_key),
        rule=rule,
        starts_on=date.fromisoformat(starts_on) if starts_on else None,
        count=count,
    )
    if not found.dates:
        raise Mistake(f"Every date of {found.rule} is in the diary already.", field="rule")
    metadata = {"panel": panel_key, "rule": rule, "starts_on": starts_on, "count": count}
    return show.series_preview(found, metadata)


def _previewed(request: Request) -> Reply:
    count = request.field("count")
    return Reply(
        next_view=_preview(
            request,
            request.metadata["panel"],
            request.field("rule"),
            request.field("starts_on") or None,
            int(count) if count.isdecimal() else panels.DEFAULT_COUNT,
        )
    )


def _created(request: Request) -> Reply:
    starts_on = request.metadata["starts_on"]
    made = series.create_series(
        request.work,
        request.actor,
        Where(panel_key=request.metadata["panel"]),
        rule=request.metadata["rule"],
        starts_on=date.fromisoformat(starts_on) if starts_on else None,
        count=request.metadata["count"],
    )
    return Reply(text=show.series_created(made))


def _list(request: Request) -> Reply:
    return Reply(text=show.listed(panels.list_panels(request.work, request.actor)))


def _next(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show.upcoming(panels.show_next_meeting(request.work, request.actor, where)))


def _dates(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show.dates(panels.diary(request.work, request.actor, where)))


def _reschedule(request: Request) -> Reply:
    return Reply(modal=show.move_form(_to_change(request)))


def _cancel(request: Request) -> Reply:
    return Reply(modal=show.cancel_form(_to_change(request)))


def _to_change(request: Request) -> MeetingView:
    where = the_panel(request)
    find_panel(request.work, request.actor, where, May.SCHEDULE)
    return panels.show_next_meeting(request.work, request.actor, where)


def _rescheduled(request: Request) -> Reply:
    found = _TIME.fullmatch(request.field("time").strip())
    if found is None:
        raise Mistake("Write the time as hours and minutes, such as 14:00.", field="time")
    starts_at = datetime.fromisoformat(f"{request.field('date')}T{int(found[1]):02d}:{found[2]}")
    change = diary.reschedule_meeting(
        request.work,
        request.actor,
        request.where(),
        starts_at=starts_at,
        reason=request.field("reason"),
        meeting_id=int(request.metadata["meeting"]),
    )
    return Reply(text=show.rescheduled(change))


def _cancelled(request: Request) -> Reply:
    change = diary.cancel_meeting(
        request.work,
        request.actor,
        request.where(),
        reason=request.field("reason"),
        meeting_id=int(request.metadata["meeting"]),
    )
    return Reply(text=show.cancelled(change))


COMMAND = Command(
    "/panel",
    "The panels you are on and their diary",
    (
        Verb("list", "", "your panels and when each meets next", "", _list),
        Verb("next", "[panel]", "the next meeting and its deadlines", "", _next),
        Verb("dates", "[panel]", "the coming meetings", "", _dates),
        Verb(
            "create",
            "[HOW OFTEN] [panel]",
            "put a series of meetings into the diary; you see the dates first",
            "second Tuesday of the month at 14:00",
            _create,
        ),
        Verb("reschedule", "[panel]", "move the next meeting", "", _reschedule),
        Verb("cancel", "[panel]", "cancel the next meeting", "", _cancel),
    ),
)

NOUN = Noun(
    command=COMMAND,
    submissions={
        "panel.preview": _previewed,
        "panel.create": _created,
        "panel.reschedule": _rescheduled,
        "panel.cancel": _cancelled,
    },
)
