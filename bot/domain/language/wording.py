"""Wording that blames a child for what was done to them.

The bot tells the author of such wording, and never refuses it.

Source: the Children's Society's guide to appropriate language in child exploitation (2024).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bot.domain.language.day_words import any_of


@dataclass(frozen=True, slots=True)
class Wording:
    """Expressions that blame a child, in lower case, with better wording."""

    says: tuple[str, ...]
    instead: str


@dataclass(frozen=True, slots=True)
class Found:
    """An expression in a text that may blame the child, as it was typed, with better wording."""

    words: str
    instead: str


def find_blame(text: str, wordings: Iterable[Wording]) -> tuple[Found, ...]:
    """Return the expressions in a text that may blame the child, in the order of `wordings`, at most one for each
    wording.
    """
    plain = text.replace("\u2019", "'").replace("\u2013", "-")
    found = ((_shape(one.says).search(plain), one.instead) for one in wordings)
    return tuple(Found(text[match.start() : match.end()], instead) for match, instead in found if match)


@cache
def _shape(says: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{any_of(map(re.escape, says))})\b", re.IGNORECASE)
