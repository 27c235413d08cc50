"""Closed items on a panel: who reads them, and who decides whether a person in a new place may read them."""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.permissions import Verb
from bot.models.cases import Case, CaseReader, Flag
from bot.models.panels import Membership, ReadingAsked
from bot.models.people import Person
from bot.models.vocabulary import FlagState, Role
from bot.records.access.queries import carries, holds_at, is_to_hold, readable
from bot.records.people.queries import IS_HERE, administrators
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


def closed_items(work: Work, panel_id: int) -> list[int]:
    """Return the ids of closed items with a flag to this panel that was not withdrawn."""
    flagged = select(Flag.case_id).where(col(Flag.panel_id) == panel_id, col(Flag.state) != FlagState.WITHDRAWN)
    query = select(Case.id).where(col(Case.is_closed), col(Case.id).in_(flagged)).order_by(col(Case.id))
    return [number for number in work.session.exec(query) if number is not None]


def readers_at(work: Work, panel_ids: Collection[int], case_ids: Collection[int]) -> dict[tuple[int, int], list[int]]:
    """Return a dict from (panel id, case id) to the person ids of the closed item's named readers on the panel.

    A named reader is left out if their role on the panel reads no cases, or if they declared an interest in the case.
    """
    reader = aliased(CaseReader)
    rows = work.session.execute(
        select(Membership.panel_id, reader.case_id, reader.person_id)
        .distinct()
        .join(Membership, col(Membership.person_id) == col(reader.person_id))
        .join(Case, col(Case.id) == col(reader.case_id))
        .join(Person, col(Person.id) == col(reader.person_id))
        .where(
            col(reader.case_id).in_(case_ids),
            col(Membership.panel_id).in_(panel_ids),
            carries(Verb.READ_CASES, work.now),
            IS_HERE,
            readable(col(reader.person_id)),
        )
    )
    return grouped(((panel_id, case_id), person_id) for panel_id, case_id, person_id in rows)


def readers_of(work: Work, panel_id: int, case_ids: Collection[int]) -> dict[int, list[int]]:
    """Return a dict from the case id of each closed item to the person ids of its named readers on this panel.

    A named reader is included only if their role on the panel reads cases, and if they have declared no interest in the
    case.
    """
    found = readers_at(work, [panel_id], case_ids)
    return {case_id: readers for (_, case_id), readers in found.items()}


def readings_asked(work: Work, places: Collection[int]) -> list[ReadingAsked]:
    """Return the questions about closed items for these new places: may the person in the place read the item?

    The questions are sorted by place and case. Cases that are no longer closed, or whose flags to the panel were
    all withdrawn, are left out.
    """
    rows = work.session.exec(
        select(ReadingAsked)
        .join(Membership, col(Membership.id) == col(ReadingAsked.place_id))
        .join(Case, col(Case.id) == col(ReadingAsked.case_id))
        .where(
            col(ReadingAsked.place_id).in_(places),
            col(Case.is_closed),
            select(Flag.id)
            .where(
                col(Flag.case_id) == col(Case.id),
                col(Flag.panel_id) == col(Membership.panel_id),
                col(Flag.state) != FlagState.WITHDRAWN,
            )
            .exists(),
        )
        .order_by(col(ReadingAsked.place_id), col(ReadingAsked.case_id))
    )
    return list(rows)


def who_decides(
    work: Work, places: Sequence[Membership], asked: Sequence[ReadingAsked]
) -> dict[int, dict[int, list[ReadingAsked]]]:
    """Return who decides, for each new place, whether the person in the place may read closed items.

    The dict is from place id to a dict from person id to the questions that this person decides. A chair who is a named
    reader of the closed item decides. If there is no such chair apart from the person in the new place, any other named
    reader decides. If there is no other named reader, any administrator decides. None of them decides about a place
    that they gave, and nobody decides about their own reading.
    """
    if not asked:
        return {}
    panel_ids = {place.panel_id for place in places}
    reading = readers_at(work, panel_ids, {one.case_id for one in asked})
    seated = work.session.execute(
        select(Membership.panel_id, Membership.person_id)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(
            col(Membership.panel_id).in_(panel_ids),
            col(Membership.role) == Role.CHAIR,
            holds_at(work.now),
            IS_HERE,
        )
    )
    chairs = grouped((panel_id, person_id) for panel_id, person_id in seated)
    office = {id_of(person) for person in administrators(work)}
    by_number = {id_of(place): place for place in places}
    found: dict[int, dict[int, list[ReadingAsked]]] = {}
    for one in asked:
        place = by_number[one.place_id]
        others = set(reading.get((place.panel_id, one.case_id), ())) - {place.person_id}
        second = {place.person_id, one.given_by_id}
        for person_id in others & set(chairs.get(place.panel_id, ())) or others - second or office - second:
            found.setdefault(one.place_id, {}).setdefault(person_id, []).append(one)
    return found


def undecided(work: Work, person_id: int) -> list[tuple[Membership, list[ReadingAsked]]]:
    """Return the new places about which this person must decide, each with the questions that are still open.

    Each question asks whether the holder of the place may read a closed item. The earliest place is first.
    """
    waiting = select(ReadingAsked.place_id).where(col(ReadingAsked.decided_by_id).is_(None))
    places = work.find_all(Membership, col(Membership.id).in_(waiting), is_to_hold(work.now), by=[col(Membership.id)])
    if not places:
        return []
    asked = [one for one in readings_asked(work, [id_of(place) for place in places]) if one.decided_by_id is None]
    theirs = who_decides(work, places, asked)
    mine = [(place, theirs.get(id_of(place), {}).get(person_id, [])) for place in places]
    return [(place, asked_of_them) for place, asked_of_them in mine if asked_of_them]
