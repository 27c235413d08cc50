"""Series in the diary: those that go on are kept filled, and no day of a rule is filled twice."""

import logging
from datetime import date, datetime

import pytest
from sqlmodel import col, select

from bot.documents.county_file import read_county_file
from bot.domain.language.rhythm_words import parse_rule
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.panels import Panel, Series
from bot.models.vocabulary import BankHolidays, MeetingState
from bot.services.diary import series
from bot.services.diary.series import DIARIES, unfilled
from bot.services.rescheduling import meetings
from tests.county import SHIRE, WEST
from tests.services.conftest import LONDON, Play

RULE = "first Monday of the month at 10:00"


def of_series(play: Play) -> list[Meeting]:
    """Return the meetings that series put into the diary, by their day in the rule."""
    with play.store.reading() as work:
        found = work.session.exec(
            select(Meeting).where(col(Meeting.series_id).is_not(None)).order_by(col(Meeting.rule_on))
        ).all()
        work.session.expunge_all()
    return list(found)


def test_a_series_without_an_end_is_kept_twelve_meetings_ahead(play: Play) -> None:
    made = play.does("coordinator", series.create_series, WEST, rule=RULE)
    assert (len(made.dates), made.goes_on) == (12, True)
    assert play.ticks(DIARIES) == 0
    play.at(8, 4)
    assert play.ticks(DIARIES) == 5  # April, May, June, July, August were held or have passed
    assert play.ticks(DIARIES) == 0
    days = [meeting.rule_on for meeting in of_series(play)]
    assert days[-1] == date(2027, 8, 2)
    assert len(days) == len(set(days)) == 17
    assert [noun for noun, _, _ in play.audited("fill")] == ["series"]


def test_the_panel_does_not_meet_twice_at_once(play: Play) -> None:
    # West sits on Tuesday 24 March from two to four.
    shown = play.does("coordinator", series.preview_series, WEST, rule="every Tuesday at 15:00", count=4)
    assert [at.day for at in shown.already_there] == [24]
    assert [at.day for at in shown.dates] == [3, 10, 17]
    play.does("coordinator", series.create_series, WEST, rule="every Tuesday at 15:00", count=4)
    assert [meeting.rule_on for meeting in of_series(play)] == [date(2026, 3, day) for day in (3, 10, 17)]


@pytest.mark.databases("sqlite")
def test_a_second_series_says_beside_which_it_comes(play: Play) -> None:
    assert play.does("coordinator", series.preview_series, WEST, rule=RULE).beside == ()
    play.does("coordinator", series.create_series, WEST, rule=RULE)
    assert play.does("coordinator", series.preview_series, WEST, rule="every Friday").beside == (RULE,)


def test_what_was_moved_or_cancelled_by_hand_is_not_filled_again(play: Play) -> None:
    play.does("coordinator", series.create_series, WEST, rule=RULE)
    first, second = of_series(play)[:2]
    play.does("chair", meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=first.id)
    moved_to = datetime(2026, 5, 12, 10)  # noqa: DTZ001 - the panel's wall clock
    play.does("chair", meetings.reschedule_meeting, WEST, starts_at=moved_to, reason="Leave.", meeting_id=second.id)
    assert play.ticks(DIARIES) == 1  # one more at the end, in the place of the one that was cancelled
    later = of_series(play)
    assert [(meeting.rule_on, meeting.state) for meeting in later[:2]] == [
        (date(2026, 4, 6), MeetingState.CANCELLED),
        (date(2026, 5, 4), MeetingState.SCHEDULED),
    ]
    assert len({meeting.rule_on for meeting in later}) == len(later) == 13


@pytest.mark.parametrize(
    ("rule", "count", "coming"), [(RULE, 3, 3), (f"{RULE} for 4 meetings", None, 4), (f"{RULE} until July", None, 4)]
)
def test_a_series_with_an_end_is_not_filled(play: Play, rule: str, count: int | None, coming: int) -> None:
    made = play.does("coordinator", series.create_series, WEST, rule=rule, count=count)
    assert (len(made.dates), made.goes_on) == (coming, False)
    play.at(5, 20)
    assert play.ticks(DIARIES) == 0


def test_two_series_of_one_rule_do_not_reach_twice_as_far(play: Play) -> None:
    play.does("coordinator", series.create_series, WEST, rule=RULE)
    play.does("chair", meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=of_series(play)[0].id)
    again = play.does("coordinator", series.create_series, WEST, rule=RULE)
    assert [at.date() for at in again.dates] == [date(2026, 4, 7)]
    play.ticks(DIARIES)
    assert play.ticks(DIARIES) == 0
    assert max(meeting.rule_on for meeting in of_series(play) if meeting.rule_on) == date(2027, 4, 5)


@pytest.mark.databases("sqlite")
def test_a_panel_may_have_its_own_rule_for_bank_holidays(play: Play) -> None:
    shown = play.does(
        "coordinator", series.preview_series, WEST, rule=RULE, count=1, bank_holidays=BankHolidays.PREVIOUS
    )
    assert shown.dates == (datetime(2026, 4, 2, 10, tzinfo=LONDON),)
    assert shown.moved == ((date(2026, 4, 6), datetime(2026, 4, 2, 10, tzinfo=LONDON), "bank holiday"),)
    plain = play.does("coordinator", series.preview_series, WEST, rule=RULE, count=1)
    assert plain.dates == (datetime(2026, 4, 7, 10, tzinfo=LONDON),)
    play.does("coordinator", series.create_series, WEST, rule=RULE, bank_holidays=BankHolidays.PREVIOUS)
    assert of_series(play)[0].starts_at == datetime(2026, 4, 2, 10, tzinfo=LONDON)
    with play.store.reading() as work:
        assert work.session.exec(select(Panel.bank_holidays).where(Panel.key == "west-met")).one() == "previous"
    back = play.does("coordinator", series.preview_series, WEST, rule=RULE, count=2, bank_holidays=series.AS_THE_KIND)
    assert back.dates[0] == datetime(2026, 4, 7, 10, tzinfo=LONDON)


@pytest.mark.databases("sqlite")
def test_a_county_file_says_which_bank_holiday_rule_a_panel_has(play: Play) -> None:
    text = (
        '[county]\nkey = "shire"\ntitle = "Shire"\nteam = "T0PRACTICE"\n'
        '[[areas]]\nkey = "shire"\nname = "Shire"\nkind = "county"\n'
        '[[panels]]\nkey = "shire-met"\ntitle = "Shire"\ndefinition = "county-operational-met"\narea = "shire"\n'
        'bank_holidays = "keep"\n'
    )
    file = read_county_file(text, name="county.toml", definitions=play.store.definitions)
    assert file.panels[0].bank_holidays is BankHolidays.KEEP


@pytest.mark.databases("sqlite")
def test_the_preview_names_who_is_needed_twice_and_the_way_out(play: Play) -> None:
    shown = play.does("coordinator", series.preview_series, WEST, rule="last Tuesday of the month at 10:00", count=2)
    clash = shown.clashes[0]
    assert clash.starts_at == datetime(2026, 3, 31, 10, tzinfo=LONDON)
    assert clash.reasons[0] == "the room is taken (Shire Operational MET, 10:00 to 12:30)"
    assert clash.free == (
        datetime(2026, 3, 30, 10, tzinfo=LONDON),
        datetime(2026, 3, 31, 12, 30, tzinfo=LONDON),
        datetime(2026, 4, 1, 10, tzinfo=LONDON),
    )
    other = play.does("countychair", series.preview_series, SHIRE, rule="every Tuesday at 13:00 for 6 meetings")
    # The county's chair is not on the district's panel: they read that the room is taken, not who has it.
    (there,) = [one.reasons for one in other.clashes if one.starts_at.date() == date(2026, 3, 24)]
    assert there[0] == "the room is taken"
    assert not any("West" in reason for reason in there)


@pytest.mark.databases("sqlite")
def test_no_way_out_leads_to_another_date_of_the_same_series(play: Play) -> None:
    rule = "every Tuesday and Wednesday at 10:00 from 31 March for 6 meetings"
    clash = play.does("coordinator", series.preview_series, WEST, rule=rule).clashes[0]
    assert (clash.starts_at, clash.free) == (
        datetime(2026, 3, 31, 10, tzinfo=LONDON),
        (
            datetime(2026, 3, 30, 10, tzinfo=LONDON),
            datetime(2026, 3, 31, 12, 30, tzinfo=LONDON),
            datetime(2026, 4, 2, 10, tzinfo=LONDON),  # and not the 1st, which is the series' own
        ),
    )


@pytest.mark.databases("sqlite")
def test_the_series_remembers_how_long_it_is(play: Play) -> None:
    play.does("coordinator", series.create_series, WEST, rule=RULE, count=3)
    play.does("coordinator", series.create_series, WEST, rule="every Friday at 9:00")
    with play.store.reading() as work:
        found = [(one.rule, one.count) for one in work.session.exec(select(Series).order_by(col(Series.id)))]
    assert found == [
        ("first Monday of the month at 10:00 from 6 April 2026", 3),
        ("every Friday at 09:00 from 6 March 2026", None),
    ]


def test_a_series_counts_from_the_first_day_of_its_rule_although_another_is_held_before_it(play: Play) -> None:
    made = play.does(
        "coordinator", series.create_series, WEST, rule="every Friday and Saturday", starts_on=date(2026, 4, 1)
    )
    assert made.dates[0] == datetime(2026, 4, 4, 14, tzinfo=LONDON)  # Good Friday's meeting is held on the Tuesday
    with play.store.reading() as work:
        assert work.session.exec(select(Series.rule)).one() == "every Friday and Saturday from 3 April 2026"


def test_a_series_that_cannot_be_filled_keeps_no_other_from_it_and_is_told(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    with play.store.work() as work:
        for rule, panel_id in (
            ("whenever it suits", play.county.west_id),
            ("25th of December", play.county.west_id),
            ("every Friday at 10:00", play.county.shire_id),
        ):
            work.session.add(Series(panel_id=panel_id, rule=rule, starts_on=date(2026, 3, 2), created_at=work.now))
        work.session.get_one(Panel, play.county.west_id).bank_holidays = BankHolidays.SKIP
        work.session.flush()
        unread, skipped, _ = work.session.exec(select(Series.id).order_by(col(Series.id))).all()
    caplog.set_level(logging.ERROR)
    assert play.ticks(DIARIES) == 12
    why = {
        unread: _refusal("whenever it suits"),
        skipped: '"25th of December" gives no meeting: each of its days is a bank holiday or at a weekend, and this '
        "panel leaves those out; choose another day, or another rule for bank holidays.",
    }
    told = [record.getMessage() for record in caplog.records if record.name == "bot.services.diary.series"]
    assert told == [f"series {number} of west-met cannot be filled: {reason}" for number, reason in why.items()]
    with play.store.reading() as work:
        assert unfilled(work) == [
            f"The diary of West Operational MET is not filled any further (series {number}): {reason}"
            for number, reason in why.items()
        ]


def _refusal(rule: str) -> str:
    with pytest.raises(Mistake) as refused:
        parse_rule(rule)
    return str(refused.value)
