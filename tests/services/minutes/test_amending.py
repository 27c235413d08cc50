"""Slips to approved minutes: numbered, approved by another than their writer, printed, told to who had them."""

import pytest
from sqlmodel import col

from bot.documents.minutes import Amendment
from bot.domain.notices import Notice
from bot.models.cases import Case
from bot.models.minutes import Minutes
from bot.services.cases import closed_items, interests, merging
from bot.services.meeting import discussion, opening
from bot.services.minutes import amending, approving, papers
from bot.services.minutes.record import facts_for
from bot.store.rows import id_of
from bot.store.slack_files import FileRecord, mark_arrived, note_file
from tests.county import WEST, actor, user_id
from tests.services.conftest import NO_PANEL, Play, unseen


@pytest.fixture
def drafted(play: Play) -> Play:
    """Minutes of 24 March on WEST-0001, and on WEST-0666, a closed item of chair, vice-chair and nurse, are drafted."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", who="nurse")
    play.does("chair", closed_items.close_item, WEST, "WEST-0666", "A professional is a suspect.")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("coordinator", discussion.add_note, WEST, "Health: attended twice")
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    return play


@pytest.fixture
def approved(drafted: Play) -> Play:
    """They are approved."""
    drafted.does("chair", approving.approve_minutes, WEST)
    return drafted


def item(play: Play, who: str, reference: str) -> tuple[int, str]:
    """Return an item of the form by its case, as this person is offered it."""
    found = [one for one in play.does(who, amending.offer_slip, WEST).items if one[1].endswith(reference)]
    assert found, f"{who} is not offered {reference}"
    return found[0]


def writes(play: Play, who: str, reference: str | None, says: str) -> int:
    """Write a slip to an item, and return its number."""
    item_id = item(play, who, reference)[0] if reference else None
    return play.does(who, amending.write_slip, 1, item_id, says, "It was misheard.").id


def printed(play: Play, who: str) -> list[Amendment]:
    """Return the slips in the minutes that this person is sent."""
    with play.store.work() as work:
        return list(facts_for(work, actor(work, who), work.session.get_one(Minutes, 1))[0].amendments)


def test_a_slip_gets_its_number_when_it_is_approved_and_is_printed_with_who_and_why(approved: Play) -> None:
    slip_id = writes(approved, "nurse", "WEST-0001", "Attended once.")
    assert approved.sent("amendment_asked") == [("amendment_asked", "chair")]
    assert printed(approved, "nurse") == []
    assert approved.refused("constable", amending.show_slip, slip_id).startswith("I can't find that slip")
    assert approved.refused("nurse", amending.decide_slip, slip_id, approved=True).startswith("I can't find that slip")
    number = item(approved, "nurse", "WEST-0001")[1].split()[0]
    done = approved.does("chair", amending.decide_slip, slip_id, approved=True)
    assert (done.number, done.decided_by) == (f"{number}-1", "Chair")
    again = writes(approved, "constable", "WEST-0001", "Attended on Monday.")
    assert approved.does("vicechair", amending.decide_slip, again, approved=True).number == f"{number}-2"
    first, second = printed(approved, "socialworker")
    assert first == Amendment(
        number=f"{number}-1",
        item=f"Item {number}, WEST-0001",
        text="Attended once.",
        reason="It was misheard.",
        by="written by Nurse, approved by Chair",
        made_on=done.decided_at.date() if done.decided_at else None,  # type: ignore[arg-type]
    )
    assert second.number == f"{number}-2"
    told = [who for _, who in approved.sent("minutes_amended")]
    assert sorted(told) == sorted(
        [
            *("constable", "coordinator", "matron", "midwife", "minutetaker", "nurse", "socialworker", "vicechair"),
            *("chair", "constable", "coordinator", "matron", "midwife", "minutetaker", "nurse", "socialworker"),
        ]
    )
    assert approved.refused("chair", amending.decide_slip, slip_id, approved=False) == (
        "Chair has approved that slip already."
    )


def test_a_slip_about_a_closed_item_is_for_its_readers_and_leaves_no_gap(approved: Play) -> None:
    hidden = writes(approved, "nurse", "WEST-0666", "The college is worried.")
    approved.does("chair", amending.decide_slip, hidden, approved=True)
    seen = writes(approved, "nurse", None, "The meeting ended at four.")
    approved.does("chair", amending.decide_slip, seen, approved=True)
    assert [one.text for one in printed(approved, "vicechair")] == [
        "The college is worried.",
        "The meeting ended at four.",
    ]
    assert [(one.number, one.item) for one in printed(approved, "constable")] == [("1", "")]
    assert approved.does("constable", amending.slip_for_notice, hidden) is None
    assert approved.refused("constable", amending.show_slip, hidden).startswith("I can't find that slip")
    item_id, _ = item(approved, "nurse", "WEST-0666")
    assert approved.refused("constable", amending.write_slip, 1, item_id, "I ask.", "To know.").startswith(
        "I can't find that item"
    )


@pytest.mark.parametrize("kind", [Notice.SUMMARY_FILE, Notice.PACK_FILE, Notice.ANNEX_FILE, Notice.EXTRACT_FILE])
@pytest.mark.databases("sqlite")
def test_a_person_who_had_a_paper_made_of_the_minutes_is_told(approved: Play, kind: Notice) -> None:
    slip_id = writes(approved, "nurse", "WEST-0001", "Attended once.")
    has_a_paper(approved, "outsider", kind)
    has_a_paper(approved, "countychair", Notice.AGENDA_FILE)
    approved.does("chair", amending.decide_slip, slip_id, approved=True)
    told = {who for _, who in approved.sent("minutes_amended")}
    assert ("outsider" in told, "countychair" in told) == (True, False)


@pytest.mark.databases("sqlite")
def test_an_extract_over_several_meetings_counts_for_its_own_child(approved: Play) -> None:
    of_it, whole = writes(approved, "nurse", "WEST-0001", "Attended once."), writes(approved, "nurse", None, "At four.")
    has_a_paper(approved, "outsider", Notice.EXTRACT_FILE, of_meeting=False)
    for slip_id, is_told in ((whole, False), (of_it, True)):
        approved.does("chair", amending.decide_slip, slip_id, approved=True)
        assert ("minutes_amended", "outsider") in approved.sent("minutes_amended") or not is_told
        assert ("minutes_amended", "outsider") not in approved.sent("minutes_amended") or is_told


@pytest.mark.databases("sqlite")
def test_a_person_who_had_the_papers_in_an_export_is_told(approved: Play) -> None:
    slip_id = writes(approved, "nurse", "WEST-0001", "Attended once.")
    with approved.store.work() as work:
        minutes = work.session.get_one(Minutes, 1)
        for who, meeting_id in (("outsider", minutes.meeting_id), ("countychair", minutes.meeting_id + 1)):
            person_id = approved.county.person[who]
            work.audit("disclose", "export", meeting_id, panel_id=approved.county.west_id, actor_id=person_id)
    approved.does("chair", amending.decide_slip, slip_id, approved=True)
    told = {who for _, who in approved.sent("minutes_amended")}
    assert ("outsider" in told, "countychair" in told) == (True, False)


def has_a_paper(play: Play, who: str, kind: Notice, *, of_meeting: bool = True) -> None:
    """Note that a paper about WEST-0001 has reached this person as a file."""
    with play.store.work() as work:
        minutes = work.session.get_one(Minutes, 1)
        (case,) = work.find_all(Case, col(Case.reference) == "WEST-0001")
        record = FileRecord(
            kind=kind.value,
            person_id=play.county.person[who],
            panel_id=play.county.west_id,
            meeting_id=minutes.meeting_id if of_meeting else None,
            case_ids=frozenset({id_of(case)}),
            remove_after=work.now,
        )
        note_file(work.session, record, f"F{who}{kind.value}", "D1", work.now)
        mark_arrived(work.session, f"F{who}{kind.value}", work.now)


@pytest.mark.databases("sqlite")
def test_what_the_chair_wrote_is_approved_by_the_vice_chair(approved: Play) -> None:
    slip_id = writes(approved, "chair", "WEST-0001", "Attended once.")
    assert approved.sent("amendment_asked") == [("amendment_asked", "vicechair")]
    assert approved.refused("chair", amending.decide_slip, slip_id, approved=True) == (
        "You wrote this slip, so another person must approve it: Vicechair, vice-chair."
    )
    assert approved.refused("vicechair", amending.decide_slip, slip_id, approved=False, refusal=" ") == (
        "Why are you refusing it? The person who wrote the slip can read this."
    )
    refused = approved.does(
        "vicechair", amending.decide_slip, slip_id, approved=False, refusal="The register says twice."
    )
    assert (refused.number, refused.refusal) == ("", "The register says twice.")
    assert approved.does("chair", amending.show_slip, slip_id)[0].refusal == "The register says twice."
    assert approved.refused("constable", amending.show_slip, slip_id).startswith("I can't find that slip")
    assert approved.sent("minutes_amended") == [("minutes_amended", "chair")]
    assert printed(approved, "nurse") == []
    approved.loses_place("vicechair")
    item_id, _ = item(approved, "chair", "WEST-0001")
    assert approved.refused("chair", amending.write_slip, 1, item_id, "Once.", "Misheard.") == (
        "Nobody else who reads that item may approve the slip. The co-ordinator can give a person the place of "
        "vice-chair."
    )


@pytest.mark.databases("sqlite")
def test_a_slip_to_a_draft_is_refused_with_who_corrects_it_and_how(drafted: Play) -> None:
    assert drafted.refused("chair", amending.offer_slip, WEST) == (
        "The minutes of 24 March 2026 are not approved yet. Until they are, you can correct them: "
        "`/minutes look 24 March 2026 west-met`."
    )
    said = (
        "The minutes of 24 March 2026 are not approved yet. "
        "Until they are, tell the minute-taker, the co-ordinator or the chair what is wrong."
    )
    assert drafted.refused("nurse", amending.offer_slip, WEST) == said
    assert drafted.refused("nurse", amending.write_slip, 1, None, "Four o'clock.", "Misheard.") == said


@pytest.mark.databases("sqlite")
def test_a_slip_goes_with_its_case_when_two_references_are_one_child(approved: Play) -> None:
    slip_id = writes(approved, "nurse", "WEST-0001", "Attended once.")
    approved.does("chair", amending.decide_slip, slip_id, approved=True)
    approved.flags("WEST-0002")
    approved.does("chair", merging.merge_references, WEST, "WEST-0001", "WEST-0002", "The health number is the same.")
    approved.does("chair", interests.declare_interest, WEST, "WEST-0002", user_id("matron"))
    assert [one.text for one in printed(approved, "nurse")] == ["Attended once."]
    assert printed(approved, "matron") == []
    assert approved.refused("matron", amending.show_slip, slip_id).startswith("I can't find that slip")


@pytest.mark.databases("sqlite")
def test_only_who_reads_minutes_is_offered_a_slip_or_shown_one(approved: Play) -> None:
    assert approved.refused("outsider", amending.offer_slip, WEST) == NO_PANEL
    assert approved.refused("observer", amending.offer_slip, WEST) == (
        "On West Operational MET, observers can't read minutes."
    )
    slip_id = writes(approved, "nurse", None, "Attended once.")
    approved.does("chair", amending.decide_slip, slip_id, approved=True)
    for who in ("observer", "countychair", "outsider"):
        assert approved.refused(who, amending.offer_slip_to, 1) == unseen("those minutes")
        assert approved.refused(who, amending.show_slip, slip_id) == unseen("that slip")


@pytest.mark.databases("sqlite")
def test_a_slip_to_an_item_is_only_for_who_may_read_the_item(approved: Play) -> None:
    item_id = item(approved, "nurse", "WEST-0666")[0]
    given = (1, item_id, "Attended once.", "It was misheard.")
    assert approved.refused("constable", amending.write_slip, *given) == unseen("that item")
    slip_id = approved.does("nurse", amending.write_slip, *given).id
    approved.does("chair", amending.decide_slip, slip_id, approved=True)
    assert approved.refused("constable", amending.show_slip, slip_id) == unseen("that slip")


@pytest.mark.databases("sqlite")
def test_a_chair_who_stepped_back_from_the_item_is_not_asked_about_its_slip(approved: Play) -> None:
    approved.does("chair", interests.declare_interest, WEST, "WEST-0001")
    writes(approved, "nurse", "WEST-0001", "Attended once.")
    assert approved.sent("amendment_asked") == [("amendment_asked", "vicechair")]


@pytest.mark.databases("sqlite")
def test_until_approval_only_who_writes_minutes_is_sent_to_correct_them(drafted: Play) -> None:
    until = "The minutes of 24 March 2026 are not approved yet. Until they are,"
    assert drafted.refused("minutetaker", amending.offer_slip, WEST) == (
        f"{until} you can correct them: `/minutes look 24 March 2026 west-met`."
    )
    assert drafted.refused("nurse", amending.offer_slip, WEST) == (
        f"{until} tell the minute-taker, the co-ordinator or the chair what is wrong."
    )
