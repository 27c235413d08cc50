"""A word of an action's text is in no message that stays in Slack, and in *Open* for those who may read it."""

from datetime import UTC, datetime

from slack_sdk import WebClient

from bot.models.actions import Action
from bot.models.cases import Case, CaseReader
from bot.models.panels import CountySettings
from bot.store import schema
from tests.conftest import prove_key
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_courier import a_case
from tests.slack.test_cycle import opened

CANARY = "zanzibar"
ADD = f"/action add @sam visit the {CANARY} cafe by Friday"


def test_no_lasting_message_carries_the_words_of_an_action(either: Scene) -> None:
    kim, sam, alex = (either.person(user) for user in ("U3", "U2", "U1"))
    assert CANARY in kim.types(CHANNEL, ADD).text
    given = sam.waits_for(sam.dm)[0]
    assert "*Action 1* · visit\nFri 27 Nov 2026 (in 4 days) · Health · open" in given.words
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


def test_words_stay_in_messages_where_the_county_agreed_and_never_of_a_closed_item(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    with scene.store.work() as work:
        agreed = {"action_text_agreed_by": "The partnership", "action_text_agreed_on": work.now.date()}
        work.session.add(CountySettings(**agreed))
    kim.types(CHANNEL, ADD)
    assert CANARY in sam.waits_for(sam.dm)[0].words
    sam.opens_home()
    assert CANARY in sam.waits_for(lambda: sam.home).words
    with scene.store.work() as work:
        action = work.session.get_one(Action, 1)
        case = a_case(work)
        work.session.get_one(Case, case).is_closed = True
        work.session.add(CaseReader(case_id=case, person_id=scene.county.person["nurse"]))
        action.case_id = case
        work.session.add(action)
    sam.opens_home()
    sam.waits_for(lambda: sam.home is not None and "SAMPLE-0012" in sam.home.words)
    assert CANARY not in sam.home.words


def test_why_a_meeting_is_held_elsewhere_is_shown_to_a_member_who_asks(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    form = opened(kim.types(CHANNEL, "/panel venue").view)
    shown = opened(kim.submits(form, {"venue": "Online"}).view)
    kim.submits(shown, {"reason": f"The {CANARY} is shut."})
    told = sam.waits_for(sam.dm)[0]
    assert "has a new venue: *Online*." in told.words
    assert CANARY not in told.words
    button = next(action for action in told.actions if action.startswith("panel.reason"))
    assert f"The {CANARY} is shut." in opened(sam.clicks(told, button).view).words


def test_what_an_earlier_version_wrote_is_put_into_fewer_words_once(either: Scene) -> None:
    kim, sam = either.person("U3"), either.person("U2")
    either.bot.courier.stop()
    for _ in range(2):
        kim.types(CHANNEL, ADD)
    either.bot.courier.start()
    either.settled()
    kim.types(CHANNEL, "/action reassign 2 @jo")
    kim.types(CHANNEL, "/action add @alex visit the other cafe by Friday")
    either.settled()
    kim.types(CHANNEL, "/action reassign 3 @jo")
    either.settled()
    either.bot.courier.stop()
    slack = WebClient(token=either.workspace.bot_token, base_url=either.workspace.api_url)
    alex = either.person("U1")
    for person in (sam, alex):
        (message,) = person.dm()
        slack.chat_update(channel=message.channel, ts=message.ts, text=f"visit the {CANARY}", blocks=[])
        assert [one.words for one in person.dm()] == [f"visit the {CANARY}"]
    schema.downgrade(either.store.engine, "0014")
    schema.upgrade(either.store.engine, prove_key)
    either.bot.courier.start()
    rewritten = [effect for effect in either.settled() if effect[0] == "words_taken_out"]
    # Two of Jo's, and one each of the others.
    assert rewritten == [("words_taken_out", "done")] * 4
    assert [one.words.splitlines()[:2] for one in sam.dm()] == [
        [
            "Yours now, from West Operational MET:",
            "*Action 1* · other",
        ]
    ]
    assert [one.words for one in alex.dm()] == [
        "Slack no longer has the words of this message. `/action list mine` shows your open actions."
    ]
    either.bot.courier.stop()
