"""Who may type what: every command of every persona in every state of a meeting, held to a table people can read.

The table is `authorisation.md`, written apart from the rules of the bot. Each cell goes through the listener with
everything on; what it would change is rolled back.
"""

import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.clock import MovedClock
from bot.domain.panel_definition import PanelDefinition
from bot.models.bookkeeping import AuditEntry
from bot.models.vocabulary import DecisionKind
from bot.services.actions.changes import add_action
from bot.services.agenda import triage
from bot.services.cases.interests import declare_interest
from bot.services.meeting import discussion
from bot.services.meeting.discussion import DecisionForm
from bot.services.meeting.opening import close_meeting
from bot.services.minutes.papers import draft_minutes
from bot.slack.delivery import Delivery
from bot.slack.listener import LONG_PATIENCE, Listener, Settling
from bot.slack.screens import Screens
from bot.slack.sender import web_client
from bot.slack.tables import build_registry
from bot.store.budget import UNHURRIED, Budget
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.unit_of_work import Store, Work
from tests.conftest import MASTER_KEY
from tests.county import TEAM, WEST, County, user_id
from tests.services.conftest import Play

pytestmark = pytest.mark.slow

TABLE = Path(__file__).with_name("authorisation.md")
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


class Desk:
    """The listener of a bot in which nothing lasts."""

    def __init__(self, store: Unchanging) -> None:
        away = web_client("xoxb-away", "http://127.0.0.1:9/", ssl.create_default_context())
        screens = Screens(away, away)
        self._store = store
        self._listener = Listener(store, build_registry(), screens, Settling(store, screens), LONG_PATIENCE)
        self._keys = count()

    def refuses(self, persona: str, typed: str) -> bool:
        """Whether the persona is refused, and the audit says so."""
        command, _, text = typed.partition(" ")
        delivery = Delivery(
            kind="command", name=command, team_id=TEAM, user_id=user_id(persona), text=text, key=f"{next(self._keys)}"
        )
        self._store.has_refused = False
        self._listener.answer(delivery)
        return self._store.has_refused


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


@pytest.fixture
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Slack is away, which is logged for each form that it does not open."""
    caplog.set_level(logging.CRITICAL)


def wrong_cells(play: Play, desk: Desk, *, step: int) -> list[str]:
    """Go through the states and return where the bot differs from the table; one cell in so many."""
    wrong, cells = [], count()
    for state, happens in STATES.items():
        happens(play)
        for typed, when, expected in table():
            if when == "before" and state == "over":
                continue
            for persona, may in expected.items():
                if next(cells) % step == 0 and desk.refuses(persona, typed) is may:
                    wrong.append(f"{state}: {persona}: {typed}: {'is refused' if may else 'is not refused'}")
    return wrong


def table() -> list[tuple[str, str, dict[str, bool]]]:
    """Return the rows of the table: what is typed, when, and who may."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    (_, _, *personas), _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [
        (typed.strip("`"), when, {who: mark == "●" for who, mark in zip(personas, marks, strict=True)})
        for typed, when, *marks in rows
    ]


@pytest.fixture
def desk(
    store: Store, database_url: str, clock: MovedClock, panel_definitions: Mapping[str, PanelDefinition]
) -> Iterator[Desk]:
    """A desk at the database of `store`."""
    unchanging = Unchanging(create_store_engine(database_url), KeyRing(MASTER_KEY), clock, panel_definitions)
    yield Desk(unchanging)
    unchanging.close()


@pytest.mark.usefixtures("_quiet")
def test_a_tenth_of_the_cells(store: Store, county: County, clock: MovedClock, desk: Desk) -> None:
    # Not a divisor of the number of personas, so that each persona and each line has its turn.
    wrong = wrong_cells(Play(store, county, clock), desk, step=11)
    assert not wrong, "\n".join(wrong)


@pytest.mark.proof
@pytest.mark.usefixtures("_quiet")
def test_every_cell(store: Store, county: County, clock: MovedClock, desk: Desk) -> None:
    wrong = wrong_cells(Play(store, county, clock), desk, step=1)
    assert not wrong, "\n".join(wrong)


@pytest.mark.databases("sqlite")
def test_the_table_has_every_command(store: Store) -> None:
    typed = [line.split() for line, _, _ in table()]
    known = {(command.name, verb.name) for command in build_registry().commands.values() for verb in command.verbs}
    asks_slack = {("/people", "enrol"), ("/people", "return")}  # Slack says first who is meant
    assert known - {(words[0], words[1]) for words in typed} - asks_slack == set()
