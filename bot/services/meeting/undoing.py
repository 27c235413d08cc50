"""Taking back what a person recorded last in the open meeting, their own and nobody else's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select

from bot.domain.decisions import excluded_by
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.actions import Action
from bot.models.meetings import AgendaItem, Decision, Meeting, Note
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import ActionState
from bot.records.access.queries import Standing, Where, local_time, standing_on
from bot.records.cases.decisions import STANDS, view_decision
from bot.records.meeting.board import redraw_board
from bot.records.meeting.changes import hold_item, take_back_notes
from bot.records.meeting.notes import NOTE_STANDS
from bot.records.meeting.queries import CurrentItem, Line, TakenBack, lines_of, open_sitting, view_current, view_note
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: After this long a person is asked before their entry is taken back: they may mean another one.
_JUST_NOW: Final = timedelta(minutes=1)
_NOTHING: Final = "You have recorded nothing in this meeting that could be taken back."
_OVERTAKEN: Final = (
    "You recorded something else since, or this was changed. "
    "Nothing was taken back; `/meeting undo` shows what it would take."
)


@dataclass(frozen=True, slots=True)
class LastEntry:
    """What a person recorded last in a meeting."""

    panel_key: str
    key: str  #: names the entry, so that a button takes back this one and no later one
    found: TakenBack
    is_old: bool  #: so long ago that they are asked first
    action_id: int | None = None  #: an action that they gave after it, which is withdrawn in its own way


def last_entry(work: Work, actor: Actor, where: Where) -> LastEntry:
    """Return what this person recorded last, of what stands. Raises Mistake where there is nothing."""
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE)
    found = _last_of(work, standing, meeting)
    _saw(work, standing, [_lines(work, standing, meeting)[found.item_id]])
    made_at = found.written_at if isinstance(found, Note) else found.decided_at
    given = work.session.exec(
        select(Action.id)
        .where(
            col(Action.meeting_id) == id_of(meeting),
            col(Action.created_by_id) == actor.person_id,
            col(Action.created_at) >= made_at,
            col(Action.state) != ActionState.WITHDRAWN,
        )
        .order_by(col(Action.created_at).desc(), col(Action.id).desc())  # numbers are in no order
    ).first()
    is_old = given is not None or work.now - made_at >= _JUST_NOW
    return LastEntry(standing.panel.key, _key(found), _view(work, found), is_old, given)


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """One thing that a person recorded, with when, on the panel's clock."""

    made_at: datetime
    found: TakenBack


@dataclass(frozen=True, slots=True)
class OwnEntries:
    """What a person recorded in the open meeting, of what stands; the last first."""

    panel_title: str
    entries: tuple[OwnEntry, ...]


def own_entries(work: Work, actor: Actor, where: Where) -> OwnEntries:
    """Return what this person recorded in the open meeting and is in force, under items that they may read now."""
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE)
    lines = _lines(work, standing, meeting)
    agencies: dict[int | None, str] = {agency.id: agency.name for agency in work.find_all(Agency)}
    me = actor.person_id
    notes = work.find_all(Note, col(Note.item_id).in_(lines), col(Note.written_by_id) == me, NOTE_STANDS)
    decisions = work.find_all(Decision, col(Decision.item_id).in_(lines), col(Decision.decided_by_id) == me, STANDS)
    _saw(
        work,
        standing,
        (lines[number] for number in {*(one.item_id for one in notes), *(one.item_id for one in decisions)}),
    )
    work.keys.fetch(work.session, (*(one.text for one in notes), *(one.rationale for one in decisions)))
    made = [(one.written_at, TakenBack(view_note(work, one, agencies), lines[one.item_id].item.title)) for one in notes]
    made += [(one.decided_at, TakenBack(view_decision(work, one), lines[one.item_id].item.title)) for one in decisions]
    made.sort(key=lambda one: one[0], reverse=True)
    panel = standing.panel
    return OwnEntries(panel.title, tuple(OwnEntry(local_time(work, panel, at), found) for at, found in made))


def undo_last(work: Work, actor: Actor, where: Where, key: str | None = None) -> CurrentItem:
    """Take back what this person recorded last; it stays in the record as taken back, and what it replaced is in force.

    An earlier decision that does not go with one made since stays replaced.

    With `key` nothing is done unless that is their last entry. Raises Mistake then, and where there is nothing.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE)
    latest = _last_of(work, standing, meeting)
    item = work.session.get_one(AgendaItem, latest.item_id)
    hold_item(work, item)
    work.session.refresh(latest)
    is_gone = latest.undone_at is not None or latest.superseded_by_id is not None
    if is_gone or key not in (None, _key(latest)):
        raise Mistake(_OVERTAKEN)
    taken = _view(work, latest)
    before: Sequence[Note | Decision]
    if isinstance(latest, Note):
        before = work.find_all(Note, col(Note.superseded_by_id) == latest.id, by=[col(Note.id)])
        take_back_notes(work, actor, item, [latest])
    else:
        before = work.find_all(Decision, col(Decision.superseded_by_id) == latest.id, by=[col(Decision.id)])
        latest.undone_at = work.now
        work.session.flush()  # out of the way of the one whose place it had taken
    before = [one for one in before if isinstance(one, Note) or _fits_again(work, one)]
    for one in before:
        one.superseded_by_id = None
    work.session.flush()
    redraw_board(work, standing.panel, meeting, item.id)
    work.audit("undo", "item", item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    restored = tuple(_view(work, one).entry for one in before)
    return replace(view_current(work, standing, meeting, id_of(item)), taken_back=replace(taken, restored=restored))


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """Tells a person that something they recorded was put in another's place or taken back, without its words."""

    panel_key: str
    panel_title: str
    item_id: int
    title: str
    by_name: str


def compose_changed(work: Work, actor: Actor, item_id: int, changed_by_id: int) -> ChangedEntry | None:
    """Return what tells a person that an entry of theirs was changed; None where the item is kept from them by now."""
    item = work.session.get(AgendaItem, item_id)
    if item is None:
        return None
    meeting = work.session.get_one(Meeting, item.meeting_id)
    line = next((one for one in lines_of(work, meeting, actor.person_id) if one.item.id == item_id), None)
    if line is None or not line.is_readable:
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    if not standing_on(work, actor, panel).may(Verb.SEE_AGENDA):
        return None
    if line.case is not None:
        work.saw(actor.person_id, [(id_of(line.case), id_of(panel))])
    by = work.session.get_one(Person, changed_by_id)
    return ChangedEntry(panel.key, panel.title, item_id, item.title, by.name)


def _fits_again(work: Work, earlier: Decision) -> bool:
    """Return whether an earlier decision can be in force again beside those that were made since."""
    others = work.find_all(Decision, col(Decision.item_id) == earlier.item_id, STANDS)
    return not any(one.kind is earlier.kind or one.kind in excluded_by(earlier.kind) for one in others)


def _last_of(work: Work, standing: Standing, meeting: Meeting) -> Note | Decision:
    """Return what a person recorded last in a meeting, under an item that they may read now."""
    reader_id = standing.actor.person_id
    theirs = list(_lines(work, standing, meeting))
    note = work.session.exec(
        select(Note)
        .where(col(Note.item_id).in_(theirs), col(Note.written_by_id) == reader_id, NOTE_STANDS)
        .order_by(col(Note.id).desc())
    ).first()
    decision = work.session.exec(
        select(Decision)
        .where(col(Decision.item_id).in_(theirs), col(Decision.decided_by_id) == reader_id, STANDS)
        .order_by(col(Decision.id).desc())
    ).first()
    if decision is not None and (note is None or decision.decided_at >= note.written_at):
        return decision
    if note is None:
        raise Mistake(_NOTHING)
    return note


def _lines(work: Work, standing: Standing, meeting: Meeting) -> dict[int, Line]:
    """By number, the items that a person may read."""
    found = lines_of(work, meeting, standing.actor.person_id)
    return {id_of(line.item): line for line in found if line.is_readable}


def _saw(work: Work, standing: Standing, lines: Iterable[Line]) -> None:
    cases = [line.case for line in lines if line.case is not None]
    work.saw(standing.actor.person_id, ((id_of(case), standing.panel_id) for case in cases))


def _key(entry: Note | Decision) -> str:
    return f"{'note' if isinstance(entry, Note) else 'decision'}-{id_of(entry)}"


def _view(work: Work, entry: Note | Decision) -> TakenBack:
    title = work.session.get_one(AgendaItem, entry.item_id).title
    if isinstance(entry, Decision):
        return TakenBack(view_decision(work, entry), title)
    agency = work.session.get(Agency, entry.agency_id) if entry.agency_id else None
    return TakenBack(view_note(work, entry, {entry.agency_id: agency.name if agency else ""}), title)
