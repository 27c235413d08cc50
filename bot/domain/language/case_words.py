"""Reads what people type about a case after its reference: how often a child went missing, a risk level, a return."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.language.day_words import NUMBERS, any_of, number
from bot.domain.language.references import naming
from bot.models.vocabulary import ReturnKnowledge

_COUNT: Final = rf"(?:[0-9]{{1,2}}|once|twice|{any_of(NUMBERS[:20])})"
_MISSING: Final = r"(?:missing|mispers?|absconded|went missing)"
_EPISODES: Final = r"(?:missing\s+(?:person\s+)?(?:episodes?|times|reports?)|mispers?(?:\s+episodes?)?)"
#: "missing 3 times", "missing twice", "missing x3"; not "missing 3 days".
_AFTER: Final = re.compile(
    rf"\b{_MISSING}\s+(?:(?:from home|again|episodes?)\s+)?"
    rf"(?:(?P<times>{_COUNT})\s*(?:x\b|times?\b|episodes?\b|occasions?\b)"
    rf"|(?P<ce>once|twice)\b|x\s*(?P<by>[0-9]{{1,2}})\b)",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(rf"(?<![\w/.-])(?P<count>{_COUNT})\s*(?:x\s*)?{_EPISODES}\b", re.IGNORECASE)
_NOT: Final = re.compile(r"\b(?:not|never|isn.?t|wasn.?t|hasn.?t)\b", re.IGNORECASE)
_TIMES: Final = {"once": "one", "twice": "two"}


def missing_episodes(text: str) -> str:
    """Return how many times a child went missing, as digits, such as "2" for "missing twice".

    Return an empty string if the words give no number or several numbers, or say "not missing".
    """
    found = [*_AFTER.finditer(text), *_BEFORE.finditer(text)]
    said = {next(word.lower() for word in one.groups() if word) for one in found}
    if len(said) != 1 or _NOT.search(text):
        return ""
    word = said.pop()
    return str(number(_TIMES.get(word, word)))


#: What denies a level or tells of an earlier one: "not high risk", "was high".
_OTHER_LEVEL: Final = re.compile(
    r"\b(?:not|never|no longer|isn.?t|was|were|wasn.?t|used to be|previously|from|than|before|if|unless)\b",
    re.IGNORECASE,
)


def risk_said(text: str, levels: Mapping[str, str], now: str = "") -> str:
    """Return the key of the level of risk that a text gives, as in "now high risk".

    `levels` maps the key of each level of the panel's tools to "TOOL: LEVEL". `now` is the key of the case's present
    level. If several tools have a level of this name, take the tool that the text names. If the text names none, take
    the tool of the present level, or else the only tool that isn't "another tool". Return an empty string if the text
    gives no level, or several.
    """
    if _OTHER_LEVEL.search(text):
        return ""
    tools = {key: words.rpartition(":")[0].strip() for key, words in levels.items()}
    said = list[str]()
    for key, words in levels.items():
        tool, level = re.escape(tools[key]), re.escape(words.rpartition(":")[2].strip())
        led = rf"\b(?:(?:risk|level|score|{tool})\s*(?:is|to|now|at|level|=|:|-)*\s*|now\s+|(?:to|as)\s+)"
        if re.search(rf"\b{level}[\s-]+(?:risk|level)\b|{led}{level}\b", text, re.IGNORECASE):
            said.append(key)
    of_tool = [key for key in said if re.search(rf"\b{re.escape(tools[key])}\b", text, re.IGNORECASE)]
    of_now = [key for key in said if tools[key] == tools.get(now)]
    named = [key for key in said if tools[key].lower() != _ANY_TOOL]
    sure = of_tool or of_now or named or said
    return sure[0] if len(sure) == 1 else ""


_ANY_TOOL: Final = "another tool"


@dataclass(frozen=True, slots=True)
class SaidReturn:
    """A return as the agency typed it: whether it knows the case (None if unclear), and what it will bring."""

    knowledge: ReturnKnowledge | None
    brings: str = ""


_NOTHING: Final = re.compile(
    r"\b(?:nothing(?!\s+(?:is\s+|was\s+)?(?:known|held|recorded|on)\b)|no\s+(?:new|further))"
    r"\s*(?:(?:new|further|else|more)\s*)*(?:to\s+(?:add|report|say|share|bring)|info\w*|update)?",
    re.IGNORECASE,
)
_NOT_KNOWN: Final = re.compile(
    r"\b(?:not\s+known|nothing\s+(?:is\s+|was\s+)?known|unknown|(?:don.?t|do\s+not)\s+know|never\s+heard"
    r"|no\s+(?:record|involvement|trace))\b",
    re.IGNORECASE,
)
_KNOWN: Final = re.compile(
    r"(?<!not\s)(?<!nothing\s)(?<!nothing\sis\s)(?<!n.t\s)\bknown(?:\s+to\s+(?:us|our\s+\w+))?\b"
    r"|\bwe\s+(?:do\s+)?know\s+(?:him|her|them|this\s+(?:child|one|case|family)|of\s+(?:him|her|them))\b",
    re.IGNORECASE,
)
_EDGES: Final = " ,.;:-\u2013\u2014"
_LEADS: Final = re.compile(
    r"^(?:(?:for|on|about|re|case|and|but|is|it.?s|child|return)\b[\s,.;:\u2013\u2014-]*)+", re.IGNORECASE
)


def read_return(text: str, reference: str) -> SaidReturn:
    """Return an agency's return on the case `reference` from the words typed for it, as in "0041 known, CAMHS letter".

    Words on what the agency will bring are returned unless the agency does not know the case or has nothing to add.
    """
    words = naming(reference).sub(" ", text)
    is_known, is_nothing = _KNOWN.search(words), _NOTHING.search(words)
    if _NOT_KNOWN.search(words):
        return SaidReturn(None if is_known or is_nothing else ReturnKnowledge.NOT_KNOWN)
    if is_nothing:
        return SaidReturn(ReturnKnowledge.NOTHING_TO_ADD)
    rest = words if is_known is None else f"{words[: is_known.start()]} {words[is_known.end() :]}"
    brings = " ".join(_LEADS.sub("", rest.strip(_EDGES)).split()).strip(_EDGES)
    return SaidReturn(ReturnKnowledge.KNOWN if is_known else None, brings)
