"""A case that can't wait for its meeting is heard today, at a meeting of its own, or then: as its chair says."""

from datetime import datetime

import pytest
from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.vocabulary import DecisionKind, FlagState
from bot.records.invitations.changes import number_of
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import returns, sooner, triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import interests, lists
from bot.services.diary import panels, prompts
from bot.services.invitations import asking
from bot.services.meeting import discussion, opening
from bot.store.rows import id_of
from tests.county import WEST, actor
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen

TOMORROW = datetime(2026, 3, 3, 16, 0)  # noqa: DTZ001 - the panel's wall clock
STEP_DOWN = DecisionForm(DecisionKind.STEP_DOWN, "Contact is rebuilding.")


def test_a_flag_that_cannot_wait_asks_the_chair_at_once(play: Play) -> None:
    flag_id = play.flags("WEST-0001", cannot_wait="Missing since Friday.")
    assert play.sent() == [("urgent_flag", "chair")]
    found = play.does("chair", sooner.compose_urgent, flag_id)
    assert found is not None
    assert (found.flag.reference, found.is_urgent, found.meets_now, found.may_triage) == (
        "WEST-0001",
        True,
        False,
        True,
    )
    assert play.does("chair", sooner.show_urgency, flag_id).urgent_because == "Missing since Friday."
    assert play.does("chair", lists.list_flags, WEST).flags[0].cannot_wait
    # It is asked once, and not again when the case is turned away.
    again = play.refused("socialworker", sooner.ask_sooner, WEST, "WEST-0001", "Still missing.")
    assert again == "The chair has already been asked to hear WEST-0001 sooner."
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.SIGNPOST, "A strategy discussion is called.")
    assert play.does("chair", sooner.compose_urgent, flag_id) is None


def test_a_flagged_case_becomes_urgent_by_command(play: Play) -> None:
    play.accepted("WEST-0001")
    assert play.refused("nurse", sooner.ask_sooner, WEST, "WEST-0001", " ") == (
        "Why can't the case wait? Add `because` and the reason."
    )
    found = play.does("nurse", sooner.ask_sooner, WEST, "WEST-0001", "Missing again.")
    assert (found.flag.urgent_because, found.may_triage) == ("Missing again.", False)
    assert play.sent("urgent_flag") == [("urgent_flag", "chair")]
    unknown = play.refused("nurse", sooner.ask_sooner, WEST, "WEST-0009", "Missing again.")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    kept = play.refused("nurse", sooner.ask_sooner, WEST, "WEST-0001", "Missing again.")
    assert kept == unknown.replace("0009", "0001")


def test_a_case_walks_in_on_the_day_with_the_chairs_yes(play: Play) -> None:
    play.at(3, 24, 14)
    play.opens()
    flag_id = play.flags("WEST-0001", "nurse")
    assert ("urgent_flag", "chair") in play.sent("urgent_flag", "late_flag")
    found = play.does("chair", sooner.compose_urgent, flag_id)
    assert found is not None
    assert (found.is_urgent, found.meets_now) == (False, True)
    assert found.flag.meeting_at == datetime(2026, 4, 21, 14, 0, tzinfo=LONDON)
    assert play.refused("chair", sooner.hear_today, flag_id, " ").startswith("Why should the panel hear it sooner?")
    heard = play.does("chair", sooner.hear_today, flag_id, "They were found an hour ago.")
    assert (heard.state, heard.sooner_because) == (FlagState.ACCEPTED, "They were found an hour ago.")
    assert heard.meeting_at == datetime(2026, 3, 24, 14, 0, tzinfo=LONDON)
    assert play.sent("heard_sooner") == [("heard_sooner", "nurse")]
    assert play.audited("hear_sooner") == [("case", heard.case_id, "chair")]
    assert (
        play.refused("chair", sooner.hear_today, flag_id, "Once more.") == "WEST-0001 already has an earlier meeting."
    )
    play.goes_to("WEST-0001")
    play.does("chair", discussion.decide, WEST, STEP_DOWN)
    play.does("chair", opening.close_meeting, WEST)
    # Heard once: the next meeting has nothing of it.
    assert play.does("chair", lists.list_flags, WEST).count == 0


@pytest.mark.databases("sqlite")
def test_without_another_meeting_a_case_flagged_in_the_last_one_waits_there(play: Play) -> None:
    with play.store.work() as work:
        for meeting in work.find_all(Meeting, col(Meeting.id).in_(play.county.west_meetings[1:])):
            work.session.delete(meeting)
    play.at(3, 24, 14)
    play.opens()
    flag_id = play.flags("WEST-0001")
    assert play.does("chair", triage.flags_to_triage, WEST).count == 1
    play.does("chair", sooner.hear_today, flag_id, "There is no other meeting.")
    assert play.agenda() == ["WEST-0001"]


def test_an_urgent_case_has_an_extraordinary_meeting_of_its_own(play: Play) -> None:
    urgent, other = play.flags("WEST-0001"), play.accepted("WEST-0002")
    play.flags("WEST-0001", "nurse")
    play.compiles()
    heard = play.does("chair", sooner.hear_now, urgent, starts_at=TOMORROW, reason="Missing since Friday.")
    assert heard.meeting_at == datetime(2026, 3, 3, 16, 0, tzinfo=LONDON)
    assert play.sent("heard_sooner") == [("heard_sooner", who) for who in ("socialworker", "nurse")]
    # All members are told of the meeting; those who read the case get its agenda, and are asked what they will bring.
    told = {who for kind, who in play.sent("meeting_notice")}
    assert {"nurse", "coordinator", "observer"} <= told
    assert ("agenda_published", "matron") in play.sent("agenda_published")
    assert ("agenda_file", "chair") in play.sent("agenda_file")
    view = play.does("nurse", panels.show_next_meeting, WEST)
    assert view.starts_at == datetime(2026, 3, 3, 16, 0, tzinfo=LONDON)
    assert [line.reference for line in play.does("constable", returns.returns_asked, WEST).lines] == ["WEST-0001"]
    # The regular meeting is as it was, and what is new goes there.
    assert play.agenda() == ["WEST-0002"]
    assert play.does("chair", lists.list_flags, WEST).flags[0].id == other
    third = play.flags("WEST-0003")
    assert [flag.id for flag in play.does("chair", triage.flags_to_triage, WEST).waiting] == [third]
    play.ticks(GATHERINGS)
    play.at(3, 3, 16)
    play.opens()
    view_now = play.does("chair", triage.show_agenda, WEST)
    assert [item.title for item in view_now.items] == ["WEST-0001"]
    play.goes_to("WEST-0001")
    play.does("chair", discussion.decide, WEST, STEP_DOWN)
    play.does("chair", opening.close_meeting, WEST)
    assert play.compiles() == ["WEST-0002"]
    assert play.does("chair", lists.case_history, "WEST-0001").hearings[0].flag.sooner_because == (
        "Missing since Friday."
    )


def test_a_case_that_its_own_meeting_did_not_hear_is_owed_to_the_next(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    play.does("chair", sooner.hear_now, flag_id, starts_at=TOMORROW, reason="Missing since Friday.")
    play.at(3, 4)
    play.ticks(GATHERINGS)
    (flag,) = play.does("chair", lists.list_flags, WEST).flags
    assert (flag.reference, flag.origin.words) == ("WEST-0001", ("the meeting of 3 March 2026 was not held",))
    assert flag.meeting_at == datetime(2026, 3, 24, 14, 0, tzinfo=LONDON)


@pytest.mark.databases("sqlite")
def test_a_meeting_of_its_own_is_sooner_than_the_next_and_at_a_free_time(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    late = datetime(2026, 3, 24, 14, 0)  # noqa: DTZ001 - the panel's wall clock
    said = play.refused("chair", sooner.hear_now, flag_id, starts_at=late, reason="Missing.")
    assert said == "The case's own meeting is before that. Choose an earlier day, or *At the meeting*."
    past = datetime(2026, 3, 1, 9, 0)  # noqa: DTZ001 - the panel's wall clock
    assert play.refused("chair", sooner.hear_now, flag_id, starts_at=past, reason="Missing.").startswith(
        "That time has"
    )
    assert play.refused("chair", sooner.hear_now, flag_id, starts_at=TOMORROW).startswith(
        "Why should the panel hear it sooner?"
    )
    refused = play.refused("coordinator", sooner.hear_now, flag_id, starts_at=TOMORROW, reason="Missing.")
    assert refused.startswith("I can't find that flag")
    with play.store.reading() as work:
        assert len(work.session.exec(select(Meeting).where(col(Meeting.is_extraordinary))).all()) == 0


def test_of_a_closed_item_the_meeting_tells_members_nothing(play: Play) -> None:
    flag_id = play.accepted("WEST-0666", closed=True)
    play.does("chair", sooner.hear_now, flag_id, starts_at=TOMORROW, reason="A professional is a suspect.")
    assert play.sent("agenda_published") == [("agenda_published", "socialworker"), ("agenda_published", "vicechair")]
    meeting, reason = play.does(
        "nurse", panels.meeting_for_notice, play.does("nurse", panels.show_next_meeting, WEST).id
    )
    assert (meeting.cases, reason) == (0, "A case can't wait for the next meeting.")
    # Who flagged the reference beside it, without being a reader, is told of their own flag only.
    own = play.flags("WEST-0666", "nurse", cannot_wait="Seen with an adult.")
    assert play.refused("nurse", sooner.show_urgency, own).startswith("I can't find that flag")


def test_nobody_is_asked_for_other_cases_at_a_meeting_for_one(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    ahead = datetime(2026, 3, 20, 14, 0)  # noqa: DTZ001 - the panel's wall clock
    play.does("chair", sooner.hear_now, flag_id, starts_at=ahead, reason="The social worker is back then.")
    for day in (3, 5, 9, 12, 18):
        play.at(3, day)
        play.ticks(prompts.PROMPTS)
    with play.store.reading() as work:
        (meeting,) = work.find_all(Meeting, col(Meeting.is_extraordinary))
        asked = [row.payload["meeting_id"] for row in work.find_all(OutboxRow, col(OutboxRow.kind) == "prompt")]
        invitation = asking.compose_invitation(work, actor(work, "nurse"), id_of(meeting), number_of(meeting.starts_at))
        extraordinary_id = id_of(meeting)
    assert extraordinary_id not in asked
    assert set(asked) == {play.county.west_meetings[0]} | set(play.county.shire_meetings[:1])
    assert invitation is not None
    assert not invitation.knows_cases


@pytest.mark.databases("sqlite")
def test_only_who_may_flag_cases_asks_the_chair_to_hear_one_sooner(play: Play) -> None:
    play.flags("WEST-0001")
    assert play.refused("outsider", sooner.ask_sooner, WEST, "WEST-0001", "Missing again.") == NO_PANEL
    assert play.refused("observer", sooner.ask_sooner, WEST, "WEST-0001", "Missing again.") == (
        "On West Operational MET, minute-takers and observers can't flag cases."
    )
    assert play.sent("urgent_flag") == []


@pytest.mark.databases("sqlite")
def test_a_case_that_cannot_wait_is_shown_only_to_who_reads_cases_and_decided_only_by_the_chair(play: Play) -> None:
    flag_id = play.flags("WEST-0001", cannot_wait="Missing since Friday.")
    for who in ("observer", "countychair", "outsider"):
        assert play.refused(who, sooner.compose_urgent, flag_id) == unseen("that flag")
    shown = {who: play.does(who, sooner.compose_urgent, flag_id) for who in ("coordinator", "nurse", "socialworker")}
    assert {who: found and found.may_triage for who, found in shown.items()} == dict.fromkeys(shown, False)
