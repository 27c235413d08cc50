"""A bot on a small county, talking to a local workspace over Socket Mode or signed HTTP; nothing is a mock."""

import atexit
import shutil
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from socketserver import ThreadingMixIn
from tempfile import mkdtemp
from typing import Any, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bot.bootstrap import Bot, build_bot, build_store
from bot.clock import MovedClock
from bot.models.bookkeeping import AuditEntry
from bot.models.outbox import EffectState, OutboxRow
from bot.practice.stopwatch import ACKNOWLEDGE_SECONDS, GIVE_UP_SECONDS, HeldStopwatch, Stopwatch
from bot.practice.workspace.person import Person
from bot.practice.workspace.web_api import RateLimits
from bot.practice.workspace.workspace import Workspace
from bot.settings import Settings
from bot.slack.listener import LONG_PATIENCE, Patience
from bot.slack.manifest import manifest
from bot.slack.tables import build_registry
from bot.store.unit_of_work import Store
from tests.conftest import MASTER_KEY, compiling_once, counted
from tests.county import County, Setting, furnish
from tests.slack.county import SETTING, populate

#: A Monday; the next meeting of the county is on Thursday 10 December.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "practice-signing-secret"

Found = TypeVar("Found")


def comes_true(wanted: Callable[[], Found | None], otherwise: Callable[[], str] = lambda: "in vain") -> Found:
    """Wait until this gives something, and return it. Raises TimeoutError long after a slow machine would be done."""
    give_up_at = time.monotonic() + GIVE_UP_SECONDS
    pause = threading.Event()
    while not (found := wanted()):
        if time.monotonic() > give_up_at:
            raise TimeoutError(otherwise())
        pause.wait(0.02)
    return found


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything there is in one test."""

    workspace: Workspace
    store: Store
    bot: Bot
    county: County
    clock: MovedClock
    stopwatch: Stopwatch  #: counts Slack's three seconds; held still unless a test says otherwise

    def person(self, user_id: str) -> Person:
        """Return a person at their Slack."""
        return self.workspace.person(user_id)

    def audit(self) -> list[tuple[str, str, str]]:
        """Verb, noun and outcome of everything that was written down."""
        with self.store.reading() as work:
            rows = work.session.exec(select(AuditEntry).order_by(AuditEntry.id))  # type: ignore[arg-type]
            return [(row.verb, row.noun, row.outcome) for row in rows]

    def effects(self) -> list[tuple[str, str]]:
        """Kind and state of everything that was promised."""
        with self.store.reading() as work:
            return [(row.kind, str(row.state)) for row in work.session.exec(select(OutboxRow))]

    def settled(self) -> list[tuple[str, str]]:
        """Return the same, once nothing waits or is under way."""
        moving = [EffectState.READY, EffectState.CLAIMED, EffectState.SENDING]
        under_way = select(func.count(col(OutboxRow.id))).where(col(OutboxRow.state).in_(moving))

        def at_rest() -> list[tuple[str, str]] | None:
            with self.store.engine.connect() as connection:  # asked often: without objects
                if connection.execute(under_way).scalar_one():
                    return None
            return self.effects() or [("", "")]

        found = comes_true(at_rest, lambda: f"effects still under way: {self.effects()}")
        return [effect for effect in found if effect != ("", "")]

    def posted(self, method: str = "chat.postMessage") -> int:
        """Return how many calls of a method the workspace accepted."""
        return sum(call.method == method and call.error is None for call in self.workspace.calls)


def settings_for(workspace: Workspace, folder: Path, **more: str) -> Settings:
    """Return what a process is started with. A database that was made before belongs to the key of the tests."""
    if "panelbot_database_url" in more:
        more.setdefault("panelbot_master_key", urlsafe_b64encode(MASTER_KEY).decode())
    return Settings(
        slack_bot_token=workspace.bot_token,  # type: ignore[arg-type]
        slack_api_url=workspace.api_url,
        panelbot_data_dir=folder,
        **more,  # type: ignore[arg-type]
    )


@cache
def _first_start() -> Path:
    """Return a folder as a first start leaves it, with key and empty database: most of a scene's own start."""
    folder = Path(mkdtemp(prefix="panelbot-first-start-"))
    atexit.register(shutil.rmtree, folder)
    settings = Settings(
        slack_bot_token="xoxb-first-start",  # type: ignore[arg-type]
        slack_app_token="xapp-first-start",  # type: ignore[arg-type]
        panelbot_data_dir=folder,
    )
    build_store(settings, clock=MovedClock(NOW), announce=lambda _sentence: None).close()
    return folder


@contextmanager
def playing(
    folder: Path,
    *,
    over: str = "socket",
    rate_limits: RateLimits | None = None,
    acknowledge_within: float | None = None,
    answer_within: float | None = None,
    gathering: float = 0.0,
    channel_gap: float = 0.0,
    setting: Setting = SETTING,
    populates: Callable[[Workspace], None] = populate,
    clock: MovedClock | None = None,
    **more: str,
) -> Iterator[Scene]:
    """Yield a scene from its start to its end.

    Slack's three seconds and the bot's own time-outs do not run out by themselves, so that what people see does not
    depend on the machine's speed. Tests of the three seconds move the scene's stopwatch. With `acknowledge_within`
    Slack waits that many real seconds, and the bot as long as at Slack, or `answer_within`. `gathering` is 0 where no
    test is about messages that come together, `channel_gap` where none is about Slack's one message a second. `setting`
    is the county, `populates` adds its people to Slack.
    """
    patience = LONG_PATIENCE
    if acknowledge_within is not None:
        at_slack = Patience()
        answer = at_slack.answer if answer_within is None else answer_within
        patience = replace(LONG_PATIENCE, answer=answer, slack=at_slack.slack)
    clock = clock or MovedClock(NOW)
    stopwatch = HeldStopwatch() if acknowledge_within is None else Stopwatch()
    with _http_server() as (server, address):
        workspace = Workspace(
            manifest(build_registry(), request_url=address if over == "http" else None),
            delivery="http" if over == "http" else "socket",
            request_url=f"{address}/slack/events" if over == "http" else None,
            rate_limits=rate_limits or RateLimits.off(),
            event_retry_after=(0.05, 0.05, 0.05),
            stopwatch=stopwatch,
            acknowledge_within=ACKNOWLEDGE_SECONDS if acknowledge_within is None else acknowledge_within,
            ping_seconds=GIVE_UP_SECONDS,
        )
        populates(workspace)
        with workspace:
            key = {"slack_signing_secret": SECRET} if over == "http" else {"slack_app_token": workspace.app_token}
            settings = settings_for(workspace, folder, **key, **more)
            if not {"panelbot_database_url", "panelbot_master_key"} & set(more):
                shutil.copytree(_first_start(), folder, dirs_exist_ok=True)
            store = build_store(settings, clock=clock)
            compiling_once(store.engine)
            store.draw = counted()
            store.channel_gap = channel_gap
            county = furnish(store, setting)
            bot = build_bot(settings, store, patience=patience, gathering=gathering)
            if bot.door is not None:
                server.set_app(bot.door)
            bot.start(ticking=False)
            try:
                if over == "socket":
                    workspace.waits_for_app()
                yield Scene(workspace, store, bot, county, clock, stopwatch)
            finally:
                server.set_app(_over)
                server.drain()
                bot.stop()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Yield the county over signed HTTP, which starts and ends quickest."""
    with playing(tmp_path, over="http") as playing_now:
        yield playing_now


@pytest.fixture(params=["socket", "http"])
def either(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Scene]:
    """Yield the county over each of Slack's doors and on each database."""
    with playing(tmp_path, over=request.param, panelbot_database_url=database_url) as playing_now:
        yield playing_now


@pytest.fixture
def socket_scene(tmp_path: Path) -> Iterator[Scene]:
    """Yield the county over Socket Mode."""
    with playing(tmp_path) as playing_now:
        yield playing_now


def _over(_environ: object, start_response: Any) -> list[bytes]:
    """Answer who still comes when the curtain is down."""
    start_response("503 Service Unavailable", [])
    return []


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, *given: Any, **named: Any) -> None:
        self._answering = 0
        self._change = threading.Condition()
        super().__init__(*given, **named)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._change:
            self._answering += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._change:
                self._answering -= 1
                self._change.notify_all()

    def drain(self) -> None:
        """Wait for what is being answered: its thread would open a connection that is closed by nothing."""
        with self._change:
            self._change.wait_for(lambda: not self._answering, 30)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def _http_server() -> Iterator[tuple[_Server, str]]:
    server = make_server("127.0.0.1", 0, None, server_class=_Server, handler_class=_Quiet)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
