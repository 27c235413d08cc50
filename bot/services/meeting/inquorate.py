"""Meetings without a quorum: postponed, held as an interim discussion, or found to be quorate after all."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from bot.domain.language.day_words import full_date, listed
from bot.domain.language.identifiers import accept_line
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import QuorumView, not_here
from bot.domain.states import MeetingEvent
from bot.errors import Mistake
from bot.models.actions import Action, ActionEvent
from bot.models.meetings import AgendaItem, Attendance, AttendanceEntry, Decision, Guest, Meeting, Note
from bot.models.vocabulary import ActionEventKind, ItemState, MeetingChange, MeetingState, NoteKind
from bot.records.access.queries import Standing, Where, local_time
from bot.records.diary.queries import OfMeeting, lock_diary, meetings_after, of_meeting
from bot.records.meeting.board import redraw_board, remove_board
from bot.records.meeting.duties import require_for_meeting
from bot.records.meeting.given import given_at
from bot.records.meeting.queries import lines_of, open_sitting, quorum_at
from bot.records.rescheduling.changes import add_meeting, move, tell_of
from bot.records.rescheduling.queries import (
    NOT_QUORATE,
    begins_at,
    free_dates,
    new_date_by,
    new_date_owed,
    refuse_taken,
)
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class InquorateView(OfMeeting):
    """A meeting without a quorum, with the new dates to choose from."""

    quorum: QuorumView
    is_interim: bool
    by: date  #: the last day for the new date
    offered: tuple[datetime, ...]
    next_at: datetime | None  #: the next meeting in the diary
    needs_date: bool  #: a new date is needed, since the next meeting is later


@dataclass(frozen=True, slots=True)
class Postponed(OfMeeting):
    """A meeting that was postponed, with its new date and the number of its cases."""

    before: datetime
    cases: int  #: of those this reader sees


def show_inquorate(work: Work, actor: Actor, where: Where, meeting_id: int | None = None) -> InquorateView:
    """Return the open meeting, if it is not quorate or is an interim discussion, with the new dates to choose from.

    Raise Mistake for any other meeting.
    """
    standing, meeting = _sitting(work, actor, where, meeting_id)
    view = _view(work, standing, meeting)
    if view.quorum.met and not view.is_interim:
        raise Mistake("The meeting is quorate. To go on, type `/meeting next`.")
    return view


def postpone(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    starts_at: datetime,
    reason: str = "",
    meeting_id: int | None = None,
) -> Postponed:
    """Postpone a meeting without a quorum to a new date, with its cases and agenda. Members are told.

    `starts_at` is on the panel's clock. A date later than the definition allows needs a `reason`. Raise Mistake if this
    reason is missing, if the meeting is quorate, if a case has been heard, or if the meeting can't be held on the date.
    """
    standing, meeting = _locked_sitting(work, actor, where, meeting_id)
    quorum = quorum_at(work, standing.panel, meeting)
    if quorum.met:
        raise Mistake("The meeting is quorate now. To go on, type `/meeting next`.")
    heard = _heard(work, meeting)
    lines = lines_of(work, meeting, actor.person_id)
    # A refusal would reveal items kept from the person who postpones. What is recorded on them stays and moves with the
    # meeting.
    if any(line.is_readable and line.item.id in heard for line in lines):
        raise Mistake(
            "The panel has heard cases already, so you can't postpone the whole meeting. "
            "`/meeting close` moves cases without a decision to the next one."
        )
    begins = begins_at(work, standing.panel, starts_at)
    before = meeting.starts_at
    if begins <= before:
        raise Mistake("Choose a time after this meeting's own.", field="date")
    by = new_date_by(work, standing.panel, meeting)
    if starts_at.date() > by and not reason.strip():
        raise Mistake(
            f"Please say why the meeting can't be by {full_date(by)}. The minutes record your reason.",
            field="reason",
        )
    refuse_taken(work, standing.panel, begins, meeting.ends_at - before, except_for=id_of(meeting))
    why = f"{NOT_QUORATE} ({listed(quorum.missing)})"
    if reason.strip():
        why += f". {accept_line(reason, field='reason', missing='', today=work.now.date())}"
    meeting.postponed_because = work.seal(standing.panel.data_key_id, why)
    meeting.postponed_from = meeting.postponed_from or before  # if it is postponed twice, minutes name the first date
    meeting.is_interim = False
    _clear(work, standing, meeting, heard)
    remove_board(work, meeting)
    move(work, standing, meeting, begins, why, change=MeetingEvent.POSTPONED)
    tell_of(work, standing, meeting, MeetingChange.MOVED)
    lines = lines_of(work, meeting, actor.person_id)
    return Postponed(
        *of_meeting(work, standing.panel, meeting),
        before=local_time(work, standing.panel, before),
        cases=sum(line.case is not None and line.is_readable for line in lines),
    )


def hold_interim(work: Work, actor: Actor, where: Where, meeting_id: int | None = None) -> InquorateView:
    """Continue a meeting without a quorum, as an interim discussion.

    Notes and actions can then be recorded, but no decisions. Raise Mistake if the meeting is quorate.
    """
    standing, meeting = _sitting(work, actor, where, meeting_id)
    if not meeting.is_interim:
        if quorum_at(work, standing.panel, meeting).met:
            raise Mistake("The meeting is quorate now. To go on, type `/meeting next`.")
        meeting.is_interim = True
        redraw_board(work, standing.panel, meeting)
        work.audit("interim", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _view(work, standing, meeting)


def become_quorate(work: Work, actor: Actor, where: Where, meeting_id: int | None = None) -> InquorateView:
    """Turn an interim discussion into a quorate meeting, which can take decisions. Raise Mistake without a quorum."""
    standing, meeting = _sitting(work, actor, where, meeting_id)
    quorum = quorum_at(work, standing.panel, meeting)
    if not quorum.met:
        raise Mistake(
            f"The meeting is not quorate: {not_here(quorum.missing)}. To record who came: `/meeting attendance`."
        )
    if meeting.is_interim:
        meeting.is_interim = False
        redraw_board(work, standing.panel, meeting)
        work.audit("quorate", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _view(work, standing, meeting)


def set_new_date(work: Work, actor: Actor, where: Where, *, starts_at: datetime, meeting_id: int) -> InquorateView:
    """Add the quorate meeting that must follow an interim discussion to the diary. Members are told."""
    standing, meeting = _locked_sitting(work, actor, where, meeting_id)
    if not meeting.is_interim:
        raise Mistake("This is not an interim discussion. To add a meeting to the diary: `/panel add`.")
    begins = begins_at(work, standing.panel, starts_at)
    if begins <= meeting.starts_at:
        raise Mistake("Choose a time after this meeting's own.", field="date")
    lasts = timedelta(minutes=work.definition(standing.panel.definition).duration)
    refuse_taken(work, standing.panel, begins, lasts)
    held = full_date(local_time(work, standing.panel, meeting.starts_at).date())
    added = Meeting(panel_id=standing.panel_id, starts_at=begins, ends_at=begins + lasts, venue=meeting.venue)
    add_meeting(work, standing, added, f"The meeting of {held} was not quorate.")
    return _view(work, standing, meeting)


def decline_new_date(work: Work, actor: Actor, where: Where, reason: str, meeting_id: int) -> InquorateView:
    """Record that no new date is set, with the reason.

    The minutes print both under the first heading.
    """
    standing, meeting = _sitting(work, actor, where, meeting_id)
    reason = accept_line(
        reason,
        field="reason",
        missing="Please say why there is no new date. The minutes record your reason.",
        today=work.now.date(),
    )
    opening = work.session.exec(
        select(AgendaItem)
        .where(col(AgendaItem.meeting_id) == id_of(meeting), col(AgendaItem.flag_id).is_(None))
        .order_by(col(AgendaItem.position))
    ).first()
    if opening is None:
        raise Mistake("The agenda has no heading for that. Record it with `/meeting note`.")
    words = f"No new date was set by {full_date(new_date_by(work, standing.panel, meeting))}: {reason}"
    work.session.add(
        Note(
            item_id=id_of(opening),
            kind=NoteKind.DISCUSSION,
            text=work.seal(standing.panel.data_key_id, words),
            written_by_id=actor.person_id,
            written_at=work.now,
        )
    )
    work.session.flush()
    work.audit("decline", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _view(work, standing, meeting)


def _locked_sitting(work: Work, actor: Actor, where: Where, meeting_id: int | None) -> tuple[Standing, Meeting]:
    standing, _ = _sitting(work, actor, where, meeting_id)
    lock_diary(work, standing.panel_id)
    return _sitting(work, actor, where, meeting_id)


def _sitting(work: Work, actor: Actor, where: Where, meeting_id: int | None) -> tuple[Standing, Meeting]:
    if meeting_id is None:
        return open_sitting(work, actor, where, Verb.RUN_MEETING)
    standing = require_for_meeting(work, actor, meeting_id, Verb.RUN_MEETING)
    meeting = work.session.get_one(Meeting, meeting_id)
    if meeting.state is not MeetingState.OPEN:
        raise Mistake("That meeting is no longer open, so nothing was changed.")
    return standing, meeting


def _view(work: Work, standing: Standing, meeting: Meeting) -> InquorateView:
    following = meetings_after(work, standing.panel_id, meeting.starts_at)
    return InquorateView(
        *of_meeting(work, standing.panel, meeting),
        quorum=quorum_at(work, standing.panel, meeting),
        is_interim=meeting.is_interim,
        by=new_date_by(work, standing.panel, meeting),
        offered=free_dates(work, standing, meeting),
        next_at=local_time(work, standing.panel, following[0].starts_at) if following else None,
        needs_date=new_date_owed(work, standing.panel, meeting) is not None,
    )


def _heard(work: Work, meeting: Meeting) -> set[int]:
    """Return the ids of the case items under which something was recorded, including items kept from the reader."""
    cases = select(AgendaItem.id).where(
        col(AgendaItem.meeting_id) == id_of(meeting), col(AgendaItem.flag_id).is_not(None)
    )
    columns = (col(Note.item_id), col(Decision.item_id), col(Action.item_id))
    found = [work.session.exec(select(column).where(column.in_(cases))).all() for column in columns]
    return {number for numbers in found for number in numbers if number is not None}


def _clear(work: Work, standing: Standing, meeting: Meeting, heard: set[int]) -> None:
    """Clear the attendance of a meeting that gets a new date, and reset its items that were not heard.

    Holders are told of the actions given so far.
    """
    actor_id = standing.actor.person_id
    for row in work.session.exec(select(Attendance).where(col(Attendance.meeting_id) == id_of(meeting))):
        work.session.delete(row)
    for guest in work.find_all(Guest, col(Guest.meeting_id) == id_of(meeting), col(Guest.undone_at).is_(None)):
        guest.undone_at = work.now
    of_meeting_now = (col(AttendanceEntry.meeting_id) == id_of(meeting), col(AttendanceEntry.undone_at).is_(None))
    for entry in work.find_all(AttendanceEntry, *of_meeting_now):
        entry.undone_at = work.now
    work.audit("clear", "attendance", meeting.id, panel_id=standing.panel_id, actor_id=actor_id)
    for item in work.session.exec(select(AgendaItem).where(col(AgendaItem.meeting_id) == id_of(meeting))):
        if item.id not in heard:
            item.state, item.put_off, item.reached_at = ItemState.PENDING, None, None
    # The holders of actions given at the meeting have had no message yet, since it is sent after the meeting.
    events = (ActionEventKind.ADDED, ActionEventKind.REASSIGNED)
    rows = work.session.execute(
        select(Action, ActionEvent)
        .join(ActionEvent, col(ActionEvent.action_id) == col(Action.id))
        .where(
            given_at(meeting, meeting.asked_open_at),
            col(ActionEvent.kind).in_(sorted(events)),
            col(ActionEvent.holder_id) == col(Action.holder_id),
        )
        .order_by(col(ActionEvent.id))
    )
    last = {id_of(action): (action, event) for action, event in rows}
    for action, event in last.values():
        if action.holder_id != actor_id:
            work.tell(action.holder_id, Notice.ACTION_GIVEN, action_id=id_of(action), event_id=id_of(event))
    work.session.flush()
