"""What a change of a series looks like to who makes it: each date before and after, what stays, what cannot be."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.day_words import full_date
from bot.domain.rearrangement import Rearrangement
from bot.domain.recurrence import Occurrence, parse_rule
from bot.models.meetings import Meeting
from bot.models.panels import Series
from bot.models.vocabulary import MeetingState
from bot.records.access.clocks import local_time
from bot.records.access.queries import Standing
from bot.records.diary.clashes import Clash
from bot.records.diary.queries import is_open_ended
from bot.store.moves import remarks_on
from bot.store.rows import id_of
from bot.store.series_plan import stays, words_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class SeriesChoice:
    """A series with coming meetings, to choose from a list."""

    id: int
    rule: str  #: in words, without the day on which it began
    next_at: datetime
    coming: int
    goes_on: bool


@dataclass(frozen=True, slots=True)
class DateChange:
    """One meeting before and after; without a before it is new, without an after it is cancelled."""

    before: datetime | None
    after: datetime | None
    cases: int  #: that go along or elsewhere, of those the reader may see
    cases_to: datetime | None  #: where the cases of a cancelled meeting go
    remarks: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether anything becomes different."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What a change of a series does, date by date."""

    panel_key: str
    panel_title: str
    series_id: int
    rule_before: str
    rule_after: str  #: empty when the series ends
    dates: tuple[DateChange, ...]
    stays: tuple[str, ...]  #: what the change leaves where it is, and why
    cannot: tuple[str, ...]  #: why it cannot be saved like this
    clashes: tuple[Clash, ...]
    goes_on: bool


def choice_of(work: Work, standing: Standing, series: Series, coming: list[Meeting]) -> SeriesChoice:
    """One series as it is offered in a list; `coming` are its meetings, the next one first."""
    rule = parse_rule(series.rule)
    return SeriesChoice(
        id=id_of(series),
        rule=words_of(rule),
        next_at=local_time(work, standing.panel, coming[0].starts_at),
        coming=len(coming),
        goes_on=is_open_ended(rule, series.count),
    )


def cancelled_date(
    work: Work, standing: Standing, meeting: Meeting, heir: Meeting | None, cases: int, new: Rearrangement | None
) -> DateChange:
    """A meeting that is cancelled, and where the cases go that the reader may see."""
    to = None
    if heir is not None and cases:
        moved = dict(new.moved) if new is not None else {}
        heir_at = moved[id_of(heir)].starts_at if id_of(heir) in moved else heir.starts_at
        to = local_time(work, standing.panel, heir_at)
    return DateChange(local_time(work, standing.panel, meeting.starts_at), None, cases, to)


def by_date(change: DateChange) -> float:
    """Sorts dates by when they were, new ones by when they will be."""
    at = change.before or change.after
    return at.timestamp() if at is not None else 0.0


def remarks_of(work: Work, standing: Standing, one: Occurrence) -> tuple[str, ...]:
    """What is unusual about a date of the rule, and why it is not the day that the rule gives."""
    moved = (f"Instead of {full_date(one.rule_on)}: {one.moved}.",) if one.moved else ()
    return (*moved, *remarks_on(work, standing, one.starts_at.replace(tzinfo=None)))


def _when(work: Work, standing: Standing, meeting: Meeting) -> str:
    return full_date(local_time(work, standing.panel, meeting.starts_at).date())


def stays_because(work: Work, standing: Standing, meeting: Meeting) -> str:
    """Why a new rule leaves a meeting where it is."""
    when = _when(work, standing, meeting)
    if meeting.state is MeetingState.CANCELLED:
        return f"{when} stays cancelled, and no meeting is made in its place."
    return f"{when} stays, because its agenda is out. To move it, move it by itself."


def falls_on_kept(
    work: Work, standing: Standing, coming: list[Meeting], after: list[datetime], lasts: timedelta
) -> list[str]:
    """Why dates cannot be had: a meeting that stays is there."""
    kept = [one for one in coming if one.state is MeetingState.SCHEDULED and stays(one)]
    return [
        f"{full_date(at.date())} falls on the meeting of {_when(work, standing, one)}, whose agenda is out."
        for one in kept
        for at in after
        if one.starts_at < at + lasts and at < one.ends_at
    ]
