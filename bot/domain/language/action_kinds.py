"""Guesses the kind of an action from the words that a person typed.

A kind's word counts only if it names what is to be done, as in "make a referral" or "visit mum". It does not count
within the name of something else ("referral order", "visit log"), nor if something else is done with it.
"""

import re
from typing import Final

from bot.domain.language.task_words import is_task_word
from bot.models.vocabulary import ActionKind

_DEEDS: Final = {
    ActionKind.NRM: r"NRM|national referral mechanism",
    ActionKind.INTELLIGENCE: r"intel(?:ligence)?",
    ActionKind.RETURN_INTERVIEW: r"return(?: home)? interviews?|RHIs?",
    ActionKind.STRATEGY: r"strat|strategy (?:discussion|meeting)s?",
    ActionKind.DISRUPTION: r"disruptions?|CAWNs?|abduction warning notices?",
    ActionKind.CRIME_REPORT: r"crime reports?",
    ActionKind.ASSESSMENT: r"(?:re-?)?assess(?:ing|ments?)",
    ActionKind.REFERRAL: r"(?:re-?)?refer(?:ring|rals?)",
    ActionKind.VISIT: r"visit(?:s|ing)?",
}
#: Verbs that are the action themselves.
_VERBS: Final = {
    ActionKind.DISRUPTION: r"disrupt",
    ActionKind.CRIME_REPORT: r"(?:report|record|log) (?:(?:the|this|a|as a) )?crime",
    ActionKind.ASSESSMENT: r"(?:re-?)?assess",
    ActionKind.REFERRAL: r"(?:re-?)?refer",
    ActionKind.VISIT: r"(?:re-?)?visit",
}
#: Words that may end the name of a deed: "an intelligence report", "a disruption plan".
_ENDS: Final = {
    ActionKind.NRM: r"(?: (?:referrals?|forms?|submissions?))?",
    ActionKind.INTELLIGENCE: r"(?: (?:reports?|forms?|logs?|submissions?))?",
    ActionKind.DISRUPTION: r"(?: (?:activity|activities|measures?|options?|plans?|tactics?|visits?|work))?",
    ActionKind.STRATEGY: r"(?: (?:discussion|meeting)s?)?",
}
_MAKES: Final = (
    r"make|do|complete|finish|start|begin|arrange|organise|book|hold|have|undertake|conduct|offer|request|ask for"
    r"|carry out|set up|put (?:in|through)|push for|convene|call(?: for)?|attend|chair|agree|plan|consider|progress"
    r"|raise|open|submit|get|give|update|re-?do|redo|need|prepare|write|draft|ensure|provide|continue|schedule|lead"
)
_SENDS: Final = r"send|share|pass(?: on)?|forward|file|record|report|log|issue|serve|apply for|resend"
#: What else may be done with a kind, so that the action is of this kind: an owed interview is chased.
_ALSO: Final = {
    **dict.fromkeys(
        (
            ActionKind.NRM,
            ActionKind.INTELLIGENCE,
            ActionKind.DISRUPTION,
            ActionKind.CRIME_REPORT,
            ActionKind.REFERRAL,
        ),
        f"|{_SENDS}",
    ),
    ActionKind.RETURN_INTERVIEW: "|chase",
}
_JOINS: Final = r"of|for|from|about|on|in|at|with|by|to|into|re|regarding|after|before|under|if|whether|that|as|and|or"
#: Words between the verb and the deed: "a", "the joint", "an urgent CERAF".
_BETWEEN: Final = rf"(?:(?!(?:{_JOINS})\b)[\w'\u2019&-]+ ){{0,4}}?"
#: What may follow the name of a deed. With any other word, it is the beginning of a longer name: "referral order".
_STOPS: Final = (
    rf"(?=[^\w\s'\u2019-]|\s*$|\s+[^\w\s]|\s+(?:{_JOINS}|made|sent|done|completed|submitted|booked|arranged|offered|agreed|held"
    r"|is|are|has|have|was|were|needs|should|the|a|an|this|that|his|her|their|him|them|mum|dad|us|no|not|again|asap"
    r"|urgently|today|tomorrow|now|next|within|while|when|where|so|because|via|through|alongside|jointly|together"
    r"|please|pls|plz|weekly|monthly|fortnightly|until|till|due|also|then|but|which|who|against|around|per)\b"
    r"|\s+[A-Z]*[-#]?[0-9])"
)
#: A verb before one of these words is a noun: "visit log", "refer form".
_NAMES: Final = (
    r"(?!['\u2019-]|\s+(?:logs?|orders?|reports?|forms?|records?|notes?|plans?|teams?|workers?|co-?ordinators?|officers?"
    r"|outcomes?|history|rotas?|framework|tools?|process|pathway|data|lists?|diary|dates?|times?|arrangements?|feedback"
    r"|summary|minutes|templates?|paperwork|documents?|numbers?|status|criteria|leads?|managers?|schedule|details|letters?"
    r"|was|were|is|has|had|went)\b)"
)
_CLAUSE: Final = (
    r"(?:^|[.,;:\u2013\u2014(]\s*|\b(?:and|then|or|to|please|pls|also|must|should|will|can|urgently|jointly) )"
)


def _shape(kind: ActionKind) -> re.Pattern[str]:
    """Return the pattern of a text in which this kind of action is to be done."""
    deed = rf"(?<![\w-])(?:{_DEEDS[kind]}){_ENDS.get(kind, '')}(?![\w-]){_STOPS}"
    shapes = [
        rf"{_CLAUSE}(?:{_MAKES}{_ALSO.get(kind, '')}) {_BETWEEN}(?P<made>{deed})",
        rf"^(?P<first>(?:(?!(?:{_JOINS})\b)[\w'\u2019&-]+ ){{0,3}}?)(?P<named>{deed})",
    ]
    if kind in _VERBS:
        shapes.insert(0, rf"{_CLAUSE}(?P<verb>{_VERBS[kind]})(?![\w-]){_NAMES}")
    return re.compile("|".join(shapes), re.IGNORECASE)


_KINDS: Final = {kind: _shape(kind) for kind in _DEEDS}
_TO_NRM: Final = re.compile(rf"\brefer(?:rals?)?\b.*?\b(?:to|into) (?:the )?(?:{_DEEDS[ActionKind.NRM]})\b", re.I)


def guess_kind(text: str) -> ActionKind:
    """Return the kind of action that is to be done first, or OTHER if the text names no kind that is to be done.

    "Refer to the NRM" is an NRM action and not a referral.
    """
    said = " ".join(text.split())
    found = {kind: at for kind in _KINDS if (at := _place(kind, said)) is not None}
    if ActionKind.NRM in found or (ActionKind.REFERRAL in found and _TO_NRM.search(said)):
        found[ActionKind.NRM] = min(found.get(kind, len(said)) for kind in (ActionKind.NRM, ActionKind.REFERRAL))
        found.pop(ActionKind.REFERRAL, None)
    return min(found, key=found.__getitem__, default=ActionKind.OTHER)


def _place(kind: ActionKind, text: str) -> int | None:
    """Return the place in a text where a kind's deed is named as what is to be done, or None."""
    for found in _KINDS[kind].finditer(text):
        first = found["first"]
        if first is None or not first or not is_task_word(first.split()[0]):
            name = next(name for name in ("verb", "made", "named") if name in found.groupdict() and found[name])
            return found.start(name)
    return None
