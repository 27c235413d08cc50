"""What the minutes say under a heading that follows from cases: those heard urgently, escalated or erased."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import col

from bot.documents.minutes import ItemFacts
from bot.models.meetings import AgendaItem
from bot.models.minutes import MinutesPart
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind
from bot.store.unit_of_work import Work


def fill_headings(
    items: list[ItemFacts], tabled: Sequence[Mapping[str, Any]], labels: Mapping[int | None, str]
) -> None:
    """Put the urgently heard cases and the escalated cases into `items`, under the headings that list them."""
    _table(items, tabled, labels)
    _name_sent_up(items)


def _table(items: list[ItemFacts], tabled: Sequence[Mapping[str, Any]], labels: Mapping[int | None, str]) -> None:
    """Put the cases that were heard urgently into `items`, under the heading "matters arising".

    If `items` lacks the heading, because only some cases are read, the heading is added with these cases alone.
    """
    if not tabled:
        return
    words, first = tuple(one["tabled"] for one in tabled), tabled[0]
    for at, item in enumerate(items):
        if item.key == first["key"]:
            items[at] = item.model_copy(update={"tabled": words})
            return
    number, title = labels.get(first["under"], ""), first["title"]
    items.append(ItemFacts(number=number, key=first["key"], section=title, title=title, tabled=words))


def _name_sent_up(items: list[ItemFacts]) -> None:
    """Put the cases that the meeting escalated into `items`, under the heading that lists them.

    `items` has the cases that the reader may read, so that the list names no other.
    """
    named = tuple(
        f"item {item.number}, {item.title}{' (closed item)' if item.is_closed_item else ''}"
        for item in items
        if any(one.kind is DecisionKind.ESCALATE for one in item.decisions)
    )
    for at, item in enumerate(items):
        if item.lists_sent_up:
            items[at] = item.model_copy(update={"sent_up": named})


def headings_of(work: Work, panel: Panel, parts: Sequence[MinutesPart]) -> dict[int | None, tuple[str, str]]:
    """Return a dict from item id to the section key and the title of the item's heading."""
    titles = {section.key: section.title for section in work.definition(panel.definition).agenda}
    lines = work.find_all(AgendaItem, col(AgendaItem.id).in_({part.item_id for part in parts}))
    return {line.id: (line.section, titles.get(line.section, line.title)) for line in lines}


def removed_item(
    part: MinutesPart,
    labels: Mapping[int | None, str],
    erased: Mapping[int | None, date],
    headings: Mapping[int | None, tuple[str, str]],
) -> ItemFacts:
    """Return what is left of an item whose case was erased: its number, its heading and the day of the erasure."""
    key, section = headings.get(part.item_id, ("", ""))
    return ItemFacts(
        number=labels.get(part.item_id, ""),
        key=key,
        section=section,
        title="Removed case",
        removed_on=erased.get(part.case_id),
    )
