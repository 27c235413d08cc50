"""The board as everyone in the panel's channel may see it: never a trace of what is kept from anyone there."""

import pytest

from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.queries import GONE
from bot.services.actions import changes, correcting
from bot.services.cases import closed_items, interests
from bot.services.meeting import board, discussion, opening
from bot.services.meeting.board import BoardView
from tests.county import WEST, user_id
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open, with three cases, of which the last is a closed item, and the first is discussed."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.accepted("WEST-0666", closed=True)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    return play


def shown(play: Play) -> BoardView:
    """Return the board as it would be drawn now."""
    with play.store.reading() as work:
        found = board.compose_board(work, play.county.west_meetings[0])
    assert found is not None
    return found


def drawings(play: Play) -> int:
    """Return how often the board was to be drawn or posted so far."""
    return len(play.sent("board_posted", "board_changed"))


def test_the_board_of_an_item_that_is_closed_while_it_shows_it_goes_on(sitting: Play) -> None:
    sitting.does("chair", closed_items.close_item, WEST, "WEST-0001", "a professional is suspected")
    assert shown(sitting).item is None
    before = drawings(sitting)
    sitting.does("chair", discussion.add_note, WEST, "Police: seen twice")
    assert drawings(sitting) == before, "an entry on it would show by the time of the drawing"
    # The button on the board, which shows no item, goes on from it.
    moved = sitting.does("chair", discussion.next_item, WEST, leaving_id=0)
    assert (moved.moved_on, moved.item is not None) == (False, True)


def test_an_interest_hides_the_item_from_the_board_until_it_is_withdrawn(sitting: Play) -> None:
    sitting.does("midwife", interests.declare_interest, WEST, "WEST-0001")
    assert shown(sitting).item is None
    sitting.loses_place("midwife")
    assert shown(sitting).item is None, "they may be in the channel still"


def test_two_presses_on_the_board_never_skip_an_item_that_it_does_not_show(sitting: Play) -> None:
    sitting.goes_to("WEST-0002")
    on_board = shown(sitting).item
    assert on_board is not None
    sitting.at(3, 24, 14, 10)
    first = sitting.does("chair", discussion.next_item, WEST, leaving_id=on_board.id)
    assert first.item is not None
    assert first.item.title == "WEST-0666"
    assert shown(sitting).item == on_board
    second = sitting.does("vicechair", discussion.next_item, WEST, leaving_id=on_board.id)
    assert second.item is not None
    assert (second.item.title, second.moved_by) == ("WEST-0666", "Chair")


def test_the_summary_counts_what_was_left_and_no_withdrawn_action(sitting: Play) -> None:
    given = {"holder_user_id": user_id("nurse"), "text": "ring the school nurse", "due": "next meeting"}
    action = sitting.does("chair", changes.add_action, WEST, **given)
    assert shown(sitting).actions == 1
    sitting.does("chair", correcting.withdraw_action, action.id, "given twice")
    found = shown(sitting)
    assert (found.actions, found.item and found.item.actions) == (0, ())
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled."))
    sitting.does("chair", opening.close_meeting, WEST)
    over = shown(sitting)
    assert over.is_over
    assert over.decisions == ((DecisionKind.STEP_DOWN, 1),)
    assert over.left >= 1, "WEST-0002 was not reached"


def test_a_form_of_an_action_never_becomes_one_that_the_whole_panel_reads(sitting: Play) -> None:
    item = sitting.does("chair", discussion.current_item, WEST).item
    assert item is not None
    given = {"holder_user_id": user_id("nurse"), "text": "Ring the mother", "due": "next meeting", "item_id": item.id}
    sitting.does("coordinator", interests.declare_interest, WEST, "WEST-0001")
    assert sitting.refused("coordinator", changes.add_action, WEST, **given) == GONE
    sitting.does("chair", opening.close_meeting, WEST)
    assert sitting.refused("chair", changes.add_action, WEST, **given) == GONE


def test_of_two_messages_the_later_is_the_board_whichever_answer_comes_first(sitting: Play) -> None:
    meeting_id = sitting.county.west_meetings[0]
    for ts in ("2.1", "1.9"):
        with sitting.store.work() as work:
            board.note_board(work, meeting_id, "CWEST", ts)
    before = drawings(sitting)
    with sitting.store.work() as work:
        board.replace_board(work, meeting_id, "1.9")  # the earlier one is found to be gone
        assert board.place_of_board(work, meeting_id) == board.BoardPlace("CWEST", "2.1")
    assert (drawings(sitting), len(sitting.sent("board_removed"))) == (before, 1)
    with sitting.store.work() as work:
        board.replace_board(work, meeting_id, "2.1")
        assert board.place_of_board(work, meeting_id) is None
    assert drawings(sitting) == before + 1
