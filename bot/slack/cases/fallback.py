"""Reading the words of a `/case` line: which commands to suggest if it has no known verb, and which facts it states."""

import re
from collections.abc import Iterator
from typing import Final

from bot.domain.language.case_words import missing_episodes, risk_said
from bot.domain.language.references import named_in, with_hyphen, with_hyphen_in_word
from bot.models.vocabulary import Urgency
from bot.records.cases.references import references_ending
from bot.slack.editing import filling, initial_of, options_of
from bot.slack.request import Reply, Request, TypedAgain
from bot.slack.typed import is_question, numbers_alone, plain, plain_dashes

_DIGITS: Final = range(3, 9)  #: how many digits may name a case without its letters
#: Words of a line, and the command for a case that they ask for.
_SAID: Final = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), command)
    for words, command in (
        ("accept(?:ed)?|defer(?:red)?|signpost(?:ed)?|triage[d]?|reject(?:ed)?", "/agenda triage"),
        ("before|heard|been|last|history|previous(?:ly)?|already|ever|decided|when", "/case history {reference}"),
        ("seen|read|looked|opened", "/case seen {reference}"),
        ("risk|level|score|high|medium|low|wrong|correct|change", "/case edit {reference}"),
        ("risk|assess(?:ed|ment)?|score", "/case assess {reference}"),
        ("urgent(?:ly)?|sooner|tonight|emergency|wait", "/case urgent {reference} because {why}"),
        ("withdraw|remove|duplicate|moved|mistake", "/case withdraw {reference} because {why}"),
        ("nrm|referral", "/case nrm {reference}"),
    )
)
_ELSE: Final = ("/case history {reference}", "/case flag {reference}")


def commands_for(request: Request, text: str) -> Iterator[str]:
    """Yield commands about the case in a refused line, the likeliest first. The refusal offers them as buttons."""
    typed = plain_dashes(plain(text))
    reference = named_in(typed)
    digits = next((number for number in numbers_alone(typed) if len(number) in _DIGITS), "")
    if not reference and digits:
        meant = references_ending(request.work, request.actor, digits)
        reference = meant[0] if len(meant) == 1 else ""
    reference = reference or named_in(with_hyphen_in_word(with_hyphen(typed)))
    if not reference:
        return
    fitting = [command for said, command in _SAID if said.search(typed)]
    asks = is_question(text)
    why = typed.replace(reference, "").replace(digits, "").strip(" ,.#-")
    for command in dict.fromkeys((*fitting, *_ELSE)):
        if not (asks and ("because" in command or " flag " in command)):
            yield command.format(reference=reference, why=why)


_AND_ANOTHER: Final = re.compile(
    r"(?:and|&|\+|,|&amp;)\s*(?P<case>(?=\S*[0-9]{3})[A-Za-z]{2,10}[-/ ]?[0-9][\w/-]*)[.\s]*", re.IGNORECASE
)


def refuse_second_case(reference: str, words: str) -> None:
    """Raise TypedAgain if `words` after a case's reference contain a second case. Each case gets a button."""
    if (another := _AND_ANOTHER.fullmatch(words)) and any(sign.isdigit() for sign in reference):
        both = [f"/case flag {one.strip(',.;').upper()}" for one in (reference, another["case"])]
        raise TypedAgain("One case at a time, please: each has its own form.", [(one, one) for one in both])


#: "Urgent", but not "not urgent" or "non-urgent".
SAYS_URGENT: Final = re.compile(r"(?<!not )(?<!not so )(?<!non-)(?<!non )(?<!isn't )\burgent(?:ly)?\b", re.IGNORECASE)


def is_one_word(words: str) -> bool:
    """Return whether `words` are a single word other than "urgent". Such a word may be a panel's key."""
    return " " not in words and not SAYS_URGENT.fullmatch(words)


def saying(reply: Reply, words: str) -> Reply:
    """Fill in a reply's form from typed words: missing episodes, risk level and urgency. Return the reply."""
    urgency = Urgency.URGENT.value if SAYS_URGENT.search(words) else ""
    level = risk_said(words, options_of(reply, "risk_level"), initial_of(reply, "risk_level"))
    said = {"missing_episodes": missing_episodes(words), "risk_level": level, "urgency": urgency}
    return filling(reply, said)
