"""Notes at the table: what several agencies share in one line, and an agency that is not known."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

from bot.errors import WhichItem
from bot.models.vocabulary import NoteKind
from bot.services.actions import changes
from bot.services.agenda import triage
from bot.services.cases import interests
from bot.services.meeting import discussion
from bot.slack.meeting import views
from tests.county import WEST, user_id
from tests.services.conftest import NO_PANEL, Play


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
        "To take back the last of them: `/meeting undo`."
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
        "I can't tell which agency “Fire service” is, so this counts as the panel's own discussion."
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
        for who in ("coordinator", "minutetaker"):
            with pytest.raises(WhichItem) as asked:
                play.does(who, discussion.add_note, WEST, typed)
            assert str(asked.value).startswith("WEST-0002 is item ")
            assert [title for title, _ in asked.value.answers] == ["WEST-0001", "WEST-0002"]
            assert asked.value.field == "text"
    (_, there) = asked.value.answers[1]
    beside = play.does("minutetaker", discussion.add_note, WEST, f"item {there}: brother of WEST-0001")
    assert beside.item is not None
    assert (beside.item.title, [note.text for note in beside.notes]) == ("WEST-0002", ["brother of WEST-0001"])
    play.does("minutetaker", discussion.show_item, WEST)
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


def _gives_an_action(play: Play, who: str) -> object:
    given = {"holder_user_id": user_id("nurse"), "text": "ring the school", "due": "next meeting"}
    return play.does(who, changes.add_action, WEST, **given)


def _moves_the_meeting(play: Play, who: str) -> object:
    (number,) = (one.number for one in play.does(who, triage.show_agenda, WEST).items if one.title == "WEST-0001")
    return play.does(who, discussion.next_item, WEST, number)


@pytest.mark.parametrize(("who", "does_first"), [("minutetaker", _gives_an_action), ("vicechair", _moves_the_meeting)])
def test_the_first_thing_that_a_recorder_does_says_which_child_they_mean(
    play: Play, who: str, does_first: Callable[[Play, str], object]
) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    does_first(play, who)
    play.goes_to("WEST-0002")
    with pytest.raises(WhichItem) as asked:
        play.does(who, discussion.add_note, WEST, "Police: seen twice")
    assert [title for title, _ in asked.value.answers] == ["WEST-0001", "WEST-0002"]


def test_who_typed_while_the_meeting_went_on_is_asked_which_child_they_mean(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("minutetaker", discussion.add_note, WEST, "Police: seen twice")
    play.goes_to("WEST-0002")
    for type_it in (
        partial(discussion.add_note, text="Police: seen again"),
        partial(changes.add_action, holder_user_id=user_id("nurse"), text="ring the school", due="next Friday week"),
    ):
        with pytest.raises(WhichItem) as asked:
            play.does("minutetaker", type_it, WEST)
        assert str(asked.value) == (
            "You were last at WEST-0001, and the meeting is at WEST-0002. Which of the two is this about?"
        )
        assert [title for title, _ in asked.value.answers] == ["WEST-0001", "WEST-0002"]
    before, now = (number for _, number in asked.value.answers)
    noted = play.does("minutetaker", discussion.add_note, WEST, f"Item no. {before} – Police: seen again")
    assert [note.text for note in noted.notes] == ["seen twice", "seen again"]
    due = date(2026, 4, 10)
    given = play.does(
        "minutetaker", changes.add_action, WEST, holder_user_id=user_id("nurse"), text="ring", due=due, number=now
    )
    assert given.case_reference == "WEST-0002"
    # From then on their entries go to the child that the last answer named, without a question.
    noted = play.does("minutetaker", discussion.add_note, WEST, "Police: seen here")
    assert noted.item is not None
    assert noted.item.title == "WEST-0002"
    # Who names the child is not asked, and who looks at the item has been answered about it.
    play.goes_to("WEST-0001")
    assert play.does("minutetaker", discussion.add_note, WEST, "WEST-0001 was seen").added == 1
    play.goes_to("WEST-0002")
    play.does("minutetaker", discussion.show_item, WEST)
    assert play.does("minutetaker", discussion.add_note, WEST, "Seen there.").added == 1


def test_who_recorded_on_another_item_reads_where_they_and_the_meeting_are_though_nobody_moved_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0002")
    before = {one.title: one.id for one in play.does("chair", triage.show_agenda, WEST).items}["WEST-0001"]
    play.does("minutetaker", discussion.add_note, WEST, "Police: seen twice", item_id=before)
    with pytest.raises(WhichItem) as asked:
        play.does("minutetaker", discussion.add_note, WEST, "Police: seen again")
    assert str(asked.value) == (
        "You were last at WEST-0001, and the meeting is at WEST-0002. Which of the two is this about?"
    )


@pytest.mark.databases("sqlite")
def test_only_who_records_notes_is_offered_the_members_names(play: Play) -> None:
    assert play.refused("outsider", discussion.names_here, WEST) == NO_PANEL
    assert play.refused("nurse", discussion.names_here, WEST) == (
        "On West Operational MET, only the chair, vice-chair, co-ordinator and minute-taker can record notes."
    )
