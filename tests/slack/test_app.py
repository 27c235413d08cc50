"""The app over Slack's real doors, whatever else stands in the environment."""

import logging
import os
from pathlib import Path

import pytest
from sqlmodel import select

from bot.errors import Misconfigured
from bot.health import look
from bot.models.people import Person
from bot.practice.workspace.faults import Fault
from bot.slack.app import build_app, reached
from bot.slack.sender import web_client
from bot.store.master_key import new_key
from tests.county import TEAM
from tests.slack.conftest import Scene, playing, settings_for
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
    with playing(tmp_path, over=over, panelbot_master_key=new_key()) as scene:
        assert scene.bot.app.oauth_flow is None
        said = scene.person("U1").types(CHANNEL, "/action add @sam ring the school nurse by Friday").text
    assert "ring the school nurse" in said
    assert {name: os.environ[name] for name in OTHERS} == OTHERS
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def starts(scene: Scene) -> None:
    """Build an app of its own, as at the start of a process."""
    build_app(scene.bot.app.client, scene.bot.listener, scene.bot.registry, scene.store)


@pytest.mark.parametrize("hiccup", [Fault.server_error(), Fault.api_error("internal_error"), Fault.rate_limited()])
def test_a_hiccup_is_waited_for(scene: Scene, hiccup: Fault) -> None:
    scene.workspace.faults.next("auth.test", hiccup)
    starts(scene)
    assert scene.workspace.faults.take("auth.test") is None  # it was met with, and got over


def test_a_token_that_slack_refuses_is_named_at_once(scene: Scene) -> None:
    scene.workspace.faults.next("auth.test", Fault.api_error("token_revoked"))
    with pytest.raises(Misconfigured) as refused:
        starts(scene)
    assert str(refused.value) == "SLACK_BOT_TOKEN: Slack does not accept this token (token_revoked)."


def test_an_app_token_of_the_wrong_kind_is_named(scene: Scene) -> None:
    client = web_client(scene.workspace.bot_token, scene.workspace.api_url)
    with pytest.raises(Misconfigured) as refused:
        reached(
            lambda: client.apps_connections_open(app_token=scene.workspace.bot_token),
            setting="SLACK_APP_TOKEN",
            address=scene.workspace.api_url,
        )
    assert str(refused.value) == "SLACK_APP_TOKEN: Slack does not accept this token (not_allowed_token_type)."


def test_a_look_says_when_the_token_is_of_another_workspace_than_everybody(tmp_path: Path) -> None:
    with playing(tmp_path) as scene:
        settings = settings_for(scene.workspace, tmp_path, slack_app_token=scene.workspace.app_token)
        assert [found.sentence for found in look(settings) if found.is_fault] == []
        with scene.store.work() as work:
            for person in work.session.exec(select(Person)):
                person.team_id = "T0OTHER"
                work.session.add(person)
        assert [found.sentence for found in look(settings) if found.is_fault] == [
            f"The token belongs to the workspace {TEAM}, but the people enrolled are in T0OTHER. Set "
            "`team` in the county file and apply it."
        ]
