"""Lines of an agenda by hand: items that are not cases, order, minutes, and what compiling keeps."""

from datetime import datetime

import pytest

from bot.models.vocabulary import DecisionKind, ItemKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import lines, papers, triage
from bot.services.agenda.lines import ItemForm, LineChange, Move
from bot.services.meeting import discussion, opening
from bot.services.minutes import papers as minutes_papers
from bot.services.rescheduling import meetings
from bot.slack.agenda import views
from tests.county import WEST
from tests.documents.word_files import texts
from tests.services.conftest import Play, unseen

TALK = ItemForm("Online harm in the holidays", ItemKind.PRESENTATION, 15, "Barnardo's")


def titles(play: Play, who: str = "coordinator") -> list[str]:
    """Return the titles of the agenda's lines, in order."""
    return [item.title for item in play.does(who, triage.show_agenda, WEST).items]


def changes(play: Play, title: str, who: str = "coordinator", **change: object) -> None:
    """Change the line with this title, and nothing about it but what is named."""
    (item,) = (one for one in play.does(who, triage.show_agenda, WEST).items if one.title == title)
    usual = {"move": None, "minutes": item.minutes, "is_pinned": item.is_pinned}
    play.does(who, lines.change_line, item.id, LineChange(**{**usual, **change}))  # type: ignore[arg-type]


def sections(play: Play) -> list[str]:
    """Return the keys of the lines' headings, in order."""
    return [item.section for item in play.does("coordinator", triage.show_agenda, WEST).items]


@pytest.fixture
def talk(play: Play) -> ItemForm:
    """Add a presentation after the first heading of an agenda with two cases."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.compiles()
    form = ItemForm(TALK.title, TALK.kind, TALK.minutes, TALK.presenter, sections(play)[0])
    play.does("coordinator", lines.add_item, WEST, form)
    return form


def test_an_item_that_is_no_case_stands_after_its_heading_and_survives_compiling(play: Play, talk: ItemForm) -> None:
    assert titles(play)[1] == "Online harm in the holidays"
    play.accepted("WEST-0003")
    play.compiles()
    (item,) = (one for one in play.does("chair", triage.show_agenda, WEST).items if one.kind is not None)
    assert (item.number, item.title, item.minutes, item.presenter) == ("2", TALK.title, 15, "Barnardo's")
    at = datetime(2026, 3, 26, 14)  # noqa: DTZ001 - the panel's wall clock
    play.does("coordinator", meetings.reschedule_meeting, WEST, starts_at=at, reason="The room.")
    play.compiles()
    assert titles(play)[1] == "Online harm in the holidays"


def test_it_is_in_the_word_agenda_the_meeting_and_the_minutes(play: Play, talk: ItemForm) -> None:
    play.does("coordinator", triage.publish_agenda, WEST)
    word = texts(play.does("nurse", papers.agenda_document, 1).write())
    (row,) = (line for line in word if line.startswith("| 2 |"))
    assert row.endswith(" | Presentation: Online harm in the holidays | Barnardo's | 15 min |")
    play.at(3, 24, 14)
    play.opens()
    found = play.does("chair", discussion.next_item, WEST, "2")
    assert found.item is not None
    assert (found.item.title, found.item.presenter, found.outstanding) == (TALK.title, "Barnardo's", ())
    play.does("chair", discussion.add_note, WEST, "Slides are on the shared drive.")
    form = DecisionForm(DecisionKind.STEP_DOWN, "No.")
    assert "is not a case" in play.refused("chair", discussion.decide, WEST, form)
    play.does("chair", opening.close_meeting, WEST)
    drafted = play.does("minutetaker", minutes_papers.draft_minutes, WEST)
    minutes = texts(play.does("chair", minutes_papers.minutes_document, drafted.id).write())
    assert "Item 2: Presentation: Online harm in the holidays (Barnardo's)" in minutes
    assert "Slides are on the shared drive." in minutes


def test_what_was_typed_is_not_in_a_message_that_stays(play: Play, talk: ItemForm) -> None:
    agenda = play.does("nurse", triage.show_agenda, WEST)
    assert "Online harm" in str(views.shown(agenda))
    told = str(views.published(agenda))
    assert "2. *Presentation* (15 min)" in told
    assert "Online harm" not in told
    assert "Barnardo" not in told


@pytest.mark.databases("sqlite")
def test_an_item_that_is_added_once_the_agenda_is_out_has_a_letter(play: Play, talk: ItemForm) -> None:
    play.does("coordinator", triage.publish_agenda, WEST)
    before = {item.title: item.number for item in play.does("nurse", triage.show_agenda, WEST).items}
    play.does("coordinator", lines.add_item, WEST, ItemForm("The new form", ItemKind.PAPER))
    found = play.does("coordinator", triage.publish_agenda, WEST)
    last = len(before)
    assert found.agenda.changed == f"Changed since version 1. Added: {last}a paper."
    after = {item.title: item.number for item in play.does("nurse", triage.show_agenda, WEST).items}
    assert after == {**before, "The new form": f"{last}a"}


@pytest.mark.databases("sqlite")
def test_only_an_added_item_can_be_removed(play: Play, talk: ItemForm) -> None:
    items = play.does("chair", triage.show_agenda, WEST).items
    assert play.refused("chair", lines.remove_item, items[0].id) == (
        "You can remove only items that were added. Defer or withdraw a case instead."
    )
    play.does("chair", lines.remove_item, items[1].id)
    assert TALK.title not in titles(play)
    assert play.refused("chair", lines.remove_item, items[1].id).startswith("I can't find that item")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (ItemForm("  "), "What is the item? Give it a title."),
        (ItemForm("x" * 121), "Give a title of at most 120 characters."),
        (ItemForm("A talk", minutes=0), "Give 1 to 240 minutes."),
        (ItemForm("A talk", section="nonsense"), "Choose one of the agenda's headings."),
    ],
)
def test_an_item_that_cannot_be_is_refused(play: Play, form: ItemForm, sentence: str) -> None:
    assert play.refused("coordinator", lines.add_item, WEST, form) == sentence


@pytest.mark.databases("sqlite")
def test_a_title_that_identifies_a_child_is_refused(play: Play) -> None:
    form = ItemForm("About the child at SO17 1BJ")
    assert "postcode" in play.refused("coordinator", lines.add_item, WEST, form)


@pytest.mark.databases("sqlite")
def test_a_line_that_moves_keeps_its_place_when_the_agenda_is_compiled_again(play: Play) -> None:
    for reference, level in (("WEST-0001", "high"), ("WEST-0002", "medium"), ("WEST-0003", "standard")):
        play.accepted(reference, risk_level=level)
    assert play.compiles() == ["WEST-0001", "WEST-0002", "WEST-0003"]
    changes(play, "WEST-0003", move=Move.UP)
    assert play.compiles() == ["WEST-0001", "WEST-0003", "WEST-0002"]
    play.accepted("WEST-0004", "nurse", risk_level="high")
    assert play.compiles() == ["WEST-0004", "WEST-0001", "WEST-0003", "WEST-0002"]
    changes(play, "WEST-0003", is_pinned=False)
    assert play.compiles() == ["WEST-0004", "WEST-0001", "WEST-0002", "WEST-0003"]
    last = titles(play)[-1]
    changes(play, "WEST-0001", "chair", move=Move.LAST)
    assert titles(play)[-2:] == [last, "WEST-0001"]
    changes(play, "WEST-0001", move=Move.FIRST)
    assert titles(play)[0] == "WEST-0001"
    changes(play, "WEST-0001", move=Move.UP)
    assert titles(play)[0] == "WEST-0001"
    changes(play, "WEST-0001", move=Move.DOWN)
    assert titles(play)[1] == "WEST-0001"


@pytest.mark.databases("sqlite")
def test_minutes_set_by_hand_stay_and_numbers_that_members_hold_do_not_move(play: Play, talk: ItemForm) -> None:
    play.does("coordinator", triage.publish_agenda, WEST)
    held = {item.title: item.number for item in play.does("nurse", triage.show_agenda, WEST).items}
    changes(play, "WEST-0002", move=Move.UP)
    changes(play, "WEST-0001", minutes=25)
    found = play.does("coordinator", triage.publish_agenda, WEST)
    items = found.agenda.items
    assert {item.title: item.number for item in items} == held
    assert [item.title for item in items if item.flag] == ["WEST-0002", "WEST-0001"]
    assert next(item.minutes for item in items if item.title == "WEST-0001") == 25
    assert f"New length: {held['WEST-0001']} WEST-0001 (25 min)." in found.agenda.changed
    assert "Moved: " in found.agenda.changed


@pytest.mark.databases("sqlite")
def test_who_may_not_compile_or_see_a_line_changes_nothing(play: Play) -> None:
    play.accepted("WEST-0666", closed=True)
    play.compiles()
    (hidden,) = (one for one in play.does("chair", triage.show_agenda, WEST).items if one.flag)
    change = LineChange(Move.UP, 5, is_pinned=True)
    missing = play.refused("coordinator", lines.change_line, 999, change)
    assert play.refused("coordinator", lines.change_line, hidden.id, change) == missing
    assert play.refused("nurse", lines.change_line, hidden.id, change) == missing
    assert play.refused("coordinator", lines.find_line, hidden.id) == missing
    play.at(3, 24, 14)
    play.opens()
    assert play.refused("chair", lines.change_line, hidden.id, change) == (
        "The meeting has begun, so nobody can change its agenda."
    )


@pytest.mark.databases("sqlite")
def test_items_go_with_the_cases_when_their_meeting_is_cancelled(play: Play, talk: ItemForm) -> None:
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("coordinator", meetings.cancel_meeting, WEST, reason="Snow.")
    assert titles(play)[1] == TALK.title
    play.compiles()
    items = play.does("chair", triage.show_agenda, WEST).items
    assert [(item.number, item.presenter) for item in items if item.kind] == [("2", "Barnardo's")]


@pytest.mark.parametrize("is_out", [True, False])
def test_an_item_that_is_added_while_the_meeting_is_held_is_its_last(play: Play, is_out: bool) -> None:
    play.accepted("WEST-0001")
    play.compiles()
    if is_out:
        play.does("coordinator", triage.publish_agenda, WEST)
    play.at(3, 24, 14)
    play.opens()
    before = [item.number for item in play.does("nurse", triage.show_agenda, WEST).items]
    last = play.does("chair", discussion.next_item, WEST, before[-1]).item
    assert last is not None
    assert len(play.does("coordinator", lines.headings_for_item, WEST).headings) == 1
    play.does("coordinator", lines.add_item, WEST, TALK)
    items = play.does("nurse", triage.show_agenda, WEST).items
    number = f"{before[-1]}a" if is_out else str(len(before) + 1)
    assert [item.number for item in items] == [*before, number]
    found = play.does("chair", discussion.next_item, WEST)
    assert found.item is not None
    assert (found.item.title, found.item.number, found.item.minutes) == (TALK.title, number, 15)
    play.does("chair", discussion.add_note, WEST, "Slides are on the shared drive.")
    play.does("chair", opening.close_meeting, WEST)
    drafted = play.does("minutetaker", minutes_papers.draft_minutes, WEST)
    minutes = texts(play.does("chair", minutes_papers.minutes_document, drafted.id).write())
    assert f"Item {number}: Presentation: Online harm in the holidays (Barnardo's)" in minutes


def test_only_the_office_changes_a_line(play: Play, talk: ItemForm) -> None:
    before = titles(play)
    item = next(one for one in play.does("nurse", triage.show_agenda, WEST).items if one.title == talk.title)
    change = LineChange(move=Move.FIRST, minutes=5, is_pinned=True)
    for who in ("nurse", "minutetaker", "observer", "outsider"):
        assert play.refused(who, lines.change_line, item.id, change) == unseen("that item")
    assert titles(play) == before
