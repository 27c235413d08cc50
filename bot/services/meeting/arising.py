"""Matters arising: the panel answers each earlier action with one button while this heading is discussed."""

from enum import StrEnum

from bot.domain.permissions import Actor, Verb
from bot.domain.states import OPEN_STATES
from bot.errors import Mistake, NotAllowed
from bot.models.vocabulary import ActionEventKind
from bot.records.access.queries import Where
from bot.records.actions.changes import find_action, take_step, view_one
from bot.records.meeting.changes import note_answer
from bot.records.meeting.queries import CurrentItem, attends, open_sitting, row_to_record, view_current
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


class Heard(StrEnum):
    """The answers that the panel can give to an earlier action under matters arising."""

    DONE = "done"  # reported in the meeting, and accepted at once
    ACCEPTED = "accepted"  # the panel accepts the holder's report
    NOT_YET = "not_yet"  # the action stays with its holder


def answer_arising(
    work: Work, actor: Actor, where: Where, item_id: int, action_id: int, heard: Heard, event_id: int = 0
) -> CurrentItem:
    """Record the panel's answer to an action under matters arising. Return the item with the actions that remain.

    `event_id` is the report that the person has seen. Raise Mistake if the item is not matters arising, if a newer
    report has replaced `event_id`, or if the action's state does not allow the step. Raise NotAllowed for accepting a
    report on one's own action.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.DECIDE, item_id)
    item, _ = row_to_record(work, standing, meeting, item_id)
    arising = {one.key for one in work.definition(standing.panel.definition).agenda if one.kind.lists_actions}
    if item.section not in arising or item.kind is not None:
        raise Mistake("The panel answers actions like this under matters arising. At other times, use `/action list`.")
    action, its_standing = find_action(work, actor, action_id, to_change=True)
    if its_standing.panel_id != standing.panel_id:
        raise Mistake(f"Action {action_id} is another panel's: `/action show {action_id}`.")
    report = view_one(work, actor, action).report
    if heard is Heard.NOT_YET:
        take_step(work, actor, action, ActionEventKind.NOT_YET)
    else:
        if heard is Heard.DONE and action.state in OPEN_STATES:
            take_step(work, actor, action, ActionEventKind.DONE)
        elif report is None or report.event_id != event_id:
            raise Mistake(f"Action {action_id} was reported again since: `/action show {action_id}`.")
        if action.holder_id != actor.person_id:
            take_step(work, actor, action, ActionEventKind.CONFIRMED)
        elif heard is Heard.ACCEPTED:
            raise NotAllowed(
                "You hold this action yourself, so another person who records for the panel must accept it."
            )
    work.session.flush()
    attends(work, standing, meeting)
    note_answer(work, meeting, actor.person_id, id_of(item))
    return view_current(work, standing, meeting, id_of(item))
