"""Who is invited to a meeting, how they answer, and what becomes of the quorum; West meets on Tue 24 March at two."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import col, select

from bot.domain.quorum import Outlook
from bot.models.meetings import Attendance, Meeting, Prompt, Rsvp
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import AttendanceStatus, PromptKind, Reply, Role
from bot.records.access.queries import Where, identify
from bot.records.invitations.changes import number_of
from bot.services.diary import prompts
from bot.services.diary.calendars import meeting_document
from bot.services.invitations import answering, asking, replies
from bot.services.invitations.answering import standing_in
from bot.services.invitations.asking import INVITATIONS
from bot.services.invitations.replies import RepliesView
from bot.services.leaving import departure, places
from bot.services.meeting import opening
from bot.services.people import deputies
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.store.rows import id_of
from bot.store.sweeps import run_sweep
from bot.store.unit_of_work import Store
from tests.county import TEAM, WEST, actor, user_id
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen

#: Everybody with a place on West, by name.
MEMBERS = [
    "chair",
    "constable",
    "coordinator",
    "matron",
    "midwife",
    "minutetaker",
    "nurse",
    "observer",
    "socialworker",
    "vicechair",
]


def invited(play: Play, kind: str = "invitation", meeting: int = 0) -> list[str]:
    """Return the addressees of messages of a kind about a West meeting, by name."""
    names = {number: key for key, number in play.county.person.items()}
    with play.store.reading() as work:
        rows = work.session.exec(select(OutboxRow).where(OutboxRow.kind == kind))
        ids = [
            row.payload["person_id"] for row in rows if row.payload["meeting_id"] == play.county.west_meetings[meeting]
        ]
    return sorted(names[number] for number in ids)  # type: ignore[index]


def at_of(play: Play, meeting: int = 0) -> tuple[int, int]:
    """Return what a button of the meeting's invitation carries."""
    with play.store.reading() as work:
        row = work.session.get_one(Meeting, play.county.west_meetings[meeting])
        return play.county.west_meetings[meeting], number_of(row.starts_at)


def answers(play: Play, who: str, reply: Reply, **more: str) -> answering.Answered:
    """Let a person answer the invitation to the next meeting."""
    return play.does(who, answering.reply_to, *at_of(play), reply, **more)  # type: ignore[arg-type]


def forecast(play: Play) -> str:
    """Return the quorum as the chair sees it."""
    return seen(play).forecast.words


def seen(play: Play, who: str = "chair") -> RepliesView:
    """Return the replies as a person sees them."""
    return play.does(who, replies.show_replies, WEST)


def moves(play: Play, month: int, day: int, hour: int = 14) -> None:
    """Let the co-ordinator move the next meeting."""
    starts_at = datetime(2026, month, day, hour, 0)  # noqa: DTZ001 - the panel's wall clock
    play.does(
        "coordinator", rescheduling_meetings.reschedule_meeting, WEST, starts_at=starts_at, reason="The room is taken."
    )


def test_every_member_is_invited_once_when_flags_open(play: Play) -> None:
    assert play.ticks(INVITATIONS) == 0
    play.at(3, 3, 8)
    assert play.ticks(INVITATIONS) == 0  # before working hours
    play.at(3, 3, 9, 5)
    assert play.ticks(INVITATIONS) == len(MEMBERS)
    assert play.ticks(INVITATIONS) == 0
    assert invited(play) == MEMBERS


def test_who_is_asleep_is_invited_when_their_own_day_begins(play: Play) -> None:
    with play.store.work() as work:
        nurse = work.session.get_one(Person, play.county.person["nurse"])
        nurse.timezone = "America/New_York"
        work.session.add(nurse)
    play.at(3, 3, 9, 5)
    play.ticks(INVITATIONS)
    assert "nurse" not in invited(play)
    play.at(3, 3, 14, 30)
    play.ticks(INVITATIONS)
    assert invited(play).count("nurse") == 1


def test_a_representative_is_told_that_flags_are_open_by_the_same_message(play: Play) -> None:
    play.at(3, 3, 9, 5)
    play.ticks(INVITATIONS)
    assert play.ticks(prompts.PROMPTS) == 0
    with play.store.reading() as work:
        told = {row.payload["person_id"] for row in work.session.exec(select(OutboxRow)) if row.payload["flags"]}
    assert told == {play.county.person[who] for who in ("constable", "matron", "nurse", "socialworker")}


def test_a_meeting_put_into_the_diary_late_is_asked_about_at_once_and_once_again(play: Play) -> None:
    play.at(3, 18, 11)
    play.ticks(INVITATIONS)
    assert invited(play) == MEMBERS
    answers(play, "nurse", Reply.COMING)
    silent = [who for who in MEMBERS if who not in ("nurse", "midwife")]  # who deputises for the nurse
    for day, reminded in ((19, []), (20, silent), (23, silent), (24, silent)):
        play.at(3, day, 11)
        play.ticks(INVITATIONS)
        assert invited(play, "reply_reminder") == reminded
    assert invited(play) == MEMBERS


def test_a_meeting_called_for_tomorrow_is_asked_about_again_on_its_morning(play: Play) -> None:
    play.at(3, 23, 16)
    play.ticks(INVITATIONS)
    assert invited(play) == MEMBERS
    play.at(3, 24, 8)
    play.ticks(INVITATIONS)
    assert invited(play, "reply_reminder") == []
    play.at(3, 24, 9, 5)
    play.ticks(INVITATIONS)
    play.at(3, 24, 13, 55)
    play.ticks(INVITATIONS)
    assert invited(play, "reply_reminder") == MEMBERS


def test_who_has_not_answered_is_asked_once_more_on_the_agendas_day_and_never_again(play: Play) -> None:
    play.at(3, 3, 9, 5)
    play.ticks(INVITATIONS)
    for who in ("chair", "nurse", "coordinator", "minutetaker", "observer"):
        answers(play, who, Reply.COMING)
    play.at(3, 16, 12)
    play.ticks(INVITATIONS)
    assert invited(play, "reply_reminder") == []
    for day in (17, 18, 19, 20, 23):
        play.at(3, day, 9, 5)
        play.ticks(INVITATIONS)
    # The midwife stands in for the nurse, who has answered.
    assert invited(play, "reply_reminder") == ["constable", "matron", "socialworker", "vicechair"]
    assert invited(play) == MEMBERS


def test_after_an_outage_there_is_one_message(play: Play) -> None:
    play.at(3, 19, 10)
    play.ticks(INVITATIONS)
    assert invited(play) == MEMBERS
    assert invited(play, "reply_reminder") == []


@pytest.mark.slow
def test_nobody_is_asked_twice_in_sixty_days_of_ticks(play: Play) -> None:
    answers(play, "nurse", Reply.COMING)
    for day in range(60):
        for hour in (8, 9, 13, 18):
            moment = datetime(2026, 3, 2, tzinfo=LONDON) + timedelta(days=day)
            now = moment.replace(hour=hour, minute=30)
            if now.astimezone(UTC) <= play.store.clock.now():
                continue
            play.clock.move_to(now.astimezone(UTC))
            play.ticks(INVITATIONS)
            play.ticks(prompts.PROMPTS)
    with play.store.reading() as work:
        keys = [
            (row.payload["meeting_id"], row.kind, row.payload["person_id"])
            for row in work.session.exec(select(OutboxRow))
            if row.kind in ("invitation", "reply_reminder")
        ]
    assert len(keys) == len(set(keys))
    assert invited(play) == [who for who in MEMBERS if who != "nurse"]
    assert invited(play, meeting=1) == MEMBERS
    assert invited(play, "quorum") == ["chair", "coordinator", "vicechair"]


def test_nobody_is_asked_about_a_meeting_that_is_cancelled(play: Play) -> None:
    play.does("coordinator", rescheduling_meetings.cancel_meeting, WEST, reason="Nobody can come.")
    play.at(3, 19, 10)
    play.ticks(INVITATIONS)
    assert invited(play) == []


def test_who_left_and_who_deputises_elsewhere_is_not_asked(play: Play) -> None:
    with play.store.work() as work:
        nurse = work.session.get_one(Person, play.county.person["nurse"])
        nurse.left_at = work.now
        work.session.add(nurse)
        place = Membership(
            panel_id=play.county.west_id,
            person_id=play.county.person["outsider"],
            role=Role.DEPUTY,
            meeting_id=play.county.west_meetings[1],
            began_at=work.now,
            lapses_at=datetime(2026, 4, 22, tzinfo=UTC),
        )
        work.session.add(place)
    play.at(3, 3, 9, 5)
    play.ticks(INVITATIONS)
    assert invited(play) == [who for who in MEMBERS if who != "nurse"]


def test_a_move_asks_again_with_its_notice_and_only_the_mover_by_an_invitation(play: Play) -> None:
    play.at(3, 5)
    play.ticks(INVITATIONS)
    for who in ("nurse", "coordinator"):
        answers(play, who, Reply.COMING)
    old = at_of(play)
    moves(play, 3, 26)
    assert "nurse" in [who for kind, who in play.sent("meeting_notice")]
    view = play.does("nurse", asking.question_for_notice, play.county.west_meetings[0])
    assert view is not None
    assert view.reply is None
    assert view.starts_at == datetime(2026, 3, 26, 14, 0, tzinfo=LONDON)
    before = invited(play)
    play.ticks(INVITATIONS)
    assert invited(play) == sorted([*before, "coordinator"])
    play.ticks(INVITATIONS)
    assert invited(play) == sorted([*before, "coordinator"])
    assert "has moved: West Operational MET on Thursday 26 March 2026 at 14:00" in play.refused(
        "nurse", answering.reply_to, *old, Reply.COMING
    )
    assert answers(play, "nurse", Reply.COMING).invitation.reply is Reply.COMING


def test_another_hour_of_the_same_day_asks_again_and_back_again_the_first_answers_count(play: Play) -> None:
    play.at(3, 5)
    play.ticks(INVITATIONS)
    answers(play, "nurse", Reply.COMING)
    moves(play, 3, 24, 15)
    asked = play.does("nurse", asking.question_for_notice, play.county.west_meetings[0])
    assert asked is not None
    assert asked.reply is None
    play.ticks(INVITATIONS)
    assert invited(play) == sorted([*MEMBERS, "coordinator"])  # no notice of their own doing reaches them
    moves(play, 3, 24, 14)
    again = play.does("nurse", asking.question_for_notice, play.county.west_meetings[0])
    assert again is not None
    assert again.reply is Reply.COMING
    play.ticks(INVITATIONS)
    assert invited(play) == sorted([*MEMBERS, "coordinator", "coordinator"])  # once for each time it came to


def test_a_meeting_added_after_hours_is_asked_about_by_its_notice(play: Play) -> None:
    play.at(3, 6, 18, 30)  # a Friday
    monday = datetime(2026, 3, 9, 9, 0)  # noqa: DTZ001 - the panel's wall clock
    added = play.does(
        "coordinator", rescheduling_meetings.add_meeting, WEST, starts_at=monday, venue="", reason="Too many cases."
    )
    asked = play.does("nurse", asking.question_for_notice, added.meeting.id)
    assert asked is not None
    assert (asked.starts_at.day, asked.reply) == (9, None)
    play.does("nurse", answering.reply_to, asked.meeting_id, asked.at, Reply.COMING)


def test_who_is_sent_to_a_cancelled_meeting_hears_of_it_and_comes_when_it_is_held_after_all(play: Play) -> None:
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("outsider"))
    first = play.county.west_meetings[0]
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    play.does("coordinator", rescheduling_meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=first)
    assert [who for _, who in play.sent("stand_in")] == ["outsider", "outsider"]
    found = play.does("outsider", standing_in, first)
    assert (found.is_cancelled, found.invitation) == (True, None)
    with play.store.reading() as work:
        file = meeting_document(work, actor(work, "outsider"), first)
    assert b"METHOD:CANCEL" in file.write()
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    play.does("coordinator", rescheduling_meetings.reinstate_meetings, WEST, meeting_ids=(first,), reason="It thawed.")
    found = play.does("outsider", standing_in, first)
    assert (found.sent_by, found.invitation.reply if found.invitation else None) == ("Nurse", Reply.COMING)
    assert {one.name: one.reply for agency in seen(play).agencies for one in agency.people}["Nurse"] is Reply.DEPUTY


def test_a_person_who_was_named_for_a_cancelled_meeting_comes_again_when_it_is_put_back(play: Play) -> None:
    first = play.county.west_meetings[0]
    for who in ("chair", "socialworker"):
        answers(play, who, Reply.COMING)
    for who in ("nurse", "matron", "midwife"):
        answers(play, who, Reply.APOLOGIES)
    outsider = user_id("outsider")
    play.does("nurse", deputies.name_deputy, outsider, user_id("nurse"), how="meeting", meeting_id=first)
    answers(play, "outsider", Reply.COMING)
    assert forecast(play) == "Quorate as answered."
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    play.does("coordinator", rescheduling_meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=first)
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    play.does("coordinator", rescheduling_meetings.reinstate_meetings, WEST, meeting_ids=(first,), reason="It thawed.")
    assert forecast(play) == "Quorate as answered."
    assert play.sent("stand_in") == [("stand_in", "outsider")] * 2
    found = play.does("outsider", standing_in, first)
    assert (found.sent_by, found.invitation.reply if found.invitation else None) == ("Nurse", Reply.COMING)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("how", ["leaves", "ended"])
def test_who_counted_on_a_deputy_hears_that_they_come_no_more(play: Play, how: str) -> None:
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("midwife"))
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    if how == "leaves":
        play.does("coordinator", departure.leave, user_id("midwife"))
    else:
        (place,) = play.does("coordinator", places.propose_end, user_id("midwife")).places
        play.does("coordinator", places.end_places, user_id("midwife"), [place.id])
    assert play.sent("deputy_away") == [("deputy_away", "nurse")]
    answers(play, "nurse", Reply.COMING)


def test_the_notice_of_a_move_asks_nobody_before_the_invitations_are_due(play: Play) -> None:
    moves(play, 3, 26)
    assert play.does("nurse", asking.question_for_notice, play.county.west_meetings[0]) is None
    play.at(3, 5, 9, 5)
    play.ticks(INVITATIONS)
    assert invited(play) == MEMBERS


@pytest.mark.databases("sqlite")
def test_an_answer_counts_until_it_is_changed(play: Play) -> None:
    assert answers(play, "nurse", Reply.COMING).invitation.reply is Reply.COMING
    again = answers(play, "nurse", Reply.APOLOGIES, information="Two visits were made.")
    assert again.invitation.reply is Reply.APOLOGIES
    assert again.invitation.has_sent_information
    assert not answers(play, "nurse", Reply.COMING).invitation.has_sent_information
    with play.store.reading() as work:
        assert len(work.session.exec(select(Rsvp)).all()) == 1


@pytest.mark.databases("sqlite")
def test_what_is_sent_with_apologies_is_checked_sealed_and_shown_to_chair_and_coordinator(play: Play) -> None:
    refused = play.refused(
        "nurse", answering.reply_to, *at_of(play), Reply.APOLOGIES, information="Call 07700 900123 for more."
    )
    assert "phone number" in refused
    answers(play, "nurse", Reply.APOLOGIES, information="Two visits were made.")
    nurse = play.county.person["nurse"]
    for who in ("chair", "vicechair", "coordinator"):
        assert seen(play, who).sent == {nurse: "Two visits were made."}
    for who in ("nurse", "matron", "minutetaker", "observer"):
        assert play.refused(who, replies.show_replies, WEST).endswith("co-ordinator can run meetings.")
    assert "or it isn't for you" in play.refused("outsider", replies.show_replies, WEST)
    with play.store.reading() as work:
        sealed = work.session.exec(select(Rsvp)).one().information
        assert sealed is not None
        assert b"visits" not in sealed
    assert ("replies", play.county.west_meetings[0], "chair") in play.audited("read")


def test_a_deputy_gets_a_place_for_that_meeting_and_is_told(play: Play) -> None:
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("outsider"))
    assert ("stand_in", "outsider") in play.sent()
    with play.store.reading() as work:
        place = work.session.exec(select(Membership).where(col(Membership.meeting_id).is_not(None))).one()
        assert (place.person_id, place.role, place.deputy_for_id) == (
            play.county.person["outsider"],
            Role.DEPUTY,
            play.county.person["nurse"],
        )
        assert place.lapses_at == datetime(2026, 3, 25, 0, 0, tzinfo=UTC)
    found = play.does("outsider", standing_in, play.county.west_meetings[0])
    assert (found.sent_by, found.invitation.reply if found.invitation else None) == ("Nurse", Reply.COMING)
    shown = {one.name: (one.reply, one.deputy_name) for agency in seen(play).agencies for one in agency.people}
    assert shown["Nurse"] == (Reply.DEPUTY, "Outsider")
    assert shown["Outsider"] == (Reply.COMING, "")
    play.at(3, 25, 9)
    assert "or it isn't for you" in play.refused("outsider", opening.open_panel_meeting, WEST)


@pytest.mark.databases("sqlite")
def test_a_deputy_who_sits_there_anyway_gets_no_second_place(play: Play) -> None:
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("midwife"))
    with play.store.reading() as work:
        assert work.session.exec(select(Membership).where(col(Membership.meeting_id).is_not(None))).all() == []
    assert ("stand_in", "midwife") in play.sent()


@pytest.mark.databases("sqlite")
def test_a_person_who_stands_in_on_that_day_is_offered_first(play: Play) -> None:
    assert play.does("nurse", answering.deputy_form, *at_of(play)).deputy_user_id == user_id("midwife")
    day = at_of(play)
    play.does(
        "nurse",
        deputies.name_deputy,
        user_id("outsider"),
        user_id("nurse"),
        how="period",
        begins_on=date(2026, 3, 20),
        until=date(2026, 3, 27),
    )
    assert play.does("nurse", answering.deputy_form, *day).deputy_user_id == user_id("outsider")


@pytest.mark.databases("sqlite")
def test_a_deputy_is_not_needed_any_more_when_the_answer_changes(play: Play) -> None:
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("outsider"))
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    answers(play, "nurse", Reply.COMING)
    assert [who for kind, who in play.sent("stand_in")] == ["outsider", "outsider"]
    found = play.does("outsider", standing_in, play.county.west_meetings[0])
    assert (found.invitation, found.panel_title, found.is_cancelled) == (None, "West Operational MET", False)
    assert "or it isn't for you" in play.refused("outsider", answering.reply_to, *at_of(play), Reply.COMING)
    with play.store.reading() as work:
        place = work.session.exec(select(Membership).where(col(Membership.meeting_id).is_not(None))).one()
        assert place.ended_at is not None


@pytest.mark.databases("sqlite")
def test_a_standing_deputy_does_not_count_as_coming_once_the_answer_changes(play: Play) -> None:
    for who in ("chair", "socialworker"):
        answers(play, who, Reply.COMING)
    answers(play, "matron", Reply.APOLOGIES)
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("midwife"))
    assert forecast(play) == "Quorate as answered."
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    answers(play, "nurse", Reply.APOLOGIES)
    assert forecast(play) == "The meeting won't be quorate: health sent apologies."
    assert [who for _, who in play.sent("stand_in")] == ["midwife", "midwife"]
    assert play.does("midwife", standing_in, play.county.west_meetings[0]).invitation is None


@pytest.mark.databases("sqlite")
def test_a_standing_deputy_who_said_themselves_that_they_come_still_does(play: Play) -> None:
    answers(play, "midwife", Reply.COMING)
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("midwife"))
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    answers(play, "nurse", Reply.COMING)
    assert {one.name: one.reply for agency in seen(play).agencies for one in agency.people}["Midwife"] is Reply.COMING
    assert [who for _, who in play.sent("stand_in")] == ["midwife"]


@pytest.mark.databases("sqlite")
def test_an_answer_that_changes_ends_no_deputyship_of_a_colleague(play: Play) -> None:
    outsider = user_id("outsider")
    meeting = play.county.west_meetings[0]
    play.does("nurse", deputies.name_deputy, outsider, user_id("nurse"), how="meeting", meeting_id=meeting)
    answers(play, "matron", Reply.DEPUTY, deputy=outsider)
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    answers(play, "matron", Reply.COMING)
    assert stands_in_for(play) == ["nurse"]


@pytest.mark.databases("sqlite")
def test_who_was_sent_by_two_stands_in_for_the_other_once_one_comes(play: Play) -> None:
    for who in ("nurse", "matron"):
        answers(play, who, Reply.DEPUTY, deputy=user_id("outsider"))
    assert stands_in_for(play) == ["nurse"]
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    answers(play, "nurse", Reply.COMING)
    assert stands_in_for(play) == ["matron"]
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=1))
    answers(play, "matron", Reply.COMING)
    assert stands_in_for(play) == []


def stands_in_for(play: Play) -> list[str]:
    """Return the members a person stands in for at one meeting alone."""
    names = {number: key for key, number in play.county.person.items()}
    with play.store.reading() as work:
        rows = work.session.exec(
            select(Membership.deputy_for_id).where(
                col(Membership.meeting_id).is_not(None), col(Membership.ended_at).is_(None)
            )
        )
        return [names[number or 0] for number in rows]


@pytest.mark.databases("sqlite")
def test_a_deputy_who_cannot_come_leaves_the_question_open(play: Play) -> None:
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("outsider"))
    answers(play, "outsider", Reply.APOLOGIES)
    assert ("deputy_away", "nurse") in play.sent()
    people = {one.name: one.reply for agency in seen(play).agencies for one in agency.people}
    assert (people["Nurse"], people["Outsider"]) == (None, Reply.APOLOGIES)
    assert play.refused("matron", answering.reply_to, *at_of(play), Reply.DEPUTY, deputy=user_id("outsider")) == (
        "Outsider has answered that they aren't coming. Choose another person."
    )


@pytest.mark.databases("sqlite")
def test_who_cannot_be_a_deputy(play: Play) -> None:
    at = at_of(play)

    def why(who: str, deputy: str | None) -> str:
        return play.refused(who, answering.reply_to, *at, Reply.DEPUTY, deputy=deputy)

    assert why("nurse", None) == "Who comes instead? Choose a person."
    assert why("nurse", user_id("nurse")) == "That is the same person. Choose who comes instead."
    assert why("nurse", "UNOBODY") == "<@UNOBODY> is not enrolled. An administrator can add them."
    assert why("nurse", user_id("constable")).startswith("Constable doesn't work for Health. Choose a colleague")
    assert why("observer", user_id("minutetaker")) == "Observers have no deputy. Send your apologies instead."
    answers(play, "nurse", Reply.DEPUTY, deputy=user_id("outsider"))
    assert why("outsider", user_id("matron")).startswith("You are a deputy yourself.")


@pytest.mark.databases("sqlite")
def test_the_coordinator_answers_for_others_and_may_send_a_deputy_of_another_agency(play: Play) -> None:
    found = play.does(
        "coordinator",
        answering.reply_to_next,
        WEST,
        Reply.DEPUTY,
        deputy=user_id("administrator"),
        for_user=user_id("nurse"),
    )
    assert (found.name, found.is_own, found.invitation.deputy_name) == ("Nurse", False, "Administrator")
    assert ("answered_for_you", "nurse") in play.sent()
    # What counts is the member they come for.
    health = next(one for one in seen(play).agencies if one.name == "Health")
    assert health.reply is Reply.COMING
    refused = play.refused("matron", answering.reply_to_next, WEST, Reply.COMING, for_user=user_id("nurse"))
    assert refused == "Only the chair and the co-ordinator can answer for another member."


@pytest.mark.databases("sqlite")
def test_a_deputy_of_another_agency_makes_present_the_agency_they_come_for(play: Play) -> None:
    for who in ("chair", "socialworker"):
        answers(play, who, Reply.COMING)
    sent = {"deputy": user_id("administrator"), "for_user": user_id("nurse")}
    play.does("coordinator", answering.reply_to_next, WEST, Reply.DEPUTY, **sent)
    assert forecast(play) == "Quorate as answered."
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    play.does("socialworker", opening.acknowledge, play.county.west_meetings[0])
    there = play.does("administrator", opening.acknowledge, play.county.west_meetings[0])
    assert (there.quorum.met, there.quorum.missing) == (True, ())
    shown = {one.name: one.agency_name for one in there.attendees}
    assert shown["Administrator"] == "Health"


@pytest.mark.databases("sqlite")
def test_a_late_answer_gets_a_sentence(play: Play) -> None:
    at = at_of(play)
    play.at(3, 24, 13)
    play.opens()
    assert "has begun" in play.refused("nurse", answering.reply_to, *at, Reply.COMING)
    assert "has begun" in play.refused("nurse", answering.reply_to_next, WEST, Reply.COMING)
    play.does("chair", opening.close_meeting, WEST)
    assert "is over" in play.refused("nurse", answering.reply_to, *at, Reply.COMING)
    play.does("coordinator", rescheduling_meetings.cancel_meeting, WEST, reason="Snow.")
    cancelled = play.refused("nurse", answering.reply_to, *at_of(play, 1), Reply.COMING)
    assert (
        cancelled == "The meeting of West Operational MET on Tuesday 21 April 2026 is cancelled, so nobody is expected."
    )


@pytest.mark.databases("sqlite")
def test_apologies_are_in_the_attendance_when_the_meeting_opens(play: Play) -> None:
    answers(play, "nurse", Reply.APOLOGIES, information="Two visits were made.")
    answers(play, "matron", Reply.DEPUTY, deputy=user_id("midwife"))
    answers(play, "constable", Reply.APOLOGIES)
    answers(play, "chair", Reply.APOLOGIES)  # and then comes after all
    replied_at = play.store.clock.now()
    play.at(3, 24, 13)
    play.does("chair", opening.open_panel_meeting, WEST)
    with play.store.reading() as work:
        found = {row.person_id: row for row in work.session.exec(select(Attendance))}
        key = play.county.person
        assert {who: found[key[who]].status for who in ("nurse", "matron", "constable", "chair")} == {
            "nurse": AttendanceStatus.APOLOGIES,
            "matron": AttendanceStatus.APOLOGIES,
            "constable": AttendanceStatus.APOLOGIES,
            "chair": AttendanceStatus.PRESENT,
        }
        nurse = found[key["nurse"]]
        assert nurse.information_sent is not None
        assert work.open(nurse.information_sent) == "Two visits were made."
        assert nurse.information_sent_at is not None
        assert abs(nurse.information_sent_at - replied_at) < timedelta(minutes=1)
        assert found[key["constable"]].information_sent_at is None


@pytest.mark.databases("sqlite")
def test_the_quorum_is_foretold_from_the_answers(play: Play) -> None:
    assert forecast(play) == "Not quorate yet: no answer from children's social care, police and health."
    answers(play, "socialworker", Reply.COMING)
    answers(play, "nurse", Reply.APOLOGIES)
    answers(play, "matron", Reply.APOLOGIES)
    assert forecast(play) == "The meeting won't be quorate: health sent apologies."
    answers(play, "matron", Reply.DEPUTY, deputy=user_id("outsider"))
    assert forecast(play) == "Not quorate yet: no answer from police."
    answers(play, "constable", Reply.APOLOGIES)
    assert forecast(play) == "Not quorate yet: no answer from police."  # the chair is of the police too
    answers(play, "chair", Reply.COMING)
    assert forecast(play) == "Quorate as answered."


@pytest.mark.databases("sqlite")
def test_the_office_makes_no_agency_present(play: Play) -> None:
    for who in ("coordinator", "minutetaker", "observer"):
        answers(play, who, Reply.COMING)
    assert forecast(play) == "Not quorate yet: no answer from children's social care, police and health."


def warned(play: Play) -> list[tuple[str, str]]:
    """Return the addressees of the prompt about the quorum, with what it says now."""
    names = {number: key for key, number in play.county.person.items()}
    with play.store.reading() as work:
        rows = work.session.exec(select(OutboxRow).where(OutboxRow.kind == "quorum").order_by(col(OutboxRow.id))).all()
        found = []
        for row in rows:
            who = names[int(str(row.payload["person_id"]))]
            view = asking.compose_warning(
                work, identify(work, TEAM, user_id(who)), play.county.west_meetings[0], int(str(row.payload["at"]))
            )
            found.append((who, view.forecast.outlook.value if view else "said nothing"))
    return found


def test_chair_and_coordinator_hear_once_that_it_hangs_on_answers_and_once_that_it_is_lost(play: Play) -> None:
    play.at(3, 19, 12)
    play.ticks(INVITATIONS)
    assert warned(play) == []
    play.at(3, 20, 9, 5)
    play.ticks(INVITATIONS)
    play.ticks(INVITATIONS)
    office = ["chair", "coordinator", "vicechair"]
    assert sorted(warned(play)) == [(who, "open") for who in office]
    for who in ("nurse", "matron"):
        answers(play, who, Reply.APOLOGIES)
    play.at(3, 23, 9, 5)
    play.ticks(INVITATIONS)
    play.at(3, 24, 9, 5)
    play.ticks(INVITATIONS)
    assert sorted(warned(play)) == sorted([(who, Outlook.INQUORATE.value) for who in office] * 2)


def test_returns_on_the_meetings_own_day_leave_room_for_both_warnings(play: Play) -> None:
    kind = "district-operational-met"
    usual = play.store.definitions[kind]
    late = usual.model_copy(update={"deadlines": usual.deadlines.model_copy(update={"returns": 0})})
    play.store.definitions = {**play.store.definitions, kind: late}
    play.at(3, 24, 9, 5)
    play.ticks(INVITATIONS)
    play.ticks(INVITATIONS)
    office = ["chair", "coordinator", "vicechair"]
    assert sorted(who for who, _ in warned(play)) == office
    for who in ("nurse", "matron"):
        answers(play, who, Reply.APOLOGIES)
    play.ticks(INVITATIONS)
    play.ticks(INVITATIONS)
    assert sorted(who for who, _ in warned(play)) == sorted(office * 2)


def test_nobody_is_warned_of_a_meeting_that_is_quorate(play: Play) -> None:
    for who in ("chair", "nurse", "socialworker"):
        answers(play, who, Reply.COMING)
    play.at(3, 23, 9, 5)
    play.ticks(INVITATIONS)
    assert warned(play) == []


def test_the_silent_are_asked_once_more_by_the_coordinator_and_then_no_more(play: Play) -> None:
    play.at(3, 3, 9, 5)
    play.ticks(INVITATIONS)
    answers(play, "nurse", Reply.COMING)
    view = seen(play, "coordinator")
    assert view.to_remind == 8  # not the midwife, who stands in for the nurse
    done = play.does("coordinator", replies.remind, play.county.west_meetings[0])
    assert (done.reminded, done.asleep, done.to_remind) == (8, 0, 0)
    play.at(3, 17, 9, 5)
    play.ticks(INVITATIONS)
    assert len(invited(play, "reply_reminder")) == 8
    assert "or it isn't for you" in play.refused("nurse", replies.remind, play.county.west_meetings[0])


def test_reminding_waits_for_working_hours(play: Play) -> None:
    play.at(3, 3, 9, 5)
    play.ticks(INVITATIONS)
    play.at(3, 3, 19)
    done = play.does("coordinator", replies.remind, play.county.west_meetings[0])
    assert (done.reminded, done.asleep, done.to_remind) == (0, 10, 10)


@pytest.mark.databases("sqlite")
def test_no_word_of_a_case_is_in_an_invitation(play: Play) -> None:
    play.accepted("WEST-0001", judgement="Seen with older peers.")
    play.at(3, 4)
    play.ticks(INVITATIONS)
    view = play.does("nurse", asking.compose_invitation, *at_of(play))
    assert "WEST-0001" not in repr(view)
    assert "older peers" not in repr(view)


@pytest.mark.databases("sqlite")
def test_an_invitation_says_nothing_once_it_does_not_hold(play: Play) -> None:
    at = at_of(play)
    assert play.does("nurse", asking.compose_invitation, *at) is not None
    assert "or it isn't for you" in play.refused("outsider", asking.compose_invitation, *at)
    moves(play, 3, 26)
    assert play.does("nurse", asking.compose_invitation, *at) is None


def test_two_processes_invite_everybody_once(play: Play, open_store: Callable[[], Store]) -> None:
    play.at(3, 3, 9, 5)
    stores = [open_store(), open_store()]
    together = Barrier(2)

    def tick(store: Store) -> None:
        together.wait()
        run_sweep(store, INVITATIONS)  # the second waits, and finds them invited

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tick, stores))
    assert invited(play) == MEMBERS


def test_a_meeting_that_moves_while_people_are_invited_is_asked_about_once(
    play: Play, open_store: Callable[[], Store]
) -> None:
    play.at(3, 5)
    first, hour, other = play.county.west_meetings[0], datetime(2026, 3, 24, 15, 0), open_store()  # noqa: DTZ001 - wall clock
    together = Barrier(2)

    def tick() -> None:
        together.wait()
        run_sweep(other, INVITATIONS)

    def move() -> None:
        together.wait()
        play.does(
            "coordinator",
            rescheduling_meetings.reschedule_meeting,
            WEST,
            starts_at=hour,
            reason="The court.",
            meeting_id=first,
        )

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(tick), pool.submit(move)]:
            done.result()
    play.ticks(INVITATIONS)
    with play.store.reading() as work:
        asked = work.session.exec(select(Prompt.person_id).where(col(Prompt.kind) == PromptKind.INVITATION)).all()
    assert sorted(asked) == sorted(play.county.person[who] for who in MEMBERS)


@pytest.mark.databases("sqlite")
def test_elsewhere_nobody_learns_who_comes(play: Play) -> None:
    assert "or it isn't for you" in play.refused("countychair", replies.show_replies, WEST)
    assert "or it isn't for you" in play.refused("countychair", answering.reply_to, *at_of(play), Reply.COMING)
    assert "not expected" in play.refused(
        "administrator", answering.reply_to_next, Where(panel_key="west-met"), Reply.COMING
    )


def test_an_invitation_names_the_dates_of_cases_only_to_those_who_read_cases(play: Play) -> None:
    with play.store.reading() as work:
        meeting = work.session.get_one(Meeting, play.county.west_meetings[0])
        shown = {}
        for who in ("chair", "nurse", "minutetaker", "observer"):
            at = number_of(meeting.starts_at)
            invitation = asking.compose_invitation(work, actor(work, who), id_of(meeting), at)
            shown[who] = invitation is not None and invitation.knows_cases
    assert shown == {"chair": True, "nurse": True, "minutetaker": True, "observer": False}


@pytest.mark.databases("sqlite")
def test_an_invitation_is_answered_only_by_who_sees_the_diary(play: Play) -> None:
    meeting_id, at = at_of(play)
    assert play.refused("outsider", answering.reply_to_next, WEST, Reply.COMING) == NO_PANEL
    # Not even that it has moved.
    assert play.refused("outsider", answering.reply_to, meeting_id, 0, Reply.COMING) == unseen("that meeting")
    assert play.refused("outsider", answering.answer_for_message, meeting_id, at) == unseen("that meeting")
    assert play.refused("outsider", asking.look_again, meeting_id, at) == NO_PANEL


@pytest.mark.databases("sqlite")
def test_only_the_office_sees_the_answers_and_reminds(play: Play) -> None:
    meeting_id, at = at_of(play)
    assert play.refused("outsider", replies.show_replies, WEST) == NO_PANEL
    assert play.refused("nurse", replies.show_replies, WEST) == (
        "On West Operational MET, only the chair, vice-chair and co-ordinator can run meetings."
    )
    for who in ("nurse", "minutetaker", "outsider"):
        for refusal in (
            play.refused(who, replies.show_replies, WEST, meeting_id),
            play.refused(who, replies.remind, meeting_id),
            play.refused(who, replies.remind_of_triage, meeting_id),
            play.refused(who, replies.resend_draft, meeting_id),
            play.refused(who, asking.compose_warning, meeting_id, at),
        ):
            assert refusal == unseen("that meeting")
    assert play.sent("reply_reminder", "prompt", "minutes_file") == []
