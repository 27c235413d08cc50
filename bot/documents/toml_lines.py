"""Where in a TOML file each key stands, so that a fault can name the line an administrator must mend."""

import re

Step = str | int
Place = tuple[Step, ...]

HEADER = re.compile(r"^\s*(\[\[|\[)\s*([^\[\]]+?)\s*(?:\]\]|\])\s*(?:#.*)?$")
ASSIGNMENT = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)$"""
)
TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*|[\[\]{}]')


class TomlLines:
    """The line of every table header and key of a file that `tomllib` has accepted; lines count from 1.

    Keys inside inline tables are not followed: they are found at the line of the key that holds them.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Place, int] = {}
        table: Place = ()
        opened: dict[Place, int] = {}  # how many entries each array of tables has so far
        quote, depth = "", 0
        for number, line in enumerate(text.splitlines(), 1):
            rest = line
            if not quote and not depth:
                if header := HEADER.match(line):
                    table = self._enter(header[1] == "[[", _keys(header[2]), opened)
                    self._lines[table] = number
                    continue
                assignment = ASSIGNMENT.match(line)
                if not assignment:
                    continue
                place = (*table, *_keys(assignment[1]))
                for end in range(len(table) + 1, len(place) + 1):
                    self._lines.setdefault(place[:end], number)
                rest = assignment[2]
            quote, depth = _carry(rest, quote, depth)

    def _enter(self, repeated: bool, names: list[str], opened: dict[Place, int]) -> Place:
        place: Place = ()
        for position, name in enumerate(names):
            place = (*place, name)
            last = position == len(names) - 1
            if last and repeated:
                opened[place] = opened.get(place, 0) + 1
            if place in opened:
                place = (*place, opened[place] - 1)
        return place

    def line(self, place: Place) -> int | None:
        """The line of the place, or of the nearest thing around it that has one."""
        while place:
            if place in self._lines:
                return self._lines[place]
            place = place[:-1]
        return None


def _keys(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r""""[^"]*"|'[^']*'|[^.\s]+""", dotted)]


def _carry(rest: str, quote: str, depth: int) -> tuple[str, int]:
    """What is still open at the end of a line: a multi-line string, or brackets."""
    at = 0
    while at < len(rest):
        if quote:
            end = rest.find(quote, at)
            while quote == '"""' and end > 0 and _escaped(rest, end):
                end = rest.find(quote, end + 1)
            if end < 0:
                return quote, depth
            at, quote = end + 3, ""
            continue
        token = TOKEN.search(rest, at)
        if not token:
            break
        at = token.end()
        if token[0] in ('"""', "'''"):
            quote = token[0]
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
    return quote, depth


def _escaped(text: str, at: int) -> bool:
    before = text[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
