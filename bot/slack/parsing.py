"""Reading what people type after a command: whom they mention, what they mean, which panel."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

from bot.domain.language.day_words import MONTH_OF, NUMBER_OF, WEEKDAY_OF
from bot.domain.permissions import Verb
from bot.errors import Mistake
from bot.records.access.queries import Where, panels_to_name
from bot.slack.request import Request

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_KEY = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_NUMBER = re.compile(r"#?([0-9]{1,9})(?:[,:]?\s+|$)")
_NUMBERS = re.compile(r"#?[0-9]{1,9}(?:(?:\s*[,&]\s*(?:and\s+)?|\s+and\s+|\s+)#?[0-9]{1,9})*")
_LINK = re.compile(r"<(?:[#!@])?[^>|]*\|([^>]*)>|<([^>]*)>")

# The last word of a due phrase is never looked up as the key of a panel.
_DAY_WORDS = frozenset(
    {*WEEKDAY_OF, *MONTH_OF, *NUMBER_OF, "today", "tomorrow", "day", "days", "week", "weeks", "fortnight", "month"}
    | {"months", "year", "time", "meeting", "panel", "please", "noon", "end"}
)


@contextmanager
def blaming(block_id: str) -> Iterator[None]:
    """A Mistake that names no field is about this one: put its sentence there, not under the first of the form."""
    try:
        yield
    except Mistake as mistake:
        raise Mistake(str(mistake), field=mistake.field or block_id) from None


def plain(text: str) -> str:
    """The text as the person typed it: Slack escapes three characters and wraps links and names."""
    return unescape(_LINK.sub(lambda found: found[1] or found[2] or "", text)).strip()


def take_mention(text: str) -> tuple[str | None, str]:
    """The first person mentioned and the text without them; None when nobody is."""
    found = _MENTION.search(text)
    if found is None:
        return None, text.strip()
    rest = text[: found.start()] + " " + text[found.end() :]
    return found[1], " ".join(rest.split())


def take_number(text: str, usage: str) -> tuple[int, str]:
    """The whole number the text begins with, and what follows. Raises Mistake with the usage when there is none."""
    found = _NUMBER.match(text.strip())
    if found is None:
        raise Mistake(f"Which one? {usage}")
    return int(found[1]), text.strip()[found.end() :].strip()


def only_number(text: str, usage: str) -> int:
    """The number that is all of the text. Raises Mistake with the usage for anything else."""
    number, rest = take_number(text, usage)
    if rest:
        raise Mistake(f"One number and nothing after it, please. {usage}")
    return number


def only_numbers(text: str, usage: str) -> list[int]:
    """The numbers that are all of the text ("2 3", "2, 3 and 5"), each once. Raises Mistake for anything else."""
    if not _NUMBERS.fullmatch(unescape(text).strip()):
        take_number(text, usage)
        raise Mistake(f"Only whole numbers, please: I can't tell what to do with the rest of “{plain(text)}”. {usage}")
    return list(dict.fromkeys(int(each) for each in re.findall(r"[0-9]+", unescape(text))))


def the_panel(request: Request) -> Where:
    """The panel meant by a command that takes nothing else: the one named, however it is spelt, else the channel's."""
    return request.where(request.text.strip().lower() or None)


def take_panel(request: Request, text: str, verb: Verb) -> tuple[Where, str]:
    """The panel meant and the text without its key, when the last word is the key of one of the person's panels."""
    head, _, last = text.rstrip().rpartition(" ")
    word = last.lower()
    if _KEY.fullmatch(word) and word not in _DAY_WORDS:
        keys = {panel.key for panel in panels_to_name(request.work, request.actor, verb)}
        if word in keys:
            return request.where(word), head.strip()
    return request.where(), text.strip()
