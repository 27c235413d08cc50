"""Whatever comes signed through the door: no incident, nothing that nobody caught, no change without an audit entry.

The payloads are those of `mutants.py`: `mutants.payload(number)` is each of them again. They are handed in by the
batch, each batch to a county of its own in one of the states of the table.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, event

from bot.clock import MovedClock
from bot.domain.panel_definition import PanelDefinition
from bot.practice.workspace.workspace import Workspace
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.unit_of_work import Store
from tests.conftest import CLEARED, MASTER_KEY, NOW, counted
from tests.county import furnish
from tests.postgres import PostgresServer
from tests.proof import desk, mutants
from tests.proof.authorisation import STATES
from tests.services.conftest import Play

pytestmark = pytest.mark.slow

BATCH: Final = 250
#: What follows from what was done, or only says that it was: a change of these alone is no change of state.
_FOLLOWS: Final = {"answered_request", "audit_entry", "audit_checkpoint", "outbox", "outbox_lane", "outbox_method"}
_WRITES: Final = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


class Ledger:
    """Which tables each transaction on a database wrote to, and whether it noted so in the audit."""

    def __init__(self, engine: Engine) -> None:
        self._written: set[str] = set()
        self._faults: list[str] = []
        event.listen(engine, "after_cursor_execute", self._on_statement)
        event.listen(engine, "commit", lambda _: self._on_commit())
        event.listen(engine, "rollback", lambda _: self._written.clear())

    def _on_statement(self, _: Any, cursor: Any, statement: str, *__: Any) -> None:
        found = _WRITES.match(statement)
        # Rows that are sent to PostgreSQL without waiting for an answer are not counted yet.
        if found and (cursor.rowcount != 0 or "INSERT" in statement[:20]):
            self._written.add(found[1].lower())

    def _on_commit(self) -> None:
        changed = self._written - _FOLLOWS
        if changed and "audit_entry" not in self._written:
            self._faults.append(f"changed without an audit entry: {', '.join(sorted(changed))}")
        self._written.clear()

    def taken(self) -> list[str]:
        """Return what was changed without an audit entry since the last time."""
        faults, self._faults = self._faults, []
        return faults


def faults_of(
    open_county: Callable[[str], tuple[str, datetime]],
    numbers: range,
    definitions: Mapping[str, PanelDefinition],
    workspace: Workspace,
) -> list[str]:
    """Hand in the payloads of these numbers, and return what was wrong with each of which something was."""
    faults: list[str] = []
    for first in range(numbers.start, numbers.stop, BATCH):
        state = list(STATES)[first // BATCH % len(STATES)]
        url, now = open_county(state)
        store = Store(create_store_engine(url), KeyRing(MASTER_KEY), MovedClock(now), definitions)
        ledger, bench = Ledger(store.engine), desk.Desk(store, workspace)
        with desk.watching_for_mishaps() as mishaps:
            for number in range(first, min(first + BATCH, numbers.stop)):
                raw, content_type = mutants.payload(number)
                try:
                    status, _ = bench.takes(raw, content_type)
                except Exception as uncaught:  # noqa: BLE001 - this is what is looked for
                    status = f"{type(uncaught).__name__}: {uncaught}"
                wrong = [*mishaps.taken(), *ledger.taken()]
                if wrong or not status.startswith(("200", "4")):
                    faults.append(f"payload {number}, {state}: {status} {wrong}\n    {content_type} {raw[:1500]!r}")
        store.close()
    return faults


@pytest.fixture(scope="module")
def made(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, panel_definitions: Mapping[str, PanelDefinition]
) -> Mapping[str, tuple[Path, datetime]]:
    """Return a file for each state of the county, and the time it is then."""
    folder = tmp_path_factory.mktemp("states")
    file = folder / "county.db"
    shutil.copy(sqlite_template, file)
    found = {}
    for state, now in _played(f"sqlite:///{file}", panel_definitions):
        found[state] = Path(shutil.copy(file, folder / f"{state}.db")), now
    return found


def _played(url: str, definitions: Mapping[str, PanelDefinition], until: str = "") -> Iterator[tuple[str, datetime]]:
    """Let happen what leads to one state after another; yield each with its time, while the database is closed."""
    clock, county, numbers = MovedClock(NOW), None, counted()
    for state, happens in STATES.items():
        store = Store(create_store_engine(url), KeyRing(MASTER_KEY), clock, definitions)
        store.draw = numbers
        county = county or furnish(store)
        happens(Play(store, county, clock))
        store.close()
        yield state, clock.now()
        if state == until:
            return


@pytest.fixture
def on_sqlite(made: Mapping[str, tuple[Path, datetime]], tmp_path: Path) -> Callable[[str], tuple[str, datetime]]:
    """Gives a county in this state, the same each time."""

    def copied(state: str) -> tuple[str, datetime]:
        for old in tmp_path.glob("county.db*"):
            old.unlink()
        file, now = made[state]
        return f"sqlite:///{shutil.copy(file, tmp_path / 'county.db')}", now

    return copied


@pytest.fixture
def on_postgresql(
    postgres: PostgresServer, postgres_database: str, panel_definitions: Mapping[str, PanelDefinition]
) -> Iterator[Callable[[str], tuple[str, datetime]]]:
    """Gives a county in this state, the same each time."""
    url = postgres.url(postgres_database)

    def played(state: str) -> tuple[str, datetime]:
        postgres.clear_database(postgres_database, CLEARED)
        return url, dict(_played(url, panel_definitions, state))[state]

    yield played
    postgres.clear_database(postgres_database, CLEARED)


def test_a_share_of_them(
    on_sqlite: Any, panel_definitions: Mapping[str, PanelDefinition], workspace: Workspace
) -> None:
    assert faults_of(on_sqlite, range(3_000), panel_definitions, workspace) == []


def test_a_share_of_them_on_postgresql(
    on_postgresql: Any, panel_definitions: Mapping[str, PanelDefinition], workspace: Workspace
) -> None:
    assert faults_of(on_postgresql, range(2 * BATCH), panel_definitions, workspace) == []


def test_a_refused_command_with_a_range_that_names_nothing_is_noted(
    on_sqlite: Any, panel_definitions: Mapping[str, PanelDefinition], workspace: Workspace
) -> None:
    assert faults_of(on_sqlite, range(7_400, 7_500), panel_definitions, workspace) == []


def test_a_mention_without_words_is_left_alone(
    on_sqlite: Any, panel_definitions: Mapping[str, PanelDefinition], workspace: Workspace
) -> None:
    assert faults_of(on_sqlite, range(27_300, 27_400), panel_definitions, workspace) == []


@pytest.mark.proof
@pytest.mark.parametrize("first", range(0, 100_000, 5_000))
def test_a_hundred_thousand(
    first: int, on_sqlite: Any, panel_definitions: Mapping[str, PanelDefinition], workspace: Workspace
) -> None:
    assert faults_of(on_sqlite, range(first, first + 5_000), panel_definitions, workspace) == []


@pytest.mark.proof
def test_thousands_on_postgresql(
    on_postgresql: Any, panel_definitions: Mapping[str, PanelDefinition], workspace: Workspace
) -> None:
    assert faults_of(on_postgresql, range(100_000, 105_000), panel_definitions, workspace) == []
