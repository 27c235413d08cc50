"""Commands to suggest for an `/agenda` line without a known verb that names a case."""

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.language.day_words import ANY_MONTH
from bot.domain.language.references import named_in
from bot.slack.references import case_and_words
from bot.slack.request import Request
from bot.slack.typed import take_reason

#: "Take 0041 off", "drop 0041", "move 0041 to next month": the case is not to be heard now.
_OFF: Final = re.compile(
    r"\b(?:hold|push|postpone|take|taken|remove|delete|drop|pull|off|put\s+off|next\s+(?:month|time|meeting)|later|not\s+this)\b",
    re.IGNORECASE,
)


#: Words that put a case off, so that its flag is not to be withdrawn.
_TO_LATER: Final = re.compile(
    rf"\b(?:until|till?|later|next|put\s+(?:\S+\s+)?(?:off|back)|hold|push|postpone|(?:to|for)\s+(?:the\s+)?{ANY_MONTH})\b",
    re.IGNORECASE,
)


def commands_for(request: Request, text: str) -> Iterator[str]:
    """Yield the commands that take the case in a line off the agenda: `defer`, or `withdraw` of its flag."""
    reference, others = case_and_words(request, text)
    if named_in(reference) and _OFF.search(others):
        head, why = take_reason(others)
        yield f"/agenda defer {reference}" + (f" because {why}" if why else "")
        if not _TO_LATER.search(head):
            yield f"/case withdraw {reference}"
