"""How long an agenda takes, and by how much it is too long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Timed(Protocol):
    """One line of an agenda with its minutes."""

    @property
    def section(self) -> str:
        """Key of its section."""

    @property
    def minutes(self) -> int:
        """Allotted to it."""


@dataclass(frozen=True, slots=True)
class Overrun:
    """By how much an agenda exceeds its meeting, and which section weighs most."""

    minutes: int
    length: int  #: of the meeting
    heaviest: str  #: title of the section
    heaviest_minutes: int

    @property
    def words(self) -> str:
        """The sentence that chat and paper share."""
        more, booked, most = (length_words(count) for count in (self.minutes, self.length, self.heaviest_minutes))
        return (
            f"{more[:1].upper()}{more[1:]} more than the {booked} of the meeting. Most goes to {self.heaviest}: {most}."
        )


def overrun_of(items: Iterable[Timed], length: int, titles: Mapping[str, str]) -> Overrun | None:
    """What exceeds the meeting's length in minutes; None when everything fits. `titles` names the sections by key."""
    shares: dict[str, int] = {}
    for item in items:
        shares[item.section] = shares.get(item.section, 0) + item.minutes
    more = sum(shares.values()) - length
    if more <= 0:
        return None
    heaviest = max(shares, key=lambda key: shares[key])  # the first of equals
    return Overrun(more, length, titles.get(heaviest, heaviest), shares[heaviest])


def length_words(minutes: int) -> str:
    """`150` as "2 hours 30 minutes"."""
    if not minutes:
        return "no minutes"
    hours, rest = divmod(minutes, 60)
    words = [f"{hours} {'hour' if hours == 1 else 'hours'}"] if hours else []
    words += [f"{rest} {'minute' if rest == 1 else 'minutes'}"] if rest else []
    return " ".join(words)
