"""The agenda as rows: what must be heard is gathered from facts each time, so that nothing due is ever missed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select

from bot.domain.agenda_length import Overrun, overrun_of
from bot.domain.agenda_order import CaseForAgenda, PlannedItem, plan_agenda, timetable
from bot.domain.permissions import Verb
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.panels import Panel
from bot.models.people import Area
from bot.models.vocabulary import DecisionKind, FlagState, ItemState, MeetingState
from bot.store.access import readable
from bot.store.casebook import FlagView, last_heard_on, view_flag
from bot.store.closed_items import name_readers
from bot.store.diary import local_time
from bot.store.folding import take_along
from bot.store.people import members_who_may
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

LIVE_FLAGS = (FlagState.OPEN, FlagState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class ItemView:
    """One line of an agenda for one reader."""

    id: int
    position: int  #: among the lines this reader sees, from 1
    section: str
    title: str
    prompt: str  #: what the chair is reminded to cover
    minutes: int
    starts_at: datetime  #: the panel's own time, if the meeting keeps to its plan
    state: ItemState
    flag: FlagView | None


def gather_due(work: Work, panel: Panel, meeting: Meeting) -> int:
    """Put on a coming meeting whatever is owed a hearing there; the number of flags added.

    Cases retained for review by then, flags that an earlier meeting did not come to, and cases that other panels sent.
    Derived from what was decided, never from a list that could be out of date.
    """
    day = local_time(work, panel, meeting.starts_at).date()
    owed = _decided(work, [id_of(panel)], [DecisionKind.RETAIN], col(Decision.review_on) <= day)
    added = 0
    for flag, decision in owed:
        added += _flag_again(work, flag, panel, meeting, FlagState.ACCEPTED, decision)
    for flag in _unheard(work, panel):
        added += _flag_again(work, flag, panel, meeting, flag.state, None)
        take_along(work, flag.case_id, flag.meeting_id, id_of(meeting))
    receives = work.definition(panel.definition).receives
    if receives:
        for flag, decision in _decided(work, _panels_below(work, panel), receives):
            if _goes_elsewhere(work, flag.panel_id, decision.kind, panel):
                continue
            added += _flag_again(work, flag, panel, meeting, FlagState.OPEN, decision)
    if DecisionKind.RETURN in receives:
        own_cases = col(Flag.case_id).in_(select(Case.id).where(col(Case.area_id) == panel.area_id))
        for flag, decision in _decided(work, _panels_above(work, panel), [DecisionKind.RETURN], own_cases):
            added += _flag_again(work, flag, panel, meeting, FlagState.OPEN, decision)
    return added


def compile_items(work: Work, panel: Panel, meeting: Meeting) -> list[AgendaItem]:
    """Lay the agenda of a meeting that has not begun out again, from its accepted flags."""
    definition = work.definition(panel.definition)
    day = local_time(work, panel, meeting.starts_at).date()
    before = {
        (item.flag_id or item.section): item
        for item in work.session.exec(select(AgendaItem).where(col(AgendaItem.meeting_id) == id_of(meeting)))
    }
    for item in before.values():
        item.position = -item.position  # out of the way of the new order
    work.session.flush()
    rows = work.session.execute(
        select(Flag, Case)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id) == id_of(meeting), col(Flag.state) == FlagState.ACCEPTED)
    )
    cases = [
        CaseForAgenda(
            flag_id=id_of(flag),
            reference=case.reference,
            urgency=flag.urgency,
            risk_level=flag.risk_level,
            assessed_on=flag.assessed_on,
            last_heard_on=last_heard_on(work, case, meeting),
            escalated=flag.is_escalated,
            presenter_id=flag.person_id,
        )
        for flag, case in rows
    ]
    items = []
    for position, planned in enumerate(plan_agenda(definition, cases, meeting_on=day), start=1):
        # A line that was there stays the same line: when a meeting was postponed, notes hang on it.
        facts: dict[str, Any] = {
            "position": position,
            "section": planned.section_key,
            "title": planned.title,
            "minutes": planned.minutes,
            "flag_id": planned.flag_id,
        }
        kept = before.pop(planned.flag_id or planned.section_key, None)
        if kept is None:
            items.append(AgendaItem(meeting_id=id_of(meeting), **facts))
        else:
            items.append(kept.sqlmodel_update(facts))
    for item in before.values():
        work.session.delete(item)
    work.session.add_all(items)
    work.session.flush()
    return items


def view_items(work: Work, reader_id: int | None, panel: Panel, meeting: Meeting) -> tuple[ItemView, ...]:
    """The agenda as this reader may see it: what is kept from them is not there, and leaves no gap in the numbers.

    No reader means the record itself, for minutes that are sealed part by part.
    """
    query = (
        select(AgendaItem, Flag, Case)
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id), isouter=True)
        .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
        .where(col(AgendaItem.meeting_id) == id_of(meeting))
        .order_by(col(AgendaItem.position))
    )
    if reader_id is not None:
        query = query.where(or_(col(AgendaItem.flag_id).is_(None), readable(reader_id)))
    rows = work.session.execute(query).all()
    prompts = {section.key: section.prompt for section in work.definition(panel.definition).agenda}
    plan = [PlannedItem(item.section, item.title, item.minutes, item.flag_id) for item, _, _ in rows]
    starts = timetable(plan, local_time(work, panel, meeting.starts_at))
    return tuple(
        ItemView(
            id=id_of(item),
            position=position,
            section=item.section,
            title=item.title,
            prompt=prompts.get(item.section, ""),
            minutes=item.minutes,
            starts_at=starts_at,
            state=item.state,
            flag=view_flag(work, flag, case, panel, meeting) if flag is not None else None,
        )
        for position, ((item, flag, case), starts_at) in enumerate(zip(rows, starts, strict=True), start=1)
    )


def overrun_at(work: Work, panel: Panel, meeting: Meeting, items: Sequence[ItemView]) -> Overrun | None:
    """By how much these items exceed the meeting as it stands in the diary."""
    length = int((meeting.ends_at - meeting.starts_at).total_seconds()) // 60
    titles = {section.key: section.title for section in work.definition(panel.definition).agenda}
    return overrun_of(items, length, titles)


def _decided(
    work: Work, panel_ids: Iterable[int], kinds: Iterable[DecisionKind], *conditions: ColumnElement[bool]
) -> list[tuple[Flag, Decision]]:
    rows = work.session.execute(
        select(Flag, Decision)
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id))
        .join(Decision, col(Decision.item_id) == col(AgendaItem.id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            col(Flag.panel_id).in_(list(panel_ids)),
            col(Meeting.state) == MeetingState.CLOSED,
            col(Decision.undone_at).is_(None),
            col(Decision.kind).in_(list(kinds)),
            *conditions,
        )
        .order_by(col(Decision.id))
    )
    return [(flag, decision) for flag, decision in rows]


def _unheard(work: Work, panel: Panel) -> list[Flag]:
    """Flags whose meeting is over, or never was held, without the case having been discussed."""
    over = or_(
        col(Meeting.state) == MeetingState.CLOSED,
        (col(Meeting.state) == MeetingState.SCHEDULED) & (col(Meeting.ends_at) <= work.now),
        # What was flagged in the very moment in which the meeting was cancelled is heard all the same.
        col(Meeting.state) == MeetingState.CANCELLED,
    )
    rows = work.session.exec(
        select(Flag)
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id), isouter=True)
        .where(
            col(Flag.panel_id) == id_of(panel),
            col(Flag.state).in_(LIVE_FLAGS),
            over,
            or_(col(AgendaItem.id).is_(None), col(AgendaItem.state) != ItemState.DISCUSSED),
        )
        .order_by(col(Flag.id))
    )
    return list(rows)


def _panels_below(work: Work, panel: Panel) -> list[int]:
    """Panels of the same area and of the areas in it."""
    area = aliased(Area)
    rows = work.session.exec(
        select(Panel.id)
        .join(area, col(Panel.area_id) == area.id)
        .where(
            or_(area.id == panel.area_id, area.parent_id == panel.area_id),
            col(Panel.id) != id_of(panel),
        )
    )
    return [panel_id for panel_id in rows if panel_id is not None]


def _goes_elsewhere(work: Work, sender_id: int, kind: DecisionKind, panel: Panel) -> bool:
    """Whether the deciding panel escalates to another panel that receives such decisions, itself or further up.

    Without a choice, every panel that receives the decision gets it: rather twice than not at all.
    """
    above = work.session.get_one(Panel, sender_id).escalates_to_id
    passed: set[int] = set()
    while above is not None and above not in passed:
        passed.add(above)
        chosen = work.session.get_one(Panel, above)
        definition = work.definitions.get(chosen.definition)
        receives = chosen.is_active and definition is not None and kind in definition.receives
        if receives and sender_id in _panels_below(work, chosen):
            return chosen.id != panel.id
        above = chosen.escalates_to_id
    return False


def _panels_above(work: Work, panel: Panel) -> list[int]:
    """Panels of the area that this panel's area lies in."""
    area = work.session.get_one(Area, panel.area_id)
    rows = work.session.exec(select(Panel.id).where(col(Panel.area_id) == area.parent_id))
    return [panel_id for panel_id in rows if panel_id is not None]


def _flag_again(
    work: Work, flag: Flag, panel: Panel, meeting: Meeting, state: FlagState, decision: Decision | None
) -> int:
    """Copy a flag to a coming meeting, unless the panel has had the case before it since. One when it was added."""
    source, is_unheard = work.session.get_one(Meeting, flag.meeting_id), literal(decision is None)
    newer = work.session.exec(
        select(Flag.id)
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            col(Flag.case_id) == flag.case_id,
            col(Flag.panel_id) == id_of(panel),
            col(Flag.id) > id_of(flag),
            or_(
                col(Flag.meeting_id) == id_of(meeting),
                # An agency's own withdrawal does not undo what the panel decided, and takes back what nobody heard.
                (col(Meeting.starts_at) > source.starts_at)
                & ((col(Flag.state) != FlagState.WITHDRAWN) | (is_unheard & (col(Flag.agency_id) == flag.agency_id))),
                # What was sent here once was triaged here once.
                col(Flag.is_escalated) & (col(Flag.flagged_at) > (decision.decided_at if decision else work.now)),
            ),
        )
    ).first()
    if newer is not None:
        return 0
    sent_up = flag.panel_id != id_of(panel) and decision is not None and decision.kind is not DecisionKind.RETURN
    work.session.add(
        Flag(
            case_id=flag.case_id,
            panel_id=id_of(panel),
            meeting_id=id_of(meeting),
            agency_id=flag.agency_id,
            person_id=flag.person_id,
            state=state,
            urgency=flag.urgency,
            is_escalated=sent_up,
            risk_tool=flag.risk_tool,
            risk_level=decision.risk_after if decision and decision.risk_after else flag.risk_level,
            score=flag.score,
            assessed_on=flag.assessed_on,
            judgement=flag.judgement,
            asked_of_panel=flag.asked_of_panel,
            themes=list(flag.themes),
            missing_episodes=flag.missing_episodes,
            interviews_offered=flag.interviews_offered,
            interviews_within_72h=flag.interviews_within_72h,
            flagged_at=work.now,
        )
    )
    work.session.flush()
    case = work.session.get_one(Case, flag.case_id)
    if case.is_closed and flag.panel_id != id_of(panel):
        # Whoever decided to send it on decided that the receiving chairs read it: somebody there must triage it.
        chairs = members_who_may(work, id_of(panel), Verb.TRIAGE)
        name_readers(work, id_of(case), [id_of(person) for person in chairs])
    return 1
