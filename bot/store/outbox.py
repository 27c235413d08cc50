"""The outbox: effects are queued by the transaction that promises them, and sent once after it.

ready, claimed, then *sending, committed before the call*, then done, dropped, dead or ambiguous. A lane is one
queue: its row is pacer and mutex in one, since nothing leaves a lane before its `next_at`. What may be gathered into
one message is claimed together. All times here are the database's own clock, so that processes whose clocks differ
agree.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Float, Select, Update, bindparam, case, exists, func, literal_column, update
from sqlalchemy import select as tables_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from bot.models.outbox import EffectState, OutboxLane, OutboxRow
from bot.store.rows import execute_rows, table_of

LEASE_SECONDS = 20.0  # another process takes over about this long after one died; HTTP time-outs are well below
CHANNEL_GAP_SECONDS = 1.0  # Slack: chat.postMessage, one message a second to a channel
_LANE, _ROW = table_of(OutboxLane), table_of(OutboxRow)
_HELD = (EffectState.CLAIMED, EffectState.SENDING)
_CLOCKS: dict[str, ColumnElement[float]] = {
    "sqlite": literal_column("((julianday('now') - 2440587.5) * 86400.0)", Float),
    "postgresql": literal_column("extract(epoch from clock_timestamp())::float8", Float),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """Something Slack shall show once, named by ids; words are put to it only when it is sent."""

    key: str  #: unique: the same effect is queued once
    lane: str
    kind: str  #: which renderer
    payload: dict[str, Any] = field(default_factory=dict)
    priority: int = 5  #: 0 first within its lane
    gap: float = CHANNEL_GAP_SECONDS


@dataclass(frozen=True, slots=True)
class Claim:
    """Leased effects of one lane and kind that leave together; `fence` proves that the lease is still ours."""

    ids: tuple[int, ...]
    fence: int
    lane: str
    kind: str
    payloads: tuple[dict[str, Any], ...]
    tries: int  #: of the first

    def only(self, positions: Iterable[int]) -> "Claim":
        """The part of it that stands at these positions."""
        chosen = tuple(positions)
        ids, payloads = tuple(self.ids[each] for each in chosen), tuple(self.payloads[each] for each in chosen)
        return replace(self, ids=ids, payloads=payloads)


_ADDING = {
    name: (
        dialect.insert(_LANE).on_conflict_do_nothing(),
        dialect.insert(_ROW).values(due_at=_CLOCKS[name], created_at=_CLOCKS[name]).on_conflict_do_nothing().inline(),
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


_LOOKING = {
    name: tables_select(func.min(_LANE.c.next_at), func.max(now)).where(
        exists().where(_ROW.c.lane == _LANE.c.name, _ROW.c.state == EffectState.READY.value)
    )
    for name, now in _CLOCKS.items()
}


def database_time(session: Session) -> ColumnElement[float]:
    """The database's clock as an expression, in seconds since the epoch."""
    return _CLOCKS[session.get_bind().dialect.name]


def queue_effects(session: Session, effects: Sequence[Effect], known_lanes: Collection[str] = ()) -> None:
    """Insert effects, and lanes that are not known to be there; an effect whose key is there is passed over."""
    connection = session.connection()
    add_lane, add_effect = _ADDING[connection.dialect.name]
    lanes = {
        effect.lane: {"name": effect.lane, "next_at": 0.0, "gap": effect.gap}
        for effect in effects
        if effect.lane not in known_lanes
    }
    # In one order everywhere, so that two transactions that queue for the same lanes cannot wait for each other.
    if lanes:
        execute_rows(connection, add_lane, [lanes[name] for name in sorted(lanes)])
    execute_rows(
        connection,
        add_effect,
        [
            {
                "key": effect.key,
                "lane": effect.lane,
                "kind": effect.kind,
                "priority": effect.priority,
                "state": EffectState.READY.value,
                "tries": 0,
                "fence": 0,
                "payload": effect.payload,
            }
            for effect in effects
        ],
    )


def claim_next(session: Session, owner: str, gathered: Mapping[str, int] = MappingProxyType({})) -> Claim | None:
    """Lease the first effect that is due in a free lane, or None.

    For a kind that is `gathered` take along what else of it is due in that lane, up to so many in all.
    """
    connection = session.connection()
    first_due, companions, lease = _claiming(connection.dialect.name)
    first = connection.execute(first_due).first()
    if first is None:
        return None
    rows = [first]
    if gathered.get(first.kind, 1) > 1:
        facts = {"in_lane": first.lane, "of_kind": first.kind, "first": first.id, "others": gathered[first.kind] - 1}
        rows.extend(connection.execute(companions, facts))
    fence = max(row.fence for row in rows) + 1  # one for all of them, and higher than each has had
    ids = tuple(row.id for row in rows)
    connection.execute(lease, {"claimed": ids, "courier": owner, "raised": fence})
    _pace(session, first.lane, LEASE_SECONDS)
    return Claim(ids, fence, first.lane, first.kind, tuple(row.payload for row in rows), first.tries + 1)


@cache
def _claiming(dialect: str) -> tuple[Select[Any], Select[Any], Update]:
    """How the next effect is found, what goes with it, and how they are leased; put together once, for every send."""
    now = _CLOCKS[dialect]
    waiting = _ROW.alias("waiting")
    # The head of each lane, found by the index: however much waits behind it, only the lanes are gone through.
    head = (
        tables_select(waiting.c.id)
        .where(waiting.c.lane == _LANE.c.name, waiting.c.state == EffectState.READY.value, waiting.c.due_at <= now)
        .order_by(waiting.c.priority, waiting.c.id)
        .limit(1)
        .correlate(_LANE)
        .scalar_subquery()
    )
    ready = tables_select(_ROW.c.id, _ROW.c.fence, _ROW.c.lane, _ROW.c.kind, _ROW.c.payload, _ROW.c.tries).where(
        _ROW.c.state == EffectState.READY.value
    )
    first = (
        ready.select_from(_ROW.join(_LANE, _ROW.c.id == head))
        .where(_LANE.c.next_at <= now)
        .order_by(_ROW.c.priority, _ROW.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    companions = (
        ready.where(
            _ROW.c.lane == bindparam("in_lane"),
            _ROW.c.kind == bindparam("of_kind"),
            _ROW.c.id != bindparam("first"),
            _ROW.c.due_at <= now,
        )
        .order_by(_ROW.c.priority, _ROW.c.id)
        .limit(bindparam("others"))
        .with_for_update(skip_locked=True)
    )
    lease = (
        update(_ROW)
        .where(_ROW.c.id.in_(bindparam("claimed", expanding=True)))
        .values(
            state=EffectState.CLAIMED.value,
            owner=bindparam("courier"),
            fence=bindparam("raised"),
            tries=_ROW.c.tries + 1,
            lease_until=now + LEASE_SECONDS,
        )
    )
    return first, companions, lease


def begin_sending(session: Session, claim: Claim) -> bool:
    """Mark that the call is about to be made; False when the lease was lost meanwhile: then keep nothing of this."""
    now = database_time(session)
    begun = _ours(claim, EffectState.CLAIMED).values(state=EffectState.SENDING.value, lease_until=now + LEASE_SECONDS)
    if _changed(session, begun) != len(claim.ids):
        return False
    _pace(session, claim.lane, LEASE_SECONDS)
    return True


def finish(
    session: Session,
    claim: Claim,
    state: EffectState,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
    rest: float = 0.0,
) -> None:
    """Record how it ended and let the lane go on after its gap, or after `rest` seconds when that is longer."""
    ended = {"state": state.value, "result": result, "error": error, "lease_until": None}
    if _changed(session, _ours(claim, *_HELD).values(**ended, finished_at=database_time(session))):
        _pace(session, claim.lane, case((_LANE.c.gap > rest, _LANE.c.gap), else_=rest))


def put_back(session: Session, claim: Claim, *, wait: float, error: str | None = None) -> None:
    """Not taken by Slack (too fast, not reachable), or for the next message: again after `wait` seconds in its lane."""
    ready = {"state": EffectState.READY.value, "error": error, "lease_until": None, "owner": None}
    if _changed(session, _ours(claim, *_HELD).values(**ready)):
        _pace(session, claim.lane, wait)


def reap_expired(session: Session) -> int:
    """Free what dead couriers held: claimed is ready again, sending is ambiguous. The number of rows changed."""
    now = database_time(session)
    changed = 0
    for held, then in (
        (EffectState.CLAIMED, EffectState.READY),
        (EffectState.SENDING, EffectState.AMBIGUOUS),
    ):
        values: dict[str, Any] = {"state": then.value, "lease_until": None, "owner": None}
        if then is EffectState.AMBIGUOUS:
            values |= {"error": "the process ended while sending", "finished_at": now}
        expired = update(OutboxRow).where(col(OutboxRow.state) == held.value, col(OutboxRow.lease_until) < now)
        changed += session.execute(expired.values(**values)).rowcount  # type: ignore[attr-defined]  # as above
    return changed


def seconds_until_next(session: Session) -> float | None:
    """How long until something may be sent; None when nothing waits."""
    connection = session.connection()
    next_at, at = connection.execute(_LOOKING[connection.dialect.name]).one()
    return None if next_at is None else max(0.0, next_at - at)


def count_unfinished(session: Session, *states: EffectState) -> int:
    """How many effects are in these states; when none are named, how many are still to be sent."""
    wanted = states or (EffectState.READY, EffectState.CLAIMED, EffectState.SENDING)
    return session.exec(
        select(func.count()).select_from(OutboxRow).where(col(OutboxRow.state).in_([one.value for one in wanted]))
    ).one()


def stranded(session: Session) -> list[OutboxRow]:
    """Effects that a person has to decide about, oldest first."""
    wanted = [EffectState.AMBIGUOUS.value, EffectState.DEAD.value]
    return list(session.exec(select(OutboxRow).where(col(OutboxRow.state).in_(wanted)).order_by(col(OutboxRow.id))))


def decide(session: Session, effect_id: int, state: EffectState) -> bool:
    """Send a stranded effect again (READY) or let it be (DROPPED); False when somebody decided before."""
    now = database_time(session)
    decided = (
        update(OutboxRow)
        .where(
            col(OutboxRow.id) == effect_id,
            col(OutboxRow.state).in_([EffectState.AMBIGUOUS.value, EffectState.DEAD.value]),
        )
        .values(state=state.value, tries=0, due_at=now, lease_until=None, owner=None)
    )
    return bool(session.execute(decided).rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE has a row count


def _ours(claim: Claim, *states: EffectState) -> Update:
    return update(_ROW).where(
        _ROW.c.id.in_(claim.ids), _ROW.c.fence == claim.fence, _ROW.c.state.in_([state.value for state in states])
    )


def _changed(session: Session, change: Update) -> int:
    return session.connection().execute(change).rowcount


def _pace(session: Session, lane: str, seconds: float | ColumnElement[float]) -> None:
    rests = update(_LANE).where(_LANE.c.name == lane).values(next_at=database_time(session) + seconds)
    session.connection().execute(rests)
