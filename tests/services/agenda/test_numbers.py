"""An agenda that is out: members keep their numbers, and publishing again says what changed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.services.agenda import papers, triage
from bot.services.agenda.overview import AgendaView
from bot.services.agenda.triage import Verdict
from bot.services.cases import closed_items, interests, withdrawing
from bot.services.meeting import discussion, opening
from bot.services.minutes import papers as minutes_papers
from bot.services.rescheduling import meetings
from bot.slack.agenda import views
from bot.slack.meeting import views as meeting_views
from tests.county import WEST
from tests.documents.word_files import texts
from tests.services.conftest import Play

CASES = ("WEST-0001", "WEST-0002", "WEST-0003")


def numbers(agenda: AgendaView) -> dict[str, str]:
    """Return the number of each case."""
    return {item.title: item.number for item in agenda.items if item.flag is not None}


def shows(play: Play, who: str = "matron") -> dict[str, str]:
    """Return the numbers of the cases as a member sees them."""
    return numbers(play.does(who, triage.show_agenda, WEST))


def publishes(play: Play) -> triage.Publication:
    """Let the co-ordinator publish."""
    return play.does("coordinator", triage.publish_agenda, WEST)


@pytest.fixture
def out(play: Play) -> dict[str, int]:
    """Publish an agenda of three cases. Return the numbers of their flags."""
    found = {reference: play.accepted(reference) for reference in CASES}
    publishes(play)
    return found


def test_a_case_that_is_accepted_late_has_a_letter_and_moves_no_number(play: Play, out: dict[str, int]) -> None:
    held = shows(play)
    first = int(held["WEST-0001"])
    assert held == {"WEST-0001": f"{first}", "WEST-0002": f"{first + 1}", "WEST-0003": f"{first + 2}"}
    play.accepted("WEST-0004", "nurse", risk_level="standard")
    play.accepted("WEST-0005", "nurse", risk_level="standard")
    publishes(play)
    assert shows(play) == {**held, "WEST-0004": f"{first + 2}a", "WEST-0005": f"{first + 2}b"}
    play.does("chair", triage.triage_flag, out["WEST-0002"], Verdict.DEFER, "Later.")
    publishes(play)
    left = {title: number for title, number in held.items() if title != "WEST-0002"}
    assert shows(play) == {**left, "WEST-0004": f"{first + 2}a", "WEST-0005": f"{first + 2}b"}


@pytest.mark.databases("sqlite")
def test_before_the_first_publication_numbers_are_free(play: Play) -> None:
    play.accepted("WEST-0001", risk_level="standard")
    play.compiles()
    before = shows(play)["WEST-0001"]
    play.accepted("WEST-0002")
    play.compiles()
    assert shows(play) == {"WEST-0002": before, "WEST-0001": str(int(before) + 1)}


@pytest.mark.databases("sqlite")
def test_a_case_that_comes_back_has_the_number_that_it_had(play: Play, out: dict[str, int]) -> None:
    held = shows(play)
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0002", "They moved.")
    publishes(play)
    play.accepted("WEST-0002", "nurse")
    publishes(play)
    assert shows(play) == held


def test_publishing_again_says_what_changed(play: Play, out: dict[str, int]) -> None:
    last = int(shows(play)["WEST-0003"])
    play.accepted("WEST-0004", "nurse", risk_level="standard")
    play.does("chair", triage.triage_flag, out["WEST-0002"], Verdict.DEFER, "Later.")
    compiled = play.does("coordinator", triage.compile_agenda, WEST)
    said = f"Added: {last}a WEST-0004. No longer on the agenda: {last - 1} WEST-0002."
    assert (compiled.pending, play.does("matron", triage.show_agenda, WEST).pending) == (said, "")
    found = publishes(play)
    assert (found.is_new, found.agenda.version, found.agenda.pending) == (True, 2, "")
    assert found.agenda.changed == f"Changed since version 1. {said}"
    agenda = play.does("matron", triage.agenda_of_meeting, 1, version=2)
    assert agenda is not None
    told = str(views.published(agenda))
    assert "has changed." in told
    assert said in told
    word = texts(play.does("matron", papers.agenda_document, 1).write())
    assert any(said in line for line in word)
    assert f"Item {last}a: WEST-0004" in word


@pytest.mark.databases("sqlite")
def test_publishing_when_nothing_changed_makes_no_version_and_tells_nobody(play: Play, out: dict[str, int]) -> None:
    before = play.sent()
    found = publishes(play)
    assert (found.is_new, found.agenda.version) == (False, 1)
    assert views.publication(found) == "Nothing has changed since version 1, so I won't tell anyone again."
    assert play.sent() == before
    assert len(play.audited("publish")) == 1


@pytest.mark.databases("sqlite")
def test_a_meeting_that_moves_is_a_change_of_its_agenda(play: Play, out: dict[str, int]) -> None:
    at = play.does("coordinator", triage.show_agenda, WEST).starts_at.replace(tzinfo=None)
    play.does("coordinator", meetings.reschedule_meeting, WEST, starts_at=at.replace(hour=15), reason="The room.")
    found = publishes(play)
    assert found.agenda.changed == (
        "Changed since version 1. The meeting is now on Tuesday 24 March 2026, 15:00 to 17:00, Civic Centre."
    )


@pytest.mark.databases("sqlite")
def test_nothing_is_said_of_what_is_closed_to_the_reader(play: Play, out: dict[str, int]) -> None:
    held, agenda = shows(play, "nurse"), play.does("nurse", triage.show_agenda, WEST)
    hidden = play.accepted("WEST-0666", closed=True)
    found = publishes(play)
    assert (found.is_new, found.agenda.version, found.agenda.changed) == (False, 1, "")
    assert play.sent("agenda_file") == [("agenda_file", "coordinator")]
    assert play.does("nurse", triage.agenda_of_meeting, 1, version=2) is None
    assert play.does("nurse", triage.show_agenda, WEST) == agenda
    assert "Added" in play.does("chair", triage.show_agenda, WEST).changed
    play.does("chair", triage.triage_flag, hidden, Verdict.SIGNPOST, "Elsewhere.")
    play.accepted("WEST-0004", "nurse", risk_level="standard")
    publishes(play)
    seen = play.does("nurse", triage.show_agenda, WEST)
    label = f"{held['WEST-0003']}a"
    assert (seen.version, seen.changed) == (2, f"Changed since version 1. Added: {label} WEST-0004.")
    assert numbers(seen) == {**held, "WEST-0004": label}


@pytest.mark.databases("sqlite")
def test_a_case_that_is_closed_to_a_member_later_moves_none_of_their_numbers(play: Play, out: dict[str, int]) -> None:
    held = shows(play, "nurse")
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "Named readers only.")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0002")
    publishes(play)
    assert shows(play, "nurse") == {"WEST-0003": held["WEST-0003"]}
    assert shows(play, "chair") == held


@pytest.mark.databases("sqlite")
def test_the_meeting_and_its_minutes_keep_the_numbers(play: Play, out: dict[str, int]) -> None:
    last = shows(play)["WEST-0003"]
    play.does("chair", triage.triage_flag, out["WEST-0002"], Verdict.DEFER, "Later.")
    play.accepted("WEST-0004", "nurse", risk_level="standard")
    publishes(play)
    play.at(3, 24, 14)
    play.opens()
    found = play.does("chair", discussion.next_item, WEST, f"{last}A")
    assert found.item is not None
    assert (found.item.title, found.item.number) == ("WEST-0004", f"{last}a")
    assert meeting_views.current(found)[0].startswith(f"Item {last}a: WEST-0004")
    empty = str(int(last) - 1)
    assert play.refused("chair", discussion.next_item, WEST, empty).startswith(f"The agenda has no item {empty}. Its ")
    play.does("chair", opening.close_meeting, WEST)
    drafted = play.does("minutetaker", minutes_papers.draft_minutes, WEST, None)
    word = texts(play.does("chair", minutes_papers.minutes_document, drafted.id).write())
    assert f"Item {last}a: WEST-0004" in word
    assert f"Item {last}: WEST-0003" in word


@pytest.mark.databases("sqlite")
def test_a_case_that_walks_in_has_a_letter_where_the_agenda_is_out(play: Play, out: dict[str, int]) -> None:
    waiting = play.flags("WEST-0004", "nurse")
    play.at(3, 24, 14)
    play.opens()
    play.does("chair", triage.triage_flag, waiting, Verdict.ACCEPT)
    items = play.does("chair", triage.show_agenda, WEST).items
    assert (items[-1].title, items[-1].number) == ("WEST-0004", f"{items[-2].number}a")


def test_two_who_publish_at_once_make_one_version(play: Play) -> None:
    play.accepted("WEST-0001")
    together = Barrier(2)

    def publish(who: str) -> triage.Publication:
        together.wait(timeout=30)
        return play.does(who, triage.publish_agenda, WEST)

    with ThreadPoolExecutor(2) as people:
        found = list(people.map(publish, ("chair", "coordinator")))
    assert sorted((one.is_new, one.agenda.version) for one in found) == [(False, 1), (True, 1)]
    told = play.sent("agenda_published", "agenda_file")
    assert len(told) == len({who for _, who in told}) == 9
