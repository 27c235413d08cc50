"""Adding actions, reporting on actions, granting more time, and passing actions to another holder."""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlmodel import col, select

from bot.domain.language.agency_names import take_agency
from bot.domain.language.day_words import listed
from bot.domain.language.due_reading import DueKind
from bot.domain.language.identifiers import accept_line
from bot.domain.language.more_time import longer_by
from bot.domain.language.references import squeezed
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.states import needs_chair
from bot.errors import Mistake, NotAllowed, NotForYou, NotOnAgenda, OtherAgency, WhichCase
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.vocabulary import ActionEventKind, ActionKind, ActionState, ItemState, Priority
from bot.records.access.queries import Standing, Where, find_panel, readable, readable_cases, today_at
from bot.records.actions.changes import (
    answers_for,
    find_action,
    find_holder,
    move_action,
    not_for,
    note_event,
    record_action,
    state_after,
    view_one,
)
from bot.records.actions.edits import ActionFact, keep_edit
from bot.records.actions.queries import ActionView, other_agencies, view_action
from bot.records.cases.before_panel import case_before, cases_named
from bot.records.diary import due_days
from bot.records.diary.due_days import days_after, due_day, due_reading, due_terms
from bot.records.diary.queries import is_kept_open
from bot.records.meeting.board import redraw_for
from bot.records.meeting.changes import note_answer
from bot.records.meeting.queries import GONE, attends, line_with, lines_of, refuse_unsure, require_acknowledged
from bot.records.people.queries import agencies_at, holders_at, presiding
from bot.store.rows import id_of, object_of
from bot.store.unit_of_work import Work

_BEFORE_ACTION: Final = (
    "In an open meeting, an action belongs to the item being discussed. Before you add an action, say that you are "
    "here and accept the confidentiality statement."
)
NO_REASON: Final = "Please give a reason for the minutes."


def add_action(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    holder_user_id: str,
    text: str,
    due: str | date,
    case_reference: str | None = None,
    is_case_sure: bool = True,
    kind: ActionKind = ActionKind.OTHER,
    priority: Priority = Priority.NORMAL,
    item_id: int | None = None,
    number: str | None = None,
) -> ActionView:
    """Add an action for a member of the panel. During a meeting the action goes under the current item.

    If a form sends the id of the item under which it was opened, or a typed line gives an item's number, the action
    goes under that item. Raise WhichItem if no item is given and the meeting has moved on since the bot last answered
    this person. Raise NotAcknowledged if the person has not accepted the meeting's confidentiality statement, unless
    they name the case.

    `due` is a phrase such as "next Friday", or a date. Raise Mistake for a holder who is not on the panel, an unclear
    phrase, or text that identifies a person. Raise WhichCase for text that names several cases, unless `is_case_sure`
    says that the reference was given separately from the text.
    """
    standing = find_panel(work, actor, where, Verb.ADD_ACTION)
    text = accept_line(
        text,
        field="text",
        missing="What is to be done? Write one thing to do, such as: ring the school nurse.",
        today=work.now.date(),
    )
    holder = find_holder(work, standing, actor.team_id, holder_user_id)
    if standing.open_meeting_id is not None and not is_kept_open(work, standing.open_meeting_id):
        standing = replace(standing, open_meeting_id=None)  # it has closed meanwhile, so the holder is told now
    meeting_id = standing.open_meeting_id
    meeting = work.session.get_one(Meeting, meeting_id) if meeting_id is not None else None
    if meeting is not None and (case_reference is None or number is not None or item_id is not None):
        require_acknowledged(work, standing, meeting, _BEFORE_ACTION)  # the answer names the item's child
    if meeting is not None and number is not None:
        lines = lines_of(work, meeting, actor.person_id)
        item_id = line_with(work, standing, meeting, lines, number).item.id
    if item_id is None:
        case_reference = _case_meant(work, actor, standing, case_reference, text, is_sure=is_case_sure)
    item, case = _subject(work, actor, standing, case_reference, item_id)
    if meeting is not None and item is not None and item_id is None and case_reference is None:
        refuse_unsure(work, standing, meeting, item, case, text)
    if case is not None and not readable_cases(work, holder.person_id, [id_of(case)]):
        raise not_for(holder.user_id, case, standing, "an action on this item")
    panel = standing.panel
    facts: dict[str, Any] = {
        "panel_id": standing.panel_id,
        "meeting_id": meeting_id,
        "item_id": item.id if item else None,
        "case_id": case.id if case else None,
        "kind": kind,
        "text": work.seal(case.data_key_id if case else panel.data_key_id, text),
        "agency_id": holder.agency_id,
        "holder_id": holder.person_id,
        "due_on": due_day(work, panel, due),
        "priority": priority,
        "state": ActionState.OPEN,
        "created_by_id": actor.person_id,
        "created_at": work.now,
    }
    action_id, event_id = record_action(work, facts, actor.person_id)
    about = case.id if case else None
    work.audit("add", "action", action_id, panel_id=standing.panel_id, actor_id=actor.person_id, case_id=about)
    if meeting is not None and item is not None:
        if standing.may(Verb.NOTE):  # the answer is kept with their attendance
            attends(work, standing, meeting)
        note_answer(work, meeting, actor.person_id, id_of(item))
    redraw_for(work, meeting_id, item.id if item else None)
    # In a meeting the holder is in the room, and gets one summary when it closes.
    if holder.person_id != actor.person_id and meeting_id is None:
        work.tell(holder.person_id, Notice.ACTION_GIVEN, action_id=action_id, event_id=event_id)
    # All facts of the view are known here. Reading them back would take as long as writing them.
    action = object_of(work.session, Action, {"id": action_id, **facts})
    return view_action(work, action, panel, holder, holder.agency_name, case)


def people_to_hold(work: Work, actor: Actor, where: Where) -> dict[str, str]:
    """Return the people who can hold actions of the panel, as a dict from Slack user to name.

    Only Slack users of the actor's workspace are included.
    """
    standing = find_panel(work, actor, where, Verb.ADD_ACTION)
    return {holder.user_id: holder.name for holder in holders_at(work, standing.panel_id, actor.team_id)}


def members_of_agency(work: Work, actor: Actor, where: Where, text: str) -> tuple[list[tuple[str, str]], str]:
    """Return the members of the agency named at the beginning of a text, and the rest of the text.

    Each member is a pair of Slack user and name. If the text doesn't begin with the name of an agency of the panel,
    return no members and the whole text.
    """
    standing = find_panel(work, actor, where, Verb.ADD_ACTION)
    agency_id, rest = take_agency(text, agencies_at(work, standing.panel_id))
    holders = holders_at(work, standing.panel_id, actor.team_id) if agency_id is not None else []
    members = [(holder.user_id, holder.name) for holder in holders if holder.agency_id == agency_id]
    return members, rest if members else text


_COUNTS: Final = re.compile(
    r"\b(?:days?|d|weeks?|wks?|w|months?|mths?|fortnight|years?|end|eom|eoq|eoy)\b", re.IGNORECASE
)


def why_this_day(work: Work, actor: Actor, action_id: int, due: str) -> str:
    """Return a sentence saying why an action's due date differs from the day that its due phrase gives.

    For instance, the phrase may give a bank holiday. Return an empty string if the day was not moved. Only phrases such
    as "in two weeks" or "end of the month" can be moved.
    """
    if not _COUNTS.search(due):
        return ""
    action, standing = find_action(work, actor, action_id)
    return due_days.why_this_day(work, standing.panel, due, action.due_on)


def days_to_offer(work: Work, actor: Actor, where: Where) -> tuple[date, ...]:
    """Return days to suggest as the due date of a new action that was typed without one."""
    return due_reading(work, find_panel(work, actor, where, Verb.ADD_ACTION).panel, "").offers


def complete_action(work: Work, actor: Actor, action_id: int, words: str = "") -> ActionView:
    """Report an action as done, with any words that describe what was done.

    The panel still has to accept the report.
    """
    said = accept_line(words, field="reason", missing="", today=work.now.date()) if words.strip() else None
    return _answer(work, actor, action_id, ActionEventKind.DONE, reason=said)


def give_up_action(work: Work, actor: Actor, action_id: int, *, possible: bool, reason: str) -> ActionView:
    """Report that an action won't be done, with the reason.

    `possible` is True if the action could be done but the agency has not acted, and False if circumstances have
    changed.
    """
    reason = accept_line(reason, field="reason", missing=NO_REASON, today=work.now.date())
    kind = ActionEventKind.NOT_DONE if possible else ActionEventKind.NOT_POSSIBLE
    return _answer(work, actor, action_id, kind, reason=reason)


def disown_action(work: Work, actor: Actor, action_id: int, *, reason: str, agency_id: int | None = None) -> ActionView:
    """Report that an action belongs to another agency.

    The agency is `agency_id`, or is named in the reason. The action stays with its holder until the chair gives it to
    that agency or sends the report back.
    """
    reason = accept_line(
        reason,
        field="reason",
        missing="Whose action is it, and why? The chair reads your answer and decides.",
        today=work.now.date(),
    )
    action, standing = _find_to_answer(work, actor, action_id)
    if agency_id is not None and agency_id not in {agency.id for agency in other_agencies(work, action)}:
        raise Mistake(
            f"Choose an agency that is on {standing.panel.title}, other than the action's own.", field="whose"
        )
    redraw_for(work, action.meeting_id, action.item_id)
    return move_action(work, actor, action, ActionEventKind.NOT_OURS, reason=reason, agency_id=agency_id)


def change_kind(work: Work, actor: Actor, action_id: int, kind: ActionKind) -> ActionView:
    """Set the kind of an action, such as a visit or a referral.

    The holder, other people of the holder's agency, the person who gave the action, and the panel's chair and
    co-ordinator may do this. Raise NotAllowed for others.
    """
    action, standing = find_action(work, actor, action_id, to_change=True)
    if action.created_by_id != actor.person_id and not answers_for(standing, action):
        raise NotAllowed(
            "Only its holder, their agency on this panel, the person who gave it, the chair or the co-ordinator "
            "can change the kind of this action.",
            field="kind",
        )
    if kind is not action.kind:
        before = {ActionFact.KIND: action.kind.value}
        action.kind = kind
        keep_edit(work, actor, action, before, before_case_id=action.case_id)
        redraw_for(work, action.meeting_id, action.item_id)
    work.audit(
        "change_kind", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id
    )
    return view_one(work, actor, action)


def reassign_action(work: Work, actor: Actor, action_id: int, *, holder_user_id: str) -> ActionView:
    """Give an action to another holder. Only the chair, vice-chair and co-ordinator may give it to another agency."""
    action, standing = find_action(work, actor, action_id, to_change=True)
    holder = find_holder(work, standing, actor.team_id, holder_user_id)
    if holder.person_id == action.holder_id:
        raise Mistake(f"<@{holder.user_id}> holds this action already.", field="holder")
    if not standing.may(Verb.STEER_ACTIONS) and not (
        answers_for(standing, action) and holder.agency_id == action.agency_id
    ):
        raise OtherAgency(
            "You can pass this action on within your own agency. "
            "For another agency, ask the chair or the co-ordinator.",
            field="holder",
        )
    if action.case_id is not None and not readable_cases(work, actor.person_id, [action.case_id]):
        raise NotAllowed(
            "The case of this action is closed: only a chair of the panel can pass the action on.", field="holder"
        )
    if action.case_id is not None and not readable_cases(work, holder.person_id, [action.case_id]):
        raise not_for(holder.user_id, work.session.get_one(Case, action.case_id), standing, "this action")
    before_id, was_disowned = action.holder_id, action.state is ActionState.REPORTED_NOT_OURS
    action.state = state_after(work, action, ActionEventKind.REASSIGNED)
    action.holder_id = holder.person_id
    action.agency_id = holder.agency_id
    event = note_event(work, action, ActionEventKind.REASSIGNED, actor, holder_id=holder.person_id)
    work.audit(
        "reassign", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id
    )
    is_gathered = standing.open_meeting_id is not None and is_kept_open(work, standing.open_meeting_id)
    if holder.person_id != actor.person_id and not is_gathered:  # actions given at a meeting are told of when it closes
        work.tell(holder.person_id, Notice.ACTION_GIVEN, action_id=action_id, event_id=id_of(event))
    if was_disowned and before_id != actor.person_id:
        work.tell(before_id, Notice.ACTION_CHANGED, action_id=action_id, event_id=id_of(event))
    redraw_for(work, action.meeting_id, action.item_id)
    return view_one(work, actor, action)


def _answer(
    work: Work, actor: Actor, action_id: int, kind: ActionEventKind, *, reason: str | None = None
) -> ActionView:
    action, _ = _find_to_answer(work, actor, action_id)
    redraw_for(work, action.meeting_id, action.item_id)
    return move_action(work, actor, action, kind, reason=reason)


def _find_to_answer(work: Work, actor: Actor, action_id: int) -> tuple[Action, Standing]:
    action, standing = find_action(work, actor, action_id, to_change=True)
    if not answers_for(standing, action):
        raise NotAllowed(
            "Only the holder, their agency on this panel, the chair or the co-ordinator can report this action."
        )
    return action, standing


def _case_meant(
    work: Work, actor: Actor, standing: Standing, reference: str | None, text: str, *, is_sure: bool
) -> str | None:
    """Return the case reference for an action: the given one, or else the one in the text, or None if there is neither.

    Raise WhichCase if the text names several cases and the reference is not sure.
    """
    if reference is not None and is_sure:
        return reference
    named = [case.reference for case in cases_named(work, standing.panel_id, actor.person_id, text)]
    if reference is not None and squeezed(reference) not in map(squeezed, named):
        named = [reference.upper(), *named]
    if len(named) > 1:
        raise WhichCase(f"The words name {listed(named)}. Which case is the action about?", named, field="case")
    return named[0] if named else None


def _subject(
    work: Work, actor: Actor, standing: Standing, reference: str | None, item_id: int | None
) -> tuple[AgendaItem | None, Case | None]:
    """Return the agenda item and the case for a new action. Either may be None.

    Without `item_id`, use the current item of the open meeting. If `reference` names another case than the item's,
    return that case and no item. Raise Mistake if the item with `item_id` is gone or now kept from the person, since
    the action would then be without a case, and the whole panel could read its text.
    """
    case = case_before(work, standing.panel_id, reference, readable(actor.person_id)) if reference else None
    if standing.open_meeting_id is None:
        if item_id is not None:
            raise NotOnAgenda(GONE, field="text")
        return None, case
    found = work.session.execute(
        select(AgendaItem, Case)
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id), isouter=True)
        .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
        .where(
            col(AgendaItem.meeting_id) == standing.open_meeting_id,
            col(AgendaItem.state) == ItemState.CURRENT if item_id is None else col(AgendaItem.id) == item_id,
        )
    ).first()
    if found is None:
        if item_id is not None:
            raise NotOnAgenda(GONE, field="text")
        return None, case
    item, item_case = found
    if case is not None:
        return (item, case) if item_case is not None and item_case.id == case.id else (None, case)
    if item_case is not None and not readable_cases(work, actor.person_id, [id_of(item_case)]):
        if item_id is not None:
            raise NotOnAgenda(GONE, field="text")
        return None, None  # an error would reveal that a closed item is being discussed
    return item, item_case


@dataclass(frozen=True, slots=True)
class ExtensionOutcome:
    """The result of asking for more time: the action, whether the time was granted, and the day asked for."""

    action: ActionView
    granted: bool
    asked_for: date


def extend_action(work: Work, actor: Actor, action_id: int, *, due: str | date, reason: str) -> ExtensionOutcome:
    """Ask for more time for an action, with a reason.

    The time is granted at once if the actor may grant it, or if the panel's definition still allows an extension
    without asking. Otherwise the chair is asked.
    """
    reason = accept_line(reason, field="reason", missing=NO_REASON, today=work.now.date())
    action, standing = find_action(work, actor, action_id, to_change=True)
    _require_more_time(standing, action)
    due_on = due_day(work, standing.panel, _counted_from_due(work, standing, action, due) or due, action.due_on)
    if due_on <= action.due_on:
        said = f"The action is already due on {action.due_on:%-d %B %Y}. Choose a later date."
        raise Mistake(said, field="due", days=days_after(work, standing.panel, action.due_on))
    free = work.definition(standing.panel.definition).free_extensions
    is_chair = standing.may(Verb.CONFIRM_ACTIONS)
    if needs_chair(view_one(work, actor, action).extensions, free) and not is_chair:
        state_after(work, action, ActionEventKind.EXTENSION_ASKED)
        unanswered = _unanswered(work, action)
        # A holder has one open request, and may replace it once. So the chair is asked twice at most.
        if unanswered and (unanswered[-1].due_on == due_on or len(unanswered) > 1):
            asked_for = f"{unanswered[-1].due_on:%-d %B %Y}"
            raise Mistake(f"The chair has already been asked for {asked_for}. Please wait for the answer.", field="due")
        event = note_event(work, action, ActionEventKind.EXTENSION_ASKED, actor, due_on=due_on, reason=reason)
        work.audit(
            "ask_extension",
            "action",
            action.id,
            panel_id=action.panel_id,
            actor_id=actor.person_id,
            case_id=action.case_id,
        )
        for chair in presiding(work, action.panel_id):
            work.tell(id_of(chair), Notice.EXTENSION_ASKED, action_id=action_id, event_id=id_of(event))
        return ExtensionOutcome(view_one(work, actor, action), granted=False, asked_for=due_on)
    return ExtensionOutcome(_extend(work, actor, action, due_on, reason), granted=True, asked_for=due_on)


def propose_more_time(work: Work, actor: Actor, action_id: int, due: str) -> tuple[ActionView, date | None]:
    """Return an action, and the later due date that a typed phrase gives.

    The date is None if the phrase doesn't give a single day after the present due date. Raise NotAllowed for people who
    can't ask for more time, and Mistake for a day that has passed.
    """
    action, standing = find_action(work, actor, action_id)
    _require_more_time(standing, action)
    work.audit("read", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id)
    counted = _counted_from_due(work, standing, action, due)
    reading = due_reading(work, standing.panel, counted.isoformat() if counted else due)
    if reading.kind is DueKind.PAST:
        due_day(work, standing.panel, due, action.due_on)
    found = reading.days
    later = found[0] if len(found) == 1 and found[0] > action.due_on else None
    return view_one(work, actor, action), later


def _counted_from_due(work: Work, standing: Standing, action: Action, due: str | date) -> date | None:
    """Return the day that a phrase such as "a week longer" gives, counted from the due date.

    Return None for any other phrase.
    """
    return None if isinstance(due, date) else longer_by(due, action.due_on, due_terms(work, standing.panel))


def _require_more_time(standing: Standing, action: Action) -> None:
    if not answers_for(standing, action):
        raise NotAllowed(
            "Only the holder, their agency on this panel, the chair or the co-ordinator can move the date of "
            "this action."
        )


def rule_on_extension(work: Work, actor: Actor, event_id: int, *, grant: bool) -> ExtensionOutcome:
    """Grant or refuse a request for more time, as the chair. The holder is told."""
    asked, noun = work.session.get(ActionEvent, event_id), "that request"
    if asked is None or asked.kind is not ActionEventKind.EXTENSION_ASKED or asked.due_on is None:
        raise NotForYou(noun)
    action, standing = find_action(work, actor, asked.action_id, to_change=True, noun=noun)
    if not standing.may(Verb.CONFIRM_ACTIONS):
        raise NotForYou(noun)
    unanswered = _unanswered(work, action)
    if event_id not in {one.id for one in unanswered}:
        raise Mistake("The chair has already answered this request.")
    if unanswered[-1].id != event_id:
        raise Mistake("There is a newer request for another date. Answer that one instead.")
    if grant:
        if asked.due_on <= today_at(work, standing.panel):
            raise Mistake(
                f"The date asked for, {asked.due_on:%-d %B %Y}, is no longer in the future. "
                "Refuse the request, or give another date "
                f"with `/action extend {action.id} DATE because REASON`."
            )
        view = _extend(work, actor, action, asked.due_on, None)
    else:
        view = move_action(work, actor, action, ActionEventKind.EXTENSION_REFUSED)
    work.tell(action.holder_id, Notice.EXTENSION_ANSWERED, action_id=id_of(action), event_id=event_id)
    return ExtensionOutcome(view, granted=grant, asked_for=asked.due_on)


def _unanswered(work: Work, action: Action) -> list[ActionEvent]:
    """Return the requests for more time that nobody has answered, the oldest first. Only the newest can be granted."""
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
    action.state = state_after(work, action, ActionEventKind.EXTENDED)
    action.due_on = due_on
    note_event(work, action, ActionEventKind.EXTENDED, actor, due_on=due_on, reason=reason)
    work.audit(
        "extend", "action", action.id, panel_id=action.panel_id, actor_id=actor.person_id, case_id=action.case_id
    )
    redraw_for(work, action.meeting_id, action.item_id)
    return view_one(work, actor, action)
