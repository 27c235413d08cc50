"""Notes at the table: what several agencies share in one line, and an agency that is not known."""

import pytest

from bot.models.vocabulary import NoteKind
from bot.services.meeting import discussion
from bot.slack.meeting import views
from tests.county import WEST
from tests.services.conftest import Play


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open and a case is discussed."""
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    return play


def test_what_several_agencies_share_in_one_note_is_a_line_for_each(sitting: Play) -> None:
    current = sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen twice. NHS – attended A&E.")
    assert [(note.kind, note.agency_name, note.text) for note in current.notes] == [
        (NoteKind.SHARED, "Police", "seen twice."),
        (NoteKind.SHARED, "Health", "attended A&E."),
    ]
    item = current.item
    assert item is not None
    assert views.noted(current) == (
        f"Noted under item {item.number}:\n"
        ">Police: seen twice.\n"
        ">Health: attended A&amp;E.\n"
        "`/meeting undo` takes back the last of them."
    )


def test_a_part_that_identifies_keeps_the_whole_note_out(sitting: Play) -> None:
    refused = sitting.refused("minutetaker", discussion.add_note, WEST, "Police: seen twice. Health: ring 07700 900123")
    assert refused.startswith("This looks as if it contains a phone number.")
    assert sitting.does("minutetaker", discussion.current_item, WEST).notes == ()


def test_an_agency_that_is_not_known_is_told(sitting: Play) -> None:
    current = sitting.does("minutetaker", discussion.add_note, WEST, "Fire service: alarms fitted")
    assert [(note.kind, note.agency_name, note.text) for note in current.notes] == [
        (NoteKind.DISCUSSION, None, "Fire service: alarms fitted")
    ]
    assert views.noted(current).endswith(
        "I can't tell which agency “Fire service” is, so this stands as the panel's own discussion."
    )


def test_an_agency_is_known_by_the_short_names_of_the_county_file(sitting: Play) -> None:
    sitting.names("social-care", "CSC West")
    current = sitting.does("minutetaker", discussion.add_note, WEST, "CSC West: visited. Police: seen twice")
    assert [(note.agency_name, note.text) for note in current.notes] == [
        ("Social Care", "visited."),
        ("Police", "seen twice"),
    ]
