"""The pages of a list, turned in place: Previous, Next, and how many rows there are in all.

How much fits on a page depends on what people wrote, so a page's buttons carry where the pages before it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.errors import OutOfDate
from bot.records.access.queries import Where
from bot.slack.blocks import button, buttons, context
from bot.slack.request import Block, Request, number_of, the_panel
from bot.store.rows import Page

#: How many rows are asked for at once; as many of them are shown as fit.
ACTIONS, LINES, PANELS, FLAGS, HEARINGS, TO_CONFIRM = 24, 40, 20, 10, 10, 20
_Row = TypeVar("_Row")
_REMEMBERED: Final = 20  # what a button can carry of the pages before it


@dataclass(frozen=True, slots=True)
class Starts:
    """The beginnings, counted from 0, of the pages up to the one shown."""

    rows: tuple[int, ...] = (0,)

    @classmethod
    def read(cls, text: str) -> "Starts":
        """Return the pages that `text` stands for, as `str` wrote it, or the first page if it is empty.

        Raises OutOfDate.
        """
        return cls(tuple(map(number_of, text.split(".")))) if text else cls()

    @property
    def first(self) -> int:
        """Return the row with which the page begins."""
        return self.rows[-1]

    def page(self, most: int) -> Page:
        """Return the page to be read, of at most so many rows."""
        return Page(self.first, most, self.rows[:-1])

    def at(self, first: int) -> "Starts":
        """Return the same pages with the last one beginning there, after the list has become shorter."""
        return self if first == self.first else Starts((*(row for row in self.rows if row < first), first))

    def __str__(self) -> str:
        return ".".join(str(row) for row in self.rows[-_REMEMBERED:])


FIRST: Final = Starts()


def meant(request: Request) -> tuple[Where, Starts]:
    """Return the panel and page that are meant: those of a button, or the typed panel and its first page."""
    if request.clicked is None:
        return the_panel(request), FIRST
    panel_key, starts = taken(request.value)
    return Where(panel_key=panel_key), starts


def taken(value: str) -> tuple[str, Starts]:
    """Return the subject and page of a button of `turning`. Raise OutOfDate for anything else."""
    about, _, starts = value.rpartition("|")
    if not starts:
        raise OutOfDate
    return about, Starts.read(starts)


def turning(action: str, about: str, starts: Starts, shown: int, count: int) -> Sequence[Block]:
    """Return Previous and Next under a list that does not fit on one page, and how many rows there are in all."""
    first = starts.first
    if shown >= count:
        return ()
    previous = button("Previous", action, f"{about}|{Starts(starts.rows[:-1] or (0,))}")
    following = button("Next", action, f"{about}|{Starts((*starts.rows, first + shown))}")
    return _turner(first, first + shown, count, previous, following)


def _turner(first: int, end: int, count: int, back: Block, on: Block) -> Sequence[Block]:
    """Return which rows are shown out of how many, and the buttons that lead to others."""
    turn = [*([back] if first else []), *([on] if end < count else [])]
    return context(f"{first + 1} to {end} of {count}"), buttons(*turn)


def page_of(rows: Sequence[_Row], number: int, most: int) -> tuple[int, Sequence[_Row]]:
    """Return where page `number` begins, and its rows. A page beyond the last is the last."""
    first = min(max(0, number), max(0, (len(rows) - 1) // most)) * most
    return first, rows[first : first + most]


def earlier_later(action: str, about: object, count: int, first: int, most: int) -> Sequence[Block]:
    """Return Earlier and Later under a list with pages of equal length, and how many rows there are in all."""
    if count <= most:
        return ()
    earlier = button("Earlier", action, f"{about}:{first // most - 1}")
    later = button("Later", action, f"{about}:{first // most + 1}")
    return _turner(first, min(count, first + most), count, earlier, later)
