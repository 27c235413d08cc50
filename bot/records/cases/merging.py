"""Merging two references of one child: every row that refers to one case then refers to the other.

The row of the old reference stays and leads to the case that is kept. Its data key stays too, since it opens what was
sealed before.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, func, or_, update
from sqlalchemy import case as sql_case
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col, select

from bot.domain.flag_state import LIVE_STATES
from bot.models.actions import Action, ActionEvent
from bot.models.cases import AccessEvent, AgencyReference, Case, CaseReader, Flag, NrmReferral, Recusal
from bot.models.meetings import AgendaItem, Meeting
from bot.models.minutes import AmendmentSlip, Correction, MinutesPart
from bot.models.outbox import SlackFileCase
from bot.models.panels import ReadingAsked
from bot.models.vocabulary import MeetingState
from bot.records.cases.nrm import facts_of
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: Aliases for a second row of a table in one query. They are made once, since SQLAlchemy makes one from every column.
_THERE, _HELD = aliased(Flag), aliased(Recusal)
#: Loaded rows that such a statement changes are read again.
_RELOADED: Final = {"synchronize_session": "fetch"}


def contradicting_referrals(work: Work, old: Case, kept: Case) -> list[NrmReferral]:
    """Return the old case's NRM referrals that contradict the kept case's referral of the same day, sorted by day."""
    rows = work.find_all(
        NrmReferral, col(NrmReferral.case_id).in_([id_of(old), id_of(kept)]), by=[col(NrmReferral.referred_on)]
    )
    theirs = {row.referred_on: row for row in rows if row.case_id == kept.id}
    return [
        row
        for row in rows
        if row.case_id == old.id
        and (same := theirs.get(row.referred_on)) is not None
        and facts_of(same) != facts_of(row)
    ]


def move_rows(work: Work, old: Case, kept: Case) -> None:
    """Move all rows of the old case to the kept one: flags, actions, referrals, minutes, interests, files and more.

    The caller has checked that no coming meeting has live flags of both cases, and that no referrals contradict each
    other.
    """
    _move_flags(work, old, kept)
    _move_interests(work, old, kept)
    # A referral that both cases have is kept once.
    _move_unless_there(work, NrmReferral, "referred_on", old, kept)
    _move_unless_there(work, ReadingAsked, "place_id", old, kept)
    _move_unless_there(work, SlackFileCase, "file_id", old, kept)
    _move_unless_there(work, AgencyReference, "agency_id", old, kept)
    for model in (Action, ActionEvent, AccessEvent, MinutesPart, Correction, AmendmentSlip):
        column: Any = model.case_id
        work.session.execute(update(model).where(column == old.id).values(case_id=kept.id))
    corrected = update(ActionEvent).where(col(ActionEvent.before_case_id) == old.id)
    work.session.execute(corrected.values(before_case_id=kept.id))
    work.session.execute(delete(CaseReader).where(col(CaseReader.case_id) == old.id))
    leading = update(Case).where(col(Case.merged_into_id) == old.id)
    work.session.execute(leading.values(merged_into_id=kept.id))


def _move_flags(work: Work, old: Case, kept: Case) -> None:
    """Move the old case's flags to the kept case.

    Each flag remembers the old reference. Agendas of coming meetings show the kept reference.
    """
    flags, of_old, of_kept = col(Flag.id), col(Flag.case_id) == old.id, col(Flag.case_id) == kept.id
    to_come = select(Meeting.id).where(col(Meeting.state).in_([MeetingState.SCHEDULED, MeetingState.OPEN]))
    listed = (col(AgendaItem.flag_id).in_(select(flags).where(of_old)), col(AgendaItem.meeting_id).in_(to_come))
    work.session.execute(update(AgendaItem).where(*listed).values(title=kept.reference), execution_options=_RELOADED)
    moments = select(col(Flag.panel_id), col(Flag.flagged_at))
    theirs = {(panel_id, at) for panel_id, at in work.session.execute(moments.where(of_kept))}
    rows = work.session.execute(moments.add_columns(flags).where(of_old).order_by(flags)).all()
    taken = theirs | {(panel_id, at) for panel_id, at, _ in rows}
    moved = [
        {"id": number, "flagged_at": _next_free(taken, panel_id, at)}
        for panel_id, at, number in rows
        if (panel_id, at) in theirs
    ]
    if moved:
        work.session.execute(update(Flag), moved)
    hearing = select(col(_THERE.meeting_id)).where(col(_THERE.case_id) == kept.id, col(_THERE.state).in_(LIVE_STATES))
    is_apart = and_(col(Flag.state).in_(LIVE_STATES), col(Flag.meeting_id).in_(hearing))
    values = {
        "is_apart": or_(col(Flag.is_apart), is_apart),
        "named_id": func.coalesce(col(Flag.named_id), old.id),
        "case_id": kept.id,
    }
    work.session.execute(update(Flag).where(of_old).values(values), execution_options=_RELOADED)


def _next_free(taken: set[tuple[int, datetime]], panel_id: int, moment: datetime) -> datetime:
    """Return the first moment that is not in `taken` for the panel, starting at `moment`. Add it to `taken`.

    A panel can't have two flags of one case with the same moment.
    """
    while (panel_id, moment) in taken:
        moment += timedelta(microseconds=1)
    taken.add((panel_id, moment))
    return moment


def _move_interests(work: Work, old: Case, kept: Case) -> None:
    """Move declared interests to the kept case.

    If a person has declared an interest in both cases, the moved one ends.
    """
    of_old, standing = col(Recusal.case_id) == old.id, col(Recusal.withdrawn_at).is_(None)
    people = select(col(_HELD.person_id)).where(col(_HELD.case_id) == kept.id, col(_HELD.withdrawn_at).is_(None))
    ended = update(Recusal).where(of_old, standing, col(Recusal.person_id).in_(people))
    declared_on = col(Recusal.declared_at)
    at = sql_case((declared_on > work.now, declared_on), else_=work.now)
    work.session.execute(ended.values(withdrawn_at=at), execution_options=_RELOADED)
    work.session.execute(update(Recusal).where(of_old).values(case_id=kept.id))


def _move_unless_there(work: Work, model: type[SQLModel], about: str, old: Case, kept: Case) -> None:
    """Move the rows of a table to the kept case. A row that the kept case already has is deleted instead.

    Two rows are the same if their values in the column `about` are equal.
    """
    columns: Any = model
    of_old, of_kept = columns.case_id == old.id, columns.case_id == kept.id
    known = work.session.execute(select(getattr(columns, about)).where(of_kept)).scalars().all()
    work.session.execute(delete(model).where(of_old, getattr(columns, about).in_(known)))
    work.session.execute(update(model).where(of_old).values(case_id=kept.id))
