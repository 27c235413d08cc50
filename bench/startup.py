"""Measures the time from `panelbot run` to the first acknowledgement, and the memory used at that moment.

The database exists already.
"""

import statistics
import time

import psutil

from bench.servers import databases, serving, settle_county
from bench.slack import Typist, workspace_elsewhere
from bench.slash_command import scenes
from bench.tables import show, verdict

START_GOAL = 2.0  # seconds
MEMORY_GOAL = 180.0  # MB
STARTS = 5
COMMANDS = 200  # before memory is read: a process that has just started holds less


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table."""
    rows = []
    for backend in ("sqlite", "postgresql"):
        starts, memory = _measure(backend)
        median = statistics.median(starts)
        rows.append(
            [
                backend,
                f"{median:.2f}",
                f"{max(starts):.2f}",
                verdict(median, START_GOAL),
                f"{memory:.0f}",
                verdict(memory, MEMORY_GOAL),
            ]
        )
    show(
        "panelbot run over HTTP",
        (
            "database",
            "to first ack, s",
            "slowest, s",
            f"below {START_GOAL:.0f} s",
            "memory, MB",
            f"below {MEMORY_GOAL:.0f} MB",
        ),
        rows,
    )


def _measure(backend: str) -> tuple[list[float], float]:
    starts: list[float] = []
    memory = 0.0
    team, user, channel, lines = scenes()[0]
    with workspace_elsewhere() as api_url, databases(backend) as (url, _):
        settle_county(url)
        for _ in range(STARTS):
            began = time.perf_counter()
            with serving("bot", "run", url=url, api_url=api_url) as (port, process):
                typist = Typist(port, user=user, channel=channel, team=team)
                typist.types(next(lines))
                starts.append(time.perf_counter() - began)
                for _ in range(COMMANDS):
                    typist.types(next(lines))
                family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
                # What parent and worker share is counted once.
                memory = max(memory, sum(one.memory_full_info().pss for one in family) / 1e6)
                typist.leaves()
    return starts, memory
