"""The record put right after its meeting and before approval: kept with who, when and why, and in the next version."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import col

from bot.documents.minutes import MinutesFacts
from bot.errors import Mistake
from bot.models.meetings import Decision, Meeting
from bot.models.minutes import Minutes
from bot.models.vocabulary import AttendanceStatus, CorrectionKind, DecisionKind, MinutesState, NoteKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.cases import closed_items, interests
from bot.services.meeting import discussion, guests, opening
from bot.services.meeting.guests import GuestForm
from bot.services.minutes import approving, correcting, looking, papers
from bot.services.minutes.correcting import Forgotten
from bot.services.minutes.correcting_decisions import offer_decision
from bot.services.minutes.correcting_times import TimesChanged
from bot.services.minutes.looking import Changed, DraftPage
from bot.services.minutes.record import facts_for
from bot.store.rows import id_of
from tests.county import WEST, actor
from tests.services.conftest import Play, unseen


@pytest.fixture
def drafted(play: Play) -> Play:
    """WEST-0001 was heard on 24 March, and the minute-taker has drafted the minutes."""
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("coordinator", discussion.add_note, WEST, "Health: attended the clinic twice")
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "Watch.", review="4 weeks"))
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    return play


def page_of_case(play: Play, who: str = "chair", title: str = "WEST-0001") -> DraftPage:
    """Look through the newest version until its case comes."""
    page = play.does(who, looking.look_through, newest(play))
    while page.title != title:
        assert page.page + 1 < page.pages, f"{title} is not in the draft"
        page = play.does(who, looking.look_through, page.minutes_id, page.page + 1)
    return page


def newest(play: Play) -> int:
    """Return the number of the version that was written last."""
    with play.store.reading() as work:
        return id_of(work.find_all(Minutes, by=[col(Minutes.id).desc()])[0])


def corrects(play: Play, who: str, page: DraftPage, key: str, text: str, reason: str = "It was misheard.") -> DraftPage:
    """Give one entry of a page other words."""
    entry = next(one for one in page.entries if one.key.startswith(key))
    changed = Changed(entry.key, text, entry.mark, entry.review_on)
    return play.does(
        who, correcting.correct_item, page.minutes_id, page.item_id, [changed], reason=reason, page=page.page
    )


def said(play: Play, who: str = "minutetaker") -> MinutesFacts:
    """Return what the newest version says to this reader."""
    with play.store.work() as work:
        return facts_for(work, actor(work, who), work.session.get_one(Minutes, newest(play)))[0]


def test_a_corrected_line_takes_the_place_of_the_old_one_and_is_in_the_next_version(drafted: Play) -> None:
    page = corrects(drafted, "chair", page_of_case(drafted), "shared", "Attended the clinic once.")
    assert (page.saved, page.changes_count, page.entries[0].text) == (
        1,
        1,
        "Attended the clinic once.",
    )
    (change,) = page.changes
    assert (change.kind, change.title, change.before, change.after, change.reason, change.of_name, change.by_name) == (
        CorrectionKind.NOTE,
        "WEST-0001",
        "attended the clinic twice",
        "Attended the clinic once.",
        "It was misheard.",
        "Coordinator",
        "Chair",
    )
    assert drafted.sent("minutes_corrected") == [("minutes_corrected", "coordinator")]
    item = next(one for one in said(drafted).items if one.title == "WEST-0001")
    assert [one.text for one in item.shared] == ["attended the clinic twice"]  # the version is as it was written

    # What is approved is what was read: the next version is written first.
    rewritten = drafted.does("chair", approving.approve_minutes, WEST)
    assert (rewritten.version, rewritten.state, rewritten.is_rewritten) == (2, MinutesState.WITH_CHAIR, True)
    item = next(one for one in said(drafted).items if one.title == "WEST-0001")
    assert [one.text for one in item.shared] == ["Attended the clinic once."]
    assert drafted.does("chair", approving.approve_minutes, WEST).state is MinutesState.CIRCULATED


@pytest.mark.databases("sqlite")
def test_a_correction_without_a_reason_is_refused_and_nothing_is_saved(drafted: Play) -> None:
    page = page_of_case(drafted)
    entry = page.entries[0]
    changed = [Changed(entry.key, "Other words.", entry.mark)]
    assert drafted.refused("chair", correcting.correct_item, page.minutes_id, page.item_id, changed, reason=" ") == (
        "Why are you correcting it? People who write or approve the minutes can read your reason."
    )
    same = [Changed(entry.key, entry.text, entry.mark)]
    assert drafted.refused("chair", correcting.correct_item, page.minutes_id, page.item_id, same, reason="A.") == (
        "You haven't changed anything on this page yet. Change something, or go to another page."
    )
    assert page_of_case(drafted).entries == page.entries


@pytest.mark.databases("sqlite")
def test_of_two_who_correct_one_line_at_once_the_second_is_told(drafted: Play) -> None:
    seen = page_of_case(drafted, "minutetaker")
    corrects(drafted, "chair", page_of_case(drafted), "shared", "Once.")
    changed = [Changed(seen.entries[0].key, "Three times.", seen.entries[0].mark)]
    refused = drafted.refused(
        "minutetaker", correcting.correct_item, seen.minutes_id, seen.item_id, changed, reason="Misheard."
    )
    assert refused == "Chair changed this since you opened the form: Once."


def test_the_rationale_and_the_day_of_a_decision_are_corrected_in_its_place(drafted: Play) -> None:
    page = page_of_case(drafted, "minutetaker")
    entry = page.entries[-1]
    changed = [Changed(entry.key, "Watch closely.", entry.mark, date(2026, 4, 30))]
    drafted.does(
        "minutetaker", correcting.correct_item, page.minutes_id, page.item_id, changed, reason="Another day was meant."
    )
    (now,) = [one for one in page_of_case(drafted).entries if one.decision]
    assert (now.key, now.text, now.review_on) == (entry.key, "Watch closely.", date(2026, 4, 30))
    assert drafted.sent("minutes_corrected") == [("minutes_corrected", "chair")]
    with drafted.store.reading() as work:
        standing, before = work.find_all(Decision, by=[col(Decision.id)])
        assert (standing.superseded_by_id, before.superseded_by_id) == (None, standing.id)
        assert work.open(before.rationale) == "Watch."
    changed = [replace(changed[0], text="Watch.", review_on=None, mark=now.mark)]
    assert drafted.refused(
        "chair", correcting.correct_item, page.minutes_id, page.item_id, changed, reason="No day."
    ) == ("When should the panel review the case? Give a date.")


@pytest.mark.databases("sqlite")
def test_what_was_forgotten_is_added_and_what_is_wrong_taken_out(drafted: Play) -> None:
    page = page_of_case(drafted)
    police = drafted.county.agency["police"]
    forgotten = Forgotten(NoteKind.SHARED, "Seen at the station.", police)
    drafted.does(
        "chair", correcting.correct_item, page.minutes_id, page.item_id, [], reason="Forgotten.", forgotten=forgotten
    )
    corrects(drafted, "chair", page_of_case(drafted), f"shared.{drafted.county.agency['health']}", "")
    assert [(one.agency_name, one.text) for one in page_of_case(drafted).entries if one.kind is NoteKind.SHARED] == [
        ("Police", "Seen at the station.")
    ]
    assert drafted.refused(
        "chair",
        correcting.correct_item,
        page.minutes_id,
        page.item_id,
        [],
        reason="Forgotten.",
        forgotten=Forgotten(NoteKind.DISSENT, "They disagree."),
    ) == ("Which agency said this? Choose it.")
    drafted.does("minutetaker", papers.draft_minutes, WEST)
    item = next(one for one in said(drafted).items if one.title == "WEST-0001")
    assert [(one.agency, one.text) for one in item.shared] == [("Police", "Seen at the station.")]


@pytest.mark.databases("sqlite")
def test_attendance_is_corrected_and_the_person_is_told(drafted: Play) -> None:
    page = drafted.does("chair", looking.look_through, newest(drafted))
    before = {one.person_id: one.status for one in page.attendance}
    nurse, matron = drafted.county.person["nurse"], drafted.county.person["matron"]
    assert before[nurse] is AttendanceStatus.PRESENT
    drafted.does(
        "minutetaker",
        correcting.correct_attendance,
        page.minutes_id,
        {nurse: AttendanceStatus.APOLOGIES, matron: AttendanceStatus.PRESENT},
        before,
        reason="The matron came instead.",
    )
    assert drafted.sent("minutes_corrected") == [("minutes_corrected", "nurse"), ("minutes_corrected", "matron")]
    drafted.does("minutetaker", papers.draft_minutes, WEST)
    facts = said(drafted)
    assert "Matron" in [one.name for one in facts.present]
    assert [one.name for one in facts.apologies] == ["Nurse"]


@pytest.mark.databases("sqlite")
def test_what_an_absent_agency_sent_is_corrected_with_its_apologies(drafted: Play) -> None:
    nurse, minutes_id = drafted.county.person["nurse"], newest(drafted)

    def corrects(text: str, was: str, **statuses: AttendanceStatus) -> looking.DraftPage:
        page = drafted.does("chair", looking.look_through, minutes_id)
        before = {one.person_id: one.status for one in page.attendance}
        chosen = {drafted.county.person[who]: status for who, status in statuses.items()}
        sent = [correcting.SentChanged(nurse, text, looking.mark_of(was))]
        of_draft = (page.minutes_id, chosen, before)
        return drafted.does(
            "minutetaker", correcting.correct_attendance, *of_draft, sent=sent, reason="It came by letter."
        )

    with pytest.raises(Mistake, match="Information is sent with apologies"):
        corrects("A letter.", "")
    corrects("", "", nurse=AttendanceStatus.APOLOGIES)
    with pytest.raises(Mistake, match="You haven't changed anything on this page yet"):
        corrects(" ", "")
    page = corrects("No new information.", "")
    assert (page.saved, page.changes[0].before, page.changes[0].after) == (1, "", "Nurse: No new information.")
    with pytest.raises(Mistake, match="Another person changed this since you opened the form: No new information"):
        corrects("A letter.", "")
    page = corrects("One attendance.", "No new information.")
    assert [one.information for one in page.attendance if one.person_id == nurse] == ["One attendance."]
    drafted.does("minutetaker", papers.draft_minutes, WEST)
    assert [(one.name, one.information_sent) for one in said(drafted).apologies] == [("Nurse", "One attendance.")]
    minutes_id = newest(drafted)
    corrects("", "One attendance.")
    drafted.does("minutetaker", papers.draft_minutes, WEST)
    assert [(one.name, one.information_sent) for one in said(drafted).apologies] == [("Nurse", "")]


@pytest.mark.databases("sqlite")
def test_approved_minutes_are_looked_through_no_longer(drafted: Play) -> None:
    page = page_of_case(drafted)
    drafted.does("chair", approving.approve_minutes, WEST)
    assert drafted.refused("chair", looking.look_through, page.minutes_id) == (
        "These minutes are approved, so nobody can change them. To add a correction: `/minutes amend west-met`."
    )
    assert drafted.refused("nurse", looking.look_through, page.minutes_id).startswith("I can't find those minutes")


def test_corrections_of_a_closed_item_are_for_its_readers(play: Play) -> None:
    play.accepted("WEST-0001", who="nurse")
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A professional is a suspect.")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("chair", discussion.add_note, WEST, "The school is worried.")
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    page = page_of_case(play)
    corrects(play, "chair", page, "discussion", "The college is worried.")
    assert play.does("minutetaker", looking.changed_since, page.minutes_id) == ()
    assert len(play.does("vicechair", looking.changed_since, page.minutes_id)) == 1
    first = play.does("minutetaker", looking.look_through, page.minutes_id)
    assert (first.changes_count, first.pages) == (0, page.pages - 1)
    refused = play.refused(
        "minutetaker", correcting.correct_item, page.minutes_id, page.item_id, [], reason="I would like to know."
    )
    assert refused.startswith("I can't find that item")


@pytest.fixture
def with_guest(play: Play) -> Play:
    """Hold a meeting that a teacher without Slack attends, and have the minute-taker draft its minutes."""
    play.at(3, 24, 14)
    play.opens()
    guest = GuestForm("Asha Roa", AttendanceStatus.IN_ATTENDANCE, other_agency="Hill School")
    play.does("chair", guests.record_guest, WEST, guest)
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    return play


def corrects_guest(play: Play, name: str, status: AttendanceStatus | None, mark: str = "") -> DraftPage:
    """Give the guest another name and part."""
    page = play.does("minutetaker", looking.look_through, newest(play))
    (now,) = [one for one in page.attendance if one.guest_id]
    changed = correcting.GuestChanged(now.guest_id, name, status, mark or correcting.guest_mark(now))
    return play.does(
        "minutetaker", correcting.correct_attendance, page.minutes_id, {}, {}, guests=[changed], reason="Misspelt."
    )


@pytest.mark.databases("sqlite")
def test_the_name_and_the_part_of_a_guest_without_slack_are_corrected(with_guest: Play) -> None:
    page = corrects_guest(with_guest, "Asha Rao", AttendanceStatus.OBSERVER)
    assert [(one.name, one.status) for one in page.attendance if one.guest_id] == [
        ("Asha Rao", AttendanceStatus.OBSERVER)
    ]
    assert [(one.before, one.after, one.reason) for one in page.changes] == [
        ("Asha Roa: in attendance", "Asha Rao: observer", "Misspelt.")
    ]
    with_guest.does("minutetaker", papers.draft_minutes, WEST)
    facts = said(with_guest)
    assert [one.name for one in facts.in_attendance] == ["Coordinator"]
    assert [one.name for one in facts.observers] == ["Asha Rao"]


@pytest.mark.databases("sqlite")
def test_a_guest_who_was_not_there_is_taken_out(with_guest: Play) -> None:
    page = corrects_guest(with_guest, "Asha Roa", None)
    assert [one for one in page.attendance if one.guest_id] == []
    with_guest.does("minutetaker", papers.draft_minutes, WEST)
    assert [one.name for one in said(with_guest).in_attendance] == ["Coordinator"]


@pytest.mark.databases("sqlite")
def test_what_is_wrong_about_a_guest_is_refused_at_its_field(with_guest: Play) -> None:
    for name, status, mark, sentence in (
        (" ", AttendanceStatus.OBSERVER, "", "What is their name?"),
        ("Asha Rao", AttendanceStatus.PRESENT, "", "Only an agency on West Operational MET can be present"),
        ("Asha Rao", AttendanceStatus.OBSERVER, "other", "Another person changed this since you opened the form"),
        ("Asha Roa", AttendanceStatus.IN_ATTENDANCE, "", "You haven't changed anything on this page yet."),
    ):
        with pytest.raises(Mistake, match=sentence):
            corrects_guest(with_guest, name, status, mark)


def corrects_times(play: Play, who: str, arrived: str, left: str, mark: str = "") -> DraftPage:
    """Give a person other times of arrival and leaving."""
    page = play.does("chair", looking.look_through, newest(play))
    now = next(one for one in page.attendance if one.name == who)
    times = TimesChanged(now.key, arrived, left, mark or now.times)
    return play.does(
        "minutetaker",
        correcting.correct_attendance,
        page.minutes_id,
        {},
        {},
        times=times,
        reason="The clock was off.",
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_when_a_person_came_and_went_is_corrected(with_guest: Play) -> None:
    with_guest.at(3, 24, 15)  # after the meeting, which was opened and closed at two
    with with_guest.store.work() as work:
        (meeting,) = work.find_all(Meeting, col(Meeting.closed_at).is_not(None))
        meeting.closed_at = work.now
        work.session.add(meeting)
    page = corrects_times(with_guest, "Nurse", "14:20", "2.45pm")
    assert [(one.arrived, one.left) for one in page.attendance if one.name == "Nurse"] == [("14:20", "14:45")]
    page = corrects_times(with_guest, "Asha Roa", "", "14:50")
    assert [(one.kind, one.before, one.after, one.reason) for one in page.changes] == [
        (
            CorrectionKind.ATTENDANCE,
            "Asha Roa: there from beginning to end",
            "Asha Roa: left 14:50",
            "The clock was off.",
        ),
        (
            CorrectionKind.ATTENDANCE,
            "Nurse: there from beginning to end",
            "Nurse: arrived 14:20, left 14:45",
            "The clock was off.",
        ),
    ]
    assert with_guest.sent("minutes_corrected") == [("minutes_corrected", "nurse")]
    with_guest.does("minutetaker", papers.draft_minutes, WEST)
    facts = said(with_guest)
    there = (*facts.present, *facts.in_attendance)
    assert {one.name: (one.arrived, one.left) for one in there if one.arrived or one.left} == {
        "Nurse": ("14:20", "14:45"),
        "Asha Roa": ("", "14:50"),
    }
    page = corrects_times(with_guest, "Nurse", "", "")
    assert page.changes[0].after == "Nurse: there from beginning to end"
    for given, sentence in (
        (("Nurse", "half", ""), "Write the time as hours and minutes, such as 14:25."),
        (("Nurse", "13:30", ""), "The meeting was opened at 14:00 and closed at 15:00. Give a time between the two."),
        (("Nurse", "14:30", "14:20"), "They can't have left before they arrived."),
        (("Matron", "14:30", ""), "Matron is not recorded as there. Correct that first."),
        (("Nurse", "14:30", "", "14:10/"), "Another person changed this since you opened the form: Nurse: there from"),
        (("Nurse", "", ""), "You haven't changed anything on this page yet."),
    ):
        with pytest.raises(Mistake, match=sentence):
            corrects_times(with_guest, *given)


@pytest.mark.databases("sqlite")
def test_a_draft_is_looked_through_only_by_who_writes_minutes(drafted: Play) -> None:
    for who in ("nurse", "observer", "outsider"):
        assert drafted.refused(who, looking.look_through, newest(drafted)) == unseen("those minutes")


@pytest.mark.databases("sqlite")
def test_a_correction_is_told_only_to_who_sees_the_item_and_only_who_writes_minutes_may_look(drafted: Play) -> None:
    told = (newest(drafted), page_of_case(drafted).item_id, drafted.county.person["chair"])
    for who in ("observer", "outsider"):
        assert drafted.refused(who, correcting.corrected_for_notice, *told) == unseen("those minutes")
    found = {who: drafted.does(who, correcting.corrected_for_notice, *told) for who in ("coordinator", "nurse")}
    assert {who: one and one.may_look for who, one in found.items()} == {"coordinator": True, "nurse": False}


@pytest.mark.databases("sqlite")
def test_an_item_that_is_kept_from_the_writer_is_never_corrected_by_them(drafted: Play) -> None:
    page = page_of_case(drafted)
    drafted.does("minutetaker", interests.declare_interest, WEST, "WEST-0001")
    refused = (
        drafted.refused("minutetaker", correcting.correct_item, page.minutes_id, page.item_id, [], reason="Misheard."),
        drafted.refused("minutetaker", offer_decision, page.minutes_id, page.page, page.item_id, None),
    )
    assert refused == (unseen("that item"), unseen("that item"))


@pytest.mark.databases("sqlite")
def test_a_correction_of_an_item_is_counted_only_for_who_may_read_it(drafted: Play) -> None:
    corrects(drafted, "coordinator", page_of_case(drafted), "shared", "Attended the clinic once.")
    drafted.does("vicechair", interests.declare_interest, WEST, "WEST-0001")
    counted = {
        who: drafted.does(who, approving.draft_to_send_back, newest(drafted)).corrections
        for who in ("chair", "vicechair")
    }
    assert counted == {"chair": 1, "vicechair": 0}
