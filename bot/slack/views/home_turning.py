"""Turning over the parts of App Home, each by itself: how much of each stands on a page, and how far somebody is."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from bot.slack.reply import Block
from bot.slack.views.blocks import button, buttons, context

_T = TypeVar("_T")

#: How many of each part stand on one page; with buttons, headings and lines to turn over at most 100 blocks together.
PANELS, CHAIRED, LATE, DIARY = 6, 5, 9, 8


class Places:
    """How far each part was turned over; kept in the view itself."""

    def __init__(self, given: Mapping[str, int]) -> None:
        self.given = {name: number for name, number in given.items() if number > 0}

    def metadata(self) -> str:
        """What the view carries along of it."""
        parts = ",".join(f'"{name}":{number}' for name, number in sorted(self.given.items()))
        return f'{{"places":{{{parts}}}}}'

    def page(self, part: str, rows: Sequence[_T], most: int) -> tuple[int, Sequence[_T]]:
        """Where the page of a part begins, and what stands on it; the last one there is for one that is no more."""
        first = min(self.given.get(part, 0), max(0, (len(rows) - 1) // most)) * most
        return first, rows[first : first + most]


def turning(part: str, count: int, first: int, most: int) -> list[Block]:
    """Earlier and Later under a part that does not fit on one page."""
    if count <= most:
        return []
    made = []
    if first:
        made.append(button("Earlier", "home.turn", f"{part}:{first // most - 1}"))
    if first + most < count:
        made.append(button("Later", "home.turn", f"{part}:{first // most + 1}"))
    return [context(f"{first + 1} to {min(count, first + most)} of {count}"), buttons(*made)]
