"""Due phrases as people type them: read day first, or refused with two that would do."""

import re
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.language.due_phrases import describe_due, parse_due, split_due
from bot.errors import Mistake
from tests.domain.bank_holidays import ENGLAND_AND_WALES

WEDNESDAY = date(2026, 11, 25)
NEXT_MEETING = date(2026, 12, 8)

# What each phrase means on Wednesday 25 November 2026.
READ = {
    "today": date(2026, 11, 25),
    "tomorrow": date(2026, 11, 26),
    "Friday": date(2026, 11, 27),
    "fri": date(2026, 11, 27),
    "this Friday": date(2026, 11, 27),
    "Thurs": date(2026, 11, 26),
    "Tuesday": date(2026, 12, 1),
    "Saturday": date(2026, 11, 28),  # named, so kept
    "Friday week": date(2026, 12, 4),
    "a week on Friday": date(2026, 12, 4),
    "Friday next week": date(2026, 12, 4),
    "Monday next week": date(2026, 11, 30),
    "a fortnight on Friday": date(2026, 12, 11),
    "in 2 days": date(2026, 11, 27),
    "in 3 days": date(2026, 11, 30),  # counted out onto a Saturday, so moved on
    "in 2 weeks": date(2026, 12, 9),
    "in two weeks’ time": date(2026, 12, 9),
    "within a week": date(2026, 12, 2),
    "in a fortnight": date(2026, 12, 9),
    "a week today": date(2026, 12, 2),
    "a week tomorrow": date(2026, 12, 3),
    "a month today": date(2026, 12, 29),  # Christmas Day moves over the weekend and the substitute day
    "in 3 months": date(2027, 2, 25),
    "5 working days": date(2026, 12, 2),
    "in 5 working days": date(2026, 12, 2),
    "in 25 working days": date(2027, 1, 4),
    "end of the week": date(2026, 11, 27),
    "end of next week": date(2026, 12, 4),
    "the end of the month": date(2026, 11, 30),
    "end of next month": date(2026, 12, 31),
    "end of March": date(2027, 3, 31),
    "end of January": date(2027, 1, 29),  # the 31st is a Sunday
    "3 March": date(2027, 3, 3),
    "3rd of March 2027": date(2027, 3, 3),
    "the 3rd of March": date(2027, 3, 3),
    "3 Mar": date(2027, 3, 3),
    "25 November": date(2026, 11, 25),
    "24 November": date(2027, 11, 24),
    "Fri 27 Nov": date(2026, 11, 27),
    "Friday, 27 November 2026.": date(2026, 11, 27),
    "the 15th": date(2026, 12, 15),
    "Friday the 27th": date(2026, 11, 27),
    "27/11": date(2026, 11, 27),
    "27/11/26": date(2026, 11, 27),
    "27/11/2026": date(2026, 11, 27),
    "27.11.2026": date(2026, 11, 27),
    "27-11-2026": date(2026, 11, 27),
    "2026-11-27": date(2026, 11, 27),
    "4/5": date(2027, 5, 4),
    "29 February": date(2028, 2, 29),
    "next meeting": NEXT_MEETING,
    "the next meeting": NEXT_MEETING,
    "next panel": NEXT_MEETING,
    "before the next meeting": date(2026, 12, 7),
    "before Monday": date(2026, 11, 27),
    "by FRIDAY please": date(2026, 11, 27),
    "due: Friday": date(2026, 11, 27),
}

REFUSED = {
    "next Friday": 'People read "next Friday" in two ways. '
    'Try "Friday 27 November 2026" or "Friday 4 December 2026".',
    "Wednesday": 'Today is a Wednesday, so "Wednesday" may be either. '
    'Try "Wednesday 25 November 2026" or "Wednesday 2 December 2026".',
    "Wednesday week": 'Today is a Wednesday, so "Wednesday week" may be either. '
    'Try "Wednesday 2 December 2026" or "Wednesday 9 December 2026".',
    "the 25th": 'Today is the 25th, so "the 25th" may be either. '
    'Try "Wednesday 25 November 2026" or "Friday 25 December 2026".',
    "Mon 27 Nov": "27 November 2026 is a Friday, not a Monday. "
    'Try "Friday 27 November 2026" or "Monday 30 November 2026".',
    "Thu 27 Nov": "27 November 2026 is a Friday, not a Thursday. "
    'Try "Friday 27 November 2026" or "Thursday 26 November 2026".',
    "Mon 25 Nov": "25 November 2026 is a Wednesday, not a Monday. "
    'Try "Wednesday 25 November 2026" or "Monday 30 November 2026".',
    "11/27": 'I read the day first, and "11/27" has no month 27. Try "27/11" or "Friday 27 November 2026".',
    "March 3": 'I read the day first. Try "3 March" or "Wednesday 3 March 2027".',
    "27.11": '"27.11" may be a date or a time. Try "27/11" or "Friday 27 November 2026".',
    "31 February": 'February 2027 has 28 days. Try "Sunday 28 February 2027" or "Monday 1 March 2027".',
    "31/4/2027": 'April 2027 has 30 days. Try "Friday 30 April 2027" or "Saturday 1 May 2027".',
    "the 31st": 'November 2026 has 30 days. Try "Monday 30 November 2026" or "Tuesday 1 December 2026".',
    "3 March 2026": "Tuesday 3 March 2026 has passed. "
    'Try "Wednesday 3 March 2027" or "Wednesday 9 December 2026".',
    "26 November 2028": "Sunday 26 November 2028 is more than two years ahead. "
    'Try "Saturday 25 November 2028" or "in 6 months".',
    "before today": "There is no time left before Wednesday 25 November 2026. "
    'Try "Wednesday 25 November 2026" or "Wednesday 9 December 2026".',
    "March": '"March" names no day. Try "Monday 1 March 2027" or "Wednesday 31 March 2027".',
    "next week": '"next week" names no day. Try "Friday 27 November 2026" or "Friday 4 December 2026".',
    "in 0 days": "Nothing is due in no time. "
    'Try "Wednesday 25 November 2026" or "Thursday 26 November 2026".',
    "99/99": '"99/99" is no date. Try "Wednesday 9 December 2026" or "in 3 days".',
    "soon": 'I can\'t read "soon" as a due date. Try "Friday 27 November 2026" or "in 2 weeks".',
    "": 'Say when it is due. Try "Friday 27 November 2026" or "in 2 weeks".',
}  # fmt: skip


def offers(mistake: Mistake) -> list[str]:
    return re.findall(r'"([^"]+)"', str(mistake).rpartition(" Try ")[2])


@pytest.mark.parametrize(("phrase", "due_on"), READ.items())
def test_a_phrase_means_one_day(phrase: str, due_on: date) -> None:
    assert parse_due(phrase, today=WEDNESDAY, next_meeting_on=NEXT_MEETING) == due_on


@pytest.mark.parametrize(("phrase", "sentence"), REFUSED.items())
def test_a_phrase_that_is_not_clear_is_refused_with_two_that_are(phrase: str, sentence: str) -> None:
    with pytest.raises(Mistake) as refused:
        parse_due(phrase, today=WEDNESDAY)
    assert str(refused.value) == sentence
    assert len([parse_due(offer, today=WEDNESDAY) for offer in offers(refused.value)]) == 2


def test_the_next_meeting_must_be_in_the_diary() -> None:
    with pytest.raises(Mistake) as refused:
        parse_due("next meeting", today=WEDNESDAY)
    assert str(refused.value) == (
        'The next meeting is not in the diary yet. Try "Wednesday 9 December 2026" or "in a month".'
    )


def test_the_end_of_a_month_whose_working_days_are_over_is_refused() -> None:
    with pytest.raises(Mistake) as refused:
        parse_due("end of the month", today=date(2026, 5, 31))  # a Sunday
    assert str(refused.value) == (
        "The last working day there was Friday 29 May 2026. "
        'Try "Monday 1 June 2026" or "Monday 15 June 2026".'
    )  # fmt: skip


def test_at_a_weekend_the_end_of_the_week_is_not_clear() -> None:
    with pytest.raises(Mistake, match=r'^At a weekend people read "end of the week" in two ways\. '):
        parse_due("end of the week", today=date(2026, 11, 28))


def test_on_a_sunday_before_monday_is_today() -> None:
    assert parse_due("before Monday", today=date(2026, 11, 29)) == date(2026, 11, 29)


def test_a_month_from_the_end_of_a_long_month_is_the_end_of_a_short_one() -> None:
    assert parse_due("a month today", today=date(2028, 1, 31)) == date(2028, 2, 29)


def test_bank_holidays_are_those_of_the_panel() -> None:
    on_the_eve = {"today": date(2026, 3, 16), "phrase": "in 1 day"}
    assert parse_due(**on_the_eve) == date(2026, 3, 17)
    assert parse_due(**on_the_eve, subdivision="NIR") == date(2026, 3, 18)


PHRASES = st.one_of(
    st.sampled_from([*READ, *REFUSED]),
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
def test_every_phrase_is_in_range_or_refused_with_two_phrases_that_are(phrase: str, today: date) -> None:
    limit = today + relativedelta(years=2)
    meeting = today + timedelta(days=30)
    try:
        answers = [parse_due(phrase, today=today, next_meeting_on=meeting)]
        # What we say back is read as the same day.
        assert parse_due(describe_due(answers[0], today).split(" (")[0], today=today) == answers[0]
    except Mistake as mistake:
        answers = [parse_due(offer, today=today) for offer in offers(mistake)]
        assert len(answers) == 2
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
    due_on = parse_due(f"in {count} {unit}", today=today)
    assert due_on.weekday() < 5
    assert due_on not in ENGLAND_AND_WALES


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("Ring the GP by Friday", ("Ring the GP", "Friday")),
        ("Ring the GP by Friday.", ("Ring the GP", "Friday")),
        ("RING THE GP BY FRIDAY", ("RING THE GP", "FRIDAY")),
        ("stand by the family by Friday", ("stand by the family", "Friday")),
        ("Complete work led by police", ("Complete work led by police", None)),
        ("Send the form signed by mother by 27/11", ("Send the form signed by mother", "27/11")),
        ("Visit by 2 workers", ("Visit by 2 workers", None)),
        ("Speak to nearby Monday club", ("Speak to nearby Monday club", None)),
        ("Ring the GP due 27/11", ("Ring the GP", "27/11")),
        ("Ring the GP, due on Friday", ("Ring the GP", "Friday")),
        ("Ring the GP due by Friday", ("Ring the GP", "Friday")),
        ("Ring the GP. Due: 3 March.", ("Ring the GP.", "3 March")),
        ("Ring the GP due:tomorrow", ("Ring the GP", "tomorrow")),
        ("Ring the GP (by Friday)", ("Ring the GP", "Friday")),
        ("Chase the overdue Friday list", ("Chase the overdue Friday list", None)),
        ("Report before the next meeting", ("Report", "before the next meeting")),
        ("Report due before Friday", ("Report", "before Friday")),
        ("Ring by Monday and write by the end of March", ("Ring by Monday and write", "the end of March")),
        ("Get it written by next Friday", ("Get it written", "next Friday")),  # parted, though it will be refused
        ("Ring by 31 February", ("Ring", "31 February")),
        ("by Friday", ("", "Friday")),
        ("  Ring the GP  ", ("Ring the GP", None)),
        ("", ("", None)),
    ],
)
def test_the_last_by_that_a_due_phrase_follows_parts_what_from_when(text: str, parted: tuple[str, str | None]) -> None:
    assert split_due(text) == parted


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=80))
def test_splitting_never_invents_text(text: str) -> None:
    what, phrase = split_due(text)
    assert what in text
    assert phrase is None or phrase in text


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


def test_a_word_that_was_typed_twice_parts_as_once() -> None:
    assert split_due("Ring the GP by by Friday") == ("Ring the GP", "Friday")
    assert parse_due("by by 10 December 2026", today=date(2026, 11, 23)) == date(2026, 12, 10)
