"""Interests: who steps back, who hears of it and in which words, who may take it back, and what the minutes say."""

import pytest
from sqlmodel import select

from bot.errors import NotForYou
from bot.models.cases import Recusal
from bot.models.minutes import Minutes
from bot.models.vocabulary import DecisionKind, NoteKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import changes
from bot.services.cases import interests, lists
from bot.services.cases.interests import InterestNotice
from bot.services.meeting import discussion, opening
from bot.services.minutes import papers
from bot.services.minutes.record import facts_for
from tests.county import WEST, actor, user_id
from tests.services.actions.test_changes import give
from tests.services.conftest import NO_PANEL, Play, unseen

pytestmark = pytest.mark.databases("sqlite")

STEP_DOWN = DecisionForm(DecisionKind.STEP_DOWN, "The plan holds.")
NOT_THEIRS = (
    "You haven't declared an interest in this case yourself, so you can't take one back. If something is wrong, "
    "speak to the chair."
)


def _sees(play: Play, who: str, reference: str) -> bool:
    return reference in repr(play.does(who, lists.list_flags, WEST).flags)


def _notices(play: Play, who: str, *, withdrawn: bool = False) -> InterestNotice:
    with play.store.work() as work:
        recusal = work.session.exec(select(Recusal)).one()
        return interests.interest_for_notice(
            work, actor(work, who), recusal.id or 0, play.county.west_id, withdrawn=withdrawn
        )


def _withdrew(play: Play, *references: str) -> dict[str, tuple[str, ...]]:
    play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.looking() as work:
        drafted = work.session.exec(select(Minutes).order_by(Minutes.id.desc())).first()  # type: ignore[union-attr]
        assert drafted is not None
        facts, _ = facts_for(work, actor(work, "chair"), drafted)
    return {item.title: item.withdrew for item in facts.items if item.title in references}


@pytest.mark.databases("sqlite", "postgresql")
def test_who_declared_it_themselves_takes_it_back_themselves(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    assert not _sees(play, "nurse", "WEST-0001")
    found = play.does("nurse", interests.withdraw_interest, WEST, "west-0001")
    assert (found.name, found.reference, found.is_own) == ("Nurse", "WEST-0001", True)
    assert _sees(play, "nurse", "WEST-0001")
    nurse, case = play.county.person["nurse"], play.audited("recuse")[0][1]
    assert play.audited("take_back_recusal") == [("case", case, "nurse"), ("person", nurse, "nurse")]
    assert play.sent("interest_noted", "interest_withdrawn") == []


@pytest.mark.databases("sqlite", "postgresql")
def test_it_can_be_declared_again(play: Play) -> None:
    play.accepted("WEST-0001")
    for _ in range(2):
        play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
        play.does("nurse", interests.withdraw_interest, WEST, "WEST-0001")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    assert not _sees(play, "nurse", "WEST-0001")


def test_once_it_was_discussed_only_the_chair_takes_it_back(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    assert play.refused("nurse", interests.withdraw_interest, WEST, "WEST-0001") == NOT_THEIRS
    play.does("chair", discussion.decide, WEST, STEP_DOWN)
    play.does("chair", discussion.next_item, WEST)
    assert play.refused("nurse", interests.withdraw_interest, WEST, "WEST-0001") == NOT_THEIRS
    play.does("chair", interests.withdraw_interest, WEST, "WEST-0001", user_id("nurse"), "It was another family.")
    assert _sees(play, "nurse", "WEST-0001")


def test_who_was_made_to_step_back_is_told_without_the_reference_and_cannot_find_it_out(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse"))
    assert play.sent("interest_noted") == [("interest_noted", "nurse")]
    assert _notices(play, "nurse") == InterestNotice("West Operational MET", is_withdrawn=False, by_chair=True)
    tried = {
        play.refused("nurse", interests.withdraw_interest, WEST, reference) for reference in ("WEST-0001", "WEST-0099")
    }
    assert tried == {NOT_THEIRS}
    play.does("coordinator", interests.withdraw_interest, WEST, "WEST-0001", user_id("nurse"), "A slip of the finger.")
    assert play.sent("interest_withdrawn") == [("interest_withdrawn", "nurse")]
    assert _notices(play, "nurse", withdrawn=True) == InterestNotice(
        "West Operational MET", is_withdrawn=True, by_chair=False
    )


def test_nobody_is_told_of_a_closed_item_they_never_knew_of(play: Play) -> None:
    play.flags("WEST-0001", closed=True)
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse"))
    assert play.sent("interest_noted") == []
    play.does("chair", interests.withdraw_interest, WEST, "WEST-0001", user_id("nurse"), "It was another family.")
    assert play.sent("interest_withdrawn") == []


@pytest.mark.parametrize("who", ["countychair", "outsider", "ghost"])
def test_an_interest_is_noted_only_for_people_of_the_panel(play: Play, who: str) -> None:
    play.accepted("WEST-0001")
    said = f"<@{user_id(who)}> has no place on West Operational MET. I can note an interest only for its members."
    assert play.refused("chair", interests.declare_interest, WEST, "WEST-0001", user_id(who)) == said
    assert play.refused("chair", interests.withdraw_interest, WEST, "WEST-0001", user_id(who), "Over.") == said
    with play.store.looking() as work:
        assert work.session.exec(select(Recusal)).all() == []


def test_noting_one_for_a_case_that_the_office_may_not_read_is_answered_as_for_one_that_is_not_there(
    play: Play,
) -> None:
    play.flags("WEST-0001", closed=True)
    tried = {
        play.refused("coordinator", interests.declare_interest, WEST, reference, user_id("nurse")).replace(
            reference, "it"
        )
        for reference in ("WEST-0001", "WEST-0099")
    }
    assert len(tried) == 1


@pytest.mark.parametrize("who", ["nurse", "observer"])
def test_who_could_not_read_the_case_is_not_told_that_an_interest_was_noted(play: Play, who: str) -> None:
    is_closed = who == "nurse"
    play.flags("WEST-0001", closed=is_closed)
    if is_closed:
        play.flags("WEST-0001", who)  # their own flag, which was answered as if the reference were new
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id(who))
    play.does("chair", interests.withdraw_interest, WEST, "WEST-0001", user_id(who), "It was another family.")
    assert play.sent("interest_noted", "interest_withdrawn") == []


def test_taking_it_back_for_a_person_needs_office_sight_and_a_reason(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse"))
    nurse = user_id("nurse")
    assert play.refused("constable", interests.withdraw_interest, WEST, "WEST-0001", nurse, "It is over.") == (
        "Only the chair and the co-ordinator can declare another member's interest, or take it back."
    )
    assert play.refused("chair", interests.withdraw_interest, WEST, "WEST-0001", nurse) == (
        "Why are you taking it back? "
        "Add the reason, such as `/meeting no-interest WEST-0001 @Nurse because it was declared "
        "for the wrong case`."
    )
    assert "phone number" in play.refused(
        "chair", interests.withdraw_interest, WEST, "WEST-0001", nurse, "Rang 07700 900123."
    )
    assert play.refused("chair", interests.withdraw_interest, WEST, "WEST-0001", user_id("matron"), "Over.") == (
        "Matron has no declared interest in WEST-0001."
    )
    play.does("coordinator", interests.declare_interest, WEST, "WEST-0001")
    refused = play.refused("coordinator", interests.withdraw_interest, WEST, "WEST-0001", nurse, "It is over.")
    assert refused.startswith("I can't find case WEST-0001")


def test_the_chair_learns_which_actions_need_another_holder(play: Play) -> None:
    play.accepted("WEST-0001")
    given = [
        play.does(
            "chair",
            changes.add_action,
            WEST,
            holder_user_id=user_id("nurse"),
            text="Ring the school.",
            due="in 2 weeks",
            case_reference=reference,
        ).id
        for reference in ("WEST-0001", None, "WEST-0001")
    ]
    found = play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse"))
    assert [action.id for action in found.held] == [given[0], given[2]]
    assert play.sent("interest_holds") == []


def test_the_chair_is_told_when_a_holder_steps_back_themselves(play: Play) -> None:
    play.accepted("WEST-0001")
    given = play.does(
        "chair",
        changes.add_action,
        WEST,
        holder_user_id=user_id("nurse"),
        text="Ring the school.",
        due="in 2 weeks",
        case_reference="WEST-0001",
    )
    found = play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    assert [action.id for action in found.held] == [given.id]
    assert play.sent("interest_holds") == [("interest_holds", "chair")]
    with play.store.work() as work:
        recusal = work.session.exec(select(Recusal)).one()
        told = interests.held_for_notice(work, actor(work, "chair"), recusal.id or 0, play.county.west_id)
    assert (told.name, [action.id for action in told.held]) == ("Nurse", [given.id])


def test_minutes_say_that_they_withdrew_though_it_was_taken_back_since(play: Play) -> None:
    for reference in ("WEST-0001", "WEST-0002", "WEST-0003"):
        play.accepted(reference)
        play.does("chair", interests.declare_interest, WEST, reference, user_id("nurse"))
    play.does("chair", interests.withdraw_interest, WEST, "WEST-0002", user_id("nurse"), "It was another family.")
    play.at(3, 24, 14)
    decisions = {f"WEST-000{number}": STEP_DOWN for number in (1, 2, 3)}
    play.holds(decisions)
    play.at(3, 24, 17)
    play.does("chair", interests.withdraw_interest, WEST, "WEST-0003", user_id("nurse"), "It was another family.")
    play.does("chair", interests.declare_interest, WEST, "WEST-0002", user_id("matron"))
    assert _withdrew(play, *decisions) == {"WEST-0001": ("Nurse",), "WEST-0002": (), "WEST-0003": ("Nurse",)}


def test_what_was_taken_back_in_the_meeting_before_the_item_leaves_no_trace(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse"))
    play.at(3, 24, 14)
    play.opens()
    play.at(3, 24, 14, 5)
    play.does("chair", interests.withdraw_interest, WEST, "WEST-0001", user_id("nurse"), "It was another family.")
    play.at(3, 24, 14, 10)
    play.goes_to("WEST-0001")
    play.does("chair", discussion.add_note, WEST, "Health: seen in clinic.", NoteKind.SHARED)
    play.does("chair", discussion.decide, WEST, STEP_DOWN)
    play.does("chair", opening.close_meeting, WEST)
    assert _withdrew(play, "WEST-0001") == {"WEST-0001": ()}


def test_only_who_reads_cases_declares_an_interest_or_takes_it_back(play: Play) -> None:
    play.accepted("WEST-0001")
    for use_case in (interests.declare_interest, interests.withdraw_interest):
        assert play.refused("outsider", use_case, WEST, "WEST-0001") == NO_PANEL
        assert play.refused("observer", use_case, WEST, "WEST-0001") == (
            "On West Operational MET, observers can't see cases."
        )


def test_who_lost_their_place_is_not_told_of_their_interest(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse"))
    assert _notices(play, "nurse") == InterestNotice("West Operational MET", is_withdrawn=False, by_chair=True)
    play.loses_place("nurse")
    with pytest.raises(NotForYou, match="I can't find that item, or it isn't for you"):
        _notices(play, "nurse")


def test_what_a_person_who_stepped_back_holds_is_only_for_an_office_that_reads_the_case(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("nurse"))
    play.does("coordinator", interests.declare_interest, WEST, "WEST-0001")
    with play.store.reading() as work:
        recusal_id = next(one.id or 0 for one in work.session.exec(select(Recusal)))
    for who in ("constable", "minutetaker", "coordinator", "outsider"):
        refusal = play.refused(who, interests.held_for_notice, recusal_id, play.county.west_id)
        assert refusal == unseen("that item")


def test_a_chair_who_stepped_back_too_is_not_told_what_the_other_holds(play: Play) -> None:
    play.accepted("WEST-0001")
    give(play, case_reference="WEST-0001")
    play.does("chair", interests.declare_interest, WEST, "WEST-0001")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    assert play.sent("interest_holds") == []
