"""The Bolt app. It has one listener for each kind of delivery, which finds the right handler in the registry.

Bolt tries its listeners one by one, so a listener for each button would be slow. The registry finds a handler by its
name.
"""

import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from slack_bolt import App, BoltResponse
from slack_bolt.error import BoltError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import Misconfigured
from bot.slack.delivery import Body, Delivery, from_click, from_command, from_shortcut, from_submission
from bot.slack.incidents import incident
from bot.slack.listener import Listener, Patience
from bot.slack.registry import Registry
from bot.store.budget import Budget
from bot.store.unit_of_work import Store

log = logging.getLogger(__name__)

#: Slack's error codes for a token that it will not accept later either (auth.test, apps.connections.open).
REFUSED_TOKENS: Final = frozenset(
    {
        "account_inactive", "enterprise_is_restricted", "invalid_auth", "missing_scope", "no_permission", "not_authed",
        "not_allowed_token_type", "org_login_required", "team_access_not_granted", "token_expired", "token_revoked",
    }
)  # fmt: skip
#: What to do about a token that Slack refuses: by setting, and by code where another thing helps.
_COPY: Final = {
    "SLACK_BOT_TOKEN": "Copy it again from *OAuth & Permissions*; it begins with xoxb-.",
    "SLACK_APP_TOKEN": "Copy it again from *Basic Information*, *App-Level Tokens*; it begins with xapp-.",
}
MORE_SCOPES: Final = "Add the scope under *OAuth & Permissions*, then install the app again."
_REMOVED: Final = "Install the app to your workspace again and copy its new token; it begins with xoxb-."
_MENDS: Final = {
    "SLACK_BOT_TOKEN account_inactive": _REMOVED,
    "SLACK_BOT_TOKEN token_revoked": _REMOVED,
    "SLACK_APP_TOKEN token_revoked": "Make a new one under *Basic Information*, *App-Level Tokens*.",
    "SLACK_APP_TOKEN missing_scope": "Make one that has the scope connections:write.",
    "enterprise_is_restricted": "Ask an administrator of your Slack organisation to allow the app.",
    "org_login_required": "Slack is moving your workspace to another plan. Try again when that is done.",
    "team_access_not_granted": "Ask an administrator of your Slack organisation to give the app this workspace.",
}
_TRIES: Final = 4

Found = TypeVar("Found")


def why_not(failed: Exception, setting: str, address: str) -> tuple[str, bool]:
    """Return why a call to Slack failed and what to do, in sentences, and whether trying again may help.

    `failed` is the error that slack_sdk or Bolt raised, and `setting` is the name of the setting that has the token.
    """
    refused = failed.__context__ if isinstance(failed, BoltError) else failed  # a BoltError has no reason of its own
    if not isinstance(refused, SlackApiError):
        return f"Can't reach Slack at {address}. Check this machine's network and proxy, then try again.", False
    word = str(refused.response.get("error") or f"HTTP {refused.response.status_code}")
    if word in REFUSED_TOKENS:
        return f"{setting}: Slack doesn't accept this token ({word}). {mend_of(setting, word)}", False
    return f"Slack at {address} answers {word} just now. Try again in a minute.", True


def mend_of(setting: str, code: str) -> str:
    """Return a sentence saying what to do if Slack refuses the token in `setting` with the error code `code`."""
    return _MENDS.get(f"{setting} {code}") or _MENDS.get(code) or _COPY[setting]


def reached(call: Callable[[], Found], *, setting: str, address: str) -> Found:
    """Make a call to Slack and return its result. If the call fails for a reason that may pass, try again a few times.

    Raise Misconfigured with the sentence of `why_not` when the last try fails.
    """
    for tried in range(_TRIES):
        try:
            return call()
        except (BoltError, SlackClientError, OSError) as failed:
            sentence, is_passing = why_not(failed, setting, address)
            if not is_passing or tried == _TRIES - 1:
                raise Misconfigured(sentence) from None
            log.warning("%s Trying again.", sentence)
        time.sleep(2.0**tried)
    raise AssertionError  # for the type checker: the last try returns or raises


#: The name under which a request's context has its time of arrival, on the monotonic clock.
ARRIVED = "arrived"

_ANY = re.compile(r".*", re.DOTALL)

# Bolt and slack_sdk log whole payloads at debug level, and what people type about cases must not reach a log.
# Bolt's warnings are about how the code calls it, which people who run the bot can't change.
_TALKATIVE = {"slack_bolt": logging.ERROR, "slack_sdk": logging.WARNING}  # for slack_sdk see also `web_client`


#: Variables that Bolt reads past the settings. A client id and secret would make Bolt expect installation by OAuth.
_OF_BOLT = (
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)


@contextmanager
def _unread_environment() -> Iterator[None]:
    """Hide the variables in `_OF_BOLT` while Bolt starts, since Bolt has no option to ignore them."""
    hidden = {name: os.environ.pop(name) for name in _OF_BOLT if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def build_app(client: WebClient, listener: Listener, registry: Registry, store: Store) -> App:
    """Return a Bolt app that answers everything in the registry. Raise Misconfigured if Slack refuses the bot's token.

    Signatures are checked by `web_server.Door` before a request is parsed.
    """
    for name, level in _TALKATIVE.items():
        logging.getLogger(name).setLevel(level)

    def made() -> App:
        with _unread_environment():
            return App(
                client=client,
                logger=logging.getLogger("slack_bolt"),
                process_before_response=True,
                request_verification_enabled=False,
                ssl_check_enabled=False,
                attaching_function_token_enabled=False,
                attaching_conversation_kwargs_enabled=False,
            )

    app = reached(made, setting="SLACK_BOT_TOKEN", address=client.base_url)

    def bind(read: Callable[[Body], Delivery]) -> Callable[..., BoltResponse]:
        def on_delivery(body: Body, context: Mapping[str, Any]) -> BoltResponse:
            try:
                delivery = read(body)
            except (LookupError, TypeError, ValueError, AttributeError) as unreadable:
                incident(unreadable)
                return BoltResponse(status=200)
            ack = listener.answer(delivery, context.get(ARRIVED))
            return BoltResponse(status=200, body=ack if ack is not None else "")

        return on_delivery

    app.command(_ANY)(bind(from_command))
    app.action(_ANY)(bind(from_click))
    app.view(_ANY)(bind(from_submission))
    app.shortcut(_ANY)(bind(from_shortcut))
    for event, handler in registry.events.items():
        app.event(event)(_on_event(store, handler, listener.patience))
    # Events without a handler are acknowledged too, or Slack would deliver them again and again.
    app.event(_ANY)(_nothing_to_do)
    app.view_closed(_ANY)(_nothing_to_do)
    return app


def _nothing_to_do() -> BoltResponse:
    return BoltResponse(status=200)


def _on_event(store: Store, handler: Callable[..., None], patience: Patience) -> Callable[..., BoltResponse]:
    def on_event(body: Body, context: Mapping[str, Any]) -> BoltResponse:
        event: Mapping[str, Any] = body["event"]
        try:
            # The user is None if no person did it. Some events have the whole account in place of its id.
            user = event.get("user", "")
            if isinstance(user, Mapping):
                team_id, user_id = user.get("team_id") or body["team_id"], user["id"]
            else:
                team_id, user_id = event.get("user_team") or body["team_id"], user
            budget = Budget.of(patience.answer, since=context.get(ARRIVED), for_people=True)
            with store.work(budget) as work:
                handler(work, str(team_id), str(user_id), body)
        except Exception as unexpected:  # noqa: BLE001 - Slack is told to deliver it again
            incident(unexpected)
            return BoltResponse(status=500)
        return BoltResponse(status=200)

    return on_event
