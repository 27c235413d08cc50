"""What people say of a series that no rule says, or that two people read in two ways, and what to say instead."""

import re
from typing import Final

from bot.domain.day_words import MONTH_OF, NUMBER_OF, NUMBERS, WEEKDAY_OF, WEEKDAYS, any_of, number
from bot.domain.recurrence_clauses import MOST_MEETINGS
from bot.domain.recurrence_rule import Recurrence
from bot.domain.typed_words import Phrase, TypedWords, Unreadable

#: Words with two meanings, each with words that have one.
TWO_WAYS: Final = {
    "biweekly": ("fortnightly", "twice a week on Monday and Thursday"),
    "bimonthly": ("two-monthly", "twice a month"),
}
#: Words that are not read, since they mean another thing to some, and what they stand for most often.
NEAR: Final = dict.fromkeys(("weekday", "weekdays"), ("working day", "Monday, Tuesday, Wednesday, Thursday and Friday"))

_MINUTES: Final = "[:.][0-9]{2}"
_NOT_IN_A_NUMBER: Final = "(?<![0-9/:.-])", "(?![0-9/:.-])"
_FROM_TO: Final = re.compile(
    rf"{_NOT_IN_A_NUMBER[0]}(?:\b(?:at|from) )?(?P<start>[0-9]{{1,2}}(?:{_MINUTES})?)(?P<half> ?[ap]m)?"
    rf" ?(?:-|to|until|till) ?[0-9]{{1,2}}(?:(?:{_MINUTES})? ?(?P<later_half>[ap]m)\b|{_MINUTES}{_NOT_IN_A_NUMBER[1]})"
)
_LENGTH: Final = re.compile(
    rf"\b(?:for |lasting )?(?:[0-9]{{1,3}}|{any_of(NUMBER_OF)}|half an?) ?(?:hours?|hrs?|minutes?|mins?)\b"
)
_EXCEPTION: Final = re.compile(
    r"\b(?:apart from|except(?:ing)?(?: for)?|excluding|other than|but not|not|without|unless|skipping)\b"
    r"(?: from .+? (?:until|till|to)\b)?(?: (?:in|on|for|during|from|at)\b)?"
    r"(?:(?! (?:at|from|starting|beginning|until|till|for) ).)*"
)
_TO_MONTH: Final = re.compile(rf"\b(?:up )?to (?P<month>(?:{any_of(MONTH_OF)})\b(?: 2[0-2][0-9]{{2}})?)")
_WEEKDAY: Final = any_of(WEEKDAY_OF)
_DAY_TO_DAY: Final = re.compile(rf"\b(?P<first>{_WEEKDAY})s? ?(?:-|to) ?(?P<last>{_WEEKDAY})s?\b")

#: Half a year and the like, which becomes so many meetings once the rhythm is known.
WITHIN: Final = re.compile(
    rf"\bfor (?P<many>[0-9]{{1,3}}|an?|{any_of(NUMBERS)}) (?P<period>year|quarter|month|fortnight|week)s?\b"
)
_PERIODS_A_YEAR: Final = {"year": 1, "quarter": 4, "month": 12, "fortnight": 26, "week": 52}


def refuse_what_no_rule_says(words: TypedWords) -> None:
    """Raise Unreadable for an exception, the length of a meeting, or a stretch of days."""
    if found := _EXCEPTION.search(words.plain):
        raise _exception(Phrase(words, found))
    if found := _FROM_TO.search(words.plain):
        phrase = Phrase(words, found)
        half = phrase["half"] or phrase["later_half"]
        raise Unreadable(_LENGTH_IS_THE_KINDS, phrase.reworded(0, f"at {phrase['start']}{half}"))
    if found := _LENGTH.search(words.plain):
        raise Unreadable(_LENGTH_IS_THE_KINDS, Phrase(words, found).reworded(0, ""))
    if found := _TO_MONTH.search(words.plain):
        phrase = Phrase(words, found)
        meant = (f"until {phrase['month']}", f"until the end of {phrase['month']}")
        raise Unreadable(f'People read "{phrase.typed()}" in two ways', phrase.reworded(0, *meant))
    if found := _DAY_TO_DAY.search(words.plain):
        phrase = Phrase(words, found)
        days = WEEKDAYS[WEEKDAY_OF[phrase["first"]] : WEEKDAY_OF[phrase["last"]] + 1]
        raise Unreadable(f'Name each day of "{phrase.typed()}"', phrase.reworded(0, " and ".join(days)))


def meetings_within(phrase: Phrase, rule: Recurrence) -> Unreadable:
    """That a rule counts meetings, and how many there are in so many weeks or months."""
    period = phrase["period"]
    counted = round(rule.meetings_a_year() * number(phrase["many"]) / _PERIODS_A_YEAR[period])
    meetings = min(max(counted, 1), MOST_MEETINGS)
    return Unreadable(
        f"I count meetings rather than {period}s", phrase.reworded(0, f"for {meetings} meeting{'s' * (meetings > 1)}")
    )


_LENGTH_IS_THE_KINDS: Final = "How long a meeting lasts is set by the kind of panel, not by a rule"


def _exception(phrase: Phrase) -> Unreadable:
    if "bank holiday" in phrase.found[0]:
        why = "What becomes of a meeting on a bank holiday is chosen for the panel, not said in its rule"
    else:
        why = "A rule has no exceptions; make them by hand afterwards, with `/panel cancel`"
    return Unreadable(why, phrase.reworded(0, ""))
