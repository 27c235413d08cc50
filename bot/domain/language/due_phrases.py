"""Due dates as people in the United Kingdom type them, with the day first. An unclear phrase is never guessed.

A phrase is first put into plain words. Hours and words such as "at the latest" are taken off. The rest must have a form
in `due_forms`, or combine two forms: "before" and a day, a count before or after a day, or two days with "or".
"""

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from bot.domain.deadlines import FRIDAY, ONE_DAY
from bot.domain.language.clock_words import impossible_time
from bot.domain.language.day_words import (
    ANY_MONTH,
    MONTH_OF,
    MONTHS,
    NUMBERS,
    TH,
    WEEKDAY,
    WEEKDAY_OF,
    WEEKDAYS,
    TypedWords,
    any_of,
    full_date,
    number,
    ordinal,
    parts_of,
    unnamed,
)
from bot.domain.language.due_counts import COUNT_AND_UNIT, count_of, counted_from, too_many_years
from bot.domain.language.due_forms import ENDS, FORMS, VAGUE, first_day_of
from bot.domain.language.due_holidays import begins_bank_holiday, read_bank_holiday
from bot.domain.language.due_offers import excluded_day
from bot.domain.language.due_reading import Asked, DueKind, DueReading, DueTerms, OfAnyDay
from bot.domain.language.pictures import without_pictures
from bot.errors import NoSuchTime

_ANY_DAY: Final = Asked(date(2026, 1, 7))
_LONGEST_ECHO: Final = 60
#: The longest phrase that is read. People type no longer due phrases, and each form is tried on the whole phrase.
LONGEST_PHRASE: Final = 80

_FOUR_FIGURES: Final = "(?:0[7-9]|1[0-9])[0-5][05]"  #: digits beside a day that are an hour without a mark
_DOTTED: Final = r"[0-9]{1,2}[.:](?:00|15|30|45)"
_CLOCK: Final = r"[0-9]{1,2}(?:[:.][0-9]{2})? ?(?:am|pm|noon|oclock)|[0-9]{1,2}:[0-9]{2}|[0-9]{4} ?h(?:ou)?rs"
_WORK: Final = "(?:business|play|work|(?:the |my |this )?shift|(?:the )?(?:working )?day)"
_END_OF_WORK: Final = f"(?:close|end) of {_WORK}|co[bp]|eo[bdp]"
_HOURS: Final = (
    f"{_END_OF_WORK}|(?:start|beginning) of {_WORK}|first thing|last thing"
    rf"|lunch(?: ?time)?|mid-?day|noon|midnight|(?:early |late )?(?:morning|afternoon|evening|night)|[ap]m|{_CLOCK}"
)
_LEAD: Final = re.compile(
    r"(?:(?:due(?: date)?|date due|by when|deadline(?: date)?)\b ?[:-]? ?)?"
    r"(?:(?:(?:no|not) later than|in time for|(?:by |at )?the time (?:of|that|when)?|to be done by"
    r"|done by|on or before|latest by|by|on|at|for)\b ?[:-]? ?)*"
)
_TAIL: Final = re.compile(
    r" (?:please|pls|plz|thanks|thank you|thx|cheers|ta|(?:at (?:the )?)?(?:very |absolute )?latest"
    r"|if (?:at all )?possible|(?:if not|or) (?:before|sooner|earlier))$"
)
_HOUR_FIRST: Final = re.compile(
    rf"(?:the |by )?(?:(?:{_HOURS})(?: on| of| at)?|(?:{_FOUR_FIGURES}|{_DOTTED}) on"
    rf"|{_FOUR_FIGURES}(?= (?:{unnamed(WEEKDAY)}|today|tomorrow)\b)) (?=\S)"
)
#: "Friday 1700"
_FIGURES_LAST: Final = re.compile(rf"(?P<day>(?:.* )?(?:{unnamed(WEEKDAY)}|today|tomorrow)) {_FOUR_FIGURES}")
_CLOCK_FIRST: Final = re.compile(rf"(?:the )?(?:lunch(?: ?time)?|mid-?day|noon|{_CLOCK})(?: on| of)? (?=\S)")
_HOUR_LAST: Final = re.compile(
    rf"(?: (?:at|by|in the))? (?:{_HOURS}|(?:at|by) (?:[0-9]{{1,2}}(?:[:.][0-9]{{2}})?|{_FOUR_FIGURES})|{_DOTTED})$"
)
_HOUR_ALONE: Final = re.compile(
    rf"(?:the )?(?:{_END_OF_WORK}|first thing|last thing|lunch ?time|mid-?day|noon|{_CLOCK})"
)
#: Hours of the evening alone are curfews rather than deadlines.
_EVENING: Final = re.compile(r"(?:[7-9]|1[01])(?:[:.][0-9]{2})? ?pm|(?:19|2[0-3]):?[0-9]{2}(?: ?h(?:ou)?rs)?")
_END_OF_DAY: Final = re.compile(f"(?:the )?(?:end|close) of (?={WEEKDAY}|today|tomorrow)")
_BEFORE: Final = re.compile(r"(?:before|b4|ahead of|prior to|in advance of) (?=\S)")
_BESIDE: Final = re.compile(
    r"(?:(?:at )?(?:the very )?least |(?:no|not) (?:less|fewer) than |a minimum of )?(?:the |a )?"
    rf"(?:{COUNT_AND_UNIT}|(?:last |previous |next )?(?P<working>working )?(?P<the_day>day)|{WEEKDAY}) "
    r"(?P<side>before|b4|after|ahead of|prior to) (?=\S)"
)
#: "within 5 working days of 20 January", "10 working days from 12 January"
_FROM: Final = re.compile(rf"(?P<within>(?:within|in) )?{COUNT_AND_UNIT} (?:from|(?(within)of|(?!))) (?=\S)")
#: Words for the present, which set no day: "keep the flat on for now". "Now" alone is today.
_FOR_NOW: Final = re.compile("(?:just )?for (?:right )?now")
#: "next Tuesday 14th", "this Friday 10 April": the date says which week is meant.
_BEFORE_DATE: Final = re.compile(
    r"(?:next|this|this coming|the coming|coming) "
    rf"(?={unnamed(WEEKDAY)} (?:the )?[0-9]{{1,2}}(?:$|{TH}\b| (?:of )?{ANY_MONTH}\b|[/-][0-9]{{1,2}}\b))"
)
_PANEL: Final = re.compile("(?:the |our )?panel(?: meeting)?")
_FOR_PANEL: Final = re.compile(r"^(?:by )?(?:in time for|the time of) (?:the |our )?panel(?: meeting)?$")
_OR: Final = "(?: or |/| (?:and|&)(?: (?:again|then|also|once more))?(?: (?:on|by|at))? )"
_A_WEEKDAY: Final = f"(?:{unnamed(WEEKDAY)} )?(?:the )?"
#: "9 or 12 January": what stands after the second day belongs to the first as well. A weekday says nothing new.
_EITHER_OF_MONTH: Final = re.compile(
    rf"{_A_WEEKDAY}(?P<first>[0-9]{{1,2}}){TH}?(?: or |/){_A_WEEKDAY}(?P<second>[0-9]{{1,2}}){TH}?"
    rf"(?P<rest> (?:of )?{ANY_MONTH}\b.*)"
)
#: "Thursday or Friday next week"
_EITHER_OF_WEEK: Final = re.compile(
    rf"(?P<first>{unnamed(WEEKDAY)}){_OR}(?P<second>{unnamed(WEEKDAY)})"
    r"(?P<rest> (?:of |in )?(?:next week|this week|(?:the )?week after next))"
)
#: "Friday 9th or 16th": days of this month or the next.
_EITHER_OF_DAYS: Final = re.compile(
    rf"(?:{unnamed(WEEKDAY)} (?:the )?(?P<first>[0-9]{{1,2}}){TH}?|(?:the )?(?P<alone>[0-9]{{1,2}}){TH})(?: or |/)"
    rf"{_A_WEEKDAY}(?P<second>[0-9]{{1,2}}){TH}?"
)
#: "tomorrow (Wednesday)", "next panel on 3 February"
_NAMED_TWICE: Final = re.compile(
    rf"(?P<first>today|tomorrow|{WEEKDAY}|(?:the |our )?next (?:panel meeting|meeting|panel)) (?:on |which is )?"
    r"(?P<second>.+)"
)
_ROUGHLY: Final = re.compile(r"(?:about|approx(?:imately)?\.?|roughly|around|circa|some) (?=\S)")
_PART_OF: Final = re.compile(rf"(?:early|late|later) (?={unnamed(WEEKDAY)}|today|tomorrow)")
_EITHER: Final = re.compile(rf"(?P<first>.{{3,}}?){_OR}(?P<second>(?:[a-z]|(?<!/)[0-9]).{{2,}})")

_NTHS: Final = {
    word: str(day)
    for day, word in enumerate(
        """
        first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third
        twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first
        """.split(),  # noqa: SIM905 - words to be read
        1,
    )
}
_NTH_DAY: Final = re.compile(rf"\b(?P<nth>{any_of(_NTHS)})(?= of |$| {any_of(name.lower() for name in MONTHS)})")

#: Words of five letters or more that are read even if a letter is missing, doubled or swapped with the next.
_SPELT: Final = tuple(
    word.lower()
    for word in (
        *WEEKDAYS,
        *MONTHS,
        "tomorrow",
        "today",
        "fortnight",
        "working",
        "meeting",
        "weeks",
        "holiday",
        "close",
        "business",
    )
)
_KNOWN: Final = frozenset(_SPELT) | frozenset(WEEKDAY_OF) | frozenset(NUMBERS)
#: How often something is done, which no slip of a day may look like.
_RHYTHM: Final = re.compile(rf"(?:{any_of(WEEKDAY_OF)}|[a-z]*(?:day|night)|month)s|[a-z]+ly")
_SHORT: Final = {
    "2moro": "tomorrow", "tomoz": "tomorrow", "2day": "today", "nxt": "next", "wkend": "weekend",
    "eow": "end of week", "eom": "end of month", "eoq": "end of quarter", "eoy": "end of year",
}  # fmt: skip


_RUN_TOGETHER: Final = re.compile(  # 9jan, 9-Jan-2026
    rf"\b(?P<day>[0-9]{{1,2}}{TH}?)[ -]?(?P<month>{ANY_MONTH})(?![a-z])"
    r"[ -]?(?P<year>(?:[0-9]{4}|[0-9]{2})\b)?"
)
_WEEKS: Final = re.compile(r"\bwk(?P<many>s?)\b")
_MEETING: Final = re.compile(r"\bmtg\b")
_YEAR: Final = re.compile(r"\byr(?P<many>s?)\b")
_DASHED_HOUR: Final = re.compile(rf"(?: -+|(?<=[a-z]):) (?=(?:at )?(?:{_HOURS})(?: |$))")  # Friday - COP
_SAID_TWICE: Final = re.compile(rf"\b({any_of(NUMBERS)}) ([0-9]{{1,2}})\b(?= )")  # five (5) working days
_DOTTED_LETTERS: Final = re.compile(r"\b(?:[a-z]\.){2,}(?![a-z0-9])|\b(?:[a-z]\.)+[a-z]\b")  # a.s.a.p., c.o.b
_DOTTED_NAME: Final = re.compile(rf"\b({any_of((*WEEKDAY_OF, *MONTH_OF))})\.(?= |$)")  # Fri. 9 Jan. 2026


@lru_cache(maxsize=32)  # while one line is read, the same words are looked at several times
def plain(phrase: str) -> str:
    """Return a phrase in lower case and single spaces, with abbreviations and run-together dates written out."""
    words = TypedWords.of(without_pictures(phrase)).plain.replace("'", "").replace("*", "").replace("_", " ")
    words = _DOTTED_LETTERS.sub(lambda found: found[0].replace(".", ""), words)
    words = re.sub(r"(?<=[0-9])\s*([/.-])\s+(?=[0-9])|\s+([/-])\s*(?=[0-9]{1,2}\b)(?<=[0-9] [/-])", r"\1\2", words)
    words = re.sub(r"\s+/\s+", "/", words)
    words = re.sub(r"[\s,()\[\]]+", " ", words).strip(' .!?;:()[]"-')
    words = re.sub(r"(?<=[0-9])(?=(?:h|hrs?|hours?|days?|wks?|weeks?|months?|mths?|wds?)\b)", " ", words)
    words = _YEAR.sub(lambda found: f"year{found['many']}", _MEETING.sub("meeting", words))
    words = _DASHED_HOUR.sub(" ", words)
    words = _WEEKS.sub(lambda found: f"week{found['many']}", words)
    words = _SAID_TWICE.sub(lambda found: found[1 if number(found[1]) == int(found[2]) else 0], words)
    words = _DOTTED_NAME.sub(r"\1", words)
    words = _RUN_TOGETHER.sub(r"\g<day> \g<month> \g<year>", words).rstrip()
    return _NTH_DAY.sub(lambda found: ordinal(int(_NTHS[found["nth"]])), words)


def read_due(phrase: str, terms: DueTerms) -> DueReading:
    """Return the day that a due phrase means, from today to two years ahead, or the reason why no day is clear.

    A date without a year is the next such date, today included. If the words aren't a due phrase, the result is "no
    day".
    """
    echo = " ".join(phrase.split())
    echo = echo if len(echo) <= _LONGEST_ECHO else f"{echo[: _LONGEST_ECHO - 1]}…"
    asked = Asked.of(echo.replace('"', "'"), terms)
    found = reading_of(phrase, asked) or excluded_day(plain(phrase)[:LONGEST_PHRASE], asked, _reading)
    if found is not None:
        return found
    return asked.nothing(f'I can\'t read "{asked.phrase}" as a due date.' if echo else "Say when it is due.")


def reading_of(phrase: str, asked: Asked) -> DueReading | None:
    """Return what a phrase means as a due date, or None if the phrase has no known form."""
    words = plain(phrase)
    if len(words) > LONGEST_PHRASE:
        return None
    if no_time := impossible_time(words):
        return _at_no_time(words, no_time, asked)
    return _reading(words, asked) or _with_slips(words, asked)


def _at_no_time(words: str, no_time: str, asked: Asked) -> DueReading | None:
    """Return the refusal of a time of day that doesn't exist. It suggests the day typed beside the time, if any."""
    rest = " ".join(re.sub(rf"(?:\b(?:at|by) )?{re.escape(no_time)}", " ", words).split())
    inner = _reading(rest, asked) if rest else asked.nothing()
    return inner and asked.nothing(str(NoSuchTime(no_time)), *inner.days, *inner.offers)


def day_off_of(phrase: str, terms: DueTerms) -> date | None:
    """Return the weekend day or bank holiday from which a due date was moved, or None if it was not moved.

    For instance, "10 days" may count to a Saturday. The due date is then the next working day.
    """
    found, counted = read_due(phrase, terms), reading_of(phrase, OfAnyDay.of(phrase, terms))
    if found.kind is not DueKind.ONE_DAY or counted is None or counted.kind is not DueKind.ONE_DAY:
        return None
    return None if found.days == counted.days else counted.days[0]


def why_moved(phrase: str, terms: DueTerms, due_on: date) -> str:
    """Return a sentence saying that a phrase such as "10 days" gives a day off, so that `due_on` was taken instead.

    Return an empty string if the due date was not moved, or is not `due_on`.
    """
    off = day_off_of(phrase, terms)
    if off is None or read_due(phrase, terms).days != (due_on,):
        return ""
    holiday = "" if off.weekday() > FRIDAY else ", a bank holiday"
    which = "next working day" if due_on > off else "last working day before it"
    return f"\u201c{' '.join(phrase.split())}\u201d is {full_date(off)}{holiday}, so I chose the {which}."


def recognises(phrase: str) -> bool:
    """Return whether a phrase has the form of a due phrase, even if it names no clear day."""
    return reading_of(phrase, _ANY_DAY) is not None


def is_hour(phrase: str) -> bool:
    """Return whether a phrase gives only a time of day: "9pm", "at noon"."""
    return _HOUR_ALONE.fullmatch(_LEAD.sub("", plain(phrase), count=1)) is not None


def parse_due(phrase: str, terms: DueTerms) -> date:
    """Return the one day that a due phrase means.

    Raise Mistake, with days that would be accepted, if the phrase means no day or several, has passed or is too far
    ahead.
    """
    found = read_due(phrase, terms)
    if found.kind is not DueKind.ONE_DAY:
        raise found.refusal()
    return found.days[0]


def _reading(words: str, asked: Asked) -> DueReading | None:
    """Return what words mean as a due date, or None if their form is unknown.

    The caller has prepared the words with `plain`. They are tried as they are, and then without an hour or "at the
    latest".
    """
    if _FOR_NOW.fullmatch(words):
        return asked.nothing()
    words = _BEFORE_DATE.sub("", _LEAD.sub("", _FOR_PANEL.sub("next panel", words), count=1), count=1)
    while (shorter := _TAIL.sub("", words)) != words:
        words = shorter
    if "bank hol" in words and (holiday := read_bank_holiday(words, asked)) is not None:
        return holiday
    for form, reader in FORMS:
        if found := form.fullmatch(words):
            return reader(parts_of(found), asked)
    if VAGUE.fullmatch(words):
        return asked.nothing()
    if _HOUR_ALONE.fullmatch(words):
        return None if _EVENING.fullmatch(words) else asked.one(asked.today)
    return _composed(words, asked) or _at_an_hour(words, asked) or _named_twice(words, asked)


def _at_an_hour(words: str, asked: Asked) -> DueReading | None:
    for pattern in (_END_OF_DAY, _HOUR_FIRST, _PART_OF):
        if found := pattern.match(words):
            return _reading(words[found.end() :], asked)
    if found := _HOUR_LAST.search(words):
        return _reading(words[: found.start()], asked)
    if found := _FIGURES_LAST.fullmatch(words):
        return _reading(found["day"], asked)
    return None


def _composed(words: str, asked: Asked) -> DueReading | None:
    if found := _BEFORE.match(words):
        return _before(words[found.end() :], asked)
    if (found := _BESIDE.match(words)) or (found := _FROM.match(words)):
        return _beside(found, words[found.end() :], asked)
    if either := _either(words):
        first, second = _reading(either[0], asked), _reading(either[1], asked)
        if first and second and first.days and second.days:
            # If today is that weekday, the coming one is meant here.
            return asked.either(first.days[-1], second.days[-1], f'"{asked.phrase}" is two days.')
    if found := _ROUGHLY.match(words):
        inner = _reading(words[found.end() :], asked)
        return inner and asked.nothing(f'"{asked.phrase}" is no exact day.', *inner.days, *inner.offers)
    return None


def _either(words: str) -> tuple[str, str] | None:
    """Return the two days of a phrase such as "9 or 12 January" or "Wednesday and again on Friday", or None."""
    if found := _EITHER_OF_MONTH.fullmatch(words):
        return f"{found['first']}{found['rest']}", f"{found['second']}{found['rest']}"
    if found := _EITHER_OF_DAYS.fullmatch(words):
        return f"the {found['first'] or found['alone']}th", f"the {found['second']}th"
    found = _EITHER_OF_WEEK.fullmatch(words)
    if found:
        return f"{found['first']}{found['rest']}", f"{found['second']}{found['rest']}"
    found = _EITHER.fullmatch(words)
    return (found["first"], found["second"]) if found and not _HOUR_ALONE.fullmatch(found["second"]) else None


def _named_twice(words: str, asked: Asked) -> DueReading | None:
    """Return the day of a phrase that gives one day twice, such as "tomorrow, Wednesday".

    If the phrase gives two different days, return both.
    """
    found = _NAMED_TWICE.fullmatch(words)
    if found is None or _HOUR_ALONE.fullmatch(found["second"]):
        return None
    first, second = _reading(found["first"], asked), _reading(found["second"], asked)
    if first is None or second is None:
        return None
    if not first.days or not second.days:
        return second if first.days else first
    common = [day for day in first.days if day in second.days]
    if len(common) == 1:
        return asked.one(common[0])
    return asked.either(first.days[0], second.days[0], f'"{asked.phrase}" is two days.')


def _before(words: str, asked: Asked) -> DueReading | None:
    """Return the due date that "before" and a day mean: the last working day before this day.

    "Before the end of March" may mean two days, because people also use the phrase for the end itself.
    """
    if "bank hol" in words and (holiday := begins_bank_holiday(words, asked)) is not None:
        return _eve(holiday, asked)
    if (hour := _CLOCK_FIRST.match(words)) and not _HOUR_ALONE.fullmatch(words):
        return _reading(words[hour.end() :], asked)  # before an hour of a day is on that day
    words = "next panel" if _PANEL.fullmatch(words) else words
    inner = None if _HOUR_ALONE.fullmatch(words) else _reading(words, asked)
    if inner is None:
        return None
    if inner.kind is DueKind.NO_DAY:
        begins = first_day_of(words, asked)
        return inner if begins is None else _eve(begins, asked)
    if inner.kind is DueKind.ONE_DAY and ENDS.match(words):
        return asked.either(inner.days[0], asked.working_before(inner.days[0]))
    if inner.kind is DueKind.ONE_DAY:
        return _eve(inner.days[0], asked)
    if inner.kind is DueKind.TWO_READINGS:
        begins = first_day_of(words, asked)
        if begins is not None:
            return _eve(begins, asked)
        eves = [asked.working_before(day) for day in inner.days]
        return asked.either(eves[0], eves[1], inner.reason)
    return inner


def _eve(day: date, asked: Asked) -> DueReading:
    if day <= asked.today:
        return asked.past(f"There is no time left before {full_date(day)}.", asked.today)
    # On a Sunday, "before Monday" can only be today.
    return asked.one(max(asked.working_before(day), asked.today))


def _beside(found: re.Match[str], words: str, asked: Asked) -> DueReading | None:
    """Return the day at a typed distance from another day: "5 working days before the next meeting"."""
    inner = _reading("next panel" if _PANEL.fullmatch(words) else words, asked)
    if inner is None or inner.kind not in {DueKind.ONE_DAY, DueKind.TWO_READINGS, DueKind.NO_DAY}:
        return inner
    said = parts_of(found)
    if said["count"] and (too_many_years(said["unit"], count_of(said["count"])) or count_of(said["count"]) == 0):
        return asked.nothing()
    days = [_moved(day, said, asked) for day in inner.days]
    if inner.kind is DueKind.NO_DAY:
        return asked.nothing(inner.reason, *(_moved(day, said, asked) for day in inner.offers))
    if len(days) == 1 or (inner.days[0] == asked.today and days[0] < asked.today):
        return asked.one(days[-1])  # on a Tuesday, "2 days before Tuesday" is before the coming one
    return asked.either(days[0], days[1], inner.reason)


def _moved(day: date, said: Mapping[str, str], asked: Asked) -> date:
    """Return the day at the typed distance from `day`, such as "5 working days before" or "the day after"."""
    is_after = said["side"] in {"after", ""}
    if said["weekday"]:
        weekday = WEEKDAY_OF[said["weekday"]]
        there = day + ((weekday - day.weekday() - 1) % 7 + 1) * ONE_DAY
        return there if is_after else there - (7 if there - 7 * ONE_DAY < day else 14) * ONE_DAY
    if said["the_day"] and said["working"]:
        return asked.working(day + ONE_DAY) if is_after else asked.working_before(day)
    if said["the_day"]:
        return day + ONE_DAY if is_after else day - ONE_DAY
    count = count_of(said["count"])
    return counted_from(day, count if is_after else -count, said["unit"], asked)


def _with_slips(words: str, asked: Asked) -> DueReading | None:
    """Return what words mean after misspelt days and months are corrected, and short forms are written out.

    Return None if there was nothing to correct.
    """
    typed, words = words, _MATCH.sub("march", words)
    mended = " ".join(_SHORT.get(word) or _spelt(word) for word in words.split(" "))
    return None if mended == typed else _reading(mended, asked)


#: What telephones make of "March": "25th Match".
_MATCH: Final = re.compile(r"(?<=[0-9]st )match\b|(?<=[0-9][nrt][dh] )match\b|(?<=[0-9] )match\b|\bmatch(?= [0-9])")


def _spelt(word: str) -> str:
    if word in _KNOWN or len(word) < 5 or not word.isalpha() or _RHYTHM.fullmatch(word):
        return word
    swapped = {f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(1, len(word) - 1)}
    if meant := next((known for known in _SPELT if known in swapped), None):
        return meant
    near = get_close_matches(word, [known for known in _SPELT if known[0] == word[0]], n=1, cutoff=0.85)
    return near[0] if near else word


def describe_due(day: date, today: date) -> str:
    """Return a date in full with its distance from today, such as "Friday 27 November 2026 (in 5 days)"."""
    return f"{full_date(day)} ({describe_distance(day, today)})"


def describe_distance(day: date, today: date) -> str:
    """Return the distance of a day from today in words: "in 5 days", "yesterday"."""
    days = (day - today).days
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return named.get(days) or (f"in {days} days" if days > 0 else f"{-days} days ago")
