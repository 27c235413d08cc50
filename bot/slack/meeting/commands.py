"""`/meeting` and its buttons: opening, attendance, items, meetings without a quorum, and closing."""

import re
from dataclasses import replace
from functools import partial
from typing import Final

from bot.domain.language.reasons import SURE_WORD
from bot.domain.permissions import Verb as May
from bot.errors import Inquorate, Mistake, NotForYou, OutOfDate
from bot.models.vocabulary import NoteKind
from bot.records.access.queries import Where
from bot.records.meeting.going_on import Leaving
from bot.records.meeting.queries import CurrentItem
from bot.services.cases import interests
from bot.services.invitations import replies
from bot.services.meeting import board, discussion, inquorate, left_open, opening, timing
from bot.services.meeting.arising import Heard, answer_arising
from bot.services.meeting.earlier_words import earlier_words
from bot.slack.blocks import notice
from bot.slack.cases import interest_views
from bot.slack.invitations import views as invitations_views
from bot.slack.meeting import (
    agenda_commands,
    attending,
    board_views,
    closing_views,
    inquorate_commands,
    inquorate_views,
    own_entries,
    sheet,
    undo_views,
    views,
)
from bot.slack.meeting.duties import shown_anywhere, telling_whose
from bot.slack.meeting.recording import clicked_correct, clicked_note, decide, decided, item_meant, note, noted
from bot.slack.registry import Verb
from bot.slack.request import (
    Handler,
    Reply,
    Request,
    for_number,
    for_panel,
    number_of,
    offering,
    option_of,
    take_panel,
    the_panel,
    unread,
)
from bot.slack.typed import item_number


def _meeting(request: Request) -> tuple[Where, int | None]:
    """Return the typed panel and None or, after a click, no panel and the meeting's id from the button's value."""
    return (the_panel(request), None) if request.clicked is None else (Where(), request.number())


def _interim(request: Request) -> Reply:
    found = request.do(inquorate.hold_interim, *_meeting(request))
    modal = inquorate_views.date_form(found) if found.needs_date else None
    shown = request.shown(inquorate_views.interim(found), replaces=request.clicked is not None)
    return replace(shown, modal=modal)


def _quorate(request: Request) -> Reply:
    return request.shown(inquorate_views.quorate(request.do(inquorate.become_quorate, *_meeting(request))))


def _close(request: Request) -> Reply:
    if _CLOSES_CASE.match(request.text):
        with offering(f"/meeting decide close {_CLOSES_CASE.sub('', request.text, count=1)}".strip()):
            raise Mistake("`/meeting close` ends the meeting. To close a case, record that decision.")
    words = request.text.lower().split()
    at_once = "now" in words
    where = the_panel(replace(request, text=" ".join(word for word in words if word != "now")))
    if at_once:
        return Reply(text=closing_views.closed(request.do(opening.close_meeting, where)))
    return _close_or_ask(request, where)


_CLOSES_CASE: Final = re.compile(
    rf"(?:the\s+|this\s+)?(?:case|child|item)\b[\s:,]*|(?=[\w/-]*[0-9])(?=[\w-]*[a-z])[\w/-]{{4,20}}(?=\s|$)"
    rf"|(?={SURE_WORD}\b|risk\b|moved\b|turned\b)",
    re.IGNORECASE,
)


def _close_or_ask(request: Request, where: Where, meeting_id: int | None = None) -> Reply:
    """Close the meeting. After a click, or if something is missing, show what is missing and ask first."""
    left = request.do(opening.unfinished, where, meeting_id)
    if (left.is_worth_asking or request.clicked is not None) and meeting_id in (None, left.meeting_id):
        return request.shown(closing_views.closing_question(left))
    return Reply(text=closing_views.closed(request.do(opening.close_meeting, where, meeting_id)))


def _clicked_closing(request: Request) -> Reply:
    """Show what the meeting lacks, with the button that closes it, after a click on *Close*."""
    return _close_or_ask(request, *request.panel_and_number())


def _still_open(request: Request) -> Reply:
    return Reply(text=closing_views.kept_open(request.do(left_open.keep_open, request.number())), replaces=True)


def _clicked_close(request: Request) -> Reply:
    where, meeting_id = request.panel_and_number()
    closing = request.do(opening.close_meeting, where, meeting_id)
    return Reply(text=closing_views.closed(closing), replaces=True)


def _room(request: Request) -> Reply:
    """Show who is in the room. If no meeting is open, show who is coming, and whether it will be quorate."""
    where = the_panel(request)
    try:
        return request.shown(views.room(request.do(opening.room, where)))
    except Mistake as not_open:
        try:
            return request.shown(invitations_views.replies(request.do(replies.show_replies, where)))
        except (Mistake, NotForYou):
            raise not_open from None


_OPENING = (
    Verb(
        "open",
        "[panel]",
        "begin today's meeting",
        "",
        for_panel(opening.open_panel_meeting, views.opened),
        aliases=(
            "start",
            "begin",
        ),
        acts=True,
    ),
    Verb(
        "attendance",
        "[panel]",
        "record who is here and who sent apologies",
        "",
        attending.attendance_form,
        reads=True,
        fills_in=True,
    ),
    Verb(
        "guest",
        "[panel]",
        "record a person without Slack, by name and agency",
        "",
        attending.guest_form,
        reads=True,
        fills_in=True,
    ),
    Verb(
        "room",
        "[panel]",
        "show who is here, and whether the meeting is quorate",
        "",
        _room,
        reads=True,
    ),
    Verb(
        "postpone",
        "[panel]",
        "give a meeting that is not quorate a new date",
        "",
        inquorate_commands.postpone,
        reads=True,
        fills_in=True,
    ),
    Verb(
        "interim",
        "[panel]",
        "hold a meeting that is not quorate as an interim discussion, without decisions",
        "",
        _interim,
        acts=True,
    ),
    Verb("quorate", "[panel]", "make an interim discussion a full meeting", "", _quorate, acts=True),
)
OPENING_VERBS = tuple(replace(verb, handler=telling_whose(verb.handler)) for verb in _OPENING)
#: The verbs that help lists last.
CLOSE = Verb(
    "close",
    "[now] [panel]",
    "end the meeting",
    "",
    telling_whose(_close),
    aliases=(
        "end",
        "finish",
    ),
    acts=True,
)


def _next(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.SEE_AGENDA)
    return _went_on(request, where, _number(request, where, text, _NEXT))


def _number(request: Request, where: Where, text: str, verb: Verb) -> str | None:
    """Return the number of the item that is typed as a number, a case or "next case", or None if no item is typed."""
    text = _TO.sub("", _PLEASE_FIRST.sub("", text.strip(" .!?,")))
    if not text or _ONE.fullmatch(text):
        return None
    number = item_number(text)
    if number is not None:
        return number
    meant = item_meant(request, where, text)
    if meant.number is None or meant.rest:
        raise unread(text, f"Which item? {verb.how_to('/meeting')}")
    return meant.number


_TO: Final = re.compile(r"^(?:(?:to|on|at|for|about|is|the)\s+)+(?=\S)", re.IGNORECASE)
_PLEASE_FIRST: Final = re.compile(r"^(?:(?:please|pls|plz|ok|okay|thanks|thank you|now|then)\b[\s,.]*)+", re.IGNORECASE)
_ONE: Final = re.compile(r"items?|one|point|agenda item", re.IGNORECASE)


def _item(request: Request) -> Reply:
    """Show the item with the typed number or, without a number, the current item."""
    where, text = take_panel(request, request.text, May.SEE_AGENDA)
    return _shown(request, where, number=_number(request, where, text, _ITEM))


def _now(request: Request) -> Reply:
    return _shown(request, the_panel(request))


def _shown(request: Request, where: Where, item_id: int | None = None, *, number: str | None = None) -> Reply:
    return _current(request, request.do(discussion.show_item, where, item_id, number=number))


def _current(request: Request, found: CurrentItem, *, replaces: bool = False) -> Reply:
    return shown_anywhere(request, views.current(found), "Item", replaces=replaces)


def _went_on(
    request: Request,
    where: Where,
    number: str | None = None,
    leaving_id: int | None = None,
    leave: Leaving = Leaving.HEARD,
    item_id: int | None = None,
) -> Reply:
    """Move the meeting to the next or the given item, and show the item.

    If the item is a case and the meeting has no quorum, ask how to go on.
    """
    try:
        found = request.do(discussion.next_item, where, number, item_id=item_id, leaving_id=leaving_id, leave=leave)
    except Inquorate as refused:
        return shown_anywhere(request, inquorate_views.choice(str(refused), refused.meeting_id), "No quorum")
    return _current(request, found)


def _clicked_next(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    return _went_on(request, where, leaving_id=item_id)


def _clicked_go_to(request: Request) -> Reply:
    """Move the meeting to the item chosen in the agenda's menu, and show the item."""
    where, item_id = request.panel_and_number()
    return _went_on(request, where, item_id=item_id)


def _left(request: Request, leave: Leaving) -> Reply:
    """Put off or skip the current item, or the item in the button's value, and go on to the next item."""
    if request.clicked is None:
        where, text = take_panel(request, request.text, May.SEE_AGENDA)
        if (ahead := _AHEAD.match(text)) and (to := item_meant(request, where, text[ahead.end() :])).number:
            with offering(f"/meeting next {to.number}"):
                raise Mistake(f"To go to item {to.number}, type `/meeting next {to.number}`.")
        meant = item_meant(request, where, text) if text else None
        if meant is None or meant.number is None or meant.rest:
            where, item_id = the_panel(request), None
        elif (current := request.do(discussion.current_item, where).item) and current.id == meant.item_id:
            item_id = meant.item_id
        else:
            with offering(f"/meeting next {meant.number}"):
                raise Mistake(
                    f"Item {meant.number} isn't being discussed. To go there, type `/meeting next {meant.number}`."
                )
    else:
        where, item_id = request.panel_and_number()
    return _went_on(request, where, leaving_id=item_id, leave=leave)


#: "Skip to 9" goes to an item; it doesn't say that one is left out.
_AHEAD: Final = re.compile(r"(?:(?:on|ahead|forward|straight|over)\s+)?to\s+(?=\S)", re.IGNORECASE)


def _split(request: Request) -> Reply:
    where = the_panel(request) if request.clicked is None else request.panel_and_number()[0]
    return Reply(text=views.split(request.do(timing.split_time, where)))


def _clicked_item(request: Request) -> Reply:
    """Show the item named on the clicked board, with its details, only to the person who clicked."""
    where, item_id = request.panel_and_number()
    return _shown(request, where, item_id or None)


def _clicked_interest(request: Request) -> Reply:
    """Declare the person's interest in the case of the item shown. The answer replaces the item on the screen."""
    where, item_id = request.panel_and_number()
    item = request.do(discussion.current_item, where, item_id).item
    if item is None or item.flag is None:
        raise OutOfDate
    found = request.do(interests.declare_interest, where, item.flag.reference)
    return Reply(text=interest_views.stepped_back(found), replaces=True)


def _answered(request: Request) -> Reply:
    """Record the panel's answer about an action under matters arising, and show the item again."""
    where, rest = request.panel_and(":")
    item_id, action_id, said, event_id = _four(rest)
    heard = option_of(Heard, said)
    found = request.do(answer_arising, where, number_of(item_id), number_of(action_id), heard, number_of(event_id))
    return _current(request, found, replaces=True)


def _four(carried: str) -> tuple[str, str, str, str]:
    parts = carried.split(".")
    if len(parts) != 4:
        raise OutOfDate
    return parts[0], parts[1], parts[2], parts[3]


def _earlier(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    return Reply(modal=undo_views.earlier(request.do(earlier_words, where, item_id)))


def _board(request: Request) -> Reply:
    """Post the meeting's board at the bottom of the panel's channel."""
    where = the_panel(request) if request.clicked is None else request.panel_and_number()[0]
    return Reply(text=board_views.moved(request.do(board.put_at_bottom, where)))


_ITEM = Verb("item", "[NUMBER] [panel]", "show any item by its number", "4", _item, aliases=("open-item", "show-item"))
_NEXT = Verb(
    "next",
    "[NUMBER] [panel]",
    "go to the next item, or to one by its number",
    "4",
    _next,
    offered_for=("go", "goto", "jump"),
    acts=True,
)
_ITEMS = (
    _NEXT,
    Verb("later", "[panel]", "hear this item after the others", "", partial(_left, leave=Leaving.LATER), acts=True),
    Verb("skip", "[panel]", "skip this item as not reached", "", partial(_left, leave=Leaving.SKIPPED), acts=True),
    Verb("split", "[panel]", "share the time left between the remaining cases", "", _split, acts=True),
    Verb("now", "[panel]", "show the item being discussed", "", _now),
    _ITEM,
    Verb(
        "record", "[NUMBER] [panel]", "open one form with everything recorded on an item", "", sheet.record, reads=True
    ),
    Verb("board", "[panel]", "move the board to the bottom of the panel's channel", "", _board, acts=True),
    Verb(
        "note",
        "[AGENCY:] WORDS",
        "note a line under the item",
        "Police: seen twice this week",
        note,
        aliases=("notes",),
    ),
    Verb(
        "dissent",
        "AGENCY: WORDS",
        "record that an agency disagrees",
        "Health: would retain",
        partial(note, kind=NoteKind.DISSENT),
    ),
    Verb(
        "decide",
        "[DECISION because WHY] [panel]",
        "record a decision on the case, with its rationale",
        "retain until the next meeting because the plan is new",
        decide,
        reads=True,
        aliases=("decision",),
    ),
    Verb("undo", "[panel]", "take back your own last entry", "", own_entries.undo, acts=True, aliases=("undo-last",)),
    Verb(
        "mine",
        "[panel]",
        "show what you recorded in this meeting",
        "",
        own_entries.mine,
        reads=True,
    ),
)
ITEM_VERBS = tuple(replace(verb, handler=telling_whose(verb.handler)) for verb in _ITEMS)


def _clicked_open(request: Request) -> Reply:
    """Open the meeting from Home, and show the result in a modal."""
    where, _ = request.panel_and()
    return Reply(modal=notice(views.opened(request.do(opening.open_panel_meeting, where))[0], title="Done"))


def _on_board(handler: Handler) -> Handler:
    """Return a handler that runs `handler` for a board's button, and then makes sure that the channel has one board.

    The clicked message may be an older board. Handlers that only read can't be wrapped, since they run in a transaction
    that can't write.
    """

    def handled(request: Request) -> Reply:
        reply = handler(request)
        if request.clicked is not None and request.clicked.ts and request.channel_id:
            request.do(board.tidy_boards, request.channel_id, request.clicked.ts)
        return reply

    return handled


_CLICKS: Final[dict[str, Handler]] = {
    "meeting.open": _clicked_open,
    "meeting.acknowledge": _on_board(for_number(opening.acknowledge, views.welcomed)),
    "meeting.here": _on_board(attending.here),
    "meeting.close": _clicked_close,
    "meeting.attendance": attending.clicked_attendance,
    "meeting.closing": _on_board(_clicked_closing),
    "meeting.still_open": _still_open,
    "meeting.guest": attending.clicked_guest,
    "meeting.next": _on_board(_clicked_next),
    "meeting.go_to": _clicked_go_to,
    "meeting.earlier": _earlier,
    "meeting.later": partial(_left, leave=Leaving.LATER),
    "meeting.skip": partial(_left, leave=Leaving.SKIPPED),
    "meeting.split": _split,
    "meeting.item": _on_board(_clicked_item),
    "meeting.agenda": agenda_commands.clicked_agenda,
    "meeting.answer": _answered,
    "meeting.interest": _clicked_interest,
    "meeting.board": _on_board(_board),
    "meeting.decide": decide,
    "meeting.note": clicked_note,
    "meeting.record": sheet.clicked_record,
    "meeting.another_action": sheet.clicked_another_action,
    "meeting.choosing": sheet.clicked_choosing,
    "meeting.undo": own_entries.clicked_undo,
    "meeting.take_back": own_entries.clicked_take_back,
    "meeting.mine": own_entries.clicked_mine,
    "meeting.correct": clicked_correct,
    "meeting.wait": inquorate_commands.wait,
    "meeting.postpone": inquorate_commands.postpone,
    "meeting.interim": _interim,
    "meeting.date": inquorate_commands.show_dates,
    "meeting.quorate": _quorate,
}
CLICKS = {name: telling_whose(handler) for name, handler in _CLICKS.items()}
SUBMISSIONS: dict[str, Handler] = {
    "meeting.here": attending.accepted,
    "meeting.attendance": attending.attended,
    "meeting.guest": attending.guest_recorded,
    "meeting.note": noted,
    "meeting.record": sheet.recorded,
    "meeting.decide": decided,
    "meeting.postpone": inquorate_commands.postponed,
    "meeting.new_date": inquorate_commands.dated,
}
