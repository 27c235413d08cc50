"""Possible dates for meetings: dates that a rule gives, dates without a clash, and new dates for postponed meetings."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlmodel import col

from bot.domain.deadlines import ONE_DAY, add_working_days, is_working_day
from bot.domain.language.day_words import MONTHS, WEEKDAYS
from bot.domain.language.rhythm_rule import Recurrence
from bot.domain.panel_definition import PanelDefinition
from bot.domain.recurrence import Occurrence, anchored, occurrences, taken_among
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState
from bot.records.access.queries import Standing, local_time, rules_of, today_at, zone_of
from bot.records.actions.queries import opened_or_erased
from bot.records.diary.queries import AHEAD, clashes_at, is_open_ended, meeting_after
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates that a rule gives: new ones, and those on which the panel already has a meeting."""

    new: tuple[Occurrence, ...]
    already_there: tuple[Occurrence, ...]


def dates_for(
    work: Work,
    panel: Panel,
    rule: Recurrence,
    *,
    start: date,
    count: int | None,
    rules: PanelDefinition | None = None,
) -> Dates:
    """Return the coming dates of a rule, the next twelve if the rule has no end.

    Raise Mistake in the same cases as `occurrences`. If `rules` is given, it replaces the panel's own definition.
    """
    rules = rules or rules_of(work, panel)
    wanted = AHEAD if is_open_ended(rule, count) else count
    given = occurrences(rule, start=start, count=wanted, definition=rules)
    coming = [one for one in given if one.starts_at > work.now]
    today = today_at(work, panel)
    if len(coming) < len(given) and (is_open_ended(rule, count) or start >= today):
        # Some dates have passed: give as many as were asked for from today on, in the same rhythm.
        rhythm = replace(anchored(rule, given), times=None)
        many = None if wanted is None and rule.times is None else min(filter(None, (wanted, rule.times))) + 1
        later = occurrences(rhythm, start=today, count=many, definition=rules)
        coming = [one for one in later if one.starts_at > work.now][: None if many is None else many - 1]
    taken = _times_taken(work, panel, coming)
    return Dates(
        new=tuple(one for one in coming if one.starts_at.astimezone(UTC) not in taken),
        already_there=tuple(one for one in coming if one.starts_at.astimezone(UTC) in taken),
    )


def _times_taken(work: Work, panel: Panel, given: Collection[Occurrence]) -> set[datetime]:
    """Return the start times in `given` at which the panel already has a meeting."""
    wanted = {one.starts_at.astimezone(UTC) for one in given}
    if not wanted:
        return set()
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    there = _meetings_during(work, panel, min(wanted), max(wanted) + lasts)
    return taken_among(given, lasts, [(one.starts_at, one.ends_at) for one in there])


def _meetings_during(work: Work, panel: Panel, first: datetime, last: datetime) -> list[Meeting]:
    """Return the panel's meetings, except cancelled ones, that overlap the time from `first` to `last`."""
    is_there = (col(Meeting.panel_id) == id_of(panel), col(Meeting.state) != MeetingState.CANCELLED)
    return work.find_all(Meeting, *is_there, col(Meeting.starts_at) < last, col(Meeting.ends_at) > first)


OFFERED: Final = 3
NOT_QUORATE: Final = "Not quorate"  # how the reason of a postponed meeting begins


def new_date_by(work: Work, panel: Panel, meeting: Meeting) -> date:
    """Return the last day allowed for the new date of a meeting that can't go ahead."""
    definition = work.definition(panel.definition)
    day = local_time(work, panel, meeting.starts_at).date()
    return add_working_days(day, definition.new_date_within, definition.bank_holiday_subdivision)


def new_date_owed(work: Work, panel: Panel, meeting: Meeting) -> date | None:
    """Return the last day allowed for a postponed meeting's new date, or None if the panel meets by that day."""
    by = new_date_by(work, panel, meeting)
    following = meeting_after(work, id_of(panel), meeting.starts_at)
    is_in_time = following is not None and local_time(work, panel, following.starts_at).date() <= by
    return None if is_in_time else by


def free_dates(work: Work, standing: Standing, meeting: Meeting) -> tuple[datetime, ...]:
    """Return up to three other times at which the meeting could be held, each on a different working day.

    The times are at the same local time of day, clash with nothing, and are no later than the last day allowed.
    """
    panel = standing.panel
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    was = local_time(work, panel, meeting.starts_at)
    first = max(was, local_time(work, panel, work.now)).date()
    days = (first + ONE_DAY * n for n in range(1, (new_date_by(work, panel, meeting) - first).days + 1))
    candidates = [
        datetime.combine(day, was.time(), tzinfo=zone_of(work, panel))
        for day in days
        if is_working_day(day, subdivision)
    ]
    lasts = meeting.ends_at - meeting.starts_at
    clashes = clashes_at(work, standing, candidates, lasts=lasts, venue=meeting.venue, except_for=[id_of(meeting)])
    taken = {clash.starts_at for clash in clashes}
    return tuple(at for at in candidates if at not in taken)[:OFFERED]


def postponed_words(work: Work, panel: Panel, meeting: Meeting) -> str:
    """Return a sentence saying that the meeting was postponed and why, or an empty string if it was not postponed."""
    if meeting.postponed_from is None:
        return ""
    was = local_time(work, panel, meeting.postponed_from)
    day = f"{WEEKDAYS[was.weekday()][:3]} {was.day} {MONTHS[was.month - 1]} {was.year}"
    return f"Postponed from {day}: {_why(work, meeting)}."


def _why(work: Work, meeting: Meeting) -> str:
    reason = opened_or_erased(work, meeting.postponed_because) if meeting.postponed_because else ""
    # Any other reason was erased, or belongs to a later move.
    if not reason.startswith(NOT_QUORATE):
        return NOT_QUORATE.lower()
    return f"{reason[:1].lower()}{reason[1:]}".rstrip(".")


#: The refusal is the same whether anything is flagged or not: it must not reveal a case that the reader can't see.
LAST_MEETING = (
    "That would leave the diary empty. Keep at least one meeting, or first add another with `/panel create` "
    "or `/panel add`."
)


def begins_at(work: Work, panel: Panel, wall_clock: datetime) -> datetime:
    """Return the UTC moment of a local time in the panel's time zone.

    Raise Mistake if the clocks skip that time, or if the time has passed.
    """
    zone = zone_of(work, panel)
    begins = wall_clock.replace(tzinfo=zone).astimezone(UTC)
    if begins.astimezone(zone).replace(tzinfo=None) != wall_clock:
        raise Mistake(
            f"On {wall_clock:%-d %B %Y} the clocks go forward: {wall_clock:%H:%M} does not exist. "
            "Choose an hour later.",
            field="time",
        )
    if begins <= work.now:
        raise Mistake("That time has passed. Choose a later one.", field="date")
    return begins


def refuse_taken(
    work: Work, panel: Panel, begins: datetime, lasts: timedelta, *, except_for: int | None = None
) -> None:
    """Raise Mistake if the panel already has a meeting at that time. The meeting `except_for` doesn't count."""
    if any(one.id != except_for for one in _meetings_during(work, panel, begins, begins + lasts)):
        raise Mistake(f"{panel.title} already meets at that time.", field="date")
