"""Text that points at a child by more than a reference, caught before it is saved.

Names cannot be recognised reliably and are not tried. An excerpt is personal data: it is for the person who
typed it, never for a log.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.domain.day_words import MONTH_OF, days_in_month
from bot.domain.identifier_shapes import DATE_OF_BIRTH, DATES, SHAPES
from bot.errors import Mistake


@dataclass(frozen=True, slots=True)
class Identifier:
    """One piece of text that identifies a person."""

    kind: str  #: what people call it, such as "NHS number"
    excerpt: str  #: the text itself; never to be logged
    start: int
    end: int


# A date may be somebody's birth when it is at least this old; younger ones are hearings and assessments.
_YOUNGEST_YEARS: Final = 4
_OLDEST_BIRTH_YEAR: Final = 1920
# Without a day to count from: late enough for every child at a panel when this was written.
_LATEST_BIRTH_YEAR: Final = 2021

_REFERENCE: Final = re.compile(r"[A-Z0-9/-]{3,20}")
# Eight digits that read as day, month and year are a date of birth more often than a serial number.
_RUN_TOGETHER: Final = re.compile(r"(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>(?:19|20)[0-9]{2})")


def _date_in(found: re.Match[str], latest_year: int) -> date | None:
    month_word = found["month"].lower()
    month = MONTH_OF[month_word] if month_word in MONTH_OF else int(month_word)
    year, day = int(found["year"]), int(found["day"])
    if len(found["year"]) == 2:
        # Five years of future dates stay in this century, so that "27/11/31" is a plan and not a birth in 1931.
        year += 2000 if year <= (latest_year + _YOUNGEST_YEARS + 5) % 100 else 1900
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        return None
    return date(year, month, day)


def _births(text: str, today: date | None) -> Iterator[Identifier]:
    latest_year = _LATEST_BIRTH_YEAR if today is None else today.year - _YOUNGEST_YEARS
    for shape in DATES:
        for found in shape.finditer(text):
            day = _date_in(found, latest_year)
            if day is not None and _OLDEST_BIRTH_YEAR <= day.year <= latest_year:
                yield Identifier(DATE_OF_BIRTH, found[0], found.start(), found.end())


def _shaped(text: str) -> Iterator[Identifier]:
    for kind, shape, valid in SHAPES:
        for found in shape.finditer(text):
            if valid(found):
                yield Identifier(kind, found[0], found.start(), found.end())


def find_identifiers(text: str, *, today: date | None = None) -> tuple[Identifier, ...]:
    """Every identifier in the text, in its order; where two overlap, the earlier and then the longer one.

    A bare date counts as a date of birth when it lies at least four years before `today`, so that hearings,
    assessments and due dates do not; without `today` births up to 2021 are known.
    """
    candidates = sorted([*_shaped(text), *_births(text, today)], key=lambda found: (found.start, -found.end))
    kept: list[Identifier] = []
    for candidate in candidates:
        if not kept or candidate.start >= kept[-1].end:
            kept.append(candidate)
    return tuple(kept)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def kinds_in_words(found: tuple[Identifier, ...]) -> str:
    """What kinds were found, such as "a phone number and an e-mail address"; never the text itself."""
    kinds = dict.fromkeys(identifier.kind for identifier in found)
    return _listed([f"an {kind}" if kind[0] in "eN" and kind[:2] != "Na" else f"a {kind}" for kind in kinds])


def refuse_identifiers(
    text: str, *, field: str | None = None, because: str | None = None, today: date | None = None
) -> None:
    """Let nothing through that identifies a person, unless it is said why it must stay.

    `Mistake` naming the kinds found and what to do; never the text found, since errors reach logs. The reason
    itself must not identify anybody.
    """
    found = find_identifiers(text, today=today)
    if because is not None and because.strip():
        if in_reason := find_identifiers(because, today=today):
            kinds = kinds_in_words(in_reason)
            raise Mistake(f"The reason looks as if it contains {kinds}. Give it without.", field=field)
        return
    if found:
        raise Mistake(
            f"This looks as if it contains {kinds_in_words(found)}. Use the case reference instead, or, if it must "
            'stay, end the text with "[kept because REASON]".',
            field=field,
        )


def _is_date(reference: str) -> bool:
    shapes = (*DATES, _RUN_TOGETHER)
    return any((found := shape.fullmatch(reference)) and _date_in(found, _LATEST_BIRTH_YEAR) for shape in shapes)


def check_reference(reference: str) -> str:
    """The case reference in capitals, as it is stored and compared.

    `Mistake` unless it has 3 to 20 of A–Z, 0–9, hyphen and slash, among them a digit (which keeps names out),
    and is neither a date nor another identifier.
    """
    plain = reference.strip().upper()
    if not _REFERENCE.fullmatch(plain):
        raise Mistake(
            "A case reference has 3 to 20 letters, digits, hyphens or slashes, such as SAMPLE-0012.",
            field="reference",
        )
    if not any(character.isdigit() for character in plain):
        raise Mistake("A case reference contains a digit, such as SAMPLE-0012; never use a name.", field="reference")
    if _is_date(plain):
        raise Mistake("A case reference must not be a date. Use the agency's own case number.", field="reference")
    if found := find_identifiers(plain):
        raise Mistake(
            f"That looks like {kinds_in_words(found)}. Use the agency's own case number as the reference.",
            field="reference",
        )
    return plain
