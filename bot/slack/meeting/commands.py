"""`/meeting`: open, attendance, item by item, what becomes of one that is not quorate, and close."""

import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from bot.domain.permissions import Verb as May
from bot.errors import Inquorate, Mistake, NotAcknowledged, OutOfDate, WhichItem
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind, NoteKind
from bot.records.access.queries import Where, find_panel
from bot.records.meeting.queries import NOTHING_DISCUSSED
from bot.services.agenda import triage
from bot.services.meeting import board, discussion, inquorate, opening, undoing
from bot.slack.agenda import views as agenda_views
from bot.slack.blocks import notice
from bot.slack.cases.flag_views import risk_key
from bot.slack.meeting import board_views, inquorate_views, sheet, undo_views, views
from bot.slack.pages import LINES
from bot.slack.registry import Verb
from bot.slack.request import (
    Handler,
    Reply,
    Request,
    blaming,
    for_number,
    for_panel,
    moment_of,
    take_panel,
    the_panel,
    unread,
    which_item,
)
from bot.slack.typed import item_number, plain
from bot.slack.wording import hint_about
from bot.store.rows import Page


def _attendance(request: Request) -> Reply:
    panel = request.do(find_panel, the_panel(request), May.TAKE_ATTENDANCE).panel
    here = request.do(opening.room, Where(panel_key=panel.key))
    return Reply(modal=views.attendance_form(here, {"panel": panel.key}))


def _attended(request: Request) -> Reply:
    here = request.do(
        opening.record_attendance,
        request.panel(),
        present=request.choices("present"),
        apologies=request.choices("apologies"),
        information=request.field("information"),
        sent_on=request.day("sent_on"),
        accepted="accepted" in request.choices("accepted"),
    )
    return Reply(text=views.present(here))


def _meeting(request: Request) -> tuple[Where, int | None]:
    """The meeting meant: the one of the button, else that of the panel typed after the command."""
    return (the_panel(request), None) if request.clicked is None else (Where(), request.number())


def _postpone(request: Request) -> Reply:
    return request.shown(inquorate_views.postpone_form(request.do(inquorate.look, *_meeting(request))))


def _interim(request: Request) -> Reply:
    found = request.do(inquorate.hold_interim, *_meeting(request))
    modal = inquorate_views.date_form(found) if found.needs_date else None
    shown = request.shown(inquorate_views.interim(found), replaces=request.clicked is not None)
    return replace(shown, modal=modal)


def _quorate(request: Request) -> Reply:
    return request.shown(inquorate_views.quorate(request.do(inquorate.become_quorate, *_meeting(request))))


def _close(request: Request) -> Reply:
    words = request.text.lower().split()
    at_once = "now" in words
    where = the_panel(replace(request, text=" ".join(word for word in words if word != "now")))
    if not at_once:
        left = request.do(opening.unfinished, where)
        if left.is_worth_asking:
            return request.shown(views.closing_question(left))
    return Reply(text=views.closed(request.do(opening.close_meeting, where)))


def _clicked_close(request: Request) -> Reply:
    where, meeting_id = request.panel_and_number()
    closing = request.do(opening.close_meeting, where, meeting_id)
    return Reply(text=views.closed(closing), replaces=True)


OPENING_VERBS = (
    Verb("open", "[panel]", "begin today's meeting", "", for_panel(opening.open_panel_meeting, views.opened)),
    Verb("attendance", "[panel]", "record who is here and who sent apologies", "", _attendance, reads=True),
    Verb(
        "room", "[panel]", "who is here, and whether it is quorate", "", for_panel(opening.room, views.room), reads=True
    ),
    Verb("postpone", "[panel]", "not quorate: put the meeting off to a new date", "", _postpone, reads=True),
    Verb("interim", "[panel]", "not quorate: talk, note and give actions, decide nothing", "", _interim),
    Verb("quorate", "[panel]", "an interim discussion is a full meeting after all", "", _quorate),
)
#: The last of all in the help.
CLOSE = Verb("close", "[now] [panel]", "end the meeting; `now` asks nothing", "", _close)


def _next(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.RUN_MEETING)
    number = item_number(text)
    if text and number is None:
        raise unread(text, f"Which item? {_NEXT.how_to('/meeting')}")
    return _went_on(request, where, number)


def _item(request: Request) -> Reply:
    """An item by its number, or the one being discussed."""
    where, text = take_panel(request, request.text, May.SEE_AGENDA)
    number = item_number(text)
    if text and number is None:
        raise unread(text, f"Which item? {_ITEM.how_to('/meeting')}")
    return _shown(request, where, number=number)


def _now(request: Request) -> Reply:
    return _shown(request, the_panel(request))


def _shown(request: Request, where: Where, item_id: int | None = None, *, number: str | None = None) -> Reply:
    """Show an item to a person who has accepted the confidentiality statement; others are asked to first."""
    try:
        return request.shown(views.current(request.do(discussion.show_item, where, item_id, number=number)))
    except NotAcknowledged as refused:
        return request.shown(views.statement(str(refused), refused.statement, refused.meeting_id))


def _went_on(request: Request, where: Where, number: str | None = None, leaving_id: int | None = None) -> Reply:
    """The next item; before the first case of a meeting that is not quorate, the choice what becomes of it."""
    try:
        found = request.do(discussion.next_item, where, number, leaving_id=leaving_id)
    except Inquorate as refused:
        return request.shown(inquorate_views.choice(str(refused), refused.meeting_id))
    return request.shown(views.current(found))


def _clicked_next(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    return _went_on(request, where, leaving_id=item_id)


def _note(request: Request, kind: NoteKind | None = None) -> Reply:
    text = plain(request.text)
    try:
        found = request.do(discussion.add_note, request.where(), text, kind)
    except WhichItem as unsure:
        verb = "note" if kind is None else kind.value
        raise which_item(unsure, f"/meeting {verb}", request.text) from unsure
    return Reply(text=views.noted(found) + hint_about(text))


def _clicked_note(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    request.do(find_panel, where, May.NOTE)
    found = request.do(discussion.current_item, where, item_id)
    if found.item is None:
        raise Mistake(NOTHING_DISCUSSED)
    return Reply(modal=views.note_form(found.item.title, {"panel": where.panel_key, "item": item_id}))


def _noted(request: Request) -> Reply:
    carried = request.metadata
    found = request.do(
        discussion.add_note,
        request.panel(),
        request.field("text"),
        request.if_any(partial(request.option, kind=NoteKind), "kind"),
        item_id=carried.if_any(carried.number, "item") or 0,
    )
    return Reply(text=views.noted(found) + hint_about(request.field("text")))


def _decide(request: Request) -> Reply:
    where, item_id = (the_panel(request), None) if request.clicked is None else request.panel_and_number()
    panel = request.do(find_panel, where, May.DECIDE).panel
    found = request.do(discussion.current_item, Where(panel_key=panel.key), item_id)
    if found.interim:
        raise Mistake(found.interim)
    if found.item is None:
        raise Mistake(NOTHING_DISCUSSED)
    if found.item.flag is None:
        raise Mistake("The current item is not a case. `/meeting next` goes on, `/meeting note` writes a line.")
    definition = request.work.definition(panel.definition)
    metadata = {"panel": panel.key, "item": found.item.id}
    return Reply(modal=views.decide_form(found, definition.decisions, definition.risk_tools, metadata))


def _decided(request: Request) -> Reply:
    where = request.panel()
    form = discussion.DecisionForm(
        kind=request.option("kind", DecisionKind),
        rationale=request.field("rationale"),
        review=request.field("review") or None,
        close_reason=request.if_any(partial(request.option, kind=CloseReason), "close_reason"),
        adult_route=request.if_any(partial(request.option, kind=AdultRoute), "adult_route"),
        area=request.field("area"),
        risk_after=request.if_any(lambda block: risk_key(request.field(block)), "risk_after"),
        replaces=request.numbers("replaces"),
    )
    with blaming("review"):
        found = request.do(discussion.decide, where, form, item_id=request.metadata.number("item"))
    return Reply(text=views.decided(found) + hint_about(form.rationale))


def _clicked_item(request: Request) -> Reply:
    """The item that the board shows, with its words, for the person who opens it."""
    where, item_id = request.panel_and_number()
    return _shown(request, where, item_id or None)


def _clicked_agenda(request: Request) -> Reply:
    """The agenda, for the person who opens it from the board, which stays."""
    where, _ = request.panel_and_number()
    return request.shown(agenda_views.shown(request.do(triage.show_agenda, where, Page(0, LINES))))


def _board(request: Request) -> Reply:
    """The board at the bottom of the panel's channel."""
    where = the_panel(request) if request.clicked is None else request.panel_and_number()[0]
    return Reply(text=board_views.moved(request.do(board.put_at_bottom, where)))


def _undo(request: Request) -> Reply:
    """The last entry of this person is taken back; one older than a minute after asking."""
    where = the_panel(request)
    found = request.do(undoing.last_entry, where)
    if found.is_old:
        return request.shown(undo_views.undo_question(found))
    return Reply(text=undo_views.undone(request.do(undoing.undo_last, where, found.key)))


_ENTRY: Final = re.compile("(?:note|decision)-[0-9]{1,10}", re.ASCII)


def _clicked_undo(request: Request) -> Reply:
    where, key = request.panel_and(":")
    if not _ENTRY.fullmatch(key):
        raise OutOfDate
    return Reply(text=undo_views.undone(request.do(undoing.undo_last, where, key)), replaces=True)


_ITEM = Verb("item", "[NUMBER] [panel]", "any item, by its number, wherever the meeting is", "4", _item)
_NEXT = Verb("next", "[NUMBER] [panel]", "go to the next item, or to one by its number", "4", _next)
ITEM_VERBS = (
    _NEXT,
    Verb("now", "[panel]", "the item being discussed", "", _now),
    _ITEM,
    Verb("record", "[NUMBER] [panel]", "one form for all that is recorded of an item", "", sheet.record, reads=True),
    Verb("board", "[panel]", "move the board to the bottom of the panel's channel", "", _board),
    Verb("note", "[AGENCY:] WORDS", "write a line under the item", "Police: seen twice this week", _note),
    Verb(
        "dissent",
        "AGENCY: WORDS",
        "record that an agency disagrees",
        "Health: would retain",
        partial(_note, kind=NoteKind.DISSENT),
    ),
    Verb(
        "decide",
        "[panel]",
        "record a decision on the case with its rationale, beside others or in their place",
        "",
        _decide,
        reads=True,
    ),
    Verb(
        "undo",
        "[panel]",
        "take back your last note or decision; what it had replaced is in force again",
        "",
        _undo,
    ),
    Verb(
        "mine",
        "[panel]",
        "what you recorded in this meeting",
        "",
        for_panel(undoing.own_entries, undo_views.mine),
        reads=True,
    ),
)

_HERE: Final = Where()


def _wait(request: Request) -> Reply:
    request.do(inquorate.look, _HERE, request.number())
    return Reply(text=inquorate_views.waiting())


def _postponed(request: Request) -> Reply:
    found = request.do(
        inquorate.postpone,
        _HERE,
        starts_at=_chosen(request),
        reason=request.field("reason"),
        meeting_id=request.metadata.number("meeting"),
    )
    return Reply(text=inquorate_views.postponed(found))


def _date(request: Request) -> Reply:
    return Reply(modal=inquorate_views.date_form(request.do(inquorate.look, _HERE, request.number())))


def _dated(request: Request) -> Reply:
    meeting_id = request.metadata.number("meeting")
    if request.field("when") == inquorate_views.NONE:
        found = request.do(inquorate.decline_new_date, _HERE, request.field("reason"), meeting_id)
        return Reply(text=inquorate_views.declined(found))
    found = request.do(inquorate.set_new_date, _HERE, starts_at=_chosen(request), meeting_id=meeting_id)
    return Reply(text=inquorate_views.dated(found))


def _chosen(request: Request) -> datetime:
    when = request.field("when")
    if when != inquorate_views.OTHER:
        return moment_of(when)
    return request.wall_clock("Choose the other date here.")


def _clicked_open(request: Request) -> Reply:
    """Open the meeting from Home, where what came of it has a window to stand in."""
    where, _ = request.panel_and()
    return Reply(modal=notice(views.opened(request.do(opening.open_panel_meeting, where)), title="Done"))


def _on_board(handler: Handler) -> Handler:
    """Return the handler of a button that the board has: one pressed on an earlier board leaves one board there.

    Not for those that only read, which are done without the database's writer.
    """

    def handled(request: Request) -> Reply:
        reply = handler(request)
        if request.clicked is not None and request.clicked.ts and request.channel_id:
            request.do(board.tidy_boards, request.channel_id, request.clicked.ts)
        return reply

    return handled


CLICKS: dict[str, Handler] = {
    "meeting.open": _clicked_open,
    "meeting.acknowledge": _on_board(for_number(opening.acknowledge, views.welcomed)),
    "meeting.close": _clicked_close,
    "meeting.next": _on_board(_clicked_next),
    "meeting.item": _on_board(_clicked_item),
    "meeting.agenda": _clicked_agenda,
    "meeting.board": _on_board(_board),
    "meeting.decide": _decide,
    "meeting.note": _clicked_note,
    "meeting.record": sheet.clicked_record,
    "meeting.undo": _clicked_undo,
    "meeting.wait": _wait,
    "meeting.postpone": _postpone,
    "meeting.interim": _interim,
    "meeting.date": _date,
    "meeting.quorate": _quorate,
}
SUBMISSIONS: dict[str, Handler] = {
    "meeting.attendance": _attended,
    "meeting.note": _noted,
    "meeting.record": sheet.recorded,
    "meeting.decide": _decided,
    "meeting.postpone": _postponed,
    "meeting.new_date": _dated,
}
