"""The app as its manifest declares it.

The workspace offers only the declared commands, shortcuts, events and scopes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

#: The scope that Slack requires for each event that an app subscribes to (each event's own reference page).
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "channel_archive": "channels:read",
    "channel_shared": "groups:read",  # or channels:read, for public channels alone
    "channel_unshared": "groups:read",
    "file_shared": "files:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
}


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command. With `should_escape`, typed @names and #channels become ids (App manifest reference)."""

    name: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One shortcut, in the menu of a message (`message`) or in the menu of shortcuts (`global`)."""

    name: str
    callback_id: str
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts of an app's manifest that the workspace needs (docs.slack.dev reference/app-manifest)."""

    app_name: str
    bot_name: str
    commands: dict[str, Command]
    shortcuts: dict[str, Shortcut]
    events: frozenset[str]
    scopes: frozenset[str]
    interactive: bool
    socket_mode: bool
    home_tab: bool
    messages_tab: bool
    messages_tab_read_only: bool


def read(manifest: dict[str, Any]) -> Manifest:
    """Return what a manifest declares, after checking it. Raise ValueError that lists all mistakes in the manifest."""
    features: dict[str, Any] = manifest.get("features", {})
    settings: dict[str, Any] = manifest.get("settings", {})
    scopes = frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))
    app_home: dict[str, Any] = features.get("app_home", {})
    app_name = str(manifest.get("display_information", {}).get("name", ""))
    commands = {
        # Slack's default is false. Here people always pick names from the list, so the default is to escape them.
        entry["command"]: Command(
            entry["command"],
            entry.get("description", ""),
            entry.get("usage_hint", ""),
            bool(entry.get("should_escape", True)),
        )
        for entry in features.get("slash_commands", [])
    }
    shortcuts = {
        entry["callback_id"]: Shortcut(
            entry.get("name", ""), entry["callback_id"], entry.get("type", ""), entry.get("description", "")
        )
        for entry in features.get("shortcuts", [])
    }
    read_manifest = Manifest(
        app_name=app_name,
        bot_name=str(features.get("bot_user", {}).get("display_name", app_name)),
        commands=commands,
        shortcuts=shortcuts,
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        scopes=scopes,
        interactive=bool(settings.get("interactivity", {}).get("is_enabled", False)),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        home_tab=bool(app_home.get("home_tab_enabled", False)),
        messages_tab=bool(app_home.get("messages_tab_enabled", True)),
        messages_tab_read_only=bool(app_home.get("messages_tab_read_only_enabled", False)),
    )
    if faults := list(_faults(read_manifest)):
        raise ValueError("; ".join(faults))
    return read_manifest


def _faults(manifest: Manifest) -> Iterator[str]:
    yield from _length("display_information.name", manifest.app_name, 35)
    yield from _length("features.bot_user.display_name", manifest.bot_name, 80, least=0)
    for command in manifest.commands.values():
        if not command.name.startswith("/") or not 2 <= len(command.name) <= 32:
            yield f"{command.name}: a command starts with / and has at most 32 characters"
        if command.name != command.name.lower() or " " in command.name:
            yield f"{command.name}: a command is lower case without spaces"
        yield from _length(f"{command.name}: description", command.description, 2000)
        yield from _length(f"{command.name}: usage_hint", command.usage_hint, 1000, least=0)
    for shortcut in manifest.shortcuts.values():
        if shortcut.kind not in {"message", "global"}:
            yield f"{shortcut.callback_id}: type must be message or global"
        yield from _length(f"{shortcut.callback_id}: name", shortcut.name, 24)
        yield from _length(f"{shortcut.callback_id}: description", shortcut.description, 150)
        yield from _length(f"{shortcut.callback_id[:20]}…: callback_id", shortcut.callback_id, 255, least=0)
    if (manifest.commands or manifest.shortcuts) and "commands" not in manifest.scopes:
        yield "slash commands and shortcuts need the scope commands"
    for event in sorted(manifest.events):
        needed = EVENT_SCOPES.get(event)
        if needed is not None and needed not in manifest.scopes:
            yield f"the event {event} needs the scope {needed}"


def _length(what: str, text: str, most: int, *, least: int = 1) -> Iterator[str]:
    if not least <= len(text) <= most:
        yield f"{what} must have {f'{least} to {most}' if least else f'at most {most}'} characters"
