"""Finding the item of the open meeting that typed words mean: by number, by case, or as the next case."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.language.agency_names import NamedAgency, names_agency_first
from bot.domain.language.day_words import listed
from bot.domain.language.references import (
    item_said_in,
    naming,
    take_item_number,
    with_case_led,
    without_lead_to_item,
    without_numbers,
    words_like_references,
)
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, WhichItem
from bot.models.cases import Case
from bot.models.meetings import Meeting
from bot.models.vocabulary import ItemState
from bot.records.access.queries import Standing, Where
from bot.records.agenda.published import labels_for
from bot.records.meeting.going_on import turn_of
from bot.records.meeting.queries import Line, line_with, lines_of, open_sitting, require_acknowledged
from bot.store.unit_of_work import Work

_NEXT_CASE: Final = re.compile(r"(?:the\s+)?(?:next\s+)?(?:case|child|one)", re.IGNORECASE)
#: "1) Police: … 2) Health: …" numbers the lines of a list, not items.
_SECOND_OF_LIST: Final = re.compile(r"\s\(?2[.)]\s+[^\W\d]")
_FOR_A_CASE: Final = re.compile(r"\s*(?:for|about|on|at|under|re|regarding)\s", re.IGNORECASE)
#: "At 0900": four digits that are a time of day.
_AT_TIME: Final = re.compile(r"\s*(?:at|about)\s+(?:[01][0-9]|2[0-3])[0-5][0-9]\b", re.IGNORECASE)
_FOR: Final = r"(?:(?:for|about|on|at|under|re|regarding|case)\s+)*"
_NAMES_ITEM: Final = re.compile(r"[\s(]*(?:\w+\s+){0,2}(?:agenda\s+)?items?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ItemMeant:
    """The item that typed words name, if any, and the rest of the words."""

    item_id: int | None  #: None for words that mean no item
    number: str | None
    rest: str


def item_meant(work: Work, actor: Actor, where: Where, text: str) -> ItemMeant:
    """Return the item of the open meeting that a text names: "7", "item 7", a case's reference or "next case".

    Raise Mistake if the agenda has no such item. The error is the same for a case that is kept from the person. Raise
    WhichItem if the text names the cases of several items.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.SEE_AGENDA)
    require_acknowledged(work, standing, meeting)
    lines, labels = _numbered_lines(work, standing, meeting)
    number, rest = take_item_number(text)
    if number is not None:
        numbered = line_with(work, standing, meeting, lines, number)
        return ItemMeant(numbered.item.id, labels[numbered.item.id], rest)
    text = with_case_led(text)
    named = [(line, found) for line in lines if line.case and (found := naming(line.case.reference).search(text))]
    if len(named) > 1:
        titles = [(line.item.title, labels[line.item.id]) for line, _ in named]
        said = listed([f"{title} is item {label}" for title, label in titles])
        raise WhichItem(f"{said}. Which one is this about?", titles)
    for line, found in named:
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        return ItemMeant(line.item.id, labels[line.item.id], without_lead_to_item(rest))
    if _NEXT_CASE.fullmatch(text):
        current = _current(lines)
        at = (0, 0) if current is None else turn_of(current.item)
        waiting = [line for line in lines if line.item.state is ItemState.PENDING and line.case is not None]
        waiting.sort(key=lambda line: (turn_of(line.item) <= at, turn_of(line.item)))
        if not waiting:
            raise Mistake("No other case is left. `/meeting next` shows the next item.")
        return ItemMeant(waiting[0].item.id, labels[waiting[0].item.id], "")
    words = [word for word in words_like_references(text) if without_numbers(word) in _alike(lines)]
    if words:
        raise Mistake(f"I can't find {words[0].upper()} on this agenda, or it isn't for you. `/agenda show` lists it.")
    return ItemMeant(None, None, text)


def _numbered_lines(work: Work, standing: Standing, meeting: Meeting) -> tuple[list[Line], dict[int | None, str]]:
    """Return the meeting's lines that the person may read, and a dict from item id to the line's number."""
    lines = [line for line in lines_of(work, meeting, standing.actor.person_id) if line.is_readable]
    return lines, labels_for(work, standing.actor.person_id, meeting, [line.item for line in lines])


def _current(lines: Iterable[Line]) -> Line | None:
    return next((line for line in lines if line.item.state is ItemState.CURRENT), None)


def _alike(lines: Sequence[Line]) -> set[str]:
    return {without_numbers(line.case.reference) for line in lines if line.case is not None}


def item_before_agency(
    work: Work, standing: Standing, meeting: Meeting, text: str, agencies: Sequence[NamedAgency]
) -> tuple[str | None, str]:
    """Read the item at the start of a note, if an agency follows. Return the item's number and the rest of the note.

    Examples are "item 7 Police: …" and "for WEST-0002 Police: …". For other notes, return None and the whole note.
    Raise WhichItem for a bare number ("7 Police: …") that is not the current item's, since it may only number a list.
    """
    number, rest = take_item_number(text)
    if number is None or not names_agency_first(rest, agencies):
        return _item_of_case(work, standing, meeting, text, agencies) if _FOR_A_CASE.match(text) else (None, text)
    if number == "1" and _SECOND_OF_LIST.search(rest):
        return None, text
    lines, labels = _numbered_lines(work, standing, meeting)
    current = _current(lines)
    is_sure = _NAMES_ITEM.match(text) is not None or number not in labels.values()
    if is_sure or current is None or labels[current.item.id] == number:
        return number, rest
    raise _which(line_with(work, standing, meeting, lines, number), number, current, labels[current.item.id])


def _which(other: Line, number: str, current: Line, current_number: str) -> WhichItem:
    return WhichItem(
        f"Is this about item {number}, {other.item.title}, or about {current.item.title}, which is being discussed?",
        ((other.item.title, number), (current.item.title, current_number)),
        field="text",
    )


def refuse_other_item(work: Work, standing: Standing, meeting: Meeting, text: str) -> None:
    """Raise WhichItem if a note for the current item names another item of the agenda, as in "Police (item 7): seen".

    Items kept from the person are not recognised.
    """
    number = item_said_in(text)
    if number is None:
        return
    lines, labels = _numbered_lines(work, standing, meeting)
    current = _current(lines)
    other = next((line for line in lines if labels[line.item.id] == number), None)
    if current is not None and other is not None and other is not current:
        raise _which(other, number, current, labels[current.item.id])


def _item_of_case(
    work: Work, standing: Standing, meeting: Meeting, text: str, agencies: Sequence[NamedAgency]
) -> tuple[str | None, str]:
    """Read the case at the start of a note, if an agency follows. Return its item's number and the rest of the note.

    An example is "for WEST-0002 Police: …". For other notes, return None and the whole note. Raise WhichItem for "at
    0900 – Police: …", where the digits of another item's case may be a time of day.
    """
    lines, labels = _numbered_lines(work, standing, meeting)
    current = _current(lines)
    for line in lines:
        if line.case is not None and (rest := without_own_case(line.case, text, agencies)) != text:
            if _AT_TIME.match(text) and current is not None and current is not line:
                raise _which(line, labels[line.item.id], current, labels[current.item.id])
            return labels[line.item.id], rest
    return None, text


def without_own_case(case: Case, text: str, agencies: Sequence[NamedAgency]) -> str:
    """Remove the case's reference from the beginning of a note, if an agency's name comes next. Return the note."""
    led = with_case_led(text)
    found = re.match(rf"\s*{_FOR}{naming(case.reference).pattern}[\s:,\u2013\u2014-]*", led, re.IGNORECASE)
    return led[found.end() :] if found and names_agency_first(led[found.end() :], agencies) else text
