"""Cases due for a hearing, which are put on the next agenda automatically, and messages about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.permissions import Actor, Verb
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState, MeetingState
from bot.records.access.queries import readable, require_flag, require_meeting
from bot.records.agenda.gathering import gather_due, meetings_to_gather
from bot.records.cases.queries import FlagView, view_flag, view_flags
from bot.records.diary.queries import OfMeeting, lock_diary, next_for_cases, of_meeting
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class CasesSent(OfMeeting):
    """The cases that another panel sent to a meeting, for a message to people who triage them or keep the diary."""

    flags: tuple[FlagView, ...]
    may_triage: bool


@dataclass(frozen=True, slots=True)
class LateFlag:
    """A case flagged after the cut-off, for a message to the people who decide whether it is heard."""

    flag: FlagView
    may_triage: bool


def _find(work: Work) -> Sequence[int]:
    return meetings_to_gather(work)


def _gather(work: Work, meeting_id: int) -> int:
    """Put the cases that are due for a hearing on one coming meeting's agenda. Return how many flags were added."""
    meeting = work.session.get_one(Meeting, meeting_id)
    lock_diary(work, meeting.panel_id)
    work.session.refresh(meeting)
    coming = next_for_cases(work, meeting.panel_id)
    if coming is None or coming.id != meeting_id:
        return 0
    added = gather_due(work, work.session.get_one(Panel, meeting.panel_id), meeting)
    meeting.gathered_at = work.now
    if added:
        work.audit("gather", "agenda", meeting_id, panel_id=meeting.panel_id)
    return added


#: Puts the cases that are due on coming meetings.
GATHERINGS = Sweep(_find, _gather)


def compose_sent(work: Work, actor: Actor, meeting_id: int, flags: Sequence[int]) -> CasesSent | None:
    """Return those cases sent to the meeting which are still to be heard and which the reader may see.

    `flags` are the ids of the flags of the sent cases. Return None if no such case is left.
    """
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.READ_CASES)
    rows = work.session.execute(
        select(Flag, Case)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.id).in_(flags), col(Flag.meeting_id) == meeting_id, readable(actor.person_id))
        .where(col(Flag.state).in_(LIVE_STATES))
        .order_by(col(Case.reference))
    ).all()
    if not rows or meeting.state is not MeetingState.SCHEDULED:
        return None
    work.saw(actor.person_id, ((flag.case_id, flag.panel_id) for flag, _ in rows))
    views = view_flags(work, [(flag, case, standing.panel, meeting) for flag, case in rows], with_words=False)
    return CasesSent(*of_meeting(work, standing.panel, meeting), tuple(views), standing.may(Verb.TRIAGE))


def compose_late(work: Work, actor: Actor, flag_id: int) -> LateFlag | None:
    """Return a late flag that still needs triage, or None if the chair has decided or the meeting has begun."""
    standing, flag, _ = require_flag(work, actor, flag_id, Verb.READ_CASES, noun="that flag")
    meeting = work.session.get_one(Meeting, flag.meeting_id)
    if flag.state is not FlagState.OPEN or meeting.state is not MeetingState.SCHEDULED:
        return None
    work.saw(actor.person_id, [(flag.case_id, flag.panel_id)])
    return LateFlag(view_flag(work, flag), standing.may(Verb.TRIAGE))
