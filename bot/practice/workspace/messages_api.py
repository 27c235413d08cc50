"""The `chat.*` and `reactions.*` methods (docs.slack.dev reference/methods)."""

from dataclasses import replace
from typing import Any

from bot.practice.workspace import block_kit
from bot.practice.workspace.calls import Arguments, Call, Method
from bot.practice.workspace.findings import ApiError
from bot.practice.workspace.records import Channel, Json, Message
from bot.practice.workspace.state import State

MAX_TEXT = 40_000  # chat.postMessage: "truncating messages": longer text is cut
MAX_UPDATE_TEXT = 4_000  # chat.update: msg_too_long, "the text field cannot exceed 4,000 characters"
MAX_ATTACHMENTS = 100  # chat.postMessage: too_many_attachments


def content(args: Arguments) -> dict[str, Any]:
    """Return text, blocks and attachments of a message about to appear; raises `no_text`, `invalid_blocks` …"""
    blocks = block_kit.message_blocks(args.raw["blocks"]) if args.raw.get("blocks") not in (None, "", []) else []
    attachments = args.structure("attachments") or []
    if not isinstance(attachments, list):
        raise ApiError("invalid_attachments")
    if len(attachments) > MAX_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    text = args.text("text") or ""
    if not text and not blocks and not attachments:
        raise ApiError("no_text")
    return {"text": text[:MAX_TEXT], "blocks": blocks, "attachments": attachments}


def _destination(call: Call) -> Channel:
    """Return where to post; a user id means the direct message with that person (chat.postMessage: channels).

    That is where the bot is, or anywhere public with the scope.
    """
    wanted = call.args.required("channel")
    if wanted.startswith(("U", "W")):
        user = call.state.users.get(wanted)
        if user is None or user.deleted or user.is_bot:
            raise ApiError("channel_not_found")
        channel, _ = call.state.direct_message([wanted, call.state.bot.id])
    elif wanted.startswith("#") or not wanted[:1].isupper():
        name = wanted.removeprefix("#")
        named = [c for c in call.state.channels.values() if c.name == name and c.kind in {"public", "private"}]
        channel = call.channel(named[0].id if named else "")
    else:
        channel = call.channel(wanted)
    if channel.archived:
        raise ApiError("is_archived")
    if channel.kind == "im" and not call.manifest.messages_tab:
        raise ApiError("messages_tab_disabled")
    if "chat:write.public" not in call.manifest.scopes:
        call.must_be_in(channel)
    return channel


def _thread(call: Call, channel: Channel) -> str | None:
    thread_ts = call.args.text("thread_ts") or None
    if thread_ts is None:
        return None
    parent = call.state.find(channel.id, thread_ts)
    if parent is None:
        raise ApiError("thread_not_found")
    # A reply's own ts leads to its thread ("avoid using a reply's ts value").
    return parent.thread_ts or parent.ts


def _metadata(args: Arguments) -> Json | None:
    metadata = args.structure("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise ApiError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    return metadata


def post_message(call: Call) -> Json:
    """chat.postMessage: say something to everybody in a conversation."""
    channel = _destination(call)
    parts = content(call.args)
    if any(call.args.text(key) for key in ("username", "icon_emoji", "icon_url")):
        call.require("chat:write.customize")
    message = call.state.say(
        channel,
        **parts,
        thread_ts=_thread(call, channel),
        broadcast=call.args.flag("reply_broadcast"),
        username=call.args.text("username"),
        metadata=_metadata(call.args),
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.payload(call.state.base_url)}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral: say something only one member of the conversation sees."""
    channel = _destination(call)
    user = call.args.required("user")
    if user not in channel.members or call.state.users[user].deleted:
        raise ApiError("user_not_in_channel")
    thread_ts = call.args.text("thread_ts") or None
    message = call.state.say(channel, **content(call.args), thread_ts=thread_ts, ephemeral_to=user)
    return {"message_ts": message.ts}


def _own(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = call.named_channel()
    message = call.message(channel, "ts")
    if message.user != call.state.bot.id:
        raise ApiError(refusal)
    return channel, message


def update(call: Call) -> Json:
    """chat.update: rewrite one of the bot's own messages; an ephemeral one cannot be found."""
    channel, message = _own(call, "cant_update_message")
    if channel.archived:
        raise ApiError("is_archived")
    if len(call.args.text("text") or "") > MAX_UPDATE_TEXT:
        raise ApiError("msg_too_long")
    rewrite(call.state, message, call.args)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message.payload(call.state.base_url),
    }


def rewrite(state: State, message: Message, args: Arguments) -> None:
    """Give a message new content and tell of it; what is not named stays, but text alone drops the old blocks."""
    before, parts, metadata = replace(message), content(args), _metadata(args)
    message.text = parts["text"]
    named = {key for key in ("blocks", "attachments") if args.raw.get(key) is not None}
    if "blocks" in named or "text" in args:
        message.blocks = parts["blocks"]
    if "attachments" in named or "text" in args:
        message.attachments = parts["attachments"]
    if metadata is not None:
        message.metadata = metadata
    message.edited_ts, message.edited_by = f"{state.clock():.6f}", state.bot.id
    state.edit(message, before)


def delete(call: Call) -> Json:
    """chat.delete: take back one of the bot's own messages."""
    channel, message = _own(call, "cant_delete_message")
    call.state.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(call: Call) -> Json:
    """chat.getPermalink: the address of one message."""
    channel = call.named_channel()
    message = call.message(channel, "message_ts")
    link = f"{call.state.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts is not None and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def react(call: Call) -> Json:
    """reactions.add: put an emoji on a message."""
    channel = call.named_channel()
    message = call.message(channel, "timestamp")
    name = call.args.required("name").strip(":")
    if not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise ApiError("invalid_name")
    people = message.reactions.setdefault(name, [])
    if call.state.bot.id in people:
        raise ApiError("already_reacted")
    people.append(call.state.bot.id)
    call.state.touch("message", channel=channel.id, users=call.state.audience(channel))
    return {}


METHODS = {
    "chat.postMessage": Method(post_message, scopes=("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, tier=4, scopes=("chat:write",)),
    "chat.update": Method(update, scopes=("chat:write",)),
    "chat.delete": Method(delete, scopes=("chat:write",)),
    "chat.getPermalink": Method(permalink, tier=4, takes_json=False),
    "reactions.add": Method(react, scopes=("reactions:write",)),
}
