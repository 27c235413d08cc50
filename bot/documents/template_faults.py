"""Explains what is wrong with a tag of a Word template, in the words of people who edit templates in Word.

Jinja's own messages speak of tokens, statement blocks and loaders, which these people don't know.
"""

import re
from collections.abc import Callable
from typing import Final

_SEE: Final = "The README beside the templates shows each tag"
_CLOSING: Final = {"if": "endif", "for": "endfor"}


def _never_closed(found: re.Match[str]) -> str:
    opening = found[1]
    closing = _CLOSING.get(opening, f"end{opening}")
    return f"the tag `{opening}` is not closed: put `{{%p {closing} %}}` after what belongs to it"


def _misplaced(found: re.Match[str]) -> str:
    return f"`{found[1]}` is in the wrong place: `{found[2]}` comes first, since the tag inside is closed first"


def _unknown(found: re.Match[str]) -> str:
    name = found[1]
    opening = {closing: each for each, closing in _CLOSING.items()} | {"else": "if", "elif": "if"}
    if name in opening:
        return f"`{name}` has no `{opening[name]}` tag before it"
    return f"there is no tag `{name}`; tags begin with for, if, else, endfor or endif"


def _too_much(found: re.Match[str]) -> str:
    return f"`{found[1]}` is one thing too many in a pair of braces: each pair has one field"


#: Jinja's message as a pattern, and the sentence that replaces it.
_SYNTAX: Final[tuple[tuple[str, Callable[[re.Match[str]], str]], ...]] = (
    (r"unexpected end of template.*innermost block that needs to be closed is '(\w+)'", _never_closed),
    (r"unknown tag '(\w+)'.*currently looking for '(\w+)'", _misplaced),
    (r"unknown tag '(\w+)'", _unknown),
    (r"expected token 'end of (?:print statement|statement block)', got '(.+?)'", _too_much),
    (r"no (filter|test) named '(\w+)'", lambda found: f"there is no {found[1]} called `{found[2]}`"),
    (r"unexpected char '?(.)'?", lambda found: f"`{found[1]}` can't be in a tag"),
    (r"expected an expression|unexpected end of template", lambda _: f"a tag is not complete. {_SEE}"),
    (r"unexpected '[{}%]'", lambda _: "its braces don't match: a field is written like `{{ panel.title }}`"),
    (r"expected token 'in'", lambda _: "a `for` tag is written like `{%p for item in items %}`"),
)


def explain_syntax(told: str) -> str:
    """Return a sentence about a tag that can't be read, from Jinja's message `told`."""
    flat = " ".join(told.split())
    for pattern, said in _SYNTAX:
        if found := re.search(pattern, flat, re.IGNORECASE):
            return said(found)
    return f"a tag can't be read. {_SEE}"


def explain_failure(error: Exception) -> str:
    """Return a sentence about a tag that can be read but fails when a paper is made."""
    if isinstance(error, OverflowError):
        return "the tag repeats too often"
    if isinstance(error, ZeroDivisionError):
        return "the tag divides by zero"
    if isinstance(error, TypeError) and "loader" in str(error):
        return "a template can't bring in another file. Copy what you need into this one"
    return f"the tag does something that its field doesn't allow. {_SEE}"
