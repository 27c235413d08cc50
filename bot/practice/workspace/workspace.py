"""The workspace for tests, the demo and practice mode: build it, start it, let people act, and stop it."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from bot.practice.stopwatch import ACKNOWLEDGE_SECONDS, GIVE_UP_SECONDS, Stopwatch
from bot.practice.workspace import manifest as workspace_manifest
from bot.practice.workspace import payloads
from bot.practice.workspace.calls import Method
from bot.practice.workspace.delivery import RETRY_AFTER, Courier, Delivery, HttpDelivery, Transport
from bot.practice.workspace.faults import Faults
from bot.practice.workspace.manifest import Manifest
from bot.practice.workspace.person import Person
from bot.practice.workspace.records import Channel, ChannelKind, Json, Team, User
from bot.practice.workspace.server import Routes, Server
from bot.practice.workspace.socket_mode import DisconnectReason, SocketMode
from bot.practice.workspace.state import State
from bot.practice.workspace.web_api import Limiter, RateLimits, Recorded, WebApi


class Directory:
    """What an administrator does in the workspace: manage accounts, channels and their members."""

    def __init__(self, state: State, manifest: Manifest, courier: Courier) -> None:
        self.state = state
        self.manifest = manifest
        self.courier = courier

    def add_team(self, team_id: str, name: str, domain: str) -> None:
        """Add another workspace, whose people may share channels with this one (Slack Connect)."""
        with self.state.lock:
            self.state.teams[team_id] = Team(team_id, name, domain)

    def add_user(
        self,
        name: str,
        *,
        id: str | None = None,
        real_name: str | None = None,
        email: str | None = None,
        tz: str = "Europe/London",
        team_id: str | None = None,
        is_admin: bool = False,
        is_guest: bool = False,
        is_single_channel_guest: bool = False,
    ) -> Person:
        """Add an account and return the person who uses it. If it is in this workspace, send the event `team_join`."""
        with self.state.lock:
            team = team_id or self.state.team.id
            if team not in self.state.teams:
                raise ValueError(f"add_team({team!r}, …) first")
            user = User(
                id or self.state.new_id("U"),
                team,
                name,
                real_name or name.replace(".", " ").title(),
                email=email,
                tz=tz,
                is_admin=is_admin,
                is_guest=is_guest or is_single_channel_guest,
                is_single_channel_guest=is_single_channel_guest,
                updated=int(self.state.clock()),
            )
            if user.id in self.state.users:
                raise ValueError(f"there is a user {user.id} already")
            self.state.users[user.id] = user
            self.state.touch()
            if team == self.state.team.id:
                self._user_event("team_join", user)
        return self.person(user.id)

    def person(self, user_id: str) -> Person:
        """Return the person who uses this account."""
        if user_id not in self.state.users:
            raise KeyError(user_id)
        return Person(self.state, self.manifest, self.courier, user_id)

    def add_channel(
        self,
        name: str,
        members: list[str] | None = None,
        *,
        id: str | None = None,
        private: bool = False,
        with_bot: bool = True,
        shared_with: tuple[str, ...] = (),
    ) -> str:
        """Add a channel and return its id. The bot is a member unless `with_bot` is false."""
        kind: ChannelKind = "private" if private else "public"
        with self.state.lock:
            inside = [*(members or []), *([self.state.bot.id] if with_bot else [])]
            for member in inside:
                if member not in self.state.users:
                    raise ValueError(f"there is no user {member}")
            channel = Channel(id or self.state.new_id("C"), kind, name, members=inside, shared_with=shared_with)
            return self.state.add_channel(channel).id

    def add_member(self, channel: str, user_id: str) -> None:
        """Add a person or the bot to a channel."""
        with self.state.lock:
            place = self.state.channels[channel]
            if user_id not in place.members:
                self.state.join(place, user_id)

    def remove_member(self, channel: str, user_id: str) -> None:
        """Remove a person from a channel."""
        with self.state.lock:
            self.state.channels[channel].members.remove(user_id)
            self.state.touch()

    def share(self, channel: str, team_id: str) -> None:
        """Share a channel with another workspace (Slack Connect). Send the event `channel_shared`."""
        with self.state.lock:
            place = self.state.channels[channel]
            place.shared_with = (*place.shared_with, self.state.teams[team_id].id)
            self.state.touch()
            event = {"type": "channel_shared", "connected_team_id": team_id, "channel": channel}
            self.state.emit("channel_shared", event, place)

    def unshare(self, channel: str, team_id: str) -> None:
        """Stop sharing a channel with another workspace. Send the event `channel_unshared`."""
        with self.state.lock:
            place = self.state.channels[channel]
            place.shared_with = tuple(one for one in place.shared_with if one != team_id)
            self.state.touch()
            still = {"channel": channel, "is_ext_shared": bool(place.shared_with)}
            event = {"type": "channel_unshared", "previously_connected_team_id": team_id, **still}
            self.state.emit("channel_unshared", event, place)

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        with self.state.lock:
            place = self.state.channels[channel]
            place.archived = True
            self.state.touch()

    def deactivate(self, user_id: str) -> None:
        """Deactivate an account and remove it from all channels. Send the event `user_change`."""
        with self.state.lock:
            user = self.state.users[user_id]
            user.deleted, user.updated = True, int(self.state.clock())
            for channel in self.state.channels.values():
                if channel.kind in {"public", "private"} and user_id in channel.members:
                    channel.members.remove(user_id)
            self.state.close_views(user_id)
            self.state.touch()
            self._user_event("user_change", user)

    def reactivate(self, user_id: str) -> None:
        """Activate an account again, without its earlier channels. Send the event `user_change`."""
        with self.state.lock:
            user = self.state.users[user_id]
            user.deleted, user.updated = False, int(self.state.clock())
            self.state.touch()
            self._user_event("user_change", user)

    def _user_event(self, kind: str, user: User) -> None:
        shown = user.payload(
            at=self.state.clock(),
            home_team=self.state.team.id,
            with_email="users:read.email" in self.manifest.scopes,
        )
        self.state.emit(kind, {"type": kind, "user": shown, "cache_ts": int(self.state.clock())}, None)


MAX_FILE_BYTES = 1_000_000_000  # working-with-files: 1 GB per file

#: Events about one conversation, which only apps in it get. All other events reach every subscribed app.
_ONLY_AS_MEMBER = {"message.channels", "message.groups", "message.mpim", "app_mention", "file_shared"}


class Workspace(Directory):
    """A Slack workspace with one installed app. It listens from `start` until `stop`.

    `stopwatch` counts the three seconds in which an app must acknowledge an act or open a modal. By default these are
    real seconds. A HeldStopwatch moves only when a test says so. `monotonic` counts rate limits and the thirty minutes
    of a response_url.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        *,
        bot_token: str = "xoxb-practice",  # noqa: S107 -- practice credentials open nothing
        app_token: str = "xapp-practice",  # noqa: S107
        signing_secret: str = "practice-signing-secret",  # noqa: S107
        team_id: str = "T0PRACTICE",
        team_name: str = "Practice",
        team_domain: str = "practice",
        port: int = 0,
        delivery: Literal["socket", "http"] = "socket",
        request_url: str | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        stopwatch: Stopwatch | None = None,
        rate_limits: RateLimits | None = None,
        acknowledge_within: float = ACKNOWLEDGE_SECONDS,
        event_retry_after: tuple[float, ...] = RETRY_AFTER,
        ping_seconds: float = 5.0,
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        if not bot_token.startswith("xoxb-") or not app_token.startswith("xapp-"):
            raise ValueError("a bot token starts with xoxb-, an app-level token with xapp-")
        app = workspace_manifest.read(manifest)
        if delivery == "socket" and not app.socket_mode:
            raise ValueError("settings.socket_mode_enabled is not true in the manifest")
        if delivery == "http" and request_url is None:
            raise ValueError("delivery over HTTP needs a request_url")
        self.bot_token, self.app_token, self.signing_secret = bot_token, app_token, signing_secret
        team = Team(team_id, team_name, team_domain)
        state = State(team, clock=clock, monotonic=monotonic, stopwatch=stopwatch or Stopwatch())
        self.faults = Faults()
        self.sockets = SocketMode(state, acknowledge_within=acknowledge_within)
        self.http: HttpDelivery | None = None
        transport: Transport = self.sockets
        if delivery == "http" and request_url is not None:
            self.http = HttpDelivery(
                request_url, signing_secret, state.stopwatch, acknowledge_within=acknowledge_within
            )
            transport = self.http
        super().__init__(state, app, Courier(state, transport, retry_after=event_retry_after))
        limiter = Limiter(rate_limits or RateLimits(), monotonic)
        self.web_api = WebApi(
            self.state,
            self.manifest,
            limiter,
            bot_token=bot_token,
            app_token=app_token,
            max_file_bytes=max_file_bytes,
        )
        self.web_api.methods["apps.connections.open"] = Method(self.sockets.open, tier=4, caller="app")
        self.state.emit = self._emit
        self._install_bot()
        self._port = port
        self._ping_seconds = ping_seconds
        self._routes = Routes(self.state, self.web_api, self.sockets, self.faults)
        self._server: Server | None = None

    def _install_bot(self) -> None:
        state = self.state
        state.app_id = state.new_id("A")
        name = self.manifest.bot_name
        state.bot = User(
            state.new_id("U"),
            state.team.id,
            name.lower().replace(" ", "_"),
            name,
            is_bot=True,
            bot_id=state.new_id("B"),
            updated=int(state.clock()),
        )
        state.users[state.bot.id] = state.bot

    # --- running ----------------------------------------------------------------------------------------

    def serve_also(self, routes: Sequence[BaseRoute], guard: Callable[[ASGIApp], ASGIApp]) -> None:
        """Add routes for a web page, and a guard in front of all of the server's addresses.

        Call this before `start`.
        """
        self._routes.more, self._routes.guard = routes, guard

    def start(self) -> str:
        """Start listening on loopback. Return the workspace's address, such as `http://127.0.0.1:40123`."""
        server = Server(self._routes, port=self._port, ping_seconds=self._ping_seconds)
        self.state.base_url = server.address
        server.start()
        self.courier.attach(server.loop, server.thread.ident)
        self._server = server
        return server.address

    def stop(self) -> None:
        """Close every connection and free the port. Messages stay readable."""
        if self._server is None:
            return

        async def say_goodbye() -> None:
            self.courier.detach()
            await self.sockets.disconnect("link_disabled")

        self._server.run(say_goodbye())
        self._server.stop()
        self._server = None

    def __enter__(self) -> "Workspace":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Return the address at which the workspace listens."""
        return self.state.base_url

    @property
    def api_url(self) -> str:
        """Return the `base_url` for slack_sdk's WebClient."""
        return f"{self.state.base_url}/api/"

    @property
    def bot_user_id(self) -> str:
        """Return the user id of the app's bot."""
        return self.state.bot.id

    def forget(self) -> None:
        """Forget all messages, views, files and calls. People stay, and so do channels other than direct messages."""
        with self.state.lock:
            state = self.state
            for channel in [one for one in state.channels.values() if one.kind in {"im", "mpim"}]:
                del state.channels[channel.id], state.messages[channel.id]
            for said in state.messages.values():
                said.clear()
            for memory in (state.ephemerals, state.files, state.views, state.stacks, state.homes, state.triggers):
                memory.clear()
            state.response_urls.clear()
            for place in state.channels.values():
                place.last_ts = ""  # the clock may start at an earlier time
            self.courier.deliveries.clear()
            self.web_api.recorded.clear()
            state.touch()

    # --- what the app did and gets ----------------------------------------------------------------------

    @property
    def calls(self) -> list[Recorded]:
        """Return all calls to the Web API so far."""
        with self.state.lock:
            return list(self.web_api.recorded)

    @property
    def deliveries(self) -> list[Delivery]:
        """Return all deliveries to the app so far, with the result of each attempt."""
        with self.state.lock:
            return list(self.courier.deliveries)

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send a delivery again in a new envelope, as Slack does after a lost acknowledgement.

        Return the new delivery.
        """
        again = Delivery(delivery.kind, delivery.payload, delivery.accepts_response)
        self.courier.ask(again)
        return again

    def settles(self, seconds: float = GIVE_UP_SECONDS) -> None:
        """Wait until no event is being delivered. An event that waits for its next attempt doesn't count.

        Raise TimeoutError after `seconds`.
        """
        self.state.waits_for(lambda: not self.courier.under_way, seconds, "events under way to arrive")

    def waits_for_app(self, connections: int = 1, seconds: float = GIVE_UP_SECONDS) -> None:
        """Wait until the app has at least this many sockets open. Raise TimeoutError after `seconds`."""
        self.state.waits_for(
            lambda: len(self.sockets.connections) >= connections, seconds, f"{connections} connections of the app"
        )

    def disconnect_sockets(self, reason: DisconnectReason | None = "refresh_requested") -> None:
        """End the app's sockets after announcing `reason`, or without notice if `reason` is None.

        The reason `warning` ends no socket.
        """

        async def end() -> None:
            if reason is None:
                self._routes.cut_sockets()
            else:
                await self.sockets.disconnect(reason)

        if self._server is not None:
            self._server.run(end())

    def verify_request_url(self) -> bool:
        """Send `url_verification` to the app. Return whether it answered. Raise ValueError if the app uses sockets."""
        if self.http is None:
            raise ValueError("this workspace delivers over sockets")
        return self._server is not None and self._server.run(self.http.challenge())

    def _emit(self, subscription: str, event: Json, channel: Channel | None) -> None:
        if subscription not in self.manifest.events:
            return
        if channel is not None and subscription in _ONLY_AS_MEMBER and self.state.bot.id not in channel.members:
            return
        if channel is not None and channel.kind != "public" and self.state.bot.id not in channel.members:
            return
        self.courier.tell(
            Delivery("events_api", payloads.event_callback(self.state, event, channel), accepts_response=False)
        )
