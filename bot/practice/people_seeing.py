"""What a person at Slack sees, and what their client lets them do at all."""

import time
from collections.abc import Callable
from typing import TypeVar

from bot.practice import sights
from bot.practice.delivery import Courier
from bot.practice.manifest import Manifest
from bot.practice.records import Channel, Message, User, View
from bot.practice.refusals import NotOffered
from bot.practice.sights import SeenMessage, SeenView
from bot.practice.state import State
from bot.practice.stopwatch import GIVE_UP_SECONDS

T = TypeVar("T")


class Onlooker:
    """Somebody in front of their client, who only looks."""

    def __init__(self, state: State, manifest: Manifest, courier: Courier, user_id: str) -> None:
        self._state = state
        self._manifest = manifest
        self._courier = courier
        self.id = user_id

    def __repr__(self) -> str:
        return f"Person({self.id})"

    @property
    def user(self) -> User:
        """Return the account."""
        return self._state.users[self.id]

    @property
    def direct(self) -> str:
        """Return the id of the direct message with the app, opened if need be."""
        with self._state.lock:
            return self._state.direct_message([self.id, self._state.bot.id])[0].id

    @property
    def view(self) -> SeenView | None:
        """Return the modal on top of the screen."""
        with self._state.lock:
            stack = self._state.stack(self.id)
            return sights.view(stack[-1]) if stack else None

    @property
    def home(self) -> SeenView | None:
        """Return the app's Home tab as last published."""
        with self._state.lock:
            shown = self._state.homes.get(self.id)
            return None if shown is None else sights.view(self._state.views[shown])

    def messages(self, channel: str, *, thread_ts: str | None = None) -> list[SeenMessage]:
        """Return what this person sees in a conversation, oldest first; [] where they may not look.

        With `thread_ts` one thread; without it everything, replies included.
        """
        with self._state.lock:
            place = self._state.channels.get(channel)
            if place is None or not self._state.can_read(self.user, place):
                return []
            own = [m for m in self._state.ephemerals.get(self.id, []) if m.channel == channel]
            shown = sorted([*self._state.messages[channel], *own], key=lambda message: message.ts)
            return [sights.message(m) for m in shown if thread_ts is None or thread_ts in (m.ts, m.thread_ts)]

    def dm(self) -> list[SeenMessage]:
        """Return the direct message with the app."""
        return self.messages(self.direct)

    def waits_for(self, wanted: Callable[[], T], seconds: float = GIVE_UP_SECONDS) -> T:
        """Wait until `wanted()` is true and return it; looks again after each change; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            with self._state.lock:
                version = self._state.version
            # Without the lock: `wanted` may itself wait for the app, which needs the workspace to answer.
            found = wanted()
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{self.id} waited {seconds} s in vain")
            with self._state.changed:
                if self._state.version == version:
                    # Wake now and then all the same: `wanted` may look at things outside the workspace.
                    self._state.changed.wait(min(left, 0.2))

    def reloads(self) -> None:
        """Restart the client: ephemeral messages and open modals are gone (chat.postEphemeral: not persisted)."""
        with self._state.lock:
            self._state.ephemerals.pop(self.id, None)
            self._state.close_views(self.id)
            self._state.touch("ephemeral", users=[self.id])

    # --- what the client checks -------------------------------------------------------------------------

    def _must_be_active(self) -> None:
        if self.user.deleted:
            raise NotOffered(f"{self.id} is deactivated")

    def _may_write_to_app(self) -> bool:
        return self._manifest.messages_tab and not self._manifest.messages_tab_read_only

    def _place(self, channel: str) -> Channel:
        self._must_be_active()
        place = self._state.channels.get(channel)
        if place is None or self.id not in place.members:
            raise NotOffered(f"{self.id} is not in {channel}")
        if place.archived:
            raise NotOffered(f"{channel} is archived")
        return place

    def _visible(self, target: SeenMessage) -> Message:
        place = self._state.channels[target.channel]
        if self._state.can_read(self.user, place):
            for message in [*self._state.messages[target.channel], *self._state.ephemerals.get(self.id, [])]:
                if message.ts == target.ts and message.channel == target.channel:
                    return message
        raise NotOffered(f"{self.id} no longer sees this message")

    def _open(self, target: SeenView) -> View:
        view = self._state.views.get(target.id)
        if view is None or view.user != self.id:
            raise NotOffered("this view is no longer open")
        return view
