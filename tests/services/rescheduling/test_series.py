"""A series under a new rule: meetings keep what hangs on them, and what cannot be is said before it is saved."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, select

from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.panels import Series
from bot.models.vocabulary import MeetingState
from bot.records.rescheduling.queries import LAST_MEETING
from bot.services.agenda import triage
from bot.services.cases import lists
from bot.services.diary import panels, series
from bot.services.diary.series import DIARIES
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.services.rescheduling import series as rescheduling_series
from bot.store.rows import id_of
from tests.county import WEST
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen
from tests.services.diary.test_series import of_series

RULE = "second Tuesday of the month at 14:00"
WEDNESDAYS = "second Wednesday of the month at 10:00"


def begun(play: Play, rule: str = RULE, count: int | None = None) -> int:
    """Begin a series, with nothing else in the diary. Return its number."""
    with play.store.work() as work:
        for meeting in work.session.exec(select(Meeting).where(Meeting.panel_id == play.county.west_id)):
            meeting.state = MeetingState.CANCELLED
            work.session.add(meeting)
    play.does("coordinator", series.create_series, WEST, rule=rule, count=count)
    return play.does("coordinator", rescheduling_series.series_to_change, WEST)[0].id


def when(play: Play) -> list[tuple[str, str]]:
    """Return the series' meetings in the order of their numbers: when, and whether they are held."""
    meetings = sorted(of_series(play), key=lambda meeting: meeting.id or 0)
    return [(f"{one.starts_at.astimezone(LONDON):%d %b %H:%M}", one.state.value) for one in meetings]


def test_each_coming_meeting_goes_to_the_new_date_in_its_turn(play: Play) -> None:
    number = begun(play, count=3)
    before = of_series(play)
    flag_id = play.flags("WEST-0001")
    shown = play.does("chair", rescheduling_series.preview_change, number, rule=WEDNESDAYS)
    assert (shown.rule_before, shown.rule_after, shown.cannot, shown.stays) == (RULE, WEDNESDAYS, (), ())
    assert [(one.before, one.after, one.cases) for one in shown.dates] == [
        (
            datetime(2026, month, tuesday, 14, tzinfo=LONDON),
            datetime(2026, month, wednesday, 10, tzinfo=LONDON),
            flagged,
        )
        for month, tuesday, wednesday, flagged in ((3, 10, 11, 1), (4, 14, 8, 0), (5, 12, 13, 0))
    ]
    assert shown.dates[0].remarks == (
        "The last day for flags was Wednesday 25 February 2026, so any new flag is late.",
    )
    assert when(play)[0] == ("10 Mar 14:00", "scheduled")  # nothing is saved yet
    play.does("chair", rescheduling_series.change_series, number, rule=WEDNESDAYS, reason="The chair's court days.")
    after = of_series(play)
    assert [(one.id, one.uid, one.sequence) for one in after] == [(one.id, one.uid, 1) for one in before]
    assert when(play) == [("11 Mar 10:00", "scheduled"), ("08 Apr 10:00", "scheduled"), ("13 May 10:00", "scheduled")]
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert (flag.id, flag.meeting_at.date()) == (flag_id, date(2026, 3, 11))


@pytest.mark.databases("sqlite")
def test_no_way_out_leads_to_a_meeting_that_stays(play: Play) -> None:
    number = begun(play, rule="every Monday at 10:00", count=5)
    friday = datetime(2026, 3, 27, 10, tzinfo=UTC)
    with play.store.work() as work:
        staying = work.session.exec(select(Meeting).where(Meeting.rule_on == date(2026, 3, 30))).one()
        staying.agenda_published_at = work.now
        rival = work.session.get_one(Meeting, play.county.shire_meetings[0])
        rival.starts_at, rival.ends_at = friday, friday + timedelta(hours=2)
        work.session.add_all([staying, rival])
    shown = play.does("chair", rescheduling_series.preview_change, number, rule="every Friday at 10:00")
    (clash,) = [one for one in shown.clashes if one.starts_at == friday]
    assert clash.free == (
        datetime(2026, 3, 26, 10, tzinfo=LONDON),
        datetime(2026, 3, 27, 12, tzinfo=LONDON),
        datetime(2026, 3, 31, 10, tzinfo=LONDON),  # and not Monday the 30th, whose agenda is out
    )


def test_members_are_told_of_a_whole_series_once(play: Play) -> None:
    number = begun(play, count=3)
    before = len(play.sent())
    play.does("chair", rescheduling_series.change_series, number, rule=WEDNESDAYS, reason="Court days.")
    told = play.sent()[before:]
    assert {kind for kind, _ in told} == {"diary_notice"}
    assert len(told) == len({who for _, who in told}) == 9
    with play.store.reading() as work:
        row = work.session.exec(select(OutboxRow).where(OutboxRow.kind == "diary_notice")).first()
        assert row is not None
        facts = row.payload
    notice = play.does("nurse", panels.diary_for_notice, facts["panel_id"], facts["changes"], facts["series_id"])
    assert notice is not None
    assert notice.rule == WEDNESDAYS
    assert play.does("nurse", panels.meeting_for_notice, notice.reason_of)[1] == "Court days."
    assert next((one.notice, one.before, one.meeting.starts_at) for one in notice.meetings) == (
        "rescheduled",
        datetime(2026, 3, 10, 14, tzinfo=LONDON),
        datetime(2026, 3, 11, 10, tzinfo=LONDON),
    )


def test_a_week_later_each_takes_the_place_of_the_one_after(play: Play) -> None:
    number = begun(play, "every Tuesday at 14:00", count=4)
    old = [meeting.starts_at.astimezone(LONDON) for meeting in of_series(play)]
    play.does(
        "chair",
        rescheduling_series.change_series,
        number,
        rule="every Tuesday at 14:00 from 10 March",
        reason="A late start.",
    )
    assert [meeting.starts_at for meeting in of_series(play)] == [at + timedelta(days=7) for at in old]  # on the wall


def test_only_this_and_those_that_follow(play: Play) -> None:
    number = begun(play, count=3)
    second = of_series(play)[1]
    play.does("chair", rescheduling_series.change_series, number, rule=WEDNESDAYS, reason="x y", since=second.id)
    assert when(play) == [("10 Mar 14:00", "scheduled"), ("08 Apr 10:00", "scheduled"), ("13 May 10:00", "scheduled")]


def test_what_was_cancelled_by_hand_keeps_its_turn_and_an_agenda_that_is_out_keeps_its_date(play: Play) -> None:
    number = begun(play, count=4)
    play.does("coordinator", triage.publish_agenda, WEST)
    third = of_series(play)[2]
    play.does("chair", rescheduling_meetings.cancel_meeting, WEST, reason="Holiday.", meeting_id=third.id)
    shown = play.does("chair", rescheduling_series.preview_change, number, rule=WEDNESDAYS)
    assert shown.stays == (
        "The agenda of Tuesday 10 March 2026 is published, so the meeting keeps its date. To move it alone: "
        "`/panel reschedule`.",
        "Tuesday 12 May 2026 stays cancelled, and no meeting is made in its place.",
    )
    play.does("chair", rescheduling_series.change_series, number, rule=WEDNESDAYS, reason="Court days.")
    assert when(play) == [
        ("10 Mar 14:00", "scheduled"),
        ("08 Apr 10:00", "scheduled"),
        ("12 May 14:00", "cancelled"),
        ("10 Jun 10:00", "scheduled"),
    ]
    play.ticks(DIARIES)
    assert len(of_series(play)) == 4


def test_a_series_that_goes_on_goes_on_under_its_new_rule(play: Play) -> None:
    number = begun(play)
    play.does("chair", rescheduling_series.change_series, number, rule="every Monday at 10:00", reason="An operation.")
    with play.store.reading() as work:
        rows = work.session.exec(select(Series).order_by(col(Series.id)))
        found = [(one.rule, one.count, one.ended_at is None) for one in rows]
    assert found == [
        (f"{RULE} from 10 March 2026", None, False),
        ("every Monday at 10:00 from 9 March 2026", None, True),
    ]
    play.at(4, 1)
    assert play.ticks(DIARIES) == 4


@pytest.mark.databases("sqlite")
def test_a_series_does_not_leave_an_empty_diary_and_the_refusal_tells_of_no_case(play: Play) -> None:
    number = begun(play, count=3)
    play.at(4, 15)  # only May is left
    empty = play.does("coordinator", rescheduling_series.preview_end, number).cannot
    play.flags("WEST-0001", closed=True)
    assert play.does("coordinator", rescheduling_series.preview_end, number).cannot == empty == (LAST_MEETING,)
    assert (
        play.refused("coordinator", rescheduling_series.end_series, number, reason="The panel rests.") == LAST_MEETING
    )


def test_the_cases_of_a_series_that_ends_go_to_the_nearest_meeting_that_is_left(play: Play) -> None:
    number = begun(play, count=3)
    play.at(4, 15)  # only May is left
    play.flags("WEST-0001")
    later = datetime(2026, 6, 3, 10)  # noqa: DTZ001 - the panel's wall clock
    play.does(
        "coordinator", rescheduling_meetings.add_meeting, WEST, starts_at=later, venue="", reason="For what is left."
    )
    ended = play.does("chair", rescheduling_series.end_series, number, reason="The panel rests.")
    assert [(one.after, one.cases, one.cases_to) for one in ended.dates] == [
        (None, 1, datetime(2026, 6, 3, 10, tzinfo=LONDON))
    ]
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert flag.meeting_at == datetime(2026, 6, 3, 10, tzinfo=LONDON)


def test_a_shorter_series_takes_the_cases_of_its_last_meetings_forward(play: Play) -> None:
    number = begun(play, count=3)
    flag_id = play.flags("WEST-0001")
    with play.store.work() as work:
        flag = work.session.get_one(Flag, flag_id)
        flag.meeting_id = id_of(of_series(play)[2])
        work.session.add(flag)
    shorter = f"{WEDNESDAYS} for 2 meetings"
    shown = play.does("chair", rescheduling_series.change_series, number, rule=shorter, reason="The panel rests.")
    assert [(one.cases, one.cases_to) for one in shown.dates if one.after is None] == [
        (1, datetime(2026, 4, 8, 10, tzinfo=LONDON))
    ]
    play.at(3, 20)
    (found,) = play.does("chair", lists.list_flags, WEST).flags
    assert found.meeting_at == datetime(2026, 4, 8, 10, tzinfo=LONDON)


def test_a_series_that_was_ended_is_not_filled_and_its_meetings_can_be_put_back(play: Play) -> None:
    number = begun(play)
    third = of_series(play)[2]
    play.does("chair", rescheduling_series.end_series, number, reason="The panel rests.", since=third.id)
    play.at(4, 1)
    assert play.ticks(DIARIES) == 0
    gone = play.does("coordinator", rescheduling_meetings.meetings_to_reinstate, WEST)
    # Eleven: the three of the fixture come first, of which one has passed.
    back = [one.id for one in gone if one.in_series][:2]
    play.does(
        "coordinator", rescheduling_meetings.reinstate_meetings, WEST, meeting_ids=tuple(back), reason="It goes on."
    )
    assert [state for _, state in when(play)][:5] == ["scheduled"] * 4 + ["cancelled"]
    # What was ended by hand goes on once a person says so.
    more = play.does("coordinator", rescheduling_meetings.preview_reinstatement, WEST, meeting_ids=(gone[-1].id,))
    assert more.ended_rules == (RULE,)
    play.does("coordinator", rescheduling_series.change_series, number, rule=RULE, reason="It goes on.")
    play.at(6, 1)
    play.ticks(DIARIES)
    now = play.store.clock.now()
    assert sum(one.state is MeetingState.SCHEDULED and one.starts_at > now for one in of_series(play)) == 12


@pytest.mark.databases("sqlite")
def test_who_may_not_schedule_learns_nothing_of_a_series(play: Play) -> None:
    number = begun(play)
    for who in ("nurse", "observer", "outsider"):
        there = play.refused(who, rescheduling_series.preview_change, number, rule=WEDNESDAYS)
        assert there == play.refused(who, rescheduling_series.preview_change, 999, rule=WEDNESDAYS)


@pytest.mark.databases("sqlite")
def test_only_who_schedules_changes_a_series_and_only_at_its_own_panel(play: Play) -> None:
    number, meeting_id = begun(play, count=3), of_series(play)[0].id
    assert play.refused("outsider", rescheduling_series.series_to_change, WEST) == NO_PANEL
    assert play.refused("nurse", rescheduling_series.series_to_change, WEST) == (
        "On West Operational MET, only the chair, vice-chair, co-ordinator and administrators can change the diary."
    )
    for who in ("nurse", "outsider"):
        assert play.refused(who, rescheduling_series.series_of_meeting, meeting_id) == unseen("that meeting")
        assert play.refused(who, rescheduling_series.preview_change, number, rule=WEDNESDAYS) == unseen("that series")
    theirs = play.county.shire_meetings[0]
    refusal = play.refused("chair", rescheduling_series.preview_change, number, rule=WEDNESDAYS, since=theirs)
    assert refusal == unseen("that meeting")
