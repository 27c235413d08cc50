"""Measures how fast one courier sends 1,000 messages, compared with what Slack's rate limits allow.

The messages are posts to few and to many channels, and digests to people. For some people the channel of their direct
message is known, for others it must be opened first. A new action that is queued among digests should overtake those
that wait. The local workspace applies the limits that Slack documents. Limits per minute, and the courier's pace for
them, are raised by one factor, which the table shows. The limit of one message a second for each channel is not raised.
"""

import multiprocessing
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import text

from bench.servers import databases, settings_of
from bench.slack import TOKEN
from bench.tables import show, verdict
from bot.bootstrap import build_store
from bot.practice.workspace.web_api import TIERS, RateLimits
from bot.practice.workspace.workspace import Workspace
from bot.slack.courier import Courier
from bot.slack.manifest import manifest
from bot.slack.outgoing import Outgoing, Post, PostToPerson
from bot.slack.sender import Sender, web_client
from bot.slack.tables import build_registry
from bot.store.outbox import CHANNEL_GAP_SECONDS, PERSON, Effect, count_unfinished
from bot.store.slack_methods import OPENING, PACES, Pace, remember_channel
from bot.store.unit_of_work import Store, Work

POSTS = 1000
DIGESTS = 1000
QUICKENED = 25  # limits by the minute, here and in the workspace
TEAM = "T0BENCH"
FEW, MANY = 20, 200
FEW_GOAL, MANY_GOAL, KNOWN_GOAL, OPENED_GOAL = 1.15, 2.5, 1.5, 1.15
MOST_REFUSED = 5
OVERTAKES_WITHIN = 5.0  # seconds


class _Elsewhere:
    """The local workspace in a process of its own, so that its work doesn't slow down the process that is measured."""

    def __init__(self, pipe: Connection, api_url: str) -> None:
        self._pipe = pipe
        self.api_url = api_url

    def refused(self) -> int:
        """Return how many calls the workspace has refused so far."""
        self._pipe.send("refused")
        number: int = self._pipe.recv()
        return number


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table."""
    rows = [row for backend in ("sqlite", "postgresql") for row in _measure(backend)]
    show(
        f"messages through one courier; limits by the minute are {QUICKENED} times Slack's",
        ("database", "what", "seconds", "beside", "ratio", "refused calls", "goal met"),
        rows,
    )


def _measure(backend: str) -> Iterator[list[str]]:
    to_many = 0.0
    for channels, goal in ((FEW, FEW_GOAL), (MANY, MANY_GOAL)):
        with _county(backend) as (store, workspace):
            each = POSTS // channels
            took = to_many = _sends(store, workspace, [_post(number, number % channels) for number in range(POSTS)])
            possible = (each - 1) * CHANNEL_GAP_SECONDS
            yield _row(backend, f"{POSTS} posts to {channels} channels", took, possible, goal, workspace.refused())
    with _county(backend) as (store, workspace):
        with store.work() as work:
            for number in range(DIGESTS + 1):
                remember_channel(work.session, TEAM, f"U{number}", f"D{number}")
        digests = [_digest(number) for number in range(DIGESTS)]
        took, overtook = _sends_with_news(store, workspace, digests, are_known=True)
        # Nothing of Slack's stands between messages to different people. Beside them stand as many posts to `MANY`
        # channels as this machine sent them a moment ago.
        what, refused = f"{DIGESTS} digests to people who are known", workspace.refused()
        yield _row(backend, what, took, to_many, KNOWN_GOAL, refused)
        yield _overtaking(backend, "known", overtook)
    with _county(backend) as (store, workspace):
        took, overtook = _sends_with_news(store, workspace, [_digest(number) for number in range(DIGESTS)])
        pace = _quick()[OPENING]
        possible = (DIGESTS + 1 - pace.burst) * pace.gap
        refused = workspace.refused()
        yield _row(backend, f"{DIGESTS} digests to people who are not", took, possible, OPENED_GOAL, refused)
        yield _overtaking(backend, "opened first", overtook)


def _row(backend: str, what: str, took: float, possible: float, goal: float, refused: int) -> list[str]:
    ratio = took / possible
    met = verdict(ratio, goal) if refused <= MOST_REFUSED else "NO"
    return [backend, what, f"{took:.1f}", f"{possible:.1f}", f"{ratio:.2f}", str(refused), f"{met} (at most {goal})"]


def _overtaking(backend: str, which: str, seconds: float) -> list[str]:
    met = verdict(seconds, OVERTAKES_WITHIN)
    what = f"a new action among those digests ({which})"
    return [backend, what, f"{seconds:.2f}", "", "", "", f"{met} (within {OVERTAKES_WITHIN:.0f} s)"]


@contextmanager
def _county(backend: str) -> Iterator[tuple[Store, _Elsewhere]]:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve_workspace, args=(theirs,), daemon=True)
    process.start()
    with databases(backend) as (url, _):
        store = build_store(settings_of(url))
        try:
            yield store, _Elsewhere(ours, ours.recv())
        finally:
            store.close()
            ours.send("stop")
            process.join()


def _serve_workspace(pipe: Connection) -> None:
    address = "http://127.0.0.1:1"  # nothing is delivered: nobody types here
    quick = {tier: calls * QUICKENED for tier, calls in TIERS.items()}
    workspace = Workspace(
        manifest(build_registry(), request_url=address),
        bot_token=TOKEN,
        team_id=TEAM,
        delivery="http",
        request_url=address,
        rate_limits=RateLimits(tiers=quick),
    )
    for number in range(MANY):
        workspace.add_channel(f"channel-{number}", id=f"C{number}")
    for number in range(DIGESTS + 1):
        workspace.add_user(f"user{number}", id=f"U{number}")
        _direct(workspace, number)
    with workspace:
        pipe.send(workspace.api_url)
        while pipe.recv() == "refused":
            pipe.send(sum(call.error is not None for call in workspace.calls))


def _direct(workspace: Workspace, number: int) -> None:
    """Open the direct message of person `number`, and change its id to `D` with this number.

    Both processes then know the id.
    """
    state = workspace.state
    with state.lock:
        channel, _ = state.direct_message([f"U{number}", state.bot.id])
        for rows in (state.channels, state.messages):
            rows[f"D{number}"] = rows.pop(channel.id)  # type: ignore[index,assignment]
        channel.id = f"D{number}"


def _quick() -> dict[str, Pace]:
    return {name: Pace(pace.gap / QUICKENED, pace.burst) for name, pace in PACES.items()}


def _post(number: int, channel: int) -> Effect:
    return Effect(f"{number}", f"channel:C{channel}", "meeting_opened", {"channel_id": f"C{channel}"})


def _digest(number: int) -> Effect:
    return Effect(f"digest:{number}", f"{PERSON}{number}", "digest", {"user": f"U{number}"})


def _say(_work: Work, payload: Mapping[str, Any]) -> Outgoing:
    return Outgoing(Post(payload["channel_id"], "The meeting is open."))


def _tell(_work: Work, payload: Mapping[str, Any]) -> Outgoing:
    return Outgoing(PostToPerson(TEAM, payload["user"], "One action needs you."))


@contextmanager
def _sending(store: Store, workspace: _Elsewhere) -> Iterator[None]:
    renderers = {"meeting_opened": _say, "digest": _tell, "action_given": _tell}
    sender = Sender(web_client(TOKEN, workspace.api_url))
    courier = Courier(store, renderers, sender, paces=_quick())
    courier.start()
    try:
        yield
    finally:
        courier.stop()


def _sends(store: Store, workspace: _Elsewhere, effects: list[Effect]) -> float:
    """Queue these effects and send them with one courier. Return the seconds until all were sent."""
    _queue(store, effects)
    with _sending(store, workspace):
        began = time.perf_counter()
        _wait_until(store, lambda: _left(store) == 0)
        return time.perf_counter() - began


def _sends_with_news(
    store: Store, workspace: _Elsewhere, digests: list[Effect], *, are_known: bool = False
) -> tuple[float, float]:
    """Send these digests with one courier, and queue a message about a new action after a tenth of them.

    Return the seconds until everything was sent, and the seconds until the new action was sent. With `are_known`, the
    courier knows the channels of the people's direct messages.
    """
    _queue(store, digests)
    if are_known:
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE outbox_lane SET is_unopened = :no"), {"no": False})
    with _sending(store, workspace):
        began = time.perf_counter()
        _wait_until(store, lambda: _left(store) < DIGESTS * 0.9)
        asked = time.perf_counter()
        _queue(store, [Effect("news", f"{PERSON}{DIGESTS}", "action_given", {"user": f"U{DIGESTS}"})])
        _wait_until(store, lambda: _is_done(store, "news"))
        overtook = time.perf_counter() - asked
        _wait_until(store, lambda: _left(store) == 0)
        return time.perf_counter() - began, overtook


def _queue(store: Store, effects: list[Effect]) -> None:
    with store.work() as work:
        for effect in effects:
            work.send(effect)


def _left(store: Store) -> int:
    with store.reading() as work:
        return count_unfinished(work.session)


def _is_done(store: Store, key: str) -> bool:
    with store.engine.connect() as connection:
        state = connection.execute(text("SELECT state FROM outbox WHERE key = :key"), {"key": key}).scalar_one()
        return bool(state == "done")


def _wait_until(_store: Store, found: Any, seconds: float = 300.0) -> None:
    deadline = time.perf_counter() + seconds
    while not found():
        if time.perf_counter() > deadline:
            raise TimeoutError("what was to be sent was not sent")
        time.sleep(0.05)
