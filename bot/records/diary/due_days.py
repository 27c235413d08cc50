"""Due phrases, such as "next meeting": which day each means, by a panel's time zone, meetings and bank holidays."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final, overload

from dateutil.relativedelta import relativedelta
from sqlmodel import col

from bot.domain.language.due_phrases import read_due, why_moved
from bot.domain.language.due_reading import MOST_OFFERS, Asked, DueKind, DueReading, DueTerms
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.records.access.queries import local_time, today_at
from bot.records.diary.queries import TAKES_CASES, is_coming
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

MOST_MEETINGS: Final = 30  # two years of meetings: nothing may be due later


def due_reading(work: Work, panel: Panel, phrase: str) -> DueReading:
    """Return the day or days that a typed due phrase may mean on a panel."""
    return read_due(phrase, _terms(work, panel, _MeetingDays(work, panel)))


def due_terms(work: Work, panel: Panel) -> DueTerms:
    """Return the facts needed to work out what due phrases mean on a panel.

    These facts are today, the meeting days, the bank holidays and the words in the title of the panel's kind.
    """
    return _terms(work, panel, meeting_days(work, panel))


def _terms(work: Work, panel: Panel, meetings_on: Sequence[date]) -> DueTerms:
    return DueTerms(
        today_at(work, panel),
        meetings_on,
        work.definition(panel.definition).bank_holiday_subdivision,
        _words_of(work, panel),
    )


def due_day(work: Work, panel: Panel, due: str | date, after: date | None = None) -> date:
    """Return the day meant by a typed phrase or a picked date.

    Raise Mistake if a phrase means no day, or several. If `after` is given, the error suggests only later days.
    """
    found = due_reading(work, panel, due.isoformat() if isinstance(due, date) else due)
    if found.kind is not DueKind.ONE_DAY:
        if after is not None:
            later = [day for day in found.offers if day > after]
            if not later or found.kind is DueKind.PAST:
                later += days_after(work, panel, after)
            found = replace(found, offers=tuple(dict.fromkeys(later))[:MOST_OFFERS])
        raise found.refusal()
    return found.days[0]


def days_after(work: Work, panel: Panel, after: date) -> tuple[date, ...]:
    """Return working days one week, two weeks and a month after `after`, or after today if `after` has passed."""
    asked = Asked.of("", due_terms(work, panel))
    start = max(after, asked.today)
    days = (start + timedelta(weeks=1), start + timedelta(weeks=2), start + relativedelta(months=1))
    return tuple(day for day in map(asked.working, days) if asked.in_range(day))


def why_this_day(work: Work, panel: Panel, phrase: str, due_on: date) -> str:
    """Return a sentence saying that the phrase means a day that isn't a working day, so `due_on` was taken instead.

    Return an empty string if no other day was taken.
    """
    return why_moved(phrase, _terms(work, panel, _MeetingDays(work, panel)), due_on)


def _words_of(work: Work, panel: Panel) -> frozenset[str]:
    return _words(work.definition(panel.definition).title)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall("[a-z]+", text.lower()))


def meeting_days(work: Work, panel: Panel) -> tuple[date, ...]:
    """Return the days of the panel's coming meetings, the next one first, without extraordinary meetings."""
    coming = (col(Meeting.panel_id) == id_of(panel), is_coming(work), TAKES_CASES)
    meetings = work.find_all(Meeting, *coming, by=[col(Meeting.starts_at)], most=MOST_MEETINGS)
    return tuple(local_time(work, panel, meeting.starts_at).date() for meeting in meetings)


class _MeetingDays(Sequence[date]):
    """The days of a panel's coming meetings, read from the database only if a due phrase needs them."""

    def __init__(self, work: Work, panel: Panel) -> None:
        self._work, self._panel = work, panel

    @cached_property
    def _days(self) -> tuple[date, ...]:
        return meeting_days(self._work, self._panel)

    def __len__(self) -> int:
        return len(self._days)

    @overload
    def __getitem__(self, place: int) -> date: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[date]: ...
    def __getitem__(self, place: int | slice) -> date | Sequence[date]:
        return self._days[place]
