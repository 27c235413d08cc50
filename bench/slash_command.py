"""`/action add`, end to end over signed HTTP with everything on, against a bare Bolt handler with one commit.

In turns in one run, on the same kind of server and the same kind of database: first with one person, for the rate;
then with fifty at once, for the slowest answers. Everything on: signature, access, remembered answers, sealed text,
audit chain, outbox and a courier that sends to a local workspace meanwhile.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle

from bench.servers import databases, serving, settle_county
from bench.slack import Typist, workspace_elsewhere
from bench.tables import show, verdict
from bot.clock import SystemClock
from bot.documents.panel_files import load_panel_definitions
from bot.models.vocabulary import Role
from bot.practice.sample import read_sample_county

RATE_GOAL = 0.6
P99_GOAL = 1.0  # seconds
ROUNDS = 8
ROUND_SECONDS = 1.5
CROWD = 50
CROWD_SECONDS = 8.0
_HOLDING = {Role.REPRESENTATIVE, Role.DEPUTY}

#: For whom somebody types, in which channel, and the lines they type, for ever.
Scene = tuple[str, str, str, Iterator[str]]


def main() -> None:
    """Measure and print."""
    rates: list[list[str]] = []
    waits: list[list[str]] = []
    for backend in ("sqlite", "postgresql"):
        one, crowd = _measure(backend)
        rates.append(one)
        waits.append(crowd)
    show(
        "/action add over signed HTTP, one person",
        ("database", "bare Bolt, a second", "panelbot, a second", "ratio", f"at least {RATE_GOAL}"),
        rates,
    )
    show(
        f"/action add over signed HTTP, {CROWD} people at once",
        ("database", "panelbot, a second", "half within, ms", "99 of 100 within, ms", f"below {P99_GOAL:.0f} s"),
        waits,
    )


def _measure(backend: str) -> tuple[list[str], list[str]]:
    places = scenes()
    with workspace_elsewhere() as api_url, databases(backend) as (ours, bare):
        settle_county(ours)
        with (
            serving("bot", "run", url=ours, api_url=api_url) as (our_port, _),
            serving("bench.bare_bolt", url=bare, api_url=api_url) as (bare_port, _),
        ):
            our_rates, bare_rates = _in_turns(our_port, bare_port, places[0])
            took, rate = _crowd(our_port, places)
    ratio = statistics.median(mine / theirs for mine, theirs in zip(our_rates, bare_rates, strict=True))
    p50, p99 = (statistics.quantiles(took, n=100)[rank - 1] for rank in (50, 99))
    return (
        [
            backend,
            f"{statistics.median(bare_rates):.0f}",
            f"{statistics.median(our_rates):.0f}",
            f"{ratio:.2f}",
            verdict(ratio, RATE_GOAL, at_least=True),
        ],
        [backend, f"{rate:.0f}", f"{p50 * 1000:.0f}", f"{p99 * 1000:.0f}", verdict(p99, P99_GOAL)],
    )


def _in_turns(our_port: int, bare_port: int, scene: Scene) -> tuple[list[float], list[float]]:
    team, user, channel, lines = scene
    mine = Typist(our_port, user=user, channel=channel, team=team)
    theirs = Typist(bare_port, user=user, channel=channel, team=team)
    _rate(mine, lines, 1.0)  # both warm
    _rate(theirs, lines, 1.0)
    our_rates, bare_rates = [], []
    for _ in range(ROUNDS):
        bare_rates.append(_rate(theirs, lines, ROUND_SECONDS))
        our_rates.append(_rate(mine, lines, ROUND_SECONDS))
    mine.leaves()
    theirs.leaves()
    return our_rates, bare_rates


def _rate(typist: Typist, lines: Iterator[str], seconds: float) -> float:
    began = time.perf_counter()
    count = 0
    while time.perf_counter() - began < seconds:
        _, said = typist.types(next(lines))
        if "recorded" not in said:
            raise RuntimeError(said)
        count += 1
    return count / (time.perf_counter() - began)


def _crowd(port: int, places: list[Scene]) -> tuple[list[float], float]:
    took: list[float] = []
    broken: list[Exception] = []
    end = time.perf_counter() + CROWD_SECONDS

    def somebody(scene: Scene) -> Callable[[], None]:
        team, user, channel, lines = scene

        def type_on() -> None:
            typist = Typist(port, user=user, channel=channel, team=team)
            try:
                while time.perf_counter() < end:
                    seconds, said = typist.types(next(lines))
                    if "recorded" not in said:
                        raise RuntimeError(said)
                    took.append(seconds)
            except Exception as error:  # noqa: BLE001 - raised below, in the thread that can tell
                broken.append(error)
            finally:
                typist.leaves()

        return type_on

    threads = [threading.Thread(target=somebody(places[number % len(places)])) for number in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return took, len(took) / CROWD_SECONDS


class _Shared:
    """Lines for several threads."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = cycle(lines)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        with self._lock:
            return next(self._lines)


def scenes() -> list[Scene]:
    """Each panel's co-ordinator in its channel, giving its members things to do in turn."""
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
