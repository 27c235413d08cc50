"""Turning the pages of a list where it stands: how many rows there are in all, Previous and Next.

How much fits on a page depends on what people wrote, so a page's buttons carry where the pages before it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.slack.blocks import button, buttons, context
from bot.slack.request import Block
from bot.store.rows import Page

#: How many rows are asked for at once; as many of them are shown as fit.
ACTIONS, LINES, PANELS, FLAGS, HEARINGS, TO_CONFIRM = 24, 40, 20, 10, 10, 20
_REMEMBERED: Final = 20  # what a button can carry of the pages before it


@dataclass(frozen=True, slots=True)
class Starts:
    """Where the pages up to the one that is shown begin, from 0."""

    rows: tuple[int, ...] = (0,)

    @classmethod
    def read(cls, text: str) -> "Starts":
        """Return what `text` says, as `str` wrote it; the first page for anything else."""
        numbers = text.split(".")
        return cls(tuple(map(int, numbers))) if all(map(str.isdecimal, numbers)) else cls()

    @property
    def first(self) -> int:
        """The row with which the page begins."""
        return self.rows[-1]

    def page(self, most: int) -> Page:
        """Return the page to be read, of at most so many rows."""
        return Page(self.first, most, self.rows[:-1])

    def at(self, first: int) -> "Starts":
        """Return these for a page that begins there, since the list has become shorter meanwhile."""
        return self if first == self.first else Starts((*(row for row in self.rows if row < first), first))

    def __str__(self) -> str:
        return ".".join(str(row) for row in self.rows[-_REMEMBERED:])


FIRST: Final = Starts()


def taken(value: str) -> tuple[str, Starts]:
    """What a button of `turning` is about, and the page that it leads to."""
    about, _, starts = value.rpartition("|")
    return about, Starts.read(starts)


def turning(action: str, about: str, starts: Starts, shown: int, count: int) -> Sequence[Block]:
    """Previous and Next under a list that does not fit on one page, and how many rows there are in all."""
    first = starts.first
    if shown >= count:
        return ()
    turn = []
    if first:
        turn.append(button("Previous", action, f"{about}|{Starts(starts.rows[:-1] or (0,))}"))
    if first + shown < count:
        turn.append(button("Next", action, f"{about}|{Starts((*starts.rows, first + shown))}"))
    return context(f"{first + 1} to {first + shown} of {count}"), buttons(*turn)
