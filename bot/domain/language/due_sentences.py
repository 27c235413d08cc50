"""Splits a typed action into the task and its due phrase."""

import re
from typing import Final

from bot.domain.language.day_words import WEEKDAY, WEEKDAY_OF, any_of, unnamed
from bot.domain.language.due_counts import COUNT_AND_UNIT
from bot.domain.language.due_phrases import LONGEST_PHRASE, is_hour, recognises
from bot.domain.language.mentioned_days import begins_with_ban, goes_to, is_asked_about, is_of_the_words, sets_no_day
from bot.domain.language.reasons import SURE_WORD
from bot.domain.language.task_words import says_what_to_do

_AROUND: Final = " ,;:–—-(["
_BEHIND: Final = " .!?;:()[]"


def _spaced(shape: str) -> str:
    """Return a pattern in which each space matches any white space, also inside a pattern with re.VERBOSE."""
    return unnamed(shape).replace(" ", r"\s+")


#: The words that may stand between the task and the due phrase. If several do, the last one before a due phrase counts.
#: A count or weekday in front of "before" belongs to the phrase: "5 working days before the next meeting".
_SEPARATOR: Final = re.compile(
    rf"""(?:^|(?<=[\s,;:.(\[–—-]))
    (?:
      (?P<due> (?:due(?:\s+date)?|date\s+due) (?:\s*:\s*|\s+) (?:(?:by|on)\s+)? ) (?P<due_before>before\s+)?
    | (?:by\s+when|deadline) \s*:?\s+
    | (?:by\s+)+
    | (?:(?:no|not)\s+later\s+than|on\s+or\s+before|latest\s+by)\s+
    | (?P<before> (?:(?:at\s+(?:the\s+very\s+)?least\s+|(?:no|not)\s+(?:less|fewer)\s+than\s+|a\s+minimum\s+of\s+)?
        (?:the\s+|a\s+)?
        (?:{_spaced(COUNT_AND_UNIT)}|(?:last\s+|previous\s+)?(?:working\s+)?day|{_spaced(WEEKDAY)})\s+)?
        (?:before|b4|ahead\s+of|prior\s+to|in\s+advance\s+of)\s+ )
    )""",
    re.IGNORECASE | re.VERBOSE,
)
#: What may follow a due phrase in the middle of a line.
_GOES_ON: Final = re.compile(
    r"(?!\s*,?\s*(?:at\s+the\s+)?(?:very\s+)?earliest)\s*(?:[,;.()\[\]–—]|-\s"
    rf"|(?:and|but|so|then|if|unless|or else|{SURE_WORD}|please|to|with|via|as|when|about|for"
    r"|re|case|ref|item|whether|who|that|in|at)\b)",
    re.IGNORECASE,
)
#: What stands before a day in a line that says what to do, where neither "by" nor "due" does.
_AT: Final = re.compile(r"(?:^|(?<=\s))(?=(?:on|in|within|at|for)\s)", re.IGNORECASE)
_TO: Final = re.compile(r"^to\s+", re.IGNORECASE)
_OF_TIME: Final = (
    r"(?:half|quarter|weeks?|week-?end|fortnight|months?|days?|first|second|third|last|next|some ?time|during|early"
    rf"|later?|mid|middle|beginning|start|(?:back )?end|term|w/?[bc]|{any_of(WEEKDAY_OF)})"
)
#: Words of time just before what was read as a due phrase, or just after it: the phrase is then only a part of what was
#: typed.
_TIME_BEFORE: Final = re.compile(
    rf"(?:(?<=\s)|^)(?:by\s+)?(?P<more>(?:(?:the|a|of|in|{_OF_TIME})\s+)*?{_OF_TIME}\s+(?:(?:of|in|the|a|to)\s+)*)$",
    re.I,
)
_TIME_AFTER: Final = re.compile(
    rf"\s*(?:(?:in|of|or|to|-|–)\s*)?(?:(?:the|a|on)\s+)?{_OF_TIME}\b(?!\s+(?:school|team|panel))", re.I
)
_IDEALLY: Final = re.compile(r"[\s,(–—-]+(?:ideally|preferably|hopefully)$", re.IGNORECASE)
_AND: Final = re.compile(r"\s(?:and|then|&)\s", re.IGNORECASE)
_AND_AGAIN: Final = re.compile(r"[\s,]*(?:\b(?:and|then)|&)(?:\s+(?:then|also|again|once\s+more))*\s*$", re.IGNORECASE)
_MOST_WORDS: Final = 9  # of a due phrase


def split_due(text: str, *, without_by: bool = False, is_task: bool = False) -> tuple[str, str | None]:
    """Return the task and the due phrase: ("Ring the GP", "Friday") for "Ring the GP by Friday".

    The last "by", "due", "before" or the like in front of a due phrase splits the line. If there is no such word,
    return the whole line and None. If more words follow the phrase, the task is the whole line: words are only removed
    from an end, never from the middle. A phrase after "before" keeps that word.

    A phrase without a clear day ("next week", "next Friday", "31 February") is returned too, so that the person can be
    asked for its day. A day in a report of what happened is no due date. With `without_by`, a line that says what to do
    may also give the day at its beginning, at its end, or after "on" or "within". With `is_task` the line is known to
    be a task, so that "appointment offered by 21 April" is not read as a report.
    """
    whole = text.strip()
    separators = list(_SEPARATOR.finditer(whole))
    for separator in reversed(separators):
        kept = separator["before"] or separator["due_before"] or ""
        begin = separator.end() - len(kept)
        end = _end_of_phrase(whole, begin, begins_line=separator.start() == 0)
        if end is None:
            continue
        before, after = whole[: separator.start()], whole[end:].lstrip(_AROUND)
        kind = "due" if separator["due"] else "before" if separator["before"] else "by"
        said = whole[separator.end() : end].strip(_BEHIND)
        if sets_no_day(before, said, after, kind=kind, is_task=is_task):
            continue
        if _is_two_days(before, said):
            return whole, None
        if kept and (more := _time_before(whole, separator.start())):
            return whole[: more.start()].rstrip(_AROUND), whole[more.start("more") : end].strip(_BEHIND)
        if is_hour(whole[begin:end]) and not after.strip(_BEHIND) and (day := _ends_in_day(before)) is not None:
            return _without_separator(whole[:day]), whole[day:end].strip(_BEHIND)  # "tomorrow by noon"
        phrase = whole[begin:end].strip(_BEHIND)
        if separator.start() == 0 and (task := _TO.sub("", after)) and says_what_to_do(task):
            return task, phrase
        if after.strip(_BEHIND):
            return whole, phrase
        # "by the Friday before the next meeting": the separator is "by", not "before".
        first = next((one for one in separators if one.end() == separator.start()), separator)
        return _IDEALLY.sub("", whole[: first.start()].rstrip(_AROUND)), phrase
    return _without_by(whole) if without_by else (whole, None)


def _is_two_days(before: str, phrase: str) -> bool:
    """Return whether a line gives two days, so that neither is the due date: "on Wednesday and again on Friday"."""
    if _AND.search(phrase):
        return True
    joined = _AND_AGAIN.search(before)
    if joined is None or (day := _ends_in_day(before[: joined.start()])) is None:
        return False
    return recognises(f"{before[day : joined.start()]} and {phrase}")  # "by Monday and by Friday", but not "asap and"


def _end_of_phrase(whole: str, begin: int, *, begins_line: bool) -> int | None:
    """Return where the due phrase that starts at `begin` ends, or None if no due phrase starts there."""
    tail = whole[begin:]
    if len(tail.strip()) <= LONGEST_PHRASE and recognises(tail):
        return len(whole)
    words = list(re.finditer(r"\S+", tail))[:_MOST_WORDS]
    for word in reversed(words[:-1] if len(tail) < LONGEST_PHRASE else words):
        end = word.end()
        if tail[end - 1] in ",;.)]:":
            end -= 1
        # "By Friday the nurse will ring": at the beginning of a line anything may follow.
        if (begins_line or _GOES_ON.match(tail, end)) and recognises(tail[:end]):
            # "Thursday in the week after half term" is not that Thursday: the whole phrase is refused for its own
            # reason.
            return begin + (len(tail) if _TIME_AFTER.match(tail, end) else end)
    return None


def _without_by(whole: str) -> tuple[str, str | None]:
    """Return the task, and the day that is given without "by", such as "Friday" in "Ring the GP Friday".

    The day is at the end or the beginning of the line, or after "on" or "within". The day is None if the line does not
    say what to do.
    """
    for word in list(re.finditer(r"\S+", whole))[-_MOST_WORDS:]:
        before, phrase = whole[: word.start()], whole[word.start() :].strip(_BEHIND)
        if not recognises(phrase):
            continue
        if (
            is_asked_about(before)
            or is_of_the_words(before, phrase)
            or _is_two_days(before, phrase)
            or not says_what_to_do(before)
        ):
            return whole, None
        if more := _time_before(whole, word.start()):
            return whole[: more.start()].rstrip(_AROUND), f"{more['more']}{phrase}"
        if (day := _ends_in_day(before)) is not None:
            return _without_separator(whole[:day]), whole[day:].strip(_BEHIND)
        # "Bring the log to the next meeting": the meeting is also where.
        return whole if goes_to(before) else before.rstrip(_AROUND), phrase
    for place in reversed(list(_AT.finditer(whole))):
        before = whole[: place.start()]
        end = _end_of_phrase(whole, place.start(), begins_line=not before)
        if end is None or is_of_the_words(before, whole[place.start() : end], whole[end:]):
            continue
        if _is_two_days(before, whole[place.start() : end]):
            return whole, None
        if says_what_to_do(before or whole[end:].lstrip(_AROUND)):
            return whole, whole[place.start() : end].strip(_BEHIND)
    end = _end_of_phrase(whole, 0, begins_line=True)
    if end is not None and says_what_to_do(after := whole[end:].lstrip(_AROUND)) and not begins_with_ban(after):
        return whole, whole[:end].strip(_BEHIND)
    return whole, None


def _time_before(whole: str, end: int) -> re.Match[str] | None:
    """Return the match of words such as "first half of" that end at position `end`, or None if there are none."""
    return _TIME_BEFORE.search(whole[:end], max(0, end - LONGEST_PHRASE))


def _ends_in_day(text: str) -> int | None:
    """Return the position of the due phrase at the end of a text, or None if the text does not end in one.

    If several due phrases end there, it is the position of the longest.
    """
    places = [word.start() for word in re.finditer(r"\S+", text)][-_MOST_WORDS:]
    return next((place for place in places if recognises(text[place:])), None)


def _without_separator(text: str) -> str:
    return re.sub(r"[\s,;:–—-]*(?:\b(?:due|by|on)\s*)*$", "", text)
