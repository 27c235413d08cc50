"""The diary: series, moves and cancellations, and what the diary tells people, each once."""

from datetime import date, datetime, time
from functools import partial

import pytest
from sqlmodel import select

from bot.models.cases import Flag
from bot.models.meetings import Prompt
from bot.models.vocabulary import FlagState, MeetingState, PromptKind
from bot.records.rescheduling.queries import LAST_MEETING
from bot.services.agenda import triage
from bot.services.cases import flags, lists
from bot.services.diary import panels, prompts, series
from bot.services.diary.prompts import PROMPTS
from bot.services.people import deputies
from bot.services.rescheduling import meetings
from bot.slack.diary.views import prompt
from bot.slack.rescheduling import views
from tests.county import WEST, flag_form, user_id
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen

TOLD = ["chair", "constable", "coordinator", "matron", "midwife", "minutetaker", "nurse", "observer", "socialworker"]


def _moments(play: Play, who: str = "nurse") -> list[datetime]:
    return [meeting.starts_at for meeting in play.does(who, panels.diary, WEST)]


def test_a_series_fills_the_diary_around_what_is_there_and_bank_holidays(play: Play) -> None:
    rule = "last Monday of the month at 14:00"
    shown = play.does("coordinator", series.preview_series, WEST, rule=rule, count=4)
    assert _moments(play) == [
        datetime(2026, month, day, 14, 0, tzinfo=LONDON) for month, day in ((3, 24), (4, 21), (5, 19))
    ]
    made = play.does("coordinator", series.create_series, WEST, rule=rule, count=4)
    assert made == shown
    assert made.dates == tuple(
        datetime(2026, month, day, 14, 0, tzinfo=LONDON) for month, day in ((3, 30), (4, 27), (5, 26), (6, 29))
    )
    assert [(on, to.date()) for on, to, _ in made.moved] == [(date(2026, 5, 25), date(2026, 5, 26))]
    assert len(_moments(play)) == 7
    refusal = play.refused("coordinator", series.create_series, WEST, rule=rule, count=4)
    assert refusal == f"Every date of {made.rule} is already in the diary."


@pytest.mark.databases("sqlite")
def test_only_who_schedules_fills_the_diary(play: Play) -> None:
    only = "On West Operational MET, only the chair, vice-chair, co-ordinator and administrators can change the diary."
    for who in ("nurse", "minutetaker", "observer"):
        assert play.refused(who, series.create_series, WEST, rule="monthly") == only
    assert play.refused("outsider", series.create_series, WEST, rule="monthly").startswith("I can't find that panel")


def test_a_moved_meeting_takes_its_cases_along_and_members_are_told(play: Play) -> None:
    play.flags("WEST-0001")
    moved = play.does(
        "coordinator",
        meetings.reschedule_meeting,
        WEST,
        starts_at=datetime(2026, 3, 30, 9, 30),  # noqa: DTZ001 - the panel's wall clock
        reason="The room is flooded.",
    )
    assert (moved.before, moved.meeting.starts_at, moved.meeting.ends_at, moved.cases_moved) == (
        datetime(2026, 3, 24, 14, 0, tzinfo=LONDON),
        datetime(2026, 3, 30, 9, 30, tzinfo=LONDON),
        datetime(2026, 3, 30, 11, 30, tzinfo=LONDON),
        1,
    )
    assert moved.meeting.deadlines.flags_close == date(2026, 3, 16)
    told = sorted(who for _, who in play.sent("meeting_notice"))
    assert told == sorted({*TOLD, "vicechair"} - {"coordinator"})
    view, reason = play.does("nurse", panels.meeting_for_notice, moved.meeting.id)
    assert (view.starts_at, reason) == (moved.meeting.starts_at, "The room is flooded.")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("starts_at", "remarks"),
    [
        (datetime(2026, 3, 30, 9, 30), ()),  # noqa: DTZ001
        (datetime(2026, 3, 29, 14, 0), ("That day is a Sunday.",)),  # noqa: DTZ001
        (datetime(2026, 4, 6, 14, 0), ("That day is a bank holiday, a Monday.",)),  # noqa: DTZ001
        (datetime(2027, 9, 2, 14, 0), ()),  # noqa: DTZ001
        (datetime(2027, 9, 3, 14, 0), ("That day is more than 18 months ahead.",)),  # noqa: DTZ001
        (
            datetime(2026, 10, 25, 1, 30),  # noqa: DTZ001
            (
                "That day is a Sunday.",
                "The clocks go back that night and 01:30 comes twice: the first of the two is meant.",
            ),
        ),
    ],
)
def test_an_unusual_date_is_taken_and_named(play: Play, starts_at: datetime, remarks: tuple[str, ...]) -> None:
    moved = play.does("chair", meetings.reschedule_meeting, WEST, starts_at=starts_at, reason="The room is flooded.")
    assert moved.remarks == remarks
    assert moved.meeting.starts_at == starts_at.replace(tzinfo=LONDON)
    answer = views.rescheduled(moved)
    warned = "".join(f"\n:warning: {remark}" for remark in remarks)
    assert answer.endswith(
        f"I'm telling members.{warned}\nTo move it back, type `/panel reschedule west-met` and choose Tue 24 "
        "Mar 2026, 14:00."
    )


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("starts_at", "reason", "sentence"),
    [
        (datetime(2026, 3, 29, 1, 30), "x", "On 29 March 2026 the clocks go forward: 01:30 does not exist."),  # noqa: DTZ001
        (datetime(2026, 3, 2, 9, 0), "x", "That time has passed. Choose a later one."),  # noqa: DTZ001
        (datetime(2026, 3, 24, 14, 0), "x", "The meeting is at that time already."),  # noqa: DTZ001
        (datetime(2026, 4, 21, 14, 0), "x", "West Operational MET already meets at that time."),  # noqa: DTZ001
        (datetime(2026, 3, 30, 14, 0), " ", "Please say why. I'll tell members the reason."),  # noqa: DTZ001
    ],
)
def test_a_meeting_is_not_moved_to_where_it_cannot_be(
    play: Play, starts_at: datetime, reason: str, sentence: str
) -> None:
    refusal = play.refused("chair", meetings.reschedule_meeting, WEST, starts_at=starts_at, reason=reason)
    assert refusal.startswith(sentence)
    assert _moments(play)[0] == datetime(2026, 3, 24, 14, 0, tzinfo=LONDON)
    assert play.sent() == []


def test_a_cancelled_meetings_cases_go_to_the_one_after(play: Play) -> None:
    flag_id = play.accepted("WEST-0001")
    change = play.does("chair", meetings.cancel_meeting, WEST, reason="Nobody can come.")
    assert (change.meeting.state, change.cases_moved, change.cases_moved_to) == (
        MeetingState.CANCELLED,
        1,
        datetime(2026, 4, 21, 14, 0, tzinfo=LONDON),
    )
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert (flag.id, flag.state, flag.meeting_at.date()) == (flag_id, FlagState.ACCEPTED, date(2026, 4, 21))
    assert play.compiles() == ["WEST-0001"]


def test_where_no_meeting_is_later_the_one_before_takes_the_cases(play: Play) -> None:
    last = play.county.west_meetings[2]
    flag_id = play.flags("WEST-0001")
    for number in play.county.west_meetings[:2]:
        play.does("chair", meetings.cancel_meeting, WEST, reason="Nobody can come.", meeting_id=number)
    play.does(
        "chair", meetings.reinstate_meetings, WEST, meeting_ids=play.county.west_meetings[:1], reason="It thawed."
    )
    change = play.does("chair", meetings.cancel_meeting, WEST, reason="Nobody can come.", meeting_id=last)
    assert (change.cases_moved, change.cases_moved_to) == (1, datetime(2026, 3, 24, 14, 0, tzinfo=LONDON))
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert (flag.id, flag.meeting_at.date()) == (flag_id, date(2026, 3, 24))


@pytest.mark.databases("sqlite")
def test_the_only_meeting_is_not_cancelled_and_the_refusal_tells_of_no_case(play: Play) -> None:
    play.at(4, 22)
    empty = play.refused("coordinator", meetings.preview_cancellation, WEST)
    play.flags("WEST-0001", closed=True)
    for use_case in (meetings.preview_cancellation, partial(meetings.cancel_meeting, reason="x")):
        assert play.refused("coordinator", use_case, WEST) == empty == LAST_MEETING
    assert "ase" not in LAST_MEETING


def test_a_late_flag_is_late_for_the_next_meeting_too_where_that_is_closed_to_flags(play: Play) -> None:
    play.at(3, 16)
    flag_id = play.flags("WEST-0001")
    _moves(play, date(2026, 3, 25), play.county.west_meetings[1])
    play.does("coordinator", meetings.cancel_meeting, WEST, reason="No room.")
    with play.store.reading() as work:
        flag = work.session.get_one(Flag, flag_id)
        assert (flag.meeting_id, flag.is_late) == (play.county.west_meetings[1], True)
    play.does("coordinator", meetings.cancel_meeting, WEST, reason="No room.")
    with play.store.reading() as work:
        flag = work.session.get_one(Flag, flag_id)
        assert (flag.meeting_id, flag.is_late) == (play.county.west_meetings[2], False)


def test_who_was_to_come_for_a_cancelled_meeting_only_is_out_at_once(play: Play) -> None:
    first = play.county.west_meetings[0]
    play.does("nurse", deputies.name_deputy, user_id("outsider"), user_id("nurse"), how="meeting", meeting_id=first)
    play.does("outsider", triage.show_agenda, WEST)
    play.does("coordinator", meetings.cancel_meeting, WEST, reason="No room.")
    assert "that panel" in play.refused("outsider", triage.show_agenda, WEST)
    assert play.audited("end") == [("membership", play.county.person["outsider"], "nobody")]


def _moves(play: Play, day: date, meeting_id: int) -> None:
    at = datetime.combine(day, time(14))
    play.does("coordinator", meetings.reschedule_meeting, WEST, starts_at=at, reason="No room.", meeting_id=meeting_id)


def test_prompts_go_out_on_their_days_once_to_each(play: Play) -> None:
    days: dict[int, list[tuple[str, str]]] = {}
    play.flags("WEST-0001")
    for day in (3, 9, 10, 11, 12, 13):
        play.at(3, day, 10)
        before = len(play.sent("prompt"))
        play.ticks(PROMPTS)
        play.ticks(PROMPTS)
        days[day] = sorted(play.sent("prompt")[before:])
    representatives = [("prompt", who) for who in ("constable", "matron", "nurse", "socialworker")]
    # 24 March less fifteen working days is the 3rd, less ten the 10th, of which they are told the day before, less
    # eight the 12th. On the 10th the county panel asks West's chair and the matron, who are representatives there.
    assert days == {
        3: representatives,
        9: representatives,
        10: [("prompt", "chair"), ("prompt", "matron")],
        11: [],
        12: [("prompt", "chair")],
        13: [],
    }


def test_what_waits_for_the_chair_goes_to_the_vice_chair_without_one_and_to_the_coordinator_without_either(
    play: Play,
) -> None:
    play.flags("WEST-0001")
    play.at(3, 12)
    play.ticks(PROMPTS)  # to the chair, and to those the county panel asks for flags
    told: list[list[tuple[str, str]]] = []
    for leaves in ("chair", "vicechair"):
        play.loses_place(leaves)
        before = len(play.sent("prompt"))
        play.ticks(PROMPTS)
        play.ticks(PROMPTS)
        told.append(play.sent("prompt")[before:])
    assert told == [[("prompt", "vicechair")], [("prompt", "coordinator")]]


@pytest.mark.databases("sqlite")
def test_a_coordinator_who_is_told_in_place_of_a_chair_is_told_what_to_do(play: Play) -> None:
    play.flags("WEST-0001")
    waiting = (play.county.west_meetings[0], PromptKind.TRIAGE, date(2026, 3, 12))
    said = {who: play.does(who, prompts.compose_prompt, *waiting) for who in ("vicechair", "coordinator")}
    told = {who: prompt(view) for who, view in said.items() if view}
    assert [who for who, (_, blocks) in told.items() if "home.triage" in str(blocks)] == ["vicechair"]
    assert {who: text for who, (text, _) in told.items()} == {
        "vicechair": "1 case needs triage for West Operational MET on Tue 24 Mar 2026, 14:00.",
        "coordinator": "1 case needs triage for West Operational MET on Tue 24 Mar 2026, 14:00. The panel has no chair "
        "or vice-chair. To add one: `/people enrol @name`.",
    }


def test_no_prompt_goes_out_at_night(play: Play) -> None:
    play.at(3, 3, 8, 59)
    assert play.ticks(PROMPTS) == 0
    play.at(3, 3, 9)
    assert play.ticks(PROMPTS) == 4
    play.at(3, 3, 18)
    assert play.ticks(PROMPTS) == 0


def test_after_an_outage_only_the_latest_prompt_goes_out(play: Play) -> None:
    play.flags("WEST-0001")
    play.at(3, 16)
    play.ticks(PROMPTS)
    with play.store.reading() as work:
        sent = [(prompt.meeting_id, prompt.kind) for prompt in work.session.exec(select(Prompt))]
    assert sorted(sent) == [
        (play.county.west_meetings[0], PromptKind.TRIAGE),
        (play.county.shire_meetings[0], PromptKind.FLAGS_CLOSE),
        (play.county.shire_meetings[0], PromptKind.FLAGS_CLOSE),
    ]


@pytest.mark.databases("sqlite")
def test_a_prompt_that_no_longer_holds_says_nothing(play: Play) -> None:
    meeting_id = play.county.west_meetings[0]
    waiting = (meeting_id, PromptKind.TRIAGE, date(2026, 3, 12))
    assert play.does("chair", prompts.compose_prompt, *waiting) is None  # nothing waits
    flag_id = play.flags("WEST-0001")
    view = play.does("chair", prompts.compose_prompt, *waiting)
    assert view is not None
    assert view.waiting == 1
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
    assert play.does("chair", prompts.compose_prompt, *waiting) is None
    opening = (meeting_id, PromptKind.FLAGS_OPEN, date(2026, 3, 3))
    assert play.does("nurse", prompts.compose_prompt, *opening) is not None
    play.does("chair", meetings.cancel_meeting, WEST, reason="Nobody can come.")
    assert play.does("nurse", prompts.compose_prompt, *opening) is None


@pytest.mark.databases("sqlite")
def test_who_reads_no_cases_is_told_no_numbers(play: Play) -> None:
    play.does("socialworker", flags.flag_case, WEST, flag_form("WEST-0001"))
    for who, number in (("nurse", 1), ("observer", 0), ("administrator", 0)):
        assert play.does(who, panels.show_next_meeting, WEST).flags_open == number


@pytest.mark.databases("sqlite")
def test_the_diary_is_only_for_who_has_a_place_there(play: Play) -> None:
    assert play.refused("outsider", panels.show_next_meeting, WEST) == NO_PANEL
    assert play.refused("outsider", panels.diary, WEST) == NO_PANEL
    assert play.refused("outsider", panels.diary_for_notice, play.county.west_id, [], None) == NO_PANEL
    assert play.refused("outsider", panels.meeting_for_notice, play.county.west_meetings[0]) == unseen("that meeting")


@pytest.mark.databases("sqlite")
def test_only_who_schedules_sees_the_dates_that_a_rule_would_give(play: Play) -> None:
    assert play.refused("outsider", series.preview_series, WEST, rule="monthly") == NO_PANEL
    assert play.refused("nurse", series.preview_series, WEST, rule="monthly") == (
        "On West Operational MET, only the chair, vice-chair, co-ordinator and administrators can change the diary."
    )
