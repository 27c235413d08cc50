"""One child's part of the minutes as it goes into that child's file."""

import pytest

from bot.documents.extract import render_extract
from tests.documents.example_meeting import EXTRACT
from tests.documents.word_files import audit, opened, texts


@pytest.fixture(scope="module")
def both() -> bytes:
    return render_extract(EXTRACT)


def test_each_meeting_that_heard_the_child_is_printed_in_order(both: bytes) -> None:
    assert texts(both) == [
        "Example District Operational MET: extract for SAMPLE-0001",
        "Made on 14 January 2027 for Alex Sample, Example Children's Social Care, from the minutes of 2 meetings; "
        "those of 12 January 2027 are not approved yet.",
        "This extract is about one child. Items about other children, people and places are left out, and references "
        "of other children read “[another child]”. If you give it to others, read it first for names of people and "
        "places.",
        "Tuesday 8 December 2026, 14:00 to 16:00",
        "Source\tMinutes, version 2, approved on 16 December 2026.",
        "Where\tExample House, room 2",
        "Chair\tSam Sample",
        "Agencies present\tExample Police and Example School",
        "Item 2: SAMPLE-0001",
        "Flagged by\tExample Children's Social Care (late flag)",
        "Purpose\tReview",
        "Age band\t14 to 15",
        "Legal status\tChild in need",
        "Lead professional\tExample Children's Social Care, social worker",
        "Risk level\tMedium (by CERAF, score 12) before, high after discussion",
        "Assessed\t20 August 2026 – STALE",
        "Themes\tMissing and county lines",
        "Missing\t3 missing episodes; 2 return interviews offered, 1 within 72 hours",
        "Earlier decisions\t8 September 2026: retain and review.",
        "Judgement\tAdults are using the child's need for money; the score does not show how fast this is moving.",
        "The child’s voice\tThe child told a youth worker that the older boys are the only ones who listen.",
        "Further facts\tEducation: on a part-time timetable.",
        "Asked of panel\tAgree one disruption plan for the railway station.",
        "What agencies shared",
        "Example Police: Two reports near the railway station.",
        "Discussion",
        "Agencies agreed that the pattern has changed since the summer.",
        "What may happen",
        "The child may be moved to another town again.",
        "What raises the risk",
        "Older peers who wait at the station.",
        "What protects",
        "An aunt the child trusts.",
        "The child's view",
        "The child says that the group are friends. And wants to stay at the same school.",
        "The risk after the discussion",
        "Assessed on 20 November 2026. The pattern grows faster than the score shows.",
        "Decision: Retain and review by 12 January 2027.",
        "Rationale: The pattern is new and no agency sees all of it.",
        "Decision: NRM referral, due 22 December 2026.",
        "Rationale: The child was moved to sell drugs.",
        "Dissent, Example School: Would have closed the case.",
        "Actions",
        "8.\tDisruption: Share the station plan with every agency. Example Police, Sam Sample, by 22 Dec 2026.",
        "Earlier actions",
        "| No. | Action | Agency and holder | Due | State |",
        "| 7 | SAMPLE-0001: Offer a return interview at a place that the child chooses. | "
        "Example Voluntary Service, Robin Sample | 1 Dec 2026 | In progress |",
        "Tuesday 12 January 2027, 14:00 to 16:00",
        "Source\tMinutes, version 1, a draft that is not approved yet.",
        "Where\tVenue to be confirmed",
        "Chair\tKim Sample (vice-chair)",
        "Agencies present\tNot recorded",
        "Item 2: SAMPLE-0001",
        "Flagged by\tExample Police",
        "Age band\tUnder 11",
        "Legal status\tNot open to social care",
        "Risk level\tNot assessed yet",
        "Assessed\tNot assessed; due 22 December 2026",
        "Themes\tNone named",
        "Missing\tNo missing episodes",
        "Decision: Close (moved).",
        "Rationale: The family moved.",
        "Confidentiality",
        "What is shared here is shared to protect children.",
        "By staying you agree to keep it safe.",
    ]


def test_a_draft_among_them_marks_every_page(both: bytes) -> None:
    approved = render_extract(EXTRACT.model_copy(update={"hearings": EXTRACT.hearings[:1]}))
    heads = [opened(document).sections[0].header.paragraphs[0].text for document in (both, approved)]
    assert heads == ["OFFICIAL-SENSITIVE\tDRAFT", "OFFICIAL-SENSITIVE\t"]


def test_no_property_of_the_file_names_the_child(both: bytes) -> None:
    core = opened(both).core_properties
    assert (core.title, core.subject) == (
        "Extract from minutes: Example District Operational MET",
        "OFFICIAL-SENSITIVE",
    )


def test_it_is_a_sound_word_file(both: bytes) -> None:
    assert audit(both) == []
