"""The minutes as a person reads them, and as assistive technology does."""

import json
import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from docx.oxml.ns import qn

from bot.documents.meeting_facts import ActionFacts, action_fields
from bot.documents.minutes import (
    Attendee,
    ItemFacts,
    MinutesFacts,
    by_agency,
    item_fields,
    minutes_fields,
    render_minutes,
)
from bot.models.vocabulary import ActionKind, DecisionKind
from tests.documents.example_meeting import EMPTY_MINUTES, MINUTES
from tests.documents.word_files import audit, opened, part, texts


@pytest.fixture(scope="module")
def full() -> bytes:
    return render_minutes(MINUTES)


@pytest.fixture(scope="module")
def empty() -> bytes:
    return render_minutes(EMPTY_MINUTES)


def test_everything_that_was_recorded_is_printed_in_order(full: bytes) -> None:
    assert texts(full) == [
        "Example District Operational MET: minutes",
        "Draft, version 2. Not yet approved by the chair.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tExample House, room 2",
        "Chair\tSam Sample",
        "Held\tOpened at 14:02, closed at 15:47.",
        "Confidentiality",
        "What is shared here is shared to protect children.",
        "By staying you agree to keep it safe.",
        "Alex Sample and Sam Sample acknowledged this statement. It is not recorded that Kim Sample did.",
        "Amendments since approval",
        "Amendment 2-1, 18 December 2026, written by Esme Fairbrother, approved by Rhys Calloway. "
        "Item 2, SAMPLE-0001: the police report was of 3 December. Reason: The date was misheard.",
        "Attendance",
        "Present",
        "| Agency | Who |",
        "| Example Police | Sam Sample (chair) |",
        "Apologies",
        "| Agency | Who | Information sent |",
        "| Example Health Trust | Jo Sample (representative) | "
        "Sent 7 December 2026: School nursing has no new information. |",
        "Absent without apologies",
        "| Agency | Who |",
        "| Example School | Pat Sample (representative) |",
        "In attendance",
        "| Agency | Who |",
        "| Example Children's Social Care | Alex Sample (presenter) |",
        "Observers",
        "| Agency | Who |",
        "| Example Council | Kim Sample (observer) |",
        "Quorum and interests",
        "Not quorate (health was not there).",
        "Kim Sample stepped back from item 2.",
        "Minutes of the last meeting",
        "The minutes of 10 November 2026 were agreed as accurate.",
        "Matters arising: outstanding actions",
        "| No. | Action | Agency and holder | Due | State |",
        "| 7 | SAMPLE-0001: Offer a return interview at a place that the child chooses. | "
        "Example Voluntary Service, Robin Sample | 1 Dec 2026 | In progress |",
        "Discussion and decisions",
        "Item 1: Welcome",
        "Discussion",
        "The statement was read.",
        "Reviews",
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
        "Kim Sample stepped back from this item.",
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
        "Item 3: Close",
        "This item was not reached.",
        "Actions from this meeting",
        "1 action agreed.",
        "| No. | Action | Agency and holder | Due | State |",
        "| 8 | SAMPLE-0001: Disruption: Share the station plan with every agency. | Example Police, Sam Sample | "
        "22 Dec 2026 | Open |",
        "Next meeting",
        "Tuesday 12 January 2027, 14:00, Example House.",
        "Circulation",
        "Once they are approved, these minutes are for the people below, each as they may see them.",
        "| Agency | Who |",
        "| Example Police | Sam Sample (chair) |",
        "| Example Health Trust | Jo Sample |",
        "Signed as a true record",
        f"Chair\t{'_' * 34}",
        f"Date\t{'_' * 34}",
    ]


def test_what_did_not_happen_reads_well(empty: bytes) -> None:
    assert texts(empty) == [
        "Example District Operational MET: minutes",
        "Approved, version 1.",
        "When\tTuesday 8 December 2026, 14:00 to 16:00",
        "Where\tVenue to be confirmed",
        "Chair\tSam Sample",
        "Confidentiality",
        "What is shared here is shared to protect children.",
        "By staying you agree to keep it safe.",
        "Attendance",
        "Present",
        "Nobody was present.",
        "Apologies",
        "Nobody sent apologies.",
        "Quorum and interests",
        "The meeting was quorate.",
        "No conflict of interest was declared.",
        "Minutes of the last meeting",
        "The minutes of the last meeting were not discussed.",
        "Matters arising: outstanding actions",
        "No actions were outstanding.",
        "Discussion and decisions",
        "Item 1: Close",
        "Heard; nothing was noted.",
        "Reviews",
        "Item 2: SAMPLE-0002",
        "Flagged by\tExample Police",
        "Age band\tUnder 11",
        "Legal status\tNot open to social care",
        "Risk level\tNot assessed yet",
        "Assessed\tNot assessed; due 22 December 2026",
        "Themes\tNone named",
        "Missing\tNo missing episodes",
        "Decision: Close (moved).",
        "Rationale: The family moved.",
        "Actions from this meeting",
        "No actions agreed.",
        "Next meeting",
        "No date has been set.",
        "Signed as a true record",
        f"Chair\t{'_' * 34}",
        f"Date\t{'_' * 34}",
    ]


def test_both_are_sound_word_files(full: bytes, empty: bytes) -> None:
    assert (audit(full), audit(empty)) == ([], [])


def test_every_page_carries_marking_draft_and_page_of_pages(full: bytes, empty: bytes) -> None:
    pages = []
    for document in (full, empty):
        for section in opened(document).sections:
            head, foot = section.header, section.footer
            codes = [code.text.strip() for code in foot._element.iter(qn("w:instrText"))]
            pages.append(([p.text for p in head.paragraphs], [p.text for p in foot.paragraphs], codes))
            assert section.different_first_page_header_footer is False
    footer = ["Example District Operational MET, Tuesday 8 December 2026, 14:00 to 16:00"]
    footer.append("OFFICIAL-SENSITIVE\tPage 1 of 1")  # 1: what stands there until Word counts
    assert pages == [
        (["OFFICIAL-SENSITIVE\tDRAFT"], footer, ["PAGE", "NUMPAGES"]),
        (["OFFICIAL-SENSITIVE\t"], footer, ["PAGE", "NUMPAGES"]),
    ]


def test_it_is_british_english_a4_arial_12_and_left_aligned(full: bytes) -> None:
    styles = part(full, "word/styles.xml")
    assert set(re.findall(r'<w:lang [^>]*w:val="([^"]+)"', styles)) == {"en-GB"}
    document = opened(full)
    normal, section = document.styles["Normal"], document.sections[0]
    assert (normal.font.name, normal.font.size.pt, normal.paragraph_format.alignment) == ("Arial", 12, None)
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)


def test_the_title_property_names_panel_and_meeting(full: bytes) -> None:
    core = opened(full).core_properties
    assert (core.title, core.subject, core.language, core.created.date()) == (
        "Minutes: Example District Operational MET, Tuesday 8 December 2026, 14:00 to 16:00",
        "OFFICIAL-SENSITIVE",
        "en-GB",
        date(2026, 12, 10),
    )


def test_headings_step_down_one_level_at_a_time(full: bytes) -> None:
    levels = [
        int(paragraph.style.name[-1])
        for paragraph in opened(full).paragraphs
        if paragraph.style.name.startswith("Heading")
    ]
    assert levels[0] == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []


def test_tables_repeat_their_header_row_split_no_row_and_merge_no_cell(full: bytes) -> None:
    tables = list(opened(full).element.body.iter(qn("w:tbl")))
    assert len(tables) == 8
    for table in tables:
        rows = list(table.iter(qn("w:tr")))
        assert [row.find(f".//{qn('w:tblHeader')}") is not None for row in rows] == [True] + [False] * (len(rows) - 1)
        assert all(row.find(f".//{qn('w:cantSplit')}") is not None for row in rows)
        assert list(table.iter(qn("w:gridSpan"), qn("w:vMerge"))) == []
        assert table.find(f".//{qn('w:tblCaption')}") is not None


def test_no_tag_and_no_empty_value_is_left(full: bytes) -> None:
    assert re.findall(r"\{[{%]|[}%]\}|None|Undefined", " ".join(texts(full))) == []


def test_the_same_facts_give_the_same_bytes_and_survive_being_stored(full: bytes) -> None:
    stored = MinutesFacts.model_validate_json(MINUTES.model_dump_json())
    assert (stored, render_minutes(stored)) == (MINUTES, full)


def test_people_of_one_agency_share_a_row() -> None:
    people = (
        Attendee(name="A", agency="Police", role="chair"),
        Attendee(name="B", agency="Health"),
        Attendee(name="C", agency="Police", role="deputy"),
    )
    fields = minutes_fields(MINUTES.model_copy(update={"present": people}))
    assert fields["present"] == [
        {"agency": "Police", "people": "A (chair); C (deputy)", "information": "Nothing sent."},
        {"agency": "Health", "people": "B", "information": "Nothing sent."},
    ]


def test_who_came_late_left_and_accepted_the_statement_is_printed() -> None:
    people = (
        Attendee(name="Sam Sample", agency="Example Police", role="chair", left="15:10"),
        Attendee(name="Jo Sample", agency="Example Police", arrived="14:25"),
    )
    told = {"acknowledged": ("Sam Sample",), "unacknowledged": ("Jo Sample",)}
    facts = MINUTES.model_copy(update={"present": people, **told})
    words = texts(render_minutes(facts))
    assert "| Example Police | Sam Sample (chair, left 15:10); Jo Sample (arrived 14:25) |" in words
    statement = words.index("By staying you agree to keep it safe.")
    said = "Sam Sample acknowledged this statement. It is not recorded that Jo Sample did."
    assert words[statement + 1] == said


def test_what_the_panel_said_of_an_action_stands_beside_its_state() -> None:
    heard = MINUTES.outstanding[0].model_copy(update={"heard": "not done yet", "ended": ""})
    fields = minutes_fields(MINUTES.model_copy(update={"outstanding": (heard,)}))
    assert fields["outstanding"][0]["state"] == f"{heard.state.label.capitalize()}. At this meeting: not done yet"


def test_an_approved_version_says_who_approved_it_and_when() -> None:
    fields = minutes_fields(MINUTES.model_copy(update={"is_draft": False}))
    assert fields["minutes"]["status"] == "Approved by Sam Sample on 16 December 2026, version 2."


@pytest.mark.parametrize(
    ("did", "did_not", "words"),
    [
        ((), (), ""),
        (("A", "B"), (), "Everyone who was there acknowledged this statement."),
        (("A", "B"), ("C", "D"), "A and B acknowledged this statement. It is not recorded that C and D did."),
        ((), ("C", "D"), "It is not recorded that C or D acknowledged this statement."),
    ],
)
def test_it_says_who_acknowledged_the_statement(did: tuple[str, ...], did_not: tuple[str, ...], words: str) -> None:
    fields = minutes_fields(MINUTES.model_copy(update={"acknowledged": did, "unacknowledged": did_not}))
    assert fields["minutes"]["acknowledged"] == words


@pytest.mark.parametrize(
    ("missing", "offered", "done", "words"),
    [
        (0, 0, 0, "No missing episodes"),
        (1, 0, 0, "1 missing episode; no return interviews offered"),
        (1, 1, 0, "1 missing episode; 1 return interview offered, none within 72 hours"),
        (4, 3, 3, "4 missing episodes; 3 return interviews offered, 3 within 72 hours"),
    ],
)
def test_plurals_are_right(missing: int, offered: int, done: int, words: str) -> None:
    item = MINUTES.items[1]
    assert item.case is not None
    counts = {"missing_episodes": missing, "interviews_offered": offered, "interviews_within_72h": done}
    changed = item.model_copy(update={"case": item.case.model_copy(update=counts)})
    (fields,) = minutes_fields(MINUTES.model_copy(update={"items": (changed,)}))["items"]
    assert fields["case"]["missing"] == words


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_every_decision_has_its_sentence(kind: DecisionKind) -> None:
    item = MINUTES.items[1]
    changed = item.model_copy(
        update={"decisions": (item.decisions[0].model_copy(update={"kind": kind, "review_on": None}),)}
    )
    (fields,) = minutes_fields(MINUTES.model_copy(update={"items": (changed,)}))["items"]
    assert [one["made"] for one in fields["decisions"]] == [f"{kind.label[0].upper()}{kind.label[1:]}."]


def test_a_template_from_before_an_item_had_several_decisions_prints_all_of_them() -> None:
    (fields,) = minutes_fields(MINUTES.model_copy(update={"items": MINUTES.items[1:2]}))["items"]
    assert fields["decision"] == {
        "made": "Retain and review by 12 January 2027. NRM referral, due 22 December 2026.",
        "rationale": "The pattern is new and no agency sees all of it. The child was moved to sell drugs.",
        "dissent": [{"agency": "Example School", "text": "Would have closed the case."}],
    }


def test_a_version_from_before_an_item_had_several_decisions_says_the_same_as_then() -> None:
    stored = MINUTES.items[1].model_dump(mode="json")
    first, *_ = stored.pop("decisions")
    stored["decision"] = {
        name: first[name] for name in ("kind", "rationale", "review_on", "close_reason", "risk_before", "risk_after")
    } | {"dissent": stored.pop("dissent")}
    read = ItemFacts.model_validate_json(json.dumps(stored))
    (then, *_) = MINUTES.items[1].decisions
    then = then.model_copy(update={"risk_assessed_on": None, "risk_judgement": ""})  # they were not asked then
    assert read == MINUTES.items[1].model_copy(update={"decisions": (then,)})
    heading = MINUTES.items[0].model_dump(mode="json", exclude={"decisions", "dissent"}) | {"decision": None}
    assert ItemFacts.model_validate_json(json.dumps(heading)) == MINUTES.items[0]


def test_awkward_text_arrives_as_it_was_written() -> None:
    awkward = "R&D <script> {{ panel.title }} {% raw %} \"x\" 'y' – é 漢 𝄞\x0b"
    facts = MINUTES.model_copy(update={"last_minutes": awkward, "panel": "A & B"})
    said = texts(render_minutes(facts))
    assert (said[0], said[32]) == ("A & B: minutes", awkward[:-1] + ".")


@pytest.mark.slow
def test_sixty_cases_and_three_hundred_actions_are_one_sound_file() -> None:
    (item,) = (item for item in MINUTES.items if item.case)
    items = tuple(
        item.model_copy(
            update={
                "number": str(number),
                "title": f"SAMPLE-{number:04}",
                "actions": tuple(
                    ActionFacts(
                        number=number * 5 + extra - 4,
                        text="do one thing",
                        agency="Example Police",
                        holder="Sam Sample",
                        due=date(2027, 1, 12),
                    )
                    for extra in range(5)
                ),
            }
        )
        for number in range(1, 61)
    )
    made = render_minutes(MINUTES.model_copy(update={"items": items}))
    rows = [text for text in texts(made) if re.match(r"\| \d+ \| Do one thing", text)]
    assert (len(rows), rows[-1].split(" | ")[0], audit(made)) == (300, "| 300", [])


def test_approved_minutes_print_the_digest_of_their_facts_in_the_footer_and_drafts_none() -> None:
    assert MINUTES.is_draft
    approved = MINUTES.model_copy(update={"is_draft": False, "digest": "3f5a" * 16})
    said = f"Digest of the approved facts (SHA-256): {'3f5a' * 16}"
    for facts, printed in ((MINUTES, False), (approved, True)):
        footer = opened(render_minutes(facts)).sections[0].footer
        assert (said in [paragraph.text for paragraph in footer.paragraphs]) is printed


def test_an_item_of_an_erased_case_says_that_it_was_removed_and_nothing_else() -> None:
    item = ItemFacts(number="6", section="New cases", title="Removed case", removed_on=date(2032, 3, 3))
    assert item_fields(item)["note"] == "Removed under retention on 3 March 2032."


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"is_reached": False}, "This item was not reached."),
        ({"is_reached": False, "is_called": True}, "Heard; nothing was noted."),
        ({}, "Heard; nothing was noted."),
        ({"is_above": True}, "See above."),
        ({"outcome": "deferred"}, "Deferred to a later meeting before it was heard."),
        ({"outcome": "withdrawn"}, "Withdrawn before it was heard."),
        ({"outcome": "signposted"}, "Sent elsewhere by the chair before it was heard."),
        ({"outcome": "moved"}, "Moved to another meeting before it was heard."),
    ],
)
def test_what_became_of_an_item_of_which_nothing_was_said_has_a_sentence_of_its_own(
    facts: dict[str, Any], said: str
) -> None:
    item = ItemFacts(number="6", section="New cases", title="SAMPLE-0001", **facts)
    assert item_fields(item)["note"] == said


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (ActionKind.VISIT, "visit the grandparents", ""),
        (ActionKind.NRM, "Make the NRM referral.", ""),
        (ActionKind.VISIT, "see the grandparents", "Visit"),
        (ActionKind.VISIT, "read the visitors' book", "Visit"),
        (ActionKind.OTHER, "ring the school", ""),
    ],
)
def test_the_kind_of_an_action_is_not_said_twice(kind: ActionKind, text: str, said: str) -> None:
    action = ActionFacts(number=1, kind=kind, text=text, agency="Health", holder="Nurse", due=date(2026, 3, 24))
    assert action_fields(action)["kind"] == said


@pytest.mark.parametrize(
    ("job_title", "role", "said"),
    [
        ("Minute-taker", "minute-taker", "Kim Sample (Minute-taker)"),
        ("Panel Co-ordinator", "co-ordinator", "Kim Sample (Panel Co-ordinator)"),
        ("Chair of governors", "chair", "Kim Sample (Chair of governors, chair)"),
        ("Vice-chair", "chair", "Kim Sample (Vice-chair, chair)"),
        ("", "chair", "Kim Sample (chair)"),
        ("Head", "", "Kim Sample (Head)"),
    ],
)
def test_a_role_that_the_job_title_says_is_not_said_twice(job_title: str, role: str, said: str) -> None:
    (row,) = by_agency((Attendee(name="Kim Sample", agency="Police", job_title=job_title, role=role),))
    assert row["people"] == said


def test_a_closed_item_says_so_in_its_title() -> None:
    items = (MINUTES.items[1].model_copy(update={"is_closed_item": True}),)
    fields = minutes_fields(MINUTES.model_copy(update={"items": items}))
    assert [one["title"] for one in fields["items"]] == ["SAMPLE-0001 (closed item)"]


def test_an_annex_without_outstanding_actions_has_no_heading_for_them() -> None:
    said = [texts(render_minutes(one, template_name="annex.docx")) for one in (MINUTES, EMPTY_MINUTES)]
    assert ["Matters arising: outstanding actions" in lines for lines in said] == [True, False]
    assert not any("No actions were outstanding." in lines for lines in said)
