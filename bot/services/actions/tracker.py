"""The action tracker as people read it: a panel's actions or one's own, and one action with its history."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.domain.states import OPEN_STATES
from bot.models.actions import Action, ActionEvent
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind, ActionState
from bot.records.access.queries import Where, find_panel, panels_where, today_at
from bot.records.actions.changes import answers_for, find_action, view_one
from bot.records.actions.queries import MOST_PRESSING, ActionView, count_actions, opened_or_erased, view_actions
from bot.store.rows import WHOLE, Page
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ActionList:
    """Actions under one heading: one page of them."""

    heading: str
    actions: tuple[ActionView, ...]
    count: int = 0  #: of all pages
    first: int = 0  #: where the page begins, from 0
    scope: str = "open"
    panel_key: str = ""  #: none for one's own on every panel


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to an action."""

    at: datetime
    kind: ActionEventKind
    person_name: str | None
    due_on: date | None
    holder_name: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ActionHistory:
    """An action with all that happened to it, oldest first, and what this reader may do with it."""

    action: ActionView
    history: tuple[HistoryLine, ...]
    may_answer: bool  #: done, more time
    may_confirm: bool


def list_actions(work: Work, actor: Actor, where: Where, scope: str = "open", page: Page = WHOLE) -> ActionList:
    """A panel's actions, or one's own on every panel: what is still owed first, the soonest due before the others.

    `scope` is `mine`, `open`, `overdue`, `done` (awaiting confirmation) or `all`.
    """
    work.audit("list", "action", actor_id=actor.person_id)
    if scope == "mine":
        mine = (
            col(Action.holder_id) == actor.person_id,
            col(Action.state).in_(sorted(OPEN_STATES)),
            col(Action.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.SEE_ACTIONS)]),
        )
        return _listed(work, actor, ActionList("Your open actions", (), scope=scope), page, *mine)
    standing = find_panel(work, actor, where, Verb.SEE_ACTIONS)
    conditions = [col(Action.panel_id) == standing.panel_id]
    if scope == "all":
        heading = "All actions"
    elif scope == "done":
        heading = "Actions awaiting confirmation"
        conditions.append(col(Action.state) == ActionState.DONE)
    else:
        heading = "Overdue actions" if scope == "overdue" else "Open actions"
        conditions.append(col(Action.state).in_(sorted(OPEN_STATES)))
        if scope == "overdue":
            conditions.append(col(Action.due_on) < today_at(work, standing.panel))
    panel = standing.panel
    empty = ActionList(f"{heading} of {panel.title}", (), scope=scope, panel_key=panel.key)
    return _listed(work, actor, empty, page, *conditions)


def _listed(work: Work, actor: Actor, empty: ActionList, page: Page, *conditions: ColumnElement[bool]) -> ActionList:
    count = count_actions(work, actor.person_id, *conditions, with_own=True)
    page = page.within(count)
    first = MOST_PRESSING if empty.scope == "all" else ()
    found = view_actions(work, actor.person_id, *conditions, page=page, most_pressing=first, with_own=True)
    return replace(empty, actions=tuple(found), count=count, first=page.first)


def show_action(work: Work, actor: Actor, action_id: int) -> ActionHistory:
    """One action with its history."""
    action, standing = find_action(work, actor, action_id)
    work.audit("read", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id)
    view = view_one(work, actor, action)
    events = work.session.exec(
        select(ActionEvent).where(col(ActionEvent.action_id) == action.id).order_by(col(ActionEvent.id))
    ).all()
    work.keys.fetch(work.session, (event.reason for event in events))
    people = {event.person_id for event in events} | {event.holder_id for event in events}
    named = select(Person).where(col(Person.id).in_(people - {None}))
    names = {person.id: person.name for person in work.session.exec(named)}
    lines = tuple(
        HistoryLine(
            at=event.at,
            kind=event.kind,
            person_name=names.get(event.person_id),
            due_on=event.due_on,
            holder_name=names.get(event.holder_id),
            reason=opened_or_erased(work, event.reason) if event.reason and not view.is_kept else None,
        )
        for event in events
    )
    return ActionHistory(
        view,
        lines,
        may_answer=action.state in OPEN_STATES and answers_for(standing, action),
        may_confirm=action.state is ActionState.DONE and standing.may(Verb.CONFIRM_ACTIONS),
    )
