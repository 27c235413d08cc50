"""Who holds an action, as a message says it: "ACTION: Farah to ring the school", "Farah Siddiqi – ring the school"."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.language.agency_names import plain_name
from bot.domain.language.day_words import any_of

_IS_TO: Final = r"(?:\s+(?:(?:is|are)\s+)?to\s+|\s+will\s+)"
#: What begins like a name before "to", and may be a person or an agency that nobody here is called.
_SOMEONE: Final = re.compile(
    rf"\s*(?P<who>[A-Z][\w'\u2019-]*(?:\s+(?:[A-Z&][\w'\u2019-]*|and|of|the)){{0,4}}){_IS_TO}(?=[a-z])"
)
_MENTION: Final = re.compile(r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>")
_NOT_A_NAME: Final = frozenset({"we", "i", "you", "they", "please", "need", "happy", "able", "remember"})
_MARKED: Final = re.compile(r"(?<!\w)([*_~])(?=\S)([^\n]+?)(?<=\S)\1(?!\w)")
_LABEL: Final = re.compile(r"\s*(?:actions?|ap|task)\s*[:\u2013\u2014-]\s*", re.IGNORECASE)
_TO: Final = re.compile(r"^\s*[:,\u2013-]?\s*to\s+(?=[a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SaidHolder:
    """The holder of an action as typed, the words without the holder, and any name that nobody has."""

    user_id: str
    text: str
    unplaced: tuple[str, ...] = ()  #: names as they were typed, and the names of further people who were mentioned


def without_marks(text: str) -> str:
    """Return a text without the marks of bold, italics and strike-through around words."""
    return _MARKED.sub(r"\2", text)


def take_label(text: str) -> tuple[bool, str]:
    """Return whether a message says that it is an action, and what follows that. Bold and italics are taken off."""
    unmarked = without_marks(text)
    found = _LABEL.match(unmarked)
    return found is not None, unmarked[found.end() :] if found else unmarked


def take_holder(text: str, people: Mapping[str, str], *, is_action: bool = False) -> SaidHolder:
    """Return who holds the action in a text. `people` are the names of possible holders, by Slack user.

    They are mentioned, or named at the beginning, in full or by a first name that one person has. Of several who are
    mentioned at the beginning the first counts. A mention anywhere else becomes the person's name. If the text is
    known to give an action, first name and surname need no "to" after them.
    """
    first, rest, more = "", text, list[str]()
    while found := re.match(rf"[\s,/+&:]*(?:&amp;|and\s)?\s*{_MENTION.pattern}[\s,:\u2013-]*", rest):
        user, rest = found["user"], rest[found.end() :]
        if not first and (user in people or not people):
            first = user
        else:
            more.append(people.get(user, f"<@{user}>"))
    if not first:
        first, rest = _named_first(rest, people, is_action=is_action)
    if not first and (found := _MENTION.search(rest)) and (found["user"] in people or not people):
        first, rest = found["user"], f"{rest[: found.start()]} {rest[found.end() :]}"
    if not first and not more and (someone := _SOMEONE.match(rest)) and someone["who"].lower() not in _NOT_A_NAME:
        more.append(" ".join(someone["who"].split()))
    rest = _MENTION.sub(lambda one: people.get(one["user"], "\u2026"), rest)
    return SaidHolder(first, " ".join(_TO.sub("", rest, count=1).split()), tuple(dict.fromkeys(more)))


def _named_first(text: str, people: Mapping[str, str], *, is_action: bool) -> tuple[str, str]:
    called = _called(people)
    if not called:
        return "", text
    names = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in called)
    # As many letters as before, so that places stay.
    typed = text.replace("\u2019", "'")
    found = re.match(rf"\s*@?(?P<who>{names})(?:{_IS_TO}|\s*[:,]\s*|\s+[\u2013\u2014-]\s+)(?=\S)", typed, re.IGNORECASE)
    if found is None and is_action:  # "@sam ring the school"
        found = re.match(rf"\s*@(?P<who>{names})\s+(?=\S)", typed, re.IGNORECASE)
    if found is None and is_action and (whole := [name for name in called if " " in name]):
        in_full = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in whole)
        found = re.match(rf"\s*@?(?P<who>{in_full})\s+(?=\S)", typed, re.IGNORECASE)
    return (called[plain_name(found["who"])], text[found.end() :]) if found else ("", text)


def _called(people: Mapping[str, str]) -> dict[str, str]:
    """Return the user for each full or first name that means only one user."""
    meant: dict[str, set[str]] = {}

    def add(names: Iterable[tuple[str, str]]) -> None:
        for name, user in names:
            meant.setdefault(plain_name(name), set()).add(user)

    add((name, user) for user, name in people.items())
    add((name.split(" ")[0], user) for user, name in people.items())
    return {name: min(users) for name, users in meant.items() if len(users) == 1}
