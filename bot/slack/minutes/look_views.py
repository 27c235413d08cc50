"""A draft of minutes as a form: one page for attendance and one for each item, with all corrections so far."""

from typing import Final

from bot.models.vocabulary import AttendanceStatus, CorrectionKind, NoteKind
from bot.records.meeting.attendance import IN_THE_ROOM
from bot.records.minutes.corrections import CorrectionView
from bot.services.minutes.correcting import MOST_OF_A_NAME, CorrectedView, guest_mark
from bot.services.minutes.looking import DraftPage, Entry, Present, mark_of
from bot.slack.actions.views import line as action_line
from bot.slack.blocks import (
    SECTION_TEXT,
    TEXT_INPUT,
    button,
    buttons,
    capital,
    context,
    counted,
    cut,
    day_input,
    escape,
    field,
    header,
    modal,
    moment,
    paragraphs,
    section,
    select,
    sure,
    text_input,
    word_options,
)
from bot.slack.request import Block, Said, View
from bot.slack.turns import blocks_on_turn

#: The kinds of notes that can be added as forgotten. Headings that are no case have only the first two.
_KINDS: Final = (
    NoteKind.DISCUSSION,
    NoteKind.SHARED,
    NoteKind.MAY_HAPPEN,
    NoteKind.RAISES_RISK,
    NoteKind.PROTECTS,
    NoteKind.CHILDS_VIEW,
    NoteKind.DISSENT,
)
_GUEST_PARTS: Final = (AttendanceStatus.PRESENT, AttendanceStatus.IN_ATTENDANCE, AttendanceStatus.OBSERVER)
_GUESTS_SHOWN: Final = 6
_ABSENT_SHOWN: Final = 8
_CHANGES_SHOWN: Final = 5
_ACTIONS_SHOWN: Final = 10


def page(found: DraftPage, *, turn: int = 0) -> View:
    """Return one page of a draft as a form. Its fields' names contain `turn`, so that Slack draws each field again."""
    title = f"{found.number} {found.title}".strip()
    blocks: list[Block] = []
    if found.saved:
        blocks.append(section(f":white_check_mark: {counted(found.saved, 'change')} saved."))
    blocks.append(
        context(
            f"{escape(found.panel_title)}, {moment(found.starts_at)}, version {found.version} · "
            f"page {found.page + 1} of {found.pages}"
        )
    )
    blocks.append(buttons(*_turning(found)))
    blocks.append(header(cut(title, 150)))
    blocks += _attendance(found) if not found.item_id else _item(found)
    blocks.append(
        field(
            "reason",
            "Why are you correcting it?",
            text_input(most=300),
            hint="Give a reason for each change. People who write or approve the minutes can read your reason. It "
            "isn't printed.",
            optional=True,
        )
    )
    blocks += changes(found.changes[:_CHANGES_SHOWN])
    metadata = {
        "minutes": found.minutes_id,
        "page": found.page,
        "item": found.item_id,
        "turn": turn,
        "marks": {one.key: one.mark for one in found.entries if not _is_too_long(one)},
        "there": {
            str(one.person_id): one.status.value if one.status else "" for one in found.attendance if not one.guest_id
        },
        "guests": {str(one.guest_id): guest_mark(one) for one in found.attendance if one.guest_id},
        "times": {one.key: one.times for one in found.attendance if one.times != "/"},
        "sent": {str(one.person_id): mark_of(one.information) for one in _absent(found)},
    }
    named = blocks_on_turn(blocks, turn)
    return modal("minutes.look", "Look through", named, submit="Save", metadata=metadata)


def _turning(found: DraftPage) -> list[Block]:
    made = []
    if found.page:
        made.append(button("Previous", "minutes.page", f"{found.minutes_id}:{found.page - 1}"))
    if found.page + 1 < found.pages:
        made.append(button("Next", "minutes.page", f"{found.minutes_id}:{found.page + 1}"))
    if found.changes_count:
        made.append(button(f"Changed since the draft ({found.changes_count})", "minutes.changes", found.minutes_id))
    if found.may_approve:
        after = "Nobody can change approved minutes. You can only add a correction slip."
        sure_of_it = sure("Approve these minutes?", after, "Approve")
        made.append(button("Approve", "minutes.approve", found.minutes_id, style="primary", confirm=sure_of_it))
    return made


def _attendance(found: DraftPage) -> list[Block]:
    options = word_options(AttendanceStatus)
    made: list[Block] = [context("Who was there, and who sent apologies?")]
    # A member takes one field, a member who sent apologies takes two, and a form has at most a hundred blocks.
    absent = _absent(found)
    for one in (one for one in found.attendance[: 74 - len(absent)] if not one.guest_id):
        chooser = select(options, initial=one.status.value if one.status else None)
        made.append(
            field(f"there.{one.person_id}", cut(f"{one.name} ({one.agency_name})", 150), chooser, optional=True)
        )
        if one in absent:
            said = text_input(initial=one.information, lines=True)
            made.append(field(one.sent_key, cut(f"What {one.agency_name} sent", 150), said, optional=True))
    for one in [one for one in found.attendance if one.guest_id][:_GUESTS_SHOWN]:
        name = text_input(initial=one.name, most=MOST_OF_A_NAME)
        made.append(field(one.name_key, cut(f"Guest without Slack ({one.agency_name})", 150), name, optional=True))
        chooser = select(word_options(_GUEST_PARTS), initial=one.status.value if one.status else None)
        hint = "If you choose nothing, the minutes say that the guest wasn't there."
        made.append(field(f"guest.{one.guest_id}", "How they took part", chooser, hint=hint, optional=True))
    return [*made, *_times(found)]


def _times(found: DraftPage) -> list[Block]:
    """Return the fields that correct when one person arrived and left, below the times recorded so far."""
    there = [one for one in found.attendance if one.status in IN_THE_ROOM]
    if not there:
        return []
    said = []
    for one in there:
        parts = [f"arrived at {one.arrived}" if one.arrived else "", f"left at {one.left}" if one.left else ""]
        if any(parts):
            said.append(f"{escape(one.name)} {', '.join(filter(None, parts))}")
    recorded = "; ".join(said) or "nobody. Everyone was there from beginning to end"
    people = [(one.key, cut(f"{one.name} ({one.agency_name})", 75)) for one in there]
    hint = "Fill in both times as they should be. Leave a time empty if they were there from the start or to the end."
    return [
        context(cut(f"*Who came late or left early*: {recorded}.", 2000)),
        field("moved", "Correct when a person came or went", select(people), hint=hint, optional=True),
        field("arrived", "Arrived", text_input(most=20, placeholder="14:25"), optional=True),
        field("left", "Left", text_input(most=20, placeholder="15:40"), optional=True),
    ]


def _absent(found: DraftPage) -> list[Present]:
    """Return up to eight members who sent apologies.

    An agency may have sent information in place of its member. The member is left out if this information is too long
    for a form's field.
    """
    sent = [one for one in found.attendance if one.person_id and one.status is AttendanceStatus.APOLOGIES]
    return [one for one in sent if len(one.information) <= TEXT_INPUT][:_ABSENT_SHOWN]


def _item(found: DraftPage) -> list[Block]:
    made: list[Block] = []
    for one in found.entries:
        made += _entry(one)
    if not found.entries:
        made.append(context("Nothing was recorded on this item."))
    if found.is_case:
        made.append(buttons(button("Add decision", "minutes.decision", 0)))
    if found.actions:
        made.append(header("Actions"))
        for action in found.actions[:_ACTIONS_SHOWN]:
            made.append(section(cut(action_line(action), 2000), button("Edit", "action.edit", action.id)))
        if len(found.actions) > _ACTIONS_SHOWN:
            made.append(context(f"{len(found.actions) - _ACTIONS_SHOWN} more: `/action edit NUMBER` corrects them."))
    kinds = _KINDS if found.is_case else (NoteKind.DISCUSSION,)
    agencies = [(str(number), name) for number, name in found.agencies]
    made += [
        header("What was forgotten"),
        field("forgotten", "Add a line", text_input(lines=True), optional=True),
        field("forgotten_kind", "What it is", select(word_options(kinds)), optional=True),
    ]
    if found.is_case and agencies:
        hint = "If an agency shared this, or it is an agency's dissent, choose the agency."
        made.append(field("forgotten_agency", "Which agency", select(agencies), hint=hint, optional=True))
    return made


def _is_too_long(one: Entry) -> bool:
    return len(one.text) > TEXT_INPUT


def _entry(one: Entry) -> list[Block]:
    label = cut(_label(one), 150)
    if _is_too_long(one):
        return [context(f"*{escape(label)}* is too long to correct here. Add a line below that says what is right.")]
    hint = f"Recorded by {one.by_name}. If you change this, I'll tell {one.by_name}."
    made = [field(one.key, label, text_input(initial=one.text, lines=True), hint=hint, optional=True)]
    if one.decision is not None:
        initial = one.review_on.isoformat() if one.review_on else ""
        key = one.key.replace("decision.", "review.")
        made.append(field(key, "Due date, or review on", day_input(initial=initial), optional=True))
        number = int(one.key.removeprefix("decision."))
        made.append(buttons(button("Correct decision or risk", "minutes.decision", number)))
    return made


def _label(one: Entry) -> str:
    if one.decision is not None:
        return f"Decision: {one.decision.label}. Rationale"
    kind = capital(one.kind.label) if one.kind else ""
    return f"{kind}: {one.agency_name}" if one.agency_name else kind


def changes(found: tuple[CorrectionView, ...]) -> list[Block]:
    """Return the corrections as paragraphs, the latest first, or nothing if there are none."""
    if not found:
        return []
    lines = [_change(one) for one in found]
    return [header("Changed since the draft"), *paragraphs(cut(line, SECTION_TEXT - 100) for line in lines)]


def _change(one: CorrectionView) -> str:
    of = f", recorded by {escape(one.of_name)}" if one.of_name and one.of_name != one.by_name else ""
    where = escape(one.title) or ("Actions" if one.kind is CorrectionKind.ACTION else "Attendance")
    before = escape(cut(one.before, 600)) or "(nothing)"
    after = escape(cut(one.after, 600)) or "(taken out)"
    return (
        f"*{where}*, {one.kind.label}{of}: {escape(one.by_name)} on {moment(one.at)}\n"
        f">~{before}~\n>{after}\n_Because:_ {escape(one.reason)}"
    ).replace("~(nothing)~", "(nothing)")


def all_changes(found: tuple[CorrectionView, ...]) -> View:
    """Return a modal with all corrections made since the draft was written."""
    blocks = changes(found) or [section("Nothing was changed since the draft.")]
    return modal("minutes.changes", "Changed since the draft"[:24], blocks, submit=None)


def corrected(found: CorrectedView) -> Said:
    """Return a message telling a person that their entry was corrected. The message has no words of the entry."""
    what = f"what you recorded on {escape(found.title)}" if found.title else "how you are recorded as having taken part"
    text = (
        f"{escape(found.by_name)} corrected {what} in the draft minutes of {escape(found.panel_title)}, "
        f"{moment(found.starts_at)}. The record keeps the old version."
    )
    look = (buttons(button("Changed since the draft", "minutes.changes", found.minutes_id)),) if found.may_look else ()
    return text, (section(text), *look)
