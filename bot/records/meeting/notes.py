"""The lines written under an item: which of them are in force, and which part of the record each belongs to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select

from bot.models.meetings import AgendaItem, Decision, Note
from bot.models.people import Person
from bot.models.vocabulary import NoteKind
from bot.records.actions.queries import opened_or_erased
from bot.records.cases.decisions import IS_ITEM_HEARD, NOTE_STANDS, STANDS
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class NotePlace:
    """A part of an item's record: the kind of line and, for what an agency shared, the agency's id."""

    kind: NoteKind
    agency_id: int | None = None

    @property
    def key(self) -> str:
        """Return the name of the form field for this part of the record."""
        return self.kind.value if self.agency_id is None else f"{self.kind.value}.{self.agency_id}"


@dataclass(frozen=True, slots=True)
class PlacedNotes:
    """The lines in force in one part of an item's record: neither replaced nor taken back.

    `text` joins the lines. `by_name` and `written_at` are the author and time of the last line.
    """

    rows: tuple[Note, ...]
    text: str
    by_name: str
    written_at: datetime


def entry_key(entry: Note | Decision) -> str:
    """Return the name by which a button means a line or decision of the record, such as "note-12"."""
    return f"{'note' if isinstance(entry, Note) else 'decision'}-{id_of(entry)}"


def has_earlier(work: Work, item_id: int) -> bool:
    """Return whether an item has earlier entries: lines replaced or taken back, or decisions replaced or undone."""
    notes = select(Note.id).where(col(Note.item_id) == item_id, ~NOTE_STANDS)
    decisions = select(Decision.id).where(col(Decision.item_id) == item_id, ~STANDS)
    return bool(work.session.execute(select(or_(notes.exists(), decisions.exists()))).scalar())


def heard_among(work: Work, item_ids: Collection[int]) -> set[int]:
    """Return the ids in `item_ids` whose items were discussed at their meeting."""
    query = select(AgendaItem.id).where(col(AgendaItem.id).in_(item_ids), IS_ITEM_HEARD)
    return {number for number in work.session.exec(query) if number is not None}


def notes_by_place(work: Work, item_id: int) -> dict[NotePlace, PlacedNotes]:
    """Return the lines of an item's record that are in force, as a dict from each part of the record to its lines."""
    query = (
        select(Note, Person.name)
        .join(Person, col(Person.id) == col(Note.written_by_id))
        .where(col(Note.item_id) == item_id, NOTE_STANDS)
        .order_by(col(Note.id))
    )
    found: dict[NotePlace, list[tuple[Note, str]]] = {}
    rows = work.session.execute(query).all()
    work.keys.fetch(work.session, (note.text for note, _ in rows))
    for note, name in rows:
        found.setdefault(NotePlace(note.kind, note.agency_id), []).append((note, name))
    return {
        place: PlacedNotes(
            rows=tuple(note for note, _ in written),
            text="\n".join(opened_or_erased(work, note.text) for note, _ in written),
            by_name=written[-1][1],
            written_at=written[-1][0].written_at,
        )
        for place, written in found.items()
    }
