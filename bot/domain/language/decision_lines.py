"""A decision as people type it: "retain and review at the next meeting because the plan is new"."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.language.day_words import any_of
from bot.domain.language.due_phrases import recognises
from bot.models.vocabulary import CloseReason, DecisionKind

#: What people call a decision, beside its own label.
_CALLED: Final[Mapping[DecisionKind, tuple[str, ...]]] = {
    DecisionKind.RETAIN: ("retain", "retained", "keep", "keep open", "stays open"),
    DecisionKind.ESCALATE: ("escalate", "escalated", "to county", "send up"),
    DecisionKind.RETURN: ("return to district", "return", "back to district"),
    DecisionKind.MASE: ("mase",),
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
    r"(?:^|[\s,;])(?:because(?: of)?|since|as|rationale:?|reason:?)\s+|\s+-\s+|\s*[:\u2013\u2014]\s+", re.IGNORECASE
)
_BEFORE_A_DAY: Final = re.compile(r"(?:[\s,;]|\b(?:and|with|to|until|till|review|reviewed|again)\b)+$", re.IGNORECASE)
_MOST_WORDS: Final = 8  # of a due phrase


@dataclass(frozen=True, slots=True)
class SaidDecision:
    """The parts of a decision that a typed line gives."""

    kind: DecisionKind | None = None  #: none where it says none of the panel's kinds, or two
    review: str = ""  #: by when, as typed
    close_reason: CloseReason | None = None
    rationale: str = ""  #: everything, where no kind was understood: nothing typed is lost


def read_decision(text: str, kinds: Collection[DecisionKind]) -> SaidDecision:
    """Return what a line says of a decision. `kinds` are those that the panel takes."""
    text = " ".join(text.split())
    found = _BECAUSE.search(text)
    head, rationale = (text[: found.start()], text[found.end() :]) if found else (text, "")
    head, review = _take_day(head)
    meant = {kind for kind in kinds if _says(head, (kind.label, *_CALLED.get(kind, ())))}
    if not meant and DecisionKind.RETAIN in kinds and _says(head, ("review", "reviewed")):
        meant = {DecisionKind.RETAIN}
    if len(meant) != 1:
        return SaidDecision(review=review, rationale=text)
    kind = meant.pop()
    reasons = [reason for reason, words in _REASONS.items() if _says(text, (reason.label, *words))]
    is_close = kind is DecisionKind.CLOSE and len(reasons) == 1
    return SaidDecision(kind, review, reasons[0] if is_close else None, rationale)


def split_rationale(text: str) -> tuple[str, str]:
    """Return what a line says before its rationale, and the rationale with the word that leads to it."""
    found = _BECAUSE.search(text)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def _says(text: str, names: Collection[str]) -> bool:
    return re.search(rf"\b{any_of(map(re.escape, names))}\b", text, re.IGNORECASE) is not None


def _take_day(head: str) -> tuple[str, str]:
    """Return the words without the due phrase at their end, and that phrase."""
    words = head.split()
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        phrase = " ".join(words[-count:])
        if recognises(phrase):
            return _BEFORE_A_DAY.sub("", " ".join(words[:-count])) or head, phrase
    return head, ""
