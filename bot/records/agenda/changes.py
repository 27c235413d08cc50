"""The agenda as rows, laid out from what was accepted; a case more may come at the end of one that is being held."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from bot.domain.agenda_order import CaseForAgenda, PlannedItem, plan_agenda
from bot.domain.risk import HIGHEST
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState
from bot.records.access.queries import local_time
from bot.records.cases.queries import FLAGS_AND_CASES, days_heard, last_before
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work

_UNSEEN = {"synchronize_session": False}  # no line that is changed beside the session is still in it


def compile_items(work: Work, panel: Panel, meeting: Meeting) -> None:
    """Lay the agenda of a meeting that has not begun out again, from its accepted flags."""
    definition = work.definition(panel.definition)
    day = local_time(work, panel, meeting.starts_at).date()
    accepted = (col(Flag.meeting_id) == id_of(meeting), col(Flag.state) == FlagState.ACCEPTED)
    rows = work.session.execute(FLAGS_AND_CASES.where(*accepted)).all()
    heard = days_heard(work, {id_of(case) for _, case in rows})
    cases = [_for_agenda(work, flag, case, heard.get(id_of(case), ()), meeting) for flag, case in rows]
    plan = plan_agenda(definition, cases, meeting_on=day)
    if meeting.is_extraordinary:
        plan = tuple(one for one in plan if one.flag_id is not None)
    _lay_out(work, meeting, plan)


def add_line(work: Work, panel: Panel, meeting: Meeting, flag: Flag, case: Case) -> None:
    """Add a case at the end of the agenda of a meeting that is being held."""
    day = local_time(work, panel, meeting.starts_at).date()
    heard = days_heard(work, [flag.case_id]).get(flag.case_id, ())
    plan = plan_agenda(
        work.definition(panel.definition), [_for_agenda(work, flag, case, heard, meeting)], meeting_on=day
    )
    planned = next(one for one in plan if one.flag_id == flag.id)
    last = work.session.exec(select(func.max(AgendaItem.position)).where(col(AgendaItem.meeting_id) == meeting.id))
    work.session.add(
        AgendaItem(
            meeting_id=id_of(meeting),
            position=(last.one() or 0) + 1,
            section=planned.section_key,
            title=planned.title,
            minutes=planned.minutes,
            flag_id=planned.flag_id,
        )
    )
    work.session.flush()


def _for_agenda(work: Work, flag: Flag, case: Case, heard: Sequence[datetime], meeting: Meeting) -> CaseForAgenda:
    risk = work.risk(flag.risk_tool, flag.risk_level)
    return CaseForAgenda(
        flag_id=id_of(flag),
        reference=case.reference,
        urgency=flag.urgency,
        below_highest=risk.below_highest if risk else HIGHEST,
        assessed_on=flag.assessed_on,
        last_heard_on=last_before(heard, meeting),
        escalated=flag.is_escalated,
        presenter_id=flag.person_id,
    )


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
