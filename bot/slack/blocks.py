"""Block Kit pieces that all views are built of, kept within Slack's limits, and short forms of dates and times."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.domain.language.day_words import short_date
from bot.models.vocabulary import Word
from bot.slack.request import Block, View

#: Slack's limits in characters for a section's text, a button's label, a modal's title and an option's text.
SECTION_TEXT = 3000
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
TITLE_TEXT = 24
OPTION_TEXT = 75
OPTIONS = 100  # options in a menu, or in each group of a menu
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
#: Slack refuses messages of about 13,200 characters, so a page ends well below that.
PAGE_CHARACTERS = 10_000
TEXT_INPUT = 3000

Option = tuple[str, str]  # value, label


def escape(text: str) -> str:
    """Return a person's text for mrkdwn, with Slack's three special characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """Return the text cut to at most `most` characters. A cut text ends with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, such as "1 case" and "2 cases"."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def capital(text: str) -> str:
    """Return the text with a capital letter first. The rest stays as it is."""
    return text[:1].upper() + text[1:]


def within_a_message(lines: Sequence[str], more: str) -> str:
    """Return as many lines as fit one message. If some are left out, a last line says how many, followed by `more`."""
    kept, length = list[str](), 0
    for line in lines:
        length += len(line) + 1
        if length > PAGE_CHARACTERS:
            return "\n".join([*kept, f"… and {len(lines) - len(kept)} more. {more}"])
        kept.append(line)
    return "\n".join(kept)


def plain(text: str) -> dict[str, Any]:
    """Return a plain-text object. Emoji codes such as `:+1:` stay as typed."""
    return {"type": "plain_text", "text": text, "emoji": False}


def header(text: str) -> Block:
    """Return a header block, cut to the 150 characters that Slack allows."""
    return {"type": "header", "text": plain(cut(text, 150))}


def section(markdown: str, accessory: Block | None = None) -> Block:
    """Return a paragraph of the bot's own words. People's words within `markdown` must be escaped already."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": cut(markdown, SECTION_TEXT)}}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def paragraphs(lines: Iterable[str]) -> list[Block]:
    """Return lines of the bot's own words, joined into as few section blocks as possible."""
    made: list[str] = []
    for line in lines:
        if made and len(made[-1]) + len(line) < SECTION_TEXT:
            made[-1] += f"\n{line}"
        else:
            made.append(line)
    return [section(text) for text in made]


def spoken(text: str) -> Block:
    """Return a paragraph of a person's own words as plain text, in which Slack reads no markup."""
    return {"type": "section", "text": plain(cut(text or "–", SECTION_TEXT))}


def context(markdown: str) -> Block:
    """Return a context block, a line that Slack shows in small grey type."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(markdown, 2000)}]}


def divider() -> Block:
    """Return a divider block, which Slack shows as a horizontal line."""
    return {"type": "divider"}


def button(label: str, action: str, value: object, *, style: str | None = None, confirm: Block | None = None) -> Block:
    """Return a button. Its id is `action` (`noun.verb`) followed by `value`, so that no two ids in a view are the same.

    `confirm` is a dialog made by `sure`.
    """
    made: Block = {
        "type": "button",
        "text": plain(cut(label, BUTTON_TEXT)),
        "action_id": f"{action}:{value}",
        "value": str(value),
    }
    if style is not None:
        made["style"] = style
    if confirm is not None:
        made["confirm"] = confirm
    return made


def sure(title: str, text: str, yes: str, no: str = "Not yet") -> Block:
    """Return the dialog in which Slack asks a person to confirm a click."""
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no)}


def buttons(*made: Block) -> Block:
    """Return the buttons as one row."""
    return {"type": "actions", "elements": list(made)}


def field(block_id: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    """Return a labelled input. A Mistake that names `block_id` as its field is shown under this input."""
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {**element, "action_id": block_id},
        "optional": optional,
    }
    if hint:
        made["hint"] = plain(cut(hint, 2000))
    return made


def text_input(*, initial: str = "", lines: bool = False, most: int = TEXT_INPUT, placeholder: str = "") -> Block:
    """Return an input for text of up to `most` characters: one line, or several with `lines`."""
    made: Block = {"type": "plain_text_input", "multiline": lines, "max_length": most}
    if initial:
        made["initial_value"] = cut(initial, most)
    if placeholder:
        made["placeholder"] = plain(cut(placeholder, 150))
    return made


def number_input(*, initial: int | None = None, least: int = 0, most: int = 999) -> Block:
    """Return an input for a whole number."""
    made: Block = {
        "type": "number_input",
        "is_decimal_allowed": False,
        "min_value": str(least),
        "max_value": str(most),
    }
    if initial is not None:
        made["initial_value"] = str(initial)
    return made


def day_input(*, initial: str = "") -> Block:
    """Return a date picker. The date `initial` is already chosen."""
    return {"type": "datepicker", **({"initial_date": initial} if initial else {})}


def person_input(*, initial: str = "") -> Block:
    """Return a picker of people in the workspace. The account `initial` is already chosen."""
    return {"type": "users_select", **({"initial_user": initial} if initial else {})}


def select(options: Iterable[Option], *, initial: str | None = None) -> Block:
    """Return a menu in which one option is chosen. `initial` is the value chosen at first."""
    return _chooser("static_select", options, [initial] if initial else [])


def grouped_select(
    groups: Iterable[tuple[str, Iterable[Option]]], *, many: bool = False, initial: str | None = None
) -> Block:
    """Return a menu with groups of options. With `many`, several may be chosen. Empty groups are left out."""
    made = [(label, [option(value, text) for value, text in options]) for label, options in groups]
    chosen = [one for _, options in made for one in options if one["value"] == initial]
    return {
        "type": "multi_static_select" if many else "static_select",
        "option_groups": [
            {"label": plain(cut(label, OPTION_TEXT)), "options": options[:OPTIONS]}
            for label, options in made
            if options
        ][:OPTIONS],
        **({"initial_option": chosen[0]} if chosen and not many else {}),
    }


def choices(options: Iterable[Option], *, initial: Sequence[str] = ()) -> Block:
    """Return a menu in which several options may be chosen. `initial` are the values chosen at first."""
    return _chooser("multi_static_select", options, initial)


def radio(options: Iterable[Option], *, initial: str | None = None) -> Block:
    """Return radio buttons for the options. `initial` is the value chosen at first."""
    return _chooser("radio_buttons", options, [initial] if initial else [])


def tick_boxes(*options: Option, initial: Sequence[str] = ()) -> Block:
    """Return tick boxes for the options. `initial` are the values ticked at first."""
    return _chooser("checkboxes", options, initial)


def word_options(kind: Iterable[Word]) -> list[Option]:
    """Return an option for each word of a vocabulary: its stored value, and its label with a capital letter."""
    return [(word.value, capital(word.label)) for word in kind]


def _chooser(kind: str, options: Iterable[Option], initial: Sequence[str]) -> Block:
    made = [option(value, label) for value, label in options]
    element: Block = {"type": kind}
    if len(made) <= OPTIONS:
        element["options"] = made
    else:
        groups = [made[first : first + OPTIONS] for first in range(0, len(made), OPTIONS)]
        element["option_groups"] = [{"label": plain(_span(group)), "options": group} for group in groups]
    chosen = [option for option in made if option["value"] in initial]
    if chosen and kind in ("static_select", "radio_buttons"):
        element["initial_option"] = chosen[0]
    elif chosen:
        element["initial_options"] = chosen
    return element


def _span(group: Sequence[dict[str, Any]]) -> str:
    """Return the label of a group of options, made from the labels of its first and last option."""
    first, last = (str(group[end]["text"]["text"]) for end in (0, -1))
    half = OPTION_TEXT // 2 - 2
    return f"{cut(first, half)} … {cut(last, half)}"


def option(value: str, label: str) -> Block:
    """Return one option of a menu, of radio buttons or of tick boxes, with its label cut to Slack's limit."""
    return {"text": plain(cut(label, OPTION_TEXT)), "value": value}


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = "Save",
    metadata: Mapping[str, Any] | None = None,
) -> View:
    """Return a modal. `metadata` holds ids only and comes back with the submission."""
    made: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(cut(title, TITLE_TEXT)),
        "close": plain("Cancel" if submit else "Close"),
        "blocks": list(blocks)[:VIEW_BLOCKS],
    }
    if submit:
        made["submit"] = plain(submit)
    if metadata:
        made["private_metadata"] = json.dumps(dict(metadata), separators=(",", ":"))
    return made


def settled(blocks: Sequence[Block], block_id: str, markdown: str) -> tuple[Block, ...]:
    """Return a clicked message's blocks, with the sentence `markdown` in place of the row of buttons `block_id`."""
    return tuple(context(markdown) if block.get("block_id") == block_id else block for block in blocks)


def page(groups: Sequence[Sequence[Block]], *, most_blocks: int, more: str) -> tuple[Block, ...]:
    """Return as many whole groups of blocks as fit. If some are left out, add a line with their number and `more`."""
    fit = how_many_fit(groups, most_blocks=most_blocks - 1)
    made = tuple(block for group in groups[:fit] for block in group)
    return made if fit == len(groups) else (*made, context(f"{len(groups) - fit} more. {more}"))


def how_many_fit(groups: Sequence[Sequence[Block]], *, most_blocks: int) -> int:
    """Return how many groups of blocks, counted from the first, fit together into `most_blocks`."""
    blocks = characters = 0
    for number, group in enumerate(groups):
        blocks += len(group)
        characters += sum(len(text) for block in group for text in texts(block))
        if blocks > most_blocks or characters > PAGE_CHARACTERS:
            return number
    return len(groups)


def texts(block: Any) -> Iterable[str]:
    """Yield every text within a block or a list of blocks, however deeply nested."""
    if isinstance(block, dict):
        for name, value in block.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(block, list):
        for each in block:
            yield from texts(each)


def day(on: date) -> str:
    """Return a short date with its weekday, such as Fri 27 Nov 2026."""
    return short_date(on)


def moment(at: datetime) -> str:
    """Return a date and a local time, such as Fri 27 Nov 2026, 14:00."""
    return f"{day(at)}, {at:%H:%M}"


def sitting(starts_at: datetime, ends_at: datetime, venue: str = "") -> str:
    """Return when and where a meeting is, such as Fri 27 Nov 2026, 14:00 to 16:00, Council offices."""
    return f"{moment(starts_at)} to {ends_at:%H:%M}" + (f", {escape(venue)}" if venue else "")


def watched(block: Block, action: str) -> Block:
    """Return the field with a setting that makes Slack report each change, and not only the submission."""
    element = {**block["element"], "action_id": f"{action}:{block['block_id']}"}
    return {**block, "element": element, "dispatch_action": True}


def notice(sentence: str, *, title: str = "Not done", blocks: Sequence[Block] = ()) -> View:
    """Return a modal with one sentence and a button to close it. `blocks`, if given, are shown in its place."""
    return modal("notice", title, list(blocks) or [section(sentence)], submit=None)


NOT_FOR_EMERGENCIES = "Not for emergencies: if a child is in danger call 999; for a concern contact your local MASH."
