"""Notes at the table: what several agencies share in one line, and an agency that is not known."""

import pytest

from bot.errors import AboutAnother
from bot.models.vocabulary import NoteKind
from bot.services.cases import interests
from bot.services.meeting import discussion
from bot.slack.meeting import views
from tests.county import WEST, user_id
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
        f"Noted under item {item.number}, WEST-0001:\n"
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


def test_a_note_that_names_the_case_of_another_item_is_asked_about(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    for typed in ("WEST-0002 was seen twice", "Police: west–0002, seen twice"):
        for who, goes_there in (("coordinator", True), ("minutetaker", False)):
            with pytest.raises(AboutAnother) as asked:
                play.does(who, discussion.add_note, WEST, typed)
            assert str(asked.value).startswith("WEST-0002 is item ")
            assert (asked.value.number is not None) is goes_there
            assert asked.value.field == "text"
    current = play.does("minutetaker", discussion.add_note, WEST, "this item: brother of WEST-0002")
    current = play.does("minutetaker", discussion.add_note, WEST, "WEST-0001 and WEST-0002 were seen")
    current = play.does("minutetaker", discussion.add_note, WEST, "WEST-00021 and WEST-9999 are nobody's")
    assert [note.text for note in current.notes] == [
        "brother of WEST-0002",
        "WEST-0001 and WEST-0002 were seen",
        "WEST-00021 and WEST-9999 are nobody's",
    ]


def test_a_case_that_is_kept_from_who_writes_is_words_like_any_others(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.does("minutetaker", interests.declare_interest, WEST, "WEST-0002", user_id("minutetaker"))
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    current = play.does("minutetaker", discussion.add_note, WEST, "WEST-0002 was seen twice")
    assert [note.text for note in current.notes] == ["WEST-0002 was seen twice"]
