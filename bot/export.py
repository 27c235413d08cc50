"""Exports several papers as one zip with a manifest that has the SHA-256 of each file.

The manifest has the form that `sha256sum --check` reads, so that the files can be checked without panelbot.
"""

import hashlib
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from bot.documents.papers import File
from bot.domain.permissions import Actor
from bot.errors import Misconfigured, NotForYou, PanelbotError
from bot.records.access.queries import actor_of
from bot.services.actions.action_log import log_document
from bot.services.minutes import exports
from bot.services.minutes.annex import annex_document
from bot.services.minutes.exporting import (
    ABOUT,
    MANIFEST,
    Waiting,
    fail_export,
    finish_export,
    goes_on,
    keep_file,
    plan_files,
    take_export,
    waiting_exports,
)
from bot.services.minutes.exports import Period
from bot.services.minutes.extract import extract_document
from bot.services.minutes.pack import pack_document
from bot.services.minutes.papers import minutes_document
from bot.services.minutes.summary import summary_document
from bot.store.unit_of_work import Store, Work


def _raise(failed: BaseException) -> None:
    raise failed


#: Gathers the facts of a paper for its reader. The paper's bytes are written after the transaction.
Make = Callable[[Work, Actor], File]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export should hold: a panel's meetings, an agency's actions, one child's papers or all children heard."""

    panel: str | None = None  #: key
    agency: str | None = None  #: key
    case: str | None = None  #: reference
    period: Period | None = None
    is_inspection: bool = False  #: the list of children that the panel heard, with a trail of each in `trails`
    trails: tuple[str, ...] = ()  #: references


@dataclass(frozen=True, slots=True)
class Export:
    """The papers of an export, each with its folder in the zip, the text that describes the export, and its reader."""

    about: str
    papers: tuple[tuple[str, Make], ...]
    reader_id: int


def plan_export(store: Store, reader_key: str, asked: Asked) -> Export:
    """Return which papers an export will hold for the person with the key `reader_key`. Nothing is written yet.

    Raise Misconfigured if the request is faulty or there is nothing to export. Raise NotForYou if the person may not
    read what was asked for.
    """
    with store.work() as work:
        return _planned(work, exports.reader_called(work, reader_key), asked)


def _planned(work: Work, reader: Actor, asked: Asked) -> Export:
    papers, title = _papers(work, reader, asked)
    made_on = work.now.date()
    if not papers:
        raise Misconfigured(f"{title}: there is nothing to export that {reader.name} may have.")
    about = (
        f"{title}\n\nMade on {made_on:%-d %B %Y} for {reader.name}, {reader.agency_name}, of what they may read.\n"
        f"{len(papers)} papers. OFFICIAL-SENSITIVE.\n\n{MANIFEST} has the SHA-256 of each file. "
        "`panelbot export --verify FILE` or `sha256sum --check` compares them.\n"
    )
    return Export(about, tuple(papers), reader.person_id)


def _papers(work: Work, reader: Actor, asked: Asked) -> tuple[list[tuple[str, Make]], str]:
    if asked.case is not None:
        return _of_case(work, reader, asked.case, "case"), "One child on all panels"
    if asked.agency is not None:
        number = exports.agency_keyed(work, asked.agency)
        return [("", lambda work, actor: log_document(work, actor, None, number))], "An agency's actions on all panels"
    if asked.panel is None or asked.period is None:
        raise Misconfigured("Say what to export: --panel with --from and --to, --agency, or --case.")
    if asked.is_inspection:
        panel, period = asked.panel, asked.period
        papers: list[tuple[str, Make]] = [("", lambda work, actor: exports.children_heard(work, actor, panel, period))]
        for at, reference in enumerate(asked.trails, 1):
            papers += _of_case(work, reader, reference, f"trail-{at}")
        return papers, f"Children heard and trails, {period.words}"
    found = exports.papers_of_meetings(work, reader, asked.panel, asked.period)
    papers = []
    days = [meeting.day for meeting in found.meetings]
    for meeting in found.meetings:
        folder = meeting.day.isoformat()
        if days.count(meeting.day) > 1:
            folder += f"-{meeting.at:%H%M}"
        if meeting.minutes_id is not None:
            papers.append((folder, partial(_given, minutes_document, meeting.minutes_id)))
        papers.append((folder, partial(_given, summary_document, meeting.meeting_id)))
        if meeting.has_annex and meeting.minutes_id is not None:
            papers.append((folder, partial(_given, annex_document, meeting.minutes_id)))
        if meeting.is_approved and meeting.minutes_id is not None:
            papers.append((folder, partial(_own_pack, meeting.minutes_id)))
        # Folders are numbered, since a file's name must say nothing about a child.
        for at, case_id in enumerate(meeting.case_ids, 1):
            papers.append((f"{folder}/child-{at:02}", partial(_extract, case_id, found.panel_id, meeting.meeting_id)))
    if papers:
        papers.append(("", partial(_log_of_period, found.panel_id, asked.period)))
    return papers, f"{found.title}, {asked.period.words}"


def _given(make: Callable[[Work, Actor, int], File], number: int, work: Work, actor: Actor) -> File:
    return make(work, actor, number)


def _log_of_period(panel_id: int, period: Period, work: Work, actor: Actor) -> File:
    first, until = exports.bounds(work, panel_id, period)
    return log_document(work, actor, panel_id, first=first, until=until)


def _of_case(work: Work, reader: Actor, reference: str, folder: str) -> list[tuple[str, Make]]:
    case_id, panels = exports.case_across_panels(work, reader, reference)
    papers: list[tuple[str, Make]] = [
        (folder, partial(_extract, case_id, panel.id, None)) for panel in panels if panel.id is not None
    ]
    return [*papers, (folder, lambda work, actor: log_document(work, actor, None, case_id=case_id))]


def _extract(case_id: int, panel_id: int, meeting_id: int | None, work: Work, actor: Actor) -> File:
    return extract_document(work, actor, case_id, panel_id, meeting_id)


def _own_pack(minutes_id: int, work: Work, actor: Actor) -> File:
    return pack_document(work, actor, minutes_id, actor.agency_id)


def write_export(store: Store, export: Export, out: Path, step: Callable[[str], None]) -> int:
    """Write the papers into a new zip that only its owner can read. Return the number of files in it.

    Raise Misconfigured if the zip can't be written. No incomplete file is left. `step` is called with the title of each
    paper before the paper is written.
    """
    with _whole_or_nothing(out) as opened, zipfile.ZipFile(opened, "w") as package:
        digests = {ABOUT: _put(package, ABOUT, export.about.encode())}
        for folder, make in export.papers:
            file = _gathered(store, export.reader_id, make)
            step(file.title if file else "")
            if file is None:
                continue
            name, content = "/".join(filter(None, (folder, file.name))), file.write()
            _note_disclosed(store, export.reader_id, file, content)
            digests[name] = _put(package, name, content)
        manifest = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
        _put(package, MANIFEST, manifest.encode())
    return len(digests)


def _gathered(store: Store, reader_id: int, make: Make) -> File | None:
    """Return a paper as its reader may see it now, or None if the paper has nothing that they may read."""
    try:
        with store.work() as work:
            reader = actor_of(work, reader_id)
            if reader is None:
                raise Misconfigured("The reader named with --for has left. Nothing was exported.")
            return make(work, reader)
    except NotForYou:
        return None


def _note_disclosed(store: Store, reader_id: int, file: File, content: bytes) -> None:
    """Add an audit entry saying that the reader got a paper, with the paper's SHA-256.

    This is done before the paper is put into the zip.
    """
    with store.work() as work:
        work.audit(
            "disclose",
            "export",
            file.meeting_id,
            panel_id=file.panel_id,
            actor_id=reader_id,
            sha256=hashlib.sha256(content).hexdigest(),
        )


def _made(work: Work, reader_id: int, make: Make) -> File | None:
    """Return a paper for a zip that is sent and audited later, or None if the paper has nothing for its reader."""
    reader = actor_of(work, reader_id)
    if reader is None:
        raise Misconfigured("The person who asked for these papers has left.")
    try:
        return make(work, reader)
    except NotForYou:
        return None


def _put(package: zipfile.ZipFile, name: str, content: bytes) -> str:
    if name in package.namelist():
        raise Misconfigured(f"{name}: two papers have this name. Nothing was exported.")
    package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _whole_or_nothing(out: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write to, which gets the name `out` once it is complete. An incomplete file is removed."""
    part = out.with_name(f".{out.name}.part")
    try:
        if out.exists():
            raise FileExistsError
        opened = open(part, "xb", opener=lambda path, flags: os.open(path, flags, 0o600))  # noqa: SIM115
    except FileExistsError:
        there = out if out.exists() else part
        raise Misconfigured(f"{there} exists already. Choose another name for the export.") from None
    except OSError as unwritable:
        raise Misconfigured(f"{out}: cannot be written ({unwritable.strerror}).") from None
    try:
        with opened:
            yield opened
        os.link(part, out)  # never over another file that came there meanwhile
    except FileExistsError:
        raise Misconfigured(f"{out} exists already. Choose another name for the export.") from None
    except OSError as failed:  # such as a full disk
        raise Misconfigured(f"{out}: cannot be written ({failed.strerror}). Nothing was exported.") from None
    finally:
        part.unlink()


def make_exports(
    store: Store, is_stopping: Callable[[], bool] = lambda: False, report: Callable[[BaseException], object] = _raise
) -> int:
    """Make the papers of exports that people asked for in Slack. Return how many papers were made.

    Each paper is made in short transactions. An export that can't be made is marked as failed, and the person who asked
    sees this. Unexpected errors go to `report`.
    """
    owner = f"{os.getpid()}-{secrets.token_hex(4)}"
    with store.reading() as work:
        numbers = waiting_exports(work)
    made = 0
    for number in numbers:
        try:
            made += _make_one(store, number, owner, is_stopping)
        except Exception as failed:  # noqa: BLE001 - whatever broke it would break it again
            with store.work() as work:
                fail_export(work, number)
            if not isinstance(failed, PanelbotError):  # a PanelbotError means that the person may no longer have it
                report(failed)
    return made


def _make_one(store: Store, number: int, owner: str, is_stopping: Callable[[], bool]) -> int:
    with store.work() as work:
        waiting = take_export(work, number, owner)
        if waiting is None:
            return 0
        plan = _planned(work, waiting.reader, _asked_in_slack(waiting))
        begins = plan_files(work, number, len(plan.papers))
    for position, (folder, make) in enumerate(plan.papers):
        if position < begins:
            continue
        if is_stopping():
            return position - begins
        with store.work() as work:
            if not goes_on(work, number, owner):
                return position - begins
            file = _made(work, waiting.reader.person_id, make)
        content = file.write() if file is not None else b""
        name = "/".join(filter(None, (folder, file.name))) if file is not None else ""
        with store.work() as work:
            keep_file(work, number, position, name, file, content)
    with store.work() as work:
        finish_export(work, number, plan.about)
    return len(plan.papers) - begins


def _asked_in_slack(waiting: Waiting) -> Asked:
    said = waiting.asked
    return Asked(said.get("panel"), said.get("agency"), said.get("case"), waiting.period)


def verify_export(path: Path) -> Sequence[str]:
    """Return the faults of an exported zip, such as changed or missing files.

    The list is empty if all files are unchanged. Raise Misconfigured if the zip can't be read or has no manifest.
    """
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            if MANIFEST not in names:
                raise Misconfigured(f"{path}: has no {MANIFEST}; panelbot did not make it.")
            stated = _read_manifest(package.read(MANIFEST).decode("utf-8", "replace"))
            faults = [
                f"{name}: is there more than once" for name in sorted({one for one in names if names.count(one) > 1})
            ]
            faults += [f"{name}: is missing" for name in stated if name not in names]
            faults += [f"{name}: is not in the manifest" for name in names if name not in stated and name != MANIFEST]
            faults += [
                f"{name}: was changed" for name in stated if name in names and _differs(package, name, stated[name])
            ]
    except (OSError, zipfile.BadZipFile) as unreadable:
        why = getattr(unreadable, "strerror", None) or "it is no zip file, or is damaged"
        raise Misconfigured(f"{path}: cannot be read ({why}).") from None
    return faults


def _differs(package: zipfile.ZipFile, name: str, digest: str) -> bool:
    try:
        return hashlib.sha256(package.read(name)).hexdigest() != digest
    except (zipfile.BadZipFile, OSError, ValueError):
        return True


def _read_manifest(text: str) -> dict[str, str]:
    lines = (line.partition("  ") for line in text.splitlines() if line)
    return {name: digest for digest, _, name in lines}
