"""Where people's calendars reach the bot: only over HTTP, and only under a web address."""

import pytest

from bot.errors import Misconfigured
from bot.settings import read_settings

HTTP = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret"}
SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.mark.parametrize(
    ("others", "given", "used"),
    [
        (HTTP, "https://bot.example.org", "https://bot.example.org"),
        (HTTP, "https://bot.example.org/panels/", "https://bot.example.org/panels"),
        (HTTP, "", None),
        (SOCKET, "https://bot.example.org", None),
        ({**SOCKET, **HTTP}, "https://bot.example.org", None),  # then Slack is reached by a socket
        ({}, "https://bot.example.org", None),
    ],
)
def test_feeds_have_an_address_only_where_the_bot_listens(
    monkeypatch: pytest.MonkeyPatch, others: dict[str, str], given: str, used: str | None
) -> None:
    for name, value in {**others, "PANELBOT_PUBLIC_URL": given}.items():
        monkeypatch.setenv(name, value)
    assert read_settings().feed_url == used


@pytest.mark.parametrize(
    "given", ["bot.example.org", "ftp://bot.example.org", "https://", "https://bot.example.org/?a=b"]
)
def test_an_address_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PANELBOT_PUBLIC_URL", given)
    said = r"^PANELBOT_PUBLIC_URL: it must be a web address such as https://bot\.example\.org\.$"
    with pytest.raises(Misconfigured, match=said):
        read_settings()
