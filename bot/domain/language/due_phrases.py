"""Due dates as people in the United Kingdom type them: day first, strict, never guessed.

Four rules settle where a phrase lands. A day that was *named* (a date, a weekday, today, tomorrow) is kept,
weekend or not, because the answer echoes it. A day that was *counted out* ("in 2 weeks", "a month today")
moves on to the next working day. An *end* ("end of March") is the last working day of that period. "Before
Friday" is the last working day before it. What people read in two ways is refused with both dates.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

from bot.domain.deadlines import ONE_DAY, add_working_days, next_working_day, previous_working_day
from bot.domain.language.day_words import (
    MONTH_OF,
    MONTHS,
    NUMBER_OF,
    WEEKDAY_OF,
    WEEKDAYS,
    any_of,
    date_words,
    days_in_month,
    full_date,
    month_end,
    number,
    ordinal,
)
from bot.errors import Mistake

ONE_WEEK: Final = timedelta(days=7)
SUNDAY: Final = 6
YEARS_AHEAD: Final = 2  # further off is a slip of the finger, not a plan


@dataclass(frozen=True, slots=True)
class Asked:
    """A phrase with all that its meaning depends on."""

    phrase: str  #: as typed, for the answer
    today: date
    next_meeting_on: date | None
    subdivision: str

    @property
    def limit(self) -> date:
        """The last day that is accepted."""
        return self.today + relativedelta(years=YEARS_AHEAD)

    def in_range(self, day: date) -> bool:
        """Whether a due date may lie there."""
        return self.today <= day <= self.limit

    def coming(self, weekday: int) -> date:
        """The next such weekday strictly after today."""
        return self.today + timedelta(days=(weekday - self.today.weekday() - 1) % 7 + 1)

    def in_two_weeks(self) -> date:
        """A day to offer where nothing better is known."""
        return next_working_day(self.today + 2 * ONE_WEEK, self.subdivision)

    def refuse(self, reason: str, *offers: date | str) -> Mistake:
        """A refusal that ends in two phrases which would be accepted."""
        chosen = [offer for offer in offers if isinstance(offer, str) or self.in_range(offer)]
        for spare in (self.in_two_weeks(), "in 3 days"):
            if len(chosen) < 2 and spare not in chosen:
                chosen.append(spare)
        first, second = (o if isinstance(o, str) else full_date(o) for o in chosen[:2])
        return Mistake(f'{reason} Try "{first}" or "{second}".')


Reader = Callable[[re.Match[str], Asked], date]

_WEEKDAY = f"(?P<weekday>{any_of(WEEKDAY_OF)})"
_MONTH = f"(?P<month>{any_of(MONTH_OF)})"
_COUNT = f"(?P<count>[0-9]{{1,4}}|{any_of(NUMBER_OF)})"
_YEAR = "(?P<year>[0-9]{4}|[0-9]{2})"
_ORDINAL = "(?P<day>[0-9]{1,2})(?:st|nd|rd|th)"


def _today(_: re.Match[str], asked: Asked) -> date:
    return asked.today


def _tomorrow(_: re.Match[str], asked: Asked) -> date:
    return asked.today + ONE_DAY


def _weekday(found: re.Match[str], asked: Asked) -> date:
    weekday = WEEKDAY_OF[found["weekday"]]
    day = asked.coming(weekday)
    if asked.today.weekday() == weekday:
        raise asked.refuse(f'Today is a {WEEKDAYS[weekday]}, so "{asked.phrase}" may be either.', asked.today, day)
    return day


def _next_weekday(found: re.Match[str], asked: Asked) -> date:
    # Half of the country means the coming one, the other half the one after: no rule makes both right.
    day = asked.coming(WEEKDAY_OF[found["weekday"]])
    raise asked.refuse(f'People read "{asked.phrase}" in two ways.', day, day + ONE_WEEK)


def _weekday_next_week(found: re.Match[str], asked: Asked) -> date:
    weekday = WEEKDAY_OF[found["weekday"] or found["after"]]
    day = asked.today + timedelta(days=7 - asked.today.weekday() + weekday)
    if asked.today.weekday() == SUNDAY:  # for some the week begins today
        raise asked.refuse(f'On a Sunday people read "{asked.phrase}" in two ways.', day, day + ONE_WEEK)
    return day


def _weeks_on_weekday(found: re.Match[str], asked: Asked) -> date:
    weekday = WEEKDAY_OF[found["weekday"]]
    words = found.groupdict()
    weeks = 2 if words.get("fortnight") else number(words.get("count") or "1")
    day = asked.coming(weekday) + weeks * ONE_WEEK
    if asked.today.weekday() == weekday:
        reason = f'Today is a {WEEKDAYS[weekday]}, so "{asked.phrase}" may be either.'
        raise asked.refuse(reason, day - ONE_WEEK, day)
    return day


def _counted(found: re.Match[str], asked: Asked) -> date:
    words = found.groupdict()
    count = 2 if words.get("fortnight") else number(words.get("count") or "1")
    unit = "week" if words.get("fortnight") else words["unit"]
    if count == 0:
        raise asked.refuse("Nothing is due in no time.", asked.today, asked.today + ONE_DAY)
    day = asked.today + (ONE_DAY if words.get("tomorrow") else timedelta())
    if unit in ("working day", "business day"):
        # Even four digits are counted in no noticeable time; the limit then refuses most of them.
        return add_working_days(day, count, asked.subdivision)
    if unit == "fortnight":
        unit, count = "week", 2 * count
    if unit == "year" and count > YEARS_AHEAD:
        raise asked.refuse(f'"{asked.phrase}" is more than two years ahead.', asked.limit, "in 6 months")
    step = {
        "day": relativedelta(days=count),
        "week": relativedelta(weeks=count),
        "month": relativedelta(months=count),
        "year": relativedelta(years=count),
    }[unit]
    return next_working_day(day + step, asked.subdivision)


def _end_of_week(found: re.Match[str], asked: Asked) -> date:
    monday = asked.today - timedelta(days=asked.today.weekday())
    friday = monday + timedelta(days=11 if found["next"] else 4)
    if asked.today.weekday() == SUNDAY or (asked.today.weekday() > 4 and not found["next"]):
        coming = asked.coming(4)
        raise asked.refuse(f'At a weekend people read "{asked.phrase}" in two ways.', coming, coming + ONE_WEEK)
    return _last_working_day(friday, asked)


def _end_of_month(found: re.Match[str], asked: Asked) -> date:
    words = found.groupdict()
    if words.get("month") is None:
        ahead = asked.today + relativedelta(months=1 if words.get("next") else 0)
        return _last_working_day(month_end(ahead.year, ahead.month), asked)
    month = MONTH_OF[words["month"]]
    if words.get("year"):
        return _last_working_day(month_end(int(words["year"]), month), asked)
    return _last_working_day(month_end(asked.today.year + (month < asked.today.month), month), asked)


def _last_working_day(end: date, asked: Asked) -> date:
    day = previous_working_day(end, asked.subdivision)
    if day < asked.today:
        after = next_working_day(asked.today, asked.subdivision)
        raise asked.refuse(f"The last working day there was {full_date(day)}.", after, asked.in_two_weeks())
    return day


def _next_meeting(_: re.Match[str], asked: Asked) -> date:
    if asked.next_meeting_on is None:
        raise asked.refuse("The next meeting is not in the diary yet.", asked.in_two_weeks(), "in a month")
    return asked.next_meeting_on


def _vague(found: re.Match[str], asked: Asked) -> date:
    if found.groupdict().get("month"):
        month = MONTH_OF[found["month"]]
        days = (_upcoming(1, month, asked), _upcoming(days_in_month(asked.limit.year, month), month, asked))
        raise asked.refuse(f'"{asked.phrase}" names no day.', *filter(None, days))
    raise asked.refuse(f'"{asked.phrase}" names no day.', asked.coming(4), asked.coming(4) + ONE_WEEK)


def _upcoming(day: int, month: int, asked: Asked) -> date | None:
    """The next such date from today on, if there is one before the limit."""
    for year in range(asked.today.year, asked.limit.year + 1):
        if day <= days_in_month(year, month):
            candidate = date(year, month, day)
            if asked.in_range(candidate):
                return candidate
    return None


def _named(found: re.Match[str], asked: Asked) -> date:
    words = found.groupdict()
    month = MONTH_OF[words["month"]] if words["month"] in MONTH_OF else int(words["month"])
    day = int(words["day"])
    if month > 12 and 1 <= day <= 12 and month <= 31:
        swapped = _upcoming(month, day, asked)
        offers: list[date | str] = [f"{month}/{day}", swapped] if swapped else []
        raise asked.refuse(f'I read the day first, and "{asked.phrase}" has no month {month}.', *offers)
    if not 1 <= month <= 12 or day == 0:
        raise asked.refuse(f'"{asked.phrase}" is no date.')
    if words.get("year"):
        year = int(words["year"]) + (2000 if len(words["year"]) == 2 else 0)
        if year == 0 or day > days_in_month(year, month):
            raise _no_such_day(month, year, asked)
        result = date(year, month, day)
    else:
        upcoming = _upcoming(day, month, asked)
        if upcoming is None:
            raise _no_such_day(month, asked.today.year + (month < asked.today.month), asked)
        result = upcoming
    return _agreeing(result, words.get("weekday"), asked)


def _no_such_day(month: int, year: int, asked: Asked) -> Mistake:
    last = days_in_month(year or asked.today.year, month)
    offers = (_upcoming(last, month, asked), _upcoming(1, month % 12 + 1, asked))
    return asked.refuse(f"{MONTHS[month - 1]} {year} has {last} days.", *filter(None, offers))


def _day_of_month(found: re.Match[str], asked: Asked) -> date:
    day, today = int(found["day"]), asked.today
    weekday = found.groupdict().get("weekday")
    if day == today.day and weekday is None:
        reason = f'Today is the {ordinal(day)}, so "{asked.phrase}" may be either.'
        raise asked.refuse(reason, today, today + relativedelta(months=1))
    ahead = today if day >= today.day else today + relativedelta(months=1)
    last = month_end(ahead.year, ahead.month)
    if not 1 <= day <= last.day:
        following = last + ONE_DAY
        raise asked.refuse(f"{MONTHS[last.month - 1]} {last.year} has {last.day} days.", last, following)
    return _agreeing(date(ahead.year, ahead.month, day), weekday, asked)


def _agreeing(day: date, weekday: str | None, asked: Asked) -> date:
    if weekday is None or WEEKDAY_OF[weekday] == day.weekday():
        return day
    said = WEEKDAY_OF[weekday]
    nearest = day + timedelta(days=(said - day.weekday() + 3) % 7 - 3)
    if nearest < asked.today:
        nearest += ONE_WEEK
    reason = f"{date_words(day)} is a {WEEKDAYS[day.weekday()]}, not a {WEEKDAYS[said]}."
    raise asked.refuse(reason, day, nearest)


def _month_first(found: re.Match[str], asked: Asked) -> date:
    month, day = MONTH_OF[found["month"]], int(found["day"])
    meant = _upcoming(day, month, asked) if day else None
    offers: list[date | str] = [f"{day} {MONTHS[month - 1]}", meant] if meant else []
    raise asked.refuse("I read the day first.", *offers)


def _dotted(found: re.Match[str], asked: Asked) -> date:
    day, month = int(found["day"]), int(found["month"])
    meant = _upcoming(day, month, asked) if day and 1 <= month <= 12 else None
    offers: list[date | str] = [f"{day}/{month}", meant] if meant else []
    raise asked.refuse(f'"{asked.phrase}" may be a date or a time.', *offers)


_NAMED = f"(?:{_WEEKDAY} )?(?:the )?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)? ?(?:of )?{_MONTH}(?: {_YEAR})?"
_NUMERIC = f"(?:{_WEEKDAY} )?(?P<day>[0-9]{{1,2}})/(?P<month>[0-9]{{1,2}})(?:/{_YEAR})?"
_PUNCTUATED = f"(?:{_WEEKDAY} )?(?P<day>[0-9]{{1,2}})(?P<mark>[.-])(?P<month>[0-9]{{1,2}})(?P=mark){_YEAR}"
_ISO = f"(?:{_WEEKDAY} )?(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{1,2}})-(?P<day>[0-9]{{1,2}})"
_FROM_TODAY = "(?:from )?(?:today|now|(?P<tomorrow>tomorrow))"
_UNIT = "(?P<unit>working day|business day|day|week|fortnight|month|year)s?"

#: Each form in full, and what it means. A form that is always refused still counts as a due phrase.
FORMS: Final[tuple[tuple[re.Pattern[str], Reader], ...]] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        ("today|(?:the )?end of (?:the day|day|today)", _today),
        ("tomorrow|(?:the )?end of tomorrow", _tomorrow),
        (f"(?:this |coming |the coming )?{_WEEKDAY}", _weekday),
        (f"next {_WEEKDAY}", _next_weekday),
        (f"{_WEEKDAY} (?:of )?next week|next week (?:on )?{_WEEKDAY.replace('weekday', 'after')}", _weekday_next_week),
        (f"{_WEEKDAY} (?:week|(?P<fortnight>fortnight))", _weeks_on_weekday),
        (f"(?:{_COUNT} weeks?|a (?P<fortnight>fortnight)) on {_WEEKDAY}", _weeks_on_weekday),
        (f"(?:in |within )?(?:the next )?{_COUNT} {_UNIT}(?: time)?", _counted),
        (f"{_COUNT} {_UNIT} {_FROM_TODAY}", _counted),
        ("(?P<unit>week|fortnight|month|year) today", _counted),
        ("(?:today|(?P<tomorrow>tomorrow)) (?:(?P<unit>week)|(?P<fortnight>fortnight))", _counted),
        ("(?:the )?end of (?:the |this )?(?:(?P<next>next) )?week", _end_of_week),
        ("(?:the )?end of (?:the |this )?(?:(?P<next>next) )?month", _end_of_month),
        (f"(?:the )?end of {_MONTH}(?: (?P<year>20[0-9]{{2}}))?", _end_of_month),
        ("(?:the |our )?next (?:panel meeting|meeting|panel)", _next_meeting),
        (_NAMED, _named),
        (_NUMERIC, _named),
        (_PUNCTUATED, _named),
        (_ISO, _named),
        (f"(?:{_WEEKDAY} )?(?:the )?{_ORDINAL}(?: of (?:the|this) month)?", _day_of_month),
        (f"(?:{_WEEKDAY} )?{_MONTH} (?:the )?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?: {_YEAR})?", _month_first),
        (r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})", _dotted),
        (f"(?:next |this )?{_MONTH}(?: [0-9]{{4}})?", _vague),
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
