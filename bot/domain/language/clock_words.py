"""Times of day as people write them: "2.30pm", "14h30", "half past two", "quarter to 3", "10 minutes ago"."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from bot.domain.language.day_words import ANY_MONTH, NUMBERS, any_of, number
from bot.errors import NoSuchTime

_UNITS: Final = any_of(NUMBERS[:12])
_HALF_OF_DAY: Final = r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?)"
_HOUR: Final = rf"(?:[01]?[0-9]|2[0-3]|{_UNITS})"
_MINUTES: Final = rf"(?:[0-9]{{1,2}}|{any_of((*NUMBERS[:29], *(one.replace('-', ' ') for one in NUMBERS[20:29])))})"
_NOT_INSIDE: Final = r"(?<![\w/:.-])"
_CLOCK: Final = re.compile(
    rf"{_NOT_INSIDE}(?P<hour>[01]?[0-9]|2[0-3])\s?[:.h]\s?(?P<minute>[0-5][0-9])(?:{_HALF_OF_DAY}|\s*h(?:ou)?rs?\b|ish\b)?(?![\w/:]|\.[0-9])",
    re.IGNORECASE,
)
_FOUR_DIGITS: Final = re.compile(
    rf"{_NOT_INSIDE}(?P<hour>[01][0-9]|2[0-3])(?P<minute>[0-5][0-9])(?:\s*h(?:ou)?rs?\b|\s*h\b)?(?![\w/:.-]*[0-9])\b",
    re.IGNORECASE,
)
_FULL_HOUR: Final = re.compile(
    rf"{_NOT_INSIDE}(?P<hour>{_HOUR})(?:{_HALF_OF_DAY}|\s*o['\u2019]?\s?clock\b|ish\b)"
    rf"(?:{_HALF_OF_DAY.replace('half', 'later')})?",
    re.IGNORECASE,
)
_IN_WORDS: Final = re.compile(
    rf"{_NOT_INSIDE}(?:(?P<part>half|(?:a\s+)?quarter|{_MINUTES})(?:\s+min(?:ute)?s?)?\s+(?P<side>past|after|to|before)"
    rf"|(?P<short>half))\s+(?P<hour>{_HOUR})\b{_HALF_OF_DAY}?(?![:.]?[0-9])",
    re.IGNORECASE,
)
_NOON: Final = re.compile(r"\b(?:12\s+)?(?:noon|midday)\b", re.IGNORECASE)
#: A bare hour is a time only after words such as "at": "at 2", "around three".
_LED: Final = re.compile(
    rf"\b(?:at|about|around|approx\.?|circa|since|@)\s*(?P<hour>{_HOUR})(?:ish)?(?![\w/:.-]*[0-9])\b(?!\s*(?:min|item|people))",
    re.IGNORECASE,
)
_AGO: Final = re.compile(
    rf"{_NOT_INSIDE}(?:(?P<count>[0-9]{{1,3}}|an?|{any_of(NUMBERS)})\s*(?P<unit>m|min|mins|minute|minutes|hour|hours|hr|hrs)"
    r"|(?P<half>half)\s+an\s+hour|(?:a\s+)?(?P<quarter>quarter)\s+of\s+an\s+hour)\s+(?:ago|earlier)\b",
    re.IGNORECASE,
)
_NOW: Final = re.compile(r"\b(?:just|right)?\s*now\b|\bjust\b|\bthis minute\b", re.IGNORECASE)
#: Words about a time that can't be read as a time of day.
_SAYS_WHEN: Final = re.compile(
    r"[0-9]|\b(?:half|quarter|ago|earl(?:y|ier)|before|after|during|since|until|till?|break|lunch|past|mins?|minutes?|item)\b",
    re.IGNORECASE,
)
_MORNING: Final = 8
#: "2-4pm", "10 to 12", "10.30\u201312": from one time of day to another.
_SPAN: Final = re.compile(
    r"(?<![\w/:.-])(?P<lead>(?:at|from|between)\s+)?(?P<hour>[01]?[0-9]|2[0-3])(?:[:.](?P<minute>[0-5][0-9]))?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?\s*(?:-|\u2013|\u2014|\bto\b|\b(?:un)?till?\b|\band\b)\s*"
    r"(?:(?P<end>[01]?[0-9]|2[0-3])(?:[:.](?P<end_minute>[0-5][0-9]))?(?:\s?(?P<later>[ap])\.?m\b\.?)?|(?P<noon>noon|midday))"
    r"(?![\w/:-]|\.[0-9])(?!\s*(?:of\s+)?(?:(?:min|hour|day|week|month|people|item)|" + ANY_MONTH + r"\b))",
    re.IGNORECASE,
)
#: "25:00", "10:75", "at 10.75", "26pm": written as a time of day, but none.
_IMPOSSIBLE: Final = re.compile(
    r"(?<![\w/:.-])(?:(?:24:(?!00)|2[5-9]:|[3-9][0-9]:)[0-9]{2}|[0-9]{1,2}:[6-9][0-9]"
    r"|(?<=at )(?:(?:24\.(?!00)|2[5-9]\.|[3-9][0-9]\.)[0-9]{2}|[0-9]{1,2}\.[6-9][0-9])"
    r"|(?:2[4-9]|[3-9][0-9])\s?[ap]\.?m)(?![\w/:]|\.[0-9])",
    re.IGNORECASE,
)
_LONGEST_SPAN: Final = 6  #: hours of a meeting: numbers further apart are something else


def starts_of_spans(text: str) -> str:
    """Return the text with each span of time ("2-4pm", "10 to 12") replaced by the time at which it begins.

    Numbers that could be a day and a month ("12-5") are left as they are.
    """
    return _SPAN.sub(lambda found: _start_of(found) or found[0], text)


def _start_of(found: re.Match[str]) -> str:
    half, later = (found["half"] or "").lower(), (found["later"] or "").lower()
    first, last = int(found["hour"]), 12 if found["noon"] else int(found["end"])
    is_marked = half or later or found["minute"] or found["end_minute"] or found["noon"]
    if not half and later and first <= 12:
        half = "a" if later == "p" and (last == 12 or first > last) and first != 12 else later
    hour = _time(first, int(found["minute"] or 0), half)
    hours = (last - first) % 12
    if hour is None or (not is_marked and not found["lead"] and not (1 <= hours <= _LONGEST_SPAN and first < last)):
        return ""
    return f"at {hour:%H:%M}"


def impossible_time(text: str) -> str:
    """Return the time of day in a text that doesn't exist, such as "25:00", or an empty string if there is none."""
    found = _IMPOSSIBLE.search(text)
    return found[0] if found else ""


def refuse_impossible_time(text: str) -> None:
    """Raise NoSuchTime if a text has a time of day that doesn't exist, such as "25:00" or "10:75"."""
    if said := impossible_time(text):
        raise NoSuchTime(said)


@dataclass(frozen=True, slots=True)
class SaidTime:
    """The time of day (`at`) that words give. `is_unclear` is True if the words name a time that could not be read."""

    at: time | None = None
    is_unclear: bool = False


def read_clock(text: str, now: datetime) -> SaidTime:
    """Return the time of day that words give. Words such as "10 minutes ago" count from `now`.

    A text with two different times is unclear. An hour from one to seven without "am" or "pm" is in the afternoon,
    since panels meet by day.
    """
    text = text.replace("\u2019", "'")
    times = list[time]()
    for shape, read in (
        (_AGO, lambda found: _before(found, now)),
        (_CLOCK, _at),
        (_IN_WORDS, _past),
        (_FULL_HOUR, _at),
        (_FOUR_DIGITS, _at),
        (_NOON, lambda _: time(12)),
        (_LED, _at),
    ):
        for found in shape.finditer(text):
            at = read(found)
            if at is None:
                return SaidTime(is_unclear=True)
            times.append(at)
        text = shape.sub(" ", text)
    is_left = _SAYS_WHEN.search(_NOW.sub(" ", text)) is not None
    if len(set(times)) > 1 or is_left:
        return SaidTime(is_unclear=True)
    return SaidTime(times[0] if times else None)


def _at(found: re.Match[str]) -> time | None:
    said = found.groupdict()
    half = (said.get("half") or said.get("later") or "").lower()
    return _time(number(said["hour"].lower()), int(said.get("minute") or 0), half)


def _past(found: re.Match[str]) -> time | None:
    part = (found["part"] or found["short"]).lower()
    minutes = 30 if part == "half" else 15 if "quarter" in part else number(part.replace(" ", "-"))
    hour = _time(number(found["hour"].lower()), 0, (found["half"] or "").lower())
    is_to = (found["side"] or "").lower() in ("to", "before")
    if hour is None or (part == "half" and is_to) or minutes > 59:
        return None
    on = datetime(2000, 1, 2, hour.hour)  # noqa: DTZ001 - a clock alone
    return (on + timedelta(minutes=-minutes if is_to else minutes)).time()


def _before(found: re.Match[str], now: datetime) -> time:
    many = 30 if found["half"] else 15 if found["quarter"] else number(found["count"].lower())
    if found["unit"] and found["unit"].lower().startswith("h"):
        many *= 60
    return (now - timedelta(minutes=many)).time().replace(second=0, microsecond=0)


def _time(hour: int, minute: int, half: str) -> time | None:
    if half and not 1 <= hour <= 12:
        return time(hour, minute) if half == "p" and hour < 24 else None
    if half:
        return time(hour % 12 + (12 if half == "p" else 0), minute)
    return time(hour + 12 if 0 < hour < _MORNING else hour, minute)
