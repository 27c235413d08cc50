"""The named readers of closed items: how people become readers, and when they stop."""

from collections.abc import Collection, Sequence
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, literal, union_all
from sqlalchemy import select as tables_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import ROLES, Verb
from bot.models.cases import AccessEvent, Case, CaseReader, Flag
from bot.models.panels import Membership
from bot.models.vocabulary import AccessChange, FlagState
from bot.records.access.queries import carries
from bot.store.key_ring import Erased
from bot.store.rows import add_rows, id_of, table_of
from bot.store.unit_of_work import Work


def name_readers(work: Work, case_ids: Collection[int], person_ids: Collection[int]) -> list[tuple[int, int]]:
    """Make people named readers of closed items. Return a pair (case id, person id) for each reader who is new."""
    named = work.find_all(CaseReader, col(CaseReader.case_id).in_(case_ids), col(CaseReader.person_id).in_(person_ids))
    new = sorted(set(product(case_ids, person_ids)) - {(one.case_id, one.person_id) for one in named})
    add_rows(work.session, [CaseReader(case_id=case_id, person_id=person_id) for case_id, person_id in new])
    return new


def end_reading(work: Work, case_ids: Collection[int], person_id: int | None = None) -> None:
    """Remove one person from the named readers of these cases, or every named reader if no person is given."""
    theirs = () if person_id is None else (col(CaseReader.person_id) == person_id,)
    work.session.execute(delete(CaseReader).where(col(CaseReader.case_id).in_(case_ids), *theirs))


def end_readings(work: Work, person_id: int) -> None:
    """Remove a person from the named readers of closed items.

    The person stays a reader of cases that are flagged to a panel where they are chair or vice-chair.
    """
    presides = select(Membership.panel_id).where(col(Membership.person_id) == person_id, carries(Verb.TRIAGE, work.now))
    kept = select(Flag.case_id).where(col(Flag.panel_id).in_(presides), col(Flag.state) != FlagState.WITHDRAWN)
    theirs = col(CaseReader.person_id) == person_id
    work.session.execute(delete(CaseReader).where(theirs, col(CaseReader.case_id).not_in(kept)))


def keep_access(
    work: Work, case: Case, panel_id: int, kind: AccessChange, person_id: int | None, by_id: int, reason: str
) -> int:
    """Add a line to the history of who may see a case. Return the line's id.

    Raise Erased if the case's key was destroyed.
    """
    sealed = work.seal(case.data_key_id, reason)
    event = AccessEvent(
        case_id=id_of(case), panel_id=panel_id, kind=kind, person_id=person_id, by_id=by_id, at=work.now, reason=sealed
    )
    work.session.add(event)
    work.session.flush()
    return id_of(event)


def note_access(
    work: Work, case: Case, panel_id: int, kind: AccessChange, person_id: int, by_id: int, reason: str
) -> None:
    """Add a line to the case's history: who may see the case has changed. Tell the person if they became a reader.

    If the case's key was destroyed, nothing is recorded and the new reader is not told.
    """
    try:
        event_id = keep_access(work, case, panel_id, kind, person_id, by_id, reason)
    except Erased:
        return
    if kind is AccessChange.NAMED and person_id != by_id:
        work.tell(person_id, Notice.ACCESS_CHANGED, event_id=event_id)


def end_presiding(work: Work, places: Sequence[Membership], by_id: int | None) -> None:
    """Remove people as readers of the closed items that they could read only because of the ended `places`.

    Only places as chair or vice-chair count. A person stays a reader of a case that they flagged themselves. They also
    stay a reader of a case that is flagged to another panel where they are chair or vice-chair. A person who was a
    named reader of the case before the place began stays one too. `by_id` is the person who ended the places.
    """
    presided = {id_of(place): place for place in places if place.role in ROLES[Verb.TRIAGE]}
    if not presided:
        return
    ended = union_all(*(_read_from(work, place) for place in presided.values())).subquery()
    query = select(ended.c.place_id, Case).join(ended, ended.c.case_id == col(Case.id))
    for place_id, case in work.session.execute(query.order_by(ended.c.place_id, ended.c.case_id)).all():
        place = presided[place_id]
        end_reading(work, [id_of(case)], place.person_id)
        reason = f"Their place as {place.role.label} ended."
        note_access(work, case, place.panel_id, AccessChange.ENDED, place.person_id, by_id or place.person_id, reason)


def _read_from(work: Work, place: Membership) -> Select[Any]:
    """Return the query for the closed items that the person may read only because of this place."""
    person_id = place.person_id
    presides = select(Membership.panel_id).where(col(Membership.person_id) == person_id, carries(Verb.TRIAGE, work.now))
    is_theirs = (col(CaseReader.case_id) == col(Case.id), col(CaseReader.person_id) == person_id)
    return tables_select(literal(id_of(place)).label("place_id"), table_of(Case).c.id.label("case_id")).where(
        col(Case.is_closed),
        exists().where(*is_theirs),
        _is_at(col(Flag.panel_id) == place.panel_id),
        ~_is_at(col(Flag.panel_id).in_(presides)),
        ~_is_at(col(Flag.person_id) == person_id),
        ~_was_named_before(place),
    )


def _is_at(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the SQL condition on Case, true if a flag of the case is not withdrawn and meets `condition`."""
    return exists().where(col(Flag.case_id) == col(Case.id), col(Flag.state) != FlagState.WITHDRAWN, condition)


def _was_named_before(place: Membership) -> ColumnElement[bool]:
    """Return the SQL condition on Case, true if the person in this place was a named reader before the place began."""
    later = aliased(AccessEvent)
    is_over = exists().where(
        col(later.case_id) == col(AccessEvent.case_id),
        col(later.id) > col(AccessEvent.id),
        (col(later.kind) == AccessChange.OPENED)
        | and_(col(later.kind) == AccessChange.ENDED, col(later.person_id) == place.person_id),
    )
    return exists().where(
        col(AccessEvent.case_id) == col(Case.id),
        col(AccessEvent.kind) == AccessChange.NAMED,
        col(AccessEvent.person_id) == place.person_id,
        col(AccessEvent.at) < place.began_at,
        ~is_over,
    )
