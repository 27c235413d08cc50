"""A message whose arrival nobody knows comes before the co-ordinator, who decides."""

import pytest

from bot.domain.notices import Notice
from bot.errors import Mistake, NotForYou
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.sights import SeenView
from bot.records.access.queries import actor_of
from bot.services.home.undelivered import dismiss, send_all_again
from bot.slack.tables import build_registry
from bot.store.outbox import Effect
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL

HEADING = "Messages that need you"


def strand(scene: Scene) -> None:
    """Strand an action for Sam, of which nobody knows whether Sam heard."""
    scene.workspace.faults.next("chat.postMessage", Fault.drop_before_accept())
    scene.person("U3").types(CHANNEL, "/action add <@U2> ring the school nurse by 4 December")
    assert scene.settled() == [("action_given", "ambiguous")]


def home_of(scene: Scene, user_id: str) -> SeenView:
    person = scene.person(user_id)
    person.opens_home()
    scene.settled()
    shown = person.home
    assert shown is not None
    return shown


def decided(scene: Scene, user_id: str, action: str) -> None:
    shown = home_of(scene, user_id)
    button = next(found for found in shown.actions if found.startswith(action))
    assert scene.person(user_id).clicks(shown, button).error is None
    scene.settled()


def test_the_coordinator_sees_the_addressee_and_the_kind_but_not_what_it_says(scene: Scene) -> None:
    strand(scene)
    words = home_of(scene, "U3").words
    assert HEADING in words
    assert "*Sam*: a new action may or may not have arrived" in words
    assert "school nurse" not in words


def test_nobody_else_on_the_panel_sees_it(scene: Scene) -> None:
    strand(scene)
    assert [HEADING in home_of(scene, user_id).words for user_id in ("U2", "U4", "U5", "U6")] == [False] * 4


def test_sent_again_it_arrives_once_and_is_gone_from_home(scene: Scene) -> None:
    strand(scene)
    decided(scene, "U3", "undelivered.send")
    assert [effect for effect in scene.effects() if effect[0] == "action_given"] == [("action_given", "done")]
    assert len(scene.person("U2").dm()) == 1
    assert HEADING not in home_of(scene, "U3").words
    assert ("send_again", "effect", "done") in scene.audit()


def test_let_be_it_is_never_sent(scene: Scene) -> None:
    strand(scene)
    decided(scene, "U3", "undelivered.let_be")
    assert [effect for effect in scene.effects() if effect[0] == "action_given"] == [("action_given", "dropped")]
    assert scene.person("U2").dm() == []
    assert HEADING not in home_of(scene, "U3").words


def test_every_kind_that_is_rendered_has_words_and_an_urgency() -> None:
    assert set(build_registry().renderers) == set(Notice)
    assert all(notice.label and notice.key for notice in Notice)


def strand_several(scene: Scene, number: int) -> None:
    """Strand as many effects of one refused kind each, to Sam."""
    with scene.store.work() as work:
        for each in range(number):
            payload = {"person_id": scene.county.person["nurse"]}
            work.send(Effect(f"x{each}", f"x{each}", "of another version", payload))
    scene.settled()


def test_every_kind_that_fails_is_listed_with_how_many_there_are_in_all(scene: Scene) -> None:
    strand(scene)
    strand_several(scene, 11)
    words = home_of(scene, "U3").words
    assert f"{HEADING} (12)" in words
    assert "1 to 5 of 12" in words
    assert words.count("*Sam*: a message was refused by Slack") == 4


def test_all_are_sent_again_with_one_click(scene: Scene) -> None:
    strand(scene)
    scene.workspace.faults.next("chat.postMessage", Fault.drop_before_accept())
    scene.person("U3").types(CHANNEL, "/action add <@U2> ring the dentist by 4 December")
    assert scene.settled()[-1] == ("action_given", "ambiguous")
    decided(scene, "U3", "undelivered.send_all")
    assert [effect for effect in scene.effects() if effect[0] == "action_given"] == [("action_given", "done")] * 2
    assert HEADING not in home_of(scene, "U3").words
    assert scene.audit().count(("send_again", "effect", "done")) == 2


def test_all_are_let_be_with_one_click_and_what_fails_later_is_not_among_them(scene: Scene) -> None:
    strand_several(scene, 3)
    shown = home_of(scene, "U3")
    button = next(found for found in shown.actions if found.startswith("undelivered.let_all_be"))
    scene.workspace.faults.next("chat.postMessage", Fault.drop_before_accept())
    scene.person("U3").types(CHANNEL, "/action add <@U2> ring the school nurse by 4 December")
    assert scene.settled()[-1] == ("action_given", "ambiguous")
    assert scene.person("U3").clicks(shown, button).error is None
    scene.settled()
    left = [effect for effect in scene.effects() if effect[1] in ("dead", "ambiguous")]
    assert left == [("action_given", "ambiguous")]


def test_a_member_cannot_decide_about_what_the_coordinator_sees(scene: Scene) -> None:
    strand_several(scene, 2)
    with scene.store.work() as work:
        member = actor_of(work, scene.county.person["nurse"])
        assert member is not None
        with pytest.raises(Mistake):
            send_all_again(work, member, "9999999999.0")
        with pytest.raises(NotForYou):
            dismiss(work, member, 1)
