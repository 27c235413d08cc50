"""Decisions and actions of a meeting: for each reader what they may see, without what was discussed."""

from collections.abc import Callable

import pytest
from sqlmodel import col

from bot.documents.papers import File
from bot.domain.language.day_words import YearDay
from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.services.actions.changes import add_action
from bot.services.diary import prompts
from bot.services.meeting import discussion
from bot.services.meeting.opening import close_meeting
from bot.services.minutes import approving, papers, summary
from bot.store.rows import id_of
from bot.store.unit_of_work import Work
from tests.county import WEST, actor, user_id
from tests.documents.word_files import texts
from tests.services.conftest import NO_PANEL, Play, unseen
from tests.services.minutes.heard import SAID, hear

pytestmark = pytest.mark.slow  # papers are written by a process of their own


@pytest.fixture
def heard(play: Play) -> Play:
    hear(play)
    return play


def file_for(play: Play, who: str, make: Callable[..., File], *given: object) -> File:
    """Return a paper as it is made for a person when it is sent to them."""
    with play.store.work() as work:
        return make(work, actor(work, who), *given)


def summed_up(play: Play, who: str) -> list[str]:
    return texts(file_for(play, who, summary.summary_document, play.county.west_meetings[0]).write())


def told_of(lines: list[str]) -> set[str]:
    """Return the children whose words are there."""
    everything = " ".join(lines)
    return {reference for reference, word in SAID.items() if reference in everything or word in everything}


def test_the_record_is_summed_up_before_there_are_minutes(heard: Play) -> None:
    lines = summed_up(heard, "chair")
    assert lines[:6] == [
        "West Operational MET: decisions and actions",
        "From the record of the meeting. Its minutes are not approved yet.",
        "When\tTuesday 24 March 2026, 14:00 to 16:00",
        "Where\tCivic Centre",
        "Chair\tChair",
        "In short\t3 cases heard, 3 decisions and 3 actions.",
    ]
    of_one = lines[lines.index("Item 5: WEST-0001") :][:4]
    assert of_one == [
        "Item 5: WEST-0001",
        "Retain and review by 21 April 2026.",
        "Actions",
        "1.\tLook at Alderaction. Health, Nurse, by 2 Apr 2026.",
    ]
    for word in ("judgement", "ask.", "shared", "discussed", "rationale"):
        assert not any(f"{name}{word}" in line for name in SAID.values() for line in lines)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("chair", {"WEST-0001", "WEST-0002", "WEST-0666"}),
        ("socialworker", {"WEST-0001", "WEST-0002", "WEST-0666"}),
        ("coordinator", {"WEST-0001", "WEST-0002"}),
        ("nurse", {"WEST-0001", "WEST-0002"}),
        ("matron", {"WEST-0002"}),
    ],
)
@pytest.mark.parametrize("is_approved", [False, True])
def test_each_reader_gets_what_they_may_see(heard: Play, who: str, sees: set[str], is_approved: bool) -> None:
    if is_approved:
        heard.does("coordinator", papers.draft_minutes, WEST)
        heard.does("chair", approving.approve_minutes, WEST)
    lines = summed_up(heard, who)
    assert (told_of(lines), lines[5]) == (
        sees,
        f"In short\t{len(sees)} case{'' if len(sees) == 1 else 's'} heard, "
        f"{len(sees)} decision{'' if len(sees) == 1 else 's'} and {len(sees)} action{'' if len(sees) == 1 else 's'}.",
    )
    assert lines[1].startswith("From the approved minutes, version 1." if is_approved else "From the record")


def test_a_closed_item_is_marked_for_its_readers_before_approval_and_after_it(heard: Play) -> None:
    marked = ["Item 7: WEST-0666 (closed item)"]
    assert [line for line in summed_up(heard, "chair") if "(closed item)" in line] == marked
    heard.does("coordinator", papers.draft_minutes, WEST)
    heard.does("chair", approving.approve_minutes, WEST)
    assert [line for line in summed_up(heard, "chair") if "(closed item)" in line] == marked
    minutes = texts(file_for(heard, "socialworker", papers.minutes_document, 1).write())
    assert [line for line in minutes if "(closed item)" in line] == marked


def test_an_action_put_right_since_the_draft_is_summed_up_as_it_is_until_approval(heard: Play) -> None:
    heard.does("coordinator", papers.draft_minutes, WEST)
    with heard.store.work() as work:
        meeting = work.session.get_one(Meeting, heard.county.west_meetings[0])
        meeting.venue = "Town Hall"
    assert "Where\tTown Hall" in summed_up(heard, "nurse")
    heard.does("chair", approving.approve_minutes, WEST)
    assert "Where\tCivic Centre" in summed_up(heard, "nurse")


@pytest.mark.parametrize("is_approved", [False, True])
def test_a_case_that_was_discussed_without_a_decision_is_summed_up_as_heard(play: Play, is_approved: bool) -> None:
    for number in (1, 2, 3):
        play.accepted(f"WEST-000{number}")
    play.compiles()
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("chair", discussion.add_note, WEST, "Health: seen twice.")
    play.goes_to("WEST-0002")
    play.does("chair", add_action, WEST, holder_user_id=user_id("nurse"), text="ring the school", due="2 April")
    play.does("chair", close_meeting, WEST)
    if is_approved:
        play.does("coordinator", papers.draft_minutes, WEST)
        play.does("chair", approving.approve_minutes, WEST)
    lines = summed_up(play, "nurse")
    assert lines[5] == "In short\t2 cases heard, no decisions and 1 action."
    assert [lines[lines.index(f"Item {5 + at}: WEST-000{1 + at}") + 1] for at in range(3)] == [
        "No decision was reached.",
        "No decision was reached.",
        "This item was not reached.",
    ]


@pytest.mark.parametrize("who", ["observer", "outsider", "administrator", "countychair"])
def test_who_reads_no_minutes_gets_none(heard: Play, who: str) -> None:
    meeting_id = heard.county.west_meetings[0]
    said = "observers can't read minutes" if who == "observer" else "isn't for you"
    assert said in heard.refused(who, summary.export_summary, WEST, request_key="a")
    assert "isn't for you" in heard.refused(who, summary.send_summary, meeting_id, request_key="a")
    assert "isn't for you" in heard.refused(who, summary.summary_document, meeting_id)


def test_a_meeting_that_is_not_over_has_no_summary(heard: Play) -> None:
    coming = heard.county.west_meetings[1]
    assert "isn't for you" in heard.refused("chair", summary.send_summary, coming, request_key="a")
    said = heard.refused("chair", summary.export_summary, WEST, request_key="a", on=YearDay(4, 21))
    assert said == "West Operational MET held no meeting on 21 April. The nearest was on 24 March 2026."


def test_members_who_read_minutes_hear_of_it_once_on_the_definitions_day(heard: Play) -> None:
    heard.at(3, 24, 16)
    heard.ticks(prompts.PROMPTS)
    assert heard.sent("prompt") == []
    heard.at(3, 25)
    for _ in range(2):
        heard.ticks(prompts.PROMPTS)
    readers = {"chair", "vicechair", "coordinator", "minutetaker", "socialworker", "nurse", "midwife", "matron"}
    assert sorted(heard.sent("prompt")) == sorted(("prompt", who) for who in readers | {"constable"})


def test_what_they_hear_says_who_may_draft(heard: Play) -> None:
    heard.at(3, 25)

    def composed(who: str) -> bool:
        with heard.store.work() as work:
            heard_of = prompts.compose_prompt(
                work, actor(work, who), heard.county.west_meetings[0], prompts.PromptKind.SUMMARY, work.now.date()
            )
            assert heard_of is not None
            return heard_of.may_draft

    assert {who: composed(who) for who in ("chair", "coordinator", "nurse")} == {
        "chair": True,
        "coordinator": True,
        "nurse": False,
    }
    heard.does("coordinator", papers.draft_minutes, WEST)
    assert not composed("coordinator")


def test_one_request_sends_one_file_to_the_one_who_asked(heard: Play) -> None:
    for key in ("a", "a", "b"):
        heard.does("nurse", summary.export_summary, WEST, request_key=key)
    assert heard.sent("summary_file") == [("summary_file", "nurse")] * 2
    assert heard.audited("export") == [("summary", heard.county.west_meetings[0], "nurse")] * 3
    with heard.store.reading() as work:
        assert payloads(work) == [{"meeting_id": 1, "person_id": heard.county.person["nurse"]}] * 2


def payloads(work: Work) -> list[dict[str, object]]:
    rows = work.find_all(OutboxRow, col(OutboxRow.kind) == "summary_file", by=[col(OutboxRow.id)])
    return [dict(row.payload) for row in rows if id_of(row)]


@pytest.mark.databases("sqlite")
def test_only_who_reads_minutes_asks_for_decisions_and_actions(heard: Play) -> None:
    assert heard.refused("outsider", summary.export_summary, WEST, request_key="a") == NO_PANEL
    assert heard.refused("observer", summary.export_summary, WEST, request_key="a") == (
        "On West Operational MET, observers can't read minutes."
    )
    for who in ("observer", "outsider"):
        refusal = heard.refused(who, summary.send_summary, heard.county.west_meetings[0], request_key="a")
        assert refusal == unseen("that meeting")
    assert heard.sent("summary_file") == []
