"""Messages through `response_url` (docs.slack.dev interactivity/handling-user-interaction#message_responses)."""

from typing import Any

from bot.practice.calls import Arguments
from bot.practice.messages_api import content, rewrite
from bot.practice.records import Json, Message, ResponseUrl
from bot.practice.refusals import ApiError
from bot.practice.state import RESPONSE_URL_SECONDS, RESPONSE_URL_USES, State

_KNOWN = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
    "metadata",
    "mrkdwn",
}


def receive(state: State, path: str, body: Any) -> None:
    """Do what a POST to a response_url asks; raises `used_url`, `expired_url`, `no_text`, `invalid_blocks` …."""
    with state.lock:
        place = state.response_urls.get(path)
        if place is None:
            raise ApiError("expired_url")
        if place.uses >= RESPONSE_URL_USES:
            raise ApiError("used_url")
        if state.monotonic() - place.issued > RESPONSE_URL_SECONDS:
            raise ApiError("expired_url")
        if not isinstance(body, dict) or any(key not in _KNOWN for key in body):
            raise ApiError("invalid_payload")
        place.uses += 1
        _respond(state, place, body)


def _respond(state: State, place: ResponseUrl, body: Json) -> None:
    original = _original(state, place)
    if body.get("delete_original"):
        if original is not None:
            state.remove(original)
        return
    if body.get("replace_original") and original is not None:
        before = state.before(original)
        rewrite(original, Arguments(body))
        original.edited_ts, original.edited_by = f"{state.clock():.6f}", state.bot.id
        state.edit(original, before)
        return
    message = say(state, place.channel, place.user, body, thread_ts=body.get("thread_ts") or place.thread_ts)
    if place.message_ts is None:
        # What the first answer to a command said is what later answers may replace or delete.
        place.message_ts, place.ephemeral = message.ts, message.ephemeral_to is not None


def _original(state: State, place: ResponseUrl) -> Message | None:
    if place.message_ts is None:
        return None
    if place.ephemeral:
        seen = state.ephemerals.get(place.user, [])
        return next((m for m in seen if m.ts == place.message_ts and m.channel == place.channel), None)
    return state.find(place.channel, place.message_ts)


def say(state: State, channel: str, user: str, body: Json, *, thread_ts: str | None = None) -> Message:
    """Show an answer of the app: to the person alone, or with `response_type: in_channel` to everybody there."""
    everybody = body.get("response_type") == "in_channel"
    message = Message(
        channel,
        state.next_ts(state.channels[channel]),
        state.bot.id,
        **content(Arguments(body)),
        bot_id=state.bot.bot_id,
        app_id=state.app_id,
        team_id=state.team.id,
        thread_ts=thread_ts,
        ephemeral_to=None if everybody else user,
    )
    return state.post(message)
