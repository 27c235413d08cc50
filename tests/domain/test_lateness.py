"""What is late: the day of each deadline, what the meeting lacks, and a diary about to end."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.deadlines import Lateness, MeetingDeadlines, late_after_meeting, late_before_meeting, runs_empty

DATES = MeetingDeadlines(
    flags_open=date(2026, 3, 3),
    flags_close=date(2026, 3, 10),
    triage=date(2026, 3, 12),
    agenda=date(2026, 3, 17),
    returns=date(2026, 3, 20),
    summary=date(2026, 3, 25),
    draft_minutes=date(2026, 3, 31),
    approved_minutes=date(2026, 4, 9),
)
TRIAGE = (Lateness.TRIAGE, date(2026, 3, 10))
AGENDA = (Lateness.AGENDA, date(2026, 3, 17))


@pytest.mark.parametrize(
    ("today", "waits", "has_agenda", "late"),
    [
        (date(2026, 3, 10), True, False, []),  # flags are taken until the end of that day
        (date(2026, 3, 11), True, False, [TRIAGE]),
        (date(2026, 3, 11), False, False, []),
        (date(2026, 3, 16), False, False, []),
        (date(2026, 3, 17), False, False, [AGENDA]),
        (date(2026, 3, 17), True, False, [TRIAGE, AGENDA]),
        (date(2026, 3, 17), True, True, [TRIAGE]),  # what was flagged after the agenda went out
        (date(2026, 3, 23), False, True, []),
    ],
)
def test_before_a_meeting_flags_wait_or_the_agenda_is_not_out(
    today: date, waits: bool, has_agenda: bool, late: list[tuple[Lateness, date]]
) -> None:
    assert late_before_meeting(DATES, today, waits=waits, has_agenda=has_agenda) == late


@pytest.mark.parametrize(
    ("today", "is_drafted", "late"),
    [
        (date(2026, 3, 24), False, None),
        (date(2026, 3, 25), False, (Lateness.SUMMARY, date(2026, 3, 25))),
        (date(2026, 3, 30), False, (Lateness.SUMMARY, date(2026, 3, 25))),
        (date(2026, 3, 31), False, (Lateness.DRAFT, date(2026, 3, 31))),
        (date(2026, 4, 9), False, (Lateness.DRAFT, date(2026, 3, 31))),
        (date(2026, 4, 8), True, None),
        (date(2026, 4, 9), True, (Lateness.APPROVAL, date(2026, 4, 9))),
    ],
)
def test_after_a_meeting_the_summary_the_draft_or_the_approval_is_late(
    today: date, is_drafted: bool, late: tuple[Lateness, date] | None
) -> None:
    assert late_after_meeting(DATES, today, is_drafted=is_drafted) == late


def test_a_diary_runs_empty_four_weeks_before_its_last_meeting() -> None:
    now = datetime(2026, 3, 24, 14, 0, tzinfo=UTC)
    ends = (None, now + timedelta(days=28), now + timedelta(days=28, seconds=1))
    assert [runs_empty(last_at, now) for last_at in ends] == [True, True, False]
