"""Requests for more time that count from the present due date: "two more weeks", "a week longer"."""

import re
from datetime import date
from typing import Final

from bot.domain.language.due_counts import COUNT_AND_UNIT, count_of, counted_from, too_many_years
from bot.domain.language.due_phrases import plain
from bot.domain.language.due_reading import Asked, DueTerms

_BY: Final = re.compile(rf"(?:push(?:ed)? |move[d]? |put )?(?:back |out )?by (?:the )?{COUNT_AND_UNIT}")
_MORE: Final = re.compile(r"\b(?:more|further|extra|another|longer|later|additional|on top|extension|extended)\b")
_OTHERS: Final = re.compile(
    r"^(?:(?:for|needs?|wants?|an?|the|another(?= \w+ \w)) )*(?:(?:extra|further|additional|extension of) )*"
    r"|\b(?:time|longer|later|more|further|extra|additional|on top|extension)\b| of$"
)
_COUNT: Final = re.compile(COUNT_AND_UNIT)


def longer_by(phrase: str, due_on: date, terms: DueTerms) -> date | None:
    """Return the due date moved by the time in the phrase, or None if the phrase doesn't count from the due date.

    If the due date has not passed, a time alone ("1 week") counts from the due date. A person who asks for more time
    wants it in addition to the time that is left.
    """
    words = plain(phrase)
    found = _BY.fullmatch(words)
    if found is None and _MORE.search(words):
        left = " ".join(_OTHERS.sub(" ", words).split())
        found = _COUNT.fullmatch(left) or _COUNT.fullmatch(f"a {left}")
    if found is None and due_on >= terms.today:
        found = _COUNT.fullmatch(words)
    if found is None:
        return None
    count, unit = count_of(found["count"]), found["unit"]
    if count == 0 or too_many_years(unit, count):
        return None
    return counted_from(due_on, count, unit, Asked.of(phrase, terms))
