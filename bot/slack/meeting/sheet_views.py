"""The sheet of an item as a form: agencies' words, summary, risk, the child's view, decisions and actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.decisions import decision_words, needs_day
from bot.domain.panel_definition import RecordPart
from bot.models.vocabulary import ActionKind, AdultRoute, CloseReason, DecisionKind, NoteKind
from bot.records.cases.decisions import DecisionView
from bot.services.meeting.sheet import Choice, SheetField, SheetView
from bot.slack.actions.form_views import DUE_EXAMPLES
from bot.slack.actions.views import line as action_line
from bot.slack.blocks import (
    SECTION_TEXT,
    TEXT_INPUT,
    TITLE_TEXT,
    button,
    buttons,
    capital,
    choices,
    context,
    counted,
    cut,
    day,
    escape,
    field,
    header,
    modal,
    person_input,
    plain,
    radio,
    section,
    select,
    spoken,
    text_input,
    watched,
    word_options,
)
from bot.slack.cases.views import decision_line
from bot.slack.meeting.decision_views import risk_fields
from bot.slack.meeting.views import discussed_now
from bot.slack.request import Block, View
from bot.slack.turns import blocks_on_turn

_LABELS: Final = {
    NoteKind.DISCUSSION: "Summary of the discussion",
    NoteKind.MAY_HAPPEN: "Risk: what may happen",
    NoteKind.RAISES_RISK: "Risk: what raises it",
    NoteKind.PROTECTS: "Risk: what protects",
    NoteKind.CHILDS_VIEW: "The child's view",
}
_HINTS: Final = {
    NoteKind.DISCUSSION: "Write a summary, not every word. Use words that do not blame the child.",
    NoteKind.CHILDS_VIEW: "Write what the child says and wants, and how we know.",
}
_CHOICES: Final = (
    (Choice.MINE.value, "Mine, in place of theirs"),
    (Choice.THEIRS.value, "Theirs"),
    (Choice.BOTH.value, "Both"),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the last submission of an item's sheet saved. It is shown at the top and the end of the form."""

    texts: tuple[SheetField, ...] = ()
    decision: DecisionKind | None = None
    action_ids: tuple[int, ...] = ()
    hint: str = ""  #: about words that may blame a child

    @property
    def is_saved(self) -> bool:
        """Return whether the submission changed the record."""
        return bool(self.texts or self.decision or self.action_ids)


@dataclass(frozen=True, slots=True)
class Choosing:
    """What a person has chosen in the form so far. It says which fields the decision needs."""

    kind: DecisionKind | None = None
    close_reason: CloseReason | None = None


def sheet(
    found: SheetView,
    *,
    turn: int = 0,
    recorded: Recorded | None = None,
    rows: int = 1,
    choosing: Choosing = Choosing(),
) -> View:
    """Return the sheet of an agenda item as a form. It is shown again after each save, with what is now recorded.

    The fields have new names at each `turn`, since Slack keeps typed text in a field whose name stays the same. `rows`
    is how many actions the form can give at once. The form keeps its scroll position when it is shown again, so it says
    what was saved in its title, at the top, in the middle and at the end.
    """
    current, item = found.current, found.current.item
    title = item.title if item is not None else ""
    blocks: list[Block] = [*_said(found, recorded)]
    blocks += [context(_about(found)), context(_NOT_KEPT)]
    for one in found.fields:
        blocks += _field(one)
    if found.other_agencies:
        options = [(str(agency_id), name) for agency_id, name in found.other_agencies]
        blocks += [
            field("other_agency", "Another agency", select(options), optional=True),
            field("other_text", "What it shared", text_input(lines=True), optional=True),
        ]
    if RecordPart.DISSENT in found.parts:
        hint = "Begin with the agency, such as Health: … I'll add your words to the dissent recorded so far."
        blocks.append(field("dissent", "Dissent", text_input(lines=True, most=1000), hint=hint, optional=True))
    blocks += _said(found, recorded)
    blocks += _decision(found, choosing)
    blocks += _actions(found, rows)
    blocks += [*_said(found, recorded), context(_NOT_KEPT)]
    named = blocks_on_turn(blocks, turn)
    metadata = {
        "panel": current.panel_key,
        "item": found.item_id,
        "turn": turn,
        "rows": rows,
        "marks": {one.place.key: one.mark for one in found.fields},
    }
    is_saved = recorded is not None and recorded.is_saved and not any(one.theirs for one in found.fields)
    verb = "Saved" if is_saved else "Record"
    made = modal("meeting.record", cut(f"{verb} {title}", TITLE_TEXT), named, submit="Save", metadata=metadata)
    return {**made, "close": plain("Close")}


#: Slack doesn't say what was typed in a form that is closed, so these words can't be kept.
_NOT_KEPT: Final = "If you close this form, what you typed since the last save is lost."


def _said(found: SheetView, recorded: Recorded | None) -> list[Block]:
    """Return the result of the last save: what was saved, and which fields need a choice between two texts."""
    lines = []
    if recorded is not None:
        said = [_label(one) for one in recorded.texts]
        said += [f"decision ({recorded.decision.label})"] if recorded.decision else []
        said += [f"action {number}" for number in recorded.action_ids]
        lines.append(f":white_check_mark: Saved: {escape(', '.join(said))}." if said else "Nothing had changed.")
        lines += [recorded.hint.strip()] if recorded.hint.strip() else []
    waiting = [_label(one) for one in found.fields if one.theirs]
    if waiting:
        lines.append(f":warning: *Not saved:* {escape(', '.join(waiting))}. Choose below which text to keep, and save.")
    return [section("\n".join(lines))] if lines else []


def _about(found: SheetView) -> str:
    item, flag = found.current.item, found.current.item.flag if found.current.item else None
    said = [f"Item {item.number}" if item is not None else ""]
    if flag is not None:
        said.append(f"risk before: {flag.risk.words if flag.risk else 'not assessed'}")
    said += [discussed_now(found.current)] if found.current.discussed else []
    said += [f"{escape(name)} recorded here at {at:%H:%M}" for name, at in found.recording_too]
    return " · ".join(filter(None, said))


def _label(one: SheetField) -> str:
    if one.place.kind is NoteKind.SHARED:
        return one.agency_name
    return f"dissent of {one.agency_name}" if one.place.kind is NoteKind.DISSENT else _LABELS[one.place.kind]


def _field(one: SheetField) -> list[Block]:
    label = cut(_label(one), 150)
    if len(one.text) > TEXT_INPUT:
        return [context(f"*{escape(label)}* is too long to edit here. To add a line, press *Note*.")]
    hint = _HINTS.get(one.place.kind, "")
    if one.is_from_return:
        hint = "This is the agency's return. I'll save it as what the agency shared, unless you clear it."
    made = field(one.place.key, label, text_input(initial=one.text, lines=True), hint=hint, optional=True)
    if not one.theirs:
        return [made]
    choice = field(f"choice.{one.place.key}", f"Which text to keep: {label}", radio(_CHOICES))
    return [
        section(f"*{escape(one.theirs_by)} wrote this in the meantime:*"),
        spoken(cut(one.theirs, SECTION_TEXT - 100)),
        made,
        choice,
    ]


#: The value of the option with which a person takes back a choice of decision, since Slack's menus can't be emptied.
NO_DECISION: Final = "none"


def _decision(found: SheetView, choosing: Choosing) -> list[Block]:
    """Return the fields of a decision. Once its kind is chosen, the fields that it needs are no longer optional.

    All fields stay in the form, since a person may type in one while the form is drawn again.
    """
    if not found.kinds:
        return [context(escape(found.current.interim))] if found.current.interim else []
    standing = found.current.decisions
    kind = choosing.kind
    blocks: list[Block] = [header("What the panel decides")]
    if standing:
        blocks.append(context(f"Decided already: {'; '.join(map(decision_line, standing))}"))
    kinds = word_options(found.kinds) + ([(NO_DECISION, "No decision")] if kind is not None else [])
    when = text_input(most=80, placeholder="next meeting, in 3 months, 27 November")
    is_day_needed = kind is not None and needs_day(kind)
    blocks += [
        watched(field("kind", "Decision", select(kinds), optional=True, hint=_ONE_AT_A_TIME), "meeting.choosing"),
        *_replaced(standing),
        field("rationale", "Rationale", text_input(lines=True), optional=kind is None),
        field("review", "Due date, or review on", when, optional=not is_day_needed),
        *risk_fields(found.risk_tools),
    ]
    return blocks + _closing(found.kinds, choosing)


def _closing(kinds: Sequence[DecisionKind], choosing: Choosing) -> list[Block]:
    """Return the fields for facts that only some kinds of decision have, and that these kinds need."""
    is_close = choosing.kind is DecisionKind.CLOSE
    is_at_18 = is_close and choosing.close_reason is CloseReason.TURNED_18
    why, route = select(word_options(CloseReason)), select(word_options(AdultRoute))
    blocks = [
        watched(field("close_reason", "If it is closed: reason", why, optional=not is_close), "meeting.choosing"),
        field("adult_route", "If closed at eighteen: adult route", route, optional=not is_at_18),
    ]
    if DecisionKind.TRANSFER in kinds:
        is_transfer = choosing.kind is DecisionKind.TRANSFER
        area = text_input(most=120)
        blocks.append(field("area", "If it is transferred: to which area", area, optional=not is_transfer))
    return blocks


_ONE_AT_A_TIME: Final = "Choose one decision at a time. Save it, then choose the next."


def _replaced(standing: Sequence[DecisionView]) -> list[Block]:
    """Return the field that asks which of the decisions in force the new decision replaces."""
    if not standing:
        return []
    named = [(str(one.id), capital(decision_words(one, day))) for one in standing]
    hint = "To keep the earlier decisions and add this one, leave this empty."
    return [field("replaces", "Replaces", choices(named), optional=True, hint=hint)]


MOST_ROWS: Final = 5  #: actions that one save gives


def on_row(name: str, row: int) -> str:
    """Return a field's name in the given row for an action, such as "task" in row 0 and "task.2" in row 1."""
    return f"{name}.{row + 1}" if row else name


def _actions(found: SheetView, rows: int) -> list[Block]:
    if RecordPart.ACTIONS not in found.parts:
        return []
    given = found.current.given
    blocks: list[Block] = [header("Actions")]
    if given:
        lines = "\n".join(cut(action_line(one), 300) for one in given[-5:])
        more = f"{counted(len(given) - 5, 'earlier action', 'earlier actions')} and these:\n" if len(given) > 5 else ""
        blocks.append(section(cut(f"{more}{lines}", 2900)))
    for row in range(rows):
        blocks += [context(f"*Action {row + 1} of this save*")] if rows > 1 else []
        blocks += [{**block, "block_id": on_row(block["block_id"], row)} for block in _action()]
    if rows < MOST_ROWS:
        under = f"{found.current.panel_key}:{found.item_id}"
        blocks.append(buttons(button("Another action", "meeting.another_action", under)))
    return blocks


def _action() -> list[Block]:
    return [
        field("holder", "Who", person_input(), optional=True),
        field(
            "task",
            "What",
            text_input(lines=True, most=1000),
            optional=True,
            hint="Write one thing to do and what it should achieve.",
        ),
        field(
            "action_kind",
            "Kind of action",
            select(word_options(ActionKind)),
            optional=True,
            hint="If you leave this empty, I'll choose the kind from the words.",
        ),
        field("due", "Due date", text_input(most=80, placeholder=DUE_EXAMPLES), optional=True),
    ]
