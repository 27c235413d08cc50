"""The records of a Slack workspace, each with the form that it has in Slack's payloads."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

Json = dict[str, Any]
ChannelKind = Literal["public", "private", "im", "mpim"]


@dataclass(slots=True)
class Team:
    """A Slack workspace: this one, or another that shares a channel with it (Slack Connect)."""

    id: str
    name: str
    domain: str


@dataclass(slots=True)
class User:
    """The account of a person or bot (docs.slack.dev reference/objects/user-object)."""

    id: str
    team_id: str
    name: str
    real_name: str
    email: str | None = None
    tz: str = "Europe/London"
    is_admin: bool = False
    is_guest: bool = False
    is_single_channel_guest: bool = False
    is_bot: bool = False
    deleted: bool = False
    updated: int = 0
    bot_id: str | None = None

    def payload(self, *, at: float, home_team: str, with_email: bool) -> Json:
        """Return Slack's user object. Users of other workspaces are marked as strangers.

        An email needs `users:read.email`.
        """
        offset = dt.datetime.fromtimestamp(at, ZoneInfo(self.tz)).utcoffset() or dt.timedelta(0)
        profile: Json = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "team": self.team_id,
        }
        if with_email and self.email is not None:
            profile["email"] = self.email
        if self.bot_id is not None:
            profile["bot_id"] = self.bot_id
        user: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
        }
        if self.team_id != home_team:
            user["is_stranger"] = True
        if self.deleted:
            # Slack leaves the name, time zone and roles out of a deactivated account.
            return user
        return user | {
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()),
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_guest or self.is_single_channel_guest,
            "is_ultra_restricted": self.is_single_channel_guest,
        }


@dataclass(slots=True)
class Channel:
    """A conversation: a public or private channel, a direct message or a group message (Conversations API)."""

    id: str
    kind: ChannelKind
    name: str = ""
    members: list[str] = field(default_factory=list)
    archived: bool = False
    shared_with: tuple[str, ...] = ()
    last_ts: str = ""

    def label(self) -> str:
        """Return the conversation's name as Slack gives it in slash command payloads (`channel_name`)."""
        return {"im": "directmessage", "private": "privategroup"}.get(self.kind, self.name)


@dataclass(slots=True)
class File:
    """A file. The workspace first waits for its bytes, then for `files.completeUploadExternal` (Working with files)."""

    id: str
    name: str
    length: int
    user: str
    token: str
    title: str = ""
    content: bytes | None = None
    shared_in: list[str] = field(default_factory=list)
    created: int = 0
    complete: bool = False
    deleted: bool = False

    def payload(self, base_url: str) -> Json:
        """Return the fields of Slack's file object that a bot needs (docs.slack.dev reference/objects/file-object)."""
        suffix = self.name.rpartition(".")[2].lower() if "." in self.name else ""
        private = f"{base_url}/files-pri/{self.id}/{self.name}"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "filetype": suffix,
            "user": self.user,
            "size": self.length,
            "mode": "hosted",
            "is_external": False,
            "is_public": False,
            "url_private": private,
            "url_private_download": f"{private}?download=1",
            "permalink": f"{base_url}/files/{self.user}/{self.id}/{self.name}",
            "channels": [place for place in self.shared_in if place.startswith("C")],
            "groups": [place for place in self.shared_in if place.startswith("G")],
            "ims": [place for place in self.shared_in if place.startswith("D")],
        }


@dataclass(slots=True)
class Message:
    """One message in a conversation.

    `ephemeral_to` is the only person who sees it, or None for all (docs.slack.dev reference/events/message).
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    bot_id: str | None = None
    app_id: str | None = None
    team_id: str = ""
    thread_ts: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    username: str | None = None
    edited_ts: str | None = None
    metadata: Json | None = None
    ephemeral_to: str | None = None
    repliers: list[str] = field(default_factory=list)
    latest_reply: str = ""

    def payload(self, base_url: str) -> Json:
        """Return the message as the JSON object that Slack puts in API responses and events."""
        body: Json = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "text": self.text,
            "team": self.team_id,
        }
        if self.subtype is not None:
            body["subtype"] = self.subtype
        if self.bot_id is not None:
            body |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.username is not None:
            body["username"] = self.username
        if self.blocks:
            body["blocks"] = self.blocks
        if self.attachments:
            body["attachments"] = self.attachments
        if self.files:
            body |= {"files": [file.payload(base_url) for file in self.files], "upload": False}
        if self.thread_ts is not None:
            body["thread_ts"] = self.thread_ts
        if self.repliers:
            people = list(dict.fromkeys(self.repliers))
            body |= {
                "reply_count": len(self.repliers),
                "reply_users_count": len(people),
                "reply_users": people,
                "latest_reply": self.latest_reply,
            }
        if self.edited_ts is not None:
            body["edited"] = {"user": self.user, "ts": self.edited_ts}  # the author, since nobody else may edit it
        if self.metadata is not None:
            body["metadata"] = self.metadata
        return body


@dataclass(slots=True)
class View:
    """A modal or Home tab that one person has open (docs.slack.dev reference/views)."""

    id: str
    team_id: str
    user: str
    app_id: str
    bot_id: str
    definition: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Return the view's type, `modal` or `home`."""
        return str(self.definition["type"])

    @property
    def blocks(self) -> list[Json]:
        """Return the blocks of the view."""
        blocks: list[Json] = self.definition["blocks"]
        return blocks

    def payload(self) -> Json:
        """Return the view as the JSON object that Slack puts in API responses and interaction payloads."""
        shown = self.definition
        return {
            "id": self.id,
            "team_id": self.team_id,
            "type": self.kind,
            "blocks": self.blocks,
            "private_metadata": shown.get("private_metadata", ""),
            "callback_id": shown.get("callback_id", ""),
            "state": {"values": self.values},
            "hash": self.hash,
            "title": shown.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
            "clear_on_close": shown.get("clear_on_close", False),
            "notify_on_close": shown.get("notify_on_close", False),
            "close": shown.get("close"),
            "submit": shown.get("submit"),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": self.app_id,
            "external_id": shown.get("external_id", ""),
            "app_installed_team_id": self.team_id,
            "bot_id": self.bot_id,
        }


@dataclass(slots=True)
class Trigger:
    """A `trigger_id`, which opens one view within three seconds (docs.slack.dev surfaces/modals)."""

    user: str
    issued: float
    from_view: str | None
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A `response_url`, which takes up to five answers within thirty minutes.

    Source: docs.slack.dev interactivity/handling-user-interaction.
    """

    channel: str
    user: str
    issued: float
    original: Message | None  #: the message that `replace_original` and `delete_original` mean
    thread_ts: str | None
    uses: int = 0
