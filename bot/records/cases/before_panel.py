"""Cases that are before a panel: they are flagged to it, or an action on them is owed to it."""

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.errors import NotAllowed, NotForYou
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.vocabulary import FlagState
from bot.records.access.queries import Standing, Where, find_panel, readable
from bot.records.cases.queries import IS_HEARD, IS_OWED
from bot.records.cases.references import is_meant
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def case_before(work: Work, panel_id: int, reference: str, *conditions: ColumnElement[bool]) -> Case:
    """Return the case that was put to a panel, under conditions on Case. Raises NotForYou for any other."""
    sought = reference.strip().upper()
    of_panel = select(Flag.case_id).where(col(Flag.panel_id) == panel_id)
    query = select(Case).where(is_meant(sought), col(Case.id).in_(of_panel), *conditions)
    case = work.session.exec(query).first()
    if case is None:
        raise NotForYou(f"case {sought}")
    return case


def case_of_chair(work: Work, actor: Actor, where: Where, reference: str, otherwise: str) -> tuple[Standing, Case]:
    """Return a case that a panel hears or is owed an action on, for its chair if they may read it.

    Raises NotForYou for any other, and NotAllowed, which says `otherwise`, for any reference where they are no chair.
    """
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    if not standing.may(Verb.CLOSE_ITEMS):
        raise NotAllowed(otherwise)
    is_heard = exists().where(col(Flag.case_id) == col(Case.id), col(Flag.panel_id) == standing.panel_id, IS_HEARD)
    # A flag may be withdrawn while something is still to be done: its chair goes on deciding who sees it.
    is_owed = exists().where(col(Action.case_id) == col(Case.id), col(Action.panel_id) == standing.panel_id, IS_OWED)
    on_panel = or_(is_heard, is_owed)
    return standing, case_before(work, standing.panel_id, reference, readable(actor.person_id), on_panel)


def is_before(work: Work, case: Case, panel_id: int | None = None) -> bool:
    """Return whether any panel, or this one, still has the case to hear or is owed an action on it."""
    flags = [col(Flag.case_id) == id_of(case), col(Flag.state) != FlagState.WITHDRAWN]
    actions = [col(Action.case_id) == id_of(case)]
    if panel_id is not None:
        flags.append(col(Flag.panel_id) == panel_id)
        actions.append(col(Action.panel_id) == panel_id)
    return work.find(Flag, *flags) is not None or work.find(Action, *actions) is not None
