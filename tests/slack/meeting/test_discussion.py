"""Two people at their keyboards in one meeting: the meeting moves by one item, and the second is told why."""

from datetime import UTC, datetime

from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import open_quorate
from tests.standing_clock import StandingClock


def test_two_who_type_next_move_the_meeting_by_one_item(either: Scene) -> None:
    scene = either
    alex, kim = scene.person("U1"), scene.person("U3")
    kim.types(CHANNEL, "/agenda compile")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    clock = scene.store.clock = StandingClock(scene.clock.now())

    first = alex.types(CHANNEL, "/meeting next").replies[0]
    assert first.text.startswith("Item 1 of ")
    told = kim.types(CHANNEL, "/meeting next").replies[0]
    sentence = "Alex moved the meeting on to item 1 just now. Type `/meeting next` again to go on."
    assert told.text == f"{first.text}. {sentence}"
    assert sentence in told.words
    assert kim.types(CHANNEL, "/meeting now").replies[0].text == first.text
    assert ("next", "meeting", "refused") in scene.audit()

    second = kim.types(CHANNEL, "/meeting next").replies[0]
    assert second.text.startswith("Item 2 of ")
    # The same person goes on as quickly as they like, and so does everybody a few seconds later.
    assert kim.types(CHANNEL, "/meeting next").replies[0].text.startswith("Item 3 of ")
    clock.put_forward(seconds=5)
    assert alex.types(CHANNEL, "/meeting next").replies[0].text.startswith("Item 4 of ")
