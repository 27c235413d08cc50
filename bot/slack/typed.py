"""What people type after a command, put into the order that commands expect, before anything of it is compared.

Telephones and word processors type other spaces and dashes; people put a panel's key first, leave out the hyphen of a
verb and say please. Nothing of what a verb is to record is changed.
"""

import re
from collections.abc import Collection
from typing import Final

#: Spaces of other widths are spaces; what nobody sees is left out. Quotation marks and dashes stay as they were typed.
_SPACES: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u3000\t]+")
_UNSEEN: Final = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_PLEASE: Final = re.compile(r"(?:^|[\s,.!]+)(?:please|pls|thanks|thank you|ta)[\s.!]*$", re.IGNORECASE)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+", re.IGNORECASE)


def folded(text: str) -> str:
    """Return what was typed with plain spaces and without what nobody sees."""
    return _UNSEEN.sub("", _SPACES.sub(" ", text)).strip()


def plain_dashes(text: str) -> str:
    """Return the text with each dash as the hyphen that references, keys and dates are written with."""
    return _DASHES.sub("-", text)


def without_courtesy(text: str) -> str:
    """Return the text without a please or a thank-you at its end."""
    return _PLEASE.sub("", text)


def parted(text: str, verbs: Collection[str]) -> tuple[str, str]:
    """Return the verb in small letters, and what follows it; the first word where it is no verb.

    A verb of two words may be typed with a space ("close item"), and the key of a panel may stand before the verb; it
    then comes after what follows.
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
