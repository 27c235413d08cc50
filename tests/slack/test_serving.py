"""Both doors: what is let in over HTTP, and how a socket comes back."""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from bot.practice import Outcome, Workspace
from bot.practice.http_delivery import sign
from bot.practice.stopwatch import GIVE_UP_SECONDS, HeldStopwatch
from bot.slack.manifest import manifest
from bot.slack.serving import is_silent
from bot.slack.tables import build_registry
from tests.slack.conftest import SECRET, Scene, comes_true
from tests.slack.county import CHANNEL, populate

#: slack_sdk leaves a socket that it replaces to the garbage collector.
left_open = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

FORM = "application/x-www-form-urlencoded"


def post(
    scene: Scene, body: bytes, *, signature: str | None = None, timestamp: str | None = None, kind: str = FORM
) -> tuple[int, bytes]:
    """One POST to the bot's door, rightly signed unless told otherwise."""
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


def test_a_command_without_a_user_is_acknowledged_and_does_nothing(scene: Scene) -> None:
    assert post(scene, urlencode({"command": "/action", "text": "list"}).encode()) == (200, b"")


def answered(outcome: Outcome) -> Outcome | None:
    """What Slack shows, unless it shows an error."""
    return None if outcome.error else outcome


@left_open
@pytest.mark.slow
def test_a_socket_that_breaks_comes_back_and_nothing_is_lost(socket_scene: Scene) -> None:
    scene = socket_scene
    kim = scene.person("U3")
    assert "recorded" in kim.types(CHANNEL, "/action add @sam ring by Friday").text
    scene.workspace.disconnect_sockets(None)
    # Commands that fall into the gap are lost, as at Slack; the person types again.
    answer = comes_true(lambda: answered(kim.types(CHANNEL, "/action list")))
    assert "Open actions of West Operational MET: 1" in answer.text


@left_open
@pytest.mark.slow
def test_a_refreshed_socket_loses_no_command(socket_scene: Scene) -> None:
    scene = socket_scene
    scene.workspace.disconnect_sockets("refresh_requested")
    bot = scene.bot.socket
    assert bot is not None
    comes_true(bot.is_connected)
    scene.workspace.waits_for_app()
    assert scene.person("U3").types(CHANNEL, "/action list").error is None


def free_port() -> int:
    """A port that nobody uses, below those that the system hands out to whoever connects meanwhile."""
    for port in random.sample(range(20_000, 30_000), 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")


@pytest.mark.slow
def test_gunicorn_serves_a_bot_that_answers_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    workspace = Workspace(
        manifest(build_registry(), request_url=address),
        delivery="http",
        request_url=f"{address}/slack/events",
        stopwatch=HeldStopwatch(),
    )
    populate(workspace)
    with workspace:
        program = (
            "from bot.bootstrap import run_http; from bot.settings import read_settings; "
            f"run_http(read_settings(), host='127.0.0.1', port={port})"
        )
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "PANELBOT_"))},
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SLACK_API_URL": workspace.api_url,
            "PANELBOT_DATA_DIR": str(tmp_path),
        }
        process = subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE, text=True)
        try:
            answer = comes_true(lambda: answered(workspace.person("U3").types(CHANNEL, "/action list")))
            # Nobody is enrolled in an empty database.
            assert answer.text.startswith("I can only talk to people whom an administrator has enrolled.")
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=GIVE_UP_SECONDS)
        assert process.returncode == 0, said
        assert "Traceback" not in said
        assert "token" not in said


def test_what_is_acknowledged_is_json_that_slack_takes(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, "/action list")
    payload = scene.workspace.deliveries[-1].attempts[0].payload
    assert json.loads(json.dumps(payload)) == {
        "response_type": "ephemeral",
        "text": "Open actions of West Operational MET: none.",
    }


@pytest.mark.parametrize(
    ("asked", "answered", "silent"),
    [(0.0, 0.0, False), (105.0, 0.0, False), (121.0, 0.0, True), (200.0, 199.0, False), (200.0, 179.0, True)],
)
def test_a_socket_is_dead_when_its_pings_go_unanswered(asked: float, answered: float, silent: bool) -> None:
    assert is_silent(asked=asked, answered=answered, since=100.0) is silent


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
    body = {"type": "view_closed", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": {"id": "V1", "callback_id": "x"}}
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
