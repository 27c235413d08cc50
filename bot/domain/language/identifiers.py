"""Finds identifiers, which are pieces of text that show who a child is, before anything is saved.

The found text is personal data. It may be shown to the person who typed it, and must never be logged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from bot.domain.language.day_words import YearDay, listed, parts_of
from bot.domain.language.identifier_names import ADDRESS, SCHOOL, find_names
from bot.domain.language.identifier_shapes import DATE_OF_BIRTH, DATES, NOT_OF_BIRTH, POSTCODE, SHAPES
from bot.errors import Mistake


@dataclass(frozen=True, slots=True)
class Identifier:
    """One piece of text that identifies a person, with its kind and its position in the whole text."""

    kind: str  #: what people call it, such as "NHS number"
    excerpt: str  #: the text itself; never to be logged
    start: int
    end: int


# A date may be a date of birth when it is at least this old; younger ones are hearings and assessments.
_YOUNGEST_YEARS: Final = 4
_OLDEST_BIRTH_YEAR: Final = 1920
# Used without today's date. It was late enough for every child at a panel when this was written.
_LATEST_BIRTH_YEAR: Final = 2021

#: Marks of keyboards and word processors, each with the plain one.
_SPACES: Final = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t"
_DASHED: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_UNSEEN: Final = (
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_PLAIN: Final = {
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_DASHED, "-"),
    **dict.fromkeys("\u2018\u2019\u02bc", "'"),
    **dict.fromkeys("\u201c\u201d", '"'),
    **dict.fromkeys(_UNSEEN, ""),
    **{chr(0xFF10 + digit): str(digit) for digit in range(10)},  # of full width
}
#: A registration is recognised in capitals and with its space ("HX99 VVT"); in lower case these may be words.
_REGISTRATION: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2} [A-Z]{3}(?![A-Za-z0-9])")
_REFERENCE: Final = re.compile(r"[A-Z0-9/-]{3,20}")
# Eight digits that read as day, month and year are a date of birth more often than a serial number.
_RUN_TOGETHER: Final = re.compile(r"(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>(?:19|20)[0-9]{2})")


def _date_in(found: re.Match[str], latest_year: int) -> date | None:
    # Five years of future dates stay in this century, so that "27/11/31" is a plan and not a birth in 1931.
    return YearDay.of(parts_of(found), this_century=(latest_year + _YOUNGEST_YEARS + 5) % 100).on()


def _found(text: str, today: date | None) -> Iterator[tuple[str, int, int]]:
    """Yield the kind, start and end of each identifier in a text with plain punctuation, as `_folded` returns it."""
    small = text.lower()
    for kind, shape, valid in SHAPES:
        for found in shape.finditer(small):
            if valid is None or valid(found):
                yield kind, *found.span()
    latest_year = _LATEST_BIRTH_YEAR if today is None else today.year - _YOUNGEST_YEARS
    for found in chain.from_iterable(shape.finditer(small) for shape in DATES):
        day = _date_in(found, latest_year)
        if day is None or not _OLDEST_BIRTH_YEAR <= day.year <= latest_year:
            continue
        if not NOT_OF_BIRTH.search(small[: found.start()]):
            yield DATE_OF_BIRTH, *found.span()
    for found in _REGISTRATION.finditer(text):
        yield "vehicle registration", *found.span()
    yield from find_names(text)


def find_identifiers(text: str, *, today: date | None = None) -> tuple[Identifier, ...]:
    """Return every identifier in the text, in order.

    If two identifiers overlap, keep the one that begins first, or the longer one if both begin together. A bare date
    counts as a date of birth if its year is at least four years before that of `today`, since hearings, assessments and
    due dates are more recent. Without `today`, dates up to 2021 count.
    """
    folded, places = _folded(text)
    kept: list[Identifier] = []
    for kind, start, end in sorted(_found(folded, today), key=lambda found: (found[1], -found[2])):
        first, last = places[start], places[end - 1] + 1
        if not kept or first >= kept[-1].end:
            kept.append(Identifier(kind, text[first:last], first, last))
    return tuple(kept)


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text with plain spaces and punctuation, and the position in the original text of each character."""
    signs = [(plain, place) for place, sign in enumerate(text) for plain in _PLAIN.get(sign, sign)]
    return "".join(sign for sign, _ in signs), [place for _, place in signs]


def kinds_in_words(found: tuple[Identifier, ...]) -> str:
    """Return the kinds of these identifiers in words, such as "a phone number and an e-mail address".

    The identifiers themselves are left out.
    """
    kinds = dict.fromkeys(identifier.kind for identifier in found)
    return listed([f"{'an' if _AN.match(kind) else 'a'} {kind}" for kind in kinds])


_AN: Final = re.compile(r"[aeio]|I|NHS|NI\b")  #: before which "a" is "an", as they are spoken


def refuse_identifiers(
    text: str, *, field: str | None = None, because: str | None = None, today: date | None = None
) -> None:
    """Raise Mistake if a text identifies a person, unless `because` gives a reason to keep the text.

    The error names the kinds that were found and what to do, but never the text, since errors are logged. A reason that
    itself identifies a person is refused.
    """
    found = find_identifiers(text, today=today)
    if because is not None and because.strip():
        if in_reason := find_identifiers(because, today=today):
            kinds = kinds_in_words(in_reason)
            raise Mistake(f"The reason looks as if it contains {kinds}. Leave that out.", field=field)
        return
    if found:
        raise Mistake(
            f"This looks as if it contains {kinds_in_words(found)}. Use the case reference instead. If it must "
            'stay, end the text with "[kept because REASON]".',
            field=field,
        )


def leave_out_identifiers(text: str, *, today: date) -> tuple[str, str]:
    """Return a text with "[…]" in place of each identifier, and the kinds of identifier in words (empty if none)."""
    found = find_identifiers(text, today=today)
    for identifier in reversed(found):
        text = f"{text[: identifier.start]}[\u2026]{text[identifier.end :]}"
    return text, kinds_in_words(found) if found else ""


def check_reference(reference: str) -> str:
    """Return a case reference in capitals, as it is stored and compared.

    A reference has 3 to 20 characters: A–Z, 0–9, hyphens and slashes. It has at least one digit, so that it can't be a
    name. Raise Mistake for any other text, and for a date or another identifier.
    """
    plain = _folded(reference)[0].strip().upper()
    if not _REFERENCE.fullmatch(plain):
        sentence = "A case reference has 3 to 20 letters, digits, hyphens or slashes, such as SAMPLE-0012."
    elif not any(character.isdigit() for character in plain):
        sentence = "A case reference contains a digit, such as SAMPLE-0012. Never use a name."
    elif any(
        (found := shape.fullmatch(plain)) and _date_in(found, _LATEST_BIRTH_YEAR) for shape in (*DATES, _RUN_TOGETHER)
    ):
        sentence = "A case reference must not be a date. Use the agency's own case number, such as SAMPLE-0012."
    elif identifiers := find_identifiers(plain):
        kinds = kinds_in_words(identifiers)
        sentence = f"That looks like {kinds}. Use the agency's own case number, such as SAMPLE-0012."
    else:
        return plain
    raise Mistake(sentence, field="reference")


MAX_LINE = 1000  # characters of a reason or an action: one thought
MAX_TEXT = 3000  # of a judgement or rationale: what one input field of a modal takes (Block Kit)


#: Invisible characters. Some turn the direction of the text beside them, so that the text looks different from what it
#: is. Others have no width and could hide an identifier between its digits.
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def visible(text: str) -> str:
    """Return the text without invisible characters, except joiners, which some scripts and emoji need."""
    return _INVISIBLE.sub("", text)


def accept_line(text: str, *, field: str, missing: str, today: date) -> str:
    """Return a text as one line with single spaces.

    Raise Mistake if the text is empty (with the sentence `missing`), is too long, or identifies a person.
    """
    text = " ".join(visible(text).split())
    return _accept(text, field, missing, MAX_LINE, today)


def accept_reason(text: str, *, today: date) -> str:
    """Return the reason for a change to the diary, as one line.

    Raise Mistake if the reason is empty, too long or identifies a person.
    """
    return accept_line(text, field="reason", missing="Please say why. I'll tell members the reason.", today=today)


def accept_text(text: str, *, field: str, missing: str, today: date) -> str:
    """Return a text of several lines, trimmed. Raise Mistake if the text is too long or identifies a person.

    An empty text is refused with the sentence `missing`, unless that sentence is empty too.
    """
    return _accept(visible(text).strip(), field, missing, MAX_TEXT, today)


#: How a person states why an identifier must stay: the statement stays with the text, for every reader to see.
_KEPT_BECAUSE = re.compile(
    r"[\[({\u2013\u2014-]?\s*\bkept\s+because\b[:,]?\s+(?P<reason>[^\])}]*\w[^\])}]*)[\])}]?[\s.!]*$", re.IGNORECASE
)


def _accept(text: str, field: str, missing: str, limit: int, today: date) -> str:
    if not text and missing:
        raise Mistake(missing, field=field)
    if len(text) > limit:
        raise Mistake(
            f"Your text has {len(text):,} characters, but at most {limit:,} fit. Please shorten it.", field=field
        )
    stated = _KEPT_BECAUSE.search(text)
    refuse_identifiers(text, field=field, because=stated["reason"] if stated else None, today=today)
    return text


_NO_ROOM: Final = frozenset(
    [
        *("online", "teams", "ms teams", "microsoft teams", "zoom", "webex", "google meet", "skype"),
        *("virtual", "virtually", "remote", "remotely", "hybrid", "video call", "video conference", "conference call"),
        *("phone", "telephone", "tbc", "tba", "to be confirmed", "to be announced", "various"),
    ]
)


def room_of(venue: str) -> str | None:
    """Return a room's name in one spelling, for comparison, or None for a venue such as "online"."""
    plain = " ".join(venue.casefold().replace("(", " ").replace(")", " ").split()).strip(" .")
    words = plain.removeprefix("via ").removeprefix("on ").removeprefix("by ").removesuffix(" meeting")
    if not plain or {plain, words} & _NO_ROOM or plain.startswith(("http://", "https://", "online", "teams ")):
        return None
    return plain


MAX_VENUE: Final = 200  # characters: what the column takes

#: The address of a call. Its digits belong to the call, and could be mistaken for other numbers.
_LINK: Final = re.compile(r"https?://\S+|(?<![\w@.])[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_DASHES: Final = "\u2010-\u2015-"
_WORD: Final = re.compile(rf"[\w/{_DASHES}]+")
#: Case numbers as agencies write them: HAV-001, SAMPLE0012, LCS/2026/0012, 26-0012, 1234567. Numbers of rooms and
#: houses don't match: B12, LG-101, 4/12, 101/102, 1024.
_CASE_NUMBER: Final = re.compile(
    rf"(?=.*[a-z])(?:.*[0-9]{{4}}.*|[a-z]{{3,}}[/{_DASHES}][0-9]{{3}}.*)"
    rf"|(?:20)?[0-9]{{2}}[/{_DASHES}][0-9]{{4,}}|[0-9]{{7,}}",
    re.IGNORECASE,
)
_CASE_NUMBER_IN_LINK: Final = re.compile(rf"(?<=[/=])[a-z]{{2,}}[{_DASHES}][0-9]{{3,}}(?=[/?&#]|$)", re.IGNORECASE)


_OF_PLACES: Final = frozenset({POSTCODE, ADDRESS, SCHOOL, "vehicle registration"})


def accept_venue(text: str, *, field: str, today: date | None = None) -> str:
    """Return the venue with single spaces, or an empty string if none is given. The venue may contain a postcode.

    Raise Mistake if the venue has more than 200 characters, or seems to identify a person or a case. A county file is
    read without `today`. Then only dates up to 2021 count as dates of birth.
    """
    venue = " ".join(visible(text).split())
    if len(venue) > MAX_VENUE:
        raise Mistake(
            f"The venue has {len(venue)} characters, but at most {MAX_VENUE} fit. Please shorten it.", field=field
        )
    words = _LINK.sub(" ", venue)
    found = tuple(one for one in find_identifiers(words, today=today) if one.kind not in _OF_PLACES)
    if found:
        raise Mistake(
            f"This venue looks as if it contains {kinds_in_words(found)}, and people's calendars show the venue. "
            'Give the venue alone, such as "Council offices, room 2".',
            field=field,
        )
    numbered = any(_CASE_NUMBER.fullmatch(word.strip("/-")) for word in _WORD.findall(words))
    if numbered or _CASE_NUMBER_IN_LINK.search(venue):
        raise Mistake(
            "This venue looks as if it contains a case reference, and people's calendars show the venue. Leave it out: "
            'if it is a room, write its number apart, such as "room CH 1012".',
            field=field,
        )
    return venue
