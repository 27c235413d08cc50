"""Cases heard urgently between two ordinary meetings. The next ordinary meeting has them under matters arising."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.decisions import decision_words
from bot.domain.language.day_words import date_words
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState, ItemState, MeetingState
from bot.records.access.queries import local_time, readable
from bot.records.cases.decisions import DecisionView, standing_decisions
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_ORDINARY: Final = aliased(Meeting)  #: made once, since SQLAlchemy makes an alias from every column


@dataclass(frozen=True, slots=True)
class UrgentHearing:
    """A case that the panel heard at an extraordinary meeting, with the decisions in force there.

    If an extraordinary meeting was recorded as held elsewhere, its case counts as heard at that meeting.
    """

    case_id: int
    reference: str
    is_closed_item: bool
    on: date  #: of that meeting, by the panel's clocks
    decisions: tuple[DecisionView, ...]
    is_elsewhere: bool = False  #: the meeting was held outside Slack, so no decision is recorded

    @property
    def words(self) -> str:
        """Return the hearing in a few words: "WEST-0001 was heard urgently on 3 March 2026: step down"."""
        case = f"{self.reference} (closed item)" if self.is_closed_item else self.reference
        # The area of a transfer is sealed, and an agenda in Slack shows no sealed words.
        made = "; ".join(decision_words(replace(one, area=""), date_words) for one in self.decisions)
        nothing = "held elsewhere, no decision recorded" if self.is_elsewhere else "no decision"
        return f"{case} was heard urgently on {date_words(self.on)}: {made or nothing}"


def heard_urgently(
    work: Work, reader_id: int | None, panel: Panel, meeting: Meeting, *, with_words: bool = True
) -> tuple[UrgentHearing, ...]:
    """Return the cases heard urgently since the ordinary meeting before `meeting`, the earliest hearing first.

    Cases that this reader may not read are left out. With `reader_id` None, every case is returned. The audit notes the
    cases as read. If `with_words` is False, what people wrote is left out.
    """
    if meeting.is_extraordinary:
        return ()
    was_or_will_be_held = or_(
        col(_ORDINARY.state).in_([MeetingState.OPEN, MeetingState.CLOSED]),
        col(_ORDINARY.elsewhere_at).is_not(None),
        and_(col(_ORDINARY.state) == MeetingState.SCHEDULED, col(_ORDINARY.ends_at) > work.now),
    )
    is_told_before = exists().where(
        col(_ORDINARY.panel_id) == id_of(panel),
        ~col(_ORDINARY.is_extraordinary),
        col(_ORDINARY.starts_at) > col(Meeting.starts_at),
        col(_ORDINARY.starts_at) < meeting.starts_at,
        was_or_will_be_held,
    )
    query = (
        select(AgendaItem, Case, Meeting)
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id))
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(
            col(Meeting.panel_id) == id_of(panel),
            col(Meeting.is_extraordinary),
            or_(
                and_(col(Meeting.state) == MeetingState.CLOSED, col(AgendaItem.state) == ItemState.DISCUSSED),
                and_(col(Meeting.elsewhere_at).is_not(None), col(Flag.state) == FlagState.ACCEPTED),
            ),
            col(Meeting.starts_at) < meeting.starts_at,
            ~is_told_before.correlate(Meeting),
        )
        .order_by(col(Meeting.starts_at), col(AgendaItem.position))
    )
    if reader_id is not None:
        query = query.where(readable(reader_id))
    rows = work.session.execute(query).all()
    if not rows:
        return ()
    work.saw(reader_id, ((id_of(case), id_of(panel)) for _, case, _ in rows))
    decisions = standing_decisions(work, [id_of(item) for item, *_ in rows], with_words=with_words)
    return tuple(
        UrgentHearing(
            case_id=id_of(case),
            reference=case.reference,
            is_closed_item=case.is_closed,
            on=local_time(work, panel, there.starts_at).date(),
            decisions=decisions.get(id_of(item), ()),
            is_elsewhere=there.elsewhere_at is not None,
        )
        for item, case, there in rows
    )
