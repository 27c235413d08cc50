"""The manifest with which the bot is installed in Slack: its commands, shortcuts, events and scopes."""

from typing import Any

from bot.slack.registry import Registry

#: The scopes that the bot asks for, each with what it needs the scope for.
SCOPES = {
    "app_mentions:read": "hear a message that mentions it, and no other, and offer to record an action said in it",
    "channels:read": "see who is in a panel's public channel, and that it is shared with another workspace",
    "chat:write": "post agendas and summaries, and write to people",
    "commands": "slash commands and the message shortcuts",
    "files:write": "hand over minutes, agendas and trackers as files",
    "groups:read": "see who is in a panel's private channel, and that it is shared with another workspace",
    "im:write": "open the direct message in which reminders and files arrive",
    "users:read": "hear that an account was switched off, and see who is enrolled",
}

PATH = "/slack/events"


def manifest(registry: Registry, *, request_url: str | None = None) -> dict[str, Any]:
    """Return the app's manifest: for HTTP if the bot's public address is given, or otherwise for Socket Mode."""
    url = None if request_url is None else request_url.rstrip("/") + PATH
    address = {} if url is None else {"url": url}
    return {
        "display_information": {
            "name": "panelbot",
            "description": "Runs multi-agency panels: diary, agendas, decisions, actions, chasing and minutes.",
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "panelbot", "always_online": True},
            "shortcuts": [
                {
                    "name": shortcut.name,
                    "type": "message",
                    "callback_id": shortcut.callback_id,
                    "description": shortcut.description,
                }
                for shortcut in registry.shortcuts.values()
            ],
            "slash_commands": [
                {
                    "command": command.name,
                    **address,
                    "description": command.summary,
                    "usage_hint": command.hint(),
                    # Names arrive as ids, so that a holder is a person and not a spelling.
                    "should_escape": True,
                }
                for command in registry.commands.values()
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**({"request_url": url} if url else {}), "bot_events": sorted(registry.events)},
            "interactivity": {"is_enabled": True, **({"request_url": url} if url else {})},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }
