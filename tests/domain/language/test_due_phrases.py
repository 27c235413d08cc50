"""Due phrases as people type them: one day, or a refusal that says why and what would do."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.language.due_phrases import describe_due, parse_due, read_due, why_moved
from bot.domain.language.due_reading import DueKind, DueReading, DueTerms
from bot.errors import Mistake
from tests.domain.bank_holidays import ENGLAND_AND_WALES

WEDNESDAY = date(2026, 11, 25)
NEXT_MEETING = date(2026, 12, 8)
TERMS = DueTerms(WEDNESDAY, (NEXT_MEETING, date(2027, 1, 12)))


def _cases(file: str) -> list[list[str]]:
    lines = (Path(__file__).parent / "cases" / file).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


#: A phrase, its kind, and the day or the days that it may mean, as practitioners say them.
CASES = _cases("due_phrases.tsv")
#: Further ones of the same kinds, written before they were tried.
FURTHER = _cases("due_phrases_as_typed.tsv")
#: When and where those are said.
CASES_SAID = DueTerms(date(2026, 1, 6), (date(2026, 2, 3),))

# What each phrase means on Wednesday 25 November 2026, where that is not among the cases.
READ = {
    "Friday": date(2026, 11, 27),
    "next Friday 4th": date(2026, 12, 4),  # the date says which week is meant
    "next Fri 4 December": date(2026, 12, 4),
    "this Friday 27/11": date(2026, 11, 27),
    "this coming Friday the 27th at noon": date(2026, 11, 27),
    "Saturday": date(2026, 11, 28),  # named, so kept
    "Monday next week": date(2026, 11, 30),
    "in 3 days": date(2026, 11, 30),  # counted out onto a Saturday, so moved on
    "in two weeks’ time": date(2026, 12, 9),
    "a month today": date(2026, 12, 29),  # Christmas Day moves over the weekend and the substitute day
    "in 25 working days": date(2027, 1, 4),
    "25 November": date(2026, 11, 25),
    "24 October": date(2027, 10, 24),
    "29 February": date(2028, 2, 29),
    "4/5": date(2027, 5, 4),
    "March 3": date(2027, 3, 3),
    "27.11": date(2026, 11, 27),
    "before Monday": date(2026, 11, 27),
    "before the next meeting": date(2026, 12, 7),
    "5 working days before the next meeting": date(2026, 12, 1),
    "the Friday before the next meeting": date(2026, 12, 4),
    "two days before 3 December": date(2026, 12, 1),
    "the day after the next meeting": date(2026, 12, 9),
    "a week after the next meeting": date(2026, 12, 15),
    "the meeting after next": date(2027, 1, 12),
    "the January meeting": date(2027, 1, 12),
    "within 5 working days of the next meeting": date(2026, 12, 15),
    "before March": date(2027, 2, 26),
    "before Christmas": date(2026, 12, 24),
    "before the new year": date(2026, 12, 31),
    "before Easter": date(2027, 3, 25),
    "before the weekend": date(2026, 11, 27),
    "New Year's Eve": date(2026, 12, 31),
    "the second Tuesday in December": date(2026, 12, 8),
    "last Friday of the month": date(2026, 11, 27),
    "beginning of December": date(2026, 12, 1),
    "Monday at 9": date(2026, 11, 30),
    "17:00 on Friday": date(2026, 11, 27),
    "by FRIDAY please": date(2026, 11, 27),
    "due: Friday": date(2026, 11, 27),
    "by by 10 December 2026": date(2026, 12, 10),
    "\u201cFriday\u201d": date(2026, 11, 27),
    "Friday\u00a027\u00a0November": date(2026, 11, 27),
    "*Friday*": date(2026, 11, 27),
    "Fri\u00adday": date(2026, 11, 27),
    "Febuary 12th": date(2027, 2, 12),
    "tommorow": date(2026, 11, 26),
    "end of next week": date(2026, 12, 4),
    "year end": date(2026, 12, 31),
}

REFUSED = {
    **{
        phrase: f'"{phrase}" does not name a day. Try "Friday 27 November 2026" or "Wednesday 9 December 2026" '
        'or "Tuesday 8 December 2026".'
        for phrase in ("for now", "just for now")
    },
    "next Friday": 'People read "next Friday" in two ways. '
    'Try "Friday 27 November 2026" or "Friday 4 December 2026".',
    "Wednesday": 'Today is a Wednesday, so "Wednesday" may be either. '
    'Try "Wednesday 25 November 2026" or "Wednesday 2 December 2026".',
    "Friday and Monday": '"Friday and Monday" is two days. '
    'Try "Friday 27 November 2026" or "Monday 30 November 2026".',
    "Thursday and again on Friday": '"Thursday and again on Friday" is two days. '
    'Try "Thursday 26 November 2026" or "Friday 27 November 2026".',
    "the 25th": 'Today is the 25th, so "the 25th" may be either. '
    'Try "Wednesday 25 November 2026" or "Friday 25 December 2026".',
    "Mon 27 Nov": "27 November 2026 is a Friday, not a Monday. "
    'Try "Friday 27 November 2026" or "Monday 30 November 2026".',
    "24 November": "Tuesday 24 November 2026 has passed. "
    'Try "Wednesday 24 November 2027" or "Friday 27 November 2026".',
    "11/27": 'I read the day first, and "11/27" has no month 27. '
    'Try "Friday 27 November 2026" or "Wednesday 9 December 2026".',
    "9.30": '"9.30" looks like an hour, not a day. '
    'Try "Wednesday 25 November 2026" or "Friday 27 November 2026" or "Wednesday 9 December 2026".',
    "31 February": 'February 2027 has 28 days. Try "Sunday 28 February 2027" or "Monday 1 March 2027".',
    "31/4/2027": 'April 2027 has 30 days. Try "Friday 30 April 2027" or "Saturday 1 May 2027".',
    "31/6/2025": 'June 2025 has 30 days. Try "Wednesday 30 June 2027" or "Friday 27 November 2026".',
    "the 31st": 'November 2026 has 30 days. Try "Monday 30 November 2026" or "Tuesday 1 December 2026".',
    "yesterday": "Tuesday 24 November 2026 has passed. "
    'Try "Wednesday 25 November 2026" or "Friday 27 November 2026".',
    "3 March 2026": "Tuesday 3 March 2026 has passed. "
    'Try "Wednesday 3 March 2027" or "Friday 27 November 2026".',
    "last Friday": '"last Friday" has passed. Try "Friday 27 November 2026" or "Wednesday 9 December 2026".',
    "26 November 2028": "Sunday 26 November 2028 is more than two years ahead. "
    'Try "Saturday 25 November 2028" or "Tuesday 25 May 2027" or "Friday 27 November 2026".',
    "before today": "There is no time left before Wednesday 25 November 2026. "
    'Try "Wednesday 25 November 2026" or "Friday 27 November 2026".',
    "March": '"March" is a month, not a day. '
    'Try "Monday 1 March 2027" or "Tuesday 16 March 2027" or "Wednesday 31 March 2027".',
    "next week": '"next week" is a week, not a day. '
    'Try "Monday 30 November 2026" or "Wednesday 2 December 2026" or "Friday 4 December 2026".',
    "the weekend": '"the weekend" is two days. '
    'Try "Friday 27 November 2026" or "Sunday 29 November 2026" or "Monday 30 November 2026".',
    "6-8 weeks": '"6-8 weeks" is a span of time, not a day. '
    'Try "Wednesday 6 January 2027" or "Wednesday 20 January 2027" or "Wednesday 13 January 2027".',
    "in 0 days": "That leaves no time for the action. "
    'Try "Wednesday 25 November 2026" or "Thursday 26 November 2026" or "Friday 27 November 2026".',
    "99/99": '"99/99" is no date. Try "Friday 27 November 2026" or "Wednesday 9 December 2026".',
    "after Friday": '"after Friday" says from when, not by when. '
    'Try "Monday 30 November 2026" or "Monday 7 December 2026" or "Monday 14 December 2026".',
    "not before Friday": '"not before Friday" says from when, not by when. '
    'Try "Monday 30 November 2026" or "Monday 7 December 2026" or "Monday 14 December 2026".',
    "Friday at the earliest": '"Friday at the earliest" says from when, not by when. '
    'Try "Monday 30 November 2026" or "Monday 7 December 2026" or "Monday 14 December 2026".',
    "any day but Friday": '"any day but Friday" only rules out a day. '
    'Try "Monday 30 November 2026" or "Monday 7 December 2026" or "Monday 14 December 2026".',
    "after the weekend": '"after the weekend" says from when, not by when. '
    'Try "Monday 30 November 2026" or "Monday 7 December 2026" or "Monday 14 December 2026".',
    "after the next meeting": '"after the next meeting" says from when, not by when. '
    'Try "Wednesday 9 December 2026" or "Wednesday 16 December 2026" or "Wednesday 23 December 2026".',
    "not until next week": '"not until next week" says from when, not by when. '
    'Try "Monday 7 December 2026" or "Monday 14 December 2026" or "Monday 21 December 2026".',
    "after half term": 'I can\'t read "after half term" as a due date. '
    'Try "Friday 27 November 2026" or "Wednesday 9 December 2026" or "Tuesday 8 December 2026".',
    "asap": '"asap" does not name a day. '
    'Try "Wednesday 25 November 2026" or "Thursday 26 November 2026" or "Monday 30 November 2026".',
    "the next MASE panel": '"the next MASE panel" is not a meeting of this panel. '
    'Try "Tuesday 8 December 2026" or "Friday 27 November 2026" or "Wednesday 9 December 2026".',
    "whenever": 'I can\'t read "whenever" as a due date. '
    'Try "Friday 27 November 2026" or "Wednesday 9 December 2026" or "Tuesday 8 December 2026".',
    "": 'Say when it is due. '
    'Try "Friday 27 November 2026" or "Wednesday 9 December 2026" or "Tuesday 8 December 2026".',
}  # fmt: skip


@pytest.mark.parametrize(("phrase", "kind", "days"), CASES + FURTHER)
def test_a_phrase_of_practice_comes_to_what_people_mean(phrase: str, kind: str, days: str) -> None:
    found = read_due(phrase, CASES_SAID)
    assert (found.kind.value, " ".join(map(str, found.days))) == (kind, days)
    assert bool(found.offers) is (found.kind is not DueKind.ONE_DAY)


@pytest.mark.parametrize(("phrase", "due_on"), READ.items())
def test_a_phrase_means_one_day(phrase: str, due_on: date) -> None:
    assert read_due(phrase, TERMS) == DueReading(DueKind.ONE_DAY, (due_on,))


@pytest.mark.parametrize(("phrase", "sentence"), REFUSED.items())
def test_a_phrase_that_is_not_clear_is_refused_with_days_that_are(phrase: str, sentence: str) -> None:
    with pytest.raises(Mistake) as refused:
        parse_due(phrase, TERMS)
    assert str(refused.value) == sentence
    assert [parse_due(str(day), TERMS) for day in refused.value.days] == list(refused.value.days)


def test_an_hour_that_does_not_exist_is_refused_with_its_day() -> None:
    said = "\u201c25:00\u201d is no time of day. Write a time from 00:00 to 23:59, such as 14:00."
    found = read_due("Friday 25:00", TERMS)
    assert (found.kind, found.reason, found.offers[0]) == (DueKind.NO_DAY, said, parse_due("Friday", TERMS))
    assert read_due("at 25:00", TERMS).reason == said


def test_the_next_meeting_must_be_in_the_diary() -> None:
    found = read_due("next meeting", DueTerms(WEDNESDAY))
    assert (found.kind, found.reason) == (DueKind.NO_DAY, "The next meeting is not in the diary yet.")


def test_a_panel_knows_its_own_kind_of_meeting() -> None:
    mase = DueTerms(WEDNESDAY, (NEXT_MEETING,), panel_words=frozenset({"mase", "panel"}))
    assert parse_due("the next MASE panel", mase) == NEXT_MEETING
    assert read_due("the next MET", mase).kind is DueKind.NO_DAY


def test_the_end_of_a_month_whose_working_days_are_over_has_passed() -> None:
    found = read_due("end of the month", DueTerms(date(2026, 5, 31)))  # a Sunday
    assert found == DueReading(
        DueKind.PAST,
        offers=(date(2026, 6, 1), date(2026, 6, 5)),
        reason="The last working day there was Friday 29 May 2026.",
    )


def test_at_a_weekend_the_end_of_the_week_is_not_clear() -> None:
    found = read_due("end of the week", DueTerms(date(2026, 11, 28)))
    assert found.days == (date(2026, 12, 4), date(2026, 12, 11))


def test_on_a_sunday_before_monday_is_today() -> None:
    assert parse_due("before Monday", DueTerms(date(2026, 11, 29))) == date(2026, 11, 29)


def test_a_month_from_the_end_of_a_long_month_is_the_end_of_a_short_one() -> None:
    assert parse_due("a month today", DueTerms(date(2028, 1, 31))) == date(2028, 2, 29)


def test_a_day_that_is_not_in_the_calendar_is_never_called_past() -> None:
    found = read_due("31 June 2025", DueTerms(WEDNESDAY))
    assert (found.kind, found.reason) == (DueKind.NO_SUCH_DAY, "June 2025 has 30 days.")


def test_bank_holidays_are_those_of_the_panel() -> None:
    on_the_eve = date(2026, 3, 16)
    assert parse_due("in 1 day", DueTerms(on_the_eve)) == date(2026, 3, 17)
    assert parse_due("in 1 day", DueTerms(on_the_eve, subdivision="NIR")) == date(2026, 3, 18)


PHRASES = st.one_of(
    st.sampled_from([*READ, *REFUSED, *(case[0] for case in CASES)]),
    st.builds("{} {}".format, st.integers(0, 33), st.sampled_from(["Jan", "February", "Sept", "Dec 2026", "May 2027"])),
    st.builds("{}/{}".format, st.integers(0, 32), st.integers(0, 32)),
    st.builds("{}/{}/{}".format, st.integers(0, 32), st.integers(0, 32), st.integers(20, 35)),
    st.builds("the {}th".format, st.integers(0, 40)),
    st.builds("{}{}".format, st.sampled_from(["", "next ", "before ", "this "]), st.sampled_from(["Mon", "Sunday"])),
    st.builds("in {} {}".format, st.integers(0, 1200), st.sampled_from(["days", "working days", "weeks", "months"])),
    st.builds("{} {} {}".format, st.sampled_from(["Mon", "Fri"]), st.integers(1, 31), st.sampled_from(["Feb", "Aug"])),
    st.builds("before {}".format, st.dates(date(1, 1, 1), date(9999, 12, 31))),
    st.dates(date(1, 1, 1), date(9999, 12, 31)).map(str),
    st.text(max_size=25),
)


@settings(max_examples=300, deadline=None)
@given(phrase=PHRASES, today=st.dates(date(2024, 1, 1), date(2033, 12, 31)))
def test_every_phrase_is_in_range_or_refused_with_days_that_are(phrase: str, today: date) -> None:
    limit = today + relativedelta(years=2)
    terms = DueTerms(today, (today + timedelta(days=30),))
    found = read_due(phrase, terms)
    if found.kind is DueKind.ONE_DAY:
        answers = found.days
        # What we say back is read as the same day.
        assert parse_due(describe_due(answers[0], today).split(" (")[0], terms) == answers[0]
    else:
        answers = found.offers
        assert len(answers) == (3 if found.kind is DueKind.NO_DAY else 2)
        assert len(found.days) == (2 if found.kind is DueKind.TWO_READINGS else 0)
    assert all(today <= answer <= limit for answer in answers)


@settings(max_examples=60, deadline=None)
@given(
    today=st.dates(date(2024, 1, 1), date(2033, 12, 31)),
    count=st.integers(1, 60),
    unit=st.sampled_from(["days", "working days", "weeks", "months"]),
)
def test_a_day_counted_out_is_never_one_on_which_nobody_works(today: date, count: int, unit: str) -> None:
    if unit == "months":
        count = min(count, 20)
    due_on = parse_due(f"in {count} {unit}", DueTerms(today))
    assert due_on.weekday() < 5
    assert due_on not in ENGLAND_AND_WALES


@pytest.mark.parametrize(
    ("day", "described"),
    [
        (date(2026, 11, 25), "Wednesday 25 November 2026 (today)"),
        (date(2026, 11, 26), "Thursday 26 November 2026 (tomorrow)"),
        (date(2026, 11, 30), "Monday 30 November 2026 (in 5 days)"),
        (date(2026, 11, 24), "Tuesday 24 November 2026 (yesterday)"),
        (date(2026, 11, 20), "Friday 20 November 2026 (5 days ago)"),
    ],
)
def test_a_due_date_is_said_in_full_with_its_distance(day: date, described: str) -> None:
    assert describe_due(day, WEDNESDAY) == described


@pytest.mark.parametrize(
    ("phrase", "due_on", "why"),
    [
        ("10 days", date(2026, 4, 13), "“10 days” is Sunday 12 April 2026, so I chose the next working day."),
        (
            "in  4 days",
            date(2026, 4, 7),
            "“in 4 days” is Monday 6 April 2026, a bank holiday, so I chose the next working day.",
        ),
        (
            "end of May",
            date(2026, 5, 29),
            "“end of May” is Sunday 31 May 2026, so I chose the last working day before it.",
        ),
        ("2 weeks", date(2026, 4, 16), ""),
        ("5 working days", date(2026, 4, 13), ""),
        ("Saturday", date(2026, 4, 4), ""),  # which was said
        ("10 days", date(2026, 4, 14), ""),  # it is due then for another reason
        ("soon", date(2026, 4, 13), ""),
    ],
)
def test_a_day_off_that_moves_a_count_is_said(phrase: str, due_on: date, why: str) -> None:
    assert why_moved(phrase, DueTerms(date(2026, 4, 2)), due_on) == why


ONE_DAY, TWO_READINGS, NO_DAY = DueKind.ONE_DAY, DueKind.TWO_READINGS, DueKind.NO_DAY
_AT_EARLY_MAY = ("2026-05-01", "2026-05-04", "2026-05-05")


@pytest.mark.parametrize(
    ("typed", "subdivision", "kind", "days"),
    [
        ("before the bank holiday", "ENG", ONE_DAY, ["2026-05-01"]),
        ("before bank hol", "ENG", ONE_DAY, ["2026-05-01"]),
        ("before the bank holiday weekend", "ENG", ONE_DAY, ["2026-05-01"]),
        ("by the bank holiday", "ENG", ONE_DAY, ["2026-05-04"]),  # a named day is kept, as Saturdays are
        ("by the next bank holiday", "SCT", ONE_DAY, ["2026-05-04"]),
        ("bank holliday monday", "ENG", ONE_DAY, ["2026-05-04"]),
        ("after the bank holiday", "ENG", ONE_DAY, ["2026-05-05"]),
        ("straight after the bank hols", "ENG", ONE_DAY, ["2026-05-05"]),
        ("after the bank holiday weekend", "ENG", ONE_DAY, ["2026-05-05"]),
        ("2 working days before the bank holiday", "ENG", ONE_DAY, ["2026-04-30"]),
        ("the Tuesday after the bank holiday", "ENG", ONE_DAY, ["2026-05-05"]),
        ("by the August bank holiday", "ENG", ONE_DAY, ["2026-08-31"]),
        ("before the August bank holiday", "SCT", ONE_DAY, ["2026-07-31"]),  # Scotland's is the first Monday
        ("the spring bank holiday", "ENG", ONE_DAY, ["2026-05-25"]),
        ("the first bank holiday in May", "ENG", ONE_DAY, ["2026-05-04"]),
        ("before the Easter bank holiday weekend", "ENG", ONE_DAY, ["2027-03-25"]),
        ("after the Easter bank holiday weekend", "ENG", ONE_DAY, ["2027-03-30"]),
        ("after the Easter bank holiday weekend", "SCT", ONE_DAY, ["2027-03-29"]),  # no Easter Monday there
        ("by the May bank holiday", "ENG", TWO_READINGS, ["2026-05-04", "2026-05-25"]),
        ("after the May bank holiday", "ENG", TWO_READINGS, ["2026-05-05", "2026-05-26"]),
        ("before the May bank holiday", "ENG", TWO_READINGS, ["2026-05-01", "2026-05-22"]),
        ("by the bank holiday weekend", "ENG", NO_DAY, []),
        ("over the bank holiday", "ENG", NO_DAY, []),
        ("the June bank holiday", "ENG", NO_DAY, []),
    ],
)
def test_bank_holidays_are_the_next_of_the_panels_own_country(
    typed: str, subdivision: str, kind: DueKind, days: list[str]
) -> None:
    found = read_due(typed, DueTerms(date(2026, 4, 7), subdivision=subdivision))  # Easter Monday was the day before
    assert (found.kind, [day.isoformat() for day in found.days]) == (kind, days)


def test_a_bank_holiday_weekend_offers_the_working_days_around_it() -> None:
    found = read_due("by the bank holiday weekend", DueTerms(date(2026, 4, 7)))
    assert found.reason == '"by the bank holiday weekend" is several days.'
    assert tuple(day.isoformat() for day in found.offers) == _AT_EARLY_MAY
    none = read_due("the June bank holiday", DueTerms(date(2026, 4, 7)))
    assert none.reason == '"the June bank holiday" is no bank holiday of this panel.'
    assert none.offers[0] == date(2026, 5, 4)


@pytest.mark.parametrize(
    ("typed", "kind", "days"),
    [
        ("c.o.b. Friday", ONE_DAY, ["2026-01-09"]),
        ("Friday 9 or 16 January", TWO_READINGS, ["2026-01-09", "2026-01-16"]),
        ("Monday 12 or 19 January", TWO_READINGS, ["2026-01-12", "2026-01-19"]),
        ("9th/10th Jan", TWO_READINGS, ["2026-01-09", "2026-01-10"]),
        ("two weeks before Easter", TWO_READINGS, ["2026-03-20", "2026-03-19"]),
        ("the day after next Friday", TWO_READINGS, ["2026-01-10", "2026-01-17"]),
        ("0 days before Easter", NO_DAY, []),
        ("fortnightly", NO_DAY, []),
        ("Fridays", NO_DAY, []),
        ("fortnights", NO_DAY, []),
        ("month", NO_DAY, []),
        ("month from today", ONE_DAY, ["2026-02-06"]),
        ("1700 Friday", ONE_DAY, ["2026-01-09"]),
        ("week on Friday", ONE_DAY, ["2026-01-16"]),
        ("end of shift tonight", ONE_DAY, ["2026-01-06"]),
        ("due date: 16/1/26", ONE_DAY, ["2026-01-16"]),
        ("the end of the financial yr", ONE_DAY, ["2026-03-31"]),
        ("the working day before the next meeting", ONE_DAY, ["2026-02-02"]),
        ("at least a week before the next meeting", ONE_DAY, ["2026-01-27"]),
        ("Monday before panel", ONE_DAY, ["2026-02-02"]),
        ("before panel", ONE_DAY, ["2026-02-02"]),
        ("by the time of the next meeting", ONE_DAY, ["2026-02-03"]),
    ],
)
def test_two_days_keep_what_is_said_of_both_and_a_rhythm_is_no_day(typed: str, kind: DueKind, days: list[str]) -> None:
    found = read_due(typed, DueTerms(date(2026, 1, 6), (date(2026, 2, 3),)))
    assert (found.kind, [day.isoformat() for day in found.days]) == (kind, days)
