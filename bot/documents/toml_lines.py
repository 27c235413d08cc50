"""Where in a TOML file each key stands, so that a fault can name the line an administrator must mend."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

Step = str | int
Place = tuple[Step, ...]

_TOKEN: Final = re.compile(
    r'''
    (?P<nothing> [^\S\n]+ | \#[^\n]* )
  | (?P<text> """(?:\\.|[^\\])*?"{3,5}(?!") | \'{3}.*?\'{3,5}(?!\') | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
  | (?P<mark> [\n\[\]{}=,.] )
  | (?P<word> [^\s\[\]{}=,.\#"']+ )
    ''',
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    said: str
    line: int


_END: Final = _Token("", 0)


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for found in _TOKEN.finditer(text):
        if found.lastgroup != "nothing":
            yield _Token(found[0], line)
        line += found[0].count("\n")


class TomlLines:
    """The line of every table header, key and entry of a file that `tomllib` has accepted; lines count from 1."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Place, int] = {}
        self._tokens = list(_tokens(text))
        self._at = 0
        table: Place = ()
        opened: dict[Place, int] = {}  # how many entries each array of tables has so far
        while (token := self._next_beyond_lines()) is not _END:
            if token.said == "[":
                table = self._header(opened)
                self._lines[table] = token.line
            else:
                self._assignment(table)

    def line(self, place: Place) -> int | None:
        """The line of the place, or of the nearest thing around it that has one."""
        while place:
            if place in self._lines:
                return self._lines[place]
            place = place[:-1]
        return None

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _next_beyond_lines(self) -> _Token:
        while self._peek().said == "\n":
            self._at += 1
        return self._peek()

    def _header(self, opened: dict[Place, int]) -> Place:
        self._take()
        repeated = self._peek().said == "["
        if repeated:
            self._take()
        names = self._names("]")
        if repeated:
            self._take()
        place: Place = ()
        for position, name in enumerate(names):
            place = (*place, name)
            if repeated and position == len(names) - 1:
                opened[place] = opened.get(place, 0) + 1
            if place in opened:
                place = (*place, opened[place] - 1)
        return place

    def _names(self, end: str) -> list[str]:
        """The parts of a dotted key, with the mark that ends it taken too."""
        names = []
        while (token := self._take()) is not _END and token.said != end:
            if token.said != ".":
                names.append(token.said.strip("\"'"))
        return names

    def _assignment(self, table: Place) -> None:
        line = self._peek().line
        place = (*table, *self._names("="))
        for end in range(len(table) + 1, len(place) + 1):
            self._lines.setdefault(place[:end], line)
        self._value(place)

    def _value(self, place: Place) -> None:
        first = self._take().said
        if first == "[":
            self._entries(place)
        elif first == "{":
            self._pairs(place)
        else:
            while self._peek().said not in {"", "\n", ",", "]", "}"}:  # 2.5 and 2026-12-08 14:00:00 are several
                self._take()

    def _entries(self, place: Place) -> None:
        index = 0
        while (token := self._next_beyond_lines()) is not _END:
            if token.said in {",", "]"}:
                self._take()
                if token.said == "]":
                    return
                continue
            self._lines[(*place, index)] = token.line
            self._value((*place, index))
            index += 1

    def _pairs(self, place: Place) -> None:
        while (token := self._next_beyond_lines()) is not _END:
            if token.said not in {",", "}"}:
                self._assignment(place)
                continue
            self._take()
            if token.said == "}":
                return
