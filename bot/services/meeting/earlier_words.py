"""The earlier entries of an item, which were replaced or taken back, for people who may record."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from bot.domain.permissions import Actor, Verb
from bot.models.meetings import Decision, Note
from bot.models.people import Agency, Person
from bot.records.access.queries import Where, local_time
from bot.records.cases.decisions import DecisionView, view_decision
from bot.records.meeting.queries import NoteView, open_sitting, row_to_record, view_note
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class EarlierEntry:
    """An entry that is no longer in force, with who made it and who replaced it."""

    entry: NoteView | DecisionView
    by_name: str
    at: datetime  #: on the panel's clock, as is the next
    replaced_by: str = ""  #: empty for one that was taken back
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EarlierWords:
    """All earlier entries of an item, the oldest first."""

    title: str
    entries: tuple[EarlierEntry, ...]


def earlier_words(work: Work, actor: Actor, where: Where, item_id: int) -> EarlierWords:
    """Return the entries of an item of the open meeting that were replaced or taken back.

    Raise Mistake if the item is not on the agenda or kept from the person, and NotTheirDuty if they may not record.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE, item_id)
    item, case = row_to_record(work, standing, meeting, item_id)
    agencies: dict[int | None, str] = {agency.id: agency.name for agency in work.find_all(Agency)}
    notes = work.find_all(Note, col(Note.item_id) == id_of(item), by=[col(Note.id)])
    decisions = work.find_all(Decision, col(Decision.item_id) == id_of(item), by=[col(Decision.id)])
    work.keys.fetch(work.session, (*(one.text for one in notes), *(one.rationale for one in decisions)))
    authors = {one.written_by_id for one in notes} | {one.decided_by_id for one in decisions}
    names = {id_of(person): person.name for person in work.find_all(Person, col(Person.id).in_(authors))}

    def local(at: datetime) -> datetime:
        return local_time(work, standing.panel, at)

    found = []
    said = {one.id: (names[one.written_by_id], local(one.written_at)) for one in notes}
    for note in notes:
        if note.undone_at is not None or note.superseded_by_id is not None:
            after = said.get(note.superseded_by_id, ())
            found.append(EarlierEntry(view_note(work, note, agencies), *said[note.id], *after))
    made = {one.id: (names[one.decided_by_id], local(one.decided_at)) for one in decisions}
    for decision in decisions:
        if decision.undone_at is not None or decision.superseded_by_id is not None:
            after = made.get(decision.superseded_by_id, ())
            found.append(EarlierEntry(view_decision(work, decision), *made[decision.id], *after))
    found.sort(key=lambda one: one.at)
    work.saw(actor.person_id, [(id_of(case), standing.panel_id)] if case is not None else [])
    work.audit("read", "item", item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return EarlierWords(item.title, tuple(found))
