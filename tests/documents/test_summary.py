"""Decisions and actions of a meeting as people read them, and nothing of what was discussed."""

import pytest

from bot.documents.summary import render_summary
from tests.documents.example_meeting import EMPTY_SUMMARY, SUMMARY
from tests.documents.word_files import audit, opened, texts


@pytest.fixture(scope="module")
def full() -> bytes:
    return render_summary(SUMMARY)


def test_decisions_and_actions_are_printed_item_by_item_without_their_reasons(full: bytes) -> None:
    assert texts(full) == [
        "Example District Operational MET: decisions and actions",
        "From the record of the meeting. Its minutes are not approved yet.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tExample House, room 2",
        "Chair\tSam Sample",
        "In short\t2 cases heard, 2 decisions and 1 action.",
        "Decisions",
        "Item 2: SAMPLE-0001",
        "Retain and review by 12 January 2027.",
        "NRM referral, due 22 December 2026.",
        "Actions",
        "8.\tDisruption: Share the station plan with every agency. Example Police, Sam Sample, by 22 Dec 2026.",
        "Item 3: SAMPLE-0002",
        "No decision was reached.",
        "Item 4: SAMPLE-0003",
        "This item was not reached.",
        "Actions from this meeting",
        "| No. | Action | Agency and holder | Due | State |",
        "| 8 | SAMPLE-0001: Disruption: Share the station plan with every agency. | Example Police, Sam Sample | "
        "22 Dec 2026 | Open |",
        "Next meeting",
        "Tuesday 12 January 2027, 14:00, Example House.",
        "Confidentiality",
        "What is shared here is shared to protect children.",
        "By staying you agree to keep it safe.",
    ]


def test_a_meeting_that_decided_nothing_says_so() -> None:
    assert texts(render_summary(EMPTY_SUMMARY)) == [
        "Example District Operational MET: decisions and actions",
        "From the approved minutes, version 2.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tVenue to be confirmed",
        "Chair\tSam Sample",
        "In short\tNo cases heard, no decisions and no actions.",
        "Decisions",
        "No case was heard, and nothing was decided.",
        "Actions from this meeting",
        "No actions were agreed.",
        "Next meeting",
        "No date has been set.",
        "Confidentiality",
        "What is shared here is shared to protect children.",
        "By staying you agree to keep it safe.",
    ]


def test_it_is_a_draft_until_the_minutes_are_approved(full: bytes) -> None:
    heads = [
        opened(document).sections[0].header.paragraphs[0].text for document in (full, render_summary(EMPTY_SUMMARY))
    ]
    assert heads == ["OFFICIAL-SENSITIVE\tDRAFT", "OFFICIAL-SENSITIVE\t"]


def test_it_is_a_sound_word_file_and_the_same_facts_give_the_same_bytes(full: bytes) -> None:
    assert (audit(full), render_summary(SUMMARY)) == ([], full)
