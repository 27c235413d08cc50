"""Wording that blames a child for what was done to them. Such words are pointed out to their writer, and never refused.

Source: the Children's Society's guide to appropriate language in child exploitation (2024).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.language.day_words import any_of


@dataclass(frozen=True, slots=True)
class Wording:
    """Expressions that blame, in small letters, with better wording."""

    says: tuple[str, ...]
    instead: str


@dataclass(frozen=True, slots=True)
class Found:
    """An expression in a text that may blame the child, as it was typed, with better wording."""

    words: str
    instead: str


def find_blame(text: str, wordings: Iterable[Wording]) -> tuple[Found, ...]:
    """Return the expressions in a text that may blame the child, one for each wording at most, in the list's order."""
    plain = text.replace("\u2019", "'").replace("\u2013", "-")
    shapes = ((rf"\b(?:{any_of(map(re.escape, one.says))})\b", one.instead) for one in wordings)
    found = ((re.search(shape, plain, re.IGNORECASE), instead) for shape, instead in shapes)
    return tuple(Found(text[match.start() : match.end()], instead) for match, instead in found if match)
