"""Conversations: who may see, enter and fill them."""

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


def test_no_conversation_is_opened_with_somebody_deactivated(workspace: Workspace, call: Call) -> None:
    workspace.deactivate("U2")
    assert call("conversations.open", users="U2") == {"ok": False, "error": "user_disabled"}


def test_a_channel_the_bot_is_not_in_is_visible_only_when_public(workspace: Workspace, form: Call) -> None:
    workspace.add_channel("open", ["U1"], id="C5", with_bot=False)
    workspace.add_channel("hidden", ["U1"], id="C6", with_bot=False, private=True)
    assert form("conversations.info", channel="C5")["channel"]["is_member"] is False
    assert form("conversations.info", channel="C6") == {"ok": False, "error": "channel_not_found"}
    listed = form("conversations.list", types="public_channel,private_channel")["channels"]
    assert [channel["id"] for channel in listed] == ["C1", "C2", "C5"]


def test_members_come_page_by_page(workspace: Workspace, form: Call) -> None:
    first = form("conversations.members", channel="C1", limit=2)
    second = form("conversations.members", channel="C1", limit=2, cursor=first["response_metadata"]["next_cursor"])
    assert (first["members"], second["members"]) == (["U1", "U2"], [workspace.bot_user_id])
    assert second["response_metadata"] == {"next_cursor": ""}


@pytest.mark.parametrize(
    ("args", "error"), [({"limit": 0}, "invalid_limit"), ({"cursor": "nonsense"}, "invalid_cursor")]
)
def test_a_page_that_does_not_exist_is_refused(form: Call, args: Json, error: str) -> None:
    assert form("conversations.members", channel="C1", **args) == {"ok": False, "error": error}


def test_joining_needs_a_public_channel_and_happens_once(workspace: Workspace, call: Call) -> None:
    workspace.add_channel("open", ["U1"], id="C5", with_bot=False)
    joined, again, private = (call("conversations.join", channel=place) for place in ("C5", "C5", "C2"))
    assert (joined["channel"]["is_member"], again["warning"], private["error"]) == (
        True,
        "already_in_channel",
        "method_not_supported_for_channel_type",
    )


def test_history_is_newest_first_without_replies(workspace: Workspace, call: Call, form: Call) -> None:
    alex = workspace.person("U1")
    first = alex.says("C1", "first")
    alex.says("C1", "reply", thread_ts=first.ts)
    call("chat.postMessage", channel="C1", text="second")
    shown = form("conversations.history", channel="C1")
    assert ([m["text"] for m in shown["messages"]], shown["has_more"]) == (["second", "first"], False)
    assert [m["text"] for m in form("conversations.replies", channel="C1", ts=first.ts)["messages"]] == [
        "first",
        "reply",
    ]


def test_history_needs_the_bot_inside_and_the_right_scope(workspace: Workspace, manifest: Json, form: Call) -> None:
    workspace.add_channel("open", ["U1"], id="C5", with_bot=False)
    assert form("conversations.history", channel="C5") == {"ok": False, "error": "not_in_channel"}
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


@pytest.mark.parametrize(
    ("name", "error"),
    [("district", "name_taken"), ("With Capitals", "invalid_name_specials"), ("x" * 81, "invalid_name_maxlength")],
)
def test_a_channel_name_slack_would_refuse_is_refused(call: Call, name: str, error: str) -> None:
    assert call("conversations.create", name=name) == {"ok": False, "error": error}


def test_a_created_channel_holds_the_bot_and_whom_it_invites(workspace: Workspace, call: Call) -> None:
    made = call("conversations.create", name="county", is_private=True)["channel"]["id"]
    call("conversations.invite", channel=made, users="U1,U2")
    assert workspace.state.channels[made].members == [workspace.bot_user_id, "U1", "U2"]
    again = call("conversations.invite", channel=made, users="U1")
    assert again == {"ok": False, "error": "already_in_channel"}
