"""`/meeting next`, `now`, `note`, `dissent`, `decide`, `undo`: item by item, by typing and by button."""

from dataclasses import replace

from bot.domain.permissions import Verb as May
from bot.errors import Inquorate, Mistake
from bot.models.vocabulary import CloseReason, DecisionKind, NoteKind, RiskLevel
from bot.records.access.queries import Where, find_panel
from bot.records.meeting.queries import CurrentItem
from bot.services.meeting import discussion
from bot.slack.parsing import blaming, plain, take_panel, the_panel
from bot.slack.registry import Verb
from bot.slack.reply import Reply
from bot.slack.request import Handler, Request
from bot.slack.views import discussion as show
from bot.slack.views import inquorate as show_inquorate


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
        text, blocks = show_inquorate.choice(str(refused), refused.meeting_id)
        return Reply(text=text, blocks=blocks)


def _shown(found: CurrentItem) -> Reply:
    text, blocks = show.current(found)
    return Reply(text=text, blocks=blocks)


def _clicked_next(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    return _went_on(request, where, leaving_id=item_id)


def _note(request: Request) -> Reply:
    text = plain(request.text)
    return Reply(text=show.noted(discussion.add_note(request.work, request.actor, request.where(), text)))


def _dissent(request: Request) -> Reply:
    text = plain(request.text)
    found = discussion.add_note(request.work, request.actor, request.where(), text, NoteKind.DISSENT)
    return Reply(text=show.noted(found))


def _clicked_note(request: Request) -> Reply:
    where, item_id = request.panel_and_number()
    find_panel(request.work, request.actor, where, May.NOTE)
    found = discussion.current_item(request.work, request.actor, where)
    if found.item is None or found.item.id != item_id:
        return _shown(replace(found, moved_on=True))
    return Reply(modal=show.note_form(found.item.title, {"panel": where.panel_key, "item": item_id}))


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
    return Reply(text=show.noted(found))


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
    return Reply(modal=show.decide_form(found, kinds, {"panel": panel.key, "item": found.item.id}))


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
    return Reply(text=show.decided(found))


def _undo(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show.undone(discussion.undo_last(request.work, request.actor, where)))


_NEXT = Verb("next", "[NUMBER] [panel]", "go to the next item, or to one by its number", "4", _next)
VERBS = (
    _NEXT,
    Verb("now", "[panel]", "the item being discussed", "", _now, reads=True),
    Verb("note", "[AGENCY:] WORDS", "write a line under the item", "Police: seen twice this week", _note),
    Verb("dissent", "AGENCY: WORDS", "record that an agency disagrees", "Health: would retain", _dissent),
    Verb("decide", "[panel]", "record the decision on the case, with its rationale", "", _decide, reads=True),
    Verb("undo", "[panel]", "take back the last note or decision", "", _undo),
)

CLICKS: dict[str, Handler] = {
    "meeting.next": _clicked_next,
    "meeting.decide": _clicked_decide,
    "meeting.note": _clicked_note,
}
SUBMISSIONS: dict[str, Handler] = {"meeting.note": _noted, "meeting.decide": _decided}
