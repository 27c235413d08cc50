"""What happens by itself, and goes on happening."""

import logging
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.models.bookkeeping import AnsweredRequest
from bot.models.outbox import OutboxRow
from bot.store.audit_check import audit_head, check_audit
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work
from bot.ticks import TICKS, Tick, Ticks
from tests.slack.conftest import NOW, Scene
from tests.slack.county import CHANNEL


def test_a_tick_that_fails_is_reported_and_ends_no_other(scene: Scene) -> None:
    reported: list[BaseException] = []
    done: list[str] = []

    def broken(_work: Work, _piece: None) -> int:
        raise KeyError("x")

    def well(_work: Work, _piece: None) -> int:
        done.append("well")
        return 1

    hour = timedelta(hours=1)
    ticks = Ticks(
        scene.store,
        reported.append,
        (
            Tick("broken", hour, Sweep(lambda _: (None,), broken)),
            Tick("well", hour, Sweep(lambda _: (None,), well)),
        ),
    )
    ticks.run_all()
    assert [type(failed) for failed in reported] == [KeyError]
    assert done == ["well"]


def test_a_tick_runs_as_soon_as_it_starts(scene: Scene) -> None:
    person = scene.person("U2")
    scene.person("U3").types(CHANNEL, "/action add @sam ring the school nurse by Friday")
    scene.clock.move_to(NOW + timedelta(days=7, hours=1))
    scene.bot.ticks.start()
    found = person.waits_for(lambda: [message for message in person.dm() if "needs you" in message.words])
    assert len(found) == 1


def test_the_audit_is_signed_and_its_head_told_to_the_log(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.person("U3").types(CHANNEL, "/action add @sam ring the school nurse by Friday")
    caplog.set_level(logging.INFO, "panelbot.daily")
    ticks = Ticks(scene.store, pytest.fail)
    scene.settled()  # what is sent is audited too
    ticks.run_all()
    with scene.store.reading() as work:
        head = audit_head(work.session.connection())
        state = check_audit(work.session.connection(), work.keys)
    assert (state.head, state.fault) == (head, None)
    assert state.checkpoint_at is not None
    told = [record.getMessage() for record in caplog.records if record.name == "panelbot.daily"]
    assert told == [f"audit_head entry={head.number} digest={head.short}"]


def test_answers_are_forgotten_after_a_week_and_what_was_sent_is_kept(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, "/action list")
    assert remembered(scene) == (1, 0)
    scene.clock.move_to(NOW + timedelta(days=8))
    forgetting = next(tick for tick in TICKS if tick.name == "forgetting")
    scene.bot.ticks.run(forgetting)
    assert remembered(scene) == (0, 0)


def remembered(scene: Scene) -> tuple[int, int]:
    with scene.store.reading() as work:
        answers = work.session.exec(select(AnsweredRequest)).all()
        return len(answers), len(work.session.exec(select(OutboxRow)).all())
