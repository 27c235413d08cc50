"""Cases that are before a panel: flagged to the panel, or with an action that the panel follows."""

import re

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import col, select

from bot.domain.language.references import (
    bare_digits,
    is_shaped,
    shape_of,
    squeezed,
    without_numbers,
    words_like_bare_digits,
    words_like_references,
)
from bot.domain.permissions import Actor, Verb
from bot.errors import NotAllowed, NotForYou
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.vocabulary import FlagState
from bot.records.access.queries import Standing, Where, find_panel, panels_where, readable
from bot.records.cases.queries import IS_HEARD, IS_OWED
from bot.records.cases.references import is_meant
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def case_before(work: Work, panel_id: int, reference: str, *conditions: ColumnElement[bool]) -> Case:
    """Return the case with this reference that was flagged to the panel and meets the SQL `conditions` on Case.

    Raise NotForYou if there is none.
    """
    sought = reference.strip().upper()
    of_panel = select(Flag.case_id).where(col(Flag.panel_id) == panel_id)
    query = select(Case).where(is_meant(sought), col(Case.id).in_(of_panel), *conditions)
    case = work.session.exec(query).first()
    if case is None:
        raise NotForYou(f"case {sought}")
    return case


def cases_named(work: Work, panel_id: int, reader_id: int, text: str) -> list[Case]:
    """Return the cases whose references occur in a text, in the order of the text.

    The cases must have been flagged to the panel, and the reader must be allowed to read them. A reference may have a
    space or nothing in place of its hyphen. Raise NotForYou if a word looks like a reference of this panel but is not
    the reference of such a case.
    """
    words, digits = words_like_references(text), words_like_bare_digits(text)
    if not words and not digits:
        return []
    of_panel = select(Flag.case_id).where(col(Flag.panel_id) == panel_id)
    rows = work.session.execute(
        select(col(Case.id), col(Case.reference)).where(col(Case.id).in_(of_panel), readable(reader_id))
    )
    known = {squeezed(reference): (number, reference) for number, reference in rows}
    alike = {without_numbers(reference) for reference in known}
    shapes = {shape_of(reference) for _, reference in known.values()}
    found = dict[int, None]()
    for word in words:
        if (case := known.get(squeezed(word))) is not None:
            found.setdefault(case[0])
        elif without_numbers(word) in alike or is_shaped(_as_written(word), shapes):
            found.setdefault(id_of(case_before(work, panel_id, _as_written(word), readable(reader_id))))
    alone = {bare: number for number, reference in known.values() if (bare := bare_digits(reference))}
    for bare in digits:
        if bare in alone:
            found.setdefault(alone[bare])
    return [work.session.get_one(Case, number) for number in found]


def _as_written(word: str) -> str:
    return re.sub(r"[\s\u2010-\u2015]", "-", word)


def case_of_chair(work: Work, actor: Actor, where: Where, reference: str, otherwise: str) -> tuple[Standing, Case]:
    """Return the person's standing as chair or vice-chair of a panel, and the case with this reference.

    The panel must hear the case, or have an action on it that is not accepted yet. Raise NotForYou if there is no such
    case that they may read. Raise NotAllowed, with the sentence `otherwise`, if they are neither chair nor vice-chair.
    """
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    if not standing.may(Verb.CLOSE_ITEMS):
        raise NotAllowed(otherwise)
    is_heard = exists().where(col(Flag.case_id) == col(Case.id), col(Flag.panel_id) == standing.panel_id, IS_HEARD)
    # A flag may be withdrawn while an action is still owed. The panel's chair goes on deciding who may see the case.
    is_owed = exists().where(col(Action.case_id) == col(Case.id), col(Action.panel_id) == standing.panel_id, IS_OWED)
    on_panel = or_(is_heard, is_owed)
    return standing, case_before(work, standing.panel_id, reference, readable(actor.person_id), on_panel)


def case_of_theirs(work: Work, actor: Actor, reference: str) -> Case:
    """Return the case with this reference, if the person may read it and it is before a panel where they read cases.

    A flag that was withdrawn doesn't count, but an action does. Raise NotForYou if there is no such case.
    """
    panels = [id_of(panel) for panel in panels_where(work, actor, Verb.READ_CASES)]
    is_flagged = exists().where(
        col(Flag.case_id) == col(Case.id), col(Flag.panel_id).in_(panels), col(Flag.state) != FlagState.WITHDRAWN
    )
    has_action = exists().where(col(Action.case_id) == col(Case.id), col(Action.panel_id).in_(panels))
    query = select(Case).where(is_meant(reference), readable(actor.person_id), or_(is_flagged, has_action))
    case = work.session.exec(query).first()
    if case is None:
        raise NotForYou(f"case {reference}")
    return case


def is_before(work: Work, case: Case, panel_id: int | None = None) -> bool:
    """Return whether the case has an action, or a flag that is not withdrawn. `panel_id` limits this to one panel."""
    flags = [col(Flag.case_id) == id_of(case), col(Flag.state) != FlagState.WITHDRAWN]
    actions = [col(Action.case_id) == id_of(case)]
    if panel_id is not None:
        flags.append(col(Flag.panel_id) == panel_id)
        actions.append(col(Action.panel_id) == panel_id)
    return work.find(Flag, *flags) is not None or work.find(Action, *actions) is not None
