"""The app over Slack's real doors, whatever else stands in the environment."""

import logging
import os
from pathlib import Path

import pytest

from tests.slack.conftest import playing
from tests.slack.county import CHANNEL

OTHERS = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "secret",
    "SLACK_BOT_TOKEN": "xoxb-another",
    "SLACK_SIGNING_SECRET": "another",
    "SLACK_VERIFICATION_TOKEN": "another",
}


@pytest.mark.parametrize("over", ["http", "socket"])
def test_what_bolt_would_read_by_itself_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, over: str
) -> None:
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)
    with playing(tmp_path, over=over) as scene:
        assert scene.bot.app.oauth_flow is None
        said = scene.person("U1").types(CHANNEL, "/action add @sam ring the school nurse by Friday").text
    assert "ring the school nurse" in said
    assert {name: os.environ[name] for name in OTHERS} == OTHERS
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
