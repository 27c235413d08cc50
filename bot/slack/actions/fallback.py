"""Commands to suggest for an `/action` line without a known verb, found from the number, people and case in the
line.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.language.action_words import adding
from bot.domain.language.day_words import listed
from bot.domain.language.person_names import MENTION
from bot.domain.language.references import named_in
from bot.domain.permissions import Verb as May
from bot.records.access.queries import allowed_here
from bot.services.actions import tracker
from bot.slack.actions.drafts import with_number_before_day
from bot.slack.actions.numbers import MOST_AT_ONCE, PARTLY
from bot.slack.actions.scopes import tracker_offers
from bot.slack.naming import ANYWHERE, with_mentions
from bot.slack.references import case_and_words
from bot.slack.request import Request, TypedAgain
from bot.slack.typed import NUMBERS, first_numbers, is_question, numbers_alone, plain_dashes

#: "What actions for SAMPLE-0041", "anything on 0041".
_ASKS_FOR_ACTIONS: Final = re.compile(
    r"(?:what|whats|what's|which|any|anything|how many|are there|see|actions?)\b", re.I
)
_ASKS_FOR_LOG: Final = re.compile(
    r"\b(?:the\s+)?(?:action\s+)?(?:log|tracker|spread\s?sheet|excel(?:\s+(?:file|sheet))?)\b", re.IGNORECASE
)
#: "Remind Farah to send the form": the action is to send it.
_REMIND: Final = re.compile(r"^\s*(?:remind|ask|tell|get|nudge|prompt)\s*$", re.IGNORECASE)
_TO: Final = re.compile(r"^[\s,:]*to\s+(?=\w)", re.IGNORECASE)
_TO_WHO: Final = re.compile(
    rf"(?<![\w/.:-])#?(?P<number>[0-9]{{1,9}})\s+(?:(?:is|on|over)\s+)*(?:to|for|with)\s+(?P<who>{MENTION})",
    re.IGNORECASE,
)
_DONE: Final = re.compile(r"\b(?:done|finished|completed?|sorted|actioned)\b", re.IGNORECASE)
_NEARLY: Final = re.compile(rf"\b(?:{PARTLY}|still)\b", re.IGNORECASE)
#: Numbers that are never an action's: a short count, the digits of a case, or a year.
_OTHER_NUMBER: Final = re.compile("0.*|20[0-9]{2}|[0-9]{1,2}")
_ENOUGH: Final = 4  #: letters of a word that may identify an action
_SAYS_LITTLE: Final = frozenset("action actions been have with that this from done mine just please thanks".split())  # noqa: SIM905


def commands_for(request: Request, text: str) -> Iterator[str]:
    """Yield the commands that a refused line may mean, the likeliest first. The refusal offers them as buttons.

    A line that reports something as done may mean one of the person's own actions. A line that names a person may mean
    a new action.
    """
    asks = is_question(text)
    reference, others = case_and_words(request, text)
    if named_in(reference) and (not others or _ASKS_FOR_ACTIONS.match(others)):
        yield f"/action list about {reference}"
        return
    if _ASKS_FOR_LOG.search(text) and not numbers_alone(text):
        yield from (f"/action {one}" for one in tracker_offers(_ASKS_FOR_LOG.sub("", text)))
        return
    numbers = [number for number in numbers_alone(text) if not _OTHER_NUMBER.fullmatch(number)]
    if _NEARLY.search(text) and len(numbers) == 1:
        yield from (f"/action show {numbers[0]}", f"/action extend {numbers[0]}")
        return
    if _DONE.search(text) and not asks and not numbers and not _NEARLY.search(text):
        yield from reported(request, text)
        return
    if not asks and numbers_alone(text):
        named = with_mentions(request, "/action reassign", text, after=ANYWHERE)
        if found := _TO_WHO.search(named):
            yield f"/action reassign {found['number']} {found['who']}"
            return
    if len(numbers) == 1:
        yield f"/action show {numbers[0]}"
        if not asks:
            yield f"/action edit {numbers[0]}"
    if not asks and not numbers and May.ADD_ACTION in allowed_here(request.work, request.actor, request.where(), ""):
        named = with_mentions(request, "/action add", text, after=ANYWHERE)
        if found := re.search(MENTION, named):
            before, after = _REMIND.sub("", named[: found.start()]), named[found.end() :]
            after = _TO.sub("", after) if not before.strip() else after
            yield f"/action add {found[0]} {' '.join(f'{before} {after}'.split())}"


def reported(request: Request, text: str) -> Iterator[str]:
    """Yield the command that reports one of the person's own actions as done, if the words or a number show which
    action is meant.
    """
    own = request.do(tracker.list_actions, request.where(), "mine").actions
    said = {word for word in re.findall(r"\w+", text.lower()) if len(word) >= _ENOUGH} - _SAYS_LITTLE
    meant = [one for one in own if said.intersection(re.findall(r"\w+", one.text.lower()))] or list(own)
    if len(meant) == 1:
        yield f"/action done {meant[0].id}"
    else:
        yield "/action list mine"


_EVERYTHING: Final = (
    r"(?:everything|the\s+lot|mine|(?:all|both)\b"
    r"(?:\s+(?:of\s+)?(?:mine|my|ours|our|them|the|these|rest|actions|ones))*)"
)
_DONE_WORD: Final = r"(?:(?:is|are|have\s+been|has\s+been|now|all)\s+)*(?:done|finished|completed?|sorted)"
_EXCEPT: Final = (
    r"(?:except(?:ing)?(?:\s+for)?|but(?:\s+(?:not|for))?|apart\s+from|bar|excluding|other\s+than|without|save|not)\s+"
    rf"(?P<others>{NUMBERS})"
)
#: "Everything done except 4129", "all mine except 4129 are done".
_ALL_BUT: Final = re.compile(
    rf"{_EVERYTHING}\s+(?:{_DONE_WORD}[\s,]+{_EXCEPT}|{_EXCEPT.replace('others', 'left')}\s+{_DONE_WORD})[\s.!]*",
    re.IGNORECASE,
)
#: The same after the verb: "done all except 4129".
_BUT: Final = re.compile(rf"(?:{_EVERYTHING}[\s,]+|(?!not\b)){_EXCEPT}[\s.!]*", re.IGNORECASE)


def implied(text: str) -> str | None:
    """Return the text with the verb that it lacks, if the verb is certain, or None for any other text.

    The verb is "add" for a text that gives an action, and "done" for "everything done except 4129".
    """
    if found := _ALL_BUT.fullmatch(text):
        return f"done except {found['others'] or found['left']}"
    return adding(text)


def refuse_all_but(request: Request) -> None:
    """Raise TypedAgain for "done all except 4129", with the command that reports the person's other open actions."""
    found = _BUT.fullmatch(plain_dashes(request.text).strip())
    if found is None:
        return
    own = [one.id for one in request.do(tracker.list_actions, request.where(), "mine").actions if one.report is None]
    others = first_numbers(found["others"])
    numbers = [str(number) for number in own if number not in others]
    if not 0 < len(numbers) <= MOST_AT_ONCE or not set(others) <= set(own):
        raise TypedAgain("Which of your actions are done?", [("/action list mine", "/action list mine")])
    command = f"/action done {' '.join(numbers)}"
    raise TypedAgain(f"Only for {listed(numbers)}, and not for {listed(map(str, others))}?", [(command, command)])


def edit_offers(text: str) -> list[str]:
    """Return the `edit` command to offer for words such as "the date on 4130 to 28/4", with the number first."""
    return [f"edit {with_number_before_day(text)}".strip()]


def reassign_offers(text: str) -> list[str]:
    """Return the command to offer for words such as "4130 to Sam". For "4130 to 28 April" it is `edit`."""
    dated = with_number_before_day(text)
    return [f"edit {dated}" if dated != text else f"reassign {text}".strip()]
