"""The people and channels of a workspace: who is added, moved about, switched off and brought back."""

from bot.practice.delivery import Courier
from bot.practice.manifest import Manifest
from bot.practice.people import Person
from bot.practice.records import Channel, ChannelKind, Team, User
from bot.practice.state import State


class Directory:
    """What an administrator of the workspace does with accounts and channels."""

    def __init__(self, state: State, manifest: Manifest, courier: Courier) -> None:
        self.state = state
        self.manifest = manifest
        self.courier = courier

    def add_team(self, team_id: str, name: str, domain: str) -> None:
        """Make another workspace known whose people may share channels with ours (Slack Connect)."""
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
        """Add an account and return the person behind it; people of our own team raise `team_join`."""
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
            self.state.touch("user")
            if team == self.state.team.id:
                self._user_event("team_join", user)
        return self.person(user.id)

    def person(self, user_id: str) -> Person:
        """Return the person behind an account."""
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
        """Add a channel and return its id; the bot is in it unless `with_bot` is false."""
        kind: ChannelKind = "private" if private else "public"
        with self.state.lock:
            inside = [*(members or []), *([self.state.bot.id] if with_bot else [])]
            for member in inside:
                if member not in self.state.users:
                    raise ValueError(f"there is no user {member}")
            creator = inside[0] if inside else ""
            channel = Channel(
                id or self.state.new_id("C"), kind, name, members=inside, creator=creator, shared_with=shared_with
            )
            return self.state.add_channel(channel).id

    def add_member(self, channel: str, user_id: str) -> None:
        """Bring somebody (also the bot) into a channel."""
        with self.state.lock:
            place = self.state.channels[channel]
            if user_id not in place.members:
                self.state.join(place, user_id)

    def remove_member(self, channel: str, user_id: str) -> None:
        """Take somebody (also the bot) out of a channel."""
        with self.state.lock:
            self.state.leave(self.state.channels[channel], user_id)

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        with self.state.lock:
            place = self.state.channels[channel]
            place.archived = True
            self.state.touch("channel", channel=channel, users=self.state.audience(place))

    def deactivate(self, user_id: str) -> None:
        """Deactivate an account: out of all channels, nothing works any more; raises the event `user_change`."""
        with self.state.lock:
            user = self.state.users[user_id]
            user.deleted, user.updated = True, int(self.state.clock())
            for channel in self.state.channels.values():
                if channel.kind in {"public", "private"} and user_id in channel.members:
                    channel.members.remove(user_id)
            self.state.close_views(user_id)
            self.state.touch("user")
            self._user_event("user_change", user)

    def reactivate(self, user_id: str) -> None:
        """Give a deactivated account back; memberships stay lost."""
        with self.state.lock:
            user = self.state.users[user_id]
            user.deleted, user.updated = False, int(self.state.clock())
            self.state.touch("user")
            self._user_event("user_change", user)

    def _user_event(self, kind: str, user: User) -> None:
        shown = user.payload(
            at=self.state.clock(),
            home_team=self.state.team.id,
            with_email="users:read.email" in self.manifest.scopes,
        )
        self.state.emit(kind, {"type": kind, "user": shown, "cache_ts": int(self.state.clock())}, None)
