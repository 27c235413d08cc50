"""Measures ticks: their cost should depend on what is due, and not on other open actions or on reminders sent already.

Open actions are loaded into each database in bulk. Rounds alternate between a small and a large database. After a round
its reminders are deleted, so that the next round does the same work.
"""

import multiprocessing
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlalchemy import event, text

from bench.servers import settings_of
from bench.tables import show, verdict
from bot.bootstrap import build_store
from bot.clock import MovedClock
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import AgencyKind, AreaKind, Role
from bot.services.actions.chasing import DIGESTS
from bot.store.rows import id_of
from bot.store.sweeps import Sweep, run_sweep
from bot.store.unit_of_work import Store, Work
from bot.ticks import TICKS
from tests.postgres import PostgresServer

GOAL = 1.5  # times what a hundredth of the open actions costs
MEMORY_GOAL = 200.0  # MB
BULK_GOAL = 3.0  # times what a hundredth costs
FEW, MANY = 1_000, 100_000
SOME, BULK = 10_000, 1_000_000
DUE = 200
OVERDUE = 1_000
ROUNDS = 15
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PANELS, PEOPLE = 30, 240
#: Due dates of which each has reached another rung on NOW.
RUNGS = (date(2026, 3, 5), date(2026, 3, 2), date(2026, 2, 27), date(2026, 2, 25), date(2026, 2, 16))
KINDS = (AgencyKind.POLICE, AgencyKind.HEALTH, AgencyKind.CHILDRENS_SOCIAL_CARE, AgencyKind.EDUCATION)

_LOAD = """
INSERT INTO action (panel_id, kind, text, agency_id, holder_id, due_on, priority, state, created_by_id, created_at)
SELECT panel_id, 'other', :sealed, agency_id, person_id, {due}, 'normal', 'open', person_id, :now
FROM ({numbers}) AS numbers JOIN (
    SELECT ROW_NUMBER() OVER (ORDER BY membership.id) - 1 AS place, panel_id, person_id, agency_id
    FROM membership JOIN person ON person.id = person_id WHERE role = 'representative'
) AS places ON place = n % (SELECT COUNT(*) FROM membership WHERE role = 'representative')
"""
_NUMBERS = {
    "sqlite": "WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n + 1 < :count) SELECT n FROM up",
    "postgresql": "SELECT n FROM generate_series(0, :count - 1) AS n",
}
_DAY = {"sqlite": "date(:from, '+' || (n % 700) || ' days')", "postgresql": "CAST(:from AS date) + n % 700"}


@dataclass(frozen=True, slots=True)
class Cost:
    """The time, the SQL statements and the reminders of one tick."""

    milliseconds: float
    statements: int
    done: int


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print four tables."""
    rows: list[list[str]] = []
    told: list[list[str]] = []
    memory: list[list[str]] = []
    with TemporaryDirectory(prefix="panelbot-bench-") as folder, PostgresServer(durable=True) as server:
        for name in ("SQLite", "PostgreSQL"):
            few, many = (_address(name, folder, server) for _ in range(2))
            with _loaded(few, FEW, DUE) as small, _loaded(many, MANY, DUE) as large:
                rows += _rows(name, small, large)
                peak = _peak_of_a_process(many)
                memory.append([name, f"{MANY:,}", f"{peak:.0f}", verdict(peak, MEMORY_GOAL)])
            with _loaded(_address(name, folder, server), SOME, OVERDUE) as store:
                first = _tick(store, DIGESTS)
                again = [_tick(store, DIGESTS) for _ in range(ROUNDS)]
                told.append([name, *_figures([first]), *_figures(again)])
        some, bulk = (_address("PostgreSQL", folder, server) for _ in range(2))
        with _loaded(some, SOME, DUE) as small, _loaded(bulk, BULK, DUE) as large:
            bulk_row = _compared(f"{SOME:,} and {BULK:,}", _alternating(small, large, DIGESTS), BULK_GOAL)
    show(
        f"Ticks with {FEW:,} and {MANY:,} open actions, {DUE} of them due",
        ("", "few open, ms", "statements", "many open, ms", "statements", "ratio", f"at most {GOAL}"),
        rows,
    )
    show(
        f"Chasing with {BULK:,} open actions loaded in bulk on PostgreSQL, {DUE} of them due",
        ("open", "few open, ms", "statements", "many open, ms", "statements", "ratio", f"at most {BULK_GOAL}"),
        [bulk_row],
    )
    show(
        f"Chasing with {SOME:,} open actions, {OVERDUE:,} of them due",
        ("", "telling, ms", "statements", "all told, ms", "statements"),
        told,
    )
    show(
        "A process that has made every tick once",
        ("", "open", "peak memory, MB", f"under {MEMORY_GOAL:.0f}"),
        memory,
    )


def _rows(name: str, small: Store, large: Store) -> list[list[str]]:
    rows = [_compared(f"{name}: chasing, {DUE} due", _alternating(small, large, DIGESTS), GOAL)]
    for store in (small, large):
        _tick(store, DIGESTS)
    rows.append(_compared(f"{name}: chasing, all told", _alternating(small, large, DIGESTS, again=False), GOAL))
    every = tuple(tick.sweep for tick in TICKS if tick.name != "forgetting")
    rows.append(_compared(f"{name}: every tick, nothing new", _alternating(small, large, *every, again=False), GOAL))
    return rows


def _alternating(
    small: Store, large: Store, *sweeps: Sweep, again: bool = True
) -> tuple[Sequence[Cost], Sequence[Cost]]:
    """Run the sweeps on the small and the large database in turns. Return the costs of both.

    With `again`, delete the reminders after each round, so that they are sent again.
    """
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for turn in range(ROUNDS + 1):
        for store, kept in zip((small, large), costs, strict=True):
            cost = _tick(store, *sweeps)
            if again:
                _forget(store)
            if turn:  # the first warms up
                kept.append(cost)
    return costs


def _tick(store: Store, *sweeps: Sweep) -> Cost:
    count = 0

    def counted(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal count
        count += not statement.startswith("BEGIN")

    event.listen(store.engine, "before_cursor_execute", counted)
    began = time.perf_counter()
    done = sum(run_sweep(store, sweep) for sweep in sweeps)
    took = (time.perf_counter() - began) * 1000
    event.remove(store.engine, "before_cursor_execute", counted)
    return Cost(took, count, done)


def _forget(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM chase"))
        connection.execute(text("DELETE FROM outbox"))


def _figures(costs: Sequence[Cost]) -> tuple[str, str]:
    return f"{statistics.median(one.milliseconds for one in costs):.1f}", str(costs[-1].statements)


def _compared(title: str, costs: tuple[Sequence[Cost], Sequence[Cost]], goal: float) -> list[str]:
    few, many = costs
    assert {one.done for one in few} == {one.done for one in many}, "both do the same work"
    ratio = statistics.median(mine.milliseconds / other.milliseconds for other, mine in zip(few, many, strict=True))
    return [title, *_figures(few), *_figures(many), f"{ratio:.2f}", verdict(ratio, goal)]


def _peak_of_a_process(url: str) -> float:
    """Return the most memory, in MB, that a new process used while it ran every tick once."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (url,))


def _peak(url: str) -> float:
    store = _open(url)
    for tick in TICKS:
        run_sweep(store, tick.sweep)
    store.close()
    held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(held.split()[1]) * 1024 / 1e6


def _address(name: str, folder: str, server: PostgresServer) -> str:
    if name == "PostgreSQL":
        return server.url(server.create_database())
    return f"sqlite:///{folder}/{uuid4().hex}.db"


def _open(url: str) -> Store:
    settings = settings_of(url)
    return build_store(settings, clock=MovedClock(NOW))


@contextmanager
def _loaded(url: str, open_actions: int, due: int) -> Iterator[Store]:
    """Yield a store with a county and this many open actions.

    `due` of them are due, spread evenly over the steps of the chase ladder.
    """
    store = _open(url)
    with store.work() as work:
        sealed = _furnish(work)
    dialect = store.engine.dialect.name
    facts = {"sealed": sealed, "now": NOW}
    days = [f"'{day}'" if dialect == "sqlite" else f"DATE '{day}'" for day in RUNGS]
    with store.engine.begin() as connection:
        later = text(_LOAD.format(numbers=_NUMBERS[dialect], due=_DAY[dialect]))
        connection.execute(later, facts | {"count": open_actions - due, "from": date(2026, 5, 1)})
        rungs = f"CASE n % {len(RUNGS)} {''.join(f' WHEN {at} THEN {one}' for at, one in enumerate(days))} END"
        connection.execute(text(_LOAD.format(numbers=_NUMBERS[dialect], due=rungs)), facts | {"count": due})
    yield store
    store.close()


def _furnish(work: Work) -> bytes:
    """Add 30 panels of eleven people each. Return the text of an action, sealed."""
    session = work.session
    area = Area(key="shire", name="Shire", kind=AreaKind.DISTRICT)
    agencies = [Agency(key=kind.value, name=kind.label.capitalize(), kind=kind) for kind in KINDS]
    session.add_all([area, *agencies])
    session.flush()
    people = [
        Person(
            key=f"p{n}",
            name=f"Person {n}",
            team_id="T0BENCH",
            user_id=f"U{n}",
            agency_id=id_of(agencies[n % len(agencies)]),
            leads_agency=n < len(agencies),
            enrolled_at=work.now,
        )
        for n in range(PEOPLE)
    ]
    session.add_all(people)
    session.flush()
    key_id = work.keys.new_key(session, "panel", work.now)
    for number in range(PANELS):
        panel = Panel(
            key=f"panel-{number}",
            title=f"Panel {number:02}",
            definition="district-operational-met",
            area_id=id_of(area),
            venue="Civic Centre",
            data_key_id=key_id,
        )
        session.add(panel)
        session.flush()
        first = number * 8
        roles = [Role.CHAIR, Role.COORDINATOR, *[Role.REPRESENTATIVE] * 8]
        session.add_all(
            Membership(panel_id=id_of(panel), person_id=id_of(people[(first + n) % PEOPLE]), role=role, began_at=BEGAN)
            for n, role in enumerate(roles)
        )
        deputy = Membership(
            panel_id=id_of(panel), person_id=id_of(people[(first + 10) % PEOPLE]), role=Role.DEPUTY, began_at=BEGAN
        )
        deputy.deputy_for_id = id_of(people[(first + 2) % PEOPLE])
        session.add(deputy)
    session.flush()
    return work.seal(key_id, "Ring the school nurse about attendance.")


if __name__ == "__main__":
    main()
