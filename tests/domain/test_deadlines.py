"""The dates around a meeting."""

from datetime import date

from bot.domain.deadlines import MeetingDeadlines, meeting_deadlines

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
