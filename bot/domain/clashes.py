"""When two meetings get in each other's way: what counts as a room, and the nearest times that are free."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Final

from bot.domain.working_days import ONE_DAY, is_working_day

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
