"""Chasing: up the ladder, once a day, in working hours, and after an outage one digest rather than a storm."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlmodel import col, select

from bot.clock import MovedClock
from bot.domain.panel_definition import ChaseLadder
from bot.models.actions import Action, Chase
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import ActionState, ChaseStep, Priority, Role
from bot.services.actions import changes, chasing
from bot.services.actions.chasing import DIGESTS
from bot.services.cases import interests
from bot.store.rows import id_of, table_of
from bot.store.sweeps import run_sweep
from bot.store.unit_of_work import Store
from tests.county import SHIRE, TEAM, WEST, user_id
from tests.services.actions.test_changes import give
from tests.services.conftest import Play
from tests.statements import counting


def _chases(play: Play) -> list[tuple[int, str, str]]:
    names = {number: key for key, number in play.county.person.items()}
    with play.store.reading() as work:
        rows = work.session.exec(select(Chase).order_by(col(Chase.id)))
        return [(row.action_id, row.step.value, names[row.recipient_id]) for row in rows]


def _digest(play: Play, who: str, on: date) -> list[tuple[int, ChaseStep, bool]]:
    digest = play.does(who, chasing.compose_digest, on)
    assert digest.on == on
    return [(line.action.id, line.step, line.is_holder) for line in digest.lines]


def test_the_ladder_is_climbed_day_by_day(play: Play) -> None:
    number = give(play, due="2026-03-12")  # a Thursday
    climbed: dict[int, list[tuple[str, str]]] = {}
    for day in (6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20):
        play.at(3, day)
        before = len(_chases(play))
        play.ticks(DIGESTS)
        climbed[day] = sorted((step, who) for _, step, who in _chases(play)[before:])
    assert climbed == {
        6: [],
        9: [("before", "nurse")],
        10: [],
        11: [],
        12: [("due", "nurse")],
        13: [("overdue", "nurse")],
        16: [],
        17: [("deputy", "midwife"), ("deputy", "nurse")],
        18: [],
        19: [("chair", "chair"), ("chair", "nurse")],
        20: [],
    }
    assert number == 1


def test_the_last_rung_reaches_who_stands_in_for_the_chair(play: Play) -> None:
    give(play, due="2026-03-12")
    play.loses_place("chair")
    play.at(3, 19)
    play.ticks(DIGESTS)
    assert [(step, who) for _, step, who in _chases(play)] == [
        ("chair", "vicechair"),
        ("chair", "nurse"),
        ("deputy", "midwife"),
    ]


def test_the_last_rung_reaches_the_coordinator_where_nobody_presides(play: Play) -> None:
    number = give(play, due="2026-03-12")
    play.loses_place("chair")
    play.loses_place("vicechair")
    play.at(3, 19)
    play.ticks(DIGESTS)
    assert [(step, who) for _, step, who in _chases(play)] == [
        ("chair", "coordinator"),
        ("chair", "nurse"),
        ("deputy", "midwife"),
    ]
    assert _digest(play, "coordinator", date(2026, 3, 19)) == [(number, ChaseStep.CHAIR, False)]


def test_after_an_outage_there_is_one_digest_with_the_highest_rung_of_each(play: Play) -> None:
    first, second = give(play, due="2026-03-04"), give(play, due="2026-03-12")
    play.at(3, 12, 9)  # nobody ran since the second: the first is six working days over, the second due today
    assert play.ticks(DIGESTS) == 3
    assert play.sent("digest") == [("digest", "chair"), ("digest", "nurse"), ("digest", "midwife")]
    assert _digest(play, "nurse", date(2026, 3, 12)) == [(first, ChaseStep.CHAIR, True), (second, ChaseStep.DUE, True)]
    assert _digest(play, "midwife", date(2026, 3, 12)) == [(first, ChaseStep.DEPUTY, False)]  # nobody is jumped over
    assert _digest(play, "chair", date(2026, 3, 12)) == [(first, ChaseStep.CHAIR, False)]
    for hour in (10, 12, 16):
        play.at(3, 12, hour)
        assert play.ticks(DIGESTS) == 0


@pytest.mark.parametrize(
    ("day", "hour", "minute", "queued"),
    [
        (5, 8, 59, 0),  # a Thursday, the day it is due
        (5, 9, 0, 1),
        (5, 16, 59, 1),
        (5, 17, 0, 0),
        (7, 12, 0, 0),  # a Saturday
        (8, 12, 0, 0),
    ],
)
def test_nothing_goes_out_but_in_working_hours(play: Play, day: int, hour: int, minute: int, queued: int) -> None:
    give(play, due="2026-03-05")
    play.at(3, day, hour, minute)
    assert play.ticks(DIGESTS) == queued
    assert len(play.sent("digest")) == queued


def test_nothing_goes_out_on_a_bank_holiday(play: Play) -> None:
    give(play, due="2026-04-02")
    play.at(4, 6, 12)  # Easter Monday
    assert play.ticks(DIGESTS) == 0
    play.at(4, 7, 12)
    assert play.ticks(DIGESTS) == 1


def test_working_hours_are_those_of_the_persons_own_clock(play: Play) -> None:
    give(play, due="2026-03-05")
    with play.store.work() as work:
        work.session.execute(
            text("UPDATE person SET timezone = 'America/New_York' WHERE id = :id"), {"id": play.county.person["nurse"]}
        )
    play.at(3, 5, 12)
    assert play.ticks(DIGESTS) == 0
    play.at(3, 5, 14)  # nine in New York
    assert play.ticks(DIGESTS) == 1


def test_a_digest_held_back_at_night_is_not_lost(play: Play) -> None:
    number = give(play, due="2026-03-05")
    play.at(3, 5, 20)
    assert play.ticks(DIGESTS) == 0
    assert _chases(play) == []
    play.at(3, 6, 9)
    assert play.ticks(DIGESTS) == 1
    assert _digest(play, "nurse", date(2026, 3, 6)) == [(number, ChaseStep.OVERDUE, True)]


def test_what_falls_due_after_the_days_digest_waits_for_the_next_and_is_not_lost(play: Play) -> None:
    first = give(play, due="2026-03-05")
    play.at(3, 5, 9)
    assert play.ticks(DIGESTS) == 1
    second = give(play, due="2026-03-06")
    assert play.ticks(DIGESTS) == 0
    play.at(3, 6, 9)
    assert play.ticks(DIGESTS) == 1
    assert _digest(play, "nurse", date(2026, 3, 6)) == [(first, ChaseStep.OVERDUE, True), (second, ChaseStep.DUE, True)]


def test_what_was_done_meanwhile_is_not_mentioned(play: Play) -> None:
    done, left = give(play, due="2026-03-05"), give(play, due="2026-03-05")
    play.at(3, 5, 9)
    assert play.ticks(DIGESTS) == 1
    play.does("nurse", changes.complete_action, done)
    assert _digest(play, "nurse", date(2026, 3, 5)) == [(left, ChaseStep.DUE, True)]


def test_more_time_begins_the_ladder_again(play: Play) -> None:
    number = give(play, due="2026-03-05")
    play.at(3, 6, 9)
    play.ticks(DIGESTS)
    play.does("nurse", changes.extend_action, number, due="2026-03-12", reason="School is shut.")
    play.at(3, 9, 9)
    assert play.ticks(DIGESTS) == 1
    assert _digest(play, "nurse", date(2026, 3, 9)) == [(number, ChaseStep.BEFORE, True)]


def test_where_there_is_no_deputy_the_agencys_lead_hears(play: Play) -> None:
    number = give(play, holder="midwife", due="2026-03-05")
    play.at(3, 10, 9)
    play.ticks(DIGESTS)
    assert sorted(_chases(play)) == [(number, "deputy", "matron"), (number, "deputy", "midwife")]


def test_a_passed_on_action_chases_its_new_holder(play: Play) -> None:
    number = give(play, due="2026-03-05")
    play.at(3, 5, 9)
    play.ticks(DIGESTS)
    play.does("nurse", changes.reassign_action, number, holder_user_id=user_id("matron"))
    play.at(3, 5, 10)
    assert play.ticks(DIGESTS) == 1
    assert _chases(play) == [(number, "due", "nurse"), (number, "due", "matron")]
    assert _digest(play, "nurse", date(2026, 3, 5)) == [(number, ChaseStep.DUE, False)]


def test_what_another_process_did_meanwhile_is_not_done_again(play: Play, open_store: Callable[[], Store]) -> None:
    give(play, due="2026-03-05")
    play.at(3, 5, 9)
    found = []
    for store in (play.store, open_store()):
        with store.reading() as work:
            found.append((store, chasing.find_digests(work)))
    done = []
    for store, pieces in found:
        for piece in pieces:
            with store.work() as work:
                done.append(chasing.queue_digests(work, piece))
    assert done == [1, 0]
    assert play.sent("digest") == [("digest", "nurse")]
    assert play.audited("chase") == [("person", None, "nobody")]


@pytest.mark.slow
def test_processes_that_tick_at_the_same_moment_send_each_digest_once(
    play: Play, open_store: Callable[[], Store]
) -> None:
    people = _enrol(play, 120)
    _load(play, people)
    play.at(3, 9)
    stores = [play.store, open_store(), open_store()]
    together = Barrier(len(stores))

    def tick(store: Store) -> int:
        together.wait()
        return run_sweep(store, DIGESTS)

    with ThreadPoolExecutor(len(stores)) as pool:
        assert sum(pool.map(tick, stores)) == 120
    with play.store.reading() as work:
        told = work.session.exec(select(OutboxRow.payload).where(col(OutboxRow.kind) == "digest")).all()
    assert sorted(one["person_id"] for one in told) == people


def _enrol(play: Play, count: int) -> list[int]:
    """Add `count` representatives to West. Return their numbers."""
    with play.store.work() as work:
        people = [
            Person(
                key=f"more-{number}",
                name=f"More {number}",
                team_id=TEAM,
                user_id=f"UMORE{number}",
                agency_id=play.county.agency["police"],
                enrolled_at=work.now,
            )
            for number in range(count)
        ]
        work.session.add_all(people)
        work.session.flush()
        numbers = [id_of(person) for person in people]
        work.session.add_all(
            Membership(panel_id=play.county.west_id, person_id=one, role=Role.REPRESENTATIVE, began_at=work.now)
            for one in numbers
        )
    return numbers


def _load(play: Play, holders: list[int], due_on: date = date(2026, 3, 9)) -> None:
    """Add one open action for each of these holders."""
    with play.store.work() as work:
        sealed = work.seal(1, "Ring the school nurse")
        work.execute(
            insert(table_of(Action)),
            [
                {
                    "panel_id": play.county.west_id,
                    "text": sealed,
                    "agency_id": play.county.agency["police"],
                    "holder_id": holder,
                    "due_on": due_on,
                    "priority": Priority.NORMAL,
                    "state": ActionState.OPEN,
                    "created_by_id": holder,
                    "created_at": work.now,
                }
                for holder in holders
            ],
        )


def test_a_recused_holder_is_not_reminded_of_what_is_kept_from_them(play: Play) -> None:
    play.accepted("WEST-0001")
    give(play, due="2026-03-05", case_reference="WEST-0001")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    play.at(3, 5, 9)
    play.ticks(DIGESTS)
    assert _digest(play, "nurse", date(2026, 3, 5)) == []


def test_days_are_the_persons_own(play: Play) -> None:
    """A digest queued at 09:00 in London belongs to London's day, on both sides of the clock change."""
    number = give(play, due="2026-03-30")
    play.clock.move_to(datetime(2026, 3, 30, 8, 0, tzinfo=UTC))  # nine in London: summer time began the day before
    assert play.ticks(DIGESTS) == 1
    assert _digest(play, "nurse", date(2026, 3, 30)) == [(number, ChaseStep.DUE, True)]
    assert _digest(play, "nurse", date(2026, 3, 29)) == []


def _fate(play: Play, state: str) -> None:
    with play.store.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET state = :state WHERE kind = 'digest'"), {"state": state})


@pytest.mark.parametrize("state", ["dead", "ambiguous"])
def test_a_reminder_that_was_lost_comes_with_the_next_days_digest(play: Play, state: str) -> None:
    number = give(play, due="2026-03-12")
    play.at(3, 12)
    play.ticks(DIGESTS)
    _fate(play, state)
    play.at(3, 12, 15)
    assert play.ticks(DIGESTS) == 0  # nobody gets two digests a day
    play.at(3, 13, 9)
    second = give(play, due="2026-03-18")  # whose first rung is today
    assert play.ticks(DIGESTS) == 1
    assert _digest(play, "nurse", date(2026, 3, 13)) == [
        (number, ChaseStep.OVERDUE, True),
        (second, ChaseStep.BEFORE, True),
    ]
    assert play.ticks(DIGESTS) == 0


@pytest.mark.parametrize(("state", "days_reminded"), [("dead", [10, 11]), ("dropped", [10]), ("done", [10])])
def test_only_what_was_lost_is_said_again_between_two_rungs(play: Play, state: str, days_reminded: list[int]) -> None:
    number = give(play, due="2026-03-13")  # a Friday: the first rung is the Tuesday before
    reminded = []
    for day in (10, 11):
        play.at(3, day)
        if play.ticks(DIGESTS):
            reminded.append(day)
            assert _digest(play, "nurse", date(2026, 3, day)) == [(number, ChaseStep.BEFORE, True)]
        _fate(play, state)
    assert reminded == days_reminded
    assert _chases(play) == [(number, "before", "nurse")]


def test_what_was_done_meanwhile_is_not_said_again(play: Play) -> None:
    number = give(play, due="2026-03-13")
    play.at(3, 10)
    play.ticks(DIGESTS)
    _fate(play, "dead")
    play.does("nurse", changes.complete_action, number)
    play.at(3, 11)
    assert play.ticks(DIGESTS) == 0


def test_each_audience_of_a_rung_that_an_outage_hid_is_told_once(play: Play) -> None:
    number = give(play, due="2026-03-12")
    play.at(3, 13)
    play.ticks(DIGESTS)
    play.at(3, 20)  # nobody ran on the 17th, the deputy's day, nor on the 19th, the chair's
    play.ticks(DIGESTS)
    play.at(3, 23)
    play.ticks(DIGESTS)
    assert _chases(play) == [
        (number, "overdue", "nurse"),
        (number, "chair", "chair"),
        (number, "chair", "nurse"),
        (number, "deputy", "midwife"),
    ]


def test_who_is_reached_twice_hears_of_the_higher_rung_only(play: Play) -> None:
    number = give(play, holder="constable", due="2026-03-12")
    with play.store.work() as work:
        work.session.execute(
            text("UPDATE person SET leads_agency = true WHERE id = :id"), {"id": play.county.person["chair"]}
        )
    play.at(3, 20)
    play.ticks(DIGESTS)
    play.at(3, 23)
    play.ticks(DIGESTS)
    assert _chases(play) == [(number, "chair", "chair"), (number, "chair", "constable")]


def test_who_comes_later_hears_of_what_their_place_is_told(play: Play) -> None:
    number = give(play, holder="matron", due="2026-03-12")
    play.at(3, 20)
    play.ticks(DIGESTS)
    with play.store.work() as work:
        place = Membership(
            panel_id=play.county.west_id,
            person_id=play.county.person["outsider"],
            role=Role.DEPUTY,
            deputy_for_id=play.county.person["matron"],
            began_at=work.now,
        )
        work.session.add(place)
    play.loses_place("chair")
    play.at(3, 20, 11)
    play.ticks(DIGESTS)
    assert _chases(play) == [
        (number, "chair", "chair"),
        (number, "chair", "matron"),
        (number, "chair", "vicechair"),
        (number, "deputy", "outsider"),
    ]


def test_a_ladder_that_is_changed_is_climbed_as_it_now_is(play: Play) -> None:
    number = give(play, due="2026-03-12")
    play.at(3, 6)
    assert play.ticks(DIGESTS) == 0
    _define(play, "district-operational-met", chasing=ChaseLadder(before=-4))
    assert play.ticks(DIGESTS) == 1
    assert _chases(play) == [(number, "before", "nurse")]


def _define(play: Play, key: str, **facts: object) -> None:
    """Change facts of a kind of panel from now on."""
    changed = play.store.definitions[key].model_copy(update=facts)
    play.store.definitions = {**play.store.definitions, key: changed}


@pytest.mark.parametrize(
    ("subdivision", "day", "queued"),
    [
        ("ENG", 6, 0),  # Easter Monday
        ("SCT", 6, 1),
        ("NIR", 6, 0),
        ("ENG", 7, 1),
    ],
)
def test_bank_holidays_are_those_of_the_panels_own_part(play: Play, subdivision: str, day: int, queued: int) -> None:
    _define(play, "district-operational-met", bank_holiday_subdivision=subdivision)
    give(play, due="2026-04-06")
    with play.store.work() as work:  # told of the rung before
        _told_of(work.session, play, date(2026, 4, 6), date(2026, 4, 1))
    play.at(4, day)
    assert play.ticks(DIGESTS) == queued


def _told_of(session: Any, play: Play, due_on: date, told_on: date) -> None:
    number = session.exec(select(Action.id)).one()
    nurse = play.county.person["nurse"]
    chase = Chase(action_id=number, due_on=due_on, step=ChaseStep.BEFORE, recipient_id=nurse, told_on=told_on)
    chase.queued_at = datetime(told_on.year, told_on.month, told_on.day, 10, tzinfo=UTC)
    session.add(chase)


def test_a_digest_has_the_panels_that_work_that_day_and_the_others_the_day_after(play: Play) -> None:
    _define(play, "district-operational-met", bank_holiday_subdivision="SCT")
    numbers = [
        play.does(
            "coordinator", changes.add_action, where, holder_user_id=user_id("matron"), text="ring", due="2026-04-07"
        ).id
        for where in (WEST, SHIRE)
    ]
    play.at(4, 6)  # a holiday in England only
    assert play.ticks(DIGESTS) == 1
    assert _digest(play, "matron", date(2026, 4, 6)) == [(numbers[0], ChaseStep.BEFORE, True)]
    play.at(4, 7)
    assert play.ticks(DIGESTS) == 1
    assert _digest(play, "matron", date(2026, 4, 7)) == [
        (numbers[0], ChaseStep.DUE, True),
        (numbers[1], ChaseStep.DUE, True),
    ]


def _ahead(play: Play, moment: datetime) -> Store:
    """Return the same database, seen by a process whose clock is at another moment."""
    return Store(play.store.engine, play.store.keys, MovedClock(moment), play.store.definitions)


def test_a_clock_that_leaps_ahead_and_back_leaves_nothing_untold(play: Play) -> None:
    number = give(play, due="2026-03-12")
    leap = datetime(2027, 4, 6, 10, tzinfo=UTC)  # 400 days
    assert run_sweep(_ahead(play, leap), DIGESTS) == 3
    assert _digest(play, "nurse", date(2027, 4, 6)) == []  # not yet gone when the clock was put right
    told = {}
    for day in (9, 12, 13, 17, 19):
        play.at(3, day)
        told[day] = play.ticks(DIGESTS)
        told[day, "again"] = play.ticks(DIGESTS)
        if day < 17:
            assert len(_digest(play, "nurse", date(2026, 3, day))) == 1
    assert {day: count for day, count in told.items() if count} == {9: 1, 12: 1, 13: 1, 17: 2, 19: 2}
    assert sorted(_chases(play)) == sorted(
        (number, step, who)
        for step, who in (
            ("before", "nurse"),
            ("due", "nurse"),
            ("overdue", "nurse"),
            ("deputy", "nurse"),
            ("deputy", "midwife"),
            ("chair", "nurse"),
            ("chair", "chair"),
        )
    )


def test_the_day_to_which_a_clock_leapt_has_its_digest_when_it_comes(play: Play) -> None:
    first = give(play, due="2026-03-09")
    assert run_sweep(_ahead(play, datetime(2026, 3, 12, 10, tzinfo=UTC)), DIGESTS) == 2
    told = []
    for day in (4, 9, 10, 12):
        play.at(3, day)
        if play.ticks(DIGESTS):
            told.append((day, _digest(play, "nurse", date(2026, 3, day))))
    assert told == [
        (4, [(first, ChaseStep.BEFORE, True)]),
        (9, [(first, ChaseStep.DUE, True)]),
        (10, [(first, ChaseStep.OVERDUE, True)]),
        (12, [(first, ChaseStep.DEPUTY, True)]),
    ]


def _turns(play: Play) -> int:
    """On PostgreSQL processes take turns at telling, which is a statement more."""
    return int(play.store.engine.dialect.name == "postgresql")


@pytest.mark.parametrize("count", [10, 300])
def test_a_tick_asks_as_much_for_many_actions_as_for_few(play: Play, count: int) -> None:
    people = _enrol(play, 40)
    _load(play, [people[number % 40] for number in range(count)])
    play.at(3, 9)
    with counting(play.store.engine) as telling:
        assert play.ticks(DIGESTS) == min(count, 40)
    with counting(play.store.engine) as nothing_new:
        assert play.ticks(DIGESTS) == 0
    # three to find what is due; eight to look again, tell, promise and note
    assert len(telling) == 11 + _turns(play)
    assert [statement.split()[0] for statement in nothing_new] == ["SELECT", "SELECT", "WITH"]


@pytest.mark.parametrize("pieces", [1, 3])
def test_many_people_are_told_in_several_transactions_that_ask_the_same(play: Play, pieces: int) -> None:
    _load(play, _enrol(play, 40 * pieces))
    play.at(3, 9)
    play.ticks(DIGESTS)  # from now on each person's lane is known
    with play.store.work() as work:
        work.session.execute(text("DELETE FROM chase"))
    with play.store.reading() as work:
        assert len(chasing.find_digests(work)) == pieces
    with counting(play.store.engine) as asked:
        play.ticks(DIGESTS)
    assert len(asked) == 3 + pieces * (7 + _turns(play))


def test_outside_working_hours_a_tick_asks_for_the_time_zones_only(play: Play) -> None:
    _load(play, _enrol(play, 10))
    play.at(3, 9, 20)
    with counting(play.store.engine) as asked:
        assert play.ticks(DIGESTS) == 0
    assert len(asked) == 1


@pytest.mark.parametrize("count", [10, 300])
def test_a_digest_is_put_together_with_as_much_for_many_actions_as_for_few(play: Play, count: int) -> None:
    _load(play, [play.county.person["nurse"]] * count)
    play.at(3, 9)
    play.ticks(DIGESTS)
    with counting(play.store.engine) as asked:
        assert len(_digest(play, "nurse", date(2026, 3, 9))) == count
    assert len(asked) == 4  # the person, what they were told, their panels, the actions


@pytest.mark.databases("sqlite")
def test_what_is_not_due_is_not_read(play: Play) -> None:
    """The database says how it looks for what is due: from the date on, and by person and action for what was told."""
    give(play, due="2026-03-09")
    play.at(3, 9)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(play.store.engine, "before_cursor_execute")
    def heard(_connection: Any, _cursor: Any, statement: str, facts: Any, *_: Any) -> None:
        asked.append((statement, facts))

    with play.store.reading() as work:
        chasing.find_digests(work)
    statement, facts = asked[-1]
    with play.store.engine.connect() as connection:
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", facts)]
    assert [line for line in plan if "SEARCH action" in line or "SEARCH chase" in line or "SCAN action" in line] == [
        "SEARCH action USING INDEX actions_by_state_and_due (state=? AND due_on<?)",
        "SEARCH action_event USING INDEX ix_action_event_action_id (action_id=?)",
        "SEARCH chase USING INDEX sqlite_autoindex_chase_1 (action_id=? AND recipient_id=? AND due_on=?)",
    ]
