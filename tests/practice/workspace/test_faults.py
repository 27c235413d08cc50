"""Misfortune on demand, seen through the real client."""

import http.client
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.practice.stopwatch import GIVE_UP_SECONDS
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.workspace import Workspace


def said(workspace: Workspace) -> list[str]:
    return [seen.text for seen in workspace.person("U1").messages("C1")]


def test_a_scripted_rate_limit_strikes_as_often_as_told(workspace: Workspace, client: WebClient) -> None:
    workspace.faults.next("chat.postMessage", Fault.rate_limited(retry_after=7), times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel="C1", text="x")
        assert (refused.value.response.status_code, refused.value.response.headers["retry-after"]) == (429, "7")
    client.chat_postMessage(channel="C1", text="x")
    assert said(workspace) == ["x"]


def test_a_server_error_has_no_effect_unless_told(workspace: Workspace, client: WebClient) -> None:
    workspace.faults.next("chat.postMessage", Fault.server_error())
    workspace.faults.next("chat.postMessage", Fault.server_error(503, effect=True))
    statuses = []
    for text in ("lost", "kept"):
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel="C1", text=text)
        statuses.append(refused.value.response.status_code)
    assert (statuses, said(workspace)) == ([500, 503], ["kept"])


@pytest.mark.parametrize(("fault", "seen"), [(Fault.drop_after_accept(), ["x"]), (Fault.drop_before_accept(), [])])
def test_a_dropped_connection_looks_the_same_with_or_without_effect(
    workspace: Workspace, client: WebClient, fault: Fault, seen: list[str]
) -> None:
    workspace.faults.next("chat.postMessage", fault)
    with pytest.raises((URLError, http.client.RemoteDisconnected, ConnectionResetError)):
        client.chat_postMessage(channel="C1", text="x")
    assert said(workspace) == seen


def test_a_slow_answer_outlasts_an_impatient_caller_but_has_its_effect(workspace: Workspace) -> None:
    client = WebClient(workspace.bot_token, base_url=workspace.api_url, timeout=1, retry_handlers=[])
    # Slower than any caller waits, and cut short as soon as it has given up.
    workspace.faults.next("chat.postMessage", Fault.slow(GIVE_UP_SECONDS))
    with pytest.raises(TimeoutError):
        client.chat_postMessage(channel="C1", text="x")
    workspace.person("U1").waits_for(lambda: said(workspace))
    assert said(workspace) == ["x"]


def test_an_error_code_can_be_scripted_for_whatever_comes_next(workspace: Workspace, client: WebClient) -> None:
    workspace.faults.next("*", Fault.api_error("fatal_error"))
    with pytest.raises(SlackApiError) as refused:
        client.auth_test()
    assert refused.value.response.data == {"ok": False, "error": "fatal_error"}


def test_faults_can_be_forgotten(workspace: Workspace, client: WebClient) -> None:
    workspace.faults.next("auth.test", Fault.server_error())
    workspace.faults.clear()
    assert client.auth_test()["ok"] is True
