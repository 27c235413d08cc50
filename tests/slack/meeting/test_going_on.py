"""*Hear later* and *Skip* under an item, at the real listener."""

import re

from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import answer, begin, pressing, settled_board
from tests.slack.test_cycle import go_to_case


def test_an_item_is_heard_later_and_skipped_by_the_buttons_under_it(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    left = settled_board(scene).words
    card = answer(scene, "U3", settled_board(scene), "meeting.item")
    said = answer(scene, "U3", card, "meeting.later")
    assert "SAMPLE-0012 is heard later, after the items that are left." in said.words
    scene.settled()
    assert "SAMPLE-0012" not in settled_board(scene).words
    assert settled_board(scene).words != left
    # A button of before leaves nothing.
    assert "nothing was changed" in answer(scene, "U3", card, "meeting.later").words

    kim = scene.person("U3")
    go_to_case(scene)
    skipped = kim.types(CHANNEL, "/meeting skip").replies[0]
    assert "SAMPLE-0012 is skipped. It isn't heard at this meeting unless you go back to it" in skipped.words


def test_the_time_that_is_left_is_split_by_the_button_and_shows_on_the_board(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    card = answer(scene, "U3", settled_board(scene), "meeting.item")
    said = answer(scene, "U3", card, "meeting.split").words
    found = re.fullmatch(
        r"\d+ minutes until 16:00: \*(\d+) minutes\* for the case left. Other items keep their minutes.", said
    )
    assert found is not None, said
    assert f"({found[1]} minutes)" in settled_board(scene).words
    assert scene.person("U3").types(CHANNEL, "/meeting split").text == said


def test_who_does_not_run_the_meeting_has_no_such_buttons(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    card = answer(scene, "U2", settled_board(scene), "meeting.item")
    assert not [one for one in card.actions if one.startswith(("meeting.later", "meeting.skip", "meeting.split"))]
    assert pressing(card, "meeting.next")
