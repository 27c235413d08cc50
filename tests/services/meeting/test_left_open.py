"""Holders hear once of all that they were given; a meeting that nobody closed is asked about each working morning."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.vocabulary import ActionKind, MeetingState
from bot.services.actions import changes, chasing, correcting, editing
from bot.services.actions.chasing import DIGESTS
from bot.services.actions.editing import ActionForm
from bot.services.meeting import inquorate, left_open, opening
from bot.services.meeting.left_open import MEETINGS_LEFT_OPEN
from bot.slack.meeting import closing_views
from tests.county import WEST, user_id
from tests.services.conftest import LONDON, Play, unseen

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open since Tuesday 24 March at two, and a case is discussed."""
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    return play


def give(play: Play, who: str = "nurse", text: str = "ring the school nurse") -> int:
    facts = {"holder_user_id": user_id(who), "text": text, "due": date(2026, 4, 10)}
    return play.does("chair", changes.add_action, WEST, **facts).id


def meeting_id(play: Play) -> int:
    return play.county.west_meetings[0]


def told(play: Play) -> list[tuple[str, list[int]]]:
    """Return who was told of a meeting's actions, and of which, as each message shows them when it is sent now."""
    names = {number: key for key, number in play.county.person.items()}
    with play.store.reading() as work:
        rows = [row.payload for row in work.find_all(OutboxRow, OutboxRow.kind == "meeting_actions")]
    found = []
    for row in rows:
        who = names[row["person_id"]]
        since = datetime.fromisoformat(row["since"]) if row["since"] else None
        _, actions = play.does(who, opening.actions_of_meeting, row["meeting_id"], since)
        found.append((who, [one.id for one in actions]))
    return found


def test_a_holder_hears_once_of_all_that_they_were_given_after_the_meeting(sitting: Play) -> None:
    before = give(sitting, "socialworker", "draw up the plan")
    one, two = give(sitting), give(sitting, text="visit the clinic")
    sitting.does("chair", changes.reassign_action, before, holder_user_id=user_id("nurse"))
    mistaken = give(sitting, "constable", "a mistake")
    sitting.does("chair", correcting.withdraw_action, mistaken, "Given to the wrong person.")
    assert sitting.sent("action_given", "action_changed", "meeting_actions") == []
    sitting.does("chair", opening.close_meeting, WEST)
    assert sitting.sent("action_given", "action_changed") == []
    assert told(sitting) == [("nurse", [before, one, two])]


@pytest.mark.parametrize("corrects", [True, False])
def test_a_holder_who_gets_an_action_after_the_meeting_hears_of_it_then_and_once(sitting: Play, corrects: bool) -> None:
    one, two = give(sitting), give(sitting, "constable", "visit the clinic")
    sitting.does("chair", opening.close_meeting, WEST)
    sitting.clock.move_to(sitting.clock.now() + timedelta(minutes=1))
    # The messages about the meeting may still wait to be sent, and say what is so when they are.
    if corrects:
        form = ActionForm(
            "ring the school", ActionKind.OTHER, user_id("constable"), "next meeting", "WEST-0001", "Misheard."
        )
        sitting.does("chair", editing.edit_action, one, form)
    else:
        sitting.does("chair", changes.reassign_action, one, holder_user_id=user_id("constable"))
    assert sitting.sent("action_given") == [("action_given", "constable")]
    assert told(sitting) == [("nurse", []), ("constable", [two])]


def test_an_action_from_before_that_is_passed_on_at_the_meeting_is_in_the_message_too(play: Play) -> None:
    earlier = give(play, "socialworker")
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    already = play.sent("action_given")
    play.does("chair", changes.reassign_action, earlier, holder_user_id=user_id("nurse"))
    assert play.sent("action_given") == already
    play.does("chair", opening.close_meeting, WEST)
    assert told(play) == [("nurse", [earlier])]


def test_a_meeting_left_open_is_asked_about_on_the_next_working_morning_once_a_day(sitting: Play) -> None:
    for hour in (15, 23):
        sitting.at(3, 24, hour)
        assert sitting.ticks(MEETINGS_LEFT_OPEN) == 0
    sitting.at(3, 25, 8, 59)
    assert sitting.ticks(MEETINGS_LEFT_OPEN) == 0
    sitting.at(3, 25, 9)
    assert sitting.ticks(MEETINGS_LEFT_OPEN) == 2
    assert sitting.sent("meeting_left_open") == [
        ("meeting_left_open", "chair"),
        ("meeting_left_open", "coordinator"),
    ]
    sitting.at(3, 25, 16)
    assert sitting.ticks(MEETINGS_LEFT_OPEN) == 0
    sitting.at(3, 26, 9)
    assert sitting.ticks(MEETINGS_LEFT_OPEN) == 2
    sitting.does("chair", opening.close_meeting, WEST)
    sitting.at(3, 27, 9)
    assert sitting.ticks(MEETINGS_LEFT_OPEN) == 0


def test_a_meeting_left_open_is_asked_about_for_a_week_and_no_longer(sitting: Play) -> None:
    asked = []
    for month, day in ((3, 25), (3, 26), (3, 27), (3, 30), (3, 31), (4, 1), (4, 2)):
        sitting.at(month, day, 9, 30)
        asked.append(sitting.ticks(MEETINGS_LEFT_OPEN) > 0)
    assert asked == [True, True, True, True, True, False, False]


def test_nobody_is_asked_at_the_weekend_or_on_a_bank_holiday(play: Play) -> None:
    play.clock.move_to(datetime(2026, 4, 2, 9, tzinfo=LONDON))  # the Thursday before Easter
    begins, ends = (datetime(2026, 4, 2, hour, tzinfo=LONDON).astimezone(UTC) for hour in (9, 11))
    with play.store.work() as work:
        work.session.add(Meeting(panel_id=play.county.west_id, starts_at=begins, ends_at=ends))
        work.session.get_one(Meeting, meeting_id(play)).state = MeetingState.CANCELLED
    play.does("chair", opening.open_panel_meeting, WEST)
    for day in (3, 4, 5, 6):  # Good Friday to Easter Monday
        play.at(4, day, 10)
        assert play.ticks(MEETINGS_LEFT_OPEN) == 0
    play.at(4, 7, 10)
    assert play.ticks(MEETINGS_LEFT_OPEN) == 2


def test_holders_do_not_wait_for_a_meeting_that_stays_open(sitting: Play) -> None:
    first = give(sitting)
    sitting.at(3, 25, 9)
    assert sitting.ticks(MEETINGS_LEFT_OPEN) == 3
    assert told(sitting) == [("nurse", [first])]
    # What is given afterwards, and nothing else, is told at the end.
    second = give(sitting, text="visit the clinic")
    sitting.does("chair", correcting.withdraw_action, first, "It was done already.")
    assert sitting.sent("action_changed") == [("action_changed", "nurse")]
    sitting.does("chair", opening.close_meeting, WEST)
    assert told(sitting)[1:] == [("nurse", [second])]


def test_who_is_asked_says_that_it_still_goes_on(sitting: Play) -> None:
    sitting.at(3, 27, 9)  # a Friday
    found = sitting.does("chair", left_open.keep_open, meeting_id(sitting))
    assert closing_views.kept_open(found) == "*West Operational MET* stays open. I'll ask you again on Mon 30 Mar 2026."
    assert sitting.refused("nurse", left_open.keep_open, meeting_id(sitting)).startswith(
        "On West Operational MET, only the"
    )
    sitting.does("chair", opening.close_meeting, WEST)
    assert sitting.refused("chair", left_open.keep_open, meeting_id(sitting)) == (
        "The meeting of Tuesday 24 March 2026 was closed at 09:00 on Friday 27 March 2026."
    )
    assert sitting.does("chair", left_open.compose_left_open, meeting_id(sitting)) is None


def test_what_was_passed_on_before_a_meeting_is_put_off_is_told_then(play: Play) -> None:
    earlier = give(play, "socialworker")
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)  # and nobody comes
    play.does("chair", changes.reassign_action, earlier, holder_user_id=user_id("nurse"))
    before = play.sent("action_given")
    play.does("chair", inquorate.postpone, WEST, starts_at=datetime(2026, 3, 31, 14), reason="Snow.")  # noqa: DTZ001
    assert play.sent("action_given")[len(before) :] == [("action_given", "nurse")]


def test_a_meeting_that_was_put_off_after_it_was_asked_about_is_asked_about_again(play: Play) -> None:
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    play.at(3, 25, 9)
    assert play.ticks(MEETINGS_LEFT_OPEN) == 2
    play.does("chair", inquorate.postpone, WEST, starts_at=datetime(2026, 3, 31, 14), reason="Snow.")  # noqa: DTZ001
    play.at(3, 31, 14)
    play.opens()
    assert play.ticks(MEETINGS_LEFT_OPEN) == 0
    play.at(4, 1, 9)
    assert play.ticks(MEETINGS_LEFT_OPEN) == 2


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("who", ["nurse", "minutetaker", "observer"])
def test_only_who_runs_meetings_is_asked_whether_one_is_over(sitting: Play, who: str) -> None:
    assert sitting.refused(who, left_open.compose_left_open, meeting_id(sitting)) == unseen("that meeting")
    assert sitting.refused(who, left_open.keep_open, meeting_id(sitting)) == (
        "On West Operational MET, only the chair, vice-chair and co-ordinator can run meetings."
    )
    assert sitting.refused("outsider", left_open.keep_open, meeting_id(sitting)) == unseen("that meeting")


def give_due_soon(play: Play, who: str = "nurse", day: int = 26) -> int:
    facts = {"holder_user_id": user_id(who), "text": "visit the clinic", "due": date(2026, 3, day)}
    return play.does("chair", changes.add_action, WEST, **facts).id


def reminded(play: Play, who: str, on: date) -> list[int]:
    """Return the actions of a person's digest of a day."""
    return [line.action.id for line in play.does(who, chasing.compose_digest, on).lines]


def test_one_message_follows_a_meeting_and_the_digest_comes_the_day_after(play: Play) -> None:
    overdue = give_due_soon(play, day=23)
    other = give_due_soon(play, "constable", day=23)
    play.accepted("WEST-0001")
    play.at(3, 24, 9, 30)
    play.opens()
    play.goes_to("WEST-0001")
    given = give_due_soon(play)
    play.at(3, 24, 11)
    play.does("chair", opening.close_meeting, WEST)
    assert told(play) == [("nurse", [given])]
    play.at(3, 24, 11, 5)
    play.ticks(DIGESTS)
    assert play.sent("digest") == [("digest", "constable")]
    assert reminded(play, "constable", date(2026, 3, 24)) == [other]
    play.at(3, 24, 16, 59)
    assert play.ticks(DIGESTS) == 0
    play.at(3, 25, 9)
    play.ticks(DIGESTS)
    assert play.sent("digest") == [("digest", "constable"), ("digest", "nurse")]
    assert reminded(play, "nurse", date(2026, 3, 25)) == [overdue, given]


@pytest.mark.parametrize("passes_on", [False, True])
def test_a_digest_during_a_meeting_has_nothing_that_the_meeting_gives(play: Play, passes_on: bool) -> None:
    older = give_due_soon(play, "socialworker", day=23) if passes_on else 0
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    if passes_on:
        play.does("chair", changes.reassign_action, older, holder_user_id=user_id("nurse"))
    else:
        older = give_due_soon(play, day=24)
    play.at(3, 24, 14, 30)
    play.ticks(DIGESTS)
    assert ("digest", "nurse") not in play.sent("digest")
    play.does("chair", opening.close_meeting, WEST)
    assert told(play) == [("nurse", [older])]
    play.at(3, 24, 15)
    play.ticks(DIGESTS)
    assert ("digest", "nurse") not in play.sent("digest")
    play.at(3, 25, 9)
    play.ticks(DIGESTS)
    assert reminded(play, "nurse", date(2026, 3, 25)) == [older]


def test_a_meeting_left_open_tells_of_its_actions_and_no_digest_repeats_them_that_day(sitting: Play) -> None:
    given = give_due_soon(sitting)
    sitting.at(3, 25, 9)
    sitting.ticks(MEETINGS_LEFT_OPEN)
    assert told(sitting) == [("nurse", [given])]
    assert sitting.ticks(DIGESTS) == 0
    sitting.at(3, 26, 9)
    sitting.ticks(DIGESTS)
    assert reminded(sitting, "nurse", date(2026, 3, 26)) == [given]


def test_actions_of_a_meeting_that_everyone_forgot_are_reminded_of_all_the_same(sitting: Play) -> None:
    given = give_due_soon(sitting)
    sitting.at(4, 1, 9)
    sitting.ticks(DIGESTS)
    assert reminded(sitting, "nurse", date(2026, 4, 1)) == [given]


def test_a_digest_comes_where_the_message_after_the_meeting_was_lost(sitting: Play) -> None:
    given = give_due_soon(sitting)
    sitting.does("chair", opening.close_meeting, WEST)
    with sitting.store.work() as work:
        for row in work.find_all(OutboxRow, OutboxRow.kind == "meeting_actions"):
            row.state = "dead"
            work.session.add(row)
    sitting.at(3, 24, 15)
    sitting.ticks(DIGESTS)
    assert reminded(sitting, "nurse", date(2026, 3, 24)) == [given]
