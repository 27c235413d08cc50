"""The panel's answers to reports: accepting one, accepting all at once, or sending one back with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from bot.domain.language.identifiers import accept_line
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.states import ACCEPTED, REPORTED_STATES
from bot.errors import Mistake, NotAllowed
from bot.models.actions import Action, ActionEvent
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind, ActionState, Role
from bot.records.access.queries import Standing, Where, find_panel, readable_cases, require
from bot.records.actions.changes import (
    answers_for,
    find_action,
    move_action,
    speaks_for_panel,
    state_after,
    take_step,
    view_one,
)
from bot.records.actions.queries import ActionView, view_actions
from bot.records.diary.queries import is_kept_open
from bot.records.meeting.board import redraw_for
from bot.records.people.queries import members, members_who_may
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def accept_action(work: Work, actor: Actor, action_id: int, event_id: int | None = None) -> ActionView:
    """Accept the holder's report on the panel's behalf. This ends the action.

    `event_id` is the report that the person has read. Raise Mistake if a newer report has replaced it. Raise NotAllowed
    for people who may not accept reports, and for the action's own holder, even if they are the chair.
    """
    action, standing = find_action(work, actor, action_id, to_change=True)
    _require_to_speak(work, standing)
    state_after(work, action, ActionEventKind.CONFIRMED)
    _require_not_own(work, standing, action)
    if event_id is not None and _report_of(work, action_id) != event_id:
        raise Mistake(
            f"Action {action_id} was reported again since you looked, as "
            f"{action.state.label.removeprefix('reported ')}. "
            f"Read the new report first: `/action show {action_id}`."
        )
    redraw_for(work, action.meeting_id, action.item_id)
    return move_action(work, actor, action, ActionEventKind.CONFIRMED)


@dataclass(frozen=True, slots=True)
class AcceptedAll:
    """The result of accepting all reports in a list: those accepted, and those left out."""

    accepted: tuple[ActionView, ...]
    changed: tuple[ActionView, ...]  #: actions with another report, reopened or ended since the list was shown
    missing: int = 0  #: how many actions the person may no longer see
    own: tuple[int, ...] = ()  #: the numbers of actions that the person who accepts holds


def accept_all(work: Work, actor: Actor, where: Where, reports: Mapping[int, int]) -> AcceptedAll:
    """Accept all reports that a list showed, except those that have changed since the list was shown.

    `reports` maps each action's id to the id of the report that was shown. Raise NotAllowed for people who may not
    accept reports.
    """
    standing = find_panel(work, actor, where, Verb.SEE_ACTIONS)
    _require_to_speak(work, standing)
    rows = work.session.exec(  # locked in one order, so that two people don't deadlock
        select(Action)
        .where(col(Action.id).in_(reports), col(Action.panel_id) == standing.panel_id)
        .order_by(col(Action.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    of_these = (col(Action.id).in_([action.id for action in rows]),)
    seen = {one.id: one for one in view_actions(work, actor.person_id, *of_these, with_own=True)}
    there = [action for action in rows if action.id in seen]
    own = tuple(id_of(action) for action in there if action.holder_id == actor.person_id)
    changed, done = [], []
    for action in there:
        view = seen[id_of(action)]
        if view.report is None or view.report.event_id != reports[view.id] or action.state not in ACCEPTED:
            changed.append(view)
        elif view.id not in own:
            take_step(work, actor, action, ActionEventKind.CONFIRMED)
            done.append(view.id)
    if standing.open_meeting_id is not None and standing.open_meeting_id in {action.meeting_id for action in there}:
        redraw_for(work, standing.open_meeting_id)
    work.session.flush()
    now = view_actions(work, actor.person_id, col(Action.id).in_(done), with_own=True)
    own = tuple(number for number in own if number not in {view.id for view in changed})
    return AcceptedAll(tuple(now), tuple(changed), len(reports) - len(there), own)


def reopen_action(work: Work, actor: Actor, action_id: int, reason: str = "") -> ActionView:
    """Reopen an action and take back its report. Tell the holder, unless the holder reopened it.

    If the panel has accepted the action as done, only people who may accept reports can reopen it. Any other action can
    be reopened by people who answer for it. If it was reported, people who speak for the panel can reopen it too. Raise
    NotAllowed for anyone else.
    """
    why = accept_line(reason, field="reason", missing="", today=work.now.date()) if reason.strip() else None
    action, standing = find_action(work, actor, action_id, to_change=True)
    is_reported = action.state in REPORTED_STATES
    if action.state is ActionState.CONFIRMED:
        _require_to_speak(work, standing)
    elif not answers_for(standing, action) and not (is_reported and speaks_for_panel(standing)):
        raise NotAllowed(
            "Only the holder, their agency on this panel, the chair or the co-ordinator can report this action."
        )
    is_news = is_reported or action.state is ActionState.CONFIRMED
    event = take_step(work, actor, action, ActionEventKind.REOPENED, reason=why)
    if is_news and action.holder_id != actor.person_id:
        work.tell(action.holder_id, Notice.ACTION_CHANGED, action_id=action_id, event_id=id_of(event))
    redraw_for(work, action.meeting_id, action.item_id)
    return view_one(work, actor, action)


def send_back_action(work: Work, actor: Actor, action_id: int, reason: str) -> ActionView:
    """Send a report back to its holder, with the reason why the panel doesn't accept it."""
    reason = accept_line(
        reason,
        field="reason",
        missing="Say what is still to be done. The action's holder can read this.",
        today=work.now.date(),
    )
    return reopen_action(work, actor, action_id, reason)


def offer_holder(work: Work, actor: Actor, action_id: int) -> tuple[ActionView, str]:
    """Return an action whose holder reported that it belongs to another agency, and a new holder to suggest.

    The suggestion is the Slack user id of a member of that agency who could hold the action, or an empty string if
    there is none. Raise NotAllowed for people who can't give actions to other agencies.
    """
    action, standing = find_action(work, actor, action_id)
    if not standing.may(Verb.STEER_ACTIONS):
        raise NotAllowed("To choose another agency, ask the chair or the co-ordinator.")
    view = view_one(work, actor, action)
    whose = view.report.agency_id if view.report else None
    there = [one for one in members_who_may(work, action.panel_id, Verb.HOLD_ACTIONS) if one.agency_id == whose]
    for person in there:
        if action.case_id is None or readable_cases(work, id_of(person), [action.case_id]):
            return view, person.user_id
    return view, ""


@dataclass(frozen=True, slots=True)
class ActionChange:
    """One change of an action, for the message that tells a person about it."""

    action: ActionView
    kind: ActionEventKind
    by_name: str
    is_yours: bool  #: the reader holds it
    is_given: bool = False  #: the reader gave it and doesn't hold it


def change_for_notice(work: Work, actor: Actor, action_id: int, event_id: int) -> ActionChange | None:
    """Return a change of an action for a message to this person, or None if the action is kept from them.

    Raise NotForYou if the person may no longer see any of the panel's actions.
    """
    found = view_actions(work, actor.person_id, col(Action.id) == action_id, with_own=True, with_withdrawn=True)
    event = work.session.get(ActionEvent, event_id)
    if not found or event is None or event.action_id != action_id:
        return None
    require(work, actor, found[0].panel_id, Verb.SEE_ACTIONS)
    by = work.session.get(Person, event.person_id) if event.person_id is not None else None
    is_yours = found[0].holder_id == actor.person_id
    gave = work.session.get_one(Action, action_id).created_by_id
    return ActionChange(found[0], event.kind, by.name if by else "", is_yours, gave == actor.person_id and not is_yours)


def _require_to_speak(work: Work, standing: Standing) -> None:
    if standing.may(Verb.CONFIRM_ACTIONS):
        return
    meeting_id = standing.open_meeting_id
    if not speaks_for_panel(standing) or meeting_id is None or not is_kept_open(work, meeting_id):
        raise NotAllowed(
            "Only the chair or the vice-chair can accept reports. In a meeting, the panel accepts them, and the "
            "co-ordinator or the minute-taker records it."
        )


def _require_not_own(work: Work, standing: Standing, action: Action) -> None:
    """Raise NotAllowed if the person holds the action, since nobody may accept their own report."""
    if action.holder_id != standing.actor.person_id:
        return
    other = Role.CHAIR if Role.VICE_CHAIR in standing.roles else Role.VICE_CHAIR
    there = [person for person in members(work, standing.panel_id, {other}) if person.id != standing.actor.person_id]
    who = f"The {other.label} or the panel" if there else "At its next meeting, the panel"
    raise NotAllowed(
        f"Action {action.id} is yours, so you can't accept it. {who} can accept it. "
        "In the meeting, the co-ordinator or the minute-taker records that."
    )


def _report_of(work: Work, action_id: int) -> int | None:
    found = view_actions(work, None, col(Action.id) == action_id)
    return found[0].report.event_id if found and found[0].report else None
