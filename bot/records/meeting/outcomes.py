"""The outcomes of a meeting's cases, for the people who brought or sent these cases.

Only decisions and dates are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.case_origin import Passed
from bot.domain.flag_state import LIVE_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind
from bot.records.access.queries import local_time, panels_where, readable, standing_on
from bot.records.cases.decisions import IS_DECIDED, IS_FLAG_HEARD
from bot.records.cases.origins import ORIGIN, how_passed, origins_served, sent_from
from bot.records.cases.served import is_folded, is_served
from bot.records.diary.queries import OfMeeting, next_for_cases, of_meeting
from bot.records.people.queries import presiding, presiding_or_office
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

_MERGED, _BESIDE, _CARRIED = aliased(Flag), aliased(Flag), aliased(Flag)
#: The SQL condition on a flag, true if it was merged into the flag from which the case was sent on.
_WAS_SERVED = is_served(_BESIDE, ORIGIN)


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What one meeting decided about one case, or what became of the case without a decision."""

    reference: str
    decided: tuple[tuple[DecisionKind, date | None], ...]  #: each with its date, where it has one
    passed: Passed | None = None  #: what became of it if nothing was decided


@dataclass(frozen=True, slots=True)
class CaseOutcomes(OfMeeting):
    """The outcomes of one meeting's cases, for a person who brought or sent these cases.

    The person may have brought them to another panel, which sent them on to this meeting.
    """

    cases: tuple[CaseOutcome, ...]
    goes_on: date | None  #: the next meeting, which hears what was not heard


def tell_outcomes(
    work: Work, meeting: Meeting, *, except_for: int, of_flag: int | None = None, once: object = ""
) -> None:
    """Tell the people who brought cases to a closed meeting that these cases have outcomes to read.

    The person `except_for` is not told. `of_flag` limits the cases to the one of this flag. `once` is part of the
    message's key: with a new value, people are told again.

    If another panel sent a case, the people who brought the case to that panel and that panel's chair are told. If
    nobody chairs that panel, its co-ordinators are told.
    """
    is_meant = true() if of_flag is None else col(Flag.id) == of_flag
    at_it = (col(Flag.meeting_id) == id_of(meeting), col(Flag.state).in_(LIVE_STATES), is_meant)
    flags = work.find_all(Flag, *at_it)
    brought = {flag.person_id for flag in flags}
    brought |= set(work.session.exec(select(_MERGED.person_id).join(Flag, is_served(_MERGED)).where(*at_it)))
    origins = {number for several in origins_served(work, flags).values() for number in several}
    sent = (col(ORIGIN.id).in_(origins), col(ORIGIN.panel_id) != meeting.panel_id)
    senders = work.session.execute(select(ORIGIN.panel_id, ORIGIN.person_id).where(*sent)).all()
    brought |= {person_id for _, person_id in senders}
    for panel_id in sorted({panel_id for panel_id, _ in senders}):
        brought |= {id_of(person) for person in presiding_or_office(work, panel_id)}
    brought |= set(work.session.exec(select(_BESIDE.person_id).join(ORIGIN, _WAS_SERVED).where(*sent)))
    for person_id in sorted(brought - {except_for}):
        work.tell(person_id, Notice.CASE_OUTCOMES, once=once, meeting_id=id_of(meeting))


def outcomes_for(work: Work, actor: Actor, meeting_id: int) -> CaseOutcomes | None:
    """Return the outcomes of the cases that the person brought or sent to a meeting, if they may read these cases.

    Return None if there are no such cases. Raise NotForYou if the meeting is not closed.
    """
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None or meeting.closed_at is None:
        raise NotForYou("that meeting")
    panel = work.session.get_one(Panel, meeting.panel_id)
    theirs = [_was_sent_by(_panels_of_sender(work, actor), meeting)]
    brought_there = or_(
        col(ORIGIN.person_id) == actor.person_id,
        exists().where(_WAS_SERVED, col(_BESIDE.person_id) == actor.person_id),
    )
    theirs.append(_was_sent_by(panels_where(work, actor, Verb.READ_CASES), meeting, brought_there))
    if standing_on(work, actor, panel).may(Verb.READ_CASES):
        served = exists().where(is_served(_MERGED), col(_MERGED.person_id) == actor.person_id)
        theirs += [col(Flag.person_id) == actor.person_id, served, _was_moved_on(actor, meeting)]
    rows = work.session.execute(
        select(Flag, Case)
        .add_columns(AgendaItem, IS_FLAG_HEARD)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id), isouter=True)
        .where(
            col(Flag.meeting_id) == meeting_id,
            col(Flag.state).in_(LIVE_STATES),
            readable(actor.person_id),
            or_(*theirs),
        )
        .order_by(col(Case.reference))
    ).all()
    if not rows:
        return None
    decided = _decided(work, [id_of(item) for *_, item, _ in rows if item is not None])
    work.saw(actor.person_id, ((flag.case_id, flag.panel_id) for flag, *_ in rows))
    following = next_for_cases(work, meeting.panel_id)
    found = list[CaseOutcome]()
    for flag, case, item, is_heard in rows:
        made = tuple(decided.get(id_of(item), ())) if item is not None else ()
        passed = None if made else how_passed(flag, meeting, is_heard=bool(is_heard))
        found.append(CaseOutcome(case.reference, made, passed))
    return CaseOutcomes(
        *of_meeting(work, panel, meeting),
        cases=tuple(found),
        goes_on=local_time(work, panel, following.starts_at).date() if following else None,
    )


def _was_moved_on(actor: Actor, meeting: Meeting) -> ColumnElement[bool]:
    """Return the SQL condition on Flag, true if the person's own flag was merged into this flag and then moved on.

    If a meeting does not hear a case, the flags merged into the case's live flag are moved to the next meeting.
    """
    return exists().where(
        col(_CARRIED.carried_from_id) == col(Flag.id),
        col(_MERGED.case_id) == col(Flag.case_id),
        col(_MERGED.meeting_id) == col(_CARRIED.meeting_id),
        is_folded(_MERGED),
        col(_MERGED.person_id) == actor.person_id,
        col(_MERGED.flagged_at) < meeting.starts_at,  # a flag made later is for the next meeting only
    )


def _panels_of_sender(work: Work, actor: Actor) -> list[Panel]:
    """Return the panels on whose behalf the person is told what became of cases that were sent to other panels.

    These are the panels that they chair, and the panels that nobody chairs and that they co-ordinate.
    """
    chaired = panels_where(work, actor, Verb.TRIAGE)
    kept = [panel for panel in panels_where(work, actor, Verb.COMPILE) if panel not in chaired]
    return [*chaired, *(panel for panel in kept if not presiding(work, id_of(panel)))]


def _was_sent_by(panels: Sequence[Panel], meeting: Meeting, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the SQL condition on Flag, true if one of these panels sent the flag's case to the meeting's panel.

    `conditions` are on `ORIGIN`, the flag at the sending panel.
    """
    return sent_from([id_of(panel) for panel in panels if panel.id != meeting.panel_id], *conditions)


def _decided(work: Work, item_ids: Sequence[int]) -> dict[int, list[tuple[DecisionKind, date | None]]]:
    rows = work.session.execute(
        select(AgendaItem.id, Decision)
        .join(Decision, IS_DECIDED)
        .where(col(AgendaItem.id).in_(item_ids))
        .order_by(col(Decision.id))
    )
    return grouped((item_id, (decision.kind, decision.review_on)) for item_id, decision in rows)
