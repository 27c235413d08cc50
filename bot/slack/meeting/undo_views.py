"""Messages about a person's own entries in a meeting: the list of these entries, and taking one back."""

import re
from typing import Final

from bot.models.vocabulary import NoteKind
from bot.records.cases.decisions import DecisionView
from bot.records.meeting.attendance import IN_THE_ROOM, AttendanceAct, AttendanceChange, AttendanceLine
from bot.records.meeting.queries import CurrentItem, NoteView, TakenBack
from bot.services.meeting.earlier_words import EarlierEntry, EarlierWords
from bot.services.meeting.undoing import (
    AnsweredAction,
    ChangedAttendance,
    ChangedEntry,
    CorrectedAction,
    Entry,
    GivenAction,
    LastEntry,
    OwnEntries,
    OwnEntry,
)
from bot.slack.actions.answer_views import changed_words
from bot.slack.actions.views import UNDO_CORRECTION, undo_button
from bot.slack.blocks import (
    SECTION_TEXT,
    TITLE_TEXT,
    VIEW_BLOCKS,
    button,
    buttons,
    context,
    counted,
    cut,
    day,
    escape,
    modal,
    page,
    section,
    spoken,
    within_a_message,
)
from bot.slack.cases.views import decision_line, reasons_of
from bot.slack.meeting.views import note_line
from bot.slack.request import Block, Said, View


def undone(found: CurrentItem) -> str:
    """Return a sentence saying that a person's entry is taken back, and which earlier entries now count again."""
    if found.taken_back is None:
        return "You have taken back your last entry. The record keeps the entry, marked as taken back."
    what, quoted = _entry(found.taken_back)
    lines = [
        f"You have taken back {what[0].lower()}{what[1:]}. The record keeps the entry, marked as taken back.",
        quoted,
    ]
    if found.taken_back.restored:
        again = "; ".join(map(_in_short, found.taken_back.restored)).rstrip(".")
        lines.append(f"In force again: {again}.")
    return "\n".join(lines)


def undo_question(found: LastEntry) -> Said:
    """Return the message that asks whether to take back a person's last entry, since it may not be the one meant."""
    if isinstance(found.found, GivenAction):
        action = found.found.action
        text = f"Take this back? Action {action.id} was the last thing you recorded.\n>{escape(cut(action.text, 2000))}"
        offered = button(f"Withdraw action {action.id}", "action.withdraw", action.id)
    else:
        what, quoted = _entry(found.found)
        text = f"Take this back? {what} was the last thing you recorded.\n{quoted}".rstrip()
        offered = button("Take it back", "meeting.undo", f"{found.panel_key}:{found.key}", style="danger")
    return text, (section(text), buttons(offered), context("`/meeting mine` lists your entries."))


def attendance_undone(found: AttendanceAct) -> str:
    """Return a sentence saying that recorded attendance is taken back, except for people recorded again since then."""
    _, quoted = _entry(found)
    text = f"You have taken back this entry. The record keeps the entry, marked as taken back.\n{quoted}"
    overtaken = [escape(one.name) for one in found.lines if one.is_overtaken]
    if overtaken:
        text += f"\nI left these as they are, because they were recorded again since: {', '.join(overtaken)}."
    return text


def own_entries(found: OwnEntries) -> Said:
    """Return the list of a person's entries in the open meeting, the latest first.

    The newest come with buttons that correct each and take it back.
    """
    title = escape(found.panel_title)
    if not found.entries:
        return f"You have recorded nothing in the open meeting of {title} yet.", ()
    order = ", the newest first" if len(found.entries) > 1 else ""
    heading = f"*{title}*: you recorded {counted(len(found.entries), 'entry', 'entries')}{order}."
    lines = [f"{one.made_at:%H:%M} {_in_a_line(one.found)}" for one in found.entries]
    listed = [f"• {line}" for line in lines]
    hints = _hints(found)
    blocks = [section(heading)]
    for one, line in zip(found.entries[:_WITH_BUTTONS], lines, strict=False):
        blocks.append(section(cut(line, SECTION_TEXT - 100)))
        if made := _ways(found, one):
            blocks.append(buttons(*made))
    if rest := [*listed[_WITH_BUTTONS:], *hints]:
        blocks.append(section(cut("\n".join(rest), SECTION_TEXT - 100)))
    return within_a_message([heading, *listed, *hints], "`/meeting item NUMBER` shows all of an item."), tuple(blocks)


_WITH_BUTTONS: Final = 15  #: of a person's newest entries; each takes two blocks of the message


def _hints(found: OwnEntries) -> list[str]:
    """Return sentences saying what `/meeting undo` takes back, and how other entries and answers are corrected."""
    hints = []
    last = next((one for one in found.entries if one.is_last), None)
    if last is not None:
        hints.append(f"`/meeting undo` takes back {_which(last.found)}, recorded at {last.made_at:%H:%M}.")
        hints.append(
            "To correct another entry, type `/meeting record` and its item's number. For an action: `/action edit`."
        )
    if any(isinstance(one.found, AnsweredAction) for one in found.entries):
        hints.append("To change an answer about an action, type `/action show` and its number.")
    return hints


def _ways(entries: OwnEntries, one: OwnEntry) -> list[Block]:
    """Return the buttons that correct an entry and take it back, without those that its author may not use."""
    found = one.found
    if isinstance(found, AnsweredAction):
        return []
    if isinstance(found, GivenAction | CorrectedAction):
        number = found.action.id
        correct = button("Correct", "action.edit", number) | {"action_id": f"action.edit:{number}.{one.key}"}
        if isinstance(found, GivenAction):
            return [correct, undo_button("action.undo", number, f"Take action {number} back?")]
        return (
            [correct]
            if found.is_overtaken
            else [correct, undo_button("action.undo_edit", found.event_id, UNDO_CORRECTION)]
        )
    correct, undo = entry_buttons(entries.panel_key, one.key, one.item_id)
    return [undo] if isinstance(found, AttendanceAct) and not entries.may_take_attendance else [correct, undo]


def entry_buttons(panel_key: str, key: str, item_id: int | None) -> list[Block]:
    """Return the buttons that correct a note, decision or attendance entry and take it back. `key` names the entry."""
    kind, _, number = key.partition("-")
    if kind == "attendance":
        correct = button("Correct", "meeting.attendance", f"{panel_key}:0")
    elif kind == "decision":
        correct = button("Correct", "meeting.correct", f"{panel_key}:{number}")
    else:
        correct = button("Correct", "meeting.record", f"{panel_key}:{item_id or 0}")
    named = correct | {"action_id": f"{correct['action_id']}.{key}"}
    question = f"Take this {'attendance entry' if kind == 'attendance' else kind} back?"
    return [named, undo_button("meeting.take_back", f"{panel_key}:{key}", question)]


def with_ways(text: str, found: CurrentItem) -> Said:
    """Return an answer to an entry just recorded on an item, with buttons to correct it and to take it back."""
    if found.item is None or not found.recorded:
        return text, ()
    return text, (section(text), buttons(*entry_buttons(found.panel_key, found.recorded, found.item.id)))


def _which(found: Entry | AnsweredAction) -> str:
    """Return which entry is meant, such as "your decision on WEST-0001 (step down)"."""
    if isinstance(found, GivenAction | AnsweredAction):
        return f"action {found.action.id}"
    what, _ = _entry(found)
    return f"{what[0].lower()}{what[1:]}"


def _in_a_line(found: Entry | AnsweredAction) -> str:
    if isinstance(found, GivenAction | AnsweredAction | CorrectedAction):
        action = found.action
        about = f"{escape(action.case_reference)}: " if action.case_reference else ""
        if isinstance(found, AnsweredAction):
            words = escape(cut(action.text, 300))
            return f"{about}action {action.id}, {words} ({escape(action.holder_name)}). Answer: {found.answer.label}"
        if isinstance(found, CorrectedAction):
            changed = "; ".join(changed_words(one) for one in found.changes)
            since = " It was corrected again since." if found.is_overtaken else ""
            return f"{about}correction of action {action.id}. {changed}{since}"
        who = f"{escape(action.holder_name)}, by {day(action.due_on)}"
        return f"{about}action {action.id}, {escape(cut(action.text, 300))} ({who})"
    if isinstance(found, AttendanceAct):
        return f"attendance. {'; '.join(map(_attended, found.lines))}"
    return f"{escape(found.title)}: {_in_short(found.entry)}"


def _attended(one: AttendanceLine) -> str:
    """Return what was recorded about one person, after their name."""
    return f"{escape(one.name)}: {_attendance(one)}"


def _attendance(one: AttendanceLine) -> str:
    """Return what was recorded about one person: attendance, acceptance of the statement if present, and times."""
    said = [one.status.label]
    said += ["accepts the statement"] if one.acknowledged and one.status in IN_THE_ROOM else []
    said += [f"arrived at {one.arrived_at:%H:%M}"] if one.arrived_at else []
    said += [f"left at {one.left_at:%H:%M}"] if one.left_at else []
    return ", ".join(said)


def _entry(taken: TakenBack | AttendanceAct | CorrectedAction) -> tuple[str, str]:
    """Return what kind of entry it is, and its words as a quotation."""
    if isinstance(taken, CorrectedAction):
        quoted = "\n".join(f">{changed_words(one)}" for one in taken.changes)
        return f"Your correction of action {taken.action.id}", quoted
    if isinstance(taken, AttendanceAct):
        return "Your attendance entry", "\n".join(f">{_attended(one)}" for one in taken.lines)
    under = f"on {escape(taken.title)}"
    if isinstance(taken.entry, NoteView):
        what = f"Your {'dissent' if taken.entry.kind is NoteKind.DISSENT else 'note'} {under}"
        words = note_line(taken.entry)
    else:
        what, words = f"Your decision {under} ({decision_line(taken.entry)})", "\n".join(reasons_of(taken.entry))
    return what, "\n".join(f">{line}" for line in escape(cut(words, 2000)).splitlines())


def changed(found: ChangedEntry) -> Said:
    """Return a message telling a person that another person changed their entry. It says that both texts are kept."""
    text = f"{escape(found.by_name)} changed what you recorded on {escape(found.title)}, {escape(found.panel_title)}."
    under = f"{found.panel_key}:{found.item_id}"
    open_it = buttons(button("Open item", "meeting.item", under), button("Record", "meeting.record", under))
    return text, (section(text), context("Your own words stay in the record, too. While the meeting is open:"), open_it)


def changed_attendance(found: ChangedAttendance) -> Said:
    """Return a message telling a person that another person changed attendance that they had recorded."""
    lines = [f"{escape(found.by_name)} changed the attendance that you recorded for {escape(found.panel_title)}."]
    lines += [_attendance_change(one) for one in found.changes]
    text = within_a_message(lines, "The record keeps the rest.")
    blocks = [section(text), context("Your own entry stays in the record, too.")]
    if found.may_record:
        blocks.append(buttons(button("Attendance", "meeting.attendance", f"{found.panel_key}:0")))
    return text, tuple(blocks)


def _attendance_change(one: AttendanceChange) -> str:
    if one.now == one.before:
        return f"• {_attended(one.now)}. The information that came with the apologies was replaced."
    return f"• {_attended(one.now)}. Before: {_attendance(one.before)}."


def earlier(found: EarlierWords) -> View:
    """Return a modal with an item's replaced or withdrawn entries, and who wrote and who replaced each of them."""
    groups = [[context(_what_became(one)), spoken(cut(_words(one.entry), SECTION_TEXT - 100))] for one in found.entries]
    if not groups:
        groups = [[section("Nothing recorded here was replaced or taken back.")]]
    blocks = page(groups, most_blocks=VIEW_BLOCKS, more="The record keeps the rest.")
    return modal("notice", cut(f"Earlier: {found.title}", TITLE_TEXT), blocks, submit=None)


def _what_became(one: EarlierEntry) -> str:
    what = "Decision" if isinstance(one.entry, DecisionView) else "Words"
    made = f"{what} of {escape(one.by_name)} at {one.at:%H:%M}"
    if one.replaced_at is None:
        return f"{made}, taken back"
    return f"{made}, replaced by {escape(one.replaced_by)} at {one.replaced_at:%H:%M}"


def _words(entry: NoteView | DecisionView) -> str:
    return note_line(entry) if isinstance(entry, NoteView) else f"{entry.kind.label}: " + "\n".join(reasons_of(entry))


def _in_short(entry: NoteView | DecisionView) -> str:
    return escape(cut(note_line(entry), 300)) if isinstance(entry, NoteView) else decision_line(entry)


#: "The one before last", "both notes": more, or another, than the last entry.
_NOT_THE_LAST: Final = re.compile(
    r"\b(?:before|earlier|first|second|third|both|two|three|all|everything|previous\s+(?:one|two)|other)\b",
    re.IGNORECASE,
)


def names_another(text: str) -> bool:
    """Return whether the words after `undo` name more, or another, than the person's last entry."""
    return _NOT_THE_LAST.search(text) is not None
