"""Flags of one case by several agencies for one meeting: one hearing serves them all, and none is lost with another's.

One of them is live. The others are folded into it: deferred at the same meeting, without a reason from the chair.
"""

from sqlmodel import col, select

from bot.models.cases import Flag
from bot.models.vocabulary import FlagState
from bot.store.unit_of_work import Work

_LIVE = (FlagState.OPEN, FlagState.ACCEPTED)


def live_flag(work: Work, case_id: int, meeting_id: int) -> Flag | None:
    """The flag by which a meeting hears a case."""
    return work.session.exec(
        select(Flag).where(col(Flag.case_id) == case_id, col(Flag.meeting_id) == meeting_id, col(Flag.state).in_(_LIVE))
    ).first()


def folded_flags(work: Work, case_id: int, meeting_id: int) -> list[Flag]:
    """The flags of a case that another one serves at a meeting, those the chair accepted first."""
    found = work.session.exec(
        select(Flag)
        .where(
            col(Flag.case_id) == case_id,
            col(Flag.meeting_id) == meeting_id,
            col(Flag.state) == FlagState.DEFERRED,
            col(Flag.triage_reason).is_(None),
        )
        .order_by(col(Flag.id))
    ).all()
    return sorted(found, key=lambda flag: flag.triaged_at is None)


def fold(work: Work, flag: Flag, into: Flag) -> None:
    """One hearing serves both; where the chair accepted either, the case is heard."""
    if flag.state is FlagState.ACCEPTED:
        flag.triaged_at = flag.triaged_at or work.now  # of a review that is due nobody had to say yes
        if into.state is FlagState.OPEN:
            into.state = FlagState.ACCEPTED
            into.triaged_by_id, into.triaged_at = flag.triaged_by_id, flag.triaged_at
            work.session.add(into)
    flag.state = FlagState.DEFERRED
    flag.meeting_id = into.meeting_id
    work.session.add(flag)
    work.session.flush()


def take_along(work: Work, case_id: int, before: int, after: int) -> None:
    """What is folded into a flag goes to its new meeting with it."""
    for flag in folded_flags(work, case_id, before):
        flag.meeting_id = after
        work.session.add(flag)
    work.session.flush()


def bring_back(work: Work, withdrawn: Flag) -> Flag | None:
    """A live flag was withdrawn: what was folded into it asks for the hearing now, accepted if it was before."""
    work.session.flush()
    folded = folded_flags(work, withdrawn.case_id, withdrawn.meeting_id)
    if not folded or live_flag(work, withdrawn.case_id, withdrawn.meeting_id) is not None:
        return None
    flag = folded[0]
    flag.state = FlagState.OPEN if flag.triaged_at is None else FlagState.ACCEPTED
    work.session.add(flag)
    work.session.flush()
    work.audit("return", "case", flag.case_id, panel_id=flag.panel_id)
    return flag


def is_folded(work: Work, flag: Flag) -> bool:
    """Whether another flag of the case serves this one."""
    return (
        flag.state is FlagState.DEFERRED
        and flag.triage_reason is None
        and live_flag(work, flag.case_id, flag.meeting_id) is not None
    )
