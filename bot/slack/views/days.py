"""Dates and times as people read them in chat."""

from datetime import date, datetime

from bot.domain.day_words import MONTHS, WEEKDAYS


def day(on: date) -> str:
    """A short date with its weekday, such as Fri 27 Nov 2026."""
    return f"{WEEKDAYS[on.weekday()][:3]} {on.day} {MONTHS[on.month - 1][:3]} {on.year}"


def moment(at: datetime) -> str:
    """A date and a local time, such as Fri 27 Nov 2026, 14:00."""
    return f"{day(at)}, {at:%H:%M}"


def sitting(starts_at: datetime, ends_at: datetime) -> str:
    """From when to when, such as Fri 27 Nov 2026, 14:00 to 16:00."""
    return f"{moment(starts_at)} to {ends_at:%H:%M}"
