"""What people type after a command, put into the order that commands expect before it is compared.

Telephones and word processors type other spaces and dashes; people put a panel's key first, leave out the hyphen of a
verb and say please. Nothing of what a verb is to record is changed.
"""

import re
from collections.abc import Collection
from html import unescape
from typing import Final

from bot.errors import Mistake

#: Spaces of other widths are spaces; what nobody sees is left out. Quotation marks and dashes stay as they were typed.
_SPACES: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u3000\t]+")
_UNSEEN: Final = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_PLEASE: Final = re.compile(r"(?:^|[\s,.!]+)(?:please|pls|thanks|thank you|ta)[\s.!]*$", re.IGNORECASE)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+", re.IGNORECASE)


def folded(text: str) -> str:
    """Return typed text with plain spaces and without invisible characters."""
    return _UNSEEN.sub("", _SPACES.sub(" ", text)).strip()


def plain_dashes(text: str) -> str:
    """Return the text with each dash replaced by the hyphen of references, keys and dates."""
    return _DASHES.sub("-", text)


def without_courtesy(text: str) -> str:
    """Return the text without a "please" or "thank you" at its end."""
    return _PLEASE.sub("", text)


def parted(text: str, verbs: Collection[str]) -> tuple[str, str]:
    """Return the verb in small letters and what follows it, or the first word if it is no verb.

    A verb of two words may be typed with a space ("close item"), and the key of a panel may be typed before the verb:
    it then comes after what follows.
    """
    words = folded(text).split(maxsplit=2)
    if not words:
        return "", ""
    first = plain_dashes(words[0]).lower().strip("*_")
    both = f"{first}-{words[1].lower()}" if len(words) > 1 else ""
    if both in verbs:
        return both, words[2] if len(words) > 2 else ""
    second = words[1].lower() if len(words) > 1 else ""
    if first not in verbs and second in verbs and _KEY.fullmatch(plain_dashes(words[0])):
        rest = words[2] if len(words) > 2 else ""
        return second, f"{rest} {words[0]}".strip()
    return first, folded(text).split(maxsplit=1)[1] if len(words) > 1 else ""


_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?:[#!@])?[^>|]*\|([^>]*)>|<([^>]*)>")


def plain(text: str) -> str:
    """Return the text as the person typed it, without Slack's escapes and its marks around links and names."""
    return unescape(_LINK.sub(lambda found: found[1] or found[2] or "", text)).strip()


def take_mention(text: str) -> tuple[str | None, str]:
    """Return the first person mentioned and the text without them, or None if nobody is."""
    found = _MENTION.search(text)
    if found is None:
        return None, text.strip()
    rest = text[: found.start()] + " " + text[found.end() :]
    return found[1], " ".join(rest.split())


# Messages say "Action 4127", and people write what they read.
_CALLED = r"(?:(?:actions?|items?|numbers?)\s+)?(?:nos?\.?\s*)?#?"
_NUMBER = re.compile(rf"{_CALLED}([0-9]{{1,9}})(?:[.,:;]?\s+|\.?$)", re.IGNORECASE)
_NUMBERS = re.compile(
    rf"{_CALLED}[0-9]{{1,9}}(?:(?:\s*[,;&]\s*(?:and\s+)?|\s+and\s+|-|\s+(?:-|to)\s+|\s+)#?[0-9]{{1,9}})*\.?",
    re.IGNORECASE,
)
_FROM_TO = re.compile(r"([0-9]{1,9})(?:-|\s+(?:-|to)\s+)#?([0-9]{1,9})", re.IGNORECASE)
_MOST_IN_A_ROW = 20


def take_number(text: str, usage: str) -> tuple[int, str]:
    """Return the whole number the text begins with, and what follows.

    Raises Mistake with the usage when there is none.
    """
    found = _NUMBER.match(text.strip())
    if found is None:
        raise Mistake(f"Which one? {usage}")
    return int(found[1]), text.strip()[found.end() :].strip()


def only_number(text: str, usage: str) -> int:
    """Return the number that makes up the text. Raise Mistake with the usage for anything else."""
    number, rest = take_number(text, usage)
    if rest:
        raise Mistake(f"One number and nothing after it, please. {usage}")
    return number


def only_numbers(text: str, usage: str) -> list[int]:
    """Return the numbers that make up the text ("2 3", "2, 3 and 5"), each once.

    Raises Mistake for anything else.
    """
    if not _NUMBERS.fullmatch(plain_dashes(unescape(text)).strip()):
        take_number(text, usage)
        raise Mistake(f"Only whole numbers, please: I can't tell what to do with the rest of “{plain(text)}”. {usage}")
    return first_numbers(text)


def first_numbers(text: str) -> list[int]:
    """Return the numbers that make up the text, or its first number, or none.

    Each once.
    """
    said = plain_dashes(unescape(text)).strip()
    found = _NUMBERS.fullmatch(said) or _NUMBER.match(said)
    return [] if found is None else list(dict.fromkeys(map(int, re.findall(r"[0-9]+", _in_full(found[0])))))


def _in_full(numbers: str) -> str:
    """Return numbers with those between for "4-6". Raise Mistake for a range that is wrong or too long."""

    def between(found: re.Match[str]) -> str:
        first, last = int(found[1]), int(found[2])
        if not first <= last < first + _MOST_IN_A_ROW:
            raise Mistake(f"I can't tell which numbers “{found[0]}” are. Name each of them, please.")
        return " ".join(map(str, range(first, last + 1)))

    return _FROM_TO.sub(between, numbers)


_ITEM_NUMBER: Final = re.compile(
    r"(?:items?\s+)?(?:(?:no|number)\.?\s*)?#?(?P<number>[0-9]{1,3}[a-z]{0,2})\.?", re.IGNORECASE
)


def item_number(text: str) -> str | None:
    """Return what an agenda calls a line: "6", or "6a" for one that came after the sixth, or None for anything else."""
    found = _ITEM_NUMBER.fullmatch(text.strip("() "))
    return found["number"] if found else None
