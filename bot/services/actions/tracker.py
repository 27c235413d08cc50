"""The action tracker: lists of a panel's or a person's actions, and one action with its history."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.domain.language.agency_names import NamedAgency
from bot.domain.language.identifiers import check_reference
from bot.domain.permissions import Actor, Verb
from bot.domain.states import OPEN_STATES, REPORTED_STATES, UNCONFIRMED_STATES
from bot.models.actions import Action, ActionEvent
from bot.models.people import Agency, Person
from bot.models.vocabulary import ActionEventKind, ActionState
from bot.records.access.queries import Where, find_panel, local_time, panels_where, today_at
from bot.records.actions.changes import answers_for, find_action, may_accept, may_correct, speaks_for_panel, view_one
from bot.records.actions.edits import ChangedFact, changes_in, with_readable_words
from bot.records.actions.queries import (
    MOST_PRESSING,
    ActionView,
    count_actions,
    opened_or_erased,
    other_agencies,
    view_actions,
)
from bot.records.cases.before_panel import case_of_theirs
from bot.records.people.queries import names_of
from bot.store.rows import WHOLE, Page, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ActionList:
    """One page of a list of actions, with the list's heading."""

    heading: str
    actions: tuple[ActionView, ...]
    count: int = 0  #: of all pages
    first: int = 0  #: where the page begins, from 0
    scope: str = "open"
    panel_key: str = ""  #: empty for the reader's own actions on every panel
    about: str = ""  #: the reference of the case to which the list is limited
    acceptable: tuple[int, ...] = ()  #: those on the page that the reader may accept now


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event in an action's history."""

    at: datetime  #: in the panel's zone
    kind: ActionEventKind
    person_name: str | None
    due_on: date | None
    holder_name: str | None
    reason: str | None
    agency_name: str | None = None  #: the agency to which it belongs, according to its holder
    changes: tuple[ChangedFact, ...] = ()  #: the corrected facts that the reader may see


@dataclass(frozen=True, slots=True)
class ActionHistory:
    """An action with its history, oldest first, and the steps that this reader may take."""

    action: ActionView
    history: tuple[HistoryLine, ...]
    may_answer: bool  #: the reader may report it done, ask for more time or give another answer
    may_accept: bool  #: what is reported
    may_reopen: (
        bool  #: of a report, or an action accepted by mistake; for people who speak for the panel, this sends it back
    )
    may_steer: bool  #: the reader may give it to another agency
    may_correct: bool = False  #: its words, kind, holder, case and due date
    may_withdraw: bool = False  #: as given by mistake
    may_put_back: bool = False  #: what was withdrawn


def list_actions(
    work: Work, actor: Actor, where: Where, scope: str = "open", page: Page = WHOLE, *, about: str = ""
) -> ActionList:
    """Return one page of a panel's actions, or of the person's own actions on all panels.

    Open actions come first, sorted by due date. `scope` is `mine`, `open` (not accepted yet), `overdue`, `reported`
    (awaiting the panel's answer) or `all`. With the case reference `about`, return only this case's actions. Raise
    NotForYou if the case is not before a panel of this person, or the person may not read it.
    """
    case = case_of_theirs(work, actor, check_reference(about)) if about else None
    work.audit("list", "action", actor_id=actor.person_id, case_id=None if case is None else case.id)
    of_case = [] if case is None else [col(Action.case_id) == case.id]
    reference = "" if case is None else case.reference
    if scope == "mine":
        mine = (
            *of_case,
            col(Action.holder_id) == actor.person_id,
            col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
            col(Action.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.SEE_ACTIONS)]),
        )
        empty = ActionList(f"Your open actions{_about(reference)}", (), scope=scope, about=reference)
        return _listed(work, actor, empty, page, *mine)
    standing = find_panel(work, actor, where, Verb.SEE_ACTIONS)
    conditions = [*of_case, col(Action.panel_id) == standing.panel_id]
    if scope == "all":
        heading = "All actions"
    elif scope == "reported":
        heading = "Reported actions"
        conditions.append(col(Action.state).in_(sorted(REPORTED_STATES)))
    elif scope == "overdue":
        heading = "Overdue actions"
        conditions.append(col(Action.state).in_(sorted(OPEN_STATES)))
        conditions.append(col(Action.due_on) < today_at(work, standing.panel))
    else:
        heading = "Open actions"
        conditions.append(col(Action.state).in_(sorted(UNCONFIRMED_STATES)))
    panel = standing.panel
    heading = f"{heading} of {panel.title}{_about(reference)}"
    empty = ActionList(heading, (), scope=scope, panel_key=panel.key, about=reference)
    found = _listed(work, actor, empty, page, *conditions)
    acceptable = [one.id for one in found.actions if may_accept(standing, one)]
    return replace(found, acceptable=tuple(acceptable))


def _about(reference: str) -> str:
    return f" about {reference}" if reference else ""


def _listed(work: Work, actor: Actor, empty: ActionList, page: Page, *conditions: ColumnElement[bool]) -> ActionList:
    count = count_actions(work, actor.person_id, *conditions, with_own=True)
    page = page.within(count)
    found = view_actions(work, actor.person_id, *conditions, page=page, most_pressing=MOST_PRESSING, with_own=True)
    return replace(empty, actions=tuple(found), count=count, first=page.first)


def show_to_answer(work: Work, actor: Actor, action_id: int) -> tuple[ActionView, list[NamedAgency]]:
    """Return an action for the form in which its holder answers, and the other agencies on its panel.

    One possible answer is that the action belongs to one of these agencies.
    """
    action, _ = find_action(work, actor, action_id)
    work.audit("read", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id)
    return view_one(work, actor, action), other_agencies(work, action)


def show_action(work: Work, actor: Actor, action_id: int) -> ActionHistory:
    """Return one action with its history and the steps that the reader may take."""
    action, standing = find_action(work, actor, action_id)
    work.audit("read", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id)
    view = view_one(work, actor, action)
    events = work.session.exec(
        select(ActionEvent).where(col(ActionEvent.action_id) == action.id).order_by(col(ActionEvent.id))
    ).all()
    seen = with_readable_words(work, actor.person_id, view, events)
    work.keys.fetch(work.session, (sealed for event in events for sealed in (event.reason, event.before)))
    changes = changes_in(work, view, events, seen)
    people = {event.person_id for event in events} | {event.holder_id for event in events}
    named = select(Person).where(col(Person.id).in_(people - {None}))
    names = {person.id: person.name for person in work.session.exec(named)}
    agencies = names_of(work, Agency, {event.agency_id for event in events if event.agency_id is not None})
    lines = tuple(
        HistoryLine(
            at=local_time(work, standing.panel, event.at),
            kind=event.kind,
            person_name=names.get(event.person_id),
            due_on=event.due_on,
            holder_name=names.get(event.holder_id),
            reason=opened_or_erased(work, event.reason) if event.reason and event.id in seen else None,
            agency_name=agencies.get(event.agency_id) if event.agency_id is not None else None,
            changes=changes.get(id_of(event), ()),
        )
        for event in events
    )
    return ActionHistory(
        view,
        lines,
        may_answer=action.state in OPEN_STATES and answers_for(standing, action),
        may_accept=may_accept(standing, action),
        may_reopen=(action.state in REPORTED_STATES and answers_for(standing, action))
        or (action.state is ActionState.CONFIRMED and speaks_for_panel(standing)),
        may_steer=standing.may(Verb.STEER_ACTIONS),
        may_correct=action.state in UNCONFIRMED_STATES and may_correct(standing, action) and not view.is_kept,
        may_withdraw=action.state in UNCONFIRMED_STATES and may_correct(standing, action),
        may_put_back=action.state is ActionState.WITHDRAWN and may_correct(standing, action),
    )
