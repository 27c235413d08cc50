"""Papers asked for together in Slack: made one by one, for one person, whole or not at all."""

import hashlib
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.errors import NotForYou
from bot.export import make_exports, verify_export
from bot.models.bookkeeping import AuditEntry
from bot.models.exports import ExportState, PaperExport, PaperExportFile
from bot.models.outbox import EffectState, OutboxRow
from bot.services.minutes import approving, exporting, papers
from bot.services.minutes.exporting import ExportView
from bot.services.minutes.exports import Period
from tests.county import WEST
from tests.documents.word_files import texts
from tests.services.conftest import Play
from tests.services.minutes.heard import CLOSED, SAID, hear

pytestmark = pytest.mark.slow  # papers are written by a process of their own

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def held(play: Play) -> Play:
    """Hold a meeting about three children, one of them a closed item, with approved minutes."""
    hear(play)
    play.does("coordinator", papers.draft_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
    return play


def stands(play: Play) -> tuple[ExportState, int, int | None]:
    """Return how far the export has got."""
    with play.store.reading() as work:
        (export,) = work.find_all(PaperExport)
        return export.state, export.done, export.total


def kept(play: Play) -> int:
    """Return how many papers are kept."""
    with play.store.reading() as work:
        return len(work.find_all(PaperExportFile))


def sent(play: Play, who: str) -> dict[str, bytes]:
    """Return the files of the zip that this person is sent."""
    content = play.does(who, exporting.export_document, 1).write()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_a_year_is_made_paper_by_paper_and_sent_as_one_zip_that_can_be_verified(held: Play, tmp_path: Path) -> None:
    asked = held.does("nurse", exporting.ask_for_meetings, WEST, YEAR)
    title = "West Operational MET, 1 January 2026 to 31 December 2026"
    assert asked == ExportView(1, title, ExportState.WAITING, 0, None)
    assert held.refused("nurse", exporting.ask_for_case, "WEST-0001") == (
        f"I'm still making your papers: {title}. Wait for them, or cancel in the message that shows how many are ready."
    )
    assert make_exports(held.store) == 6
    assert stands(held) == (ExportState.READY, 6, 6)
    assert held.sent("export_begun", "export_file") == [("export_begun", "nurse"), ("export_file", "nurse")]
    files = sent(held, "nurse")
    assert list(files) == [
        "about.txt",
        "2026-03-24/west-met-2026-03-24-minutes-approved-v1.docx",
        "2026-03-24/west-met-2026-03-24-decisions-and-actions.docx",
        "2026-03-24/west-met-2026-03-24-pack-health-v1.docx",
        "2026-03-24/child-01/west-met-2026-03-24-extract.docx",
        "2026-03-24/child-02/west-met-2026-03-24-extract.docx",
        "west-met-2026-03-24-actions.xlsx",
        "manifest.sha256",
    ]
    (tmp_path / "sent.zip").write_bytes(held.does("nurse", exporting.export_document, 1).write())
    assert verify_export(tmp_path / "sent.zip") == []
    with held.store.reading() as work:
        disclosed = work.find_all(AuditEntry, col(AuditEntry.verb) == "disclose", by=[col(AuditEntry.id)])
        named = {one.sha256 for one in disclosed}
    assert named == {
        hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.sha256"
    }
    assert not any(
        SAID[CLOSED] in line for name, content in files.items() if name.endswith("docx") for line in texts(content)
    )
    with pytest.raises(NotForYou):
        held.does("chair", exporting.export_document, 1)
    # Once it is sent nothing of it is kept, and the next may be asked for.
    with held.store.work() as work:
        row = work.session.exec(select(OutboxRow).where(col(OutboxRow.kind) == Notice.EXPORT_FILE.value)).one()
        row.state = EffectState.DONE
    make_exports(held.store)
    assert (stands(held)[0], kept(held)) == (ExportState.SENT, 0)
    held.does("nurse", exporting.ask_for_case, "WEST-0001")


@pytest.mark.databases("sqlite")
def test_what_is_cancelled_leaves_nothing_behind(held: Play) -> None:
    held.does("chair", exporting.ask_for_meetings, WEST, YEAR)
    with pytest.raises(NotForYou):
        held.does("nurse", exporting.cancel_export, 1)
    seen = iter((False, False, True))
    assert make_exports(held.store, lambda: next(seen)) == 2  # the bot stops after two papers, and begins again
    assert (stands(held)[:2], kept(held)) == ((ExportState.WAITING, 2), 2)
    assert held.does("chair", exporting.cancel_export, 1).state is ExportState.CANCELLED
    assert make_exports(held.store) == 0
    assert (stands(held)[0], kept(held)) == (ExportState.CANCELLED, 0)
    assert held.sent("export_file") == []
    assert held.refused("chair", exporting.cancel_export, 1) == "I'm no longer making that export."


@pytest.mark.databases("sqlite")
def test_another_process_goes_on_where_one_has_died(held: Play) -> None:
    held.does("chair", exporting.ask_for_meetings, WEST, YEAR)
    seen = iter((False, False, True))
    make_exports(held.store, lambda: next(seen))
    assert make_exports(held.store) == 0  # the other may still be at it
    held.at(3, 24, 18)
    assert make_exports(held.store) == 6
    assert stands(held) == (ExportState.READY, 8, 8)
    assert len([name for name in sent(held, "chair") if name.endswith("docx")]) == 7


@pytest.mark.databases("sqlite")
def test_an_agency_and_a_child_are_for_people_who_may_read_them(held: Play) -> None:
    held.does("nurse", exporting.ask_for_agency, "Health")
    make_exports(held.store)
    assert [name for name in sent(held, "nurse") if name.endswith("xlsx")] == [
        "all-panels-2026-03-24-actions-health.xlsx"
    ]
    held.does("constable", exporting.ask_for_case, "west-0002")
    make_exports(held.store)
    for who, reference in (("matron", "WEST-0001"), ("constable", CLOSED), ("administrator", "WEST-0001")):
        assert held.refused(who, exporting.ask_for_case, reference).startswith(f"I can't find case {reference}")
    for who, agency in (("outsider", "health"), ("chair", "nowhere")):
        assert held.refused(who, exporting.ask_for_agency, agency).startswith(f"I can't find the agency {agency}")
    assert held.refused("chair", exporting.ask_for_meetings, WEST, Period(date(2025, 1, 1), date(2025, 3, 31))) == (
        "West Operational MET held no meeting from 1 January 2025 to 31 March 2025."
    )


@pytest.mark.databases("sqlite")
def test_who_lost_their_place_meanwhile_gets_nothing(held: Play) -> None:
    held.does("nurse", exporting.ask_for_meetings, WEST, YEAR)
    held.loses_place("nurse")
    assert make_exports(held.store) == 0
    assert (stands(held)[0], kept(held)) == (ExportState.FAILED, 0)
