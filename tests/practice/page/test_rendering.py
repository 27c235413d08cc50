"""Every block and element that the bot sends is drawn on the page; what is unknown is a gap that nobody overlooks."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import bot.slack
from bot.practice.mode import PracticeMode
from bot.practice.workspace import block_elements, block_kit
from bot.practice.workspace.records import Message
from bot.practice.workspace.views_api import new_view, show
from tests.practice.page.window import Window

pytestmark = pytest.mark.slow
ELEMENTS = block_elements.IN_ACTIONS | block_elements.IN_SECTION | block_elements.IN_INPUT
#: The workspace accepts them, the bot does not send them, and the page shows them as a gap.
NOT_SHOWN = {"external_select", "multi_external_select", "file_input"}
TEXT = {"type": "plain_text", "text": "Words"}
OPTIONS = [{"text": {"type": "plain_text", "text": word}, "value": word.lower()} for word in ("One", "Two")]
MORE: dict[str, dict[str, Any]] = {
    "button": {"text": TEXT},
    "workflow_button": {"text": TEXT, "workflow": {}},
    "overflow": {"options": OPTIONS},
    "static_select": {"options": OPTIONS},
    "multi_static_select": {"options": OPTIONS, "initial_options": OPTIONS[:1]},
    "checkboxes": {"options": OPTIONS},
    "radio_buttons": {"options": OPTIONS},
    "number_input": {"is_decimal_allowed": False},
}


def element(kind: str) -> dict[str, Any]:
    """Return the simplest element of a kind."""
    return {"type": kind, "action_id": kind, **MORE.get(kind, {})}


def sent_by_the_bot() -> set[str]:
    """Return every word of Block Kit's vocabulary that stands in the bot's views."""
    vocabulary = {*block_kit.BLOCK_RULES, *ELEMENTS}
    found: set[str] = set()
    for file in Path(bot.slack.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} & vocabulary
    return found


def post(practice: PracticeMode, *blocks: dict[str, Any], channel: str = "C0HARROWMERE", text: str = "") -> Message:
    """Return a message of the bot's, past the workspace's own checks."""
    state = practice.workspace.state
    with state.lock:
        place = state.channels[channel]
        said = Message(channel, state.next_ts(place), state.bot.id, text=text, bot_id=state.bot.bot_id)
        said.blocks = block_kit._completed(list(blocks))
        return state.post(said)


def test_all_that_the_bot_sends_is_known_to_the_page(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    window = opens(shared)
    known = window.page.evaluate(
        """async () => [...(await import("/page/static/blocks.js")).blockKinds,
                         ...(await import("/page/static/elements.js")).elementKinds]"""
    )
    assert sent_by_the_bot() - set(known) == set()
    assert sent_by_the_bot() >= {"section", "header", "context", "input", "button", "multi_users_select", "datepicker"}
    assert ({*block_kit.BLOCK_RULES, *ELEMENTS}) - set(known) == NOT_SHOWN


def test_every_block_of_a_message_is_drawn(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    cell = {"type": "raw_text", "text": "A cell"}
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Rich", "style": {"bold": True}}]}
    post(
        shared,
        {"type": "header", "text": TEXT},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*bold* _slanted_ ~gone~ `code`\n>quoted"}},
        {"type": "section", "fields": [TEXT, TEXT], "accessory": element("users_select")},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": ":red_circle: overdue"}]},
        {"type": "image", "image_url": "https://elsewhere.example/a.png", "alt_text": "A chart of actions"},
        {"type": "rich_text", "elements": [rich]},
        {"type": "table", "rows": [[cell, cell], [cell, cell]]},
        {"type": "markdown", "text": "# Title\n- item"},
    )
    window = opens(shared)
    drawn = window.messages.last
    expect(drawn.locator("h3")).to_have_text("Words")
    assert [
        drawn.locator(name).first.inner_text() for name in ("strong >> nth=1", "em", "s", "code", "blockquote")
    ] == [
        "bold",
        "slanted",
        "gone",
        "code",
        "quoted",
    ]
    assert drawn.locator("td").all_inner_texts() == ["A cell", "A cell"]
    expect(drawn.get_by_role("img", name="red circle")).to_be_visible()
    expect(drawn.get_by_role("img", name="A chart of actions")).to_be_visible()
    assert drawn.locator("img:not(.avatar)").count() == 0


def test_every_element_is_drawn_in_messages_and_forms(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    for kind in sorted(block_elements.IN_ACTIONS - NOT_SHOWN):
        post(shared, {"type": "actions", "elements": [element(kind)]})
    window = opens(shared, "U0TOMOS")
    expect(window.messages.locator(".actions")).to_have_count(len(block_elements.IN_ACTIONS - NOT_SHOWN))
    state = shared.workspace.state
    inputs = [
        {"type": "input", "block_id": kind, "label": {**TEXT, "text": kind}, "element": element(kind)}
        for kind in sorted(block_elements.IN_INPUT - NOT_SHOWN)
    ]
    definition = {"type": "modal", "title": TEXT, "submit": TEXT, "blocks": inputs}
    with state.lock:
        show(state, new_view(state, "U0TOMOS", definition), on_top=False)
    expect(window.form.locator(".input .label")).to_have_text([str(block["block_id"]) for block in inputs])


def test_a_picker_of_people_has_them_by_name(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    post(shared, {"type": "section", "text": TEXT, "accessory": element("users_select")}, channel="C0MASE")
    window = opens(shared, "U0SUNITA", "C0MASE")
    _, *names = window.messages.last.locator("select option").all_inner_texts()
    assert len(names) > 20
    assert names == sorted(names, key=str.casefold)


def test_an_unknown_block_is_a_gap_that_names_it(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    post(shared, {"type": "video"}, {"type": "actions", "elements": [element("file_input")]}, channel="C0COUNTY")
    window = opens(shared, "U0NADIA", "C0COUNTY")
    window.expected_gaps = 2
    expect(window.page.locator(".gap")).to_have_text(
        ["This page cannot show “video” yet.", "This page cannot show “file_input” yet."]
    )


def test_what_a_person_wrote_is_never_html(shared: PracticeMode, opens: Callable[..., Window]) -> None:
    window = opens(shared, "U0SUNITA", "C0MASE")
    attack = "<img src=x onerror=alert(1)><b>bold</b> & <script>alert(2)</script>"
    window.types(attack)
    said = window.sees("onerror")
    assert said.locator(".block-text").inner_text() == attack
    post(
        shared, {"type": "section", "text": {"type": "mrkdwn", "text": "<javascript:alert(3)|click>"}}, channel="C0MASE"
    )
    link = window.sees("click")
    assert link.locator("a[href^='javascript']").count() == 0


def test_mentions_channels_and_dates_read_as_people_read_them(
    shared: PracticeMode, opens: Callable[..., Window]
) -> None:
    text = "<@U0FARAH> in <#C0MASE> and <#C0QUILLHAVEN> on <!date^1775566800^{date_short} at {time}|later>"
    post(shared, {"type": "section", "text": {"type": "mrkdwn", "text": text}}, channel="C0MASE")
    window = opens(shared, "U0SUNITA", "C0MASE")
    expect(window.messages.last.locator(".block-text")).to_have_text(
        "@Farah Siddiqi in #mase and #private channel on 7 Apr 2026 at 14:00"
    )
