"""Measures how soon commands are recorded again after an outage of the database, and how long people wait for answers.

Eight people type `/action add` over signed HTTP. Each types the next command a quarter of a second after the last
answer. "Again after" is the time from the end of the outage to the first command that is recorded. A command that was
refused must not be recorded later, so the actions in the database are counted at the end.

The last row is no outage: forty connections send the beginning of a request and then nothing, while people type.
"""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, func, select, text

from bench.servers import databases, serving, settle_county
from bench.slack import Typist, workspace_elsewhere
from bench.slash_command import scenes
from bench.tables import show, verdict
from bot.bootstrap import build_bot, build_store
from bot.errors import Unsettled
from bot.models.actions import Action
from bot.settings import read_settings
from bot.slack.web_server import serve_http
from bot.store.engine import create_store_engine
from tests.postgres import PostgresServer

LOCKED, AWAY, REFUSED, STALLED = (float(os.environ.get("BENCH_OUTAGE_SECONDS", each)) for each in (30, 10, 5, 60))
PEOPLE = 8
PAUSE = 0.25
STALLED_CONNECTIONS = 40
AGAIN_GOAL = 2.0  # seconds from the outage's end
ANSWER_GOAL = 3.0  # seconds after which Slack tells people that a command failed
BESIDE_GOAL = 1.0  # seconds, beside connections that stall

#: What an outage is done by, given the server's process and PostgreSQL where it runs.
Outage = Callable[["Stage"], contextlib.AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a simulated outage may affect: the database's address, the serving process, and any PostgreSQL server."""

    url: str
    process: int
    postgresql: PostgresServer | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One command: when it was sent and answered, in seconds of this process's clock, and the text of the answer."""

    sent: float
    answered: float
    said: str

    @property
    def recorded(self) -> bool:
        """Return whether the answer says that the action is recorded."""
        return "recorded" in self.said

    @property
    def refused(self) -> bool:
        """Return whether the answer says that nothing is recorded.

        If the connection broke during the commit, the answer says neither, and this is false.
        """
        return not self.recorded and self.said != str(Unsettled())


def main() -> None:
    """Measure each outage on a new database, and print a table."""
    rows = []
    for name, backend, strike, seconds in (
        ("its lock held", "sqlite", _locked, LOCKED),
        ("its lock held", "postgresql", _locked, LOCKED),
        ("stopped", "postgresql", _paused, AWAY),
        ("killed, then started", "postgresql", _killed, AWAY),
        ("disk full", "sqlite", _signalled(signal.SIGUSR1), REFUSED),
        ("read-only", "sqlite", _signalled(signal.SIGUSR2), REFUSED),
    ):
        answers, ended, kept = _play(backend, strike, seconds)
        again = min(one.answered for one in answers if one.recorded and one.answered > ended) - ended
        slowest = max(one.answered - one.sent for one in answers)
        refused = sum(one.refused for one in answers)
        too_many = max(0, kept - (len(answers) - refused))
        rows.append(
            [
                f"{name}, {seconds:g} s",
                backend,
                f"{again:.2f}",
                verdict(again, AGAIN_GOAL),
                f"{slowest:.2f}",
                verdict(slowest, ANSWER_GOAL),
                str(refused),
                str(too_many),
                verdict(too_many, 0),
            ]
        )
    show(
        f"/action add through an outage of the database, {PEOPLE} people",
        (
            "outage",
            "database",
            "again after, s",
            f"below {AGAIN_GOAL:g} s",
            "slowest answer, s",
            f"below {ANSWER_GOAL:g} s",
            "refused",
            "recorded though refused",
            "none",
        ),
        rows,
    )
    beside = _beside_stalled_connections()
    show(
        f"/action add beside {STALLED_CONNECTIONS} connections that stall for {STALLED:g} s",
        ("database", "commands", "slowest, s", f"below {BESIDE_GOAL:g} s"),
        [["sqlite", str(len(beside)), f"{max(beside):.2f}", verdict(max(beside), BESIDE_GOAL)]],
    )


def _play(backend: str, strike: Outage, seconds: float) -> tuple[list[Answer], float, int]:
    """Let people type before, during and after one outage.

    Return their answers, the time at which the outage ended, and the number of actions in the database at the end.
    """
    with workspace_elsewhere() as api_url, _database(backend) as (url, postgresql):
        settle_county(url)
        with serving("bench.outages", url=url, api_url=api_url) as (port, process):
            stage = Stage(url, process.pid, postgresql)
            with _people(port) as answers:
                time.sleep(1.0)
                with strike(stage):
                    time.sleep(seconds)
                ended = time.perf_counter()
                time.sleep(AGAIN_GOAL + ANSWER_GOAL)
        engine = create_store_engine(url)
        with engine.begin() as connection:
            kept = connection.scalar(select(func.count()).select_from(Action)) or 0
        engine.dispose()
        return answers, ended, kept


@contextmanager
def _database(backend: str) -> Iterator[tuple[str, PostgresServer | None]]:
    if backend == "sqlite":
        with databases(backend) as (url, _):
            yield url, None
        return
    with PostgresServer(durable=True) as server:
        yield server.url(server.create_database()), server


@contextmanager
def _people(port: int) -> Iterator[list[Answer]]:
    """Yield a list of answers, which grows while people type in threads until the `with` block ends.

    Raise the first error of a thread afterwards, such as a closed connection.
    """
    places, answers, broken, over = scenes(), list[Answer](), list[Exception](), threading.Event()

    def keep_typing(number: int) -> None:
        team, user, channel, lines = places[number % len(places)]
        typist = Typist(port, user=user, channel=channel, team=team)
        try:
            while not over.wait(PAUSE):
                sent = time.perf_counter()
                _, said = typist.types(next(lines))
                answers.append(Answer(sent, time.perf_counter(), said))
        except Exception as error:  # noqa: BLE001 - raised below, in the thread that can tell
            broken.append(error)
        finally:
            typist.leaves()

    threads = [threading.Thread(target=keep_typing, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if broken:
        raise broken[0]


@contextmanager
def _locked(stage: Stage) -> Iterator[None]:
    """Hold a lock that every new action needs, in another connection, until the `with` block ends."""
    engine = create_store_engine(stage.url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE action IN SHARE MODE"))
        yield
    engine.dispose()


@contextmanager
def _paused(stage: Stage) -> Iterator[None]:
    assert stage.postgresql is not None
    stage.postgresql.pause()
    yield
    stage.postgresql.resume()


@contextmanager
def _killed(stage: Stage) -> Iterator[None]:
    assert stage.postgresql is not None
    stage.postgresql.kill()
    yield
    stage.postgresql.start()


def _signalled(number: signal.Signals) -> Outage:
    """Return an outage that the serving process causes itself.

    The outage begins when the process gets this signal, and ends when the process gets the signal again.
    """

    @contextmanager
    def strike(stage: Stage) -> Iterator[None]:
        os.kill(stage.process, number)
        yield
        os.kill(stage.process, number)

    return strike


def _beside_stalled_connections() -> list[float]:
    """Return how many seconds each command took while other connections had sent only the beginning of a request."""
    with workspace_elsewhere() as api_url, databases("sqlite") as (url, _), ExitStack() as stalled:
        settle_county(url)
        with serving("bench.outages", url=url, api_url=api_url) as (port, _), _people(port) as answers:
            began = time.perf_counter()
            for number in range(STALLED_CONNECTIONS):
                beginning = b"POST /slack/events HTTP/1.1\r\nContent-Length: 900\r\n" + (b"\r\nteam" * (number % 2))
                one = stalled.enter_context(socket.create_connection(("127.0.0.1", port)))
                one.sendall(beginning)
            time.sleep(max(0.0, began + STALLED - time.perf_counter()))
        return [one.answered - one.sent for one in answers if one.sent > began]


def serve() -> None:
    """Serve Slack as `panelbot run` does, with two outages that signals begin and end.

    SIGUSR1 makes the disk look full, and SIGUSR2 makes the database read-only.
    """
    full, read_only = threading.Event(), threading.Event()
    for number, outage in ((signal.SIGUSR1, full), (signal.SIGUSR2, read_only)):
        signal.signal(number, lambda *_, it=outage: it.clear() if it.is_set() else it.set())

    def check_out(connection: Any, record: Any, _fairy: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0] if full.is_set() else 4294967294
        connection.execute(f"PRAGMA max_page_count={pages}")
        if read_only.is_set():
            connection.execute("PRAGMA query_only=ON")
            record.info["query_only"] = False  # as far as the engine knows it may write, so it does not switch it off
        elif record.info.get("query_only") is False:
            connection.execute("PRAGMA query_only=OFF")

    def build() -> tuple[Any, Any]:
        settings = read_settings()
        store = build_store(settings)
        if store.engine.dialect.name == "sqlite":
            event.listen(store.engine, "checkout", check_out)
        bot = build_bot(settings, store)
        bot.start(ticking=True)
        return bot.door, bot.stop

    serve_http(build, host="127.0.0.1", port=int(os.environ["PANELBOT_PORT"]))


if __name__ == "__main__":
    serve()
