"""The item being discussed, with all that the chair needs to see of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from bot.domain.permissions import Verb
from bot.models.actions import Action
from bot.models.cases import Case
from bot.models.meetings import Meeting, Note
from bot.models.people import Agency
from bot.models.vocabulary import ActionState, ItemState, NoteKind
from bot.records.access.queries import Standing
from bot.records.actions.queries import ActionView, opened_or_erased, view_actions
from bot.records.agenda.queries import ItemView, view_items
from bot.records.agenda.returns import ReturnView, returns_on
from bot.records.cases.queries import DecisionView, Hearing, hearings, standing_decision
from bot.store.rows import id_of
from bot.store.sittings import interim_words
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class NoteView:
    """One line written during an item."""

    kind: NoteKind
    agency_name: str | None
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An entry that was undone, and who had made it."""

    entry: NoteView | DecisionView
    by: str


@dataclass(frozen=True, slots=True)
class CurrentItem:
    """The item being discussed with all the chair needs, or none when there is none that this reader may see."""

    meeting_id: int
    panel_key: str
    panel_title: str
    item: ItemView | None
    count: int  #: items on the agenda, of those this reader sees
    returns: tuple[ReturnView, ...] = ()  #: what agencies said they would bring; their words for who records
    notes: tuple[NoteView, ...] = ()
    decision: DecisionView | None = None
    earlier: tuple[Hearing, ...] = ()
    outstanding: tuple[ActionView, ...] = ()  #: of this case, or of the panel under matters arising
    given: tuple[ActionView, ...] = ()  #: actions given during this item
    is_through: bool = False  #: nothing is being discussed and nothing waits, of what this reader sees
    owed: str | None = None  #: the case that was left without a decision; the current one when nothing else waits
    moved_on: bool = False  #: nothing was done, as the item that was meant is no longer the current one
    moved_by: str | None = None  #: nothing was done, as this person moved the meeting on a moment ago
    taken_back: TakenBack | None = None
    interim: str = ""  #: why no decision is taken, where this is an interim discussion


def view_note(work: Work, note: Note, agencies: Mapping[int | None, str]) -> NoteView:
    """A line as it is shown; erased words as such."""
    return NoteView(note.kind, agencies.get(note.agency_id), opened_or_erased(work, note.text), note.written_at)


def view_current(work: Work, standing: Standing, meeting: Meeting) -> CurrentItem:
    """Where the open meeting is, as this reader may know it; a case that is shown is noted as read."""
    panel = standing.panel
    reader_id = standing.actor.person_id
    items = view_items(work, reader_id, panel, meeting)
    item = next((one for one in items if one.state is ItemState.CURRENT), None)
    interim = interim_words(work, standing, meeting) if meeting.is_interim else ""
    blank = CurrentItem(id_of(meeting), panel.key, panel.title, item, len(items), interim=interim)
    if item is None:
        return replace(blank, is_through=all(one.state is not ItemState.PENDING for one in items))
    agencies: dict[int | None, str] = {agency.id: agency.name for agency in work.session.exec(select(Agency))}
    notes = tuple(
        view_note(work, note, agencies)
        for note in work.session.exec(
            select(Note).where(col(Note.item_id) == item.id, col(Note.undone_at).is_(None)).order_by(col(Note.id))
        )
    )
    earlier: tuple[Hearing, ...] = ()
    returned: list[ReturnView] = []
    outstanding: list[ActionView] = []
    unfinished = col(Action.state).in_([ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DONE])
    before = col(Action.created_at) < meeting.opened_at
    if item.flag is not None:
        case = work.session.get_one(Case, item.flag.case_id)
        work.audit("read", "case", case.id, panel_id=standing.panel_id, actor_id=reader_id)
        earlier = hearings(work, case, before=meeting)
        returned = returns_on(work, meeting, item.flag.id, reader_id, words=standing.may(Verb.DECIDE))
        outstanding = view_actions(work, reader_id, col(Action.case_id) == id_of(case), unfinished, before)
    elif item.section in _arising(work, standing):
        outstanding = view_actions(work, reader_id, col(Action.panel_id) == standing.panel_id, unfinished, before)
    return CurrentItem(
        meeting_id=blank.meeting_id,
        panel_key=blank.panel_key,
        panel_title=blank.panel_title,
        item=item,
        count=blank.count,
        returns=tuple(returned),
        notes=notes,
        decision=standing_decision(work, item.id),
        earlier=earlier,
        outstanding=tuple(outstanding),
        given=tuple(view_actions(work, reader_id, col(Action.item_id) == item.id)),
        interim=interim,
    )


def _arising(work: Work, standing: Standing) -> set[str]:
    definition = work.definition(standing.panel.definition)
    return {section.key for section in definition.agenda if section.holds == "matters_arising"}
