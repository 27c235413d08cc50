"""Measures `/action add` over signed HTTP, compared with a bare Bolt handler that makes one commit.

The two take turns, on the same kind of server and database. One person types, then 16 people at once (as many as either
has threads), then 50. panelbot runs complete: signature, access, stored answers, sealed text, audit, outbox, ticks, and
a courier that sends to a local workspace.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

from bench.servers import databases, serving, settle_county
from bench.slack import Typist, workspace_elsewhere
from bench.tables import show, verdict
from bot.clock import SystemClock
from bot.documents.panel_files import load_panel_definitions
from bot.models.vocabulary import Role
from bot.practice.mode import read_sample_county

RATE_GOALS = {"sqlite": 0.70, "postgresql": 0.65}  # share of the bare handler's rate, with one person and with sixteen
P99_GOAL = 1.0  # seconds, with fifty
ROUNDS = 5
CROWDS = (1, 16, 50)
CROWD = 50
ROUND_SECONDS = 3.0
WARM_SECONDS = 1.0
_HOLDING = {Role.REPRESENTATIVE, Role.DEPUTY}

#: Who types, in which channel, and the lines they type, for ever.
Scene = tuple[str, str, str, Iterator[str]]


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table of rates and a table of times."""
    rates: list[list[str]] = []
    waits: list[list[str]] = []
    for backend in ("sqlite", "postgresql"):
        for people, bare, ours in _measure(backend):
            ratio = statistics.median(mine.rate / theirs.rate for mine, theirs in zip(ours, bare, strict=True))
            took = [seconds for one in ours for seconds in one.took]
            p50, p99 = (statistics.quantiles(took, n=100)[rank - 1] for rank in (50, 99))
            rates.append(
                [
                    backend,
                    str(people),
                    f"{statistics.median(one.rate for one in bare):.0f}",
                    f"{statistics.median(one.rate for one in ours):.0f}",
                    f"{ratio:.2f}",
                    verdict(ratio, RATE_GOALS[backend], at_least=True) if people < CROWD else "",
                ]
            )
            waits.append(
                [
                    backend,
                    str(people),
                    f"{p50 * 1000:.0f}",
                    f"{p99 * 1000:.0f}",
                    verdict(p99, P99_GOAL) if people == CROWD else "",
                ]
            )
    goals = ", ".join(f"{goal:.2f} {backend}" for backend, goal in RATE_GOALS.items())
    show(
        f"/action add over signed HTTP, median of {ROUNDS} rounds in turns",
        ("database", "people at once", "bare Bolt, a second", "panelbot, a second", "ratio", f"at least {goals}"),
        rates,
    )
    show(
        "/action add over signed HTTP, answers of panelbot",
        ("database", "people at once", "half within, ms", "99 of 100 within, ms", f"below {P99_GOAL:.0f} s"),
        waits,
    )


@dataclass(frozen=True, slots=True)
class Round:
    """One round of measuring: the answers per second, and the seconds that each answer took."""

    rate: float
    took: list[float]


def _measure(backend: str) -> list[tuple[int, list[Round], list[Round]]]:
    """Measure on one database.

    Return, for each number of people who type at once, the rounds of the bare handler and those of panelbot.
    """
    places = scenes()
    measured = []
    with workspace_elsewhere() as api_url, databases(backend) as (ours, bare):
        settle_county(ours)
        with (
            serving("bot", "run", url=ours, api_url=api_url) as (our_port, _),
            serving("bench.bare_bolt", url=bare, api_url=api_url) as (bare_port, _),
        ):
            for people in CROWDS:
                mine, theirs = Crowd(our_port, people, places), Crowd(bare_port, people, places)
                mine.types_for(WARM_SECONDS)
                theirs.types_for(WARM_SECONDS)
                rounds = [(theirs.types_for(ROUND_SECONDS), mine.types_for(ROUND_SECONDS)) for _ in range(ROUNDS)]
                mine.leave()
                theirs.leave()
                measured.append((people, [one for one, _ in rounds], [one for _, one in rounds]))
    return measured


class Crowd:
    """Several people who type at the same time. Each types the next command once the last was acknowledged."""

    def __init__(self, port: int, people: int, places: list[Scene]) -> None:
        self._people = [
            (Typist(port, user=user, channel=channel, team=team), lines)
            for team, user, channel, lines in (places[number % len(places)] for number in range(people))
        ]

    def types_for(self, seconds: float) -> Round:
        """Let everyone type for this many seconds. Return what was measured.

        Raise RuntimeError for an answer that doesn't say that the action is recorded.
        """
        took: list[float] = []
        broken: list[Exception] = []
        began = time.perf_counter()

        def typing_as(typist: Typist, lines: Iterator[str]) -> Callable[[], None]:
            def type_on() -> None:
                try:
                    while time.perf_counter() - began < seconds:
                        each, said = typist.types(next(lines))
                        if "recorded" not in said:
                            raise RuntimeError(said)
                        took.append(each)
                except Exception as error:  # noqa: BLE001 - raised below, in the thread that can tell
                    broken.append(error)

            return type_on

        threads = [threading.Thread(target=typing_as(typist, lines)) for typist, lines in self._people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if broken:
            raise broken[0]
        return Round(len(took) / (time.perf_counter() - began), took)

    def leave(self) -> None:
        """Close the connections."""
        for typist, _ in self._people:
            typist.leaves()


class _Shared:
    """An endless iterator over a list of lines, from which several threads can take lines."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = cycle(lines)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        with self._lock:
            return next(self._lines)


def scenes() -> list[Scene]:
    """Return each panel's co-ordinator and channel, with endless lines that give actions to its members in turn."""
    county = read_sample_county(load_panel_definitions())
    due = f"{SystemClock().now() + timedelta(weeks=2):%-d %B %Y}"
    accounts = {person.key: person for person in county.people}
    found: list[Scene] = []
    for panel in county.panels:
        typist = next(accounts[member.person] for member in panel.members if member.role is Role.COORDINATOR)
        holders = [accounts[member.person] for member in panel.members if member.role in _HOLDING]
        lines = [f"add <@{one.user}|{one.key}> ring the school nurse by {due}" for one in holders if one != typist]
        found.append((typist.team, typist.user, panel.channel or "", iter(_Shared(lines))))
    return found
