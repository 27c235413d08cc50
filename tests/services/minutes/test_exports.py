"""Papers exported together: for one person, of what they may read, whole and provable or not at all."""

import hashlib
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import col

from bot.errors import Misconfigured, NotForYou, PanelbotError
from bot.export import ABOUT, MANIFEST, Asked, plan_export, verify_export, write_export
from bot.models.bookkeeping import AuditEntry
from bot.services.meeting import discussion
from bot.services.meeting.opening import close_meeting
from bot.services.minutes import approving, exports, papers
from bot.services.minutes.exports import Period
from tests.county import WEST
from tests.documents.word_files import texts
from tests.services.conftest import NO_PANEL, Play, unseen
from tests.services.minutes.heard import CLOSED, SAID, hear

pytestmark = pytest.mark.slow  # papers are written by a process of their own

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
WEST_YEAR = Asked(panel="west-met", period=YEAR)


@pytest.fixture
def held(play: Play) -> Play:
    """Hold two meetings, with approved minutes of the first and a draft of the second."""
    hear(play)
    play.does("coordinator", papers.draft_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
    play.at(4, 21, 14)
    play.holds({})
    play.does("coordinator", papers.draft_minutes, WEST)
    return play


def exported(play: Play, out: Path, who: str, asked: Asked) -> dict[str, bytes]:
    """Export for a person. Return the files by name."""
    steps: list[str] = []
    found = plan_export(play.store, who, asked)
    count = write_export(play.store, found, out, steps.append)
    assert len(steps) == len(found.papers)
    with zipfile.ZipFile(out) as package:
        files = {name: package.read(name) for name in package.namelist()}
    assert count == len(files) - 1
    return files


def test_a_year_of_a_panel_is_a_folder_for_each_meeting_and_a_log(held: Play, tmp_path: Path) -> None:
    files = exported(held, tmp_path / "west.zip", "chair", WEST_YEAR)
    assert list(files) == [
        "about.txt",
        "2026-03-24/west-met-2026-03-24-minutes-approved-v1.docx",
        "2026-03-24/west-met-2026-03-24-decisions-and-actions.docx",
        "2026-03-24/west-met-2026-03-24-annex-approved-v1.docx",
        "2026-03-24/west-met-2026-03-24-pack-police-v1.docx",
        "2026-03-24/child-01/west-met-2026-03-24-extract.docx",
        "2026-03-24/child-02/west-met-2026-03-24-extract.docx",
        "2026-03-24/child-03/west-met-2026-03-24-extract.docx",
        "2026-04-21/west-met-2026-04-21-minutes-draft-v1.docx",
        "2026-04-21/west-met-2026-04-21-decisions-and-actions.docx",
        "2026-04-21/west-met-2026-04-21-annex-draft-v1.docx",
        "west-met-2026-04-21-actions.xlsx",
        "manifest.sha256",
    ]
    assert files[ABOUT].decode().splitlines()[:4] == [
        "West Operational MET, 1 January 2026 to 31 December 2026",
        "",
        "Made on 21 April 2026 for Chair, Police, of what they may read.",
        "11 papers. OFFICIAL-SENSITIVE.",
    ]
    stated = [line.partition("  ")[::2] for line in files[MANIFEST].decode().splitlines()]
    assert stated == [
        (hashlib.sha256(content).hexdigest(), name) for name, content in files.items() if name != MANIFEST
    ]
    assert (tmp_path / "west.zip").stat().st_mode & 0o777 == 0o600


def test_each_gets_what_they_may_read(held: Play, tmp_path: Path) -> None:
    files = exported(held, tmp_path / "nurse.zip", "nurse", WEST_YEAR)
    assert not any("annex" in name or "draft" in name for name in files)
    # The matron's interest is of no matter here: the nurse reads two of the three children.
    assert [name for name in files if "child" in name] == [
        "2026-03-24/child-01/west-met-2026-03-24-extract.docx",
        "2026-03-24/child-02/west-met-2026-03-24-extract.docx",
    ]
    second = " ".join(texts(files["2026-03-24/child-02/west-met-2026-03-24-extract.docx"]))
    assert [word for word in SAID.values() if word in second] == ["Birch"]
    minutes = texts(files["2026-03-24/west-met-2026-03-24-minutes-approved-v1.docx"])
    assert not any(SAID[CLOSED] in line for line in minutes)
    held.loses_place("nurse")
    for who in ("nurse", "administrator", "observer", "outsider"):
        with pytest.raises(NotForYou):
            plan_export(held.store, who, WEST_YEAR)
    with pytest.raises(Misconfigured, match="nobody with the key stranger is enrolled"):
        plan_export(held.store, "stranger", WEST_YEAR)


def test_an_agencys_actions_across_panels(held: Play, tmp_path: Path) -> None:
    files = exported(held, tmp_path / "health.zip", "chair", Asked(agency="health"))
    sheet = load_workbook(io.BytesIO(files["all-panels-2026-04-21-actions-health.xlsx"])).active
    assert [row[3].value for row in sheet.iter_rows(min_row=4)] == ["Look at Alderaction", "Look at Birchaction"]
    with pytest.raises(Misconfigured, match="no agency with the key nowhere"):
        plan_export(held.store, "chair", Asked(agency="nowhere"))


def test_one_child_across_panels(held: Play, tmp_path: Path) -> None:
    files = exported(held, tmp_path / "case.zip", "nurse", Asked(case="west-0001"))
    assert list(files) == [
        "about.txt",
        "case/west-met-2026-03-24-extract.docx",
        "case/all-panels-2026-04-21-actions.xlsx",
        "manifest.sha256",
    ]
    lines = " ".join(texts(files["case/west-met-2026-03-24-extract.docx"]))
    assert [word for word in SAID.values() if word in lines] == ["Alder"]
    for who, reference in (("matron", "WEST-0001"), ("nurse", CLOSED), ("nurse", "WEST-4711")):
        with pytest.raises(NotForYou, match=f"I can't find case {reference}, or it isn't for you"):
            plan_export(held.store, who, Asked(case=reference))


def test_an_inspection_lists_the_children_heard_and_has_a_trail_of_each_chosen(held: Play, tmp_path: Path) -> None:
    asked = Asked(panel="west-met", period=Period(date(2026, 3, 1), date(2026, 3, 31)), is_inspection=True)
    files = exported(held, tmp_path / "list.zip", "coordinator", asked)
    sheet = load_workbook(io.BytesIO(files["west-met-2026-03-01-to-2026-03-31-children-heard.xlsx"])).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [row[0] for row in rows] == ["WEST-0001", "WEST-0002"]  # the closed item is for its readers
    assert [str(value) for value in rows[0]] == [
        "WEST-0001",
        "2026-03-24 00:00:00",
        "West Operational MET",
        "14 to 15",
        "Child in need",
        "Missing",
        "Medium (CERAF)",
        "Medium (CERAF)",
        "Retain and review by 21 April 2026",
        "2026-04-21 00:00:00",
        "1",
        "1",
    ]
    trails = Asked(asked.panel, None, None, asked.period, is_inspection=True, trails=("WEST-0002", "WEST-0001"))
    files = exported(held, tmp_path / "trails.zip", "coordinator", trails)
    assert [name for name in files if name.startswith("trail-1/")] == [
        "trail-1/west-met-2026-03-24-to-2026-04-21-extract-draft.docx",
        "trail-1/all-panels-2026-04-21-actions.xlsx",
    ]
    with pytest.raises(NotForYou):
        plan_export(
            held.store, "coordinator", Asked("west-met", None, None, YEAR, is_inspection=True, trails=(CLOSED,))
        )


def test_an_inspection_lists_a_child_who_was_discussed_without_a_decision(play: Play, tmp_path: Path) -> None:
    for number in (1, 2):
        play.accepted(f"WEST-000{number}")
    play.compiles()
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("chair", discussion.add_note, WEST, "Health: seen twice.")
    play.does("chair", close_meeting, WEST)
    files = exported(play, tmp_path / "list.zip", "chair", Asked("west-met", period=YEAR, is_inspection=True))
    sheet = load_workbook(io.BytesIO(files["west-met-2026-01-01-to-2026-12-31-children-heard.xlsx"])).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [(row[0], row[6], row[7], row[8]) for row in rows] == [("WEST-0001", "Medium (CERAF)", "", "No decision")]


def changed(path: Path, change: dict[str, bytes | None]) -> Path:
    """Return a copy of an export with files replaced, added or taken out."""
    copy = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(copy, "w") as made:
        kept = {name: package.read(name) for name in package.namelist()} | change
        for name, content in kept.items():
            if content is not None:
                made.writestr(name, content)
    return copy


def test_what_was_changed_since_is_found(held: Play, tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    files = exported(held, path, "nurse", Asked(case="WEST-0001"))
    extract, log = list(files)[1:3]
    assert verify_export(path) == []
    assert verify_export(changed(path, {extract: b"other"})) == [f"{extract}: was changed"]
    assert verify_export(changed(path, {extract: None, "more.docx": b"x"})) == [
        f"{extract}: is missing",
        "more.docx: is not in the manifest",
    ]
    raw = bytearray(path.read_bytes())
    raw[raw.index(files[log][:4]) if files[log][:4] in raw else 200] ^= 0xFF
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(raw[: len(raw) // 2])
    for wrong, said in ((damaged, "no zip file, or is damaged"), (tmp_path / "gone.zip", "No such file")):
        with pytest.raises(Misconfigured, match=said):
            verify_export(wrong)
    with pytest.raises(Misconfigured, match=f"has no {MANIFEST}; panelbot did not make it"):
        verify_export(changed(path, {MANIFEST: None}))


def test_what_is_cancelled_leaves_nothing_behind(held: Play, tmp_path: Path) -> None:
    found = plan_export(held.store, "chair", WEST_YEAR)

    def cancel(title: str) -> None:
        if title.startswith("Decisions"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_export(held.store, found, tmp_path / "west.zip", cancel)
    assert list(tmp_path.glob("*.zip*")) == list(tmp_path.glob(".*.part")) == []


def test_nothing_is_overwritten(held: Play, tmp_path: Path) -> None:
    out = tmp_path / "west.zip"
    out.write_text("mine")
    found = plan_export(held.store, "chair", WEST_YEAR)
    with pytest.raises(Misconfigured, match="exists already"):
        write_export(held.store, found, out, lambda _: None)
    assert out.read_text() == "mine"
    with pytest.raises(Misconfigured, match="cannot be written"):
        write_export(held.store, found, tmp_path / "nowhere" / "west.zip", lambda _: None)


def test_each_paper_is_a_disclosure_to_the_person_it_was_made_for(held: Play, tmp_path: Path) -> None:
    before = len(held.audited("disclose"))
    files = exported(held, tmp_path / "case.zip", "nurse", Asked(case="WEST-0001"))
    assert held.audited("disclose")[before:] == [("export", None, "nurse")] * 2
    with held.store.reading() as work:
        disclosed = work.find_all(AuditEntry, col(AuditEntry.verb) == "disclose", by=[col(AuditEntry.id)])
        named = [one.sha256 for one in disclosed[before:]]
    papers = [content for name, content in files.items() if name not in (ABOUT, MANIFEST)]
    assert named == [hashlib.sha256(content).hexdigest() for content in papers]
    assert held.audited("export")[-1][::2] == ("case", "nurse")


@pytest.mark.parametrize(
    "asked",
    [Asked(), Asked(panel="west-met"), Asked(panel="west-met", period=Period(date(2025, 1, 1), date(2025, 2, 1)))],
)
def test_nothing_asked_and_nothing_there_are_told(held: Play, asked: Asked) -> None:
    with pytest.raises(PanelbotError, match=r"Say what to export|there is nothing to export"):
        plan_export(held.store, "chair", asked)


@pytest.mark.databases("sqlite")
def test_only_who_reads_minutes_exports_them_and_only_who_writes_them_has_drafts(held: Play) -> None:
    for use_case in (exports.papers_of_meetings, exports.children_heard):
        assert held.refused("outsider", use_case, "west-met", YEAR) == NO_PANEL
        assert held.refused("observer", use_case, "west-met", YEAR) == (
            "On West Operational MET, observers can't read minutes."
        )
    papers_of = {
        who: [one.minutes_id for one in held.does(who, exports.papers_of_meetings, "west-met", YEAR).meetings]
        for who in ("coordinator", "nurse")
    }
    assert papers_of == {"coordinator": [1, 2], "nurse": [1, None]}


@pytest.mark.databases("sqlite")
def test_an_export_holds_only_cases_that_its_reader_may_read(held: Play) -> None:
    cases = {
        who: len(held.does(who, exports.papers_of_meetings, "west-met", YEAR).meetings[0].case_ids)
        for who in ("chair", "coordinator", "matron")
    }
    assert cases == {"chair": 3, "coordinator": 2, "matron": 1}
    assert held.refused("nurse", exports.case_across_panels, CLOSED) == unseen(f"case {CLOSED}")
