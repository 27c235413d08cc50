"""The words for a series, and the rule said back."""

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bot.domain.language.day_words import YearDay
from bot.domain.language.rhythm_rule import BEGINS, ENDS, LAST, LAST_BUT_ONE, TIMES, Picks, Recurrence, Unit
from bot.domain.language.rhythm_rule import RHYTHMS as SHAPES
from bot.domain.language.rhythm_words import parse_rule
from bot.errors import Mistake

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def weekly(*weekdays: int, every: int = 1, **rest: object) -> Recurrence:
    return Recurrence(Unit.WEEK, every, weekdays, **rest)  # type: ignore[arg-type]


def monthly(position: int, weekday: int, every: int = 1, **rest: object) -> Recurrence:
    return Recurrence(Unit.MONTH, every, (weekday,), Picks.WEEKDAY, (position,), **rest)  # type: ignore[arg-type]


UNDERSTOOD = {
    "second Tuesday of the month at 14:00": (
        monthly(2, TUE, at=time(14)), "second Tuesday of the month at 14:00"),
    "2nd Tuesday": (monthly(2, TUE), "second Tuesday of the month"),
    "on the 2nd Tuesday of each month": (monthly(2, TUE), "second Tuesday of the month"),
    "the last Friday of every month at 2pm": (monthly(LAST, FRI, at=time(14)), "last Friday of the month at 14:00"),
    "every first Monday": (monthly(1, MON), "first Monday of the month"),
    "Every Other Thursday at 9.30": (weekly(THU, every=2, at=time(9, 30)), "every other Thursday at 09:30"),
    "fortnightly on Thursdays": (weekly(THU, every=2), "every other Thursday"),
    "every fortnight on a Thursday": (weekly(THU, every=2), "every other Thursday"),
    "every two weeks on Thursday": (weekly(THU, every=2), "every other Thursday"),
    "every Friday": (weekly(FRI), "every Friday"),
    "Fridays at noon": (weekly(FRI, at=time(12)), "every Friday at 12:00"),
    "every Thursday and Monday": (weekly(MON, THU), "every Monday and Thursday"),
    "twice a week on Monday and Thursday": (weekly(MON, THU), "every Monday and Thursday"),
    "weekly from 3 March": (weekly(begins=YearDay(3, 3)), "every week from 3 March"),
    "second last Friday of the month": (monthly(LAST_BUT_ONE, FRI), "last but one Friday of the month"),
    "the penultimate Friday of every month": (monthly(LAST_BUT_ONE, FRI), "last but one Friday of the month"),
    "second-last and last working day of the month": (
        Recurrence(Unit.MONTH, 1, (), Picks.WORKING_DAY, (LAST_BUT_ONE, LAST)),
        "last but one and last working day of the month"),
    "every Friday for ten sessions": (weekly(FRI, times=10), "every Friday for 10 meetings"),
    "every Friday until further notice": (weekly(FRI), "every Friday"),
    "every other Thirsday at 9.30": (weekly(THU, every=2, at=time(9, 30)), "every other Thursday at 09:30"),
    "2nd Teusday of the month": (monthly(2, TUE), "second Tuesday of the month"),
    "every weekday": (weekly(MON, TUE, WED, THU, FRI), "every Monday, Tuesday, Wednesday, Thursday and Friday"),
    "Mon/Wed": (weekly(MON, WED), "every Monday and Wednesday"),
    "6-weekly on Tuesdays": (weekly(TUE, every=6), "every 6 weeks on Tuesday"),
    "every 6 weeks from 3 March": (weekly(every=6, begins=YearDay(3, 3)), "every 6 weeks from 3 March"),
    "every six weeks starting on the 3rd of March 2027": (
        weekly(every=6, begins=YearDay(3, 3, 2027)), "every 6 weeks from 3 March 2027"),
    "weekly on Wednesdays until July": (weekly(WED, ends=YearDay(7, None)), "every Wednesday until the end of July"),
    "weekly on Wednesdays until January 2028": (
        weekly(WED, ends=YearDay(1, None, 2028)), "every Wednesday until the end of January 2028"),
    "weekly on Wednesdays up to March 2028": (
        weekly(WED, ends=YearDay(3, None, 2028)), "every Wednesday until the end of March 2028"),
    "every Wednesday from September - July": (
        weekly(WED, begins=YearDay(9, 1), ends=YearDay(7, None)),
        "every Wednesday from 1 September until the end of July"),
    "every Wednesday till the end of July": (
        weekly(WED, ends=YearDay(7, None)), "every Wednesday until the end of July"),
    "every Wednesday from 6/1/2027 until 31/3/27 at 10am": (
        weekly(WED, at=time(10), begins=YearDay(1, 6, 2027), ends=YearDay(3, 31, 2027)),
        "every Wednesday at 10:00 from 6 January 2027 until 31 March 2027"),
    "every Wednesday from September": (weekly(WED, begins=YearDay(9, 1)), "every Wednesday from 1 September"),
    "every Friday for six meetings": (weekly(FRI, times=6), "every Friday for 6 meetings"),
    "last working day of the month": (
        Recurrence(Unit.MONTH, 1, (), Picks.WORKING_DAY, (LAST,)), "last working day of the month"),
    "tenth working day of the month": (
        Recurrence(Unit.MONTH, 1, (), Picks.WORKING_DAY, (10,)), "10th working day of the month"),
    "first Monday of each quarter": (
        Recurrence(Unit.QUARTER, 1, (MON,), Picks.WEEKDAY, (1,)), "first Monday of each quarter"),
    "quarterly on the last working day": (
        Recurrence(Unit.QUARTER, 1, (), Picks.WORKING_DAY, (LAST,)), "last working day of each quarter"),
    "monthly on the 15th": (Recurrence(Unit.MONTH, 1, (), Picks.DAY, (15,)), "monthly on the 15th"),
    "the 15th of every month": (Recurrence(Unit.MONTH, 1, (), Picks.DAY, (15,)), "monthly on the 15th"),
    "monthly on the 1st and 15th": (Recurrence(Unit.MONTH, 1, (), Picks.DAY, (1, 15)), "monthly on the 1st and 15th"),
    "last day of the month": (Recurrence(Unit.MONTH, 1, (), Picks.DAY, (LAST,)), "last day of the month"),
    "every two months on the first Wednesday": (monthly(1, WED, every=2), "every 2 months on the first Wednesday"),
    "every other month on the first Wednesday": (monthly(1, WED, every=2), "every 2 months on the first Wednesday"),
    "first Wednesday of every second month": (monthly(1, WED, every=2), "every 2 months on the first Wednesday"),
    "two-monthly on the first Wednesday": (monthly(1, WED, every=2), "every 2 months on the first Wednesday"),
    "alternate Thursdays @ 2 p.m.": (weekly(THU, every=2, at=time(14)), "every other Thursday at 14:00"),
    "Tuesdays fortnightly": (weekly(TUE, every=2), "every other Tuesday"),
    "once a fortnight on Thursday": (weekly(THU, every=2), "every other Thursday"),
    "Wednesdays weekly through July": (weekly(WED, ends=YearDay(7, None)), "every Wednesday until the end of July"),
    "2nd Tue at 2pm": (monthly(2, TUE, at=time(14)), "second Tuesday of the month at 14:00"),
    "second Tuesday each month": (monthly(2, TUE), "second Tuesday of the month"),
    "the 2nd Tues monthly": (monthly(2, TUE), "second Tuesday of the month"),
    "once a month on the second Tuesday": (monthly(2, TUE), "second Tuesday of the month"),
    "last Fri of month": (monthly(LAST, FRI), "last Friday of the month"),
    "first Monday every 2 months": (monthly(1, MON, every=2), "every 2 months on the first Monday"),
    "first Monday quarterly": (
        Recurrence(Unit.QUARTER, 1, (MON,), Picks.WEEKDAY, (1,)), "first Monday of each quarter"),
    "2nd & 4th Tuesdays": (
        Recurrence(Unit.MONTH, 1, (TUE,), Picks.WEEKDAY, (2, 4)), "second and fourth Tuesday of the month"),
    "second Tuesday and fourth Tuesday of the month": (
        Recurrence(Unit.MONTH, 1, (TUE,), Picks.WEEKDAY, (2, 4)), "second and fourth Tuesday of the month"),
    "last Sunday of March at 01:30": (
        Recurrence(Unit.MONTH, 1, (SUN,), Picks.WEEKDAY, (LAST,), at=time(1, 30), months=(3,)),
        "last Sunday of March at 01:30"),
    "first Monday of July and January": (
        Recurrence(Unit.MONTH, 1, (MON,), Picks.WEEKDAY, (1,), months=(1, 7)), "first Monday of January and July"),
    "annually on 3 March": (Recurrence(Unit.MONTH, 1, (), Picks.DAY, (3,), months=(3,)), "3rd of March"),
    "last working day of April": (
        Recurrence(Unit.MONTH, 1, (), Picks.WORKING_DAY, (LAST,), months=(4,)), "last working day of April"),
    "twice a month on the first and third Tuesday": (
        Recurrence(Unit.MONTH, 1, (TUE,), Picks.WEEKDAY, (1, 3)), "first and third Tuesday of the month"),
    "28th and last day of March": (
        Recurrence(Unit.MONTH, 1, (), Picks.DAY, (28, LAST), months=(3,)), "28th and last day of March"),
    "1st and 15th day of June and December": (
        Recurrence(Unit.MONTH, 1, (), Picks.DAY, (1, 15), months=(6, 12)), "1st and 15th of June and December"),
    "15th and last day of the month": (
        Recurrence(Unit.MONTH, 1, (), Picks.DAY, (15, LAST)), "15th and last day of the month"),
    "tenth Monday of each quarter": (
        Recurrence(Unit.QUARTER, 1, (MON,), Picks.WEEKDAY, (10,)), "10th Monday of each quarter"),
    "every third week on Monday": (weekly(MON, every=3), "every 3 weeks on Monday"),
    "every 26 weeks on Wednesday": (weekly(WED, every=26), "every 26 weeks on Wednesday"),
    "every twenty six weeks on Wednesday": (weekly(WED, every=26), "every 26 weeks on Wednesday"),
    "every thirteen weeks on Wednesday": (weekly(WED, every=13), "every 13 weeks on Wednesday"),
    "every year on 3 March": (Recurrence(Unit.MONTH, 1, (), Picks.DAY, (3,), months=(3,)), "3rd of March"),
    "March 3 every year": (Recurrence(Unit.MONTH, 1, (), Picks.DAY, (3,), months=(3,)), "3rd of March"),
    "every 6 weeks starting Tuesday 7 April 2026": (
        weekly(every=6, begins=YearDay(4, 7, 2026)), "every 6 weeks from 7 April 2026"),
    "every 6 weeks starting Tuesday, 7 April": (
        weekly(every=6, begins=YearDay(4, 7, None, TUE)), "every 6 weeks from Tuesday 7 April"),
    "every Wednesday from April 1": (weekly(WED, begins=YearDay(4, 1)), "every Wednesday from 1 April"),
    "every Wednesday from April 1st, 2026 at 9.30": (
        weekly(WED, at=time(9, 30), begins=YearDay(4, 1, 2026)), "every Wednesday at 09:30 from 1 April 2026"),
    "every Wednesday from April 9.30": (
        weekly(WED, at=time(9, 30), begins=YearDay(4, 1)), "every Wednesday at 09:30 from 1 April"),
    "every Wednesday from April 6 meetings": (
        weekly(WED, begins=YearDay(4, 1), times=6), "every Wednesday from 1 April for 6 meetings"),
    "every Wednesday from 1.4.2026": (
        weekly(WED, begins=YearDay(4, 1, 2026)), "every Wednesday from 1 April 2026"),
    "every Wednesday to 3 July": (weekly(WED, ends=YearDay(7, 3)), "every Wednesday until 3 July"),
    "every Wednesday through 3 July": (weekly(WED, ends=YearDay(7, 3)), "every Wednesday until 3 July"),
    "every Wednesday until Christmas": (weekly(WED, ends=YearDay(12, 25)), "every Wednesday until 25 December"),
    "every Wednesday until the end of 2027": (
        weekly(WED, ends=YearDay(12, None, 2027)), "every Wednesday until the end of December 2027"),
    "every Wednesday in 2027": (
        weekly(WED, begins=YearDay(1, 1, 2027), ends=YearDay(12, 31, 2027)),
        "every Wednesday from 1 January 2027 until 31 December 2027"),
    "Fridays at 12 noon": (weekly(FRI, at=time(12)), "every Friday at 12:00"),
    "Fridays 1400hrs": (weekly(FRI, at=time(14)), "every Friday at 14:00"),
    "Fridays at 1400 hrs": (weekly(FRI, at=time(14)), "every Friday at 14:00"),
    "first Tues. of mth": (monthly(1, TUE), "first Tuesday of the month"),
    "\u201csecond\u00a0Tuesday of the month at 2\u00a0p.m.\u201d": (
        monthly(2, TUE, at=time(14)), "second Tuesday of the month at 14:00"),
    "Two\u2011monthly on the first Wednesday at 2 o\u2019clock pm.": (
        monthly(1, WED, every=2, at=time(14)), "every 2 months on the first Wednesday at 14:00"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "rule", "said_back"), [(words, *right) for words, right in UNDERSTOOD.items()])
def test_the_words_mean_a_rule_which_is_said_back_in_one_way(words: str, rule: Recurrence, said_back: str) -> None:
    assert parse_rule(words) == rule
    assert rule.describe() == said_back


def _weekly_rules(every: int, weekdays: set[int]) -> Recurrence:
    return Recurrence(Unit.WEEK, every, tuple(sorted(weekdays)))


def _positions(highest: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.one_of(
        st.sampled_from([(LAST,), (LAST_BUT_ONE,), (1, LAST_BUT_ONE, LAST)]),
        st.sets(st.integers(1, highest), min_size=1, max_size=3).map(lambda found: tuple(sorted(found))),
    )


PERIODS = st.one_of(st.tuples(st.just(Unit.MONTH), st.integers(1, 24)), st.just((Unit.QUARTER, 1)))
RHYTHMS = st.one_of(
    st.builds(_weekly_rules, st.integers(1, 52), st.sets(st.integers(0, 6), max_size=3)),
    st.builds(
        lambda period, weekday, at: Recurrence(*period, (weekday,), Picks.WEEKDAY, at),
        PERIODS,
        st.integers(0, 6),
        _positions(5),
    ),
    st.builds(lambda period, at: Recurrence(*period, (), Picks.WORKING_DAY, at), PERIODS, _positions(15)),
    st.builds(lambda every, at: Recurrence(Unit.MONTH, every, (), Picks.DAY, at), st.integers(1, 24), _positions(28)),
    st.just(Recurrence(Unit.QUARTER, 1, (), Picks.DAY, (LAST,))),
)
YEAR_DAYS = st.one_of(
    st.builds(
        lambda day, with_year: YearDay(day.month, day.day, day.year if with_year else None),
        st.dates(date(2024, 1, 1), date(2035, 12, 31)),
        st.booleans(),
    ),
    st.builds(YearDay, st.integers(1, 12), st.none(), st.none() | st.integers(2024, 2035)),
)


@settings(max_examples=300, deadline=None)
@given(
    rhythm=RHYTHMS,
    at=st.none() | st.times().map(lambda moment: moment.replace(second=0, microsecond=0, fold=0)),
    begins=st.none() | YEAR_DAYS,
    ends=st.none() | YEAR_DAYS,
    times=st.none() | st.integers(1, 260),
)
def test_a_rule_said_back_is_the_same_rule(
    rhythm: Recurrence, at: time | None, begins: YearDay | None, ends: YearDay | None, times: int | None
) -> None:
    rule = Recurrence(
        rhythm.unit, rhythm.every, rhythm.weekdays, rhythm.picks, rhythm.positions, at, begins, ends, times
    )
    assume(rule.unit is not Unit.WEEK or rule.weekdays or rule.begins)
    assert parse_rule(rule.describe()) == rule


HOURS = st.sampled_from(["", " at 9.30", " 14:00", " at noon", " 2pm", " at 1000", " at 12 o'clock", " 0930 hrs"])
WORDINGS = st.tuples(
    st.sampled_from(SHAPES).flatmap(lambda shape: st.from_regex(shape, fullmatch=True)),
    HOURS,
    st.just("") | st.from_regex(BEGINS, fullmatch=True).map(" {}".format),
    st.just("") | st.from_regex(ENDS, fullmatch=True).map(" {}".format),
    st.just("") | st.from_regex(TIMES, fullmatch=True).map(" {}".format),
).map("".join)
#: Far enough from the last year that is read for an end that follows it.
FIRST_DAYS = st.dates(date(2000, 1, 1), date(2180, 12, 31))


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(words=WORDINGS, first=FIRST_DAYS)
@example(words="Wednesday from September 2199 until September", first=date(2026, 3, 2))
@example(words="28th and last day of March", first=date(2026, 3, 2))
@example(words="2nd, last but one and last day of the month", first=date(2026, 3, 2))
@example(words="1st and 15th day of June and December", first=date(2026, 3, 2))
def test_whatever_is_accepted_can_be_kept_in_its_own_words_and_read_back(words: str, first: date) -> None:
    try:
        rule = parse_rule(words)
    except Mistake:
        return
    for kept in (rule, rule.settled(first), rule.anchored(first), replace(rule, ends=YearDay(9, None, 2027))):
        assert len(kept.describe()) <= 200
        assert parse_rule(kept.describe()) == kept


@settings(max_examples=150, deadline=None)
@given(words=st.lists(st.sampled_from(" ".join(UNDERSTOOD).split()), max_size=8).map(" ".join) | st.text(max_size=40))
def test_any_words_are_understood_or_refused_with_a_sentence(words: str) -> None:
    try:
        rule = parse_rule(words)
    except Mistake as mistake:
        assert str(mistake).endswith(".")  # noqa: PT017  (either outcome is right, each must keep its promise)
    else:
        assert parse_rule(rule.describe()) == rule
