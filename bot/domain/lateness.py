"""What is late in the diary of a panel: which deadline of a meeting has passed without what it asked for."""

from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from bot.domain.deadlines import MeetingDeadlines

_RUNS_EMPTY: Final = timedelta(days=28)  # a diary that ends sooner is shown as running empty


class Lateness(Enum):
    """What is late in the diary that somebody keeps."""

    TRIAGE = "triage"  # the cut-off for flags has passed, and some wait for the chair
    AGENDA = "agenda"  # not published at its deadline
    SUMMARY = "summary"  # decisions and actions are not out: nobody has drafted yet
    DRAFT = "draft"  # the same, past the deadline of the draft minutes
    APPROVAL = "approval"  # a draft that the chair has not approved in time
    EMPTY = "empty"  # hardly a meeting is left in the diary


def late_before_meeting(
    dates: MeetingDeadlines, today: date, *, waits: bool, has_agenda: bool
) -> list[tuple[Lateness, date]]:
    """What is late for a meeting to come, each with its deadline; `waits` says whether flags wait for the chair."""
    found = []
    if waits and dates.flags_close < today:
        found.append((Lateness.TRIAGE, dates.flags_close))
    if not has_agenda and dates.agenda <= today:
        found.append((Lateness.AGENDA, dates.agenda))
    return found


def late_after_meeting(dates: MeetingDeadlines, today: date, *, is_drafted: bool) -> tuple[Lateness, date] | None:
    """What is late of a meeting that was held and has no approved minutes, with its deadline; None when nothing is."""
    if is_drafted:
        return (Lateness.APPROVAL, dates.approved_minutes) if dates.approved_minutes <= today else None
    if dates.draft_minutes <= today:
        return Lateness.DRAFT, dates.draft_minutes
    return (Lateness.SUMMARY, dates.summary) if dates.summary <= today else None


def runs_empty(last_at: datetime | None, now: datetime) -> bool:
    """Whether hardly a meeting is left before the diary ends; `last_at` is its last meeting, None without any."""
    return last_at is None or last_at <= now + _RUNS_EMPTY
