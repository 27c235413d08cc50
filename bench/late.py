"""Measures how long commands take while ticks run. There are 10,000 open actions, 1,000 of them due.

Each tick runs every 20 seconds. Four people type `/action add` over signed HTTP, each once a second, a quarter of a
second after the person before. So there are four commands a second, and the script never sends two at the same moment.
The ticks run in the process that answers, as in production, so that a command meets their transactions.
"""

import os
import statistics
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from sqlalchemy import insert

from bench.servers import databases, serving, settings_of
from bench.slack import Typist, workspace_elsewhere
from bench.slash_command import Scene, scenes
from bench.tables import show, verdict
from bot.bootstrap import build_bot, build_store
from bot.clock import MovedClock, SystemClock
from bot.models.actions import Action
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import ActionState, Priority, Role
from bot.practice.mode import read_sample_county
from bot.services.county.application import apply_county
from bot.settings import read_settings
from bot.slack.incidents import incident
from bot.slack.web_server import serve_http
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Store
from bot.ticks import TICKS, Ticks

OPEN, DUE = 10_000, 1_000
TICK_EVERY = timedelta(seconds=20)
SECONDS = float(os.environ.get("BENCH_LATE_SECONDS", "60"))
TYPISTS = 4
P99_GOAL = 0.5
WORST_GOAL = 1.5


@dataclass(frozen=True, slots=True)
class Waits:
    """The seconds that each command of one run took."""

    took: tuple[float, ...]

    @property
    def half(self) -> float:
        """Return the median: half of the commands took no longer."""
        return statistics.median(self.took)

    @property
    def of_a_hundred(self) -> float:
        """Return the 99th percentile: 99 of 100 commands took no longer."""
        return statistics.quantiles(self.took, n=100)[98]


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table."""
    rows = []
    for backend in ("sqlite", "postgresql"):
        waits = _measure(backend)
        worst = max(waits.took)
        rows.append(
            [
                backend,
                str(len(waits.took)),
                f"{waits.half * 1000:.0f}",
                f"{waits.of_a_hundred * 1000:.0f}",
                verdict(waits.of_a_hundred, P99_GOAL),
                f"{worst * 1000:.0f}",
                verdict(worst, WORST_GOAL),
            ]
        )
    show(
        f"/action add, {TYPISTS} a second, ticks every {TICK_EVERY.seconds} s with {OPEN:,} open and {DUE:,} due",
        (
            "database",
            "commands",
            "half within, ms",
            "99 of 100 within, ms",
            f"below {P99_GOAL} s",
            "slowest, ms",
            f"below {WORST_GOAL} s",
        ),
        rows,
    )


def _measure(backend: str) -> Waits:
    places = scenes()
    with workspace_elsewhere() as api_url, databases(backend) as (url, _):
        settings = settings_of(url)
        store = build_store(settings)
        furnish(store)
        store.close()
        with serving("bench.late", url=url, api_url=api_url) as (port, _):
            return _type(port, places)


def _type(port: int, places: list[Scene]) -> Waits:
    took: list[float] = []
    broken: list[Exception] = []
    began = time.perf_counter()

    def keep_typing(number: int) -> None:
        team, user, channel, lines = places[number % len(places)]
        typist = Typist(port, user=user, channel=channel, team=team)
        try:
            for second in range(int(SECONDS)):
                pause = began + second + number / TYPISTS - time.perf_counter()
                time.sleep(max(0.0, pause))
                seconds, said = typist.types(next(lines))
                took.append(seconds)
                if "recorded" not in said:
                    raise RuntimeError(said)
        except Exception as error:  # noqa: BLE001 - raised below, in the thread that can tell
            broken.append(error)
        finally:
            typist.leaves()

    threads = [threading.Thread(target=keep_typing, args=(number,)) for number in range(TYPISTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return Waits(tuple(took))


def furnish(store: Store, still_open: int = OPEN, due: int = DUE) -> None:
    """Add the sample county and `still_open` open actions to a store. `due` of the actions were due yesterday."""
    county = read_sample_county(store.definitions)
    with store.work() as work:
        apply_county(work, county)
    with store.work() as work:
        held = work.session.query(Membership, Person, Panel).filter(
            Membership.person_id == Person.id,
            Membership.panel_id == Panel.id,
            Membership.role.in_([Role.REPRESENTATIVE, Role.DEPUTY]),  # type: ignore[attr-defined]
        )
        places = [(panel, person) for _, person, panel in held]
        today = working_moment().date()
        rows: list[dict[str, Any]] = []
        for number in range(still_open):
            panel, person = places[number % len(places)]
            rows.append(
                {
                    "panel_id": id_of(panel),
                    "text": work.seal(panel.data_key_id, f"Ring the school nurse about attendance, {number}."),
                    "agency_id": person.agency_id,
                    "holder_id": id_of(person),
                    "due_on": today + (timedelta(days=-1) if number < due else timedelta(days=30 + number % 60)),
                    "state": ActionState.OPEN,
                    "priority": Priority.NORMAL,
                    "created_by_id": id_of(person),
                    "created_at": work.now - timedelta(days=60),
                }
            )
        work.execute(insert(table_of(Action)), rows)


def working_moment() -> datetime:
    """Return the coming Tuesday at 10:30, when reminders go out, on whatever day the bench is run."""
    now = SystemClock().now()
    return datetime.combine((now + timedelta(days=(1 - now.weekday()) % 7)).date(), time_of_day(10, 30), UTC)


def serve() -> None:
    """Serve Slack as `panelbot run` does, with each tick every 20 seconds, on a clock set to working hours."""

    def build() -> tuple[Any, Any]:
        settings = read_settings()
        store = build_store(settings, clock=MovedClock(working_moment()))
        bot = build_bot(settings, store)
        often = tuple(replace(tick, every=TICK_EVERY) for tick in TICKS)
        ticks = Ticks(store, incident, often)
        bot.start(ticking=False)
        ticks.start()

        def end() -> None:
            ticks.stop()
            bot.stop()

        return bot.door, end

    serve_http(build, host="127.0.0.1", port=int(os.environ["PANELBOT_PORT"]))


if __name__ == "__main__":
    serve()
