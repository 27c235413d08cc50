"""Both doors: what is let in over HTTP, and how a socket comes back."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import pytest

from bot.practice.stopwatch import GIVE_UP_SECONDS, HeldStopwatch
from bot.practice.workspace.delivery import sign
from bot.practice.workspace.sights import Outcome
from bot.slack.socket_mode import is_silent
from tests.slack.conftest import SECRET, Scene, comes_true
from tests.slack.county import CHANNEL

FORM = "application/x-www-form-urlencoded"


def post(
    scene: Scene, body: bytes, *, signature: str | None = None, timestamp: str | None = None, kind: str = FORM
) -> tuple[int, bytes]:
    """Return one POST to the bot's door, rightly signed unless told otherwise."""
    assert scene.workspace.http is not None
    address = urlsplit(scene.workspace.http.request_url)
    now = timestamp if timestamp is not None else str(int(time.time()))
    headers = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": now,
        "X-Slack-Signature": signature if signature is not None else sign(SECRET, now, body),
    }
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=GIVE_UP_SECONDS)
    try:
        connection.request("POST", address.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("signature", ["", "v0=", "nonsense", "v0=" + "0" * 64, "v0=ünicode", "v1=" + "f" * 64])
def test_a_wrong_signature_is_unauthorised_never_an_error(scene: Scene, signature: str) -> None:
    assert post(scene, b"command=/action", signature=signature.encode().decode("latin-1"))[0] == 401


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "-1", "1", "99999999999999"])
def test_a_wrong_time_is_unauthorised_never_an_error(scene: Scene, timestamp: str) -> None:
    assert post(scene, b"command=/action", timestamp=timestamp)[0] == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"payload=%7B", FORM), (b"payload=[]", FORM), (b"{", "application/json"), (b"[]", "application/json")],
)
def test_a_signed_body_that_slack_would_not_send_is_a_bad_request(scene: Scene, body: bytes, kind: str) -> None:
    assert post(scene, body, kind=kind)[0] == 400


def test_bytes_that_are_no_text_are_not_let_in(scene: Scene) -> None:
    assert post(scene, b"\xff\xfe", signature="v0=0")[0] == 401


def test_the_word_payload_in_a_command_does_no_harm(scene: Scene) -> None:
    answer = scene.person("U3").types(CHANNEL, "/action add @sam check the payload of the van by Friday")
    assert "check the payload of the van" in answer.text


def test_the_handshake_is_answered(scene: Scene) -> None:
    assert scene.workspace.verify_request_url()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/healthz", 200), ("GET", "/slack/events", 405), ("GET", "/", 404), ("POST", "/slack/install", 404)],
)
def test_other_addresses_are_what_they_are(scene: Scene, method: str, path: str, status: int) -> None:
    assert scene.workspace.http is not None
    connection = http.client.HTTPConnection(
        "127.0.0.1", urlsplit(scene.workspace.http.request_url).port or 0, timeout=GIVE_UP_SECONDS
    )
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == status


def test_a_command_without_a_user_is_refused_and_noted(scene: Scene) -> None:
    assert post(scene, urlencode({"command": "/action", "text": "list"}).encode())[0] == 400
    assert scene.audit() == [("use", "payload", "refused")]


def answered(outcome: Outcome) -> Outcome | None:
    """Return what Slack shows, unless it shows an error."""
    return None if outcome.error else outcome


@pytest.mark.slow
def test_a_socket_that_breaks_comes_back_and_nothing_is_lost(socket_scene: Scene) -> None:
    scene = socket_scene
    kim = scene.person("U3")
    assert "recorded" in kim.types(CHANNEL, "/action add @sam ring by Friday").text
    scene.workspace.disconnect_sockets(None)
    # Commands that fall into the gap are lost, as at Slack; the person types again.
    answer = comes_true(lambda: answered(kim.types(CHANNEL, "/action list")))
    assert "Open actions of West Operational MET: 1" in answer.text


@pytest.mark.slow
def test_a_refreshed_socket_loses_no_command(socket_scene: Scene) -> None:
    scene = socket_scene
    kim = scene.person("U3")
    done = threading.Event()

    def keep_typing() -> list[str | None]:
        errors = []
        while not done.is_set():
            errors.append(kim.types(CHANNEL, "/panel next").error)
        return errors

    with ThreadPoolExecutor(2) as people:
        typing = [people.submit(keep_typing) for _ in range(2)]
        try:
            for _ in range(3):
                before = list(scene.workspace.sockets.connections)
                scene.workspace.disconnect_sockets("refresh_requested")
                kim.waits_for(lambda before=before: not set(before) & set(scene.workspace.sockets.connections), 30)
        finally:
            done.set()
    answered = [error for one in typing for error in one.result()]
    assert answered == [None] * len(answered)
    assert len(scene.workspace.sockets.connections) == 1


def test_a_socket_of_which_the_end_is_announced_is_replaced_before_it_ends(socket_scene: Scene) -> None:
    scene = socket_scene
    (first,) = scene.workspace.sockets.connections
    scene.workspace.disconnect_sockets("warning")
    scene.workspace.waits_for_app(2)
    assert first in scene.workspace.sockets.connections
    assert scene.person("U3").types(CHANNEL, "/panel next").error is None


def test_what_is_acknowledged_is_json_that_slack_takes(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, "/action list")
    payload = scene.workspace.deliveries[-1].attempts[0].payload
    assert json.loads(json.dumps(payload)) == {
        "response_type": "ephemeral",
        "text": "Open actions of West Operational MET: none.",
    }


@pytest.mark.parametrize(
    ("heard", "now", "silent"), [(100.0, 100.0, False), (100.0, 119.0, False), (100.0, 121.0, True)]
)
def test_a_socket_is_dead_when_nothing_was_heard_for_too_long(heard: float, now: float, silent: bool) -> None:
    assert is_silent(heard=heard, now=now) is silent


def test_health_is_bad_once_nothing_is_sent_any_more(scene: Scene) -> None:
    assert health(scene) == 200
    scene.bot.courier.stop()
    assert health(scene) == 503


def health(scene: Scene) -> int:
    assert scene.workspace.http is not None
    port = urlsplit(scene.workspace.http.request_url).port or 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.mark.parametrize(
    "event", [{"type": "team_join", "user": {"id": "U9"}}, {"type": "tokens_revoked", "tokens": {}}]
)
def test_an_event_that_nobody_asked_for_is_acknowledged(scene: Scene, event: dict[str, object]) -> None:
    body = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event}
    assert post(scene, json.dumps(body).encode(), kind="application/json")[0] == 200


def test_a_form_that_was_closed_is_acknowledged(scene: Scene) -> None:
    view = {"id": "V1", "type": "modal", "callback_id": "x"}
    body = {"type": "view_closed", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": view}
    assert post(scene, urlencode({"payload": json.dumps(body)}).encode())[0] == 200


def test_a_command_that_is_not_answered_in_three_seconds_failed_for_its_sender(scene: Scene) -> None:
    stopwatch, kim = scene.stopwatch, scene.person("U3")
    assert isinstance(stopwatch, HeldStopwatch)
    with scene.store.work(), ThreadPoolExecutor(1) as elsewhere:  # nobody else can write meanwhile
        typed = elsewhere.submit(kim.types, CHANNEL, "/action add @sam ring by Friday")
        comes_true(lambda: stopwatch.is_watched)
        stopwatch.passes(2.9)
        assert not typed.done()
        stopwatch.passes(0.1)
        assert typed.result().error == '/action failed with the error "operation_timeout"'
