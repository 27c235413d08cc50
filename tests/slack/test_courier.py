"""Sending: once, in order, after a new access check; and what is done when Slack misbehaves."""

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from bot.models.actions import Action
from bot.models.cases import Case, Recusal
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Membership
from bot.models.people import Area, Person
from bot.models.vocabulary import AreaKind
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.web_api import RateLimits
from bot.slack.courier import Courier
from bot.slack.outgoing import Outgoing, Post
from bot.slack.sender import Sender, web_client
from bot.store.outbox import CHANNEL_GAP_SECONDS, Effect, begin_together, claim_due
from bot.store.rows import id_of
from bot.store.unit_of_work import Work
from tests.slack.conftest import Scene, comes_true, playing
from tests.slack.county import CHANNEL

ADD = "/action add @sam ring the school nurse by Friday"


def give(scene: Scene) -> None:
    """Give an action to Sam, who is told of it by direct message."""
    assert "recorded" in scene.person("U3").types(CHANNEL, ADD).text


def told_of(scene: Scene) -> list[int]:
    """Return the actions that Sam was told of, in that order; one that was told twice is there twice."""
    return [int(number) for message in scene.person("U2").dm() for number in re.findall(r"Action (\d+)", message.words)]


def a_case(work: Work) -> int:
    """Return a case that nobody has discussed yet."""
    area = work.session.exec(select(Area).where(col(Area.kind) == AreaKind.DISTRICT)).one()
    case = Case(
        reference="SAMPLE-0012",
        area_id=id_of(area),
        data_key_id=work.keys.new_key(work.session, "case", work.now),
        created_at=work.now,
    )
    work.session.add(case)
    work.session.flush()
    return id_of(case)


def errors(scene: Scene) -> list[str | None]:
    with scene.store.reading() as work:
        return [row.error for row in work.session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))]


def test_what_was_promised_arrives_with_its_words_and_an_audit_entry(scene: Scene) -> None:
    give(scene)
    told = scene.person("U2").waits_for(scene.person("U2").dm)[0]
    assert told.words == (
        "Yours now, from West Operational MET:\n"
        "*Action 1* · other\nFri 27 Nov 2026 (in 4 days) · Health · open\n"
        "Done\n"
        "More time\n"
        "Another answer\n"
        "Open"
    )
    assert scene.settled() == [("action_given", "done")]
    assert scene.audit() == [("add", "action", "done"), ("send", "action", "done")]


def test_the_outbox_holds_ids_and_no_words(scene: Scene) -> None:
    give(scene)
    with scene.store.reading() as work:
        row = work.session.exec(select(OutboxRow)).one()
        assert row.payload == {"person_id": scene.county.person["nurse"], "action_id": 1, "event_id": 1}


def test_too_many_requests_are_tried_again_when_slack_says_so(scene: Scene) -> None:
    scene.workspace.faults.next("chat.postMessage", Fault.rate_limited(1))
    give(scene)
    assert scene.settled() == [("action_given", "done")]
    assert len(scene.person("U2").dm()) == 1


@pytest.mark.parametrize("fault", [Fault.drop_after_accept(), Fault.drop_before_accept(), Fault.server_error(500)])
def test_an_unknown_outcome_is_left_for_a_person_and_never_repeated(scene: Scene, fault: Fault) -> None:
    scene.workspace.faults.next("chat.postMessage", fault)
    give(scene)
    assert scene.settled() == [("action_given", "ambiguous")]
    assert scene.workspace.calls[-1].method != "chat.postMessage" or scene.posted() <= 1
    assert len(scene.person("U2").dm()) == int(fault.effect)


def test_an_uncertain_word_of_slacks_is_not_repeated_either(scene: Scene) -> None:
    scene.workspace.faults.next("chat.postMessage", Fault.api_error("fatal_error"))
    give(scene)
    assert scene.settled() == [("action_given", "ambiguous")]
    assert errors(scene) == ["fatal_error"]


def test_a_definite_refusal_is_a_dead_letter(scene: Scene) -> None:
    scene.workspace.faults.next("chat.postMessage", Fault.api_error("is_archived"))
    give(scene)
    assert scene.settled() == [("action_given", "dead")]
    assert errors(scene) == ["is_archived"]


def test_what_shows_nothing_to_anybody_is_simply_done_again(scene: Scene) -> None:
    scene.workspace.faults.next("conversations.open", Fault.drop_after_accept())
    give(scene)
    assert scene.settled() == [("action_given", "done")]
    assert len(scene.person("U2").dm()) == 1


def test_a_home_is_published_again_after_an_unknown_outcome(scene: Scene) -> None:
    scene.workspace.faults.next("views.publish", Fault.drop_after_accept())
    sam = scene.person("U2")
    sam.opens_home()
    assert scene.settled() == [("home", "done")]
    assert sam.home is not None
    assert "Nothing is open. Thank you." in sam.home.words


def test_the_one_after_an_unknown_outcome_is_still_sent(scene: Scene) -> None:
    scene.workspace.faults.next("chat.postMessage", Fault.drop_before_accept())
    give(scene)
    assert scene.settled() == [("action_given", "ambiguous")]
    give(scene)
    assert scene.settled() == [("action_given", "ambiguous"), ("action_given", "done")]


def test_who_lost_access_meanwhile_is_not_written_to(scene: Scene) -> None:
    scene.bot.courier.stop()
    give(scene)
    with scene.store.work() as work:
        place = work.session.exec(
            select(Membership).where(col(Membership.person_id) == scene.county.person["nurse"])
        ).one()
        place.ended_at = work.now
        work.session.add(place)
    scene.bot.courier.start()
    assert scene.settled() == [("action_given", "dropped")]
    assert scene.person("U2").dm() == []


def test_who_left_is_not_written_to(scene: Scene) -> None:
    scene.bot.courier.stop()
    give(scene)
    with scene.store.work() as work:
        person = work.session.get_one(Person, scene.county.person["nurse"])
        person.left_at = work.now
        work.session.add(person)
    scene.bot.courier.start()
    assert scene.settled() == [("action_given", "dropped")]


def test_what_waited_while_nobody_ran_is_sent_at_the_next_start(scene: Scene) -> None:
    scene.bot.courier.stop()
    give(scene)
    assert scene.effects() == [("action_given", "ready")]
    scene.bot.courier.start()
    assert scene.settled() == [("action_given", "done")]


def test_a_kind_that_nobody_renders_is_a_dead_letter(scene: Scene) -> None:
    with scene.store.work() as work:
        work.send(Effect(key="x", lane="x", kind="of another version"))
    assert scene.settled() == [("of another version", "dead")]


def say(_work: object, payload: Mapping[str, Any]) -> Outgoing:
    return Outgoing(Post(payload["channel"], payload["text"]))


def test_messages_of_one_channel_arrive_in_order_and_a_slow_one_holds_up_no_other(scene: Scene) -> None:
    scene.bot.registry.renderers["say"] = say
    scene.workspace.faults.next("chat.postMessage", Fault.slow(1.0))
    with scene.store.work() as work:
        for number in range(3):
            work.send(Effect(f"a{number}", "a", "say", {"channel": "C1", "text": f"first {number}"}, gap=0.0))
    scene.person("U1").waits_for(lambda: scene.posted() == 1)  # the slow one is under way
    with scene.store.work() as work:
        work.send(Effect("b", "b", "say", {"channel": "C2", "text": "elsewhere"}))
    scene.settled()
    there = [message.text for message in scene.person("U1").messages("C1")]
    assert there == ["first 0", "first 1", "first 2"]
    with scene.store.reading() as work:
        finished = {row.key: row.finished_at for row in work.session.exec(select(OutboxRow))}
    assert finished["b"] is not None
    assert finished["a0"] is not None
    assert finished["b"] < finished["a0"]


@pytest.mark.slow
def test_a_channel_gets_one_message_a_second(tmp_path_factory: pytest.TempPathFactory) -> None:
    with playing(tmp_path_factory.mktemp("paced"), rate_limits=RateLimits()) as scene:
        scene.bot.registry.renderers["say"] = say
        with scene.store.work() as work:
            for number in range(3):
                work.send(Effect(f"a{number}", "a", "say", {"channel": "C1", "text": f"number {number}"}))
        assert scene.settled() == [("say", "done")] * 3
        # The workspace counts for itself, and would have refused what came sooner.
        assert not [call for call in scene.workspace.calls if call.error == "ratelimited"]


def test_who_is_given_several_actions_is_told_in_one_message(scene: Scene) -> None:
    scene.bot.courier.stop()
    give(scene)
    give(scene)
    scene.bot.courier.start()
    assert scene.settled() == [("action_given", "done")] * 2
    assert [message.words for message in scene.person("U2").dm()] == [
        "*2 actions* are yours now, from West Operational MET:\n"
        "*Action 1* · other\nFri 27 Nov 2026 (in 4 days) · Health · open\n"
        "Done\n"
        "More time\n"
        "Another answer\n"
        "Open\n"
        "*Action 2* · other\nFri 27 Nov 2026 (in 4 days) · Health · open\n"
        "Done\n"
        "More time\n"
        "Another answer\n"
        "Open"
    ]
    assert scene.audit()[-2:] == [("send", "action", "done")] * 2


def test_what_is_given_while_a_lane_rests_comes_together(scene: Scene) -> None:
    scene.store.channel_gap = CHANNEL_GAP_SECONDS
    give(scene)
    assert scene.settled() == [("action_given", "done")]
    give(scene)
    give(scene)
    assert scene.settled() == [("action_given", "done")] * 3
    assert [len(re.findall(r"Action \d", message.words)) for message in scene.person("U2").dm()] == [1, 2]


def test_an_action_that_is_kept_from_its_holder_by_now_is_left_out_of_the_message(scene: Scene) -> None:
    scene.bot.courier.stop()
    for _ in range(4):
        give(scene)
    with scene.store.work() as work:
        case = a_case(work)
        for number, change in ((2, {"holder_id": scene.county.person["coordinator"]}), (3, {"case_id": case})):
            action = work.session.get_one(Action, number)
            for name, value in change.items():
                setattr(action, name, value)
            work.session.add(action)
        work.session.add(Recusal(case_id=case, person_id=scene.county.person["nurse"], declared_at=work.now))
    scene.bot.courier.start()
    states = ["done", "dropped", "dropped", "done"]
    assert scene.settled() == [("action_given", state) for state in states]
    assert told_of(scene) == [1, 4]
    assert scene.audit().count(("send", "action", "done")) == 2


def test_a_gathered_message_of_unknown_fate_leaves_all_it_told_to_a_person(scene: Scene) -> None:
    scene.workspace.faults.next("chat.postMessage", Fault.drop_after_accept())
    scene.bot.courier.stop()
    give(scene)
    give(scene)
    scene.bot.courier.start()
    assert scene.settled() == [("action_given", "ambiguous")] * 2
    assert told_of(scene) == [1, 2]


def test_a_gathered_message_that_slack_held_back_comes_whole(scene: Scene) -> None:
    scene.workspace.faults.next("chat.postMessage", Fault.rate_limited(1))
    scene.bot.courier.stop()
    give(scene)
    give(scene)
    scene.bot.courier.start()
    assert scene.settled() == [("action_given", "done")] * 2
    assert told_of(scene) == [1, 2]
    assert len(scene.person("U2").dm()) == 1


def test_what_no_longer_fits_into_one_message_comes_with_the_next(scene: Scene) -> None:
    scene.bot.courier.stop()
    # Two blocks each and a heading: 24 fill the 50 blocks of a message.
    for _ in range(26):
        give(scene)
    scene.bot.courier.start()
    assert scene.settled() == [("action_given", "done")] * 26
    assert sorted(told_of(scene)) == list(range(1, 27))
    assert len(scene.person("U2").dm()) == 2


def test_an_action_that_cannot_be_shown_holds_up_none_of_its_companions(scene: Scene) -> None:
    scene.bot.courier.stop()
    for _ in range(3):
        give(scene)
    with scene.store.work() as work:
        action = work.session.get_one(Action, 2)
        action.text = b"not sealed by us"
        work.session.add(action)
    scene.bot.courier.start()
    assert scene.settled() == [("action_given", "done"), ("action_given", "dropped"), ("action_given", "done")]
    assert told_of(scene) == [1, 3]


@pytest.mark.slow
def test_what_a_dead_process_was_about_to_send_is_sent_and_what_it_was_sending_is_not(scene: Scene) -> None:
    scene.bot.courier.stop()
    give(scene)
    give(scene)
    with scene.store.work() as work:
        [first] = claim_due(work.session, "a process that dies", most=1)
        assert begin_together(work.session, [first])
    with scene.store.work() as work:
        work.session.execute(OutboxRow.__table__.update().values(lease_until=0.0))  # type: ignore[attr-defined]
        lanes = OutboxRow.metadata.tables["outbox_lane"]
        work.session.execute(lanes.update().values(next_at=0.0))
    scene.bot.courier.start()
    comes_true(lambda: EffectState.SENDING.value not in dict(scene.effects()).values())
    assert scene.settled() == [("action_given", "ambiguous"), ("action_given", "done")]


def test_two_couriers_send_each_message_once(scene: Scene) -> None:
    client = web_client(scene.workspace.bot_token, scene.workspace.api_url)
    other = Courier(scene.store, scene.bot.registry.renderers, Sender(client))
    other.start()
    try:
        threads = [threading.Thread(target=give, args=(scene,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert scene.settled() == [("action_given", "done")] * 4
        assert sorted(told_of(scene)) == [1, 2, 3, 4]
    finally:
        other.stop()
        scene.bot.courier.stop()
        scene.bot.courier.start()


def test_a_digest_comes_once_a_day(scene: Scene) -> None:
    give(scene)
    scene.clock.move_to(datetime(2026, 11, 30, 10, 0, tzinfo=UTC))
    for _ in range(3):
        scene.bot.ticks.run_all()
    scene.settled()
    digests = [message for message in scene.person("U2").dm() if "needs you" in message.words]
    assert [message.words.splitlines()[0] for message in digests] == ["1 action needs you, Mon 30 Nov 2026"]
