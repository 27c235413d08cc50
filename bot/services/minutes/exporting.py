"""Exports that people ask for in Slack: several papers in one zip. The papers are made one by one in the background.

The person who asked sees the progress and can cancel the export. Each paper is kept in the database until the zip is
sent, so that any process can continue. The papers of a cancelled export are deleted. `bot/export.py` makes the papers
themselves.
"""

import hashlib
import io
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from sqlalchemy import delete
from sqlmodel import col, select

from bot.documents.papers import File
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.exports import ExportState, PaperExport, PaperExportFile
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Panel
from bot.models.people import Agency
from bot.records.access.queries import Where, actor_of, find_panel, panels_where
from bot.services.minutes.exports import Period, case_across_panels, papers_of_meetings
from bot.store.outbox import find_sent
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

MANIFEST: Final = "manifest.sha256"
ABOUT: Final = "about.txt"
_ALIVE: Final = (ExportState.WAITING, ExportState.READY)
_BUSY: Final = timedelta(minutes=2)  # longer than one paper takes; after this time another process takes over
_SHOWN_EVERY: Final = timedelta(seconds=3)  # a message is not changed more often
_ENDED: Final = (EffectState.DONE, EffectState.DROPPED, EffectState.DEAD, EffectState.AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class ExportView:
    """The title, state and progress of an export."""

    id: int
    title: str
    state: ExportState
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class ExportPlace:
    """An export, and the place of the message that shows its progress."""

    export: ExportView
    channel_id: str
    ts: str


def ask_for_meetings(work: Work, actor: Actor, where: Where, period: Period) -> ExportView:
    """Start an export of the papers of a panel's meetings in a period. Raise Mistake if no meeting was held.

    Raise NotForYou if the person may not read the panel's minutes.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    panel = standing.panel
    found = papers_of_meetings(work, actor, panel.key, period)
    if not found.meetings:
        raise Mistake(f"{panel.title} held no meeting from {period.words}.")
    days = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    return _ask(work, actor, panel, {"panel": panel.key, **days}, f"{panel.title}, {period.words}")


def ask_for_agency(work: Work, actor: Actor, agency: str) -> ExportView:
    """Start an export of an agency's actions on all the person's panels.

    Raise NotForYou if there is no such agency, or if the person may not read any panel's minutes.
    """
    named = agency.strip().casefold()
    found = next((one for one in work.find_all(Agency) if named in (one.key, one.name.casefold())), None)
    panels = panels_where(work, actor, Verb.READ_MINUTES)
    if found is None or not panels:
        raise NotForYou(f"the agency {agency.strip()}")
    work.audit("export", "action", actor_id=actor.person_id)
    return _ask(work, actor, panels[0], {"agency": found.key}, f"All actions of {found.name}, on all panels")


def ask_for_case(work: Work, actor: Actor, reference: str) -> ExportView:
    """Start an export of one child's part of the minutes, from all panels whose minutes the person may read.

    Raise NotForYou if the person may not read the case.
    """
    _, panels = case_across_panels(work, actor, reference)
    panels = panels or panels_where(work, actor, Verb.READ_MINUTES)
    meant = reference.strip().upper()
    return _ask(work, actor, panels[0], {"case": meant}, f"{meant} on all panels")


def _ask(work: Work, actor: Actor, panel: Panel, asked: dict[str, str], title: str) -> ExportView:
    alive = work.find(PaperExport, col(PaperExport.person_id) == actor.person_id, col(PaperExport.state).in_(_ALIVE))
    if alive is not None:
        raise Mistake(
            f"I'm still making your papers: {alive.title}. Wait for them, or cancel in the message that shows how many "
            f"are ready."
        )
    export = PaperExport(
        person_id=actor.person_id, panel_id=id_of(panel), asked=asked, title=title[:200], asked_at=work.now
    )
    work.session.add(export)
    work.session.flush()
    work.tell(actor.person_id, Notice.EXPORT_BEGUN, export_id=id_of(export))
    return _view(export)


def cancel_export(work: Work, actor: Actor, export_id: int) -> ExportView:
    """Cancel one's own export and delete its papers. Raise Mistake if the export is finished, or cancelled already."""
    export = _locked(work, export_id)
    if export is None or export.person_id != actor.person_id:
        raise NotForYou("that export")
    if export.state is not ExportState.WAITING:
        raise Mistake("I'm no longer making that export.")
    export.state = ExportState.CANCELLED
    _forget_files(work, export)
    work.audit("cancel", "export", export_id, panel_id=export.panel_id, actor_id=actor.person_id)
    return _view(export)


def export_for_notice(work: Work, actor: Actor, export_id: int) -> ExportView | None:
    """Return an export's progress for a message to the person who asked for the export.

    Return None for other people.
    """
    export = work.session.get(PaperExport, export_id)
    return None if export is None or export.person_id != actor.person_id else _view(export)


def export_to_show(work: Work, actor: Actor, export_id: int) -> ExportPlace | None:
    """Return an export's progress, and the place of the message that shows it.

    Return None for everyone except the person who asked for the export, or if that message is not known to have arrived
    in Slack.
    """
    export = export_for_notice(work, actor, export_id)
    row = work.find(OutboxRow, col(OutboxRow.key) == Notice.EXPORT_BEGUN.key.format(export_id=export_id))
    sent = find_sent(work.session, [id_of(row)]) if row is not None else []
    if export is None or not sent:
        return None
    return ExportPlace(export, sent[0].channel_id, sent[0].ts)


def export_document(work: Work, actor: Actor, export_id: int) -> File:
    """Return an export's zip. Raise NotForYou if the export is another person's, or if the zip is no longer kept."""
    export = work.session.get(PaperExport, export_id)
    if export is None or export.person_id != actor.person_id or export.state is not ExportState.READY:
        raise NotForYou("that export")
    rows = work.find_all(
        PaperExportFile, col(PaperExportFile.export_id) == export_id, by=[col(PaperExportFile.position)]
    )
    case_ids = frozenset(number for row in rows for number in row.case_ids)
    work.keys.fetch(work.session, (row.content for row in rows))
    files = [(row.name, b64decode(work.open(row.content))) for row in rows]
    for row, (_, content) in zip(rows, files, strict=True):
        work.audit(
            "disclose",
            "export",
            row.meeting_id,
            panel_id=row.panel_id,
            actor_id=actor.person_id,
            sha256=hashlib.sha256(content).hexdigest(),
        )
    return File(
        name=f"papers-{export.asked_at:%Y-%m-%d}-{export_id}.zip",
        title=export.title if "case" not in export.asked else "One child on all panels",
        write=partial(zipped, files),
        panel_id=export.panel_id,
        case_ids=case_ids,
    )


def zipped(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the files as a zip, with a manifest of SHA-256 hashes that `sha256sum --check` reads."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files]
        for name, content in (*files, (MANIFEST, "".join(lines).encode())):
            package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An export that is still to be made, and the person who asked for it."""

    id: int
    reader: Actor
    asked: Mapping[str, str]

    @property
    def period(self) -> Period | None:
        """Return the period of the meetings, or None for an export that is not about meetings."""
        if "first" not in self.asked:
            return None
        return Period(date.fromisoformat(self.asked["first"]), date.fromisoformat(self.asked["last"]))


def waiting_exports(work: Work) -> list[int]:
    """Return the ids of exports still to be made, and of sent exports whose papers can be deleted, the oldest first."""
    sent = select(OutboxRow.key).where(
        col(OutboxRow.kind) == Notice.EXPORT_FILE.value, col(OutboxRow.state).in_(_ENDED)
    )
    keys = set(work.session.exec(sent)) if _is_any_ready(work) else set()
    alive = work.find_all(PaperExport, col(PaperExport.state).in_(_ALIVE), by=[col(PaperExport.id)])
    return [id_of(one) for one in alive if one.state is ExportState.WAITING or _file_key(one) in keys]


def _is_any_ready(work: Work) -> bool:
    return work.find(PaperExport, col(PaperExport.state) == ExportState.READY) is not None


def _file_key(export: PaperExport) -> str:
    return Notice.EXPORT_FILE.key.format(export_id=export.id)


def take_export(work: Work, export_id: int, owner: str) -> Waiting | None:
    """Claim an export for this process. Return None if another process makes it, or if nothing is left to make.

    The papers of an export that was sent are deleted. An export fails if the person it is for has left.
    """
    export = _locked(work, export_id)
    if export is None or export.state not in _ALIVE:
        return None
    if export.state is ExportState.READY:
        export.state = ExportState.SENT
        _forget_files(work, export)
        return None
    if not _is_ours(work, export, owner):
        return None
    reader = actor_of(work, export.person_id)
    if reader is None:
        fail_export(work, export_id)
        return None
    return Waiting(export_id, reader, export.asked)


def plan_files(work: Work, export_id: int, total: int) -> int:
    """Record how many papers an export will have. Return how many of them are made already.

    If an earlier plan had another number, delete the papers made so far and return 0.
    """
    export = work.session.get_one(PaperExport, export_id)
    if export.total != total:
        _forget_files(work, export)
        export.total, export.done = total, 0
    _show(work, export)
    return export.done


def goes_on(work: Work, export_id: int, owner: str) -> bool:
    """Return whether this process should continue with an export.

    It should not if the export was cancelled or if another process has taken it over.
    """
    export = _locked(work, export_id)
    return export is not None and export.state is ExportState.WAITING and _is_ours(work, export, owner)


def keep_file(work: Work, export_id: int, position: int, name: str, file: File | None, content: bytes) -> None:
    """Store one finished paper of an export, and show the export's progress.

    Nothing is stored if the reader may no longer have the paper.
    """
    export = _locked(work, export_id)
    if export is None or export.state is not ExportState.WAITING:
        return
    if file is not None:
        key_id = work.session.get_one(Panel, export.panel_id).data_key_id
        work.session.add(
            PaperExportFile(
                export_id=export_id,
                position=position,
                name=name,
                content=work.seal(key_id, b64encode(content).decode()),
                panel_id=file.panel_id,
                meeting_id=file.meeting_id,
                case_ids=sorted(file.case_ids),
            )
        )
    export.done = position + 1
    _show(work, export)


def finish_export(work: Work, export_id: int, about: str) -> None:
    """Queue the sending of an export whose papers are all done. The text `about` is added to the zip."""
    export = _locked(work, export_id)
    if export is None or export.state is not ExportState.WAITING:
        return
    key_id = work.session.get_one(Panel, export.panel_id).data_key_id
    content = work.seal(key_id, b64encode(about.encode()).decode())
    work.session.add(PaperExportFile(export_id=export_id, position=-1, name=ABOUT, content=content))
    export.state = ExportState.READY
    work.tell(export.person_id, Notice.EXPORT_FILE, export_id=export_id)
    _show(work, export, is_last=True)


def fail_export(work: Work, export_id: int) -> None:
    """Mark an export as failed, delete its papers and show the failure to the person who asked for it."""
    export = _locked(work, export_id)
    if export is not None and export.state is ExportState.WAITING:
        export.state = ExportState.FAILED
        _forget_files(work, export)
        _show(work, export, is_last=True)


def _show(work: Work, export: PaperExport, *, is_last: bool = False) -> None:
    if is_last or export.told_at is None or work.now >= export.told_at + _SHOWN_EVERY:
        export.told_at = work.now
        once = f"{export.state.value}-{export.done}-{export.total}"
        work.tell(export.person_id, Notice.EXPORT_CHANGED, once=once, export_id=id_of(export))
    work.session.add(export)
    work.session.flush()


def _is_ours(work: Work, export: PaperExport, owner: str) -> bool:
    if export.owner not in (None, owner) and export.busy_until is not None and export.busy_until > work.now:
        return False
    export.owner, export.busy_until = owner, work.now + _BUSY
    return True


def _locked(work: Work, export_id: int) -> PaperExport | None:
    query = select(PaperExport).where(col(PaperExport.id) == export_id).with_for_update()
    return work.session.exec(query.execution_options(populate_existing=True)).first()


def _forget_files(work: Work, export: PaperExport) -> None:
    work.session.flush()
    work.session.execute(delete(PaperExportFile).where(col(PaperExportFile.export_id) == export.id))


def _view(export: PaperExport) -> ExportView:
    return ExportView(id_of(export), export.title, export.state, export.done, export.total)
