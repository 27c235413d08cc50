"""Recording who arrived late or left early, from the attendance form."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import col

from bot.domain.language.clock_words import read_clock
from bot.errors import Mistake
from bot.models.meetings import Attendance, Guest, Meeting
from bot.models.vocabulary import AttendanceStatus
from bot.records.access.queries import Standing, local_time
from bot.records.meeting.attendance import IN_THE_ROOM, Before, before_change
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Moves:
    """The late arrivals and early departures in the attendance form, and those that the form first showed.

    Members are given by Slack user, guests by id. Only the differences are recorded, because another person may have
    changed the rest meanwhile. If the form no longer names a person as late or gone, their recorded time is removed.
    `at` is the typed time for people that the form did not name before. If `at` is empty, they came or left just now.
    """

    late: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    were_here: tuple[str, ...] = ()
    were_away: tuple[str, ...] = ()
    were_late: tuple[str, ...] = ()
    had_left: tuple[str, ...] = ()
    guests_left: tuple[int, ...] = ()
    guests_had_left: tuple[int, ...] = ()
    at: str = ""


def is_overtaken(status: AttendanceStatus | None, moves: Moves, user_id: str, *, is_here: bool) -> bool:
    """Return whether another user changed the attendance of `user_id` after the form was opened."""
    if is_here:
        is_drawn = user_id in (*moves.were_here, *moves.were_late, *moves.had_left)
        return is_drawn and status not in IN_THE_ROOM
    return user_id in moves.were_away and status is not AttendanceStatus.APOLOGIES


def move_person(row: Attendance, moves: Moves, user_id: str, at: datetime) -> None:
    """Update when a person arrived or left, if these fields were changed since the form was opened.

    `at` is the time to record.
    """
    is_late, was_late = user_id in moves.late, user_id in moves.were_late
    if is_late is not was_late:
        row.arrived_at = (row.arrived_at or at) if is_late else None
    is_gone, was_gone = user_id in moves.left, user_id in moves.had_left
    if is_gone is not was_gone:
        row.left_at = (row.left_at or at) if is_gone else None


def move_guests(
    work: Work, meeting: Meeting, moves: Moves, at: datetime, *, accepted: bool
) -> list[tuple[Attendance | Guest, Before]]:
    """Record which guests have left. Return each guest's row with its values before the change.

    With `accepted`, also record that the guests in the room accept the confidentiality statement.
    """
    changed: list[tuple[Attendance | Guest, Before]] = []
    for guest in work.find_all(Guest, col(Guest.meeting_id) == id_of(meeting), col(Guest.undone_at).is_(None)):
        changed.append((guest, before_change(guest)))
        is_gone, was_gone = guest.id in moves.guests_left, guest.id in moves.guests_had_left
        if is_gone is not was_gone:
            guest.left_at = (guest.left_at or at) if is_gone else None
        if accepted and guest.left_at is None:
            guest.acknowledged_at = guest.acknowledged_at or work.now
    return changed


def moment_of_moves(work: Work, standing: Standing, meeting: Meeting, typed: str) -> datetime:
    """Return the moment of a typed time of day, or the present moment if no time is typed.

    Raise Mistake for a time outside the meeting.
    """
    if not typed.strip():
        return work.now
    now = local_time(work, standing.panel, work.now)
    said = read_clock(typed, now).at
    if said is None:
        raise Mistake("Write the time as hours and minutes, such as 14:25.", field="at")
    opened_at = local_time(work, standing.panel, meeting.opened_at or work.now)
    at = opened_at.replace(hour=said.hour, minute=said.minute, second=0, microsecond=0)
    if at < opened_at.replace(second=0, microsecond=0):
        at += timedelta(days=1)  # after midnight
    if at > now:
        raise Mistake(
            f"The meeting was opened at {opened_at:%H:%M}, and it is {now:%H:%M} now. Give a time between the two.",
            field="at",
        )
    return at.astimezone(UTC)
