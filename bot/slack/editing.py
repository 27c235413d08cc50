"""Changes to forms before they open: typed text is quoted, fields are filled in, and refused commands are corrected."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from bot.domain.language.identifiers import find_identifiers
from bot.slack.blocks import TEXT_INPUT, VIEW_BLOCKS, cut, escape, field, modal, section, text_input
from bot.slack.request import Block, Reply, View

SEND: Final = "command.send"
_LONGEST_QUOTED: Final = 300


def edit_form(command: str, channel_id: str | None, today: date) -> View:
    """Return the form to correct a refused command, which is filled in as typed.

    A line above it quotes the parts that identify a person.
    """
    command = command.replace("&amp;", "&")
    found = [f"\u201c{escape(one.excerpt)}\u201d ({one.kind})" for one in find_identifiers(command, today=today)]
    marked = [section(f":warning: Take out or replace: {', '.join(found)}.")] if found else []
    hint = 'If it must stay, end the line with "[kept because REASON]".' if found else ""
    typed = field("line", "What you typed", text_input(initial=command, lines=True, most=TEXT_INPUT), hint=hint)
    metadata = {"channel": channel_id} if channel_id else None
    return modal(SEND, "Edit and send", [*marked, typed], submit="Send", metadata=metadata)


def quoting(reply: Reply, typed: str) -> Reply:
    """Return the reply with a note above its form's fields, quoting the typed words that could not be filled in."""
    if reply.modal is None or not typed:
        return reply
    quoted = escape(cut(typed, _LONGEST_QUOTED))
    is_form = "submit" in reply.modal
    checks = "Nothing is recorded yet: please check the form." if is_form else "I can't tell what to do with it."
    note = section(f":warning: You typed \u201c{quoted}\u201d. {checks}")
    return replace(reply, modal={**reply.modal, "blocks": [note, *reply.modal["blocks"]][:VIEW_BLOCKS]})


def noting(reply: Reply, sentence: str) -> Reply:
    """Return the reply with a sentence above the fields of its form."""
    if reply.modal is None or not sentence:
        return reply
    return replace(reply, modal={**reply.modal, "blocks": [section(sentence), *reply.modal["blocks"]][:VIEW_BLOCKS]})


def filling(reply: Reply, values: Mapping[str, str]) -> Reply:
    """Return the reply with values filled into its form. `values` is a dict from field name to words, a number, or the
    value of a menu's option.

    Fields without a value stay as they are.
    """
    if reply.modal is None:
        return reply
    blocks = [
        {**block, "element": _filled(block["element"], said)}
        if block["type"] == "input" and (said := values.get(block["block_id"]))
        else block
        for block in reply.modal["blocks"]
    ]
    return replace(reply, modal={**reply.modal, "blocks": blocks})


_INITIAL: Final = {"datepicker": "initial_date", "users_select": "initial_user"}


def _filled(element: Block, said: str) -> Block:
    if (initial := _INITIAL.get(element["type"])) is not None:
        return {**element, initial: said}
    if "options" not in element and "option_groups" not in element:
        return {**element, "initial_value": said}
    chosen = [option for option in _options(element) if option["value"] == said]
    return {**element, "initial_option": chosen[0]} if chosen else element


def _options(element: Block) -> list[Block]:
    groups = element.get("option_groups", [{"options": element.get("options", [])}])
    return [option for group in groups for option in group["options"]]


def options_of(reply: Reply, name: str) -> dict[str, str]:
    """Return the options of a menu in a reply's form, as a dict from value to words.

    If the form has no such menu, return an empty dict.
    """
    inputs = [one for one in (reply.modal or {"blocks": []})["blocks"] if one["type"] == "input"]
    menu: Block = next((one["element"] for one in inputs if one["block_id"] == name), {})
    return {option["value"]: option["text"]["text"] for option in _options(menu)}


def initial_of(reply: Reply, name: str) -> str:
    """Return the text or option value already filled into a field of a reply's form, or "" if there is none."""
    inputs = [one for one in (reply.modal or {"blocks": []})["blocks"] if one["type"] == "input"]
    element: Block = next((one["element"] for one in inputs if one["block_id"] == name), {})
    return str(element.get("initial_value", element.get("initial_option", {}).get("value", "")))
