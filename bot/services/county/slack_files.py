"""Papers sent to Slack as files, and their removal on a set day or when an administrator asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from bot.domain.language.day_words import short_date
from bot.domain.language.identifiers import check_reference
from bot.domain.notices import Notice, notice_of
from bot.errors import Mistake
from bot.models.cases import Case
from bot.models.outbox import EffectState, OutboxRow, SlackFile, SlackFileCase
from bot.models.panels import Panel
from bot.models.people import Person
from bot.records.cases.references import is_meant
from bot.services.county.audit_report import require_used
from bot.store.rows import grouped, id_of, table_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

AT_ONCE: Final = 100  #: files whose removal one transaction asks for
#: Pieces that one tick does: Slack takes 50 removals a minute, and the tick comes again after five.
MOST_PIECES: Final = 5
_FILE = table_of(SlackFile)
_UNDER_WAY = (EffectState.READY.value, EffectState.CLAIMED.value, EffectState.SENDING.value)
_STRANDED = (EffectState.DEAD.value, EffectState.AMBIGUOUS.value)


@dataclass(frozen=True, slots=True)
class SlackFileView:
    """One file in Slack: who has it, what it is about, and when it is removed."""

    id: int
    sent_on: date  #: by the clock of the person who has it, as below
    person_name: str
    paper: str  #: what kind of paper it is
    panel_title: str  #: empty for a calendar of all the person's meetings
    cases: tuple[str, ...]  #: references
    remove_on: date
    has_arrived: bool  #: false: nobody knows whether Slack shows it
    is_leaving: bool  #: its removal waits in the outbox
    refused: str  #: Slack's error if it refused to remove the file, else empty


def list_slack_files(
    work: Work, *, case: str | None = None, panel: str | None = None, person: str | None = None
) -> list[SlackFileView]:
    """Return the files in Slack, the oldest first: all, or those about a case or a panel, or those sent to a person.

    Raise Mistake for an unknown reference or key, and Misconfigured for a database that was never used.
    """
    require_used(work)
    conditions = _chosen(work, case, panel, person)
    rows = work.session.execute(
        select(SlackFile, Person, Panel)
        .join(Person, col(Person.id) == col(SlackFile.person_id))
        .join(Panel, col(Panel.id) == col(SlackFile.panel_id), isouter=True)
        .where(col(SlackFile.removed_at).is_(None), *conditions)
        .order_by(col(SlackFile.id))
    ).all()
    references: dict[int, list[str]] = grouped(
        (file_id, reference)
        for file_id, reference in work.session.execute(
            select(col(SlackFileCase.file_id), col(Case.reference))
            .join(Case, col(Case.id) == col(SlackFileCase.case_id))
            .join(SlackFile, col(SlackFile.id) == col(SlackFileCase.file_id))
            .where(col(SlackFile.removed_at).is_(None), *conditions)
            .order_by(col(Case.reference))
        )
    )
    removals = _removals(work)
    work.audit("list", "slack_file")
    return [
        SlackFileView(
            id=id_of(file),
            sent_on=file.sent_at.astimezone(ZoneInfo(holder.timezone)).date(),
            person_name=holder.name,
            paper=notice.label if (notice := notice_of(file.kind)) else "a file",
            panel_title=of_panel.title if of_panel else "",
            cases=tuple(references.get(id_of(file), ())),
            remove_on=file.remove_after.astimezone(ZoneInfo(holder.timezone)).date(),
            has_arrived=file.arrived_at is not None,
            is_leaving=removals.get(id_of(file)) == "",
            refused=removals.get(id_of(file), ""),
        )
        for file, holder, of_panel in rows
    ]


def file_rows(files: Sequence[SlackFileView]) -> list[list[str]]:
    """Return the files as rows of text for a table, with the heading first."""
    return [
        ["sent", "to", "paper", "panel", "cases", "leaves Slack"],
        *(
            [
                short_date(file.sent_on),
                file.person_name,
                file.paper if file.has_arrived else f"{file.paper} (may not have arrived)",
                file.panel_title,
                ", ".join(file.cases),
                _leaves(file),
            ]
            for file in files
        ),
    ]


def _leaves(file: SlackFileView) -> str:
    if file.is_leaving:
        return "removal asked for"
    on = short_date(file.remove_on)
    return f"was due on {on}, but Slack refused ({file.refused})" if file.refused else on


def remove_slack_files(
    work: Work, *, case: str | None = None, panel: str | None = None, person: str | None = None
) -> tuple[int, int]:
    """Queue files for removal from Slack. Return how many were queued now, and how many had been queued before.

    A removal that Slack refused is queued again. Raise the same errors as `list_slack_files`.
    """
    there = select(SlackFile.id).where(col(SlackFile.removed_at).is_(None), *_chosen(work, case, panel, person))
    numbers = [number for number in work.session.exec(there.order_by(col(SlackFile.id))) if number is not None]
    removals = _removals(work)
    waiting = {number for number in numbers if removals.get(number) == ""}
    asked = _ask_removal(work, _FILE.c.id.in_([number for number in numbers if number not in waiting]))
    return asked, len(waiting)


def file_to_remove(work: Work, file_id: int) -> str | None:
    """Return Slack's id of a file that should be removed, or None if the file has been removed."""
    file = work.session.get(SlackFile, file_id)
    return None if file is None or file.removed_at is not None else file.slack_id


def _chosen(work: Work, case: str | None, panel: str | None, person: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if case is not None:
        reference = check_reference(case)
        case_id = _number(work, select(Case.id).where(is_meant(reference)), f"case {reference}")
        of_case = select(SlackFileCase.file_id).where(col(SlackFileCase.case_id) == case_id)
        conditions.append(col(SlackFile.id).in_(of_case))
    if panel is not None:
        is_panel = select(Panel.id).where(col(Panel.key) == panel)
        conditions.append(col(SlackFile.panel_id) == _number(work, is_panel, f"panel with the key {panel}"))
    if person is not None:
        is_person = select(Person.id).where(col(Person.key) == person)
        conditions.append(col(SlackFile.person_id) == _number(work, is_person, f"person with the key {person}"))
    return conditions


def _number(work: Work, query: object, what: str) -> int:
    found = work.session.exec(query).first()  # type: ignore[call-overload]
    if found is None:
        raise Mistake(f"There is no {what}.")
    return int(found)


def _removals(work: Work) -> dict[int, str]:
    """Return a dict from the id of each file that is being removed to the reason why Slack refused its removal.

    The reason is empty if Slack has not refused. If a file has several removals in the outbox, the newest counts.
    """
    rows = work.session.execute(
        select(col(OutboxRow.payload), col(OutboxRow.state), col(OutboxRow.error))
        .where(col(OutboxRow.state).in_([*_UNDER_WAY, *_STRANDED]), col(OutboxRow.kind) == Notice.FILE_REMOVED.value)
        .order_by(col(OutboxRow.id))
    )
    return {
        int(str(payload["file_id"])): "" if state in _UNDER_WAY else error or "no answer"
        for payload, state, error in rows
    }


def _ask_removal(work: Work, *conditions: ColumnElement[bool]) -> int:
    """Queue the removal of the files that meet these SQL conditions. Return the number of files."""
    asked = update(_FILE).where(_FILE.c.removed_at.is_(None), *conditions).values(asked_at=work.now)
    rows = work.execute(asked.returning(_FILE.c.id, _FILE.c.person_id)).all()
    of_files = col(SlackFileCase.file_id).in_([number for number, _ in rows])
    told_of = select(col(SlackFileCase.file_id), col(SlackFileCase.case_id)).where(of_files)
    cases: dict[int, list[int | None]] = grouped((file_id, case_id) for file_id, case_id in work.execute(told_of))
    for number, person_id in sorted(rows):
        work.tell(person_id, Notice.FILE_REMOVED, file_id=number)
        for case_id in cases.get(number, [None]):
            work.audit("remove", "slack_file", number, case_id=case_id)
    return len(rows)


def _find_due(work: Work) -> Sequence[list[int]]:
    """Return the ids of the files whose day of removal has come, the longest due first, in pieces of a hundred."""
    due = select(SlackFile.id).where(col(SlackFile.asked_at).is_(None), col(SlackFile.remove_after) <= work.now)
    numbers = work.session.exec(due.order_by(col(SlackFile.remove_after)).limit(AT_ONCE * MOST_PIECES)).all()
    found = [number for number in numbers if number is not None]
    return [found[first : first + AT_ONCE] for first in range(0, len(found), AT_ONCE)]


def _remove_due(work: Work, numbers: list[int]) -> int:
    return _ask_removal(work, _FILE.c.id.in_(numbers), _FILE.c.asked_at.is_(None))


#: Removes files from Slack on the day that their message named.
FILE_REMOVALS = Sweep(_find_due, _remove_due)
