"""Changes to the diary in chat: the forms, the previews, and the sentences after saving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any

from bot.domain.recurrence import Scope
from bot.records.diary.queries import Clash, MeetingChoice, MeetingView
from bot.services.diary.series import SeriesView
from bot.services.rescheduling.meetings import ChangeOfDate, Reinstatement, VenueChange
from bot.services.rescheduling.series import DateChange, SeriesChange
from bot.slack.blocks import (
    button,
    buttons,
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
from bot.slack.diary.views import deadlines
from bot.slack.request import Block, View

SHOWN = 12  # dates at a glance: a year of a monthly panel


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview of a change to the diary: its blocks, and the button and hint of its form."""

    callback: str
    title: str
    blocks: Sequence[Block]
    submit: str | None  #: the label of the button; None if the change can't be saved
    hint: str = "I'll tell members why."  #: the hint under the field for the reason

    def modal(self, metadata: dict[str, Any], *, reason: str | None, again: bool) -> View:
        """Return the preview in a modal. The modal asks for a reason unless `reason` is None.

        `again` adds the note that the diary has changed since the last preview.
        """
        changed = [section(":warning: The diary changed while you looked. Please check again.")] if again else []
        blocks = [*changed, *self.blocks]
        if self.submit is None:
            return modal(self.callback, self.title, blocks, submit=None)
        if reason is not None:
            why = text_input(initial=reason, lines=True, most=1000)
            blocks.append(field("reason", "Reason", why, hint=self.hint))
        return modal(self.callback, self.title, blocks, submit=self.submit, metadata=metadata)


def series_preview(series: SeriesView) -> Preview:
    """Return the preview of a new series, with the dates that its rule gives."""
    how_long = " The series has no last date: I keep the next twelve meetings in the diary." if series.goes_on else ""
    blocks: list[Block] = [
        section(f"*{escape(series.panel_title)}*: {escape(series.rule)}.{how_long}"),
        *paragraphs(dates_of(series)),
        *paragraphs([f":warning: {day(series.dates[0])}: {escape(remark)}" for remark in series.remarks]),
        *paragraphs(
            [
                f":warning: Present meeting days: {escape(rule)}. This would be a second series. To change "
                "the first series: `/panel change`."
                for rule in series.beside
            ]
        ),
        *clashes(series.clashes),
    ]
    return Preview("panel.create", "Create these meetings?", blocks, "Create")


def series_created(series: SeriesView) -> str:
    """Return a sentence saying which meetings of a new series are now in the diary."""
    head = f"{counted(len(series.dates), 'meeting')} of {escape(series.panel_title)} ({escape(series.rule)}):"
    goes_on = ["From now on, I'll keep adding meetings, so that the diary stays full."] if series.goes_on else []
    return "\n".join([head, *dates_of(series), *goes_on])


def dates_of(series: SeriesView, *, shown: int = SHOWN) -> list[str]:
    """Return the first dates of a series, a line each, and a line saying how many more there are."""
    moved = {at: (rule_on, why) for rule_on, at, why in series.moved}
    lines = []
    for at in series.dates[:shown]:
        rule_on, why = moved.get(at, (None, ""))
        lines.append(f"• {moment(at)}" + (f" (instead of {day(rule_on)}: {escape(why)})" if rule_on else ""))
    if len(series.dates) > shown:
        lines.append(f"… and {len(series.dates) - shown} more, the last on {moment(series.dates[-1])}")
    if series.already_there:
        lines.append("The panel already meets then: " + ", ".join(day(at.date()) for at in series.already_there))
    return lines


def clashes(found: Sequence[Clash]) -> list[Block]:
    """Return warnings about clashes, with the nearest free times. A clash does not prevent saving."""
    lines = []
    for clash in found:
        free = f" Free: {', '.join(moment(at) for at in clash.free)}." if clash.free else ""
        lines.append(f":warning: {moment(clash.starts_at)}: {escape('; '.join(clash.reasons))}.{free}")
    return _at_a_glance(lines, "more clashes")


def _at_a_glance(lines: Sequence[str], more: str = "more") -> list[Block]:
    left = [f"… and {len(lines) - SHOWN} {more}."] if len(lines) > SHOWN else []
    return paragraphs([*lines[:SHOWN], *left])


def change_preview(change: SeriesChange) -> Preview:
    """Return the preview of a new rule, or of ending a series.

    If the change can't be saved, the preview has no button.
    """
    ends = not change.rule_after
    if ends:
        gone = counted(len(change.dates), "meeting")
        head = f"*{escape(change.panel_title)}*, {escape(change.rule_before)}: {gone} cancelled."
    else:
        head = f"*{escape(change.panel_title)}*: {escape(change.rule_before)} → *{escape(change.rule_after)}*"
    blocks: list[Block] = [section(head), *_at_a_glance([line_of(one) for one in change.dates if one.is_change])]
    blocks += paragraphs([f":no_entry: {escape(why)}" for why in change.cannot])
    blocks += paragraphs([escape(why) for why in change.stays])
    blocks += clashes(change.clashes)
    if change.cannot:
        blocks.append(context("I can't save this. Close this window and choose another way."))
        return Preview("panel.change", "This cannot be", blocks, None)
    if ends:
        return Preview("panel.end", "Cancel these meetings?", blocks, "Cancel them")
    return Preview("panel.change", "Save these changes?", blocks, "Save")


def series_changed(change: SeriesChange) -> str:
    """Return a sentence saying how many meetings of a series were moved, added or cancelled, and how to undo this."""
    moved = sum(one.is_change and one.before is not None and one.after is not None for one in change.dates)
    added = sum(one.before is None for one in change.dates)
    gone = sum(one.after is None for one in change.dates)
    parts = [
        f"{counted(count, 'meeting')} {what}"
        for count, what in ((moved, "moved"), (added, "added"), (gone, "cancelled"))
        if count
    ]
    said = f"{escape(change.panel_title)}: {', '.join(parts)}."
    if change.rule_after:
        said += f" New meeting days: {escape(change.rule_after)}."
        said += f" To change back, type `/panel change` and choose: {escape(change.rule_before)}."
    else:
        said += " The series has ended. To put meetings back: `/panel reinstate`."
    return f"{said} I'm telling members."


def line_of(one: DateChange) -> str:
    """Return a line saying whether one meeting is new, moved or cancelled, and to which meeting its cases go."""
    if one.before is None and one.after is not None:
        line = f"• new: *{moment(one.after)}*"
    elif one.after is None and one.before is not None:
        line = f"• {moment(one.before)}: cancelled"
    else:
        line = f"• {moment(one.before)} → *{moment(one.after)}*"  # type: ignore[arg-type]  # neither is missing
    if one.cases:
        cases = counted(one.cases, "case")
        line += f", {cases} to {moment(one.cases_to)}" if one.cases_to is not None else f", with {cases}"
    return line + "".join(f"\n    {escape(remark)}" for remark in one.remarks)


_SCOPES = {
    Scope.THIS: "This meeting only",
    Scope.FOLLOWING: "This and all that follow in its series",
    Scope.ALL: "All coming meetings of its series",
}


@dataclass(frozen=True, slots=True)
class Meant:
    """What was typed about a change: the meeting or None if that is not clear, its new day and time, and the venue."""

    meeting_id: int | None
    to: date | None = None
    at: time | None = None
    venue: str = ""
    and_later: bool = False


def _meant(meetings: Sequence[MeetingChoice], meant: Meant | None) -> tuple[Meant, MeetingChoice | None]:
    """Return what was typed about a change, and the meeting that the form shows as chosen.

    If nothing was typed, this is the first meeting. If it is unclear which meeting was typed, it is None.
    """
    meant = meant or Meant(meetings[0].id)
    return meant, next((one for one in meetings if one.id == meant.meeting_id), None)


def move_form(
    meetings: Sequence[MeetingChoice], panel_title: str, metadata: dict[str, Any], meant: Meant | None = None
) -> View:
    """Return the form that asks which meeting moves and to when.

    The typed meeting, or else the first one, is already chosen.
    """
    meant, chosen = _meant(meetings, meant)
    on = meant.to or (chosen.starts_at.date() if chosen else None)
    at = meant.at or (chosen or meetings[0]).starts_at.time()
    blocks = [
        context(f"For {escape(panel_title)}. I won't save anything until you've seen what changes."),
        *_which(meetings, meant),
        field("date", "New date", day_input(initial=on.isoformat() if on else "")),
        field(
            "time",
            "Time",
            text_input(initial=f"{at:%H:%M}", most=5),
            hint="Such as 14:00. Use date and time to move one meeting. For several, the next step asks how often.",
        ),
        field(
            "venue",
            "Where",
            text_input(initial=meant.venue, most=200),
            optional=True,
            hint="Fill this in only if that meeting also changes venue.",
        ),
    ]
    return modal("panel.move", "Move a meeting", blocks, submit="Show what changes", metadata=metadata)


def cancel_form(
    meetings: Sequence[MeetingChoice], panel_title: str, metadata: dict[str, Any], meant: Meant | None = None
) -> View:
    """Return the form that asks which meeting to cancel. The typed meeting, or else the first one, is chosen."""
    blocks = [
        context(f"For {escape(panel_title)}. I won't cancel anything until you've seen what changes."),
        *_which(meetings, _meant(meetings, meant)[0]),
    ]
    return modal("panel.cancelling", "Cancel a meeting", blocks, submit="Show what changes", metadata=metadata)


def add_form(*, panel_title: str, venue: str, metadata: dict[str, Any], meant: Meant | None = None) -> View:
    """Return the form for one more meeting. A typed day, time and venue are filled in."""
    on, at = (meant.to, meant.at) if meant else (None, None)
    blocks = [
        context(f"This adds an extra meeting of {escape(panel_title)}, outside any series."),
        field("date", "Date", day_input(initial=on.isoformat() if on else "")),
        field(
            "time",
            "Time",
            text_input(initial=f"{at:%H:%M}" if at else "", most=5, placeholder="14:00"),
            hint="Such as 14:00.",
        ),
        field("venue", "Where", text_input(initial=(meant.venue if meant else "") or venue, most=200), optional=True),
    ]
    return modal("panel.adding", "Add a meeting", blocks, submit="Show it", metadata=metadata)


def reinstate_form(
    meetings: Sequence[MeetingChoice], panel_title: str, metadata: dict[str, Any], meant: Meant | None = None
) -> View:
    """Return the form that asks which cancelled meetings to put back.

    The typed meeting, or else the only one, is already chosen.
    """
    options = [(str(one.id), moment(one.starts_at)) for one in meetings]
    chosen = [options[0][0]] if len(options) == 1 and meant is None else []
    chosen = [str(meant.meeting_id)] if meant is not None and meant.meeting_id is not None else chosen
    blocks = [
        context(f"Cancelled meetings of {escape(panel_title)}. I won't save anything until you've seen what changes."),
        field("meetings", "Which", choices(options, initial=chosen)),
    ]
    return modal("panel.reinstating", "Put meetings back", blocks, submit="Show what changes", metadata=metadata)


def reinstate_preview(found: Reinstatement) -> Preview:
    """Return the preview of reinstating cancelled meetings."""
    lines = [f"• {sitting(one.starts_at, one.ends_at, one.venue)}" for one in found.meetings]
    blocks: list[Block] = [
        section(f"*{escape(found.panel_title)}* meets after all:"),
        *paragraphs(lines),
        context("Cases that went to another meeting stay there."),
        *paragraphs([f":warning: {moment(at)}: {escape(remark)}" for at, remark in found.remarks]),
        *clashes(found.clashes),
    ]
    return Preview("panel.reinstate", "Put these back?", blocks, "Put back")


def move_preview(change: ChangeOfDate) -> Preview:
    """Return the preview of moving one meeting."""
    said = f"*{escape(change.meeting.panel_title)}*: {moment(change.before)} → {_when_and_where(change)}."
    if change.cases_moved:
        said += f" {counted(change.cases_moved, 'case')} {'moves' if change.cases_moved == 1 else 'move'} with it."
    blocks = [section(said), section(deadlines(change.meeting.deadlines)), *_warnings(change), *clashes(change.clashes)]
    return Preview("panel.reschedule", "Move this meeting?", blocks, "Save")


def cancel_preview(change: ChangeOfDate) -> Preview:
    """Return the preview of cancelling one meeting."""
    said = f"*{escape(change.meeting.panel_title)}*: the meeting of *{_when(change)}* is cancelled."
    if change.cases_moved and change.cases_moved_to is not None:
        said += f" {_cases_go(change.cases_moved)} to {moment(change.cases_moved_to)}."
    blocks = [section(said), *_warnings(change)]
    return Preview("panel.cancel", "Cancel this meeting?", blocks, "Cancel the meeting")


class Became(StrEnum):
    """The answers to choose from when the bot asks what happened to a meeting that nobody opened."""

    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    ELSEWHERE = "elsewhere"


#: The label of each answer's button, and what the button does.
_BECAME = {
    Became.POSTPONED: ("It was postponed", "give the meeting another date"),
    Became.CANCELLED: ("It was cancelled", "take the meeting out of the diary. I'll tell members"),
    Became.ELSEWHERE: ("It was held elsewhere", "record your reason and nothing else"),
}


def not_held(meeting: MeetingView) -> View:
    """Return a modal that asks what happened to a meeting that nobody opened."""
    when = sitting(meeting.starts_at, meeting.ends_at)
    owed = f" {counted(meeting.cases, 'case')} to be heard." if meeting.cases else ""
    lines = [f"*{escape(meeting.panel_title)}*: nobody opened the meeting of *{when}*.{owed} What happened?"]
    lines += [f"• Press *{label}* to {does}." for label, does in _BECAME.values()]
    blocks = [
        *paragraphs(lines),
        buttons(*(button(label, "panel.became", f"{meeting.id}:{key}") for key, (label, _) in _BECAME.items())),
    ]
    return modal("notice", "Not held", blocks, submit=None)


def elsewhere_preview(change: ChangeOfDate) -> Preview:
    """Return the preview of recording a meeting as held elsewhere."""
    said = (
        f"*{escape(change.meeting.panel_title)}*: the meeting of *{_when(change)}* was held, but not opened here. "
        "I'll record your reason, but no attendance, decisions or minutes. The cases go to the next meeting."
    )
    return Preview("panel.elsewhere", "Held elsewhere?", [section(said)], "Save", "I'll keep your reason.")


def elsewhere_noted(change: ChangeOfDate) -> str:
    """Return a sentence saying that a meeting is recorded as held elsewhere."""
    return (
        f"The meeting of {escape(change.meeting.panel_title)} on {moment(change.before)} was held elsewhere. "
        "The cases go to the next meeting. "
        f"To undo this, press *Take it back* in `/panel dates {change.meeting.panel_key}`."
    )


def elsewhere_taken_back(meeting: MeetingView) -> str:
    """Return a sentence saying that a meeting is no longer recorded as held elsewhere, and who is asked about it."""
    return (
        f"The meeting of {escape(meeting.panel_title)} on {moment(meeting.starts_at)} is back to *not held*. "
        "On Home, I'll ask the chair and co-ordinator what happened to the meeting."
    )


def add_preview(change: ChangeOfDate) -> Preview:
    """Return the preview of adding one meeting to the diary."""
    blocks = [
        section(f"*{escape(change.meeting.panel_title)}* has an extra meeting: {_when_and_where(change)}."),
        section(deadlines(change.meeting.deadlines)),
        *_warnings(change),
        *clashes(change.clashes),
    ]
    return Preview("panel.add", "Add this meeting?", blocks, "Add")


def rescheduled(change: ChangeOfDate) -> str:
    """Return a sentence saying which meeting moved, and how to undo the move."""
    cases = f" {counted(change.cases_moved, 'case')} moved with it." if change.cases_moved else ""
    key, before = change.meeting.panel_key, moment(change.before)
    back = "" if change.is_past else f"\nTo move it back, type `/panel reschedule {key}` and choose {before}."
    return (
        f"{escape(change.meeting.panel_title)} moves from {before} to "
        f"*{moment(change.meeting.starts_at)}*.{cases} I'm telling members."
        + "".join(f"\n:warning: {escape(remark)}" for remark in change.remarks)
        + back
    )


def cancelled(change: ChangeOfDate) -> str:
    """Return a sentence saying which meeting was cancelled, and how to reinstate the meeting."""
    moved = ""
    if change.cases_moved and change.cases_moved_to is not None:
        moved = f" {counted(change.cases_moved, 'case')} moved to {moment(change.cases_moved_to)}."
    back = "" if change.is_past else f"\nTo put the meeting back: `/panel reinstate {change.meeting.panel_key}`."
    return (
        f"The meeting of {escape(change.meeting.panel_title)} on {moment(change.before)} is cancelled.{moved} "
        f"I'm telling members." + back
    )


def added(change: ChangeOfDate) -> str:
    """Return a sentence saying that one meeting was added to the diary."""
    return f"{escape(change.meeting.panel_title)} has an extra meeting: *{_when(change)}*. I'm telling members."


def reinstated(found: Reinstatement) -> str:
    """Return a sentence saying that cancelled meetings are back in the diary."""
    dates = ", ".join(moment(one.starts_at) for one in found.meetings)
    said = (
        f"Back in the diary of {escape(found.panel_title)}: {dates}. I'm telling members. "
        "Cases that went to another meeting stay there."
    )
    for rule in found.ended_rules:
        said += f" The series has not restarted. To continue it, type `/panel change` and choose: {escape(rule)}."
    return said


def _choose_meeting(meetings: Sequence[MeetingChoice], meant: Meant) -> Block:
    options = [(str(one.id), f"{moment(one.starts_at)}{' (the next one)' if one.is_next else ''}") for one in meetings]
    chosen = None if meant.meeting_id is None else str(meant.meeting_id)
    return field("meeting", "Which meeting", select(options, initial=chosen))


def _which(meetings: Sequence[MeetingChoice], meant: Meant) -> list[Block]:
    blocks = [_choose_meeting(meetings, meant)]
    if any(one.in_series for one in meetings):
        scopes = [(scope.value, label) for scope, label in _SCOPES.items()]
        blocks.append(field("scope", "How far", select(scopes, initial=Scope.THIS.value)))
    return blocks


def _when(change: ChangeOfDate) -> str:
    return sitting(change.meeting.starts_at, change.meeting.ends_at)


def _when_and_where(change: ChangeOfDate) -> str:
    return f"*{_when(change)}*" + (f", {escape(change.meeting.venue)}" if change.meeting.venue else "")


def _warnings(change: ChangeOfDate) -> list[Block]:
    return [section(f":warning: {escape(remark)}") for remark in change.remarks]


def _cases_go(count: int) -> str:
    return f"{counted(count, 'case')} {'goes' if count == 1 else 'go'}"


_REACHES = (("this", "This meeting only"), ("later", "This and all that follow, also those not yet in the diary"))


def venue_form(
    meetings: Sequence[MeetingChoice],
    panel_title: str,
    venue: str,
    metadata: dict[str, Any],
    meant: Meant | None = None,
) -> View:
    """Return the form for a new venue and the first meeting that it applies to. What was typed is filled in."""
    meant, _ = _meant(meetings, meant)
    blocks = [
        context(f"For {escape(panel_title)}. I won't save anything until you've seen what changes."),
        _choose_meeting(meetings, meant),
        field("reach", "How far", select(_REACHES, initial=_REACHES[meant.and_later][0])),
        field(
            "venue",
            "Where",
            text_input(initial=meant.venue or venue, most=200),
            hint="Give the venue, such as: Council offices, room 2.",
        ),
    ]
    return modal("panel.venue_asked", "Another venue", blocks, submit="Show what changes", metadata=metadata)


def venue_preview(change: VenueChange) -> Preview:
    """Return the preview of a change of venue, with the meetings that would be held there."""
    places = {before for _, before in change.moves}
    instead = f" instead of {_place(*places)}" if len(places) == 1 else ""
    lines = [f"• {moment(at)}" + ("" if instead else f", until now {_place(before)}") for at, before in change.moves]
    head = f"The venue of *{escape(change.panel_title)}* will be *{_place(change.venue)}*{instead}:"
    blocks: list[Block] = [section(head), *_at_a_glance(lines)]
    if change.and_later:
        blocks.append(context("Meetings that you add later will be there too."))
    if change.agenda_is_out:
        blocks.append(section(":warning: An agenda is already published, with the old venue."))
    blocks += clashes(change.clashes)
    return Preview("panel.venue", "Meet there?", blocks, "Save")


def venue_changed(change: VenueChange) -> str:
    """Return a sentence saying which meetings have another venue now, and how to undo the change."""
    count, title, place = len(change.moves), escape(change.panel_title), _place(change.venue)
    if count == 1:
        said = f"{title} on {moment(change.moves[0][0])} now has this venue: *{place}*."
    else:
        said = f"{counted(count, 'coming meeting')} of {title} will be at *{place}*."
    before = next((venue for _, venue in change.moves), "")
    back = f" To change back, type `/panel venue {change.panel_key}` and choose {escape(before)}." if before else ""
    told = " I'm telling members." if count else ""
    return f"{said}{told}{back}"


def _place(venue: str) -> str:
    return escape(venue) or "no named place"
