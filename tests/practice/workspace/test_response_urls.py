"""Messages through a response_url: five within thirty minutes."""

import pytest

from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Json, Time, http, section


@pytest.fixture
def url(workspace: Workspace) -> str:
    return workspace.state.new_response_url("commands", "C1", "U1")


def said(workspace: Workspace, person: str = "U1") -> list[str]:
    return [seen.text for seen in workspace.person(person).messages("C1")]


def test_an_answer_is_ephemeral_unless_it_says_in_channel(workspace: Workspace, url: str) -> None:
    assert http(url, {"text": "for you"})[:2] == (200, "ok")
    assert http(url, {"text": "for all", "response_type": "in_channel"})[:2] == (200, "ok")
    assert (said(workspace, "U1"), said(workspace, "U2")) == (["for you", "for all"], ["for all"])


def test_a_later_answer_may_replace_or_delete_the_first(workspace: Workspace, url: str) -> None:
    http(url, {"text": "one"})
    http(url, {"text": "two", "replace_original": True})
    replaced = said(workspace)
    http(url, {"delete_original": True})
    assert (replaced, said(workspace)) == (["two"], [])


def test_an_ephemeral_original_can_be_replaced_where_chat_update_cannot(workspace: Workspace) -> None:
    alex = workspace.person("U1")
    with workspace.state.lock:
        workspace.state.ephemerals.clear()
    url = workspace.state.new_response_url("commands", "C1", "U1")
    http(url, {"text": "draft", "blocks": [section("draft")]})
    http(url, {"text": "final", "replace_original": True})
    (seen,) = alex.messages("C1")
    assert (seen.text, seen.blocks, seen.ephemeral) == ("final", (), True)


def test_the_sixth_use_is_refused(workspace: Workspace, url: str) -> None:
    answers = [http(url, {"text": str(n)})[:2] for n in range(6)]
    assert answers == [(200, "ok")] * 5 + [(404, "used_url")]


def test_thirty_minutes_later_the_address_has_expired(url: str, time: Time) -> None:
    time.passes(30 * 60)
    assert http(url, {"text": "just in time"})[:2] == (200, "ok")
    time.passes(1)
    assert http(url, {"text": "late"})[:2] == (404, "expired_url")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ({"text": "x", "blocks": [section("y" * 3001)]}, "invalid_blocks"),
        ({"text": "x", "channel": "C2"}, "invalid_payload"),
        ([], "invalid_payload"),
        (b"no json", "invalid_payload"),
    ],
)
def test_an_answer_slack_cannot_show_is_refused(workspace: Workspace, url: str, body: Json, error: str) -> None:
    assert http(url, body)[:2] == (400, error)
    assert said(workspace) == []


def test_an_address_nobody_issued_has_expired(workspace: Workspace) -> None:
    assert http(f"{workspace.address}/actions/T0PRACTICE/1/abc", {"text": "x"})[:2] == (404, "expired_url")
