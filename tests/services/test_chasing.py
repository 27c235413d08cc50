"""Chasing: up the ladder, once a day, in working hours, and after an outage one digest rather than a storm."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bot.models.actions import Chase
from bot.models.vocabulary import ChaseStep
from bot.services import actions, chasing, extensions, interests
from bot.services.chasing import DIGESTS, queue_digests
from tests.county import WEST, user_id
from tests.services.conftest import Play
from tests.services.test_actions import give


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
    assert [(step, who) for _, step, who in _chases(play)] == [("chair", "vicechair"), ("chair", "nurse")]


def test_the_last_rung_reaches_the_coordinator_where_nobody_presides(play: Play) -> None:
    number = give(play, due="2026-03-12")
    play.loses_place("chair")
    play.loses_place("vicechair")
    play.at(3, 19)
    play.ticks(DIGESTS)
    assert [(step, who) for _, step, who in _chases(play)] == [("chair", "coordinator"), ("chair", "nurse")]
    assert _digest(play, "coordinator", date(2026, 3, 19)) == [(number, ChaseStep.CHAIR, False)]


def test_after_an_outage_there_is_one_digest_with_the_highest_rung_of_each(play: Play) -> None:
    first, second = give(play, due="2026-03-04"), give(play, due="2026-03-12")
    play.at(3, 12, 9)  # nobody ran since the second: the first is six working days over, the second due today
    assert play.ticks(DIGESTS) == 2
    assert play.sent("digest") == [("digest", "chair"), ("digest", "nurse")]
    assert _digest(play, "nurse", date(2026, 3, 12)) == [(first, ChaseStep.CHAIR, True), (second, ChaseStep.DUE, True)]
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
    play.does("nurse", actions.complete_action, done)
    assert _digest(play, "nurse", date(2026, 3, 5)) == [(left, ChaseStep.DUE, True)]


def test_more_time_begins_the_ladder_anew(play: Play) -> None:
    number = give(play, due="2026-03-05")
    play.at(3, 6, 9)
    play.ticks(DIGESTS)
    play.does("nurse", extensions.extend_action, number, due="2026-03-12", reason="School is shut.")
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
    play.does("nurse", actions.reassign_action, number, holder_user_id=user_id("matron"))
    play.at(3, 5, 10)
    assert play.ticks(DIGESTS) == 1
    assert _chases(play) == [(number, "due", "nurse"), (number, "due", "matron")]
    assert _digest(play, "nurse", date(2026, 3, 5)) == [(number, ChaseStep.DUE, False)]


def test_two_processes_that_tick_at_once_send_one_digest(play: Play, open_store: Any) -> None:
    give(play, due="2026-03-05")
    play.at(3, 5, 9)
    for store in (play.store, open_store()):
        with store.work() as work:
            queue_digests(work)
    assert play.sent("digest") == [("digest", "nurse")]


def test_somebody_recused_is_not_reminded_of_what_is_kept_from_them(play: Play) -> None:
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
    play.does("nurse", actions.complete_action, number)
    play.at(3, 11)
    assert play.ticks(DIGESTS) == 0
