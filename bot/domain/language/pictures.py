"""Emoji as people type them, as characters and by the names that Slack writes (":blush:"), and bullets of pasted lists.

Emoji are ignored where days, numbers, keys and references are read, and kept in text that is recorded.
"""

import re
from typing import Final

_SIGN: Final = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55"
    "\U0001f000-\U0001faff]"
)
#: Characters after an emoji that belong to it: variant, skin tone or second half.
_PART: Final = "[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]"
_NAME: Final = r"(?<![\w:]):(?:[a-z][a-z0-9_'+-]*|[+-]1):(?::skin-tone-[2-6]:)?(?!\w)"
#: One emoji, as a pattern for use inside other patterns.
PICTURE: Final = f"(?:(?:{_SIGN}{_PART}*)|{_NAME})"
#: The marks of pasted lists, for use inside a set of characters.
BULLETS: Final = "\u2022\u25aa\u25cf\u25e6\u2023\u2219\u00b7\u25ba\uf0b7"
#: A "yes" that is only this picture.
THUMB_UP: Final = re.compile(r"(?:\U0001f44d[\U0001f3fb-\U0001f3ff]?|:\+1:|:thumbsup:|\u2705|:white_check_mark:)+")
_ANY: Final = re.compile(rf"\s*{PICTURE}", re.IGNORECASE)
_FIRST: Final = re.compile(rf"(?:\s*{PICTURE})+\s*", re.IGNORECASE)
_LAST: Final = re.compile(rf"(?:\s*{PICTURE})+\s*$", re.IGNORECASE)


def without_pictures(text: str) -> str:
    """Return a text without its emoji."""
    return _ANY.sub("", text).strip()


def without_last_pictures(text: str) -> str:
    """Return a text without the emoji at its end."""
    return _LAST.sub("", text)


def without_first_pictures(text: str) -> str:
    """Return a text without the emoji at its beginning."""
    first = _FIRST.match(text)
    return (text[first.end() :] if first else text).strip()
