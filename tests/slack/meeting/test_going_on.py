"""*Hear later* and *Skip* under an item, at the real listener."""

import re

from bot.practice.workspace.sights import SeenMessage
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import answer, begin, pressing, settled_board
from tests.slack.meeting.test_duties import offered
from tests.slack.test_cycle import go_to_case


def test_an_item_is_heard_later_and_skipped_by_the_buttons_under_it(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    left = settled_board(scene).words
    card = answer(scene, "U3", settled_board(scene), "meeting.item")
    said = answer(scene, "U3", card, "meeting.later")
    assert "SAMPLE-0012 will be heard after the items that are left." in said.words
    scene.settled()
    assert "SAMPLE-0012" not in settled_board(scene).words
    assert settled_board(scene).words != left
    # A button of before leaves nothing.
    assert "nothing was changed" in answer(scene, "U3", card, "meeting.later").words

    kim = scene.person("U3")
    go_to_case(scene)
    skipped = kim.types(CHANNEL, "/meeting skip").replies[0]
    assert "SAMPLE-0012 is skipped, so this meeting won't hear it. To go back to it, type" in skipped.words


def test_the_time_that_is_left_is_split_by_the_button_and_shows_on_the_board(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    card = answer(scene, "U3", settled_board(scene), "meeting.item")
    said = answer(scene, "U3", card, "meeting.split").words
    found = re.fullmatch(
        r"\d+ minutes left until 16:00. That's \*(\d+) minutes\* for the case. Other items keep their times.", said
    )
    assert found is not None, said
    assert f"({found[1]} minutes)" in settled_board(scene).words
    assert scene.person("U3").types(CHANNEL, "/meeting split").text == said


def verbs_under(card: SeenMessage) -> list[str]:
    """Return what the buttons under an item do, in order."""
    return [one.split(":")[0] for one in card.actions]


def test_each_person_has_the_buttons_under_an_item_that_they_may_press(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    records = ["meeting.next", "meeting.record", "meeting.decide", "meeting.note", "action.crime", "meeting.interest"]
    card = answer(scene, "U3", settled_board(scene), "meeting.item")
    assert verbs_under(card) == [*records, "meeting.later", "meeting.skip", "meeting.split", "meeting.mine"]
    assert verbs_under(answer(scene, "U2", settled_board(scene), "meeting.item")) == ["meeting.interest"]


def test_a_person_steps_back_from_the_case_that_they_read_by_its_button(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    card = answer(scene, "U2", settled_board(scene), "meeting.item")
    assert "SAMPLE-0012" in card.words
    sam = scene.person("U2")
    sam.clicks(card, pressing(card, "meeting.interest"))
    assert sam.waits_for(lambda: [one for one in sam.messages(CHANNEL) if "an interest in" in one.words])[0].words == (
        "You have declared an interest in *SAMPLE-0012*. From now on you can't see or receive it, "
        "and the minutes will say that you stepped back."
    )
    assert "SAMPLE-0012" not in settled_board(scene).words
    assert "SAMPLE-0012" not in sam.types(CHANNEL, "/meeting now").text
    assert not [one for one in sam.messages(CHANNEL) if one.ephemeral and one.words == card.words]


def test_what_was_not_reached_is_gone_to_by_a_button_before_closing(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    asked = kim.types(CHANNEL, "/meeting close").replies[0]
    assert verbs_under(asked) == ["meeting.record", "meeting.next", "meeting.close"]
    assert "headings were not reached." in asked.words
    first = answer(scene, "U3", asked, "meeting.next").words
    assert "Item 1 of" in first
    # From an item it goes on as well, as long as the meeting is where it was asked.
    again = kim.types(CHANNEL, "/meeting close").replies[0]
    assert "Item 2 of" in answer(scene, "U3", again, "meeting.next").words
    assert "nothing was changed" in answer(scene, "U3", again, "meeting.next").words


def test_the_last_item_offers_to_close_and_two_presses_close(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    card = kim.types(CHANNEL, "/meeting next").replies[0]
    while "meeting.next" in offered(card):
        assert "meeting.closing" not in offered(card)
        card = kim.types(CHANNEL, "/meeting next").replies[0]
        if "SAMPLE-0012" in card.words:
            kim.types(CHANNEL, "/meeting decide step down because the risk has fallen")
    assert "meeting.closing" in offered(card)
    board = settled_board(scene)
    assert [one for one in offered(board) if one in ("meeting.next", "meeting.closing")] == ["meeting.closing"]
    assert "Close the meeting?" not in str(board.blocks)
    asked = answer(scene, "U3", board, "meeting.closing")
    assert asked.words.startswith("*West Operational MET* is still open. ")
    assert "is closed" not in settled_board(scene).words
    assert offered(asked)[-1] == "meeting.close"
    assert "Close the meeting?" not in str(asked.blocks)
    kim.clicks(asked, pressing(asked, "meeting.close"))
    scene.settled()
    assert [one for one in kim.messages(CHANNEL) if "West Operational MET is closed" in one.words]
