"""Handlers that record notes and decisions under a meeting's items, from typed words and from forms."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from bot.domain.language.action_words import without_marks
from bot.domain.language.day_words import full_date
from bot.domain.language.decision_lines import SaidDecision, read_decision, split_rationale
from bot.domain.language.pictures import THUMB_UP
from bot.domain.language.references import words_like_references
from bot.domain.permissions import Verb as May
from bot.errors import Mistake, WhichItem
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind, NoteKind
from bot.records.access.queries import Where
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.duties import find_for_meeting
from bot.records.meeting.queries import NOTHING_DISCUSSED
from bot.services.invitations.replies import show_replies
from bot.services.meeting import discussion, typed_items
from bot.slack.blocks import capital, notice
from bot.slack.cases.flag_views import risk_key
from bot.slack.fallback import which_item
from bot.slack.meeting import decision_views, undo_views, views
from bot.slack.naming import with_mentions
from bot.slack.registry import Verb
from bot.slack.request import Reply, Request, Said, TypedAgain, blaming, reading_what_is_left, take_panel
from bot.slack.typed import asks_to_see, is_question, plain, take_mention
from bot.slack.wording import hint_about


def item_meant(request: Request, where: Where, text: str) -> typed_items.ItemMeant:
    """Return the agenda item that typed words mean. Raise NotForYou if the words may be the key of another panel."""
    with reading_what_is_left("" if words_like_references(text) else text):
        return request.do(typed_items.item_meant, where, text)


def note(request: Request, kind: NoteKind | None = None) -> Reply:
    """Record a typed note under the meeting's current item: discussion, what an agency shared, or a dissent."""
    text = plain(without_marks(_named(request)))
    try:
        found = request.do(discussion.add_note, request.where(), text, kind)
    except WhichItem as unsure:
        verb = "note" if kind is None else kind.value
        raise which_item(unsure, f"/meeting {verb}", request.text) from unsure
    except Mistake as refused:
        if not text.strip():
            refused.to_edit = f"/meeting {'note' if kind is None else kind.value} "
        raise
    return request.shown(undo_views.with_ways(views.noted(found) + hint_about(text), found))


def _named(request: Request) -> str:
    """Return the typed text with mentions replaced by names, so that "@sam: seen twice" counts for Sam's agency."""
    text = with_mentions(request, "/meeting note", request.text, after=None)
    if "<@" not in text:
        return text
    names = request.do(discussion.names_here, request.where())
    return re.sub(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", lambda found: names.get(found[1], found[0]), text)


def clicked_note(request: Request) -> Reply:
    """Open the form for a note under the item of the clicked button."""
    where, item_id = request.panel_and_number()
    request.do(find_for_meeting, where, May.NOTE)
    found = request.do(discussion.current_item, where, item_id)
    if found.item is None:
        raise Mistake(NOTHING_DISCUSSED)
    return Reply(modal=views.note_form(found.item.title, {"panel": where.panel_key, "item": item_id}))


def noted(request: Request) -> Reply:
    """Record the note in the submitted form under the item for which the form was opened."""
    carried = request.metadata
    found = request.do(
        discussion.add_note,
        request.panel(),
        request.field("text"),
        request.if_any(partial(request.option, kind=NoteKind), "kind"),
        item_id=carried.if_any(carried.number, "item") or 0,
    )
    return _done(undo_views.with_ways(views.noted(found) + hint_about(request.field("text")), found))


def _done(said: Said) -> Reply:
    """Return a reply that shows an answer with its buttons in place of the submitted form."""
    text, blocks = said
    return Reply(next_view=notice(text, title="Done", blocks=blocks))


def decide(request: Request) -> Reply:
    """Open the form for a decision. What was typed after the command is filled in, to be checked."""
    typed = ""
    if request.clicked is None:
        where, typed = take_panel(request, request.text, May.DECIDE, is_title=True)
        item_id = None
    else:
        where, item_id = request.panel_and_number()
    # A single word may be the key of a panel on which the person has no place.
    with reading_what_is_left("" if " " in typed or words_like_references(typed) else typed):
        panel = request.do(find_for_meeting, where, May.DECIDE).panel
        if item_id is None and typed:
            head, why = split_rationale(typed)  # a rationale may name any case
            try:
                meant = request.do(typed_items.item_meant, Where(panel_key=panel.key), head)
            except WhichItem as unsure:
                raise which_item(unsure, "/meeting decide", typed) from unsure
            item_id, typed = meant.item_id, f"{meant.rest}{why}"
        found = request.do(discussion.current_item, Where(panel_key=panel.key), item_id)
    if found.interim:
        raise Mistake(found.interim)
    if found.item is None:
        raise Mistake(NOTHING_DISCUSSED)
    if found.item.flag is None:
        raise Mistake(
            "The current item is not a case. To go on, type `/meeting next`. To write a line, type `/meeting note`."
        )
    definition = request.work.definition(panel.definition)
    metadata = {"panel": panel.key, "item": found.item.id}
    said = read_decision(plain(typed), definition.decisions)
    if said.is_either and said.kind is not None:
        about = f"{found.item.title} " if item_id else ""
        when = f", review {said.review}" if said.review else ""
        why = f" because {said.rationale}" if said.rationale else ""
        kinds = (said.kind, *said.others)
        names = {DecisionKind.TRANSFER: f"transfer to {said.area}"} if said.area else {}
        offered = [
            (capital(one.label), f"/meeting decide {about}{names.get(one, one.label)}{when}{why}") for one in kinds
        ]
        raise TypedAgain("You named more than one decision. Which one is it?", offered)
    return Reply(modal=decision_views.decide_form(found, definition.decisions, definition.risk_tools, metadata, said))


def decided(request: Request) -> Reply:
    """Record the decision from the submitted form on the item under which the form was opened."""
    where, form = request.panel(), decision_in(request)
    with blaming("review"):
        found = request.do(discussion.decide, where, form, item_id=request.metadata.number("item"))
    return _done(undo_views.with_ways(decision_views.decided(found) + hint_about(form.rationale), found))


def clicked_correct(request: Request) -> Reply:
    """Open the form for a decision, filled in with the decision in the button's value, which the new one replaces."""
    where, decision_id = request.panel_and_number()
    found, decision, definition = request.do(discussion.decision_to_correct, where, decision_id)
    metadata = {"panel": found.panel_key, "item": found.item.id if found.item else 0}
    said = SaidDecision(
        decision.kind,
        full_date(decision.review_on) if decision.review_on else "",
        decision.close_reason,
        decision.rationale,
        decision.area,
    )
    tools = definition.risk_tools
    return Reply(modal=decision_views.decide_form(found, definition.decisions, tools, metadata, said, decision))


def decision_in(form: Request) -> DecisionForm:
    """Return the decision filled in on a decision form or a sheet."""
    return DecisionForm(
        kind=form.option("kind", DecisionKind),
        rationale=form.field("rationale"),
        review=form.field("review") or None,
        close_reason=form.if_any(partial(form.option, kind=CloseReason), "close_reason"),
        adult_route=form.if_any(partial(form.option, kind=AdultRoute), "adult_route"),
        area=form.field("area"),
        risk_after=form.if_any(lambda block: risk_key(form.field(block)), "risk_after"),
        risk_assessed_on=form.day("risk_assessed_on"),
        risk_judgement=form.field("risk_judgement"),
        replaces=form.numbers("replaces"),
    )


_THIS: Final = re.compile(
    r"(?:(?:in|with|about|on|of|to|for|re)\s+)*(?:this|the|current|present)(?:\s+(?:current|present))?"
    r"(?:\s+(?:one|case|item|child|family|yp|young person))?[\s.!]*",
    re.IGNORECASE,
)


def about_this_case(verb: Verb) -> Verb:
    """Return a verb that takes a case, so that "this one" is answered with the command for the case being discussed."""
    handler = verb.handler

    def handled(request: Request) -> Reply:
        mention, text = take_mention(request.text)
        if _THIS.fullmatch(text) and (flag := _flag_discussed(request)) is not None:
            command = f"/meeting {verb.name} {flag}" + (f" <@{mention}>" if mention else "")
            raise TypedAgain(f"Do you mean {flag}, which is being discussed?", [(command, command)])
        return handler(request)

    return replace(verb, handler=handled)


def _flag_discussed(request: Request) -> str | None:
    """Return the reference of the case being discussed, or None if the current item isn't a case."""
    item = request.do(discussion.current_item, request.where()).item
    return item.flag.reference if item is not None and item.flag is not None else None


def commands_for(request: Request, text: str) -> Iterator[str]:
    """Yield the command that a line without a known verb may mean: `reply`, `later`, `replies` or `note`.

    A disagreement, such as "Health don't agree", may be a dissent or a note. A thumbs-up emoji means the reply
    "coming". A line of a few words, or a question, is not taken for a note.
    """
    if THUMB_UP.fullmatch(text.strip()):
        yield "/meeting reply coming"
    elif _LATER.match(text):
        yield "/meeting later"
    elif _WHO_COMES.search(text) and is_question(request.text):
        request.do(show_replies, request.where())
        yield "/meeting replies"
    elif _DISAGREES.match(text.replace("\u2019", "'")) and not is_question(request.text):
        yield f"/meeting dissent {text}"
        yield f"/meeting note {text}"
    elif len(text.split()) > _FEW and not (
        is_question(request.text) or asks_to_see(request.text) or _NO_NOTE.match(text)
    ):
        yield f"/meeting note {text}"


_WHO_COMES = re.compile(
    r"\b(?:anyone|anybody|who|everyone|everybody|many)\b.*\b(?:coming|attending|going|replied)\b", re.IGNORECASE
)
#: An agency or a person that disagrees with the panel.
_DISAGREES = re.compile(
    r"(?:the\s+)?(?!(?:i|we|it|that|they|he|she|mum|dad|mother|father|parents?|child|family|yp)\b)"
    r"[^\W\d][\w&'.-]*(?:\s+[\w&'.-]+){0,3}?\s+"
    r"(?:(?:(?:do|does|did|can|could|would)(?:n't|nt| not)|can't|cannot|won't)\s+(?:agree|support|accept)"
    r"|(?:is|are|was|were)\s+(?:against|opposed|unhappy with|not happy with|not in agreement)"
    r"|(?:is|are|was|were)n't\s+(?:happy with|in agreement))\b",
    re.IGNORECASE,
)
#: Words that ask for something, so that the line is no note.
_NO_NOTE = re.compile(
    r"(?:(?:move|bring|put|post|show|get)\s+(?:the\s+)?board\b"
    r"|(?:carry on|go on|continue|proceed|go ahead|hold|run|have|make|do)\b.*\binterim\b"
    r"|that.?s\s+(?:it|all|everything|the\s+lot)|we.?re\s+(?:done|finished)"
    r"|no\s+interests?|nothing\s+to\s+declare"
    r"|oops|undo|delete|remove|scrap|take (?:that|it|this) (?:out|back|off|down)|share out|split|divide|spread)\b",
    re.IGNORECASE,
)
#: "Come back to this one later" puts the item off, and is no note.
_LATER = re.compile(
    r"(?:(?:come|go|get) back to|park|defer|leave)\s+(?:it|this|that|(?:this|that|the)\s+(?:one|item|case))\b"
    r"(?:\s+(?:one|item|case|for|until|till|til|later|now|on|the|end|please|pls|at|in|of|to|after|last|meeting|agenda"
    r"|others?|rest|a|bit|while|minutes?|then|when|once|we.?re|done|finished|we.?ve))*[\s.!]*$",
    re.IGNORECASE,
)
_FEW = 2  #: a line of at most this many words is hardly a note
