"""The words for a series, and the rule said back."""

import re
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.recurrence_rule import LAST, Picks, Recurrence, Unit, YearDay
from bot.domain.recurrence_words import parse_rule
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
    "weekly": (weekly(), "every week"),
    "6-weekly on Tuesdays": (weekly(TUE, every=6), "every 6 weeks on Tuesday"),
    "every 6 weeks from 3 March": (weekly(every=6, begins=YearDay(3, 3)), "every 6 weeks from 3 March"),
    "every six weeks starting on the 3rd of March 2027": (
        weekly(every=6, begins=YearDay(3, 3, 2027)), "every 6 weeks from 3 March 2027"),
    "weekly on Wednesdays until July": (weekly(WED, ends=YearDay(6, None)), "every Wednesday until the end of June"),
    "weekly on Wednesdays until January 2028": (
        weekly(WED, ends=YearDay(12, None, 2027)), "every Wednesday until the end of December 2027"),
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
}  # fmt: skip

REFUSED = {
    "biweekly": 'People read "biweekly" in two ways; try "every other week" or "twice a week on Monday and Thursday".',
    "bi-monthly on the first Monday": 'People read "bimonthly" in two ways; '
    'try "every two months on the first Monday" or "first and third Monday of the month".',
    "second last Friday of the month": "I count from the first, or take the last; "
    'try "second and last" if you mean two days.',
    "every 31 February": 'There is no 31 February: February has 29 days; try "29 February".',
    "second Tuesday of the month, hopefully": 'I don\'t know "hopefully" in '
    '"second Tuesday of the month, hopefully"; try "second Tuesday of the month".',
    "every fortnightish": 'I don\'t know "fortnightish" in "every fortnightish"; try "every other week".',
    "whenever": 'I don\'t know "whenever" in "whenever"; try "every other Thursday at 9.30".',
    "every other Thirsday at 9.30": 'I don\'t know "thirsday" in "every other Thirsday at 9.30"; '
    'try "every other Thursday at 09:30".',
    "every second Thursday": 'People read "every second Thursday" in two ways; '
    'try "every other Thursday" or "second Thursday of the month".',
    "every third Friday": 'People read "every third Friday" in two ways; '
    'try "every 3 weeks on Friday" or "third Friday of the month".',
    "twice a month": '"Twice" needs its days; '
    'try "first and third Tuesday of the month" or "every Monday and Friday".',
    "monthly": '"monthly" needs its day; try "second Tuesday of the month" or "first Monday of each quarter".',
    "monthly on the 31st": 'Not every month has that day; try "last day of the month" or "monthly on the 28th".',
    "every Friday at 2": '"at 2" may be morning or afternoon; try "at 14:00" or "at 02:00".',
    "every Friday at 25:00": '"25:00" is no time of day; try "at 14:00" or "at 9.30".',
    "every Friday at 13pm": '"13pm" is no time of day; try "at 2pm" or "at 14:00".',
    "every Friday from 31 February": 'There is no 31 February: February has 29 days; try "29 February".',
    "every Friday from 29 February 2027": "There is no 29 February 2027: February 2027 has 28 days; "
    'try "28 February 2027".',
    "every Friday from 3/13": 'There is no month 13; I read the day first, as in "3/11" for 3 November.',
    "every Friday for 0 meetings": "A series has from 1 to 260 meetings, not 0.",
    "every 0 weeks": "A series can run every 1 to 52 weeks, not every 0.",
    "every 25 months on the first Monday": "A series can run every 1 to 24 months, not every 25.",
    "25th working day of the month": 'There is no such working day in "25th working day of the month"; '
    'try "last working day of the month".',
    "every Tuesday of the month": 'I know the words of "every tuesday of the month" but not what they mean together; '
    'try "second Tuesday of the month at 14:00" or "every other Thursday at 9.30".',
    "at 9.30": "Say how often the panel meets; "
    'try "second Tuesday of the month at 14:00" or "every other Thursday at 9.30".',
    "": 'Say how often the panel meets, such as "second Tuesday of the month at 14:00".',
    "every " * 40: 'That is too long for a rule; try "second Tuesday of the month at 14:00".',
}  # fmt: skip


@pytest.mark.parametrize(("words", "rule", "said_back"), [(words, *right) for words, right in UNDERSTOOD.items()])
def test_the_words_mean_a_rule_which_is_said_back_in_one_way(words: str, rule: Recurrence, said_back: str) -> None:
    assert parse_rule(words) == rule
    assert rule.describe() == said_back


@pytest.mark.parametrize(("words", "sentence"), REFUSED.items())
def test_what_is_not_understood_is_pointed_at_with_what_would_be_right(words: str, sentence: str) -> None:
    with pytest.raises(Mistake) as refused:
        parse_rule(words)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("words", ["every second Thursday", "whenever", "monthly on the 31st", "twice a month"])
def test_what_is_offered_is_understood(words: str) -> None:
    with pytest.raises(Mistake) as refused:
        parse_rule(words)
    for offer in re.findall(r'"([^"]+)"', str(refused.value).rpartition("try ")[2]):
        assert parse_rule(offer).describe()


def _weekly_rules(every: int, weekdays: set[int]) -> Recurrence:
    return Recurrence(Unit.WEEK, every, tuple(sorted(weekdays)))


def _positions(highest: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.one_of(
        st.just((LAST,)),
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
    assert parse_rule(rule.describe()) == rule


@settings(max_examples=150, deadline=None)
@given(words=st.lists(st.sampled_from(" ".join(UNDERSTOOD).split()), max_size=8).map(" ".join) | st.text(max_size=40))
def test_any_words_are_understood_or_refused_with_a_sentence(words: str) -> None:
    try:
        rule = parse_rule(words)
    except Mistake as mistake:
        assert str(mistake).endswith(".")  # noqa: PT017  (either outcome is right, each must keep its promise)
    else:
        assert parse_rule(rule.describe()) == rule
