"""Writing, replacing and taking back the lines in the record of an item."""

from collections.abc import Iterable

from sqlmodel import col, select, update

from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.models.meetings import AgendaItem, Attendance, Meeting, Note
from bot.records.meeting.notes import NotePlace
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def hold_item(work: Work, item: AgendaItem) -> None:
    """Lock an agenda item until the commit, so that people who save on it at the same time take turns."""
    work.session.exec(
        select(AgendaItem.id).where(col(AgendaItem.id) == id_of(item)).with_for_update(key_share=True)
    ).one()


def write_note(
    work: Work,
    actor: Actor,
    item: AgendaItem,
    key_id: int,
    place: NotePlace,
    text: str,
    instead_of: Iterable[Note] = (),
) -> Note:
    """Add a line to an item's record, sealed under the key `key_id`, and return the line.

    The lines in `instead_of` are marked as replaced by the new line, and kept. Their authors are told.
    """
    note = Note(
        item_id=id_of(item),
        kind=place.kind,
        agency_id=place.agency_id,
        text=work.seal(key_id, text),
        written_by_id=actor.person_id,
        written_at=work.now,
    )
    work.session.add(note)
    work.session.flush()  # each line gets its id at once, since lines are shown in the order of their ids
    replaced = list(instead_of)
    for one in replaced:
        one.superseded_by_id = note.id
    tell_authors(work, actor, item, (one.written_by_id for one in replaced))
    return note


def take_back_notes(work: Work, actor: Actor, item: AgendaItem, notes: Iterable[Note]) -> None:
    """Mark lines of an item's record as taken back, and tell their authors. The lines stay in the database."""
    taken = list(notes)
    for one in taken:
        one.undone_at = work.now
    tell_authors(work, actor, item, (one.written_by_id for one in taken))


def note_answer(work: Work, meeting: Meeting, person_id: int, item_id: int) -> None:
    """Record which item the bot's last answer to a person was about, if the person is in the attendance."""
    work.session.execute(
        update(Attendance)
        .where(
            col(Attendance.meeting_id) == id_of(meeting),
            col(Attendance.person_id) == person_id,
            col(Attendance.answered_item_id).is_distinct_from(item_id),
        )
        .values(answered_item_id=item_id)
    )


def tell_authors(work: Work, actor: Actor, item: AgendaItem, author_ids: Iterable[int]) -> None:
    """Tell people that another person replaced or took back what they recorded on an item."""
    for author_id in sorted(set(author_ids) - {actor.person_id}):
        work.tell(
            author_id,
            Notice.ENTRY_CHANGED,
            once=work.now.isoformat(),
            item_id=id_of(item),
            changed_by_id=actor.person_id,
        )
