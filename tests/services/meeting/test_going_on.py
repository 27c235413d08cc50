"""Going about the agenda: heard later, skipped, and the heading that names what was just escalated."""

import pytest
from sqlmodel import col

from bot.models.bookkeeping import AuditEntry
from bot.models.meetings import AgendaItem
from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.going_on import Leaving
from bot.records.meeting.queries import CurrentItem
from bot.services.agenda import triage
from bot.services.cases import closed_items, interests
from bot.services.meeting import discussion, opening
from bot.slack.meeting import views
from tests.county import WEST
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite", "postgresql")

UP = DecisionForm(DecisionKind.ESCALATE, "The risk is beyond the district.")


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open with three cases, and the first is discussed."""
    return sits_with_three(play)


def sits_with_three(play: Play) -> Play:
    """Open West's meeting, from two to four, with three cases, and go to the first."""
    for number in (1, 2, 3):
        play.accepted(f"WEST-000{number}")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    return play


def number_of(play: Play, reference: str, who: str = "chair") -> str:
    """Return the number that a member sees for a line of the agenda."""
    return next(item.number for item in play.does(who, triage.show_agenda, WEST).items if item.title == reference)


def goes_on(play: Play, leave: Leaving = Leaving.HEARD, who: str = "chair") -> CurrentItem:
    return play.does(who, discussion.next_item, WEST, leave=leave)


def title(found: CurrentItem) -> str:
    return found.item.title if found.item is not None else ""


def test_an_item_is_heard_after_those_that_are_left_with_all_that_is_recorded(sitting: Play) -> None:
    sitting.does("chair", discussion.add_note, WEST, "Police: seen twice")
    before = number_of(sitting, "WEST-0001")
    found = goes_on(sitting, Leaving.LATER)
    assert (title(found), found.put_off) == ("WEST-0002", "WEST-0001")
    text, _ = views.current(found)
    assert text.endswith("WEST-0001 will be heard after the items that are left. What is already recorded stays.")
    goes_on(sitting, Leaving.LATER)  # the second too, which then comes after the first
    seen = [title(goes_on(sitting)) for _ in range(20)]
    assert seen[-1] != ""
    first, second = seen.index("WEST-0001"), seen.index("WEST-0002")
    assert (second, seen.index("WEST-0003")) == (first + 1, first + 2)  # the third waits still, and is come back to
    assert seen[first - 1] == "Any other business and dates"  # all headings come before
    again = sitting.does("chair", discussion.next_item, WEST, before)  # under the number that it had
    assert (title(again), [note.text for note in again.notes]) == ("WEST-0001", ["seen twice"])
    assert number_of(sitting, "WEST-0001") == before


def test_a_skipped_item_is_not_come_back_to_unless_by_its_number(sitting: Play) -> None:
    number = number_of(sitting, "WEST-0001")
    found = goes_on(sitting, Leaving.SKIPPED)
    assert (title(found), found.skipped) == ("WEST-0002", "WEST-0001")
    assert "WEST-0001" not in [title(goes_on(sitting)) for _ in range(20)]
    assert title(sitting.does("chair", discussion.next_item, WEST, number)) == "WEST-0001"
    goes_on(sitting, Leaving.SKIPPED)
    closed = sitting.does("chair", opening.close_meeting, WEST)
    assert "WEST-0001" in closed.carried


def test_the_last_item_is_not_put_off_and_without_one_nothing_is(sitting: Play) -> None:
    for _ in range(20):
        if not [one for one in _pending(sitting) if one]:
            break
        goes_on(sitting, Leaving.SKIPPED)
    assert sitting.refused("chair", discussion.next_item, WEST, leave=Leaving.LATER) == (
        "No other item is left, so this item can't be heard later. To end the meeting: `/meeting close`."
    )
    assert goes_on(sitting, Leaving.SKIPPED).item is None
    for leave in (Leaving.LATER, Leaving.SKIPPED):
        assert sitting.refused("chair", discussion.next_item, WEST, leave=leave) == (
            "No item is being discussed. `/meeting next` goes to the next item."
        )


def _pending(sitting: Play) -> list[bool]:
    with sitting.store.reading() as work:
        items = work.find_all(AgendaItem, AgendaItem.meeting_id == sitting.county.west_meetings[0])
        return [item.state == "pending" for item in items]


def test_who_may_not_read_the_item_does_not_leave_it(sitting: Play) -> None:
    sitting.does("coordinator", interests.declare_interest, WEST, "WEST-0001")
    assert sitting.refused("coordinator", discussion.next_item, WEST, leave=Leaving.LATER) == (
        "No item is being discussed. `/meeting next` goes to the next item."
    )
    assert sitting.refused("nurse", discussion.next_item, WEST, leave=Leaving.LATER).startswith(
        "On West Operational MET, only the chair, vice-chair and co-ordinator"
    )


def heading(play: Play, who: str) -> CurrentItem:
    """Return the heading for the county meeting, as a person sees it."""
    number = number_of(play, "For the county meeting", who)
    return play.does(who, discussion.show_item, WEST, number=number)


def test_the_heading_for_the_county_names_what_was_just_escalated(sitting: Play) -> None:
    assert heading(sitting, "chair").sent_up == ()
    number = number_of(sitting, "WEST-0001")
    sitting.does("chair", discussion.decide, WEST, UP)
    sitting.does("chair", discussion.next_item, WEST, number_of(sitting, "WEST-0002"))
    sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled."))
    found = heading(sitting, "nurse")
    assert found.sent_up == ((number, "WEST-0001"),)
    _, blocks = views.current(found)
    assert f"*Escalated at this meeting:*\n• item {number}, WEST-0001" in str(
        [one.get("text") for one in blocks]
    ).replace("\\n", "\n")


def test_what_is_kept_from_a_person_is_not_named_there(sitting: Play) -> None:
    sitting.does("chair", discussion.decide, WEST, UP)
    sitting.does("chair", discussion.next_item, WEST, number_of(sitting, "WEST-0002"))
    sitting.does("chair", discussion.decide, WEST, UP)
    sitting.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    sitting.does("chair", closed_items.close_item, WEST, "WEST-0002", "Need to know.")
    assert heading(sitting, "nurse").sent_up == ()
    assert [title for _, title in heading(sitting, "chair").sent_up or ()] == ["WEST-0001", "WEST-0002"]


def test_who_opens_an_item_is_noted_also_of_one_that_is_no_case(sitting: Play) -> None:
    with sitting.store.reading() as work:
        before = len(work.find_all(AuditEntry))
    found = sitting.does("chair", discussion.show_item, WEST, number="1")
    assert found.item is not None
    assert found.item.flag is None
    with sitting.store.reading() as work:
        entries = work.find_all(AuditEntry, by=[col(AuditEntry.id)])[before:]
        noted = [(one.verb, one.noun, one.noun_id, one.actor_id) for one in entries]
    assert noted == [("read", "item", found.item.id, sitting.county.person["chair"])]
