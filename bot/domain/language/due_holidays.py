"""Bank holidays in due phrases: "the bank holiday", "the May bank holiday", "after the bank holiday weekend".

The bank holidays are those of the panel's own part of the country. A due date on a named bank holiday is not moved to a
working day.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from dateutil.easter import easter

from bot.domain.deadlines import FRIDAY, ONE_DAY, is_bank_holiday, next_working_day
from bot.domain.language.day_words import ANY_MONTH, MONTH_OF, any_of
from bot.domain.language.due_reading import Asked, DueReading

MONDAY: Final = 0
_DAYS_AHEAD: Final = 366
_MAY, _AUGUST, _DECEMBER = 5, 8, 12


def _in(month: int) -> Callable[[date], bool]:
    return lambda day: day.month == month


#: Names of bank holidays, each with the days that it may stand for.
_CALLED: Final[Mapping[str, Callable[[date], bool]]] = {
    **dict.fromkeys(("early may", "may day"), lambda day: day.month == _MAY and day.day <= 10),
    **dict.fromkeys(("late may", "spring", "whitsun", "whit"), lambda day: day.month == _MAY and day.day > 20),
    "summer": _in(_AUGUST),
    "easter": lambda day: abs((day - easter(day.year)).days) <= 2,
    **dict.fromkeys(("christmas", "xmas"), lambda day: day.month == _DECEMBER and day.day >= 24),
    **dict.fromkeys(("new year", "new years"), lambda day: day.month == 1 and day.day <= 5),
    **{name: _in(month) for name, month in MONTH_OF.items()},
}
_PHRASE: Final = re.compile(
    r"(?P<after>(?:just |right |straight )?after )?(?P<over>(?:over|during) )?(?:the )?"
    rf"(?:(?:next|coming|(?P<nth>first|last|second)) )?(?:(?P<called>{any_of(_CALLED)}) )?"
    rf"bank hol(?:iday)?s?(?: (?P<part>monday|friday|weekend))?(?: in (?P<month>{ANY_MONTH}))?"
)


def read_bank_holiday(words: str, asked: Asked) -> DueReading | None:
    """Return the due date that a bank holiday means, or the next working day for "after" a bank holiday.

    Return two days if the name may mean two bank holidays, such as "May". Refuse a bank holiday weekend, and "over" a
    bank holiday, since they are several days. Return None for other words.
    """
    found = _PHRASE.fullmatch(words)
    if found is None:
        return None
    days = _meant(found, asked)
    if not days:
        return asked.nothing(f'"{asked.phrase}" is no bank holiday of this panel.', next(iter(_coming(asked)), None))
    first = days[0]
    after = next_working_day(first + ONE_DAY, asked.subdivision)
    if found["after"]:
        return asked.one(after) if len(days) == 1 else asked.either(after, _after(days[1], asked), _TWO)
    if found["over"] or found["part"] == "weekend":
        return asked.nothing(f'"{asked.phrase}" is several days.', asked.working_before(first), first, after)
    return asked.one(first) if len(days) == 1 else asked.either(first, days[1], _TWO)


def begins_bank_holiday(words: str, asked: Asked) -> date | None:
    """Return the first bank holiday of the weekend in "before the bank holiday weekend", or None for other words."""
    found = _PHRASE.fullmatch(words)
    if found is None or found["after"] or (found["part"] != "weekend" and not found["over"]):
        return None
    return next(iter(_meant(found, asked)), None)


_TWO: Final = "There are two such bank holidays."


def _after(day: date, asked: Asked) -> date:
    return next_working_day(day + ONE_DAY, asked.subdivision)


def _meant(found: re.Match[str], asked: Asked) -> list[date]:
    """Return the next bank holiday with the typed name and weekday, or two if the name stands for two in that year.

    For a weekend with two bank holidays, as at Easter, return the first one, or the last one after the word "after".
    """
    called = found["called"] or found["month"]
    days = [day for day in _coming(asked) if called is None or _CALLED[called](day)]
    if found["part"] in ("monday", "friday"):
        days = [day for day in days if day.weekday() == (MONDAY if found["part"] == "monday" else FRIDAY)]
    if found["part"] == "weekend":
        days = [day for day in days if day.weekday() in (MONDAY, FRIDAY)]
    if called is None or not days:
        return days[:1]
    same = [day for day in days if day.year == days[0].year][:2]
    if found["nth"]:
        return same[:1] if found["nth"] == "first" else same[-1:]
    is_one_weekend = found["part"] == "weekend" and (same[-1] - same[0]).days <= 3
    return (same[-1:] if found["after"] else same[:1]) if is_one_weekend else same


def _coming(asked: Asked) -> list[date]:
    """Return the bank holidays on weekdays within the coming year, the next one first. Today is left out."""
    days = (asked.today + count * ONE_DAY for count in range(1, _DAYS_AHEAD))
    return [day for day in days if day.weekday() <= FRIDAY and is_bank_holiday(day, asked.subdivision)]
