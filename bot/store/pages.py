"""A page of a list: which rows of it are read, and none of the others."""

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select

_Query = TypeVar("_Query", bound=Select[*tuple[object, ...]])


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page begins, from 0, and how many rows it holds at most; without a number, all that follow."""

    first: int = 0
    most: int | None = None
    earlier: tuple[int, ...] = ()  #: where the pages before it began

    def within(self, count: int) -> "Page":
        """Return this page, or the last one of a list that has become shorter meanwhile."""
        if self.first < count or self.first == 0:
            return self
        began = [first for first in self.earlier if first < count]
        if began:
            return Page(began[-1], self.most, tuple(began[:-1]))
        return Page(max(0, count - (self.most or count)), self.most)

    def of(self, query: _Query) -> _Query:
        """Return the query for the rows of this page alone."""
        if self.most is not None:
            query = query.limit(self.most)
        return query.offset(self.first) if self.first else query


WHOLE = Page()
