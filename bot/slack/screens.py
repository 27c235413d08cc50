"""Modals and messages for a person who is waiting. They are sent at once, since a trigger lasts three seconds."""

import logging
from collections.abc import Mapping
from enum import Enum
from http.client import HTTPException
from math import inf
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.slack.request import View

log = logging.getLogger(__name__)


class Opened(Enum):
    """The result of opening a modal: whether the person sees it and, if not, why."""

    YES = "yes"
    ALREADY = "already"  # the trigger was used before, by the same delivery
    TOO_LATE = "too late"
    NO = "no"


_LEAST_SECONDS: Final = 0.3

_TRIGGER: Final = {
    "exchanged_trigger_id": Opened.ALREADY,
    "expired_trigger_id": Opened.TOO_LATE,
    "trigger_expired": Opened.TOO_LATE,
    "timeout": Opened.TOO_LATE,
}


class Screens:
    """Calls to Slack made while a person waits, with short time-outs. A call that fails is never repeated.

    `looks` is the client that asks Slack about accounts. Its calls use up part of the three seconds in which a form
    must open.
    """

    def __init__(self, client: WebClient, looks: WebClient) -> None:
        self._client = client
        self._looks = looks

    def open(self, trigger_id: str, view: View, *, push: bool, within: float = inf) -> Opened:
        """Open a modal or, with `push`, put it on top of the clicked modal. Return whether the person sees it.

        The call takes at most `within` seconds, since Slack's three seconds began with the click.
        """
        method = "views.push" if push else "views.open"
        error = self._call(method, {"trigger_id": trigger_id, "view": view}, within)
        return Opened.YES if error is None else _TRIGGER.get(error, Opened.NO)

    def update(self, view_id: str, view: View, *, over: str = "") -> bool:
        """Replace an open view. Return whether the person sees the new view.

        `over` is the hash of the version to replace. If it is given, Slack refuses the call once there is a newer
        version.
        """
        body = {"view_id": view_id, "view": view, **({"hash": over} if over else {})}
        return self._call("views.update", body) is None

    def whisper(self, response_url: str | None, text: str) -> None:
        """Send a sentence that only the person who clicked sees. Do nothing without a response address, as on Home."""
        self.respond(response_url, {"response_type": "ephemeral", "replace_original": False, "text": text})

    def tell(self, user_id: str, text: str) -> None:
        """Send a person a direct message about a form, since a form has no response address."""
        self._call("chat.postMessage", {"channel": user_id, "text": text})

    def respond(self, response_url: str | None, body: Mapping[str, Any]) -> None:
        """Post a message to a response address, if there is one. Errors are logged and not raised."""
        if response_url is None:
            return
        client = WebhookClient(response_url, timeout=self._client.timeout, ssl=self._client.ssl, retry_handlers=[])
        try:
            client.send_dict(dict(body))
        except (SlackClientError, OSError, HTTPException, ValueError) as failed:  # the last two: it isn't an address
            log.warning("response_url failed: %s", type(failed).__name__)

    def account(self, user_id: str) -> Mapping[str, Any] | None:
        """Return Slack's facts about an account, or None if Slack does not answer or has no such account."""
        try:
            found: Mapping[str, Any] = self._looks.api_call("users.info", params={"user": user_id})["user"]
        except (SlackClientError, OSError) as failed:
            log.warning("users.info failed: %s", type(failed).__name__)
            return None
        return found

    def _call(self, method: str, body: dict[str, Any], within: float = inf) -> str | None:
        """Call a method of Slack. Return Slack's one-word error, or None if the call worked."""
        try:
            self._patient(within).api_call(method, json=body)
        except TimeoutError:
            log.warning("%s was not answered in time", method)
            return "timeout"
        except (SlackClientError, OSError) as failed:
            # Slack's error message may quote the view, but its error code does not.
            response = getattr(failed, "response", None)
            word = str(response.get("error") or type(failed).__name__) if response else type(failed).__name__
            log.warning("%s failed: %s", method, word)
            return word
        return None

    def _patient(self, within: float) -> WebClient:
        """Return the usual client, or one with a shorter time-out if only `within` seconds are left."""
        client = self._client
        if within >= client.timeout:
            return client
        timeout: Any = max(_LEAST_SECONDS, within)  # declared as whole seconds, but passed on unchanged
        return WebClient(
            token=client.token, base_url=client.base_url, ssl=client.ssl, timeout=timeout, retry_handlers=[]
        )
