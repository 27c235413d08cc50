"""Finding the item of the open meeting that typed words mean: by number, by case, or as the next case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.language.day_words import listed
from bot.domain.language.references import (
    naming,
    take_item_number,
    without_lead_to_item,
    without_numbers,
    words_like_references,
)
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, WhichItem
from bot.models.vocabulary import ItemState
from bot.records.access.queries import Where
from bot.records.agenda.published import labels_for
from bot.records.meeting.going_on import turn_of
from bot.records.meeting.queries import Line, line_with, lines_of, open_sitting, require_acknowledged
from bot.store.unit_of_work import Work

_NEXT_CASE: Final = re.compile(r"(?:the\s+)?(?:next\s+)?(?:case|child|one)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ItemMeant:
    """The item that typed words mean, if any, and the words that are left."""

    item_id: int | None  #: None for words that mean no item
    number: str | None
    rest: str


def item_meant(work: Work, actor: Actor, where: Where, text: str) -> ItemMeant:
    """Return the item of the open meeting that a text means: "7", "item 7", a case's reference or "next case".

    Raise Mistake if the agenda has no such item. The error is the same for a case that is kept from the person. Raise
    WhichItem if the text names the cases of several items.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.SEE_AGENDA)
    require_acknowledged(work, standing, meeting)
    lines = [line for line in lines_of(work, meeting, actor.person_id) if line.is_readable]
    labels = labels_for(work, actor.person_id, meeting, [line.item for line in lines])
    number, rest = take_item_number(text)
    if number is not None:
        numbered = line_with(work, standing, meeting, lines, number)
        return ItemMeant(numbered.item.id, labels[numbered.item.id], rest)
    named = [(line, found) for line in lines if line.case and (found := naming(line.case.reference).search(text))]
    if len(named) > 1:
        titles = [(line.item.title, labels[line.item.id]) for line, _ in named]
        said = listed([f"{title} is item {label}" for title, label in titles])
        raise WhichItem(f"{said}. Which one is this about?", titles)
    for line, found in named:
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        return ItemMeant(line.item.id, labels[line.item.id], without_lead_to_item(rest))
    if _NEXT_CASE.fullmatch(text):
        at = next((turn_of(line.item) for line in lines if line.item.state is ItemState.CURRENT), (0, 0))
        waiting = [line for line in lines if line.item.state is ItemState.PENDING and line.case is not None]
        waiting.sort(key=lambda line: (turn_of(line.item) <= at, turn_of(line.item)))
        if not waiting:
            raise Mistake("No other case is left. `/meeting next` shows the next item.")
        return ItemMeant(waiting[0].item.id, labels[waiting[0].item.id], "")
    words = [word for word in words_like_references(text) if without_numbers(word) in _alike(lines)]
    if words:
        raise Mistake(f"I can't find {words[0].upper()} on this agenda, or it isn't for you. `/agenda show` lists it.")
    return ItemMeant(None, None, text)


def _alike(lines: Sequence[Line]) -> set[str]:
    return {without_numbers(line.case.reference) for line in lines if line.case is not None}
