"""The buttons and forms for holders to answer actions, and for the panel to accept reports or send them back."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from bot.errors import Mistake, NotForYou
from bot.models.vocabulary import ActionKind
from bot.records.actions.queries import ActionView
from bot.services.actions import accepting, changes, correcting, editing, tracker
from bot.services.meeting import crimes
from bot.slack.actions import answer_views, views
from bot.slack.actions.answer_views import Answer
from bot.slack.blocks import notice, settled
from bot.slack.meeting.duties import telling_whose
from bot.slack.request import Reply, Request, blaming, number_of
from bot.slack.wording import hint_about

_Found = TypeVar("_Found")


def answered(request: Request, number: int, text: str) -> Reply:
    """Show `text` as the result of a click on action `number`.

    After a click in the action's modal, show the modal again. After a click in a message, put `text` in place of the
    buttons.
    """
    clicked = request.clicked
    if clicked is not None and clicked.place == "modal":
        return Reply(next_view=views.story(request.do(tracker.show_action, number)))
    if clicked is not None and clicked.blocks:
        return Reply(text=text, blocks=settled(clicked.blocks, clicked.block_id, text), replaces=True)
    return Reply(text=text)


def clicked(request: Request, change: Callable[..., _Found], said: Callable[[_Found], str]) -> Reply:
    """Call `change` with the number in the clicked button. Show the sentence that `said` makes of the result."""
    number = request.number()
    return answered(request, number, said(request.do(change, number)))


def _accept(request: Request) -> Reply:
    number, event_id = request.two_numbers()
    return answered(request, number, views.accepted(request.do(accepting.accept_action, number, event_id)))


def _accept_all(request: Request) -> Reply:
    where, shown = request.panel_and("|")
    pairs = [one.partition(".") for one in shown.split(",")]
    reports = {number_of(number): number_of(event_id) for number, _, event_id in pairs}
    text = answer_views.accepted_all(request.do(accepting.accept_all, where, reports))
    return Reply(next_view=notice(text, title="Accepted")) if request.is_from("modal") else Reply(text=text)


def _answer_form(request: Request) -> Reply:
    return Reply(modal=answer_views.answer_form(*request.do(tracker.show_to_answer, request.number())))


def _send_back_form(request: Request) -> Reply:
    return Reply(modal=answer_views.send_back_form(request.do(tracker.show_action, request.number()).action))


def _give_form(request: Request) -> Reply:
    return Reply(modal=answer_views.give_form(*request.do(accepting.offer_holder, request.number())))


def _withdraw_form(request: Request) -> Reply:
    return Reply(modal=answer_views.withdraw_form(request.do(correcting.offer_withdrawal, request.number())))


def edit_form(request: Request, number: int, due: str = "") -> Reply:
    """Open the form that corrects an action. A typed due phrase is filled in as the action's new due date."""
    return Reply(modal=answer_views.edit_form(request.do(editing.offer_edit, number, due)))


def _edit_form(request: Request) -> Reply:
    return edit_form(request, request.number())


def _edit(request: Request) -> Reply:
    form = editing.ActionForm(
        text=request.field("text"),
        kind=request.option("kind", ActionKind),
        holder_user_id=request.field("holder"),
        due=request.field("due"),
        case_reference=request.field("case"),
        reason=request.field("reason"),
    )
    carried = request.metadata
    with blaming("case", NotForYou):
        found = request.do(editing.edit_action, carried.number("action"), form, carried.number("seen"))
    text, blocks = answer_views.edited(found, hint_about(form.text))
    return Reply(next_view=notice(text, title="Done", blocks=blocks))


def taken_back(request: Request, text: str) -> Reply:
    """Show in place of the clicked answer or notice that an entry was taken back."""
    if request.is_from("modal"):
        return Reply(next_view=notice(text, title="Taken back"))
    return Reply(text=text, replaces=request.clicked is not None)


def undo_added(request: Request, number: int) -> Reply:
    """Withdraw an action that was given a moment ago. For any other action, open the form that asks why."""
    found = request.do(correcting.undo_added, number)
    if found is None:
        return Reply(modal=answer_views.withdraw_form(request.do(correcting.offer_withdrawal, number)))
    return taken_back(request, answer_views.withdrawn(found))


def _undo_added(request: Request) -> Reply:
    return undo_added(request, request.number())


def _undo_edit(request: Request) -> Reply:
    """Take back the correction in the button's value."""
    return taken_back(request, answer_views.correction_undone(request.do(editing.undo_edit, request.number())))


def _crime_form(request: Request) -> Reply:
    """Open the form that gives the police an action about a disclosed crime, under the item in the button's value."""
    where, item_id = request.panel_and_number()
    return Reply(modal=answer_views.crime_form(request.do(crimes.offer_crime_report, where, item_id or None)))


def _crime(request: Request) -> Reply:
    where, item_id = request.panel(), request.metadata.number("item")
    # Without its meeting the bot would not know the item's case, and the action would be about no case.
    request.do(crimes.offer_crime_report, where, item_id)
    with blaming("due"):
        action = request.do(
            changes.add_action,
            where,
            holder_user_id=request.field("holder"),
            text=request.field("text"),
            due=request.field("due"),
            kind=ActionKind.CRIME_REPORT,
            item_id=item_id,
        )
    why = request.do(changes.why_this_day, action.id, request.field("due"))
    text, blocks = views.recorded(action, hint_about(request.field("text")), why)
    return Reply(next_view=notice(text, title="Done", blocks=blocks))


def _withdraw(request: Request) -> Reply:
    number, reason = request.metadata.number("action"), request.field("reason")
    return Reply(text=answer_views.withdrawn(request.do(correcting.withdraw_action, number, reason)))


def _answer(request: Request) -> Reply:
    number, answer, reason = (
        request.metadata.number("action"),
        request.option("answer", Answer),
        request.field("reason"),
    )
    if answer is Answer.HAND_OVER:
        if not request.field("holder"):
            raise Mistake("Choose the colleague who takes the action over.", field="holder")
        given = request.do(changes.reassign_action, number, holder_user_id=request.field("holder"))
        return Reply(text=views.reassigned(given))
    return Reply(text=views.completed(_report(request, number, answer, reason)))


def _report(request: Request, number: int, answer: Answer, reason: str) -> ActionView:
    if answer is Answer.DONE:
        return request.do(changes.complete_action, number, reason)
    if answer is Answer.NOT_OURS:
        whose = request.if_any(request.chosen, "whose")
        return request.do(changes.disown_action, number, reason=reason, agency_id=whose)
    return request.do(changes.give_up_action, number, possible=answer is Answer.NOT_DONE, reason=reason)


def _send_back(request: Request) -> Reply:
    number = request.metadata.number("action")
    action = request.do(accepting.send_back_action, number, request.field("reason"))
    return Reply(text=answer_views.sent_back(action))


def _give(request: Request) -> Reply:
    number, holder = request.metadata.number("action"), request.field("holder")
    return Reply(text=views.reassigned(request.do(changes.reassign_action, number, holder_user_id=holder)))


CLICKS: dict[str, Callable[[Request], Reply]] = {
    "action.accept": _accept,
    "action.accept_all": _accept_all,
    "action.answer": _answer_form,
    "action.send_back": _send_back_form,
    "action.give": _give_form,
    "action.crime": telling_whose(_crime_form),
    "action.edit": _edit_form,
    "action.undo": _undo_added,
    "action.undo_edit": _undo_edit,
    "action.withdraw": _withdraw_form,
    "action.put_back": partial(clicked, change=correcting.put_back_action, said=answer_views.put_back),
}
SUBMISSIONS = {
    "action.answer": _answer,
    "action.send_back": _send_back,
    "action.give": _give,
    "action.crime": _crime,
    "action.edit": _edit,
    "action.withdraw": _withdraw,
}
READS = frozenset(SUBMISSIONS)  # the buttons that open these forms
