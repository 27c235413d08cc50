"""Correcting a person's times of arrival and leaving in a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import col

from bot.domain.language.clock_words import read_clock
from bot.domain.permissions import Actor
from bot.errors import Mistake
from bot.models.meetings import Attendance, Guest, Meeting
from bot.models.minutes import Minutes
from bot.models.vocabulary import CorrectionKind
from bot.records.access.queries import Standing, local_time
from bot.records.meeting.attendance import IN_THE_ROOM
from bot.records.minutes.changes import keep_correction
from bot.services.minutes.looking import Present, present_at
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class TimesChanged:
    """The times typed for one person's arrival and leaving. `mark` is `Present.times` from when the form was opened.

    An empty time means that the person was there from the beginning, or to the end.
    """

    key: str  #: `Present.key` of the person
    arrived: str
    left: str
    mark: str


def are_other_times(there: Sequence[Present], changed: TimesChanged) -> bool:
    """Return whether the typed times differ from those in the record.

    Raise Mistake for a person who is not in the record.
    """
    now = _person(there, changed)
    return (changed.arrived.strip(), changed.left.strip()) != (now.arrived, now.left)


def correct_times(
    work: Work, actor: Actor, standing: Standing, meeting: Meeting, minutes: Minutes, changed: TimesChanged, why: str
) -> None:
    """Correct the times at which one person arrived at a meeting and left it.

    Raise Mistake, attached to the field at fault, for a time outside the meeting, for a person who was not in the room,
    or if another person has changed the times meanwhile.
    """
    now = _person(present_at(work, standing, meeting), changed)
    if changed.mark != now.times:
        raise Mistake(f"Another person changed this since you opened the form: {_words(now.name, now)}", field="moved")
    if now.status not in IN_THE_ROOM:
        raise Mistake(f"{now.name} is not recorded as there. Correct that first.", field="moved")
    arrived_at = _moment(work, standing, meeting, changed.arrived, field="arrived")
    left_at = _moment(work, standing, meeting, changed.left, field="left")
    if arrived_at is not None and left_at is not None and left_at <= arrived_at:
        raise Mistake("They can't have left before they arrived.", field="left")
    row: Attendance | Guest
    if now.guest_id:
        row = work.session.get_one(Guest, now.guest_id)
    else:
        at_meeting = (col(Attendance.meeting_id) == id_of(meeting), col(Attendance.person_id) == now.person_id)
        (row,) = work.find_all(Attendance, *at_meeting)
    row.arrived_at, row.left_at = arrived_at, left_at
    work.session.add(row)
    work.session.flush()
    after = _person(present_at(work, standing, meeting), changed)
    keep_correction(
        work,
        actor,
        minutes,
        CorrectionKind.ATTENDANCE,
        before=_words(now.name, now),
        after=_words(now.name, after),
        reason=why,
        of_id=now.person_id or None,
    )


def _person(there: Sequence[Present], changed: TimesChanged) -> Present:
    found = next((one for one in there if one.key == changed.key), None)
    if found is None:
        raise Mistake("A guest was taken out since you opened the form. Open the form again.", field="moved")
    return found


def _words(name: str, person: Present) -> str:
    said = [f"arrived {person.arrived}" if person.arrived else "", f"left {person.left}" if person.left else ""]
    return f"{name}: {', '.join(filter(None, said)) or 'there from beginning to end'}"


def _moment(work: Work, standing: Standing, meeting: Meeting, typed: str, *, field: str) -> datetime | None:
    """Return the moment of a typed time of day during the meeting, or None if none is typed."""
    if not typed.strip():
        return None
    opened, closed = (local_time(work, standing.panel, at or work.now) for at in (meeting.opened_at, meeting.closed_at))
    said = read_clock(typed, closed).at
    if said is None:
        raise Mistake("Write the time as hours and minutes, such as 14:25.", field=field)
    at = opened.replace(hour=said.hour, minute=said.minute, second=0, microsecond=0)
    if at < opened.replace(second=0, microsecond=0) and closed.date() != opened.date():
        at += timedelta(days=1)
    if not opened.replace(second=0, microsecond=0) <= at <= closed:
        raise Mistake(
            f"The meeting was opened at {opened:%H:%M} and closed at {closed:%H:%M}. Give a time between the two.",
            field=field,
        )
    return at.astimezone(UTC)
