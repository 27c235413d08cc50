"""Due dates as people in the United Kingdom type them: day first, strict, never guessed.

Four rules settle where a phrase lands. A day that was *named* (a date, a weekday, today, tomorrow) is kept,
weekend or not, because the answer echoes it. A day that was *counted out* ("in 2 weeks", "a month today")
moves on to the next working day. An *end* ("end of March") is the last working day of that period. "Before
Friday" is the last working day before it. What people read in two ways is refused with both dates.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from bot.domain.day_words import full_date
from bot.domain.due_grammar import FORMS, Asked
from bot.domain.working_days import ONE_DAY, previous_working_day

_LONGEST_ECHO: Final = 60
_LEAD: Final = re.compile(r"(?:due\b ?:? ?)?(?:(?:by|on)\b ?:? ?)*")
_BEFORE: Final = re.compile(r"before (?:the )?(?=\S)")

# What may stand between the text and the phrase; the last of them that a due phrase follows is the one meant.
_SEPARATOR: Final = re.compile(
    r"""(?:^|(?<=[\s,;:.(\[]))
    (?: due (?:\s*:\s*|\s+) (?:(?:by|on)\s+)? (?P<due_before>before\s+)? | (?:by\s+)+ | (?P<before>before\s+) )""",
    re.IGNORECASE | re.VERBOSE,
)


def _normal(phrase: str) -> str:
    plain = re.sub(r"['’]", "", phrase.casefold())
    words = re.sub(r"[\s,]+", " ", plain).strip(' .!?;:()[]"–-')
    return _LEAD.sub("", words, count=1).removesuffix(" please")


def _reading(normal: str) -> Callable[[Asked], date] | None:
    """How to get the date of a normalised phrase, or nothing where it has no form that we know."""
    for form, reader in FORMS:
        if found := form.fullmatch(normal):
            return lambda asked: reader(found, asked)
    if (before := _BEFORE.match(normal)) and (inner := _reading(normal[before.end() :])):
        return lambda asked: _day_before(inner(asked), asked)
    return None


def _day_before(day: date, asked: Asked) -> date:
    if day <= asked.today:
        raise asked.refuse(f"There is no time left before {full_date(day)}.", asked.today, asked.in_two_weeks())
    eve = day - ONE_DAY
    # On a Sunday, "before Monday" can only be today.
    return max(previous_working_day(eve, asked.subdivision), asked.today)


def parse_due(phrase: str, *, today: date, next_meeting_on: date | None = None, subdivision: str = "ENG") -> date:
    """The day that a due phrase means, from today to two years ahead.

    `Mistake` where it is unknown, ambiguous, past or too far; its sentence ends in two phrases that would be
    accepted. A date without a year is the next such date, today included.
    """
    echo = " ".join(phrase.split())
    echo = echo if len(echo) <= _LONGEST_ECHO else f"{echo[: _LONGEST_ECHO - 1]}…"
    asked = Asked(echo.replace('"', "'"), today, next_meeting_on, subdivision)
    if not echo:
        raise asked.refuse("Say when it is due.", asked.coming(4), "in 2 weeks")
    read = _reading(_normal(phrase))
    if read is None:
        raise asked.refuse(f'I can\'t read "{asked.phrase}" as a due date.', asked.coming(4), "in 2 weeks")
    day = read(asked)
    if day < today:
        raise asked.refuse(f"{full_date(day)} has passed.", *_same_day_later(day, asked))
    if day > asked.limit:
        raise asked.refuse(f"{full_date(day)} is more than two years ahead.", asked.limit, "in 6 months")
    return day


def _same_day_later(day: date, asked: Asked) -> list[date]:
    for year in range(asked.today.year, asked.limit.year + 1):
        later = day.replace(year=year, day=min(day.day, 28) if day.month == 2 else day.day)
        if asked.in_range(later):
            return [later]
    return []


def split_due(text: str) -> tuple[str, str | None]:
    """Part what is to be done from when: ("Ring the GP", "Friday") for "Ring the GP by Friday".

    The last "by", "due", "due:" or "before" that a due phrase follows parts them; without one the phrase is
    None and the text is whole. A phrase after "before" keeps that word, because it excludes the day. A phrase
    that `parse_due` will refuse ("next Friday", "31 February") still parts: nothing is lost in silence.
    """
    whole = text.strip()
    for separator in reversed(list(_SEPARATOR.finditer(whole))):
        before = separator["before"] or separator["due_before"] or ""
        tail = whole[separator.end() - len(before) :]
        if _reading(_normal(tail)) is not None:
            return whole[: separator.start()].rstrip(" ,;:–-(["), tail.strip(" .!?;:()[]")
    return whole, None


def describe_due(day: date, today: date) -> str:
    """The date in full and how far off it is, such as "Friday 27 November 2026 (in 5 days)"."""
    days = (day - today).days
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}
    distance = named.get(days) or (f"in {days} days" if days > 0 else f"{-days} days ago")
    return f"{full_date(day)} ({distance})"
