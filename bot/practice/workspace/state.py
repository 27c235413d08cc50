"""The workspace's data in memory: people, conversations, messages, open views, and threads that wait for changes."""

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

from bot.practice.stopwatch import Stopwatch
from bot.practice.workspace.records import (
    Channel,
    ChannelKind,
    File,
    Json,
    Message,
    ResponseUrl,
    Team,
    Trigger,
    User,
    View,
)

TRIGGER_SECONDS = 3.0  # surfaces/modals: "a trigger_id expires 3 seconds after it is issued"
MAX_STACK = 3  # surfaces/modals: the first view and two more
RESPONSE_URL_USES = 5  # interactivity/handling-user-interaction: five times within 30 minutes
RESPONSE_URL_SECONDS = 30 * 60.0
#: For each kind of conversation, its name in message events and the subscription that gets these events.
_MESSAGE_EVENTS: dict[ChannelKind, tuple[str, str]] = {
    "public": ("channel", "message.channels"),
    "private": ("group", "message.groups"),
    "im": ("im", "message.im"),
    "mpim": ("mpim", "message.mpim"),
}

T = TypeVar("T")
EmitEvent = Callable[[str, Json, Channel | None], None]


class State:
    """All data of the workspace, behind one lock. `changed` is notified after each change.

    `clock` gives wall time (message ts, event times), `monotonic` the age of a response_url, and `stopwatch` the three
    seconds of a trigger.
    """

    def __init__(
        self, team: Team, *, clock: Callable[[], float], monotonic: Callable[[], float], stopwatch: Stopwatch
    ) -> None:
        self.team = team
        self.clock = clock
        self.monotonic = monotonic
        self.stopwatch = stopwatch
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.base_url = ""
        self.emit: EmitEvent = lambda _subscription, _event, _channel: None
        self.teams: dict[str, Team] = {team.id: team}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, list[Message]] = {}
        self.ephemerals: dict[str, list[Message]] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.bot = User("", team.id, "", "")
        self.app_id = ""
        self._numbers = itertools.count(1)
        self._watchers: list[Callable[[], None]] = []

    # --- identity and observation -----------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        """Return an id in Slack's form that is not in use."""
        return f"{prefix}0PR{next(self._numbers):06d}"

    @contextmanager
    def watched(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call `callback` after every change that a person can see, until the `with` block ends.

        The callback runs on the thread that made the change, which holds the state's lock, so the callback must not
        wait.
        """
        with self.lock:
            self._watchers.append(callback)
        try:
            yield
        finally:
            with self.lock:
                self._watchers.remove(callback)

    def touch(self) -> None:
        """Call all watchers and wake all waiting threads. Call this after a change that a person can see."""
        with self.lock:
            for callback in self._watchers:
                callback()
        self.wake()

    def wake(self) -> None:
        """Wake all threads that wait in `waits_for`, so that each calls its `wanted` again."""
        with self.changed:
            self.version += 1
            self.changed.notify_all()

    def waits_for(self, wanted: Callable[[], T], seconds: float, what: str) -> T:
        """Call `wanted` after each change until its result is true. Return this result.

        Raise TimeoutError after `seconds`. The error says that `what` did not come.
        """
        deadline = time.monotonic() + seconds
        while True:
            with self.lock:
                version = self.version
            # Called without the lock, since `wanted` may wait for the app, which needs the workspace to answer.
            found = wanted()
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"waited {seconds} s for {what}, which did not come")
            with self.changed:
                if self.version == version:
                    # Look again every 0.2 s too, since `wanted` may depend on things outside the workspace.
                    self.changed.wait(min(left, 0.2))

    # --- conversations ----------------------------------------------------------------------------------

    def add_channel(self, channel: Channel) -> Channel:
        """Add a conversation to the workspace."""
        self.channels[channel.id] = channel
        self.messages.setdefault(channel.id, [])
        self.touch()
        return channel

    def can_read(self, user: User, channel: Channel) -> bool:
        """Return whether a person's client shows this conversation.

        A guest sees only conversations that they are in.
        """
        if user.deleted:
            return False
        if user.id in channel.members:
            return True
        return channel.kind == "public" and not user.is_guest and user.team_id == self.team.id

    def seen(self, user: User, channel: str) -> list[Message]:
        """Return the messages that a person sees in a conversation, oldest first, or [] if they can't read it."""
        place = self.channels.get(channel)
        if place is None or not self.can_read(user, place):
            return []
        own = [message for message in self.ephemerals.get(user.id, []) if message.channel == channel]
        return sorted([*self.messages[channel], *own], key=lambda message: message.ts)

    def direct_message(self, users: list[str]) -> tuple[Channel, bool]:
        """Return the conversation of these members, created if there is none, and whether it existed before."""
        kind: ChannelKind = "im" if len(users) == 2 else "mpim"
        for channel in self.channels.values():
            if channel.kind == kind and sorted(channel.members) == sorted(users):
                return channel, True
        name = "" if kind == "im" else "mpdm-" + "--".join(self.users[user].name for user in users) + "-1"
        new = Channel(self.new_id("D" if kind == "im" else "G"), kind, name, members=list(users))
        return self.add_channel(new), False

    def join(self, channel: Channel, user: str) -> None:
        """Add a person to a channel. An app that is in the channel gets the event `member_joined_channel`."""
        channel.members.append(user)
        self.touch()
        event: Json = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": self.users[user].team_id,
        }
        self.emit("member_joined_channel", event, channel)

    # --- messages ---------------------------------------------------------------------------------------

    def next_ts(self, channel: Channel) -> str:
        """Return a `ts` for a new message: seconds with six decimals.

        In a channel each `ts` is later than the one before, even if the clock does not move.
        """
        now = Decimal(f"{self.clock():.6f}")
        if channel.last_ts:
            now = max(now, Decimal(channel.last_ts) + Decimal("0.000001"))
        channel.last_ts = f"{now:.6f}"
        return channel.last_ts

    def find(self, channel: str, ts: str) -> Message | None:
        """Return the message with this `ts` that everyone in the conversation sees, or None if there is none."""
        return next((message for message in self.messages.get(channel, []) if message.ts == ts), None)

    def post(self, message: Message) -> Message:
        """Post a message and send its `message.*` event (docs.slack.dev reference/events/message)."""
        channel = self.channels[message.channel]
        if message.ephemeral_to is not None:
            self.ephemerals.setdefault(message.ephemeral_to, []).append(message)
            self.touch()
            return message
        self.messages[channel.id].append(message)
        self._count_reply(message)
        self.touch()
        self._tell(channel, message.payload(self.base_url), mentions=message.user != self.bot.id)
        return message

    def say(self, channel: Channel, **parts: Any) -> Message:
        """Post a message from the app, with these parts, in a conversation. Return the message."""
        shared: dict[str, Any] = {"bot_id": self.bot.bot_id, "app_id": self.app_id, "team_id": self.team.id}
        return self.post(Message(channel.id, self.next_ts(channel), self.bot.id, **shared, **parts))

    def _count_reply(self, message: Message) -> None:
        parent = None if message.thread_ts is None else self.find(message.channel, message.thread_ts)
        if parent is not None and parent is not message:
            parent.thread_ts, parent.latest_reply = parent.ts, message.ts
            parent.repliers.append(message.user)

    def edit(self, message: Message, before: Message) -> None:
        """Send the event that a message was edited. `before` is the message as it was."""
        self._tell_of_change("message_changed", before, {"message": message.payload(self.base_url)})

    def remove(self, message: Message) -> None:
        """Remove a message for everyone who saw it, and send the event that it was deleted."""
        private = message.ephemeral_to
        (self.messages[message.channel] if private is None else self.ephemerals[private]).remove(message)
        self._tell_of_change("message_deleted", message, {"deleted_ts": message.ts})

    def _tell_of_change(self, subtype: str, before: Message, more: Json) -> None:
        self.touch()
        if before.ephemeral_to is not None:
            return  # Slack sends no event about an ephemeral message
        channel = self.channels[before.channel]
        event: Json = {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "previous_message": before.payload(self.base_url),
            "ts": self.next_ts(channel),
        }
        self._tell(channel, event | more, mentions=False)

    def _tell(self, channel: Channel, body: Json, *, mentions: bool) -> None:
        kind, subscription = _MESSAGE_EVENTS[channel.kind]
        where = {"channel": channel.id, "channel_type": kind, "event_ts": body["ts"]}
        self.emit(subscription, body | where, channel)
        if mentions and channel.kind != "im" and f"<@{self.bot.id}" in str(body.get("text", "")):
            mention = {**body, "type": "app_mention", "channel": channel.id, "event_ts": body["ts"]}
            self.emit("app_mention", mention, channel)

    # --- triggers, response_urls and views --------------------------------------------------------------

    def new_trigger(self, user: str, *, from_view: str | None = None) -> str:
        """Issue and return a `trigger_id` in Slack's form (`number.number.hex`)."""
        number = next(self._numbers)
        trigger_id = f"{number}.{number + 1000}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(user, self.stopwatch.seconds(), from_view)
        return trigger_id

    def new_response_url(self, kind: str, channel: str, user: str, original: Message | None = None) -> str:
        """Issue and return a `response_url`. `original` is the message that an answer to it may replace or delete."""
        path = f"/{kind}/{self.team.id}/{next(self._numbers)}/{secrets.token_hex(12)}"
        thread_ts = None if original is None else original.thread_ts
        self.response_urls[path] = ResponseUrl(channel, user, self.monotonic(), original, thread_ts)
        return f"{self.base_url}{path}"

    def stack(self, user: str) -> list[View]:
        """Return the modals on a person's screen. The last modal is the visible one."""
        return [self.views[view_id] for view_id in self.stacks.get(user, [])]

    def close_views(self, user: str, *, keep: int = 0) -> list[View]:
        """Close modals on a person's screen, from the top, until `keep` are left.

        Return the closed modals in this order.
        """
        ids = self.stacks.get(user, [])
        gone = [self.views.pop(view_id) for view_id in reversed(ids[keep:])]
        self.stacks[user] = ids[:keep]
        if gone:
            self.touch()
        return gone
