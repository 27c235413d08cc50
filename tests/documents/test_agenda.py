"""The agenda as it goes out."""

from bot.documents.agenda import agenda_fields, render_agenda
from tests.documents.example_meeting import AGENDA, EMPTY_AGENDA
from tests.documents.word_files import audit, opened, texts


def test_the_order_of_business_and_the_children_are_printed() -> None:
    made = render_agenda(AGENDA)
    assert audit(made) == []
    assert texts(made) == [
        "Example District Operational MET: agenda",
        "Draft, not yet published.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tExample House, room 2",
        "Chair\tSam Sample",
        "Business\t1 child to be discussed. 10 minutes.",
        "Please say by Friday 4 December 2026 what your agency will bring to each case.",
        "Order of business",
        "| Item | Starts | Business | Led by | Time |",
        "| 1 | 14:00 | Welcome |  | 5 min |",
        "| 2 | 14:05 | Reviews: SAMPLE-0001 (urgent, late flag) | Alex Sample | 5 min |",
        "Matters arising: outstanding actions",
        "| No. | Action | Agency and holder | Due | State |",
        "| 7 | SAMPLE-0001: Offer a return interview at a place that the child chooses. | "
        "Example Voluntary Service, Robin Sample | 1 Dec 2026 | In progress |",
        "Children to be discussed",
        "Item 2: SAMPLE-0001",
        "Flagged by\tExample Children's Social Care",
        "Purpose\tReview",
        "Age band\t14 to 15",
        "Legal status\tChild in need",
        "Lead professional\tExample Children's Social Care, social worker",
        "Risk level\tMedium (by CERAF, score 12)",
        "Assessed\t20 August 2026 – STALE",
        "Themes\tMissing and county lines",
        "Missing\t3 missing episodes; 2 return interviews offered, 1 within 72 hours",
        "Earlier decisions\t8 September 2026: retain and review.",
        "Judgement\tAdults are using the child's need for money; the score does not show how fast this is moving.",
        "The child’s voice\tThe child told a youth worker that the older boys are the only ones who listen.",
        "Further facts\tEducation: on a part-time timetable.",
        "Asked of panel\tAgree one disruption plan for the railway station.",
        "Confidentiality",
        "What is shared here is shared to protect children.",
        "By staying you agree to keep it safe.",
    ]


def test_an_agenda_without_items_reads_well() -> None:
    made = render_agenda(EMPTY_AGENDA)
    assert audit(made) == []
    assert texts(made)[1:11] == [
        "Version 1, 1 December 2026.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tVenue to be confirmed",
        "Chair\tSam Sample",
        "Business\tNo children to be discussed. No minutes.",
        "Order of business",
        "Nothing is on the agenda yet.",
        "Matters arising: outstanding actions",
        "No actions are outstanding.",
        "Children to be discussed",
    ]


def test_draft_stands_in_the_header_until_it_is_published() -> None:
    headers = [opened(render_agenda(facts)).sections[0].header.paragraphs[0].text for facts in (AGENDA, EMPTY_AGENDA)]
    assert headers == ["OFFICIAL-SENSITIVE\tDRAFT", "OFFICIAL-SENSITIVE\t"]


def test_hours_are_counted_in_words() -> None:
    long = AGENDA.model_copy(update={"items": tuple(item.model_copy(update={"minutes": 61}) for item in AGENDA.items)})
    assert agenda_fields(long)["agenda"]["length"] == "2 hours 2 minutes."


def test_where_a_case_comes_from_its_references_and_what_other_agencies_say_are_printed() -> None:
    item = AGENDA.items[1]
    assert item.case is not None
    case = item.case.model_copy(
        update={
            "is_closed_item": True,
            "origin": (
                "escalated by Example Panel on 8 September 2026",
                "sent on because: They moved.",
            ),
            "also": ("SAMPLE-0020",),
            "concerns": ("Example Police: CERAF: high. Judgement: Seen at night.", "Example Health Trust: CERAF: low."),
        }
    )
    made = render_agenda(AGENDA.model_copy(update={"items": (item.model_copy(update={"case": case}),)}))
    assert audit(made) == []
    words = texts(made)
    first, last = words.index("Flagged by\tExample Children's Social Care"), words.index("Confidentiality")
    assert words[first + 1 : first + 3] == [
        "Comes from\tEscalated by Example Panel on 8 September 2026. Sent on because: They moved.",
        "Other references\tSAMPLE-0020",
    ]
    assert words[last - 2 : last] == [
        "Also flagged by\tExample Police: CERAF: high. Judgement: Seen at night.",
        "Also flagged by\tExample Health Trust: CERAF: low.",
    ]
    assert "SAMPLE-0001 (urgent, late flag, closed item)" in "\n".join(words)
