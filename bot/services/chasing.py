"""Chasing: what is due is worked out from the rows each time, and each person hears of it once a day.

Nothing here remembers by itself. After an outage the next tick finds what was missed, and sends one digest.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.domain.action_state import OPEN_STATES
from bot.domain.chase_ladder import Recipient, recipients, step_reached, within_working_hours
from bot.domain.permissions import Actor, Verb
from bot.models.actions import Action, Chase
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import ChaseStep
from bot.store.access import panels_where
from bot.store.diary import today_at
from bot.store.outbox import Effect
from bot.store.people import deputy_or_lead, is_member_who_may, presiding_or_office
from bot.store.rows import id_of
from bot.store.running import is_running
from bot.store.sweeps import Sweep
from bot.store.tracker import ActionView, view_actions
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One action a person is reminded of, and why it is them."""

    action: ActionView
    step: ChaseStep
    is_holder: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """One day's reminders for one person; the most pressing first."""

    on: date
    lines: tuple[DigestLine, ...]


def queue_digests(work: Work) -> int:
    """Queue today's digests for whoever is in their working hours and has not had one; how many were queued."""
    hearing: dict[int, list[Chase]] = {}
    lost = _lost_digests(work)
    rows = work.session.execute(
        select(Action, Panel)
        .join(Panel, col(Panel.id) == col(Action.panel_id))
        .where(col(Action.state).in_(sorted(OPEN_STATES)), is_running(work))
        .order_by(col(Action.id))
    ).all()
    for action, panel in rows:
        definition = work.definition(panel.definition)
        subdivision = definition.bank_holiday_subdivision
        step = step_reached(action.due_on, today_at(work, panel), definition.chasing, subdivision)
        if step is None:
            continue
        for person_id in _recipients(work, action, step):
            chase = Chase(
                action_id=id_of(action),
                due_on=action.due_on,
                step=step,
                recipient_id=person_id,
                queued_at=work.now,
            )
            earlier = _earlier(work, chase)
            if all((person_id, _day_of(work, one)) in lost for one in earlier):
                # What was lost is the same reminder still: it moves to today's digest.
                again = next((one for one in earlier if one.step is step), chase)
                hearing.setdefault(person_id, []).append(again)
    queued = 0
    for person_id, chases in sorted(hearing.items()):
        person = work.session.get_one(Person, person_id)
        local = work.now.astimezone(ZoneInfo(person.timezone))
        # A reminder that may not go out now is not written down as sent: a later tick finds it again.
        if not within_working_hours(local, "ENG") or _had_digest(work, person, local.date()):
            continue
        for chase in chases:
            chase.queued_at = work.now
        work.session.add_all(chases)
        work.send(
            Effect(
                key=f"digest:{person_id}:{local.date().isoformat()}",
                lane=f"person:{person_id}",
                kind="digest",
                payload={"person_id": person_id, "on": local.date().isoformat()},
            )
        )
        queued += 1
    if queued:
        work.audit("chase", "person")
    work.session.flush()
    return queued


def compose_digest(work: Work, actor: Actor, on: date) -> Digest:
    """What a person was to be reminded of that day, as it stands now: what was done meanwhile is not mentioned."""
    begins, ends = _day(actor.timezone, on)
    steps = {
        chase.action_id: chase.step
        for chase in work.session.exec(
            select(Chase).where(
                col(Chase.recipient_id) == actor.person_id,
                col(Chase.queued_at) >= begins,
                col(Chase.queued_at) < ends,
            )
        )
    }
    actions = view_actions(
        work,
        actor.person_id,
        col(Action.id).in_(steps),
        col(Action.state).in_(sorted(OPEN_STATES)),
        col(Action.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.SEE_ACTIONS)]),
    )
    return Digest(
        on, tuple(DigestLine(action, steps[action.id], action.holder_id == actor.person_id) for action in actions)
    )


def _recipients(work: Work, action: Action, step: ChaseStep) -> list[int]:
    people: list[int] = []
    for recipient in recipients(step):
        if recipient is Recipient.HOLDER:
            if is_member_who_may(work, action.panel_id, action.holder_id, Verb.SEE_ACTIONS):
                people.append(action.holder_id)
        elif recipient is Recipient.DEPUTY_OR_LEAD:
            other = deputy_or_lead(work, action.panel_id, action.holder_id, action.agency_id)
            people += [id_of(other)] if other else []
        else:
            people += [id_of(chair) for chair in presiding_or_office(work, action.panel_id)]
    return list(dict.fromkeys(people))


def _earlier(work: Work, chase: Chase) -> list[Chase]:
    """What this person was to hear of this rung, or of a higher one, for this due date."""
    order = list(ChaseStep)
    return list(
        work.session.exec(
            select(Chase).where(
                col(Chase.action_id) == chase.action_id,
                col(Chase.due_on) == chase.due_on,
                col(Chase.recipient_id) == chase.recipient_id,
                col(Chase.step).in_(order[order.index(chase.step) :]),
            )
        )
    )


def _lost_digests(work: Work) -> set[tuple[int, str]]:
    """Person and day of each digest that Slack refused, or of which nobody knows whether it arrived.

    Once somebody decides to send it again or to let it be, it is lost no more.
    """
    rows = work.session.exec(
        select(OutboxRow.payload).where(
            col(OutboxRow.kind) == "digest", col(OutboxRow.state).in_([EffectState.AMBIGUOUS, EffectState.DEAD])
        )
    )
    return {(int(str(payload["person_id"])), str(payload["on"])) for payload in rows}


def _day_of(work: Work, chase: Chase) -> str:
    """The day of the digest that a reminder went into, on its recipient's clock."""
    person = work.session.get_one(Person, chase.recipient_id)
    return chase.queued_at.astimezone(ZoneInfo(person.timezone)).date().isoformat()


def _had_digest(work: Work, person: Person, on: date) -> bool:
    begins, ends = _day(person.timezone, on)
    found = work.session.exec(
        select(Chase.id).where(
            col(Chase.recipient_id) == id_of(person), col(Chase.queued_at) >= begins, col(Chase.queued_at) < ends
        )
    ).first()
    return found is not None


def _day(timezone: str, on: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(timezone)
    begins = datetime.combine(on, time.min, tzinfo=zone)
    return begins.astimezone(UTC), datetime.combine(on + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


#: Today's reminders, as the tick asks for them.
DIGESTS = Sweep.of_one_piece(queue_digests)
