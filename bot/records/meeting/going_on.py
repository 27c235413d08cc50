"""Moving an open meeting from one item to the next: the order of items, who moved on last, and which cases escalate."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import col, select

from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.people import Person
from bot.models.vocabulary import DecisionKind
from bot.records.access.queries import Standing
from bot.records.cases.decisions import STANDS
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: If two people ask for the next item within this time, they mean the same step.
JUST_NOW: Final = timedelta(seconds=5)
_RECENT: Final = 50  # more audit entries than one panel writes in that time


class Leaving(StrEnum):
    """What happens to the current item when a meeting moves on to the next."""

    HEARD = "heard"  # discussed; a case without a decision stays pending
    LATER = "later"  # put off until after the others
    SKIPPED = "skipped"  # not reached, unless a person goes back to it by its number


def turn_of(item: AgendaItem) -> tuple[int, int]:
    """Return the sort key of an item in an open meeting. Items that were put off come last."""
    return item.put_off or 0, item.position


def just_moved_by(work: Work, standing: Standing, meeting: Meeting) -> str | None:
    """Return the name of another person who moved the meeting on within the last five seconds, or None.

    Return None also if the asker has moved the meeting since then, or was already told of the other person's move.
    """
    entries = select(AuditEntry).where(col(AuditEntry.panel_id) == standing.panel_id)
    for entry in work.session.exec(entries.order_by(col(AuditEntry.id).desc()).limit(_RECENT)):
        is_move = (entry.verb, entry.noun, entry.noun_id) == ("next", "meeting", meeting.id)
        if not is_move or work.now - entry.at >= JUST_NOW:
            continue
        if entry.actor_id == standing.actor.person_id:
            return None
        if entry.outcome == "done":
            return work.session.get_one(Person, entry.actor_id).name
    return None


def sent_up(work: Work, lines: Sequence[AgendaItem]) -> dict[int, int]:
    """Return the cases that the meeting decided to escalate, as a dict from agenda item id to case id."""
    rows = work.session.execute(
        select(Decision.item_id, Flag.case_id)
        .join(AgendaItem, col(AgendaItem.id) == col(Decision.item_id))
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id))
        .where(
            col(Decision.item_id).in_([id_of(line) for line in lines]),
            col(Decision.kind) == DecisionKind.ESCALATE,
            STANDS,
        )
    )
    return {item_id: case_id for item_id, case_id in rows}  # noqa: C416 - rows
