"""Every kind of effect on Slack: what people call it, how urgent it is, and by which way it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class Urgency(IntEnum):
    """What leaves first, over all conversations; a lower number is more urgent."""

    ANSWER = 0  # to a person who has just clicked
    SCREEN = 1  # a Home that a person is looking at
    ASKED = 2  # a paper that a person asked for
    NEWS = 3  # a new action, a change, a decision
    DIGEST = 4  # one day's reminders
    REST = 5  # invitations, prompts
    TIDYING = 9  # an earlier message is rewritten, after the news that overtook it


class Way(StrEnum):
    """How an effect leaves; each way has a pace of its own."""

    POST = "post"  # a message
    FILE = "file"  # a paper in a direct message
    REWRITE = "rewrite"  # new words for an earlier message
    SCREEN = "screen"  # a person's Home
    ANSWER = "answer"  # through the address that came with a click


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of effect."""

    words: str  #: what it is called before a person who decides about one that did not arrive
    urgency: Urgency = Urgency.NEWS
    way: Way = Way.POST


_ASKED, _DIGEST, _REST, _TIDYING = Urgency.ASKED, Urgency.DIGEST, Urgency.REST, Urgency.TIDYING

#: The one table: a kind that is rendered and missing here fails `tests/slack/home/test_undelivered.py`.
KINDS: Final[Mapping[str, Kind]] = {
    "response": Kind("the answer to a click", Urgency.ANSWER, Way.ANSWER),
    "home": Kind("their Home tab", Urgency.SCREEN, Way.SCREEN),
    "agenda_file": Kind("an agenda", _ASKED, Way.FILE),
    "calendar_file": Kind("a calendar file", _ASKED, Way.FILE),
    "minutes_file": Kind("minutes", _ASKED, Way.FILE),
    "tracker_file": Kind("an action tracker", _ASKED, Way.FILE),
    "account_back": Kind("that an account is on again"),
    "action_given": Kind("a new action"),
    "agenda_published": Kind("an agenda"),
    "answered_for_you": Kind("an answer entered for them"),
    "closed_flag": Kind("a flag on a closed item"),
    "deputy_away": Kind("that a deputy can't come"),
    "deputy_named": Kind("the naming of a deputy"),
    "diary_notice": Kind("changes to a panel's diary"),
    "extension_answered": Kind("the chair's answer on more time"),
    "extension_asked": Kind("a request for more time"),
    "flag_triaged": Kind("the chair's answer on a flag"),
    "handed_over": Kind("what a colleague handed over"),
    "interest_holds": Kind("actions that need another holder"),
    "interest_noted": Kind("a declared interest"),
    "interest_withdrawn": Kind("the end of a declared interest"),
    "meeting_actions": Kind("the actions of a meeting"),
    "meeting_notice": Kind("a change of date"),
    "meeting_opened": Kind("the opening of a meeting"),
    "minutes_approved": Kind("the approval of minutes"),
    "panel_ended": Kind("the end of a panel"),
    "person_left": Kind("that a member has left"),
    "quorum": Kind("a warning that a meeting may not be quorate"),
    "stand_in": Kind("that a colleague stands in"),
    "digest": Kind("a reminder of actions", _DIGEST),
    "invitation": Kind("an invitation", _REST),
    "prompt": Kind("a prompt about a deadline", _REST),
    "reply_reminder": Kind("a second request for an answer", _REST),
    "returns_prompt": Kind("a prompt about returns", _REST),
    "invitation_answered": Kind("what they answered, in their invitation", _TIDYING, Way.REWRITE),
    "message_overtaken": Kind("a correction of an earlier message", _TIDYING, Way.REWRITE),
}

#: A kind of another version: nobody here renders it, so that it ends as a dead letter that a person sees.
UNKNOWN: Final = Kind("a message", _REST)
