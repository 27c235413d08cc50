"""Uploading files: get an address, send the bytes, complete (docs.slack.dev messaging/working-with-files)."""

import secrets

from bot.practice.workspace import block_kit
from bot.practice.workspace.calls import Call, Method
from bot.practice.workspace.findings import ApiError, invalid_arguments
from bot.practice.workspace.records import File, Json
from bot.practice.workspace.state import State


def upload_url(call: Call) -> Json:
    """Answer files.getUploadURLExternal with an address for the file's bytes. Raise `file_upload_size_restricted`."""
    name, length = call.args.required("filename"), call.args.number("length")
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
    """Store the bytes of a file. Return whether the workspace accepted them.

    The workspace refuses bytes if the upload address is unknown or was used already, or if there are more or fewer
    bytes than announced.
    """
    with state.lock:
        file = next((file for file in state.files.values() if file.token == token), None)
        if file is None or file.complete or file.content is not None or len(content) != file.length:
            return False
        file.content = content
        return True


def complete(call: Call) -> Json:
    """Answer files.completeUploadExternal: complete the uploaded files and share them in one message."""
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


def delete(call: Call) -> Json:
    """Answer files.delete: remove a file of the bot from its messages, and forget its content.

    Raise `file_not_found`, `file_deleted` if it is deleted already, or `cant_delete_file` for a file of a person.
    """
    file = call.state.files.get(call.args.required("file"))
    if file is None or not file.complete:
        raise ApiError("file_not_found")
    if file.user != call.state.bot.id:
        raise ApiError("cant_delete_file")
    if file.deleted:
        raise ApiError("file_deleted")
    file.deleted, file.content = True, None
    for messages in call.state.messages.values():
        for message in messages:
            message.files = [kept for kept in message.files if kept.id != file.id]
    call.state.touch()
    return {}


METHODS = {
    "files.getUploadURLExternal": Method(upload_url, tier=4, scopes=("files:write",), takes_json=False),
    "files.completeUploadExternal": Method(complete, tier=4, scopes=("files:write",)),
    "files.delete": Method(delete, scopes=("files:write",)),
}
