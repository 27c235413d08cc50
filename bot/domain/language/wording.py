"""Words that blame a child for what was done to them: pointed out to the person who typed them, never refused.

After the Children's Society's guide to appropriate language in child exploitation (2024).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

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
    shapes = ((rf"\b(?:{any_of(map(re.escape, one.says))})\b", one.instead) for one in wordings)
    found = ((re.search(shape, plain, re.IGNORECASE), instead) for shape, instead in shapes)
    return tuple(Found(text[match.start() : match.end()], instead) for match, instead in found if match)
