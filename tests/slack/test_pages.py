"""Long lists in chat and in modals: how many there are in all, and their pages turned in place."""

import pytest

from bot.errors import NotForYou
from bot.models.actions import Action
from bot.models.panels import Panel
from bot.models.people import Person
from bot.practice.workspace.sights import SeenMessage
from bot.slack.pages import Starts, taken
from bot.store.rows import Page
from tests.slack.conftest import NOW, Scene
from tests.slack.county import CHANNEL


def _give(scene: Scene, count: int) -> None:
    with scene.store.work() as work:
        panel = work.session.get_one(Panel, scene.county.west_id)
        sam = work.session.get_one(Person, scene.county.person["nurse"])
        work.session.add_all(
            Action(
                panel_id=scene.county.west_id,
                text=work.seal(panel.data_key_id, f"ring school {number}"),
                agency_id=sam.agency_id,
                holder_id=scene.county.person["nurse"],
                due_on=NOW.date(),
                created_by_id=scene.county.person["chair"],
                created_at=work.now,
            )
            for number in range(1, count + 1)
        )


def _turned(scene: Scene, message: SeenMessage, to: str) -> SeenMessage:
    """Return the same message after a click on the button that leads to a page."""
    sam = scene.person("U2")
    assert sam.clicks(message, next(one for one in message.actions if one.endswith(f"|{to}"))).error is None

    def other() -> SeenMessage | None:
        (now,) = [one for one in sam.messages(CHANNEL) if one.ts == message.ts]
        return now if now.words != message.words else None

    return sam.waits_for(other)


def test_a_list_of_actions_is_turned_in_its_place(scene: Scene) -> None:
    _give(scene, 30)
    first = scene.person("U2").types(CHANNEL, "/action list").replies[0]
    assert first.ephemeral
    assert ("Open actions of West Operational MET (30)" in first.words, "1 to 24 of 30" in first.words) == (True, True)
    assert ("ring school 24" in first.words, "ring school 25" in first.words) == (True, False)
    second = _turned(scene, first, "0.24")
    assert second.ephemeral
    assert ("25 to 30 of 30" in second.words, "ring school 24" in second.words) == (True, False)
    assert _turned(scene, second, "0").words == first.words
    # Each page is a look that is noted.
    assert scene.audit().count(("list", "action", "done")) == 3


def test_a_button_says_where_its_page_and_those_before_it_begin() -> None:
    assert taken("open|west-met|0.24.48") == ("open|west-met", Starts((0, 24, 48)))
    with pytest.raises(NotForYou):
        taken("west-met|nonsense")
    assert str(Starts(tuple(range(100)))) == ".".join(map(str, range(80, 100)))


def test_a_page_beyond_the_end_leads_to_the_last_that_was_there() -> None:
    assert Starts((0, 3, 6, 9)).page(10).within(9) == Page(6, 10, (0, 3))
    assert Starts((0, 3, 6, 9)).page(10).within(2) == Page(0, 10)
    assert Page(30, 10).within(25) == Page(15, 10)
    assert Page(30, 10).within(0) == Page(0, 10)
