"""What people write: accepted when it says something, is not too long, and names nobody."""

import re

from bot.domain.identifiers import refuse_identifiers
from bot.errors import Mistake

MAX_LINE = 1000  # characters of a reason or an action: one thought
MAX_TEXT = 3000  # of a judgement or rationale: what one input field of a modal takes (Block Kit)


#: Characters that nobody sees and that turn the direction of what stands beside them: a text could read otherwise than
#: it is (embeddings, overrides, isolates, marks), or hide an identifier between its digits (zero-width ones).
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def visible(text: str) -> str:
    """The text without invisible characters; joiners stay, since scripts and emoji are written with them."""
    return _INVISIBLE.sub("", text)


def accept_line(text: str, *, field: str, missing: str) -> str:
    """One line, its spaces tidied. Raises Mistake (`missing`) when empty, when too long, or when it identifies."""
    text = " ".join(visible(text).split())
    return _accept(text, field, missing, MAX_LINE)


def accept_reason(text: str) -> str:
    """Why a diary changes, in one line. Raises Mistake as `accept_line` does."""
    return accept_line(text, field="reason", missing="Please say why; members are told.")


def accept_text(text: str, *, field: str, missing: str) -> str:
    """Text of several lines, trimmed. Raises Mistake (`missing`) when empty, when too long, or when it identifies."""
    return _accept(visible(text).strip(), field, missing, MAX_TEXT)


#: How somebody states why an identifier must stay: the statement stays with the text, for every reader to see.
_KEPT_BECAUSE = re.compile(r"\[kept because (?P<reason>[^\]]*\w[^\]]*)\]\s*$", re.IGNORECASE)


def _accept(text: str, field: str, missing: str, limit: int) -> str:
    if not text:
        raise Mistake(missing, field=field)
    if len(text) > limit:
        raise Mistake(f"That has {len(text):,} characters; at most {limit:,} fit. Please shorten it.", field=field)
    stated = _KEPT_BECAUSE.search(text)
    refuse_identifiers(text, field=field, because=stated["reason"] if stated else None)
    return text
