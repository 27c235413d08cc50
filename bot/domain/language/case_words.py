"""Reading what people type about a case after its reference: how often the child was missing."""

import re
from typing import Final

from bot.domain.language.day_words import NUMBERS, any_of, number

_COUNT: Final = rf"(?:[0-9]{{1,2}}|once|twice|{any_of(NUMBERS[:20])})"
_MISSING: Final = r"(?:missing|mispers?|absconded|went missing)"
_EPISODES: Final = r"(?:missing\s+(?:person\s+)?(?:episodes?|times|reports?)|mispers?(?:\s+episodes?)?)"
#: "missing 3 times", "missing twice", "missing x3"; not "missing 3 days".
_AFTER: Final = re.compile(
    rf"\b{_MISSING}\s+(?:(?:from home|again|episodes?)\s+)?"
    rf"(?:(?P<times>{_COUNT})\s*(?:x\b|times?\b|episodes?\b|occasions?\b)"
    rf"|(?P<ce>once|twice)\b|x\s*(?P<by>[0-9]{{1,2}})\b)",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(rf"(?<![\w/.-])(?P<count>{_COUNT})\s*(?:x\s*)?{_EPISODES}\b", re.IGNORECASE)
_NOT: Final = re.compile(r"\b(?:not|never|isn.?t|wasn.?t|hasn.?t)\b", re.IGNORECASE)
_TIMES: Final = {"once": "one", "twice": "two"}


def missing_episodes(text: str) -> str:
    """Return the number of missing episodes that words give, in digits, such as "2" for "missing twice".

    Return an empty string if the words give no number, several, or a denial such as "not missing".
    """
    found = [*_AFTER.finditer(text), *_BEFORE.finditer(text)]
    said = {next(word.lower() for word in one.groups() if word) for one in found}
    if len(said) != 1 or _NOT.search(text):
        return ""
    word = said.pop()
    return str(number(_TIMES.get(word, word)))
