"""An agenda item read from a typed line: "presentation 10 Online harm", "Paper on online harm, 20 mins"."""

import re
from dataclasses import dataclass
from typing import Final

from bot.domain.language.day_words import NUMBERS, any_of, number

_COUNT: Final = rf"(?:[0-9]{{1,3}}|{any_of(NUMBERS)})"
_MINUTES: Final = r"(?:-|\s)?(?:minutes?|mins?|min\.|m|')(?![\w])"
_HOUR: Final = (
    r"(?P<hour>(?:an?\s+|one\s+|1\s*)?(?P<part>half(?:\s+an?)?|quarter(?:\s+of)?(?:\s+an?)?)?\s*(?:hour|hr)s?(?!\w))"
)
#: The duration, with the words before it: ", 20 minutes", "(15 mins)", "for half an hour".
_TIME: Final = re.compile(
    rf"(?P<lead>^|[\s,;:(\[\u2013\u2014-]+(?:(?:for|about|approx\.?|allow|takes?)\s+)*)"
    rf"(?:(?P<count>{_COUNT}){_MINUTES}|{_HOUR})[\s.)\]]*(?P<after>$|(?=[\s,;:\u2013\u2014-])|(?<=[\s)]))",
    re.IGNORECASE,
)
_KIND: Final = re.compile(
    r"^(?:an?\s+|the\s+|new\s+)*(?P<kind>presentation|paper|other)s?\b(?:[\s:,\u2013\u2014-]|\b(?:on|about|called|titled)\b)*",
    re.IGNORECASE,
)
#: "Online harms presentation by Barnardo's", "thresholds paper from the DSL": the kind later on, kept in the title.
_KIND_LATER: Final = re.compile(
    r"\s(?:(?P<kind>presentation)\b|(?P<paper>paper)(?=\s*[.)]?$|\s+(?:by|from|on)\b))", re.IGNORECASE
)
#: The command's own word once more: "item “County lines briefing”", "new agenda item: thresholds"; not "item 3".
_NAMES_ITSELF: Final = re.compile(
    r"^(?:an?\s+|the\s+|new\s+)*(?:agenda\s+)?item(?:\s*[:,\u2013\u2014-]\s*|\s+(?:(?:on|about|called|titled|for)\s+)?)"
    r"(?=[^\W\d]|[\u201c\"\u2018'])",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile('[\u201c"\u2018\'](?P<title>[^\u201c\u201d"]+)[\u201d"\u2019\']')
_FIRST: Final = re.compile(r"^(?P<count>[0-9]{1,3})\s+(?=\S)")
_ENDS: Final = " ,;:-\u2013\u2014()[]"


@dataclass(frozen=True, slots=True)
class SaidItem:
    """The parts of an agenda item in a typed line: its title, its kind in lower case, and its length in minutes.

    A missing kind is "", and a missing length is None.
    """

    title: str
    kind: str = ""
    minutes: int | None = None


def read_item(text: str) -> SaidItem:
    """Return the title, the kind and the length in minutes of the agenda item in a typed line."""
    text = _NAMES_ITSELF.sub("", " ".join(text.split()), count=1)
    text, kind = _take_kind(text)
    text, minutes = _take_minutes(text)
    if not kind:
        text, kind = _take_kind(text)
    if minutes is None and (found := _FIRST.match(text)):
        text, minutes = text[found.end() :], int(found["count"])
    if not kind and (later := _KIND_LATER.search(text)):
        kind = (later["kind"] or later["paper"]).lower()
    title = text.strip(_ENDS)
    quoted = _QUOTED.fullmatch(title)
    return SaidItem(quoted["title"].strip(_ENDS) if quoted else title, kind, minutes)


def _take_kind(text: str) -> tuple[str, str]:
    found = _KIND.match(text)
    return (text[found.end() :], found["kind"].lower()) if found else (text, "")


def _take_minutes(text: str) -> tuple[str, int | None]:
    """Return the text without its duration, and the duration in minutes, or None if the text has no duration.

    Only a duration at the beginning or end of the text counts.
    """
    for found in _TIME.finditer(text):
        before, after = text[: found.start()].strip(_ENDS), text[found.end() :].strip(_ENDS)
        if before and after:
            continue
        if found["hour"]:
            part = (found["part"] or "").lower()
            minutes = 30 if part.startswith("half") else 15 if part else 60
        else:
            minutes = number(found["count"].lower())
        return before or after, minutes
    return text, None
