"""Posting, rewriting and taking back messages."""

import pytest

from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Call, Json, Time, answer, client_for, section, whispers


def test_a_posted_message_comes_back_as_slack_shows_it(workspace: Workspace, call: Call) -> None:
    posted = call("chat.postMessage", channel="C1", text="Agenda is out")
    assert posted == {
        "ok": True,
        "channel": "C1",
        "ts": posted["ts"],
        "message": {
            "type": "message",
            "user": workspace.bot_user_id,
            "bot_id": workspace.state.bot.bot_id,
            "app_id": workspace.state.app_id,
            "team": "T0PRACTICE",
            "ts": posted["ts"],
            "text": "Agenda is out",
        },
    }


def test_messages_at_the_same_instant_have_rising_ts(call: Call) -> None:
    sent = [call("chat.postMessage", channel="C1", text="x")["ts"] for _ in range(3)]
    assert sent == ["1795000000.000000", "1795000000.000001", "1795000000.000002"]


def test_ts_follows_the_workspace_clock(call: Call, time: Time) -> None:
    time.passes(3600.5)
    assert call("chat.postMessage", channel="C1", text="x")["ts"] == "1795003600.500000"


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "C9", "text": "x"}, "channel_not_found"),
        ({"channel": "U9", "text": "x"}, "channel_not_found"),
        ({"channel": "C1"}, "no_text"),
        ({"channel": "C1", "text": ""}, "no_text"),
        ({"channel": "C1", "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"channel": "C1", "text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"channel": "C1", "blocks": "no json"}, "invalid_blocks_format"),
        ({"channel": "C1", "blocks": [section("x" * 2999)] * 5}, "msg_blocks_too_long"),
        ({"channel": "C1", "text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format"),
    ],
)
def test_a_message_slack_would_refuse_is_refused(call: Call, args: Json, error: str) -> None:
    assert call("chat.postMessage", **args) == {"ok": False, "error": error}


def test_a_customised_author_needs_its_own_scope(call: Call) -> None:
    assert call("chat.postMessage", channel="C1", text="x", username="Someone else")["error"] == "missing_scope"


def test_the_bot_cannot_post_where_it_is_not(workspace: Workspace, call: Call) -> None:
    workspace.add_channel("elsewhere", ["U1"], id="C5", with_bot=False)
    workspace.add_channel("hidden", ["U1"], id="C6", with_bot=False, private=True)
    workspace.archive("C1")
    refusals = [call("chat.postMessage", channel=place, text="x")["error"] for place in ("C5", "C6", "C1")]
    assert refusals == ["not_in_channel", "channel_not_found", "is_archived"]


def test_text_beyond_forty_thousand_characters_is_cut(call: Call) -> None:
    assert len(call("chat.postMessage", channel="C1", text="x" * 40_001)["message"]["text"]) == 40_000


def test_posting_to_a_person_opens_the_direct_message(workspace: Workspace, call: Call) -> None:
    posted = call("chat.postMessage", channel="U1", text="Yours is due")
    alex = workspace.person("U1")
    assert (posted["channel"], [seen.text for seen in alex.dm()]) == (alex.direct, ["Yours is due"])


def test_posting_to_a_person_deactivated_finds_no_channel(workspace: Workspace, call: Call) -> None:
    workspace.deactivate("U1")
    assert call("chat.postMessage", channel="U1", text="x") == {"ok": False, "error": "channel_not_found"}


def test_direct_messages_are_refused_when_the_messages_tab_is_off(manifest: Json) -> None:
    manifest["features"]["app_home"]["messages_tab_enabled"] = False
    with Workspace(manifest) as workspace:
        workspace.add_user("alex", id="U1")
        refusal = answer(client_for(workspace), "chat.postMessage", channel="U1", text="x")
        assert refusal == {"ok": False, "error": "messages_tab_disabled"}


def test_a_reply_to_a_reply_lands_in_the_thread_it_belongs_to(call: Call) -> None:
    first = call("chat.postMessage", channel="C1", text="one")["ts"]
    second = call("chat.postMessage", channel="C1", text="two", thread_ts=first)["ts"]
    third = call("chat.postMessage", channel="C1", text="three", thread_ts=second)
    assert third["message"]["thread_ts"] == first


def test_the_first_message_of_a_thread_counts_its_replies(workspace: Workspace, call: Call) -> None:
    first = call("chat.postMessage", channel="C1", text="one")["ts"]
    reply = call("chat.postMessage", channel="C1", text="two", thread_ts=first)
    parent = workspace.state.messages["C1"][0].payload(workspace.address)
    bot = reply["message"]["user"]
    assert {key: parent[key] for key in parent if key.startswith(("reply", "latest", "thread"))} == {
        "thread_ts": first,
        "reply_count": 1,
        "reply_users_count": 1,
        "reply_users": [bot],
        "latest_reply": reply["ts"],
    }


def test_an_ephemeral_message_is_seen_by_its_addressee_alone(workspace: Workspace) -> None:
    whispers(workspace, "U1", text="for you")
    alex, sam = workspace.person("U1"), workspace.person("U2")
    assert ([m.text for m in alex.messages("C1")], sam.messages("C1")) == (["for you"], [])
    alex.reloads()
    assert alex.messages("C1") == []


def test_an_ephemeral_message_is_for_one_person_who_is_there(workspace: Workspace, call: Call) -> None:
    said = call("chat.postEphemeral", channel="C1", user="U1", text="for you alone")
    (seen,) = workspace.person("U1").messages("C1")
    assert (said, seen.text, seen.ephemeral) == ({"ok": True, "message_ts": seen.ts}, "for you alone", True)
    assert workspace.person("U2").messages("C1") == []
    nobody = workspace.add_user("away").id
    for user, error in (("U0NONE", "user_not_found"), (nobody, "user_not_in_channel")):
        assert call("chat.postEphemeral", channel="C1", user=user, text="x") == {"ok": False, "error": error}


def test_an_ephemeral_message_cannot_be_updated(workspace: Workspace, call: Call) -> None:
    sent = whispers(workspace, "U1", text="x").ts
    assert call("chat.update", channel="C1", ts=sent, text="y") == {"ok": False, "error": "message_not_found"}


def test_an_update_shows_the_new_text_and_drops_the_old_blocks(workspace: Workspace, call: Call) -> None:
    sent = call("chat.postMessage", channel="C1", text="old", blocks=[section("old")])["ts"]
    call("chat.update", channel="C1", ts=sent, text="new")
    (seen,) = workspace.person("U2").messages("C1")
    assert (seen.text, seen.blocks, seen.edited) == ("new", (), True)


def test_only_the_bots_own_messages_can_be_changed_or_deleted(workspace: Workspace, call: Call) -> None:
    said = workspace.person("U1").says("C1", "mine")
    assert [
        call("chat.update", channel="C1", ts=said.ts, text="x")["error"],
        call("chat.delete", channel="C1", ts=said.ts)["error"],
        call("chat.update", channel="C1", ts="1.0", text="x")["error"],
        call("chat.delete", channel="C1", ts="1.0")["error"],
    ] == ["cant_update_message", "cant_delete_message", "message_not_found", "message_not_found"]


def test_an_update_beyond_four_thousand_characters_is_too_long(call: Call) -> None:
    sent = call("chat.postMessage", channel="C1", text="x")["ts"]
    refusal = call("chat.update", channel="C1", ts=sent, text="x" * 4001)
    assert refusal == {"ok": False, "error": "msg_too_long"}


def test_a_deleted_message_is_gone_for_everybody(workspace: Workspace, call: Call) -> None:
    sent = call("chat.postMessage", channel="C1", text="x")["ts"]
    assert call("chat.delete", channel="C1", ts=sent) == {"ok": True, "channel": "C1", "ts": sent}
    assert workspace.person("U1").messages("C1") == []
