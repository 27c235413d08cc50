"""Calls of the Web API: their arguments, checked by type, and the rate limit, scopes and token of each method."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.practice.workspace.findings import ApiError, invalid_arguments
from bot.practice.workspace.manifest import Manifest
from bot.practice.workspace.records import Channel, Json, User
from bot.practice.workspace.state import State


class Arguments:
    """The arguments of a call. Forms carry all values as text, and JSON bodies carry typed values (Web API: basics)."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    def __contains__(self, name: str) -> bool:
        return self.raw.get(name) not in (None, "")

    def required(self, name: str) -> str:
        """Return a text argument. Raise `invalid_arguments` if it is missing."""
        value = self.text(name)
        if value is None or value == "":
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def text(self, name: str) -> str | None:
        """Return a text argument, or None if it is missing. Raise `invalid_arguments` unless it is text or a number."""
        value = self.raw.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool | list | dict):
            raise invalid_arguments(f"must provide a string [json-pointer:/{name}]")
        return str(value)

    def flag(self, name: str) -> bool:
        """Return a yes/no argument (`true`, `1` or `t` in forms), or False if it is missing."""
        value = self.raw.get(name)
        if isinstance(value, str):
            return value.lower() in {"true", "1", "t", "yes"}
        return bool(value)

    def number(self, name: str) -> int:
        """Return an argument as a whole number. Raise `invalid_arguments` if it is missing or not a whole number."""
        try:
            return int(self.required(name))
        except ValueError:
            raise invalid_arguments(f"must provide a number [json-pointer:/{name}]") from None

    def structure(self, name: str) -> Any:
        """Return a JSON argument as a Python value. Raise `invalid_arguments` if the argument isn't JSON.

        Forms carry the argument as a string.
        """
        value = self.raw.get(name)
        if not isinstance(value, str) or value == "":
            return None if value == "" else value
        try:
            return json.loads(value)
        except ValueError:
            raise invalid_arguments(f"invalid json [json-pointer:/{name}]") from None

    def ids(self, name: str) -> list[str]:
        """Return a list of ids. The argument may have them separated by commas or as a JSON array."""
        value = self.raw.get(name)
        parts = value if isinstance(value, list) else str(value or "").split(",")
        return [str(part).strip() for part in parts if str(part).strip()]


@dataclass(frozen=True, slots=True)
class Call:
    """What a method gets for one call: the workspace's state (locked), the app's manifest and the arguments."""

    state: State
    manifest: Manifest
    args: Arguments
    max_file_bytes: int

    def require(self, *any_of: str) -> None:
        """Raise `missing_scope` unless the token has one of these scopes. If none are given, do nothing."""
        if any_of and self.manifest.scopes.isdisjoint(any_of):
            provided = ",".join(sorted(self.manifest.scopes))
            raise ApiError("missing_scope", needed=",".join(any_of), provided=provided)

    def channel(self, channel_id: str) -> Channel:
        """Return the conversation with this id.

        Raise `channel_not_found` if the id is unknown, or if the conversation is private and the bot is not in it.
        """
        channel = self.state.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and self.state.bot.id not in channel.members):
            raise ApiError("channel_not_found")
        return channel

    def named_channel(self) -> Channel:
        """Return the conversation named by the argument `channel`.

        Raise `channel_not_found` as the method `channel` does.
        """
        return self.channel(self.args.required("channel"))

    def must_be_in(self, channel: Channel) -> None:
        """Raise `not_in_channel` unless the bot is a member of the conversation."""
        if self.state.bot.id not in channel.members:
            raise ApiError("not_in_channel")

    def user(self, user_id: str) -> User:
        """Return a user of this workspace, or of a workspace that shares a channel with it.

        Raise `user_not_found` for others.
        """
        user = self.state.users.get(user_id)
        if user is None:
            raise ApiError("user_not_found")
        return user


Handler = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Web API: its rate-limit tier, its scopes (one is enough), and its token (`bot` or `app`)."""

    handler: Handler
    tier: int = 3
    scopes: tuple[str, ...] = ()
    takes_json: bool = True
    caller: str = "bot"
