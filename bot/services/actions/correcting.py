"""Withdrawing actions given by mistake, and putting them back."""

from typing import Final

from sqlmodel import col

from bot.domain.language.identifiers import accept_line
from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.errors import NotAllowed
from bot.models.actions import Action
from bot.models.vocabulary import ActionEventKind
from bot.records.access.queries import Standing
from bot.records.actions.changes import find_action, may_correct, state_after, take_step, view_one
from bot.records.actions.edits import AT_ONCE, was_changed
from bot.records.actions.queries import ActionView, view_actions
from bot.records.meeting.board import redraw_for
from bot.records.meeting.given import is_untold
from bot.records.minutes.changes import correct_action
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

NO_REASON = "After “because”, say why the action was a mistake. The holder can read this, and it goes into the minutes."


def withdraw_action(work: Work, actor: Actor, action_id: int, reason: str) -> ActionView:
    """Withdraw an action that was given by mistake, and tell its holder and the person who gave it.

    A withdrawn action is on no list and is not counted anywhere. Raise Mistake if the action has ended already, and
    NotAllowed for people who neither gave it nor record for the panel.
    """
    reason = accept_line(reason, field="reason", missing=NO_REASON, today=work.now.date())
    action, standing = _find_to_correct(work, actor, action_id)
    return _take(work, standing, action, ActionEventKind.WITHDRAWN, reason)


def undo_added(work: Work, actor: Actor, action_id: int) -> ActionView | None:
    """Withdraw an action that the person gave within the last minute and that is as it was given.

    Return None, with nothing changed, for any other action: to withdraw it, the person must say why. Raise the same
    errors as `withdraw_action`.
    """
    action, standing = _find_to_correct(work, actor, action_id)
    state_after(work, action, ActionEventKind.WITHDRAWN)
    is_mine = action.created_by_id == actor.person_id
    if not is_mine or work.now - action.created_at >= AT_ONCE or was_changed(work, action_id):
        return None
    return _take(work, standing, action, ActionEventKind.WITHDRAWN, _TAKEN_BACK)


_TAKEN_BACK: Final = "Taken back by the person who gave it, within a minute."


def put_back_action(work: Work, actor: Actor, action_id: int) -> ActionView:
    """Put a withdrawn action back on the lists as open, and tell its holder and the person who gave it.

    Raise the same errors as `withdraw_action`.
    """
    action, standing = _find_to_correct(work, actor, action_id)
    return _take(work, standing, action, ActionEventKind.PUT_BACK)


def offer_withdrawal(work: Work, actor: Actor, action_id: int) -> ActionView:
    """Return an action that the person may withdraw now. Raise the same errors as `withdraw_action`."""
    action, standing = find_action(work, actor, action_id)
    if not may_correct(standing, action):
        raise _not_allowed()
    state_after(work, action, ActionEventKind.WITHDRAWN)
    work.audit("read", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id)
    return view_one(work, actor, action)


def _find_to_correct(work: Work, actor: Actor, action_id: int) -> tuple[Action, Standing]:
    action, standing = find_action(work, actor, action_id, to_change=True)
    if not may_correct(standing, action):
        raise _not_allowed()
    return action, standing


def _not_allowed() -> NotAllowed:
    return NotAllowed(
        "Only the person who gave an action, the chair, co-ordinator or minute-taker can say that it was a mistake."
    )


def _take(
    work: Work, standing: Standing, action: Action, kind: ActionEventKind, reason: str | None = None
) -> ActionView:
    actor = standing.actor
    event = take_step(work, actor, action, kind, reason=reason)
    (given,) = view_actions(work, None, col(Action.id) == action.id, with_withdrawn=True)
    is_back = kind is ActionEventKind.PUT_BACK
    correct_action(
        work,
        actor,
        action,
        before=None if is_back else (given, action.item_id),
        after=(given, action.item_id) if is_back else None,
        reason=reason or "It was no mistake.",
    )
    redraw_for(work, action.meeting_id, action.item_id)
    told = {action.created_by_id, action.holder_id} - {actor.person_id}
    if is_untold(work, action):  # the holder is told when the meeting closes
        told.discard(action.holder_id)
    for person_id in sorted(told):
        work.tell(person_id, Notice.ACTION_CHANGED, action_id=id_of(action), event_id=id_of(event))
    return view_one(work, actor, action)
