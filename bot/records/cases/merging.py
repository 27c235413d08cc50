"""Merging two references of one child: every row of one case becomes a row of the other.

The row of the old reference stays and leads to the case that is kept. Its data key stays too, since it opens what was
sealed before.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
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


def contradicting_referrals(work: Work, old: Case, kept: Case) -> list[NrmReferral]:
    """Return the old case's NRM referrals that contradict the kept case's referral of the same day, by day."""
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
    _move_referrals(work, old, kept)
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
    taken = {
        (panel_id, flagged_at)
        for panel_id, flagged_at in work.session.execute(
            select(Flag.panel_id, Flag.flagged_at).where(col(Flag.case_id) == kept.id)
        )
    }
    live = (col(Flag.case_id) == kept.id, col(Flag.state).in_(LIVE_STATES))
    hearing = set(work.session.exec(select(Flag.meeting_id).where(*live)))
    flags = work.find_all(Flag, col(Flag.case_id) == old.id, by=[col(Flag.id)])
    for flag in flags:
        flag.is_apart = flag.is_apart or (flag.state in LIVE_STATES and flag.meeting_id in hearing)
        flag.flagged_at = _next_free(taken, flag.panel_id, flag.flagged_at)
        flag.case_id, flag.named_id = id_of(kept), flag.named_id or id_of(old)
        work.session.add(flag)
    work.session.flush()
    items = (
        select(AgendaItem)
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .where(
            col(AgendaItem.flag_id).in_([flag.id for flag in flags]),
            col(Meeting.state).in_([MeetingState.SCHEDULED, MeetingState.OPEN]),
        )
    )
    for item in work.session.exec(items):
        item.title = kept.reference
        work.session.add(item)
    work.session.flush()


def _next_free(taken: set[tuple[int, datetime]], panel_id: int, moment: datetime) -> datetime:
    """Return the first moment, from `moment` on, at which the panel has no flag of the case. Add it to `taken`."""
    while (panel_id, moment) in taken:
        moment += timedelta(microseconds=1)
    taken.add((panel_id, moment))
    return moment


def _move_interests(work: Work, old: Case, kept: Case) -> None:
    """Move declared interests to the kept case.

    If a person has declared an interest in both cases, the moved one ends.
    """
    standing = col(Recusal.withdrawn_at).is_(None)
    there = work.find_all(Recusal, col(Recusal.case_id) == kept.id, standing)
    people = {one.person_id for one in there}
    for one in work.find_all(Recusal, col(Recusal.case_id) == old.id):
        if one.withdrawn_at is None and one.person_id in people:
            one.withdrawn_at = max(work.now, one.declared_at)
        one.case_id = id_of(kept)
        work.session.add(one)
        work.session.flush()


def _move_referrals(work: Work, old: Case, kept: Case) -> None:
    """Move NRM referrals to the kept case.

    A referral of a day on which the kept case has one already is deleted.
    """
    days = {row.referred_on for row in work.find_all(NrmReferral, col(NrmReferral.case_id) == kept.id)}
    for row in work.find_all(NrmReferral, col(NrmReferral.case_id) == old.id):
        if row.referred_on in days:
            work.session.delete(row)
        else:
            row.case_id = id_of(kept)
            work.session.add(row)
    work.session.flush()


def _move_unless_there(work: Work, model: type[SQLModel], about: str, old: Case, kept: Case) -> None:
    """Move the rows of a table to the kept case, and delete rows that the kept case has already.

    Two rows are the same if they agree in the column `about`.
    """
    columns: Any = model
    of_old, of_kept = columns.case_id == old.id, columns.case_id == kept.id
    known = work.session.execute(select(getattr(columns, about)).where(of_kept)).scalars().all()
    work.session.execute(delete(model).where(of_old, getattr(columns, about).in_(known)))
    work.session.execute(update(model).where(of_old).values(case_id=kept.id))
