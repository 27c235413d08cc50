"""The blocks under two headings of a meeting: matters arising, with the panel's answers, and escalated cases."""

from bot.domain.states import REPORTED_STATES
from bot.models.vocabulary import ActionEventKind, ActionState
from bot.records.actions.queries import ActionView
from bot.records.agenda.heard_urgently import UrgentHearing
from bot.records.meeting.queries import CurrentItem
from bot.services.meeting.arising import Heard
from bot.slack.actions.views import give_button, send_back_button
from bot.slack.actions.views import line as action_line
from bot.slack.blocks import button, buttons, context, cut, escape, section
from bot.slack.cases.views import decided_words
from bot.slack.request import Block


def sent_up(found: CurrentItem) -> list[list[Block]]:
    """Return the list of cases that this meeting has escalated so far."""
    if found.sent_up is None:
        return []
    named = "\n".join(f"• item {number}, {escape(reference)}" for number, reference in found.sent_up)
    return [[section(cut(f"*Escalated at this meeting:*\n{named or 'nothing yet'}", 2900))]]


def tabled_blocks(heard: UrgentHearing) -> list[Block]:
    """Return what the panel decided on a case that it heard urgently since its last meeting, with its reasons."""
    words = [block for one in heard.decisions for block in decided_words(one, most=400)]
    return [section(f"{escape(heard.words)}."), *words]


def arising(found: CurrentItem) -> list[list[Block]]:
    """Return the outstanding actions, each with buttons for the panel's answer or with the answer already given."""
    heard = dict(found.heard)
    groups = [[section("*Outstanding actions*: what does the panel say?")]] if found.outstanding else []
    if not found.outstanding and not found.over:
        return [[section("There are no outstanding actions.")]]
    for action in found.outstanding:
        said = section(cut(action_line(action), 600))
        is_back = heard.get(action.id) is ActionEventKind.REOPENED  # accepted by mistake: the panel answers again
        if action.id in heard and not is_back and action.state not in REPORTED_STATES:
            groups.append([said, context(f"At this meeting: {heard[action.id].label}")])
        else:
            groups.append([said, buttons(*_answers_of_panel(found, action))])
    return groups


def _answers_of_panel(found: CurrentItem, action: ActionView) -> list[Block]:
    under = f"{found.panel_key}:{found.item.id if found.item else 0}.{action.id}"
    withdraw = button("Withdraw", "action.withdraw", action.id)
    if action.state is ActionState.REPORTED_NOT_OURS:
        return [give_button(action), send_back_button(action), withdraw]
    if action.state in REPORTED_STATES:
        event_id = action.report.event_id if action.report else 0
        accept = button("Accept", "meeting.answer", f"{under}.{Heard.ACCEPTED}.{event_id}", style="primary")
        return [accept, send_back_button(action), withdraw]
    return [
        button("Done, accepted", "meeting.answer", f"{under}.{Heard.DONE}.0", style="primary"),
        button("Not done yet", "meeting.answer", f"{under}.{Heard.NOT_YET}.0"),
        button("More time", "action.more_time", action.id),
        withdraw,
    ]


def over(found: CurrentItem) -> list[list[Block]]:
    """Return the earlier actions that have ended. An action accepted at this meeting by mistake can be sent back."""
    heard = dict(found.heard)
    groups = [[section("*What happened to earlier actions*")]] if found.over else []
    for action in found.over:
        is_new = found.speaks and heard.get(action.id) is ActionEventKind.CONFIRMED
        back = [buttons(send_back_button(action))] if is_new else []
        groups.append([section(cut(action_line(action), 600)), *back])
    return groups
