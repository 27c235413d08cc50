"""What somebody flagged of a case that is kept from them: to them it must look like any other flag of theirs."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from bot.domain.permissions import Actor
from bot.models.cases import Case, Flag, Recusal
from bot.models.meetings import Meeting
from bot.models.vocabulary import (
    FlagState,
)
from bot.records.access.queries import Standing, readable
from bot.store.casebook import FlagView
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


class Waiting(Protocol):
    """A flag, or what of it was read."""

    @property
    def state(self) -> FlagState: ...

    @property
    def triaged_at(self) -> datetime | None: ...


def is_beside(flag: Waiting) -> bool:
    """Waiting for the chair, or kept beside a flag that waits (by somebody who must not learn of that one)."""
    return flag.state is FlagState.OPEN or (flag.state is FlagState.DEFERRED and flag.triaged_at is None)


def standing_recusal(work: Work, case_id: int, person_id: int) -> Recusal | None:
    """The person's declared interest in the case, unless there is none or it was taken back."""
    return work.session.exec(
        select(Recusal).where(
            col(Recusal.case_id) == case_id, col(Recusal.person_id) == person_id, col(Recusal.withdrawn_at).is_(None)
        )
    ).first()


def own_flag(work: Work, actor: Actor, case: Case, meeting: Meeting) -> Flag | None:
    """The person's own flag of the case to this meeting, if one still waits."""
    flags = work.session.exec(
        select(Flag).where(
            col(Flag.case_id) == id_of(case),
            col(Flag.meeting_id) == id_of(meeting),
            col(Flag.person_id) == actor.person_id,
        )
    )
    return next((flag for flag in flags if is_beside(flag)), None)


def is_own_withheld(actor: Actor) -> ColumnElement[bool]:
    """The condition on Flag and its Case that the person themselves flagged a closed item, and waits for its hearing.

    It looks to them like any other flag of theirs. A declared interest ends that: then they asked to see nothing of
    the case.
    """
    recused = select(Recusal.case_id).where(
        col(Recusal.person_id) == actor.person_id, col(Recusal.withdrawn_at).is_(None)
    )
    waits_beside = (col(Flag.state) == FlagState.DEFERRED) & col(Flag.triaged_at).is_(None)
    return and_(
        col(Flag.person_id) == actor.person_id,
        or_(col(Flag.state) == FlagState.OPEN, waits_beside),
        ~readable(actor.person_id),
        col(Case.id).not_in(recused),
    )


def withheld_own_flags(work: Work, actor: Actor, standing: Standing) -> list[tuple[Flag, Case, Meeting]]:
    """What the person themselves flagged of closed items to meetings of this panel that have not ended."""
    rows = work.session.execute(
        select(Flag, Case, Meeting)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(col(Flag.panel_id) == standing.panel_id, col(Meeting.closed_at).is_(None), is_own_withheld(actor))
        .order_by(col(Flag.id).desc())
    )
    return [(flag, case, meeting) for flag, case, meeting in rows]


def as_if_new(view: FlagView) -> FlagView:
    """The flag without anything that tells of earlier hearings or of a closed item."""
    return replace(view, state=FlagState.OPEN, is_repeat=False, is_closed_item=False, last_heard_on=None)
