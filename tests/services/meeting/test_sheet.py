"""The sheet of an item: what it is filled in with, what a save changes, and two people at the same field."""

from collections.abc import Mapping
from threading import Barrier, Thread

import pytest
from sqlmodel import col

from bot.domain.panel_definition import RecordPart
from bot.models.meetings import Note
from bot.models.vocabulary import DecisionKind, NoteKind, ReturnKnowledge
from bot.records.access.queries import actor_of
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import returns, triage
from bot.services.cases import interests
from bot.services.meeting import discussion, inquorate, opening, sheet
from bot.services.meeting.sheet import Choice, SheetEntry, SheetView
from tests.county import WEST, user_id
from tests.services.conftest import Play
from tests.statements import counting

pytestmark = pytest.mark.databases("sqlite", "postgresql")

SUMMARY, POLICE, HEALTH = "discussion", "shared.1", "shared.2"


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open, police and health are there, and a case is discussed."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    return play


def texts(found: SheetView) -> dict[str, str]:
    """Return the text of the fields that have any."""
    return {field.place.key: field.text for field in found.fields if field.text}


def entries(
    drawn: SheetView, given: Mapping[str, str], choices: Mapping[str, Choice] | None = None
) -> list[SheetEntry]:
    """Return what all fields hold once a person changed those `given`."""
    return [
        SheetEntry(
            field.place.key,
            given.get(field.place.key, field.text),
            field.mark,
            (choices or {}).get(field.place.key),
        )
        for field in drawn.fields
    ]


def saves(
    play: Play, who: str, drawn: SheetView, given: Mapping[str, str], choices: Mapping[str, Choice] | None = None
) -> SheetView:
    """Change these fields of the form as it was drawn for a person, and save."""
    return play.does(who, sheet.save_sheet, WEST, drawn.item_id, entries(drawn, given, choices))


def test_agencies_in_the_room_have_a_field_and_others_are_in_a_menu(sitting: Play) -> None:
    found = sitting.does("minutetaker", sheet.open_sheet, WEST)
    assert [field.agency_name for field in found.fields if field.place.kind is NoteKind.SHARED] == [
        "Health",
        "Police",
        "Social Care",
    ]
    assert [field.place.kind for field in found.fields if field.place.agency_id is None] == [
        NoteKind.DISCUSSION,
        NoteKind.MAY_HAPPEN,
        NoteKind.RAISES_RISK,
        NoteKind.PROTECTS,
        NoteKind.CHILDS_VIEW,
    ]
    assert found.other_agencies == ((4, "Council"),)
    sitting.does("minutetaker", sheet.save_sheet, WEST, found.item_id, [], other=(4, "licensing visits the hotel"))
    again = sitting.does("minutetaker", sheet.open_sheet, WEST)
    assert texts(again) == {"shared.4": "licensing visits the hotel"}
    assert again.other_agencies == ()


def test_what_an_agency_sent_before_the_meeting_is_filled_in_and_saved_as_its_line(play: Play) -> None:
    flag_id = play.accepted("WEST-0001")
    play.at(3, 17)
    play.compiles()
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("nurse", returns.make_return, flag_id, ReturnKnowledge.KNOWN, "Attended the clinic twice.")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    drawn = play.does("chair", sheet.open_sheet, WEST)
    health = next(field for field in drawn.fields if field.place.key == HEALTH)
    assert (health.text, health.is_from_return) == ("Attended the clinic twice.", True)
    assert texts(saves(play, "chair", drawn, {})) == {HEALTH: "Attended the clinic twice."}
    # Recorded once, however often the form is saved.
    again = play.does("chair", sheet.open_sheet, WEST)
    assert saves(play, "chair", again, {}).saved == ()
    assert len(again.current.notes) == 1


def test_only_what_was_changed_is_saved_and_what_it_replaced_is_kept(sitting: Play) -> None:
    sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen near the station")
    sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen again")
    drawn = sitting.does("chair", sheet.open_sheet, WEST)
    assert texts(drawn) == {POLICE: "seen near the station\nseen again"}
    saved = saves(sitting, "chair", drawn, {POLICE: "seen twice near the station", SUMMARY: "A pattern."})
    assert [field.place.key for field in saved.saved] == [POLICE, SUMMARY]
    assert texts(saved) == {POLICE: "seen twice near the station", SUMMARY: "A pattern."}
    with sitting.store.reading() as work:
        notes = work.find_all(Note, by=[col(Note.id)])
        kept = [(work.open(one.text), one.superseded_by_id) for one in notes]
    assert kept == [
        ("seen near the station", 3),
        ("seen again", 3),
        ("seen twice near the station", None),
        ("A pattern.", None),
    ]
    # Whose words they were is told, once, and the person who changed them is not.
    told = [lane for kind, lane in sitting.sent("entry_changed")]
    assert told == ["minutetaker"]
    assert texts(saves(sitting, "chair", saved, {POLICE: ""})) == {SUMMARY: "A pattern."}


def test_two_who_change_one_field_both_keep_their_words_until_one_chooses(sitting: Play) -> None:
    chairs, takers = (sitting.does(who, sheet.open_sheet, WEST) for who in ("chair", "minutetaker"))
    saves(sitting, "chair", chairs, {SUMMARY: "It is new.", POLICE: "seen twice"})
    both = saves(sitting, "minutetaker", takers, {SUMMARY: "It is old.", HEALTH: "attended"})
    assert [field.place.key for field in both.saved] == [HEALTH]
    (waiting,) = [field for field in both.fields if field.theirs]
    assert (waiting.place.key, waiting.text, waiting.theirs, waiting.theirs_by) == (
        SUMMARY,
        "It is old.",
        "It is new.",
        "Chair",
    )
    assert texts(both)[POLICE] == "seen twice"
    # The other changes it once more before this one has chosen: nothing is lost, and they choose again.
    saves(sitting, "chair", sitting.does("chair", sheet.open_sheet, WEST), {SUMMARY: "It is quite new."})
    again = saves(sitting, "minutetaker", both, {}, {SUMMARY: Choice.MINE})
    assert [(field.text, field.theirs) for field in again.fields if field.theirs] == [
        ("It is old.", "It is quite new.")
    ]
    chosen = saves(sitting, "minutetaker", again, {}, {SUMMARY: Choice.BOTH})
    assert texts(chosen)[SUMMARY] == "It is quite new.\nIt is old."
    assert [name for name, _ in chosen.recording_too] == ["Chair"]


@pytest.mark.parametrize(("choice", "stands"), [(Choice.MINE, "It is old."), (Choice.THEIRS, "It is new.")])
def test_of_two_texts_the_chosen_one_stands(sitting: Play, choice: Choice, stands: str) -> None:
    chairs, takers = (sitting.does(who, sheet.open_sheet, WEST) for who in ("chair", "minutetaker"))
    saves(sitting, "chair", chairs, {SUMMARY: "It is new."})
    both = saves(sitting, "minutetaker", takers, {SUMMARY: "It is old."})
    assert texts(saves(sitting, "minutetaker", both, {}, {SUMMARY: choice})) == {SUMMARY: stands}


def test_two_saves_at_the_same_moment_come_one_after_the_other(sitting: Play) -> None:
    drawn = {who: sitting.does(who, sheet.open_sheet, WEST) for who in ("chair", "minutetaker")}
    start, found = Barrier(2), dict[str, SheetView]()

    def save(who: str) -> None:
        start.wait()
        with sitting.store.work() as work:
            person = actor_of(work, sitting.county.person[who])
            assert person is not None
            found[who] = sheet.save_sheet(
                work, person, WEST, drawn[who].item_id, entries(drawn[who], {SUMMARY: f"By the {who}."})
            )

    threads = [Thread(target=save, args=(who,)) for who in drawn]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = sorted(found.values(), key=lambda one: len(one.saved), reverse=True)
    assert (len(first.saved), len(second.saved)) == (1, 0)
    (waiting,) = [field for field in second.fields if field.theirs]
    assert texts(sitting.does("chair", sheet.open_sheet, WEST)) == {SUMMARY: waiting.theirs}


def test_a_text_that_identifies_a_child_is_refused_at_its_field_and_nothing_is_saved(sitting: Play) -> None:
    drawn = sitting.does("chair", sheet.open_sheet, WEST)
    given = {POLICE: "seen twice", SUMMARY: "Ring 07700 900123."}
    said = sitting.refused("chair", sheet.save_sheet, WEST, drawn.item_id, entries(drawn, given))
    assert said.startswith("This looks as if it contains a phone number.")
    assert texts(sitting.does("chair", sheet.open_sheet, WEST)) == {}


def test_dissent_is_added_with_its_agency(sitting: Play) -> None:
    drawn = sitting.does("chair", sheet.open_sheet, WEST)
    assert (
        sitting.refused("chair", sheet.save_sheet, WEST, drawn.item_id, [], dissent="would retain")
        == "Whose dissent? Begin with the agency, such as Health: …"
    )
    sitting.does("chair", sheet.save_sheet, WEST, drawn.item_id, [], dissent="Health: would retain")
    notes = sitting.does("chair", discussion.current_item, WEST).notes
    assert [(one.kind, one.agency_name, one.text) for one in notes] == [(NoteKind.DISSENT, "Health", "would retain")]


def test_an_item_that_a_person_may_not_read_has_no_sheet(sitting: Play) -> None:
    drawn = sitting.does("coordinator", sheet.open_sheet, WEST)
    sitting.does("coordinator", interests.declare_interest, WEST, "WEST-0001")
    assert sitting.refused("coordinator", sheet.open_sheet, WEST) == (
        "No item is being discussed. `/meeting next` goes to the next item."
    )
    gone = "That item is no longer on the agenda of the open meeting, so nothing was saved. Copy your words from here."
    assert sitting.refused("coordinator", sheet.save_sheet, WEST, drawn.item_id, entries(drawn, {})) == gone


def test_members_who_do_not_record_hear_who_does_and_others_nothing(sitting: Play) -> None:
    said = "On West Operational MET, only the chair, vice-chair, co-ordinator and minute-taker can record notes."
    assert sitting.refused("nurse", sheet.open_sheet, WEST) == said
    unknown = "I can't find that panel, or it isn't for you. If you expected to see it, ask your panel's co-ordinator."
    for who in ("countychair", "administrator", "outsider"):
        assert sitting.refused(who, sheet.open_sheet, WEST) == unknown


def test_a_heading_asks_for_its_summary_only(sitting: Play) -> None:
    sitting.does("chair", discussion.next_item, WEST, "1")
    found = sitting.does("chair", sheet.open_sheet, WEST)
    assert ([field.place.key for field in found.fields], found.kinds, found.other_agencies) == ([SUMMARY], (), ())


def test_a_panel_asks_what_its_definition_says(sitting: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"record": (RecordPart.SUMMARY, RecordPart.CHILDS_VIEW)}
    for key, definition in list(sitting.store.definitions.items()):
        monkeypatch.setitem(sitting.store.definitions, key, definition.model_copy(update=asked))
    found = sitting.does("chair", sheet.open_sheet, WEST)
    assert ([field.place.key for field in found.fields], found.kinds) == ([SUMMARY, "childs_view"], ())


def test_nothing_is_decided_on_the_sheet_of_an_interim_discussion(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    play.does("chair", inquorate.hold_interim, WEST)
    play.goes_to("WEST-0001")
    assert play.does("chair", sheet.open_sheet, WEST).kinds == ()


def test_the_number_of_statements_does_not_grow_with_the_lines(sitting: Play) -> None:
    def asked() -> int:
        with counting(sitting.store.engine) as statements:
            sitting.does("chair", sheet.open_sheet, WEST)
        return len(statements)

    sitting.does("chair", discussion.add_note, WEST, "Police: seen once")
    few = asked()
    for number in range(8):
        sitting.does("chair", discussion.add_note, WEST, f"Police: seen on day {number}")
        sitting.does("chair", discussion.add_note, WEST, f"Health: visit {number}")
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled."))
    assert asked() <= few + 1


def test_a_return_that_was_emptied_is_not_offered_again(play: Play) -> None:
    flag_id = play.accepted("WEST-0001")
    play.at(3, 17)
    play.compiles()
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("nurse", returns.make_return, flag_id, ReturnKnowledge.KNOWN, "Attended the clinic twice.")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    drawn = play.does("chair", sheet.open_sheet, WEST)
    emptied = saves(play, "chair", drawn, {HEALTH: "", SUMMARY: "It is new."})
    assert texts(emptied) == {SUMMARY: "It is new."}
    assert texts(saves(play, "chair", emptied, {POLICE: "seen"})) == {SUMMARY: "It is new.", POLICE: "seen"}
    # Recorded and taken back, it does not come again by itself either.
    recorded = saves(play, "minutetaker", play.does("minutetaker", sheet.open_sheet, WEST), {})
    assert texts(recorded)[HEALTH] == "Attended the clinic twice."
    saves(play, "minutetaker", recorded, {HEALTH: ""})
    assert HEALTH not in texts(play.does("chair", sheet.open_sheet, WEST))


def test_a_field_whose_agency_has_gone_is_saved_where_it_was_changed_and_is_no_hindrance(sitting: Play) -> None:
    drawn = sitting.does("chair", sheet.open_sheet, WEST)
    sitting.does("minutetaker", opening.record_attendance, WEST, apologies=(user_id("nurse"),))
    assert HEALTH not in [field.place.key for field in sitting.does("chair", sheet.open_sheet, WEST).fields]
    assert texts(saves(sitting, "chair", drawn, {SUMMARY: "It is new."})) == {SUMMARY: "It is new."}
    assert texts(saves(sitting, "chair", drawn, {HEALTH: "attended"}))[HEALTH] == "attended"
    forged = [SheetEntry("shared.4711", "words", "mark")]
    assert sitting.refused("chair", sheet.save_sheet, WEST, drawn.item_id, forged) == (
        "This form is from an earlier version. Copy your words and press Record again."
    )


def test_words_that_stand_already_are_not_judged_again(sitting: Play) -> None:
    kept = "Police: the number 07700 900123 is the suspect's [kept because police ask all agencies about it]"
    sitting.does("minutetaker", discussion.add_note, WEST, kept)
    sitting.does("minutetaker", discussion.add_note, WEST, "Police: seen again")
    drawn = sitting.does("chair", sheet.open_sheet, WEST)
    assert texts(saves(sitting, "chair", drawn, {SUMMARY: "It is new."}))[SUMMARY] == "It is new."


def test_theirs_that_was_emptied_meanwhile_stays_empty(sitting: Play) -> None:
    chairs, takers = (sitting.does(who, sheet.open_sheet, WEST) for who in ("chair", "minutetaker"))
    first = saves(sitting, "chair", chairs, {SUMMARY: "It is new."})
    both = saves(sitting, "minutetaker", takers, {SUMMARY: "It is old."})
    saves(sitting, "chair", first, {SUMMARY: ""})
    assert texts(saves(sitting, "minutetaker", both, {}, {SUMMARY: Choice.THEIRS})) == {}
