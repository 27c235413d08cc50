"""The `chat.*` and `reactions.*` methods (docs.slack.dev reference/methods)."""

from typing import Any

from bot.practice.workspace import block_kit
from bot.practice.workspace.calls import Arguments, Call, Method
from bot.practice.workspace.findings import ApiError
from bot.practice.workspace.records import Channel, Json, Message

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


def _destination(call: Call, wanted: str) -> Channel:
    """Return where to post; a user id means the direct message with that person (chat.postMessage: channels)."""
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


def _metadata(call: Call) -> Json | None:
    metadata = call.args.structure("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise ApiError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    return metadata


def post_message(call: Call) -> Json:
    """chat.postMessage: say something where the bot is, in a direct message, or anywhere public with the scope."""
    state = call.state
    channel = _destination(call, call.args.required("channel"))
    if state.bot.id not in channel.members and "chat:write.public" not in call.manifest.scopes:
        raise ApiError("not_in_channel")
    parts = content(call.args)
    if any(call.args.text(key) for key in ("username", "icon_emoji", "icon_url")):
        call.require("chat:write.customize")
    thread_ts = _thread(call, channel)
    message = Message(
        channel.id,
        state.next_ts(channel),
        state.bot.id,
        **parts,
        bot_id=state.bot.bot_id,
        app_id=state.app_id,
        team_id=state.team.id,
        thread_ts=thread_ts,
        broadcast=call.args.flag("reply_broadcast"),
        username=call.args.text("username"),
        metadata=_metadata(call),
        unfurl_links=call.args.flag("unfurl_links"),
        unfurl_media=call.args.flag("unfurl_media", default=True),
    )
    state.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.payload(state.base_url)}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral: say something only one member of the conversation sees."""
    state = call.state
    channel = _destination(call, call.args.required("channel"))
    user = call.args.required("user")
    if state.bot.id not in channel.members and "chat:write.public" not in call.manifest.scopes:
        raise ApiError("not_in_channel")
    if user not in channel.members or state.users[user].deleted:
        raise ApiError("user_not_in_channel")
    message = Message(
        channel.id,
        state.next_ts(channel),
        state.bot.id,
        **content(call.args),
        bot_id=state.bot.bot_id,
        app_id=state.app_id,
        team_id=state.team.id,
        thread_ts=call.args.text("thread_ts") or None,
        ephemeral_to=user,
    )
    state.post(message)
    return {"message_ts": message.ts}


def _own(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = call.channel(call.args.required("channel"))
    message = call.state.find(channel.id, call.args.required("ts"))
    if message is None:
        raise ApiError("message_not_found")
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
    before = call.state.before(message)
    rewrite(message, call.args)
    if call.args.raw.get("metadata") is not None:
        message.metadata = _metadata(call)
    message.edited_ts, message.edited_by = f"{call.state.clock():.6f}", call.state.bot.id
    call.state.edit(message, before)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message.payload(call.state.base_url),
    }


def rewrite(message: Message, args: Arguments) -> None:
    """Give a message new content; what is not named stays, except that text alone drops the old blocks."""
    parts = content(args)
    message.text = parts["text"]
    named = {key for key in ("blocks", "attachments") if args.raw.get(key) is not None}
    if "blocks" in named or "text" in args:
        message.blocks = parts["blocks"]
    if "attachments" in named or "text" in args:
        message.attachments = parts["attachments"]


def delete(call: Call) -> Json:
    """chat.delete: take back one of the bot's own messages."""
    channel, message = _own(call, "cant_delete_message")
    call.state.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(call: Call) -> Json:
    """chat.getPermalink: the address of one message."""
    channel = call.channel(call.args.required("channel"))
    message = call.state.find(channel.id, call.args.required("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    link = f"{call.state.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts is not None and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def react(call: Call) -> Json:
    """reactions.add: put an emoji on a message."""
    channel = call.channel(call.args.required("channel"))
    message = call.state.find(channel.id, call.args.required("timestamp"))
    name = call.args.required("name").strip(":")
    if message is None:
        raise ApiError("message_not_found")
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
