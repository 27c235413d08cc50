"""A decision read from a typed line: "retain and review at the next meeting because the plan is new"."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from bot.domain.language.day_words import any_of
from bot.domain.language.due_phrases import recognises
from bot.domain.language.reasons import DASH, WORD
from bot.models.vocabulary import CloseReason, DecisionKind

#: What people call a decision, beside its own label.
_CALLED: Final[Mapping[DecisionKind, tuple[str, ...]]] = {
    DecisionKind.RETAIN: ("retain", "retained", "keep", "keep open", "stays open"),
    DecisionKind.ESCALATE: ("escalate", "escalated", "to county", "send up"),
    DecisionKind.RETURN: ("return to district", "return", "back to district"),
    DecisionKind.MASE: ("mase", "mace"),
    DecisionKind.TRANSFER: ("transfer", "transferred"),
    DecisionKind.STRATEGY: ("strategy discussion", "strategy meeting", "strategy", "strat", "section 47", "s47"),
    DecisionKind.NRM: ("nrm", "national referral mechanism"),
    DecisionKind.STEP_DOWN: ("step down", "step-down", "stepped down", "stepdown"),
    DecisionKind.CLOSE: ("close", "closed", "closure", "no further action", "nfa"),
}
_REASONS: Final[Mapping[CloseReason, tuple[str, ...]]] = {
    CloseReason.RISK_REDUCED: ("risk reduced", "risk is reduced", "risk has reduced", "reduced risk", "lower risk"),
    CloseReason.MOVED: ("moved", "moved away", "moved out"),
    CloseReason.TURNED_18: ("turned 18", "now 18", "eighteen", "aged out"),
    CloseReason.TRANSFERRED: ("transferred",),
}
_BECAUSE: Final = re.compile(
    rf"(?:^|[\s,;])(?:{WORD}:?|rationale:?|given(?: that)?)\s+|{DASH}|\s*[:\u2013\u2014]\s+", re.IGNORECASE
)
_BEFORE_A_DAY: Final = re.compile(r"(?:[\s,;]|\b(?:and|with|to|until|till|review|reviewed|again)\b)+$", re.IGNORECASE)
_NEXT_TIME: Final = re.compile(r"(?:[\s,;]|\b(?:for|until|till|til|to|at|the)\b)*\bnext (?:time|one)$", re.IGNORECASE)
_REVIEW: Final = re.compile(
    r"^(?:(?:to be|for|and|with|until|till)\s+)*(?:reviewed|review)?\s*(?:on|at|by)?\s*", re.IGNORECASE
)
#: What is over is no day of a review: "turned 18 last month".
_PAST: Final = re.compile(r"^(?:last|previous|past)\s+(?!.*\bof\b)|^yesterday\b|\bago$", re.IGNORECASE)
_ENDS_PART: Final = re.compile(rf"[,;.]\s+|{_BECAUSE.pattern}", re.IGNORECASE)
#: What tells why without a word for it: "retain, plan is new".
_AFTER_KIND: Final = re.compile(r"[,;.]\s+(?=\w+\s+\w)")
_EITHER: Final = re.compile(r"\bor\b|\beither\b|\bversus\b|\bvs\b|\?", re.IGNORECASE)
_NOT: Final = re.compile(r"(?:\b(?:not|never|rather than|instead of)|n['\u2019]?t)\s+(?:to\s+|be\s+)?$", re.IGNORECASE)
_SHORTEST_SLIP: Final = 5  # of a word with a slip that is read all the same
_LIKENESS: Final = 0.82  # of a word with one letter wrong or two changed over
_NO_SLIPS: Final = frozenset({"closer", "closely", "closest"})
_MOST_WORDS: Final = 8  # of a due phrase


@dataclass(frozen=True, slots=True)
class SaidDecision:
    """The parts of a decision that were found in a typed line."""

    kind: DecisionKind | None = None  #: the first of the panel's kinds that it names, if any
    review: str = ""  #: by when, as typed
    close_reason: CloseReason | None = None
    rationale: str = ""  #: everything, where no kind was understood: nothing typed is lost
    others: tuple[DecisionKind, ...] = ()  #: further kinds that it names
    is_either: bool = False  #: one of them is still to be chosen: "close or retain"


def read_decision(text: str, kinds: Collection[DecisionKind]) -> SaidDecision:
    """Return the parts of a decision in a line. `kinds` are the kinds of decision that the panel can take."""
    text = " ".join(text.split())
    found = _BECAUSE.search(text)
    head, rationale = (text[: found.start()], text[found.end() :]) if found else (text, "")
    head, review = _take_day(head)
    if not review:
        review, rationale = _take_review(rationale)
    meant = _kinds_in(head, kinds) or _kinds_in(_without_slips(head, kinds), kinds)
    if not meant and DecisionKind.RETAIN in kinds and _says(head, ("review", "reviewed")):
        meant = [DecisionKind.RETAIN]
    if not meant:
        return SaidDecision(review=review, rationale=text)
    kind, *others = meant
    if not rationale and (told := _AFTER_KIND.search(head)) and _kinds_in(head[: told.start()], kinds):
        if not review:
            review = _take_day(head[: told.start()])[1]
        rationale = head[told.end() :] if not _kinds_in(head[told.end() :], kinds) else ""
        if not review:
            review, rationale = _take_review(rationale)
    if not rationale:
        rationale = _told_after(head, kind, others)
    reasons = [reason for reason, words in _REASONS.items() if _says(text, (reason.label, *words))]
    is_close = kind is DecisionKind.CLOSE and len(reasons) == 1
    is_either = bool(others) and _EITHER.search(head) is not None
    return SaidDecision(kind, review, reasons[0] if is_close else None, rationale, tuple(others), is_either)


_NO_REASON: Final = re.compile(
    r"^(?:[\s,;:.\u2013\u2014-]|\b(?:the|this|case|it|child|him|her|them|please|pls|now|today|then|and|review|reviewed"
    r"|county|district|to|at|in|for)\b)+",
    re.IGNORECASE,
)


#: What a case is stepped down to, or transferred to, is no reason.
_WHERE_TO: Final = re.compile(r"\s*(?:to|into|with|from)\b", re.IGNORECASE)


def _told_after(head: str, kind: DecisionKind, others: Collection[DecisionKind]) -> str:
    """Return the words that follow the name of the only decision in a line: "high risk" of "escalate high risk"."""
    if others:
        return ""
    names = any_of(map(re.escape, (kind.label, *_CALLED.get(kind, ()))))
    found = list(re.finditer(rf"\b(?:{names})\b", head, re.IGNORECASE))
    after = head[found[-1].end() :] if found else ""
    said = "" if _WHERE_TO.match(after) else _NO_REASON.sub("", after)
    return said if len(said.split()) > 1 else ""


def _kinds_in(head: str, kinds: Collection[DecisionKind]) -> list[DecisionKind]:
    """Return the kinds of decision that the words name, in order of mention, without negated ones ("not close")."""
    named = dict[DecisionKind, int]()
    for kind in kinds:
        names = f"(?:{any_of(map(re.escape, (kind.label, *_CALLED.get(kind, ()))))})"
        for found in re.finditer(rf"\b{names}\b", head, re.IGNORECASE):
            if not _NOT.search(head[: found.start()]):
                named.setdefault(kind, found.start())
    if DecisionKind.MASE in named and not _says(head, ("county",)):
        named.pop(DecisionKind.ESCALATE, None)  # "escalate to MASE" is one
    return sorted(named, key=lambda kind: named[kind])


def _without_slips(head: str, kinds: Collection[DecisionKind]) -> str:
    """Return the words with typing slips in the name of a kind of decision corrected, such as "retian" for "retain"."""
    names = {word for kind in kinds for name in (kind.label, *_CALLED.get(kind, ())) for word in name.lower().split()}
    known = [name for name in names if len(name) >= _SHORTEST_SLIP and name.isalpha()]

    def righted(word: str) -> str:
        if len(word) < _SHORTEST_SLIP or word.lower() in _NO_SLIPS:
            return word
        return next(iter(get_close_matches(word.lower(), known, n=1, cutoff=_LIKENESS)), word)

    return " ".join(map(righted, head.split()))


def _take_review(rationale: str) -> tuple[str, str]:
    """Return the review day at the beginning of a rationale ("review 5/5/26 – the plan is new"), and the rest."""
    ends = _ENDS_PART.search(rationale)
    first, rest = (rationale[: ends.start()], rationale[ends.end() :]) if ends else (rationale, "")
    phrase = _REVIEW.sub("", first.strip(), count=1)
    is_day = phrase and recognises(phrase) and not _PAST.search(phrase)
    return (phrase, rest) if is_day else ("", rationale)


def split_rationale(text: str) -> tuple[str, str]:
    """Return the part of a line before "because" or the like, and the rationale beginning with that word."""
    found = _BECAUSE.search(text)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def _says(text: str, names: Collection[str]) -> bool:
    return re.search(rf"\b(?:{any_of(map(re.escape, names))})\b", text, re.IGNORECASE) is not None


def _take_day(head: str) -> tuple[str, str]:
    """Return the words without a due phrase at their end, and this due phrase, or an empty string if there is none."""
    if found := _NEXT_TIME.search(head):
        return head[: found.start()], "next meeting"
    words = head.split()
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        phrase = " ".join(words[-count:])
        if recognises(phrase) and _PAST.search(phrase):
            return head, ""
        if recognises(phrase):
            return _BEFORE_A_DAY.sub("", " ".join(words[:-count])) or head, phrase
    return head, ""
