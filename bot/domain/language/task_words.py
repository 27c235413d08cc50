"""Lines that say what to do ("Ring the school"), and lines that report what happened."""

import re
from typing import Final

#: A line that tells what happened or is so has one of these, or a word in -ed that is not its first.
NARRATES: Final = re.compile(
    r"\b(?:was|were|is|are|has|had|have|went|goes|comes|said|says|lives|did|does|will|would|came|left|seen|been|ends"
    r"|begins?|starts|expires|lasts|runs|falls|fell|rose|stands|took|takes|gave|gives|given|got|gets|made|sat|thinks"
    r"|knows|rang|told|might|(?<!^)(?!need|bed|shed|feed|speed|red)[a-z]+ed)\b",
    re.IGNORECASE,
)
#: With what a line begins that says what is to be done.
_TASKS: Final = frozenset(
    """
    action add address advise agree alert allocate amend apply approach approve arrange ask assess assign assist
    attend audit authorise authorize book brief bring build call cancel carry challenge chase check circulate
    clarify close co- ordinate collate collect complete confirm consider consult contact continue convene coordinate
    copy cover create decide deliver develop disclose discuss disrupt distribute do draft e-mail email encourage
    engage ensure escalate escort establish evidence examine explain explore extend feed file find finish fix flag
    follow forward fund gather get give go hand have help hold house identify inform inspect instruct interview
    investigate invite issue join keep kindly let liaise list locate log look make map meet message monitor move
    name nominate note notify obtain offer open organise pass phone pick place plan please prepare present probe
    produce progress propose provide pull push put raise re-do read record redo reduce refer refresh remind remove
    reply report request research resend respond return review revisit rewrite ring risk-assess run schedule screen
    secure see seek send serve set share show sign sort source speak stand start stop strategise submit summarise
    supply support take talk task teach telephone tell test text trace track train transfer try update upload urge
    use verify view visit warn watch work write
    """.split()  # noqa: SIM905 - words to be read and added to
)
_TO_DO: Final = re.compile(
    r"(?P<who>(?:\S+\s+){1,7}?)(?:(?:is|are)\s+to|to|will)\s+(?!(?:the|a|an|all|both|each|his|her|their|our)\b)[a-z]",
    re.I,
)
#: "Action closed 5 Jan": its first word names a thing.
_IS_NAMED: Final = re.compile(
    r"\S+\s+(?:(?:was|were|is|are|has|had|will)\b|[a-z]+ed\s*(?:$|(?:by|on|at|in|to|with)\b))", re.IGNORECASE
)
#: "CIN visit within 10 working days": a thing that is done.
_DEED: Final = re.compile(
    r"(?:[\w&-]+\s+){0,2}(?:visits?|assessment|referral|interview|discussion|letter|chronology|mapping|briefing)\b",
    re.I,
)

_LABEL: Final = re.compile(r"(?:(?:action|ap|task)\s*[:–-]\s*|[0-9]{1,2}[.)]\s*|[•*-]\s*)+", re.IGNORECASE)


def is_task_word(word: str) -> bool:
    """Return whether a word can begin a line that says what to do, such as "ring"."""
    return word.lower() in _TASKS


def says_what_to_do(text: str) -> bool:
    """Return whether a line says what to do: "Ring the school", "Police to share the log"."""
    words = _LABEL.sub("", text.strip(), count=1)
    first = re.match(r"[a-z-]+", words, re.IGNORECASE)
    if first is not None and first[0].lower() in _TASKS:
        return _IS_NAMED.match(words) is None
    if _DEED.match(words) and not NARRATES.search(words):
        return True
    found = _TO_DO.match(words)
    return found is not None and NARRATES.search(found["who"]) is None


def reports(text: str) -> bool:
    """Return whether a line reports what happened or how things are."""
    return not says_what_to_do(text) and NARRATES.search(text) is not None
