"""Where a panel meets: it is printed into people's calendars outside the bot, so it names a place and no child."""

import re
from typing import Final

from bot.domain.language.identifiers import POSTCODE, find_identifiers, kinds_in_words, visible
from bot.errors import Mistake

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

    Raises Mistake when it is longer than 200 characters, or looks as if it identifies somebody or names a case.
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
