"""Killed at any instruction: what was acknowledged is there once, and nothing was sent twice.

The bot is killed with SIGKILL at random moments while people type and Slack delivers again what was not acknowledged:
half of the times over Socket Mode on SQLite, half over signed HTTP on PostgreSQL, with real commits to disk. A few of
them are in `make test`, a hundred in `make proof`.
"""

import json
import random
import re
import threading
import time
from base64 import urlsafe_b64encode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.bootstrap import build_store
from bot.models.actions import Action
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Membership
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.practice.stopwatch import GIVE_UP_SECONDS, HeldStopwatch
from bot.practice.workspace.delivery import Delivery
from bot.practice.workspace.web_api import RateLimits
from bot.practice.workspace.workspace import Workspace
from bot.settings import Settings
from bot.slack.manifest import manifest
from bot.slack.tables import build_registry
from bot.store.audit_check import check_audit
from bot.store.rows import id_of
from bot.store.unit_of_work import Store
from tests.conftest import MASTER_KEY
from tests.county import TEAM, County, furnish
from tests.journeys.zygote import Zygote, leases_run_out, zygote
from tests.ports import free_port
from tests.slack.county import CHANNEL, SETTING, populate

CYCLES = [12, pytest.param(50, marks=pytest.mark.proof)]  # on each database
TYPING = 3  # people at once
HOLDERS = 30  # many, since each has a lane of their own, and a killed courier holds a lane for its lease
_LONGEST_LIFE = 0.25  # seconds, from the first keystroke to the kill


@dataclass(slots=True)
class Town:
    """A workspace full of people who type, and what became of each line."""

    workspace: Workspace
    due: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    typed: int = 0
    waiting: list[Delivery] = field(default_factory=list)  #: not acknowledged yet; Slack delivers it again

    def a_person_types(self, stop: threading.Event) -> None:
        """Type one line after the other, and again what was left without an answer, until told to stop."""
        while not stop.is_set():
            with self.lock:
                again = self.waiting.pop() if self.waiting else None
                if again is None:
                    self.typed += 1
                number = self.typed
            if again is not None:
                delivery = self.workspace.redeliver(again)
            else:
                line = f"/action add @holder{number % HOLDERS} take step {number} by {self.due}"
                self.workspace.person("U3").types(CHANNEL, line)
                delivery = self._delivery_of(f"take step {number} ")
            if not delivery.acknowledged:
                with self.lock:
                    self.waiting.append(delivery)
                stop.wait(0.01)  # nobody is there: do not spin

    def acknowledged(self) -> dict[str, int]:
        """Return the text of each action that was acknowledged, and the number it was acknowledged with."""
        numbers: dict[str, int] = {}
        for delivery in self.workspace.deliveries:
            for attempt in delivery.attempts:
                if attempt.reason == "ok" and attempt.payload:
                    said = re.search(r"[Aa]ction (\d+)", attempt.payload["text"])
                    assert said is not None, attempt.payload
                    step = _step(delivery.payload["text"])
                    assert numbers.setdefault(step, int(said[1])) == int(said[1])
        return numbers

    def _delivery_of(self, words: str) -> Delivery:
        return next(one for one in reversed(self.workspace.deliveries) if words in one.payload["text"])


def _step(words: str) -> str:
    found = re.search(r"take step \d+", words)
    assert found is not None
    return found[0]


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "over"), [("sqlite", "socket"), ("postgresql", "http")])
@pytest.mark.parametrize("cycles", CYCLES)
def test_what_was_acknowledged_is_there_once_however_often_the_process_is_killed(
    durable_database_url: str, over: str, cycles: int, tmp_path: Path
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}" if over == "http" else None
    workspace = Workspace(
        manifest(build_registry(), request_url=address),
        delivery="http" if over == "http" else "socket",
        request_url=f"{address}/slack/events",
        rate_limits=RateLimits.off(),
        stopwatch=HeldStopwatch(),  # what is not answered was killed, never late
        ping_seconds=GIVE_UP_SECONDS,
    )
    populate(workspace)
    with workspace:
        secret, token = workspace.signing_secret, workspace.app_token
        facts = {
            "slack_bot_token": workspace.bot_token,
            "slack_api_url": workspace.api_url,
            "panelbot_database_url": durable_database_url,
            "panelbot_data_dir": str(tmp_path),
            "panelbot_master_key": urlsafe_b64encode(MASTER_KEY).decode(),
            "panelbot_port": port,
            **({"slack_signing_secret": secret} if address else {"slack_app_token": token}),
        }
        store = build_store(Settings.model_validate(facts))
        _many_holders(store, furnish(store, SETTING), workspace)
        town = Town(workspace, due=f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}")
        with zygote(facts) as bots:
            _live_and_die(bots, town, over, cycles)
            _live_in_peace(bots, town, store, over)
        _hold_it_to_its_promises(town, store)
        store.close()


def _live_and_die(bots: Zygote, town: Town, over: str, cycles: int) -> None:
    moments = random.Random(2026)  # noqa: S311 - not for secrets; each run tries the same lives, if not the same instructions
    for _ in range(cycles):
        bot = bots.bear()
        if over == "socket":
            town.workspace.waits_for_app()
        stop = threading.Event()
        with ThreadPoolExecutor(TYPING) as people:
            typing = [people.submit(town.a_person_types, stop) for _ in range(TYPING)]
            stop.wait(moments.uniform(0.0, _LONGEST_LIFE))
            bots.kill(bot)
            stop.set()
        for one in typing:
            one.result()


def _live_in_peace(bots: Zygote, town: Town, store: Store, over: str) -> None:
    """Run a last time, long enough to answer and send all that is left."""
    leases_run_out(store)
    bot = bots.bear()
    if over == "socket":
        town.workspace.waits_for_app()
    while town.waiting:
        delivery = town.workspace.redeliver(town.waiting.pop())
        assert delivery.acknowledged
    deadline = time.monotonic() + GIVE_UP_SECONDS
    under_way = {EffectState.READY, EffectState.CLAIMED, EffectState.SENDING}
    while under_way & set(_states(store).values()):
        assert time.monotonic() < deadline, Counter(_states(store).values())
        leases_run_out(store, reap=False)
        time.sleep(0.1)
    bots.kill(bot)


def _hold_it_to_its_promises(town: Town, store: Store) -> None:
    acknowledged = town.acknowledged()
    assert len(acknowledged) == town.typed
    with store.reading() as work:
        stored = [(id_of(row), work.open(row.text)) for row in work.session.exec(select(Action))]
        assert check_audit(work.session.connection(), work.keys).fault is None
    assert {said: number for number, said in stored} == acknowledged
    assert len(stored) == town.typed
    posts = Counter(
        int(number)
        for call in town.workspace.calls
        if call.method == "chat.postMessage" and call.error is None
        for number in set(re.findall(r"Action (\d+)", json.dumps(call.args)))  # one message may tell of several
    )
    states = _states(store)
    assert sorted(states) == sorted(number for number, _ in stored)  # one effect for each action
    assert set(states.values()) <= {EffectState.DONE, EffectState.AMBIGUOUS}
    for number, state in states.items():
        assert posts[number] == 1 if state == EffectState.DONE else posts[number] <= 1
    # The kills were not all between sends, and not all during one.
    assert Counter(states.values())[EffectState.DONE] > len(states) / 2


def _states(store: Store) -> dict[int, str]:
    """Return what became of the message about each action."""
    with store.reading() as work:
        rows = work.session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))
        return {int(str(row.payload["action_id"])): row.state for row in rows}


def _many_holders(store: Store, county: County, workspace: Workspace) -> None:
    with store.work() as work:
        agency = work.session.exec(select(Agency)).first()
        assert agency is not None
        for number in range(HOLDERS):
            name = f"holder{number}"
            person = Person(
                key=name,
                name=name.title(),
                team_id=TEAM,
                user_id=f"UH{number}",
                agency_id=id_of(agency),
                enrolled_at=work.now,
            )
            work.session.add(person)
            work.session.flush()
            work.session.add(
                Membership(
                    panel_id=county.west_id, person_id=id_of(person), role=Role.REPRESENTATIVE, began_at=work.now
                )
            )
            workspace.add_user(name, id=f"UH{number}")
            workspace.add_member(CHANNEL, f"UH{number}")
