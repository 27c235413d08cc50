"""Measures filling a diary of two years for 30 panels, about 900 meetings.

The time is compared with inserting as many rows directly.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import insert

from bench.tables import show, verdict
from bot.bootstrap import build_store
from bot.clock import MovedClock
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import AgencyKind, AreaKind, MeetingState, Role
from bot.records.access.queries import Where, identify
from bot.services.diary.series import create_series
from bot.settings import Settings
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Store, Work
from tests.postgres import PostgresServer

GOAL_SECONDS = 2.0
PANELS = 30
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TWO_YEARS = "until 5 January 2028"
#: The mix of a county: most panels monthly, some every fortnight, a few every week for the time of an operation.
RULES = (
    *(
        f"{nth} {day} of the month at {hour}:00 {TWO_YEARS}"
        for nth in ("first", "second", "third", "last")
        for day in ("Tuesday", "Wednesday", "Thursday")
        for hour in (10, 14)
    ),
    *(f"every other {day} at 11:00 {TWO_YEARS}" for day in ("Monday", "Tuesday", "Wednesday", "Friday")),
    *(f"every {day} at 15:30 until 5 July 2026" for day in ("Monday", "Thursday")),
)
TEAM = "T0BENCH"


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table."""
    rows = []
    for name, open_store in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with open_store() as store:
            panels = _county(store)
            began = time.perf_counter()
            made = 0
            for key, rule in zip(panels, RULES, strict=True):
                with store.work() as work:
                    made += len(create_series(work, identify(work, TEAM, "U0"), Where(panel_key=key), rule=rule).dates)
            seconds = time.perf_counter() - began
            bare = _bare(store, made)
            rows.append([name, str(made), f"{seconds:.2f}", verdict(seconds, GOAL_SECONDS), f"{seconds / bare:.1f}"])
    show(
        f"The diary of {PANELS} panels for two years",
        ("", "meetings", "seconds", f"at most {GOAL_SECONDS:.0f}", "× bare rows"),
        rows,
    )


def _bare(store: Store, count: int) -> float:
    """Insert `count` meetings as plain rows, with one statement and one commit for each panel. Return the seconds."""
    each = -(-count // PANELS)
    began = time.perf_counter()
    for panel in range(PANELS):
        starts = [NOW + timedelta(days=4000 + number, minutes=panel) for number in range(each)]
        with store.engine.begin() as connection:
            connection.execute(
                insert(table_of(Meeting)),
                [
                    {
                        "panel_id": panel + 1,
                        "starts_at": at,
                        "ends_at": at + timedelta(hours=2),
                        "venue": "",
                        "state": MeetingState.CANCELLED,
                        "uid": uuid4().hex,
                        "sequence": 0,
                        "is_interim": False,
                        "agenda_version": 0,
                    }
                    for at in starts
                ],
            )
    return time.perf_counter() - began


def _county(store: Store) -> list[str]:
    """Add 30 panels of eight people each. Some people chair several panels, and panels share six rooms.

    Return the panels' keys.
    """
    assert len(RULES) == PANELS
    with store.work() as work:
        area = _stored(work, Area(key="county", name="County", kind=AreaKind.COUNTY))
        agencies = [
            _stored(work, Agency(key=kind.value.replace("_", "-"), name=kind.label, kind=kind)) for kind in AgencyKind
        ]
        people = [
            _stored(
                work,
                Person(
                    key=f"person-{number}",
                    name=f"Person {number}",
                    team_id=TEAM,
                    user_id=f"U{number}",
                    agency_id=agencies[number % len(agencies)],
                    is_administrator=number == 0,
                    enrolled_at=work.now,
                ),
            )
            for number in range(60)
        ]
        keys = []
        for number in range(PANELS):
            panel = Panel(
                key=f"panel-{number}",
                title=f"Panel {number}",
                definition="district-operational-met",
                area_id=area,
                venue=f"Room {number % 6}",
                data_key_id=work.keys.new_key(work.session, "panel", work.now),
            )
            panel_id = _stored(work, panel)
            keys.append(panel.key)
            places = [(people[number // 3], Role.CHAIR)]
            places += [(people[10 + (number * 3 + seat) % 50], Role.REPRESENTATIVE) for seat in range(7)]
            for person, role in places:
                work.session.add(Membership(panel_id=panel_id, person_id=person, role=role, began_at=work.now))
    return keys


def _stored(work: Work, row: Area | Agency | Person | Panel) -> int:
    work.session.add(row)
    work.session.flush()
    return id_of(row)


@contextmanager
def _sqlite() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _opened(Settings(panelbot_data_dir=Path(folder)))


@contextmanager
def _postgresql() -> Iterator[Store]:
    with PostgresServer(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        url = server.url(server.create_database())
        yield from _opened(Settings(panelbot_data_dir=Path(folder), panelbot_database_url=url))


def _opened(settings: Settings) -> Iterator[Store]:
    store = build_store(settings, clock=MovedClock(NOW))
    try:
        yield store
    finally:
        store.close()
