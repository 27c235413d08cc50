"""Commands to suggest for an `/action` line without a known verb, found from the number, people and case in the
line.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.language.person_names import MENTION
from bot.domain.language.references import named_in
from bot.domain.permissions import Verb as May
from bot.records.access.queries import allowed_here
from bot.services.actions import tracker
from bot.slack.actions.numbers import PARTLY
from bot.slack.naming import ANYWHERE, with_mentions
from bot.slack.references import case_and_words
from bot.slack.request import Request
from bot.slack.typed import is_question, numbers_alone

#: "What actions for SAMPLE-0041", "anything on 0041".
_ASKS_FOR_ACTIONS: Final = re.compile(
    r"(?:what|whats|what's|which|any|anything|how many|are there|see|actions?)\b", re.I
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
