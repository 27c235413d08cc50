"""Signed POSTs, received by Bolt."""

import hashlib
import hmac
import json
import threading
from urllib.parse import parse_qs

import pytest
from slack_bolt import App
from slack_sdk.signature import SignatureVerifier

from bot.practice.workspace.delivery import sign
from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Json, Receiver, Time


def test_a_signature_is_the_documented_one() -> None:
    expected = hmac.new(b"secret", b"v0:1531420618:body", hashlib.sha256).hexdigest()
    assert sign("secret", "1531420618", b"body") == f"v0={expected}"


def test_a_command_comes_signed_as_a_form(over_http: Workspace, bolt: App, receiver: Receiver) -> None:
    bolt.command("/action")(lambda ack, command: ack(f"heard {command['text']}"))
    assert over_http.person("U1").types("C1", "/action ring").text == "heard ring"
    ((headers, body),) = receiver.received
    verifier = SignatureVerifier(over_http.signing_secret)
    stamp, signature = headers["x-slack-request-timestamp"][0], headers["x-slack-signature"][0]
    assert verifier.is_valid(body=body, timestamp=stamp, signature=signature)
    assert (headers["content-type"], parse_qs(body)["command"]) == (["application/x-www-form-urlencoded"], ["/action"])


def test_interactivity_comes_as_a_payload_form(over_http: Workspace, bolt: App, receiver: Receiver) -> None:
    bolt.shortcut("flag_case")(lambda ack: ack())
    assert over_http.person("U1").uses_shortcut("flag_case").error is None
    ((_, body),) = receiver.received
    payload = json.loads(parse_qs(body)["payload"][0])
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "flag_case")


def test_a_request_url_is_verified_by_its_challenge(over_http: Workspace, bolt: App) -> None:
    assert over_http.verify_request_url() is True


def test_an_event_is_repeated_with_its_number_and_reason(over_http: Workspace, bolt: App, receiver: Receiver) -> None:
    failures = iter([True, False])

    @bolt.event("message")
    def hears(event):  # type: ignore[no-untyped-def]
        if next(failures):
            raise RuntimeError("not this time")

    over_http.person("U1").says("C1", "hello")
    over_http.settles()
    shown = [
        (headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason"), json.loads(body)["event"]["text"])
        for headers, body in receiver.received
    ]
    assert shown == [(None, None, "hello"), (["1"], ["http_error"], "hello")]


@pytest.mark.parametrize(
    ("failure", "code"),
    [("slow", "operation_timeout"), ("refuses", "http_client_error"), ("breaks", "http_service_error")],
)
def test_a_command_that_fails_is_named_as_slack_names_it(
    over_http: Workspace, bolt: App, time: Time, failure: str, code: str
) -> None:
    released = threading.Event()

    if failure != "refuses":

        @bolt.command("/action")
        def fails(ack):  # type: ignore[no-untyped-def]
            if failure == "breaks":
                raise RuntimeError("broken")
            time.passes(3.0)
            released.wait()

    outcome = over_http.person("U1").types("C1", "/action x")
    released.set()
    assert outcome.error == f'/action failed with the error "{code}"'


def test_a_bot_that_is_not_there_cannot_be_dispatched_to(manifest: Json) -> None:
    built = Workspace(manifest, delivery="http", request_url="http://127.0.0.1:9/slack/events")
    built.add_user("alex", id="U1")
    built.add_channel("district", ["U1"], id="C1")
    with built as workspace:
        assert (
            workspace.person("U1").types("C1", "/action x").error == '/action failed with the error "dispatch_failed"'
        )
        assert workspace.verify_request_url() is False


def test_delivery_over_http_needs_an_address(manifest: Json) -> None:
    with pytest.raises(ValueError, match="request_url"):
        Workspace(manifest, delivery="http")
