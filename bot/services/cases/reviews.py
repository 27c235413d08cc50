"""Reviews: the agency that flagged a case is asked what has changed when the case comes back to the panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.panel_definition import OptionalFact, RiskTool
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, PromptKind, ReviewAnswer, Role
from bot.records.access.queries import Standing, holds_at, require_flag, require_meeting
from bot.records.cases.changes import answer_review
from bot.records.cases.kept import KeptCases
from bot.records.cases.queries import FlagView, view_flag
from bot.records.cases.reviews import IS_AWAITED, ReviewAsked, may_answer, reviews_asked
from bot.records.diary.queries import OfMeeting, lock_diary, of_meeting
from bot.records.invitations.audiences import at_work, meetings_within, reaching, still_to_hear
from bot.records.invitations.changes import Telling, deadlines_of, sweep_of
from bot.records.invitations.queries import Due
from bot.records.people.queries import IS_HERE
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

_PROMPTED: Final = {MeetingState.SCHEDULED: reaching("flags_open")}


@dataclass(frozen=True, slots=True)
class ReviewPrompt(OfMeeting):
    """The cases of one meeting on which a person's agency is asked what has changed."""

    asked: tuple[ReviewAsked, ...]


@dataclass(frozen=True, slots=True)
class ReviewToChange:
    """A case under review, with the risk tools and optional facts that the agency's form asks for."""

    flag: FlagView
    tools: Sequence[RiskTool]
    asked: Sequence[OptionalFact]


def say_unchanged(work: Work, actor: Actor, flag_id: int) -> FlagView:
    """Record for the flagging agency that nothing has changed since the panel decided to hear the case again."""
    standing, flag = _asked(work, actor, flag_id)
    if flag.review_answer is ReviewAnswer.CHANGED:
        raise Mistake("Your agency has said what changed already. `/case history` shows it.")
    if flag.review_answer is ReviewAnswer.AWAITED:
        answer_review(flag, ReviewAnswer.UNCHANGED, actor.person_id, work.now)
        work.session.add(flag)
        work.session.flush()
    work.audit("review", "case", flag.case_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view_flag(work, flag)


def review_to_change(work: Work, actor: Actor, flag_id: int) -> ReviewToChange:
    """Return a case that comes back to its panel, for the form in which its agency says what has changed."""
    standing, flag = _asked(work, actor, flag_id)
    work.saw(actor.person_id, [(flag.case_id, flag.panel_id)])
    definition = work.definition(standing.panel.definition)
    return ReviewToChange(view_flag(work, flag), definition.risk_tools, definition.optional_facts)


def _asked(work: Work, actor: Actor, flag_id: int) -> tuple[Standing, Flag]:
    """Return a flag on which the person's agency can now say what has changed.

    Raise NotAllowed for people of another agency, and Mistake if the meeting has begun or the agency was not asked.
    """
    standing, flag, case = require_flag(work, actor, flag_id, Verb.FLAG)
    lock_diary(work, standing.panel_id)
    work.session.refresh(flag)
    if flag.agency_id != actor.agency_id:
        raise NotAllowed("Another agency flagged this case, so that agency says what has changed.")
    meeting = work.session.get_one(Meeting, flag.meeting_id)
    if not may_answer(work, meeting):
        raise Mistake(f"The meeting that hears {case.reference} has begun. Tell the meeting what has changed.")
    if flag.review_answer is None:
        raise Mistake(f"{case.reference} is not due for review now. To flag it: `/case flag {case.reference}`.")
    return standing, flag


def _to_tell(work: Work, *conditions: ColumnElement[bool]) -> list[Telling]:
    """Return the people at work who should be asked about reviews, once for each meeting.

    These are representatives of the flagging agency who may read the case.
    """
    coming = meetings_within(work, _PROMPTED, col(Meeting.starts_at) > work.now, *conditions)
    if not coming:
        return []
    people = _people(work, [id_of(meeting) for meeting, _ in coming])
    due = {
        id_of(meeting): Due(id_of(meeting), PromptKind.REVIEWS, deadlines_of(work, panel, meeting).flags_open)
        for meeting, panel in coming
        if id_of(meeting) in people
    }
    wanted = [(due[number], person_id) for number, several in people.items() for person_id in sorted(several)]
    panels = {id_of(meeting): panel for meeting, panel in coming if id_of(meeting) in due}
    awake = at_work(work, still_to_hear(work, wanted), panels)
    told = []
    for meeting, panel in coming:
        for person_id in awake.get(id_of(meeting), ()):
            # The key has the meeting's sequence number, since a meeting may move back to an earlier date and deadline.
            told.append(Telling(id_of(panel), due[id_of(meeting)], person_id, {"once": meeting.sequence}))
    return told


def _people(work: Work, meeting_ids: Sequence[int]) -> dict[int, set[int]]:
    """Return the people to ask before each meeting, as a dict from meeting id to person ids.

    They represent an agency that owes an answer on a case, and may read this case.
    """
    rows = work.session.execute(
        select(col(Flag.meeting_id), col(Flag.case_id), col(Person.id))
        .join(Membership, col(Membership.panel_id) == col(Flag.panel_id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(
            IS_AWAITED,
            col(Flag.meeting_id).in_(meeting_ids),
            col(Membership.role) == Role.REPRESENTATIVE,
            col(Person.agency_id) == col(Flag.agency_id),
            holds_at(work.now),
            IS_HERE,
        )
    ).all()
    kept = KeptCases(work, {case_id for _, case_id, _ in rows})
    found = grouped(
        (meeting_id, person_id) for meeting_id, case_id, person_id in rows if not kept.is_kept_from(case_id, person_id)
    )
    return {meeting_id: set(several) for meeting_id, several in found.items()}


def compose_reviews(work: Work, actor: Actor, meeting_id: int) -> ReviewPrompt | None:
    """Return the cases of a meeting on which the agency should say what has changed, or None if there are none."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.FLAG)
    asked = reviews_asked(work, actor.person_id, actor.agency_id, col(Flag.meeting_id) == meeting_id)
    return ReviewPrompt(*of_meeting(work, standing.panel, meeting), tuple(asked)) if asked else None


#: The tick's work on questions about reviews.
REVIEW_PROMPTS: Final = sweep_of(Notice.REVIEWS_PROMPT, _to_tell)
