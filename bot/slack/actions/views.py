"""Actions as Slack shows them: one line in a list, a modal with the history, reminders, and buttons to answer."""

from collections.abc import Sequence
from datetime import date
from itertools import chain
from typing import Final

from bot.domain.language.due_phrases import describe_distance, describe_due
from bot.domain.states import OPEN_STATES, REPORTED_STATES, Rag
from bot.models.vocabulary import ActionKind, ActionState, ChaseStep, Priority
from bot.records.actions.edits import ActionFact, ChangedFact
from bot.records.actions.queries import ActionView, ExtensionAsked
from bot.services.actions.action_log import LogSent
from bot.services.actions.changes import ExtensionOutcome
from bot.services.actions.chasing import Digest, DigestLine
from bot.services.actions.tracker import ActionHistory, ActionList, HistoryLine
from bot.slack.blocks import (
    MESSAGE_BLOCKS,
    VIEW_BLOCKS,
    button,
    buttons,
    context,
    counted,
    cut,
    day,
    divider,
    escape,
    field,
    header,
    how_many_fit,
    modal,
    moment,
    page,
    section,
    select,
    spoken,
    sure,
    word_options,
)
from bot.slack.pages import FIRST, Starts, turning
from bot.slack.request import Block, Said, View

#: The value of the button that opens an empty form.
EMPTY_FORM = "form"
#: Each colour is shown as a shape with a word, so that no reader depends on seeing colours.
RAG_WORDS = {
    Rag.BLUE: ":large_blue_circle:",
    Rag.GREEN: ":large_green_circle:",
    Rag.AMBER: ":large_orange_circle: due soon",
    Rag.RED: ":red_circle: overdue",
    Rag.CLOSED: ":white_circle:",
}
#: The same for a reported action, with its colour on the day of the report, since nothing is expected of its holder
#: now.
_REPORTED_WORDS = RAG_WORDS | {Rag.AMBER: ":large_orange_circle:", Rag.RED: ":red_circle: reported late"}


def recorded(action: ActionView, hint: str = "", why: str = "") -> Said:
    """Return a message that repeats an action just recorded, with a button to change the kind that the bot guessed.

    `why` is the reason if the due date differs from the typed day, and otherwise empty.
    """
    about = f" about {escape(action.case_reference)}" if action.case_reference else ""
    text = (
        f"*Action {action.id}* recorded{about} for <@{action.holder_user_id}> ({escape(action.agency_name)}):\n"
        f">{escape(action.text)}\n"
        f"Due *{describe_due(action.due_on, action.today)}*. {f'{escape(why)} ' if why else ''}"
        f"Kind: *{action.kind.label}*.\n"
        f"To correct it: `/action edit {action.id}`."
    )
    text += hint
    correcting = (
        button("Correct", "action.edit", action.id),
        undo_button("action.undo", action.id, f"Take action {action.id} back?"),
    )
    return text, (section(text), buttons(_change_kind(action), *correcting))


UNDO_CORRECTION: Final = "Take this correction back?"


def undo_button(action: str, value: object, question: str) -> Block:
    """Return the button that takes an entry back, once the person has said yes to this question."""
    confirm = sure(question, "The record keeps it, marked as taken back.", "Take it back", "Cancel")
    return button("Undo", action, value, confirm=confirm)


def kind_changed(action: ActionView) -> str:
    """Return a sentence saying which kind the action has now."""
    return f"The kind of *action {action.id}* is now *{action.kind.label}*."


def completed(action: ActionView) -> str:
    """Return a sentence saying what the holder reported, and that the panel must accept the report."""
    agency = action.report.agency_name if action.report else ""
    whose = f": it belongs to {escape(agency)}" if agency else ""
    return (
        f"*Action {action.id}* is {action.state.label}{whose}. "
        "It stays on the lists until the panel accepts your report. "
        f"If that was a mistake: `/action reopen {action.id}`."
    )


def reopened(action: ActionView) -> str:
    """Return a sentence saying that the action is open again."""
    return f"*Action {action.id}* is open again, due {day(action.due_on)}."


def accepted(action: ActionView) -> str:
    """Return a sentence saying that the holder's report is accepted for the panel."""
    return f"*Action {action.id}* is accepted as {action.state.label.removesuffix(' and accepted')}."


def reassigned(action: ActionView) -> str:
    """Return a sentence saying who holds the action now."""
    return f"*Action {action.id}* is now with <@{action.holder_user_id}> ({escape(action.agency_name)})."


def extended(outcome: ExtensionOutcome, why: str = "") -> str:
    """Return a sentence with an action's new due date, or saying that the chair was asked for more time.

    `why` is the reason for the new date, if it differs from the typed date.
    """
    action = outcome.action
    if outcome.granted:
        because = f" {escape(why)}" if why else ""
        return f"*Action {action.id}* is now due *{describe_due(action.due_on, action.today)}*.{because}"
    return (
        f"I've asked the chair to move *action {action.id}* to {day(outcome.asked_for)}. "
        f"The action stays due {day(action.due_on)} until the chair answers."
    )


def ruled(outcome: ExtensionOutcome) -> str:
    """Return a sentence to the chair who granted or refused more time, saying when the action is due."""
    action = outcome.action
    if outcome.granted:
        return f"*Action {action.id}* is now due {day(action.due_on)}. I'm telling the holder."
    return f"*Action {action.id}* stays due {day(action.due_on)}. I'm telling the holder."


def line(action: ActionView) -> str:
    """Return the line for one action in a list: its words, colour, due date, holder, kind, state and any report."""
    state = f" · {state_words(action)}" if action.state is not ActionState.OPEN else ""
    said = f"\n>{escape(cut(action.report.words, 600))}" if action.report and action.report.words else ""
    return (
        f"*{action.id}* {escape(action.text)}\n"
        f"{mark(action)} · {day(action.due_on)} · {escape(action.holder_name)}, "
        f"{escape(action.agency_name)}{_about(action)}{kind_of(action)}{_high(action)}{state}{said}"
    )


def mark(action: ActionView) -> str:
    """Return an action's colour as a shape and a word. The colour no longer changes once the action is reported."""
    return (_REPORTED_WORDS if action.report else RAG_WORDS)[action.rag]


def state_words(action: ActionView) -> str:
    """Return an action's state in words.

    For a reported action, add who reported it, when, and any agency named as owner.
    """
    report = action.report
    if report is None:
        return action.state.label
    by = f" by {escape(report.by_name)}" if report.by_name else ""
    whose = f", but {escape(report.agency_name)}'s" if report.agency_name else ""
    return f"*{action.state.label}*{whose} on {day(report.on)}{by}"


def told(action: ActionView) -> str:
    """Return the line for one action in a message that stays in Slack.

    The line has the action's words only if the county agreed that such words may stay in Slack. Otherwise the *Open*
    button shows them.
    """
    words = f"\n>{escape(cut(action.text, 300))}" if action.text_may_stay else ""
    rag = "" if action.rag in (Rag.BLUE, Rag.GREEN, Rag.CLOSED) else f"{mark(action)} · "
    return (
        f"*Action {action.id}* · {action.kind.label}{_about(action)}{_high(action)}\n"
        f"{rag}{day(action.due_on)} ({describe_distance(action.due_on, action.today)}) · "
        f"{escape(action.agency_name)} · {state_words(action)}{words}"
    )


def open_button(action: ActionView) -> Block:
    """Return the *Open* button, which checks access and then shows the action's words."""
    return button("Open", "action.show", action.id)


def listed(found: ActionList, starts: Starts = FIRST) -> Said:
    """Return one page of a list of actions for chat, as plain text and as blocks."""
    if not found.count:
        return f"{escape(found.heading)}: none.", ()
    starts = starts.at(found.first)
    groups = [[section(line(action), button("Show", "action.show", action.id))] for action in found.actions]
    fit = how_many_fit(groups, most_blocks=MESSAGE_BLOCKS - 4)
    of_case = f"|{found.about}" if found.about else ""
    turn = turning("action.page", f"{found.scope}|{found.panel_key}{of_case}", starts, fit, found.count)
    shown = (block for group in groups[:fit] for block in group)
    blocks = (header(f"{found.heading} ({found.count})"), *shown, *accept_shown(found, fit), *turn)
    return f"{escape(found.heading)}: {found.count}", blocks


def accept_shown(found: ActionList, shown: int) -> tuple[Block, ...]:
    """Return the button that accepts all reports shown in a list. If the reader may accept none, return an empty tuple.

    The button's value names each report shown, so a later report on the same action is not accepted by the click.
    """
    reports = [
        f"{one.id}.{one.report.event_id}"
        for one in found.actions[:shown]
        if one.report is not None and one.id in found.acceptable
    ]
    if not reports:
        return ()
    text = (
        f"You are accepting {counted(len(reports), 'report', 'reports')} for the panel. "
        "Accepted actions disappear from the lists."
    )
    confirm = sure("Accept all shown?", text, "Accept")
    label = f"Accept all shown ({len(reports)})"
    return (buttons(button(label, "action.accept_all", f"{found.panel_key}|{','.join(reports)}", confirm=confirm)),)


def story(found: ActionHistory) -> View:
    """Return a modal with one action, its history, and the buttons that its reader may use."""
    action = found.action
    blocks: list[Block] = [
        section(f"{mark(action)} · {state_words(action)} · due *{describe_due(action.due_on, action.today)}*"),
        spoken(action.text),
        section(
            f"Held by <@{action.holder_user_id}> for {escape(action.agency_name)} · {escape(action.panel_title)}"
            f"{_about(action)} · kind: {action.kind.label}"
        ),
    ]
    if found.may_answer:
        blocks.append(answers(action, _change_kind(action)))
    if action.report is not None:
        blocks += answers_to_report(found)
    correcting = [button("Correct", "action.edit", action.id)] if found.may_correct else []
    if found.may_withdraw:
        correcting.append(button("Given by mistake", "action.withdraw", action.id))
    if correcting:
        blocks.append(buttons(*correcting))
    if found.may_put_back:
        blocks.append(buttons(button("Put back", "action.put_back", action.id)))
    blocks.append(divider())
    for each in found.history[-20:]:
        blocks.extend(_told(each))
    return modal("notice", f"Action {action.id}", blocks, submit=None)


def answers(action: ActionView, *more: Block) -> Block:
    """Return the buttons with which a holder answers an action in one click, followed by the buttons in `more`."""
    if action.state in REPORTED_STATES:
        return buttons(button("Take it back", "action.reopen", action.id), *more)
    if action.state not in OPEN_STATES:
        return buttons(*more)
    done = button("Done", "action.done", action.id, style="primary")
    later = button("More time", "action.more_time", action.id)
    return buttons(done, later, button("Another answer", "action.answer", action.id), *more)


def answers_to_report(found: ActionHistory) -> list[Block]:
    """Return the buttons with which the reader may answer a report: accept, give to another, send back, take back."""
    action = found.action
    made = [accept_button(action)] if found.may_accept else []
    if action.state is ActionState.REPORTED_NOT_OURS and found.may_steer:
        made.append(give_button(action))
    if found.may_reopen:
        made.append(send_back_button(action) if found.may_steer else button("Take it back", "action.reopen", action.id))
    return [buttons(*made)] if made else []


def accept_button(action: ActionView) -> Block:
    """Return the button that accepts the report shown. A click does not accept a later report on the same action."""
    event_id = action.report.event_id if action.report else 0
    return button("Accept", "action.accept", f"{action.id}:{event_id}", style="primary")


def give_button(action: ActionView) -> Block:
    """Return the button that gives an action to another agency. It's for actions whose holder reports "not ours"."""
    return button("Give to another agency", "action.give", action.id, style="primary")


def send_back_button(action: ActionView) -> Block:
    """Return the button that sends a report back to its holder."""
    is_disowned = action.state is ActionState.REPORTED_NOT_OURS
    return button("It stays theirs" if is_disowned else "Send back", "action.send_back", action.id)


def _told(event: HistoryLine) -> list[Block]:
    who = f" by {escape(event.person_name)}" if event.person_name else ""
    when = f", due {day(event.due_on)}" if event.due_on else ""
    holder = f", to {escape(event.holder_name)}" if event.holder_name else ""
    whose = f", but {escape(event.agency_name)}'s" if event.agency_name else ""
    told = [context(f"{moment(event.at)}: {event.kind.label}{whose}{who}{holder}{when}")]
    told += [spoken(changed_fact(one)) for one in event.changes]
    if event.reason:
        told.append(spoken(event.reason))
    return told


_FACTS = {
    ActionFact.WORDS: "Words",
    ActionFact.KIND: "Kind",
    ActionFact.HOLDER: "Held by",
    ActionFact.DUE: "Due",
    ActionFact.CASE: "Case",
}


def changed_fact(one: ChangedFact) -> str:
    """Return a line with a corrected fact: the earlier value, and the new value if the reader may see it."""
    now = "" if one.after is None else f" → {_fact(one.fact, one.after)}"
    return f"{fact_before(one)}{now}"


def fact_before(one: ChangedFact) -> str:
    """Return a line with the earlier value of a corrected fact."""
    return f"{_FACTS[one.fact]}: {_fact(one.fact, one.before)}"


def _fact(fact: ActionFact, said: str) -> str:
    if fact is ActionFact.KIND:
        return ActionKind(said).label
    if fact is ActionFact.DUE:
        return day(date.fromisoformat(said))
    return said or "none"


def kind_form(action: ActionView) -> View:
    """Return the form in which an action's kind is chosen."""
    blocks = [
        section(f"*Action {action.id}*{_about(action)}"),
        field(
            "kind",
            "Kind",
            select(word_options(ActionKind), initial=action.kind.value),
            hint="Messages show the kind of an action, not its words.",
        ),
    ]
    return modal("action.kind", f"Kind of action {action.id}", blocks, metadata={"action": action.id})


def _change_kind(action: ActionView) -> Block:
    return button("Change kind", "action.kind", action.id)


def extension_asked(found: ExtensionAsked, event_id: int) -> Said:
    """Return the message that asks a chair to grant or refuse more time for an action."""
    action = found.action
    text = f"{escape(found.asker_name)} asks for more time on action {action.id}."
    return text, (
        section(
            f"{escape(found.asker_name)} asks to move *action {action.id}* ({escape(action.agency_name)}) "
            f"from {day(action.due_on)} to *{day(found.due_on)}*. Press *Open* to read the reason."
        ),
        section(told(action)),
        buttons(
            button("Grant", "action.grant", event_id, style="primary"),
            button("Refuse", "action.refuse", event_id),
            open_button(action),
        ),
    )


def extension_answered(found: ExtensionAsked) -> str:
    """Return a message telling a holder whether the chair granted more time, and when the action is due."""
    action = found.action
    if action.due_on == found.due_on:
        return f"The chair has moved *action {action.id}* to {day(found.due_on)}."
    return f"The chair has not moved *action {action.id}*: it stays due {day(action.due_on)}."


def given_at_meeting(panel_title: str, actions: Sequence[ActionView]) -> Said:
    """Return the message that tells one holder after a meeting which actions they were given."""
    text = f"{escape(panel_title)}: the meeting gave you {counted(len(actions), 'action')}."
    groups = [[section(told(action)), answers(action, open_button(action))] for action in actions]
    more = "`/action list mine` shows all of them."
    return text, (section(text), divider(), *page(groups, most_blocks=MESSAGE_BLOCKS - 2, more=more))


_WHY = {
    ChaseStep.DEPUTY: "You're receiving this as deputy or agency lead.",
    ChaseStep.CHAIR: "This message is for the chair. The action comes up under matters arising.",
}


def digest(found: Digest) -> Said:
    """Return a message with a day's reminders to a person: the person's own due actions, and due actions of other
    people.
    """
    text = f"{counted(len(found.lines), 'action needs', 'actions need')} you, {day(found.on)}"
    groups = [
        [section(told(one.action)), answers(one.action, open_button(one.action))]
        if one.is_holder
        else [section(told(one.action), open_button(one.action)), context(_why(one))]
        for one in found.lines
    ]
    more = "`/action list mine` shows all of them."
    open_all = buttons(button("Open all", "action.open_all", found.on.isoformat()))
    return text, (header(text), open_all, *page(groups, most_blocks=MESSAGE_BLOCKS - 2, more=more))


def opened_digest(found: Digest) -> View:
    """Return a modal with the actions of one day's reminders to a person, including each action's words."""
    if not found.lines:
        return modal(
            "notice", f"Actions, {day(found.on)}", [section("None of these actions is open now.")], submit=None
        )
    groups = [
        [section(cut(line(one.action), 1200)), *([] if one.is_holder else [context(_why(one))])] for one in found.lines
    ]
    blocks = page(groups, most_blocks=VIEW_BLOCKS - 1, more="`/action list mine` shows all of yours.")
    return modal("notice", f"Actions, {day(found.on)}", blocks, submit=None)


def _why(one: DigestLine) -> str:
    if one.action.report is not None:
        return "The action stays on the lists until you accept it or send it back. Press *Open* to read the report."
    return _WHY.get(one.step, "Your agency holds this action.")


def given(actions: Sequence[ActionView]) -> tuple[str, tuple[Block, ...], int]:
    """Return a message about actions given to a holder: its text, its blocks, and the number of actions in it.

    Actions that don't fit are left out.
    """
    titles = sorted({escape(action.panel_title) for action in actions})
    groups = [
        [
            section(told(action) + (f" · {escape(action.panel_title)}" if len(titles) > 1 else "")),
            answers(action, open_button(action)),
        ]
        for action in actions
    ]
    shown = how_many_fit(groups, most_blocks=MESSAGE_BLOCKS - 1)
    if shown == 1:
        return (*_one(actions[0]), 1)
    source = f", from {titles[0]}" if len(titles) == 1 else ""
    heading = section(f"*{shown} actions* are yours now{source}:")
    return f"{shown} actions are yours now{source}.", (heading, *chain.from_iterable(groups[:shown])), shown


def _one(action: ActionView) -> Said:
    text = f"Action {action.id} is yours, due {day(action.due_on)}."
    return text, (
        section(f"Yours now, from {escape(action.panel_title)}:\n{told(action)}"),
        answers(action, open_button(action)),
    )


def kind_of(action: ActionView) -> str:
    """Return an action's kind, to be added to a line with the action's words, or "" if the kind is OTHER."""
    return "" if action.kind is ActionKind.OTHER else f" · {action.kind.label}"


def _high(action: ActionView) -> str:
    return " · *high priority*" if action.priority is Priority.HIGH else ""


def _about(action: ActionView) -> str:
    return f" · {escape(action.case_reference)}" if action.case_reference else ""


def log_sent(found: LogSent) -> str:
    """Return a sentence saying that the spreadsheet with the action log is on its way."""
    if not found.panel_title:
        return "The log of your own actions on every panel is on its way to your direct messages."
    whose = escape(found.whose) + (f" on {escape(found.panel_title)}" if found.whose != found.panel_title else "")
    return f"The action log of {whose} is on its way to your direct messages."
