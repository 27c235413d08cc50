"""Exceptions by hand: any coming meeting is moved, cancelled, put back or added, and members are told each time."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.vocabulary import DecisionKind, MeetingState, Role
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import interests, lists
from bot.services.diary import prompts
from bot.services.meeting import opening
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.services.rescheduling import not_held
from bot.store.rows import id_of
from tests.county import WEST
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen

pytestmark = pytest.mark.databases("sqlite")


def at(month: int, day: int, hour: int = 14, minute: int = 0) -> datetime:
    """Return a time on the panel's clocks in 2026."""
    return datetime(2026, month, day, hour, minute)  # noqa: DTZ001 - the panel's wall clock


def moves(play: Play, to: datetime, number: int = 0) -> rescheduling_meetings.ChangeOfDate:
    """Move one of West's meetings."""
    meeting_id = play.county.west_meetings[number]
    return play.does(
        "chair",
        rescheduling_meetings.reschedule_meeting,
        WEST,
        starts_at=to,
        reason="The room is flooded.",
        meeting_id=meeting_id,
    )


def meeting(play: Play, number: int = 0) -> Meeting:
    with play.store.reading() as work:
        found = work.session.get_one(Meeting, play.county.west_meetings[number])
        work.session.expunge_all()
    return found


def deadlines_told(play: Play, who: str) -> list[tuple[str, str]]:
    """Return the prompts queued for a person about West's first meeting, in order: what, and for which deadline."""
    with play.store.reading() as work:
        rows = work.session.exec(select(OutboxRow).where(OutboxRow.kind == "prompt").order_by(col(OutboxRow.id)))
        return [
            (row.payload["prompt"], row.payload["deadline_on"])
            for row in rows
            if (row.payload["person_id"], row.payload["meeting_id"])
            == (play.county.person[who], play.county.west_meetings[0])
        ]


def test_any_coming_meeting_can_be_chosen_and_the_next_one_stands_first(play: Play) -> None:
    choices = play.does("chair", rescheduling_meetings.meetings_to_change, WEST)
    assert [(one.id, one.is_next) for one in choices] == [
        (number, turn == 0) for turn, number in enumerate(play.county.west_meetings)
    ]
    moves(play, at(4, 23), number=1)
    assert [one.starts_at.day for one in play.does("chair", rescheduling_meetings.meetings_to_change, WEST)] == [
        24,
        23,
        19,
    ]


def test_a_preview_saves_nothing_and_says_what_hangs_on_the_date(play: Play) -> None:
    play.flags("WEST-0001")
    shown = play.does("chair", rescheduling_meetings.preview_move, WEST, starts_at=at(3, 10))
    assert (shown.cases_moved, shown.remarks) == (
        1,
        ("The last day for flags was Tuesday 24 February 2026, so any new flag is late.",),
    )
    assert meeting(play).starts_at == datetime(2026, 3, 24, 14, tzinfo=UTC)
    assert play.sent("meeting_notice") == []


@pytest.mark.databases("sqlite", "postgresql")
def test_there_and_back_and_there_again_is_told_each_time(play: Play) -> None:
    for to in (at(3, 31), at(3, 24), at(3, 31)):
        moves(play, to)
    assert meeting(play).sequence == 3
    assert [who for _, who in play.sent("meeting_notice")].count("nurse") == 3


@pytest.mark.databases("sqlite", "postgresql")
def test_a_deadline_is_announced_again_only_when_its_day_changed(play: Play) -> None:
    play.at(3, 3)  # fifteen working days before 24 March
    play.ticks(prompts.PROMPTS)
    moves(play, at(3, 24, 10))
    play.ticks(prompts.PROMPTS)
    moves(play, at(3, 26))
    moves(play, at(3, 24))
    play.ticks(prompts.PROMPTS)
    assert deadlines_told(play, "nurse") == [("flags_open", "2026-03-03")]
    moves(play, at(3, 26))
    play.at(3, 5)
    play.ticks(prompts.PROMPTS)
    moves(play, at(3, 24))
    play.ticks(prompts.PROMPTS)
    play.ticks(prompts.PROMPTS)
    assert deadlines_told(play, "nurse") == [
        ("flags_open", "2026-03-03"),
        ("flags_open", "2026-03-05"),
        ("flags_open", "2026-03-03"),
    ]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_deputy_for_one_meeting_comes_on_its_new_day(play: Play) -> None:
    meeting_id = play.county.west_meetings[0]
    with play.store.work() as work:
        place = Membership(
            panel_id=play.county.west_id,
            person_id=play.county.person["outsider"],
            role=Role.DEPUTY,
            deputy_for_id=play.county.person["nurse"],
            meeting_id=meeting_id,
            began_at=datetime(2026, 3, 24, tzinfo=UTC),
            lapses_at=datetime(2026, 3, 25, tzinfo=UTC),
        )
        work.session.add(place)
        work.session.flush()
        number = id_of(place)
    for to, began, lapses in (
        (at(3, 31), datetime(2026, 3, 24, tzinfo=UTC), datetime(2026, 3, 31, 23, tzinfo=UTC)),
        (at(3, 20), datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 3, 21, tzinfo=UTC)),
    ):
        moves(play, to)
        with play.store.reading() as work:
            place = work.session.get_one(Membership, number)
            assert (place.began_at, place.lapses_at) == (began, lapses)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_cancelled_meeting_is_put_back_unless_its_place_is_taken(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    first = play.county.west_meetings[0]
    play.does("chair", rescheduling_meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=first)
    play.does(
        "coordinator",
        rescheduling_meetings.add_meeting,
        WEST,
        starts_at=at(3, 24, 15),
        venue="Online",
        reason="A short one.",
    )
    refusal = play.refused(
        "chair", rescheduling_meetings.reinstate_meetings, WEST, meeting_ids=(first,), reason="It thawed."
    )
    assert refusal == (
        "Another meeting took the place of the one on 24 March 2026 at 14:00. Move that one first, or use `/panel add`."
    )
    extra = play.does("chair", rescheduling_meetings.meetings_to_change, WEST)[0]
    play.does("chair", rescheduling_meetings.cancel_meeting, WEST, reason="Not needed.", meeting_id=extra.id)
    (back,) = play.does(
        "chair", rescheduling_meetings.reinstate_meetings, WEST, meeting_ids=(first,), reason="It thawed."
    ).meetings
    assert (back.state, back.starts_at, meeting(play).sequence) == (
        MeetingState.SCHEDULED,
        datetime(2026, 3, 24, 14, tzinfo=LONDON),
        2,
    )
    play.at(4, 1)
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert (flag.id, flag.meeting_at.date()) == (flag_id, at(4, 21).date())


def test_what_has_come_into_the_way_of_a_cancelled_meeting_is_shown_before_it_is_put_back(play: Play) -> None:
    first = play.county.west_meetings[0]
    play.does("chair", rescheduling_meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=first)
    with play.store.work() as work:  # Shire takes the room at that hour
        row = work.session.get_one(Meeting, play.county.shire_meetings[0])
        row.starts_at, row.ends_at = datetime(2026, 3, 24, 14, tzinfo=UTC), datetime(2026, 3, 24, 16, tzinfo=UTC)
        work.session.add(row)
    shown = play.does("coordinator", rescheduling_meetings.preview_reinstatement, WEST, meeting_ids=(first,))
    assert [clash.reasons[0] for clash in shown.clashes] == [
        "the room is taken (Shire Operational MET, 14:00 to 16:00)"
    ]
    assert meeting(play).state is MeetingState.CANCELLED


def test_an_extra_meeting_is_in_the_diary_and_members_are_told(play: Play) -> None:
    added = play.does(
        "coordinator", rescheduling_meetings.add_meeting, WEST, starts_at=at(3, 12, 10), venue="", reason="Many cases."
    )
    assert (added.meeting.starts_at, added.meeting.venue) == (datetime(2026, 3, 12, 10, tzinfo=LONDON), "Civic Centre")
    assert len(play.sent("meeting_notice")) == 9
    refusal = play.refused(
        "chair", rescheduling_meetings.add_meeting, WEST, starts_at=at(3, 12, 11), venue="", reason="Again."
    )
    assert refusal == "West Operational MET already meets at that time."


@pytest.mark.parametrize("use_case", [rescheduling_meetings.preview_move, rescheduling_meetings.preview_cancellation])
def test_what_is_open_does_not_change(play: Play, use_case: object) -> None:
    first = play.county.west_meetings[0]
    given = {"starts_at": at(5, 5)} if use_case is rescheduling_meetings.preview_move else {}
    play.at(3, 24, 13, 55)
    play.does("chair", opening.open_panel_meeting, WEST)
    assert play.refused("chair", use_case, WEST, meeting_id=first, **given) == (  # type: ignore[arg-type]
        "That meeting is open. You can move or cancel only a meeting that has not begun."
    )


def test_the_chair_is_not_in_two_places_without_a_warning(play: Play) -> None:
    with play.store.work() as work:
        places = work.session.exec(select(Membership).where(Membership.panel_id == play.county.shire_id)).all()
        for place in places:
            if place.role is Role.CHAIR:
                place.ended_at = work.now
                work.session.add(place)
        work.session.flush()
        for place in places:
            if place.person_id == play.county.person["chair"]:
                place.role = Role.CHAIR
                work.session.add(place)
    # The co-ordinator keeps both diaries and reads which meeting it is.
    shown = play.does("coordinator", rescheduling_meetings.preview_move, WEST, starts_at=at(3, 31, 9))
    assert shown.clashes[0].reasons[0] == "the chair is in another meeting (Shire Operational MET, 10:00 to 12:30)"
    kept = play.does("vicechair", rescheduling_meetings.preview_move, WEST, starts_at=at(3, 31, 9))
    assert kept.clashes[0].reasons[0] == "the chair is in another meeting"
    assert not any("Shire" in reason for reason in kept.clashes[0].reasons)
    assert moves(play, at(3, 31, 9)).meeting.starts_at == datetime(2026, 3, 31, 9, tzinfo=LONDON)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_case_from_the_agenda_of_a_cancelled_meeting_is_heard_once(play: Play) -> None:
    play.accepted("WEST-0001")
    assert play.compiles() == ["WEST-0001"]
    play.does("chair", rescheduling_meetings.cancel_meeting, WEST, reason="Snow.")
    play.at(4, 21, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.STEP_DOWN, "Settled.")})
    assert play.compiles() == []


ONLY_THE_OFFICE = (
    "On West Operational MET, only the chair, vice-chair, co-ordinator and administrators can change the diary."
)
WHY = {"reason": "The room is flooded."}
#: What a person may try with a panel, and what with a meeting.
WITH_A_PANEL: dict[str, tuple[Any, dict[str, Any]]] = {
    "choose": (rescheduling_meetings.meetings_to_change, {}),
    "look at a move": (rescheduling_meetings.preview_move, {"starts_at": at(3, 25)}),
    "cancel": (rescheduling_meetings.cancel_meeting, WHY),
    "look at one more": (rescheduling_meetings.preview_extra, {"starts_at": at(3, 25), "venue": ""}),
    "add": (rescheduling_meetings.add_meeting, {"starts_at": at(3, 25), "venue": "", **WHY}),
    "choose a cancelled one": (rescheduling_meetings.meetings_to_reinstate, {}),
    "look at one put back": (rescheduling_meetings.preview_reinstatement, {"meeting_ids": (1,)}),
    "put back": (rescheduling_meetings.reinstate_meetings, {"meeting_ids": (1,), **WHY}),
}
WITH_A_MEETING: dict[str, tuple[Any, dict[str, Any]]] = {
    "lengthen": (rescheduling_meetings.lengthen_meeting, {"minutes": 150}),
    "look at one not held": (not_held.show_not_held, {}),
    "say it was held": (not_held.say_elsewhere, WHY),
    "take that back": (not_held.take_back_elsewhere, {}),
    "look at a venue": (rescheduling_meetings.preview_venue, {"venue": "Town Hall", "and_later": False}),
}


@pytest.mark.parametrize("what", WITH_A_PANEL)
def test_only_who_schedules_changes_the_diary(play: Play, what: str) -> None:
    use_case, given = WITH_A_PANEL[what]
    assert play.refused("outsider", use_case, WEST, **given) == NO_PANEL
    assert play.refused("nurse", use_case, WEST, **given) == ONLY_THE_OFFICE


@pytest.mark.parametrize("what", WITH_A_MEETING)
def test_only_who_schedules_changes_a_meeting(play: Play, what: str) -> None:
    use_case, given = WITH_A_MEETING[what]
    for who in ("nurse", "countychair", "outsider"):
        assert play.refused(who, use_case, play.county.west_meetings[0], **given) == unseen("that meeting")


def test_what_was_held_elsewhere_is_listed_only_for_who_schedules(play: Play) -> None:
    play.at(3, 24, 18)
    play.does("chair", not_held.say_elsewhere, play.county.west_meetings[0], **WHY)
    assert play.refused("outsider", not_held.held_elsewhere, WEST) == NO_PANEL
    listed = {
        who: [one.id for one in play.does(who, not_held.held_elsewhere, WEST)] for who in ("chair", "nurse", "observer")
    }
    assert listed == {"chair": [play.county.west_meetings[0]], "nurse": [], "observer": []}


def test_who_may_not_read_a_case_is_never_told_how_many_move(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 18)  # nobody held it
    play.ticks(GATHERINGS)
    play.does("vicechair", interests.declare_interest, WEST, "WEST-0001")
    move = {"starts_at": at(3, 31), "meeting_id": play.county.west_meetings[0]}
    moved = {
        who: play.does(who, rescheduling_meetings.preview_move, WEST, **move).cases_moved
        for who in ("chair", "vicechair", "administrator")
    }
    assert moved == {"chair": 0, "vicechair": 0, "administrator": 0}
