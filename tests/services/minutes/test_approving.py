"""The life of a draft: with the chair, sent back, approved by another person than its writer; closed items apart."""

import pytest
from sqlmodel import col

from bot.models.minutes import Minutes, MinutesEvent, MinutesPart
from bot.models.panels import Membership
from bot.models.vocabulary import MinutesState, MinutesStep
from bot.services.cases import closed_items, interests
from bot.services.home import overview
from bot.services.meeting import discussion, opening
from bot.services.minutes import approving, papers
from tests.county import WEST
from tests.services.conftest import NO_PANEL, Play, unseen


@pytest.fixture
def held(play: Play) -> Play:
    """Hold the meeting of 24 March and close it without a record."""
    play.at(3, 24, 14)
    play.holds({})
    return play


def steps(play: Play) -> list[tuple[int, MinutesStep]]:
    """Return what happened to each version, in order."""
    with play.store.reading() as work:
        versions = {one.id: one.version for one in work.find_all(Minutes)}
        return [(versions[one.minutes_id], one.step) for one in work.find_all(MinutesEvent, by=[col(MinutesEvent.id)])]


def test_a_draft_is_sent_back_with_remarks_written_again_and_approved(held: Play) -> None:
    first = held.does("minutetaker", papers.draft_minutes, WEST)
    assert (first.state, first.approvers) == (MinutesState.WITH_CHAIR, ("Chair (chair)", "Vicechair (vice-chair)"))
    assert held.refused("chair", approving.send_back, WEST, " ") == (
        "What should be different? The person who drafted the minutes can read this."
    )
    back = held.does("chair", approving.send_back, WEST, "Item 6 lacks what the school said.")
    assert back.state is MinutesState.SENT_BACK
    assert held.sent("minutes_sent_back") == [("minutes_sent_back", "minutetaker")]
    found = held.does("minutetaker", approving.remarks_on, first.id)
    assert found is not None
    assert (found.by_name, found.remarks) == ("Chair", "Item 6 lacks what the school said.")
    assert held.refused("chair", approving.approve_minutes, WEST) == (
        "This draft was sent back. `/minutes draft` writes the next version and sends it to the chair."
    )
    held.does("minutetaker", papers.draft_minutes, WEST)
    assert held.refused("chair", approving.approve_this, first.id) == (
        "Version 2 was written in the meantime, so I left version 1 as it was. "
        "`/minutes export` sends you the newest version."
    )
    assert held.does("chair", approving.approve_minutes, WEST).state is MinutesState.CIRCULATED
    assert steps(held) == [
        (1, MinutesStep.DRAFTED),
        (1, MinutesStep.SUBMITTED),
        (1, MinutesStep.SENT_BACK),
        (1, MinutesStep.REPLACED),
        (2, MinutesStep.DRAFTED),
        (2, MinutesStep.SUBMITTED),
        (2, MinutesStep.APPROVED),
        (2, MinutesStep.CIRCULATED),
    ]


@pytest.mark.databases("sqlite")
def test_the_writer_of_minutes_does_not_approve_them(held: Play) -> None:
    drafted = held.does("chair", papers.draft_minutes, WEST)
    assert drafted.approvers == ("Vicechair (vice-chair)",)
    assert held.sent("minutes_drafted") == [("minutes_drafted", "chair"), ("minutes_drafted", "vicechair")]
    said = "You drafted these minutes. Another person must approve the minutes: Vicechair (vice-chair)."
    assert held.refused("chair", approving.approve_minutes, WEST) == said
    assert held.refused("chair", approving.send_this_back, drafted.id, "Wrong.") == said
    held.does("vicechair", approving.approve_this, drafted.id)
    assert held.refused("vicechair", approving.send_this_back, drafted.id, "Wrong.") == (
        "These minutes are approved already. To add a correction slip: `/minutes amend`."
    )


@pytest.mark.databases("sqlite")
def test_minutes_that_nobody_else_may_approve_stay_a_draft_and_say_what_to_do(held: Play) -> None:
    held.loses_place("vicechair")
    assert held.does("chair", papers.draft_minutes, WEST).state is MinutesState.DRAFT
    assert held.refused("chair", approving.approve_minutes, WEST) == (
        "You drafted these minutes. Another person must approve the minutes, but nobody else on this panel may. "
        "Ask the co-ordinator to name a vice-chair, or ask another person to draft the minutes with `/minutes draft`."
    )
    held.does("coordinator", papers.draft_minutes, WEST)
    assert held.does("chair", approving.approve_minutes, WEST).version == 2


@pytest.mark.databases("sqlite")
def test_a_vice_chair_who_comes_later_approves_a_draft_that_nobody_could(held: Play) -> None:
    held.loses_place("vicechair")
    drafted = held.does("chair", papers.draft_minutes, WEST)
    assert drafted.state is MinutesState.DRAFT
    with held.store.work() as work:
        for place in work.find_all(Membership, col(Membership.person_id) == held.county.person["vicechair"]):
            place.ended_at = None
            work.session.add(place)
    (card,) = held.does("vicechair", overview.home_of).chairing
    assert len(card.to_approve) == 1
    assert held.does("vicechair", approving.draft_to_send_back, drafted.id).version == 1
    held.does("vicechair", approving.approve_minutes, WEST)
    assert steps(held) == [
        (1, MinutesStep.DRAFTED),
        (1, MinutesStep.SUBMITTED),
        (1, MinutesStep.APPROVED),
        (1, MinutesStep.CIRCULATED),
    ]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("who", ["minutetaker", "coordinator"])
def test_those_who_write_minutes_but_do_not_approve_them_are_told_who_does_and_what_to_do(held: Play, who: str) -> None:
    drafted = held.does("minutetaker", papers.draft_minutes, WEST)
    said = (
        "On West Operational MET, only the chair and vice-chair can approve minutes. To correct a draft, use "
        "`/minutes look west-met`."
    )
    assert held.refused(who, approving.approve_minutes, WEST) == said
    assert held.refused(who, approving.send_back, WEST, "Wrong.") == said
    assert held.refused(who, approving.approve_this, drafted.id) == said
    assert held.refused(who, approving.draft_to_send_back, drafted.id) == said
    assert held.refused("nurse", approving.approve_minutes, WEST) == (
        "On West Operational MET, only the chair and vice-chair can approve minutes."
    )


def hears_closed_item(play: Play) -> None:
    """Hold the meeting of 24 March with a note on a closed item for chair, vice-chair and nurse. Draft its minutes."""
    play.accepted("WEST-0001", who="nurse")
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A professional is a suspect.")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("chair", discussion.add_note, WEST, "The school is worried.")
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)


def test_closed_items_that_the_approver_recorded_are_approved_by_another_of_their_readers(play: Play) -> None:
    hears_closed_item(play)
    approved = play.does("chair", approving.approve_minutes, WEST)
    assert approved.annex == ("Nurse", "Vicechair")
    assert play.sent("minutes_annex") == [("minutes_annex", "vicechair"), ("minutes_annex", "nurse")]
    for who in ("chair", "minutetaker", "constable"):
        assert play.refused(who, approving.approve_annex, approved.id).startswith("I can't find those minutes")
    assert play.does("vicechair", approving.annex_for_notice, approved.id) is not None
    play.does("vicechair", approving.approve_annex, approved.id)
    assert play.does("vicechair", approving.annex_for_notice, approved.id) is None
    with play.store.reading() as work:
        (part,) = work.find_all(MinutesPart, col(MinutesPart.needs_another))
        assert part.approved_by_id == play.county.person["vicechair"]


@pytest.mark.databases("sqlite")
def test_closed_items_that_another_recorded_need_nobody_else(play: Play) -> None:
    hears_closed_item(play)
    assert play.does("vicechair", approving.approve_minutes, WEST).annex is None
    assert play.sent("minutes_annex") == []


@pytest.mark.databases("sqlite")
def test_a_draft_is_looked_at_by_those_who_write_and_approve(held: Play) -> None:
    drafted = held.does("minutetaker", papers.draft_minutes, WEST)
    shown = {who: held.does(who, approving.draft_for_notice, drafted.id) for who in ("chair", "minutetaker")}
    assert {who: found.may_approve for who, found in shown.items() if found} == {"chair": True, "minutetaker": False}
    assert held.refused("nurse", approving.draft_for_notice, drafted.id).startswith("I can't find those minutes")
    assert held.refused("nurse", approving.approve_this, drafted.id).startswith("I can't find those minutes")
    held.does("chair", approving.approve_minutes, WEST)
    assert held.does("chair", approving.draft_for_notice, drafted.id) is None


@pytest.mark.databases("sqlite")
def test_only_the_chair_approves_and_only_who_writes_minutes_is_sent_to_correct_them(held: Play) -> None:
    drafted = held.does("minutetaker", papers.draft_minutes, WEST)
    only = "On West Operational MET, only the chair and vice-chair can approve minutes."
    look = f"{only} To correct a draft, use `/minutes look west-met`."
    refused = {
        who: held.refused(who, approving.approve_minutes, WEST)
        for who in ("outsider", "observer", "nurse", "minutetaker", "coordinator")
    }
    assert refused == {
        "outsider": NO_PANEL,
        "observer": "On West Operational MET, observers can't read minutes.",
        "nurse": only,
        "minutetaker": look,
        "coordinator": look,
    }
    by_number = {
        who: held.refused(who, approving.approve_this, drafted.id)
        for who in ("outsider", "observer", "nurse", "coordinator")
    }
    assert by_number == {**dict.fromkeys(by_number, unseen("those minutes")), "coordinator": look}


@pytest.mark.databases("sqlite")
def test_only_who_writes_minutes_reads_why_a_draft_was_sent_back(held: Play) -> None:
    drafted = held.does("minutetaker", papers.draft_minutes, WEST)
    held.does("chair", approving.send_back, WEST, "Item 6 lacks what the school said.")
    for who in ("nurse", "observer", "outsider"):
        assert held.refused(who, approving.remarks_on, drafted.id) == unseen("those minutes")


@pytest.mark.databases("sqlite")
def test_an_item_that_the_approver_may_not_read_is_approved_by_another_reader_and_never_named_to_them(
    play: Play,
) -> None:
    play.accepted("WEST-0666", closed=True)
    play.does("chair", interests.declare_interest, WEST, "WEST-0666")
    play.at(3, 24, 14)
    play.opens("vicechair")
    play.goes_to("WEST-0666", "vicechair")
    play.does("vicechair", discussion.add_note, WEST, "Health: attended twice")
    play.does("vicechair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    assert play.does("chair", approving.approve_minutes, WEST).annex is None
    assert play.sent("minutes_annex") == [("minutes_annex", "socialworker")]
