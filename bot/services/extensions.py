"""More time: asked for with a reason, granted by the panel's rule or by its chair."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.action_state import needs_chair
from bot.domain.narrative import accept_line
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.actions import Action, ActionEvent
from bot.models.vocabulary import ActionEventKind
from bot.records.access.clocks import today_at
from bot.records.actions.changes import (
    answers_for,
    due_date,
    find_action,
    move_action,
    note_event,
    state_after,
    tell_about,
    view_one,
)
from bot.records.actions.queries import ActionView
from bot.records.people.queries import presiding
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

NO_REASON = "Please give a reason; it goes into the minutes."


@dataclass(frozen=True, slots=True)
class ExtensionOutcome:
    """What came of asking for more time."""

    action: ActionView
    granted: bool
    asked_for: date


def extend_action(work: Work, actor: Actor, action_id: int, *, due: str | date, reason: str) -> ExtensionOutcome:
    """Ask for more time, with a reason; past the panel's free extensions the chair is asked."""
    reason = accept_line(reason, field="reason", missing=NO_REASON)
    action, standing = find_action(work, actor, action_id, to_change=True)
    if not answers_for(standing, action):
        raise NotAllowed(
            "Only the holder, their agency on this panel, or the chair and co-ordinator can move its date."
        )
    due_on = due_date(work, standing.panel, due)
    if due_on <= action.due_on:
        raise Mistake(f"It is due on {action.due_on:%-d %B %Y} already; more time means a later date.", field="due")
    free = work.definition(standing.panel.definition).free_extensions
    is_chair = standing.may(Verb.CONFIRM_ACTIONS)
    if needs_chair(_extensions(work, action), free) and not is_chair:
        state_after(action, ActionEventKind.EXTENSION_ASKED)
        _may_ask(_unanswered(work, action), due_on)
        event = note_event(work, action, ActionEventKind.EXTENSION_ASKED, actor, due_on=due_on, reason=reason)
        work.audit("ask_extension", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id)
        for chair in presiding(work, action.panel_id):
            tell_about(work, "extension_asked", action_id=action_id, person_id=id_of(chair), event_id=id_of(event))
        return ExtensionOutcome(view_one(work, actor, action), granted=False, asked_for=due_on)
    return ExtensionOutcome(_extend(work, actor, action, due_on, reason), granted=True, asked_for=due_on)


def rule_on_extension(work: Work, actor: Actor, event_id: int, *, grant: bool) -> ExtensionOutcome:
    """The chair grants or refuses the time that was asked for."""
    asked = work.session.get(ActionEvent, event_id)
    if asked is None or asked.kind is not ActionEventKind.EXTENSION_ASKED or asked.due_on is None:
        raise NotForYou("that request")
    action, standing = find_action(work, actor, asked.action_id, to_change=True)
    if not standing.may(Verb.CONFIRM_ACTIONS):
        raise NotForYou("that request")
    unanswered = _unanswered(work, action)
    if event_id not in {one.id for one in unanswered}:
        raise Mistake("This request has been answered already.")
    if unanswered[-1].id != event_id:
        raise Mistake("Another date was asked for since; answer that request instead.")
    if grant:
        if asked.due_on <= today_at(work, standing.panel):
            raise Mistake(
                f"The date asked for, {asked.due_on:%-d %B %Y}, is no longer in the future. Refuse it, or give another "
                f"with `/action extend {action.id} DATE because REASON`."
            )
        view = _extend(work, actor, action, asked.due_on, None)
    else:
        view = move_action(work, actor, action, ActionEventKind.EXTENSION_REFUSED)
    tell_about(work, "extension_answered", action_id=id_of(action), person_id=action.holder_id, event_id=event_id)
    return ExtensionOutcome(view, granted=grant, asked_for=asked.due_on)


def _may_ask(unanswered: list[ActionEvent], due_on: date) -> None:
    """One open request at a time, which may be replaced once: the chair hears of it twice at most."""
    if not unanswered or unanswered[-1].due_on is None:
        return
    if unanswered[-1].due_on == due_on or len(unanswered) > 1:
        raise Mistake(
            f"The chair has been asked already for {unanswered[-1].due_on:%-d %B %Y}; wait for the answer.", field="due"
        )


def _unanswered(work: Work, action: Action) -> list[ActionEvent]:
    """The requests since the action's date was last ruled on, oldest first; the last one counts."""
    events = work.session.exec(
        select(ActionEvent)
        .where(
            col(ActionEvent.action_id) == action.id,
            col(ActionEvent.kind).in_(
                [ActionEventKind.EXTENSION_ASKED, ActionEventKind.EXTENDED, ActionEventKind.EXTENSION_REFUSED]
            ),
        )
        .order_by(col(ActionEvent.id))
    )
    found: list[ActionEvent] = []
    for event in events:
        found = [*found, event] if event.kind is ActionEventKind.EXTENSION_ASKED else []
    return found


def _extend(work: Work, actor: Actor, action: Action, due_on: date, reason: str | None) -> ActionView:
    action.state = state_after(action, ActionEventKind.EXTENDED)
    action.due_on = due_on
    work.session.add(action)
    note_event(work, action, ActionEventKind.EXTENDED, actor, due_on=due_on, reason=reason)
    work.audit("extend", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id)
    return view_one(work, actor, action)


def _extensions(work: Work, action: Action) -> int:
    return work.session.exec(
        select(func.count())
        .select_from(ActionEvent)
        .where(col(ActionEvent.action_id) == action.id, col(ActionEvent.kind) == ActionEventKind.EXTENDED)
    ).one()
