"""The manifest asks for what the bot registers and calls, and for nothing else."""

import re
from pathlib import Path

import bot.slack
from bot.domain.notices import Notice
from bot.practice.workspace import manifest as workspace_manifest
from bot.practice.workspace.manifest import EVENT_SCOPES
from bot.practice.workspace.web_api import METHODS
from bot.slack.editing import SEND
from bot.slack.fallback import EDIT, TYPE_AGAIN
from bot.slack.manifest import SCOPES, manifest
from bot.slack.tables import build_registry

# A method is called by its name, or by slack_sdk's own function for it.
_METHOD = re.compile(r'"((?:chat|conversations|files|views|users|reactions|team|bots)\.[A-Za-z]+)"')
_FUNCTION = re.compile(r"_client\.([a-z]+)_([A-Za-z]+)\(")


def test_the_manifest_declares_exactly_what_is_registered() -> None:
    registry = build_registry()
    read = workspace_manifest.read(manifest(registry))
    assert {command.name for command in read.commands.values()} == set(registry.commands)
    assert {shortcut.callback_id for shortcut in read.shortcuts.values()} == set(registry.shortcuts)
    assert read.events == set(registry.events)
    assert read.scopes == set(SCOPES)
    assert all(command.should_escape for command in read.commands.values())
    assert (read.socket_mode, read.interactive, read.home_tab) == (True, True, True)


def test_the_scopes_are_exactly_those_of_the_methods_and_events() -> None:
    source = Path(bot.slack.__file__).parent
    text = "\n".join(file.read_text() for file in source.rglob("*.py"))
    functions = {f"{family}.{verb}" for family, verb in _FUNCTION.findall(text)} & set(METHODS)
    called = set(_METHOD.findall(text)) | functions
    needed: set[str] = {"commands"} | {
        EVENT_SCOPES[event] for event in build_registry().events if event in EVENT_SCOPES
    }
    for name in called:
        # conversations.open serves several kinds of conversation; the bot opens direct messages only.
        needed |= {"im:write"} if name == "conversations.open" else set(METHODS[name].scopes)
    assert needed == set(SCOPES)


def test_over_http_every_address_is_the_one_that_is_served() -> None:
    made = manifest(build_registry(), request_url="https://panels.example/")
    url = "https://panels.example/slack/events"
    assert {command["url"] for command in made["features"]["slash_commands"]} == {url}
    assert made["settings"]["interactivity"] == {"is_enabled": True, "request_url": url}
    events = [
        "app_home_opened",
        "app_mention",
        "channel_shared",
        "channel_unshared",
        "member_joined_channel",
        "user_change",
    ]
    assert made["settings"]["event_subscriptions"] == {"request_url": url, "bot_events": events}
    assert made["settings"]["socket_mode_enabled"] is False


def test_every_button_and_form_that_a_view_makes_is_registered() -> None:
    registry = build_registry()
    slack = Path(bot.slack.__file__).parent
    source = "\n".join(file.read_text() for name in ("*views.py", "forms.py") for file in slack.glob(f"*/{name}"))
    buttons = set(re.findall(r'button\(\s*"[^"]+",\s*"([a-z]+\.[a-z_]+)"', source))
    forms = set(re.findall(r'modal\(\s*"([a-z]+\.[a-z_]+)"', source))
    # Some buttons get their label or their name from a table: every name in the views answers, and none is left over.
    named = set(re.findall(r'"([a-z]+\.[a-z_]+)[":]', source))
    # These are answered by their buttons and have nothing to submit.
    lists = {"agenda.triage", "agenda.lines", "returns.list", "returns.gaps"}
    lists |= {"minutes.receipts", "minutes.remarks", "minutes.changes", "minutes.slip"}
    assert buttons - set(registry.clicks) == set()
    assert forms - lists - set(registry.submissions) == set()
    # These stand under any command that is refused, with others that would do or with a form to put it right in.
    assert named - lists == {*registry.clicks, *registry.submissions} - lists - {TYPE_AGAIN, EDIT, SEND}
    assert lists & set(registry.submissions) == set()


def test_use_cases_promise_notices_only_each_of_which_is_rendered() -> None:
    root = Path(bot.slack.__file__).parent.parent
    source = "\n".join(file.read_text() for floor in ("services", "records") for file in (root / floor).rglob("*.py"))
    assert "Effect(" not in source
    assert set(build_registry().renderers) == set(Notice)
