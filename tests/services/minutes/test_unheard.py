"""Cases that were on the published agenda and then deferred or withdrawn are in the minutes, each as what it is."""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from sqlmodel import col

from bot.documents.minutes import minutes_fields
from bot.documents.papers import File
from bot.models.minutes import Minutes
from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.going_on import Leaving
from bot.services.agenda import sooner, triage
from bot.services.cases import closed_items, interests, withdrawing
from bot.services.meeting import discussion, opening
from bot.services.minutes import amending, papers
from bot.services.minutes.pack import pack_document
from bot.services.minutes.papers import minutes_document
from bot.services.minutes.record import facts_for
from bot.services.minutes.summary import summary_document
from bot.store.unit_of_work import Work
from tests.county import WEST, actor
from tests.documents.word_files import texts
from tests.services.conftest import Play
from tests.services.minutes.heard import approve_with_two_not_heard


def minuted(play: Play, who: str) -> list[tuple[str, str, bool, str]]:
    """Return of each case its number and reference, whether it was reached, and what became of it otherwise."""
    with play.store.work() as work:
        minutes = work.find_all(Minutes, by=[col(Minutes.id).desc()])[0]
        facts, _ = facts_for(work, actor(work, who), minutes)
        items = [one for one in facts.items if one.title.startswith("WEST")]
        return [(one.number, one.title, one.is_reached, one.outcome) for one in items]


def test_deferred_withdrawn_and_not_reached_are_told_apart(play: Play) -> None:
    for number in range(1, 5):
        play.accepted(f"WEST-000{number}")
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("chair", triage.defer_case, WEST, "WEST-0002", "The assessment is under way.")
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0003", "The family has moved.")
    play.does("chair", interests.declare_interest, WEST, "WEST-0002", "UMATRON")
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    found = minuted(play, "chair")
    first = int(found[0][0])
    assert found == [
        (str(first), "WEST-0001", False, ""),
        (str(first + 1), "WEST-0002", False, "deferred"),
        (str(first + 2), "WEST-0003", False, "withdrawn"),
        (str(first + 3), "WEST-0004", False, ""),
    ]
    assert "WEST-0002" not in [title for _, title, *_ in minuted(play, "matron")]


def test_what_was_signposted_sent_on_or_heard_sooner_after_publication_is_in_the_minutes(play: Play) -> None:
    ids = [play.accepted(f"WEST-000{number}") for number in range(1, 5)]
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("chair", triage.triage_flag, ids[0], triage.Verdict.SIGNPOST, "Early help works with the family.")
    play.does("chair", triage.change_panel, ids[1], "shire-met", "Two districts are touched.")
    at = datetime.combine(date(2026, 3, 18), time(10))
    play.does("chair", sooner.hear_now, ids[2], starts_at=at, reason="Missing since Friday.")
    play.at(3, 18, 10)
    play.holds({"WEST-0003": DecisionForm(DecisionKind.STEP_DOWN, "He is safe.")})
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    found = minuted(play, "chair")
    first = int(found[0][0])
    assert found == [
        (str(first), "WEST-0001", False, "signposted"),
        (str(first + 1), "WEST-0002", False, "signposted"),
        (str(first + 2), "WEST-0003", False, "moved"),
        (str(first + 3), "WEST-0004", False, ""),
    ]


@pytest.mark.parametrize("deferred", [("WEST-0001",), ("WEST-0003",), ("WEST-0001", "WEST-0002", "WEST-0003")])
def test_items_are_printed_in_the_order_of_their_numbers(play: Play, deferred: tuple[str, ...]) -> None:
    for number in (1, 2, 3):
        play.accepted(f"WEST-000{number}")
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    for reference in deferred:
        play.does("chair", triage.defer_case, WEST, reference, "The assessment is under way.")
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:
        facts, _ = facts_for(work, actor(work, "chair"), work.session.get_one(Minutes, 1))
    assert [one.number for one in facts.items] == [str(number) for number in range(1, len(facts.items) + 1)]
    assert [one.title for one in facts.items if one.outcome] == list(deferred)


def _pack(work: Work, who: str, minutes_id: int) -> File:
    reader = actor(work, who)
    return pack_document(work, reader, minutes_id, reader.agency_id)


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda work, who, _: summary_document(work, actor(work, who), 1),
        lambda work, who, minutes_id: minutes_document(work, actor(work, who), minutes_id),
        _pack,
    ],
    ids=["summary", "minutes", "pack"],
)
def test_a_slip_to_the_minutes_as_a_whole_is_printed_once_beside_items_that_were_not_heard(
    play: Play, make: Callable[[Work, str, int], File]
) -> None:
    approve_with_two_not_heard(play)
    slip_id = play.does("nurse", amending.write_slip, 1, None, "The matron came at two.", "It was misheard.").id
    play.does("chair", amending.decide_slip, slip_id, approved=True)
    with play.store.work() as work:
        file = make(work, "nurse", 1)
    said = [line for line in texts(file.write()) if "The matron came at two." in line]
    assert said == [
        "Amendment 1, 24 March 2026, written by Nurse, approved by Chair. The matron came at two. "
        "Reason: It was misheard."
    ]


def test_an_item_counts_as_not_reached_only_if_the_meeting_never_came_to_it(play: Play) -> None:
    for number in range(1, 5):
        play.accepted(f"WEST-000{number}")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.goes_to("WEST-0002")
    play.does("chair", discussion.next_item, WEST, leave=Leaving.SKIPPED)  # and comes to WEST-0003
    play.does("chair", discussion.next_item, WEST, leave=Leaving.LATER)
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:
        (minutes,) = work.find_all(Minutes)
        facts, _ = facts_for(work, actor(work, "minutetaker"), minutes)
    notes = {one["title"]: one["note"] for one in minutes_fields(facts)["items"]}
    assert {title: note for title, note in notes.items() if title.startswith("WEST")} == {
        "WEST-0001": "Heard; nothing was noted.",
        "WEST-0002": "This item was not reached.",  # it was skipped, which says so
        "WEST-0003": "This item was not reached.",  # it was put off, and nobody came back to it
        "WEST-0004": "Heard; nothing was noted.",
    }


def said_under(play: Play, who: str, title: str) -> tuple[str, list[str]]:
    """Return the note and the discussion that the latest minutes print under a heading, for one reader."""
    with play.store.work() as work:
        minutes = work.find_all(Minutes, by=[col(Minutes.id).desc()])[0]
        facts, _ = facts_for(work, actor(work, who), minutes)
    (item,) = [one for one in minutes_fields(facts)["items"] if one["title"] == title]
    return item["note"], item["discussion"]


def test_the_heading_for_the_county_says_what_was_escalated_to_those_who_may_read_it(play: Play) -> None:
    for number in (1, 2, 3):
        play.accepted(f"WEST-000{number}")
    play.at(3, 24, 14)
    play.opens()
    for number in (1, 2):
        play.goes_to(f"WEST-000{number}")
        play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.ESCALATE, "It crosses the county line."))
    play.goes_to("For the county meeting")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    play.does("chair", closed_items.close_item, WEST, "WEST-0002", "Need to know.")
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:
        (minutes,) = work.find_all(Minutes)
        facts, _ = facts_for(work, actor(work, "chair"), minutes)
    first, second = (one.number for one in facts.items if one.title in ("WEST-0001", "WEST-0002"))
    title = "For the county meeting"
    assert said_under(play, "chair", title) == (
        "",
        [f"Escalated at this meeting: item {first}, WEST-0001; item {second}, WEST-0002 (closed item)."],
    )
    assert said_under(play, "constable", title) == ("", [f"Escalated at this meeting: item {first}, WEST-0001."])
    assert said_under(play, "nurse", title) == ("Heard; nothing was noted.", [])
