"""Measures App Home of a very busy co-ordinator: 30 panels, 900 meetings over two years, 300 actions, 60 flags."""

import statistics
import time
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryDirectory

from sqlalchemy import event

from bench.servers import settings_of
from bench.tables import show, verdict
from bot.bootstrap import build_store
from bot.clock import MovedClock
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.meetings import AgencyReturn, Meeting
from bot.models.minutes import Minutes
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import (
    ActionState,
    AgeBand,
    AgencyKind,
    AreaKind,
    FlagState,
    LegalStatus,
    MeetingState,
    MinutesState,
    ReturnKnowledge,
    Role,
    Urgency,
)
from bot.records.access.queries import identify
from bot.records.diary.queries import next_meeting
from bot.services.home.overview import home_of
from bot.services.home.undelivered import list_undelivered
from bot.slack.home.views import home
from bot.store.rows import id_of
from bot.store.unit_of_work import Store, Work
from tests.postgres import PostgresServer

GOAL = 100.0  # milliseconds
ROUNDS = 60
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PANELS, MEETINGS, ACTIONS, FLAGS = 30, 900, 300, 60
KINDS = (AgencyKind.POLICE, AgencyKind.HEALTH, AgencyKind.CHILDRENS_SOCIAL_CARE, AgencyKind.EDUCATION)
TEAM, USER = "T0BENCH", "UBUSY"


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table."""
    rows = []
    with TemporaryDirectory(prefix="panelbot-bench-") as folder:
        rows.append(_measured("SQLite", f"sqlite:///{folder}/home.db"))
    with PostgresServer(durable=True) as server:
        rows.append(_measured("PostgreSQL", server.url(server.create_database())))
    show(
        f"App Home: {PANELS} panels, {MEETINGS} meetings, {ACTIONS} actions, {FLAGS} flags; service and view",
        ("", "median, ms", "slowest of 20, ms", "statements", "blocks", f"under {GOAL:.0f} ms"),
        rows,
    )


def _measured(name: str, url: str) -> list[str]:
    settings = settings_of(url)
    store = build_store(settings, clock=MovedClock(NOW))
    with store.work() as work:
        furnish(work)
    _build(store)
    taken, blocks, statements = [], 0, _statements(store)
    for _ in range(ROUNDS):
        began = time.perf_counter()
        blocks = _build(store)
        taken.append((time.perf_counter() - began) * 1000)
    store.close()
    median = statistics.median(taken)
    worst = statistics.quantiles(taken, n=20)[-1]
    return [name, f"{median:.0f}", f"{worst:.0f}", str(statements), str(blocks), verdict(median, GOAL)]


def _build(store: Store) -> int:
    with store.reading() as work:
        actor = identify(work, TEAM, USER)
        return len(home(home_of(work, actor), list_undelivered(work, actor))["blocks"])


def _statements(store: Store) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(store.engine, "before_cursor_execute", counted)
    _build(store)
    event.remove(store.engine, "before_cursor_execute", counted)
    return count


def furnish(work: Work, panels: int = PANELS, meetings: int = MEETINGS) -> None:
    """Add a county in which one person co-ordinates every panel.

    This person also chairs three panels and represents an agency on two.
    """
    session = work.session
    area = Area(key="shire", name="Shire", kind=AreaKind.DISTRICT)
    agencies = [Agency(key=kind.value, name=kind.label.capitalize(), kind=kind) for kind in KINDS]
    session.add_all([area, *agencies])
    session.flush()
    busy = _person(work, "busy", USER, id_of(agencies[0]))
    people = [_person(work, f"p{n}", f"U{n}", id_of(agencies[n % len(agencies)])) for n in range(40)]
    each = meetings // panels
    made = []
    for number in range(panels):
        panel = Panel(
            key=f"panel-{number}",
            title=f"Panel {number:02}",
            definition="district-operational-met",
            area_id=id_of(area),
            venue="Civic Centre",
            data_key_id=work.keys.new_key(session, "panel", work.now),
        )
        session.add(panel)
        session.flush()
        made.append(panel)
        sitting = [(busy, Role.COORDINATOR), *((one, Role.REPRESENTATIVE) for one in people[number % 20 :][:10])]
        sitting += [(busy, Role.CHAIR)] if number < 3 else []
        sitting += [(busy, Role.REPRESENTATIVE)] if 3 <= number < 5 else []
        session.add_all(
            Membership(panel_id=id_of(panel), person_id=id_of(who), role=role, began_at=work.now)
            for who, role in sitting
        )
        _meetings(work, panel, number, each, id_of(busy))
    session.flush()
    _flags(work, made, area, agencies, people, busy)
    _actions(work, made, agencies, people, busy)


def _person(work: Work, key: str, user_id: str, agency_id: int) -> Person:
    person = Person(key=key, name=key.title(), team_id=TEAM, user_id=user_id, agency_id=agency_id, enrolled_at=work.now)
    work.session.add(person)
    work.session.flush()
    return person


def _meetings(work: Work, panel: Panel, number: int, each: int, drafter: int) -> None:
    """Add `each` meetings to a panel, over two years. Half of them were held, and some of these have no minutes.

    The next meeting is in a few days. On every second panel its agenda is published.
    """
    step = timedelta(days=730 / each)
    for n in range(each):
        starts_at = work.now + (n - each // 2) * step + timedelta(days=3, hours=number % 6)
        held = starts_at < work.now
        meeting = Meeting(
            panel_id=id_of(panel),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            state=MeetingState.CLOSED if held else MeetingState.SCHEDULED,
            opened_at=starts_at if held else None,
            closed_at=starts_at + timedelta(hours=2) if held else None,
        )
        if not held and number % 2 and starts_at < work.now + timedelta(days=10):
            meeting.agenda_version, meeting.agenda_published_at = 1, work.now
        work.session.add(meeting)
        work.session.flush()
        if held and n % 5:
            work.session.add(
                Minutes(
                    meeting_id=id_of(meeting),
                    version=1,
                    state=MinutesState.APPROVED if n % 3 else MinutesState.DRAFT,
                    drafted_by_id=drafter,
                    drafted_at=starts_at + timedelta(hours=3),
                    approved_by_id=drafter if n % 3 else None,
                    approved_at=starts_at + timedelta(days=3) if n % 3 else None,
                )
            )


def _flags(
    work: Work, panels: list[Panel], area: Area, agencies: list[Agency], people: list[Person], busy: Person
) -> None:
    for n in range(FLAGS):
        panel = panels[n % len(panels)]
        key_id = work.keys.new_key(work.session, "case", work.now)
        case = Case(
            reference=f"SAMPLE-{n:04}",
            area_id=id_of(area),
            data_key_id=key_id,
            created_at=work.now,
        )
        work.session.add(case)
        work.session.flush()
        meeting = _next(work, panel)
        flag = Flag(
            case_id=id_of(case),
            panel_id=id_of(panel),
            meeting_id=id_of(meeting),
            agency_id=id_of(agencies[1 + n % 3]),
            person_id=id_of(people[n % len(people)]),
            state=FlagState.OPEN if n % 4 == 0 else FlagState.ACCEPTED,
            age_band=AgeBand.FROM_14_TO_15,
            legal_status=LegalStatus.CIN,
            urgency=Urgency.ROUTINE,
            risk_tool="ceraf",
            risk_level="medium",
            assessed_on=date(2026, 2, 1),
            judgement=work.seal(key_id, "More worried than the score says."),
            asked_of_panel=work.seal(key_id, "A shared plan."),
            flagged_at=work.now + timedelta(seconds=n),
        )
        work.session.add(flag)
        work.session.flush()
        if n % 3 == 0 and flag.state is FlagState.ACCEPTED:
            work.session.add(
                AgencyReturn(
                    flag_id=id_of(flag),
                    agency_id=id_of(agencies[0]),
                    person_id=id_of(busy),
                    knowledge=ReturnKnowledge.NOT_KNOWN,
                    returned_at=work.now,
                )
            )


def _next(work: Work, panel: Panel) -> Meeting:
    found = next_meeting(work, id_of(panel))
    assert found is not None
    return found


def _actions(work: Work, panels: list[Panel], agencies: list[Agency], people: list[Person], busy: Person) -> None:
    """Add the actions. A tenth are held by the co-ordinator, a third are overdue, and some are reported as done."""
    for n in range(ACTIONS):
        panel = panels[n % len(panels)]
        work.session.add(
            Action(
                panel_id=id_of(panel),
                text=work.seal(panel.data_key_id, f"Ring the school nurse about attendance, {n}."),
                agency_id=id_of(agencies[n % len(agencies)]),
                holder_id=id_of(busy if n % 10 == 0 else people[n % len(people)]),
                due_on=date(2026, 3, 2) + timedelta(days=n % 30 - 10),
                state=ActionState.DONE if n % 7 == 0 else ActionState.OPEN,
                created_by_id=id_of(busy),
                created_at=work.now,
            )
        )
    work.session.flush()


if __name__ == "__main__":
    main()
