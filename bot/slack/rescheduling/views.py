"""Meetings moved, cancelled, added, put back or held elsewhere, in chat: the form, what it would do, what it did."""

from collections.abc import Sequence
from typing import Any

from bot.domain.recurrence import Scope
from bot.records.diary.queries import MeetingChoice
from bot.services.rescheduling.meetings import ChangeOfDate, Reinstatement, VenueChange
from bot.slack.blocks import (
    choices,
    context,
    counted,
    day,
    day_input,
    escape,
    field,
    modal,
    moment,
    paragraphs,
    section,
    select,
    sitting,
    text_input,
)
from bot.slack.request import Block, View
from bot.slack.rescheduling.series_views import SHOWN, Preview, clashes

_SCOPES = {
    Scope.THIS: "This meeting only",
    Scope.FOLLOWING: "This and all that follow in its series",
    Scope.ALL: "All coming meetings of its series",
}


def move_form(
    meetings: Sequence[MeetingChoice], *, panel_title: str, metadata: dict[str, Any], chosen: int | None = None
) -> View:
    """Asking which meeting moves, and to when; the next one is chosen unless another is given."""
    meeting = next((one for one in meetings if one.id == chosen), meetings[0])
    first = meeting.starts_at
    return modal(
        "panel.move",
        "Move a meeting",
        [
            context(f"For {escape(panel_title)}. Nothing is saved before you have seen what changes."),
            *_which(meetings, chosen=meeting.id),
            field("date", "New date", day_input(initial=first.date().isoformat())),
            field(
                "time",
                "Time",
                text_input(initial=f"{first:%H:%M}", most=5),
                hint="Such as 14:00. Date and time are for one meeting; for several you are asked how often, next.",
            ),
            field(
                "venue",
                "Where",
                text_input(most=200),
                optional=True,
                hint="Only if that one meeting is held elsewhere too; otherwise leave it empty.",
            ),
        ],
        submit="Show what changes",
        metadata=metadata,
    )


def cancel_form(meetings: Sequence[MeetingChoice], *, panel_title: str, metadata: dict[str, Any]) -> View:
    """Asking which meeting is cancelled."""
    return modal(
        "panel.cancelling",
        "Cancel a meeting",
        [
            context(f"For {escape(panel_title)}. Nothing is cancelled before you have seen what that does."),
            *_which(meetings),
        ],
        submit="Show what changes",
        metadata=metadata,
    )


def add_form(*, panel_title: str, venue: str, metadata: dict[str, Any]) -> View:
    """Asking for one more meeting."""
    return modal(
        "panel.adding",
        "Add a meeting",
        [
            context(f"One more meeting of {escape(panel_title)}, beside any series."),
            field("date", "Date", day_input()),
            field("time", "Time", text_input(most=5, placeholder="14:00"), hint="Such as 14:00."),
            field("venue", "Where", text_input(initial=venue, most=200), optional=True),
        ],
        submit="Show it",
        metadata=metadata,
    )


def reinstate_form(meetings: Sequence[MeetingChoice], *, panel_title: str, metadata: dict[str, Any]) -> View:
    """Asking which cancelled meetings are held after all."""
    options = [(str(one.id), moment(one.starts_at)) for one in meetings]
    chosen = [options[0][0]] if len(options) == 1 else []
    return modal(
        "panel.reinstating",
        "Put meetings back",
        [
            context(f"Cancelled meetings of {escape(panel_title)}. You see what changes before it is saved."),
            field("meetings", "Which", choices(options, initial=chosen)),
        ],
        submit="Show what changes",
        metadata=metadata,
    )


def reinstate_preview(found: Reinstatement) -> Preview:
    """What putting meetings back does."""
    lines = [
        f"• {sitting(one.starts_at, one.ends_at)}" + (f", {escape(one.venue)}" if one.venue else "")
        for one in found.meetings
    ]
    blocks: list[Block] = [
        section(f"*{escape(found.panel_title)}* meets after all:"),
        *paragraphs(lines),
        context("Cases that went to another meeting stay there."),
        *paragraphs([f":warning: {moment(at)}: {escape(remark)}" for at, remark in found.remarks]),
        *clashes(found.clashes),
    ]
    return Preview("panel.reinstate", "Put these back?", blocks, "Put back")


def move_preview(change: ChangeOfDate) -> Preview:
    """What moving one meeting does."""
    venue = f", {escape(change.meeting.venue)}" if change.meeting.venue else ""
    said = f"*{escape(change.meeting.panel_title)}*: {moment(change.before)} → *{_when(change)}*{venue}."
    if change.cases_moved:
        said += f" {_cases(change.cases_moved)} {_go(change.cases_moved)} with it."
    blocks = [section(said), section(_deadlines(change)), *_warnings(change), *clashes(change.clashes)]
    return Preview("panel.reschedule", "Move this meeting?", blocks, "Save")


def cancel_preview(change: ChangeOfDate) -> Preview:
    """What cancelling one meeting does."""
    said = f"*{escape(change.meeting.panel_title)}*: the meeting of *{_when(change)}* is cancelled."
    if change.cases_moved and change.cases_moved_to is not None:
        said += f" {_cases(change.cases_moved)} {_go(change.cases_moved)} to {moment(change.cases_moved_to)}."
    blocks = [section(said), *_warnings(change)]
    return Preview("panel.cancel", "Cancel this meeting?", blocks, "Cancel the meeting")


def add_preview(change: ChangeOfDate) -> Preview:
    """What one more meeting would be."""
    venue = f", {escape(change.meeting.venue)}" if change.meeting.venue else ""
    blocks = [
        section(f"*{escape(change.meeting.panel_title)}* meets once more: *{_when(change)}*{venue}."),
        section(_deadlines(change)),
        *_warnings(change),
        *clashes(change.clashes),
    ]
    return Preview("panel.add", "Add this meeting?", blocks, "Add")


def rescheduled(change: ChangeOfDate) -> str:
    """What became of a meeting that moved, and how to put it back."""
    cases = f" {_cases(change.cases_moved)} moved with it." if change.cases_moved else ""
    return (
        f"{escape(change.meeting.panel_title)} moves from {moment(change.before)} to "
        f"*{moment(change.meeting.starts_at)}*.{cases} Members are being told."
        + "".join(f"\n:warning: {escape(remark)}" for remark in change.remarks)
        + f"\nTo put it back: `/panel reschedule {change.meeting.panel_key}`, to {moment(change.before)}."
    )


def cancelled(change: ChangeOfDate) -> str:
    """What became of a meeting that was cancelled, and how to put it back."""
    moved = ""
    if change.cases_moved and change.cases_moved_to is not None:
        moved = f" {_cases(change.cases_moved)} moved to {moment(change.cases_moved_to)}."
    return (
        f"The meeting of {escape(change.meeting.panel_title)} on {moment(change.before)} is cancelled.{moved} "
        f"Members are being told.\nTo put it back: `/panel reinstate {change.meeting.panel_key}`."
    )


def added(change: ChangeOfDate) -> str:
    """That there is one more meeting."""
    return f"{escape(change.meeting.panel_title)} meets once more: *{_when(change)}*. Members are being told."


def reinstated(found: Reinstatement) -> str:
    """That cancelled meetings are held after all."""
    dates = ", ".join(moment(one.starts_at) for one in found.meetings)
    said = (
        f"Back in the diary of {escape(found.panel_title)}: {dates}. Members are being told. "
        "Cases that went to another meeting stay there."
    )
    for rule in found.ended_rules:
        said += f" The series stays ended; to let it go on: `/panel change`, {escape(rule)}."
    return said


def _which(meetings: Sequence[MeetingChoice], chosen: int | None = None) -> list[Block]:
    options = [(str(one.id), f"{moment(one.starts_at)}{' (the next one)' if one.is_next else ''}") for one in meetings]
    blocks = [field("meeting", "Which meeting", select(options, initial=str(chosen) if chosen else options[0][0]))]
    if any(one.in_series for one in meetings):
        scopes = [(scope.value, label) for scope, label in _SCOPES.items()]
        blocks.append(field("scope", "How far", select(scopes, initial=Scope.THIS.value)))
    return blocks


def _when(change: ChangeOfDate) -> str:
    return sitting(change.meeting.starts_at, change.meeting.ends_at)


def _deadlines(change: ChangeOfDate) -> str:
    dates = change.meeting.deadlines
    return (
        f"Flags by {day(dates.flags_close)} · triage by {day(dates.triage)} · agenda on {day(dates.agenda)} · "
        f"minutes by {day(dates.approved_minutes)}"
    )


def _warnings(change: ChangeOfDate) -> list[Block]:
    return [section(f":warning: {escape(remark)}") for remark in change.remarks]


def _cases(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"


def _go(count: int) -> str:
    return "goes" if count == 1 else "go"


_REACHES = (("this", "This meeting only"), ("later", "This and all that follow, also those not yet in the diary"))


def venue_form(meetings: Sequence[MeetingChoice], *, panel_title: str, venue: str, metadata: dict[str, Any]) -> View:
    """Asking where, and from which meeting on."""
    options = [(str(one.id), f"{moment(one.starts_at)}{' (the next one)' if one.is_next else ''}") for one in meetings]
    return modal(
        "panel.venue_asked",
        "Another venue",
        [
            context(f"For {escape(panel_title)}. Nothing is saved before you have seen what changes."),
            field("meeting", "Which meeting", select(options, initial=options[0][0])),
            field("reach", "How far", select(_REACHES, initial=_REACHES[0][0])),
            field(
                "venue", "Where", text_input(initial=venue, most=200), hint="A place, such as: Council offices, room 2."
            ),
        ],
        submit="Show what changes",
        metadata=metadata,
    )


def venue_preview(change: VenueChange) -> Preview:
    """What another venue changes."""
    places = {before for _, before in change.moves}
    instead = f" instead of {_place(*places)}" if len(places) == 1 else ""
    lines = [
        f"• {moment(at)}" + ("" if instead else f", until now {_place(before)}") for at, before in change.moves[:SHOWN]
    ]
    if len(change.moves) > SHOWN:
        lines.append(f"… and {len(change.moves) - SHOWN} more.")
    head = f"*{escape(change.panel_title)}* meets at *{_place(change.venue)}*{instead}:"
    blocks: list[Block] = [section(head), *paragraphs(lines)]
    if change.and_later:
        blocks.append(context("Meetings that are put into the diary later are held there too."))
    if change.agenda_is_out:
        blocks.append(section(":warning: An agenda is out already, with the venue it has now."))
    blocks += clashes(change.clashes)
    return Preview("panel.venue", "Meet there?", blocks, "Save")


def venue_changed(change: VenueChange) -> str:
    """What was changed, and how to put it back."""
    count, title, place = len(change.moves), escape(change.panel_title), _place(change.venue)
    if count == 1:
        said = f"{title} meets at *{place}* on {moment(change.moves[0][0])}."
    else:
        said = f"{counted(count, 'coming meeting')} of {title}: *{place}* from now on."
    before = next((venue for _, venue in change.moves), "")
    back = f" To put it back: `/panel venue {change.panel_key}`, {escape(before)}." if before else ""
    return f"{said}{' Members are being told.' if count else ''}{back}"


def _place(venue: str) -> str:
    return escape(venue) or "no named place"
