"""Meetings that nobody opened: asking what happened, and recording that one was held elsewhere."""

from datetime import timedelta
from typing import Final

from sqlmodel import col

from bot.domain.language.identifiers import accept_reason
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.records.access.queries import Standing, Where, find_panel, require_meeting
from bot.records.diary.queries import MeetingChoice, MeetingView, choices_of, is_not_held, lock_diary, view_meeting
from bot.records.rescheduling import changes
from bot.services.rescheduling.meetings import ChangeOfDate
from bot.store.unit_of_work import Work

_RECENT: Final = timedelta(days=90)  # within this time `take_back_elsewhere` is offered
_SHOWN: Final = 3


def show_not_held(work: Work, actor: Actor, meeting_id: int) -> MeetingView:
    """Return a meeting that nobody opened, if nobody has recorded why. Raise Mistake for any other meeting."""
    return view_meeting(work, *_not_held(work, actor, meeting_id))


def preview_elsewhere(work: Work, actor: Actor, meeting_id: int) -> ChangeOfDate:
    """Return what recording a meeting as held elsewhere would do. Raise the same errors as `show_not_held`."""
    return _elsewhere(show_not_held(work, actor, meeting_id))


def say_elsewhere(work: Work, actor: Actor, meeting_id: int, *, reason: str) -> ChangeOfDate:
    """Record that a meeting was held elsewhere, and why it was not opened. Nothing else changes, and nobody is told.

    The meeting's cases still go to the next meeting. Raise Mistake if what happened to the meeting is recorded already.
    """
    reason = accept_reason(reason, today=work.now.date())
    standing, meeting = _not_held(work, actor, meeting_id, locked=True)
    change = _elsewhere(view_meeting(work, standing, meeting))
    changes.note_elsewhere(work, standing, meeting, reason)
    return change


def held_elsewhere(work: Work, actor: Actor, where: Where) -> tuple[MeetingChoice, ...]:
    """Return recent meetings that were held elsewhere, latest first, or () for people who may not change the diary."""
    standing = find_panel(work, actor, where, Verb.SEE_DIARY)
    if not standing.may(Verb.SCHEDULE):
        return ()
    theirs = (col(Meeting.panel_id) == standing.panel_id, col(Meeting.elsewhere_at).is_not(None))
    recent = col(Meeting.starts_at) > work.now - _RECENT
    found = work.find_all(Meeting, *theirs, recent, by=[col(Meeting.starts_at).desc()], most=_SHOWN)
    return choices_of(work, standing, found)


def take_back_elsewhere(work: Work, actor: Actor, meeting_id: int) -> MeetingView:
    """Take back the record that a meeting was held elsewhere, so that people are asked again what happened.

    Nobody is told. Raise Mistake for a meeting that is not recorded as held elsewhere.
    """
    standing, _ = require_meeting(work, actor, meeting_id, Verb.SCHEDULE)
    lock_diary(work, standing.panel_id)
    meeting = work.session.get_one(Meeting, meeting_id)
    if meeting.elsewhere_at is None:
        raise Mistake("That meeting isn't recorded as held elsewhere.")
    changes.forget_elsewhere(work, standing, meeting)
    return view_meeting(work, standing, meeting)


def _not_held(work: Work, actor: Actor, meeting_id: int, *, locked: bool = False) -> tuple[Standing, Meeting]:
    """Return the person's standing and a meeting that nobody opened. With `locked`, lock the panel's diary first.

    Raise Mistake for any other meeting, and if it is recorded already what happened to this one.
    """
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SCHEDULE)
    if locked:
        lock_diary(work, standing.panel_id)
    if not is_not_held(work, meeting):
        raise Mistake("Someone has already recorded what happened to that meeting.")
    return standing, meeting


def _elsewhere(view: MeetingView) -> ChangeOfDate:
    return ChangeOfDate(meeting=view, before=view.starts_at, is_past=True)
