"""The action log: a spreadsheet of the actions of a panel, an agency or a person, with their outcomes."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select

from bot.documents.action_tracker import TrackerRow, render_action_tracker
from bot.documents.papers import File
from bot.documents.word import capital
from bot.domain.notices import Notice
from bot.domain.panel_definition import MARKING
from bot.domain.permissions import Actor, Verb
from bot.domain.states import ACCEPTED, REPORTED_STATES, REPORTS
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action, ActionEvent, Chase
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import ActionEventKind
from bot.records.access.queries import Where, find_panel, local_time, panels_where, require, today_at
from bot.records.actions.queries import ActionView, opened_or_erased, view_actions
from bot.records.people.queries import agency_meant, holders_at, names_of
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

MINE = "mine"  #: asks for the asker's own actions on every panel


@dataclass(frozen=True, slots=True)
class LogSent:
    """The panel, agency or person whose action log is being sent.

    An agency's or person's log may be limited to one panel.
    """

    whose: str  #: the panel, the agency or the person; empty: the asker
    panel_title: str = ""  #: empty: of every panel


def export_log(
    work: Work, actor: Actor, where: Where, whose: str = "", *, request_key: str, user_id: str | None = None
) -> LogSent:
    """Send the asker the action log of a panel, or only the actions of one agency or one member.

    `whose` is an agency's name, or `mine` for the asker's own actions on every panel. `user_id` is a member's Slack
    account, and `request_key` identifies this request. Raise UnknownAgency if no agency has the name `whose`, and
    Mistake for a person who can't hold actions on the panel.
    """
    if whose == MINE:
        work.audit("export", "action", actor_id=actor.person_id)
        ids = {"panel_id": None, "holder_id": actor.person_id}
        work.tell(actor.person_id, Notice.TRACKER_FILE, once=request_key, **ids)
        return LogSent("")
    standing = find_panel(work, actor, where, Verb.SEE_ACTIONS)
    ids, name = {"panel_id": standing.panel_id}, standing.panel.title
    if user_id is not None:
        there = holders_at(work, standing.panel_id, actor.team_id)
        holder = next((one for one in there if one.user_id == user_id), None)
        if holder is None:
            raise Mistake(f"<@{user_id}> holds no actions of {standing.panel.title}.")
        ids["holder_id"], name = holder.person_id, holder.name
    elif whose:
        agency = agency_meant(work, standing.panel_id, whose)
        ids["agency_id"], name = agency.id, agency.name
    work.audit("export", "action", panel_id=standing.panel_id, actor_id=actor.person_id)
    work.tell(actor.person_id, Notice.TRACKER_FILE, once=request_key, **ids)
    return LogSent(name, standing.panel.title)


def log_document(
    work: Work,
    actor: Actor,
    panel_id: int | None,
    agency_id: int | None = None,
    holder_id: int | None = None,
    *,
    case_id: int | None = None,
    first: datetime | None = None,
    until: datetime | None = None,
) -> File:
    """Return a spreadsheet of the actions that this reader may see, of one panel, agency, holder or case.

    Without `panel_id` the spreadsheet covers all panels where the reader sees actions. Only actions given from `first`
    and before `until` are included. Raise NotForYou if the reader may not see such a list.
    """
    conditions: list[ColumnElement[bool]] = []
    panel, whose = None, ""
    if first is not None:
        conditions.append(col(Action.created_at) >= first)
    if until is not None:
        conditions.append(col(Action.created_at) < until)
    if case_id is not None:
        conditions.append(col(Action.case_id) == case_id)
    if panel_id is None:
        if agency_id is None and case_id is None and holder_id != actor.person_id:
            raise NotForYou("those actions")
        theirs = panels_where(work, actor, Verb.SEE_ACTIONS)
        conditions.append(col(Action.panel_id).in_([id_of(one) for one in theirs]))
        today = work.now.date()
    else:
        panel = require(work, actor, panel_id, Verb.SEE_ACTIONS).panel
        conditions.append(col(Action.panel_id) == panel_id)
        today = today_at(work, panel)
    if agency_id is not None:
        conditions.append(col(Action.agency_id) == agency_id)
        whose = work.session.get_one(Agency, agency_id).name
    if holder_id is not None:
        conditions.append(col(Action.holder_id) == holder_id)
        whose = work.session.get_one(Person, holder_id).name
    actions = view_actions(work, actor.person_id, *conditions, with_own=True)
    of_what = ", ".join(filter(None, (whose, panel.title if panel else "all panels")))
    part = f"-{work.session.get_one(Agency, agency_id).key}" if agency_id else "-held" if holder_id else ""
    return File(
        name=f"{panel.key if panel else 'all-panels'}-{today.isoformat()}-actions{part}.xlsx",
        title=f"Action log, {of_what}, {today:%-d %B %Y}",
        write=partial(
            render_action_tracker,
            log_rows(work, actions, *conditions),
            title=f"Actions of {of_what}",
            marking=MARKING,
            made_on=today,
        ),
        panel_id=panel_id,
        case_ids=frozenset(action.case_id for action in actions if action.case_id is not None),
    )


def log_rows(work: Work, actions: Collection[ActionView], *conditions: ColumnElement[bool]) -> list[TrackerRow]:
    """Return a row of the log for each action, with its outcome.

    `conditions` are the SQL conditions by which `actions` were chosen.
    """
    reasons, told = last_reasons(work, *conditions), _answers(work, actions, *conditions)
    chased = _chased(work, *conditions)
    return [
        TrackerRow(
            number=action.id,
            panel=action.panel_title,
            kind=action.kind,
            text=capital(action.text),
            case=action.case_reference or "",
            agency=action.agency_name,
            holder=action.holder_name,
            due=action.due_on,
            state=action.state,
            rag=action.rag,
            priority=action.priority,
            extensions=action.extensions,
            agreed_on=action.agreed_on,
            reported_on=told[action.id].reported_on,
            reported_by=told[action.id].reported_by,
            accepted_on=told[action.id].accepted_on,
            accepted_by=told[action.id].accepted_by,
            chased=chased.get(action.id, 0),
            last_word="" if action.is_kept else reasons.get(action.id, ""),
        )
        for action in actions
    ]


@dataclass(slots=True)
class _Answers:
    """When an action was reported and accepted, and who did so. Steps that were taken back don't count."""

    reported_on: date | None = None
    reported_by: str = ""
    accepted_on: date | None = None
    accepted_by: str = ""


def _answers(
    work: Work, actions: Collection[ActionView], *conditions: ColumnElement[bool]
) -> defaultdict[int, _Answers]:
    kinds = sorted({*REPORTS, ActionEventKind.CONFIRMED})
    last = (
        select(func.max(ActionEvent.id))
        .join(Action, col(Action.id) == col(ActionEvent.action_id))
        .where(*conditions, col(ActionEvent.kind).in_(kinds))
        .group_by(col(ActionEvent.action_id), col(ActionEvent.kind) == ActionEventKind.CONFIRMED)
    )
    events = {
        (one.action_id, one.kind is ActionEventKind.CONFIRMED): one
        for one in work.find_all(ActionEvent, col(ActionEvent.id).in_(last))
    }
    names = names_of(work, Person, {one.person_id for one in events.values() if one.person_id is not None})
    panels = {id_of(one): one for one in work.find_all(Panel, col(Panel.id).in_({one.panel_id for one in actions}))}
    found: defaultdict[int, _Answers] = defaultdict(_Answers)
    for action in actions:
        is_over = action.state in ACCEPTED.values()
        for is_acceptance in (False, True):
            event = events.get((action.id, is_acceptance))
            # A report that was sent back, or accepted and reopened, is only in the action's history.
            if event is None or not (is_over or (action.state in REPORTED_STATES and not is_acceptance)):
                continue
            on, by = local_time(work, panels[action.panel_id], event.at).date(), names.get(event.person_id or 0, "")
            one = found[action.id]
            if is_acceptance:
                one.accepted_on, one.accepted_by = on, by
            else:
                one.reported_on, one.reported_by = on, by
    return found


def _chased(work: Work, *conditions: ColumnElement[bool]) -> dict[int, int]:
    """Return a dict from action id to the number of days on which people were reminded of the action."""
    days = (
        select(col(Chase.action_id), func.count(func.distinct(col(Chase.told_on))))
        .join(Action, col(Action.id) == col(Chase.action_id))
        .where(*conditions)
        .group_by(col(Chase.action_id))
    )
    return dict(iter(work.session.execute(days)))


def last_reasons(work: Work, *conditions: ColumnElement[bool]) -> dict[int, str]:
    """Return a dict from action id to the last reason given, such as a reason for asking for more time.

    Reasons for corrections don't count, nor do reasons given while the action was about another case.
    """
    is_of_case = or_(col(ActionEvent.case_id).is_(None), col(ActionEvent.case_id) == col(Action.case_id))
    last = (
        select(func.max(ActionEvent.id))
        .join(Action, col(Action.id) == col(ActionEvent.action_id))
        .where(*conditions, col(ActionEvent.reason).is_not(None), is_of_case)
        .where(col(ActionEvent.kind) != ActionEventKind.EDITED)
        .group_by(col(ActionEvent.action_id))
    )
    rows = work.session.execute(
        select(col(ActionEvent.action_id), col(ActionEvent.reason)).where(col(ActionEvent.id).in_(last))
    ).all()
    work.keys.fetch(work.session, (reason for _, reason in rows))
    return {action_id: opened_or_erased(work, reason) for action_id, reason in rows}
