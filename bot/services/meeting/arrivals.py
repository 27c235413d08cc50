"""People who came after a meeting had begun or left before its end, as the attendance form says."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlmodel import col

from bot.errors import Mistake
from bot.models.meetings import Attendance, Guest, Meeting
from bot.models.vocabulary import AttendanceStatus
from bot.records.access.queries import Standing, local_time
from bot.records.meeting.attendance import IN_THE_ROOM, Before, before_change
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Moves:
    """The people who came late and left early, as the form says, and what the form showed at first.

    Users are by Slack user id, guests by number. Those that the form was drawn with and still names are left as they
    are by now, since another person may have recorded something else meanwhile; those that it was drawn with and no
    longer names as late or gone were not. `at` is the time of those that it names for the first time, as it was typed;
    without one they moved just now.
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
    """Return whether a person's record has changed since the form was opened."""
    if is_here:
        is_drawn = user_id in (*moves.were_here, *moves.were_late, *moves.had_left)
        return is_drawn and status not in IN_THE_ROOM
    return user_id in moves.were_away and status is not AttendanceStatus.APOLOGIES


def move_person(row: Attendance, moves: Moves, user_id: str, at: datetime) -> None:
    """Record on a person's row when they came and left, if the form says something new."""
    is_late, was_late = user_id in moves.late, user_id in moves.were_late
    if is_late is not was_late:
        row.arrived_at = (row.arrived_at or at) if is_late else None
    is_gone, was_gone = user_id in moves.left, user_id in moves.had_left
    if is_gone is not was_gone:
        row.left_at = (row.left_at or at) if is_gone else None


def move_guests(
    work: Work, meeting: Meeting, moves: Moves, at: datetime, *, accepted: bool
) -> list[tuple[Attendance | Guest, Before]]:
    """Record which people without Slack left, and perhaps that all accept the statement. Return the changed ones."""
    changed: list[tuple[Attendance | Guest, Before]] = []
    for guest in work.find_all(Guest, col(Guest.meeting_id) == id_of(meeting), col(Guest.undone_at).is_(None)):
        changed.append((guest, before_change(guest)))
        is_gone, was_gone = guest.id in moves.guests_left, guest.id in moves.guests_had_left
        if is_gone is not was_gone:
            guest.left_at = (guest.left_at or at) if is_gone else None
        if accepted and guest.left_at is None:
            guest.acknowledged_at = guest.acknowledged_at or work.now
    return changed


_CLOCK: Final = re.compile(r"(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)", re.ASCII)


def moment_of_moves(work: Work, standing: Standing, meeting: Meeting, typed: str) -> datetime:
    """Return the moment of a typed time of day, or now without one. Raise Mistake outside the meeting."""
    if not typed.strip():
        return work.now
    found = _CLOCK.fullmatch(typed.strip())
    if found is None:
        raise Mistake("Write the time as hours and minutes, such as 14:25.", field="at")
    opened_at = local_time(work, standing.panel, meeting.opened_at or work.now)
    now = local_time(work, standing.panel, work.now)
    at = opened_at.replace(hour=int(found["hour"]), minute=int(found["minute"]), second=0, microsecond=0)
    if not opened_at.replace(second=0, microsecond=0) <= at <= now:
        raise Mistake(
            f"The meeting was opened at {opened_at:%H:%M}, and it is {now:%H:%M} now: give a time between them.",
            field="at",
        )
    return at.astimezone(UTC)
