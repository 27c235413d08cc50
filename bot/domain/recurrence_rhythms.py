"""The rhythm within a rule for a series: the shapes that its words may have, and what each means."""

import re
from typing import Final

from bot.domain.day_words import MONTH_OF, NUMBERS, WEEKDAY_OF, any_of, number
from bot.domain.recurrence_rule import LAST, Picks, Recurrence, Unit, year_day
from bot.errors import Mistake

ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "last": LAST,
}  # fmt: skip
_MOST_WEEKS: Final = 52
_MOST_MONTHS: Final = 24
_LATEST_SURE_DAY: Final = 28  # every month has one

_WEEKDAY: Final = f"(?:{any_of(WEEKDAY_OF)})s?"
_WEEKDAYS: Final = f"(?P<weekdays>{_WEEKDAY}(?: (?:and )?{_WEEKDAY})*)"
_COUNT: Final = f"(?:other|[0-9]{{1,4}}|{any_of(NUMBERS)})"
_EVERY: Final = f"(?:(?P<every>{_COUNT}|second) )?"
_ORDINAL: Final = f"(?:{any_of(ORDINALS)}|[0-9]{{1,3}}(?:st|nd|rd|th))"
_POSITIONS: Final = f"(?P<positions>{_ORDINAL}(?: (?:and )?(?:the )?{_ORDINAL})*)"
_WHAT: Final = f"(?P<what>{_WEEKDAY}|working day|business day|day)"
_MONTHS: Final = any_of(MONTH_OF)

_OF: Final = f"(?P<of> (?:(?:of|in) (?:(?:the|each|every|a) )?|(?:each|every) ){_EVERY}(?P<unit>month|quarter)s?)"
_IN_MONTHS: Final = f"(?: of| in|) (?P<months>(?:{_MONTHS})(?: (?:and )?(?:{_MONTHS}))*)"
_YEARLY: Final = "(?:(?:yearly|annually|every|each|on) )?(?:on )?"
SAME_DAY_TWICE: Final = re.compile(rf"\b({_ORDINAL}) ({_WEEKDAY}) and (?:the )?({_ORDINAL}) \2\b")

RHYTHMS: Final = tuple(
    re.compile(shape)
    for shape in (
        # weekly
        f"(?:every |each |on )?{_WEEKDAYS}",
        f"(?:every|each) (?P<every>{_COUNT}) {_WEEKDAYS}",
        f"{_EVERY}(?P<frequency>weekly|fortnightly|twice weekly|twice a week)(?:(?: on)?(?: a| the)? {_WEEKDAYS})?",
        f"(?:every |each |on )?{_WEEKDAYS} (?P<frequency>weekly|fortnightly)",
        f"(?:every|each) {_EVERY}(?P<unit>week|fortnight)s?(?:(?: on)?(?: a| the)? {_WEEKDAYS})?",
        # monthly and quarterly
        f"(?:on )?(?:the |every |each )?{_POSITIONS} {_WHAT}{_OF}?",
        f"(?:on )?(?:the )?{_POSITIONS}{_OF}",
        f"(?:on )?(?:the )?{_POSITIONS} {_WHAT} (?P<frequency>monthly|quarterly)",
        # in some months of the year
        f"{_YEARLY}(?:the )?{_POSITIONS} {_WHAT}{_IN_MONTHS}",
        f"{_YEARLY}(?:the )?(?P<positions>[0-9]{{1,2}}(?:st|nd|rd|th)?){_IN_MONTHS}",
        f"{_EVERY}(?P<frequency>monthly|quarterly|twice monthly|twice a month)(?: on)? (?:the )?{_POSITIONS}"
        f"(?: {_WHAT})?",
        f"(?:every|each) {_EVERY}(?P<unit>month|quarter)s?(?: on)? (?:the )?{_POSITIONS}(?: {_WHAT})?",
    )
)


def _weekdays(words: str | None) -> tuple[int, ...]:
    named = (words or "").replace(" and ", " ").split()
    return tuple(sorted({WEEKDAY_OF[day] if day in WEEKDAY_OF else WEEKDAY_OF[day[:-1]] for day in named}))


def _positions(words: str) -> tuple[int, ...]:
    if re.fullmatch(rf"{_ORDINAL} last", words):
        first = words.removesuffix(" last")
        raise Mistake(f'I count from the first, or take the last; try "{first} and last" if you mean two days.')
    named = [word for word in words.split() if word not in ("and", "the")]
    found = {ORDINALS[word] if word in ORDINALS else int(word[:-2]) for word in named}
    return tuple(sorted(found, key=lambda position: (position == LAST, position)))


def _every(words: str | None, most: int, unit: str) -> int:
    every = 1 if words is None else 2 if words in ("other", "second") else number(words)
    if not 1 <= every <= most:
        raise Mistake(f"A series can run every 1 to {most} {unit}s, not every {every}.")
    return every


def _months(words: str) -> tuple[int, ...]:
    return tuple(sorted({MONTH_OF[month] for month in words.replace(" and ", " ").split()}))


def read_rhythm(found: re.Match[str]) -> Recurrence:
    """What the words of one of the shapes mean. Raises Mistake for a day that there is not, or with two meanings."""
    words = found.groupdict()
    frequency = words.get("frequency") or ""
    if words.get("months"):
        return _in_months(found[0], words)
    if words.get("positions") is None:
        weekdays = _weekdays(words.get("weekdays"))
        every = _every(words.get("every"), _MOST_WEEKS, "week")
        if frequency == "fortnightly" or words.get("unit") == "fortnight":
            every *= 2
        if frequency.startswith("twice") and len(weekdays) != 2:
            raise Mistake(f'"{frequency}" needs two days; try "every Monday and Thursday".')
        return Recurrence(Unit.WEEK, every, weekdays)
    quarterly = frequency == "quarterly" or words.get("unit") == "quarter"
    every = _every(words.get("every"), _MOST_MONTHS, "month")
    positions = _positions(words["positions"])
    if quarterly and every > 1:
        raise Mistake('Quarters are those of the calendar year; try "every 6 months on the first Monday".')
    if frequency.startswith("twice") and len(positions) != 2:
        raise Mistake('"Twice a month" needs two days; try "first and third Tuesday of the month".')
    what = words.get("what") or "day"
    if what == "day":
        _refuse_day_of_month(positions, quarterly)
        return Recurrence(Unit.QUARTER if quarterly else Unit.MONTH, every, (), Picks.DAY, positions)
    working = what in ("working day", "business day")
    _refuse_position(found[0], words, positions, 15 if working else 5)
    return Recurrence(
        Unit.QUARTER if quarterly else Unit.MONTH,
        every,
        () if working else _weekdays(what),
        Picks.WORKING_DAY if working else Picks.WEEKDAY,
        positions,
    )


def _in_months(said: str, words: dict[str, str]) -> Recurrence:
    """Only in some months of the year: "last Sunday of March", "first Monday of January and July", "every 3 March"."""
    months = _months(words["months"])
    what = words.get("what") or "day"
    if what == "day":
        named = words["positions"].rstrip("stndrh") if words["positions"][0].isdigit() else ""
        positions = (int(named),) if named.isdigit() else _positions(words["positions"])
        for month in months:
            for position in positions:
                if position != LAST:
                    year_day(position, month, None)  # refuses a day that the month never has
        return Recurrence(Unit.MONTH, 1, (), Picks.DAY, positions, months=months)
    positions = _positions(words["positions"])
    working = what in ("working day", "business day")
    _refuse_position(said, words | {"of": "of"}, positions, 15 if working else 5)
    picks = Picks.WORKING_DAY if working else Picks.WEEKDAY
    return Recurrence(Unit.MONTH, 1, () if working else _weekdays(what), picks, positions, months=months)


def _refuse_day_of_month(positions: tuple[int, ...], quarterly: bool) -> None:
    if quarterly and positions != (LAST,):
        raise Mistake('A quarter has no such day; try "first working day of each quarter" or "monthly on the 15th".')
    if not all(position == LAST or 1 <= position <= _LATEST_SURE_DAY for position in positions):
        raise Mistake('Not every month has that day; try "last day of the month" or "monthly on the 28th".')
    if LAST in positions and len(positions) > 1:
        raise Mistake('Say the last day alone; try "last day of the month" or "monthly on the 15th and 28th".')


def _refuse_position(said: str, words: dict[str, str], positions: tuple[int, ...], most: int) -> None:
    what = words["what"]
    if not all(position == LAST or 1 <= position <= most for position in positions):
        raise Mistake(f'There is no such {what} in "{said}"; try "last {what} of the month".')
    # "Every second Thursday" is a fortnight to some and a date in the month to others.
    bare = not (words.get("of") or words.get("frequency") or words.get("unit"))
    if bare and said.startswith(("every", "each")) and not {1, LAST} & set(positions):
        nth, day = words["positions"], what.title()
        weeks = f"every other {day}" if positions == (2,) else f"every {positions[0]} weeks on {day}"
        raise Mistake(f'People read "every {nth} {day}" in two ways; try "{weeks}" or "{nth} {day} of the month".')
