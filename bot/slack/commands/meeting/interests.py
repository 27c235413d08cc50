"""`/meeting interest` and `no-interest`: stepping back from a case, and taking that back."""

import re

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.services.cases import interests
from bot.slack.parsing import plain, take_mention, take_panel
from bot.slack.registry import Verb
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import interests as show

_BECAUSE = re.compile(r"\s+because\b[\s:]*", re.IGNORECASE)


def _interest(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_CASES)
    who, text = take_mention(text)
    reference = plain(text)
    if not reference:
        raise Mistake(f"In which case? {_INTEREST.how_to('/meeting')}")
    found = interests.declare_interest(request.work, request.actor, where, reference, who)
    return Reply(text=show.stepped_back(found))


def _no_interest(request: Request) -> Reply:
    head, *reason = _BECAUSE.split(request.text, maxsplit=1)
    where, text = take_panel(request, head, May.READ_CASES)
    who, text = take_mention(text)
    reference = plain(text)
    if not reference or " " in reference:
        raise Mistake(f"In which case? {_NO_INTEREST.how_to('/meeting')}")
    found = interests.withdraw_interest(
        request.work, request.actor, where, reference, who, plain(reason[0]) if reason else ""
    )
    return Reply(text=show.taken_back(found))


_INTEREST = Verb(
    "interest", "REFERENCE [@name]", "declare an interest: step back from a case", "SAMPLE-0012", _interest
)
_NO_INTEREST = Verb(
    "no-interest",
    "REFERENCE [@name because REASON]",
    "take a declared interest back",
    "SAMPLE-0012 @sam because it was declared for the wrong case",
    _no_interest,
)
VERBS = (
    _INTEREST,
    _NO_INTEREST,
)
