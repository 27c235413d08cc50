"""Daily digests of actions that are due or overdue. Each person gets at most one a day.

What is due is worked out from the database at each tick. After an outage the next tick finds everything missed, and
sends one digest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_
from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.states import OPEN_STATES, REPORTED_STATES
from bot.models.actions import Action, Chase
from bot.models.vocabulary import ChaseStep
from bot.records.access.queries import panels_where
from bot.records.actions.queries import ActionView, view_actions
from bot.records.actions.reminders import (
    Owed,
    forget_days_to_come,
    reminders_owed,
    take_turn,
    working_hours,
    write_chases,
)
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

#: The number of people in one transaction. On SQLite, a command waits for one such transaction at most.
MOST_PEOPLE = 50
MOST_REMINDERS = 500


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One action in a digest, with the step of the chase ladder that it has reached."""

    action: ActionView
    step: ChaseStep
    is_holder: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """One person's reminders on one day, the most pressing first."""

    on: date
    lines: tuple[DigestLine, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the people who should get a digest, with the actions in their digests.

    One transaction handles one piece.
    """

    people: tuple[int, ...]
    actions: tuple[int, ...]


def find_digests(work: Work) -> list[Piece]:
    """Return the people who should get a digest now, in pieces that each fit into one short transaction."""
    return list(_pieces(reminders_owed(work, working_hours(work))))


def queue_digests(work: Work, piece: Piece) -> int:
    """Queue today's digest for each person of the piece who has had none today. Return the number of digests queued."""
    take_turn(work)
    owed = reminders_owed(work, working_hours(work), people=piece.people, actions=piece.actions)
    if not owed:
        return 0
    forget_days_to_come(work, owed)
    write_chases(work, owed)
    days = {one.recipient_id: one.told_on.isoformat() for one in owed}
    for person_id, on in days.items():
        work.tell(person_id, Notice.DIGEST, on=on)
    work.audit("chase", "person")
    return len(days)


def compose_digest(work: Work, actor: Actor, on: date) -> Digest:
    """Return a person's digest of a day, without actions that have been answered since.

    A chair still sees reported actions until the panel accepts them. A digest dated in the future is empty, since it
    was queued while a clock was wrong.
    """
    if on > work.now.astimezone(ZoneInfo(actor.timezone)).date():
        return Digest(on, ())
    told = select(Chase).where(col(Chase.recipient_id) == actor.person_id, col(Chase.told_on) == on)
    steps = {chase.action_id: chase.step for chase in work.session.exec(told)}
    presided = [action_id for action_id, step in steps.items() if step is ChaseStep.CHAIR]
    reported = col(Action.state).in_(sorted(REPORTED_STATES))
    actions = view_actions(
        work,
        actor.person_id,
        col(Action.id).in_(steps),
        or_(
            col(Action.state).in_(sorted(OPEN_STATES)),
            and_(reported, col(Action.id).in_(presided), col(Action.holder_id) != actor.person_id),
        ),
        col(Action.panel_id).in_([panel.id for panel in panels_where(work, actor, Verb.SEE_ACTIONS)]),
        with_own=True,
    )
    return Digest(
        on, tuple(DigestLine(action, steps[action.id], action.holder_id == actor.person_id) for action in actions)
    )


def open_digest(work: Work, actor: Actor, on: date) -> Digest:
    """Return the actions of a day's digest with their text. Record in the audit that each was read."""
    found = compose_digest(work, actor, on)
    for one in found.lines:
        work.audit(
            "read",
            "action",
            one.action.id,
            panel_id=one.action.panel_id,
            actor_id=actor.person_id,
            case_id=one.action.case_id,
        )
    return found


def _pieces(owed: Sequence[Owed]) -> Iterator[Piece]:
    """Yield the reminders in pieces, sorted by person. One person's reminders are never split."""
    people: list[int] = []
    actions: set[int] = set()
    count = 0
    for person_id, reminders in groupby(owed, key=lambda one: one.recipient_id):
        theirs = [one.action_id for one in reminders]
        if people and (len(people) == MOST_PEOPLE or count + len(theirs) > MOST_REMINDERS):
            yield Piece(tuple(people), tuple(sorted(actions)))
            people, actions, count = [], set(), 0
        people.append(person_id)
        actions.update(theirs)
        count += len(theirs)
    if people:
        yield Piece(tuple(people), tuple(sorted(actions)))


#: The tick's work on today's reminders.
DIGESTS = Sweep(find_digests, queue_digests)
