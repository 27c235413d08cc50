"""Series of meetings in chat: the form, the dates a rule gives, and what a new rule does to a diary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.models.vocabulary import BankHolidays
from bot.records.diary.queries import Clash
from bot.services.diary.series import AS_THE_KIND, SeriesView
from bot.services.rescheduling.series import DateChange, SeriesChange, SeriesChoice
from bot.slack.blocks import (
    context,
    cut,
    day,
    day_input,
    escape,
    field,
    modal,
    moment,
    number_input,
    paragraphs,
    section,
    select,
    text_input,
)
from bot.slack.request import Block, View

SHOWN = 12  # dates at a glance: a year of a monthly panel
_HOLIDAYS = (
    (AS_THE_KIND, "As the kind of panel says"),
    (BankHolidays.NEXT.value, "The next working day"),
    (BankHolidays.PREVIOUS.value, "The working day before"),
    (BankHolidays.SKIP.value, "Leave that meeting out"),
    (BankHolidays.KEEP.value, "Meet all the same"),
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of the diary does, as it is shown before it is saved."""

    callback: str
    title: str
    blocks: Sequence[Block]
    submit: str | None  #: none: it cannot be saved

    def modal(self, metadata: dict[str, Any], *, reason: str | None, again: bool) -> View:
        """The preview in a modal, which asks for a reason unless that is None.

        `again` says that the diary is no longer as it was shown before.
        """
        changed = [section(":warning: The diary has changed while you looked. Please look again.")] if again else []
        blocks = [*changed, *self.blocks]
        if self.submit is None:
            return modal(self.callback, self.title, blocks, submit=None)
        if reason is not None:
            why = text_input(initial=reason, lines=True, most=1000)
            blocks.append(field("reason", "Reason", why, hint="Members are told."))
        return modal(self.callback, self.title, blocks, submit=self.submit, metadata=metadata)


def rule_form(*, rule: str, panel_title: str, bank_holidays: BankHolidays | None, metadata: dict[str, Any]) -> View:
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
            field(
                "count",
                "How many meetings",
                number_input(least=1, most=60),
                optional=True,
                hint="Leave it empty and the series goes on: the diary always holds the next twelve.",
            ),
            field(
                "bank_holidays",
                "A date that is a bank holiday",
                select(_HOLIDAYS, initial=bank_holidays.value if bank_holidays else AS_THE_KIND),
                hint="Holds for all meetings of this panel from now on.",
            ),
        ],
        submit="Show dates",
        metadata=metadata,
    )


def series_preview(series: SeriesView) -> Preview:
    """The dates that a rule gives, before they are saved."""
    how_long = " The series goes on: the diary always holds the next twelve." if series.goes_on else ""
    blocks: list[Block] = [
        section(f"*{escape(series.panel_title)}*: {escape(series.rule)}.{how_long}"),
        *paragraphs(_dates(series)),
        *paragraphs([f":warning: {day(series.dates[0])}: {escape(remark)}" for remark in series.remarks]),
        *paragraphs(
            [
                f":warning: It meets already: {escape(rule)}. This series comes beside that one; to put that one under "
                "another rule: `/panel change`."
                for rule in series.beside
            ]
        ),
        *clashes(series.clashes),
    ]
    return Preview("panel.create", "Create these meetings?", blocks, "Create")


def series_created(series: SeriesView) -> str:
    """What is in the diary now."""
    count = len(series.dates)
    goes_on = " The diary is kept filled from here on." if series.goes_on else ""
    said = "\n".join(_dates(series))
    return (
        f"{count} meeting{'' if count == 1 else 's'} of {escape(series.panel_title)} "
        f"({escape(series.rule)}):\n{said}{goes_on and chr(10)}{goes_on.strip()}"
    )


def _dates(series: SeriesView) -> list[str]:
    moved = {at: (rule_on, why) for rule_on, at, why in series.moved}
    lines = []
    for at in series.dates[:SHOWN]:
        line = f"• {moment(at)}"
        if at in moved:
            rule_on, why = moved[at]
            line += f" (instead of {day(rule_on)}: {escape(why)})"
        lines.append(line)
    if len(series.dates) > SHOWN:
        lines.append(f"… and {len(series.dates) - SHOWN} more, the last on {moment(series.dates[-1])}")
    if series.already_there:
        lines.append("It meets then already: " + ", ".join(day(at.date()) for at in series.already_there))
    return lines


def clashes(found: Sequence[Clash]) -> list[Block]:
    """What is needed in two places, and the nearest times that are free: a warning, not a bar."""
    lines = []
    for clash in found[:SHOWN]:
        line = f":warning: {moment(clash.starts_at)}: {escape('; '.join(clash.reasons))}."
        if clash.free:
            line += f" Free: {', '.join(moment(at) for at in clash.free)}."
        lines.append(line)
    if len(found) > SHOWN:
        lines.append(f"… and {len(found) - SHOWN} more clashes.")
    return paragraphs(lines)


def change_form(choices: Sequence[SeriesChoice], *, panel_title: str, metadata: dict[str, Any], rule: str = "") -> View:
    """Asking for a new rule, be it one that was typed already; for several series, also which."""
    blocks: list[Block] = [context(f"For {escape(panel_title)}. Nothing is saved before you have seen what changes.")]
    if len(choices) > 1:
        options = [(str(one.id), cut(f"{one.rule}, next {day(one.next_at)}", 75)) for one in choices]
        blocks.append(field("series", "Which series", select(options, initial=options[0][0])))
    else:
        metadata = {**metadata, "series": choices[0].id}
    blocks.append(
        field(
            "rule",
            "How often from now on",
            text_input(initial=rule or choices[0].rule, placeholder="second Tuesday of the month at 14:00", most=200),
            hint="Each coming meeting goes to the new date in its turn, with its cases. Past meetings stay.",
        )
    )
    return modal("panel.rule", "Change the series", blocks, submit="Show what changes", metadata=metadata)


def change_preview(change: SeriesChange) -> Preview:
    """What a new rule, or the end of a series, does; without a way to save what cannot be."""
    ends = not change.rule_after
    if ends:
        head = (
            f"*{escape(change.panel_title)}*, {escape(change.rule_before)}: {_meetings(len(change.dates))} cancelled."
        )
    else:
        head = f"*{escape(change.panel_title)}*: {escape(change.rule_before)} → *{escape(change.rule_after)}*"
    changed = [one for one in change.dates if one.is_change]
    lines = [_line(one) for one in changed[:SHOWN]]
    if len(changed) > SHOWN:
        lines.append(f"… and {len(changed) - SHOWN} more.")
    blocks: list[Block] = [section(head), *paragraphs(lines)]
    blocks += paragraphs([f":no_entry: {escape(why)}" for why in change.cannot])
    blocks += paragraphs([escape(why) for why in change.stays])
    blocks += clashes(change.clashes)
    if change.cannot:
        blocks.append(context("This cannot be saved. Close it and choose another way."))
        return Preview("panel.change", "This cannot be", blocks, None)
    if ends:
        return Preview("panel.end", "Cancel these meetings?", blocks, "Cancel them")
    return Preview("panel.change", "Save these changes?", blocks, "Save")


def series_changed(change: SeriesChange) -> str:
    """What became of a series, and how to put it back."""
    moved = sum(one.is_change and one.before is not None and one.after is not None for one in change.dates)
    added = sum(one.before is None for one in change.dates)
    gone = sum(one.after is None for one in change.dates)
    parts = [
        f"{_meetings(count)} {what}"
        for count, what in ((moved, "moved"), (added, "added"), (gone, "cancelled"))
        if count
    ]
    said = f"{escape(change.panel_title)}: {', '.join(parts)}."
    if change.rule_after:
        said += f" It now meets: {escape(change.rule_after)}."
        said += f" To put it back: `/panel change`, {escape(change.rule_before)}."
    else:
        said += " The series has ended. To put meetings back: `/panel reinstate`."
    return f"{said} Members are being told."


def _meetings(count: int) -> str:
    return f"{count} meeting{'' if count == 1 else 's'}"


def _line(one: DateChange) -> str:
    if one.before is None and one.after is not None:
        line = f"• new: *{moment(one.after)}*"
    elif one.after is None and one.before is not None:
        line = f"• {moment(one.before)}: cancelled"
    else:
        line = f"• {moment(one.before)} → *{moment(one.after)}*"  # type: ignore[arg-type]  # neither is missing
    if one.cases:
        cases = f"{one.cases} case{'' if one.cases == 1 else 's'}"
        line += f", {cases} to {moment(one.cases_to)}" if one.cases_to is not None else f", with {cases}"
    return line + "".join(f"\n    {escape(remark)}" for remark in one.remarks)
