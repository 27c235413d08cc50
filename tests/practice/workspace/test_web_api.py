"""Who may call what, and in which form."""

import json
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Json, answer, client_for, http


def test_a_call_without_a_token_is_not_authed(workspace: Workspace) -> None:
    assert json.loads(http(workspace.api_url + "auth.test", {})[1]) == {"ok": False, "error": "not_authed"}


def test_an_unknown_token_is_invalid(workspace: Workspace) -> None:
    assert answer(client_for(workspace, "xoxb-other"), "auth.test") == {"ok": False, "error": "invalid_auth"}


@pytest.mark.parametrize(("method", "token"), [("apps.connections.open", "bot_token"), ("auth.test", "app_token")])
def test_each_token_opens_only_its_own_methods(workspace: Workspace, method: str, token: str) -> None:
    refusal = answer(client_for(workspace, getattr(workspace, token)), method)
    assert refusal == {"ok": False, "error": "not_allowed_token_type"}


def test_a_method_nobody_knows_is_unknown(workspace: Workspace, client: WebClient) -> None:
    assert answer(client, "chat.shout") == {"ok": False, "error": "unknown_method", "req_method": "chat.shout"}


def test_auth_test_says_who_the_token_is(workspace: Workspace, client: WebClient) -> None:
    assert answer(client, "auth.test") == {
        "ok": True,
        "url": workspace.address + "/",
        "team": "Practice",
        "user": "panelbot",
        "team_id": "T0PRACTICE",
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.state.bot.bot_id,
        "is_enterprise_install": False,
    }


def test_every_answer_names_the_granted_scopes(workspace: Workspace, client: WebClient) -> None:
    headers = client.auth_test().headers
    assert headers["x-oauth-scopes"] == ",".join(sorted(workspace.manifest.scopes))


def test_a_method_beyond_the_scopes_says_what_is_needed_and_what_there_is(manifest: Json) -> None:
    manifest["oauth_config"]["scopes"]["bot"] = ["commands", "chat:write"]
    manifest["settings"]["event_subscriptions"]["bot_events"] = []
    with Workspace(manifest) as workspace:
        assert answer(client_for(workspace), "files.completeUploadExternal", files=[]) == {
            "ok": False,
            "error": "missing_scope",
            "needed": "files:write",
            "provided": "chat:write,commands",
        }


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"channel=C1&text=hello", "application/x-www-form-urlencoded"),
        (b'{"channel": "C1", "text": "hello"}', "application/json; charset=utf-8"),
        (
            b'--x\r\nContent-Disposition: form-data; name="channel"\r\n\r\nC1\r\n'
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_arguments_come_as_form_json_or_multipart(workspace: Workspace, body: bytes, kind: str) -> None:
    status, text, _ = http(workspace.api_url + "chat.postMessage", body, kind=kind, token=workspace.bot_token)
    assert (status, json.loads(text)["message"]["text"]) == (200, "hello")


def test_arguments_come_in_the_query_of_a_get(workspace: Workspace) -> None:
    _, text, _ = http(workspace.api_url + "users.info?user=U1", token=workspace.bot_token)
    assert json.loads(text)["user"]["name"] == "alex"


def test_blocks_come_as_a_json_string_in_a_form(workspace: Workspace) -> None:
    form = b"channel=C1&text=x&blocks=%5B%7B%22type%22%3A%22divider%22%2C%22block_id%22%3A%22d%22%7D%5D"
    _, text, _ = http(
        workspace.api_url + "chat.postMessage",
        form,
        kind="application/x-www-form-urlencoded",
        token=workspace.bot_token,
    )
    assert json.loads(text)["message"]["blocks"] == [{"type": "divider", "block_id": "d"}]


def test_a_token_in_a_form_counts_and_one_in_a_json_body_does_not(workspace: Workspace) -> None:
    token = workspace.bot_token
    in_form = http(workspace.api_url + "auth.test", f"token={token}".encode(), kind="application/x-www-form-urlencoded")
    in_json = http(workspace.api_url + "auth.test", {"token": token})
    assert [json.loads(in_form[1])["ok"], json.loads(in_json[1])["error"]] == [True, "not_authed"]


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[]", "application/json", "json_not_object"),
        (b"x", "text/csv", "invalid_post_type"),
        (b"channel=%ff\xff", "application/x-www-form-urlencoded", "invalid_charset"),
        (b"x", "multipart/form-data", "invalid_form_data"),
    ],
)
def test_a_body_slack_cannot_read_is_named(workspace: Workspace, body: bytes, kind: str, error: str) -> None:
    _, text, _ = http(workspace.api_url + "chat.postMessage", body, kind=kind, token=workspace.bot_token)
    assert json.loads(text) == {"ok": False, "error": error}


def test_arguments_in_json_are_not_seen_by_methods_documented_for_forms_only(client: WebClient) -> None:
    assert answer(client, "users.info", user="U1") == {
        "ok": False,
        "error": "invalid_arguments",
        "response_metadata": {"messages": ["[ERROR] missing required field: user"]},
    }


@pytest.mark.parametrize(
    ("method", "args", "missing"),
    [
        ("chat.postMessage", {"text": "x"}, "channel"),
        ("chat.update", {"channel": "C1", "text": "x"}, "ts"),
        ("views.open", {"trigger_id": "1.2.abc"}, None),
        ("views.publish", {"view": {"type": "home", "blocks": []}}, "user_id"),
        ("views.update", {"view": {"type": "home", "blocks": []}}, "view_id"),
    ],
)
def test_a_missing_argument_is_named(client: WebClient, method: str, args: dict[str, Any], missing: str | None) -> None:
    expected: Json = {"ok": False, "error": "invalid_trigger_id"}
    if missing is not None:
        messages = [f"[ERROR] missing required field: {missing}"]
        expected = {"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": messages}}
    assert answer(client, method, **args) == expected


def test_every_call_is_recorded_with_its_outcome(workspace: Workspace, client: WebClient) -> None:
    answer(client, "auth.test")
    answer(client, "chat.postMessage", channel="C9", text="x")
    assert [(made.method, made.error) for made in workspace.calls] == [
        ("auth.test", None),
        ("chat.postMessage", "channel_not_found"),
    ]
