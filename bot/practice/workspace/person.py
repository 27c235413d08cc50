"""A person in Slack who types, clicks, fills in and reads, as far as Slack's own client allows."""

import re
import secrets

from bot.practice.stopwatch import GIVE_UP_SECONDS
from bot.practice.workspace import payloads, sights
from bot.practice.workspace.delivery import Acknowledgement, Delivery
from bot.practice.workspace.findings import ApiError, NotOffered
from bot.practice.workspace.forms import FormUser
from bot.practice.workspace.messages_api import say
from bot.practice.workspace.records import Channel, File, Json, Message
from bot.practice.workspace.sights import Outcome, SeenMessage, SeenView
from bot.practice.workspace.state import State

#: A name or channel that the person picked from Slack's list, given as its id.
_PICKED = re.compile(r"<([@#])([A-Z0-9]+)(?:\|[^>]*)?>")


def in_message(state: State, typed: str) -> str:
    """Return typed text as Slack puts it into a message: mentions as `<@U1>` or `<#C1|general>`, the rest escaped."""
    return _write(state, typed, with_names=False, ids=True)


def in_command(state: State, typed: str, *, should_escape: bool) -> str:
    """Return typed text as Slack puts it into a command: `<@U1|alex>` with `should_escape`, or otherwise `@alex`."""
    return _write(state, typed, with_names=True, ids=should_escape)


def escape(text: str) -> str:
    """Return a text with Slack's three reserved characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _write(state: State, typed: str, *, with_names: bool, ids: bool) -> str:
    people = {user.name: user.id for user in state.users.values() if not user.deleted}
    places = {channel.name: channel.id for channel in state.channels.values() if channel.kind == "public"}
    # Longer names come first, so that @alexandra isn't read as @alex. A name ends at the end of a word.
    at = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True)) or r"(?!)"
    hash_ = "|".join(re.escape(name) for name in sorted(places, key=len, reverse=True)) or r"(?!)"
    named = re.compile(rf"(?<!\w)(?:@(?P<person>{at})|#(?P<place>{hash_}))(?![\w-])")

    def mention(kind: str, target: str) -> str | None:
        if kind == "@" and target in state.users:
            name = state.users[target].name
            if not ids:
                return f"@{name}"
            return f"<@{target}|{name}>" if with_names else f"<@{target}>"
        if kind == "#" and target in state.channels:
            name = state.channels[target].name
            return f"<#{target}|{name}>" if ids else f"#{name}"
        return None

    def plain(text: str) -> str:
        out, at_ = [], 0
        for found in named.finditer(text):
            out.append(escape(text[at_ : found.start()]))
            kind = "@" if found["person"] else "#"
            target = people[found["person"]] if kind == "@" else places[found["place"]]
            out.append(mention(kind, target) or escape(found[0]))
            at_ = found.end()
        return "".join([*out, escape(text[at_:])])

    written, position = [], 0
    for found in _PICKED.finditer(typed):
        known = mention(found[1], found[2])
        if known is None:
            continue
        written += [plain(typed[position : found.start()]), known]
        position = found.end()
    return "".join([*written, plain(typed[position:])])


_COMMAND_ERRORS = {
    "timeout": "operation_timeout",
    "unreachable": "dispatch_failed",
    "client_error": "http_client_error",
    "server_error": "http_service_error",
    "bad_response": "invalid_command_response",
}


class Person(FormUser):
    """One person in the workspace. Methods wait up to three seconds for the app, and return what the person then sees.

    Methods raise NotOffered for acts that Slack's client doesn't offer. Don't call them on the server's own thread.
    """

    # --- saying -----------------------------------------------------------------------------------------

    def says(self, channel: str, text: str, *, thread_ts: str | None = None) -> SeenMessage:
        """Send an ordinary message and return it. `<@U1>` and `@name` become mentions, and the rest is escaped."""
        with self._state.lock:
            place = self._place(channel)
            if place.kind == "im" and self._state.bot.id in place.members and not self._may_write_to_app():
                raise NotOffered("sending messages to this app has been turned off")
            if thread_ts is not None and self._state.find(channel, thread_ts) is None:
                raise NotOffered("there is no such thread")
            message = Message(
                channel,
                self._state.next_ts(place),
                self.id,
                text=in_message(self._state, text),
                team_id=self.user.team_id,
                thread_ts=thread_ts,
            )
            return sights.message(self._state.post(message))

    def types(self, channel: str, line: str, *, thread_ts: str | None = None) -> Outcome:
        """Type a slash command and return the outcome. A line without a slash is sent as a message."""
        if not line.startswith("/"):
            return Outcome(replies=(self.says(channel, line, thread_ts=thread_ts),))
        name, _, rest = line.partition(" ")
        with self._state.lock:
            place = self._place(channel)
            command = self._manifest.commands.get(name)
            if thread_ts is not None:
                return Outcome(error=f"{name} is not supported in threads. Sorry!")
            if command is None:
                return Outcome(
                    error=f"{name} is not a valid command. In Slack, all messages that start with the "
                    '"/" character are interpreted as commands.'
                )
            text = in_command(self._state, rest, should_escape=command.should_escape).strip()
            body = payloads.slash_command(self._state, self.user, place, name, text)
        answer = self._courier.ask(Delivery("slash_commands", body, accepts_response=True))
        return self._after_command(name, body["response_url"].removeprefix(self._state.base_url), place, answer)

    def _after_command(self, name: str, path: str, place: Channel, answer: Acknowledgement) -> Outcome:
        if answer.reason != "ok":
            return Outcome(error=_command_error(name, answer.reason), view=self.view)
        if answer.payload in (None, "", {}):
            return Outcome(view=self.view)
        body = {"text": answer.payload} if isinstance(answer.payload, str) else answer.payload
        with self._state.lock:
            try:
                if not isinstance(body, dict):
                    raise ApiError("invalid_payload")
                shown = say(self._state, place.id, self.id, body)
            except ApiError:
                return Outcome(error=_command_error(name, "bad_response"), view=self.view)
            self._state.response_urls[path].original = shown
            return Outcome(replies=(sights.message(shown),), view=self.view)

    # --- elsewhere --------------------------------------------------------------------------------------

    def opens_home(self, seconds: float = GIVE_UP_SECONDS) -> SeenView | None:
        """Open the app's Home tab, and wait until the app was sent the event `app_home_opened`. Return the tab."""
        if not self._manifest.home_tab:
            raise NotOffered("this app has no Home tab")
        with self._state.lock:
            self._must_be_active()
            event: Json = {
                "type": "app_home_opened",
                "user": self.id,
                "channel": self.direct,
                "tab": "home",
                "event_ts": f"{self._state.clock():.6f}",
            }
            shown = self._state.homes.get(self.id)
            if shown is not None:
                event["view"] = self._state.views[shown].payload()
            before = len(self._courier.deliveries)
            self._state.emit("app_home_opened", event, None)
            sent = self._courier.deliveries[before:]
        self.waits_for(lambda: all(delivery.attempts for delivery in sent) or None, seconds) if sent else None
        return self.home

    def uses_shortcut(self, callback_id: str, *, message: SeenMessage | None = None) -> Outcome:
        """Use a shortcut on a message or, without a message, from the menu of shortcuts."""
        kind = "global" if message is None else "message"
        with self._state.lock:
            self._must_be_active()
            shortcut = self._manifest.shortcuts.get(callback_id)
            if shortcut is None or shortcut.kind != kind or not self._manifest.interactive:
                raise NotOffered(f"there is no {kind} shortcut {callback_id}")
            on = None if message is None else self._visible(message)
            if on is not None and on.ephemeral_to is not None:
                raise NotOffered("ephemeral messages have no shortcuts")
            body = payloads.shortcut(self._state, self.user, callback_id, on)
        return self._after_click(body)

    def joins(self, channel: str) -> None:
        """Join a public channel."""
        with self._state.lock:
            self._must_be_active()
            place = self._state.channels.get(channel)
            if place is None or not self._state.can_read(self.user, place):
                raise NotOffered(f"{self.id} sees no channel {channel}")
            if self.id not in place.members:
                self._state.join(place, self.id)

    def uploads(self, name: str, content: bytes) -> str:
        """Upload a file for a file_input. Return the file's id."""
        with self._state.lock:
            self._must_be_active()
            token = secrets.token_urlsafe(8)
            file = File(self._state.new_id("F"), name, len(content), self.id, token, content=content, complete=True)
            file.created = int(self._state.clock())
            self._state.files[file.id] = file
            return file.id


def _command_error(name: str, reason: str) -> str:
    return f'{name} failed with the error "{_COMMAND_ERRORS[reason]}"'
