"""One child's part of the minutes: for those who may read that case, and with nothing of any other."""

import io
import zipfile
from typing import Any

import pytest

from bot.domain.language.day_words import YearDay
from bot.models.cases import Case
from bot.models.vocabulary import ActionKind
from bot.services.actions.editing import ActionForm, edit_action
from bot.services.cases import interests, merging
from bot.services.minutes import approving, extract, papers
from tests.county import WEST, user_id
from tests.documents.word_files import texts
from tests.services.conftest import NO_PANEL, Play, unseen
from tests.services.minutes.heard import CLOSED, SAID, hear
from tests.services.minutes.test_summary import file_for, told_of

pytestmark = pytest.mark.slow  # papers are written by a process of their own

MARCH, APRIL = YearDay(3, 24), YearDay(4, 21)


@pytest.fixture
def drafted(play: Play) -> Play:
    """Hear three children on 24 March and draft the minutes."""
    hear(play)
    play.does("coordinator", papers.draft_minutes, WEST)
    return play


@pytest.fixture
def approved(drafted: Play) -> Play:
    drafted.does("chair", approving.approve_minutes, WEST)
    return drafted


def number_of(play: Play, reference: str) -> int:
    with play.store.reading() as work:
        case = work.find(Case, Case.reference == reference)  # type: ignore[arg-type]
        assert case is not None
        assert case.id is not None
        return case.id


def extracted(play: Play, who: str, reference: str, meeting_id: int | None = None) -> Any:
    case_id = number_of(play, reference)
    return file_for(play, who, extract.extract_document, case_id, play.county.west_id, meeting_id)


@pytest.mark.parametrize("reference", list(SAID))
def test_nothing_of_another_child_is_in_it(approved: Play, reference: str) -> None:
    file = extracted(approved, "chair", reference)
    content = file.write()
    lines = texts(content)
    assert told_of(lines) == {reference}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        everything = " ".join(package.read(name).decode(errors="ignore") for name in package.namelist()).lower()
    others = {other: word for other, word in SAID.items() if other != reference}
    assert not any(each.lower() in everything for other in others.items() for each in other)
    word = SAID[reference]
    for said in ("judgement", "ask", "shared", "discussed", "rationale", "action"):
        assert f"{word}{said}" in " ".join(lines)
    assert f"Police: {word}shared of {reference} with [another child]." in lines
    assert f"{word}discussed as {reference} and [another child] were." in lines
    assert not any("stepped back" in line for line in lines)
    assert file.case_ids == {number_of(approved, reference)}
    assert all(other.lower() not in f"{file.name} {file.title}".lower() for other in SAID)


@pytest.mark.parametrize(
    ("reference", "readers"),
    [
        ("WEST-0001", {"chair", "vicechair", "coordinator", "minutetaker", "socialworker", "nurse", "constable"}),
        ("WEST-0002", {"chair", "coordinator", "nurse", "matron"}),
        (CLOSED, {"chair", "vicechair", "socialworker"}),
    ],
)
def test_only_who_may_read_the_case_gets_it(approved: Play, reference: str, readers: set[str]) -> None:
    for who in ("chair", "vicechair", "coordinator", "minutetaker", "socialworker", "nurse", "constable", "matron"):
        given = (WEST, reference)
        if who in readers:
            found = approved.does(who, extract.export_extract, *given, request_key="a")
            assert found == extract.ExtractSent(reference, "West Operational MET", 1)
            assert told_of(texts(extracted(approved, who, reference).write())) == {reference}
        elif reference != "WEST-0002":
            absent = approved.refused(who, extract.export_extract, WEST, "WEST-4711", request_key="a")
            refused = approved.refused(who, extract.export_extract, *given, request_key="a")
            assert refused == absent.replace("WEST-4711", reference)
            document = (number_of(approved, reference), approved.county.west_id, None)
            assert "isn't for you" in approved.refused(who, extract.extract_document, *document)


def test_a_draft_is_for_those_who_record_and_is_marked(drafted: Play) -> None:
    for who in ("nurse", "socialworker"):
        assert drafted.refused(who, extract.export_extract, WEST, "WEST-0001", request_key="a") == (
            "There are no minutes of West Operational MET about this case that you may read."
        )
    file = extracted(drafted, "coordinator", "WEST-0001")
    assert file.name == "west-met-2026-03-24-extract-draft.docx"
    assert texts(file.write())[1].endswith("those of 24 March 2026 are not approved yet.")
    drafted.does("chair", approving.approve_minutes, WEST)
    assert extracted(drafted, "nurse", "WEST-0001").name == "west-met-2026-03-24-extract.docx"


def test_all_meetings_that_heard_the_case_or_one_of_them(approved: Play) -> None:
    approved.at(4, 21, 14)
    approved.holds({})
    approved.does("coordinator", papers.draft_minutes, WEST)
    approved.does("chair", approving.approve_minutes, WEST)
    found = approved.does("nurse", extract.export_extract, WEST, "west-0001", request_key="a")
    assert found.meetings == 2
    whole = extracted(approved, "nurse", "WEST-0001")
    assert whole.name == "west-met-2026-03-24-to-2026-04-21-extract.docx"
    days = [line for line in texts(whole.write()) if line.endswith("14:00 to 16:00")]
    assert days == ["Tuesday 24 March 2026, 14:00 to 16:00", "Tuesday 21 April 2026, 14:00 to 16:00"]
    assert approved.does("nurse", extract.export_extract, WEST, "WEST-0001", request_key="b", on=APRIL).meetings == 1
    april = extracted(approved, "nurse", "WEST-0001", approved.county.west_meetings[1])
    assert april.name == "west-met-2026-04-21-extract.docx"


def test_the_child_may_have_had_another_reference(approved: Play) -> None:
    approved.flags("WEST-0009")
    approved.does("chair", merging.merge_references, WEST, "WEST-0001", "WEST-0009", "One child.")
    lines = texts(extracted(approved, "chair", "WEST-0009").write())
    assert "Police: Aldershared of WEST-0001 with [another child]." in lines


def test_it_ends_with_the_right_to_read_the_case(approved: Play) -> None:
    approved.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    document = (number_of(approved, "WEST-0001"), approved.county.west_id, None)
    assert "isn't for you" in approved.refused("nurse", extract.extract_document, *document)


def test_making_it_reads_that_case_and_no_other(approved: Play) -> None:
    before = len(approved.audited("read"))
    extracted(approved, "nurse", "WEST-0001")
    assert approved.audited("read")[before:] == [("case", number_of(approved, "WEST-0001"), "nurse")]
    approved.does("nurse", extract.export_extract, WEST, "WEST-0001", request_key="a", on=MARCH)
    assert approved.audited("export")[-1] == ("extract", approved.county.west_meetings[0], "nurse")
    assert approved.sent("extract_file") == [("extract_file", "nurse")]


def test_an_action_that_was_put_right_to_another_child_is_not_in_it(play: Play) -> None:
    hear(play)
    right = {
        "text": "look at Alderaction",
        "kind": ActionKind.OTHER,
        "holder_user_id": user_id("nurse"),
        "due": "2 April",
    }
    play.does("chair", edit_action, 1, ActionForm(**right, case_reference="WEST-0002", reason="The wrong child."))
    play.does("coordinator", papers.draft_minutes, WEST)
    assert "Alderaction" not in " ".join(texts(extracted(play, "chair", "WEST-0001").write()))


@pytest.mark.databases("sqlite")
def test_only_who_reads_minutes_asks_for_an_extract(approved: Play) -> None:
    assert approved.refused("outsider", extract.export_extract, WEST, "WEST-0001", request_key="a") == NO_PANEL
    assert approved.refused("observer", extract.export_extract, WEST, "WEST-0001", request_key="a") == (
        "On West Operational MET, observers can't read minutes."
    )
    of_case = (number_of(approved, "WEST-0001"), approved.county.west_id, None)
    for who in ("observer", "outsider"):
        assert approved.refused(who, extract.extract_document, *of_case) == unseen("that case")


@pytest.mark.databases("sqlite")
def test_an_extract_is_only_for_who_may_read_the_case(approved: Play) -> None:
    assert approved.refused("nurse", extract.export_extract, WEST, CLOSED, request_key="a") == unseen(f"case {CLOSED}")
    of_case = (number_of(approved, CLOSED), approved.county.west_id, None)
    assert approved.refused("nurse", extract.extract_document, *of_case) == unseen("that case")
    approved.does("chair", merging.merge_references, WEST, "WEST-0002", "WEST-0001", "One child.")
    approved.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    of_merged = (number_of(approved, "WEST-0002"), approved.county.west_id, None)
    assert approved.refused("nurse", extract.extract_document, *of_merged) == unseen("that case")


@pytest.mark.databases("sqlite")
def test_an_extract_of_a_draft_is_only_for_who_writes_minutes(drafted: Play) -> None:
    assert drafted.refused("nurse", extract.export_extract, WEST, "WEST-0001", request_key="a") == (
        "There are no minutes of West Operational MET about this case that you may read."
    )
    assert drafted.does("coordinator", extract.export_extract, WEST, "WEST-0001", request_key="a").meetings == 1
