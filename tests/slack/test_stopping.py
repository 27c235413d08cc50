"""A process that is told to end finishes what it has begun, takes nothing new, and is gone."""

import os
import signal
import subprocess
import sys
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.bootstrap import build_store
from bot.practice.workspace.web_api import RateLimits
from bot.practice.workspace.workspace import Workspace
from bot.settings import Settings
from bot.slack.manifest import manifest
from bot.slack.tables import build_registry
from bot.store.unit_of_work import Store
from tests.conftest import MASTER_KEY
from tests.county import furnish
from tests.ports import free_port
from tests.slack.county import CHANNEL, SETTING, populate
from tests.slack.test_listener import count_actions

ADD = "/action add @sam ring the school nurse by Friday"


@contextmanager
def running(database_url: str, over: str, folder: Path) -> Iterator[tuple[Workspace, Store, "subprocess.Popen[str]"]]:
    """`panelbot run` in a process of its own, on a small county, once it answers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}" if over == "http" else None
    workspace = Workspace(
        manifest(build_registry(), request_url=address),
        delivery="http" if over == "http" else "socket",
        request_url=f"{address}/slack/events",
        rate_limits=RateLimits.off(),
        acknowledge_within=30.0,
    )
    populate(workspace)
    key = urlsafe_b64encode(MASTER_KEY).decode()
    store = build_store(Settings.model_validate({"panelbot_database_url": database_url, "panelbot_master_key": key}))
    furnish(store, SETTING)
    with workspace:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "PANELBOT_"))},
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_API_URL": workspace.api_url,
            "PANELBOT_DATABASE_URL": database_url,
            "PANELBOT_MASTER_KEY": key,
            "PANELBOT_DATA_DIR": str(folder),
            "PANELBOT_PORT": str(port),
            **(
                {"SLACK_SIGNING_SECRET": workspace.signing_secret}
                if address
                else {"SLACK_APP_TOKEN": workspace.app_token}
            ),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            kim = workspace.person("U3")
            kim.waits_for(lambda: _answers(workspace), 60)
            yield workspace, store, process
        finally:
            process.kill()
            process.communicate()
            store.close()


def _answers(workspace: Workspace) -> bool:
    """Return whether the process is there. Where it is not yet, a moment passes before the next look."""
    if workspace.person("U3").types(CHANNEL, "/action help").error is None:
        return True
    threading.Event().wait(0.05)
    return False


@pytest.mark.parametrize("over", ["http", "socket"])
@pytest.mark.databases("postgresql")  # it says who waits for a lock
def test_a_command_under_way_is_answered_before_the_end_and_none_after_it(
    database_url: str, over: str, tmp_path: Path, backend: str
) -> None:
    with running(database_url, over, tmp_path) as (workspace, store, process):
        kim = workspace.person("U3")
        said: list[str] = []
        typing = threading.Thread(target=lambda: said.append(kim.types(CHANNEL, ADD).text))
        with store.engine.begin() as lock:
            lock.execute(text("LOCK TABLE action IN SHARE MODE"))
            typing.start()
            _until_a_person_waits(store)
            process.send_signal(signal.SIGTERM)
        typing.join()
        _, complained = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in complained) == (0, False), complained
        assert "recorded" in said[0]
        assert kim.types(CHANNEL, ADD).error is not None
        assert count_actions(store) == 1


def _until_a_person_waits(store: Store) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(10_000):
        with store.reading() as work:
            if work.session.execute(waiting).scalar_one():
                return
        threading.Event().wait(0.005)
    raise TimeoutError


def test_a_server_that_nobody_asks_anything_ends_at_once(tmp_path: Path) -> None:
    with running(f"sqlite:///{tmp_path / 'county.db'}", "http", tmp_path) as (_, _, process):
        process.send_signal(signal.SIGTERM)
        _, complained = process.communicate(timeout=60)
        assert process.returncode == 0, complained
        assert "Traceback" not in complained
        assert "token" not in complained


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'county.db'}"
    with running(url, "http", tmp_path) as (workspace, _, first):
        environment = {**os.environ, **_environment_of(first)}
        second = subprocess.run(
            [sys.executable, "-m", "bot", "run"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        assert second.stderr.startswith("✗ Can't listen on 127.0.0.1:")
        assert workspace.person("U3").types(CHANNEL, "/action help").error is None


def _environment_of(process: "subprocess.Popen[str]") -> dict[str, str]:
    words = Path(f"/proc/{process.pid}/environ").read_bytes().decode().split("\0")
    return dict(word.split("=", 1) for word in words if "=" in word)
