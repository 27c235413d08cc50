"""Changing an agenda by hand: adding and removing items (not cases), moving items, setting how long they take."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.language.identifiers import accept_line
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.meetings import AgendaItem, Meeting
from bot.models.vocabulary import ItemKind, MeetingState
from bot.records.access.queries import Standing, Where, require_meeting
from bot.records.agenda.changes import add_item_line, compile_items, place_line
from bot.records.agenda.queries import ItemView, lines_for, view_items
from bot.records.diary.queries import OfMeeting, lock_diary, of_meeting
from bot.records.meeting.board import redraw_for_line
from bot.services.agenda.overview import AgendaView, coming_meeting, view_agenda
from bot.store.rows import WHOLE, Page, id_of
from bot.store.unit_of_work import Work

#: The most minutes that one line may take.
MOST_MINUTES: Final = 240
_MOST_TITLE: Final = 120


class Move(StrEnum):
    """Where a line can be moved, among the lines that the person sees."""

    UP = "up"
    DOWN = "down"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class ItemForm:
    """The values of the form that adds an item other than a case."""

    title: str
    kind: ItemKind = ItemKind.OTHER_BUSINESS
    minutes: int = 5
    presenter: str = ""  #: the agency or person who brings it
    section: str | None = None  #: key of the heading after which it comes; none: the last


@dataclass(frozen=True, slots=True)
class LineChange:
    """The values of the form that changes one line: where it moves, how long it takes and whether it is pinned."""

    move: Move | None
    minutes: int
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class LineView(OfMeeting):
    """One line of a meeting's agenda, for the form that changes the line."""

    item: ItemView


@dataclass(frozen=True, slots=True)
class HeadingsView(OfMeeting):
    """The headings after which an item can be added to a meeting's agenda."""

    headings: tuple[tuple[str, str], ...]  #: key and title, in their order


def arrange_agenda(work: Work, actor: Actor, where: Where, page: Page = WHOLE) -> AgendaView:
    """Return the next meeting's agenda for a person who may change its lines."""
    standing, meeting = coming_meeting(work, actor, where, Verb.COMPILE, is_read=True)
    return view_agenda(work, standing, meeting, page)


def headings_for_item(work: Work, actor: Actor, where: Where) -> HeadingsView:
    """Return the headings for the form that adds an item to the open or next meeting.

    While the meeting is open, an item can only go to the end, so only the last heading is offered.
    """
    standing, meeting = coming_meeting(work, actor, where, Verb.COMPILE, or_open=True, is_read=True)
    sections = work.definition(standing.panel.definition).agenda
    if meeting.state is MeetingState.OPEN:
        sections = sections[-1:]
    headings = tuple((section.key, section.title) for section in sections)
    return HeadingsView(*of_meeting(work, standing.panel, meeting), headings)


def add_item(work: Work, actor: Actor, where: Where, form: ItemForm, page: Page = WHOLE) -> AgendaView:
    """Add an item other than a case to the agenda of the open or next meeting.

    In an open meeting the item goes to the end. Raise Mistake for a title that identifies a child.
    """
    standing, meeting = coming_meeting(work, actor, where, Verb.COMPILE, or_open=True)
    title = accept_line(form.title, field="title", missing="What is the item? Give it a title.", today=work.now.date())
    if len(title) > _MOST_TITLE:
        raise Mistake(f"Give a title of at most {_MOST_TITLE} characters.", field="title")
    presenter = form.presenter.strip() and accept_line(
        form.presenter, field="presenter", missing="", today=work.now.date()
    )
    sections = [section.key for section in work.definition(standing.panel.definition).agenda]
    is_last = form.section is None or meeting.state is MeetingState.OPEN
    section = sections[-1] if is_last else form.section
    if section not in sections:
        raise Mistake("Choose one of the agenda's headings.", field="section")
    key_id = standing.panel.data_key_id
    add_item_line(
        work,
        meeting,
        form.kind,
        section=section,
        minutes=_checked(form.minutes),
        words=work.seal(key_id, title),
        presenter=work.seal(key_id, presenter) if presenter else None,
    )
    return _settle(work, standing, meeting, "add", page)


def find_line(work: Work, actor: Actor, item_id: int) -> LineView:
    """Return one line for the form that changes it. Raise NotForYou if the person may not see or change the line."""
    standing, meeting, lines, item = _line(work, actor, item_id, is_read=True)
    at = lines.index(item)
    (view,) = view_items(
        work, actor.person_id, standing.panel, meeting, lines=lines, page=Page(at, 1), with_words=False
    )
    return LineView(*of_meeting(work, standing.panel, meeting), view)


def change_line(work: Work, actor: Actor, item_id: int, change: LineChange, page: Page = WHOLE) -> AgendaView:
    """Move an agenda line, change how long it takes, or pin it.

    A pinned or moved line keeps its place when the agenda is compiled again. Once the agenda is published, the line
    also keeps its number.
    """
    standing, meeting, lines, item = _line(work, actor, item_id)
    if change.minutes != item.minutes:
        item.minutes, item.is_timed = _checked(change.minutes), True
    item.is_pinned = change.is_pinned
    work.session.flush()
    if change.move is not None:
        _move(work, meeting, lines, item, change.move)
    return _settle(work, standing, meeting, "arrange", page)


def remove_item(work: Work, actor: Actor, item_id: int, page: Page = WHOLE) -> AgendaView:
    """Remove an added item from the agenda. Raise Mistake for a heading or a case."""
    standing, meeting, _, item = _line(work, actor, item_id)
    if item.kind is None:
        raise Mistake("You can remove only items that were added. Defer or withdraw a case instead.")
    work.session.delete(item)
    work.session.flush()
    return _settle(work, standing, meeting, "remove", page)


def _line(
    work: Work, actor: Actor, item_id: int, *, is_read: bool = False
) -> tuple[Standing, Meeting, list[AgendaItem], AgendaItem]:
    """Return the person's standing, a coming meeting, the lines of its agenda that they see, and one of these lines.

    Unless `is_read`, the panel's diary is locked. Raise NotForYou for a line that the person does not see.
    """
    item = work.session.get(AgendaItem, item_id)
    if item is None:
        raise NotForYou("that item")
    standing, meeting = require_meeting(work, actor, item.meeting_id, Verb.COMPILE, noun="that item")
    if not is_read:
        lock_diary(work, standing.panel_id)
    lines = lines_for(work, actor.person_id, meeting)
    found = next((line for line in lines if line.id == item_id), None)
    if found is None:
        raise NotForYou("that item")
    if meeting.state is not MeetingState.SCHEDULED:
        raise Mistake("The meeting has begun, so nobody can change its agenda.")
    return standing, meeting, lines, found


def _checked(minutes: int) -> int:
    if not 1 <= minutes <= MOST_MINUTES:
        raise Mistake(f"Give 1 to {MOST_MINUTES} minutes.", field="minutes")
    return minutes


def _move(work: Work, meeting: Meeting, lines: list[AgendaItem], item: AgendaItem, move: Move) -> None:
    """Move a line among the lines that the person sees. The first line can't move up, nor the last one down."""
    others = [line for line in lines if line.id != item.id]
    at = lines.index(item)
    if not others:
        return
    match move:
        case Move.UP:
            place_line(work, meeting, item, before=others[max(at - 1, 0)])
        case Move.FIRST:
            place_line(work, meeting, item, before=others[0])
        case Move.DOWN:
            place_line(work, meeting, item, after=others[min(at, len(others) - 1)])
        case Move.LAST:
            place_line(work, meeting, item, after=others[-1])


def _settle(work: Work, standing: Standing, meeting: Meeting, verb: str, page: Page) -> AgendaView:
    """Compile the agenda again unless the meeting is open, and record the change in the audit. Return the agenda."""
    if meeting.state is not MeetingState.OPEN:
        compile_items(work, standing.panel, meeting)
    redraw_for_line(work, meeting)
    work.audit(verb, "agenda", id_of(meeting), panel_id=standing.panel_id, actor_id=standing.actor.person_id)
    return view_agenda(work, standing, meeting, page)
