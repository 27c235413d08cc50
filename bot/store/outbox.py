"""The outbox: effects are queued by the transaction that promises them, and sent to Slack once after its commit.

An effect is first ready, then claimed, then sending (*committed before Slack is called*), and at last done, dropped,
dead or ambiguous. A lane's row is locked while its effects are claimed, and nothing leaves the lane before the row's
`next_at`. Effects that may share one message are claimed together. All times are the database's, so that processes
agree on them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Executable,
    Float,
    Select,
    Update,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    or_,
    tuple_,
    update,
)
from sqlalchemy import select as tables_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from bot.domain.notices import Urgency, Way, notice_of
from bot.models.outbox import EffectState, OutboxLane, OutboxRow
from bot.store.rows import CLOCKS, database_time, execute_rows, table_of
from bot.store.slack_methods import (
    EVERYTHING,
    METHOD_OF,
    OPENING,
    PACES,
    MethodState,
    Pace,
    begin_trial,
    read_methods,
    take_call,
)

LEASE_SECONDS = 20.0  # another process takes over about this long after one died; HTTP time-outs are well below
#: The share of a lane's rest by which its next moment is rounded up, so that many lanes go on together: each claim
#: keeps other writers waiting.
_BEAT = 0.1
CHANNEL_GAP_SECONDS = 1.0  # Slack: chat.postMessage, one message a second to a channel
PERSON: Final = "person:"  # lanes that lead to a direct message begin so
_LANE, _ROW = table_of(OutboxLane), table_of(OutboxRow)
_HELD = (EffectState.CLAIMED, EffectState.SENDING)
#: States of effects about which a person has to decide.
STRANDED: Final = (EffectState.AMBIGUOUS.value, EffectState.DEAD.value)
_NEEDS_CHANNEL = (Way.POST.value, Way.FILE.value)


@dataclass(frozen=True, slots=True)
class Effect:
    """One request to Slack, such as a message, which is made once. Its text is written only when it is sent."""

    key: str  #: unique: the same effect is queued once
    lane: str
    kind: str  #: which renderer
    payload: dict[str, Any] = field(default_factory=dict)
    priority: int | None = None  #: 0 first, over all lanes; the notice's own urgency where it is not given
    gap: float = CHANNEL_GAP_SECONDS


@dataclass(frozen=True, slots=True)
class Claim:
    """Leased effects of one lane and kind that are sent together. `fence` proves that the lease is still held."""

    ids: tuple[int, ...]
    fence: int
    lane: str
    kind: str
    way: Way
    payloads: tuple[dict[str, Any], ...]
    tries: int  #: of the first
    may_open: bool = False  #: it may call `conversations.open`, which was counted already
    trials: frozenset[str] = frozenset()  #: methods for which it is the trial call, so others wait for it

    def only(self, positions: Iterable[int]) -> "Claim":
        """Return a copy of the claim with only the effects at these positions."""
        chosen = tuple(positions)
        ids, payloads = tuple(self.ids[each] for each in chosen), tuple(self.payloads[each] for each in chosen)
        return replace(self, ids=ids, payloads=payloads)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that arrived in Slack, with its channel and timestamp."""

    kind: str
    payload: dict[str, Any]
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the outbox next has an effect to send, and whether the bot must first ask Slack if it works again."""

    wait: float | None  #: seconds until an effect may be sent; None if there is none
    must_ask: bool = False  #: Slack is to be asked whether it answers again, before anything is sent


_ADDING = {
    name: (
        dialect.insert(_LANE).on_conflict_do_nothing(),
        dialect.insert(_ROW).values(due_at=CLOCKS[name], created_at=CLOCKS[name]).on_conflict_do_nothing().inline(),
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def queue_effects(session: Session, effects: Sequence[Effect], known_lanes: Collection[str] = ()) -> None:
    """Insert effects, and their lanes unless in `known_lanes`. Skip effects whose key exists already."""
    connection = session.connection()
    add_lane, add_effect = _ADDING[connection.dialect.name]
    lanes = {
        effect.lane: {
            "name": effect.lane,
            "next_at": 0.0,
            "gap": effect.gap,
            "is_unopened": effect.lane.startswith(PERSON),
        }
        for effect in effects
        if effect.lane not in known_lanes
    }
    # Lanes are always inserted in one order, so that two transactions that queue for the same lanes can't deadlock.
    if lanes:
        execute_rows(connection, add_lane, [lanes[name] for name in sorted(lanes)])
    execute_rows(connection, add_effect, [_as_row(effect) for effect in effects])


def _as_row(effect: Effect) -> dict[str, Any]:
    notice = notice_of(effect.kind)
    urgency, way = (notice.urgency, notice.way) if notice else (Urgency.REST, Way.POST)
    return {
        "key": effect.key,
        "lane": effect.lane,
        "kind": effect.kind,
        "way": way.value,
        "priority": urgency.value if effect.priority is None else effect.priority,
        "state": EffectState.READY.value,
        "tries": 0,
        "fence": 0,
        "payload": effect.payload,
    }


def find_sent(session: Session, numbers: Collection[int]) -> list[Sent]:
    """Return the messages of these effects, sorted by id. Effects not known to have arrived are left out."""
    rows = session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(numbers)).order_by(col(OutboxRow.id))).all()
    places = ((row, row.result or {}) for row in rows)
    return [
        Sent(row.kind, row.payload, str(place["channel"]), str(place["ts"]))
        for row, place in places
        if place.get("channel") and place.get("ts")
    ]


def look(session: Session, full: Collection[Way] = ()) -> Outlook:
    """Return when an effect may next be sent. Don't count effects whose way of sending is in `full`. Take no locks."""
    methods = read_methods(session)
    everything = methods.get(EVERYTHING)
    if everything is not None and everything.error is not None:
        if everything.wait > 0.0:
            return Outlook(everything.wait)
        if not everything.is_on_trial:
            return Outlook(0.0, must_ask=True)
    connection = session.connection()
    soonest, _ = _claiming(connection.dialect.name)
    next_at, now = connection.execute(soonest, _open_to(methods, full)).one()
    waits = [state.wait for name, state in methods.items() if state.wait > 0.0 and name != EVERYTHING]
    if next_at is not None:
        waits.append(max(0.0, next_at - now))
    return Outlook(min(waits) if waits else None)


def claim_due(
    session: Session,
    owner: str,
    *,
    most: int,
    gathered: Mapping[str, int] = MappingProxyType({}),
    room: Mapping[Way, int] = MappingProxyType({}),
    paces: Mapping[str, Pace] = PACES,
) -> list[Claim]:
    """Lease due effects, the most urgent first, and return them as at most `most` claims.

    A claim has the first effect of a lane that may send. Several effects of one kind share a claim if `gathered` allows
    more than one. `room` limits the claims of each way, and the pace of each Slack method is kept. A method that Slack
    refused gets one trial call.
    """
    methods = read_methods(session)
    everything = methods.get(EVERYTHING)
    trials: set[str] = set()
    if everything is not None and everything.error is not None:
        if everything.wait > 0.0 or not everything.is_on_trial:
            return []
        trials.add(EVERYTHING)
        most = 1
    left = dict(room)
    connection = session.connection()
    _, first_due = _claiming(connection.dialect.name)
    full = [way for way, number in left.items() if number <= 0]
    heads = connection.execute(first_due, _open_to(methods, full) | {"most": most}).all()
    counted = _Counting(session, methods, paces)
    chosen: list[tuple[Any, bool, frozenset[str]]] = []
    for head in heads:
        way = Way(head.way)
        if left.get(way, 1) <= 0:
            continue
        needed = [METHOD_OF[way], *([OPENING] if head.is_unopened and way in _NEEDS_CHANNEL else [])]
        tried = counted.take(needed)
        if tried is None:
            continue
        if EVERYTHING in trials and not begin_trial(session, EVERYTHING):
            break
        left[way] = left.get(way, most) - 1
        chosen.append((head, OPENING in needed, frozenset(trials | tried)))
    return _lease(session, owner, chosen, gathered)


class _Counting:
    """Counts the calls of Slack's methods in one transaction, and says which methods may still be called."""

    def __init__(self, session: Session, methods: Mapping[str, MethodState], paces: Mapping[str, Pace]) -> None:
        self._session = session
        self._methods = methods
        self._paces = paces
        self._spent: set[str] = set()  # methods whose calls are used up for now

    def take(self, names: Iterable[str]) -> set[str] | None:
        """Count one call of each method. Return the methods called on trial, or None if one may not be called."""
        tried: set[str] = set()
        for name in sorted(names):
            state, pace = self._methods.get(name), self._paces.get(name)
            is_failing = state is not None and state.failures > 0
            if not is_failing and pace is None:
                continue
            if name in self._spent:
                return None
            if is_failing:
                self._spent.add(name)
                if not begin_trial(self._session, name):
                    return None
                tried.add(name)
            elif pace is not None and not take_call(self._session, name, pace):
                self._spent.add(name)
                return None
        return tried


def _lease(
    session: Session,
    owner: str,
    chosen: Sequence[tuple[Any, bool, frozenset[str]]],
    gathered: Mapping[str, int],
) -> list[Claim]:
    """Lease the chosen effects and return their claims.

    An effect of a gathered kind is leased together with the next effects of the same kind in its lane.
    """
    connection = session.connection()
    companions, lease = _leasing(connection.dialect.name)
    claims: list[Claim] = []
    alone: list[int] = []
    for head, may_open, trials in chosen:
        rows = [head]
        if gathered.get(head.kind, 1) > 1:
            facts = {"in_lane": head.lane, "of_kind": head.kind, "first": head.id, "others": gathered[head.kind] - 1}
            rows.extend(connection.execute(companions, facts))
        fence = max(row.fence for row in rows) + 1  # one fence for all of them, higher than any of theirs
        ids = tuple(row.id for row in rows)
        if len(rows) == 1:
            alone.append(head.id)
        else:
            connection.execute(lease.values(fence=fence), {"claimed": ids, "courier": owner})
        payloads = tuple(row.payload for row in rows)
        claims.append(
            Claim(ids, fence, head.lane, head.kind, Way(head.way), payloads, head.tries + 1, may_open, trials)
        )
    if alone:
        connection.execute(lease.values(fence=_ROW.c.fence + 1), {"claimed": alone, "courier": owner})
    if claims:
        _open_at(session, [claim.lane for claim in claims], database_time(session) + LEASE_SECONDS)
    return claims


def _open_to(methods: Mapping[str, MethodState], full: Iterable[Way]) -> dict[str, Any]:
    """Return query parameters: the ways of sending that are closed now, and whether direct messages may be opened."""
    resting = {name for name, state in methods.items() if state.wait > 0.0}
    closed = {way for way, name in METHOD_OF.items() if name in resting} | set(full)
    return {"closed": [way.value for way in sorted(closed)], "opening": OPENING not in resting}


@cache
def _claiming(dialect: str) -> tuple[Executable, Executable]:
    """Return two queries, built once: when an effect may next be sent, and which effects may be sent now."""
    now = CLOCKS[dialect]
    ready = EffectState.READY.value
    # Find the lanes with something ready by one step through the index for each lane. Neither idle lanes nor effects
    # behind the first of a lane are read.
    waiting = tables_select(func.min(_ROW.c.lane).label("lane")).where(_ROW.c.state == ready).cte("waiting", True)
    another = _ROW.alias("another")
    next_lane = (
        tables_select(func.min(another.c.lane))
        .where(another.c.state == ready, another.c.lane > waiting.c.lane)
        .correlate(waiting)
        .scalar_subquery()
    )
    waiting = waiting.union_all(tables_select(next_lane).where(waiting.c.lane.is_not(None)))
    behind = _ROW.alias("behind")
    in_lane = and_(
        behind.c.lane == _LANE.c.name,
        behind.c.state == ready,
        behind.c.way.not_in(bindparam("closed", expanding=True)),
    )
    head = (
        tables_select(behind.c.id)
        .where(in_lane, behind.c.due_at <= now)
        .order_by(behind.c.priority, behind.c.id)
        .limit(1)
        .correlate(_LANE)
        .scalar_subquery()
    )
    may_open = bindparam("opening", type_=Boolean)
    leads_there = or_(_LANE.c.is_unopened.is_(False), may_open)
    soonest = (
        tables_select(func.min(_LANE.c.next_at), func.max(now))
        .select_from(waiting.join(_LANE, _LANE.c.name == waiting.c.lane))
        .where(exists().where(in_lane, or_(leads_there, behind.c.way.not_in(_NEEDS_CHANNEL))).correlate(_LANE))
    )
    first_due = (
        tables_select(*_ROW.c["id", "fence", "lane", "kind", "way", "payload", "tries"], _LANE.c.is_unopened)
        .select_from(waiting.join(_LANE, _LANE.c.name == waiting.c.lane).join(_ROW, _ROW.c.id == head))
        .where(
            _ROW.c.state == ready,
            _LANE.c.next_at <= now,
            or_(leads_there, _ROW.c.way.not_in(_NEEDS_CHANNEL)),
        )
        .order_by(_ROW.c.priority, _ROW.c.id)
        .limit(bindparam("most"))
        .with_for_update(of=[_ROW, _LANE], skip_locked=True)
    )
    return soonest, first_due


@cache
def _leasing(dialect: str) -> tuple[Select[Any], Update]:
    """Return a query for more effects of one lane and kind, for one message, and an update that leases effects."""
    now = CLOCKS[dialect]
    companions = (
        tables_select(_ROW.c.id, _ROW.c.fence, _ROW.c.payload)
        .where(
            _ROW.c.state == EffectState.READY.value,
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
            tries=_ROW.c.tries + 1,
            lease_until=now + LEASE_SECONDS,
        )
    )
    return companions, lease


def begin_together(session: Session, claims: Sequence[Claim], *, lease: float = LEASE_SECONDS) -> set[str]:
    """Record that these claims are about to be sent. Return the lanes of the claims whose lease is still held."""
    wanted = [(number, claim.fence) for claim in claims for number in claim.ids]
    if not wanted:
        return set()
    begun = (
        update(_ROW)
        .where(tuple_(_ROW.c.id, _ROW.c.fence).in_(wanted), _ROW.c.state == EffectState.CLAIMED.value)
        .values(state=EffectState.SENDING.value, lease_until=database_time(session) + lease)
        .returning(_ROW.c.id)
    )
    ours = set(session.connection().execute(begun).scalars())
    kept = {claim.lane for claim in claims if ours.issuperset(claim.ids)}
    if kept:
        _open_at(session, sorted(kept), database_time(session) + lease)
    return kept


def finish(
    session: Session,
    claim: Claim,
    state: EffectState,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
    rest: float = 0.0,
    was_called: bool = True,
) -> float:
    """Record how a claim ended. Its lane may send again after its gap, or after `rest` seconds if that is longer.

    If `was_called` is False, the lane may send at once. Return the longest time, in seconds, for which `rest` can hold
    the lane back.
    """
    ended = {"state": state.value, "result": result, "error": error, "lease_until": None}
    # If Slack accepted the message, that counts even when the lease ran out before it could be recorded.
    from_states = (*_HELD, EffectState.AMBIGUOUS) if state is EffectState.DONE else _HELD
    if _changed(session, _ours(claim, *from_states).values(**ended, finished_at=database_time(session))):
        now = database_time(session)
        goes_on = now + _LANE.c.gap if was_called else now
        if rest > 0.0:
            goes_on = case((_LANE.c.gap > rest, goes_on), else_=_next_beat(session, now + rest, rest * _BEAT))
        _open_at(session, [claim.lane], goes_on)
    return rest + rest * _BEAT


def put_back(session: Session, claim: Claim, *, wait: float, error: str | None = None, was_tried: bool = True) -> None:
    """Make a claim's effects ready again after `wait` seconds, since they were not sent."""
    ready = {"state": EffectState.READY.value, "error": error, "lease_until": None, "owner": None}
    tries = _ROW.c.tries if was_tried else _ROW.c.tries - 1
    if _changed(session, _ours(claim, *_HELD).values(**ready, tries=tries)):
        _open_at(session, [claim.lane], database_time(session) + wait)


def mark_opened(session: Session, lane: str, *, is_opened: bool) -> None:
    """Record whether the direct message of a lane is open. If it is not, it must be opened before the next effect."""
    session.connection().execute(update(_LANE).where(_LANE.c.name == lane).values(is_unopened=not is_opened))


def reap_expired(session: Session) -> int:
    """Free effects whose process died: claimed ones become ready, sending ones ambiguous. Return their number."""
    now = database_time(session)
    changed = 0
    ended = {"error": "the process ended while sending", "finished_at": now}
    for held, then, more in (
        (EffectState.CLAIMED, EffectState.READY, {}),
        (EffectState.SENDING, EffectState.AMBIGUOUS, ended),
    ):
        expired = update(_ROW).where(_ROW.c.state == held.value, _ROW.c.lease_until < now)
        changed += _changed(session, expired.values(state=then.value, lease_until=None, owner=None, **more))
    return changed


def count_unfinished(session: Session, *states: EffectState) -> int:
    """Return how many effects are in these states. Without states, count the effects that are still to be sent."""
    wanted = states or (EffectState.READY, EffectState.CLAIMED, EffectState.SENDING)
    return session.exec(
        select(func.count()).select_from(OutboxRow).where(col(OutboxRow.state).in_([one.value for one in wanted]))
    ).one()


def decide(session: Session, numbers: Collection[int], state: EffectState) -> int:
    """Send undelivered effects again (READY) or dismiss them (DROPPED). Return how many were changed."""
    now = database_time(session)
    decided = (
        update(_ROW)
        .where(_ROW.c.id.in_(numbers), _ROW.c.state.in_(STRANDED))
        .values(state=state.value, tries=0, due_at=now, finished_at=now, lease_until=None, owner=None)
    )
    return _changed(session, decided)


def _ours(claim: Claim, *states: EffectState) -> Update:
    return update(_ROW).where(
        _ROW.c.id.in_(claim.ids), _ROW.c.fence == claim.fence, _ROW.c.state.in_([state.value for state in states])
    )


def _changed(session: Session, change: Update) -> int:
    return session.connection().execute(change).rowcount


def _open_at(session: Session, lanes: Sequence[str], moment: ColumnElement[float]) -> None:
    session.connection().execute(update(_LANE).where(_LANE.c.name.in_(lanes)).values(next_at=moment))


def _next_beat(session: Session, moment: ColumnElement[float], beat: float) -> ColumnElement[float]:
    """Return the first multiple of `beat` seconds after a moment, so that many lanes may send again together."""
    beats = moment / beat
    # Not every SQLite has floor(), but its cast cuts off decimals. PostgreSQL's cast rounds.
    whole = func.floor(beats) if session.get_bind().dialect.name == "postgresql" else cast(beats, BigInteger)
    return (cast(whole, Float) + 1.0) * beat
