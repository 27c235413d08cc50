"""The agenda as rows: laid out from the flags that were accepted, and seen by each reader as they may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, or_, select

from bot.domain.agenda_length import Overrun, Timed, overrun_of
from bot.domain.agenda_order import CaseForAgenda, PlannedItem, plan_agenda, timetable
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState, ItemState
from bot.records.access.clocks import local_time
from bot.records.access.queries import readable
from bot.records.cases.queries import FlagView, days_heard, last_before, view_flags
from bot.store.pages import WHOLE, Page
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work

LIVE_FLAGS = (FlagState.OPEN, FlagState.ACCEPTED)
_UNSEEN = {"synchronize_session": False}  # no line that is changed beside the session is still in it


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


def compile_items(work: Work, panel: Panel, meeting: Meeting) -> None:
    """Lay the agenda of a meeting that has not begun out again, from its accepted flags."""
    definition = work.definition(panel.definition)
    day = local_time(work, panel, meeting.starts_at).date()
    rows = work.session.execute(
        select(Flag, Case)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id) == id_of(meeting), col(Flag.state) == FlagState.ACCEPTED)
    ).all()
    heard = days_heard(work, {id_of(case) for _, case in rows})
    cases = [
        CaseForAgenda(
            flag_id=id_of(flag),
            reference=case.reference,
            urgency=flag.urgency,
            risk_level=flag.risk_level,
            assessed_on=flag.assessed_on,
            last_heard_on=last_before(heard.get(id_of(case), ()), meeting),
            escalated=flag.is_escalated,
            presenter_id=flag.person_id,
        )
        for flag, case in rows
    ]
    _lay_out(work, meeting, plan_agenda(definition, cases, meeting_on=day))


def _lay_out(work: Work, meeting: Meeting, plan: Sequence[PlannedItem]) -> None:
    """Make the agenda's lines these. A line that was there stays the same: in a postponed meeting, notes hang on it."""
    before: dict[object, int] = {
        flag_id or section: number
        for number, flag_id, section in work.session.execute(
            select(AgendaItem.id, AgendaItem.flag_id, AgendaItem.section).where(
                col(AgendaItem.meeting_id) == id_of(meeting)
            )
        )
    }
    changed: list[dict[str, Any]] = []
    added: list[AgendaItem] = []
    for position, planned in enumerate(plan, start=1):
        facts: dict[str, Any] = {
            "position": position,
            "section": planned.section_key,
            "title": planned.title,
            "minutes": planned.minutes,
            "flag_id": planned.flag_id,
        }
        kept = before.pop(planned.flag_id or planned.section_key, None)
        if kept is None:
            added.append(AgendaItem(meeting_id=id_of(meeting), **facts))
        else:
            changed.append({"id": kept, **facts})
    for item in [one for one in work.session if isinstance(one, AgendaItem)]:
        work.session.expire(item)
    # Out of the way of the new order, since no two lines may have one position even for a moment.
    aside = update(AgendaItem).where(col(AgendaItem.meeting_id) == id_of(meeting))
    work.session.execute(aside.values(position=-col(AgendaItem.position)), execution_options=_UNSEEN)
    if before:
        gone = delete(AgendaItem).where(col(AgendaItem.id).in_(list(before.values())))
        work.session.execute(gone, execution_options=_UNSEEN)
    if changed:
        work.session.execute(update(AgendaItem), changed)
    add_rows(work.session, added)


def lines_for(work: Work, reader_id: int | None, meeting: Meeting) -> list[AgendaItem]:
    """The lines of an agenda as this reader may see it: what is kept from them is not there.

    No reader means the record itself, for minutes that are sealed part by part.
    """
    query = select(AgendaItem).where(col(AgendaItem.meeting_id) == id_of(meeting)).order_by(col(AgendaItem.position))
    if reader_id is not None:
        query = (
            query.join(Flag, col(Flag.id) == col(AgendaItem.flag_id), isouter=True)
            .join(Case, col(Case.id) == col(Flag.case_id), isouter=True)
            .where(or_(col(AgendaItem.flag_id).is_(None), readable(reader_id)))
        )
    return list(work.session.exec(query))


def view_items(
    work: Work,
    reader_id: int | None,
    panel: Panel,
    meeting: Meeting,
    *,
    lines: Sequence[AgendaItem] | None = None,
    page: Page = WHOLE,
    with_words: bool = True,
) -> tuple[ItemView, ...]:
    """The agenda as this reader may see it, without a gap in its numbers; of its cases only those on the page are read.

    `lines` are those of `lines_for`, where they were read already. Without words, what agencies wrote stays sealed.
    """
    if lines is None:
        lines = lines_for(work, reader_id, meeting)
    prompts = {section.key: section.prompt for section in work.definition(panel.definition).agenda}
    plan = [PlannedItem(item.section, item.title, item.minutes, item.flag_id) for item in lines]
    starts = timetable(plan, local_time(work, panel, meeting.starts_at))
    last = len(lines) if page.most is None else page.first + page.most
    shown = list(enumerate(zip(lines, starts, strict=True), start=1))[page.first : last]
    flags = _flags_of(work, panel, meeting, [item for _, (item, _) in shown], with_words=with_words)
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
            flag=flags[item.flag_id] if item.flag_id is not None else None,
        )
        for position, (item, starts_at) in shown
    )


def _flags_of(
    work: Work, panel: Panel, meeting: Meeting, lines: Sequence[AgendaItem], *, with_words: bool
) -> dict[int, FlagView]:
    rows = work.session.execute(
        select(Flag, Case)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.id).in_([item.flag_id for item in lines if item.flag_id is not None]))
    ).all()
    views = view_flags(work, [(flag, case, panel, meeting) for flag, case in rows], with_words=with_words)
    return {view.id: view for view in views}


def overrun_at(work: Work, panel: Panel, meeting: Meeting, items: Sequence[Timed]) -> Overrun | None:
    """By how much these items exceed the meeting as it stands in the diary."""
    length = int((meeting.ends_at - meeting.starts_at).total_seconds()) // 60
    titles = {section.key: section.title for section in work.definition(panel.definition).agenda}
    return overrun_of(items, length, titles)
