"""`/meeting`: open, attendance, item by item, what becomes of one that is not quorate, and close."""

import re
from dataclasses import replace
from datetime import date, datetime

from bot.domain.permissions import Verb as May
from bot.errors import Inquorate, Mistake
from bot.models.vocabulary import CloseReason, DecisionKind, NoteKind, RiskLevel
from bot.records.access.queries import Where, find_panel
from bot.records.meeting.queries import CurrentItem
from bot.services.meeting import discussion, inquorate, opening
from bot.slack.meeting import inquorate_views, views
from bot.slack.registry import Noun, Verb
from bot.slack.request import Handler, Reply, Request, blaming, plain, take_panel, the_panel


def _open(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=views.opened(opening.open_panel_meeting(request.work, request.actor, where)))


def _attendance(request: Request) -> Reply:
    where = the_panel(request)
    panel = find_panel(request.work, request.actor, where, May.TAKE_ATTENDANCE).panel
    here = opening.room(request.work, request.actor, Where(panel_key=panel.key))
    return Reply(modal=views.attendance_form(here, {"panel": panel.key}))


def _attended(request: Request) -> Reply:
    sent_on = request.field("sent_on")
    here = opening.record_attendance(
        request.work,
        request.actor,
        Where(panel_key=request.metadata["panel"]),
        present=request.choices("present"),
        apologies=request.choices("apologies"),
        information=request.field("information"),
        sent_on=date.fromisoformat(sent_on) if sent_on else None,
    )
    return Reply(text=views.present(here))


def _room(request: Request) -> Reply:
    where = the_panel(request)
    text, blocks = views.room(opening.room(request.work, request.actor, where))
    return Reply(text=text, blocks=blocks)


def _postpone(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(modal=inquorate_views.postpone_form(inquorate.look(request.work, request.actor, where)))


def _interim(request: Request) -> Reply:
    where = the_panel(request)
    found = inquorate.hold_interim(request.work, request.actor, where)
    text, blocks = inquorate_views.interim(found)
    return Reply(text=text, blocks=blocks, modal=inquorate_views.date_form(found) if found.needs_date else None)


def _quorate(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=inquorate_views.quorate(inquorate.become_quorate(request.work, request.actor, where)))


def _acknowledged(request: Request) -> Reply:
    here = opening.acknowledge(request.work, request.actor, request.number())
    return Reply(text=views.welcomed(here))


def _close(request: Request) -> Reply:
    words = request.text.lower().split()
    at_once = "now" in words
    where = the_panel(replace(request, text=" ".join(word for word in words if word != "now")))
    if not at_once:
        left = opening.unfinished(request.work, request.actor, where)
        if left.carried:
            text, blocks = views.closing_question(left)
            return Reply(text=text, blocks=blocks)
    return Reply(text=views.closed(opening.close_meeting(request.work, request.actor, where)))


def _clicked_close(request: Request) -> Reply:
    where, meeting_id = request.panel_and_number()
    closing = opening.close_meeting(request.work, request.actor, where, meeting_id)
    return Reply(text=views.closed(closing), replaces=True)


OPENING_VERBS = (
    Verb("open", "[panel]", "begin today's meeting", "", _open),
    Verb("attendance", "[panel]", "record who is here and who sent apologies", "", _attendance, reads=True),
    Verb("room", "[panel]", "who is here, and whether it is quorate", "", _room, reads=True),
    Verb("postpone", "[panel]", "not quorate: put the meeting off to a new date", "", _postpone, reads=True),
    Verb("interim", "[panel]", "not quorate: talk, note and give actions, decide nothing", "", _interim),
    Verb("quorate", "[panel]", "an interim discussion is a full meeting after all", "", _quorate),
)
#: The last of all in the help.
CLOSE = Verb("close", "[now] [panel]", "end the meeting; `now` asks nothing", "", _close)

OPENING_CLICKS: dict[str, Handler] = {"meeting.acknowledge": _acknowledged, "meeting.close": _clicked_close}
OPENING_SUBMISSIONS: dict[str, Handler] = {"meeting.attendance": _attended}


def _now(request: Request) -> Reply:
    where = the_panel(request)
    return _shown(discussion.current_item(request.work, request.actor, where))


def _next(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.RUN_MEETING)
    if text and not text.isdecimal():
        raise Mistake(f"Which item? {_NEXT.how_to('/meeting')}")
    return _went_on(request, where, int(text) if text else None)


def _went_on(request: Request, where: Where, position: int | None = None, leaving_id: int | None = None) -> Reply:
    """The next item; before the first case of a meeting that is not quorate, the choice what becomes of it."""
    try:
        return _shown(discussion.next_item(request.work, request.actor, where, position, leaving_id=leaving_id))
    except Inquorate as refused:
        text, blocks = inquorate_views.choice(str(refused), refused.meeting_id)
        return Reply(text=text, blocks=blocks)


def _shown(found: CurrentItem) -> Reply:
    text, blocks = views.current(found)
    return Reply(text=text, blocks=blocks)


def _clicked_next(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    return _went_on(request, where, leaving_id=item_id)


def _note(request: Request) -> Reply:
    text = plain(request.text)
    return Reply(text=views.noted(discussion.add_note(request.work, request.actor, request.where(), text)))


def _dissent(request: Request) -> Reply:
    text = plain(request.text)
    found = discussion.add_note(request.work, request.actor, request.where(), text, NoteKind.DISSENT)
    return Reply(text=views.noted(found))


def _clicked_note(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    find_panel(request.work, request.actor, where, May.NOTE)
    found = discussion.current_item(request.work, request.actor, where)
    if found.item is None or found.item.id != item_id:
        return _shown(replace(found, moved_on=True))
    return Reply(modal=views.note_form(found.item.title, {"panel": where.panel_key, "item": item_id}))


def _noted(request: Request) -> Reply:
    kind = request.field("kind")
    found = discussion.add_note(
        request.work,
        request.actor,
        Where(panel_key=request.metadata["panel"]),
        request.field("text"),
        NoteKind(kind) if kind else None,
        item_id=request.metadata.get("item", 0),
    )
    return Reply(text=views.noted(found))


def _decide(request: Request) -> Reply:
    return _decision_form(request, the_panel(request))


def _clicked_decide(request: Request) -> Reply:
    return _decision_form(request, *request.panel_and_number())


def _decision_form(request: Request, where: Where, item_id: int | None = None) -> Reply:
    panel = find_panel(request.work, request.actor, where, May.DECIDE).panel
    found = discussion.current_item(request.work, request.actor, Where(panel_key=panel.key))
    if item_id is not None and (found.item is None or found.item.id != item_id):
        return _shown(replace(found, moved_on=True))
    if found.interim:
        raise Mistake(found.interim)
    if found.item is None:
        raise Mistake(discussion.NOTHING_DISCUSSED)
    if found.item.flag is None:
        raise Mistake("The current item is not a case. `/meeting next` goes on, `/meeting note` writes a line.")
    kinds = request.work.definition(panel.definition).decisions
    return Reply(modal=views.decide_form(found, kinds, {"panel": panel.key, "item": found.item.id}))


def _decided(request: Request) -> Reply:
    where = Where(panel_key=request.metadata["panel"])
    risk, reason = request.field("risk_after"), request.field("close_reason")
    form = discussion.DecisionForm(
        kind=DecisionKind(request.field("kind")),
        rationale=request.field("rationale"),
        review=request.field("review") or None,
        close_reason=CloseReason(reason) if reason else None,
        risk_after=RiskLevel(risk) if risk else None,
    )
    with blaming("review"):
        found = discussion.decide(request.work, request.actor, where, form, item_id=request.metadata["item"])
    return Reply(text=views.decided(found))


def _undo(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=views.undone(discussion.undo_last(request.work, request.actor, where)))


_NEXT = Verb("next", "[NUMBER] [panel]", "go to the next item, or to one by its number", "4", _next)
ITEM_VERBS = (
    _NEXT,
    Verb("now", "[panel]", "the item being discussed", "", _now, reads=True),
    Verb("note", "[AGENCY:] WORDS", "write a line under the item", "Police: seen twice this week", _note),
    Verb("dissent", "AGENCY: WORDS", "record that an agency disagrees", "Health: would retain", _dissent),
    Verb("decide", "[panel]", "record the decision on the case, with its rationale", "", _decide, reads=True),
    Verb("undo", "[panel]", "take back the last note or decision", "", _undo),
)

ITEM_CLICKS: dict[str, Handler] = {
    "meeting.next": _clicked_next,
    "meeting.decide": _clicked_decide,
    "meeting.note": _clicked_note,
}
ITEM_SUBMISSIONS: dict[str, Handler] = {"meeting.note": _noted, "meeting.decide": _decided}

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_HERE = Where()


def _wait(request: Request) -> Reply:
    inquorate.look(request.work, request.actor, _HERE, request.number())
    return Reply(text=inquorate_views.waiting())


def _clicked_postpone(request: Request) -> Reply:
    found = inquorate.look(request.work, request.actor, _HERE, request.number())
    return Reply(modal=inquorate_views.postpone_form(found))


def _postponed(request: Request) -> Reply:
    found = inquorate.postpone(
        request.work,
        request.actor,
        _HERE,
        starts_at=_chosen(request),
        reason=request.field("reason"),
        meeting_id=request.metadata.number("meeting"),
    )
    return Reply(text=inquorate_views.postponed(found))


def _clicked_interim(request: Request) -> Reply:
    found = inquorate.hold_interim(request.work, request.actor, _HERE, request.number())
    text, blocks = inquorate_views.interim(found)
    modal = inquorate_views.date_form(found) if found.needs_date else None
    return Reply(text=text, blocks=blocks, replaces=True, modal=modal)


def _date(request: Request) -> Reply:
    return Reply(modal=inquorate_views.date_form(inquorate.look(request.work, request.actor, _HERE, request.number())))


def _dated(request: Request) -> Reply:
    meeting_id = request.metadata.number("meeting")
    if request.field("when") == inquorate_views.NONE:
        found = inquorate.decline_new_date(request.work, request.actor, _HERE, request.field("reason"), meeting_id)
        return Reply(text=inquorate_views.declined(found))
    found = inquorate.set_new_date(
        request.work, request.actor, _HERE, starts_at=_chosen(request), meeting_id=meeting_id
    )
    return Reply(text=inquorate_views.dated(found))


def _clicked_quorate(request: Request) -> Reply:
    found = inquorate.become_quorate(request.work, request.actor, _HERE, request.number())
    return Reply(text=inquorate_views.quorate(found))


def _chosen(request: Request) -> datetime:
    when = request.field("when")
    if when != inquorate_views.OTHER:
        return datetime.fromisoformat(when)
    if not request.field("date"):
        raise Mistake("Choose the other date here.", field="date")
    found = _TIME.fullmatch(request.field("time").strip())
    if found is None:
        raise Mistake("Write the time as hours and minutes, such as 14:00.", field="time")
    return datetime.fromisoformat(f"{request.field('date')}T{int(found[1]):02d}:{found[2]}")


INQUORATE = Noun(
    clicks={
        "meeting.wait": _wait,
        "meeting.postpone": _clicked_postpone,
        "meeting.interim": _clicked_interim,
        "meeting.date": _date,
        "meeting.quorate": _clicked_quorate,
    },
    submissions={"meeting.postpone": _postponed, "meeting.new_date": _dated},
)
