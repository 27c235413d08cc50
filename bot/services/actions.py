"""Actions: given with an owner and a day, moved, done, confirmed; nothing about them is ever lost."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.action_state import OPEN_STATES, needs_chair, next_state
from bot.domain.due_dates import parse_due
from bot.domain.narrative import accept_line
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind, ActionState, ItemState, Priority, Role
from bot.store.access import (
    Standing,
    Where,
    find_panel,
    panels_where,
    readable_cases,
    require,
)
from bot.store.diary import local_time, next_meeting, open_meeting, today_at
from bot.store.outbox import Effect
from bot.store.people import is_member_who_may, members, person_by_account
from bot.store.rows import id_of
from bot.store.tracker import ActionView, opened_or_erased, view_actions
from bot.store.unit_of_work import Work

NO_REASON = "Please give a reason; it goes into the minutes."


@dataclass(frozen=True, slots=True)
class ActionList:
    """Actions under one heading."""

    heading: str
    actions: tuple[ActionView, ...]


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


@dataclass(frozen=True, slots=True)
class ExtensionOutcome:
    """What came of asking for more time."""

    action: ActionView
    granted: bool
    asked_for: date


def add_action(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    holder_user_id: str,
    text: str,
    due: str | date,
    case_reference: str | None = None,
    priority: Priority = Priority.NORMAL,
) -> ActionView:
    """Give somebody on the panel something to do by a day; during a meeting it belongs to the current item.

    `due` is a phrase such as "next Friday", or a date from a picker. Raises Mistake for a holder who is not on the
    panel, a phrase that is not clear, or text with an identifier in it.
    """
    standing = find_panel(work, actor, where, Verb.ADD_ACTION)
    text = accept_line(
        text,
        field="text",
        missing="What is to be done? Write one verb and one outcome, such as: ring the school nurse.",
    )
    holder = _holder(work, standing, actor.team_id, holder_user_id)
    meeting = open_meeting(work, standing.panel_id)
    item, case = _subject(work, actor, standing, meeting, case_reference)
    if case is not None and not readable_cases(work, id_of(holder), [id_of(case)]):
        raise Mistake(
            f"<@{holder.user_id}> cannot be given an action on this item. Choose somebody else.", field="holder"
        )
    due_on = _due_date(work, standing.panel, due)
    action = Action(
        panel_id=standing.panel_id,
        meeting_id=meeting.id if meeting else None,
        item_id=item.id if item else None,
        case_id=case.id if case else None,
        text=work.seal(case.data_key_id if case else standing.panel.data_key_id, text),
        agency_id=holder.agency_id,
        holder_id=id_of(holder),
        due_on=due_on,
        priority=priority,
        created_by_id=actor.person_id,
        created_at=work.now,
    )
    work.session.add(action)
    work.session.flush()
    event = _note_event(work, action, ActionEventKind.ADDED, actor, due_on=due_on, holder_id=holder.id)
    work.audit("add", "action", action.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    # In a meeting the holder is in the room, and gets one summary when it closes.
    if holder.id != actor.person_id and meeting is None:
        _tell(work, "action_given", action, holder, event)
    return _view_one(work, actor, action)


def list_actions(work: Work, actor: Actor, where: Where, scope: str = "open") -> ActionList:
    """A panel's actions, or one's own on every panel.

    `scope` is `mine`, `open`, `overdue`, `done` (awaiting confirmation) or `all`.
    """
    work.audit("list", "action", actor_id=actor.person_id)
    if scope == "mine":
        mine = view_actions(
            work,
            actor.person_id,
            col(Action.holder_id) == actor.person_id,
            col(Action.state).in_(sorted(OPEN_STATES)),
            col(Action.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.SEE_ACTIONS)]),
        )
        return ActionList("Your open actions", tuple(mine))
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
    found = view_actions(work, actor.person_id, *conditions)
    return ActionList(f"{heading} of {standing.panel.title}", tuple(found))


def show_action(work: Work, actor: Actor, action_id: int) -> ActionHistory:
    """One action with its history."""
    action, standing = _find(work, actor, action_id)
    work.audit("read", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id)
    events = work.session.exec(
        select(ActionEvent).where(col(ActionEvent.action_id) == action.id).order_by(col(ActionEvent.id))
    ).all()
    people = {event.person_id for event in events} | {event.holder_id for event in events}
    names = {
        person.id: person.name
        for person in work.session.exec(select(Person).where(col(Person.id).in_(people - {None})))
    }
    lines = tuple(
        HistoryLine(
            at=event.at,
            kind=event.kind,
            person_name=names.get(event.person_id),
            due_on=event.due_on,
            holder_name=names.get(event.holder_id),
            reason=opened_or_erased(work, event.reason) if event.reason else None,
        )
        for event in events
    )
    view = _view_one(work, actor, action)
    return ActionHistory(
        view,
        lines,
        may_answer=action.state in OPEN_STATES and _answers_for(standing, action),
        may_confirm=action.state is ActionState.DONE and standing.may(Verb.CONFIRM_ACTIONS),
    )


def complete_action(work: Work, actor: Actor, action_id: int) -> ActionView:
    """Say that it is done; it stays with the agency until the panel confirms."""
    return _answer(work, actor, action_id, ActionEventKind.DONE)


def reopen_action(work: Work, actor: Actor, action_id: int) -> ActionView:
    """Take back that it was done or given up."""
    return _answer(work, actor, action_id, ActionEventKind.REOPENED)


def give_up_action(work: Work, actor: Actor, action_id: int, *, possible: bool, reason: str) -> ActionView:
    """Close an action that will not be done: the agency has not acted, or (`possible` false) circumstances changed."""
    reason = accept_line(reason, field="reason", missing=NO_REASON)
    kind = ActionEventKind.NOT_DONE if possible else ActionEventKind.NOT_POSSIBLE
    return _answer(work, actor, action_id, kind, reason=reason)


def confirm_action(work: Work, actor: Actor, action_id: int) -> ActionView:
    """The chair accepts that it was done."""
    action, standing = _find(work, actor, action_id)
    if not standing.may(Verb.CONFIRM_ACTIONS):
        raise Mistake("Only the chair confirms an action, on the panel's behalf.")
    return _move(work, actor, action, ActionEventKind.CONFIRMED)


def extend_action(work: Work, actor: Actor, action_id: int, *, due: str | date, reason: str) -> ExtensionOutcome:
    """Ask for more time, with a reason; past the panel's free extensions the chair is asked."""
    reason = accept_line(reason, field="reason", missing=NO_REASON)
    action, standing = _find(work, actor, action_id)
    if not _answers_for(standing, action):
        raise Mistake("Only the holder, their agency on this panel, or the chair and co-ordinator can move its date.")
    due_on = _due_date(work, standing.panel, due)
    if due_on <= action.due_on:
        raise Mistake(f"It is due on {action.due_on:%-d %B %Y} already; more time means a later date.", field="due")
    free = work.definition(standing.panel.definition).free_extensions
    is_chair = standing.may(Verb.CONFIRM_ACTIONS)
    if needs_chair(_extensions(work, action), free) and not is_chair:
        next_state(action.state, ActionEventKind.EXTENSION_ASKED)
        event = _note_event(work, action, ActionEventKind.EXTENSION_ASKED, actor, due_on=due_on, reason=reason)
        work.audit("ask_extension", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id)
        for chair in members(work, action.panel_id, {Role.CHAIR}):
            _tell(work, "extension_asked", action, chair, event)
        return ExtensionOutcome(_view_one(work, actor, action), granted=False, asked_for=due_on)
    return ExtensionOutcome(_extend(work, actor, action, due_on, reason), granted=True, asked_for=due_on)


def rule_on_extension(work: Work, actor: Actor, event_id: int, *, grant: bool) -> ExtensionOutcome:
    """The chair grants or refuses the time that was asked for."""
    asked = work.session.get(ActionEvent, event_id)
    if asked is None or asked.kind is not ActionEventKind.EXTENSION_ASKED or asked.due_on is None:
        raise NotForYou("that request")
    action, standing = _find(work, actor, asked.action_id)
    if not standing.may(Verb.CONFIRM_ACTIONS):
        raise NotForYou("that request")
    answered = work.session.exec(
        select(func.count())
        .select_from(ActionEvent)
        .where(
            col(ActionEvent.action_id) == action.id,
            col(ActionEvent.id) > event_id,
            col(ActionEvent.kind).in_([ActionEventKind.EXTENDED, ActionEventKind.EXTENSION_REFUSED]),
        )
    ).one()
    if answered:
        raise Mistake("This request has been answered already.")
    if grant:
        view = _extend(work, actor, action, asked.due_on, None)
    else:
        view = _move(work, actor, action, ActionEventKind.EXTENSION_REFUSED)
    holder = work.session.get_one(Person, action.holder_id)
    _tell(work, "extension_answered", action, holder, asked)
    return ExtensionOutcome(view, granted=grant, asked_for=asked.due_on)


def reassign_action(work: Work, actor: Actor, action_id: int, *, holder_user_id: str) -> ActionView:
    """Give it to somebody else: within the agency by its own people, across agencies by chair or co-ordinator."""
    action, standing = _find(work, actor, action_id)
    holder = _holder(work, standing, actor.team_id, holder_user_id)
    if holder.id == action.holder_id:
        raise Mistake(f"<@{holder.user_id}> holds it already.", field="holder")
    if not standing.may(Verb.STEER_ACTIONS) and not (
        _answers_for(standing, action) and holder.agency_id == action.agency_id
    ):
        raise Mistake(
            "Within your own agency you can pass it on; for another agency ask the chair or the co-ordinator.",
            field="holder",
        )
    if action.case_id is not None and not readable_cases(work, id_of(holder), [action.case_id]):
        raise Mistake(f"<@{holder.user_id}> cannot be given this action. Choose somebody else.", field="holder")
    action.state = next_state(action.state, ActionEventKind.REASSIGNED)
    action.holder_id = id_of(holder)
    action.agency_id = holder.agency_id
    work.session.add(action)
    event = _note_event(work, action, ActionEventKind.REASSIGNED, actor, holder_id=holder.id)
    work.audit("reassign", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id)
    if holder.id != actor.person_id:
        _tell(work, "action_given", action, holder, event)
    return _view_one(work, actor, action)


def _answer(
    work: Work, actor: Actor, action_id: int, kind: ActionEventKind, *, reason: str | None = None
) -> ActionView:
    action, standing = _find(work, actor, action_id)
    if not _answers_for(standing, action):
        raise Mistake(
            "Only the holder, their agency on this panel, or the chair and co-ordinator can say so for this action."
        )
    return _move(work, actor, action, kind, reason=reason)


def _move(work: Work, actor: Actor, action: Action, kind: ActionEventKind, *, reason: str | None = None) -> ActionView:
    action.state = next_state(action.state, kind)
    work.session.add(action)
    _note_event(work, action, kind, actor, reason=reason)
    work.audit(kind.value, "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id)
    return _view_one(work, actor, action)


def _extend(work: Work, actor: Actor, action: Action, due_on: date, reason: str | None) -> ActionView:
    action.state = next_state(action.state, ActionEventKind.EXTENDED)
    action.due_on = due_on
    work.session.add(action)
    _note_event(work, action, ActionEventKind.EXTENDED, actor, due_on=due_on, reason=reason)
    work.audit("extend", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id)
    return _view_one(work, actor, action)


def _find(work: Work, actor: Actor, action_id: int) -> tuple[Action, Standing]:
    noun = f"action {action_id}"
    action = work.session.get(Action, action_id)
    if action is None:
        raise NotForYou(noun)
    standing = require(work, actor, action.panel_id, Verb.SEE_ACTIONS, noun=noun)
    if action.case_id is not None and not readable_cases(work, actor.person_id, [action.case_id]):
        raise NotForYou(noun)
    return action, standing


def _answers_for(standing: Standing, action: Action) -> bool:
    same_agency = standing.actor.agency_id == action.agency_id and standing.may(Verb.HOLD_ACTIONS)
    return standing.actor.person_id == action.holder_id or same_agency or standing.may(Verb.STEER_ACTIONS)


def _holder(work: Work, standing: Standing, team_id: str, user_id: str) -> Person:
    holder = person_by_account(work, team_id, user_id)
    if (
        holder is None
        or holder.id is None
        or not is_member_who_may(work, standing.panel_id, holder.id, Verb.HOLD_ACTIONS)
    ):
        raise Mistake(
            f"<@{user_id}> is not a member of {standing.panel.title} who can hold actions. "
            "Choose a member, or ask the co-ordinator to add them.",
            field="holder",
        )
    own_agency = holder.agency_id == standing.actor.agency_id
    if not own_agency and not standing.roles & {Role.CHAIR, Role.VICE_CHAIR, Role.COORDINATOR, Role.MINUTE_TAKER}:
        raise Mistake(
            "You can give actions within your own agency; for another agency ask the chair or the co-ordinator.",
            field="holder",
        )
    return holder


def _subject(
    work: Work, actor: Actor, standing: Standing, meeting: Meeting | None, reference: str | None
) -> tuple[AgendaItem | None, Case | None]:
    """The agenda item being discussed and its case, or the case that was named."""
    if reference:
        case = work.session.exec(select(Case).where(col(Case.reference) == reference.strip().upper())).first()
        heard = (
            case is not None
            and work.session.exec(
                select(Flag.id).where(col(Flag.case_id) == case.id, col(Flag.panel_id) == standing.panel_id)
            ).first()
        )
        if case is None or not heard or not readable_cases(work, actor.person_id, [id_of(case)]):
            raise NotForYou(f"case {reference.strip().upper()}")
    else:
        case = None
    if meeting is None:
        return None, case
    found = work.session.execute(
        select(AgendaItem, Case)
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id), isouter=True)
        .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
        .where(col(AgendaItem.meeting_id) == meeting.id, col(AgendaItem.state) == ItemState.CURRENT)
    ).first()
    if found is None:
        return None, case
    item, item_case = found
    if case is not None:
        return (item, case) if item_case is not None and item_case.id == case.id else (None, case)
    if item_case is not None and not readable_cases(work, actor.person_id, [id_of(item_case)]):
        raise Mistake("The item being discussed is not one you take part in. Give the action after it.")
    return item, item_case


def _due_date(work: Work, panel: Panel, due: str | date) -> date:
    today = today_at(work, panel)
    if isinstance(due, date):
        due = due.isoformat()
    following = next_meeting(work, id_of(panel)) if "meeting" in due.lower() or "panel" in due.lower() else None
    return parse_due(
        due,
        today=today,
        next_meeting_on=local_time(work, panel, following.starts_at).date() if following else None,
        subdivision=work.definition(panel.definition).bank_holiday_subdivision,
    )


def _extensions(work: Work, action: Action) -> int:
    return work.session.exec(
        select(func.count())
        .select_from(ActionEvent)
        .where(col(ActionEvent.action_id) == action.id, col(ActionEvent.kind) == ActionEventKind.EXTENDED)
    ).one()


def _note_event(
    work: Work,
    action: Action,
    kind: ActionEventKind,
    actor: Actor,
    *,
    due_on: date | None = None,
    holder_id: int | None = None,
    reason: str | None = None,
) -> ActionEvent:
    event = ActionEvent(
        action_id=id_of(action),
        kind=kind,
        person_id=actor.person_id,
        at=work.now,
        due_on=due_on,
        holder_id=holder_id,
        reason=_seal_beside(work, action, reason) if reason else None,
    )
    work.session.add(event)
    work.session.flush()
    return event


def _seal_beside(work: Work, action: Action, text: str) -> bytes:
    if action.case_id is not None:
        return work.seal(work.session.get_one(Case, action.case_id).data_key_id, text)
    return work.seal(work.session.get_one(Panel, action.panel_id).data_key_id, text)


def _tell(work: Work, kind: str, action: Action, person: Person, event: ActionEvent) -> None:
    work.send(
        Effect(
            key=f"{kind}:{event.id}:{person.id}",
            lane=f"person:{person.id}",
            kind=kind,
            payload={"person_id": person.id, "action_id": action.id, "event_id": event.id},
        )
    )


def _view_one(work: Work, actor: Actor, action: Action) -> ActionView:
    work.session.flush()
    return view_actions(work, actor.person_id, col(Action.id) == action.id)[0]
