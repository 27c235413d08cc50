"""What Slack's client does with the answer to a submitted modal (docs.slack.dev surfaces/modals: response actions)."""

from typing import Any

from bot.practice import block_kit
from bot.practice.records import Json, View
from bot.practice.refusals import ApiError
from bot.practice.state import State
from bot.practice.views_api import new_view, replace_definition, show

_MODAL = frozenset({"modal"})


def respond(state: State, view: View, answer: Any) -> dict[str, str]:
    """Carry out the answer and return the sentences to show under fields; raises ApiError for what Slack refuses."""
    if answer in (None, "", {}):
        _close(state, view)
        return {}
    if not isinstance(answer, dict):
        raise ApiError("invalid_response")
    action = answer.get("response_action")
    if action == "clear":
        state.close_views(view.user)
    elif action == "errors":
        return _errors(view, answer.get("errors"))
    elif action == "update":
        replace_definition(state, view, block_kit.view(answer.get("view"), kinds=_MODAL))
    elif action == "push":
        show(state, new_view(state, view.user, block_kit.view(answer.get("view"), kinds=_MODAL)), on_top=True)
    else:
        raise ApiError("invalid_response")
    return {}


def _close(state: State, view: View) -> None:
    ids = state.stacks.get(view.user, [])
    # The app may have changed the screen while it worked; only this view closes, and what lies on it.
    if view.id in ids:
        state.close_views(view.user, keep=ids.index(view.id))


def _errors(view: View, errors: Any) -> dict[str, str]:
    fields = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or any(key not in fields for key in errors):
        raise ApiError("invalid_response")
    if any(not isinstance(sentence, str) or not 1 <= len(sentence) <= 2000 for sentence in errors.values()):
        raise ApiError("invalid_response")
    return dict(errors)


def response_urls(state: State, user: str, view: View) -> list[Json]:
    """Return a response_url per chosen conversation whose element asked for one (`response_url_enabled`)."""
    issued = []
    for block, element in block_kit.interactive(view.blocks):
        if not element.get("response_url_enabled"):
            continue
        value = view.values[block["block_id"]][element["action_id"]]
        channel = value.get("selected_conversation") or value.get("selected_channel")
        if channel in state.channels:
            issued.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel,
                    "response_url": state.new_response_url("actions", channel, user),
                }
            )
    return issued
