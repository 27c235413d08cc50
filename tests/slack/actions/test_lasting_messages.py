"""A word of an action's text is in no message that stays in Slack, and in *Open* for those who may read it."""

from datetime import UTC, datetime

from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import opened

CANARY = "zanzibar"
ADD = f"/action add @sam visit the {CANARY} cafe by Friday"


def test_no_lasting_message_carries_the_words_of_an_action(either: Scene) -> None:
    kim, sam, alex = (either.person(user) for user in ("U3", "U2", "U1"))
    assert CANARY in kim.types(CHANNEL, ADD).text
    given = sam.waits_for(sam.dm)[0]
    assert "*Action 1* · visit · Health · due *Friday 27 November 2026 (in 4 days)* · open" in given.words
    either.clock.move_to(datetime(2026, 11, 30, 10, 0, tzinfo=UTC))
    either.bot.ticks.run_all()
    digest = sam.waits_for(lambda: [m for m in sam.dm() if "needs you" in m.words])[0]
    sam.types(CHANNEL, "/action extend 1 by 7 December because the clinic is shut")
    sam.types(CHANNEL, f"/action extend 1 by 14 December because the {CANARY} is shut")
    sam.clicks(digest, "action.done:1")
    either.settled()
    lasting = [m for person in (kim, sam, alex) for m in (*person.dm(), *person.messages(CHANNEL)) if not m.ephemeral]
    assert len(lasting) >= 3
    assert [m.words for m in lasting if CANARY in m.words] == []

    before = len(either.audit())
    assert CANARY in opened(sam.clicks(given, "action.show:1").view).words
    assert either.audit()[before:] == [("read", "action", "done")]
    # Done by now: the day's digest has nothing left to show.
    assert CANARY not in opened(sam.clicks(digest, "action.open_all:2026-11-30").view).words


def test_open_all_shows_the_words_and_audits_each_read(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    kim.types(CHANNEL, ADD)
    scene.clock.move_to(datetime(2026, 11, 30, 10, 0, tzinfo=UTC))
    scene.bot.ticks.run_all()
    digest = sam.waits_for(lambda: [m for m in sam.dm() if "needs you" in m.words])[0]
    scene.settled()
    before = len(scene.audit())
    assert CANARY in opened(sam.clicks(digest, "action.open_all:2026-11-30").view).words
    assert scene.audit()[before:] == [("read", "action", "done")]
