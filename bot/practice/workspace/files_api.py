"""Files in three steps: ask for an address, send the bytes, complete (docs.slack.dev messaging/working-with-files)."""

import secrets
from typing import Any

from bot.practice.workspace import block_kit
from bot.practice.workspace.calls import Arguments, Call, Method
from bot.practice.workspace.findings import ApiError, invalid_arguments
from bot.practice.workspace.messages_api import content, rewrite
from bot.practice.workspace.records import File, Json, Message, ResponseUrl
from bot.practice.workspace.state import RESPONSE_URL_SECONDS, RESPONSE_URL_USES, State


def upload_url(call: Call) -> Json:
    """files.getUploadURLExternal: where to send a file of `length` bytes; raises `file_upload_size_restricted`."""
    name, length = call.args.required("filename"), call.args.number("length", -1)
    if "length" not in call.args:
        raise invalid_arguments("missing required field: length")
    if length < 1:
        raise invalid_arguments("must be more than 0 [json-pointer:/length]")
    if length > call.max_file_bytes:
        raise ApiError("file_upload_size_restricted")
    file = File(
        call.state.new_id("F"),
        name,
        length,
        call.state.bot.id,
        secrets.token_urlsafe(16),
        created=int(call.state.clock()),
    )
    call.state.files[file.id] = file
    return {"upload_url": f"{call.state.base_url}/upload/v1/{file.token}", "file_id": file.id}


def receive(state: State, token: str, content: bytes) -> bool:
    """Take the bytes of a file; False when the address is unknown, used, or the length is not the one announced."""
    with state.lock:
        file = next((file for file in state.files.values() if file.token == token), None)
        if file is None or file.content is not None or len(content) != file.length:
            return False
        file.content = content
        return True


def complete(call: Call) -> Json:
    """files.completeUploadExternal: make the files real and share them as one message."""
    state = call.state
    wanted = call.args.structure("files")
    if not isinstance(wanted, list) or not wanted:
        raise invalid_arguments("missing required field: files")
    files = []
    for entry in wanted:
        file = state.files.get(entry.get("id", "")) if isinstance(entry, dict) else None
        if file is None or file.content is None or file.complete:
            raise ApiError("file_not_found")
        file.title = entry.get("title") or file.name
        files.append(file)
    places = call.args.ids("channels") or ([call.args.required("channel_id")] if "channel_id" in call.args else [])
    channels = []
    for place in places:
        channel = call.channel(place)
        call.must_be_in(channel)
        if channel.archived:
            raise ApiError("is_archived")
        channels.append(channel)
    thread_ts = call.args.text("thread_ts") or None
    comment = call.args.text("initial_comment") or ""
    # "If the initial_comment field is provided, the blocks field is ignored."
    given = call.args.raw.get("blocks")
    blocks = block_kit.message_blocks(given) if given and not comment else []
    for channel in channels:
        if thread_ts is not None and state.find(channel.id, thread_ts) is None:
            raise ApiError("invalid_thread_ts")
    for file in files:
        file.complete = True
        file.shared_in += [channel.id for channel in channels]
    for channel in channels:
        state.say(channel, text=comment, blocks=blocks, files=files, thread_ts=thread_ts, subtype="file_share")
        for file in files:
            shared: Json = {"type": "file_shared", "file_id": file.id, "user_id": state.bot.id}
            where: Json = {"file": {"id": file.id}, "channel_id": channel.id, "event_ts": channel.last_ts}
            state.emit("file_shared", shared | where, channel)
    return {"files": [file.payload(state.base_url) for file in files]}


def _shared(call: Call) -> File:
    file = call.state.files.get(call.args.required("file"))
    if file is None or not file.complete:
        raise ApiError("file_not_found")
    return file


def info(call: Call) -> Json:
    """files.info: one file."""
    file = _shared(call)
    return {"file": file.payload(call.state.base_url), "comments": [], "response_metadata": {"next_cursor": ""}}


def delete(call: Call) -> Json:
    """files.delete: take one of the bot's own files away, from its messages too."""
    file = _shared(call)
    if file.user != call.state.bot.id:
        raise ApiError("cant_delete_file")
    del call.state.files[file.id]
    for messages in call.state.messages.values():
        for message in messages:
            message.files = [kept for kept in message.files if kept.id != file.id]
    call.state.touch("file")
    return {}


METHODS = {
    "files.getUploadURLExternal": Method(upload_url, tier=4, scopes=("files:write",), takes_json=False),
    "files.completeUploadExternal": Method(complete, tier=4, scopes=("files:write",)),
    "files.info": Method(info, tier=4, scopes=("files:read",), takes_json=False),
    "files.delete": Method(delete, scopes=("files:write",)),
}

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


def receive_response(state: State, path: str, body: Any) -> None:
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
        rewrite(state, original, Arguments(body))
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
    parts = content(Arguments(body))
    return state.say(state.channels[channel], **parts, thread_ts=thread_ts, ephemeral_to=None if everybody else user)
