"""What holds many messages back is one trouble: nothing is lost, one alarm is raised, and all goes out once."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlmodel import col, select

from bot.health import look
from bot.models.outbox import OutboxRow
from bot.models.people import Person
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.web_api import RateLimits
from bot.slack.courier import MOST_OF_ONE_WAY, Courier
from bot.slack.outgoing import Outgoing, Post, PostToPerson, Upload
from bot.slack.sender import Sender, web_client
from bot.store.outbox import PERSON, Effect
from bot.store.slack_methods import Alarm, alarms
from bot.store.unit_of_work import Work
from tests.county import TEAM
from tests.slack.conftest import Scene, playing, settings_for
from tests.slack.test_faults_by_method import RECORD, time_passes

MESSAGES = 50


def say(_work: Work, payload: Mapping[str, Any]) -> Outgoing:
    return Outgoing(Post("C2", payload["text"]))


def tell(_work: Work, payload: Mapping[str, Any]) -> Outgoing:
    return Outgoing(PostToPerson(TEAM, payload["user"], payload["text"]))


def hand(_work: Work, payload: Mapping[str, Any]) -> Outgoing:
    return Outgoing(Upload(TEAM, "U2", "a.txt", "a paper", b"words".strip, "", RECORD))


@contextmanager
def another_courier(scene: Scene) -> Iterator[Courier]:
    """Yield a courier that does not rest for long, in the place of the bot's own."""
    scene.bot.courier.stop()
    client = web_client(scene.workspace.bot_token, scene.workspace.api_url)
    renderers = {**scene.bot.registry.renderers, "say": say, "tell": tell, "tracker_file": hand}
    courier = Courier(scene.store, renderers, Sender(client), longest_rest=0.05)
    courier.start()
    try:
        yield courier
    finally:
        courier.stop()


def queue(scene: Scene, *effects: Effect) -> None:
    with scene.store.work() as work:
        for effect in effects:
            work.send(effect)


def messages(number: int) -> list[Effect]:
    return [Effect(f"{each}", f"lane {each}", "say", {"text": f"number {each}"}, gap=0.0) for each in range(number)]


def raised(scene: Scene) -> list[tuple[str, str, int]]:
    with scene.store.reading() as work:
        found: list[Alarm] = alarms(work.session)
    return [(one.method, one.error, one.waiting) for one in found]


def until(found: Callable[[], bool], scene: Scene | None = None) -> None:
    """Wait until something is so. With a scene, what rests has rested long enough."""
    for _ in range(800):
        if found():
            return
        if scene is not None:
            time_passes(scene.store)
        threading.Event().wait(0.0125)
    raise TimeoutError


def errors(scene: Scene) -> list[str | None]:
    with scene.store.reading() as work:
        return [row.error for row in work.session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))]


def states(scene: Scene) -> set[str]:
    return {state for _, state in scene.effects()}


def test_a_token_that_is_revoked_and_given_back_costs_no_message(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    scene.workspace.faults.begin("*", Fault.api_error("token_revoked"))
    with another_courier(scene):
        queue(scene, *messages(MESSAGES))
        until(lambda: raised(scene) != [])
        for _ in range(5):  # hours pass: Slack is asked now and then
            asked = sum(call.method == "auth.test" for call in scene.workspace.calls)
            assert asked == 0 or states(scene) <= {"ready", "sending"}
            time_passes(scene.store)
        until(lambda: states(scene) == {"ready"} and raised(scene) == [("*", "token_revoked", MESSAGES)])
        scene.workspace.faults.end("*")
        until(lambda: states(scene) == {"done"}, scene)
    said = sorted(message.text for message in scene.person("U1").messages("C2"))
    assert said == sorted(f"number {each}" for each in range(MESSAGES))
    assert raised(scene) == []
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "token_revoked" in errors[0].getMessage()


def test_the_alarm_stands_in_the_check_until_it_is_over(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = settings_for(
        scene.workspace, tmp_path_factory.getbasetemp(), panelbot_database_url=str(scene.store.engine.url)
    )

    def told() -> list[str]:
        return [found.sentence for found in look(settings) if "Slack refuses" in found.sentence]

    scene.workspace.faults.begin("files.getUploadURLExternal", Fault.api_error("missing_scope"))
    with another_courier(scene) as courier:
        queue(scene, Effect("paper", f"{PERSON}2", "tracker_file", gap=0.0))
        until(lambda: raised(scene) == [("files", "missing_scope", 1)])
        # What needs another method goes on, in the same conversation too.
        queue(scene, Effect("news", f"{PERSON}2", "tell", {"user": "U2", "text": "news"}, gap=0.0))
        until(lambda: ("tell", "done") in scene.effects())
        assert [message.text for message in scene.person("U2").dm()] == ["news"]
        assert len(told()) == 1
        assert "missing_scope" in told()[0]
        scene.workspace.faults.end("files.getUploadURLExternal")
        until(lambda: ("tracker_file", "done") in scene.effects(), scene)
        courier.wake()
    assert raised(scene) == []
    assert told() == []


def test_an_administrator_sees_on_home_what_holds_messages_back_and_others_do_not(scene: Scene) -> None:
    with scene.store.work() as work:
        max_ = work.session.get_one(Person, scene.county.person["countychair"])
        max_.is_administrator = True
        work.session.add(max_)
    scene.workspace.faults.begin("files.getUploadURLExternal", Fault.api_error("missing_scope"))
    with another_courier(scene):
        queue(scene, Effect("paper", f"{PERSON}2", "tracker_file", gap=0.0))
        until(lambda: raised(scene) != [])
        shown = []
        for user in ("U6", "U3"):
            scene.person(user).opens_home()
            until(lambda: scene.effects().count(("home", "done")) == len(shown) + 1)
            home = scene.person(user).home
            assert home is not None
            shown.append("Slack doesn't take messages" in home.words)
        assert shown == [True, False]
        scene.workspace.faults.clear()


def test_too_much_asked_at_once_rests_the_method_and_no_other(scene: Scene) -> None:
    scene.workspace.faults.next("chat.postMessage", Fault.rate_limited(3600))
    with another_courier(scene):
        queue(scene, *messages(1))
        until(lambda: errors(scene) == ["ratelimited"])
        queue(scene, *messages(3)[1:])
        scene.person("U2").opens_home()
        until(lambda: ("home", "done") in scene.effects())
        assert scene.effects().count(("say", "ready")) == 3
        until(lambda: scene.effects().count(("say", "done")) == 3, scene)
    assert raised(scene) == []


def test_the_limit_of_a_whole_workspace_loses_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    limits = RateLimits(post_burst=100, posts_per_minute=10)
    with playing(tmp_path_factory.mktemp("limited"), over="http", rate_limits=limits) as scene, another_courier(scene):
        queue(scene, *messages(30))
        until(lambda: scene.effects().count(("say", "done")) >= 10)
        scene.workspace.web_api.limiter.limits = RateLimits.off()
        until(lambda: states(scene) == {"done"}, scene)
        said = [message.text for message in scene.person("U1").messages("C2")]
        assert len(said) == len(set(said)) == 30
        refused = sum(call.error is not None for call in scene.workspace.calls)
        assert refused <= MOST_OF_ONE_WAY + 10


def test_a_lost_answer_stops_what_follows_until_slack_answers(scene: Scene) -> None:
    scene.workspace.faults.begin("*", Fault.page(502))
    with another_courier(scene):
        queue(scene, *messages(MESSAGES))
        until(lambda: raised(scene) != [] and "sending" not in states(scene))
        lost = scene.effects().count(("say", "ambiguous"))
        assert 0 < lost <= MOST_OF_ONE_WAY
        time_passes(scene.store)
        assert scene.effects().count(("say", "ambiguous")) == lost
        scene.workspace.faults.end("*")
        until(lambda: scene.effects().count(("say", "done")) == MESSAGES - lost, scene)
    assert raised(scene) == []


def opened(scene: Scene) -> int:
    return sum(call.method == "conversations.open" for call in scene.workspace.calls)


def test_a_direct_message_is_opened_once_whatever_is_started_again(scene: Scene) -> None:
    for number in range(2):
        with another_courier(scene):
            queue(scene, Effect(f"{number}", f"{PERSON}2", "tell", {"user": "U2", "text": f"{number}"}, gap=0.0))
            until(lambda: states(scene) == {"done"})
    assert [message.text for message in scene.person("U2").dm()] == ["0", "1"]
    assert opened(scene) == 1


def test_a_direct_message_that_is_gone_is_opened_once_more_and_not_for_ever(scene: Scene) -> None:
    with another_courier(scene):
        queue(scene, Effect("first", f"{PERSON}2", "tell", {"user": "U2", "text": "first"}, gap=0.0))
        until(lambda: states(scene) == {"done"})
        scene.workspace.faults.next("chat.postMessage", Fault.api_error("channel_not_found"))
        queue(scene, Effect("second", f"{PERSON}2", "tell", {"user": "U2", "text": "second"}, gap=0.0))
        until(lambda: states(scene) == {"done"})
        assert opened(scene) == 2
        scene.workspace.faults.begin("chat.postMessage", Fault.api_error("channel_not_found"))
        queue(scene, Effect("third", f"{PERSON}2", "tell", {"user": "U2", "text": "third"}, gap=0.0))
        until(lambda: ("tell", "dead") in scene.effects())
        scene.workspace.faults.clear()
    assert opened(scene) == 3
    assert [message.text for message in scene.person("U2").dm()] == ["first", "second"]


def test_a_person_whose_account_is_another_one_now_is_written_to_there(scene: Scene) -> None:
    with another_courier(scene):
        for user in ("U2", "U4"):
            queue(scene, Effect(user, f"{PERSON}2", "tell", {"user": user, "text": f"to {user}"}, gap=0.0))
            until(lambda: states(scene) == {"done"})
    assert [message.text for message in scene.person("U4").dm()] == ["to U4"]


def test_what_a_person_sees_of_a_home_that_changed_meanwhile_is_built_again(scene: Scene) -> None:
    scene.workspace.faults.next("views.publish", Fault.api_error("hash_conflict"))
    scene.person("U2").opens_home()
    assert scene.settled() == [("home", "done")]
    with scene.store.reading() as work:
        row = work.session.exec(select(OutboxRow).where(col(OutboxRow.kind) == "home")).one()
        assert row.tries == 2
