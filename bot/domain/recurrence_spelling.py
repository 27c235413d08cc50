"""Other ways to write the words of a rule for a series, each made one of those that are read."""

import re
from typing import Final

from bot.domain.day_words import MONTH_OF, WEEKDAY_OF, any_of
from bot.domain.recurrence_rhythms import SAME_DAY_TWICE
from bot.domain.typed_words import TypedWords

_YEAR: Final = "(2[0-2][0-9]{2})(?![0-9:./-])"
_MONTH: Final = f"(?:{any_of(MONTH_OF)})"
#: How a date begins that is more than a month's name.
_DATED: Final = (
    rf"(?:(?:{any_of(WEEKDAY_OF)}) )?(?:the )?"
    rf"(?:end of |[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}\b|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?\b"
    r"|[0-9]{1,2}[/.-][0-9]+[/.-][0-9]|[0-9]{1,2}/[0-9]|[0-9]{4}-)"
)

#: In this order: what one makes, a later one may read.
_SPELLINGS: Final = tuple(
    (re.compile(said), plain)
    for said, plain in (
        (r"[\s,;()\[\]\"]+", " "),
        (r"-(weekly|monthly)\b", r" \1"),
        (r"\bbi (weekly|monthly)\b", r"bi\1"),
        (r" ?& ?", " and "),
        (r" ?@ ?", " at "),
        (r"\b([ap])\.m\b\.?", r"\1m"),
        (r"(?<=[a-z])\.(?= |$)", ""),
        (r"([0-9]) ?o'?clock\b", r"\1"),
        (r"\b(?:at )?([0-9]{1,2})[:.]?([0-9]{2}) ?(?:hrs?|hours)\b", r"at \1:\2"),
        (r"\b12(?:[:.]00)? ?(noon|midday)\b", r"\1"),
        (r"\b(twenty|thirty|forty|fifty) (one|two|three|four|five|six|seven|eight|nine)\b", r"\1-\2"),
        (r"\bmths?\b", "month"),
        (r"\bwks?\b", "week"),
        (r"\bqtrs?\b", "quarter"),
        (r"\b(?:every |each )?alternate ", "every other "),
        (r"\bonce (?:a|every|each|per) (week|month|quarter|fortnight|year)\b", r"\1ly"),
        (r"\b(?:christmas|xmas) eve\b", "24 december"),
        (r"\b(?:christmas|xmas)(?: day)?\b", "25 december"),
        (r"\bthrough (?=[0-9])", "until "),
        (r"\bthrough (?:the end of )?", "until the end of "),
        (rf"\b(?:up )?to (?={_DATED})", "until "),
        (rf"\b(until|till) (?:the )?end of {_YEAR}", r"\1 the end of december \2"),
        (r"\b(until|till) (?:the )?end of the year\b", r"\1 the end of december"),
        (rf"\b(until|till) {_YEAR}", r"\1 january \2"),
        (rf"\b(?:in|during|throughout) {_YEAR}", r"from 1 january \1 until 31 december \1"),
    )
)


def plainly(words: TypedWords) -> TypedWords:
    """The same words in the spellings that are read."""
    for said, plain in _SPELLINGS:
        words = words.replaced(said, plain)
    begin = len(words.plain) - len(words.plain.lstrip(" .!"))
    words = words.without(0, begin) if begin else words
    end = len(words.plain.rstrip(" .!"))
    words = words.without(end, len(words.plain))
    return words.replaced(SAME_DAY_TWICE, r"\1 and \3 \2")
