"""A meeting that nobody closed: the question next morning, with what closes it or keeps it open."""

from datetime import UTC, datetime

import pytest

from bot.practice.workspace.sights import SeenMessage
from bot.ticks import TICKS, Ticks
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import begin, pressing
from tests.slack.test_cycle import go_to_case

ASKED = "The meeting of *West Operational MET* has been open since Thu 10 Dec 2026, 14:00. Is the meeting over?"


def morning(scene: Scene, day: int) -> None:
    """It is nine o'clock, and every tick has run."""
    scene.clock.move_to(datetime(2026, 12, day, 9, 5, tzinfo=UTC))
    scene.settled()
    due = tuple(tick for tick in TICKS if tick.name == "meetings left open")
    Ticks(scene.store, pytest.fail, due).run_all()
    scene.bot.courier.wake()
    scene.settled()


def asked(scene: Scene, user_id: str) -> list[SeenMessage]:
    return [one for one in scene.person(user_id).dm() if "meeting.still_open" in str(one.actions)]


def test_chair_and_coordinator_are_asked_and_the_holder_is_told_meanwhile(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @sam ring the school nurse by Friday 18 December")
    assert not [one for one in scene.person("U2").dm() if "Action" in one.words]
    morning(scene, 11)
    for user_id in ("U1", "U3"):
        assert [one.words.splitlines()[0] for one in asked(scene, user_id)] == [ASKED]
    assert len([one for one in scene.person("U2").dm() if "action" in one.words and "18 Dec" in one.words]) == 1

    question = asked(scene, "U3")[0]
    kim.clicks(question, pressing(question, "meeting.still_open"))
    said = kim.waits_for(lambda: [one for one in kim.dm() if "stays open" in one.words])[0]
    assert said.words == "*West Operational MET* stays open. I'll ask you again on Mon 14 Dec 2026."

    alex = scene.person("U1")
    question = asked(scene, "U1")[0]
    alex.clicks(question, pressing(question, "meeting.closing"))
    missing = alex.waits_for(lambda: [one for one in alex.dm() if "meeting.close:" in str(one.actions)])[0]
    assert "1 case has no decision yet" in missing.words
    alex.clicks(missing, pressing(missing, "meeting.close"))
    alex.waits_for(lambda: [one for one in alex.dm() if "is closed" in one.words])
    scene.settled()
    assert len([one for one in scene.person("U2").dm() if "action" in one.words and "18 Dec" in one.words]) == 1
