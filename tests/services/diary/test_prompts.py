"""Prompts about a meeting's deadlines come while there is time to act on them."""

from datetime import date

import pytest
from sqlmodel import col

from bot.models.outbox import OutboxRow
from bot.models.vocabulary import PromptKind
from bot.services.diary import prompts
from bot.slack.diary import views as diary_views
from tests.services.conftest import Play, unseen

pytestmark = pytest.mark.databases("sqlite")


def told(play: Play, who: str) -> list[tuple[str, str]]:
    """Return the prompts that a person was told of: the kind and its deadline."""
    with play.store.reading() as work:
        rows = work.find_all(OutboxRow, col(OutboxRow.kind) == "prompt", by=[col(OutboxRow.id)])
        mine = (row.payload for row in rows if row.payload["person_id"] == play.county.person[who])
        return [(facts["prompt"], facts["deadline_on"]) for facts in mine]


def test_agencies_are_told_a_working_day_ahead_that_flags_close_and_once(play: Play) -> None:
    play.at(3, 6)  # a Friday; flags to the meeting of 24 March close on Tuesday the 10th
    play.ticks(prompts.PROMPTS)
    assert told(play, "nurse") == [("flags_open", "2026-03-03")]
    for day in (9, 10):
        play.at(3, day)
        play.ticks(prompts.PROMPTS)
        assert told(play, "nurse")[1:] == [("flags_close", "2026-03-10")]


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (9, "Tue 10 Mar 2026 is the last day to flag cases to West Operational MET on Tue 24 Mar 2026, 14:00."),
        (10, "Today is the last day to flag cases to West Operational MET on Tue 24 Mar 2026, 14:00."),
    ],
)
def test_the_prompt_names_the_last_day_to_flag(play: Play, on: int, words: str) -> None:
    play.at(3, on)
    meeting_id = play.county.west_meetings[0]
    found = play.does("nurse", prompts.compose_prompt, meeting_id, PromptKind.FLAGS_CLOSE, date(2026, 3, 10))
    assert found is not None
    assert diary_views.prompt(found)[0] == f"{words} Later flags need the chair's agreement."


def test_a_prompt_is_only_for_who_sees_the_diary(play: Play) -> None:
    asked = (play.county.west_meetings[0], PromptKind.FLAGS_CLOSE, date(2026, 3, 10))
    assert play.refused("outsider", prompts.compose_prompt, *asked) == unseen("that meeting")


def test_a_prompt_counts_cases_only_for_who_reads_them_and_offers_triage_only_to_the_chair(play: Play) -> None:
    play.flags("WEST-0001")
    asked = (play.county.west_meetings[0], PromptKind.FLAGS_CLOSE, date(2026, 3, 10))
    found = {who: play.does(who, prompts.compose_prompt, *asked) for who in ("chair", "coordinator", "observer")}
    assert {who: one and (one.waiting, one.may_triage) for who, one in found.items()} == {
        "chair": (1, True),
        "coordinator": (1, False),
        "observer": (0, False),
    }


def test_the_prompt_for_minutes_is_only_for_who_reads_them_and_offers_a_draft_only_to_who_writes_them(
    play: Play,
) -> None:
    play.at(3, 24, 14)
    play.holds({})
    play.at(3, 25)
    members = ("chair", "coordinator", "minutetaker", "nurse", "observer")
    asked = (play.county.west_meetings[0], PromptKind.SUMMARY, date(2026, 3, 25))
    found = {who: play.does(who, prompts.compose_prompt, *asked) for who in members}
    assert {who: one and one.may_draft for who, one in found.items()} == {
        "chair": True,
        "coordinator": True,
        "minutetaker": True,
        "nurse": False,
        "observer": None,
    }
