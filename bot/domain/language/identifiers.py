"""Text that points at a child by more than a reference, caught before it is saved.

Names cannot be recognised reliably and are not tried. An excerpt is personal data: it is for the person who
typed it, never for a log.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from bot.domain.language.day_words import (
    ANY_MONTH,
    DAY,
    FIGURE,
    FULL_YEAR,
    MONTH,
    TH,
    YEAR,
    YearDay,
    any_of,
    listed,
    parts_of,
)
from bot.errors import Mistake

PHONE: Final = "phone number"
POSTCODE: Final = "postcode"
DATE_OF_BIRTH: Final = "date of birth"

_GAP: Final = r"[ \u00a0\u2010-\u2013-]?"
_AREAS: Final = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN "
    "EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE "
    "NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR "
    "TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
# After a section of the Children Act these are words ("S20 1st review"), not the second half of a postcode.
_SECTIONS: Final = ("s17", "s20", "s31", "s47")
_NOT_INWARD: Final = frozenset({"1st", "2nd", "3rd", *(f"{n}th" for n in "0456789"), *(f"{n}hr" for n in range(10))})
_UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"  # I, O and S are left out; the position is the value

#: Dates in the ways people write them, day first, ISO, or with the month in words.
_DATES: Final = tuple(
    re.compile(rf"(?<![\w/.-]){shape}(?![\w/]|[.-]\w)", re.IGNORECASE)
    for shape in (
        rf"{DAY}(?P<mark>[/-]){FIGURE}(?P=mark){YEAR}",
        r"(?P<day>[0-9]{2})\.(?P<month>[0-9]{2})\.(?P<year>[0-9]{2})",
        rf"{DAY}\.{FIGURE}\.{FULL_YEAR}",
        f"{FULL_YEAR}[-/]{FIGURE}[-/]{DAY}",
        f"{DAY}{TH}?[ -]?(?:of )?{MONTH}[ ,-]+{YEAR}",
        f"{MONTH} {DAY}{TH}?,? {FULL_YEAR}",
    )
)
_SAID_OF_BIRTH: Final = (
    r"\b(?:d\.?o\.?b\b\.?|date of birth|birth ?date)"
    r"(?:\W{0,4}(?:is|was)?\W{0,3}(?:[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}"
    rf"|[0-9]{{1,2}}{TH}?(?: of)? {ANY_MONTH}(?:,? [0-9]{{4}})?))?"
    rf"|\bborn\s+(?:on |in )?(?:the )?(?:[0-9]{{1,2}}{TH}?(?: of)? )?{ANY_MONTH}\b(?:,? [0-9]{{4}})?"
    r"|\bborn\s+(?:on |in )?(?:[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|(?:19|20)[0-9]{2})\b"
)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _nhs_valid(found: re.Match[str]) -> bool:
    """Modulus 11 over ten digits (NHS Data Dictionary); a number that says it is one needs no proof."""
    if found["label"]:
        return True
    digits = [int(digit) for digit in _digits(found["number"])]
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return any(digits) and check % 11 == digits[9]  # a check of ten is no digit, so it never agrees


def _postcode_valid(found: re.Match[str]) -> bool:
    return found["inward"] not in _NOT_INWARD or not found[0].lower().startswith(_SECTIONS)


def _pupil_number_valid(found: re.Match[str]) -> bool:
    """Check letter from weights 2 to 13, modulus 23 (Department for Education, UPN guide)."""
    letter, rest = found[0][0].upper(), found[0][1:].upper()
    values = [int(sign) if sign.isdigit() else _UPN_LETTERS.index(sign) for sign in rest]
    total = sum(value * weight for value, weight in zip(values, range(2, 14), strict=True))
    return letter == _UPN_LETTERS[total % 23]


def _landline_valid(found: re.Match[str]) -> bool:
    # A few old numbers have ten digits; unspaced, ten digits are more often a case number.
    return len(_digits(found[0])) == 11 or (len(_digits(found[0])) == 10 and not found[0].isdigit())


def _landline_abroad_valid(found: re.Match[str]) -> bool:
    national = _digits(found[0].replace("(0)", "")).removeprefix("00").removeprefix("44")
    return 9 <= len(national) <= 10


#: What people call it, how it looks, and what else must hold.
SHAPES: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool] | None], ...]] = tuple(
    (kind, re.compile(shape, re.IGNORECASE), valid)
    for kind, shape, valid in (
        ("e-mail address", r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", None),
        (DATE_OF_BIRTH, _SAID_OF_BIRTH, None),
        (
            "NHS number",
            rf"(?P<label>\bNHS(?: (?:number|no\.?|num))?[ :#.]{{0,3}})?(?<![0-9+])"
            rf"(?P<number>[0-9]{{3}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}})(?![0-9])",
            _nhs_valid,
        ),
        # +44 or 0, then ten digits however they are spaced, for mobiles; for landlines an area code of at least
        # three digits comes first, so that a date and a time side by side are not taken for one.
        (PHONE, rf"(?<![0-9])(?:(?:\+|00)44{_GAP}(?:\(0\))?{_GAP}|0{_GAP})7(?:{_GAP}[0-9]){{9}}(?![0-9])", None),
        (
            PHONE,
            rf"(?<![0-9])(?:\+|00)44{_GAP}(?:\(0\))?{_GAP}\(?[123][0-9]{{1,4}}\)?(?:{_GAP}[0-9]){{5,8}}(?![0-9])",
            _landline_abroad_valid,
        ),
        (PHONE, rf"(?<![0-9])\(?0[123][0-9]{{1,4}}\)?(?:{_GAP}[0-9]){{5,8}}(?![0-9])", _landline_valid),
        (
            "National Insurance number",
            r"(?<![a-z0-9])(?!bg|gb|kn|nk|nt|tn|zz)(?:qq|[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z])"
            rf"(?:{_GAP}[0-9]{{2}}){{3}}{_GAP}[a-d](?![a-z0-9])",
            None,
        ),
        (
            "pupil number (UPN)",
            r"(?<![a-z0-9])[a-hj-np-rt-z][0-9]{11}(?:[0-9]|[a-hj-np-rt-z])(?![a-z0-9])",
            _pupil_number_valid,
        ),
        (
            POSTCODE,
            rf"(?<![a-z0-9])(?:{any_of(_AREAS.split())})[0-9][a-z0-9]?[ \u00a0]?"
            r"(?P<inward>[0-9][abd-hjlnp-uw-z]{2})(?![a-z0-9])",
            _postcode_valid,
        ),
    )
)


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
    # Five years of future dates stay in this century, so that "27/11/31" is a plan and not a birth in 1931.
    return YearDay.of(parts_of(found), this_century=(latest_year + _YOUNGEST_YEARS + 5) % 100).on()


def _found(text: str, today: date | None) -> Iterator[Identifier]:
    for kind, shape, valid in SHAPES:
        for found in shape.finditer(text):
            if valid is None or valid(found):
                yield Identifier(kind, found[0], *found.span())
    latest_year = _LATEST_BIRTH_YEAR if today is None else today.year - _YOUNGEST_YEARS
    for found in chain.from_iterable(shape.finditer(text) for shape in _DATES):
        day = _date_in(found, latest_year)
        if day is not None and _OLDEST_BIRTH_YEAR <= day.year <= latest_year:
            yield Identifier(DATE_OF_BIRTH, found[0], *found.span())


def find_identifiers(text: str, *, today: date | None = None) -> tuple[Identifier, ...]:
    """Every identifier in the text, in its order; where two overlap, the earlier and then the longer one.

    A bare date counts as a date of birth when it lies at least four years before `today`, so that hearings,
    assessments and due dates do not; without `today` births up to 2021 are known.
    """
    candidates = sorted(_found(text, today), key=lambda found: (found.start, -found.end))
    kept: list[Identifier] = []
    for candidate in candidates:
        if not kept or candidate.start >= kept[-1].end:
            kept.append(candidate)
    return tuple(kept)


def kinds_in_words(found: tuple[Identifier, ...]) -> str:
    """What kinds were found, such as "a phone number and an e-mail address"; never the text itself."""
    kinds = dict.fromkeys(identifier.kind for identifier in found)
    return listed([f"an {kind}" if kind[0] in "eN" and kind[:2] != "Na" else f"a {kind}" for kind in kinds])


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


def check_reference(reference: str) -> str:
    """The case reference in capitals, as it is stored and compared.

    `Mistake` unless it has 3 to 20 of A–Z, 0–9, hyphen and slash, among them a digit (which keeps names out),
    and is neither a date nor another identifier.
    """
    plain = reference.strip().upper()
    if not _REFERENCE.fullmatch(plain):
        sentence = "A case reference has 3 to 20 letters, digits, hyphens or slashes, such as SAMPLE-0012."
    elif not any(character.isdigit() for character in plain):
        sentence = "A case reference contains a digit, such as SAMPLE-0012; never use a name."
    elif any(
        (found := shape.fullmatch(plain)) and _date_in(found, _LATEST_BIRTH_YEAR) for shape in (*_DATES, _RUN_TOGETHER)
    ):
        sentence = "A case reference must not be a date. Use the agency's own case number."
    elif identifiers := find_identifiers(plain):
        sentence = f"That looks like {kinds_in_words(identifiers)}. Use the agency's own case number as the reference."
    else:
        return plain
    raise Mistake(sentence, field="reference")


MAX_LINE = 1000  # characters of a reason or an action: one thought
MAX_TEXT = 3000  # of a judgement or rationale: what one input field of a modal takes (Block Kit)


#: Characters that nobody sees and that turn the direction of what stands beside them: a text could read otherwise than
#: it is (embeddings, overrides, isolates, marks), or hide an identifier between its digits (zero-width ones).
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def visible(text: str) -> str:
    """The text without invisible characters; joiners stay, since scripts and emoji are written with them."""
    return _INVISIBLE.sub("", text)


def accept_line(text: str, *, field: str, missing: str) -> str:
    """One line, its spaces tidied. Raises Mistake (`missing`) when empty, when too long, or when it identifies."""
    text = " ".join(visible(text).split())
    return _accept(text, field, missing, MAX_LINE)


def accept_reason(text: str) -> str:
    """Why a diary changes, in one line. Raises Mistake as `accept_line` does."""
    return accept_line(text, field="reason", missing="Please say why; members are told.")


def accept_text(text: str, *, field: str, missing: str) -> str:
    """Return text of several lines, trimmed. Raises Mistake when it is too long or identifies a person.

    Empty text is refused with the sentence `missing`, and taken where that is empty too.
    """
    return _accept(visible(text).strip(), field, missing, MAX_TEXT)


#: How somebody states why an identifier must stay: the statement stays with the text, for every reader to see.
_KEPT_BECAUSE = re.compile(r"\[kept because (?P<reason>[^\]]*\w[^\]]*)\]\s*$", re.IGNORECASE)


def _accept(text: str, field: str, missing: str, limit: int) -> str:
    if not text and missing:
        raise Mistake(missing, field=field)
    if len(text) > limit:
        raise Mistake(f"That has {len(text):,} characters; at most {limit:,} fit. Please shorten it.", field=field)
    stated = _KEPT_BECAUSE.search(text)
    refuse_identifiers(text, field=field, because=stated["reason"] if stated else None)
    return text


_NO_ROOM: Final = frozenset(
    [
        *("online", "teams", "ms teams", "microsoft teams", "zoom", "webex", "google meet", "skype"),
        *("virtual", "virtually", "remote", "remotely", "hybrid", "video call", "video conference", "conference call"),
        *("phone", "telephone", "tbc", "tba", "to be confirmed", "to be announced", "various"),
    ]
)


def room_of(venue: str) -> str | None:
    """The room in one spelling, so that two can be compared; None where the venue is no room, such as "online"."""
    plain = " ".join(venue.casefold().replace("(", " ").replace(")", " ").split()).strip(" .")
    words = plain.removeprefix("via ").removeprefix("on ").removeprefix("by ").removesuffix(" meeting")
    if not plain or {plain, words} & _NO_ROOM or plain.startswith(("http://", "https://", "online", "teams ")):
        return None
    return plain


MAX_VENUE: Final = 200  # characters: what the column takes

#: The address of a call. Its digits are the call's own, and would be taken for all sorts of numbers.
_LINK: Final = re.compile(r"https?://\S+|(?<![\w@.])[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_DASHES: Final = "\u2010-\u2015-"
_WORD: Final = re.compile(rf"[\w/{_DASHES}]+")
#: How agencies write case numbers: HAV-001, SAMPLE0012, LCS/2026/0012, 26-0012, 1234567. Rooms and houses stay below:
#: B12, LG-101, 4/12, 101/102, 1024.
_CASE_NUMBER: Final = re.compile(
    rf"(?=.*[a-z])(?:.*[0-9]{{4}}.*|[a-z]{{3,}}[/{_DASHES}][0-9]{{3}}.*)"
    rf"|(?:20)?[0-9]{{2}}[/{_DASHES}][0-9]{{4,}}|[0-9]{{7,}}",
    re.IGNORECASE,
)
_CASE_NUMBER_IN_LINK: Final = re.compile(rf"(?<=[/=])[a-z]{{2,}}[{_DASHES}][0-9]{{3,}}(?=[/?&#]|$)", re.IGNORECASE)


def accept_venue(text: str, *, field: str) -> str:
    """The venue with its spaces tidied, or nothing where none was given; a postcode is part of an address.

    Raises Mistake when it is longer than 200 characters, or looks as if it identifies a person or names a case.
    """
    venue = " ".join(visible(text).split())
    if len(venue) > MAX_VENUE:
        raise Mistake(f"That has {len(venue)} characters; at most {MAX_VENUE} fit. Please shorten it.", field=field)
    words = _LINK.sub(" ", venue)
    found = tuple(one for one in find_identifiers(words) if one.kind != POSTCODE)
    if found:
        raise Mistake(
            f"This venue looks as if it contains {kinds_in_words(found)}, and it is shown in people's calendars. "
            'Name the place alone, such as "Council offices, room 2".',
            field=field,
        )
    numbered = any(_CASE_NUMBER.fullmatch(word.strip("/-")) for word in _WORD.findall(words))
    if numbered or _CASE_NUMBER_IN_LINK.search(venue):
        raise Mistake(
            "This venue looks as if it contains a case reference, and it is shown in people's calendars. Leave it out; "
            'if it is a room, write its number apart, such as "room CH 1012".',
            field=field,
        )
    return venue
