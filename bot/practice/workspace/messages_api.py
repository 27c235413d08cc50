"""Messages: the `chat.*` and `conversations.*` methods, and response_urls (docs.slack.dev reference/methods)."""

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

from bot.practice.workspace import block_kit
from bot.practice.workspace.calls import Arguments, Call, Method
from bot.practice.workspace.findings import ApiError
from bot.practice.workspace.records import Channel, Json, Message, ResponseUrl
from bot.practice.workspace.state import RESPONSE_URL_SECONDS, RESPONSE_URL_USES, State

MAX_TEXT = 40_000  # chat.postMessage: "truncating messages": longer text is cut
MAX_UPDATE_TEXT = 4_000  # chat.update: msg_too_long, "the text field cannot exceed 4,000 characters"
MAX_ATTACHMENTS = 100  # chat.postMessage: too_many_attachments
MAX_GROUP = 8  # conversations.open: between one and eight others


def content(args: Arguments) -> dict[str, Any]:
    """Return the text, blocks and attachments of a new message. Raise errors such as `no_text` or `invalid_blocks`."""
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
    """Return the conversation to post in. A user's id stands for the direct message with that user.

    Raise an error unless the bot is a member of the conversation, or the conversation is public and the app has
    `chat:write.public` (chat.postMessage: channels).
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
    # The ts of a reply leads to the reply's thread ("avoid using a reply's ts value").
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
    """Answer chat.postMessage: post a message that everyone in a conversation sees."""
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
    """Answer chat.postEphemeral: show a message to only one person, in a conversation that the bot is in."""
    channel, user = call.named_channel(), call.user(call.args.required("user"))
    if channel.archived:
        raise ApiError("is_archived")
    call.must_be_in(channel)
    if user.id not in channel.members:
        raise ApiError("user_not_in_channel")
    parts = content(call.args)
    message = call.state.say(channel, **parts, thread_ts=_thread(call, channel), ephemeral_to=user.id)
    return {"message_ts": message.ts}


def _own(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = call.named_channel()
    message = call.state.find(channel.id, call.args.required("ts"))
    if message is None:
        raise ApiError("message_not_found")
    if message.user != call.state.bot.id:
        raise ApiError(refusal)
    return channel, message


def update(call: Call) -> Json:
    """Answer chat.update: rewrite one of the bot's own messages.

    Raise an error for an ephemeral message, as Slack does.
    """
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
    """Give a message new content, and send the event that it changed. Content that is left out stays as it was.

    New text without blocks removes the message's blocks.
    """
    before, parts, metadata = replace(message), content(args), _metadata(args)
    message.text = parts["text"]
    named = {key for key in ("blocks", "attachments") if args.raw.get(key) is not None}
    if "blocks" in named or "text" in args:
        message.blocks = parts["blocks"]
    if "attachments" in named or "text" in args:
        message.attachments = parts["attachments"]
    if metadata is not None:
        message.metadata = metadata
    message.edited_ts = f"{state.clock():.6f}"
    state.edit(message, before)


def delete(call: Call) -> Json:
    """Answer chat.delete: remove one of the bot's own messages."""
    channel, message = _own(call, "cant_delete_message")
    call.state.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def open_conversation(call: Call) -> Json:
    """Answer conversations.open with the direct message to one person, or a group message to up to eight people."""
    if "channel" in call.args:
        channel, already = call.named_channel(), True
    else:
        users = call.args.ids("users")
        if not users:
            raise ApiError("users_list_not_supplied")
        if len(users) > MAX_GROUP:
            raise ApiError("too_many_users")
        for user_id in users:
            if call.user(user_id).deleted:
                raise ApiError("user_disabled")
        call.require("im:write" if len(users) == 1 else "mpim:write")
        channel, already = call.state.direct_message([*users, call.state.bot.id])
    if channel.kind not in {"im", "mpim"}:
        raise ApiError("method_not_supported_for_channel_type")
    answer: Json = {"channel": {"id": channel.id}}
    return answer | {"no_op": True, "already_open": True} if already else answer


_READS = {"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}


def conversation_info(call: Call) -> Json:
    """Answer conversations.info with one conversation (docs.slack.dev reference/objects/conversation-object)."""
    channel = call.named_channel()
    call.require(_READS[channel.kind])
    is_direct, is_shared = channel.kind in {"im", "mpim"}, bool(channel.shared_with)
    facts: Json = {
        "id": channel.id,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "is_archived": channel.archived,
        "is_member": call.state.bot.id in channel.members,
        "context_team_id": call.state.team.id,
        "is_shared": is_shared,
        "is_ext_shared": is_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
    }
    return {
        "channel": facts if is_direct else facts | {"name": channel.name, "shared_team_ids": [*channel.shared_with]}
    }


MAX_MEMBERS = 999  # conversations.members: "an integer with a max value of 999"; 100 unless said
_CURSOR = "member:"


def conversation_members(call: Call) -> Json:
    """Answer conversations.members with one page of a conversation's members (docs.slack.dev …/pagination)."""
    channel = call.named_channel()
    call.require(_READS[channel.kind])
    limit = call.args.number("limit") if call.args.text("limit") else 100
    if not 0 < limit <= MAX_MEMBERS:
        raise ApiError("invalid_limit")
    first = 0
    if cursor := call.args.text("cursor"):
        try:
            said = b64decode(cursor, validate=True).decode()
            first = int(said.removeprefix(_CURSOR)) if said.startswith(_CURSOR) else 0
        except ValueError:
            first = 0
        if not 0 < first < len(channel.members):
            raise ApiError("invalid_cursor")
    rest = first + limit
    next_cursor = b64encode(f"{_CURSOR}{rest}".encode()).decode() if rest < len(channel.members) else ""
    return {"members": channel.members[first:rest], "response_metadata": {"next_cursor": next_cursor}}


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
    """Carry out a POST to a response_url. Raise errors such as `used_url`, `expired_url` or `no_text`."""
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
    # Later answers to a command may replace or delete the message that its first answer showed.
    place.original = place.original or message


def _original(state: State, place: ResponseUrl) -> Message | None:
    """Return the message that an answer to a response_url may replace or delete.

    Return None if there was no such message, or if it is deleted by now.
    """
    original = place.original
    if original is None:
        return None
    private = original.ephemeral_to is not None
    there = state.ephemerals.get(place.user, []) if private else state.messages[place.channel]
    return original if original in there else None


def say(state: State, channel: str, user: str, body: Json, *, thread_ts: str | None = None) -> Message:
    """Post the app's answer to a person, which only this person sees.

    With `response_type: in_channel`, everyone in the channel sees it.
    """
    private_to = None if body.get("response_type") == "in_channel" else user
    parts = content(Arguments(body))
    return state.say(state.channels[channel], **parts, thread_ts=thread_ts, ephemeral_to=private_to)


METHODS = {
    "chat.postMessage": Method(post_message, scopes=("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, tier=4, scopes=("chat:write",)),
    "chat.update": Method(update, scopes=("chat:write",)),
    "chat.delete": Method(delete, scopes=("chat:write",)),
    "conversations.open": Method(open_conversation),
    "conversations.members": Method(
        conversation_members, tier=4, scopes=("channels:read", "groups:read"), takes_json=False
    ),
    "conversations.info": Method(conversation_info, scopes=("channels:read", "groups:read"), takes_json=False),
}
