"""Actions as people see them: one query for every list, which leaves out what is kept from the reader."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import case as sql_case
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.language.agency_names import NamedAgency
from bot.domain.permissions import Actor, Verb
from bot.domain.states import ACCEPTED, OPEN_STATES, REPORTED_STATES, REPORTS, Rag, is_overdue, rag
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case
from bot.models.panels import CountySettings, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import ActionEventKind, ActionKind, ActionState, Priority
from bot.records.access.queries import (
    local_time,
    panels_where,
    readable,
    readable_cases,
    require,
    stepped_back,
    today_at,
)
from bot.records.people.queries import Holder, agencies_at
from bot.store.key_ring import Erased
from bot.store.rows import WHOLE, Page, id_of
from bot.store.unit_of_work import Work

#: Sorts actions by when they were given. An action's number is drawn at random, so it can't give this order.
AS_GIVEN = (col(Action.created_at).asc(),)
#: Sorts open actions first, then reported ones, then those that are over.
MOST_PRESSING = (
    sql_case(
        (col(Action.state).in_(sorted(OPEN_STATES)), 0), (col(Action.state).in_(sorted(REPORTED_STATES)), 1), else_=2
    ),
)
#: Replaces the words of an action whose case the holder may no longer read.
_KEPT = "(this action's case is closed: a chair of the panel can tell you what it says)"


@dataclass(frozen=True, slots=True)
class Report:
    """A holder's report that an action is done, or that it can't be done. The action's state says which."""

    event_id: int
    on: date  #: in the panel's zone
    by_name: str
    words: str = ""  #: what was done, or why it will not be
    agency_id: int | None = None  #: the agency that the holder says it belongs to
    agency_name: str = ""


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action at one moment, with what one reader may see of it."""

    id: int
    kind: ActionKind
    text: str
    state: ActionState
    rag: Rag
    priority: Priority
    due_on: date
    today: date  #: in the panel's zone
    holder_id: int
    holder_name: str
    holder_user_id: str
    agency_id: int
    agency_name: str
    panel_id: int
    panel_key: str
    panel_title: str
    case_id: int | None
    case_reference: str | None
    extensions: int
    agreed_on: date
    text_may_stay: bool = False  #: messages that stay in Slack may carry its words: the county agreed, no closed item
    is_kept: bool = False  #: its holder may no longer read its case, so words and reference are left out
    report: Report | None = None  #: until the panel has answered it

    @property
    def is_overdue(self) -> bool:
        """Return whether the action is past its due date and its holder has not reported on it."""
        return is_overdue(self.state, self.due_on, self.today)


@dataclass(frozen=True, slots=True)
class Ending:
    """How, when and why an action left the list of open actions."""

    action: ActionView
    state: ActionState  #: the state in which it ended, even if it was reopened since
    on: date  #: in the panel's zone
    reason: str  #: what was done, why it was not, or why it was withdrawn


_EXTENSIONS = (
    select(func.count())
    .select_from(ActionEvent)
    .where(col(ActionEvent.action_id) == col(Action.id), col(ActionEvent.kind) == ActionEventKind.EXTENDED)
    .correlate(Action)
    .scalar_subquery()
)
#: Whether the county agreed that messages which stay in Slack carry the words of actions.
_TEXT_AGREED = select(col(CountySettings.action_text_agreed_on).is_not(None)).scalar_subquery()
_REPORT, _REPORTER, _WHOSE = aliased(ActionEvent), aliased(Person), aliased(Agency)
_LAST_REPORT = (
    select(func.max(ActionEvent.id))
    .where(col(ActionEvent.action_id) == col(Action.id), col(ActionEvent.kind).in_(sorted(REPORTS)))
    .correlate(Action)
    .scalar_subquery()
)
#: The query behind every view of actions. It is built only once, since building it takes as long as running it.
_VIEWED = (
    select(Action, Panel, Person, Agency)
    .add_columns(Case, _EXTENSIONS, _TEXT_AGREED, _REPORT, col(_REPORTER.name), col(_WHOSE.name))
    .join(Panel, col(Panel.id) == col(Action.panel_id))
    .join(Person, col(Person.id) == col(Action.holder_id))
    .join(Agency, col(Agency.id) == col(Action.agency_id))
    .join(Case, col(Case.id) == col(Action.case_id), isouter=True)
    .join(
        _REPORT,
        col(_REPORT.id) == sql_case((col(Action.state).in_(sorted(REPORTED_STATES)), _LAST_REPORT)),
        isouter=True,
    )
    .join(_REPORTER, col(_REPORTER.id) == col(_REPORT.person_id), isouter=True)
    .join(_WHOSE, col(_WHOSE.id) == col(_REPORT.agency_id), isouter=True)
)
_IS_GIVEN = col(Action.state) != ActionState.WITHDRAWN


def view_actions(
    work: Work,
    reader_id: int | None,
    *conditions: ColumnElement[bool],
    page: Page = WHOLE,
    most_pressing: Sequence[ColumnElement[Any]] = (),
    with_own: bool = False,
    with_withdrawn: bool = False,
) -> list[ActionView]:
    """Return the actions that meet `conditions` and are not kept from the reader, the soonest due first.

    The caller has checked that the reader may see the panels' actions. The audit notes the cases shown as read. With
    `reader_id` None, all actions are returned, for minutes that are sealed part by part. `most_pressing` has sort keys
    that come before the due date. `with_own` adds the reader's own actions on closed items that they may not read,
    without words and case. `with_withdrawn` adds actions that were given by mistake, which no list shows.
    """
    given = () if with_withdrawn else (_IS_GIVEN,)
    query = _VIEWED.where(*conditions, *given, *not_kept_from(reader_id, with_own=with_own))
    query = query.order_by(*most_pressing, col(Action.due_on), col(Action.id))
    rows = work.session.execute(page.of(query)).all()
    kept = _closed_for(work, reader_id, (row[0].case_id for row in rows if row[4] is not None and row[4].is_closed))
    work.saw(reader_id, ((row[0].case_id, row[0].panel_id) for row in rows if row[0].case_id not in kept))
    work.keys.fetch(work.session, (sealed for row in rows for sealed in (row[0].text, row[7] and row[7].reason)))
    views = []
    for action, panel, holder, agency, case, extensions, is_agreed, report, reporter, whose in rows:
        told = _report(work, action, panel, report, reporter, whose) if report is not None else None
        view = view_action(work, action, panel, holder, agency.name, case, extensions, told, is_agreed=bool(is_agreed))
        views.append(_kept(view) if view.case_id in kept else view)
    return views


#: Steps that end an action, and steps that take the ending back.
_ENDING = frozenset({ActionEventKind.CONFIRMED, ActionEventKind.WITHDRAWN})
_TAKEN_BACK = frozenset({ActionEventKind.REOPENED, ActionEventKind.PUT_BACK})


def endings(work: Work, panel: Panel, after: datetime | None, until: datetime) -> list[Ending]:
    """Return the panel's actions that left the open list between `after` and `until` and were not open at `until`.

    The reason of an accepted action is the holder's report. The reason of a withdrawn action says why it was withdrawn.
    Actions that some readers may not see are included, since the minutes that use this are sealed part by part.
    """
    turns = (
        select(func.max(ActionEvent.id))
        .join(Action, col(Action.id) == col(ActionEvent.action_id))
        .where(col(Action.panel_id) == id_of(panel), col(ActionEvent.at) <= until)
        .group_by(col(ActionEvent.action_id))
    )
    last_turn = turns.where(col(ActionEvent.kind).in_(sorted(_ENDING | _TAKEN_BACK)))
    is_late = () if after is None else (col(ActionEvent.at) > after,)
    found = work.find_all(
        ActionEvent, col(ActionEvent.id).in_(last_turn), col(ActionEvent.kind).in_(sorted(_ENDING)), *is_late
    )
    ended = {event.action_id: event for event in found}
    if not ended:
        return []
    of_these = (col(ActionEvent.action_id).in_(ended), col(ActionEvent.kind).in_(sorted(REPORTS)))
    last_report = turns.where(*of_these)
    reports = {one.action_id: one for one in work.find_all(ActionEvent, col(ActionEvent.id).in_(last_report))}
    reports = {number: one for number, one in reports.items() if ended[number].kind is ActionEventKind.CONFIRMED}
    said = {number: reports.get(number, event) for number, event in ended.items()}
    views = view_actions(work, None, col(Action.id).in_(ended), with_withdrawn=True)
    work.keys.fetch(work.session, (one.reason for one in said.values()))
    return [
        Ending(
            view,
            ACCEPTED[REPORTS[reports[view.id].kind]] if view.id in reports else ActionState.WITHDRAWN,
            local_time(work, panel, ended[view.id].at).date(),
            _reason_for(work, view, said[view.id]),
        )
        for view in views
    ]


#: Answers that a panel may give on an earlier action under matters arising.
_HEARD = frozenset(
    {
        ActionEventKind.CONFIRMED,
        ActionEventKind.REOPENED,
        ActionEventKind.EXTENDED,
        ActionEventKind.REASSIGNED,
        ActionEventKind.WITHDRAWN,
        ActionEventKind.NOT_YET,
    }
)


def heard_since(
    work: Work, panel_id: int, after: datetime, until: datetime | None = None
) -> dict[int, ActionEventKind]:
    """Return a dict from action id to the panel's last answer about the action between `after` and `until`.

    An answer is a step such as accepted, reopened, extended or passed on. If `until` is None, all answers since `after`
    count.
    """
    late = () if until is None else (col(ActionEvent.at) <= until,)
    rows = work.session.execute(
        select(ActionEvent.action_id, ActionEvent.kind)
        .join(Action, col(Action.id) == col(ActionEvent.action_id))
        .where(
            col(Action.panel_id) == panel_id,
            col(ActionEvent.at) >= after,
            col(ActionEvent.kind).in_(sorted(_HEARD)),
            *late,
        )
        .order_by(col(ActionEvent.id))
    )
    return {action_id: kind for action_id, kind in rows}  # noqa: C416 - rows


@dataclass(frozen=True, slots=True)
class Answer:
    """The panel's last answer about an action, and when it was given."""

    at: datetime
    action_id: int
    kind: ActionEventKind


def answers_by(work: Work, panel_id: int, person_id: int, after: datetime) -> list[Answer]:
    """Return the answers about earlier actions that this person recorded for the panel from `after` on, by time.

    An answer is left out if another person has given a later one. A report on the person's own action counts as an
    answer too.
    """
    own_report = and_(col(ActionEvent.kind) == ActionEventKind.DONE, col(ActionEvent.person_id) == person_id)
    rows = work.session.execute(
        select(ActionEvent)
        .join(Action, col(Action.id) == col(ActionEvent.action_id))
        .where(
            col(Action.panel_id) == panel_id,
            col(Action.created_at) < after,
            col(ActionEvent.at) >= after,
            or_(col(ActionEvent.kind).in_(sorted(_HEARD)), own_report),
        )
        .order_by(col(ActionEvent.id))
    ).scalars()
    last = {one.action_id: one for one in rows}
    theirs = sorted((one for one in last.values() if one.person_id == person_id), key=id_of)
    return [Answer(one.at, one.action_id, one.kind) for one in theirs]


def _reason_for(work: Work, view: ActionView, event: ActionEvent) -> str:
    # What was written about another case, before the action was corrected, is only for readers of that case.
    return opened_or_erased(work, event.reason) if event.reason and event.case_id in (None, view.case_id) else ""


def _kept(view: ActionView) -> ActionView:
    """Return a copy of the view without the action's words and case, for a holder who may not read the case."""
    report = replace(view.report, words="") if view.report else None
    return replace(view, text=_KEPT, case_id=None, case_reference=None, is_kept=True, report=report)


def _report(
    work: Work, action: Action, panel: Panel, event: ActionEvent, by_name: str | None, agency_name: str | None
) -> Report:
    # What was written about another case, before the action was corrected, is only for readers of that case.
    is_of_case = event.case_id in (None, action.case_id)
    return Report(
        id_of(event),
        local_time(work, panel, event.at).date(),
        by_name or "",
        opened_or_erased(work, event.reason) if event.reason and is_of_case else "",
        event.agency_id,
        agency_name or "",
    )


def _closed_for(work: Work, reader_id: int | None, closed: Iterable[int]) -> set[int]:
    """Return the ids of the closed items in `closed` that the reader may not read."""
    numbers = set(closed)
    return numbers - readable_cases(work, reader_id, numbers) if numbers and reader_id is not None else set()


def actions_held(work: Work, actor: Actor, numbers: Collection[int]) -> list[ActionView]:
    """Return the actions with these numbers that the person holds and may see."""
    return view_actions(
        work,
        actor.person_id,
        col(Action.id).in_(set(numbers)),
        col(Action.holder_id) == actor.person_id,
        col(Action.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.SEE_ACTIONS)]),
        with_own=True,
    )


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    """A holder's request for more time for an action."""

    action: ActionView
    due_on: date
    asker_name: str
    reason: str


def extension_asked_for(work: Work, actor: Actor, action_id: int, event_id: int, verb: Verb) -> ExtensionAsked | None:
    """Return the request for more time in this line of an action's history.

    Return None if the action is kept from the reader, or if the line is not a request for more time. Raise NotForYou if
    the reader may not do `verb` on the action's panel.
    """
    found = view_actions(work, actor.person_id, col(Action.id) == action_id, with_own=True)
    if not found:
        return None
    require(work, actor, found[0].panel_id, verb)
    event = work.session.get(ActionEvent, event_id)
    if event is None or event.due_on is None:
        return None
    asker = work.session.get(Person, event.person_id)
    # If the action was about another case when more time was asked for, the reason is only for readers of that case.
    is_of_case = event.case_id in (None, found[0].case_id)
    reason = opened_or_erased(work, event.reason) if event.reason and is_of_case else ""
    return ExtensionAsked(found[0], event.due_on, asker.name if asker else "Someone", reason)


def count_actions(work: Work, reader_id: int | None, *conditions: ColumnElement[bool], with_own: bool = False) -> int:
    """Return how many actions `view_actions` would return under these conditions."""
    return work.session.exec(
        select(func.count())
        .select_from(Action)
        .join(Case, col(Case.id) == col(Action.case_id), isouter=True)
        .where(*conditions, _IS_GIVEN, *not_kept_from(reader_id, with_own=with_own))
    ).one()


def not_kept_from(reader_id: int | None, *, with_own: bool = False) -> tuple[ColumnElement[bool], ...]:
    """Return SQL conditions on Action joined with Case, all true if the reader may see the action.

    If `reader_id` is None, there are no conditions. `with_own` includes the reader's own actions on closed items that
    they may not read, unless they declared an interest in the case.
    """
    if reader_id is None:
        return ()
    own = [and_(col(Action.holder_id) == reader_id, ~stepped_back(reader_id))] if with_own else []
    return (or_(col(Action.case_id).is_(None), readable(reader_id), *own),)


def view_action(
    work: Work,
    action: Action,
    panel: Panel,
    holder: Person | Holder,
    agency_name: str,
    case: Case | None,
    extensions: int = 0,
    report: Report | None = None,
    *,
    is_agreed: bool = False,
) -> ActionView:
    """Return the view of an action, made from rows that the caller has read.

    `is_agreed` says whether the county agreed that messages which stay in Slack may contain the words of actions.
    """
    today = today_at(work, panel)
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    return ActionView(
        id=id_of(action),
        kind=action.kind,
        text=opened_or_erased(work, action.text),
        state=action.state,
        rag=rag(action.state, action.due_on, report.on if report else today, subdivision),
        priority=action.priority,
        due_on=action.due_on,
        today=today,
        holder_id=action.holder_id,
        holder_name=holder.name,
        holder_user_id=holder.user_id,
        agency_id=action.agency_id,
        agency_name=agency_name,
        panel_id=action.panel_id,
        panel_key=panel.key,
        panel_title=panel.title,
        case_id=action.case_id,
        case_reference=case.reference if case else None,
        extensions=extensions,
        agreed_on=local_time(work, panel, action.created_at).date(),
        text_may_stay=is_agreed and not (case is not None and case.is_closed),
        report=report,
    )


def other_agencies(work: Work, action: Action | ActionView) -> list[NamedAgency]:
    """Return the agencies with people on the action's panel, except the agency that owns the action."""
    return [one for one in agencies_at(work, action.panel_id) if one.people and one.id != action.agency_id]


def opened_or_erased(work: Work, sealed: bytes) -> str:
    """Decrypt sealed text and return it, or "(erased)" if its key was destroyed, so that a list can still be shown."""
    try:
        return work.open(sealed)
    except Erased:
        return "(erased)"
