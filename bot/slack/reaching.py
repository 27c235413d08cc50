"""Reaching Slack when the bot starts: a token that is refused ends it, a hiccup of Slack's does not."""

import logging
import time
from collections.abc import Callable
from itertools import count
from typing import Final, TypeVar

from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import Misconfigured

log = logging.getLogger(__name__)

#: Slack's words for a token that it will not take later either (auth.test, apps.connections.open).
_NO_TOKEN: Final = frozenset(
    {
        "account_inactive", "enterprise_is_restricted", "invalid_auth", "missing_scope", "no_permission", "not_authed",
        "not_allowed_token_type", "org_login_required", "team_access_not_granted", "token_expired", "token_revoked",
    }
)  # fmt: skip
_TRIES: Final = 4
_LONGEST_PAUSE: Final = 8.0  # seconds

Found = TypeVar("Found")


def why_not(failed: Exception, setting: str, address: str) -> tuple[str, bool]:
    """Why Slack did not answer as it should, in a sentence, and whether it may a moment later.

    `failed` is what slack_sdk or Bolt raised; `setting` is the name of the one that holds the token.
    """
    refused = failed.__context__ if isinstance(failed, BoltError) else failed  # Bolt says only that it failed
    if not isinstance(refused, SlackApiError):
        return f"Slack cannot be reached at {address} ({type(refused or failed).__name__}).", False
    word = str(refused.response.get("error") or f"HTTP {refused.response.status_code}")
    if word in _NO_TOKEN:
        return f"{setting}: Slack does not accept this token ({word}).", False
    return f"Slack at {address} answers {word} just now. Please try again in a minute.", True


def reached(call: Callable[[], Found], *, setting: str, address: str, for_ever: bool = False) -> Found:
    """What the call finds; one that may succeed a moment later is tried again, a few times or for ever.

    Raises Misconfigured with the sentence of `why_not`.
    """
    for tried in count(1):
        try:
            return call()
        except (BoltError, SlackClientError, OSError) as failed:
            sentence, is_passing = why_not(failed, setting, address)
            if not is_passing or (tried == _TRIES and not for_ever):
                raise Misconfigured(sentence) from None
            log.warning("%s Trying again.", sentence)
        time.sleep(min(2.0 ** (tried - 1), _LONGEST_PAUSE))
    raise AssertionError  # for the type checker: it has no end
