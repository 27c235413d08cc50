"""Guesses the kind of an action from the words that a person typed."""

import re
from typing import Final

from bot.models.vocabulary import ActionKind

_WORDS: Final = {
    ActionKind.NRM: r"NRM|national referral mechanism",
    ActionKind.INTELLIGENCE: r"intel(?:ligence)?",
    ActionKind.RETURN_INTERVIEW: r"return(?: home)? interviews?|RHIs?",
    ActionKind.STRATEGY: r"strat|strategy (?:discussion|meeting)s?",
    ActionKind.DISRUPTION: r"disrupt(?:s|ed|ing|ions?)?|CAWNs?|abduction warning notices?",
    ActionKind.CRIME_REPORT: r"crime reports?|(?:report|record|log)(?:s|ed|ing)? (?:the |this |a |as a )?crime",
    ActionKind.ASSESSMENT: r"(?:re-?)?assess(?:es|ed|ing|ments?)?",
    ActionKind.REFERRAL: r"(?:re-?)?refer(?:s|red|ring|rals?)?",
    ActionKind.VISIT: r"visit(?:s|ed|ing)?",
}
_KINDS: Final = {kind: re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE) for kind, words in _WORDS.items()}


def guess_kind(text: str) -> ActionKind:
    """Return the kind of action that the text names first, or OTHER if it names none.

    "Refer to the NRM" is an NRM action and not a referral.
    """
    found = {kind: match.start() for kind, words in _KINDS.items() if (match := words.search(text))}
    if ActionKind.NRM in found:
        found.pop(ActionKind.REFERRAL, None)
    return min(found, key=found.__getitem__, default=ActionKind.OTHER)
