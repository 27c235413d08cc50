"""Many at once: every acknowledged action has its own number, its history and its link in an unbroken chain."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bot.clock import MovedClock
from bot.errors import PanelbotError
from bot.models.actions import Action, ActionEvent
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.vocabulary import ActionEventKind, FlagState, MeetingState
from bot.services.actions.changes import add_action, complete_action, extend_action, give_up_action, rule_on_extension
from bot.services.agenda import triage
from bot.services.cases import flags, withdrawing
from bot.services.diary import series
from bot.services.meeting import opening
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.services.rescheduling import series as rescheduling_series
from bot.store.audit_check import check_audit
from bot.store.unit_of_work import Store, Work
from tests.county import WEST, County, actor, flag_form, user_id

THREADS = 8
EACH = 50


@pytest.mark.slow
def test_actions_added_by_many_threads_of_two_processes_are_all_there_once(
    store: Store, county: County, open_store: Callable[[], Store]
) -> None:
    """Two stores do not share SQLite's queue in memory, as two processes would not."""
    stores = [store, open_store()]

    def add(turn: int) -> list[int]:
        numbers = []
        for number in range(EACH):
            with stores[turn % 2].work() as work:
                view = add_action(
                    work,
                    actor(work, "coordinator"),
                    WEST,
                    holder_user_id=user_id("nurse"),
                    text=f"Step {number} of {turn}",
                    due="2026-03-09",
                )
            numbers.append(view.id)
        return numbers

    with ThreadPoolExecutor(THREADS) as pool:
        given = list(pool.map(add, range(THREADS)))
    numbers = [number for numbers in given for number in numbers]
    assert len(set(numbers)) == THREADS * EACH
    assert all(numbers == sorted(numbers) for numbers in given)
    with store.reading() as work:
        count = {
            table: work.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Action, ActionEvent, AuditEntry, OutboxRow)
        }
        assert count == dict.fromkeys((Action, ActionEvent, AuditEntry, OutboxRow), THREADS * EACH)
        assert sorted(numbers) == sorted(work.session.exec(select(Action.id)))
        assert check_audit(work.session.connection(), work.keys).fault is None


def _at_once(store: Store, *tasks: Callable[[Work], object]) -> list[str]:
    """Begin all of them together, each in its own transaction. Return "" for each that succeeded, else its sentence."""
    together = Barrier(len(tasks))

    def run(task: Callable[[Work], object]) -> str:
        together.wait()
        try:
            with store.work() as work:
                task(work)
        except PanelbotError as refused:
            return str(refused)
        return ""

    with ThreadPoolExecutor(len(tasks)) as pool:
        return sorted(pool.map(run, tasks))


def _given(store: Store) -> int:
    with store.work() as work:
        return add_action(
            work, actor(work, "coordinator"), WEST, holder_user_id=user_id("nurse"), text="Ring", due="2026-03-09"
        ).id


def _history(store: Store) -> list[ActionEventKind]:
    with store.reading() as work:
        return list(work.session.exec(select(ActionEvent.kind).order_by(col(ActionEvent.id))))


def test_an_action_is_done_once_however_many_say_so_together(store: Store, county: County) -> None:
    number = _given(store)
    said = _at_once(store, *[lambda work: complete_action(work, actor(work, "nurse"), number)] * 6)
    assert said[0] == ""
    assert all(one.startswith(f"Action {number} is already reported done") for one in said[1:])
    assert _history(store) == [ActionEventKind.ADDED, ActionEventKind.DONE]


def test_an_action_is_not_done_and_given_up_together(store: Store, county: County) -> None:
    number = _given(store)
    said = _at_once(
        store,
        lambda work: complete_action(work, actor(work, "nurse"), number),
        lambda work: give_up_action(work, actor(work, "matron"), number, possible=True, reason="Vacant."),
    )
    assert said[0] == "" != said[1]
    assert len(_history(store)) == 2


def test_one_free_extension_is_granted_once(store: Store, county: County) -> None:
    number = _given(store)

    def extend(day: int) -> Callable[[Work], object]:
        return lambda work: extend_action(
            work, actor(work, "nurse"), number, due=f"2026-03-{day}", reason="The school is shut."
        )

    _at_once(store, *(extend(day) for day in range(10, 16)))
    assert _history(store).count(ActionEventKind.EXTENDED) == 1


def test_a_request_is_answered_once(store: Store, county: County) -> None:
    number = _given(store)
    for due in ("2026-03-16", "2026-03-20"):
        with store.work() as work:
            extend_action(work, actor(work, "nurse"), number, due=due, reason="The school is shut.")
    asked = 3
    said = _at_once(
        store,
        *[lambda work: rule_on_extension(work, actor(work, "chair"), asked, grant=True)] * 3,
        *[lambda work: rule_on_extension(work, actor(work, "vicechair"), asked, grant=False)] * 3,
    )
    assert said == ["", *["The chair has already answered this request."] * 5]


def _asks(who: str, use_case: Callable[..., object], *given: Any, **named: Any) -> Callable[[Work], object]:
    return lambda work: use_case(work, actor(work, who), *given, **named)


def _cancels(county: County, number: int) -> Callable[[Work], object]:
    return _asks(
        "coordinator",
        rescheduling_meetings.cancel_meeting,
        WEST,
        reason="Snow.",
        meeting_id=county.west_meetings[number],
    )


def _moves(county: County, number: int, starts_at: datetime, who: str = "chair") -> Callable[[Work], object]:
    meeting_id = county.west_meetings[number]
    return _asks(
        who, rescheduling_meetings.reschedule_meeting, WEST, starts_at=starts_at, reason="Snow.", meeting_id=meeting_id
    )


def _flagged(store: Store) -> int:
    with store.work() as work:
        return flags.flag_case(work, actor(work, "socialworker"), WEST, flag_form("WEST-0001")).id


def _meetings(store: Store) -> list[tuple[MeetingState, int]]:
    with store.reading() as work:
        rows = work.session.exec(select(Meeting).where(col(Meeting.panel_id) == 1).order_by(col(Meeting.id)))
        return [(row.state, row.sequence) for row in rows]


def _live(store: Store) -> list[tuple[FlagState, MeetingState]]:
    """Return every flag that is to be heard, with what its meeting is."""
    with store.reading() as work:
        rows = work.session.execute(
            select(Flag.state, Meeting.state)
            .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
            .where(col(Flag.state).in_([FlagState.OPEN, FlagState.ACCEPTED]))
        )
        return [(flag, meeting) for flag, meeting in rows]


def test_a_meeting_is_not_opened_and_cancelled_or_moved_together(
    store: Store, county: County, clock: MovedClock
) -> None:
    _flagged(store)
    clock.move_to(datetime(2026, 3, 24, 13, 50, tzinfo=UTC))
    opens = _asks("chair", opening.open_panel_meeting, WEST)
    said = _at_once(store, opens, _cancels(county, 0), _moves(county, 0, datetime(2026, 4, 2, 14)))  # noqa: DTZ001
    state, sequence = _meetings(store)[0]
    assert sequence == (0 if state is MeetingState.OPEN else said.count(""))
    assert state is not MeetingState.OPEN or said.count("") == 1
    assert all(meeting is not MeetingState.CANCELLED for _, meeting in _live(store))
    assert len(_live(store)) == 1


def test_two_meetings_cancelled_together_leave_no_case_behind(store: Store, county: County) -> None:
    _flagged(store)
    said = _at_once(store, _cancels(county, 0), _cancels(county, 1))
    assert said == ["", ""]
    assert _meetings(store) == [
        (MeetingState.CANCELLED, 1),
        (MeetingState.CANCELLED, 1),
        (MeetingState.SCHEDULED, 0),
    ]
    assert _live(store) == [(FlagState.OPEN, MeetingState.SCHEDULED)]


def test_two_meetings_are_not_moved_to_one_time_together(store: Store, county: County) -> None:
    said = _at_once(
        store,
        _moves(county, 0, datetime(2026, 3, 26, 14)),  # noqa: DTZ001 - the panel's wall clock
        _moves(county, 1, datetime(2026, 3, 26, 15), "coordinator"),  # noqa: DTZ001
    )
    assert said == ["", "West Operational MET already meets at that time."]


def test_a_meeting_moved_and_cancelled_together_tells_calendars_of_each_change(store: Store, county: County) -> None:
    said = _at_once(store, _moves(county, 0, datetime(2026, 3, 26, 14)), _cancels(county, 0))  # noqa: DTZ001
    assert _meetings(store)[0] == (MeetingState.CANCELLED, said.count(""))
    assert said[1] in ("", "That meeting is cancelled. You can move or cancel only a meeting that has not begun.")


def test_a_flag_accepted_withdrawn_and_carried_together_is_withdrawn_or_heard(store: Store, county: County) -> None:
    flag_id = _flagged(store)
    said = _at_once(
        store,
        _asks("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT),
        _asks("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved."),
        _cancels(county, 0),
    )
    assert said[:2] == ["", ""]
    assert said[2] in ("", "WEST-0001 is withdrawn already, or its meeting has begun.")
    assert _live(store) == []


def test_one_series_created_twice_together_is_in_the_diary_once(store: Store, county: County) -> None:
    create = _asks("coordinator", series.create_series, WEST, rule="weekly on Wednesdays at 10:00", count=3)
    said = _at_once(store, create, create)
    assert said[0] == ""
    assert said[1].startswith("Every date of ")
    assert len(_meetings(store)) == 6


def test_a_series_changed_while_its_meetings_are_moved_and_cancelled_ends_in_no_deadlock(
    store: Store, county: County
) -> None:
    with store.work() as work:
        _asks("coordinator", series.create_series, WEST, rule="weekly on Wednesdays at 10:00", count=6)(work)
        rows = work.session.exec(select(Meeting).where(col(Meeting.series_id).is_not(None)).order_by(col(Meeting.id)))
        numbers = [(row.id, row.series_id) for row in rows]
    (second, series_id), (third, _) = numbers[1:3]
    at = datetime(2026, 7, 2, 10)  # noqa: DTZ001 - the panel's wall clock
    said = _at_once(
        store,
        _asks(
            "chair",
            rescheduling_series.change_series,
            series_id,
            rule="weekly on Thursdays at 11:00",
            reason="The room.",
        ),
        _asks(
            "coordinator",
            rescheduling_meetings.reschedule_meeting,
            WEST,
            starts_at=at,
            reason="Snow.",
            meeting_id=second,
        ),
        _asks("coordinator", rescheduling_meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=third),
    )
    assert said == ["", "", ""]
