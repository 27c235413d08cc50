"""Who may do what: commands, clicks and forms of every persona in every state, held to a table people can read.

The table is `authorisation.md`, written apart from the rules of the bot. Each cell is a signed request with
everything on; what it would change is rolled back.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from bot.clock import MovedClock
from bot.domain.panel_definition import PanelDefinition
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Case
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Membership, ReadingAsked
from bot.models.vocabulary import DecisionKind, Role
from bot.practice.workspace.workspace import Workspace
from bot.services.actions.changes import add_action, extend_action
from bot.services.agenda import triage
from bot.services.cases.interests import declare_interest
from bot.services.diary.series import create_series
from bot.services.meeting import discussion
from bot.services.meeting.discussion import DecisionForm
from bot.services.meeting.opening import close_meeting
from bot.services.minutes.papers import draft_minutes
from bot.slack.tables import build_registry
from bot.store.budget import UNHURRIED, Budget
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.rows import id_of
from bot.store.unit_of_work import Store, Work
from tests.conftest import MASTER_KEY
from tests.county import WEST, County, user_id
from tests.proof import desk
from tests.proof.desk import Body
from tests.services.conftest import Play

pytestmark = pytest.mark.slow

TABLE = Path(__file__).with_name("authorisation.md")
_BAR = re.compile(r"(?<!\\)\|")
_REFUSED = select(func.count()).where(AuditEntry.outcome == "refused")  # type: ignore[arg-type]


class Unchanging(Store):
    """A store whose transactions do all that they would, and are rolled back at their ends."""

    has_refused = False  #: whether a refusal was noted since this was set

    @contextmanager
    def work(self, budget: Budget = UNHURRIED) -> Iterator[Work]:
        """A transaction that is rolled back."""
        with super().work(budget) as work:
            before = work.session.execute(_REFUSED).scalar_one()
            yield work
            work.write_promises()
            work.write_audit()
            self.has_refused |= work.session.execute(_REFUSED).scalar_one() > before
            work.abandon()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what is done, in which states of the meeting, and who may."""

    kind: str
    done: str
    when: str
    may: Mapping[str, bool]

    def is_for(self, state: str) -> bool:
        """Whether the line says something of this state."""
        return self.when == "always" or state in WHEN.get(self.when, self.when.split())

    def sent_by(self, persona: str) -> Body:
        """Return what Slack sends when the persona does it."""
        name, _, rest = self.done.partition(" ")
        if self.kind == "Typed":
            return desk.command(persona, self.done)
        if self.kind == "Submitted":
            return desk.submission(persona, name, *map(_facts, rest.partition(" / ")[::2]))
        if name == "shortcut":
            return desk.shortcut(persona, rest)
        value, _, carried = rest.partition(" / ")
        place = "modal" if carried else "message"
        return desk.click(persona, name, value, place=place, metadata=_facts(carried))


def _facts(said: str) -> dict[str, Any]:
    """Return what a form carries or is filled in with: `name=value`, where a value may be JSON."""
    found: dict[str, Any] = {}
    for each in shlex.split(said):
        name, _, value = each.partition("=")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


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


def _flagged(play: Play) -> None:
    """A case of the social worker's, a closed one, actions on both and one of the panel's; the matron stepped back."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    play.does("matron", declare_interest, WEST, "WEST-0001")
    for text, case in (("ring the school nurse", "WEST-0001"), ("ring the clinic", None)):
        given = {"holder_user_id": user_id("nurse"), "text": text, "due": "Friday", "case_reference": case}
        play.does("coordinator", add_action, WEST, **given)
    given = {"holder_user_id": user_id("socialworker"), "text": "visit", "due": "Friday", "case_reference": "WEST-0666"}
    play.does("socialworker", add_action, WEST, **given)
    for due in ("in 2 weeks", "in 3 weeks"):  # the chair decides about more time the second time
        play.does("nurse", extend_action, 1, due=due, reason="The clinic is shut.")
    play.does("coordinator", create_series, WEST, rule="every Friday at 9:00", starts_on=date(2026, 11, 6), count=1)
    with play.store.work() as work:
        to_nurse = col(OutboxRow.payload)["person_id"].as_integer() == play.county.person["nurse"]
        message = work.find_all(OutboxRow, to_nurse, by=[col(OutboxRow.id)])[0]
        message.state, message.finished_at = EffectState.DEAD, message.created_at
        place = work.find(Membership, col(Membership.role) == Role.VICE_CHAIR)
        closed = work.find(Case, col(Case.reference) == "WEST-0666")
        assert place is not None
        assert closed is not None
        given_by_id = play.county.person["coordinator"]
        work.session.add_all(
            [message, ReadingAsked(place_id=id_of(place), case_id=id_of(closed), given_by_id=given_by_id)]
        )


def _circulated(play: Play) -> None:
    play.at(3, 18)
    play.does("coordinator", triage.publish_agenda, WEST)


def _sitting(play: Play) -> None:
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.at(3, 24, 14, 20)  # long after the chair moved on: who asks at that moment is told so instead


def _over(play: Play) -> None:
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "Still missing.", review="4 weeks"))
    play.does("chair", close_meeting, WEST)
    play.does("coordinator", draft_minutes, WEST)


#: What has happened, each after the one before it.
STATES: Mapping[str, Callable[[Play], None]] = {
    "flagged": _flagged,
    "circulated": _circulated,
    "sitting": _sitting,
    "over": _over,
}


#: Words for several states.
WHEN: Mapping[str, tuple[str, ...]] = {"before": ("flagged", "circulated", "sitting")}


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


@cache
def table() -> tuple[Row, ...]:
    """Return the lines of the tables."""
    found, kind, personas = [], "", [""]
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in _BAR.split(line.strip("|"))]
        if not line.startswith("|") or cells[0].startswith("---"):
            continue
        if not cells[0].startswith("`"):
            kind, _, *personas = cells
            continue
        done, when, *marks = cells
        may = {who: mark == "●" for who, mark in zip(personas, marks, strict=True)}
        found.append(Row(kind, done.strip("`").replace(r"\|", "|"), when, may))
    return tuple(found)


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """Slack, which knows the accounts of the county."""
    with desk.at_slack() as playing:
        yield playing


@pytest.fixture
def bench(
    store: Store,
    database_url: str,
    clock: MovedClock,
    panel_definitions: Mapping[str, PanelDefinition],
    workspace: Workspace,
) -> Iterator[Bench]:
    """A desk at the database of `store`."""
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
