"""Describes the faults of a file that an administrator wrote, in sentences that say what to write instead."""

import difflib
import re
import tomllib
import zoneinfo
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]
Fault = tuple[Place, str]

_TOKEN: Final = re.compile(
    r'''
    (?P<nothing> \s+ | \#[^\n]* )
  | (?P<text> """(?:\\.|[^\\])*?"{3,5}(?!") | \'{3}.*?\'{3,5}(?!\') | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
  | (?P<mark> [\[\]{}=,] )
  | (?P<word> [0-9]{4}-[0-9]{2}-[0-9]{2}[ ][0-9]{2}:[^\s,\]}\#]+ | [^\s\[\]{}=,\#"']+ )
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
    """The line numbers, from 1, of every table header, key and list entry in a TOML file."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Place, int] = {}
        self._tokens = _tokens(text)
        self._token = next(self._tokens, _END)
        table: Place = ()
        opened: dict[Place, int] = {}  # how many entries each array of tables has so far
        while (token := self._token) is not _END:
            if token.said == "[":
                table = self._header(opened)
                self._lines[table] = token.line
            else:
                self._assignment(table)

    def line(self, place: Place) -> int | None:
        """Return the line of a place in the file, such as a key.

        If the place has no line of its own, return the line of the nearest place around it.
        """
        while place:
            if place in self._lines:
                return self._lines[place]
            place = place[:-1]
        return None

    def _take(self) -> _Token:
        token, self._token = self._token, next(self._tokens, _END)
        return token

    def _header(self, opened: dict[Place, int]) -> Place:
        self._take()
        if repeated := self._token.said == "[":
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
        """Return the parts of a dotted key, and skip the character `end` that follows them."""
        names: list[str] = []
        while (token := self._take()) is not _END and token.said != end:
            parts = [token.said.strip("\"'")] if token.said[0] in "\"'" else token.said.split(".")
            names += [part for part in parts if part]
        return names

    def _assignment(self, table: Place) -> None:
        line = self._token.line
        place = (*table, *self._names("="))
        for end in range(len(table) + 1, len(place) + 1):
            self._lines.setdefault(place[:end], line)
        self._value(place)

    def _value(self, place: Place) -> None:
        closing = {"[": "]", "{": "}"}.get(self._take().said)
        index = 0
        while closing and (token := self._token) is not _END:
            if token.said in {",", closing}:
                self._take()
                if token.said == closing:
                    return
            elif closing == "}":
                self._assignment(place)
            else:
                self._lines[(*place, index)] = token.line
                self._value((*place, index))
                index += 1


#: Sentences for pydantic's kinds of fault, filled with the value that was given and pydantic's own details.
SENTENCES: Final = {
    fault: sentence
    for sentence, faults in (
        ("this key is missing and has no default", "missing"),
        ("must be text in quotes, not {given}", "string_type"),
        ("must be a whole number without quotes, not {given}", "int_type int_parsing int_from_float"),
        ("must be true or false, without quotes, not {given}", "bool_type bool_parsing"),
        (
            "must be a date such as 2026-12-08, without quotes, not {given}",
            "date_type date_parsing date_from_datetime_parsing",
        ),
        ("must be a date such as 2026-12-08, without a time, not {given}", "date_from_datetime_inexact"),
        ("must be a list in square brackets, not {given}", "tuple_type list_type"),
        ("must be a table of keys, not {given}", "model_type model_attributes_type dict_type"),
        ("must be at most {max_length} characters long", "string_too_long too_long"),
        ("must be {ge} or more, not {given}", "greater_than_equal"),
        ("must be {le} or less, not {given}", "less_than_equal"),
    )
    for fault in faults.split()
}

PATTERN_WORDS = {
    r"^[a-z][a-z0-9_-]{1,30}$": "2 to 31 small letters, digits, hyphens and underscores, beginning with a letter",
    r"^([01]\d|2[0-3]):[0-5]\d$": 'a time such as "14:00"',
    r"^[a-z0-9_-]+\.docx$": "the name of a Word file in small letters, such as minutes.docx",
}


def syntax_fault(file: str, error: tomllib.TOMLDecodeError, text: str) -> str:
    """Return a sentence about a file that is not TOML, with the line number, what is wrong, and a hint."""
    told = str(error)
    found = re.search(r"\(at line (\d+), column (\d+)\)", told)
    lines = text.splitlines()
    number = int(found[1]) if found else max(1, len(lines))
    what = re.sub(r"\s*\(at .*\)$", "", told)
    hint = _hint(lines[number - 1] if number <= len(lines) else "", what, at_the_end=found is None)
    return f"{file}: line {number}: this is not TOML that can be read ({what[:1].lower()}{what[1:]}); {hint}"


def _hint(line: str, what: str, *, at_the_end: bool) -> str:
    """Return a hint about the most likely cause of this syntax error."""
    key, equals, value = (part.strip() for part in line.partition("="))
    if re.search("[“”„‘’]", line) and "overwrite" not in what:
        return 'use straight quotation marks ("), not curly ones'
    if at_the_end or "nterminated" in what:
        return 'a text that begins with """ must end with """'
    if "overwrite" in what or "twice" in what:
        if equals:
            return f'the key "{key}" is given twice; keep one of the two'
        return "a heading stands here twice; each entry of a list begins with double brackets, such as [[agenda]]"
    if not equals and re.match(r"^\s*[A-Za-z0-9_-]+\s*:", line):
        return "write an equals sign (=) where the colon is"
    bare = value.split("#")[0].strip().strip("\"'")  # a quotation mark at only one end is the likely fault
    if equals and bare.lower() in ("true", "false") and bare != bare.lower():
        return f"true and false are written in small letters, such as {key} = {bare.lower()}"
    if equals and re.match(r"[A-Za-z]|\d+[:.]\d", value) and bare not in ("true", "false"):
        return f'text stands in quotation marks, such as {key} = "{bare[:40]}"'
    if "rray" in what:
        return "entries of a list are separated by commas, and a list ends with a square bracket"
    if "'\\n'" in what:
        return 'a text ends with a quotation mark on its own line; a longer one begins and ends with """'
    return "look for a missing quotation mark, bracket or equals sign"


def plain_faults(error: ValidationError, model: type[BaseModel], patterns: dict[str, str] | None = None) -> list[Fault]:
    """Return the faults that pydantic found, each with its place in the file and a sentence.

    `patterns` maps a regular expression to words that say what it allows.
    """
    words = PATTERN_WORDS | (patterns or {})
    return [
        ((*detail["loc"], *detail.get("ctx", {}).get("place", ())), _sentence(detail, model, words))
        for detail in error.errors(include_url=False)
        # If all entries of a list were refused, pydantic also calls it too short. The entries' own faults are enough.
        if not (detail["type"] == "too_short" and detail["input"])
    ]


def _sentence(detail: ErrorDetails, model: type[BaseModel], patterns: dict[str, str]) -> str:
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind in SENTENCES:
        return SENTENCES[kind].format(given=_shown(given), **context)
    if kind == "extra_forbidden":
        return f"there is no such key{nearest(str(detail['loc'][-1]), _keys_at(model, detail['loc'][:-1]))}"
    if kind in ("enum", "literal_error"):
        allowed = re.findall(r"'([^']+)'", str(context.get("expected", ""))) or [str(context.get("expected"))]
        if len(allowed) == 1:
            return f"must be {allowed[0]} and cannot be changed, not {_shown(given)}"
        return f"{_shown(given)} is not one of {', '.join(allowed)}{nearest(str(given), allowed)}"
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern"))
        return f"must be {patterns.get(pattern, f'written like {pattern}')}, not {_shown(given)}"
    if kind in ("string_too_short", "too_short"):
        least = context.get("min_length", 1)
        if least == 1:
            return "must not be empty"
        return f"must be at least {least} characters long" if isinstance(given, str) else f"needs {least} entries"
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    return detail["msg"][:1].lower() + detail["msg"][1:]


def _shown(given: object) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str):
        return f'"{given if len(given) <= 60 else given[:57] + "…"}"'
    if isinstance(given, dict):
        return "a table"
    if isinstance(given, list | tuple):
        return "a list"
    return str(given)


def nearest(given: str, known: Iterable[str]) -> str:
    """Return `; did you mean "…"?` with the known word closest to `given`, or an empty string if no word is close."""
    words = {word.lower(): word for word in known}
    sought = given.lower()
    found = difflib.get_close_matches(sought, list(words), n=1, cutoff=0.6) or [
        word for word in words if len(sought) > 3 and (sought in word or (len(word) > 2 and sought.startswith(word)))
    ]
    return f'; did you mean "{words[found[0]]}"?' if found else ""


def timezone_fault(name: str) -> str | None:
    """Return a sentence saying that `name` is not an IANA time zone, or None if it is one."""
    known = zoneinfo.available_timezones()
    if name in known:
        return None
    return f'"{name}" is not a time zone{nearest(name, sorted(known)) or "; write one such as Europe/London"}'


def where(file: str, place: Place, lines: TomlLines, raw: Any = None) -> str:
    """Return a place in words, such as `FILE: line 120, people[3] (key "amy-police").agency`.

    Entries of a list count from 1. `raw` is the file's content, from which the keys of entries are taken.
    """
    words, here = "", raw
    for step in place:
        if isinstance(step, str):
            words += f".{step}" if words else step
            here = here.get(step) if isinstance(here, dict) else None
            continue
        words += f"[{step + 1}]"
        here = here[step] if isinstance(here, list) and step < len(here) else None
        if isinstance(here, dict):
            named = (label for label in ("key", "reference", "person") if isinstance(here.get(label), str))
            words += next((f' ({label} "{here[label]}")' for label in named), "")
    line = lines.line(place)
    said = ", ".join(filter(None, (f"line {line}" if line else "", words)))
    return f"{file}: {said}" if said else file


def in_order(file: str, faults: Iterable[Fault], lines: TomlLines, raw: Any = None) -> list[str]:
    """Return the faults in the order of the file, each as `FILE: line N, PLACE: sentence`."""
    ordered = sorted(faults, key=lambda fault: lines.line(fault[0]) or 0)
    return [f"{where(file, place, lines, raw)}: {sentence}" for place, sentence in ordered]


def _keys_at(model: type[BaseModel], place: Place) -> list[str]:
    here: type[BaseModel] | None = model
    for step in place:
        if here is not None and isinstance(step, str) and step in here.model_fields:
            here = _model_in(here.model_fields[step].annotation)
    return [field.alias or name for name, field in here.model_fields.items()] if here is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type(BaseModel)):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
