"""What a button or a form carries: numbers of ours, or a refusal that is noted."""

import pytest

from bot.errors import NotForYou
from bot.slack.delivery import from_click
from bot.slack.request import Carried, number_of
from tests.county import TEAM
from tests.slack.conftest import Scene


@pytest.mark.parametrize("carried", ["", "x", "-1", "1.0", " 1", "٣", "9" * 19])
def test_what_no_button_of_ours_carries_is_refused(carried: str) -> None:
    with pytest.raises(NotForYou, match=r"^I can't find that, or it isn't for you"):
        number_of(carried)


def test_a_number_is_read() -> None:
    assert (number_of("12"), Carried({"flag": 3, "page": "4"}).number("page")) == (12, 4)


def test_a_form_without_what_it_should_carry_is_refused() -> None:
    carried = Carried({"panel": "west"})
    assert carried.get("flag") is None
    for asked in (lambda: carried["flag"], lambda: carried.number("panel")):
        with pytest.raises(NotForYou):
            asked()


@pytest.mark.parametrize("name", ["action.done", "agenda.accept", "meeting.acknowledge", "returns.answer"])
def test_a_click_that_carries_no_number_is_answered_and_noted(scene: Scene, name: str) -> None:
    click = from_click(
        {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": "U2", "team_id": TEAM},
            "trigger_id": "1.2.3",
            "actions": [{"action_id": name, "value": "1; 2", "action_ts": "1.0", "block_id": "b", "type": "button"}],
        }
    )
    scene.bot.listener.answer(click)
    assert [entry[2] for entry in scene.audit()[-1:]] == ["refused"]
