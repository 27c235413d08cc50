"""Days and times as people type them after a command that opens a form: "5 May to the 12th at 2pm", "20-24 April".

What was read is filled into the form, so that the person can check it before saving. What is not clear is left out.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.domain.language.clock_words import read_clock, refuse_impossible_time, starts_of_spans
from bot.domain.language.day_words import (
    ANY_MONTH,
    MONTH_OF,
    NUMBERS,
    TH,
    WEEKDAY_OF,
    YearDay,
    any_of,
    day_in,
    number,
)
from bot.domain.language.due_phrases import day_off_of, read_due
from bot.domain.language.due_reading import DueKind, DueTerms, end_of_month

_WEEKDAY: Final = rf"(?:(?:{any_of(WEEKDAY_OF)})\.?,?\s+)?"
_DAY: Final = (
    rf"{_WEEKDAY}(?:the\s+)?[0-9]{{1,2}}{TH}?\s*(?:of\s+)?{ANY_MONTH}\b\.?(?:,?\s+20[0-9]{{2}}\b)?"
    rf"|{_WEEKDAY}[0-9]{{1,2}}[/.-][0-9]{{1,2}}[/.-](?:20)?[0-9]{{2}}\b|{_WEEKDAY}[0-9]{{1,2}}/[0-9]{{1,2}}\b"
    r"|20[0-9]{2}-[0-9]{2}-[0-9]{2}\b"
)
_MONTH_FIRST: Final = rf"{_WEEKDAY}{ANY_MONTH}\.?\s+(?:the\s+)?[0-9]{{1,2}}{TH}?\b(?!\s*(?:[:.]|am|pm))"
_DAY_ALONE: Final = rf"{_WEEKDAY}(?:the\s+)?(?P<alone>[0-9]{{1,2}}){TH}\b"
_NAMED: Final = re.compile(rf"(?<![\w/:.-])(?:{_DAY}|{_MONTH_FIRST}|{_DAY_ALONE})", re.IGNORECASE)
#: Words before a number that is part of a place's name: "Committee Room 2", "Unit 12".
_NUMBERED_PLACE: Final = re.compile(
    r"(?<!\w)(?:rooms?|rm|floors?|halls?|suites?|units?|flats?|buildings?|blocks?|levels?|studios?|wings?|offices?|labs?"
    r"|theatres?|numbers?|nos?\.?|chambers?|class|classrooms?|hubs?|pods?|bays?|huts?|annexes?|annexe|gates?|entrances?)"
    r"\s+#?$",
    re.IGNORECASE,
)
_MONTH: Final = re.compile(
    rf"(?<![\w/-])(?:(?:the|our)\s+)?(?P<month>{ANY_MONTH})(?:['\u2019]?s)?\b(?:\s+(?:meeting|one|panel))?(?![\w/-])",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(r"\b(?:the\s+|our\s+)?next\s+(?:meeting|one|panel|time)\b", re.IGNORECASE)
_TIME: Final = re.compile(
    r"\b(?:at\s+|@\s*)?(?:[0-9]{1,2}(?:[:.][0-5][0-9])?\s*[ap]m\b|(?:[01]?[0-9]|2[0-3])[:.][0-5][0-9](?![0-9/.]))"
    r"|\bat\s+(?:noon|midday)\b",
    re.IGNORECASE,
)
#: A time of day beside a day never counts back from now, so the present moment makes no difference.
_NO_DAY: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a clock alone
#: "5 May to 12 May", with other words for "to". If there are several, the last one separates the two days.
_TO: Final = re.compile(r"\s*(?:\bto\b|\binto\b|->|=>|\u2192)\s*", re.IGNORECASE)
#: "20-24 April", "20th to 24th of April": both days are in the one month named.
_BETWEEN: Final = re.compile(
    rf"(?<![\w/.-])(?P<first>[0-9]{{1,2}}){TH}?\s*(?:-|\u2013|to|until|till)\s*(?:the\s+)?(?P<last>[0-9]{{1,2}}){TH}?"
    rf"\s*(?:of\s+)?(?P<month>{ANY_MONTH})\b",
    re.IGNORECASE,
)
_UNTIL: Final = re.compile(r"\b(?:until|till|til|to|through)\s+(?:the\s+)?$|(?:-|\u2013)\s*$", re.IGNORECASE)
_SAYS_NOTHING: Final = frozenset(
    """
    a an and at be by date day days diary for from i'm im in is it its meeting meetings new of on one our panel
    please that the their this to will with date's extra another more held hold put add move have while away leave am
    not here our both i time
    """.split()  # noqa: SIM905 - words to be read and added to
)


@dataclass(frozen=True, slots=True)
class SaidDay:
    """A day or a month that a person typed. What was not typed is None, such as `year` for "5 May"."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    is_next: bool = False  #: the next meeting

    def matches(self, on: date) -> bool:
        """Return whether the date `on` fits the day or month that was typed."""
        said = ((self.day, on.day), (self.month, on.month), (self.year, on.year))
        return any(one is not None for one, _ in said) and all(one in (None, there) for one, there in said)


@dataclass(frozen=True, slots=True)
class SaidChange:
    """A change of the diary that a person typed. `is_clear` is False if some of the words were not understood."""

    meeting: SaidDay | None = None  #: the meeting that is meant
    to: date | None = None
    at: time | None = None
    later_by: timedelta | None = None  #: how much later than now
    venue: str = ""
    and_later: bool = False  #: from that meeting on
    is_clear: bool = True  #: every meaningful word was understood


def read_move(text: str, today: date) -> SaidChange:
    """Return the meeting, its new day and its new time, as read from a text such as "5 May to 12 May at 2pm".

    Raise NoSuchTime for a time of day that doesn't exist, such as "25:00".
    """
    refuse_impossible_time(text)
    typed, text = text, starts_of_spans(text)
    if found := _LATER_BY.search(text):
        meeting, left = _take_meeting(text[: found.start()] + " " + text[found.end() :])
        many = 2 if found["unit"] == "fortnight" else number(found["many"].lower())
        by = timedelta(days=many) if found["unit"].startswith("day") else timedelta(weeks=many)
        return SaidChange(meeting, later_by=by, is_clear=_says_nothing(left))
    parts = _TO.split(text)
    before, after = (" to ".join(parts[:-1]), parts[-1]) if len(parts) > 1 else (text, "")
    meeting, left = _take_meeting(before)
    at, new = _take_time(after)
    to, new = _take_new_day(new, meeting, today)
    if at is None:
        at, left = _take_time(left)
    return SaidChange(meeting, to, at, is_clear=text == typed and _says_nothing(f"{left} {new}"))


def says_day(text: str) -> bool:
    """Return whether the whole text is a day or a month, such as "12/5" or "May"."""
    return _NAMED.fullmatch(text) is not None or _MONTH.fullmatch(text) is not None


def names_meeting(text: str) -> bool:
    """Return whether the whole text means one of the coming meetings, such as "next meeting" or "May's meeting"."""
    meeting, left = _take_meeting(text.strip(_ENDS))
    return (meeting is not None and _says_nothing(left)) or text.strip(_ENDS).lower() in ("next", "the next")


def read_meeting(text: str, today: date) -> SaidChange:  # noqa: ARG001 - read as a move is
    """Return the meeting that a text names, such as "5th May", "the April one" or "next meeting".

    Raise NoSuchTime for a time of day that doesn't exist, such as "25:00".
    """
    refuse_impossible_time(text)
    meeting, left = _take_meeting(text)
    return SaidChange(meeting, is_clear=_says_nothing(left))


def read_extra(text: str, today: date) -> SaidChange:
    """Return the day, time and venue of a new meeting, as read from "an extra one 19 May 2pm at the Town Hall".

    Raise NoSuchTime for a time of day that doesn't exist, such as "25:00".
    """
    refuse_impossible_time(text)
    typed, text = text, starts_of_spans(text)
    at, left = _take_time(text)
    to, left = _take_new_day(left, None, today)
    found = _AT_PLACE.search(left)
    venue = _trimmed(found["place"]) if found else ""
    is_clear = text == typed and _says_nothing(left[: found.start()] if found else left)
    return SaidChange(None, to, at, venue=venue, is_clear=is_clear)


def read_venue(text: str) -> SaidChange:
    """Return the venue and the meeting that a text names, such as "Town Hall for 5 May" or "5 May to the Town Hall"."""
    later = _LATER.search(text) or _EACH_FROM.search(text) or _EACH_AFTER.search(text)
    meeting, left = _take_meeting(_EACH_FROM.sub(_APART, _LATER.sub(_APART, text)))
    venue = _trimmed(left)
    # "Room 2 June" may be a room and a month, or a room and a day.
    is_clear = not any(_NUMBERED_PLACE.search(text[: found.start()]) for found in _NAMED.finditer(text))
    venue = "" if _says_nothing(venue) else venue
    return SaidChange(meeting, venue=venue, and_later=later is not None, is_clear=is_clear)


def says_for_good(text: str) -> bool:
    """Return whether a text says that something has no end, such as "until further notice"."""
    return (
        re.search(r"\b(?:until|till|til)\s+further\s+notice\b|\bpermanently\b|\bfor\s+good\b", text, re.IGNORECASE)
        is not None
    )


def read_days(text: str, today: date) -> tuple[date | None, date | None, bool]:
    """Return the first and last day of a period such as "20-24 April", and whether all words were understood.

    A single day ("7 April") is both first and last. A day that is not given, as in "until 1 May", or not clear, is
    None.
    """
    if found := _BETWEEN.search(text):
        month = MONTH_OF[found["month"].lower()]
        first = YearDay(month, int(found["first"]))
        left = text[: found.start()] + " " + text[found.end() :]
        last = YearDay(month, int(found["last"]))
        days = [_coming(day, today) for day in (first, last)]
        return days[0], days[1], _says_nothing(left)
    found_days = list(_NAMED.finditer(text))
    days = [_day_of(found[0], None, today) for found in found_days[:2]]
    left = _NAMED.sub(" ", text)
    is_clear = _says_nothing(re.sub(r"\b(?:until|till|til|through)\b|[-\u2013]", " ", left)) and len(found_days) < 3
    if len(days) == 1 and _UNTIL.search(text[: found_days[0].start()]):
        return None, days[0], is_clear
    if len(days) == 1 and re.search(r"\bfrom\s+$", text[: found_days[0].start()], re.IGNORECASE):
        return days[0], None, is_clear
    return (days[0], days[-1], is_clear) if days else _days_in_words(text.strip(_ENDS), today)


_UNTIL_WORDS: Final = re.compile(r"(?:(?:until|till|til|through|up\s+to|to)\s+)", re.IGNORECASE)
_MONTH_ENDS: Final = re.compile(rf"(?:the\s+)?end\s+of\s+(?:the\s+)?(?P<month>{ANY_MONTH}|month)", re.IGNORECASE)
_WHOLE_MONTH: Final = re.compile(
    rf"(?:(?:for|in|during|throughout|all|of|the|whole|month)\s+)+(?P<month>{ANY_MONTH})", re.IGNORECASE
)


def _days_in_words(text: str, today: date) -> tuple[date | None, date | None, bool]:
    """Return the first and last day that words such as "for June" mean, and whether the text was understood.

    Other such texts are "until the end of July" and "tomorrow".
    """
    if whole := _WHOLE_MONTH.fullmatch(text):
        first = _first_of(whole["month"], today)
        return max(first, today), end_of_month(first), True
    until = _UNTIL_WORDS.match(text)
    said = text[until.end() :] if until else text
    day: date | None = None
    if ends := _MONTH_ENDS.fullmatch(said):
        day = end_of_month(_first_of(ends["month"], today))
    elif said:
        terms = DueTerms(today)
        reading = read_due(said, terms)
        is_one = reading.kind is DueKind.ONE_DAY and day_off_of(said, terms) is None
        day = reading.days[0] if is_one else None
    return None if until else day, day, day is not None


def _first_of(month: str, today: date) -> date:
    """Return the first day of the named month: this year, or next year if the month has passed.

    Any other word means the present month.
    """
    named = MONTH_OF.get(month.lower(), today.month)
    return date(today.year + (named < today.month), named, 1)


_LATER_BY: Final = re.compile(
    rf"\b(?:back\s+|on\s+)?by\s+(?P<many>[0-9]{{1,2}}|an?|{any_of(NUMBERS[:12])})\s+(?P<unit>days?|weeks?|fortnight)\b",
    re.IGNORECASE,
)
_ENDS: Final = " .,;:!?-\u2013\u2014()"
_AT_PLACE: Final = re.compile(r"\b(?:at|in)\s+(?P<place>(?:the\s+)?[^\W\d].*)$", re.IGNORECASE)
_LATER: Final = re.compile(
    r"\b(?:from\s+(?:now|then|there)\s+on(?:wards)?|onwards|permanently|for\s+good|and\s+(?:all\s+)?(?:(?:that\s+|those\s+)?(?:follow(?:ing)?|after(?:wards)?)|later)"
    r"|(?:for\s+)?(?:all|every|each)\s+(?:(?:the|of|our|future|other|later)\s+)*meetings?(?!\s+(?:room|place|space|cent))"
    r"(?!\s+(?:from|starting|beginning)\b))\b",
    re.IGNORECASE,
)
#: "from 7 July", "for all meetings from the 7th", "starting in May": that meeting and those after it.
_EACH: Final = r"(?:for\s+)?(?:all|every|each)\s+(?:(?:the|of|our|future|other|later)\s+)*(?:meetings?\b|ones?\b)?\s*"
_EACH_AFTER: Final = re.compile(rf"\b{_EACH}(?:after|following|since)\b", re.IGNORECASE)
_EACH_FROM: Final = re.compile(
    rf"\b(?:{_EACH})?(?:from|starting|beginning|as\s+of|as\s+from)\s+(?:(?:on|in|with|from)\s+)*"
    rf"(?=(?:the\s+|our\s+)*(?:{_DAY}|{_MONTH_FIRST}|[0-9]{{1,2}}{TH}\b|{ANY_MONTH}\b|next\s+(?:meeting|one|panel|time)\b))",
    re.IGNORECASE,
)
#: Stands for words that were taken out, so that the words on either side do not become one day.
_APART: Final = " | "
_PLACE_LEADS: Final = re.compile(
    r"^(?:(?:is|it's|its|it is|will be|to|at|in|for|on|of|now|new|meetings|venue|:|,"
    r"|meeting(?!\s+(?:rooms?|place|space|cent|house|hall)))(?=\s|:|,)[\s:,]*)+"
    r"|[\s,]+(?:for|on|from|of|the|meeting|at|in)+$",
    re.IGNORECASE,
)


def _named_day(text: str) -> re.Match[str] | None:
    """Return the first day that a text names, or None. The number of a room, as in "Room 2 June", begins no day."""
    at = 0
    while found := _NAMED.search(text, at):
        if not _NUMBERED_PLACE.search(text[: found.start()]):
            return found
        at = found.start() + 1
    return None


def _trimmed(place: str) -> str:
    place = place.replace(_APART.strip(), " ")
    return " ".join(_PLACE_LEADS.sub("", place.strip(_ENDS)).strip(_ENDS).split())


def _take_meeting(text: str) -> tuple[SaidDay | None, str]:
    """Return the meeting that a text names, or None, and the rest of the text."""
    if found := _NEXT.search(text):
        return SaidDay(is_next=True), text[: found.start()] + " " + text[found.end() :]
    if found := _named_day(text):
        left = text[: found.start()] + " " + text[found.end() :]
        if found["alone"]:
            month = _MONTH.search(left)
            said = SaidDay(int(found["alone"]), MONTH_OF[month["month"].lower()] if month else None)
            return said, _MONTH.sub(" ", left, count=1) if month else left
        on = _year_day(found[0])
        return (SaidDay(on.day, on.month, on.year) if on else None), (left if on else text)
    if found := _MONTH.search(text):
        return SaidDay(month=MONTH_OF[found["month"].lower()]), text[: found.start()] + " " + text[found.end() :]
    return None, text


def _take_new_day(text: str, meeting: SaidDay | None, today: date) -> tuple[date | None, str]:
    """Return the day to which a meeting moves, or None, and the rest of the text.

    A day without a month ("the 12th") is in the month of the meeting, or the next one after today if the meeting is the
    next one.
    """
    if found := _named_day(text):
        day = _day_of(found[0], meeting, today)
        return (day, text[: found.start()] + " " + text[found.end() :]) if day else (None, text)
    said = text.strip(_ENDS)
    terms = DueTerms(today)
    reading = read_due(said, terms) if said else None
    if reading is not None and reading.kind is DueKind.ONE_DAY and day_off_of(said, terms) is None:
        return reading.days[0], ""
    return None, text


def _day_of(text: str, meeting: SaidDay | None, today: date) -> date | None:
    found = re.fullmatch(_DAY_ALONE, text, re.IGNORECASE)
    if found is None:
        on = _year_day(text)
        return None if on is None else _coming(on, today)
    month = meeting.month if meeting is not None else None
    if month is not None:
        return _coming(YearDay(month, int(found["alone"])), today)
    if meeting is None or not meeting.is_next:
        return None
    return _coming_alone(text, int(found["alone"]), today)


def _coming_alone(text: str, number_of_day: int, today: date) -> date | None:
    """Return the next day with this number in a month, or None if the text names another weekday for this day."""
    months = ((today.year + (today.month + more - 1) // 12, (today.month + more - 1) % 12 + 1) for more in range(3))
    days = (day_in(year, month, number_of_day) for year, month in months)
    day = next((one for one in days if one is not None and one >= today), None)
    first = re.match(r"[a-z]+", text, re.IGNORECASE)
    weekday = WEEKDAY_OF.get(first[0].lower()) if first else None
    return day if day is not None and weekday in (None, day.weekday()) else None


def _year_day(text: str) -> YearDay | None:
    words = " ".join(text.replace(".", " ").split()) if re.search("[a-z]", text, re.IGNORECASE) else text
    if found := re.fullmatch(rf"({_WEEKDAY})({ANY_MONTH})\s+(?:the\s+)?([0-9]{{1,2}}){TH}?", words, re.IGNORECASE):
        words = f"{found[1]} {found[3]} {found[2]}"
    on = YearDay.named(words)
    # A day that no year has, such as 31 April, is not looked for.
    return on if on is not None and on.day is not None and day_in(2000, on.month, on.day) is not None else None


def _coming(on: YearDay, today: date) -> date | None:
    if on.year is not None:
        return on.on()
    if on.day is None or day_in(2000, on.month, on.day) is None:
        return None
    day = on.on_or_after(today)
    return day if on.weekday in (None, day.weekday()) else None


def _take_time(text: str) -> tuple[time | None, str]:
    found = _TIME.search(text)
    at = read_clock(found[0], _NO_DAY).at if found is not None else None
    if found is None or at is None:
        return None, text
    return at, text[: found.start()] + " " + text[found.end() :]


def _says_nothing(text: str) -> bool:
    words = re.findall(r"[\w'\u2019]+", text.lower().replace("\u2019", "'"))
    return all(word in _SAYS_NOTHING for word in words)
