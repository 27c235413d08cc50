"""The rhythm within a rule for a series: the shapes that its words may have, and what each means."""

import re
from typing import Final

from bot.domain.day_words import MONTH_OF, NUMBERS, WEEKDAY_OF, WEEKDAYS, any_of, number, ordinal
from bot.domain.recurrence_clauses import missing_day
from bot.domain.recurrence_rule import LAST, Picks, Recurrence, Unit
from bot.domain.typed_words import Phrase, Unreadable

ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "last": LAST,
}  # fmt: skip
_MOST_WEEKS: Final = 52
_MOST_MONTHS: Final = 24
_LATEST_SURE_DAY: Final = 28  # every month has one
_MOST_WORKING_DAYS: Final = 15
_MOST_WEEKDAYS: Final = {Unit.MONTH: 5, Unit.QUARTER: 13}

_WEEKDAY: Final = f"(?:{any_of(WEEKDAY_OF)})s?"
_WEEKDAYS: Final = f"(?P<weekdays>{_WEEKDAY}(?: (?:and )?{_WEEKDAY})*)"
_COUNT: Final = f"(?:other|[0-9]{{1,4}}|{any_of(NUMBERS)})"
_NTH: Final = f"(?:{any_of(set(ORDINALS) - {'first', 'last'})}|[0-9]{{1,3}}(?:st|nd|rd|th))"
_MANY: Final = f"(?:(?P<every>{_COUNT}) )?"
_EVERY: Final = f"(?:(?P<every>{_COUNT}|{_NTH}) )?"
_ORDINAL: Final = f"(?:{any_of(ORDINALS)}|[0-9]{{1,3}}(?:st|nd|rd|th))"
_POSITIONS: Final = f"(?P<positions>{_ORDINAL}(?: (?:and )?(?:the )?{_ORDINAL})*)"
_NUMBERED: Final = "[0-9]{1,2}(?:st|nd|rd|th)?"
_DAYS: Final = f"(?P<positions>{_NUMBERED}(?: (?:and )?(?:the )?{_NUMBERED})*)"
_WHAT: Final = f"(?P<what>{_WEEKDAY}|working day|business day|day)"
_MONTHS: Final = any_of(MONTH_OF)

_OF: Final = f"(?P<of> (?:(?:of|in) (?:(?:the|a) )?|(?:(?:of|in) )?(?:each|every) {_EVERY})(?P<unit>month|quarter)s?)"
_IN_MONTHS: Final = f"(?: of| in|) (?P<months>(?:{_MONTHS})(?: (?:and )?(?:{_MONTHS}))*)"
_YEARLY: Final = "(?:(?:yearly|annually|(?:every|each) year|every|each|on) )?(?:on )?(?:the )?"
_A_YEAR: Final = "(?: yearly| annually| (?:every|each) year)?"
SAME_DAY_TWICE: Final = re.compile(rf"\b({_ORDINAL}) ({_WEEKDAY}) and (?:the )?({_ORDINAL}) \2\b")

RHYTHMS: Final = tuple(
    re.compile(shape)
    for shape in (
        # weekly
        f"(?:every |each |on )?{_WEEKDAYS}",
        f"(?:every|each) (?P<every>{_COUNT}) {_WEEKDAYS}",
        f"{_MANY}(?P<frequency>weekly|fortnightly|twice weekly|twice a week)(?:(?: on)?(?: a| the)? {_WEEKDAYS})?",
        f"(?:every |each |on )?{_WEEKDAYS} (?P<frequency>weekly|fortnightly)",
        f"(?:every|each) {_EVERY}(?P<unit>week|fortnight)s?(?:(?: on)?(?: a| the)? {_WEEKDAYS})?",
        # monthly and quarterly
        f"(?:on )?(?:the |every |each )?{_POSITIONS} {_WHAT}{_OF}?",
        f"(?:on )?(?:the )?{_POSITIONS}{_OF}",
        f"(?:on )?(?:the )?{_POSITIONS} {_WHAT} (?P<frequency>monthly|quarterly)",
        f"{_MANY}(?P<frequency>monthly|quarterly|twice monthly|twice a month)(?: on)? (?:the )?{_POSITIONS}"
        f"(?: {_WHAT})?",
        f"(?:every|each) {_EVERY}(?P<unit>month|quarter)s?(?: on)? (?:the )?{_POSITIONS}(?: {_WHAT})?",
        # in some months of the year
        f"{_YEARLY}{_POSITIONS} {_WHAT}{_IN_MONTHS}{_A_YEAR}",
        f"{_YEARLY}{_DAYS}{_IN_MONTHS}{_A_YEAR}",
        f"{_YEARLY}(?P<months>{_MONTHS}) (?:the )?{_DAYS}{_A_YEAR}",
    )
)


def read_rhythm(phrase: Phrase) -> Recurrence:
    """What the words of one of the shapes mean. Raises Unreadable for a day that there is not, or with two meanings."""
    if phrase["months"]:
        return _in_months(phrase)
    if not phrase["positions"]:
        return _weekly(phrase)
    frequency, unit = phrase["frequency"], Unit.MONTH
    if frequency == "quarterly" or phrase["unit"] == "quarter":
        unit = Unit.QUARTER
    every = _every(phrase, _MOST_MONTHS, "month")
    positions = _positions(phrase)
    if unit is Unit.QUARTER and every > 1:
        raise Unreadable(
            "Quarters are those of the calendar year",
            phrase.reworded(0, f"every {3 * every} months on the {phrase['positions']} {phrase['what'] or 'day'}"),
        )
    if frequency.startswith("twice") and len(positions) != 2:
        both = "first and third Tuesday of the month"
        raise Unreadable(f'"{phrase.typed("frequency")}" needs two days', phrase.reworded(0, both))
    if phrase["what"] in ("", "day"):
        _refuse_day_of_period(phrase, positions, unit)
        return Recurrence(unit, every, (), Picks.DAY, positions)
    _refuse_position(phrase, positions, unit)
    _refuse_two_ways(phrase, positions)
    return _picking(phrase, unit, every, positions)


def _weekly(phrase: Phrase) -> Recurrence:
    frequency, weekdays = phrase["frequency"], _weekdays(phrase["weekdays"])
    weeks = 2 if frequency == "fortnightly" or phrase["unit"] == "fortnight" else 1
    every = weeks * _every(phrase, _MOST_WEEKS // weeks, "week" if weeks == 1 else "fortnight")
    if frequency.startswith("twice") and len(weekdays) != 2:
        raise Unreadable(
            f'"{phrase.typed("frequency")}" needs two days', phrase.reworded(0, "every Monday and Thursday")
        )
    return Recurrence(Unit.WEEK, every, weekdays)


def _in_months(phrase: Phrase) -> Recurrence:
    """Only in some months of the year: "last Sunday of March", "first Monday of January and July", "every 3 March"."""
    months = tuple(sorted({MONTH_OF[month] for month in phrase["months"].replace(" and ", " ").split()}))
    positions = _positions(phrase)
    if phrase["what"] in ("", "day"):
        for month in months:
            for day in positions:
                if day != LAST and (missing := missing_day(day, month)):
                    sentence, nearest = missing
                    raise Unreadable(sentence, phrase.reworded("positions", ordinal(nearest)))
        return Recurrence(Unit.MONTH, 1, (), Picks.DAY, positions, months=months)
    _refuse_position(phrase, positions, Unit.MONTH)
    return _picking(phrase, Unit.MONTH, 1, positions, months)


def _picking(
    phrase: Phrase, unit: Unit, every: int, positions: tuple[int, ...], months: tuple[int, ...] = ()
) -> Recurrence:
    if _counts_working_days(phrase):
        return Recurrence(unit, every, (), Picks.WORKING_DAY, positions, months=months)
    return Recurrence(unit, every, _weekdays(phrase["what"]), Picks.WEEKDAY, positions, months=months)


def _counts_working_days(phrase: Phrase) -> bool:
    return phrase["what"] in ("working day", "business day")


def _weekdays(words: str) -> tuple[int, ...]:
    named = words.replace(" and ", " ").split()
    return tuple(sorted({WEEKDAY_OF[day] if day in WEEKDAY_OF else WEEKDAY_OF[day[:-1]] for day in named}))


def _positions(phrase: Phrase) -> tuple[int, ...]:
    words = phrase["positions"]
    if re.fullmatch(rf"{_ORDINAL} last", words):
        first = words.removesuffix(" last")
        raise Unreadable("I count from the first, or take the last", phrase.reworded("positions", f"{first} and last"))
    found = {_nth(word) for word in words.split() if word not in ("and", "the")}
    return tuple(sorted(found, key=lambda position: (position == LAST, position)))


def _nth(word: str) -> int:
    return ORDINALS[word] if word in ORDINALS else int(word.rstrip("stndrh"))


def _every(phrase: Phrase, most: int, unit: str) -> int:
    word = phrase["every"]
    if not word:
        return 1
    every = 2 if word == "other" else _nth(word) if re.fullmatch(_NTH, word) else number(word)
    if not 1 <= every <= most:
        nearest = str(1 if every < 1 else most)
        raise Unreadable(
            f"A series can run every 1 to {most} {unit}s, not every {every}", phrase.reworded("every", nearest)
        )
    return every


def _refuse_day_of_period(phrase: Phrase, positions: tuple[int, ...], unit: Unit) -> None:
    if unit is Unit.QUARTER and positions != (LAST,):
        days = (f"{phrase['positions']} working day of each quarter", f"monthly on the {phrase['positions']}")
        raise Unreadable("A quarter has no such day", phrase.reworded(0, *days))
    if not all(day == LAST or 1 <= day <= _LATEST_SURE_DAY for day in positions):
        meant = phrase.reworded(0, "last day of the month", "monthly on the 28th")
        raise Unreadable("Not every month has that day", meant)


def _refuse_position(phrase: Phrase, positions: tuple[int, ...], unit: Unit) -> None:
    most = _MOST_WORKING_DAYS if _counts_working_days(phrase) else _MOST_WEEKDAYS[unit]
    if not all(position == LAST or 1 <= position <= most for position in positions):
        what = "working day" if _counts_working_days(phrase) else WEEKDAYS[_weekdays(phrase["what"])[0]]
        raise Unreadable(
            f"I count to the {ordinal(most)} {what} of a {unit}, or take the last",
            phrase.reworded("positions", "last"),
        )


def _refuse_two_ways(phrase: Phrase, positions: tuple[int, ...]) -> None:
    """ "Every second Thursday" is a fortnight to some and a date in the month to others."""
    bare = not (phrase["of"] or phrase["frequency"] or phrase["unit"])
    if not bare or not phrase.found[0].startswith(("every", "each")) or {1, LAST} & set(positions):
        return
    meant = [f"{phrase['positions']} {phrase['what']} of the month"]
    if not _counts_working_days(phrase):
        day = phrase["what"]
        meant.insert(0, f"every other {day}" if positions == (2,) else f"every {positions[0]} weeks on {day}")
    raise Unreadable(f'People read "{phrase.typed()}" in two ways', phrase.reworded(0, *meant))
