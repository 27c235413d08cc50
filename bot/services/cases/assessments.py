"""Risk assessments that a flag promised for a later day: adding them, and reminders until they are added.

A case's presenting agency owes one assessment, even if several panels or meetings hear the case. What is owed is worked
out from the database at each tick. A person is reminded of all assessments together, at most once a day.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, true
from sqlalchemy import select as tables_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.case_facts import ASSESSMENT, accept_assessment
from bot.domain.chase_ladder import within_working_hours
from bot.domain.deadlines import add_working_days
from bot.domain.flag_state import LIVE_STATES
from bot.domain.language.identifiers import check_reference
from bot.domain.notices import Notice
from bot.domain.panel_definition import RiskTool
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import PromptKind
from bot.records.access.queries import (
    Where,
    find_panel,
    holds_at,
    is_running,
    local_time,
    readable,
    readable_cases,
    require,
    today_at,
)
from bot.records.actions.reminders import take_turn
from bot.records.cases.changes import share_assessment
from bot.records.cases.queries import (
    IS_OWN_WITHHELD,
    IS_WITHHELD,
    Flagged,
    FlagView,
    as_if_new,
    awaits_assessment,
    view_flag,
    view_flags,
)
from bot.records.cases.references import is_flagged_as, is_meant
from bot.records.diary.queries import lock_diary
from bot.records.invitations.changes import note_told
from bot.records.invitations.queries import PROMPTS_TOLD, Due
from bot.records.leaving.changes import deputies_of
from bot.records.leaving.handover import Candidates
from bot.store.rows import grouped, id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

#: Working days after an assessment was due, when the chair is reminded too. It is the same number as for an overdue
#: action.
CHAIR_AFTER: Final = 5
#: The number of people in one transaction.
MOST_PEOPLE: Final = 50
_A_DAY_AHEAD = timedelta(days=1)  # a panel's own day may be ahead of UTC's


@dataclass(frozen=True, slots=True)
class ToAssess:
    """A flag that still lacks its assessment, and the risk tools of its panel."""

    flag: FlagView
    tools: tuple[RiskTool, ...]


@dataclass(frozen=True, slots=True)
class AssessmentPrompt:
    """The missing assessments of which one person is reminded, from all panels, the earliest due first."""

    own: tuple[FlagView, ...]  #: of the cases that they present, or that they are asked about in the presenter's place
    others: tuple[FlagView, ...]  #: long overdue ones of cases that other people present, for a chair


def flag_to_assess(work: Work, actor: Actor, where: Where, reference: str) -> ToAssess:
    """Return a case's flag that still lacks its assessment.

    Raise NotForYou if the person sees no flag of the case, and Mistake if no flag of the case lacks its assessment.
    """
    standing = find_panel(work, actor, where, Verb.FLAG)
    reference = check_reference(reference)
    awaits = awaits_assessment(work)
    rows = work.session.execute(
        select(Flag.id, Flag.agency_id)
        .add_columns(awaits)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            col(Flag.panel_id) == standing.panel_id,
            or_(col(Flag.state).in_(LIVE_STATES), awaits),
            _may_see(actor, is_meant(reference), is_flagged_as(reference)),
        )
        .order_by(col(Flag.id).desc())
    ).all()
    if not rows:
        raise NotForYou(f"a flag for {reference}")
    # Flags that lack an assessment come first, and among these the agency's own.
    flag_id, *_ = min(rows, key=lambda row: (not row[2], row[1] != actor.agency_id))
    return assessment_to_add(work, actor, flag_id)


def assessment_to_add(work: Work, actor: Actor, flag_id: int) -> ToAssess:
    """Return a flag that lacks its assessment.

    Raise NotForYou if the person may not see the flag, and Mistake if the flag already has an assessment.
    """
    flag, panel = _to_assess(work, actor, flag_id)
    tools = work.definition(panel.definition).risk_tools
    return ToAssess(_seen_by(work, actor, view_flag(work, flag)), tools)


def add_assessment(work: Work, actor: Actor, flag_id: int, given: Mapping[str, object]) -> FlagView:
    """Record a case's risk assessment on its flag. Return the flag.

    Raise Mistake, attached to the field at fault, if the assessment is incomplete or wrong.
    """
    lock_diary(work, assessment_to_add(work, actor, flag_id).flag.panel_id)
    flag, panel = _to_assess(work, actor, flag_id)
    tools = work.definition(panel.definition).risk_tools
    facts = accept_assessment(view_flag(work, flag).facts, given, today_at(work, panel), tools)
    for name in ASSESSMENT:
        setattr(flag, name, getattr(facts, name))
    work.session.flush()
    share_assessment(work, flag, is_withheld=not readable_cases(work, actor.person_id, [flag.case_id]))
    work.audit("assess", "case", flag.case_id, panel_id=flag.panel_id, actor_id=actor.person_id)
    return _seen_by(work, actor, view_flag(work, flag))


def _to_assess(work: Work, actor: Actor, flag_id: int) -> tuple[Flag, Panel]:
    """Return a flag that still lacks its assessment: the one with this id, or a later one that has replaced it.

    A later flag is one of the same agency, case and panel. Raise NotForYou, NotAllowed or Mistake if the person can't
    add the assessment.
    """
    flag = work.session.get(Flag, flag_id)
    if flag is None:
        raise NotForYou("that case")
    standing = require(work, actor, flag.panel_id, Verb.FLAG, noun="that case")
    seen = (
        select(Flag, Case)
        .add_columns(awaits_assessment(work))
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            col(Flag.case_id) == flag.case_id,
            col(Flag.panel_id) == flag.panel_id,
            col(Flag.agency_id) == flag.agency_id,
            _may_see(actor),
        )
        .order_by(col(Flag.id).desc())
    )
    rows = work.session.execute(seen).all()
    this = next((row for row in rows if row[0] is flag), None)
    if this is None:
        raise NotForYou("that case")
    if flag.agency_id != actor.agency_id and not standing.may(Verb.COMPILE):
        raise NotAllowed("Another agency flagged this case, so that agency adds the assessment.")
    if flag.assessed_on is not None:
        raise Mistake(f"{this[1].reference} already has its assessment.")
    waiting = next((row for row in (this, *rows) if row[2]), None)
    if waiting is None:
        raise Mistake(f"The panel no longer has {this[1].reference}. Flag it again with the assessment.")
    return waiting[0], standing.panel


def _may_see(
    actor: Actor, as_reader: ColumnElement[bool] | None = None, as_flagger: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Return the SQL condition on Flag and Case for flags that a person may see.

    These are flags of cases that the person may read, and the person's own flags of cases that are kept from them.
    `as_reader` is a further condition on the first kind, and `as_flagger` on the second.
    """
    read, flagged = (true() if one is None else one for one in (as_reader, as_flagger))
    is_own = and_(col(Flag.person_id) == actor.person_id, IS_OWN_WITHHELD, flagged)
    return or_(and_(readable(actor.person_id), read), is_own)


def _seen_by(work: Work, actor: Actor, view: FlagView) -> FlagView:
    if not readable_cases(work, actor.person_id, [view.case_id]):
        return as_if_new(view)
    work.saw(actor.person_id, [(view.case_id, view.panel_id)])
    return view


@dataclass(slots=True)
class _Owed:
    """One assessment that is due, with the flags that promised it and the days on which people are reminded of it."""

    flags: list[Flagged]  #: the newest first
    is_withheld: bool  #: promised by a person who may not read the case
    due_on: date  #: the first day promised
    since: datetime  #: when that day was first promised
    reached_on: date  #: the day of the last step reached: the due date, or the day from which the chair is reminded too
    for_chair: bool


@dataclass(frozen=True, slots=True)
class _Reminder:
    """One person's reminder of one assessment, with the flag that it names."""

    owed: _Owed
    person: Person
    flagged: Flagged
    is_own: bool  #: false: they are reminded as chair
    is_withheld: bool = False  #: they promised it, and may not read the case


def _all_owed(work: Work, *conditions: ColumnElement[bool]) -> list[_Owed]:
    """Return the assessments due on running panels, the longest due first. `conditions` are SQL conditions on Case."""
    promised = aliased(Flag)
    first_promised = (
        select(func.min(promised.flagged_at))
        .where(
            col(promised.case_id) == col(Flag.case_id),
            col(promised.agency_id) == col(Flag.agency_id),
            col(promised.assessment_due_on) == col(Flag.assessment_due_on),
        )
        .correlate(Flag)
        .scalar_subquery()
    )
    rows = work.session.execute(
        select(Flag, Case, Panel, Meeting)
        .add_columns(col(Flag.assessment_due_on), first_promised, IS_WITHHELD)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(
            col(Flag.assessment_due_on) <= work.now.date() + _A_DAY_AHEAD,
            is_running(work),
            awaits_assessment(work),
            *conditions,
        )
        .order_by(col(Flag.assessment_due_on), col(Flag.case_id), col(Flag.id))
    )
    found: dict[tuple[int, int, int | None], _Owed] = {}
    for flag, case, panel, meeting, due_on, since, is_withheld in rows:
        today = today_at(work, panel)
        if due_on > today:
            continue
        key = (flag.case_id, flag.agency_id, flag.person_id if is_withheld else None)
        if key not in found:
            subdivision = work.definition(panel.definition).bank_holiday_subdivision
            chair_on = add_working_days(due_on, CHAIR_AFTER, subdivision)
            is_late = chair_on <= today
            began = flag.flagged_at if is_withheld else since
            found[key] = _Owed([], is_withheld, due_on, began, chair_on if is_late else due_on, is_late)
        found[key].flags.append((flag, case, panel, meeting))
    for owed in found.values():
        owed.flags.sort(key=lambda flagged: -id_of(flagged[0]))
    return list(found.values())


def _reminders(work: Work, *conditions: ColumnElement[bool]) -> list[_Reminder]:
    """Return the reminders of each due assessment, including those that people have had already.

    `conditions` are SQL conditions on Case.
    """
    every = _all_owed(work, *conditions)
    if not every:
        return []
    candidates = Candidates(work, [flagged[0] for owed in every for flagged in owed.flags], deputies_of(work))
    found = []
    for owed in every:
        own = _presenter(candidates, owed)
        if own is not None:
            found.append(own)
        chairs: dict[int, _Reminder] = {}
        for flagged in owed.flags if owed.for_chair else ():
            for person_id, person in candidates.able(flagged[0].panel_id, Verb.TRIAGE).items():
                if not candidates.kept.is_kept_from(flagged[0].case_id, person_id):
                    chairs.setdefault(person_id, _Reminder(owed, person, flagged, is_own=False))
        found += [one for one in chairs.values() if own is None or one.person is not own.person]
    return found


def _presenter(candidates: Candidates, owed: _Owed) -> _Reminder | None:
    """Return the reminder for the presenter of a case, or for a person who may present the case instead.

    Return None if there is no such person.
    """
    theirs = [flagged for flagged in owed.flags if flagged[0].origin_id is None] if owed.is_withheld else owed.flags
    for flagged in theirs:
        flag = flagged[0]
        person = candidates.able(flag.panel_id, Verb.FLAG).get(flag.person_id)
        if person is not None and (owed.is_withheld or not candidates.kept.is_kept_from(flag.case_id, flag.person_id)):
            return _Reminder(owed, person, flagged, is_own=True, is_withheld=owed.is_withheld)
    # If the presenter may not know of the copies, the agency's next person who may read the case is asked.
    other = None if owed.is_withheld and theirs else candidates.new_holder(owed.flags[0][0])
    return None if other is None else _Reminder(owed, other, owed.flags[0], is_own=True)


def _to_tell(work: Work, *conditions: ColumnElement[bool]) -> dict[int, list[_Reminder]]:
    """Return the people to remind now, as a dict from person id to all their reminders.

    These people are at work, were not reminded today, and have at least one reminder that they have not had before.
    """
    reminders = grouped((id_of(one.person), one) for one in _reminders(work, *conditions))
    last = _last_told(work, reminders)
    return {
        person_id: theirs
        for person_id, theirs in sorted(reminders.items())
        if any(_is_due(work, one, last.get(person_id)) for one in theirs)
    }


def _is_due(work: Work, one: _Reminder, told_at: datetime | None) -> bool:
    """Return whether a reminder is due to be sent.

    It is due if the person is at work now, and their last message, at `told_at`, was on an earlier day and did not name
    this assessment. Each message names all assessments that are due on its day.
    """
    panel = one.flagged[2]
    local = work.now.astimezone(ZoneInfo(one.person.timezone))
    if not within_working_hours(local, work.definition(panel.definition).bank_holiday_subdivision):
        return False
    if told_at is None:
        return True
    is_new = told_at < one.owed.since or local_time(work, panel, told_at).date() < one.owed.reached_on
    return is_new and told_at.astimezone(local.tzinfo).date() < local.date()


def _last_told(work: Work, people: Collection[int]) -> dict[int, datetime]:
    """Return a dict from person id to the time of the last reminder. Reminders dated in the future don't count."""
    if not people:
        return {}
    told = PROMPTS_TOLD.c
    query = (
        tables_select(told.person_id, func.max(told.queued_at))
        .where(told.person_id.in_(people), told.kind == PromptKind.ASSESSMENTS, told.queued_at <= work.now)
        .group_by(told.person_id)
    )
    return {person_id: queued_at for person_id, queued_at in work.execute(query)}  # noqa: C416 - rows are not pairs


def _find(work: Work) -> list[tuple[list[int], set[int]]]:
    """Return pieces of work: the ids of people to remind, and the ids of the cases in their reminders.

    Each piece fits into one transaction.
    """
    to_tell = _to_tell(work)
    people = list(to_tell)
    pieces = (people[start : start + MOST_PEOPLE] for start in range(0, len(people), MOST_PEOPLE))
    return [(some, {id_of(one.flagged[1]) for person_id in some for one in to_tell[person_id]}) for some in pieces]


def _tell(work: Work, piece: tuple[list[int], set[int]]) -> int:
    people, case_ids = piece
    take_turn(work)
    to_tell = _to_tell(work, col(Case.id).in_(case_ids))
    told = []
    for person_id in sorted(to_tell.keys() & set(people)):
        first = to_tell[person_id][0]
        on = work.now.astimezone(ZoneInfo(first.person.timezone)).date()
        told.append((Due(id_of(first.flagged[3]), PromptKind.ASSESSMENTS, on), person_id))
        work.tell(person_id, Notice.ASSESSMENTS_PROMPT)
    note_told(work, told)
    return len(told)


def compose_assessments(work: Work, actor: Actor, _: object = None) -> AssessmentPrompt | None:
    """Return the missing assessments that this person should be reminded of now, or None if there are none."""
    place = select(Membership.panel_id).where(col(Membership.person_id) == actor.person_id, holds_at(work.now))
    at_theirs = select(Flag.case_id).where(col(Flag.assessment_due_on).is_not(None), col(Flag.panel_id).in_(place))
    theirs = [one for one in _reminders(work, col(Case.id).in_(at_theirs)) if one.person.id == actor.person_id]
    views = view_flags(work, [one.flagged for one in theirs], with_words=False)
    own, others = [], []
    for one, view in zip(theirs, views, strict=True):
        if one.is_own:
            own.append(as_if_new(view) if one.is_withheld else view)
        else:
            others.append(view)
        if not one.is_withheld:
            work.saw(actor.person_id, [(view.case_id, view.panel_id)])
    return AssessmentPrompt(tuple(own), tuple(others)) if theirs else None


#: The tick's work on reminders of missing assessments.
ASSESSMENT_PROMPTS: Final = Sweep(_find, _tell)
