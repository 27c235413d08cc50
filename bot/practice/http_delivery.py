"""The same deliveries as signed POSTs (docs.slack.dev authentication/verifying-requests-from-slack)."""

import asyncio
import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from bot.practice.delivery import Acknowledgement, Delivery
from bot.practice.records import Json


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the `v0` signature over `v0:timestamp:body`."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts to one request URL and reads the answer; a POST runs in a thread so that the loop stays free."""

    def __init__(self, request_url: str, signing_secret: str, *, acknowledge_within: float) -> None:
        self.request_url = request_url
        self.acknowledge_within = acknowledge_within
        self._secret = signing_secret

    async def send(self, delivery: Delivery, *, attempt: int, reason: str) -> Acknowledgement:
        """Post once: form for commands, `payload=` for interactivity, JSON for events."""
        if delivery.kind == "events_api":
            kind, body = "application/json", json.dumps(delivery.payload).encode()
        else:
            fields = (
                delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
            )
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        answer = await asyncio.to_thread(self.post, body, kind, headers)
        return answer if delivery.accepts_response else Acknowledgement(answer.reason)

    def challenge(self) -> bool:
        """Do Slack's `url_verification` handshake; True when the challenge came back (Events API: request URLs)."""
        challenge = hashlib.sha256(str(time.time_ns()).encode()).hexdigest()
        body: Json = {"token": "practice", "challenge": challenge, "type": "url_verification"}
        answer = self.post(json.dumps(body).encode(), "application/json", {})
        given = answer.payload.get("challenge") if isinstance(answer.payload, dict) else answer.payload
        return answer.reason == "ok" and given == challenge

    def post(self, body: bytes, content_type: str, headers: dict[str, str]) -> Acknowledgement:
        """Post signed bytes and say what came of it; never raises."""
        # The real clock, not practice mode's: receivers refuse anything older than five real minutes.
        timestamp = str(int(time.time()))
        request = urllib.request.Request(  # noqa: S310 -- the URL is the app's own, given at construction
            self.request_url,
            data=body,
            method="POST",
            headers={
                "Content-Type": content_type,
                "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                "X-Slack-Request-Timestamp": timestamp,
                "X-Slack-Signature": sign(self._secret, timestamp, body),
                **headers,
            },
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self.acknowledge_within) as response:
                return Acknowledgement("ok", _content(response.headers.get_content_type(), response.read()))
        except TimeoutError:
            return Acknowledgement("timeout")
        except urllib.error.HTTPError as failed:
            with failed:
                return Acknowledgement("client_error" if failed.code < 500 else "server_error")
        except urllib.error.URLError as failed:
            return Acknowledgement("timeout" if isinstance(failed.reason, TimeoutError) else "unreachable")
        except (OSError, http.client.HTTPException):
            return Acknowledgement("unreachable")


def _content(content_type: str, body: bytes) -> Any:
    text = body.decode(errors="replace")
    if not text:
        return None
    if content_type == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
