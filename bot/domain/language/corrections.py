"""Words with which people put a line right as they type it: "by Friday, sorry I meant Thursday", "Friday not Thursday".

A line of this kind is never carried out as it stands. The bot offers the line that was meant.
"""

import re
from typing import Final

from bot.domain.language.due_phrases import recognises
from bot.domain.language.person_names import MENTION

#: Words that take back what comes just before them. "Sorry" alone is mostly a courtesy.
_MARK: Final = re.compile(
    r"[\s,.;:(\u2013\u2014-]*(?<![\w'\u2019])(?:"
    r"(?:(?:no|oops|whoops|sorry|wait|actually|er|erm)[\s,.:]+)*(?:i|we)\s+(?:meant|mean)(?:\s+to\s+(?:say|put|type))?"
    r"|(?:no|oops|whoops|wait)[\s,]+sorry|sorry[\s,]+no|no[\s,]+wait|wait[\s,]+no|actually[\s,]+no|no[\s,]+actually"
    r"|(?:oops|whoops)|make\s+that|(?:scrap|scratch)\s+that|correction"
    r")(?![\w'\u2019])[\s,.:;\u2013\u2014-]*",
    re.IGNORECASE,
)
#: "Friday not Thursday", "Friday rather than Thursday": the day that counts, and one that does not.
_RATHER: Final = re.compile(r"[\s,(]+(?:and\s+)?(?:not|instead\s+of|rather\s+than)\s+(?=\S)", re.IGNORECASE)
_QUOTED: Final = re.compile('[\u201c"][^\u201c\u201d"]*[\u201d"]')
_NAME: Final = r"@?[A-Z][\w'\u2019-]*(?:\s+[A-Z][\w'\u2019-]*)?"
#: What one slip may replace by another of its kind, the most telling first. Days are read by `recognises`.
_KINDS: Final = tuple(
    re.compile(shape)
    for shape in (
        MENTION,
        r"(?i)(?<![\w-])[a-z]{2,10}-?[0-9]{3,8}(?![\w-])",
        r"(?i)(?<![\w/.:-])(?:[0-9]{1,2}(?:[:.][0-9]{2})?\s*[ap]m|[0-9]{1,2}:[0-9]{2})(?!\w)",
        r"(?<![\w/.:-])#?[0-9]{1,9}(?![\w/.:-]*[0-9A-Za-z])",
        rf"(?<!\w){_NAME}",
    )
)
_MOST_WORDS: Final = 6  #: of a day
_FEW: Final = 2  #: words that a correction replaces as a whole
_EDGES: Final = " ,.;:()"


def corrected(text: str) -> str | None:
    """Return the line that a person meant who put it right while typing, or None if the line puts nothing right.

    For "visit by Friday, sorry I meant Thursday", return "visit by Thursday". Return an empty string if it is not
    clear what the new words replace. Words in quotation marks correct nothing.
    """
    bare = _QUOTED.sub(lambda found: "\u2026" * len(found[0]), text)
    found = _MARK.search(bare)
    if found is None:
        return _put_right_by_sorry(text, bare) or _kept_day(text, bare)
    before, after = text[: found.start()].rstrip(_EDGES), text[found.end() :].strip()
    if not re.search(r"\w", after) or (not before and not re.search(r"\bmean", found[0], re.IGNORECASE)):
        return None
    after = re.sub(r"(?i)^(?:it\s+was|it['\u2019]s|it\s+is|for|to|by|on)\s+(?=\S)", "", after)
    is_whole = len(before.split()) <= _FEW  # "coming, no sorry apologies": all of it is taken back
    return _with_day(before, after) or _with_another(before, after) or (after if is_whole else "")


_SORRY: Final = re.compile(r"(?<=\w)[\s,.;:(\u2013\u2014-]*\s(?:sorry|no)[\s,.:]+(?=\S)", re.IGNORECASE)
_ENDS_THERE: Final = re.compile(r"\s*(?:[,.;:)!]|$|(?:because|please|pls|to|thanks)\b)", re.IGNORECASE)


def _put_right_by_sorry(text: str, bare: str) -> str | None:
    """Return the corrected text if "sorry" or "no" stands between two days or the like: "Friday sorry Thursday"."""
    for found in _SORRY.finditer(bare):
        before, after = text[: found.start()].rstrip(_EDGES), text[found.end() :].strip()
        words = list(re.finditer(r"\S+", after))[:_MOST_WORDS]
        ends = [word.end() for word in words if recognises(after[: word.end()].strip(_EDGES))]
        if ends and _day_last(before) is not None and _ENDS_THERE.match(after, ends[-1]):
            return _with_day(before, after) or None
        for shape in _KINDS[:-1]:
            new, old = shape.match(after), list(shape.finditer(before))
            if new and old and old[-1].end() == len(before) and _ENDS_THERE.match(after, new.end()):
                return _with_another(before, after) or None
    return None


def _kept_day(text: str, bare: str) -> str | None:
    """Return a text that ends in "Friday not Thursday" without the second day, or None for any other text."""
    found = _RATHER.search(bare)
    if found is None or not recognises(text[found.end() :].strip(_EDGES)):
        return None
    before = text[: found.start()]
    return before if _day_last(before) is not None else None


def _day_last(text: str) -> int | None:
    """Return the position of the longest day at the end of a text, or None if no day is there."""
    places = [word.start() for word in re.finditer(r"\S+", text)][-_MOST_WORDS:]
    return next((place for place in places if recognises(text[place:].strip(_EDGES))), None)


def _with_day(before: str, after: str) -> str:
    """Return the text with the last day in `before` replaced by the day at the beginning of `after`, or ""."""
    words = list(re.finditer(r"\S+", after))[:_MOST_WORDS]
    ends = next((word.end() for word in reversed(words) if recognises(after[: word.end()].strip(_EDGES))), None)
    if ends is None:
        return ""
    for end in [word.end() for word in re.finditer(r"\S+", before)][::-1]:
        if (place := _day_last(before[:end])) is not None:
            lead = re.match(r"(?i)(?:at|by|on|due|before|until|till?)\s+", before[place:])
            begin = place + (lead.end() if lead else 0)
            return _joined(before[:begin] + after[:ends].strip(_EDGES), before[end:], after[ends:])
    return ""


def _with_another(before: str, after: str) -> str:
    """Return the text with a name, number, time or case replaced by another of its kind, or ""."""
    for shape in _KINDS:
        new, old = shape.match(after), list(shape.finditer(before))
        if new and old:
            last = old[-1]
            return _joined(before[: last.start()] + new[0], before[last.end() :], after[new.end() :])
    return ""


def _joined(head: str, *parts: str) -> str:
    for part in parts:
        said = part.strip()
        head = f"{head}{'' if not said or said[0] in ',.;:' else ' '}{said}"
    return re.sub(r"^(\S+(?:\s+[A-Z]\S*)?),\s+(?=to\s)", r"\1 ", head.strip()).rstrip(" ,;")
