"""When two meetings get in each other's way: what counts as a room, and the nearest times that are free."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Final

from bot.domain.language.identifiers import POSTCODE, find_identifiers, kinds_in_words, visible
from bot.domain.working_days import ONE_DAY, is_working_day
from bot.errors import Mistake

FREE_TIMES: Final = 3  # enough to choose from, few enough to read
_FURTHEST: Final = 10  # working days to either side
_FIRST_HOUR, _LAST_HOUR = time(9), time(17)  # people's working hours; a meeting ends by the second
_STEP: Final = timedelta(minutes=30)
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


def free_times(
    starts_at: datetime, lasts: timedelta, is_free: Callable[[datetime, datetime], bool], subdivision: str
) -> tuple[datetime, ...]:
    """The nearest free times to a wall-clock time: one on the day itself, the others at that hour on working days."""
    same_day = islice((at for at in _other_hours(starts_at, lasts) if is_free(at, at + lasts)), 1)
    days = (at for at in _other_days(starts_at, subdivision) if is_free(at, at + lasts))
    found = list(same_day) if is_working_day(starts_at.date(), subdivision) else []
    return tuple(sorted([*found, *islice(days, FREE_TIMES - len(found))]))


def _other_hours(starts_at: datetime, lasts: timedelta) -> Iterator[datetime]:
    at = datetime.combine(starts_at.date(), _FIRST_HOUR)
    close = datetime.combine(starts_at.date(), _LAST_HOUR)
    hours = []
    while at + lasts <= close:
        hours.append(at)
        at += _STEP
    yield from sorted((hour for hour in hours if hour != starts_at), key=lambda hour: (abs(hour - starts_at), hour))


def _other_days(starts_at: datetime, subdivision: str) -> Iterator[datetime]:
    before = after = starts_at
    for _ in range(_FURTHEST):
        after += ONE_DAY
        while not is_working_day(after.date(), subdivision):
            after += ONE_DAY
        yield after
        before -= ONE_DAY
        while not is_working_day(before.date(), subdivision):
            before -= ONE_DAY
        yield before


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
