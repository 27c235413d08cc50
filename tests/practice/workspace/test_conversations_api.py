"""Opening direct and group messages."""

import pytest

from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Call, Json, answer, client_for


def test_opening_a_direct_message_twice_gives_the_same_one(call: Call) -> None:
    first = call("conversations.open", users="U1")
    second = call("conversations.open", users="U1")
    expected = {"ok": True, "channel": first["channel"], "no_op": True, "already_open": True}
    assert (first, second) == ({"ok": True, "channel": first["channel"]}, expected)


def test_several_people_make_a_group_message(workspace: Workspace, call: Call) -> None:
    opened = call("conversations.open", users="U1,U2")["channel"]["id"]
    assert workspace.state.channels[opened].members == ["U1", "U2", workspace.bot_user_id]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, "users_list_not_supplied"),
        ({"users": "U9"}, "user_not_found"),
        ({"users": ",".join(["U1"] * 9)}, "too_many_users"),
        ({"channel": "C9"}, "channel_not_found"),
        ({"channel": "C1"}, "method_not_supported_for_channel_type"),
    ],
)
def test_a_conversation_that_cannot_be_opened_is_refused(call: Call, args: Json, error: str) -> None:
    assert call("conversations.open", **args) == {"ok": False, "error": error}


def test_no_conversation_is_opened_with_a_person_deactivated(workspace: Workspace, call: Call) -> None:
    workspace.deactivate("U2")
    assert call("conversations.open", users="U2") == {"ok": False, "error": "user_disabled"}


def test_opening_needs_the_scope_for_it(manifest: Json) -> None:
    manifest["oauth_config"]["scopes"]["bot"] = ["commands"]
    manifest["settings"]["event_subscriptions"]["bot_events"] = []
    with Workspace(manifest) as narrow:
        kim = narrow.add_user("kim")
        assert answer(client_for(narrow), "conversations.open", users=kim.id) == {
            "ok": False,
            "error": "missing_scope",
            "needed": "im:write",
            "provided": "commands",
        }
