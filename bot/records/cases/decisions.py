"""Decisions as people see them, and which decisions bring a case back to a meeting."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Exists, and_, cast, exists, extract, or_
from sqlalchemy import select as tables_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.decisions import excluded_by
from bot.domain.risk import Risk, RiskKey
from bot.models.actions import Action
from bot.models.cases import Flag
from bot.models.meetings import AgendaItem, Decision, Meeting, Note
from bot.models.vocabulary import ActionState, AdultRoute, CloseReason, DecisionKind, FlagState, ItemState
from bot.records.actions.queries import opened_or_erased
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class DecidedLevel:
    """The risk level that a panel decided on. `assessed_on` is set if the panel made the assessment itself."""

    risk: RiskKey
    assessed_on: date | None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A panel's decision on an item, with its rationale decrypted."""

    id: int
    kind: DecisionKind
    rationale: str
    review_on: date | None  #: the day by which it is reviewed or done
    close_reason: CloseReason | None
    adult_route: AdultRoute | None
    area: str  #: the area to which a case is transferred
    risk_before: Risk | None
    risk_after: Risk | None
    risk_assessed_on: date | None  #: when the level after was assessed, if the panel assessed it itself
    risk_judgement: str  #: what the panel says of the level after
    decided_at: datetime


#: Aliases for a second row of a table in one query. They are made once, since SQLAlchemy makes one from every column.
_NEWER, _THERE = aliased(Flag), aliased(Meeting)
_LATER, _ITEM, _FLAG = aliased(Decision), aliased(AgendaItem), aliased(Flag)
_HEARD_ITEM, _HEARING = aliased(AgendaItem), aliased(Flag)

#: The SQL condition on Decision, true if it is in force: neither undone nor replaced by another.
STANDS: Final = and_(col(Decision.undone_at).is_(None), col(Decision.superseded_by_id).is_(None))
#: The SQL condition on Note, true if it is in force: neither taken back nor replaced by another.
NOTE_STANDS: Final = and_(col(Note.undone_at).is_(None), col(Note.superseded_by_id).is_(None))
#: The SQL condition on AgendaItem, true if its record has a line in force or an action, so that it was discussed.
HAS_RECORD: Final = or_(
    exists().where(col(Note.item_id) == col(AgendaItem.id), NOTE_STANDS),
    exists().where(col(Action.item_id) == col(AgendaItem.id), col(Action.state) != ActionState.WITHDRAWN),
)
#: The SQL condition on AgendaItem, true if the meeting came to the item, even if only for a moment.
IS_ITEM_HEARD: Final = or_(
    col(AgendaItem.state) == ItemState.DISCUSSED, col(AgendaItem.reached_at).is_not(None), HAS_RECORD
)
#: The SQL condition on Flag, true if the flag's meeting heard its case.
IS_FLAG_HEARD: Final = exists().where(col(AgendaItem.flag_id) == col(Flag.id), IS_ITEM_HEARD).correlate(Flag)
#: The SQL condition on Decision and AgendaItem, true if the decision is in force and belongs to the item.
IS_DECIDED: Final = and_(col(Decision.item_id) == col(AgendaItem.id), STANDS)
#: The SQL condition on Flag, true if a decision is in force where the flag's case was heard.
IS_FLAG_DECIDED: Final = exists().where(col(AgendaItem.flag_id) == col(Flag.id), IS_DECIDED)


def levels_decided(work: Work, flag_ids: Collection[int]) -> dict[int, DecidedLevel]:
    """Return a dict from flag id to the risk level that the panel decided on when the flag's case was heard.

    If there are several decisions in force, the last one counts. Flags that had no level before the decision are left
    out.
    """
    after = (col(Decision.risk_tool_after), col(Decision.risk_after), col(Decision.risk_assessed_on))
    query = tables_select(col(AgendaItem.flag_id), *after).join(Decision, IS_DECIDED)
    known = (col(Decision.risk_before).is_not(None), col(Decision.risk_after).is_not(None))
    rows = work.session.execute(query.where(col(AgendaItem.flag_id).in_(flag_ids), *known).order_by(col(Decision.id)))
    found: dict[int, DecidedLevel] = {}
    for flag_id, tool, level, assessed_on in rows:
        before = found.get(flag_id)
        if assessed_on is None and before is not None and before.risk == (tool, level):
            continue  # this decision took over the level, with its day, from the one before
        found[flag_id] = DecidedLevel((tool, level), assessed_on)
    return found


def comes_back(meeting: Meeting, day: date) -> ColumnElement[bool]:
    """Return the SQL condition on Decision, Flag and Meeting, true if the decision brings its case to `meeting`.

    A decision with a date brings its case to the panel's first meeting on or after that date. A transfer brings its
    case to every meeting. A later decision of the panel can end either of the two. `day` is the date of `meeting`. Days
    begin at midnight UTC, as in `last_before`.
    """
    at_it = col(_NEWER.meeting_id) == id_of(meeting)
    # Flags that agencies made to that meeting themselves were not brought there by a decision.
    has_come = _is_before_panel(or_(and_(at_it, is_brought_by(_NEWER)), and_(~at_it, _HEARD_SINCE)))
    is_due = or_(col(Decision.kind) == DecisionKind.TRANSFER, col(Decision.review_on) <= day)
    return and_(is_due, ~has_come.correlate(Flag, Meeting, Decision), ~_is_ended().correlate(Flag, Decision))


def is_brought_by(newer: type[Flag]) -> ColumnElement[bool]:
    """Return the SQL condition on Flag and `newer`, true if `newer` was copied from this flag or a later one.

    The later flag must be of the same case and panel.
    """
    return exists().where(
        col(_HEARING.id) == col(newer.origin_id),
        col(_HEARING.panel_id) == col(Flag.panel_id),
        col(_HEARING.id) >= col(Flag.id),
    )


def came_back(here: type[Flag], at: type[Meeting]) -> ColumnElement[bool]:
    """Return the SQL condition on Decision, Flag and Meeting, true if the decision brought its case to a past meeting.

    The rule is the same as in `comes_back`. `at` is the past meeting, and `here` is the case's flag to that meeting.
    The condition is false if the decision brought the case to an earlier meeting before, and that meeting discussed the
    case or its chair signposted the flag.
    """
    came_before = _is_before_panel(and_(_HEARD_SINCE, _IS_DONE_WITH, col(_THERE.starts_at) < col(at.starts_at)))
    ended_before = _is_ended().where(
        col(_FLAG.meeting_id) != col(here.meeting_id), col(_LATER.decided_at) < col(at.starts_at)
    )
    is_due = or_(
        col(Decision.kind) == DecisionKind.TRANSFER,
        _seconds(col(Decision.review_on)) <= _seconds(col(at.starts_at)),
    )
    return and_(
        is_due,
        ~came_before.correlate(Flag, Meeting, Decision, here, at),
        ~ended_before.correlate(Flag, Decision, here, at),
    )


def _is_before_panel(when: ColumnElement[bool]) -> Exists:
    """Return the SQL condition on Flag, true if this flag or a newer flag of its case meets `when`.

    The newer flag must be to the same panel.
    """
    return exists(select(_NEWER.id).join(_THERE, col(_THERE.id) == col(_NEWER.meeting_id))).where(
        col(_NEWER.case_id) == col(Flag.case_id),
        col(_NEWER.panel_id) == col(Flag.panel_id),
        col(_NEWER.id) >= col(Flag.id),
        when,
    )


def _seconds(moment: Any) -> ColumnElement[Any]:
    return cast(extract("epoch", moment), BigInteger)


#: The SQL condition on a Decision and a later flag of its case, true if the flag's meeting was not before the
#: decision's date. A transfer has no date, so the condition is never true for it.
_HEARD_SINCE: Final = and_(
    col(Decision.kind) != DecisionKind.TRANSFER,
    col(_NEWER.state) != FlagState.WITHDRAWN,  # an agency's own withdrawal does not undo what the panel decided
    col(_THERE.starts_at) > col(Meeting.starts_at),
    _seconds(col(_THERE.starts_at)) >= _seconds(col(Decision.review_on)),
)
#: The SQL condition on a later flag of a case, true if its meeting discussed the case or the chair signposted it.
_IS_DONE_WITH: Final = or_(
    col(_NEWER.state) == FlagState.SIGNPOSTED,
    exists().where(col(_HEARD_ITEM.flag_id) == col(_NEWER.id), col(_HEARD_ITEM.state) == ItemState.DISCUSSED),
)


def _is_ended() -> Exists:
    """Return the SQL condition on Decision and Flag, true if a later decision of the panel ends this decision."""
    excludes = or_(
        *(and_(col(Decision.kind) == kind, col(_LATER.kind).in_(sorted(excluded_by(kind)))) for kind in DecisionKind)
    )
    return exists(
        select(_LATER.id)
        .join(_ITEM, col(_ITEM.id) == col(_LATER.item_id))
        .join(_FLAG, col(_FLAG.id) == col(_ITEM.flag_id))
    ).where(
        col(_FLAG.case_id) == col(Flag.case_id),
        col(_FLAG.panel_id) == col(Flag.panel_id),
        col(_LATER.id) > col(Decision.id),
        col(_LATER.undone_at).is_(None),
        col(_LATER.superseded_by_id).is_(None),
        excludes,
    )


def decisions_in_force(work: Work, item_ids: Collection[int]) -> list[Decision]:
    """Return the decisions in force on agenda items, in the order they were made."""
    return work.find_all(Decision, col(Decision.item_id).in_(item_ids), STANDS, by=[col(Decision.id)])


def standing_decisions(
    work: Work, item_ids: Collection[int], *, with_words: bool = True
) -> dict[int, tuple[DecisionView, ...]]:
    """Return a dict from agenda item id to the item's decisions in force, in the order they were made.

    Items without decisions in force are left out.
    """
    rows = decisions_in_force(work, item_ids)
    return _view_decisions(work, ((row.item_id, row) for row in rows), with_words=with_words)


def decisions_of_flags(
    work: Work, flag_ids: Collection[int], *, with_words: bool = True
) -> dict[int, tuple[DecisionView, ...]]:
    """Return a dict from flag id to the decisions in force on the item where the flag's case was heard.

    The decisions are in the order in which they were made.
    """
    query = select(AgendaItem.flag_id, Decision).join(Decision, IS_DECIDED).where(col(AgendaItem.flag_id).in_(flag_ids))
    rows = work.session.execute(query.order_by(col(Decision.id)))
    return _view_decisions(work, ((flag_id, decision) for flag_id, decision in rows), with_words=with_words)


def _view_decisions(
    work: Work, decisions: Iterable[tuple[int, Decision]], *, with_words: bool
) -> dict[int, tuple[DecisionView, ...]]:
    rows = list(decisions)
    if with_words:
        sealed = (words for _, one in rows for words in (one.rationale, one.area, one.risk_judgement) if words)
        work.keys.fetch(work.session, sealed)
    views = grouped((number, view_decision(work, one, with_words=with_words)) for number, one in rows)
    return {number: tuple(made) for number, made in views.items()}


def view_decision(work: Work, decision: Decision, *, with_words: bool = True) -> DecisionView:
    """Return the view of a decision. If `with_words` is False, what people wrote is left empty."""
    return DecisionView(
        id=id_of(decision),
        kind=decision.kind,
        rationale=opened_or_erased(work, decision.rationale) if with_words else "",
        review_on=decision.review_on,
        close_reason=decision.close_reason,
        adult_route=decision.adult_route,
        area=opened_or_erased(work, decision.area) if with_words and decision.area else "",
        risk_before=work.risk(decision.risk_tool_before, decision.risk_before),
        risk_after=work.risk(decision.risk_tool_after, decision.risk_after),
        risk_assessed_on=decision.risk_assessed_on,
        risk_judgement=opened_or_erased(work, decision.risk_judgement)
        if with_words and decision.risk_judgement
        else "",
        decided_at=decision.decided_at,
    )
