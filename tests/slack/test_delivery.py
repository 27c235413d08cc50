"""One form for all that Slack delivers, and a key that stays the same exactly when it is the same thing."""

from typing import Any

import pytest

from bot.slack.delivery import from_click, from_command, from_shortcut, from_submission

COMMAND: dict[str, Any] = {
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "command": "/action",
    "text": "list",
    "trigger_id": "1.2.abc",
    "response_url": "https://hooks.example/1",
}
CLICK: dict[str, Any] = {
    "team": {"id": "T1"},
    "user": {"id": "U1", "team_id": "T1"},
    "channel": {"id": "C1"},
    "container": {"type": "message", "message_ts": "1.0", "channel_id": "C1"},
    "trigger_id": "1.2.abc",
    "response_url": "https://hooks.example/1",
    "actions": [{"action_id": "action.done:7", "value": "7", "action_ts": "2.0", "block_id": "b"}],
}
SUBMISSION: dict[str, Any] = {
    "team": {"id": "T1"},
    "user": {"id": "U1", "team_id": "T1"},
    "view": {
        "id": "V1",
        "type": "modal",
        "hash": "h1",
        "callback_id": "case.flag",
        "private_metadata": '{"panel":"west-met"}',
        "state": {
            "values": {
                "reference": {"reference": {"type": "plain_text_input", "value": "SAMPLE-0012"}},
                "themes": {"themes": {"selected_options": [{"value": "missing"}, {"value": "emerging"}]}},
                "urgency": {"urgency": {"selected_option": {"value": "urgent"}}},
                "assessed_on": {"assessed_on": {"selected_date": "2026-10-30"}},
                "score": {"score": {"type": "number_input", "value": None}},
            }
        },
    },
}


def test_a_command_is_read() -> None:
    read = from_command(COMMAND)
    assert (read.kind, read.name, read.team_id, read.user_id, read.channel_id, read.text) == (
        "command",
        "/action",
        "T1",
        "U1",
        "C1",
        "list",
    )


@pytest.mark.parametrize("field", sorted(COMMAND))
def test_any_difference_makes_another_command(field: str) -> None:
    assert from_command(COMMAND | {field: "other"}).key != from_command(COMMAND).key


def test_what_slack_adds_to_a_redelivery_does_not_make_another_command() -> None:
    assert (
        from_command(COMMAND | {"user_name": "alex", "is_enterprise_install": "false"}).key == from_command(COMMAND).key
    )


def test_a_click_is_routed_by_what_stands_before_the_colon() -> None:
    read = from_click(CLICK)
    assert (read.name, read.value, read.from_modal, read.from_home) == ("action.done", "7", False, False)


def test_two_clicks_on_one_button_are_two() -> None:
    later = CLICK | {"actions": [CLICK["actions"][0] | {"action_ts": "3.0"}]}
    assert from_click(later).key != from_click(CLICK).key


def test_the_workspace_is_that_of_the_person_not_of_the_app() -> None:
    assert from_click(CLICK | {"user": {"id": "U1", "team_id": "T2"}}).team_id == "T2"
    assert from_click(CLICK | {"user": {"id": "U1"}}).team_id == "T1"


def test_a_submission_is_flattened_by_block() -> None:
    read = from_submission(SUBMISSION)
    assert read.values == {
        "reference": "SAMPLE-0012",
        "themes": ("missing", "emerging"),
        "urgency": "urgent",
        "assessed_on": "2026-10-30",
        "score": None,
    }
    assert read.metadata.facts == {"panel": "west-met"}


def test_a_corrected_submission_is_another_one() -> None:
    values = {"reference": {"reference": {"type": "plain_text_input", "value": "SAMPLE-0013"}}}
    corrected = SUBMISSION | {"view": SUBMISSION["view"] | {"state": {"values": values}}}
    assert from_submission(corrected).key != from_submission(SUBMISSION).key


def test_a_shortcut_carries_its_message() -> None:
    body = {
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "callback_id": "action.record",
        "trigger_id": "1.2.abc",
        "channel": {"id": "C1"},
        "message": {"ts": "1.0", "text": "ring the nurse", "user": "U2"},
    }
    read = from_shortcut(body)
    assert read.message is not None
    assert (read.message.channel_id, read.message.ts, read.message.text, read.message.user_id) == (
        "C1",
        "1.0",
        "ring the nurse",
        "U2",
    )
