"""The forms with which holders answer actions and the panel answers reports, and the sentences shown afterwards."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from bot.domain.language.agency_names import NamedAgency
from bot.domain.language.day_words import listed
from bot.models.vocabulary import ActionEventKind, ActionKind
from bot.records.actions.edits import ChangedFact
from bot.records.actions.queries import ActionView
from bot.services.actions.accepting import AcceptedAll, ActionChange
from bot.services.actions.editing import ActionToEdit, Edited, UndoneEdit
from bot.services.meeting.crimes import WORDS, CrimeReport
from bot.slack.actions.form_views import MOST_WORDS
from bot.slack.actions.views import (
    UNDO_CORRECTION,
    answers,
    changed_fact,
    fact_before,
    open_button,
    state_words,
    told,
    undo_button,
)
from bot.slack.blocks import (
    button,
    buttons,
    context,
    cut,
    day,
    day_input,
    escape,
    field,
    modal,
    person_input,
    radio,
    section,
    select,
    text_input,
    word_options,
)
from bot.slack.request import Said, View


class Answer(StrEnum):
    """An answer that the holder of an action can choose in `answer_form`."""

    DONE = "done"
    NOT_POSSIBLE = "not_possible"
    NOT_DONE = "not_done"
    NOT_OURS = "not_ours"
    HAND_OVER = "hand_over"


_ANSWERS = (
    (Answer.DONE, "Done"),
    (Answer.NOT_POSSIBLE, "No longer possible: circumstances changed"),
    (Answer.NOT_DONE, "Not done: our agency has not acted"),
    (Answer.NOT_OURS, "Not ours: it is another agency's"),
    (Answer.HAND_OVER, "Hand it over to a colleague"),
)


def answer_form(action: ActionView, agencies: Sequence[NamedAgency]) -> View:
    """Return the form in which a holder answers an action in any way except asking for more time."""
    blocks = [
        section(f"*Action {action.id}* stays on the lists until the panel accepts your answer."),
        field("answer", "Your answer", radio(_ANSWERS)),
        field(
            "reason",
            "What was done, or why not",
            text_input(lines=True, most=1000),
            hint="The panel can read this. Your reason goes into the minutes. *Done* and *Hand over* don't need a "
            "reason.",
            optional=True,
        ),
    ]
    if agencies:
        options = [(str(agency.id), agency.name) for agency in agencies]
        hint = "Choose the agency that should do the action, if you know it."
        blocks.append(field("whose", "Whose it is", select(options), hint=hint, optional=True))
    hint = "To hand the action over, choose a colleague of your agency on this panel."
    blocks.append(field("holder", "Colleague", person_input(), hint=hint, optional=True))
    return modal("action.answer", f"Answer action {action.id}", blocks, submit="Send", metadata={"action": action.id})


def send_back_form(action: ActionView) -> View:
    """Return the form that sends a holder's report back and asks for the reason."""
    blocks = [
        section(
            f"*Action {action.id}*, {state_words(action)}. You are sending it back to {escape(action.holder_name)}."
        ),
        field(
            "reason",
            "Why",
            text_input(lines=True, most=1000),
            hint="I'll tell the action's holder, who can read what you write here.",
        ),
    ]
    metadata = {"action": action.id}
    return modal("action.send_back", f"Send back {action.id}", blocks, submit="Send back", metadata=metadata)


def withdraw_form(action: ActionView) -> View:
    """Return the form that withdraws an action given by mistake and asks for the reason."""
    blocks = [
        section(
            f"*Action {action.id}* will disappear from every list and all figures. Use this only for a mistake, not "
            f"as an outcome."
        ),
        field(
            "reason",
            "Why it was a mistake",
            text_input(lines=True, most=1000),
            hint="Your reason goes into the minutes.",
        ),
    ]
    metadata = {"action": action.id}
    return modal("action.withdraw", f"Withdraw {action.id}", blocks, submit="Withdraw", metadata=metadata)


def edit_form(found: ActionToEdit) -> View:
    """Return the form that corrects an action. Its fields show the action as it is now."""
    action = found.action
    blocks = [
        field(
            "text",
            "What",
            text_input(initial=action.text, lines=True, most=MOST_WORDS),
            hint="Write one thing to do and what it should achieve. Use case references, never names.",
        ),
        field("holder", "Who", person_input(initial=action.holder_user_id)),
        field(
            "due",
            "Due date",
            day_input(initial=found.due_on.isoformat()),
            hint="You can choose a later or an earlier day.",
        ),
        field("kind", "Kind", select(word_options(ActionKind), initial=action.kind.value)),
        field("case", "Case reference", text_input(initial=action.case_reference or "", most=20), optional=True),
        field(
            "reason",
            "Why it's corrected",
            text_input(lines=True, most=1000),
            hint="The action's history keeps the old version. I'll tell the person who has the action and the person "
            "who gave it. They can read your reason in the history.",
        ),
    ]
    metadata = {"action": action.id, "seen": found.seen}
    return modal("action.edit", f"Correct action {action.id}", blocks, submit="Correct", metadata=metadata)


def crime_form(found: CrimeReport) -> View:
    """Return the filled-in form that gives the police an action about a crime disclosed at the meeting."""
    suggested = found.suggested.user_id if found.suggested else ""
    if len(found.police) > 1:
        holder = select([(one.user_id, one.name) for one in found.police], initial=suggested or None)
    else:
        holder = person_input(initial=suggested)
    hint = "" if found.police else "No police representative of the panel may read this case."
    blocks = [
        context(f"Under *{escape(found.title)}*. The police will receive this action as a crime report."),
        field("holder", "Who", holder, hint=hint),
        field(
            "text",
            "What",
            text_input(initial=WORDS, lines=True, most=MOST_WORDS),
            hint="Don't write down what was disclosed.",
        ),
        field(
            "due", "Due date", day_input(initial=found.due_on.isoformat()), hint="I've suggested the next working day."
        ),
    ]
    metadata = {"panel": found.panel_key, "item": found.item_id}
    return modal("action.crime", "Crime disclosed", blocks, submit="Add", metadata=metadata)


def edited(found: Edited, hint: str) -> Said:
    """Return a corrected action's holder, due date, kind and words, with buttons to correct it again and to undo."""
    action = found.action
    about = f" about {escape(action.case_reference)}" if action.case_reference else ""
    text = (
        f"*Action {action.id}* is now for <@{action.holder_user_id}> ({escape(action.agency_name)}){about}, "
        f"due {day(action.due_on)}, kind: {action.kind.label}.\n>{escape(action.text)}\n"
        f"To see the old version: `/action show {action.id}`.{hint}"
    )
    correct = button("Correct", "action.edit", action.id)
    return text, (section(text), buttons(correct, undo_button("action.undo_edit", found.event_id, UNDO_CORRECTION)))


def correction_undone(found: UndoneEdit) -> str:
    """Return a sentence saying that a correction of an action is taken back, and what the action says again."""
    lines = [
        f"You have taken back your correction of action {found.action.id}. The action's history keeps the correction.",
        *(f">{changed_words(one)}" for one in found.changes),
    ]
    again = "; ".join(escape(cut(fact_before(one), 300)) for one in found.changes)
    return "\n".join([*lines, f"In force again: {again}."])


def changed_words(one: ChangedFact) -> str:
    """Return a corrected fact in one line: the earlier value and the new one."""
    return escape(cut(" ".join(changed_fact(one).split()), 600))


def withdrawn(action: ActionView) -> str:
    """Return a message saying which action was withdrawn, with the action's words and the command that undoes this."""
    words = "\n".join(f">{line}" for line in escape(cut(action.text, 500)).splitlines())
    undo = f"To undo this: `/action put-back {action.id}`."
    return f"*Action {action.id}* is withdrawn: it was given by mistake.\n{words}\n{undo}"


def put_back(action: ActionView) -> str:
    """Return a sentence saying that a withdrawn action is open again."""
    return f"*Action {action.id}* is back on the lists, due {day(action.due_on)}."


def give_form(action: ActionView, user_id: str) -> View:
    """Return the form that gives an action to another holder. The account `user_id` is already chosen."""
    blocks = [
        section(f"*Action {action.id}*, {state_words(action)}"),
        field(
            "holder",
            "Who holds it now",
            person_input(initial=user_id),
            hint="I'll tell the new holder and the current one.",
        ),
    ]
    return modal("action.give", f"Give action {action.id}", blocks, submit="Give", metadata={"action": action.id})


def accepted_all(found: AcceptedAll) -> str:
    """Return a message saying which reported actions were accepted, and which were not and why."""
    lines = []
    if found.accepted:
        are = "Action {} is" if len(found.accepted) == 1 else "Actions {} are"
        lines.append(f"{are.format(listed([str(one.id) for one in found.accepted]))} accepted for the panel.")
    lines += [
        f"*Action {one.id}* has changed since you opened this list, so I haven't accepted it. "
        f"It is now {state_words(one)}."
        for one in found.changed
    ]
    if found.own:
        lines.append(
            f"You can't accept your own ({listed([str(number) for number in found.own])}). The chair or vice-chair "
            f"can, or the panel at its next meeting."
        )
    if found.missing:
        lines.append(f"{found.missing} of these actions can't be found now, or {_IS[found.missing == 1]}n't for you.")
    return "\n".join(lines) or "Nothing was accepted."


_IS = {True: "is", False: "are"}


def sent_back(action: ActionView) -> str:
    """Return a sentence saying that an action's report was sent back to its holder."""
    return f"*Action {action.id}* is open again. I'm telling {escape(action.holder_name)} why."


#: What is told to the person who gave the action.
_OF_GIVER: Final = {
    ActionEventKind.EDITED: (
        "corrected action {}, which you gave. Press *Open* to see the old and the new version, and why."
    ),
    ActionEventKind.WITHDRAWN: "withdrew action {}, which you gave. Press *Open* to see why.",
    ActionEventKind.PUT_BACK: "put back action {}, which you gave: it is no longer withdrawn.",
}


def changed(found: ActionChange) -> Said:
    """Return a message telling an action's holder, former holder or giver what another person did to the action."""
    action, by = found.action, escape(found.by_name) or "The panel"
    if found.is_given and found.kind in _OF_GIVER:
        text = f"{by} {_OF_GIVER[found.kind].format(action.id)}"
        return text, (section(text), buttons(open_button(action)))
    if found.kind is ActionEventKind.REOPENED:
        text = f"{by} sent action {action.id} back to you. Press *Open* to see why."
    elif found.kind is ActionEventKind.REASSIGNED or (found.kind is ActionEventKind.EDITED and not found.is_yours):
        text = f"{by} gave action {action.id} to {escape(cut(action.agency_name, 100))}. The action is no longer yours."
        return text, (section(text),)
    elif found.kind is ActionEventKind.WITHDRAWN:
        text = f"{by} withdrew action {action.id}: it was given by mistake. You don't need to do it."
        return text, (section(text), buttons(open_button(action)))
    elif found.kind is ActionEventKind.PUT_BACK:
        text = f"{by} put action {action.id} back: it is no longer withdrawn."
    elif found.kind is ActionEventKind.EDITED:
        text = f"{by} corrected action {action.id}. Press *Open* to see the old and the new version, and why."
    else:
        text = f"{by} changed action {action.id}. Press *Open* to see the new version."
    if not found.is_yours:
        return text, (section(text), section(told(action)), buttons(open_button(action)))
    return text, (section(text), section(told(action)), answers(action, open_button(action)))
