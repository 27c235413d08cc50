"""Panels and their diary in chat."""

from collections.abc import Sequence
from typing import Any

from bot.models.vocabulary import MeetingState, PromptKind
from bot.services.diary import ChangeOfDate
from bot.services.panels import PanelView
from bot.services.series import SeriesView
from bot.slack.reply import Block, View
from bot.slack.views.blocks import (
    context,
    day_input,
    escape,
    field,
    modal,
    number_input,
    section,
    spoken,
    text_input,
)
from bot.slack.views.days import day, moment, sitting
from bot.store.meeting_views import MeetingView


def listed(panels: Sequence[PanelView]) -> str:
    """One's panels, each with the next meeting."""
    if not panels:
        return "You are on no panel yet. Ask your panel's co-ordinator to add you."
    lines = []
    for panel in panels:
        roles = ", ".join(role.label for role in panel.roles) or "administrator"
        meeting = panel.next_meeting
        when = "no meeting in the diary" if meeting is None else _when(meeting)
        where = f" in <#{panel.channel_id}>" if panel.channel_id else ""
        lines.append(f"*{escape(panel.title)}* (`{panel.key}`){where}: you are {roles}; {when}")
    return "\n".join(lines)


def _when(meeting: MeetingView) -> str:
    if meeting.state is MeetingState.OPEN:
        return "meeting now"
    return f"next on {moment(meeting.starts_at)}"


def upcoming(meeting: MeetingView) -> str:
    """The next meeting with its deadlines."""
    venue = f", {escape(meeting.venue)}" if meeting.venue else ""
    state = " *It is open now.*" if meeting.state is MeetingState.OPEN else ""
    lines = [
        f"*{escape(meeting.panel_title)}*: {sitting(meeting.starts_at, meeting.ends_at)}{venue}.{state}",
        f"Flags by {day(meeting.deadlines.flags_close)} · triage by {day(meeting.deadlines.triage)} · "
        f"agenda on {day(meeting.deadlines.agenda)} · minutes by {day(meeting.deadlines.approved_minutes)}",
    ]
    if meeting.flags_open or meeting.cases_accepted:
        lines.append(f"Cases: {meeting.cases_accepted} accepted, {meeting.flags_open} waiting for the chair.")
    return "\n".join(lines)


def dates(meetings: Sequence[MeetingView]) -> str:
    """The coming meetings of one panel."""
    if not meetings:
        return "There is no meeting in the diary. `/panel create` adds some."
    lines = [f"*{escape(meetings[0].panel_title)}*, the next {len(meetings)}:"]
    lines += [f"• {sitting(each.starts_at, each.ends_at)}" for each in meetings]
    return "\n".join(lines)


def rule_form(*, rule: str, panel_title: str, metadata: dict[str, Any]) -> View:
    """Asking for the rule of a series."""
    return modal(
        "panel.preview",
        "New series of meetings",
        [
            context(f"For {escape(panel_title)}. Nothing is saved before you have seen the dates."),
            field(
                "rule",
                "How often",
                text_input(initial=rule, placeholder="second Tuesday of the month at 14:00", most=200),
                hint="Such as: every 6 weeks on Thursday at 10:00; last working day of the month.",
            ),
            field("starts_on", "Counting from", day_input(), optional=True, hint="Today unless you choose a day."),
            field("count", "How many meetings", number_input(initial=12, least=1, most=60)),
        ],
        submit="Show dates",
        metadata=metadata,
    )


def series_preview(series: SeriesView, metadata: dict[str, Any]) -> View:
    """The dates that a rule gives, before they are saved."""
    blocks: list[Block] = [section(f"*{escape(series.panel_title)}*: {escape(series.rule)}"), section(_dates(series))]
    return modal("panel.create", "Create these meetings?", blocks, submit="Create", metadata=metadata)


def series_created(series: SeriesView) -> str:
    """What is in the diary now."""
    count = len(series.dates)
    return (
        f"{count} meeting{'' if count == 1 else 's'} of {escape(series.panel_title)} "
        f"({escape(series.rule)}):\n{_dates(series)}"
    )


def _dates(series: SeriesView) -> str:
    moved = {at: (rule_on, why) for rule_on, at, why in series.moved}
    lines = []
    for at in series.dates:
        line = f"• {moment(at)}"
        if at in moved:
            rule_on, why = moved[at]
            line += f" (instead of {day(rule_on)}: {escape(why)})"
        lines.append(line)
    if series.already_there:
        lines.append("In the diary already: " + ", ".join(day(at.date()) for at in series.already_there))
    return "\n".join(lines) or "No new date."


def move_form(meeting: MeetingView) -> View:
    """Moving a meeting."""
    return modal(
        "panel.reschedule",
        "Move the meeting",
        [
            section(f"*{escape(meeting.panel_title)}*, now {sitting(meeting.starts_at, meeting.ends_at)}."),
            field("date", "New date", day_input(initial=meeting.starts_at.date().isoformat())),
            field("time", "Time", text_input(initial=f"{meeting.starts_at:%H:%M}", most=5), hint="Such as 14:00."),
            field("reason", "Reason", text_input(lines=True, most=1000), hint="Members are told."),
            context("What is flagged to it moves with it."),
        ],
        submit="Move",
        metadata={"meeting": meeting.id},
    )


def cancel_form(meeting: MeetingView) -> View:
    """Cancelling a meeting."""
    return modal(
        "panel.cancel",
        "Cancel the meeting",
        [
            section(f"*{escape(meeting.panel_title)}*, {sitting(meeting.starts_at, meeting.ends_at)}."),
            field("reason", "Reason", text_input(lines=True, most=1000), hint="Members are told."),
            context("What is flagged to it goes to the meeting after."),
        ],
        submit="Cancel the meeting",
        metadata={"meeting": meeting.id},
    )


def rescheduled(change: ChangeOfDate) -> str:
    """What became of a meeting that moved."""
    cases = f" {_cases(change.cases_moved)} moved with it." if change.cases_moved else ""
    return (
        f"{escape(change.meeting.panel_title)} moves from {moment(change.before)} to "
        f"*{moment(change.meeting.starts_at)}*.{cases} Members are being told."
        + "".join(f"\n:warning: {escape(remark)}" for remark in change.remarks)
    )


def cancelled(change: ChangeOfDate) -> str:
    """What became of a meeting that was cancelled."""
    moved = ""
    if change.cases_moved and change.cases_moved_to is not None:
        moved = f" {_cases(change.cases_moved)} moved to {moment(change.cases_moved_to)}."
    return (
        f"The meeting of {escape(change.meeting.panel_title)} on {moment(change.before)} is cancelled.{moved} "
        "Members are being told."
    )


def _cases(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"


def notice(meeting: MeetingView, kind: PromptKind, reason: str) -> tuple[str, tuple[Block, ...]]:
    """Telling a member that a meeting moved or will not be."""
    title = escape(meeting.panel_title)
    if kind is PromptKind.CANCELLED:
        text = f"The meeting of {title} on {moment(meeting.starts_at)} is cancelled."
    else:
        text = f"The meeting of {title} is now on {sitting(meeting.starts_at, meeting.ends_at)}."
    blocks: tuple[Block, ...] = (section(text),)
    return text, (*blocks, spoken(reason)) if reason else blocks
