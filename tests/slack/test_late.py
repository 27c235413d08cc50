"""Three seconds: nothing is recorded after its sender was told that it failed, and what came late is told as done.

The faults are real: a lock that another connection holds, a PostgreSQL that is stopped or killed, a file that is full
or may not be written. How long each lasts is decided by an event, never by a pause.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.errors import OutOfTime, Unsettled
from bot.slack import incidents
from bot.slack.listener import LATE, WAS_NOT_SAVED, WAS_SAVED
from bot.store.engine import create_store_engine
from bot.store.faults import Fault
from bot.store.schema import upgrade
from bot.store.unit_of_work import Store
from tests.conftest import prove_key
from tests.postgres import PostgresServer
from tests.slack.conftest import Scene, playing
from tests.slack.county import CHANNEL
from tests.slack.test_listener import count_actions

ADD = "/action add @sam ring the school nurse by Friday"
PATIENT = {"acknowledge_within": 30.0}  # what is asked about is the answer, however slow the machine
REFUSALS = {*(fault.value for fault in Fault), str(OutOfTime())}
AWAY = Fault.AWAY.value


@pytest.fixture(autouse=True)
def _first_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what an earlier test logged less than a minute ago, so that this one is not silent."""
    monkeypatch.setattr(incidents, "_OUTAGES", incidents.Outages())


def records(scene: Scene) -> str:
    """Return what the first command says that is not refused.

    A machine may be slow, and a database may need a moment.
    """
    kim = scene.person("U3")
    said: str = kim.waits_for(
        lambda: next((one for one in [kim.types(CHANNEL, ADD).text] if one not in REFUSALS), ""), 60
    )
    assert "recorded" in said
    return said


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Another connection holds what every new action needs."""
    engine = create_store_engine(database_url)
    taken, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE action IN SHARE MODE"))
            taken.set()
            let_go.wait(120)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(30)
    try:
        yield
    finally:
        let_go.set()
        thread.join()
        engine.dispose()


def test_behind_a_lock_seven_commands_are_refused_and_none_is_recorded_later(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with playing(tmp_path, over="http", panelbot_database_url=database_url, **PATIENT) as scene:
        with locked(database_url), ThreadPoolExecutor(7) as people:
            said = set(people.map(lambda _: scene.person("U3").types(CHANNEL, ADD).text, range(7)))
        assert said <= {Fault.LOCKED.value, str(OutOfTime())}
        assert Fault.LOCKED.value in said
        records(scene)
        assert count_actions(scene.store) == 1
    reasons = [record.getMessage() for record in caplog.records if "the database is locked" in record.getMessage()]
    assert len(reasons) == 1
    assert "Traceback" not in caplog.text


def test_what_was_saved_is_not_denied_when_it_comes_again_behind_a_lock(database_url: str, tmp_path: Path) -> None:
    with playing(tmp_path, over="http", panelbot_database_url=database_url, **PATIENT) as scene:
        said = records(scene)
        with locked(database_url):
            again = scene.workspace.redeliver(scene.workspace.deliveries[-1])
        assert again.attempts[0].payload["text"] == said
        assert count_actions(scene.store) == 1


def test_an_answer_that_cannot_be_read_again_behind_a_lock_names_the_lock(database_url: str, tmp_path: Path) -> None:
    with playing(tmp_path, over="http", panelbot_database_url=database_url, **PATIENT) as scene:
        scene.person("U3").types(CHANNEL, ADD)
        with scene.store.work() as work:
            work.session.execute(text("UPDATE answered_request SET answer = :nothing"), {"nothing": b"unreadable"})
        with locked(database_url):
            again = scene.workspace.redeliver(scene.workspace.deliveries[-1])
        assert again.attempts[0].payload["text"] in {Fault.LOCKED.value, str(OutOfTime())}


def test_what_slack_said_of_each_command_is_what_became_of_it(database_url: str, tmp_path: Path) -> None:
    """With the local workspace's own three seconds, and our own two and a half, whatever the machine is doing."""
    with playing(tmp_path, over="http", panelbot_database_url=database_url, acknowledge_within=3.0) as scene:
        with locked(database_url), ThreadPoolExecutor(7) as people:
            answers = list(people.map(lambda _: scene.person("U3").types(CHANNEL, ADD), range(7)))
        answers.append(scene.person("U3").types(CHANNEL, ADD))
        scene.bot.stop()  # whatever was still going on has come to its end
        acknowledged = [answer.text for answer in answers if answer.error is None]
        assert {said for said in acknowledged if "recorded" not in said} <= REFUSALS

        def told() -> int:
            """Return how many actions people were told of: in the answer, or after Slack's three seconds on a slow
            machine.
            """
            late = [one.text for one in scene.person("U3").messages(CHANNEL) if one.text.startswith(LATE)]
            return len(
                {number for said in [*acknowledged, *late] for number in re.findall(r"Action (\d+)\*? recorded", said)}
            )

        scene.person("U3").waits_for(lambda: told() == count_actions(scene.store), 60)


def test_lists_go_on_behind_a_lock(database_url: str, tmp_path: Path) -> None:
    with (
        playing(tmp_path, over="http", panelbot_database_url=database_url, acknowledge_within=30.0) as scene,
        locked(database_url),
    ):
        assert scene.person("U3").types(CHANNEL, "/panel next").text.startswith("*West Operational MET*")


def _before_commit(store: Store, do: Callable[[], object]) -> None:
    """Do something where a transaction can no longer be given up: COMMIT goes with the audit's entries."""

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO audit_entry"):
            do()

    event.listen(store.engine, "before_cursor_execute", look)


def test_what_is_committed_late_is_told_as_recorded(database_url: str, tmp_path: Path) -> None:
    with playing(tmp_path, over="http", panelbot_database_url=database_url, acknowledge_within=3.0) as scene:
        kim, may_commit = scene.person("U3"), threading.Event()

        _before_commit(scene.store, lambda: may_commit.wait(60))
        answer = kim.types(CHANNEL, ADD)
        may_commit.set()
        assert answer.error is not None  # Slack has told them that it failed
        told = kim.waits_for(lambda: [one.text for one in kim.messages(CHANNEL) if one.text.startswith(LATE)])
        assert "ring the school nurse" in told[0]
        assert count_actions(scene.store) == 1


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """Yield a PostgreSQL that may be stopped and killed."""
    with PostgresServer(durable=True) as server:
        yield server


@pytest.fixture
def on_own_server(own_server: PostgresServer, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Yield a scene on a database of that server."""
    url = own_server.url(own_server.create_database())
    engine = create_store_engine(url)
    upgrade(engine, prove_key)
    engine.dispose()

    def play(**more: Any) -> Any:
        return playing(tmp_path, over="http", panelbot_database_url=url, **PATIENT | more)

    return play


def test_while_postgresql_does_not_answer_people_read_it_and_afterwards_all_goes_on(
    own_server: PostgresServer, on_own_server: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    with on_own_server() as scene:
        kim = scene.person("U3")
        records(scene)
        own_server.pause()
        try:
            with ThreadPoolExecutor(3) as people:
                said = set(people.map(lambda line: kim.types(CHANNEL, line).text, [ADD, "/panel next", ADD]))
        finally:
            own_server.resume()
        assert said == {AWAY}
        records(scene)
        assert count_actions(scene.store) == 2
    assert len([one for one in caplog.records if "the database is away" in one.getMessage()]) == 1


def test_a_postgresql_that_is_killed_and_started_again_loses_nothing(
    own_server: PostgresServer, on_own_server: Callable[..., Any]
) -> None:
    with on_own_server() as scene:
        kim = scene.person("U3")
        records(scene)
        own_server.kill()
        try:
            assert kim.types(CHANNEL, ADD).text == AWAY
            assert kim.types(CHANNEL, "/panel next").text == AWAY
        finally:
            own_server.start()
        records(scene)
        assert count_actions(scene.store) == 2
        assert [state for _, state in scene.settled()] == ["done", "done"]


@pytest.mark.parametrize(("fate", "told", "count"), [("resume", WAS_SAVED, 1), ("kill", WAS_NOT_SAVED, 0)])
def test_a_commit_whose_outcome_nobody_knows_is_found_out_and_told(
    own_server: PostgresServer, on_own_server: Callable[..., Any], fate: str, told: str, count: int
) -> None:
    with on_own_server() as scene:
        kim, struck = scene.person("U3"), threading.Event()

        def strike() -> None:
            if not struck.is_set():
                struck.set()
                own_server.kill() if fate == "kill" else own_server.pause()

        _before_commit(scene.store, strike)
        said = kim.types(CHANNEL, ADD).text
        own_server.start() if fate == "kill" else own_server.resume()
        assert said == str(Unsettled())
        expected = told.format(what="`/action`")
        assert kim.waits_for(lambda: [one.text for one in kim.messages(CHANNEL) if one.text == expected], 60)
        assert count_actions(scene.store) == count


def _filled(store: Store) -> Callable[[], None]:
    """Stop SQLite's file from growing. Return what takes that back."""

    def limit(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(store.engine, "connect", limit)
    store.close()

    def free() -> None:
        event.remove(store.engine, "connect", limit)
        store.close()

    return free


def test_a_full_disk_is_named_and_costs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with playing(tmp_path, over="http", **PATIENT) as scene:
        kim = scene.person("U3")
        free = _filled(scene.store)
        # Its pages have room for a few more.
        taken = []
        while (said := kim.types(CHANNEL, f"{ADD[:-10]} {'and again ' * 40} by Friday").text) != Fault.FULL.value:
            assert "recorded" in said
            taken.append(said)
        assert count_actions(scene.store) == len(taken)
        assert kim.types(CHANNEL, "/panel next").text.startswith("*West Operational MET*")
        free()
        records(scene)
        assert count_actions(scene.store) == len(taken) + 1
    assert "the database is full: database or disk is full" in caplog.text


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_database_that_may_only_be_read_is_named_and_read(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, backend: str
) -> None:
    with playing(tmp_path, over="http", panelbot_database_url=database_url, **PATIENT) as scene:
        records(scene)
        scene.settled()
        with _read_only(scene.store, backend):
            kim = scene.person("U3")
            assert kim.types(CHANNEL, ADD).text == Fault.READ_ONLY.value
            assert kim.types(CHANNEL, "/panel next").text.startswith("*West Operational MET*")
            # A look at what people wrote is not shown when it cannot be noted.
            assert kim.types(CHANNEL, "/action list").text == Fault.READ_ONLY.value
        records(scene)
        assert count_actions(scene.store) == 2
    assert len([one for one in caplog.records if "the database is read-only" in one.getMessage()]) == 1


@contextmanager
def _read_only(store: Store, backend: str) -> Iterator[None]:
    """Take nothing, as a file system mounted read-only and a standby server do."""
    if backend == "postgresql":

        def restrict(connection: Any, _record: Any) -> None:
            connection.execute("SET default_transaction_read_only = on")
            connection.commit()

        event.listen(store.engine, "connect", restrict)
    else:

        def restrict(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA query_only=ON")

        event.listen(store.engine, "connect", restrict)
        event.listen(store.engine, "checkout", _kept_so)
    store.close()
    try:
        yield
    finally:
        event.remove(store.engine, "connect", restrict)
        if backend == "sqlite":
            event.remove(store.engine, "checkout", _kept_so)
        store.close()


def _kept_so(_connection: Any, record: Any, _fairy: Any) -> None:
    record.info["query_only"] = False  # as far as the engine knows it may write, so it does not switch it off


def test_a_command_that_waited_too_long_for_a_thread_is_given_up_unseen(tmp_path: Path) -> None:
    with playing(tmp_path, over="http", answer_within=0.0, acknowledge_within=30.0) as scene:
        logging.getLogger("bot").debug("nothing is in time here")
        assert scene.person("U3").types(CHANNEL, ADD).text == str(OutOfTime())
        assert (count_actions(scene.store), scene.audit()) == (0, [])
