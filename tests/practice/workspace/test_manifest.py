"""The manifest is checked before anything runs."""

from collections.abc import Callable

import pytest

from bot.practice.workspace import manifest as workspace_manifest
from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Json


def _set(path: str, value: object) -> Callable[[Json], None]:
    def change(manifest: Json) -> None:
        inside = manifest
        *parts, last = path.split(".")
        for part in parts:
            inside = inside[int(part)] if part.isdigit() else inside[part]
        inside[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_set("display_information.name", "x" * 36), "display_information.name must have 1 to 35 characters"),
        (
            _set("features.slash_commands.0.command", "action"),
            "action: a command starts with / and has at most 32 characters",
        ),
        (_set("features.slash_commands.0.command", "/Action"), "/Action: a command is lower case without spaces"),
        (_set("features.slash_commands.0.description", ""), "/action: description must have 1 to 2000 characters"),
        (
            _set("features.slash_commands.0.usage_hint", "x" * 1001),
            "/action: usage_hint must have at most 1000 characters",
        ),
        (_set("features.shortcuts.0.name", "x" * 25), "make_action: name must have 1 to 24 characters"),
        (_set("features.shortcuts.0.type", "odd"), "make_action: type must be message or global"),
        (_set("features.shortcuts.0.description", ""), "make_action: description must have 1 to 150 characters"),
        (
            _set("settings.event_subscriptions.bot_events", ["reaction_added"]),
            "the event reaction_added needs the scope reactions:read",
        ),
    ],
)
def test_a_manifest_slack_would_not_install_is_refused(
    manifest: Json, change: Callable[[Json], None], fault: str
) -> None:
    change(manifest)
    with pytest.raises(ValueError, match=r".") as refused:
        workspace_manifest.read(manifest)
    assert str(refused.value) == fault


def test_commands_need_their_scope(manifest: Json) -> None:
    manifest["oauth_config"]["scopes"]["bot"].remove("commands")
    with pytest.raises(ValueError, match="slash commands and shortcuts need the scope commands"):
        workspace_manifest.read(manifest)


def test_a_manifest_without_socket_mode_cannot_deliver_over_sockets(manifest: Json) -> None:
    manifest["settings"]["socket_mode_enabled"] = False
    with pytest.raises(ValueError, match="socket_mode_enabled"):
        Workspace(manifest)


@pytest.mark.parametrize("tokens", [{"bot_token": "xapp-1"}, {"app_token": "xoxb-1"}])
def test_tokens_of_the_wrong_kind_are_refused(manifest: Json, tokens: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a bot token starts with xoxb-"):
        Workspace(manifest, **tokens)  # type: ignore[arg-type]
