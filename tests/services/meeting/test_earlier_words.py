"""What was recorded before, for those who may record; and a meeting that is closed, which says where corrections go."""

import pytest

from bot.domain.permissions import Verb
from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.cases import interests
from bot.services.meeting import discussion, guests, opening, sheet, timing, undoing
from bot.services.meeting.earlier_words import earlier_words
from bot.services.meeting.sheet import SheetEntry, mark_of
from bot.slack.meeting import sheet_views, undo_views, views
from tests.county import WEST
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite", "postgresql")

CLOSED = (
    "The meeting of Tuesday 24 March 2026 was closed at 15:30, so you can record nothing more there. "
    "To correct the minutes: `/minutes look 24 March 2026 west-met`."
)


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open and a case is discussed."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    return play


def item_id(play: Play) -> int:
    item = play.does("chair", discussion.current_item, WEST).item
    assert item is not None
    return item.id


def test_replaced_and_taken_back_entries_are_read_with_who_made_and_who_replaced_them(sitting: Play) -> None:
    number = item_id(sitting)
    assert not sitting.does("chair", discussion.current_item, WEST).has_earlier
    sitting.does("minutetaker", discussion.add_note, WEST, "Seen twice.")
    sitting.at(3, 24, 14, 5)
    entry = SheetEntry("discussion", "Seen three times.", mark_of("Seen twice."))
    sitting.does("chair", sheet.save_sheet, WEST, number, [entry])
    sitting.at(3, 24, 14, 6)
    (retain,) = sitting.does(
        "chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "New facts.", review="next meeting")
    ).decisions
    sitting.at(3, 24, 14, 7)
    sitting.does("vicechair", discussion.decide, WEST, DecisionForm(DecisionKind.NRM, "Moved.", replaces=(retain.id,)))
    sitting.does("coordinator", discussion.add_note, WEST, "Police: a slip")
    sitting.does("coordinator", undoing.undo_last, WEST)
    assert sitting.does("chair", discussion.current_item, WEST).has_earlier
    view = undo_views.earlier(sitting.does("minutetaker", earlier_words, WEST, number))
    said = [
        block["elements"][0]["text"] if block["type"] == "context" else block["text"]["text"]
        for block in view["blocks"]
    ]
    assert said == [
        "Words of Minutetaker at 14:00, replaced by Chair at 14:05",
        "Seen twice.",
        "Decision of Chair at 14:06, replaced by Vicechair at 14:07",
        "retain and review: New facts.",
        "Words of Coordinator at 14:07, taken back",
        "Police: a slip",
    ]


def test_only_those_who_may_record_and_read_the_item_see_them(sitting: Play) -> None:
    number = item_id(sitting)
    sitting.does("chair", discussion.add_note, WEST, "A slip.")
    sitting.does("chair", undoing.undo_last, WEST)
    assert not sitting.does("nurse", discussion.current_item, WEST).has_earlier
    assert sitting.refused("nurse", earlier_words, WEST, number).startswith("On West Operational MET, only the chair")
    sitting.does("coordinator", interests.declare_interest, WEST, "WEST-0001")
    assert sitting.refused("coordinator", earlier_words, WEST, number).startswith(
        "That item is no longer on the agenda"
    )


def test_a_form_of_a_meeting_that_was_closed_says_so_and_where_corrections_go(sitting: Play) -> None:
    number = item_id(sitting)
    sitting.at(3, 24, 15, 30)
    sitting.does("chair", opening.close_meeting, WEST)
    entry = SheetEntry("discussion", "Seen twice.", mark_of(""))
    for refused in (
        sitting.refused("chair", sheet.open_sheet, WEST, number),
        sitting.refused("chair", sheet.save_sheet, WEST, number, [entry]),
        sitting.refused("chair", sheet.open_sheet, WEST),
        sitting.refused("chair", discussion.add_note, WEST, "Police: seen twice"),
        sitting.refused("chair", discussion.add_note, WEST, "Police: seen twice", item_id=number),
        sitting.refused("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled.")),
    ):
        assert refused == CLOSED
    assert sitting.refused("nurse", discussion.show_item, WEST, number) == (
        "The meeting of Tuesday 24 March 2026 was closed at 15:30. "
        "Once the minutes are approved, you can read them: `/minutes export 24 March 2026 west-met`."
    )
    sitting.at(3, 25, 10)  # the day after, a form of that meeting still says so; what is typed is about the next
    assert sitting.refused("chair", sheet.open_sheet, WEST, number) == CLOSED
    assert sitting.refused("chair", sheet.open_sheet, WEST) == (
        "No meeting of West Operational MET is open. "
        "To write the minutes of Tuesday 24 March 2026: `/minutes draft 24 March 2026 west-met`."
    )
    sitting.at(4, 21, 14)
    sitting.opens()
    assert sitting.refused("chair", sheet.save_sheet, WEST, number, [entry]) == CLOSED


def test_every_button_of_a_meeting_that_was_closed_says_when(sitting: Play) -> None:
    number = item_id(sitting)
    sitting.at(3, 24, 15, 30)
    closing = sitting.does("chair", opening.close_meeting, WEST)
    was_closed = "The meeting of Tuesday 24 March 2026 was closed at 15:30. To begin the next meeting: `/meeting open`."
    for refused in (
        sitting.refused("chair", discussion.next_item, WEST),
        sitting.refused("chair", opening.unfinished, WEST),
        sitting.refused("chair", timing.split_time, WEST),
    ):
        assert refused == was_closed
    for refused in (
        sitting.refused("minutetaker", guests.offer_guest, WEST),
        sitting.refused("minutetaker", opening.record_attendance, WEST, present=()),
        sitting.refused("minutetaker", opening.room, WEST, Verb.TAKE_ATTENDANCE),
    ):
        assert refused == CLOSED
    sitting.at(3, 25, 10)
    sitting.at(4, 21, 14)
    sitting.opens()  # the buttons of the earlier meeting leave the one that is open now as it is
    for refused in (
        sitting.refused("chair", discussion.next_item, WEST, leaving_id=number),
        sitting.refused("chair", discussion.next_item, WEST, item_id=number),
        sitting.refused("chair", opening.unfinished, WEST, closing.meeting_id),
        sitting.refused("chair", opening.close_meeting, WEST, closing.meeting_id),
    ):
        assert refused == was_closed


def test_who_looks_at_another_item_reads_which_one_is_being_discussed(sitting: Play) -> None:
    number = item_id(sitting)
    assert sitting.does("chair", discussion.show_item, WEST, number).discussed == ""
    (other,) = [one for one in sitting.does("chair", triage.show_agenda, WEST).items if one.title == "WEST-0002"]
    sitting.does("chair", discussion.next_item, WEST, other.number)
    found = sitting.does("minutetaker", sheet.open_sheet, WEST, number)
    said = f"Being discussed now: item {other.number}, WEST-0002."
    assert said in str(sheet_views.sheet(found)["blocks"])
    _, card = views.current(sitting.does("nurse", discussion.show_item, WEST, number))
    assert said in str(card)
    sitting.does("nurse", interests.declare_interest, WEST, "WEST-0002")
    assert sitting.does("nurse", discussion.show_item, WEST, number).discussed == "", "kept from its reader"
