"""Due dates as people in the United Kingdom type them: day first, strict, never guessed.

Four rules settle where a phrase lands. A day that was *named* (a date, a weekday, today, tomorrow) is kept,
weekend or not, because the answer echoes it. A day that was *counted out* ("in 2 weeks", "a month today")
moves on to the next working day. An *end* ("end of March") is the last working day of that period. "Before
Friday" is the last working day before it. What people read in two ways is refused with both dates.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NoReturn

from dateutil.relativedelta import relativedelta

from bot.domain.deadlines import FRIDAY, ONE_DAY, add_working_days, next_working_day, previous_working_day
from bot.domain.language.day_words import (
    DAY,
    FIGURE,
    MONTH,
    MONTH_DAY,
    MONTH_OF,
    MONTHS,
    NAMED_DAYS,
    NUMBER_OF,
    ON,
    TH,
    WEEKDAY,
    WEEKDAY_OF,
    WEEKDAYS,
    YEAR,
    YearDay,
    any_of,
    day_in,
    days_in_month,
    full_date,
    nearest_weekday,
    not_that_weekday,
    number,
    ordinal,
    parts_of,
    plain_phrase,
)
from bot.errors import Mistake

ONE_WEEK: Final = timedelta(days=7)
SUNDAY: Final = 6
YEARS_AHEAD: Final = 2  # further off is a slip of the finger, not a plan
_FURTHEST: Final = relativedelta(years=YEARS_AHEAD)


@dataclass(frozen=True, slots=True)
class Asked:
    """A phrase with all that its meaning depends on."""

    phrase: str  #: as typed, for the answer
    today: date
    limit: date  #: the last day that is accepted
    next_meeting_on: date | None
    subdivision: str

    def in_range(self, day: date) -> bool:
        """Whether a due date may lie there."""
        return self.today <= day <= self.limit

    def coming(self, weekday: int) -> date:
        """The next such weekday strictly after today."""
        return self.today + timedelta(days=(weekday - self.today.weekday() - 1) % 7 + 1)

    def upcoming(self, day: int, month: int) -> date | None:
        """The next such date from today on, if there is one before the limit."""
        days = (day_in(year, month, day) for year in range(self.today.year, self.limit.year + 1))
        return next((on for on in days if on and self.in_range(on)), None)

    def in_two_weeks(self) -> date:
        """A day to offer where nothing better is known."""
        return next_working_day(self.today + 2 * ONE_WEEK, self.subdivision)

    def refuse(self, reason: str, *offers: date | str | None) -> Mistake:
        """A refusal that ends in two phrases which would be accepted."""
        chosen = [offer for offer in offers if isinstance(offer, str) or (offer and self.in_range(offer))]
        for spare in (self.in_two_weeks(), "in 3 days"):
            if len(chosen) < 2 and spare not in chosen:
                chosen.append(spare)
        first, second = (o if isinstance(o, str) else full_date(o) for o in chosen[:2])
        return Mistake(f'{reason} Try "{first}" or "{second}".')


Said = Mapping[str, str]
Reader = Callable[[Said, Asked], date]


def _weekday(said: Said, asked: Asked) -> date:
    """Read "Friday", "Friday week" and "2 weeks on Friday"."""
    weekday = WEEKDAY_OF[said["weekday"]]
    weeks = number(said["count"]) if said["count"] else {"": 0, "week": 1, "fortnight": 2}[said["unit"]]
    day = asked.coming(weekday) + weeks * ONE_WEEK
    if asked.today.weekday() == weekday:
        reason = f'Today is a {WEEKDAYS[weekday]}, so "{asked.phrase}" may be either.'
        raise asked.refuse(reason, day - ONE_WEEK, day)
    return day


def _next_weekday(said: Said, asked: Asked) -> date:
    # Half of the country means the coming one, the other half the one after: no rule makes both right.
    day = asked.coming(WEEKDAY_OF[said["weekday"]])
    raise asked.refuse(f'People read "{asked.phrase}" in two ways.', day, day + ONE_WEEK)


def _weekday_next_week(said: Said, asked: Asked) -> date:
    day = asked.today + timedelta(days=7 - asked.today.weekday() + WEEKDAY_OF[said["weekday"]])
    if asked.today.weekday() == SUNDAY:  # for some the week begins today
        raise asked.refuse(f'On a Sunday people read "{asked.phrase}" in two ways.', day, day + ONE_WEEK)
    return day


_STEPS: Final = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "fortnight": relativedelta(weeks=2),
    "month": relativedelta(months=1),
    "year": relativedelta(years=1),
}


def _counted(said: Said, asked: Asked) -> date:
    unit, count = said["unit"], number(said["count"] or "1")
    if count == 0:
        raise asked.refuse("Nothing is due in no time.", asked.today, asked.today + ONE_DAY)
    day = asked.today + (ONE_DAY if said["tomorrow"] else timedelta())
    if unit not in _STEPS:
        # Even four digits are counted in no noticeable time; the limit then refuses most of them.
        return add_working_days(day, count, asked.subdivision)
    if unit == "year" and count > YEARS_AHEAD:
        raise asked.refuse(f'"{asked.phrase}" is more than two years ahead.', asked.limit, "in 6 months")
    return next_working_day(day + count * _STEPS[unit], asked.subdivision)


def _end_of_week(said: Said, asked: Asked) -> date:
    today = asked.today.weekday()
    if today == SUNDAY or (today > FRIDAY and not said["next"]):
        coming = asked.coming(FRIDAY)
        raise asked.refuse(f'At a weekend people read "{asked.phrase}" in two ways.', coming, coming + ONE_WEEK)
    return _last_working_day(asked.today + timedelta(days=FRIDAY - today + (7 if said["next"] else 0)), asked)


def _end_of_month(said: Said, asked: Asked) -> date:
    ahead = asked.today + relativedelta(months=1 if said["next"] else 0)
    year, month = ahead.year, ahead.month
    if said["month"]:
        month = MONTH_OF[said["month"]]
        year = int(said["year"] or year + (month < asked.today.month))
    return _last_working_day(date(year, month, days_in_month(year, month)), asked)


def _last_working_day(end: date, asked: Asked) -> date:
    day = previous_working_day(end, asked.subdivision)
    if day < asked.today:
        after = next_working_day(asked.today, asked.subdivision)
        raise asked.refuse(f"The last working day there was {full_date(day)}.", after, asked.in_two_weeks())
    return day


def _next_meeting(_: Said, asked: Asked) -> date:
    if asked.next_meeting_on is None:
        raise asked.refuse("The next meeting is not in the diary yet.", asked.in_two_weeks(), "in a month")
    return asked.next_meeting_on


def _vague(said: Said, asked: Asked) -> date:
    first: date | None = asked.coming(FRIDAY)
    second: date | None = asked.coming(FRIDAY) + ONE_WEEK
    if said["month"]:
        month = MONTH_OF[said["month"]]
        first, second = asked.upcoming(1, month), asked.upcoming(days_in_month(asked.limit.year, month), month)
    raise asked.refuse(f'"{asked.phrase}" names no day.', first, second)


def _named(said: Said, asked: Asked) -> date:
    written = YearDay.of(said)
    day, month, year = written.day or 0, written.month, written.year
    if 12 < month <= 31 and 1 <= day <= 12:
        swapped = asked.upcoming(month, day)
        reason = f'I read the day first, and "{asked.phrase}" has no month {month}.'
        raise asked.refuse(reason, swapped and f"{month}/{day}", swapped)
    if not 1 <= month <= 12 or day == 0:
        raise asked.refuse(f'"{asked.phrase}" is no date.')
    if year is None:
        on, year = asked.upcoming(day, month), asked.today.year + (month < asked.today.month)
    else:
        on = written.on()
    return _agreeing(on, written.weekday, asked) if on else _no_such_day(month, year, asked)


def _day_of_month(said: Said, asked: Asked) -> date:
    day, today, weekday = int(said["day"]), asked.today, WEEKDAY_OF.get(said["weekday"])
    if day == today.day and weekday is None:
        reason = f'Today is the {ordinal(day)}, so "{asked.phrase}" may be either.'
        raise asked.refuse(reason, today, today + relativedelta(months=1))
    ahead = today if day >= today.day else today + relativedelta(months=1)
    on = day_in(ahead.year, ahead.month, day)
    return _agreeing(on, weekday, asked) if on else _no_such_day(ahead.month, ahead.year, asked)


def _no_such_day(month: int, year: int, asked: Asked) -> NoReturn:
    last = days_in_month(year or asked.today.year, month)
    offers = asked.upcoming(last, month), asked.upcoming(1, month % 12 + 1)
    raise asked.refuse(f"{MONTHS[month - 1]} {year} has {last} days.", *offers)


def _agreeing(day: date, weekday: int | None, asked: Asked) -> date:
    if weekday in (None, day.weekday()):
        return day
    nearest = nearest_weekday(day, weekday)
    raise asked.refuse(
        f"{not_that_weekday(day, weekday)}.", day, nearest if nearest >= asked.today else nearest + ONE_WEEK
    )


def _month_first(said: Said, asked: Asked) -> date:
    month, day = MONTH_OF[said["month"]], int(said["day"])
    meant = asked.upcoming(day, month)
    raise asked.refuse("I read the day first.", meant and f"{day} {MONTHS[month - 1]}", meant)


def _dotted(said: Said, asked: Asked) -> date:
    day, month = int(said["day"]), int(said["month"])
    meant = asked.upcoming(day, month)
    raise asked.refuse(f'"{asked.phrase}" may be a date or a time.', meant and f"{day}/{month}", meant)


_COUNT: Final = f"(?P<count>[0-9]{{1,4}}|{any_of(NUMBER_OF)})"
_UNIT: Final = "(?P<unit>working day|business day|day|week|fortnight|month|year)s?"
_END_OF: Final = "(?:the )?end of (?:the |this )?(?:(?P<next>next) )?"

#: Each form in full, and what it means. A form that is always refused still counts as a due phrase.
FORMS: Final[tuple[tuple[re.Pattern[str], Reader], ...]] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        ("today|(?:the )?end of (?:the day|day|today)", lambda _, asked: asked.today),
        ("tomorrow|(?:the )?end of tomorrow", lambda _, asked: asked.today + ONE_DAY),
        (f"(?:this |coming |the coming )?{WEEKDAY}", _weekday),
        (f"next {WEEKDAY}", _next_weekday),
        (f"{WEEKDAY} (?:of )?next week", _weekday_next_week),
        (f"next week (?:on )?{WEEKDAY}", _weekday_next_week),
        (f"{WEEKDAY} (?P<unit>week|fortnight)", _weekday),
        (f"(?:{_COUNT} weeks?|a (?P<unit>fortnight)) on {WEEKDAY}", _weekday),
        (f"(?:in |within )?(?:the next )?{_COUNT} {_UNIT}(?: time)?", _counted),
        (f"{_COUNT} {_UNIT} (?:from )?(?:today|now|(?P<tomorrow>tomorrow))", _counted),
        ("(?P<unit>week|fortnight|month|year) today", _counted),
        ("(?:today|(?P<tomorrow>tomorrow)) (?P<unit>week|fortnight)", _counted),
        (f"{_END_OF}week", _end_of_week),
        (f"{_END_OF}month", _end_of_month),
        (f"(?:the )?end of {MONTH}(?: (?P<year>20[0-9]{{2}}))?", _end_of_month),
        ("(?:the |our )?next (?:panel meeting|meeting|panel)", _next_meeting),
        *((shape, _named) for shape in NAMED_DAYS),
        (f"{ON}(?:the )?{DAY}{TH}(?: of (?:the|this) month)?", _day_of_month),
        (f"{ON}{MONTH_DAY}(?: {YEAR})?", _month_first),
        (rf"{DAY}\.{FIGURE}", _dotted),
        (f"(?:next |this )?{MONTH}(?: [0-9]{{4}})?", _vague),
        ("(?:the |this |next )?(?:week|month|weekend|quarter|year)", _vague),
    )
)

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
    return _LEAD.sub("", plain_phrase(phrase), count=1).removesuffix(" please")


def _reading(normal: str) -> Callable[[Asked], date] | None:
    """How to get the date of a normalised phrase, or nothing where it has no form that we know."""
    for form, reader in FORMS:
        if found := form.fullmatch(normal):
            return lambda asked: reader(parts_of(found), asked)
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
    asked = Asked(echo.replace('"', "'"), today, today + _FURTHEST, next_meeting_on, subdivision)
    read = _reading(_normal(phrase))
    if read is None:
        reason = f'I can\'t read "{asked.phrase}" as a due date.' if echo else "Say when it is due."
        raise asked.refuse(reason, asked.coming(FRIDAY), "in 2 weeks")
    day = read(asked)
    if day < today:
        later = asked.upcoming(min(day.day, 28) if day.month == 2 else day.day, day.month)
        raise asked.refuse(f"{full_date(day)} has passed.", later)
    if day > asked.limit:
        raise asked.refuse(f"{full_date(day)} is more than two years ahead.", asked.limit, "in 6 months")
    return day


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
    return f"{full_date(day)} ({describe_distance(day, today)})"


def describe_distance(day: date, today: date) -> str:
    """Return how far off a day is, such as "in 5 days"."""
    days = (day - today).days
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return named.get(days) or (f"in {days} days" if days > 0 else f"{-days} days ago")
