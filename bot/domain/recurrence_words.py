"""The words people use for a series of meetings, read into a rule; what is not understood is pointed at."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import time
from difflib import get_close_matches
from typing import Final, TypeVar

from bot.domain.day_words import MONTH_OF, NUMBER_OF, NUMBERS, WEEKDAY_OF, any_of, number
from bot.domain.recurrence_rule import LAST, Picks, Recurrence, Unit, YearDay, year_day
from bot.errors import Mistake

_EXAMPLES: Final = ("second Tuesday of the month at 14:00", "every other Thursday at 9.30")
_ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "last": LAST,
}  # fmt: skip
_MOST_WEEKS: Final = 52
_MOST_MONTHS: Final = 24
MOST_MEETINGS: Final = 260  # five years of weeks
_LONGEST: Final = 200
_LATEST_SURE_DAY: Final = 28  # every month has one

_GLUE: Final = (
    "every each other second of the a an on in at from starting beginning until till end for and week weeks "
    "weekly fortnight fortnights fortnightly month months monthly quarter quarters quarterly twice working business "
    "day days meeting meetings time times am pm noon midday yearly annually"
)
_KNOWN: Final = frozenset(
    [*_GLUE.split(), *_ORDINALS, *NUMBER_OF, *MONTH_OF, *WEEKDAY_OF, *(f"{name}s" for name in WEEKDAY_OF)]
)
_NUMERIC: Final = re.compile(r"[0-9]+(?:st|nd|rd|th|am|pm)?|[0-9]+(?:[:./-][0-9]+)+(?:am|pm)?")

_WEEKDAY: Final = f"(?:{any_of(WEEKDAY_OF)})s?"
_WEEKDAYS: Final = f"(?P<weekdays>{_WEEKDAY}(?: (?:and )?{_WEEKDAY})*)"
_COUNT: Final = f"(?:other|[0-9]{{1,4}}|{any_of(NUMBERS)})"
_EVERY: Final = f"(?:(?P<every>{_COUNT}|second) )?"
_ORDINAL: Final = f"(?:{any_of(_ORDINALS)}|[0-9]{{1,3}}(?:st|nd|rd|th))"
_POSITIONS: Final = f"(?P<positions>{_ORDINAL}(?: (?:and )?(?:the )?{_ORDINAL})*)"
_WHAT: Final = f"(?P<what>{_WEEKDAY}|working day|business day|day)"
_MONTHS: Final = any_of(MONTH_OF)

_OF: Final = f"(?P<of> (?:(?:of|in) (?:(?:the|each|every|a) )?|(?:each|every) ){_EVERY}(?P<unit>month|quarter)s?)"
_IN_MONTHS: Final = f"(?: of| in|) (?P<months>(?:{_MONTHS})(?: (?:and )?(?:{_MONTHS}))*)"
_YEARLY: Final = "(?:(?:yearly|annually|every|each|on) )?(?:on )?"
#: Other ways of saying what the shapes below know, each with its plain words.
_OTHER_WORDS: Final = tuple(
    (re.compile(said), plain)
    for said, plain in (
        (r"\bbi (weekly|monthly)\b", r"bi\1"),
        (r" ?& ?", " and "),
        (r" ?@ ?", " at "),
        (r"\b([ap])\.m\b\.?", r"\1m"),
        (r"([0-9]) ?o['’]?clock\b", r"\1"),
        (r"\b(?:every |each )?alternate ", "every other "),
        (r"\bonce (?:a|every|each|per) (week|month|quarter|fortnight)\b", r"\1ly"),
        (r"\bthrough (?:the end of )?", "until the end of "),
    )
)
_SAME_DAY_TWICE: Final = re.compile(rf"\b({_ORDINAL}) ({_WEEKDAY}) and (?:the )?({_ORDINAL}) \2\b")
_TWO_WAYS: Final = {
    "biweekly": '"every other week" or "twice a week on Monday and Thursday"',
    "bimonthly": '"every two months on the first Monday" or "first and third Monday of the month"',
}

_RHYTHMS: Final = tuple(
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


class UnknownWord(Mistake):
    """A word that no rule has; it stands in `said`, beginning at `position` (from 0)."""

    def __init__(self, sentence: str, *, said: str, position: int, word: str) -> None:
        super().__init__(sentence)
        self.said = said
        self.position = position
        self.word = word


def parse_rule(text: str) -> Recurrence:
    """The rule that the words mean.

    `Mistake` pointing at the word that is not understood, with words that would be. Forms: "every other
    Thursday", "weekly on Mondays and Fridays", "every 6 weeks", "second Tuesday of the month", "last working
    day of the month", "first Monday of each quarter", "monthly on the 15th", "every two months on the first
    Wednesday"; then, in any order, "at 14:00", "from 3 March", "until July" (not in July; "until the end of
    July" is), "for 6 meetings".
    """
    said = " ".join(text.split())
    if len(said) > _LONGEST:
        raise Mistake(f'That is too long for a rule; try "{_EXAMPLES[0]}".')
    plain = re.sub(r"[\s,]+", " ", said.casefold().replace("-weekly", " weekly").replace("-monthly", " monthly"))
    for other, words in _OTHER_WORDS:
        plain = other.sub(words, plain)
    plain = " ".join(plain.strip(" .!;").split())
    if not plain:
        raise Mistake(f'Say how often the panel meets, such as "{_EXAMPLES[0]}".')
    plain = _SAME_DAY_TWICE.sub(r"\1 and \3 \2", plain)
    _refuse_unknown_words(plain, said)
    plain, begins = _taken(_BEGINS, plain, _begins)
    plain, ends = _taken(_ENDS, plain, _ends)
    plain, times = _taken(_TIMES, plain, _times)
    plain, at = _taken(_AT, plain, _at)
    for shape in _RHYTHMS:
        if found := shape.fullmatch(plain):
            return replace(_rhythm(found), at=at, begins=begins, ends=ends, times=times)
    raise _refused_rhythm(plain)


def _refuse_unknown_words(plain: str, said: str) -> None:
    for word in plain.split():
        if word in _KNOWN or _NUMERIC.fullmatch(word):
            continue
        position = max(said.casefold().find(word), 0)
        if word in _TWO_WAYS:
            sentence = f'People read "{word}" in two ways; try {_TWO_WAYS[word]}.'
        else:
            sentence = f'I don\'t know "{word}" in "{said}"; try "{_nearest(plain, word)}".'
        raise UnknownWord(sentence, said=said, position=position, word=word)


def _nearest(plain: str, word: str) -> str:
    """What would be right: the word mended, the rule without it, or else an example."""
    mended = get_close_matches(word, sorted(_KNOWN), n=1, cutoff=0.8)
    for instead in (*mended, ""):
        words = " ".join((instead if each == word else each) for each in plain.split())
        with suppress(Mistake):  # another word may be wrong too; then the example will do
            return parse_rule(words).describe()
    return _EXAMPLES[1]


def _refused_rhythm(plain: str) -> Mistake:
    examples = f'try "{_EXAMPLES[0]}" or "{_EXAMPLES[1]}"'
    if plain.startswith("twice"):
        return Mistake(
            '"Twice" needs its days; try "first and third Tuesday of the month" or "every Monday and Friday".'
        )
    if plain in ("monthly", "quarterly", "every month", "every quarter"):
        return Mistake(f'"{plain}" needs its day; try "second Tuesday of the month" or "first Monday of each quarter".')
    if not plain:
        return Mistake(f"Say how often the panel meets; {examples}.")
    return Mistake(f'I know the words of "{plain}" but not what they mean together; {examples}.')


_YEAR: Final = "20[0-9]{2}(?![0-9:.])"
_DAY: Final = (
    rf"(?:the )?(?:end of )?(?:[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?)?(?:{_MONTHS})\b(?: {_YEAR})?"
    rf"|[0-9]{{1,2}}/[0-9]{{1,2}}(?:/{_YEAR}|/[0-9]{{2}})?|{_YEAR}-[0-9]{{1,2}}-[0-9]{{1,2}}"
)
_BEGINS: Final = re.compile(rf"\b(?:from|starting|beginning)(?: from)?(?: on| in)? (?P<day>{_DAY})")
_ENDS: Final = re.compile(rf"\b(?:until|till) (?P<day>{_DAY})")
_TIMES: Final = re.compile(rf"\b(?:for )?(?P<times>[0-9]{{1,6}}|{any_of(NUMBERS)}) (?:meetings?|times)\b")
_AT: Final = re.compile(
    r"(?<![0-9/:.-])(?:\bat )?(?:(?P<noon>noon|midday)\b"
    r"|(?P<hour12>[0-9]{1,2})(?:[:.](?P<minute12>[0-9]{2}))? ?(?P<half>am|pm)\b"
    r"|(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?![0-9/:.])"
    r"|(?<=at )(?P<together>[0-9]{4})(?![0-9/:.])"
    r"|(?<=at )(?P<bare>[0-9]{1,2})(?![0-9/:.]))"
)
_DATE_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"(?:the )?(?P<end>end of )?(?:(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?)?(?P<month>{_MONTHS})"
        rf"(?: (?P<year>[0-9]{{4}}))?",
        r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})(?:/(?P<year>[0-9]{2,4}))?",
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})",
    )
)

Part = TypeVar("Part")


def _taken(clause: re.Pattern[str], plain: str, read: Callable[[re.Match[str]], Part]) -> tuple[str, Part | None]:
    """The words without the clause, and what the clause says."""
    if (found := clause.search(plain)) is None:
        return plain, None
    return " ".join((plain[: found.start()] + " " + plain[found.end() :]).split()), read(found)


def _date_parts(said: str) -> tuple[int | None, int, int | None, bool]:
    found = next(filter(None, (shape.fullmatch(said) for shape in _DATE_SHAPES)))
    words = found.groupdict()
    month = MONTH_OF.get(words["month"]) or int(words["month"])
    year = int(words["year"]) % 2000 + 2000 if words["year"] else None
    day = int(words["day"]) if words["day"] else None
    if words.get("end") and day is not None:
        raise Mistake(f'"{said}" is both an end and a day; try "until the end of July" or "until 3 July".')
    return day, month, year, bool(words.get("end"))


def _begins(found: re.Match[str]) -> YearDay:
    day, month, year, end = _date_parts(found["day"])
    return year_day(None if end else day if day is not None else 1, month, year)


def _ends(found: re.Match[str]) -> YearDay:
    day, month, year, end = _date_parts(found["day"])
    if day is None and not end:
        # "Until July" ends when July comes; said back as "until the end of June", so that nobody is surprised.
        year = year - 1 if year is not None and month == 1 else year
        month = (month - 2) % 12 + 1
    return year_day(day, month, year)


def _times(found: re.Match[str]) -> int:
    times = number(found["times"])
    if not 1 <= times <= MOST_MEETINGS:
        raise Mistake(f"A series has from 1 to {MOST_MEETINGS} meetings, not {times}.")
    return times


def _at(found: re.Match[str]) -> time:
    said = found[0].removeprefix("at ")
    if found["noon"]:
        return time(12, 0)
    if found["half"]:
        hour, minute = int(found["hour12"]), int(found["minute12"] or 0)
        if not 1 <= hour <= 12 or minute > 59:
            raise Mistake(f'"{said}" is no time of day; try "at 2pm" or "at 14:00".')
        return time(hour % 12 + (12 if found["half"] == "pm" else 0), minute)
    if found["together"]:
        digits, minute = found["together"][:2], int(found["together"][2:])
    else:
        digits, minute = found["hour"] or found["bare"], int(found["minute"] or 0)
    hour = int(digits)
    if hour > 23 or minute > 59:
        raise Mistake(f'"{said}" is no time of day; try "at 14:00" or "at 9.30".')
    if 1 <= hour <= 6 and len(digits) == 1:
        clear = time(hour + 12, minute)
        raise Mistake(f'"at {said}" may be morning or afternoon; try "at {clear:%H:%M}" or "at 0{hour}:{minute:02}".')
    return time(hour, minute)


def _weekdays(words: str | None) -> tuple[int, ...]:
    named = (words or "").replace(" and ", " ").split()
    return tuple(sorted({WEEKDAY_OF[day] if day in WEEKDAY_OF else WEEKDAY_OF[day[:-1]] for day in named}))


def _positions(words: str) -> tuple[int, ...]:
    if re.fullmatch(rf"{_ORDINAL} last", words):
        first = words.removesuffix(" last")
        raise Mistake(f'I count from the first, or take the last; try "{first} and last" if you mean two days.')
    named = [word for word in words.split() if word not in ("and", "the")]
    found = {_ORDINALS[word] if word in _ORDINALS else int(word[:-2]) for word in named}
    return tuple(sorted(found, key=lambda position: (position == LAST, position)))


def _every(words: str | None, most: int, unit: str) -> int:
    every = 1 if words is None else 2 if words in ("other", "second") else number(words)
    if not 1 <= every <= most:
        raise Mistake(f"A series can run every 1 to {most} {unit}s, not every {every}.")
    return every


def _months(words: str) -> tuple[int, ...]:
    return tuple(sorted({MONTH_OF[month] for month in words.replace(" and ", " ").split()}))


def _rhythm(found: re.Match[str]) -> Recurrence:
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
