"""The pages of a list in chat. *Previous* and *Next* show another page in place of the one with the button.

How many rows fit a page depends on the length of their text. So a button's value says where the earlier pages began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.errors import OutOfDate
from bot.records.access.queries import Where
from bot.slack.blocks import button, buttons, context
from bot.slack.request import Block, Request, number_of, the_panel
from bot.store.rows import Page

#: The most rows read for one page of each list. As many of them are shown as fit.
ACTIONS, LINES, PANELS, FLAGS, HEARINGS, TO_CONFIRM = 24, 40, 20, 10, 10, 20
_Row = TypeVar("_Row")
_REMEMBERED: Final = 20  # what a button can carry of the pages before it


@dataclass(frozen=True, slots=True)
class Starts:
    """The number of the first row of each page of a list, up to the page shown. Rows are counted from 0."""

    rows: tuple[int, ...] = (0,)

    @classmethod
    def read(cls, text: str) -> "Starts":
        """Return the Starts that `str` wrote as `text`. For an empty text, return the Starts of the first page.

        Raise OutOfDate if `text` is malformed.
        """
        return cls(tuple(map(number_of, text.split(".")))) if text else cls()

    @property
    def first(self) -> int:
        """Return the number of the row with which the page shown begins."""
        return self.rows[-1]

    def page(self, most: int) -> Page:
        """Return the page to read, with at most `most` rows."""
        return Page(self.first, most, self.rows[:-1])

    def at(self, first: int) -> "Starts":
        """Return the Starts of a list that became shorter, with row `first` as the start of the page shown."""
        return self if first == self.first else Starts((*(row for row in self.rows if row < first), first))

    def __str__(self) -> str:
        return ".".join(str(row) for row in self.rows[-_REMEMBERED:])


FIRST: Final = Starts()


def meant(request: Request) -> tuple[Where, Starts]:
    """Return the panel and page of the clicked button or, after a typed command, the typed panel and the first page."""
    if request.clicked is None:
        return the_panel(request), FIRST
    panel_key, starts = taken(request.value)
    return Where(panel_key=panel_key), starts


def taken(value: str) -> tuple[str, Starts]:
    """Return the subject and page in the value of a button made by `turning`. Raise OutOfDate for a malformed value."""
    about, _, starts = value.rpartition("|")
    if not starts:
        raise OutOfDate
    return about, Starts.read(starts)


def turning(action: str, about: str, starts: Starts, shown: int, count: int) -> Sequence[Block]:
    """Return the *Previous* and *Next* buttons and the row numbers shown, or nothing if the list fits one page."""
    first = starts.first
    if shown >= count:
        return ()
    previous = button("Previous", action, f"{about}|{Starts(starts.rows[:-1] or (0,))}")
    following = button("Next", action, f"{about}|{Starts((*starts.rows, first + shown))}")
    return _turner(first, first + shown, count, previous, following)


def _turner(first: int, end: int, count: int, back: Block, on: Block) -> Sequence[Block]:
    """Return a line such as "11 to 20 of 25", with the button `back` if rows come before it and `on` if rows follow."""
    turn = [*([back] if first else []), *([on] if end < count else [])]
    return context(f"{first + 1} to {end} of {count}"), buttons(*turn)


def page_of(rows: Sequence[_Row], number: int, most: int) -> tuple[int, Sequence[_Row]]:
    """Return the number of the first row on a page, and the page's rows. Pages and rows are counted from 0.

    If `number` is too high, return the last page.
    """
    first = min(max(0, number), max(0, (len(rows) - 1) // most)) * most
    return first, rows[first : first + most]


def earlier_later(action: str, about: object, count: int, first: int, most: int) -> Sequence[Block]:
    """Return the *Earlier* and *Later* buttons for a list in pages of `most` rows, or nothing if it fits one page."""
    if count <= most:
        return ()
    earlier = button("Earlier", action, f"{about}:{first // most - 1}")
    later = button("Later", action, f"{about}:{first // most + 1}")
    return _turner(first, min(count, first + most), count, earlier, later)
