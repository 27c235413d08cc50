"""A series under a new rule: which meetings it moves, and to which dates."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlmodel import col, select

from bot.domain.panel_definition import PanelDefinition
from bot.domain.rearrangement import period_of
from bot.domain.recurrence import Occurrence, Recurrence, occurrences
from bot.domain.recurrence_rule import Unit, YearDay
from bot.domain.working_days import ONE_DAY
from bot.models.meetings import Meeting
from bot.models.panels import Series
from bot.models.vocabulary import MeetingState
from bot.records.access.clocks import local_time, rules_of
from bot.records.access.queries import Standing
from bot.records.diary.queries import AHEAD, meetings_of
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_SPARE: Final = 12  # dates beyond those needed, in the place of such as cannot be had


def coming_of(work: Work, series: Series, first: Meeting | None) -> list[Meeting]:
    """The meetings of a series that are still to begin, those cancelled too, from one of them on."""
    query = select(Meeting).where(
        col(Meeting.series_id) == id_of(series),
        col(Meeting.state).in_([MeetingState.SCHEDULED, MeetingState.CANCELLED]),
        col(Meeting.starts_at) > work.now,
    )
    if first is not None:
        query = query.where(col(Meeting.starts_at) >= first.starts_at)
    return list(work.session.exec(query.order_by(col(Meeting.starts_at), col(Meeting.id))))


def stays(meeting: Meeting) -> bool:
    """Whether a new rule leaves it where it is: it was cancelled by hand, or its agenda is out."""
    return meeting.state is MeetingState.CANCELLED or meeting.agenda_published_at is not None


def dates_wanted(series: Series, rule: Recurrence, slots: int) -> int | None:
    """How many dates the new rule is asked for; none where it says itself when it ends."""
    if rule.ends is not None or rule.times is not None:
        return None
    return slots if series.count is not None else max(slots, AHEAD)


def meetings_kept(series: Series, rule: Recurrence, count: int | None) -> int | None:
    """The count that the series has under its new rule; none when it goes on, or its words say when it ends."""
    return count if series.count is not None and rule.ends is None else None


def starts_from(
    work: Work, standing: Standing, series: Series, first: Meeting, rule: Recurrence, today: date, *, same: bool
) -> date:
    """From when the new rule gives its dates: the week or month of the first meeting that it moves."""
    panel = standing.panel
    on = local_time(work, panel, first.starts_at).date()
    if same and first.rule_on is not None:
        on = first.rule_on  # where it was moved by hand, its own place in the rhythm counts
    before = work.session.exec(
        select(Meeting.starts_at)
        .where(
            col(Meeting.series_id) == id_of(series),
            col(Meeting.state) != MeetingState.CANCELLED,
            col(Meeting.starts_at) < first.starts_at,
        )
        .order_by(col(Meeting.starts_at).desc())
    ).first()
    earliest = [period_of(rule, on), today]
    if before is not None:
        earliest.append(local_time(work, panel, before).date() + ONE_DAY)
    return max(earliest)


def in_phase(rule: Recurrence, series_rule_on: date, definition: PanelDefinition) -> Recurrence:
    """The rule counting from the week or month of the first meeting it moves, even where that date has gone by."""
    if rule.begins is not None or rule.every == 1:
        return rule
    first = occurrences(rule, start=period_of(rule, series_rule_on), count=1, definition=definition)[0].rule_on
    return replace(rule, begins=YearDay(first.month, first.day, first.year))


def dates_free(
    work: Work, standing: Standing, rule: Recurrence, start: date, count: int | None, moving: set[int]
) -> list[Occurrence]:
    """The coming dates of the rule that no other meeting of the panel takes up."""
    panel = standing.panel
    wanted = None if count is None else count + _SPARE
    given = occurrences(rule, start=start, count=wanted, definition=rules_of(work, panel))
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    others = [
        (meeting.starts_at, meeting.ends_at)
        for meeting in meetings_of(work, standing.panel_id)
        if meeting.id not in moving
    ]
    free = [
        one
        for one in given
        if one.starts_at > work.now
        and not any(begin < one.starts_at + lasts and one.starts_at < end for begin, end in others)
    ]
    return free if count is None else free[:count]


def in_order(moves: list[tuple[Meeting, Occurrence]]) -> list[tuple[Meeting, Occurrence]]:
    """So that no two ever stand at one time: what goes later from the last on, what comes earlier from the first."""
    later = [one for one in moves if one[1].starts_at > one[0].starts_at]
    earlier = [one for one in moves if one[1].starts_at <= one[0].starts_at]
    return [*reversed(later), *earlier]


def words_of(rule: Recurrence) -> str:
    """The rule without the day on which it began, so that it can be said again of the meetings to come."""
    if rule.begins is None:
        return rule.describe()
    weekdays = rule.weekdays
    if rule.unit is Unit.WEEK and not weekdays and rule.begins.year and rule.begins.day:
        weekdays = (date(rule.begins.year, rule.begins.month, rule.begins.day).weekday(),)
    return replace(rule, begins=None, weekdays=weekdays).describe()
