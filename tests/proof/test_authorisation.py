"""Who may do what: commands, clicks and forms of every persona in every state, held to a table people can read.

The table is `authorisation.md`, written apart from the rules of the bot. Each cell is a signed request with
everything on; what it would change is rolled back.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import func, select

from bot.clock import MovedClock
from bot.domain.panel_definition import PanelDefinition
from bot.errors import NotForYou
from bot.models.bookkeeping import AuditEntry
from bot.practice.workspace.workspace import Workspace
from bot.slack.tables import build_registry
from bot.store.budget import UNHURRIED, Budget
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.unit_of_work import Store, Work
from tests.conftest import MASTER_KEY
from tests.county import County
from tests.proof import desk
from tests.proof.authorisation import STATES, Row, table, with_missing
from tests.services.conftest import Play

pytestmark = pytest.mark.slow

_REFUSED = select(func.count()).where(AuditEntry.outcome == "refused")  # type: ignore[arg-type]


class Unchanging(Store):
    """A store whose transactions do all that they would, and are rolled back at their ends."""

    has_refused = False  #: whether a refusal was noted since this was set

    @contextmanager
    def work(self, budget: Budget = UNHURRIED) -> Iterator[Work]:
        """Yield a transaction that is rolled back."""
        with super().work(budget) as work:
            before = work.session.execute(_REFUSED).scalar_one()
            yield work
            work.write_promises()
            work.write_audit()
            self.has_refused |= work.session.execute(_REFUSED).scalar_one() > before
            work.abandon()


class Bench:
    """A desk at which nothing lasts, and what it answers to a line of the table."""

    def __init__(self, store: Unchanging, workspace: Workspace, mishaps: desk.Mishaps) -> None:
        self._store = store
        self._desk = desk.Desk(store, workspace)
        self._mishaps = mishaps

    def differs(self, row: Row, persona: str) -> str:
        """Return how what comes of it differs from the table; nothing where it does not.

        Who may must not meet an incident, and who may not is refused only where the audit says so.
        """
        self._store.has_refused = False
        status, _ = self._desk.takes(*desk.written(row.sent_by(persona)))
        met = self._mishaps.taken()
        if met or not status.startswith("200"):
            return f"{status} {met}"
        if self._store.has_refused is row.may[persona]:
            return "is refused" if row.may[persona] else "is not refused"
        return ""

    def tells(self, row: Row, persona: str) -> str:
        """Return what the persona reads when they do it."""
        said = self._desk.says(row.sent_by(persona))
        self._mishaps.taken()
        return said


def wrong_cells(play: Play, bench: Bench, *, step: int) -> list[str]:
    """Go through the states and return where the bot differs from the table; one cell in so many."""
    wrong, cells = [], count()
    for state, happens in STATES.items():
        happens(play)
        for row in table():
            for persona in row.may if row.is_for(state) else ():
                if next(cells) % step == 0 and (how := bench.differs(row, persona)):
                    wrong.append(f"{state}: {persona}: {row.done}: {how}")
    return wrong


@pytest.fixture
def bench(
    store: Store,
    database_url: str,
    clock: MovedClock,
    panel_definitions: Mapping[str, PanelDefinition],
    workspace: Workspace,
) -> Iterator[Bench]:
    """Yield a desk at the database of `store`."""
    unchanging = Unchanging(create_store_engine(database_url), KeyRing(MASTER_KEY), clock, panel_definitions)
    with desk.watching_for_mishaps() as mishaps:
        yield Bench(unchanging, workspace, mishaps)
    unchanging.close()


def test_a_share_of_the_cells(store: Store, county: County, clock: MovedClock, bench: Bench) -> None:
    # Not a divisor of the number of personas, so that each persona and each line has its turn.
    wrong = wrong_cells(Play(store, county, clock), bench, step=11)
    assert not wrong, "\n".join(wrong)


@pytest.mark.proof
def test_every_cell(store: Store, county: County, clock: MovedClock, bench: Bench) -> None:
    wrong = wrong_cells(Play(store, county, clock), bench, step=1)
    assert not wrong, "\n".join(wrong)


def test_the_table_has_all_that_the_bot_answers_to() -> None:
    registry = build_registry()
    done = {(row.kind, *row.done.split()[: 1 if row.kind == "Submitted" else 2]) for row in table()}
    typed = {("Typed", command.name, verb.name) for command in registry.commands.values() for verb in command.verbs}
    shortcuts = {("Clicked", "shortcut", name) for name in registry.shortcuts}
    assert (typed | shortcuts) - done == set()
    assert set(registry.submissions) - {row.done.split()[0] for row in table() if row.kind == "Submitted"} == set()
    assert set(registry.clicks) - {row.done.split()[0] for row in table() if row.kind == "Clicked"} == set()


def test_the_table_has_ten_thousand_cells() -> None:
    cells = sum(len(row.may) for row in table() for state in STATES if row.is_for(state))
    assert cells * len(("sqlite", "postgresql")) >= 10_000


def telling_cells(play: Play, bench: Bench, states: Collection[str], personas: Collection[str]) -> list[str]:
    """Return where a refusal tells that a thing is there, by differing from that of a thing that isn't."""
    telling = []
    for state, happens in STATES.items():
        happens(play)
        rows = [row for row in table() if state in states and row.is_for(state)]
        for row, persona in ((row, persona) for row in rows for persona in personas if not row.may[persona]):
            there = ""
            for forged, name, missing, may_know in with_missing(row, persona):
                there = there or bench.tells(row, persona)
                gone = bench.tells(forged, persona).replace(missing, name)
                if gone != there and (NOT_FOUND in there or not may_know):
                    telling.append(f"{state}: {persona}: {row.done}: {there}")
    return telling


NOT_FOUND = str(NotForYou()).partition("that")[0]
#: A member who is no reader, and people who are not on the panel.
KEPT_AWAY = ("nurse", "countychair", "administrator")


def test_what_is_not_theirs_and_what_is_not_there_are_answered_alike(
    store: Store, county: County, clock: MovedClock, bench: Bench
) -> None:
    telling = telling_cells(Play(store, county, clock), bench, {"flagged"}, KEPT_AWAY)
    assert not telling, "\n".join(telling)


@pytest.mark.proof
def test_every_refusal_is_that_of_what_is_not_there(
    store: Store, county: County, clock: MovedClock, bench: Bench
) -> None:
    personas = {persona for row in table() for persona in row.may} - {"stranger"}
    telling = telling_cells(Play(store, county, clock), bench, STATES, sorted(personas))
    assert not telling, "\n".join(telling)
