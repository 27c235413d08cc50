"""An agency's pack and a closed annex as people read them."""

from bot.documents.agency_pack import render_pack
from bot.documents.minutes import render_minutes
from tests.documents.example_meeting import MINUTES, PACK
from tests.documents.word_files import audit, opened, texts


def test_an_agencys_actions_come_before_what_was_said() -> None:
    made = render_pack(PACK)
    lines = texts(made)
    assert lines[:15] == [
        "Example District Operational MET: pack for Example Police",
        "Approved by Sam Sample on 16 December 2026, version 2.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tExample House, room 2",
        "Chair\tSam Sample",
        "Your actions\t1 action from this meeting, 1 action from before it.",
        "Your actions from this meeting",
        "| No. | Action | Agency and holder | Due | State |",
        "| 8 | SAMPLE-0001: Disruption: Share the station plan with every agency. | Example Police, Sam Sample | "
        "22 Dec 2026 | Open |",
        "Your earlier actions",
        "| No. | Action | Agency and holder | Due | State |",
        "| 7 | SAMPLE-0001: Offer a return interview at a place that the child chooses. | Example Police, Robin Sample "
        "| 1 Dec 2026 | In progress |",
        "Discussion and decisions",
        "Item 1: Welcome",
        "Discussion",
    ]
    assert lines[lines.index("Decision: Retain and review by 12 January 2027.") + 1] == (
        "Rationale: The pattern is new and no agency sees all of it."
    )
    assert audit(made) == []


def test_an_agency_without_actions_reads_so() -> None:
    lines = texts(render_pack(PACK.model_copy(update={"actions": (), "earlier": (), "items": ()})))
    assert lines[5:12] == [
        "Your actions\tNo actions from this meeting, no actions from before it.",
        "Your actions from this meeting",
        "Your agency was given no actions.",
        "Your earlier actions",
        "Your agency owes no earlier actions.",
        "Discussion and decisions",
        "No items were discussed.",
    ]


def test_an_annex_has_the_items_that_it_is_given_and_nothing_of_the_meeting() -> None:
    made = render_minutes(MINUTES.model_copy(update={"items": MINUTES.items[1:2]}), template_name="annex.docx")
    lines = texts(made)
    assert lines[:12] == [
        "Example District Operational MET: closed annex",
        "Draft, version 2. Not yet approved by the chair.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tExample House, room 2",
        "Chair\tSam Sample",
        "This annex is for named readers of these items only. It goes with the minutes of the meeting and is kept "
        "apart from them.",
        "Matters arising: outstanding actions",
        "| No. | Action | Agency and holder | Due | State |",
        "| 7 | SAMPLE-0001: Offer a return interview at a place that the child chooses. | "
        "Example Voluntary Service, Robin Sample | 1 Dec 2026 | In progress |",
        "Discussion and decisions",
        "Reviews",
        "Item 2: SAMPLE-0001",
    ]
    assert not any("Jo Sample" in line or "Welcome" in line for line in lines)
    assert audit(made) == []
    assert opened(made).sections[0].header.paragraphs[0].text == "OFFICIAL-SENSITIVE\tDRAFT"
