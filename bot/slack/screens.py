"""Modals on the screen of a person who is waiting: opened at once, since a trigger lasts three seconds."""

import logging
from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.slack.reply import View

log = logging.getLogger(__name__)


class Screens:
    """Calls `views.*` before the acknowledgement; the client has a short time-out and does not try again."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def open(self, trigger_id: str, view: View, *, push: bool) -> bool:
        """Open a modal, or push it on the one from which the click came; whether the person sees it."""
        method = "views.push" if push else "views.open"
        return self._call(method, {"trigger_id": trigger_id, "view": view})

    def update(self, view_id: str, view: View) -> bool:
        """Put a new view in the place of an open one; whether the person sees it."""
        return self._call("views.update", {"view_id": view_id, "view": view})

    def account(self, user_id: str) -> Mapping[str, Any] | None:
        """What Slack says of an account; None when it does not answer, or knows no such account."""
        try:
            found: Mapping[str, Any] = self._client.api_call("users.info", params={"user": user_id})["user"]
        except (SlackClientError, OSError) as failed:
            log.warning("users.info failed: %s", type(failed).__name__)
            return None
        return found

    def _call(self, method: str, body: dict[str, Any]) -> bool:
        try:
            self._client.api_call(method, json=body)
        except (SlackClientError, OSError) as failed:
            # What Slack says may quote the view; its error word does not.
            response = getattr(failed, "response", None)
            log.warning("%s failed: %s", method, response["error"] if response else type(failed).__name__)
            return False
        return True
