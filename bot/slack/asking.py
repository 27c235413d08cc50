"""Lines about which the bot asks before it acts: questions, corrections, several cases, and what is not to be done."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from bot.domain.language.corrections import corrected
from bot.domain.language.reasons import SURE_WORD
from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.slack.help import is_shown
from bot.slack.meant import MOST_OFFERS, TypedVerb, label_of
from bot.slack.references import MOST_CASES, whole_reference
from bot.slack.request import Request, TypedAgain
from bot.slack.typed import first_numbers

_MORE_THAN_NUMBERS: Final = re.compile(r"(?!(?:and|actions?|nos?|to)\b)\b[a-z]+", re.IGNORECASE)
_SAYS_IS: Final = re.compile(
    r"^(?:(?:is|are|was|were|has|have|been|action|actions|did|do|does|we|i|you|they)\s+)+", re.IGNORECASE
)


def is_asked(verb: TypedVerb, rest: str) -> bool:
    """Return whether the verb records something at once. If so, the bot asks first when a line is a question."""
    if verb.acts:
        return True
    said = _SAYS_IS.sub("", rest)
    return verb.usage.startswith("NUMBER") and not verb.reads and not _MORE_THAN_NUMBERS.search(said)


def question(command: str, verb: TypedVerb, rest: str) -> Mistake:
    """Return the refusal of a line such as "3 done?", which may be a question or a report.

    The refusal's buttons show the action and record the report.
    """
    plain = rest.rstrip(" ?")
    if verb.acts:
        return TypedAgain("Are you asking, or should I do it?", _buttons(command, [f"{verb.name} {plain}".strip()]))
    plain = _SAYS_IS.sub("", plain).strip()
    shows = [f"show {number}" for number in first_numbers(plain)[:1]]
    offered = _buttons(command, [*shows, f"{verb.name} {plain}"])
    return TypedAgain("Are you asking, or telling me? To record it, leave the question mark out.", offered)


def refuse_correction(command: str, verb: TypedVerb, rest: str) -> None:
    """Raise Mistake for a line that puts itself right, as in "by Friday, sorry I meant Thursday".

    The button types the line that was meant. If that line is not clear, the form opens the line as typed. A note whose
    correction is not clear is recorded as typed, since nothing of it is lost.
    """
    meant = corrected(rest)
    is_note = "AGENCY:" in verb.usage
    if meant is None or (not meant and (verb.reads or is_note)):
        return
    if meant:
        offered = _buttons(command, [f"{verb.name} {meant}"])
        if is_note:
            offered.append(("As I typed it", f'{command} {verb.name} "{rest}"'))
        raise TypedAgain("You put something right in the line. Is this what you mean?", offered)
    refused = Mistake("You put something right in the line, and I can't tell what you mean. Type it as you mean it.")
    refused.to_edit = f"{command} {verb.name} {rest}"
    raise refused


_JOINS: Final = r"[\s,;]*(?:[,;+]|&(?:amp;)?|\band\b)\s*(?:and\s+)?"
_CASE: Final = r"(?:[a-z]{2,10}[ -]?[0-9]{3,8}|#?[0-9]{3,8})(?![\w/:.-]*\w)"
#: "0004 and 0005", "WEST-0301, WEST-0302 & WEST-0303", at the beginning of what follows a verb.
_CASES: Final = re.compile(
    rf"(?:(?:for|about|on|in|with|cases?|flags?|my|our|the)\s+)*(?P<cases>{_CASE}(?:{_JOINS}{_CASE})+)",
    re.IGNORECASE,
)


def refuse_several_cases(request: Request, command: str, verb: TypedVerb, rest: str) -> None:
    """Raise TypedAgain if a line gives several cases to a verb that takes one: "withdraw 0004 and 0005 because …".

    If the verb takes a reason, one button types the command for each of the cases. Otherwise, each case has a button.
    """
    takes_one = verb.usage.lstrip("[").startswith("REFERENCE") and verb.usage.count("REFERENCE") == 1
    found = _CASES.match(rest) if takes_one else None
    if found is None:
        return
    typed = [one.strip(" #") for one in re.split(_JOINS, found["cases"], flags=re.IGNORECASE)]
    cases = list(dict.fromkeys(whole_reference(request, one) for one in typed if one))
    if not 1 < len(cases) <= MOST_CASES:
        return
    after = rest[found.end() :].strip()
    lines = [f"{command} {verb.name} {case} {after}".strip() for case in cases]
    if "because" in verb.usage and re.search(rf"\b{SURE_WORD}\b", after, re.IGNORECASE):
        raise TypedAgain(
            "One case at a time. Do you want the same for each?",
            [("Each of them", "\n".join(lines)), (label_of(lines[0]), lines[0])],
        )
    raise TypedAgain(
        "One case at a time. Which one first?", [(case, line) for case, line in zip(cases, lines, strict=True)]
    )


_NOT_TO: Final = re.compile(
    r"[\s,.!]*(?:(?:please|pls|plz|can you|could you|hi|hello|sorry|we|i)[\s,]+)*"
    r"(?:don['\u2019]?t|do\s+not|never|no\s+need\s+to|not\s+to)\s+(?:please\s+|yet\s+)*(?P<rest>\w.*)",
    re.IGNORECASE | re.DOTALL,
)
#: What shows how things are, by command.
_LOOKS: Final = {
    "/case": ("list",),
    "/action": ("list mine", "list"),
    "/meeting": ("now",),
    "/agenda": ("show",),
    "/minutes": ("look", "summary"),
    "/panel": ("dates",),
    "/people": ("list",),
}


def not_to(text: str, verbs: Iterable[TypedVerb]) -> str:
    """Return the word that a line forbids, such as "publish" in "don't publish yet", or "" if it forbids nothing."""
    found = _NOT_TO.match(text)
    if found is None:
        return ""
    word = re.match(r"[\w-]+", found["rest"])
    said = word[0].lower() if word else ""
    known = {one.partition(" ")[0].partition("-")[0] for verb in verbs for one in _words(verb)}
    return said if said in known else ""


def is_denied(text: str) -> bool:
    """Return whether a line begins with a denial, as in "not finished yet"."""
    return (
        re.match(r"\W*(?:not|never|no|don['\u2019]?t|haven['\u2019]?t|isn['\u2019]?t)\b", text, re.IGNORECASE)
        is not None
    )


def _words(verb: TypedVerb) -> tuple[str, ...]:
    return (verb.name, *verb.aliases, *verb.offered_for)


def looks(command: str, allowed: Collection[May], *, leads_agency: bool) -> list[str]:
    """Return the commands of a noun that show how things are and that this person may use."""
    all_looks = [f"{command} {one}" for one in _LOOKS.get(command, ())]
    return [one for one in all_looks if is_shown(one, allowed, leads_agency=leads_agency)][:MOST_OFFERS]


_SHOW: Final = frozenset({"history", "list", "show"})  #: verbs that only show what they are about


def left_alone(word: str, named: Iterable[str], looks_at: Iterable[str]) -> Mistake:
    """Return the refusal of a line such as "don't publish yet", which forbids `word`.

    It offers the commands that show how things are: of `named`, those about what the line names, or else `looks_at`.
    """
    offered = [one for one in named if one.split()[1] in _SHOW] or list(looks_at)
    return TypedAgain(
        f"You typed not to {word}, so I've changed nothing.", [(label_of(one), one) for one in offered[:MOST_OFFERS]]
    )


def _buttons(command: str, lines: Iterable[str]) -> list[tuple[str, str]]:
    return [(label_of(f"{command} {line}"), f"{command} {line}") for line in lines]
