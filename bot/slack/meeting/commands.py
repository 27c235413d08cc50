"""`/meeting`: open, attendance, item by item, what becomes of one that is not quorate, and close."""

import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from bot.domain.permissions import Verb as May
from bot.errors import AboutAnother, Inquorate, Mistake
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind, NoteKind
from bot.records.access.queries import Where, find_panel
from bot.services.meeting import discussion, inquorate, opening
from bot.slack.blocks import notice
from bot.slack.cases.flag_views import risk_key
from bot.slack.meeting import inquorate_views, views
from bot.slack.registry import Verb
from bot.slack.request import (
    Handler,
    Reply,
    Request,
    TypedAgain,
    blaming,
    for_number,
    for_panel,
    moment_of,
    take_panel,
    the_panel,
    unread,
)
from bot.slack.typed import plain
from bot.slack.wording import hint_about


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
        if left.carried:
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


#: What an agenda calls its lines: 6, or 6a for one that came after the sixth once it was out.
_NUMBER: Final = re.compile(
    r"(?:items?\s+)?(?:(?:no|number)\.?\s*)?#?(?P<number>[0-9]{1,3}[a-z]{0,2})\.?", re.IGNORECASE
)


def _next(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.RUN_MEETING)
    found = _NUMBER.fullmatch(text)
    if text and found is None:
        raise unread(text, f"Which item? {_NEXT.how_to('/meeting')}")
    return _went_on(request, where, found["number"] if found else None)


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
    except AboutAnother as another:
        raise _which_child(request, another, "note" if kind is None else kind.value) from another
    return Reply(text=views.noted(found) + hint_about(text))


def _which_child(request: Request, another: AboutAnother, verb: str) -> TypedAgain:
    """Return the question about which child a note is, with a button for each answer that this person may give."""
    here = f"/meeting {verb} this item: {request.text.strip()}"
    answers = [("This item", here)]
    if another.number is not None:
        answers.append((f"Go to item {another.number}, note it there", f"/meeting next {another.number}\n{here}"))
    return TypedAgain(str(another), answers)


def _clicked_note(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    request.do(find_panel, where, May.NOTE)
    found = request.do(discussion.current_item, where)
    if found.item is None or found.item.id != item_id:
        return request.shown(views.current(replace(found, moved_on=True)))
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
    found = request.do(discussion.current_item, Where(panel_key=panel.key))
    if item_id is not None and (found.item is None or found.item.id != item_id):
        return request.shown(views.current(replace(found, moved_on=True)))
    if found.interim:
        raise Mistake(found.interim)
    if found.item is None:
        raise Mistake(discussion.NOTHING_DISCUSSED)
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


_NEXT = Verb("next", "[NUMBER] [panel]", "go to the next item, or to one by its number", "4", _next)
ITEM_VERBS = (
    _NEXT,
    Verb(
        "now", "[panel]", "the item being discussed", "", for_panel(discussion.current_item, views.current), reads=True
    ),
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
        "take back the last note or decision; what it had replaced is in force again",
        "",
        for_panel(discussion.undo_last, views.undone),
    ),
)

_HERE = Where()


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


CLICKS: dict[str, Handler] = {
    "meeting.open": _clicked_open,
    "meeting.acknowledge": for_number(opening.acknowledge, views.welcomed),
    "meeting.close": _clicked_close,
    "meeting.next": _clicked_next,
    "meeting.decide": _decide,
    "meeting.note": _clicked_note,
    "meeting.wait": _wait,
    "meeting.postpone": _postpone,
    "meeting.interim": _interim,
    "meeting.date": _date,
    "meeting.quorate": _quorate,
}
SUBMISSIONS: dict[str, Handler] = {
    "meeting.attendance": _attended,
    "meeting.note": _noted,
    "meeting.decide": _decided,
    "meeting.postpone": _postponed,
    "meeting.new_date": _dated,
}
