"""The dates around a meeting."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.deadlines import MeetingDeadlines, ask_again_on, meeting_deadlines, returns_due_on
from bot.domain.panel_definition import PanelDefinition
from tests.domain.bank_holidays import ENGLAND_AND_WALES
from tests.domain.definitions import a_definition

KINDS = (
    "action-plan-group",
    "county-operational-met",
    "district-operational-met",
    "high-risk-strategy",
    "mase",
    "risk-management-group",
)
ON_THE_DAY = {"flags_open": 0, "flags_close": 0, "triage": 0, "agenda": 0, "returns": 0, "summary": 0}


def test_deadlines_of_a_january_meeting_jump_over_christmas_and_new_year() -> None:
    assert meeting_deadlines(a_definition(), date(2027, 1, 12)) == MeetingDeadlines(
        flags_open=date(2026, 12, 17),
        flags_close=date(2026, 12, 24),
        triage=date(2026, 12, 30),
        agenda=date(2027, 1, 5),
        returns=date(2027, 1, 8),
        summary=date(2027, 1, 13),
        draft_minutes=date(2027, 1, 19),
        approved_minutes=date(2027, 1, 26),
    )


@pytest.mark.parametrize(
    ("published_on", "due_on"),
    [
        (None, date(2026, 3, 20)),
        (date(2026, 3, 17), date(2026, 3, 20)),
        (date(2026, 3, 20), date(2026, 3, 20)),
        (date(2026, 3, 21), date(2026, 3, 23)),
        (date(2026, 3, 23), date(2026, 3, 24)),
        (date(2026, 3, 24), date(2026, 3, 24)),
    ],
)
def test_returns_to_a_late_agenda_are_due_the_working_day_after_it_and_by_the_meeting(
    published_on: date | None, due_on: date
) -> None:
    assert returns_due_on(date(2026, 3, 20), date(2026, 3, 24), published_on) == due_on


def test_a_panel_may_count_otherwise_and_by_another_calendar() -> None:
    # Scotland rests on 2 January; the summary is out on the day itself.
    definition = a_definition(deadlines={"summary": 0, "returns": -1}, bank_holiday_subdivision="SCT")
    deadlines = meeting_deadlines(definition, date(2026, 1, 5))
    assert (deadlines.returns, deadlines.summary) == (date(2025, 12, 31), date(2026, 1, 5))


@pytest.mark.parametrize(
    ("meeting_on", "before", "after"),
    [
        (date(2026, 5, 1), date(2026, 5, 1), date(2026, 5, 1)),  # a Friday
        (date(2026, 5, 2), date(2026, 5, 1), date(2026, 5, 5)),  # the Saturday of a long weekend
        (date(2026, 5, 4), date(2026, 5, 1), date(2026, 5, 5)),  # the bank holiday itself
    ],
)
def test_what_is_due_on_the_day_of_a_meeting_at_a_weekend_is_ready_before_it(
    meeting_on: date, before: date, after: date
) -> None:
    due = meeting_deadlines(a_definition(deadlines=ON_THE_DAY), meeting_on)
    assert astuple(due)[:6] == (before, before, before, before, before, after)


def test_the_kinds_tried_below_are_all_that_ship(panel_definitions: Mapping[str, PanelDefinition]) -> None:
    assert sorted(panel_definitions) == list(KINDS)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    meeting_on=st.dates(date(2024, 6, 1), date(2036, 6, 30)) | st.sampled_from(sorted(ENGLAND_AND_WALES)[8:-8]),
)
def test_nothing_before_a_meeting_is_ever_due_after_it(
    panel_definitions: Mapping[str, PanelDefinition], kind: str, meeting_on: date
) -> None:
    due = meeting_deadlines(panel_definitions[kind], meeting_on)
    before = [due.flags_open, due.flags_close, due.triage, due.agenda, due.returns]
    after = [due.summary, due.draft_minutes, due.approved_minutes]
    assert [*before, meeting_on, *after] == sorted([*before, meeting_on, *after])
    assert [day for day in (*before, *after) if day.weekday() > 4 or day in ENGLAND_AND_WALES] == []


@pytest.mark.parametrize(
    ("asked", "agenda", "again"),
    [
        (3, 17, 17),  # in good time: on the agenda's day
        (16, 17, 18),  # two working days to answer
        (18, 17, 20),
        (19, 17, 23),  # a weekend between
        (20, 17, 23),  # the working day before the meeting
        (23, 17, 24),  # the meeting's own morning
        (24, 17, None),  # asked on the day itself
        (3, 24, 23),  # the agenda goes out on the day itself: the day before
        (23, 24, 24),
    ],
)
def test_who_does_not_answer_is_asked_again_while_there_is_time(asked: int, agenda: int, again: int | None) -> None:
    meeting_on = date(2026, 3, 24)  # a Tuesday
    found = ask_again_on(date(2026, 3, asked), date(2026, 3, agenda), meeting_on, "ENG")
    assert found == (None if again is None else date(2026, 3, again))
