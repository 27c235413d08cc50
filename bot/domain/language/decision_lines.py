"""A decision read from a typed line: "retain and review at the next meeting because the plan is new"."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Final

from bot.domain.language.day_words import any_of
from bot.domain.language.due_phrases import recognises
from bot.domain.language.reasons import DASH, WORD
from bot.models.vocabulary import CloseReason, DecisionKind

#: What people call a decision, in addition to its label.
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
_WHY: Final = rf"(?:{WORD}:?|rationale:?|given(?: that)?)\s+"
_BECAUSE: Final = re.compile(rf"(?:^|[\s,;]){_WHY}|{DASH}|\s*[:\u2013\u2014]\s+", re.IGNORECASE)
#: Marks between a decision and its rationale, and between the parts of a rationale.
_MARK: Final = re.compile(
    rf"(?P<why>(?:^|[\s,;.]+){_WHY})|{DASH}|\s*[:\u2013\u2014]\s+|[,;.]+\s+|\s*\n\s*|$", re.IGNORECASE
)
_PUNCTUATION: Final = " \n,;.:-\u2013\u2014"
#: Words around a decision that give no reason: "the panel agreed to retain the case".
_SAYS_LITTLE: Final = re.compile(
    r"(?:[\s,;:.&+/()\u2013\u2014-]|\b(?:the|this|case|item|it|child|him|her|them|please|pls|now|today|then|and|or|either"
    r"|also|plus|review|reviewed|again|back|bring|come|county|district|to|at|in|on|for|until|till|til|with|by|be|open|an?"
    r"|panel|referral|refer|discussion|meeting|we|i|has|have|is|was|decided?|decides|decision|agreed?|agrees|outcome"
    r"|will|should|would|let's|lets|mark|make|so|therefore|chair|recommend(?:ed|s|ation)?|unanimous(?:ly)?|not|as"
    r"|options?|versus|vs|rather|than|instead|of|never|don'?t|do|right now|time being|moment|present|currently)\b)*",
    re.IGNORECASE,
)
_NEXT_TIME: Final = re.compile(r"(?:the\s+)?next (?:time|one)", re.IGNORECASE)
_REVIEW: Final = re.compile(
    r"^(?:(?:to be|to|for|and|with|until|till|til|please)\s+)*"
    r"(?:(?:reviewed|review|(?:bring |brought |come |comes )?back)\b:?\s*)?"
    r"(?:(?:again|on|at|by|to panel|here)\s+)*",
    re.IGNORECASE,
)
_SAID_SO: Final = re.compile(
    r"^(?:(?:and|to be|please|then)\s+)*(?:reviewed|review|(?:bring |come )?back)\b", re.IGNORECASE
)
#: "plan is new so review 5 May", but not "awaiting CLA review 5 May".
_SAID_AT_END: Final = re.compile(
    r"\b(?:and|so|then|to be|but|panel to)\s+review(?:ed)?\s+((?:\S+\s+){0,7}\S+)$", re.IGNORECASE
)
_LEADS_TO_DAY: Final = re.compile(r"(?:\b(?:until|till|til|review(?:ed)?|back|again|for|next)\b)", re.IGNORECASE)
#: Words that say for how long, but give no day: "retain for now". They are no reason either.
_FOR_NOW: Final = re.compile(
    r"(?:(?:for|as of|at|just|right|until|till|by|from|in|the)\s+)*(?:now|time being|moment|present|currently)",
    re.IGNORECASE,
)
#: A past day is not the day of a review: "turned 18 last month".
_PAST: Final = re.compile(r"^(?:last|previous|past)\s+(?!.*\bof\b)|^yesterday\b|\bago$", re.IGNORECASE)
_JOINS: Final = re.compile(r"\b(?:and|or|then|plus|also|versus|vs|to)\b|[,;&+/]", re.IGNORECASE)
_AREA: Final = re.compile(r"\s*(?:(?:the\s+)?(?:case|it|child|care|over)\s+)*to\s+(?P<area>\S.*)$", re.IGNORECASE)
_PLACE: Final = re.compile(
    r"(?:the\s+)?[A-Z][\w'\u2019-]*(?:\s+(?:[A-Z][\w'\u2019-]*|and(?=\s+[A-Z])|of|upon|on(?=\s+[A-Z])|city|county|council"
    r"|borough|district|panel))*"
)
_SMALL_PLACE: Final = re.compile(
    r"(?!.*\b(?:family|moved|moving|moves|now|is|has|child|lives|living|he|she|they)\b)"
    r"[\w'\u2019-]+(?:\s+[\w'\u2019-]+){0,2}?(?=$|\s+(?:on|from|by|until|till)\b)"
)
#: A comma followed by a reason, and not by the case that is meant: "retain, sister of WEST-0003".
_REASON_AFTER: Final = re.compile(
    r"[,;.]\s+(?!(?:(?:for|re|about|on|in|the|case|item|no|number)\.?\s+)*#?(?:[a-z]{2,10}[ -]?)?[0-9])"
    r"(?=\w+\s+\w+\s+\w)",
    re.IGNORECASE,
)
_EITHER: Final = re.compile(r"\bor\b|\beither\b|\bversus\b|\bvs\b|\?", re.IGNORECASE)
_NOT: Final = re.compile(r"(?:\b(?:not|never|rather than|instead of)|n['\u2019]?t)\s+(?:to\s+|be\s+)?$", re.IGNORECASE)
_SHORTEST_SLIP: Final = 5  # letters of a misspelt word that is still read
_LIKENESS: Final = 0.82  # the likeness of a word with one wrong letter or two swapped letters
_NO_SLIPS: Final = frozenset({"closer", "closely", "closest"})
_MOST_WORDS: Final = 8  # of a due phrase


@dataclass(frozen=True, slots=True)
class SaidDecision:
    """The parts of a decision that were found in a typed line."""

    kind: DecisionKind | None = None  #: the first of the panel's kinds that it names, if any
    review: str = ""  #: the day of the review, as typed
    close_reason: CloseReason | None = None
    rationale: str = ""  #: the whole line if no kind was understood, so that nothing typed is lost
    area: str = ""  #: where a case is transferred to
    others: tuple[DecisionKind, ...] = ()  #: further kinds that it names
    is_either: bool = False  #: the person must still choose one of them: "close or retain"


@dataclass(frozen=True, slots=True)
class _Named:
    """A kind of decision, and where its name begins and ends in the line."""

    kind: DecisionKind
    begins: int
    ends: int


def read_decision(text: str, kinds: Collection[DecisionKind]) -> SaidDecision:
    """Return the parts of a decision that a line gives. `kinds` are the kinds of decision that the panel can take.

    The rationale has all words that belong to no other part. A day in the rationale is the day of the review only if
    the line says so.
    """
    text = "\n".join(" ".join(line.split()) for line in text.strip().splitlines() if line.strip())
    named = _decided_in(text, kinds)
    if not named:
        return SaidDecision(review=_take_review(text, is_why=False)[0], rationale=text)
    kind, ends = named[0].kind, named[-1].ends
    review = next((day for one, other in pairwise(named) if (day := _day_of(text[one.ends : other.begins]))), "")
    area = ""
    if kind is DecisionKind.TRANSFER:
        area, ends = _take_area(text, ends)
    if not review:
        review, ends = _day_after(text, ends)
    mark = _next_mark(text, ends)
    is_either = len(named) > 1 and _EITHER.search(text[: mark.start()]) is not None
    is_why = False
    if _SAYS_LITTLE.fullmatch(text[ends : mark.start()].rstrip("?")):
        ends, is_why = mark.end(), mark["why"] is not None
    rationale = text[ends:].strip(_PUNCTUATION[:-1]).lstrip(_PUNCTUATION)
    if not review:
        review, rationale = _take_review(rationale, is_why=is_why)
    if not review:
        review, rationale = _take_last(rationale, is_retained=kind is DecisionKind.RETAIN)
    before = _told_before(text[: named[0].begins], kinds)
    rationale = ", ".join(filter(None, (before, rationale)))
    reasons = [reason for reason, words in _REASONS.items() if _says(text, (reason.label, *words))]
    is_close = kind is DecisionKind.CLOSE and len(reasons) == 1
    if is_close:
        rationale = _without_reason(rationale, reasons[0])
    others = tuple(dict.fromkeys(one.kind for one in named[1:] if one.kind is not kind))
    return SaidDecision(kind, review, reasons[0] if is_close else None, rationale, area, others, is_either)


def _without_reason(rationale: str, reason: CloseReason) -> str:
    """Return a rationale without the reason for closing at its beginning, since the form has a field for this reason.

    A rationale that says nothing else is returned unchanged, since every decision needs a rationale.
    """
    names = any_of(map(re.escape, (reason.label, *_REASONS[reason])))
    found = re.match(rf"\(?(?:as |the )?(?:{names})\)?(?P<mark>{_MARK.pattern})", rationale, _MARK.flags)
    if not found or not found["mark"]:
        return rationale
    return re.sub(r"^and\s+", "", rationale[found.end() :].lstrip(_PUNCTUATION), flags=re.IGNORECASE)


def _decided_in(text: str, kinds: Collection[DecisionKind]) -> list[_Named]:
    """Return the kinds of decision that a line gives, in order: the first one named, and any joined to it by "and"."""
    found = _named_in(text, kinds) or _named_with_slips(text, kinds)
    why = next((mark.start() for mark in _MARK.finditer(text) if mark["why"]), len(text))
    marks = [mark.end() for mark in _MARK.finditer(text)]
    first = next(
        (
            one
            for one in found
            if one.begins < why
            and (
                one.begins < marks[0]
                or _SAYS_LITTLE.fullmatch(text[max(end for end in marks if end <= one.begins) : one.begins])
            )
        ),
        None,
    )
    if first is None:
        review = _REVIEWS.match(text)
        is_kept = review is not None and DecisionKind.RETAIN in kinds
        return [_Named(DecisionKind.RETAIN, review.start("review"), review.end())] if review and is_kept else []
    decided = [first]
    for one in found:
        between = text[decided[-1].ends : one.begins] if one.begins >= decided[-1].ends else ""
        mark = _next_mark(text, one.ends)
        is_whole = _SAYS_LITTLE.fullmatch(text[one.ends : mark.start()].rstrip("?")) is not None
        if (
            one.begins < why
            and _JOINS.search(between)
            and (_is_little(between, decided[-1].kind))
            and (is_whole or re.search(r"[a-z&+/]", between, re.IGNORECASE) or _JOINS.match(text[one.ends :].strip()))
        ):
            decided.append(one)
    if [one.kind for one in decided[:2]] == [DecisionKind.ESCALATE, DecisionKind.MASE] and not _says(
        text[decided[0].begins : decided[1].ends], ("county",)
    ):
        decided = [_Named(DecisionKind.MASE, decided[0].begins, decided[1].ends), *decided[2:]]
    return decided


_REVIEWS: Final = re.compile(
    r"(?:(?:to|we|will|should|panel|the|case|be)\s+)*(?P<review>review(?:ed)?\b)", re.IGNORECASE
)


def _is_little(between: str, kind: DecisionKind) -> bool:
    """Return whether the text between two decisions only joins them.

    The text may also give a day or, if the first decision is a transfer (`kind`), an area.
    """
    is_area = kind is DecisionKind.TRANSFER and re.fullmatch(r"\s+to(?:\s+\w+){1,3}\s+(?:and|or)\s+", between)
    return bool(_SAYS_LITTLE.fullmatch(between) or _day_of(between) or is_area)


def _next_mark(text: str, at: int) -> re.Match[str]:
    """Return the next mark that separates parts of a decision, such as a comma or "because", from the position `at` on.

    The end of the text counts as a mark.
    """
    found = _MARK.search(text, at)
    assert found is not None  # noqa: S101 - the end of a text is a mark
    return found


def _is_day(phrase: str) -> bool:
    is_other = _PAST.search(phrase) or _FOR_NOW.fullmatch(phrase)
    return bool(phrase) and not is_other and (bool(_NEXT_TIME.fullmatch(phrase)) or recognises(phrase))


def _day_of(words: str) -> str:
    """Return the day in a text that says little else, such as "5 May" in "until 5 May and".

    For any other text, return an empty string.
    """
    words = re.sub(r"[\s,;]+(?:(?:and|or|then|also|to)[\s,;]*)*$", "", words)
    parts = words.split()
    for first in range(len(parts)):
        phrase = " ".join(parts[first:]).strip(_PUNCTUATION + "?!")
        if not _SAYS_LITTLE.fullmatch(" ".join(parts[:first])):
            return ""
        if _is_day(phrase):
            return "next meeting" if _NEXT_TIME.fullmatch(phrase) else phrase
    return ""


def _day_after(text: str, at: int) -> tuple[str, int]:
    """Return the day that follows the name of a decision ("until 5 May"), and where the text after it begins."""
    mark = _next_mark(text, at)
    later = _next_mark(text, mark.end()) if mark.end() < len(text) else mark
    ends = (later.start(), mark.start()) if "," in mark[0] else (mark.start(),)
    for end in ends:
        if day := _day_of(text[at:end]):
            return day, end
    words = list(re.finditer(r"\S+", text[at : mark.start()]))
    for count in range(min(len(words) - 1, _MOST_WORDS), 0, -1):
        said = text[at : at + words[count - 1].end()]
        if _LEADS_TO_DAY.search(said) and (day := _day_of(said)):
            return day, at + words[count - 1].end()
    return "", at


def _take_area(text: str, at: int) -> tuple[str, int]:
    """Return the area that a case is transferred to, and where the text after it begins."""
    found = _AREA.match(text[at : _next_mark(text, at).start()])
    if found is None:
        return "", at
    said = found["area"]
    begins = at + found.start("area")
    place = _PLACE.match(said)
    if place is not None:
        return place[0], begins + place.end()
    place = _SMALL_PLACE.match(said)
    return (place[0], begins + place.end()) if place is not None else ("", at)


def _told_before(words: str, kinds: Collection[DecisionKind]) -> str:
    """Return the words before a decision that may be its reason, such as "risk is high" in "risk is high so retain"."""
    names = any_of(re.escape(name) for kind in kinds for name in (kind.label, *_CALLED.get(kind, ())))
    left = re.sub(rf"\b(?:{names})\b", "", words, flags=re.IGNORECASE)
    if _SAYS_LITTLE.fullmatch(left.replace("\u2019", "'")):
        return ""
    return re.sub(r"(?:[\s,;:\u2013\u2014-]|\b(?:so|therefore|and|we|to|will)\b)+$", "", words)


def _named_in(text: str, kinds: Collection[DecisionKind]) -> list[_Named]:
    """Return the kinds of decision that the words name, in order of mention, without negated ones ("not close")."""
    found = list[_Named]()
    for kind in kinds:
        names = f"(?:{any_of(map(re.escape, (kind.label, *_CALLED.get(kind, ()))))})"
        for name in re.finditer(rf"\b{names}\b(?!{_NOT_CLOSED})", text, re.IGNORECASE):
            if not _NOT.search(text[: name.start()]):
                found.append(_Named(kind, name.start(), name.end()))
    found.sort(key=lambda one: (one.begins, -one.ends))
    return [one for n, one in enumerate(found) if not any(one.begins < other.ends for other in found[:n])]


#: Uses of "close" that don't mean closing a case.
_NOT_CLOSED: Final = (
    r"(?<=close)\s+(?:monitoring|watch|contact|eye|work|working|attention|links?|friends?|supervision|support|to\b)"
)


def _named_with_slips(text: str, kinds: Collection[DecisionKind]) -> list[_Named]:
    """Return the kinds of decision whose names are misspelt in the words, such as "retian", in order of mention.

    Their positions are those in `text`.
    """
    names = {word for kind in kinds for name in (kind.label, *_CALLED.get(kind, ())) for word in name.lower().split()}
    known = [name for name in names if len(name) >= _SHORTEST_SLIP and name.isalpha()]

    def righted(word: str) -> str:
        if len(word) < _SHORTEST_SLIP or word.lower() in _NO_SLIPS:
            return word
        return next(iter(get_close_matches(word.lower(), known, n=1, cutoff=_LIKENESS)), word)

    typed = list(re.finditer(r"[^\W\d_]+", text))
    right = [righted(word[0]) for word in typed]
    moves = list[tuple[int, int, int, int]]()
    line, last = "", 0
    for word, new in zip(typed, right, strict=True):
        line += text[last : word.start()] + new
        moves.append((len(line) - len(new), len(line), word.start(), word.end()))
        last = word.end()
    line += text[last:]
    begins = {new: old for new, _, old, _ in moves}
    ends = {new: old for _, new, _, old in moves}
    named = _named_in(line, kinds)
    return [
        _Named(one.kind, begins[one.begins], ends[one.ends])
        for one in named
        if one.begins in begins and one.ends in ends
    ]


def _take_review(rationale: str, *, is_why: bool) -> tuple[str, str]:
    """Return the review day at the beginning of a rationale ("review 5/5/26 – the plan is new"), and the rest.

    Behind "because" (`is_why`), a day needs a word such as "review" before it.
    """
    mark = _next_mark(rationale, 0)
    first = rationale[: mark.start()].strip()
    phrase = _REVIEW.sub("", first, count=1).strip(_PUNCTUATION)
    if not _is_day(phrase) or (is_why and not _SAID_SO.match(first)):
        return "", rationale
    return "next meeting" if _NEXT_TIME.fullmatch(phrase) else phrase, rationale[mark.end() :]


def _take_last(rationale: str, *, is_retained: bool) -> tuple[str, str]:
    """Return the review day in the last part of a rationale ("plan is new, review 5 May"), and the rest."""
    marks = [mark for mark in _MARK.finditer(rationale) if mark[0]]
    if marks:
        last = rationale[marks[-1].end() :]
        day, rest = _take_review(last, is_why=not is_retained or marks[-1]["why"] is not None)
        if day and not rest:
            return day, rationale[: marks[-1].start()]
    if (found := _SAID_AT_END.search(rationale)) and (day := _day_of(found[1])):
        return day, rationale
    return "", rationale


def split_rationale(text: str) -> tuple[str, str]:
    """Return the part of a line before "because" or the like, and the rationale beginning with that word."""
    found = min(
        filter(None, (_BECAUSE.search(text), _REASON_AFTER.search(text))), key=lambda one: one.start(), default=None
    )
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def _says(text: str, names: Collection[str]) -> bool:
    return re.search(rf"\b(?:{any_of(map(re.escape, names))})\b", text, re.IGNORECASE) is not None
