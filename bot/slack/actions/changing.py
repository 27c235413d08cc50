"""`/action extend` and `/action edit`: ask for more time, and correct an action, with the typed words filled in."""

import re

from bot.domain.language.due_phrases import recognises
from bot.services.actions import changes
from bot.slack.actions import answering, form_views, views
from bot.slack.actions.drafts import (
    NOT_THE_OLD,
    new_words,
    when_and_why,
    when_first,
    when_last,
    with_number_before_day,
    with_number_first,
)
from bot.slack.actions.giving import typed_again
from bot.slack.actions.numbers import refuse_numbers
from bot.slack.editing import filling, initial_of, quoting
from bot.slack.naming import ANYWHERE, with_mentions
from bot.slack.request import Reply, Request
from bot.slack.typed import only_number, plain, take_number


def extend(request: Request, usage: str) -> Reply:
    """Ask for more time for an action. If the typed text lacks a clear day or reason, open the form instead.

    `usage` says how to type the command.
    """
    refuse_numbers(request.text, "extend")
    number, rest = take_number(with_number_first(request.text), usage)
    due, why = when_and_why(rest)
    if due and why and not recognises(due):
        due, why = when_last(plain(rest)) or (due, why)
    if not due or not why:
        due, why = (due, why) if why or not due else when_first(due)
        due, why = (due, why) if recognises(due) else when_last(plain(rest)) or (due, why)
        with typed_again(request, "extend", due):
            action, later = request.do(changes.propose_more_time, number, due)
        # Words that are no date may be the reason, so they go into the form and are not lost.
        reason = why or ("" if recognises(due) else due)
        return Reply(modal=form_views.more_time_form(action, {"action": number}, due=later, reason=reason))
    with typed_again(request, "extend", due):
        outcome = request.do(changes.extend_action, number, due=due, reason=why)
    return Reply(text=views.extended(outcome, request.do(changes.why_this_day, number, due)))


def edit(request: Request, usage: str) -> Reply:
    """Open the form that corrects an action.

    A new due date typed after the action's number, as in "12 to 1 May", is filled in. `usage`
    says how to type the command.
    """
    number, rest = take_number(with_number_before_day(request.text), usage)
    due = _LEADS_TO_DUE.sub("", plain(rest), count=1)
    if (instead := NOT_THE_OLD.fullmatch(due)) and recognises(instead["old"]):
        due = instead["new"]
    if rest and not recognises(due):
        if not re.search("[^\\W\\d]", rest):
            only_number(request.text, usage)
        reply = answering.edit_form(request, number)
        if named := _HOLDER.fullmatch(with_mentions(request, f"/action edit {number}", rest, after=ANYWHERE)):
            return filling(reply, {"holder": named["user"]})
        return quoting(filling(reply, {"text": new_words(plain(rest), initial_of(reply, "text"))}), plain(rest))
    with typed_again(request, "edit", due):
        return answering.edit_form(request, number, due)


#: "Holder Sam Carter", "holder should be @sam": the new holder.
_HOLDER = re.compile(
    r"(?:(?:the|its|new|change)\s+)*(?:holder|owner|who|person)\b[\s:]*(?:(?:is|to|should|now|be)\s+)*"
    r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>(?:['\u2019]s)?[\s.!]*",
    re.IGNORECASE,
)
_LEADS_TO_DUE = re.compile(
    r"^(?:[\s,:;.'\u2019-]|\b(?:s|the|its|due|date|day|deadline|should|be|is|now|to|until|till|change|changed|move|moved)\b)+",
    re.IGNORECASE,
)
