"""A message whose arrival nobody knows comes before the co-ordinator, who decides."""

from bot.practice import Fault
from bot.practice.sights import SeenView
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL

HEADING = "Messages that need you"


def strand(scene: Scene) -> None:
    """An action for Sam of which nobody knows whether Sam heard."""
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


def test_the_coordinator_sees_to_whom_and_of_which_kind_but_not_what_it_says(scene: Scene) -> None:
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
