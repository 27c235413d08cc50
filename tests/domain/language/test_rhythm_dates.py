"""From a rule to meetings: bank holidays, clock changes, and dateutil as the second opinion."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import FR, MO, MONTHLY, TH, TU, WE, WEEKLY, YEARLY, rrule
from dateutil.rrule import weekday as rrule_weekday
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.language.rhythm_words import parse_rule
from bot.domain.recurrence import Occurrence, occurrences
from bot.errors import Mistake
from tests.domain.bank_holidays import ENGLAND_AND_WALES
from tests.domain.definitions import a_definition

LONDON = ZoneInfo("Europe/London")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
RRULE_WEEKDAYS = (MO, TU, WE, TH, FR)
ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
SECOND_OPINION_UNTIL = date(2035, 12, 31)
STARTS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
modestly = settings(max_examples=50, deadline=None)


def held(words: str, start: date, count: int | None = None, until: date | None = None, **panel: Any) -> list[str]:
    meetings = occurrences(parse_rule(words), start=start, count=count, until=until, definition=a_definition(**panel))
    return [f"{each.starts_at:%a %d %b %Y}" for each in meetings]


def test_a_year_of_second_tuesdays() -> None:
    assert held("second Tuesday of the month", date(2027, 1, 1), until=date(2027, 6, 30)) == [
        "Tue 12 Jan 2027",
        "Tue 09 Feb 2027",
        "Tue 09 Mar 2027",
        "Tue 13 Apr 2027",
        "Tue 11 May 2027",
        "Tue 08 Jun 2027",
    ]


def test_a_meeting_on_a_bank_holiday_moves_and_says_why() -> None:
    rule = parse_rule("first Monday of the month at 9.30")
    assert occurrences(rule, start=date(2027, 5, 1), count=2, definition=a_definition()) == (
        Occurrence(datetime(2027, 5, 4, 9, 30, tzinfo=LONDON), date(2027, 5, 3), "bank holiday"),
        Occurrence(datetime(2027, 6, 7, 9, 30, tzinfo=LONDON), date(2027, 6, 7), None),
    )


@pytest.mark.parametrize(
    ("bank_holidays", "expected"),
    [
        ("next", ["Mon 26 Apr 2027", "Tue 04 May 2027", "Mon 10 May 2027"]),
        ("previous", ["Mon 26 Apr 2027", "Fri 30 Apr 2027", "Mon 10 May 2027"]),
        ("skip", ["Mon 26 Apr 2027", "Mon 10 May 2027", "Mon 17 May 2027"]),
        ("keep", ["Mon 26 Apr 2027", "Mon 03 May 2027", "Mon 10 May 2027"]),
    ],
)
def test_each_panel_has_its_own_rule_for_bank_holidays(bank_holidays: str, expected: list[str]) -> None:
    assert held("every Monday", date(2027, 4, 26), 3, bank_holidays=bank_holidays) == expected


def test_a_panel_in_northern_ireland_rests_on_its_own_days() -> None:
    march = {"start": date(2027, 3, 17), "count": 1}
    assert held("every Wednesday", **march) == ["Wed 17 Mar 2027"]
    assert held("every Wednesday", **march, bank_holiday_subdivision="NIR") == ["Thu 18 Mar 2027"]


def test_a_day_of_the_month_at_a_weekend_moves_but_a_named_saturday_stays() -> None:
    rule = parse_rule("monthly on the 15th at 10:00")
    assert occurrences(rule, start=date(2027, 5, 1), count=1, definition=a_definition()) == (
        Occurrence(datetime(2027, 5, 17, 10, 0, tzinfo=LONDON), date(2027, 5, 15), "weekend"),
    )
    assert held("every Saturday", date(2027, 5, 10), 1) == ["Sat 15 May 2027"]


def test_where_a_moved_meeting_meets_another_the_other_is_the_one_held() -> None:
    rule = parse_rule("every Monday and Tuesday")
    assert occurrences(rule, start=date(2027, 5, 3), count=1, definition=a_definition()) == (
        Occurrence(datetime(2027, 5, 4, 14, 0, tzinfo=LONDON), date(2027, 5, 4), None),
    )


def test_no_two_meetings_fall_on_one_day_after_moving() -> None:
    # Monday 3 May is a bank holiday; its meeting would join the Tuesday's.
    assert held("every Monday and Tuesday", date(2027, 5, 3), 3) == [
        "Tue 04 May 2027", "Mon 10 May 2027", "Tue 11 May 2027",
    ]  # fmt: skip
    # Good Friday and Easter Monday both move back to the Thursday.
    assert held("every Monday and Friday", date(2027, 3, 22), 3, bank_holidays="previous") == [
        "Mon 22 Mar 2027", "Thu 25 Mar 2027", "Fri 02 Apr 2027",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("every other Thursday", ["Thu 14 Jan 2027", "Thu 28 Jan 2027", "Thu 11 Feb 2027"]),
        ("last working day of the month", ["Fri 29 Jan 2027", "Fri 26 Feb 2027", "Wed 31 Mar 2027"]),
        ("last working day of each quarter", ["Wed 31 Mar 2027", "Wed 30 Jun 2027", "Thu 30 Sep 2027"]),
        ("first Wednesday of each quarter", ["Wed 07 Apr 2027", "Wed 07 Jul 2027", "Wed 06 Oct 2027"]),
        ("every 6 weeks from 3 March", ["Wed 03 Mar 2027", "Wed 14 Apr 2027", "Wed 26 May 2027"]),
        ("every two months on the first Wednesday", ["Wed 03 Feb 2027", "Wed 07 Apr 2027", "Wed 02 Jun 2027"]),
        ("first and third Tuesday of the month", ["Tue 19 Jan 2027", "Tue 02 Feb 2027", "Tue 16 Feb 2027"]),
        ("fifth Friday of the month", ["Fri 29 Jan 2027", "Fri 30 Apr 2027", "Fri 30 Jul 2027"]),
        ("last Sunday of March and October", ["Sun 28 Mar 2027", "Sun 31 Oct 2027", "Sun 26 Mar 2028"]),
        ("29 February", ["Tue 29 Feb 2028", "Mon 01 Mar 2032", "Fri 29 Feb 2036"]),
        ("every week from 8 January 2027", ["Fri 08 Jan 2027", "Fri 15 Jan 2027", "Fri 22 Jan 2027"]),
        ("last but one Friday of the month", ["Fri 22 Jan 2027", "Fri 19 Feb 2027", "Fri 19 Mar 2027"]),
    ],
)
def test_a_rhythm_counts_from_the_first_date_that_fits(words: str, expected: list[str]) -> None:
    assert held(words, date(2027, 1, 8), 3) == expected


def test_a_series_ends_where_its_words_say() -> None:
    assert held("every Wednesday until June", date(2027, 6, 14)) == [
        "Wed 16 Jun 2027", "Wed 23 Jun 2027", "Wed 30 Jun 2027",
    ]  # fmt: skip
    assert held("every Wednesday for 2 meetings", date(2027, 6, 14), 9) == ["Wed 16 Jun 2027", "Wed 23 Jun 2027"]
    assert held("every Wednesday until 30 June", date(2027, 6, 14), 9, date(2027, 6, 20)) == ["Wed 16 Jun 2027"]


def test_nothing_is_held_before_the_start_or_after_the_end_by_moving() -> None:
    assert held("every Monday", date(2027, 4, 26), until=date(2027, 5, 3)) == ["Mon 26 Apr 2027"]
    assert held("every Monday", date(2027, 5, 3), 1, bank_holidays="previous") == ["Mon 10 May 2027"]
    assert held("every Monday from 1 March 2027", date(2027, 5, 4), 1) == ["Mon 10 May 2027"]


def test_a_29_february_waits_for_a_leap_year() -> None:
    assert held("every week from 29 February", date(2027, 1, 8), 1) == ["Tue 29 Feb 2028"]


def test_the_hour_stays_on_the_wall_across_both_clock_changes() -> None:
    october = occurrences(
        parse_rule("every Monday at 14:00"), start=date(2026, 10, 19), count=2, definition=a_definition()
    )
    assert [each.starts_at.astimezone(UTC).hour for each in october] == [13, 14]
    march = occurrences(
        parse_rule("every Thursday"), start=date(2027, 3, 25), count=2, definition=a_definition(start="09:30")
    )
    assert [f"{each.starts_at:%H:%M %z}" for each in march] == ["09:30 +0000", "09:30 +0100"]


def test_an_hour_that_the_clocks_leave_out_is_refused_and_one_they_repeat_is_the_first() -> None:
    with pytest.raises(Mistake) as refused:
        held("every Sunday at 01:30", date(2027, 3, 28), 1)
    assert str(refused.value) == (
        "There is no 01:30 on Sunday 28 March 2027, because the clocks go forward; the nearest time is 02:00."
    )
    (autumn,) = occurrences(
        parse_rule("every Sunday at 01:30"), start=date(2027, 10, 31), count=1, definition=a_definition()
    )
    assert autumn.starts_at.astimezone(UTC) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_series_continued_later_keeps_its_rhythm() -> None:
    rule = parse_rule("every 6 weeks on Tuesday at 10:00 until June")
    first = occurrences(rule, start=date(2027, 1, 4), count=3, definition=a_definition())
    anchored = rule.anchored(first[0].rule_on)
    assert anchored.describe() == "every 6 weeks on Tuesday at 10:00 from 5 January 2027 until the end of June 2027"
    later = occurrences(anchored, start=date(2027, 2, 1), count=2, definition=a_definition())
    assert later == first[1:]


def on_working_days(days: list[date]) -> list[date]:
    """Return the naive way to move: forward, one day at a time."""
    moved = set()
    for day in days:
        while day in ENGLAND_AND_WALES or day.weekday() > 4:
            day += timedelta(days=1)  # noqa: PLW2901
        moved.add(day)
    return sorted(moved)


def dates_of(words: str, start: date) -> list[date]:
    meetings = occurrences(
        parse_rule(words), start=start, count=30, until=SECOND_OPINION_UNTIL, definition=a_definition()
    )
    assert {each.starts_at.time() for each in meetings} == {time(14)}
    return [each.starts_at.date() for each in meetings]


def second_opinion(start: date, frequency: int, **rule: Any) -> list[date]:
    until = datetime.combine(SECOND_OPINION_UNTIL, time())
    found = rrule(frequency, datetime.combine(start, time()), until=until, **rule)
    return on_working_days([moment.date() for _, moment in zip(range(30), found, strict=False)])[:30]


@modestly
@given(start=STARTS, weekday=st.integers(0, 4), every=st.integers(1, 8))
def test_weekly_series_agree_with_dateutil(start: date, weekday: int, every: int) -> None:
    first = start + timedelta(days=(weekday - start.weekday()) % 7)
    words = f"every {every} weeks on {WEEKDAYS[weekday]}"
    assert dates_of(words, start) == second_opinion(first, WEEKLY, interval=every)


@modestly
@given(start=STARTS, weekday=st.integers(0, 4), position=st.sampled_from([1, 2, 3, 4, 5, -1]), every=st.integers(1, 6))
def test_monthly_series_agree_with_dateutil(start: date, weekday: int, position: int, every: int) -> None:
    on: rrule_weekday = RRULE_WEEKDAYS[weekday](position)
    first = next(iter(rrule(MONTHLY, datetime.combine(start, time()), byweekday=on))).date()
    words = f"every {every} months on the {ORDINALS[position]} {WEEKDAYS[weekday]}"
    assert dates_of(words, start) == second_opinion(first, MONTHLY, interval=every, byweekday=on)


@modestly
@given(start=STARTS, day=st.integers(1, 28))
def test_days_of_the_month_agree_with_dateutil(start: date, day: int) -> None:
    suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day, "th")
    words = f"every month on the {day}{suffix}"
    assert dates_of(words, start) == second_opinion(start, MONTHLY, bymonthday=day)


@modestly
@given(start=STARTS, weekday=st.integers(0, 4), last=st.booleans())
def test_quarterly_series_agree_with_dateutil(start: date, weekday: int, last: bool) -> None:
    on: rrule_weekday = RRULE_WEEKDAYS[weekday](-1 if last else 1)
    months = (3, 6, 9, 12) if last else (1, 4, 7, 10)
    words = f"{'last' if last else 'first'} {WEEKDAYS[weekday]} of each quarter"
    assert dates_of(words, start) == second_opinion(start, YEARLY, bymonth=months, byweekday=on)


@modestly
@given(start=STARTS, weekday=st.integers(0, 4), months=st.sets(st.integers(1, 12), min_size=1, max_size=4))
def test_series_in_some_months_agree_with_dateutil(start: date, weekday: int, months: set[int]) -> None:
    named = " and ".join(f"{date(2026, month, 1):%B}" for month in sorted(months))
    on: rrule_weekday = RRULE_WEEKDAYS[weekday](2)
    words = f"second {WEEKDAYS[weekday]} of {named}"
    assert dates_of(words, start) == second_opinion(start, YEARLY, bymonth=sorted(months), byweekday=on)


@modestly
@given(start=STARTS, position=st.sampled_from([1, 2, 5, -1]))
def test_working_days_of_the_month_agree_with_the_table(start: date, position: int) -> None:
    months = rrule(MONTHLY, datetime(start.year, start.month, 1), count=32)  # noqa: DTZ001
    found = []
    for month in months:
        days = [month.date() + timedelta(days=n) for n in range(31)]
        working = [d for d in days if d.month == month.month and d.weekday() < 5 and d not in ENGLAND_AND_WALES]
        found.append(working[position - 1 if position > 0 else -1])
    expected = [day for day in found if day >= start][:30]
    assert dates_of(f"{ORDINALS[position]} working day of the month", start) == expected


@modestly
@given(
    start=STARTS,
    words=st.sampled_from(
        [
            "every Monday and Tuesday",
            "every Monday and Friday",
            "monthly on the 25th and 26th",
            "every Thursday and Friday",
        ]
    ),
    rule=st.sampled_from(["next", "previous", "skip", "keep"]),
)
def test_no_panel_ever_meets_twice_on_one_day_or_out_of_order(start: date, words: str, rule: str) -> None:
    definition = a_definition(bank_holidays=rule)
    meetings = occurrences(parse_rule(words), start=start, count=60, definition=definition)
    days = [each.starts_at.date() for each in meetings]
    assert days == sorted(set(days))
    assert len(days) == 60
    assert days[0] >= start
    assert all((each.moved is None) is (each.starts_at.date() == each.rule_on) for each in meetings)
    if rule != "keep":
        assert not ENGLAND_AND_WALES & set(days)
