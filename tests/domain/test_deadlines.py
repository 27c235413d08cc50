"""The dates around a meeting."""

from datetime import date

import pytest

from bot.domain.deadlines import MeetingDeadlines, ask_again_on, meeting_deadlines

from .definitions import a_definition


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


def test_a_panel_may_count_otherwise_and_by_another_calendar() -> None:
    # Scotland rests on 2 January; the summary is out on the day itself.
    definition = a_definition(deadlines={"summary": 0, "returns": -1}, bank_holiday_subdivision="SCT")
    deadlines = meeting_deadlines(definition, date(2026, 1, 5))
    assert (deadlines.returns, deadlines.summary) == (date(2025, 12, 31), date(2026, 1, 5))


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
    found = ask_again_on(date(2026, 3, asked), date(2026, 3, agenda), meeting_on)
    assert found == (None if again is None else date(2026, 3, again))
