"""`/action` and its buttons: give, list, answer and move actions."""

import re
from collections.abc import Callable

from bot.domain.language.due_phrases import split_due
from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import Priority
from bot.records.access.queries import Where, panels_where
from bot.services.actions import changes, tracker
from bot.services.agenda import papers
from bot.slack import pages
from bot.slack.actions import views
from bot.slack.blocks import escape, settled
from bot.slack.registry import Command, Noun, Shortcut, Verb
from bot.slack.request import (
    Reply,
    Request,
    blaming,
    only_number,
    only_numbers,
    plain,
    take_mention,
    take_number,
    take_panel,
    the_panel,
)
from bot.store.rows import Page

_SCOPES = ("open", "overdue", "done", "all", "mine")
_ABOUT = re.compile(r"(?:^|\s)case:(\S+)", re.IGNORECASE)
_BECAUSE = re.compile(r"(?:^|\s+)(?:because|since|reason:?|:|–|-)\s+", re.IGNORECASE)
_BECAUSE_AGAIN = re.compile(r"^(?:(?:because|since|reason)\b(?!-)[\s:,–-]*)+", re.IGNORECASE)
_MORE_NUMBERS = re.compile(r"(?:[,&]|and\b)\s*#?\d|#?\d+(?=\s*(?:$|[,&]|and\b|because\b|since\b))", re.IGNORECASE)
MOST_AT_ONCE = 20


def _add(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.ADD_ACTION)
    holder, text = take_mention(text)
    if holder is None:
        raise Mistake(f"Who holds it? Start with their name from the list that @ opens. {COMMAND.usage('add')}")
    text, reference = _take_case(text)
    what, due = split_due(plain(text))
    if due is None:
        raise Mistake(
            f"I can't find by when. End with a day, such as `by Friday` or `by 27 November`. You wrote: {text}"
        )
    action = changes.add_action(
        request.work,
        request.actor,
        where,
        holder_user_id=holder,
        text=what,
        due=due,
        case_reference=reference,
    )
    return Reply(text=views.recorded(action))


def _take_case(text: str) -> tuple[str, str | None]:
    found = _ABOUT.search(text)
    if found is None:
        return text, None
    return (text[: found.start()] + text[found.end() :]).strip(), found[1]


def _list(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.SEE_ACTIONS)
    scope = text.lower() or "open"
    if scope not in _SCOPES:
        raise Mistake(f"I can list {', '.join(f'`{each}`' for each in _SCOPES)}. {COMMAND.usage('list')}")
    page = Page(0, pages.ACTIONS)
    text, blocks = views.listed(tracker.list_actions(request.work, request.actor, where, scope, page))
    return Reply(text=text, blocks=blocks)


def _show(request: Request) -> Reply:
    number = only_number(request.text, COMMAND.usage("show"))
    return Reply(modal=views.story(tracker.show_action(request.work, request.actor, number)))


def _done(request: Request) -> Reply:
    return _each(request, "done", lambda n: views.completed(changes.complete_action(request.work, request.actor, n)))


def _reopen(request: Request) -> Reply:
    return _each(request, "reopen", lambda n: views.reopened(changes.reopen_action(request.work, request.actor, n)))


def _confirm(request: Request) -> Reply:
    return _each(request, "confirm", lambda n: views.confirmed(changes.confirm_action(request.work, request.actor, n)))


def _each(request: Request, verb: str, answer: Callable[[int], str]) -> Reply:
    """The same for each of the numbers: all of them, or none with the sentence about the one that cannot be."""
    # In one order, so that two people with the same numbers never wait for each other.
    numbers = sorted(only_numbers(request.text, COMMAND.usage(verb)))
    if len(numbers) > MOST_AT_ONCE:
        raise Mistake(f"At most {MOST_AT_ONCE} at once, please.")
    try:
        return Reply(text="\n".join(answer(number) for number in numbers))
    except Mistake as refused:
        if len(numbers) == 1:
            raise
        raise Mistake(f"{refused} Nothing was changed for the others either.") from None


def _extend(request: Request) -> Reply:
    number, rest = take_number(request.text, COMMAND.usage("extend"))
    due, *reason = _BECAUSE.split(plain(rest), maxsplit=1)
    due = re.sub(r"^(?:to|until|till)\s+", "", due.strip(), flags=re.IGNORECASE)
    why = _reason(reason[0]) if reason else ""
    if not due or not why:
        raise Mistake(f"More time needs a date and a reason. {COMMAND.usage('extend')}")
    outcome = changes.extend_action(request.work, request.actor, number, due=due, reason=why)
    return Reply(text=views.extended(outcome))


def _reassign(request: Request) -> Reply:
    number, rest = take_number(request.text, COMMAND.usage("reassign"))
    holder, rest = take_mention(rest)
    if holder is None:
        raise Mistake(f"To whom? {COMMAND.usage('reassign')}")
    if rest.lower() not in {"", "to"}:
        raise Mistake(f"One action and one person, please. {COMMAND.usage('reassign')}")
    return Reply(
        text=views.reassigned(changes.reassign_action(request.work, request.actor, number, holder_user_id=holder))
    )


def _not_possible(request: Request) -> Reply:
    return _give_up(request, "not-possible", possible=False)


def _not_done(request: Request) -> Reply:
    return _give_up(request, "not-done", possible=True)


def _give_up(request: Request, verb: str, *, possible: bool) -> Reply:
    number, rest = take_number(request.text, COMMAND.usage(verb))
    if _MORE_NUMBERS.match(rest):
        raise Mistake(f"One action at a time: each is closed for its own reason. {COMMAND.usage(verb)}")
    reason = _reason(plain(rest))
    action = changes.give_up_action(request.work, request.actor, number, possible=possible, reason=reason)
    return Reply(text=views.given_up(action))


def _reason(text: str) -> str:
    """What was given as the reason without the word for it; empty when nothing but that word was typed."""
    said = _BECAUSE_AGAIN.sub("", text.strip())
    return said if re.search(r"\w", said) else ""


def _tracker(request: Request) -> Reply:
    where = the_panel(request)
    title = papers.export_tracker(request.work, request.actor, where, request_key=request.key[:32])
    return Reply(text=f"The action tracker of {escape(title)} is on its way to your direct messages.")


COMMAND = Command(
    "/action",
    "Give, chase and answer the panel's actions",
    (
        Verb(
            "add",
            "@holder what is to be done by WHEN",
            "give somebody on the panel something to do; `case:REFERENCE` ties it to a case",
            "@sam ring the school nurse about attendance by Friday",
            _add,
        ),
        Verb(
            "list",
            "[open | overdue | done | all | mine]",
            "the panel's actions, or your own on every panel",
            "overdue",
            _list,
            reads=True,
        ),
        Verb("show", "NUMBER", "one action with its history", "12", _show, reads=True),
        Verb("tracker", "[panel]", "all of the panel's actions as an Excel file", "", _tracker, reads=True),
        Verb("done", "NUMBER …", "say that it is done", "12", _done),
        Verb(
            "extend",
            "NUMBER DATE because REASON",
            "ask for more time",
            "12 in 2 weeks because the clinic is shut",
            _extend,
        ),
        Verb("reassign", "NUMBER @name", "give it to somebody else", "12 @sam", _reassign),
        Verb("reopen", "NUMBER", "take back that it was done or given up", "12", _reopen),
        Verb("confirm", "NUMBER", "the chair accepts that it was done", "12", _confirm),
        Verb(
            "not-possible",
            "NUMBER because REASON",
            "close it: circumstances changed",
            "12 because the family has moved away",
            _not_possible,
        ),
        Verb(
            "not-done",
            "NUMBER because REASON",
            "close it: the agency has not acted",
            "12 because the post is vacant",
            _not_done,
        ),
    ),
)

NOUN = Noun(command=COMMAND)


def _clicked_done(request: Request) -> Reply:
    return _answered(request, views.completed(changes.complete_action(request.work, request.actor, request.number())))


def _clicked_confirm(request: Request) -> Reply:
    return _answered(request, views.confirmed(changes.confirm_action(request.work, request.actor, request.number())))


def _answered(request: Request, text: str) -> Reply:
    """Say what came of a click where it was made: in the story, or in the message in place of its buttons."""
    clicked = request.clicked
    if clicked is not None and clicked.place == "modal":
        return Reply(next_view=views.story(tracker.show_action(request.work, request.actor, request.number())))
    if clicked is not None and clicked.blocks:
        return Reply(text=text, blocks=settled(clicked.blocks, clicked.block_id, text), replaces=True)
    return Reply(text=text)


def _clicked_more_time(request: Request) -> Reply:
    found = tracker.show_action(request.work, request.actor, request.number())
    return Reply(modal=views.more_time_form(found.action, {"action": found.action.id}))


def _clicked_show(request: Request) -> Reply:
    return Reply(modal=views.story(tracker.show_action(request.work, request.actor, request.number())))


def _turned(request: Request) -> Reply:
    """Another page of a list, in its place."""
    about, starts = pages.taken(request.value)
    scope, _, panel_key = about.partition("|")
    page = starts.page(pages.ACTIONS)
    found = tracker.list_actions(request.work, request.actor, Where(panel_key=panel_key or None), scope, page)
    text, blocks = views.listed(found, starts)
    return Reply(text=text, blocks=blocks, replaces=True)


def _granted(request: Request) -> Reply:
    return _ruled(request, grant=True)


def _refused(request: Request) -> Reply:
    return _ruled(request, grant=False)


def _ruled(request: Request, *, grant: bool) -> Reply:
    outcome = changes.rule_on_extension(request.work, request.actor, request.number(), grant=grant)
    return _answered(request, views.ruled(outcome))


def _asked_more_time(request: Request) -> Reply:
    outcome = changes.extend_action(
        request.work,
        request.actor,
        request.metadata.number("action"),
        due=request.field("due"),
        reason=request.field("reason"),
    )
    return Reply(text=views.extended(outcome))


def _record_message(request: Request) -> Reply:
    panels = panels_where(request.work, request.actor, May.ADD_ACTION)
    if not panels:
        raise Mistake("You are on no panel where you can give actions. Ask your panel's co-ordinator.")
    here = next((panel.key for panel in panels if panel.channel_id == request.channel_id), None)
    text = plain(request.message.text) if request.message else ""
    offered = [(panel.key, panel.title) for panel in panels]
    metadata = {"channel": request.channel_id} if len(panels) > 1 else {"panel": panels[0].key}
    return Reply(modal=views.record_form(text=text, panels=offered, panel=here, metadata=metadata))


def _recorded_message(request: Request) -> Reply:
    with blaming("due"):
        action = changes.add_action(
            request.work,
            request.actor,
            Where(panel_key=request.field("panel") or request.metadata.get("panel")),
            holder_user_id=request.field("holder"),
            text=request.field("text"),
            due=request.field("due"),
            case_reference=request.field("case") or None,
            priority=Priority(request.field("priority")),
        )
    return Reply(text=views.recorded(action))


BUTTONS = Noun(
    clicks={
        "action.done": _clicked_done,
        "action.more_time": _clicked_more_time,
        "action.show": _clicked_show,
        "action.page": _turned,
        "action.confirm": _clicked_confirm,
        "action.grant": _granted,
        "action.refuse": _refused,
    },
    submissions={"action.extend": _asked_more_time, "action.record": _recorded_message},
    reads=frozenset({"action.show", "action.page", "action.more_time"}),
    shortcuts=(
        Shortcut(
            "Record as action",
            "action.record",
            "Give somebody on the panel what this message asks for",
            _record_message,
        ),
    ),
)
