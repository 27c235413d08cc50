"""`/action` and its buttons: give, list, answer, correct and pass on actions."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot.domain.language.action_kinds import guess_kind
from bot.domain.language.references import take_item
from bot.domain.permissions import Actor
from bot.domain.permissions import Verb as May
from bot.errors import Mistake, NotAcknowledged
from bot.models.vocabulary import ActionKind
from bot.records.access.queries import Where
from bot.records.actions.queries import ActionView
from bot.services.actions import accepting, changes, chasing, correcting, tracker
from bot.slack import pages
from bot.slack.actions import answer_views, answering, changing, fallback, form_views, recording, views
from bot.slack.actions.answering import clicked
from bot.slack.actions.drafts import (
    ABOUT,
    on_mentioned,
    said_in,
    take_case,
    what_and_when,
    with_case_last,
    with_item_first,
)
from bot.slack.actions.giving import (
    reassign,
    refuse_lines,
    refuse_new_holder,
    refuse_sentences,
    refuse_several,
    refuse_unknown,
    take_who,
    typed_again,
    without_day,
)
from bot.slack.actions.log import send_log
from bot.slack.actions.numbers import MOST_AT_ONCE, number_and_reason, number_and_words, refuse_left_out
from bot.slack.actions.scopes import (
    OF_ONE,
    SCOPES,
    is_of_one,
    list_offers,
    read_list,
    scope_called,
    show_of_one,
    show_offers,
    take_case_of_list,
    tracker_offers,
)
from bot.slack.meeting.duties import telling_whose
from bot.slack.references import with_whole_case_last
from bot.slack.registry import Command, Noun, Shortcut, Verb
from bot.slack.request import (
    Reply,
    Request,
    Said,
    day_of,
    offering,
    take_panel,
    unread,
)
from bot.slack.typed import (
    first_numbers,
    only_number,
    only_numbers,
    plain,
    without_courtesy,
)
from bot.slack.wording import hint_about
from bot.store.unit_of_work import Work


def _add(request: Request) -> Reply:
    if not request.text.strip():
        return recording.open_form(request)
    refuse_lines(request.text)
    refuse_new_holder(request.text.strip())
    where, text = take_panel(request, request.text, May.ADD_ACTION)
    refuse_sentences(request, where)
    refuse_several(request, where)
    number, text = take_item(with_item_first(with_case_last(without_courtesy(text))))
    holder, text, people = take_who(request, where, text, number)
    if holder is None:
        return recording.open_form(
            request, said_in(text, people, request.work.now.date(), is_action=True), where.panel_key
        )
    refuse_unknown(f"<@{holder}>", text, where.panel_key)
    text, reference, is_case_sure = take_case(with_whole_case_last(request, text))
    what, due = what_and_when(text)
    if due is None:
        raise without_day(request, where, text)
    try:
        with typed_again(request, "add", due):
            action = request.do(
                changes.add_action,
                where,
                holder_user_id=holder,
                text=what,
                due=due,
                case_reference=reference,
                is_case_sure=is_case_sure,
                kind=guess_kind(what),
                number=number,
            )
    except NotAcknowledged as refused:
        refused.commands = (("Add this action", f"/action add {request.text}"),)
        raise
    why = request.do(changes.why_this_day, action.id, due)
    return request.shown(views.recorded(action, hint_about(what), why))


def _list(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.SEE_ACTIONS)
    about, text = take_case_of_list(request, text)
    meant = read_list(text)
    if meant.others or len(meant.scopes) > 1:
        is_of_one_of_them = bool(meant.others) and is_of_one(request, meant.others)
        log = [f"/action tracker {meant.others}"] if is_of_one_of_them else []
        lists = [f"/action list {each}" for each in meant.scopes or ["open"]]
        with offering(*(lists + log if meant.scopes else log + lists)):
            if is_of_one_of_them:
                raise Mistake(OF_ONE)
            raise unread(text, f"I can list {', '.join(f'`{each}`' for each in SCOPES)}. {COMMAND.usage('list')}")
    scope = meant.scopes[0] if meant.scopes else "all" if about else "open"
    return request.shown(_listed(request, where, scope, about))


def _listed(request: Request, where: Where, scope: str, about: str, starts: pages.Starts = pages.FIRST) -> Said:
    found = request.do(tracker.list_actions, where, scope, starts.page(pages.ACTIONS), about=about)
    return views.listed(found, starts)


def _show(request: Request) -> Reply:
    numbers = first_numbers(request.text)
    each = [f"/action show {number}" for number in numbers[:_MOST_SHOWN]] if len(numbers) > 1 else []
    is_number = request.text.strip(" #").isdigit()
    with offering(*(each or ([] if is_number else show_of_one(request, plain(request.text))))):
        number = only_number(request.text, COMMAND.usage("show"))
    return Reply(modal=views.story(request.do(tracker.show_action, number)))


_MOST_SHOWN = 4  #: actions of one line, each of them a button


def _each(
    request: Request, verb: str, change: Callable[[Work, Actor, int], ActionView], said: Callable[[ActionView], str]
) -> Reply:
    """Call `change` for each typed action number. If one is refused, change none and raise Mistake with the reason."""
    # The actions are locked in the order of their numbers, so two people with the same numbers cause no deadlock.
    numbers = sorted(only_numbers(request.text, COMMAND.usage(verb)))
    if len(numbers) > MOST_AT_ONCE:
        raise Mistake(f"At most {MOST_AT_ONCE} at once, please.")
    try:
        return Reply(text="\n".join(said(request.do(change, number)) for number in numbers))
    except Mistake as refused:
        if len(numbers) > 1:
            refused.args = (f"{refused} I haven't changed the other actions.",)
        raise


def _extend(request: Request) -> Reply:
    return changing.extend(request, COMMAND.usage("extend"))


def _edit(request: Request) -> Reply:
    return changing.edit(request, COMMAND.usage("edit"))


def _reassign(request: Request) -> Reply:
    return reassign(request, COMMAND.usage("reassign"))


def _give_up(request: Request, verb: str, *, possible: bool) -> Reply:
    number, reason = number_and_reason(request.text, COMMAND.usage(verb), verb)
    return Reply(text=views.completed(request.do(changes.give_up_action, number, possible=possible, reason=reason)))


def _disown(request: Request) -> Reply:
    number, reason = number_and_reason(request.text, COMMAND.usage("not-ours"), "not-ours")
    return Reply(text=views.completed(request.do(changes.disown_action, number, reason=reason)))


def _withdraw(request: Request) -> Reply:
    number, reason = number_and_reason(request.text, COMMAND.usage("withdraw"), "withdraw")
    return Reply(text=answer_views.withdrawn(request.do(correcting.withdraw_action, number, reason)))


def _accept(request: Request) -> Reply:
    """Accept the reports on the typed actions. If no number is typed, offer the command that lists reported actions."""
    refuse_left_out(request.text, "accept")
    numbers = " ".join(map(str, first_numbers(request.text)))
    with offering(f"/action accept {numbers}" if numbers else "/action list reported"):
        return _each(request, "accept", accepting.accept_action, views.accepted)


def _done(request: Request) -> Reply:
    """Report actions as done.

    Words after a single number become the report. After several numbers, no words are accepted.
    """
    request = replace(request, text=_ALL_DONE.sub("", request.text))
    fallback.refuse_all_but(request)
    refuse_left_out(request.text, "done")
    try:
        number, words = number_and_words(request.text, COMMAND.usage("done"))
    except Mistake as refused:
        if not re.search("[0-9]", request.text):
            refused.commands = tuple((one, one) for one in fallback.reported(request, plain(request.text)))
        raise
    if not words:
        return _each(request, "done", changes.complete_action, views.completed)
    return Reply(text=views.completed(request.do(changes.complete_action, number, words)))


#: "4127, 4128 all sorted": what "done" says already.
_ALL_DONE = re.compile(
    r"(?<=[0-9])[\s,.:]*(?:(?:are|is|all|both|now|have been)\s+)*(?:done|sorted|completed?|finished|all)[\s.!]*$",
    re.IGNORECASE,
)


def _reopen(request: Request) -> Reply:
    """Reopen one action, with a reason if one is typed, or several actions without a reason."""
    refuse_left_out(request.text, "reopen")
    number, words = number_and_words(request.text, COMMAND.usage("reopen"))
    if not words:
        return _each(request, "reopen", accepting.reopen_action, views.reopened)
    return Reply(text=views.reopened(request.do(accepting.reopen_action, number, words)))


COMMAND = Command(
    "/action",
    "Give, chase and answer the panel's actions",
    reference=ABOUT,
    implied=fallback.implied,
    recognised=fallback.commands_for,
    verbs=(
        Verb(
            "add",
            "@holder what is to be done by DATE",
            "give a member something to do",
            "@sam ring the school nurse about attendance by Friday",
            telling_whose(_add),
            aliases=("new", "give"),
        ),
        Verb(
            "list",
            "[open | overdue | reported | all | mine] [about REFERENCE]",
            "list the panel's actions, one case's, or your own on every panel",
            "overdue",
            _list,
            reads=True,
            offers=list_offers,
        ),
        Verb("show", "NUMBER", "show one action with its history", "12", _show, reads=True, offers=show_offers),
        Verb(
            "tracker",
            "[AGENCY | @member | mine] [panel]",
            "get actions as an Excel file, with what became of each",
            "Health",
            send_log,
            reads=True,
            aliases=("log", "export"),
            offers=tracker_offers,
        ),
        Verb(
            "done",
            "NUMBER …",
            "report that actions are done",
            "4127, 5287 and 3077",
            _done,
            aliases=("complete", "completed", "finished", "finish"),
        ),
        Verb(
            "extend",
            "NUMBER DATE because REASON",
            "ask for more time",
            "12 in 2 weeks because the clinic is shut",
            _extend,
        ),
        Verb(
            "reassign",
            "NUMBER @name",
            "give an action to another holder",
            "12 @sam",
            _reassign,
            aliases=(
                "pass",
                "transfer",
            ),
            offers=fallback.reassign_offers,
        ),
        Verb(
            "reopen",
            "NUMBER [because REASON]",
            "take back a report, or send it back to its holder",
            "12 because the form is not signed",
            _reopen,
        ),
        Verb(
            "accept",
            "NUMBER",
            "accept what holders reported",
            "12",
            _accept,
            aliases=("confirm",),
            offered_for=("close",),
        ),
        Verb(
            "not-possible",
            "NUMBER because REASON",
            "report that circumstances changed",
            "12 because the family has moved away",
            partial(_give_up, verb="not-possible", possible=False),
        ),
        Verb(
            "not-done",
            "NUMBER because REASON",
            "report that the agency has not acted",
            "12 because the post is vacant",
            partial(_give_up, verb="not-done", possible=True),
            aliases=("not-acted",),
        ),
        Verb(
            "not-ours",
            "NUMBER because REASON",
            "report that an action is another agency's",
            "12 because Housing holds the tenancy",
            _disown,
        ),
        Verb(
            "edit",
            "NUMBER",
            "correct the words, holder, day, kind or case of an action",
            "12",
            _edit,
            reads=True,
            fills_in=True,
            aliases=("correct",),
            offers=fallback.edit_offers,
        ),
        Verb(
            "withdraw",
            "NUMBER because REASON",
            "withdraw an action given by mistake",
            "12 because it was given twice",
            _withdraw,
            offered_for=(
                "delete",
                "remove",
                "cancel",
            ),
        ),
        Verb(
            "put-back",
            "NUMBER",
            "put a withdrawn action back",
            "12",
            partial(_each, verb="put-back", change=correcting.put_back_action, said=answer_views.put_back),
        ),
    ),
)


def _clicked_more_time(request: Request) -> Reply:
    found = request.do(tracker.show_action, request.number())
    return Reply(modal=form_views.more_time_form(found.action, {"action": found.action.id}))


def _clicked_show(request: Request) -> Reply:
    return Reply(modal=views.story(request.do(tracker.show_action, request.number())))


def _clicked_open_all(request: Request) -> Reply:
    return Reply(modal=views.opened_digest(request.do(chasing.open_digest, day_of(request.value))))


def _clicked_kind(request: Request) -> Reply:
    return Reply(modal=views.kind_form(request.do(tracker.show_action, request.number()).action))


def _chose_kind(request: Request) -> Reply:
    number = request.metadata.number("action")
    action = request.do(changes.change_kind, number, request.option("kind", ActionKind))
    return Reply(text=views.kind_changed(action))


def _turned(request: Request) -> Reply:
    """Show another page of a list of actions. It replaces the page on which the person clicked."""
    value, starts = pages.taken(request.value)
    scope, panel_key, about = (*value.split("|"), "", "")[:3]
    where = Where(panel_key=panel_key or None)
    return request.shown(_listed(request, where, scope_called(scope), about, starts), replaces=True)


def _asked_more_time(request: Request) -> Reply:
    number, due = request.metadata.number("action"), request.field("due")
    outcome = request.do(changes.extend_action, number, due=due, reason=request.field("reason"))
    return Reply(text=views.extended(outcome))


NOUN = Noun(
    command=COMMAND,
    clicks={
        "action.done": partial(clicked, change=changes.complete_action, said=views.completed),
        "action.reopen": partial(clicked, change=accepting.reopen_action, said=views.reopened),
        "action.more_time": _clicked_more_time,
        "action.show": _clicked_show,
        "action.open_all": _clicked_open_all,
        "action.kind": _clicked_kind,
        "action.page": _turned,
        "action.grant": partial(clicked, change=partial(changes.rule_on_extension, grant=True), said=views.ruled),
        "action.refuse": partial(clicked, change=partial(changes.rule_on_extension, grant=False), said=views.ruled),
        **answering.CLICKS,
        **recording.CLICKS,
    },
    submissions={
        "action.extend": _asked_more_time,
        "action.kind": _chose_kind,
        **answering.SUBMISSIONS,
        **recording.SUBMISSIONS,
    },
    events={"app_mention": on_mentioned},
    reads=frozenset(
        {
            "action.show",
            "action.page",
            "action.more_time",
            "action.kind",
            "action.open_all",
        }
    )
    | answering.READS
    | recording.READS,
    shortcuts=(
        Shortcut(
            "Record as action",
            "action.record",
            "Give a member of the panel what this message asks for",
            recording.open_form,
        ),
    ),
)
