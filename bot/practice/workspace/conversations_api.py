"""The `conversations.*` methods (docs.slack.dev apis/web-api/using-the-conversations-api)."""

import re

from bot.practice.workspace.calls import Call, Method, page
from bot.practice.workspace.findings import ApiError, invalid_arguments
from bot.practice.workspace.records import Channel, Json

_KIND_WORDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
_READ = {"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}
_HISTORY = {"public": "channels:history", "private": "groups:history", "im": "im:history", "mpim": "mpim:history"}
MAX_GROUP = 8  # conversations.open: between one and eight others


def describe(call: Call, channel: Channel) -> Json:
    """Return Slack's conversation object (reference/objects/conversation-object), the fields a bot needs."""
    bot = call.state.bot.id
    if channel.kind == "im":
        other = next((member for member in channel.members if member != bot), bot)
        user = call.state.users[other]
        body: Json = {"id": channel.id, "created": channel.created, "is_im": True, "is_org_shared": False}
        return body | {"user": other, "is_user_deleted": user.deleted, "priority": 0, "is_archived": user.deleted}
    shared = bool(channel.shared_with)
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind in {"private", "mpim"},
        "is_im": False,
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "created": channel.created,
        "creator": channel.creator,
        "is_archived": channel.archived,
        "is_general": False,
        "is_member": bot in channel.members,
        "is_shared": shared,
        "is_ext_shared": shared,
        "is_org_shared": False,
        "context_team_id": call.state.team.id,
        "shared_team_ids": [call.state.team.id, *channel.shared_with],
        "num_members": len(channel.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _known(call: Call, scopes: dict[str, str]) -> Channel:
    channel = call.named_channel()
    call.require(scopes[channel.kind])
    return channel


def open_(call: Call) -> Json:
    """conversations.open: the direct message with one person, or the group message with up to eight."""
    if "channel" in call.args:
        channel = call.named_channel()
        already = True
    else:
        users = call.args.ids("users")
        if not users:
            raise ApiError("users_list_not_supplied")
        if len(users) > MAX_GROUP:
            raise ApiError("too_many_users")
        for user_id in users:
            if user_id not in call.state.users:
                raise ApiError("user_not_found")
            if call.state.users[user_id].deleted:
                raise ApiError("user_disabled")
        call.require("im:write" if len(users) == 1 else "mpim:write")
        channel, already = call.state.direct_message([*users, call.state.bot.id])
    if channel.kind not in {"im", "mpim"}:
        raise ApiError("method_not_supported_for_channel_type")
    shown = describe(call, channel) if call.args.flag("return_im") else {"id": channel.id}
    answer: Json = {"channel": shown}
    return answer | {"no_op": True, "already_open": True} if already else answer


def info(call: Call) -> Json:
    """conversations.info: one conversation."""
    channel = _known(call, _READ)
    shown = describe(call, channel)
    if not call.args.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


def list_(call: Call) -> Json:
    """conversations.list: every conversation of the wanted types the bot may know of."""
    words = call.args.ids("types") or ["public_channel"]
    if any(word not in _KIND_WORDS for word in words):
        raise ApiError("invalid_types")
    kinds = {_KIND_WORDS[word] for word in words}
    for kind in sorted(kinds):
        call.require(_READ[kind])
    hide = call.args.flag("exclude_archived")
    bot = call.state.bot.id
    shown = [
        describe(call, channel)
        for channel in call.state.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or bot in channel.members)
        and not (hide and channel.archived)
    ]
    items, cursor = page(shown, call.args)
    return {"channels": items, "response_metadata": {"next_cursor": cursor}}


def members(call: Call) -> Json:
    """conversations.members: who is in it."""
    channel = _known(call, _READ)
    items, cursor = page([{"id": member} for member in channel.members], call.args)
    return {"members": [item["id"] for item in items], "response_metadata": {"next_cursor": cursor}}


def join(call: Call) -> Json:
    """conversations.join: enter a public channel."""
    channel = call.named_channel()
    if channel.kind != "public":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    if call.state.bot.id in channel.members:
        warning = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": describe(call, channel), **warning}
    call.state.join(channel, call.state.bot.id)
    return {"channel": describe(call, channel)}


def history(call: Call) -> Json:
    """conversations.history: what was said, the newest first, replies left out."""
    channel = _known(call, _HISTORY)
    call.must_be_in(channel)
    oldest, latest = call.args.text("oldest") or "0", call.args.text("latest") or "9999999999"
    inclusive = call.args.flag("inclusive")
    shown = [
        message.payload(call.state.base_url)
        for message in reversed(call.state.messages[channel.id])
        if (message.thread_ts in (None, message.ts) or message.broadcast)
        and (float(oldest) < float(message.ts) < float(latest) or (inclusive and message.ts in (oldest, latest)))
    ]
    items, cursor = page(shown, call.args)
    answer: Json = {"messages": items, "has_more": bool(cursor), "pin_count": 0}
    return answer | {"response_metadata": {"next_cursor": cursor}} if cursor else answer


def replies(call: Call) -> Json:
    """conversations.replies: one thread, its first message first."""
    channel = _known(call, _HISTORY)
    call.must_be_in(channel)
    parent = call.args.required("ts")
    if call.state.find(channel.id, parent) is None:
        raise ApiError("thread_not_found")
    thread = [m for m in call.state.messages[channel.id] if parent in {m.ts, m.thread_ts}]
    items, cursor = page([message.payload(call.state.base_url) for message in thread], call.args)
    return {"messages": items, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def create(call: Call) -> Json:
    """conversations.create: a new channel with the bot in it."""
    name = call.args.required("name")
    private = call.args.flag("is_private")
    call.require("groups:write" if private else "channels:manage")
    if len(name) > 80:
        raise ApiError("invalid_name_maxlength")
    if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
        raise ApiError("invalid_name_specials")
    if any(channel.name == name for channel in call.state.channels.values()):
        raise ApiError("name_taken")
    bot = call.state.bot.id
    new = Channel(call.state.new_id("C"), "private" if private else "public", name, members=[bot], creator=bot)
    return {"channel": describe(call, call.state.add_channel(new))}


def invite(call: Call) -> Json:
    """conversations.invite: bring people into a channel the bot is in."""
    channel = call.named_channel()
    if channel.kind not in {"public", "private"}:
        raise ApiError("method_not_supported_for_channel_type")
    call.require(
        *(
            ("groups:write", "groups:write.invites")
            if channel.kind == "private"
            else ("channels:manage", "channels:write.invites")
        )
    )
    call.must_be_in(channel)
    users = call.args.ids("users")
    if not users:
        raise invalid_arguments("missing required field: users")
    for user_id in users:
        if user_id not in call.state.users or call.state.users[user_id].deleted:
            raise ApiError("user_not_found")
        if user_id == call.state.bot.id:
            raise ApiError("cant_invite_self")
        if user_id in channel.members:
            raise ApiError("already_in_channel")
    for user_id in users:
        call.state.join(channel, user_id, inviter=call.state.bot.id)
    return {"channel": describe(call, channel)}


METHODS = {
    "conversations.open": Method(open_),
    "conversations.info": Method(info, takes_json=False),
    "conversations.list": Method(list_, tier=2, takes_json=False),
    "conversations.members": Method(members, tier=4, takes_json=False),
    "conversations.join": Method(join, scopes=("channels:join",)),
    "conversations.history": Method(history, takes_json=False),
    "conversations.replies": Method(replies, takes_json=False),
    "conversations.create": Method(create, tier=2),
    "conversations.invite": Method(invite),
}
