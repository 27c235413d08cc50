"""The master key is proved before anything is written: what is sealed under another one can never be read again."""

import sqlite3
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import delete

from bot.bootstrap import build_store
from bot.errors import Misconfigured
from bot.models.bookkeeping import Installation
from bot.settings import Settings
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.master_key import KeySource, find_master_key, new_key, prove, read_claim
from bot.store.schema import downgrade, upgrade
from bot.store.unit_of_work import Store
from tests.conftest import MASTER_KEY, NOW

GIVEN = urlsafe_b64encode(MASTER_KEY).decode()
WRONG = urlsafe_b64encode(bytes(32)).decode()


def source(folder: Path, given: str | None = None, command: str | None = None) -> KeySource:
    """Return where a key is looked for."""
    return KeySource(given, command, folder / "master.key", folder / "audit-checkpoints.jsonl")


def settle(folder: Path, **more: object) -> Settings:
    """Make an installation in a folder, as the first start does."""
    settings = Settings(panelbot_data_dir=folder, **more)
    store = build_store(settings)
    with store.work() as work:
        key_id = work.keys.new_key(work.session, "case", NOW)
        work.seal(key_id, "The school nurse saw her on Monday.")
    store.close()
    return settings


def names_in(folder: Path) -> set[str]:
    """Return the files in a folder but for SQLite's journals."""
    return {file.name for file in folder.iterdir() if not file.name.startswith("panelbot.db-")}


def refusal(settings: Settings) -> str:
    """Return what a start on these settings is refused with, having changed nothing in the folder."""
    folder = settings.data_dir
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(Misconfigured) as refused:
        build_store(settings)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    return str(refused.value)


def test_a_new_installation_makes_its_key_once_and_says_where_it_lies(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "deep"
    settings = settle(folder)
    key = settings.master_key_file.read_text()
    settle(folder)
    assert settings.master_key_file.read_text() == key
    assert settings.master_key_file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {"master.key", "panelbot.db"} == names_in(folder)
    assert [record.getMessage() for record in caplog.records if record.name == "panelbot.keys"] == [
        f"A new master key was made: {settings.master_key_file}. Keep a copy of it with your secrets, away from the "
        "backups of the database. Without it, no record can be read."
    ]


def test_a_key_that_is_missing_is_never_made_again(tmp_path: Path) -> None:
    settings = settle(tmp_path)
    settings.master_key_file.unlink()
    assert refusal(settings) == (
        f"The database is there, but not the master key that opens it. {settings.master_key_file} is missing, and "
        "neither PANELBOT_MASTER_KEY nor PANELBOT_MASTER_KEY_COMMAND is set. Put the key back. Nothing was changed."
    )


def test_a_wrong_key_is_named_by_where_it_came_from(tmp_path: Path) -> None:
    settings = settle(tmp_path)
    wrong = "is not the master key of this database. Put its own key there. Nothing was changed."
    in_environment = settings.model_copy(update={"panelbot_master_key": SecretStr(WRONG)})
    assert refusal(in_environment) == f"PANELBOT_MASTER_KEY {wrong}"
    by_command = settings.model_copy(update={"panelbot_master_key_command": SecretStr(f"echo {WRONG}")})
    assert refusal(by_command) == f"PANELBOT_MASTER_KEY_COMMAND {wrong}"
    settings.master_key_file.write_text(WRONG)
    assert refusal(settings) == f"{settings.master_key_file} {wrong}"


@pytest.mark.parametrize("how", ["removed", "cut to nothing"])
def test_a_key_whose_database_has_gone_starts_no_new_one(tmp_path: Path, how: str) -> None:
    settings = settle(tmp_path)
    file = tmp_path / "panelbot.db"
    file.unlink()
    if how == "cut to nothing":
        file.touch()
    assert refusal(settings) == (
        f"{settings.master_key_file} is the key of a database that is gone or empty. Put the database back from its "
        "backup. To start a new one, move that file to a safe place first. Nothing was changed."
    )
    settings.master_key_file.rename(tmp_path / "kept.key")
    settle(tmp_path)
    assert settings.master_key_file.read_text() != (tmp_path / "kept.key").read_text()


def test_checkpoints_of_a_database_that_has_gone_start_no_new_one(tmp_path: Path) -> None:
    settings = settle(tmp_path, panelbot_master_key=GIVEN)
    settings.checkpoint_file.write_text("{}\n")
    (tmp_path / "panelbot.db").unlink()
    assert refusal(settings) == (
        f"{settings.checkpoint_file} holds the audit checkpoints of a database that is gone or empty. Put the database "
        "back from its backup. To start a new one, move that file to a safe place first. Nothing was changed."
    )


@pytest.mark.parametrize("given", [None, GIVEN])
def test_a_database_that_was_emptied_is_not_taken_for_a_new_one(tmp_path: Path, given: str | None) -> None:
    settings = settle(tmp_path, panelbot_master_key=given)
    engine = create_store_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(delete(Installation))
    engine.dispose()
    assert refusal(settings) == (
        f"The database {tmp_path / 'panelbot.db'} has been emptied: it no longer says which master key it belongs to. "
        "Put it back from its backup. Nothing was changed."
    )


def test_an_older_database_gets_its_proof_from_the_key_that_opens_it(tmp_path: Path) -> None:
    settings = settle(tmp_path)
    engine = create_store_engine(settings.database_url)
    downgrade(engine, "0010")
    engine.dispose()
    wrong = settings.model_copy(update={"panelbot_master_key": SecretStr(WRONG)})
    assert (
        refusal(wrong)
        == "PANELBOT_MASTER_KEY is not the master key of this database. Put its own key there. Nothing was changed."
    )
    build_store(settings).close()
    claim = read_claim(create_store_engine(settings.database_url))
    assert claim is not None
    assert claim.proof == KeyRing(find_master_key(KeySource.of(settings), claim)).proof


def test_what_looks_at_the_claim_leaves_a_foreign_file_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE other (id INTEGER)")
    before = file.read_bytes()
    assert read_claim(create_store_engine(f"sqlite:///{file}")) is None
    assert file.read_bytes() == before


def test_a_process_that_was_killed_while_it_wrote_starts_again(tmp_path: Path) -> None:
    settings = settle(tmp_path, panelbot_master_key=GIVEN)
    script = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "c.execute('PRAGMA cache_size=1'); c.execute('BEGIN IMMEDIATE'); "
        "c.executemany('INSERT INTO data_key (purpose, wrapped, created_at) VALUES (?, ?, ?)', "
        "[('case', b'x' * 900, '2026-03-02 10:00:00')] * 400); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "panelbot.db")], check=False)
    assert any(file.stat().st_size for file in tmp_path.glob("panelbot.db-*"))  # half a transaction is there
    build_store(settings).close()


def test_both_databases_say_which_key_they_belong_to(store: Store) -> None:
    claim = read_claim(store.engine)
    assert claim is not None
    assert claim.proof == KeyRing(MASTER_KEY).proof


def test_a_process_that_died_before_its_database_was_made_keeps_its_key(tmp_path: Path) -> None:
    made = find_master_key(source(tmp_path), None)
    assert find_master_key(source(tmp_path), None) == made  # there is still no database
    engine = create_store_engine(f"sqlite:///{tmp_path / 'panelbot.db'}")
    upgrade(engine, lambda connection: prove(connection, KeyRing(made), NOW))
    engine.dispose()
    settings = settle(tmp_path)
    assert {"master.key", "panelbot.db"} == names_in(tmp_path)
    assert find_master_key(KeySource.of(settings), read_claim(create_store_engine(settings.database_url))) == made


@pytest.mark.parametrize("given", [None, GIVEN])
def test_a_new_key_that_was_never_used_replaces_none(tmp_path: Path, given: str | None) -> None:
    settings = settle(tmp_path, panelbot_master_key=given)
    unused = tmp_path / "master.key.new"
    unused.write_text(WRONG)
    before = {file.name: file.read_bytes() for file in tmp_path.glob("master.key*")}
    build_store(settings).close()
    assert {file.name: file.read_bytes() for file in tmp_path.glob("master.key*")} == before


def test_a_key_in_the_environment_or_from_a_vault_needs_no_file(tmp_path: Path) -> None:
    assert find_master_key(source(tmp_path, given=GIVEN), None) == MASTER_KEY
    assert find_master_key(source(tmp_path, command=f"echo '{GIVEN}'"), None) == MASTER_KEY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("find", "said"),
    [
        (
            lambda at: source(at, given="short"),
            "PANELBOT_MASTER_KEY must be 32 bytes in URL-safe base64. Put your copy of the key there.",
        ),
        (
            lambda at: source(at, given="é" * 32),
            "PANELBOT_MASTER_KEY must be 32 bytes in URL-safe base64. Put your copy of the key there.",
        ),
        (
            lambda at: source(at, command="echo short"),
            "What PANELBOT_MASTER_KEY_COMMAND prints must be 32 bytes in URL-safe base64. Put your copy of the key "
            "there.",
        ),
        (
            lambda at: source(at, command="false"),
            "PANELBOT_MASTER_KEY_COMMAND failed with status 1. Run the command by hand to see why.",
        ),
        (
            lambda at: source(at, command="/no/such/vault"),
            "PANELBOT_MASTER_KEY_COMMAND cannot be run ([Errno 2] No such file or directory: '/no/such/vault'). "
            "Run the command by hand to see why.",
        ),
        (
            lambda at: source(at, command="echo 'open"),
            "PANELBOT_MASTER_KEY_COMMAND cannot be run (No closing quotation). Run the command by hand to see why.",
        ),
        (
            lambda at: source(at, given=new_key(), command="true"),
            "PANELBOT_MASTER_KEY and PANELBOT_MASTER_KEY_COMMAND are both set. Unset one of them.",
        ),
    ],
)
def test_a_key_that_is_none_is_named(tmp_path: Path, find: Callable[[Path], KeySource], said: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        find_master_key(find(tmp_path), None)
    assert str(refused.value) == said
    assert list(tmp_path.iterdir()) == []
