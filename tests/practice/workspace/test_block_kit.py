"""Every documented limit of Block Kit, and the words Slack refuses with."""

from typing import Any

import pytest

from bot.practice.workspace import block_kit
from bot.practice.workspace.findings import ApiError
from tests.practice.workspace.conftest import Json, modal, plain, section, text_field


def refusals(blocks: Any) -> list[str]:
    with pytest.raises(ApiError) as refused:
        block_kit.message_blocks(blocks)
    assert refused.value.error == "invalid_blocks"
    lines: list[str] = refused.value.extra["response_metadata"]["messages"]
    return lines


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "go", "text": plain("Go"), **more}


def menu(**more: Any) -> Json:
    options = more.pop("options", [option("a")])
    return {"type": "static_select", "action_id": "pick", "options": options, **more}


def option(value: str, text: str = "A", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def test_too_long_a_section_is_refused_in_slacks_words() -> None:
    with pytest.raises(ApiError) as refused:
        block_kit.message_blocks([section("x" * 3001)])
    assert refused.value.body() == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [
            "failed to match all allowed schemas [json-pointer:/blocks/0/text]",
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ],
        "response_metadata": {
            "messages": [
                "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]",
                "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
            ]
        },
    }


@pytest.mark.parametrize(
    ("blocks", "line"),
    [
        ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        (["x"], "must provide an object [json-pointer:/blocks/0]"),
        ([{"type": "banner"}], "unsupported type: banner [json-pointer:/blocks/0/type]"),
        ([{"type": "section"}], "must provide at least one of text or fields [json-pointer:/blocks/0]"),
        ([{**section("x"), "colour": "red"}], "invalid additional property: colour [json-pointer:/blocks/0]"),
        (
            [{**section("x"), "block_id": "b" * 256}],
            "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
        (
            [{**section("x"), "block_id": "b"}, {"type": "divider", "block_id": "b"}],
            "block_id b already exists [json-pointer:/blocks/1/block_id]",
        ),
        (
            [{"type": "section", "fields": [plain("x")] * 11}],
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            [{"type": "header", "text": plain("x" * 151)}],
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        ([{"type": "header", "text": plain("")}], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([{"type": "header"}], "missing required field: text [json-pointer:/blocks/0]"),
        ([actions()], "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
        (
            [actions(*[button(action_id=str(n)) for n in range(26)])],
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        ([actions(button(), button())], "action_id go already exists [json-pointer:/blocks/0]"),
        (
            [actions(button(action_id="a" * 256))],
            "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
        ),
        (
            [actions(button(value="v" * 2001))],
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            [actions(button(text=plain("t" * 76)))],
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            [actions(button(style="loud"))],
            "must be a valid enum value: danger, primary [json-pointer:/blocks/0/elements/0/style]",
        ),
        ([actions(button(url="nowhere"))], "must be a valid URL [json-pointer:/blocks/0/elements/0/url]"),
        (
            [
                actions(
                    button(
                        confirm={
                            "title": plain("t"),
                            "text": plain("x"),
                            "confirm": plain("y" * 31),
                            "deny": plain("n"),
                        }
                    )
                )
            ],
            "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/confirm/text]",
        ),
        (
            [actions({"type": "plain_text_input", "action_id": "a"})],
            "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            [actions(menu(options=[option(str(n)) for n in range(101)]))],
            "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            [actions(menu(options=[]))],
            "no fewer than 1 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            [actions(menu(options=[option("v" * 151)]))],
            "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
        ),
        (
            [actions(menu(options=[option("v", "t" * 76)]))],
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
        ),
        (
            [actions(menu(initial_option=option("other")))],
            "must exactly match one of the provided options [json-pointer:/blocks/0/elements/0/initial_option]",
        ),
        (
            [actions(menu(option_groups=[]))],
            "must provide exactly one of options or option_groups [json-pointer:/blocks/0/elements/0]",
        ),
        (
            [actions(menu(placeholder=plain("p" * 151)))],
            "must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]",
        ),
        (
            [actions({"type": "overflow", "action_id": "o", "options": [option(str(n)) for n in range(6)]})],
            "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            [actions({"type": "checkboxes", "action_id": "c", "options": [option(str(n)) for n in range(11)]})],
            "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            [actions({"type": "datepicker", "action_id": "d", "initial_date": "22/11/2026"})],
            "must match the format YYYY-MM-DD [json-pointer:/blocks/0/elements/0/initial_date]",
        ),
        (
            [actions({"type": "timepicker", "action_id": "t", "initial_time": "9:30"})],
            "must match the format HH:mm [json-pointer:/blocks/0/elements/0/initial_time]",
        ),
        (
            [actions({"type": "datetimepicker", "action_id": "t", "initial_date_time": 1})],
            "must be a UNIX timestamp of 10 digits [json-pointer:/blocks/0/elements/0/initial_date_time]",
        ),
        (
            [actions({"type": "users_select", "action_id": "u", "initial_user": "alex"})],
            "must be a valid id [json-pointer:/blocks/0/elements/0/initial_user]",
        ),
        (
            [{"type": "context", "elements": [plain("x")] * 11}],
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            [{"type": "image", "image_url": "https://a.example/b.png"}],
            "missing required field: alt_text [json-pointer:/blocks/0]",
        ),
        (
            [{"type": "image", "alt_text": "x"}],
            "must provide exactly one of image_url or slack_file [json-pointer:/blocks/0]",
        ),
        (
            [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}],
            "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
        ),
        (
            [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}],
            "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
        ),
        (
            [{"type": "table", "rows": [[{"type": "raw_text", "text": "x" * 2001}]]}],
            "must be less than 2001 characters [json-pointer:/blocks/0/rows/0/0/text]",
        ),
        (
            [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2,
            "only_one_table_allowed [json-pointer:/blocks]",
        ),
        (
            [{"type": "markdown", "text": "x" * 12_001}],
            "must be less than 12001 characters [json-pointer:/blocks/0/text]",
        ),
        (
            [{"type": "rich_text", "elements": [{"type": "section"}]}],
            "unsupported type: section [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            [{**text_field("a"), "label": plain("x" * 2001)}],
            "must be less than 2001 characters [json-pointer:/blocks/0/label/text]",
        ),
        (
            [text_field("a", max_length=3001)],
            "must be between 1 and 3000 [json-pointer:/blocks/0/element/max_length]",
        ),
        (
            [
                {
                    "type": "input",
                    "label": plain("n"),
                    "element": {"type": "number_input", "is_decimal_allowed": False, "min_value": 1},
                }
            ],
            "must provide a number as a string [json-pointer:/blocks/0/element/min_value]",
        ),
        (
            [{"type": "input", "label": plain("f"), "element": {"type": "file_input"}}],
            "unsupported type: file_input [json-pointer:/blocks/0/element/type]",
        ),
        (
            [{**section("x"), "accessory": {"type": "datetimepicker", "action_id": "d"}}],
            "unsupported type: datetimepicker [json-pointer:/blocks/0/accessory/type]",
        ),
    ],
)
def test_a_limit_is_kept(blocks: list[Any], line: str) -> None:
    assert f"[ERROR] {line}" in refusals(blocks)


def test_what_stands_at_each_limit_is_taken() -> None:
    blocks = [
        section("x" * 3000),
        {"type": "header", "text": plain("h" * 150)},
        actions(button(value="v" * 2000, text=plain("t" * 75), action_id="a" * 255)),
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100},
        *[{"type": "divider"}] * 46,
    ]
    assert [block["type"] for block in block_kit.message_blocks(blocks)] == [block["type"] for block in blocks]


def test_a_message_is_too_long_as_a_whole_before_its_parts_are() -> None:
    with pytest.raises(ApiError) as refused:
        block_kit.message_blocks([section("x" * 2700)] * 5)
    assert refused.value.body() == {"ok": False, "error": "msg_blocks_too_long"}


def test_slack_adds_ids_and_text_flags_itself() -> None:
    (block,) = block_kit.message_blocks([{**section("x"), "accessory": {"type": "button", "text": plain("Go")}}])
    assert block == {
        "type": "section",
        "block_id": block["block_id"],
        "text": {"type": "mrkdwn", "text": "x", "verbatim": False},
        "accessory": {
            "type": "button",
            "action_id": block["accessory"]["action_id"],
            "text": {"type": "plain_text", "text": "Go", "emoji": True},
        },
    }


@pytest.mark.parametrize(
    ("definition", "line"),
    [
        (modal(*[section("x")] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        ({**modal(), "title": plain("t" * 25)}, "must be less than 25 characters [json-pointer:/view/title/text]"),
        ({**modal(), "submit": plain("t" * 25)}, "must be less than 25 characters [json-pointer:/view/submit/text]"),
        ({**modal(), "close": plain("t" * 25)}, "must be less than 25 characters [json-pointer:/view/close/text]"),
        (
            modal(private_metadata="m" * 3001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (modal(callback_id="c" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (modal(external_id="c" * 256), "must be less than 256 characters [json-pointer:/view/external_id]"),
        ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
        ({"type": "modal", "title": plain("t")}, "missing required field: blocks [json-pointer:/view]"),
        (
            {"type": "modal", "title": plain("t"), "blocks": [text_field("a")]},
            "missing required field: submit [json-pointer:/view]",
        ),
        (
            {"type": "home", "blocks": [], "title": plain("t")},
            "invalid additional property: title [json-pointer:/view]",
        ),
        ({"type": "page", "blocks": []}, "unsupported type: page [json-pointer:/view/type]"),
        (modal({"type": "table", "rows": []}), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
        (modal(notify_on_close="yes"), "must provide a boolean [json-pointer:/view/notify_on_close]"),
        (
            modal(text_field("a", focus_on_load=True), text_field("b", focus_on_load=True)),
            "only one element may have focus_on_load [json-pointer:/view/blocks]",
        ),
    ],
)
def test_a_view_keeps_its_limits(definition: Json, line: str) -> None:
    with pytest.raises(ApiError) as refused:
        block_kit.view(definition, kinds=frozenset({"modal", "home"}))
    assert refused.value.error == "invalid_arguments"
    assert f"[ERROR] {line}" in refused.value.extra["response_metadata"]["messages"]
