"""That a panel has ended: who is told, and what they were there until then."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.permissions import Verb, may
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import Role
from bot.records.agenda.queries import LIVE_FLAGS
from bot.records.rescheduling.changes import rewrite_messages
from bot.store.outbox import Effect
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def tell_of_end(work: Work, panel: Panel, cancelled: Sequence[Meeting]) -> None:
    """A panel ends with this transaction, and these meetings with it: its members are told, each once.

    So is the lead of an agency whose cases waited there where nobody of it who reads cases sat there any more.
    """
    work.session.flush()
    waiting: dict[int, list[int]] = {}
    for flag in work.session.exec(
        select(Flag)
        .where(col(Flag.meeting_id).in_([id_of(one) for one in cancelled]), col(Flag.state).in_(LIVE_FLAGS))
        .order_by(col(Flag.id))
    ):
        waiting.setdefault(flag.agency_id, []).append(id_of(flag))
    told: dict[int, int] = {}
    readers: set[int] = set()
    for place, person in work.session.execute(
        select(Membership, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.panel_id) == id_of(panel), col(Membership.ended_at) == work.now)
        .where(col(Membership.began_at) <= work.now, col(Person.left_at).is_(None))
    ):
        told[id_of(person)] = person.agency_id
        if may(Verb.READ_CASES, [place.role]):
            readers.add(person.agency_id)
    for lead in work.session.exec(
        select(Person).where(col(Person.agency_id).in_(waiting.keys() - readers), col(Person.left_at).is_(None))
    ):
        if lead.leads_agency:
            told[id_of(lead)] = lead.agency_id
    for person_id, agency_id in sorted(told.items()):
        facts = {"person_id": person_id, "panel_id": id_of(panel), "flags": waiting.get(agency_id, [])}
        work.send(
            Effect(
                key=f"panel-ended:{panel.id}:{work.now.isoformat()}:{person_id}",
                lane=f"person:{person_id}",
                kind="panel_ended",
                payload={**facts, "meetings": len(cancelled)},
            )
        )
    rewrite_messages(work, cancelled)


def roles_until_end(work: Work, panel: Panel, person_id: int) -> frozenset[Role]:
    """What somebody was on a panel when it ended; nothing for a panel that has not, or is back."""
    if panel.is_active:
        return frozenset()
    ended_at = (
        select(func.max(col(Membership.ended_at))).where(col(Membership.panel_id) == id_of(panel)).scalar_subquery()
    )
    places = work.session.exec(
        select(Membership).where(
            col(Membership.panel_id) == id_of(panel),
            col(Membership.person_id) == person_id,
            col(Membership.ended_at) == ended_at,
            col(Membership.began_at) <= ended_at,
        )
    )
    return frozenset(place.role for place in places)
