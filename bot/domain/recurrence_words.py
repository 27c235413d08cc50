"""The words people use for a series of meetings, read into a rule; what is not understood is pointed at."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import time
from difflib import get_close_matches
from typing import Final, TypeVar

from bot.domain.day_words import MONTH_OF, NUMBER_OF, NUMBERS, WEEKDAY_OF, any_of, number
from bot.domain.recurrence_rhythms import ORDINALS, RHYTHMS, SAME_DAY_TWICE, read_rhythm
from bot.domain.recurrence_rule import Recurrence, YearDay, year_day
from bot.errors import Mistake

_EXAMPLES: Final = ("second Tuesday of the month at 14:00", "every other Thursday at 9.30")
MOST_MEETINGS: Final = 260  # five years of weeks
_LONGEST: Final = 200
_GLUE: Final = (
    "every each other second of the a an on in at from starting beginning until till end for and week weeks "
    "weekly fortnight fortnights fortnightly month months monthly quarter quarters quarterly twice working business "
    "day days meeting meetings time times am pm noon midday yearly annually"
)
_KNOWN: Final = frozenset(
    [*_GLUE.split(), *ORDINALS, *NUMBER_OF, *MONTH_OF, *WEEKDAY_OF, *(f"{name}s" for name in WEEKDAY_OF)]
)
_NUMERIC: Final = re.compile(r"[0-9]+(?:st|nd|rd|th|am|pm)?|[0-9]+(?:[:./-][0-9]+)+(?:am|pm)?")

_MONTHS: Final = any_of(MONTH_OF)
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
_TWO_WAYS: Final = {
    "biweekly": '"every other week" or "twice a week on Monday and Thursday"',
    "bimonthly": '"every two months on the first Monday" or "first and third Monday of the month"',
}


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
    plain = SAME_DAY_TWICE.sub(r"\1 and \3 \2", plain)
    _refuse_unknown_words(plain, said)
    plain, begins = _taken(_BEGINS, plain, _begins)
    plain, ends = _taken(_ENDS, plain, _ends)
    plain, times = _taken(_TIMES, plain, _times)
    plain, at = _taken(_AT, plain, _at)
    for shape in RHYTHMS:
        if found := shape.fullmatch(plain):
            return replace(read_rhythm(found), at=at, begins=begins, ends=ends, times=times)
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
