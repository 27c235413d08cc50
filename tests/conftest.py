"""What every test may ask for: both databases, migrated, and a store on them at a fixed moment."""

import gc
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Dialect, Engine, event

from bot.clock import MovedClock
from bot.documents.panel_files import load_panel_definitions
from bot.domain.panel_definition import PanelDefinition
from bot.models.bookkeeping import Installation
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.master_key import prove
from bot.store.schema import METADATA, upgrade
from bot.store.unit_of_work import Draw, Store
from tests.county import County, furnish
from tests.postgres import PostgresServer

#: A Monday, 10:00 in London.
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MASTER_KEY = bytes(range(32))
#: What is taken out of a database after each test, children first: it goes on belonging to the same master key.
CLEARED = [table.name for table in reversed(METADATA.sorted_tables) if table.name != Installation.__tablename__]

# How long an example takes says more of the machine than of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def prove_key(connection: Connection) -> None:
    """Make a database that belongs to the tests' master key."""
    prove(connection, KeyRing(MASTER_KEY), NOW)


class Abandoned(Exception):
    """Raised inside a unit of work to have it rolled back."""


@pytest.fixture(autouse=True)
def _nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a developer's own settings away from the tests."""
    for name in list(os.environ):
        if name.startswith(("PANELBOT_", "SLACK_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Yield one server for each test process, started when the first test wants it."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_database(postgres: PostgresServer) -> str:
    """Return a migrated database, which is cleared after each test in a few milliseconds."""
    name = postgres.create_database()
    engine = create_store_engine(postgres.url(name))
    upgrade(engine, prove_key)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated file, which is copied for each test."""
    file = tmp_path_factory.mktemp("template") / "county.db"
    engine = create_store_engine(f"sqlite:///{file}")
    upgrade(engine, prove_key)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def panel_definitions() -> Mapping[str, PanelDefinition]:
    """Return the kinds of panel that ship."""
    return load_panel_definitions()


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """Return the kind of database: a test runs on both, unless it is marked with the `databases` it is for."""
    name: str = request.param
    return name


@pytest.fixture
def empty_database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield a database without a schema."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield a migrated, empty database of one's own."""
    if backend == "sqlite":
        file = tmp_path / "county.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name: str = request.getfixturevalue("postgres_database")
    yield server.url(name)
    server.clear_database(name, CLEARED)


#: What was compiled for one kind of database holds for each engine on it that a test process makes.
_DIALECTS: dict[str, Dialect] = {}
_COMPILED: dict[Any, Any] = {}


def compiling_once(engine: Engine) -> Engine:
    """Return an engine that takes over what others on its kind of database compiled: a fifth of the tests' work.

    On SQLite it leaves it to the system when a commit reaches the disk: no test cuts the power.
    """
    engine.dialect = _DIALECTS.setdefault(engine.dialect.name, engine.dialect)
    engine.update_execution_options(compiled_cache=_COMPILED)
    if engine.dialect.name == "sqlite":
        engine.dispose()  # of connections that were made before this
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    return engine


@pytest.fixture
def clock() -> MovedClock:
    """Runs on from NOW; `clock.move_to` goes forward."""
    return MovedClock(NOW)


def counted(first: int = 1) -> Draw:
    """Numbers of actions one after the other instead of drawn, so that tests can speak of "action 1"."""
    numbers = count(first)
    return lambda _first, _last: next(numbers)


@pytest.fixture
def open_store(
    database_url: str, clock: MovedClock, panel_definitions: Mapping[str, PanelDefinition]
) -> Iterator[Callable[[], Store]]:
    """Opens further stores on the same database, as other processes would."""
    opened: list[Store] = []
    numbers = counted()

    def open_one() -> Store:
        store = Store(compiling_once(create_store_engine(database_url)), KeyRing(MASTER_KEY), clock, panel_definitions)
        store.draw = numbers
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    """Return a store on a migrated, empty database."""
    return open_store()


@pytest.fixture
def county(store: Store) -> County:
    """Return the small county of `tests/county.py`, put into the store."""
    return furnish(store)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on the databases that its nearest mark names, a test's own before its module's, else on both.

    A test that goes through pairs of a database and something else has a `parametrize` of its own.
    """
    its_own = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "backend" in metafunc.fixturenames and not any("backend" in names for names in its_own):
        mark = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("backend", mark.args if mark else ("sqlite", "postgresql"), indirect=True)


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from looking again and again at thousands of tests, which all stay to the end."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep `make quick` under a minute, and `make test` under twelve.

    What talks the Slack protocol or needs PostgreSQL is for `make test`, and so are nine of ten tests of use cases.
    These ask both databases alike: `make test` runs a fixed share of them on PostgreSQL, and `make proof` all the
    rest. What a mark of its own puts on PostgreSQL runs there each time.
    """
    for item in items:
        over_the_wire = {"slack", "practice", "journeys"} & set(item.path.parts)
        is_use_case = "services" in item.path.parts
        if over_the_wire or "postgresql" in item.name or (is_use_case and zlib.crc32(item.name.encode()) % 10):
            item.add_marker(pytest.mark.slow)
        if is_use_case and "[postgresql" in item.name and not _is_in_share(item):
            item.add_marker(pytest.mark.proof)


def _is_in_share(item: pytest.Item) -> bool:
    """Return whether a use case's test on PostgreSQL runs each time: by a mark of its own, or every fourth by its name.

    By its name, so that a test which is added moves no other.
    """
    is_chosen = any(mark.name == "databases" for mark in item.own_markers)
    return is_chosen or zlib.crc32(item.name.encode()) % 4 == 0
