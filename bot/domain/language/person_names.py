"""Names of people that were typed instead of picked in Slack: "@farah", "@farah.siddiqi", "Farah Siddiqi"."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.language.agency_names import plain_name, with_name_hyphens
from bot.domain.language.day_words import any_of

MENTION: Final = r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>"
_ANY: Final = r"(?<![\w<.@/])@(?P<any>[A-Za-z][\w.'\u2019-]*)"
_OWNS: Final = r"(?:['\u2019]s)?"
#: What joins two people who are named together: "Sam and Lee", "Sam as well as Lee", "Sam (with Lee".
JOINS_NAMES: Final = (
    r"\s*(?:[,/+(]|&amp;|&|\b(?:and|plus|also|with|n|as\s+well\s+as|(?:together|along|jointly)\s+with|alongside)\b)"
    r"(?:\s*(?:[,/+(]|&amp;|&)|\s*\b(?:and|plus|also|with|then|jointly)\b)*\s*"
)
_TO_DO: Final = r"\)?(?=\s*[:\u2013\u2014-]|\s+\w)"
_SHORTEST: Final = 3  #: letters of a surname, or of a handle made from a name


@dataclass(frozen=True, slots=True)
class TypedPeople:
    """A text in which each typed name that means one person is replaced by a mention.

    `unsure` is the first name that several people share, with their Slack users. `unknown` is the first "@name" that
    fits nobody.
    """

    text: str
    unsure: tuple[str, tuple[str, ...]] | None = None
    unknown: str = ""


def mention_typed(text: str, people: Mapping[str, str], *, after: str | None = None) -> TypedPeople:
    """Return a text with mentions in place of typed names. `people` maps each Slack user to a name.

    A name after "@" is replaced anywhere. A name without "@" is replaced only after a match of the pattern `after`, and
    nowhere if `after` is None.
    """
    called = _called(people)
    unsure: list[tuple[str, tuple[str, ...]]] = []
    unknown: list[str] = []

    def mentioned(found: re.Match[str]) -> str:
        name, lead = found["who"] or found["bare"], found["lead"] or ""
        if not name:
            unknown.append(f"@{found['any'].rstrip('.')}")
            return found[0]
        users = called[plain_name(name)]
        if len(users) > 1:
            unsure.append((found[0].removeprefix(lead), users))
            return found[0]
        return f"{lead}<@{users[0]}>"

    # The text keeps its length, so positions stay the same.
    typed = with_name_hyphens(text, people.values()).replace("\u2019", "'")
    made, at = "", 0
    for found in _pattern(called, after).finditer(typed):
        made += text[at : found.start()] + mentioned(found)
        at = found.end()
    return TypedPeople(made + text[at:], unsure[0] if unsure else None, unknown[0] if unknown else "")


def mention_first(text: str, people: Mapping[str, str]) -> str:
    """Return a text with the people named at its beginning replaced by mentions.

    An example is "Nurse and Matron to ring the school", with or without "to". A text that does not begin with several
    people is returned unchanged.
    """
    called = {name: users[0] for name, users in _called(people).items() if len(users) == 1}
    if not called:
        return text
    one = rf"(?:{MENTION}|@?{_names(called)})"
    text = with_name_hyphens(text, people.values())
    found = re.match(rf"\s*{one}(?:{JOINS_NAMES}{one})+{_TO_DO}", text.replace("\u2019", "'"), re.IGNORECASE)
    if found is None:
        return text
    names = re.compile(rf"(?<![\w<@|])@?(?P<who>{_names(called)})(?!\w)", re.IGNORECASE)
    first = re.sub(JOINS_NAMES, ", ", found[0], flags=re.IGNORECASE)
    parts = re.split(rf"({MENTION})", first)
    made = [
        part if part.startswith("<@") else names.sub(lambda name: f"<@{called[plain_name(name['who'])]}>", part)
        for part in parts
    ]
    return "".join(made) + text[found.end() :]


def _pattern(called: Mapping[str, tuple[str, ...]], after: str | None) -> re.Pattern[str]:
    names = _names(called)
    bare = _names(name for name in called if _is_said(name))
    said = rf"|(?P<lead>{after})(?P<bare>{bare}){_OWNS}(?![\w-])" if after is not None else "|(?P<lead>(?!))(?P<bare>)"
    return re.compile(rf"(?<![\w<.@/])@(?P<who>{names}){_OWNS}(?![\w-]){said}|{_ANY}", re.IGNORECASE)


def _names(called: Iterable[str]) -> str:
    names = [re.escape(name).replace(r"\ ", r"\s+") for name in called]
    return f"(?:{any_of(names)})" if names else "(?!)"


def _is_said(name: str) -> bool:
    """Return whether a name may be typed without "@". A name with a dot or an underscore is a handle, which needs the
    "@".
    """
    return re.fullmatch(r"[^._]+", name) is not None


def _called(people: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the Slack users for each full name, first name and handle. A full name takes precedence over a handle."""
    whole, parts = dict[str, set[str]](), dict[str, set[str]]()
    for user, name in people.items():
        whole.setdefault(plain_name(name), set()).add(user)
        whole.setdefault(plain_name(name.replace("-", " ")), set()).add(user)
        for part in {*_parts_of(plain_name(name)), *with_initial(plain_name(name))}:
            parts.setdefault(part, set()).add(user)
            parts.setdefault(part.replace("-", " "), set()).add(user)
    return {name: tuple(sorted(users)) for name, users in (parts | whole).items()}


def with_initial(name: str) -> tuple[str, ...]:
    """Return the first name with the surname's initial: "Sam C." and "Sam C".

    A bare "a" or "i" is left out, since it is a word too: "give Sam a call".
    """
    first, *others = name.split()
    initial = others[-1][0] if others else ""
    return tuple(f"{first} {one}" for one in (f"{initial}.", initial) if initial and one.lower() not in ("a", "i"))


def _parts_of(name: str) -> set[str]:
    first, *others = name.split(" ")
    if not others:
        return set()
    last = others[-1]
    handles = {f"{first}{mark}{last}" for mark in (".", "_", "-", "")}
    handles |= {f"{first[0]}{last}", f"{first[0]}.{last}", f"{first}{last[0]}", f"{first}.{last[0]}", last}
    return {first, *(part for part in handles if len(part) >= _SHORTEST)}
