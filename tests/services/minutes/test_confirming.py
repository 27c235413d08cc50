"""The minutes of the last meeting are confirmed by an answer, by no other means, and the next minutes say which."""

import pytest
from sqlmodel import col

from bot.models.minutes import Minutes
from bot.models.vocabulary import Accuracy
from bot.records.meeting.queries import CurrentItem
from bot.services.meeting import discussion, opening
from bot.services.minutes import approving, confirming, papers
from bot.services.minutes.record import facts_for
from tests.county import WEST, actor
from tests.services.conftest import Play


def at_last_minutes(play: Play) -> CurrentItem:
    """Go on until the last minutes are asked about."""
    while (current := play.does("chair", discussion.next_item, WEST)).last_minutes is None:
        assert current.item is not None
    return current


def said(play: Play) -> str:
    """Close the meeting, draft its minutes, and return what they say of the last ones."""
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:
        minutes = work.find_all(Minutes, by=[col(Minutes.id).desc()])[0]
        return facts_for(work, actor(work, "chair"), minutes)[0].last_minutes


@pytest.fixture
def april(play: Play) -> Play:
    """Approve the minutes of 24 March, and open the meeting of 21 April."""
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
    play.at(4, 21, 14)
    play.opens()
    return play


def confirms(play: Play, answer: Accuracy) -> None:
    """Answer at the heading that asks."""
    item = at_last_minutes(play).item
    assert item is not None
    play.does("chair", confirming.confirm_accuracy, WEST, item.id, answer)


def test_nothing_is_accepted_because_the_meeting_went_on(april: Play) -> None:
    current = at_last_minutes(april)
    assert current.last_minutes is not None
    assert (current.last_minutes.words, current.last_minutes.answer) == ("of 24 March 2026 (version 1)", None)
    april.does("chair", discussion.next_item, WEST)
    assert said(april) == (
        "The minutes of 24 March 2026 (version 1) were reached; whether they are accurate was not recorded."
    )


def test_the_minutes_say_which_minutes_were_confirmed(april: Play) -> None:
    confirms(april, Accuracy.WITH_CORRECTIONS)
    item = april.does("chair", discussion.current_item, WEST)
    assert item.last_minutes is not None
    assert item.last_minutes.answer is Accuracy.WITH_CORRECTIONS
    assert item.item is not None
    april.does("minutetaker", confirming.confirm_accuracy, WEST, item.item.id, Accuracy.ACCURATE)
    assert said(april) == "The minutes of 24 March 2026 (version 1) were confirmed as accurate."


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("note", "more"),
    [("", ", made by slips to them."), ("The nurse was there", ". The nurse was there.")],
)
def test_corrections_are_noted_or_made_by_slips(april: Play, note: str, more: str) -> None:
    confirms(april, Accuracy.WITH_CORRECTIONS)
    if note:
        april.does("chair", discussion.add_note, WEST, note)
    assert said(april) == f"The minutes of 24 March 2026 (version 1) were confirmed with corrections{more}"


@pytest.mark.databases("sqlite")
def test_what_is_not_reached_and_what_is_only_noted_is_said_so(april: Play) -> None:
    assert said(april) == "The minutes of 24 March 2026 (version 1) were not discussed."
    april.does("chair", approving.approve_minutes, WEST)
    april.at(5, 19, 14)
    april.opens()
    at_last_minutes(april)
    april.does("chair", discussion.add_note, WEST, "The nurse was there")
    assert said(april) == (
        "The minutes of 21 April 2026 (version 1) were discussed; whether they are accurate was not recorded. "
        "The nurse was there."
    )


@pytest.mark.databases("sqlite")
def test_minutes_that_are_not_approved_can_not_be_confirmed(play: Play) -> None:
    play.at(3, 24, 14)
    play.holds({})
    play.at(4, 21, 14)
    play.opens()
    item = at_last_minutes(play).item
    assert item is not None
    assert play.refused("chair", confirming.confirm_accuracy, WEST, item.id, Accuracy.ACCURATE) == (
        "The minutes of 24 March 2026 are not approved yet, so there is nothing to confirm. The chair can approve them "
        "with `/minutes approve west-met`."
    )
    assert play.refused("nurse", confirming.confirm_accuracy, WEST, item.id, Accuracy.ACCURATE).startswith(
        "On West Operational MET, only the chair"
    )
    assert play.refused("chair", confirming.confirm_accuracy, WEST, 1, Accuracy.ACCURATE) == (
        "That button belongs to an earlier meeting. `/meeting now` shows the current item."
    )
    assert said(play) == "The minutes of 24 March 2026 were reached; whether they are accurate was not recorded."
