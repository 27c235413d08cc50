"""The calls that make effects real, and what is known after each that failed."""

import http.client
import json
import socket
import ssl
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import PanelbotError
from bot.slack.outgoing import Call, Post, PostToPerson, PublishHome, Respond, Rewrite, Upload

#: Well below the lease of twenty seconds, after which another process would take over.
HTTP_SECONDS = 10

_FAILURES = (SlackClientError, OSError, http.client.HTTPException)

#: Slack's own words for "some of it may have happened" (chat.postMessage, Errors).
_UNCERTAIN = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a call to Slack may take while a person waits with their three-second trigger."""

    modal: int = 2
    account: int = 1  #: what it takes is taken from the seconds in which a form must open


#: Where nobody waits with a trigger that expires: plays, and tests of what people see.
LONG_PATIENCE = Patience(modal=120, account=120)


class NotAccepted(Exception):
    """Slack refused before accepting anything: try again after `wait` seconds, or as the courier sees fit."""

    def __init__(self, wait: float | None, error: str) -> None:
        super().__init__(error)
        self.wait = wait
        self.error = error


class Refused(Exception):
    """Slack will never take it."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Unknown(Exception):
    """Nobody knows whether Slack has it."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def web_client(token: str, base_url: str, context: ssl.SSLContext, *, timeout: int = HTTP_SECONDS) -> WebClient:
    """A client that never repeats a call by itself: slack_sdk's default posts again after a dropped connection."""
    return WebClient(token=token, base_url=base_url, ssl=context, timeout=timeout, retry_handlers=[])


class Sender:
    """Makes one call; returns what Slack said of it, or raises NotAccepted, Refused or Unknown."""

    def __init__(self, client: WebClient, context: ssl.SSLContext) -> None:
        self._client = client
        self._context = context
        self._direct: dict[str, str] = {}
        self._lock = threading.Lock()

    def send(self, call: Call) -> dict[str, Any]:
        """The channel and time stamp of what was posted, where there are any."""
        match call:
            case Post():
                return self._post(call.channel_id, call.text, list(call.blocks))
            case PostToPerson():
                return self._post(self._direct_message(call.user_id), call.text, list(call.blocks))
            case Rewrite():
                body = {"channel": call.channel_id, "ts": call.ts, "text": call.text, "blocks": list(call.blocks)}
                return _place(self._call("chat.update", body))
            case PublishHome():
                self._call("views.publish", {"user_id": call.user_id, "view": call.view})
                return {}
            case Respond():
                return self._respond(call)
            case Upload():
                return self._upload(call)

    def _post(self, channel_id: str, text: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
        body: dict[str, Any] = {"channel": channel_id, "text": text, "unfurl_links": False, "unfurl_media": False}
        if blocks:
            body["blocks"] = blocks
        return _place(self._call("chat.postMessage", body))

    def _direct_message(self, user_id: str) -> str:
        with self._lock:
            known = self._direct.get(user_id)
        if known is None:
            try:
                opened = _data(self._client.conversations_open(users=user_id))
            except _FAILURES as failed:
                # It shows nothing to anybody, so that whatever failed may simply be done again.
                raise _nothing_done(failed) from None
            known = str(opened["channel"]["id"])
            with self._lock:
                self._direct[user_id] = known
        return known

    def _upload(self, call: Upload) -> dict[str, Any]:
        try:
            content = call.write()
        except PanelbotError as faulty:
            raise Refused(str(faulty)) from None
        channel_id = self._direct_message(call.user_id)
        try:
            place = self._client.files_getUploadURLExternal(filename=call.name, length=len(content))
            self._http(place["upload_url"], content, "application/octet-stream")
        except _FAILURES as failed:
            raise _nothing_done(failed) from None
        try:
            self._client.files_completeUploadExternal(
                files=[{"id": place["file_id"], "title": call.title}],
                channel_id=channel_id,
                initial_comment=call.comment or None,
            )
        except _FAILURES as failed:
            raise _judged(failed) from None
        return {"channel": channel_id, "file": place["file_id"]}

    def _respond(self, call: Respond) -> dict[str, Any]:
        try:
            self._http(call.url, json.dumps(dict(call.body)).encode(), "application/json; charset=utf-8")
        except (OSError, http.client.HTTPException) as failed:
            raise _judged(failed) from None
        return {}

    def _http(self, url: str, content: bytes, content_type: str) -> None:
        if not url.startswith(("https://", "http://")):
            raise Refused("not a web address")
        request = urllib.request.Request(url, data=content, headers={"Content-Type": content_type})  # noqa: S310
        with urllib.request.urlopen(request, timeout=HTTP_SECONDS, context=self._context) as answer:  # noqa: S310
            answer.read()

    def _call(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return _data(self._client.api_call(method, json=body))
        except _FAILURES as failed:
            raise _judged(failed) from None


def _data(response: Any) -> dict[str, Any]:
    data: dict[str, Any] = response.data
    return data


def _place(answer: dict[str, Any]) -> dict[str, Any]:
    return {"channel": answer.get("channel"), "ts": answer.get("ts")}


def _nothing_done(failed: Exception) -> Exception:
    judged = _judged(failed)
    return NotAccepted(None, judged.error) if isinstance(judged, Unknown) else judged


def _judged(failed: Exception) -> NotAccepted | Refused | Unknown:
    """What a failure says about whether Slack has taken it."""
    if isinstance(failed, SlackApiError):
        status, error = failed.response.status_code, str(failed.response.get("error", ""))[:100]
        return _by_status(int(status), error, failed.response.headers)
    if isinstance(failed, urllib.error.HTTPError):
        with failed:
            return _by_status(failed.code, failed.read(100).decode(errors="replace"), dict(failed.headers))
    reason = failed.reason if isinstance(failed, urllib.error.URLError) else failed
    if isinstance(reason, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError):
        return NotAccepted(None, type(reason).__name__)
    return Unknown(type(reason).__name__)


def _by_status(status: int, error: str, headers: Any) -> NotAccepted | Refused | Unknown:
    if status == 429 or error == "ratelimited":
        found = {str(name).lower(): value for name, value in dict(headers).items()}
        wait = found.get("retry-after", "1")
        return NotAccepted(float(wait) if str(wait).isdecimal() else 1.0, "ratelimited")
    if status >= 500 or error in _UNCERTAIN:
        return Unknown(error if status < 500 else f"HTTP {status}")
    return Refused(error or f"HTTP {status}")
