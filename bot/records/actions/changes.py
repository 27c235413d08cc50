"""Steps of actions: finding an action with access checked, changing its state, and recording its history."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, insert
from sqlalchemy import select as tables_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from bot.domain.language.day_words import short_date
from bot.domain.permissions import Actor, Verb
from bot.domain.states import ACCEPTED, OPEN_STATES, next_state
from bot.errors import Mistake, NotForYou, OtherAgency
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind, ActionState
from bot.records.access.queries import Standing, local_time, require
from bot.records.actions.queries import ActionView, not_kept_from, view_actions
from bot.records.people.queries import Holder, holder_by_account
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work

_ACTION, _EVENT = table_of(Action), table_of(ActionEvent)
_ADD_ACTION = sqlite.insert(_ACTION).on_conflict_do_nothing(index_elements=[_ACTION.c.id]).inline()
_ADD_EVENT = insert(_EVENT)
_DIGITS, _TRIES = 4, 4  # if half of the four-digit numbers are taken, one action in sixteen gets five digits
_FIRST_LINE = ("kind", "person_id", "at", "due_on", "holder_id")


def find_action(
    work: Work, actor: Actor, action_id: int, *, to_change: bool = False, noun: str = ""
) -> tuple[Action, Standing]:
    """Return the action, and the person's standing on its panel.

    Raise NotForYou if the action does not exist or is kept from the person. With `to_change`, lock the action's row
    until the end of the transaction and read the row again. `noun` replaces the action's number in the error, for a
    person who did not type the number and must not learn it.
    """
    noun = noun or f"action {action_id}"
    query = select(Action).where(col(Action.id) == action_id)
    if to_change:  # SQLite has no row locks and needs none: it admits one writer
        query = query.with_for_update().execution_options(populate_existing=True)
    action = work.session.exec(query).first()
    if action is None:
        raise NotForYou(noun)
    standing = require(work, actor, action.panel_id, Verb.SEE_ACTIONS, noun=noun)
    if not is_seen_by(work, actor, action):
        raise NotForYou(noun)
    return action, standing


def is_seen_by(work: Work, actor: Actor, action: Action) -> bool:
    """Return whether the person may see an action.

    Holders see their own action even if its case is a closed item that they may not read.
    """
    if action.case_id is None:
        return True
    seen = not_kept_from(actor.person_id, with_own=True)
    query = select(Action.id).join(Case, col(Case.id) == col(Action.case_id)).where(col(Action.id) == action.id, *seen)
    return work.session.exec(query).first() is not None


def answers_for(standing: Standing, action: Action) -> bool:
    """Return whether the person may report on the action or pass it on.

    Three kinds of people may: the action's holder, members of the action's agency who can hold actions, and the panel's
    office.
    """
    same_agency = standing.actor.agency_id == action.agency_id and standing.may(Verb.HOLD_ACTIONS)
    return standing.actor.person_id == action.holder_id or same_agency or standing.may(Verb.STEER_ACTIONS)


def may_correct(standing: Standing, action: Action) -> bool:
    """Return whether the person may correct the action.

    They may if they gave the action, are in the panel's office, or record the panel's decisions.
    """
    gave_it = standing.actor.person_id == action.created_by_id
    return gave_it or standing.may(Verb.STEER_ACTIONS) or standing.may(Verb.DECIDE)


def find_holder(work: Work, standing: Standing, team_id: str, user_id: str) -> Holder:
    """Return the panel member who has this Slack account, if the person asking may give them an action.

    Raise Mistake if the member can't hold actions on the panel, and OtherAgency if the person asking may not give
    actions to the member's agency.
    """
    holder = holder_by_account(work, standing.panel_id, team_id, user_id)
    if holder is None:
        raise Mistake(
            f"<@{user_id}> can't hold actions on {standing.panel.title}. "
            "Choose a member, or ask the co-ordinator to add them.",
            field="holder",
        )
    own_agency = holder.agency_id == standing.actor.agency_id
    if not own_agency and not standing.may(Verb.DECIDE):
        raise OtherAgency(
            "You can give actions within your own agency. For another agency, ask the chair or the co-ordinator.",
            field="holder",
        )
    return holder


def not_for(holder_user_id: str, case: Case, standing: Standing, what: str) -> Mistake:
    """Return the error for giving an action on this case to a member who may not see the case.

    `what` names the action in the error's sentence. The sentence also says what to do instead.
    """
    helps = (
        "If they should hold it, a chair must first let them see the case: "
        f"`/case add-reader {case.reference} @name {standing.panel.key} because REASON`."
        if case.is_closed
        else "Choose another person."
    )
    return Mistake(f"<@{holder_user_id}> cannot be given {what}. {helps}", field="holder")


def speaks_for_panel(standing: Standing) -> bool:
    """Return whether the person may accept reports for the panel.

    The panel's chair and vice-chairs always may. While a meeting is open, people who record decisions may too.
    """
    return standing.may(Verb.CONFIRM_ACTIONS) or (standing.open_meeting_id is not None and standing.may(Verb.DECIDE))


def may_accept(standing: Standing, action: Action | ActionView) -> bool:
    """Return whether the person may accept the holder's report on the action now. No one accepts their own report."""
    return action.state in ACCEPTED and action.holder_id != standing.actor.person_id and speaks_for_panel(standing)


def state_after(work: Work, action: Action, kind: ActionEventKind) -> ActionState:
    """Return the action's state after a step of this kind.

    Raise Mistake if the action's present state does not allow the step. The error gives the action's number and last
    step.
    """
    if kind is ActionEventKind.REOPENED and action.state in OPEN_STATES:
        raise Mistake(f"Action {action.id} is open already.{_last_step(work, action)}")
    try:
        return next_state(action.state, kind)
    except Mistake as refused:
        said = re.sub(r"^Action\b", f"Action {action.id}", str(refused))
        raise Mistake(f"{said}{_last_step(work, action)}", field=refused.field) from None


def _last_step(work: Work, action: Action) -> str:
    """Return a sentence about the action's last step (never a correction), or an empty string for a new action."""
    of_action = (col(ActionEvent.action_id) == action.id, col(ActionEvent.kind) != ActionEventKind.EDITED)
    event = work.find(ActionEvent, *of_action, by=[col(ActionEvent.id).desc()])
    if event is None or event.kind is ActionEventKind.ADDED:
        return ""
    at = local_time(work, work.session.get_one(Panel, action.panel_id), event.at)
    person = work.session.get(Person, event.person_id) if event.person_id is not None else None
    by = f" by {person.name}" if person else ""
    return f" The action was {event.kind.label}{by} on {short_date(at)} at {at:%H:%M}."


def move_action(
    work: Work,
    actor: Actor,
    action: Action,
    kind: ActionEventKind,
    *,
    reason: str | None = None,
    agency_id: int | None = None,
) -> ActionView:
    """Change the action's state by a step of the given kind. Return the action's new view.

    Raise Mistake if the action's present state does not allow the step.
    """
    take_step(work, actor, action, kind, reason=reason, agency_id=agency_id)
    return view_one(work, actor, action)


def take_step(
    work: Work,
    actor: Actor,
    action: Action,
    kind: ActionEventKind,
    *,
    reason: str | None = None,
    agency_id: int | None = None,
) -> ActionEvent:
    """Change the action's state by a step of the given kind. Return the line added to its history.

    Raise Mistake if the action's present state does not allow the step.
    """
    action.state = state_after(work, action, kind)
    event = note_event(work, action, kind, actor, reason=reason, agency_id=agency_id)
    work.audit(
        kind.value, "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id
    )
    return event


def note_event(
    work: Work,
    action: Action,
    kind: ActionEventKind,
    actor: Actor,
    *,
    due_on: date | None = None,
    holder_id: int | None = None,
    reason: str | None = None,
    agency_id: int | None = None,
) -> ActionEvent:
    """Add a line to the action's history, and return the line.

    `reason` is sealed under the key of the action's case, or of its panel if the action has no case.
    """
    event = ActionEvent(
        action_id=id_of(action),
        kind=kind,
        person_id=actor.person_id,
        at=work.now,
        due_on=due_on,
        holder_id=holder_id,
        agency_id=agency_id,
        reason=seal_beside(work, action, reason) if reason else None,
        case_id=action.case_id if reason else None,
    )
    work.session.add(event)
    work.session.flush()
    return event


def seal_beside(work: Work, action: Action, text: str) -> bytes:
    """Return `text` sealed (encrypted) under the key of the action's case or, if it has none, of its panel."""
    if action.case_id is not None:
        return work.seal(work.session.get_one(Case, action.case_id).data_key_id, text)
    return work.seal(work.session.get_one(Panel, action.panel_id).data_key_id, text)


def record_action(work: Work, facts: Mapping[str, Any], by_id: int) -> tuple[int, int]:
    """Add a new action and the first line of its history. Return the action's number and the line's id.

    An action's number is drawn at random, so that it tells nothing about other actions. The number has four digits
    while enough four-digit numbers are free. If a drawn number is taken, another number is drawn.
    """
    line = (ActionEventKind.ADDED, by_id, work.now, facts["due_on"], facts["holder_id"])
    first_line = dict(zip(_FIRST_LINE, line, strict=True))
    add = _add_at_once if work.session.get_bind().dialect.name == "postgresql" else _add_one_by_one
    tries = 0
    while True:
        digits = _DIGITS + tries // _TRIES
        number = work.draw(10 ** (digits - 1), 10**digits - 1)
        event_id = add(work, {"id": number, **facts}, first_line)
        if event_id is not None:
            return number, event_id
        tries += 1


def _add_one_by_one(work: Work, facts: Mapping[str, Any], first_line: Mapping[str, Any]) -> int | None:
    """Add an action and the first line of its history in two statements, for SQLite. Return the line's id.

    Return None, with nothing written, if another action has the number.
    """
    if work.execute(_ADD_ACTION, facts).rowcount == 0:
        return None
    event_id: int = work.execute(_ADD_EVENT, {"action_id": facts["id"], **first_line}).inserted_primary_key[0]
    return event_id


def _add_at_once(work: Work, facts: Mapping[str, Any], first_line: Mapping[str, Any]) -> int | None:
    """Add an action and the first line of its history in one statement. Return the line's id.

    Return None, with nothing written, if another action has the number.
    """
    line = {f"line_{name}": value for name, value in first_line.items()}
    event_id: int | None = work.execute(_both_at_once(tuple(facts)), {**facts, **line}).scalar_one_or_none()
    return event_id


@cache
def _both_at_once(columns: tuple[str, ...]) -> Executable:
    """Return one statement that adds an action and the first line of its history. It saves a round trip."""
    values = {name: bindparam(name, type_=_ACTION.c[name].type) for name in columns}
    adding = postgresql.insert(_ACTION).values(values).on_conflict_do_nothing(index_elements=[_ACTION.c.id])
    action = adding.returning(_ACTION.c.id).cte("action_added")
    line = [bindparam(f"line_{name}", type_=_EVENT.c[name].type) for name in _FIRST_LINE]
    return (
        insert(_EVENT)
        .from_select(["action_id", *_FIRST_LINE], tables_select(action.c.id, *line))
        .returning(_EVENT.c.id)
    )


def view_one(work: Work, actor: Actor, action: Action) -> ActionView:
    """Return the view of the action as this person may see it now."""
    work.session.flush()
    return view_actions(work, actor.person_id, col(Action.id) == action.id, with_own=True, with_withdrawn=True)[0]
