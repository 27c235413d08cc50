"""Words that blame a child for what was done to them: pointed out to the person who typed them, never refused.

After the Children's Society's guide to appropriate language in child exploitation (2024).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.domain.language.day_words import any_of


@dataclass(frozen=True, slots=True)
class Wording:
    """Words that blame, in small letters, with wording that does not."""

    says: tuple[str, ...]
    instead: str


@dataclass(frozen=True, slots=True)
class Found:
    """Words in a text that may blame the child, as they were typed, with wording that does not."""

    words: str
    instead: str


def find_blame(text: str, wordings: Iterable[Wording]) -> tuple[Found, ...]:
    """Return the words in a text that may blame the child, each wording once, in the order of the list."""
    plain = text.replace("\u2019", "'").replace("\u2013", "-")
    found = ((_shape(one.says).search(plain), one.instead) for one in wordings)
    return tuple(Found(text[match.start() : match.end()], instead) for match, instead in found if match)


@cache
def _shape(says: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{any_of(map(re.escape, says))})\b", re.IGNORECASE)
