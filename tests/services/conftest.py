"""People of the small county doing things at a time of day."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from bot.clock import MovedClock
from bot.domain.permissions import Actor
from bot.errors import PanelbotError
from bot.models.bookkeeping import AuditEntry
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.people import Agency
from bot.records.access.queries import Where
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.queries import CurrentItem
from bot.services.agenda import triage
from bot.services.cases import flags as cases_flags
from bot.services.meeting import discussion, opening
from bot.services.meeting.opening import ClosingView
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.sweeps import Sweep, run_sweep
from bot.store.unit_of_work import Store, Work
from tests.conftest import CLEARED, MASTER_KEY, NOW, compiling_once
from tests.county import WEST, County, actor, flag_form, furnish, user_id

LONDON = ZoneInfo("Europe/London")
#: The answer to a person who names a panel on which they have no place.
NO_PANEL = "I can't find that panel, or it isn't for you. If you expected to see it, ask your panel's co-ordinator."
P = ParamSpec("P")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Play:
    """The county in one test: who does what, when, and what comes of it."""

    store: Store
    county: County
    clock: MovedClock

    def at(self, month: int, day: int, hour: int = 10, minute: int = 0) -> None:
        """It is this time of 2026 in London."""
        self.clock.move_to(datetime(2026, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC))

    def does(
        self,
        who: str,
        use_case: Callable[Concatenate[Work, Actor, P], Result],
        *given: P.args,
        **named: P.kwargs,
    ) -> Result:
        """Let a person do something, in a transaction of its own."""
        with self.store.work() as work:
            return use_case(work, actor(work, who), *given, **named)

    def refused(
        self,
        who: str,
        use_case: Callable[Concatenate[Work, Actor, P], object],
        *given: P.args,
        **named: P.kwargs,
    ) -> str:
        """Let a person try something. Return the sentence with which it is refused."""
        with pytest.raises(PanelbotError) as refusal, self.store.work() as work:
            use_case(work, actor(work, who), *given, **named)
        return str(refusal.value)

    def loses_place(self, who: str) -> None:
        """End a person's place on West."""
        with self.store.work() as work:
            places = work.session.exec(
                select(Membership).where(
                    col(Membership.panel_id) == self.county.west_id,
                    col(Membership.person_id) == self.county.person[who],
                )
            )
            for place in places:
                place.ended_at = work.now
                work.session.add(place)

    def names(self, agency: str, *short_names: str) -> None:
        """Let the county call an agency so."""
        with self.store.work() as work:
            work.session.get_one(Agency, self.county.agency[agency]).short_names = list(short_names)

    def ticks(self, sweep: Sweep) -> int:
        """Let the clock tick. Return how many were queued."""
        return run_sweep(self.store, sweep)

    def sent(self, *kinds: str) -> list[tuple[str, str]]:
        """Return what was promised, in order: kind and addressee, only of these kinds when they are given."""
        names = {number: key for key, number in self.county.person.items()}
        with self.store.reading() as work:
            rows = work.session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))
            everything = [(row.kind, names.get(row.payload.get("person_id"), row.lane)) for row in rows]  # type: ignore[call-overload]
        return [one for one in everything if not kinds or one[0] in kinds]

    def audited(self, verb: str) -> list[tuple[str, int | None, str]]:
        """Noun, number and actor of each entry with this verb."""
        names = {number: key for key, number in self.county.person.items()}
        with self.store.reading() as work:
            rows = work.session.exec(select(AuditEntry).where(AuditEntry.verb == verb).order_by(col(AuditEntry.id)))
            return [(row.noun, row.noun_id, names.get(row.actor_id or 0, "nobody")) for row in rows]

    def flags(self, reference: str, who: str = "socialworker", where: Where = WEST, **facts: Any) -> int:
        """Let a person flag a case. Return the flag's number."""
        return self.does(who, cases_flags.flag_case, where, flag_form(reference, **facts)).id

    def accepted(self, reference: str, who: str = "socialworker", **facts: Any) -> int:
        """Flag a case to West and let the chair accept it. Return the flag's number."""
        flag_id = self.flags(reference, who, **facts)
        self.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
        return flag_id

    def opens(self, who: str = "chair", where: Where = WEST) -> None:
        """Begin the meeting, quorate."""
        self.does(who, opening.open_panel_meeting, where)
        people = ("chair", "nurse", "socialworker") if where == WEST else ("countychair", "coordinator", "matron")
        here = tuple(user_id(person) for person in people)
        self.does("coordinator", opening.record_attendance, where, present=here, accepted=True)

    def goes_to(self, reference: str, who: str = "chair", where: Where = WEST) -> CurrentItem:
        """Let the chair go on until this case is being discussed."""
        been: set[int] = set()
        while True:
            current = self.does(who, discussion.next_item, where)
            assert current.item is not None, f"{reference} is not on the agenda"
            assert current.item.id not in been, f"{reference} is not on the agenda"
            been.add(current.item.id)
            if current.item.title == reference:
                return current

    def holds(self, decisions: dict[str, DecisionForm], who: str = "chair", where: Where = WEST) -> ClosingView:
        """Hold a whole meeting: go through every item, and decide on these cases."""
        self.opens(who, where)
        been: set[int] = set()
        while True:
            current = self.does(who, discussion.next_item, where)
            if current.item is None or current.item.id in been:
                break
            been.add(current.item.id)
            if current.item.title in decisions:
                self.does(who, discussion.decide, where, decisions[current.item.title])
        return self.does(who, opening.close_meeting, where)

    def agenda(self, who: str = "chair", where: Where = WEST) -> list[str]:
        """Return the cases on the agenda of the open or next meeting, as a person sees them."""
        view = self.does(who, triage.show_agenda, where)
        return [item.title for item in view.items if item.flag is not None]

    def compiles(self, where: Where = WEST) -> list[str]:
        """Let the co-ordinator compile the agenda. Return the cases on it."""
        view = self.does("coordinator", triage.compile_agenda, where)
        return [item.title for item in view.items if item.flag is not None]


def unseen(noun: str) -> str:
    """Return the answer to a person who asks for what is not there, or is not for them."""
    return NO_PANEL.replace("that panel", noun)


#: Makes a fresh county with people who do things in it.
Stage = Callable[[], AbstractContextManager[Play]]


@pytest.fixture
def play(store: Store, county: County, clock: MovedClock) -> Play:
    """Monday 2 March 2026, ten in the morning; West meets on Tuesday 24 March at two."""
    return Play(store, county, clock)


@pytest.fixture
def stage(backend: str, request: pytest.FixtureRequest, tmp_path: Path, panel_definitions: Any) -> Stage:
    """Makes a fresh county for each example, on a real database."""
    numbers_of = iter(range(10_000))

    @contextmanager
    def new() -> Iterator[Play]:
        if backend == "sqlite":
            file = tmp_path / f"{next(numbers_of)}.db"
            shutil.copy(request.getfixturevalue("sqlite_template"), file)
            url = f"sqlite:///{file}"
        else:
            server, name = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_database")
            url = server.url(name)
        clock = MovedClock(NOW)
        store = Store(compiling_once(create_store_engine(url)), KeyRing(MASTER_KEY), clock, panel_definitions)
        try:
            yield Play(store, furnish(store), clock)
        finally:
            store.close()
            if backend == "postgresql":
                server.clear_database(name, CLEARED)

    return new
