"""Which panels the bot can run: the active ones whose definition is there; one that has lost its own stands still.

Whatever goes over several panels goes over those that run, so that one that does not stops none of the others.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from bot.models.panels import Panel
from bot.store.unit_of_work import Work


def is_running(work: Work) -> ColumnElement[bool]:
    """The condition on Panel that it has not ended and that there is a definition to run it by."""
    return and_(col(Panel.is_active), col(Panel.definition).in_(sorted(work.definitions)))


def standing_still(session: Session, kinds: Collection[str]) -> list[Panel]:
    """The active panels, by title, that are of none of these kinds."""
    query = select(Panel).where(col(Panel.is_active), col(Panel.definition).not_in(sorted(kinds)))
    return list(session.exec(query.order_by(col(Panel.title), col(Panel.id))))
