"""The sheet of an item: one form for everything recorded on it. Several people may save the sheet again and again.

Each field holds all lines of one kind, such as what one agency shared. A field is saved only if the person changed it.
If another person has changed the field since the form was opened, both texts are shown, and the person chooses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import union
from sqlmodel import col, func, select

from bot.domain.language.agency_names import attribute
from bot.domain.language.identifiers import accept_text
from bot.domain.panel_definition import RecordPart, RiskTool
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.meetings import AgendaItem, Attendance, Decision, Guest, Meeting, Note
from bot.models.people import Agency, Person
from bot.models.vocabulary import AttendanceStatus, DecisionKind, NoteKind
from bot.records.access.queries import Standing, Where, local_time
from bot.records.cases.decisions import NOTE_STANDS, STANDS
from bot.records.meeting.board import redraw_board
from bot.records.meeting.changes import hold_item, note_answer, take_back_notes, write_note
from bot.records.meeting.notes import NotePlace, PlacedNotes, notes_by_place
from bot.records.meeting.queries import (
    CurrentItem,
    attends,
    line_with,
    lines_of,
    open_sitting,
    row_to_record,
    view_current,
)
from bot.records.people.queries import agencies_at
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_TO_CHOOSE: Final = "?"  # begins the mark of a field that was shown with both texts
#: Who recorded on an item within this time is named as recording with the person.
_LATELY: Final = timedelta(minutes=10)
#: The kinds of lines that have a field of their own, by the part of the form and in its order.
_FIELDS: Final[Mapping[RecordPart, tuple[NoteKind, ...]]] = {
    RecordPart.SUMMARY: (NoteKind.DISCUSSION,),
    RecordPart.RISK: (NoteKind.MAY_HAPPEN, NoteKind.RAISES_RISK, NoteKind.PROTECTS),
    RecordPart.CHILDS_VIEW: (NoteKind.CHILDS_VIEW,),
}


class Choice(StrEnum):
    """The choice between two texts of a field that two people changed."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class SheetField:
    """One field of the sheet. If another person has also changed it, that person's text is included to choose from."""

    place: NotePlace
    agency_name: str  #: the agency that shared this; empty for other fields
    text: str  #: what the field is filled in with
    theirs: str = ""  #: what another person wrote meanwhile, where the person has to choose
    theirs_by: str = ""
    is_from_return: bool = False  #: the text is from the agency's return and not recorded yet
    drawn_mark: str = ""  #: the field's mark when the form was opened, if `text` was typed since

    @property
    def mark(self) -> str:
        """Return a short hash of the field's text, to tell on saving whether the record has changed meanwhile.

        The mark also says whether the person has to choose between two texts.
        """
        if self.drawn_mark:
            return self.drawn_mark
        return f"{_TO_CHOOSE}{mark_of(self.theirs)}" if self.theirs else mark_of(self.text)


@dataclass(frozen=True, slots=True)
class SheetView:
    """The sheet of one item, for a person who may record."""

    current: CurrentItem
    item_id: int
    fields: tuple[SheetField, ...]
    other_agencies: tuple[tuple[int, str], ...]  #: those of the panel that have no field yet
    parts: frozenset[RecordPart]
    kinds: tuple[DecisionKind, ...]  #: the decisions that this item may have; empty if none
    risk_tools: tuple[RiskTool, ...]
    recording_too: tuple[tuple[str, datetime], ...]  #: who else recorded here lately, and when, on the panel's clock
    saved: tuple[SheetField, ...] = ()  #: what was just saved


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """The text of one field of the sheet, as the form sent it."""

    key: str  #: of its place
    text: str
    mark: str  #: the field's mark when the form was opened
    choice: Choice | None = None  #: where both texts were shown


def mark_of(text: str) -> str:
    """Return a short hash of a text, without regard to spaces and line breaks."""
    return sha256(" ".join(text.split()).encode()).hexdigest()[:10]


def open_sheet(
    work: Work, actor: Actor, where: Where, item_id: int | None = None, *, number: str | None = None
) -> SheetView:
    """Return the sheet of an item of the open meeting.

    The item is the one with this id or number, or else the current item.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE, item_id)
    if number is not None:
        item_id = line_with(work, standing, meeting, lines_of(work, meeting, actor.person_id), number).item.id
    item, _ = row_to_record(work, standing, meeting, item_id)
    return _view(work, standing, meeting, item)


def redraw_sheet(work: Work, actor: Actor, where: Where, item_id: int, entries: Sequence[SheetEntry]) -> SheetView:
    """Return the sheet with what a person has typed so far. Nothing is saved.

    Each field keeps the mark from when the form was opened, so that changes by others are still noticed on saving.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE, item_id)
    item, _ = row_to_record(work, standing, meeting, item_id)
    found = _view(work, standing, meeting, item)
    there = notes_by_place(work, item_id)
    drawn = {field.place.key: field for field in found.fields}
    typed = {
        entry.key: _typed(entry, drawn.get(entry.key) or _field_left(work, entry.key, there), there)
        for entry in entries
    }
    return replace(found, fields=tuple((drawn | typed).values()))


def _typed(entry: SheetEntry, field: SheetField, there: Mapping[NotePlace, PlacedNotes]) -> SheetField:
    """Return a field with the text that the person typed.

    If the person has to choose between two texts, the field has the other person's text too.
    """
    typed = replace(field, text=entry.text, drawn_mark=entry.mark)
    lines = there.get(field.place)
    if not entry.mark.startswith(_TO_CHOOSE) or lines is None:
        return typed
    return replace(typed, theirs=lines.text, theirs_by=lines.by_name)


def save_sheet(
    work: Work,
    actor: Actor,
    where: Where,
    item_id: int,
    entries: Sequence[SheetEntry],
    *,
    other: tuple[int, str] | None = None,
    dissent: str = "",
) -> SheetView:
    """Save the fields that the person changed. Return the sheet as it is now.

    `other` is a pair: the id of an agency that has no field in the form, and the text of what this agency shared.
    `dissent` begins with the agency ("Health: …"). A field that another person has changed meanwhile is not saved, and
    is returned with both texts. Raise Mistake, attached to the field at fault, if a text is too long or identifies a
    person. In that case nothing is saved.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE, item_id)
    item, case = row_to_record(work, standing, meeting, item_id, field="text")
    hold_item(work, item)
    key_id = case.data_key_id if case else standing.panel.data_key_id
    there = notes_by_place(work, id_of(item))
    drawn = {field.place.key: field for field in _view(work, standing, meeting, item).fields}
    saved: list[NotePlace] = []
    unsaved: dict[str, SheetField] = {}
    for entry in entries:
        field = drawn.get(entry.key) or _field_left(work, entry.key, there)
        lines = there.get(field.place)
        if mark_of(entry.text) == mark_of(lines.text if lines else "") or mark_of(entry.text) == _bare(entry.mark):
            text = entry.text.strip()  # unchanged text is not checked again
        else:
            text = accept_text(entry.text, field=entry.key, missing="", today=work.now.date())
        text, is_kept_apart = _settled(entry, text, field, lines)
        if is_kept_apart and lines is not None:
            unsaved[entry.key] = SheetField(
                field.place, field.agency_name, text, theirs=lines.text, theirs_by=lines.by_name
            )
            continue
        if text != (lines.text if lines else ""):
            _put(work, actor, item, key_id, field.place, text, lines)
            saved.append(field.place)
        if not text:
            unsaved[entry.key] = SheetField(field.place, field.agency_name, "")  # the return is not offered again
    if other is not None and other[1].strip():
        if other[0] not in {one.id for one in agencies_at(work, standing.panel_id)}:
            raise Mistake("Choose one of these agencies.", field="other_agency")
        place = NotePlace(NoteKind.SHARED, other[0])
        write_note(
            work,
            actor,
            item,
            key_id,
            place,
            accept_text(other[1], field="other_text", missing="", today=work.now.date()),
        )
        saved.append(place)
    if dissent.strip():
        saved += _dissent(work, actor, standing, item, key_id, dissent)
    if saved:
        attends(work, standing, meeting)
        note_answer(work, meeting, actor.person_id, id_of(item))
        redraw_board(work, standing.panel, meeting, item.id)
        work.audit("record", "item", item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    work.session.flush()
    return _view(work, standing, meeting, item, saved=saved, unsaved=unsaved)


def _settled(entry: SheetEntry, text: str, field: SheetField, there: PlacedNotes | None) -> tuple[str, bool]:
    """Return the text to keep in a field, and whether the person must first choose between two texts."""
    now = there.text if there else ""
    if mark_of(text) == mark_of(now) or entry.choice is Choice.THEIRS:
        return now, False
    if _bare(entry.mark) != _bare(field.mark):  # another person has changed the field since the form was opened
        if mark_of(text) == entry.mark:
            return now, False
        return text, bool(now)
    if entry.mark.startswith(_TO_CHOOSE) and entry.choice is None:
        return text, True
    return ("\n".join(filter(None, (now, text))) if entry.choice is Choice.BOTH else text), False


def _bare(mark: str) -> str:
    return mark.removeprefix(_TO_CHOOSE)


def _field_left(work: Work, key: str, there: Mapping[NotePlace, PlacedNotes]) -> SheetField:
    """Return the sheet's field for an agency that has left the panel. The form no longer shows such a field.

    Raise Mistake for any other unknown field.
    """
    kind, _, number = key.partition(".")
    agency = work.session.get(Agency, int(number)) if number.isdecimal() else None
    if kind not in set(NoteKind) or (agency is None) == (kind == NoteKind.SHARED):
        raise Mistake("This form is from an earlier version. Copy your words and press Record again.")
    place = NotePlace(NoteKind(kind), agency.id if agency else None)
    return _field(place, agency.name if agency else "", there)


def _put(
    work: Work, actor: Actor, item: AgendaItem, key_id: int, place: NotePlace, text: str, there: PlacedNotes | None
) -> None:
    if text:
        write_note(work, actor, item, key_id, place, text, there.rows if there else ())
    elif there is not None:
        take_back_notes(work, actor, item, there.rows)


def _dissent(
    work: Work, actor: Actor, standing: Standing, item: AgendaItem, key_id: int, dissent: str
) -> list[NotePlace]:
    text = accept_text(dissent, field="dissent", missing="", today=work.now.date())
    parts = attribute(text, agencies_at(work, standing.panel_id)).parts
    if not all(part.agency_id for part in parts):
        raise Mistake("Whose dissent? Begin with the agency, such as Health: …", field="dissent")
    places = [NotePlace(NoteKind.DISSENT, part.agency_id) for part in parts]
    for place, part in zip(places, parts, strict=True):
        write_note(work, actor, item, key_id, place, part.text)
    return places


def _view(
    work: Work,
    standing: Standing,
    meeting: Meeting,
    item: AgendaItem,
    *,
    saved: Sequence[NotePlace] = (),
    unsaved: Mapping[str, SheetField] | None = None,
) -> SheetView:
    current = view_current(work, standing, meeting, id_of(item))
    definition = work.definition(standing.panel.definition)
    is_case = item.flag_id is not None
    parts = frozenset(definition.record) if is_case else frozenset({RecordPart.SUMMARY, RecordPart.ACTIONS})
    names = {id_of(agency): agency.name for agency in work.find_all(Agency, by=[col(Agency.name)])}
    there = notes_by_place(work, id_of(item))
    spoken = set(work.session.exec(select(Note.agency_id).where(col(Note.item_id) == id_of(item))).all())
    # A return is offered until a line was recorded for its agency, even if the line was taken back since.
    returned = {one.agency_name: one.text for one in current.returns if one.text}
    returned = {name: returned[name] for number, name in names.items() if name in returned and number not in spoken}
    fields = []
    if RecordPart.AGENCIES in parts:
        speaking = _present(work, meeting) | {place.agency_id for place in there if place.kind is NoteKind.SHARED}
        for agency_id, name in names.items():
            if agency_id in speaking or name in returned:
                fields.append(_field(NotePlace(NoteKind.SHARED, agency_id), name, there, returned.get(name, "")))
    for part, kinds in _FIELDS.items():
        if part in parts:
            fields += [_field(NotePlace(kind), "", there) for kind in kinds]
    with_fields = {field.place.agency_id for field in fields}
    seated = {agency.id for agency in agencies_at(work, standing.panel_id)}
    decides = RecordPart.DECISIONS in parts and is_case and standing.may(Verb.DECIDE) and not meeting.is_interim
    return SheetView(
        current=current,
        item_id=id_of(item),
        fields=tuple((unsaved or {}).get(field.place.key, field) for field in fields),
        other_agencies=tuple(
            (agency_id, name) for agency_id, name in names.items() if agency_id in seated - with_fields
        )
        if RecordPart.AGENCIES in parts
        else (),
        parts=parts,
        kinds=definition.decisions if decides else (),
        risk_tools=definition.risk_tools,
        recording_too=_recording_too(work, standing, item),
        saved=tuple(SheetField(place, names.get(place.agency_id or 0, ""), "") for place in dict.fromkeys(saved)),
    )


def _field(
    place: NotePlace, agency_name: str, there: Mapping[NotePlace, PlacedNotes], returned: str = ""
) -> SheetField:
    found = there.get(place)
    if found is not None:
        return SheetField(place, agency_name, found.text)
    return SheetField(place, agency_name, returned, is_from_return=bool(returned))


def _present(work: Work, meeting: Meeting) -> set[int | None]:
    """Return the ids of the agencies that are present, including those with only a guest."""
    members, guests = (
        select(col(kind.agency_id)).where(
            col(kind.meeting_id) == id_of(meeting), col(kind.status) == AttendanceStatus.PRESENT
        )
        for kind in (Attendance, Guest)
    )
    return set(work.session.execute(union(members, guests.where(col(Guest.undone_at).is_(None)))).scalars())


def _recording_too(work: Work, standing: Standing, item: AgendaItem) -> tuple[tuple[str, datetime], ...]:
    """Return the names of other people who have recorded on an item in the last ten minutes, and when each did."""
    found: dict[str, datetime] = {}
    for by_id, at, of_item, stands in (
        (col(Note.written_by_id), col(Note.written_at), col(Note.item_id), NOTE_STANDS),
        (col(Decision.decided_by_id), col(Decision.decided_at), col(Decision.item_id), STANDS),
    ):
        query = (
            select(Person.name, func.max(at))
            .join(Person, col(Person.id) == by_id)
            .where(of_item == id_of(item), stands, by_id != standing.actor.person_id, at > work.now - _LATELY)
            .group_by(Person.name)
        )
        for name, last in work.session.exec(query):
            found[name] = max(last, found.get(name, last))
    return tuple((name, local_time(work, standing.panel, at)) for name, at in sorted(found.items()))
