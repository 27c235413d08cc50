"""Cases that can't wait for their meeting. The flagger says why, and the chair decides when each case is heard."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col

from bot.domain.flag_state import LIVE_STATES, FlagEvent
from bot.domain.language.identifiers import accept_line, accept_venue, check_reference
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.vocabulary import FlagState, MeetingState
from bot.records.access.queries import Standing, Where, find_panel, readable, require_flag
from bot.records.agenda.changes import add_line, compile_items, keep_version
from bot.records.agenda.queries import has_agenda
from bot.records.cases.changes import change_flag, move_merged
from bot.records.cases.kept import KeptCases
from bot.records.cases.queries import FlagView, live_flag, merged_flags, view_flag, withheld_own_flags
from bot.records.cases.references import is_flagged_as, is_meant
from bot.records.diary.queries import is_coming, lock_diary, open_meeting
from bot.records.meeting.board import redraw_for_line
from bot.records.people.queries import members_who_may, presiding_or_office
from bot.records.rescheduling.changes import add_meeting
from bot.records.rescheduling.queries import begins_at, refuse_taken
from bot.services.agenda.triage import triaged_flag_for_notice
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

LASTS: Final = timedelta(hours=1)  # the length of an extraordinary meeting, which hears one case
_MEMBERS_READ: Final = "A case can't wait for the next meeting."  # shown in the diary: nothing about the case
_MISSING: Final = "Why should the panel hear it sooner? Each agency that flagged the case can read this."


@dataclass(frozen=True, slots=True)
class UrgentFlag:
    """A case that may be heard sooner than planned, for the person who decides."""

    flag: FlagView
    asked_id: int  #: the flag whose flagger said why it can't wait
    is_urgent: bool  #: a flagger said that it can't wait; if false, it was flagged while the panel meets
    meets_now: bool  #: the panel is meeting, and takes cases
    may_triage: bool


def ask_sooner(work: Work, actor: Actor, where: Where, reference: str, reason: str) -> UrgentFlag:
    """Record why a flagged case can't wait for its meeting, and ask the chair. Return what the chair is shown.

    Raise Mistake without a reason, or if the chair has been asked already.
    """
    standing = find_panel(work, actor, where, Verb.FLAG)
    reference = check_reference(reference)
    reason = accept_line(
        reason, field="reason", missing="Why can't the case wait? Add `because` and the reason.", today=work.now.date()
    )
    lock_diary(work, standing.panel_id)
    flag = _flag_to_hurry(work, actor, standing, reference)
    if flag.urgent_because is not None:
        raise Mistake(f"The chair has already been asked to hear {reference} sooner.")
    flag.urgent_because = work.seal(work.session.get_one(Case, flag.case_id).data_key_id, reason)
    work.session.add(flag)
    work.session.flush()
    for person in presiding_or_office(work, standing.panel_id):
        if person.id != actor.person_id:
            work.tell(id_of(person), Notice.URGENT_FLAG, once="asked", flag_id=id_of(flag))
    work.audit("hurry", "case", flag.case_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return UrgentFlag(
        flag=view_flag(work, flag),
        asked_id=id_of(flag),
        is_urgent=True,
        meets_now=_meets_now(work, standing) is not None,
        may_triage=standing.may(Verb.TRIAGE),
    )


def compose_urgent(work: Work, actor: Actor, flag_id: int) -> UrgentFlag | None:
    """Return a case for which the chair can still choose an earlier hearing, or None if it is too late for that."""
    standing, asked, _ = require_flag(work, actor, flag_id, Verb.READ_CASES, noun="that flag")
    flag = live_flag(work, asked.case_id, asked.meeting_id)
    meeting = work.session.get_one(Meeting, asked.meeting_id)
    waits = meeting.state is MeetingState.SCHEDULED or (
        meeting.state is MeetingState.OPEN and flag is not None and flag.state is FlagState.OPEN
    )
    if flag is None or not waits or meeting.is_extraordinary:
        return None
    work.saw(actor.person_id, [(flag.case_id, flag.panel_id)])
    return UrgentFlag(
        flag=view_flag(work, flag),
        asked_id=flag_id,
        is_urgent=asked.urgent_because is not None,
        meets_now=_meets_now(work, standing) is not None,
        may_triage=standing.may(Verb.TRIAGE),
    )


def show_urgency(work: Work, actor: Actor, flag_id: int) -> FlagView:
    """Return a flag with the reason why it can't wait, and record that the case was read."""
    standing, flag, _ = require_flag(work, actor, flag_id, Verb.READ_CASES, noun="that flag")
    work.saw(actor.person_id, [(flag.case_id, standing.panel_id)])
    return view_flag(work, flag)


def flag_to_hear(work: Work, actor: Actor, flag_id: int) -> FlagView:
    """Return the flag that the chair wants to hear sooner, for the form that asks for the reason."""
    _, flag, _ = _to_hear(work, actor, flag_id)
    work.saw(actor.person_id, [(flag.case_id, flag.panel_id)])
    return view_flag(work, flag)


def hear_today(work: Work, actor: Actor, flag_id: int, reason: str) -> FlagView:
    """Put a case at the end of the open meeting, with the chair's reason. Tell the flaggers.

    Raise Mistake if no meeting is open, or if the case is on its agenda already.
    """
    standing, flag, case = _to_hear(work, actor, flag_id, locked=True)
    today = _meets_now(work, standing)
    if today is None:
        raise Mistake("The panel isn't meeting now. *Hear it now* gives the case a meeting of its own.")
    _hear_at(work, standing, flag, case, today, reason)
    add_line(work, standing.panel, today, flag, case)
    redraw_for_line(work, today, flag.id)
    return view_flag(work, flag)


def hear_now(
    work: Work, actor: Actor, flag_id: int, *, starts_at: datetime, venue: str = "", reason: str = ""
) -> FlagView:
    """Add an extraordinary meeting for one case to the diary, with the chair's reason.

    `starts_at` is on the panel's clock. All members are invited. Those who may read the case get the agenda, and
    agencies are asked for returns. Raise Mistake for a time that has passed, is taken, or is not before the case's
    present meeting.
    """
    standing, flag, case = _to_hear(work, actor, flag_id, locked=True)
    panel = standing.panel
    begins = begins_at(work, panel, starts_at)
    if begins >= work.session.get_one(Meeting, flag.meeting_id).starts_at:
        raise Mistake(
            "The case's own meeting is before that. Choose an earlier day, or *At the meeting*.", field="date"
        )
    refuse_taken(work, panel, begins, LASTS)
    place = accept_venue(venue, field="venue", today=work.now.date()) or panel.venue
    meeting = Meeting(
        panel_id=id_of(panel), starts_at=begins, ends_at=begins + LASTS, venue=place, is_extraordinary=True
    )
    add_meeting(work, standing, meeting, _MEMBERS_READ)
    _hear_at(work, standing, flag, case, meeting, reason)
    compile_items(work, panel, meeting)
    keep_version(work, meeting)
    kept = KeptCases(work, [id_of(case)], [id_of(case)] if case.is_closed else [])
    for person in members_who_may(work, id_of(panel), Verb.SEE_AGENDA):
        if not kept.is_kept_from(id_of(case), id_of(person)):
            notice = Notice.AGENDA_FILE if person.id == actor.person_id else Notice.AGENDA_PUBLISHED
            work.tell(id_of(person), notice, once=1, meeting_id=id_of(meeting))
    work.audit("publish", "agenda", meeting.id, panel_id=panel.id, actor_id=actor.person_id)
    return view_flag(work, flag)


def sooner_flag_for_notice(work: Work, actor: Actor, flag_id: int, meeting_id: int) -> FlagView | None:
    """Return a flag that is heard sooner, for a message to its flagger, or None if the flag was moved again since."""
    flag, _ = triaged_flag_for_notice(work, actor, flag_id)
    return flag if flag.meeting_id == meeting_id else None


def show_why_sooner(work: Work, actor: Actor, flag_id: int) -> FlagView:
    """Return a flag with the chair's reason for an earlier hearing, and record that the case was read."""
    flag, _ = triaged_flag_for_notice(work, actor, flag_id)
    work.saw(actor.person_id, [(flag.case_id, flag.panel_id)])
    return flag


def _to_hear(work: Work, actor: Actor, flag_id: int, *, locked: bool = False) -> tuple[Standing, Flag, Case]:
    """Return the person's standing, and the live flag and case that can still be heard sooner.

    Raise Mistake for any other case. With `locked`, lock the panel's diary first.
    """
    standing, asked, case = require_flag(work, actor, flag_id, Verb.TRIAGE, noun="that flag")
    if locked:
        lock_diary(work, standing.panel_id)
    flag = live_flag(work, asked.case_id, asked.meeting_id)
    meeting = work.session.get_one(Meeting, asked.meeting_id)
    if flag is None:
        raise Mistake(f"{case.reference} is {asked.state.label} already.")
    if meeting.is_extraordinary or (meeting.state is MeetingState.OPEN and flag.state is FlagState.ACCEPTED):
        raise Mistake(f"{case.reference} already has an earlier meeting.")
    if meeting.state not in (MeetingState.SCHEDULED, MeetingState.OPEN):
        raise Mistake(f"The meeting of {case.reference} is over, or was cancelled.")
    return standing, flag, case


def _meets_now(work: Work, standing: Standing) -> Meeting | None:
    meeting = open_meeting(work, standing.panel_id)
    return None if meeting is None or meeting.is_extraordinary else meeting


def _flag_to_hurry(work: Work, actor: Actor, standing: Standing, reference: str) -> Flag:
    """Return the live flag of a case at a coming meeting, or the person's own flag if the case is kept from them."""
    found = work.find(
        Flag,
        col(Flag.panel_id) == standing.panel_id,
        col(Flag.state).in_(LIVE_STATES),
        col(Flag.case_id) == col(Case.id),
        is_meant(reference),
        readable(actor.person_id),
        col(Flag.meeting_id) == col(Meeting.id),
        is_coming(work),
        by=[col(Meeting.starts_at)],
    )
    own = (flag for flag, *_ in withheld_own_flags(work, actor, standing, is_flagged_as(reference)))
    flag = found or next(own, None)
    if flag is None:
        raise NotForYou(f"a flag for {reference}")
    return flag


def _hear_at(work: Work, standing: Standing, flag: Flag, case: Case, meeting: Meeting, reason: str) -> None:
    """Move a flag, with all flags merged into it, to an earlier meeting and accept the flag. Tell the flaggers."""
    actor, before = standing.actor, work.session.get_one(Meeting, flag.meeting_id)
    sealed = work.seal(case.data_key_id, accept_line(reason, field="reason", missing=_MISSING, today=work.now.date()))
    if before.id != meeting.id:
        if live_flag(work, flag.case_id, id_of(meeting)) is not None:
            raise Mistake(f"{case.reference} is on today's agenda already.")
        change_flag(work, flag, FlagEvent.MOVED, meeting_id=id_of(meeting))
        move_merged(work, flag.case_id, id_of(before), id_of(meeting))
        if before.state is MeetingState.SCHEDULED and has_agenda(work, before):
            compile_items(work, standing.panel, before)
    change_flag(work, flag, FlagEvent.ACCEPTED)
    flag.triaged_by_id, flag.triaged_at = actor.person_id, work.now
    told = {actor.person_id}
    for one in (flag, *merged_flags(work, flag.case_id, id_of(meeting))):
        one.sooner_because = sealed
        if one.person_id not in told:
            told.add(one.person_id)
            work.tell(one.person_id, Notice.HEARD_SOONER, flag_id=id_of(one), meeting_id=id_of(meeting))
    work.session.flush()
    work.audit("hear_sooner", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
