"""Refusing members who may not do something in a meeting, with a sentence that says who may.

Members know of the meeting already. People without a place on the panel get the same answer as for a meeting that does
not exist.
"""

from typing import Final

from sqlmodel import col, select

from bot.domain.language.day_words import full_date
from bot.domain.permissions import Actor, Verb, who_may
from bot.errors import Mistake, NotForYou, NotTheirDuty
from bot.models.meetings import AgendaItem, Attendance, Meeting
from bot.models.minutes import Minutes
from bot.models.vocabulary import MeetingState
from bot.records.access.queries import Standing, Where, find_panel, local_time, require_meeting, today_at
from bot.records.diary.queries import last_closed_meeting
from bot.store.unit_of_work import Work

_DUTIES: Final = frozenset({Verb.RUN_MEETING, Verb.TAKE_ATTENDANCE, Verb.NOTE, Verb.DECIDE})
_OBSERVERS: Final = "Observers can hear the meeting, but can't see its items or give actions here."


def find_for_meeting(work: Work, actor: Actor, where: Where, verb: Verb) -> Standing:
    """Return the person's standing on the panel that they mean, if they may do `verb` in its meeting.

    Raise NotTheirDuty if they are a member of the panel but may not do `verb`. Otherwise raise the same errors as
    `find_panel`.
    """
    try:
        return find_panel(work, actor, where, verb)
    except NotForYou as unknown:
        try:
            standing = find_panel(work, actor, where, Verb.SEE_DIARY)
        except (Mistake, NotForYou):
            raise unknown from None
        raise _refusal(work, standing, verb, unknown) from None


def require_for_meeting(work: Work, actor: Actor, meeting_id: int, verb: Verb) -> Standing:
    """Return the person's standing on the meeting's panel, if they may do `verb` there.

    Raise NotTheirDuty if they are a member of the panel but may not do `verb`, and NotForYou if they are no member.
    """
    try:
        return require_meeting(work, actor, meeting_id, verb)[0]
    except NotForYou as unknown:
        try:
            standing, _ = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)
        except NotForYou:
            raise unknown from None
        raise _refusal(work, standing, verb, unknown) from None


def refuse_closed(
    work: Work,
    standing: Standing,
    meeting: Meeting | None,
    verb: Verb,
    item_id: int | None = None,
    meeting_id: int | None = None,
) -> None:
    """Raise Mistake if the meeting that the person means is closed. The error says what they can do instead.

    The person means the meeting with the id `meeting_id`, or the one that has the item `item_id`. If neither id is
    given and no meeting is open, they mean the last meeting, if the panel closed it today.
    """
    closed = None
    if item_id or meeting_id:  # 0 stands for none
        item = work.session.get(AgendaItem, item_id) if item_id else None
        meant = item.meeting_id if item is not None else meeting_id
        closed = work.session.get(Meeting, meant) if meant is not None else None
    elif meeting is None:
        last = last_closed_meeting(work, standing.panel_id)
        if last is not None and last.closed_at is not None:
            is_today = local_time(work, standing.panel, last.closed_at).date() == today_at(work, standing.panel)
            closed = last if is_today else None
    if closed is None or closed.panel_id != standing.panel_id or closed.closed_at is None:
        return
    began = local_time(work, standing.panel, closed.starts_at)
    said = closed_words(work, standing, closed)
    its_day = f"{began.day} {began:%B %Y} {standing.panel.key}"
    if verb in _RECORDING:
        look = f"/minutes look {its_day}"
        refused = Mistake(f"{said}, so you can record nothing more there. To correct the minutes: `{look}`.")
        refused.commands = ((look, look),)
        raise refused
    if verb is Verb.RUN_MEETING:
        raise Mistake(f"{said}. To begin the next meeting: `/meeting open`.")
    raise Mistake(f"{said}. Once the minutes are approved, you can read them: `/minutes export {its_day}`.")


def none_open(work: Work, standing: Standing, verb: Verb) -> Mistake:
    """Return the refusal to do `verb` while no meeting is open, with the command for what the person can do instead.

    What is still to be recorded of the last meeting goes into its minutes. If a meeting is due today, a person who may
    open it is offered that.
    """
    said = f"No meeting of {standing.panel.title} is open."
    last = last_closed_meeting(work, standing.panel_id)
    may_open = standing.may(Verb.RUN_MEETING)
    if (
        last is not None
        and verb in _RECORDING
        and standing.may(Verb.DRAFT_MINUTES)
        and not _is_due_today(work, standing)
    ):
        began = local_time(work, standing.panel, last.starts_at)
        is_drafted = work.session.exec(select(Minutes.id).where(col(Minutes.meeting_id) == last.id)).first() is not None
        way = f"/minutes {'look' if is_drafted else 'draft'} {began.day} {began:%B %Y} {standing.panel.key}"
        does = "correct" if is_drafted else "write"
        refused = Mistake(f"{said} To {does} the minutes of {full_date(began.date())}: `{way}`.")
        refused.commands = ((way, way),)
        return refused
    return Mistake(f"{said} To begin the next meeting: `/meeting open`." if may_open else said)


def _is_due_today(work: Work, standing: Standing) -> bool:
    """Return whether a meeting of the panel that was not opened yet is in the diary for today."""
    scheduled = select(Meeting.starts_at).where(
        col(Meeting.panel_id) == standing.panel_id, col(Meeting.state) == MeetingState.SCHEDULED
    )
    today = today_at(work, standing.panel)
    return any(local_time(work, standing.panel, at).date() == today for at in work.session.exec(scheduled))


_RECORDING: Final = frozenset({Verb.NOTE, Verb.DECIDE, Verb.TAKE_ATTENDANCE})


def closed_words(work: Work, standing: Standing, closed: Meeting) -> str:
    """Return when a closed meeting was held and when it was closed, in words without a full stop."""
    began = local_time(work, standing.panel, closed.starts_at)
    ended = local_time(work, standing.panel, closed.closed_at or closed.ends_at)
    on = "" if ended.date() == began.date() else f" on {full_date(ended.date())}"
    return f"The meeting of {full_date(began.date())} was closed at {ended:%H:%M}{on}"


def _refusal(work: Work, standing: Standing, verb: Verb, unknown: NotForYou) -> NotTheirDuty | NotForYou:
    if not standing.roles:  # an administrator, who keeps diaries and has no place
        return unknown
    said = f"On {standing.panel.title}, {who_may(verb)}." if verb in _DUTIES else _OBSERVERS
    meeting_id = standing.open_meeting_id
    is_here = meeting_id is not None and has_acknowledged(work, standing, meeting_id)
    return NotTheirDuty(
        said,
        standing.panel.key,
        meeting_id,
        may_open_items=meeting_id is not None and standing.may(Verb.SEE_AGENDA),
        is_here=is_here,
    )


def has_acknowledged(work: Work, standing: Standing, meeting_id: int) -> bool:
    """Return whether the person has accepted the confidentiality statement of this meeting."""
    theirs = select(Attendance.id).where(
        col(Attendance.meeting_id) == meeting_id,
        col(Attendance.person_id) == standing.actor.person_id,
        col(Attendance.acknowledged_at).is_not(None),
    )
    return work.session.exec(theirs).first() is not None
