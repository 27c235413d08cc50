"""Reading action numbers in a typed line: one number with words after it, several, or excluded ones ("not 4128")."""

import re
from html import unescape
from typing import Final

from bot.domain.language.day_words import listed
from bot.domain.language.reasons import SURE_WORD
from bot.errors import Mistake
from bot.slack.actions.drafts import BECAUSE, reason_in
from bot.slack.request import TypedAgain
from bot.slack.typed import NUMBERS, first_numbers, plain, plain_dashes, several_numbers, take_number

MOST_AT_ONCE: Final = 20  #: actions that one command changes
_MORE_NUMBERS: Final = re.compile(
    rf"(?:,|&(?:amp;)?|and\b)\s*#?\d|#?\d+(?=\s*(?:$|[,&]|and\b|{SURE_WORD}\b))", re.IGNORECASE
)
_LIST_GOES_ON: Final = re.compile(
    r"(?:[,;+/–-]|&(?:amp;)?|and\b|to\b)?\s*(?:(?:nos?\.?|actions?)\s*)?#?\d", re.IGNORECASE
)
_BETWEEN: Final = r"[\s,;.:&+-]*(?:\b(?:and|but|are|is|all|both|done|finished|ones?|actions?)\b[\s,;.:&+-]*)*"
#: "4127 and 4128 not 4129", "4127, 4128 but not 4129", "4127 apart from 4128".
_BUT_NOT: Final = re.compile(
    rf"(?P<first>{NUMBERS}){_BETWEEN}\b(?:not|except|excluding|apart from|leave out|without)\b\W*(?:for\s+)?"
    rf"(?P<others>{NUMBERS})[\s.!]*(?:(?:is|are|yet|done|still|open|outstanding|though|one|ones)\b[\s.!]*)*",
    re.IGNORECASE,
)
#: "4127 done, 4128 not yet": the last number is excluded from what the line says of the numbers before it.
_LAST_IS_NOT: Final = re.compile(
    rf"(?P<first>{NUMBERS}){_BETWEEN}(?<![0-9])#?(?P<others>[0-9]{{1,9}})\W+(?:(?:is|are|still)\s+)*"
    r"(?:not\b|isn.?t|aren.?t|to follow|outstanding|open|ongoing).*",
    re.IGNORECASE | re.DOTALL,
)
_NOT_FIRST: Final = re.compile(r"(?:not|isn.?t|never)\s+(?P<number>#?[0-9]{1,9})\b.*", re.IGNORECASE | re.DOTALL)


def refuse_left_out(typed: str, verb: str) -> None:
    """Raise TypedAgain if a line excludes some of the actions that it names, as in "4127 and 4128 not 4129".

    The refusal's button types the command for the other actions. If the line begins with a number to exclude, raise
    Mistake.
    """
    said = plain_dashes(unescape(typed)).strip()
    if found := _NOT_FIRST.fullmatch(said):
        refused = Mistake(f"Only the numbers of what is {_SAYS[verb]}, please.")
        number = found["number"].lstrip("#")
        refused.to_edit = (
            f"/action not-done {number} because " if verb == "done" else f"/action reopen {number} because "
        )
        raise refused
    found = _BUT_NOT.fullmatch(said) or _LAST_IS_NOT.fullmatch(said)
    if found is None:
        return
    others = first_numbers(found["others"])
    numbers = [str(number) for number in first_numbers(found["first"]) if number not in others]
    if not numbers or not others:
        return
    command = f"/action {verb} {' '.join(numbers)}"
    rest = listed(map(str, others))
    raise TypedAgain(f"Only for {listed(numbers)}, and not for {rest}?", [(command, command)], said=typed)


_SAYS: Final = {"done": "done", "accept": "accepted", "reopen": "open again", "put-back": "put back"}


#: Words that say that work goes on, without a reason why the action won't be done: "4127 not done yet".
_IN_HAND: Final = re.compile(
    r"(?:(?:not|isn.?t|as|still|just|only|quite|now|yet|nearly|almost|at the moment|at present|right now|currently"
    r"|today|in progress|ongoing|in hand|on it|done|so sorry|sorry|apologies|i.?m afraid|thanks|though|tho)[\s.,!]*)+",
    re.IGNORECASE,
)
#: "4127 not done yet, waiting for the lab": what follows tells why it takes longer.
_YET: Final = re.compile(rf"[\s,(]*(?:as )?yet\b[\s.,;:!\u2013\u2014-]*(?:{SURE_WORD}\b[\s:,]*)?", re.IGNORECASE)
_SORRY: Final = re.compile(
    r"^(?:(?:so )?sorry|apologies|i.?m afraid|but|and|as)\b[\s.,;:!\u2013\u2014-]*", re.IGNORECASE
)
_SORRY_FIRST: Final = re.compile(r"^(?:(?:so )?sorry|apologies)[\s,.:;-]+(?=\D{0,12}[0-9])", re.IGNORECASE)
_IN_HAND_FIRST: Final = re.compile(
    rf"{_IN_HAND.pattern}\s*(?P<number>(?:actions?\s+)?#?[0-9]{{1,9}})[\s.!]*", re.IGNORECASE
)
#: Words that say that an action is done only in part.
PARTLY: Final = r"(?:nearly|almost|just about|mostly|half(?!\s+term)|part(?:ly|ially))"
_DONE: Final = r"(?:done|finished|completed?|sorted|started|happened|actioned)"
#: Words after the number of an action that is not done, or not for certain: "done 4127 almost, waiting for the CPS".
_NEARLY: Final = re.compile(
    rf"[\s(,:\u2013\u2014-]*(?:{PARTLY}|not (?:yet|quite|fully|completely|(?:been )?{_DONE})|still not"
    rf"|(?:is|has|have|was)(?: not|n['\u2019]?t) (?:yet )?(?:been )?(?:yet )?{_DONE}"
    r"|(?:should|could|might|may|will|to|must) (?:have )?be(?:en)?|should\b|hopefully|soon|by (?:now|then)"
    r"|(?:by|on|until|till?) (?:tomorrow|next|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)[\s.!]*$)\b",
    re.IGNORECASE,
)
_WHY: Final = re.compile(rf"\b{SURE_WORD}\b[\s:,]*(?P<why>\S.*)", re.IGNORECASE | re.DOTALL)


def in_hand(number: int, verb: str, why: str = "") -> TypedAgain:
    """Return the refusal of a report on an action that is still being worked on. The refusal offers more time.

    `why` is the reason typed with the report, if any. It is kept in the commands that are offered.
    """
    reason = f" To report it, give a reason: `/action {verb} {number} because REASON`." if verb != "done" else ""
    reason = "" if why else reason
    commands = [f"/action extend {number}", f"/action show {number}"]
    if why:
        report = "not-done" if verb == "done" else verb
        commands = [f"/action extend {number} because {why}", f"/action {report} {number} because {why}"]
    return TypedAgain(f"Are you still working on action {number}?{reason}", [(one, one) for one in commands])


def refuse_numbers(typed: str, verb: str) -> None:
    """Raise TypedAgain if several action numbers come before one answer, as in "12 and 13 not needed".

    The refusal's button types the same answer for each action.
    """
    numbers, rest = several_numbers(typed)
    if len(numbers) > 1:
        lines = [f"/action {verb} {number} {rest}" for number in numbers]
        raise TypedAgain("One action at a time. Do you want the same for each?", [("Each of them", "\n".join(lines))])


def number_and_reason(text: str, usage: str, verb: str) -> tuple[int, str]:
    """Return the number of one action and the reason after it. Raise Mistake with the usage if more numbers follow.

    Raise TypedAgain if the words only say that the action is still worked on: "4127 yet".
    """
    text = _SORRY_FIRST.sub("", text.strip())
    if found := _IN_HAND_FIRST.fullmatch(text):
        raise in_hand(take_number(found["number"], usage)[0], verb)
    number, rest = take_number(text, usage)
    if _IN_HAND.fullmatch(reason_in(rest)):
        raise in_hand(number, verb)
    if (found := _YET.match(rest)) and (why := _SORRY.sub("", rest[found.end() :])):
        raise in_hand(number, verb, why)
    refuse_numbers(text, verb)
    if _MORE_NUMBERS.match(rest):
        raise Mistake(f"One action at a time, please: each needs its own reason. {usage}")
    return number, reason_in(plain(rest))


def number_and_words(text: str, usage: str) -> tuple[int, str]:
    """Return the first number of the text and the words after it. The words are empty if more numbers follow."""
    if len(numbers := first_numbers(text)) > 1:
        return numbers[0], ""
    number, rest = take_number(text, usage)
    if _LIST_GOES_ON.match(rest):
        return number, ""
    if _NEARLY.match(rest):
        found = _WHY.search(rest)
        raise in_hand(number, "done", plain(found["why"]) if found else "")
    return number, reason_in(plain(BECAUSE.sub("", rest, count=1) if BECAUSE.match(rest) else rest))
