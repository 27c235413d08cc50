"""The pace, rest and alarm of each Slack method, shared by all processes. They decide which methods may be called now.

A method that Slack refused is tried with one call before others follow. If Slack refuses the bot as a whole (a revoked
token) or can't be reached, the row `*` holds every effect back: one process calls `auth.test` from time to time, then
one effect is sent, then the others. An error in a row is an alarm, from the first refusal until a call succeeds.

The channels of people's direct messages are kept here too. Each channel is opened once, and forgotten when Slack no
longer has the channel.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Float, Select, delete, func, literal, select, update
from sqlalchemy import case as sql_case
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from bot.domain.notices import Way
from bot.models.outbox import DirectChannel, EffectState, OutboxMethod, OutboxRow
from bot.store.rows import database_time, table_of, upsert, write_rows

EVERYTHING: Final = "*"
OPENING: Final = "conversations.open"
#: The method whose pace and rest apply to each way. The three calls of an upload count as one method, "files".
METHOD_OF: Final[Mapping[Way, str]] = {
    Way.POST: "chat.postMessage",
    Way.FILE: "files",
    Way.REWRITE: "chat.update",
    Way.DELETION: "chat.delete",
    Way.REMOVAL: "files.delete",
    Way.LOOK: "conversations.members",
    Way.SCREEN: "views.publish",
    Way.ANSWER: "response_url",
}
#: The error of `*` while no answer comes, or one that is not from Slack.
UNREACHABLE: Final = "unreachable"
UNREACHABLE_SECONDS: Final = 1.0  # between tries to reach Slack
LONGEST_REST: Final = 60.0  # seconds between tries of what Slack refuses
_TRIAL_SECONDS: Final = 30.0  # after which a call tried first is given up, since its process may have died


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a method may be called: `gap` seconds between two calls, and `burst` calls at once after a rest."""

    gap: float
    burst: int


#: Paces from Slack's tiers ("at least 50 a minute, sporadic bursts are welcome", Web API: rate limits). Posts and
#: answers are not among them: one post a second to a conversation is the pace of its lane.
PACES: Final[Mapping[str, Pace]] = MappingProxyType(
    {
        OPENING: Pace(60 / 50, 20),
        "chat.update": Pace(60 / 50, 20),
        "chat.delete": Pace(60 / 50, 20),
        "views.publish": Pace(60 / 100, 40),
        "files": Pace(60 / 100, 20),
        "files.delete": Pace(60 / 50, 20),
    }
)

_METHOD = table_of(OutboxMethod)
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class MethodState:
    """The state of one of Slack's methods.

    `wait` is the number of seconds for which calls of the method are still held back.
    """

    wait: float
    failures: int
    is_on_trial: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why effects that use one Slack method are held back, and how many. `error` is Slack's own error code."""

    method: str  #: `*` for all of them
    error: str
    since: datetime  #: aware UTC
    waiting: int


def read_methods(session: Session) -> dict[str, MethodState]:
    """Return a dict from name to state for every method that has a row.

    A method has a row once it was paced or refused.
    """
    rows = session.connection().execute(_select_methods(session))
    return {name: MethodState(*state) for name, *state in rows}


def _select_methods(session: Session) -> Select[Any]:
    """Return the query for each method's name, followed by the fields of MethodState."""
    waits = _METHOD.c.next_at - database_time(session)
    return select(_METHOD.c.name, waits, _METHOD.c.failures, _METHOD.c.is_on_trial, _METHOD.c.error)


def take_call(session: Session, name: str, pace: Pace) -> bool:
    """Count one call of a method against the method's pace. Return whether the call may be made now."""
    connection = session.connection()
    now = database_time(session)
    earliest = now - (pace.burst - 1) * pace.gap
    following = sql_case((_METHOD.c.next_at > earliest, _METHOD.c.next_at), else_=earliest) + pace.gap
    adding = _INSERT[connection.dialect.name](_METHOD).values(**_fresh(name) | {"next_at": earliest + pace.gap})
    taken = adding.on_conflict_do_update(
        index_elements=[_METHOD.c.name], set_={"next_at": following}, where=_METHOD.c.next_at <= now
    )
    return connection.execute(taken.returning(_METHOD.c.name)).first() is not None


def begin_trial(session: Session, name: str) -> bool:
    """Reserve the one trial call of a refused method. Return whether this process may make the call.

    This process may not make the call if another process is trying the method, or if calls of the method are still held
    back.
    """
    now = database_time(session)
    tried = update(_METHOD).where(_METHOD.c.name == name, _METHOD.c.next_at <= now).values(next_at=now + _TRIAL_SECONDS)
    return session.connection().execute(tried).rowcount == 1


def end_trials(session: Session, names: Collection[str]) -> None:
    """Allow another trial call of these methods, since the call that was reserved was not made."""
    if names:
        again = update(_METHOD).where(_METHOD.c.name.in_(names)).values(next_at=database_time(session))
        session.connection().execute(again)


def rest_method(
    session: Session, name: str, seconds: float | None, *, was_tried: bool, longest: float = LONGEST_REST
) -> None:
    """Stop calling a Slack method for `seconds`, as Slack asked. If Slack gave no time, rest longer after each failure.

    `was_tried` says that Slack refused the trial call, which is made to find out whether Slack takes calls again. Any
    other refused call began before the method was stopped, so its refusal tells nothing new.
    """
    row = _locked(session, name)
    rest = _back_off(row.failures, longest) if seconds is None else seconds
    if _is_known(row, was_tried=was_tried):
        _change(session, name, next_at=_later(session, max(seconds or 0.0, row.wait)))
    else:
        _change(session, name, failures=row.failures + 1, next_at=_later(session, rest))


def hold(session: Session, name: str, error: str, *, was_tried: bool, longest: float = LONGEST_REST) -> bool:
    """Hold back a method's calls, or all calls (`*`). Return whether the alarm is new, so that it is raised only once.

    `was_tried` says that Slack refused the trial call. Any other refused call began before calls were held back, so its
    refusal tells nothing new.
    """
    row = _locked(session, name)
    is_news = row.error in (None, UNREACHABLE)
    if is_news or not _is_known(row, was_tried=was_tried):
        rest = _back_off(row.failures, longest)
        _hold(session, name, row.failures, rest, error=error if is_news else None)
    return is_news


def hold_unreachable(session: Session, *, was_tried: bool) -> bool:
    """Hold back all calls until Slack answers. Return whether the alarm is new.

    The bot asks Slack at once, and then every second, whether Slack answers.
    """
    row = _locked(session, EVERYTHING)
    if _is_known(row, was_tried=was_tried):
        return False
    is_news = row.error is None
    rest = UNREACHABLE_SECONDS if row.failures else 0.0
    _hold(session, EVERYTHING, row.failures, rest, error=UNREACHABLE if is_news else None)
    return is_news


def _hold(session: Session, name: str, failures: int, rest: float, *, error: str | None) -> None:
    """Record one more failure of a method, and allow no call of the method for `rest` seconds.

    If `error` is given, store it as the method's alarm.
    """
    raised: dict[str, Any] = {"error": error, "since": database_time(session)} if error else {}
    _change(session, name, failures=failures + 1, is_on_trial=False, next_at=_later(session, rest), **raised)


def try_one(session: Session) -> None:
    """Let one effect be sent as a trial, since Slack answers again.

    The other effects are held back until this one has been sent.
    """
    _change(session, EVERYTHING, is_on_trial=True, next_at=database_time(session))


def release(session: Session, name: str) -> str | None:
    """Let a Slack method be called again at once after a call succeeded, and clear its alarm.

    `*` means all methods. Return the error that raised the alarm, or None if there was no alarm.
    """
    row = _locked(session, name)
    _change(session, name, failures=0, is_on_trial=False, error=None, since=None, next_at=database_time(session))
    return row.error


def alarms(session: Session) -> list[Alarm]:
    """Return the alarms that hold effects back now. The one that holds back all calls comes first."""
    held_now = select(_METHOD).where(_METHOD.c.error.is_not(None), _METHOD.c.is_on_trial.is_(False))
    held = session.connection().execute(held_now).all()
    if not held:
        return []
    ready = (EffectState.READY.value, EffectState.CLAIMED.value)
    counted = select(OutboxRow.way, func.count()).where(col(OutboxRow.state).in_(ready)).group_by(col(OutboxRow.way))  # type: ignore[call-overload]
    waiting = {METHOD_OF[Way(way)]: number for way, number in session.connection().execute(counted)}
    waiting |= {EVERYTHING: sum(waiting.values()), OPENING: waiting.get(METHOD_OF[Way.POST], 0)}
    found = [
        Alarm(row.name, row.error, datetime.fromtimestamp(row.since or 0.0, UTC), waiting.get(row.name, 0))
        for row in held
    ]
    return sorted(found, key=lambda alarm: (alarm.method != EVERYTHING, alarm.method))


def _is_known(row: MethodState, *, was_tried: bool) -> bool:
    return not was_tried and row.failures > 0 and row.wait > 0.0


def _back_off(failures: int, longest: float) -> float:
    return min(longest, 2.0 ** min(failures, 10))


def _later(session: Session, seconds: float) -> Any:
    return database_time(session) + literal(seconds, Float)


def _fresh(name: str) -> dict[str, Any]:
    return {"name": name, "next_at": 0.0, "failures": 0, "is_on_trial": False, "error": None, "since": None}


def _locked(session: Session, name: str) -> MethodState:
    """Return the state of a method, and lock its row until the commit. A missing row is added."""
    connection = session.connection()
    connection.execute(_INSERT[connection.dialect.name](_METHOD).values(**_fresh(name)).on_conflict_do_nothing())
    locked = _select_methods(session).where(_METHOD.c.name == name).with_for_update()
    _, *state = connection.execute(locked).one()
    return MethodState(*state)


def _change(session: Session, name: str, **values: Any) -> None:
    session.connection().execute(update(_METHOD).where(_METHOD.c.name == name).values(**values))


_CHANNEL = table_of(DirectChannel)
_REMEMBER = upsert(_CHANNEL, "team_id", "user_id", changing=["channel_id"])


def channel_of(session: Session, team_id: str, user_id: str) -> str | None:
    """Return the channel of a person's direct message, or None if it was never opened."""
    theirs = (_CHANNEL.c.team_id == team_id, _CHANNEL.c.user_id == user_id)
    found: str | None = session.connection().execute(select(_CHANNEL.c.channel_id).where(*theirs)).scalar()
    return found


def remember_channel(session: Session, team_id: str, user_id: str, channel_id: str) -> None:
    """Store the channel of a person's direct message, which Slack returned on opening it."""
    write_rows(session, _REMEMBER, [{"team_id": team_id, "user_id": user_id, "channel_id": channel_id}])


def forget_channel(session: Session, team_id: str, user_id: str) -> None:
    """Delete the stored channel of a person's direct message, so that the channel is opened again."""
    gone = delete(_CHANNEL).where(_CHANNEL.c.team_id == team_id, _CHANNEL.c.user_id == user_id)
    session.connection().execute(gone)
