"""Bots that are killed and born again: their processes, and what a dead one leaves in the database."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import text

from bot.slack.sender import HTTP_SECONDS, MOST_CALLS
from bot.store.outbox import LEASE_SECONDS
from bot.store.unit_of_work import Store


class Zygote:
    """The process that brings forth one bot after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._asks: IO[str] = process.stdin
        self._tells: IO[str] = process.stdout
        self.alive: int | None = None  #: the process id of its bot

    def bear(self) -> int:
        """Bring forth a bot and wait until Slack can reach it. Return its process id."""
        self._asks.write("another\n")
        self._asks.flush()
        said = sorted(self._tells.readline().strip() for _ in range(2))  # either may come first
        assert said[1] == "ready", said
        self.alive = int(said[0].removeprefix("born "))
        return self.alive

    def kill(self, bot: int) -> None:
        """End it without a word, and wait until it is gone."""
        os.kill(bot, signal.SIGKILL)
        assert self._tells.readline().strip() == "gone"
        self.alive = None


#: The longest lease: that of an effect which makes several calls.
_LONGEST_LEASE = HTTP_SECONDS * MOST_CALLS + LEASE_SECONDS


def leases_run_out(store: Store, *, reap: bool = True) -> None:
    """Move what is timed into the past: nobody wants to wait for leases and gaps of a second.

    With `reap` no bot is alive, and all that the dead held is free once another looks.
    """
    past = {"s": _LONGEST_LEASE + 1 if reap else 1}
    with store.engine.begin() as connection:
        if reap:
            connection.execute(text("UPDATE outbox SET lease_until = lease_until - :s"), past)
        # In the order of names, and no lane that the courier has just in hand: it takes its own in no such order.
        free = "SELECT name FROM outbox_lane ORDER BY name"
        if store.engine.dialect.name == "postgresql" and not reap:
            free += " FOR UPDATE SKIP LOCKED"
        connection.execute(text(f"UPDATE outbox_lane SET next_at = next_at - :s WHERE name IN ({free})"), past)  # noqa: S608


@contextmanager
def zygote(facts: dict[str, object]) -> Iterator[Zygote]:
    """Start the process that brings forth bots with these settings."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.killed_bot", json.dumps(facts)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with process:
        bots = Zygote(process)
        try:
            yield bots
        finally:
            process.kill()
            if bots.alive is not None:  # a test that failed leaves it
                os.kill(bots.alive, signal.SIGKILL)
