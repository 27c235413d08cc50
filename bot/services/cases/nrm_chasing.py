"""Decisions on NRM referrals that are due and not recorded yet, and reminders until they are.

What is awaited is worked out from the database at each tick. The outbox tells when people were last reminded of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, or_
from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.deadlines import add_working_days
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.models.cases import Case, Flag, NrmReferral
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import NrmOutcome, Role
from bot.records.access.queries import carries, is_running, local_time, readable, today_at
from bot.records.actions.reminders import take_turn
from bot.records.cases.kept import KeptCases
from bot.records.cases.nrm import (
    AUTHORITY_DECIDES_WITHIN,
    CONCLUDED_AFTER,
    AwaitedGrounds,
    Grounds,
    awaited_by,
    is_nrm_decided,
)
from bot.records.cases.queries import IS_HEARD
from bot.records.people.queries import IS_HERE
from bot.store.rows import grouped, id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

#: Working days from one reminder of a decision to the next.
CHASED_EVERY: Final = 10
#: The number of referrals in one transaction.
MOST_REFERRALS: Final = 50
#: Days in which a reminder is looked for: ten working days take at most 20 days, at Christmas. The outbox keeps 30.
_LOOKS_BACK: Final = 2 * CHASED_EVERY + 1
#: Roles reminded in place of a writer who can't record a decision now: the first with people who may read the case.
_FOLLOWING: Final = (Role.COORDINATOR, Role.CHAIR, Role.VICE_CHAIR)
_A_DAY_AHEAD: Final = timedelta(days=1)  # a panel's own day may be ahead of UTC's
_AWAITED: Final = NrmOutcome.AWAITED


@dataclass(frozen=True, slots=True)
class AwaitedReferral:
    """A referral with a decision that is due and not recorded, for a reminder."""

    referral_id: int
    case_id: int
    reference: str
    panel_key: str
    panel_title: str
    awaited: AwaitedGrounds


@dataclass(frozen=True, slots=True)
class _Chase:
    """A referral that people should be reminded of now."""

    referral: NrmReferral
    panel: Panel
    awaited: AwaitedGrounds


def compose_awaited(work: Work, actor: Actor, asked: Sequence[tuple[int, str]]) -> tuple[AwaitedReferral, ...]:
    """Return the referrals in `asked` whose decision is still awaited, if the person may record the decision.

    `asked` are pairs of a referral's id and the decision (grounds) that was awaited when the message was queued.
    """
    may_record = (
        select(Membership.panel_id)
        .where(col(Membership.person_id) == actor.person_id, carries(Verb.READ_CASES, work.now))
        .scalar_subquery()
    )
    rows = work.session.execute(
        select(NrmReferral, Case, Panel)
        .join(Case, col(Case.id) == col(NrmReferral.case_id))
        .join(Panel, col(Panel.id) == col(NrmReferral.panel_id))
        .where(
            col(NrmReferral.id).in_({referral_id for referral_id, _ in asked}),
            col(NrmReferral.panel_id).in_(may_record),
            readable(actor.person_id),
            *_is_followed(work),
        )
        .order_by(col(NrmReferral.id))
    ).all()
    found = []
    for row, of, panel in rows:
        awaited = awaited_by(work, row, panel)
        if awaited is not None and (id_of(row), awaited.grounds.value) in asked:
            found.append(AwaitedReferral(id_of(row), id_of(of), of.reference, panel.key, panel.title, awaited))
            work.saw(actor.person_id, [(row.case_id, row.panel_id)])
    return tuple(sorted(found, key=lambda one: (one.awaited.due_on, one.referral_id)))


def _is_followed(work: Work) -> tuple[ColumnElement[bool], ...]:
    """Return the SQL conditions on NrmReferral and Panel, true if members can record decisions on the referral."""
    case_id, panel_id = col(NrmReferral.case_id), col(NrmReferral.panel_id)
    is_heard = select(Flag.id).where(col(Flag.case_id) == case_id, col(Flag.panel_id) == panel_id, IS_HEARD).exists()
    return is_running(work), is_heard, is_nrm_decided(case_id, panel_id)


def _to_chase(work: Work, *conditions: ColumnElement[bool]) -> list[_Chase]:
    """Return the referrals of which people should be reminded now.

    Their decisions are due, and nobody was reminded of them in the last ten working days. Panels outside their working
    hours are left out. `conditions` are SQL conditions on NrmReferral.
    """
    today = work.now.date() + _A_DAY_AHEAD
    rows = work.session.execute(
        select(NrmReferral, Panel)
        .add_columns(_last_told(today))
        .join(Panel, col(Panel.id) == col(NrmReferral.panel_id))
        .where(_may_be_due(today), *_is_followed(work), *conditions)
        .order_by(col(NrmReferral.id))
    )
    found = []
    for referral, panel, told_on in rows:
        awaited = awaited_by(work, referral, panel)
        if awaited is not None and _is_due(work, panel, awaited, told_on):
            found.append(_Chase(referral, panel, awaited))
    return found


def _may_be_due(today: date) -> ColumnElement[bool]:
    """Return the SQL condition on NrmReferral, true if the referral's awaited decision may be due on the day `today`.

    SQL can't count working days, so the condition is also true for some decisions that are due a few days later.
    """
    # After a Sunday, five working days end on the Friday.
    soonest = timedelta(days=AUTHORITY_DECIDES_WITHIN)
    reasonable, conclusive = col(NrmReferral.reasonable), col(NrmReferral.conclusive)
    return or_(
        and_(reasonable == _AWAITED, col(NrmReferral.referred_on) <= today - soonest),
        and_(
            reasonable == NrmOutcome.POSITIVE,
            conclusive == _AWAITED,
            col(NrmReferral.reasonable_on) <= today - CONCLUDED_AFTER,
        ),
    )


def _last_told(today: date) -> ColumnElement[str | None]:
    """Return an SQL expression: the key of the last reminder about a referral's awaited decision, or NULL if none.

    For each recent day, only the key of the first recipient's reminder is looked up, by the outbox's unique index.
    """
    head, rest = Notice.NRM_AWAITED.key.split("{referral_id}")
    grounds = case((col(NrmReferral.reasonable) == _AWAITED, Grounds.REASONABLE.value), else_=Grounds.CONCLUSIVE.value)
    before, after = rest.split("{grounds}")
    of_decision = literal(head) + cast(col(NrmReferral.id), String) + literal(before) + grounds
    days = [(today - timedelta(days=back)).isoformat() for back in range(_LOOKS_BACK + 1)]
    keys = [of_decision + literal(after.format(on=on, once=0)) for on in days]
    return select(func.max(col(OutboxRow.key))).where(col(OutboxRow.key).in_(keys)).scalar_subquery()


def _day_of(key: str) -> date:
    """Return the day on which a reminder was sent, which is part of the reminder's key."""
    return date.fromisoformat(key.split(":")[-2])


def _is_due(work: Work, panel: Panel, awaited: AwaitedGrounds, told_by: str | None) -> bool:
    """Return whether people should be reminded of a decision now. `told_by` is the key of the last reminder."""
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    now = local_time(work, panel, work.now)
    if now.date() < awaited.due_on or not within_working_hours(now, subdivision):
        return False
    return told_by is None or add_working_days(_day_of(told_by), CHASED_EVERY, subdivision) <= now.date()


def _recipients(work: Work, chases: Sequence[_Chase]) -> dict[int, list[int]]:
    """Return the people to remind of each referral, as a dict from referral id to person ids.

    This is the person who last changed the referral, if they may still record a decision. Otherwise, it is those of the
    panel's co-ordinators who may read the case, or else its chair, or else its vice-chairs. A referral without such
    people is left out.
    """
    if not chases:
        return {}
    writers = {one.referral.written_by_id for one in chases}
    places = work.session.execute(
        select(Membership.panel_id, Membership.person_id, Membership.role)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(
            col(Membership.panel_id).in_({id_of(one.panel) for one in chases}),
            or_(col(Membership.role).in_(_FOLLOWING), col(Membership.person_id).in_(writers)),
            carries(Verb.READ_CASES, work.now),
            IS_HERE,
            col(Agency.is_active),
        )
        .order_by(col(Membership.person_id))
    )
    on_panel = grouped((panel_id, (person_id, role)) for panel_id, person_id, role in places)
    kept = KeptCases(work, {one.referral.case_id for one in chases})
    found = {}
    for one in chases:
        able = [
            (person_id, role)
            for person_id, role in on_panel.get(id_of(one.panel), ())
            if not kept.is_kept_from(one.referral.case_id, person_id)
        ]
        writer = one.referral.written_by_id
        is_there = any(person_id == writer for person_id, _ in able)
        of_role = ([person_id for person_id, role in able if role is each] for each in _FOLLOWING)
        people = [writer] if is_there else next(filter(None, of_role), [])
        if people:
            found[id_of(one.referral)] = list(dict.fromkeys(people))
    return found


def _find(work: Work) -> list[list[int]]:
    """Return the ids of the referrals to remind people of, in pieces that each fit into one transaction."""
    referrals = sorted(_recipients(work, _to_chase(work)))
    return [referrals[start : start + MOST_REFERRALS] for start in range(0, len(referrals), MOST_REFERRALS)]


def _tell(work: Work, referral_ids: list[int]) -> int:
    """Remind people of these referrals, unless another process already did. Return how many reminders were queued."""
    take_turn(work)
    chases = _to_chase(work, col(NrmReferral.id).in_(referral_ids))
    people = _recipients(work, chases)
    count = 0
    for one in chases:
        referral_id, on = id_of(one.referral), today_at(work, one.panel).isoformat()
        grounds = one.awaited.grounds.value
        for number, person_id in enumerate(people.get(referral_id, ())):
            facts = {"referral_id": referral_id, "grounds": grounds, "on": on}
            work.tell(person_id, Notice.NRM_AWAITED, once=number, **facts)
            count += 1
    return count


#: The tick's work on reminders of awaited decisions on NRM referrals.
NRM_CHASES: Final = Sweep(_find, _tell)
