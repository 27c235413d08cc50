"""One transaction (a unit of work): all that a use case reads and writes, its audit entries and promised effects."""

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, select

from bot.clock import Clock
from bot.domain.notices import Notice, Way
from bot.domain.panel_definition import PanelDefinition
from bot.domain.risk import Risk, Risks, known_risks, risk_of
from bot.errors import Mistake, OutOfTime, Unsettled
from bot.store.audit import LOOKS, Entry, Link, take_turn, write_entries
from bot.store.budget import UNHURRIED, Budget, Turns, spending
from bot.store.engine import limit_wait
from bot.store.faults import is_cut_off
from bot.store.key_ring import KeyRing
from bot.store.outbox import CHANNEL_GAP_SECONDS, PERSON, Effect, queue_effects
from bot.store.rows import Condition, Model, Order, commit_at_once, sent_together

#: Verbs of entries that are written only once in a unit of work.
_NOTED_ONCE = LOOKS | {"send"}
#: Ways that leave through the channel's own lane, one effect after the other.
_IN_CHANNEL = (Way.POST, Way.REWRITE, Way.DELETION)
#: Returns a number from the first to the last.
Draw = Callable[[int, int], int]


def draw_any(first: int, last: int) -> int:
    """Return a random number from `first` to `last` that no one can predict."""
    return first + secrets.randbelow(last - first + 1)


@dataclass(slots=True)
class Work:
    """The transaction of one use case, which is committed or rolled back as a whole."""

    session: Session
    now: datetime  #: aware UTC, read once
    keys: KeyRing
    definitions: Mapping[str, PanelDefinition]
    risks: Risks  #: every level of every tool
    templates: Path | None = None  #: the folder that overrides the shipped Word templates
    public_url: str | None = None  #: where people's calendars reach this bot; none where they cannot
    checkpoint_file: Path | None = None  #: where the audit's checkpoints are kept a second time
    draw: Draw = draw_any
    channel_gap: float = CHANNEL_GAP_SECONDS  #: seconds between two messages to one person or channel
    is_abandoned: bool = False
    is_message: bool = False  #: the facts read go into a message, which has no narrative, so it counts as no read of it
    known_lanes: Collection[str] = ()  #: of the outbox: committed before
    _entries: list[Entry] = field(default_factory=list)
    _looks: set[Entry] = field(default_factory=set)
    _effects: list[Effect] = field(default_factory=list)
    _writes: list[tuple[Executable, Mapping[str, Any]]] = field(default_factory=list)
    _last_link: Link = (0, "")

    def execute(
        self, statement: Executable, facts: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Any:
        """Run a statement on tables and return its result.

        No ORM objects are made, since this would slow every command.
        """
        self.session.flush()  # as the ORM would, so that it sees what was added before
        return self.session.connection().execute(statement, facts)

    def find(self, model: type[Model], *conditions: Condition, by: Order = ()) -> Model | None:
        """Return the first row that meets these conditions, in the order `by`, or None if no row does."""
        return next(iter(self.find_all(model, *conditions, by=by, most=1)), None)

    def find_all(
        self, model: type[Model], *conditions: Condition, by: Order = (), most: int | None = None
    ) -> list[Model]:
        """Return the rows that meet these conditions, in the order `by`, at most `most`."""
        return list(self.session.exec(select(model).where(*conditions).order_by(*by).limit(most)))

    def write_last(self, statement: Executable, facts: Mapping[str, Any]) -> None:
        """Keep a statement to run at the commit, together with effects and audit entries.

        The result of the statement is not needed.
        """
        self._writes.append((statement, facts))

    def seal(self, key_id: int, text: str) -> bytes:
        """Encrypt a person's words with the key of a case or panel."""
        return self.keys.seal(self.session, key_id, text)

    def open(self, sealed: bytes) -> str:
        """Decrypt what a person wrote. Raise Erased if the key was destroyed."""
        return self.keys.open(self.session, sealed)

    def audit(
        self,
        verb: str,
        noun: str,
        noun_id: int | None = None,
        *,
        panel_id: int | None = None,
        actor_id: int | None = None,
        outcome: str = "done",
        case_id: int | None = None,
        account: str | None = None,
        sha256: str | None = None,
    ) -> None:
        """Add an audit entry: who did what, and to which case. The entry is written at the commit.

        `sha256` is the hash of the file, or of the version of minutes, that was made, approved or given.

        If a person looks at the same thing twice in one unit of work, or a message names a case twice, there is one
        entry.
        """
        # In a refusal `noun` is the command's name, and `noun_id` the number that its button carried.
        about = noun_id if noun == "case" and outcome == "done" else case_id
        entry = Entry(actor_id, verb, noun, noun_id, panel_id, outcome, about, account, sha256)
        if verb in _NOTED_ONCE:
            look = entry._replace(panel_id=None) if noun == "case" else entry  # a case on several panels counts once
            if look in self._looks:
                return
            self._looks.add(look)
        self._entries.append(entry)

    def saw(self, reader_id: int | None, cases: Iterable[tuple[int | None, int]]) -> None:
        """Note in the audit that the reader is shown these cases, or is sent a message that names them.

        `cases` are pairs (case id, panel id). If `reader_id` is None, nothing is noted, since no person is shown the
        cases.
        """
        verb = "send" if self.is_message else "read"
        for case_id, panel_id in cases if reader_id is not None else ():
            if case_id is not None:
                self.audit(verb, "case", case_id, panel_id=panel_id, actor_id=reader_id)

    def tell(self, to: int | str, notice: Notice, /, *, once: object = "", **ids: Any) -> None:
        """Promise a notice, which is sent once, after the commit.

        `to` is a person's id, a channel, or a Slack account (for a Home or the answer to a click). `ids` are the facts
        for the notice's renderer. `once` completes the notice's key. Of notices with the same key only the first is
        sent.
        """
        lane, gap = f"{notice.value}:{to}", 0.0  # a lane of its own, so that it never waits behind a channel's messages
        if isinstance(to, int):
            lane, gap, ids["person_id"] = f"{PERSON}{to}", self.channel_gap, to
        elif notice.way in _IN_CHANNEL:
            lane, gap, ids["channel_id"] = f"channel:{to}", self.channel_gap, to
        key = notice.key.format(**ids, once=once, now=self.now.isoformat())
        self.send(Effect(key, lane, notice.value, ids, gap=gap))

    def send(self, effect: Effect) -> None:
        """Promise an effect. It is stored in the outbox at the commit, and sent to Slack once after the commit."""
        self._effects.append(effect)

    def definition(self, key: str) -> PanelDefinition:
        """Return the definition of a kind of panel. Raise Mistake if its file is missing."""
        found = self.definitions.get(key)
        if found is None:
            raise Mistake(f"The panel definition {key} is missing. An administrator can see it in panelbot check.")
        return found

    def risk(self, tool: str | None, level: str | None) -> Risk | None:
        """Return a risk level with names for people to read, or None if no level is given.

        The tool may be another panel's.
        """
        return risk_of(self.risks, tool, level)

    def abandon(self) -> None:
        """Roll back at the end of the `with` block instead of committing, as previews do."""
        self.is_abandoned = True

    @property
    def has_changed(self) -> bool:
        """Return whether the use case changed anything. Audit entries that only say what was read don't count."""
        return any(entry.verb not in LOOKS for entry in self._entries)

    @property
    def has_promises(self) -> bool:
        """Return whether anything waits for the commit: audit entries, effects, or statements from `write_last`."""
        return bool(self._entries or self._effects or self._writes)

    def take_over(self, looked: "Work") -> None:
        """Add the audit entries, effects and `write_last` statements of `looked` to this unit of work.

        `looked` is a unit of work that only reads, and so can't write these itself.
        """
        self._entries += looked._entries
        self._effects += looked._effects
        self._writes += looked._writes

    @property
    def lanes(self) -> frozenset[str]:
        """Return the names of the outbox lanes of the promised effects."""
        return frozenset(effect.lane for effect in self._effects)

    def write_promises(self) -> None:
        """Write the promised effects and the statements kept by `write_last`.

        If there are audit entries, wait for the turn to append to the audit.
        """
        self.session.flush()
        if self.has_promises:
            connection = self.session.connection()
            with sent_together(connection):
                for statement, facts in self._writes:
                    connection.execute(statement, facts)
                if self._effects:
                    queue_effects(self.session, self._effects, self.known_lanes)
                if self._entries:
                    self._last_link = take_turn(connection)

    def write_audit(self, *, and_commit: bool = False) -> None:
        """Write the audit entries. With `and_commit`, PostgreSQL also commits in the same round trip."""
        if self._entries:
            connection = self.session.connection()
            with sent_together(connection):
                write_entries(connection, self.keys, self._last_link, self._entries, self.now)
                if and_commit:
                    commit_at_once(connection)


#: Seconds that a process waits at its end for threads still at work: longer than any may take.
CLOSING_SECONDS = 5.0
_LOOK_SECONDS = 0.02


class Store:
    """The database with its keys and definitions. It opens units of work."""

    def __init__(
        self,
        engine: Engine,
        keys: KeyRing,
        clock: Clock,
        definitions: Mapping[str, PanelDefinition],
        templates: Path | None = None,
        public_url: str | None = None,
        checkpoint_file: Path | None = None,
    ) -> None:
        self.engine = engine
        self.keys = keys
        self.clock = clock
        self.definitions = definitions
        self.risks = known_risks(definitions.values())
        self.templates = templates
        self.public_url = public_url
        self.checkpoint_file = checkpoint_file
        self.draw: Draw = draw_any
        #: Seconds between two messages to one person or channel, as Slack asks.
        self.channel_gap = CHANNEL_GAP_SECONDS
        #: Called after each commit that queued effects, with their lanes, so that the courier wakes.
        self.on_effects: Callable[[frozenset[str]], None] = lambda _lanes: None
        # Lanes are never deleted, so one that was committed once need not be inserted again.
        self._known_lanes: frozenset[str] = frozenset()
        # SQLite admits one writer. Waiting in this queue is far quicker than SQLite's own retries (p99 72 ms instead of
        # 462).
        self.turns = Turns() if engine.dialect.name == "sqlite" else None

    def close(self, within: float = CLOSING_SECONDS) -> None:
        """Close all connections once they have been given back. Wait for this at most `within` seconds."""
        pool, last = cast(QueuePool, self.engine.pool), time.monotonic() + within
        while pool.checkedout() and time.monotonic() < last:
            time.sleep(_LOOK_SECONDS)
        self.engine.dispose()

    @contextmanager
    def work(self, budget: Budget = UNHURRIED) -> Iterator[Work]:
        """Yield a unit of work.

        It is committed when the `with` block ends, and rolled back if the block raises an error.

        Raise OutOfTime if the budget ends before the commit. Nothing is then written. Raise Unsettled if the connection
        breaks during the commit.
        """
        turn = nullcontext() if self.turns is None else self.turns.turn(budget)
        with spending(budget), turn:
            with Session(self.engine, expire_on_commit=False) as session:
                work = self._begin(session)
                yield work
                if work.is_abandoned:
                    session.rollback()
                    return
                work.write_promises()
                _commit(work, budget)
            if work.lanes:
                self._known_lanes |= work.lanes
                self.on_effects(work.lanes)

    def _begin(self, session: Session) -> Work:
        now, lanes = self.clock.now(), self._known_lanes
        given = self.keys, self.definitions, self.risks, self.templates, self.public_url, self.checkpoint_file
        return Work(session, now, *given, self.draw, self.channel_gap, known_lanes=lanes)

    @contextmanager
    def reading(self, budget: Budget = UNHURRIED, *, may_audit: bool = False) -> Iterator[Work]:
        """Yield a unit of work that only reads, without locks. Raise RuntimeError if it audits or promises anything.

        With `may_audit`, it may add audit entries, as when a message is made. The caller then writes these entries with
        `take_over`, in a unit of work that writes.
        """
        with self._look(budget) as work:
            work.is_message = may_audit
            yield work
            if work.has_promises and not may_audit:
                raise RuntimeError("a reading unit of work neither audits nor sends")

    @contextmanager
    def looking(self, budget: Budget = UNHURRIED) -> Iterator[Work]:
        """Yield a unit of work that only reads.

        The unit's audit entries and effects are written after the `with` block. If they can't be written, raise the
        same errors as `work` does. The caller must then show nothing of what was read.
        """
        with self._look(budget) as looked:
            yield looked
        if looked.has_promises and not looked.is_abandoned:
            with self.work(budget) as work:
                work.take_over(looked)

    @contextmanager
    def _look(self, budget: Budget) -> Iterator[Work]:
        with spending(budget.for_reading()), Session(self.engine.execution_options(reading=True)) as session:
            work = self._begin(session)
            yield work
            if session.new or session.dirty or session.deleted:
                raise RuntimeError("a reading unit of work changes nothing")
            session.rollback()


def _commit(work: Work, budget: Budget) -> None:
    if budget.has_end:
        limit_wait(work.session.connection(), budget)
        # This is the last moment to give up. What is committed after it counts as saved, however late.
        if budget.is_over():
            work.session.rollback()
            raise OutOfTime
    try:
        work.write_audit(and_commit=True)
        work.session.commit()
    except DBAPIError as failed:
        if is_cut_off(failed):
            work.session.invalidate()  # rolling back over a dead connection would raise in the place of this
            raise Unsettled from failed
        raise
