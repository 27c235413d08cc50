"""Correcting the words, kind, holder, case or due date of an action that has not ended, and taking this back.

Earlier values are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import col, select

from bot.domain.language.identifiers import accept_line
from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.errors import Mistake, NotAllowed, OutOfDate
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind, ActionKind
from bot.records.access.queries import Standing, readable, readable_cases
from bot.records.actions.changes import (
    answers_for,
    find_action,
    find_holder,
    may_correct,
    not_for,
    seal_beside,
    state_after,
    view_one,
)
from bot.records.actions.edits import ActionFact, ChangedFact, edits_by, facts_before, facts_changed, keep_edit
from bot.records.actions.queries import ActionView
from bot.records.cases.before_panel import case_before
from bot.records.diary.due_days import due_day
from bot.records.meeting.board import redraw_for
from bot.records.meeting.given import is_untold
from bot.records.minutes.changes import correct_action
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

NO_REASON = "Say why you are correcting the action. Its holder can read this in the action's history."
#: Steps that change facts which the form shows.
_CHANGES = (ActionEventKind.EDITED, ActionEventKind.EXTENDED, ActionEventKind.REASSIGNED)


@dataclass(frozen=True, slots=True)
class ActionForm:
    """The values of the form that corrects an action. Unchanged values are included."""

    text: str
    kind: ActionKind
    holder_user_id: str
    due: str | date  #: a phrase, or a date from a picker
    case_reference: str  #: empty for none
    reason: str


@dataclass(frozen=True, slots=True)
class ActionToEdit:
    """An action and the id of its last change, to fill in the form that corrects the action."""

    action: ActionView
    seen: int  #: the id of the last change that the form shows, or 0 for none
    due_on: date  #: as typed, or as it is


def offer_edit(work: Work, actor: Actor, action_id: int, due: str = "") -> ActionToEdit:
    """Return an action that the person may correct now. Raise the same errors as `edit_action`.

    `due` is a due phrase to put into the form. Without it, the form has the action's due date.
    """
    action, standing = find_action(work, actor, action_id)
    _check(work, standing, action)
    work.audit("read", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id)
    last = _last_change(work, action)
    due_on = due_day(work, standing.panel, due) if due else action.due_on
    return ActionToEdit(view_one(work, actor, action), id_of(last) if last else 0, due_on)


@dataclass(frozen=True, slots=True)
class Edited:
    """An action as it is after a correction."""

    action: ActionView
    event_id: int  #: of the correction's line in the action's history


def edit_action(work: Work, actor: Actor, action_id: int, form: ActionForm, seen: int | None = None) -> Edited:
    """Correct an action, and keep its earlier values. Tell the person who gave it, its holder and any earlier holder.

    `seen` is the id of the last change that the person has seen. Raise Mistake, attached to the field at fault, if a
    value is wrong. Raise Mistake also if there is a newer change, or if the action has ended. Raise NotAllowed for
    people who neither gave the action nor record for the panel.
    """
    reason = accept_line(form.reason, field="reason", missing=NO_REASON, today=work.now.date())
    action, standing = find_action(work, actor, action_id, to_change=True)
    _check(work, standing, action)
    _check_unchanged(work, action, seen)
    was, before_case_id, before_item_id = view_one(work, actor, action), action.case_id, action.item_id
    before = _change_case_and_holder(work, standing, action, form, was)
    before |= _change_rest(work, standing, action, form, was)
    if not before:
        raise Mistake("You haven't changed anything yet. Change something, or close the form.", field="text")
    return _keep(work, standing, action, before, was=was, case_id=before_case_id, item_id=before_item_id, reason=reason)


@dataclass(frozen=True, slots=True)
class UndoneEdit:
    """An action as it is after a correction of it was taken back, and what the correction had changed."""

    action: ActionView
    changes: tuple[ChangedFact, ...]  #: as the correction made them: `before` is in force again


def undo_edit(work: Work, actor: Actor, event_id: int) -> UndoneEdit:
    """Take back a correction that the person made of an action, and tell the same people as a correction does.

    The facts that the correction changed are as they were before it. The action's history keeps the correction and adds
    a line that it was taken back. `event_id` is the id of the correction's history line. Raise OutOfDate if the person
    made no such correction or it was taken back already. Raise Mistake if another correction has changed the same
    facts since.
    """
    event = work.session.get(ActionEvent, event_id)
    if event is None or event.kind is not ActionEventKind.EDITED or event.person_id != actor.person_id:
        raise OutOfDate
    action, standing = find_action(work, actor, event.action_id, to_change=True)
    is_of_kind_alone = set(facts_before(work, event)) == {ActionFact.KIND}
    if not (is_of_kind_alone and answers_for(standing, action)):  # they may change its kind, as `change_kind` says
        _check(work, standing, action)
    edits = edits_by(work, action.panel_id, actor.person_id, event.at)
    edit = next((one for one in edits if one.event_id == event_id), None)
    if edit is None:
        raise OutOfDate
    if edit.is_overtaken:
        raise Mistake(
            f"Action {action.id} was corrected again since, so I can't take this correction back. "
            f"To correct it: `/action edit {action.id}`."
        )
    was, case_id, item_id = view_one(work, actor, action), action.case_id, action.item_id
    changes = facts_changed(work, actor.person_id, [edit])[event_id]
    before = _restore(work, standing, action, event, was)
    now = _keep(
        work,
        standing,
        action,
        before,
        was=was,
        case_id=case_id,
        item_id=item_id,
        reason=_TAKEN_BACK,
        undoes=event_id,
    )
    return UndoneEdit(now.action, changes)


_TAKEN_BACK: Final = "The correction was taken back by the person who made it."


def _restore(
    work: Work, standing: Standing, action: Action, event: ActionEvent, was: ActionView
) -> dict[ActionFact, str | int]:
    """Set the facts that a correction changed to their earlier values. Return the values that they had until now.

    Raise Mistake if the earlier holder can't hold the action now.
    """
    old = facts_before(work, event)
    before: dict[ActionFact, str | int] = {}
    case = work.session.get(Case, action.case_id) if action.case_id is not None else None
    if ActionFact.CASE in old:
        case = work.session.get(Case, event.before_case_id) if event.before_case_id is not None else None
        before[ActionFact.CASE] = was.case_reference or ""
        action.case_id = case.id if case else None
        action.item_id = _item_of(work, action)
    user_id = was.holder_user_id
    if ActionFact.HOLDER in old:
        user_id = work.session.get_one(Person, old[ActionFact.HOLDER]).user_id
        holder = find_holder(work, standing, standing.actor.team_id, user_id)
        before[ActionFact.HOLDER] = action.holder_id
        action.state = state_after(work, action, ActionEventKind.REASSIGNED)
        action.holder_id, action.agency_id = holder.person_id, holder.agency_id
    if case is not None and before and not readable_cases(work, action.holder_id, [id_of(case)]):
        raise not_for(user_id, case, standing, "this action")
    if ActionFact.KIND in old:
        before[ActionFact.KIND] = action.kind.value
        action.kind = ActionKind(old[ActionFact.KIND])
    if ActionFact.DUE in old:
        before[ActionFact.DUE] = action.due_on.isoformat()
        action.due_on = date.fromisoformat(old[ActionFact.DUE])
    if ActionFact.WORDS in old:
        before[ActionFact.WORDS] = was.text
    if ActionFact.WORDS in old or ActionFact.CASE in old:
        action.text = seal_beside(work, action, old.get(ActionFact.WORDS, was.text))
    return before


def _keep(
    work: Work,
    standing: Standing,
    action: Action,
    before: Mapping[ActionFact, str | int],
    *,
    was: ActionView,
    case_id: int | None,
    item_id: int | None,
    reason: str,
    undoes: int | None = None,
) -> Edited:
    """Record that an action was corrected, and tell the others. Return the action as it is now.

    `was`, `case_id` and `item_id` are the action, its case and its agenda item before the correction.
    """
    actor = standing.actor
    event = keep_edit(
        work,
        actor,
        action,
        before,
        before_case_id=case_id,
        due_on=action.due_on if ActionFact.DUE in before else None,
        holder_id=action.holder_id if ActionFact.HOLDER in before else None,
        reason=reason,
        undoes=undoes,
    )
    now = view_one(work, actor, action)
    correct_action(work, actor, action, before=(was, item_id), after=(now, action.item_id), reason=reason)
    for about in {case_id, action.case_id}:
        work.audit(
            event.kind.value, "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=about
        )
    if standing.open_meeting_id is not None and action.meeting_id == standing.open_meeting_id:
        for of_item in {item_id, action.item_id}:
            redraw_for(work, action.meeting_id, of_item)
    _tell_others(work, actor, action, id_of(event), was.holder_id)
    return Edited(now, id_of(event))


def _check(work: Work, standing: Standing, action: Action) -> None:
    """Raise NotAllowed or Mistake unless the person may correct the action now."""
    if not may_correct(standing, action):
        raise NotAllowed(
            "Only the person who gave an action, the chair, the co-ordinator or the minute-taker can correct it."
        )
    if action.case_id is not None and not readable_cases(work, standing.actor.person_id, [action.case_id]):
        raise NotAllowed("The case of this action is closed: only a chair of the panel can correct the action.")
    state_after(work, action, ActionEventKind.EDITED)


def _check_unchanged(work: Work, action: Action, seen: int | None) -> None:
    """Raise Mistake if the action has changed since the form was opened, since saving would overwrite that change."""
    last = _last_change(work, action)
    if seen is None or last is None or last.id == seen:
        return
    by = work.session.get(Person, last.person_id) if last.person_id is not None else None
    raise Mistake(
        f"{by.name if by else 'Another person'} changed action {action.id} since you opened this form, so nothing was "
        f"saved. Copy your words, and open the form again: `/action edit {action.id}`.",
        field="text",
    )


def _last_change(work: Work, action: Action) -> ActionEvent | None:
    of_action = (col(ActionEvent.action_id) == action.id, col(ActionEvent.kind).in_(_CHANGES))
    return work.find(ActionEvent, *of_action, by=[col(ActionEvent.id).desc()])


def _change_case_and_holder(
    work: Work, standing: Standing, action: Action, form: ActionForm, was: ActionView
) -> dict[ActionFact, str | int]:
    """Set the action's holder and case from the form. Return the earlier values of the changed facts.

    Raise Mistake for a holder who may not read the case, and NotForYou for a case that is not before the panel.
    """
    before: dict[ActionFact, str | int] = {}
    holder_user_id = form.holder_user_id or was.holder_user_id
    case = work.session.get(Case, action.case_id) if action.case_id is not None else None
    reference = form.case_reference.strip().upper()
    if reference != (was.case_reference or ""):
        theirs = readable(standing.actor.person_id)
        case = case_before(work, standing.panel_id, reference, theirs) if reference else None
    is_moved = (case.id if case else None) != action.case_id
    if holder_user_id != was.holder_user_id:
        holder = find_holder(work, standing, standing.actor.team_id, holder_user_id)
        before[ActionFact.HOLDER] = action.holder_id
        action.state = state_after(work, action, ActionEventKind.REASSIGNED)  # answers the report 'not ours'
        action.holder_id, action.agency_id = holder.person_id, holder.agency_id
    if case is not None and (before or is_moved) and not readable_cases(work, action.holder_id, [id_of(case)]):
        raise not_for(holder_user_id, case, standing, "this action")
    if is_moved:
        before[ActionFact.CASE] = was.case_reference or ""
        action.case_id = case.id if case else None
        action.item_id = _item_of(work, action)
    return before


def _item_of(work: Work, action: Action) -> int | None:
    """Return the id of the agenda item for the action's case at the meeting where the action was given, or None."""
    if action.meeting_id is None or action.case_id is None:
        return None
    query = (
        select(AgendaItem.id)
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id))
        .where(col(AgendaItem.meeting_id) == action.meeting_id, col(Flag.case_id) == action.case_id)
        .order_by(col(AgendaItem.position))
    )
    return work.session.exec(query).first()


def _change_rest(
    work: Work, standing: Standing, action: Action, form: ActionForm, was: ActionView
) -> dict[ActionFact, str | int]:
    """Set the action's words, kind and due date from the form. Return the earlier values of the changed facts."""
    before: dict[ActionFact, str | int] = {}
    text = was.text
    if form.text.split() != was.text.split():
        missing = "What is to be done? Write one thing to do, such as: ring the school nurse."
        text = accept_line(form.text, field="text", missing=missing, today=work.now.date())
        before[ActionFact.WORDS] = was.text
    if form.kind is not action.kind:
        before[ActionFact.KIND] = action.kind.value
        action.kind = form.kind
    if str(form.due).strip() != action.due_on.isoformat():  # an unchanged day may be in the past
        due_on = _due_on(work, standing, form.due)
        if due_on != action.due_on:
            before[ActionFact.DUE] = action.due_on.isoformat()
            action.due_on = due_on
    if text != was.text or action.case_id != was.case_id:
        action.text = seal_beside(work, action, text)
    return before


def _due_on(work: Work, standing: Standing, due: str | date) -> date:
    try:
        return due_day(work, standing.panel, due)
    except Mistake as mistake:
        mistake.field = "due"
        raise


def _tell_others(work: Work, actor: Actor, action: Action, event_id: int, before_holder_id: int) -> None:
    """Tell the person who gave a corrected action, its new holder and its earlier holder, once each.

    If the action was given at a meeting that is still open, the holders are told when the meeting closes. The person
    who gave the action is told at once.
    """
    told = {action.created_by_id: Notice.ACTION_CHANGED}
    if is_untold(work, action):
        for holder_id in (before_holder_id, action.holder_id):
            told.pop(holder_id, None)
    else:
        is_given = action.holder_id != before_holder_id
        told[before_holder_id] = Notice.ACTION_CHANGED
        told[action.holder_id] = Notice.ACTION_GIVEN if is_given else Notice.ACTION_CHANGED
    for person_id, notice in told.items():
        if person_id != actor.person_id:
            work.tell(person_id, notice, action_id=id_of(action), event_id=event_id)
