"""Payloads as Slack sends them: null where a fact is missing, and more than is read."""

from bot.slack.delivery import from_click, from_submission
from bot.slack.payloads import fitting

NOTHING = {"trigger_id": None, "response_url": None, "team": None, "channel": None, "message": None, "enterprise": None}
ACCOUNT = {"id": "U1", "team_id": "T1", "username": "sam"}


def test_what_is_null_is_as_if_it_were_left_out() -> None:
    button = {"type": "button", "action_id": "action.done:7", "value": "7", "selected_option": None, "block_id": None}
    body = {"type": "block_actions", "user": ACCOUNT, "actions": [button], "view": None, **NOTHING}
    found = fitting(body)
    assert found == {
        "type": "block_actions",
        "user": {"id": "U1", "team_id": "T1"},
        "actions": [{"type": "button", "action_id": "action.done:7", "value": "7"}],
    }
    click = from_click(found)
    assert (click.name, click.value, click.channel_id, click.response_url) == ("action.done", "7", None, None)


def test_a_form_whose_fields_were_left_empty_fits() -> None:
    empty = {"day": {"day": {"type": "datepicker", "selected_date": None}}}
    view = {"id": "V1", "type": "modal", "callback_id": "action.extend", "hash": None, "state": {"values": empty}}
    found = fitting({"type": "view_submission", "user": ACCOUNT, "view": view, **NOTHING})
    assert found is not None
    assert from_submission(found).values == {"day": None}


def test_what_is_of_another_type_or_lacks_who_did_it_does_not_fit() -> None:
    button = {"action_id": "action.done:7", "value": "7"}
    assert fitting({"type": "block_actions", "user": ACCOUNT, "actions": [{**button, "value": 7}]}) is None
    assert fitting({"type": "block_actions", "user": None, "actions": [button]}) is None
    assert fitting({"type": "block_actions", "user": ACCOUNT, "actions": []}) is None
    assert fitting({"command": "/action", "team_id": "T1", "user_id": "U1\0"}) is None
