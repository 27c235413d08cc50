"""Each command that opens the database refuses a key that isn't its own, and a key without its database."""

import shutil
from base64 import urlsafe_b64encode
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
import typer
from sqlalchemy import delete

from bot.cli import app
from bot.models.bookkeeping import Installation
from bot.store.engine import create_store_engine
from tests.test_command_line import SMALL_COUNTY, a_county, panelbot

pytestmark = pytest.mark.slow  # each starts a process of its own

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
OPENING = {
    "run": ["run"],
    "apply": ["apply", "county.toml"],
    "check": ["check"],
    "due": ["due", "Friday", "--panel", "west"],
    "slack-files": ["slack-files"],
    "slack-files --remove": ["slack-files", "--remove"],
    "export": ["export", "--case", "WEST-0001", "--for", "chair", "--out", "export.zip"],
    "audit report": ["audit", "report", "--from", "2026-03-01", "--out", "report.xlsx"],
    "minutes verify": ["minutes", "verify", "north", "2026-12-08"],
}
#: They make a database of their own, or none.
NOT_OPENING = {"demo", "dates", "identifiers", "manifest", "templates"}
WRONG = urlsafe_b64encode(b"w" * 32).decode()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the data of a county."""
    folder = tmp_path_factory.mktemp("installed")
    assert panelbot("apply", a_county(folder, SMALL_COUNTY.encode()), folder=folder / "data")[0] == 0
    return folder / "data"


def _key_missing(data: Path) -> dict[str, str]:
    (data / "master.key").unlink()
    return {}


def _key_wrong(data: Path) -> dict[str, str]:
    (data / "master.key").write_text(WRONG)
    return {}


def _key_wrong_in_the_environment(_data: Path) -> dict[str, str]:
    return {"PANELBOT_MASTER_KEY": WRONG}


def _database_emptied(data: Path) -> dict[str, str]:
    engine = create_store_engine(f"sqlite:///{data / 'panelbot.db'}")
    with engine.begin() as connection:
        connection.execute(delete(Installation))
    engine.dispose()
    return {}


def _database_gone(data: Path) -> dict[str, str]:
    (data / "panelbot.db").unlink()
    return {}


def test_each_command_opens_the_database_or_is_known_not_to() -> None:
    commands = typer.main.get_group(app).commands
    assert set(commands) == {name.split()[0] for name in OPENING} | NOT_OPENING


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        *product(OPENING, [_key_missing]),
        # All of them open it by one door, which `tests/store/test_master_key.py` tries further.
        *product(["run", "check"], [_key_wrong, _key_wrong_in_the_environment, _database_emptied, _database_gone]),
    ],
)
def test_a_key_that_does_not_fit_is_refused_with_nothing_changed(
    installed: Path, tmp_path: Path, command: str, wrong: Callable[[Path], dict[str, str]]
) -> None:
    data = tmp_path / "data"
    key = data / "master.key"
    shutil.copytree(installed, data)
    given = wrong(data)
    county, out = a_county(tmp_path, SMALL_COUNTY.encode()), tmp_path / "report.xlsx"
    words = [{"county.toml": county, "report.xlsx": str(out)}.get(word, word) for word in OPENING[command]]
    before = _bytes_below(data)
    status, said = panelbot(*words, folder=data, **given, **(SLACK if command == "run" else {}))
    assert status == 1, said
    named = "PANELBOT_MASTER_KEY" if given else str(data / "panelbot.db" if wrong is _database_emptied else key)
    assert named in said, said
    assert "Traceback" not in said
    assert _bytes_below(data) == before
    assert not out.exists()


def _bytes_below(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
