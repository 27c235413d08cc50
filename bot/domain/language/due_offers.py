"""Days to suggest for phrases that give only a start, or only rule out a day: "after Friday", "any day but Friday"."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from bot.domain.deadlines import ONE_DAY
from bot.domain.language.due_forms import VAGUE
from bot.domain.language.due_reading import ONE_WEEK, Asked, DueKind, DueReading

_NOT_ON: Final = (
    r"(?:any ?(?:day|time|where)? )?(?:but(?: not)?|except(?:ing)?(?: for)?|excluding|bar|barring|other than|apart from"
    r"|not|instead of|rather than)"
)
_FROM: Final = (
    r"(?:(?:(?:only|but|any ?time|some ?time|starting|straight|just|right) )?"
    r"(?:after|following|from|since|as of|as from|starting|beginning|w\.?e\.?f\.?|(?:at the )?(?:very )?earliest"
    r"|on or after)|(?:but )?not (?:before|until|till|unless after)|(?:no|not) (?:earlier|sooner) than)"
)
_SHAPE: Final = re.compile(
    rf"(?:(?P<since>{_FROM})|(?P<not_on>{_NOT_ON}))(?: on)? (?P<day>\S.*)"
    r"|(?P<first>\S.*?) (?:(?:at )?(?:the )?(?:very )?earliest|onwards?|(?:or|and) (?:after|later|since|onwards?))"
)
_WEEKEND: Final = re.compile("week-?end$")


def excluded_day(words: str, asked: Asked, read: Callable[[str, Asked], DueReading | None]) -> DueReading | None:
    """Return a refusal for a phrase such as "after Friday" or "any day but Friday", or None for other words.

    The refusal suggests working days after the day in the phrase. `read` reads the words for this day.
    """
    found = _SHAPE.fullmatch(words)
    if found is None:
        return None
    day = found["day"] or found["first"]
    inner = None if VAGUE.fullmatch(day) else read(day, asked)
    if inner is None or inner.kind is DueKind.PAST:
        return None
    last = max(inner.days or inner.offers)
    if _WEEKEND.search(day) and not inner.days:
        last -= ONE_DAY  # the Monday behind a weekend is offered with it
    is_not = found["not_on"] is not None
    reason = f'"{asked.phrase}" only rules out a day.' if is_not else f'"{asked.phrase}" says from when, not by when.'
    return asked.nothing(reason, *_days_after(last, asked))


def _days_after(last: date, asked: Asked) -> list[date]:
    """Return three working days that follow a day: the next one, and those a week and two weeks later."""
    next_one = asked.working(max(last, asked.today) + ONE_DAY)
    return [next_one, *(asked.working(next_one + weeks * ONE_WEEK) for weeks in (1, 2))]
