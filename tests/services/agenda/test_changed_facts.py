"""What is said of a case after its agenda is out: a change when it is published again, for who may see the case."""

from datetime import date

import pytest
from sqlmodel import col

from bot.models.cases import Case, Flag
from bot.models.meetings import PublishedLine
from bot.services.agenda import papers, triage
from bot.services.cases import assessments, closed_items, interests, merging, withdrawing
from bot.slack.agenda import views
from tests.county import WEST, actor
from tests.documents.word_files import texts
from tests.services.agenda.test_numbers import numbers, publishes, shows
from tests.services.conftest import Play
from tests.statements import counting

pytestmark = pytest.mark.databases("sqlite")

LATER = {"risk_tool": None, "risk_level": None, "assessed_on": None, "assessment_due_on": date(2026, 3, 10)}
MADE = {"risk_tool": "ceraf", "risk_level": "high", "assessed_on": "2026-02-27"}
SEEN = "Seen at the clinic with an older boy."


def lays_out(play: Play, *references: str, **more: bool) -> list[int]:
    """Publish an agenda of cases that are still to be assessed. Return the numbers of their flags."""
    found = [play.accepted(reference, **LATER, **more) for reference in references]
    publishes(play)
    return found


def changed(play: Play, who: str = "matron") -> tuple[int, str]:
    """Return the version of the agenda as a member counts them, and what it changed."""
    seen = play.does(who, triage.show_agenda, WEST)
    return seen.version, seen.changed.removeprefix(f"Changed since version {seen.version - 1}. ")


@pytest.mark.databases("sqlite", "postgresql")
def test_an_assessment_that_is_made_after_publication_is_a_change(play: Play) -> None:
    first, _ = lays_out(play, "WEST-0001", "WEST-0002")
    number = shows(play)["WEST-0001"]
    assert not publishes(play).is_new
    play.does("socialworker", assessments.add_assessment, first, MADE)
    said = f"The facts changed for WEST-0001 (item {number})."
    pending = [play.does(who, triage.show_agenda, WEST).pending for who in ("coordinator", "matron")]
    assert pending == [said, ""]
    found = publishes(play)
    assert (found.is_new, found.agenda.pending, changed(play)) == (True, "", (2, said))
    agenda = play.does("matron", triage.agenda_of_meeting, 1, version=2)
    assert agenda is not None
    assert said in str(views.published(agenda))
    assert found.agenda.changed == f"Changed since version 1. {said}"
    word = texts(play.does("matron", papers.agenda_document, 1).write())
    assert any(line.endswith(f"Changed since version 1. {said}") for line in word)
    assert not publishes(play).is_new


def test_what_another_agency_says_of_a_case_and_takes_back_is_a_change_without_its_words(play: Play) -> None:
    lays_out(play, "WEST-0001")
    said = f"The facts changed for WEST-0001 (item {shows(play)['WEST-0001']})."
    play.flags("WEST-0001", "nurse", judgement=SEEN)
    publishes(play)
    assert changed(play) == (2, said)
    play.does("nurse", withdrawing.withdraw_flag, WEST, "WEST-0001", "Another child.")
    publishes(play)
    assert changed(play) == (3, said)


def test_who_may_not_see_the_case_hears_nothing_and_counts_no_version(play: Play) -> None:
    closed, stepped_back = lays_out(play, "WEST-0666", "WEST-0002")
    play.does("chair", closed_items.close_item, WEST, "WEST-0666", "Named readers only.")
    play.does("chair", interests.declare_interest, WEST, "WEST-0002", "UMATRON")
    assert not publishes(play).is_new
    members = ("nurse", "matron", "coordinator", "chair")
    before = {who: play.does(who, triage.show_agenda, WEST) for who in members}
    play.does("socialworker", assessments.add_assessment, closed, MADE)
    found = publishes(play)  # the co-ordinator is not one of its readers
    assert (found.is_new, views.publication(found)) == (
        False,
        f"Nothing has changed since version {before['coordinator'].version}, so I won't tell anyone again.",
    )
    for who in ("nurse", "matron", "coordinator"):
        assert play.does(who, triage.show_agenda, WEST) == before[who]
        assert play.does(who, triage.agenda_of_meeting, 1, version=2) is None
    assert play.does("chair", triage.agenda_of_meeting, 1, version=2) is not None
    last = before["chair"].version
    number = numbers(before["chair"])["WEST-0666"]
    assert changed(play, "chair") == (last + 1, f"The facts changed for WEST-0666 (item {number}).")
    play.does("socialworker", assessments.add_assessment, stepped_back, MADE)
    publishes(play)
    assert changed(play, "nurse")[1] == f"The facts changed for WEST-0002 (item {shows(play, 'nurse')['WEST-0002']})."
    assert play.does("matron", triage.show_agenda, WEST) == before["matron"]


def test_a_version_keeps_no_facts_and_of_one_from_before_they_count_as_unchanged(play: Play) -> None:
    (flag_id,) = lays_out(play, "WEST-0001")
    with play.store.work() as work:
        (line,) = work.find_all(PublishedLine, col(PublishedLine.flag_id).is_not(None))
        assert line.facts_digest is not None
        assert len(line.facts_digest) == 64
        line.facts_digest = None
    play.does("socialworker", assessments.add_assessment, flag_id, MADE)
    assert not publishes(play).is_new


def test_two_cases_of_which_the_same_is_said_have_different_digests(play: Play) -> None:
    lays_out(play, "WEST-0001", "WEST-0002")
    with play.store.reading() as work:
        kept = [line.facts_digest for line in work.find_all(PublishedLine) if line.flag_id is not None]
    assert len(set(kept)) == 2


def test_a_case_that_is_erased_is_no_change(play: Play) -> None:
    lays_out(play, "WEST-0001")
    with play.store.work() as work:
        (case,) = work.find_all(Case)
        work.keys.destroy(work.session, case.data_key_id, work.now)
    assert not publishes(play).is_new


def test_words_that_are_sealed_again_and_say_the_same_are_no_change(play: Play) -> None:
    (flag_id,) = lays_out(play, "WEST-0001")
    with play.store.work() as work:
        flag = work.session.get_one(Flag, flag_id)
        case = work.session.get_one(Case, flag.case_id)
        before = flag.judgement
        flag.judgement = work.seal(case.data_key_id, work.open(before))
        assert flag.judgement != before
    assert not publishes(play).is_new


def test_a_reference_that_was_merged_is_told_by_its_new_title(play: Play) -> None:
    lays_out(play, "WEST-0007")
    number = shows(play)["WEST-0007"]
    play.flags("WEST-0001", "nurse", judgement=SEEN)
    play.does("chair", merging.merge_references, WEST, "WEST-0007", "WEST-0001", "The health number is the same.")
    publishes(play)
    assert changed(play) == (
        2,
        f"Renamed: {number} WEST-0001 (was WEST-0007). The facts changed for WEST-0001 (item {number}).",
    )
    assert shows(play) == {"WEST-0001": number}


def test_more_cases_ask_the_database_nothing_more(play: Play) -> None:
    asked: list[tuple[int, int]] = []
    for references in (("WEST-0001",), ("WEST-0002", "WEST-0003", "WEST-0004", "WEST-0005")):
        for flag_id in lays_out(play, *references):
            play.does("socialworker", assessments.add_assessment, flag_id, MADE)
        play.flags(references[0], "nurse")
        counted = []
        for use_case in (triage.show_agenda, triage.publish_agenda):
            with play.store.work() as work, counting(play.store.engine) as statements:
                use_case(work, actor(work, "coordinator"), WEST)
            counted.append(len(statements))
        asked.append((counted[0], counted[1]))
    assert asked[0] == asked[1]
