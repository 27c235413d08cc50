"""Measures compiling an agenda of 60 cases, with 40 open actions and with 400, each of which is a matter arising."""

import statistics
import time
from datetime import UTC, date, datetime
from tempfile import TemporaryDirectory

from bench.servers import settings_of
from bench.tables import show, verdict
from bot.bootstrap import build_store
from bot.clock import MovedClock
from bot.models.panels import Panel
from bot.models.vocabulary import ActionKind, ActionState
from bot.records.actions.changes import record_action
from bot.services.agenda.papers import agenda_document
from bot.services.agenda.triage import Verdict, compile_agenda, triage_flag
from bot.services.cases.flags import flag_case
from bot.store.unit_of_work import Store
from tests.county import WEST, actor, flag_form, furnish
from tests.postgres import PostgresServer

RATIO, MILLISECONDS = 1.5, 150.0
CASES, FEW, MANY = 60, 40, 400
ROUNDS = 25
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table."""
    rows = []
    with TemporaryDirectory(prefix="panelbot-bench-") as folder:
        rows.append(_measured("SQLite", f"sqlite:///{folder}/few.db", f"sqlite:///{folder}/many.db"))
    with PostgresServer(durable=True) as server:
        rows.append(_measured("PostgreSQL", *(server.url(server.create_database()) for _ in range(2))))
    show(
        f"An agenda of {CASES} cases, compiled and shown; the Word file's facts with its actions",
        (
            "",
            f"{FEW} actions, ms",
            f"{MANY} actions, ms",
            f"under {MILLISECONDS:.0f} ms",
            "ratio",
            f"at most {RATIO}",
            "paper, ms",
        ),
        rows,
    )


def _measured(name: str, *urls: str) -> list[str]:
    stores = [_furnished(url, actions) for url, actions in zip(urls, (FEW, MANY), strict=True)]
    taken: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for store, times in zip(stores, taken, strict=True):
            times.append(_compiled(store))
    paper = _paper(stores[1])
    for store in stores:
        store.close()
    few, many = (statistics.median(times) for times in taken)
    ratio = statistics.median(more / less for less, more in zip(*taken, strict=True))
    return [
        name,
        f"{few:.0f}",
        f"{many:.0f}",
        verdict(many, MILLISECONDS),
        f"{ratio:.2f}",
        verdict(ratio, RATIO),
        f"{paper:.0f}",
    ]


def _compiled(store: Store) -> float:
    began = time.perf_counter()
    with store.work() as work:
        found = compile_agenda(work, actor(work, "coordinator"), WEST)
    taken = (time.perf_counter() - began) * 1000
    assert sum(item.flag is not None for item in found.items) == CASES
    return taken


def _paper(store: Store) -> float:
    with store.work() as work:
        meeting_id = compile_agenda(work, actor(work, "coordinator"), WEST).meeting_id
    began = time.perf_counter()
    with store.work() as work:
        agenda_document(work, actor(work, "chair"), meeting_id)
    return (time.perf_counter() - began) * 1000


def _furnished(url: str, actions: int) -> Store:
    settings = settings_of(url)
    store = build_store(settings, clock=MovedClock(NOW))
    county = furnish(store)
    with store.work() as work:
        for number in range(CASES):
            flag = flag_case(work, actor(work, "socialworker"), WEST, flag_form(f"SAMPLE-{number:04}"))
            triage_flag(work, actor(work, "chair"), flag.id, Verdict.ACCEPT)
        chair = county.person["chair"]
        panel = work.session.get_one(Panel, county.west_id)
        for number in range(actions):
            facts = {
                "panel_id": county.west_id,
                "kind": ActionKind.OTHER,
                "text": work.seal(panel.data_key_id, f"Ring the school nurse about attendance, {number}."),
                "agency_id": county.agency["health"],
                "holder_id": county.person["nurse"],
                "due_on": date(2026, 4, 1),
                "state": ActionState.OPEN,
                "created_by_id": chair,
                "created_at": NOW,
            }
            record_action(work, facts, chair)
    return store


if __name__ == "__main__":
    main()
