"""Actions: given, moved, extended and reported on, by the people who may and nobody else."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from bot.domain.permissions import Verb
from bot.domain.states import Rag
from bot.models.actions import Action
from bot.models.vocabulary import (
    ActionEventKind,
    ActionKind,
    ActionState,
    AttendanceStatus,
    DecisionKind,
    Priority,
)
from bot.records.access.queries import Where, find_panel
from bot.records.actions.queries import ActionView, Report, extension_asked_for
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import accepting, changes, tracker
from bot.services.actions.tracker import HistoryLine
from bot.services.cases import interests
from bot.services.meeting import discussion, opening
from bot.store.unit_of_work import draw_any
from tests.county import WEST, actor, user_id
from tests.services.conftest import NO_PANEL, Play, unseen


def give(play: Play, who: str = "coordinator", holder: str = "nurse", due: str = "2026-03-09", **more: str) -> int:
    """Give a member something to do. Return the action's number."""
    given = play.does(
        who, changes.add_action, WEST, holder_user_id=user_id(holder), text="Ring the school nurse", due=due, **more
    )
    return given.id


def test_an_action_is_answered_with_all_that_is_known_of_it(play: Play) -> None:
    view = play.does(
        "coordinator",
        changes.add_action,
        WEST,
        holder_user_id=user_id("nurse"),
        text="  Ring the\n school nurse ",
        due="Friday 13 March",
        priority=Priority.HIGH,
    )
    assert view == ActionView(
        id=1,
        kind=ActionKind.OTHER,
        text="Ring the school nurse",
        state=ActionState.OPEN,
        rag=Rag.GREEN,
        priority=Priority.HIGH,
        due_on=date(2026, 3, 13),
        today=date(2026, 3, 2),
        agreed_on=date(2026, 3, 2),
        holder_id=play.county.person["nurse"],
        holder_name="Nurse",
        holder_user_id="UNURSE",
        agency_id=play.county.agency["health"],
        agency_name="Health",
        panel_id=play.county.west_id,
        panel_key="west-met",
        panel_title="West Operational MET",
        case_id=None,
        case_reference=None,
        extensions=0,
    )
    assert play.does("coordinator", tracker.show_action, 1).action == view
    assert play.sent() == [("action_given", "nurse")]
    assert play.audited("add") == [("action", 1, "coordinator")]


@pytest.mark.databases("sqlite")
def test_the_kind_is_changed_by_holder_agency_giver_and_chair_and_no_one_else(play: Play) -> None:
    number = give(play)
    for who, kind in (
        ("nurse", ActionKind.VISIT),
        ("coordinator", ActionKind.NRM),
        ("chair", ActionKind.DISRUPTION),
    ):
        assert play.does(who, changes.change_kind, number, kind).kind is kind
    assert play.refused("constable", changes.change_kind, number, ActionKind.OTHER).startswith("Only its holder")
    assert play.refused("outsider", changes.change_kind, number, ActionKind.OTHER).startswith("I can't find action")
    own = give(play, "nurse", "nurse")
    play.does("chair", changes.reassign_action, own, holder_user_id=user_id("constable"))
    assert play.does("nurse", changes.change_kind, own, ActionKind.REFERRAL).kind is ActionKind.REFERRAL
    assert play.audited("change_kind")[0] == ("action", number, "nurse")


@pytest.mark.databases("sqlite")
def test_one_who_gives_themselves_an_action_is_not_told_of_it(play: Play) -> None:
    give(play, "nurse", "nurse")
    assert play.sent() == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("who", "named", "sentence"),
    [
        ("coordinator", {"text": " "}, "What is to be done? Write one thing to do"),
        (
            "coordinator",
            {"text": "x" * 1001},
            "Your text has 1,001 characters, but at most 1,000 fit. Please shorten it.",
        ),
        ("coordinator", {"text": "Ring mum on 07700 900123"}, "phone number"),
        ("coordinator", {"due": "soon"}, "soon"),
        ("coordinator", {"due": "next Friday"}, 'People read "next Friday" in two ways.'),
        ("coordinator", {"due": "2026-02-27"}, "Friday 27 February 2026 has passed."),
        ("coordinator", {"holder_user_id": "UNOBODY"}, "<@UNOBODY> can't hold actions on West Operational MET"),
        ("coordinator", {"holder_user_id": "UOBSERVER"}, "<@UOBSERVER> can't hold actions on West Operational MET"),
        ("coordinator", {"holder_user_id": "UOUTSIDER"}, "<@UOUTSIDER> can't hold actions on West Operational MET"),
        ("nurse", {"holder_user_id": "UCHAIR"}, "You can give actions within your own agency"),
        ("observer", {}, "On West Operational MET, observers can't add actions."),
        ("coordinator", {"case_reference": "WEST-9999"}, "I can't find case WEST-9999, or it isn't for you."),
    ],
)
def test_what_cannot_be_given_is_refused_in_a_sentence_and_leaves_nothing(
    play: Play, who: str, named: dict[str, str], sentence: str
) -> None:
    usual = {"holder_user_id": user_id("nurse"), "text": "Ring the school nurse", "due": "2026-03-09"}
    refusal = play.refused(who, changes.add_action, WEST, **{**usual, **named})
    assert sentence.lower() in refusal.lower()
    assert play.does("chair", tracker.list_actions, WEST, "all").actions == ()
    assert play.sent() == []


@pytest.mark.databases("sqlite")
def test_the_guard_counts_the_age_of_a_date_from_today(play: Play) -> None:
    for typed in ("12/03/2026", "12.3.26", "12/03/2027", "12/03/2023"):
        text = f"prepare the appointment of {typed}"
        given = play.does(
            "nurse", changes.add_action, WEST, holder_user_id=user_id("nurse"), text=text, due="in 2 weeks"
        )
        assert given.text == text
    refusal = play.refused(
        "nurse", changes.add_action, WEST, holder_user_id=user_id("nurse"), text="look up 12/03/2022", due="in 2 weeks"
    )
    assert refusal.startswith("This looks as if it contains a date of birth.")


def test_a_phrase_that_speaks_of_meetings_is_read_by_the_diary(play: Play) -> None:
    assert play.does("nurse", tracker.show_action, give(play, due="the March meeting")).action.due_on == date(
        2026, 3, 24
    )
    refused = play.refused(
        "coordinator",
        changes.add_action,
        WEST,
        holder_user_id=user_id("nurse"),
        text="Ring the school nurse",
        due="within 5 working days of the meeting",
    )
    assert refused == (
        '"within 5 working days of the meeting" may count from this meeting or the next. '
        'Try "Monday 9 March 2026" or "Tuesday 31 March 2026".'
    )


def test_an_action_in_a_meeting_belongs_to_the_item_being_discussed(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    view = play.does(
        "minutetaker",
        changes.add_action,
        WEST,
        holder_user_id=user_id("nurse"),
        text="Book a health check",
        due="next meeting",
    )
    assert (view.case_reference, view.due_on) == ("WEST-0001", date(2026, 4, 21))
    assert play.does("minutetaker", tracker.show_action, view.id).action == view
    current = play.does("chair", discussion.current_item, WEST)
    assert [action.id for action in current.given] == [view.id]
    assert play.sent("action_given") == []
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled."))
    play.does("chair", opening.close_meeting, WEST)
    assert play.sent("meeting_actions") == [("meeting_actions", "nurse")]
    title, mine = play.does("nurse", opening.actions_of_meeting, play.county.west_meetings[0])
    assert (title, [action.id for action in mine]) == ("West Operational MET", [view.id])


def test_an_action_runs_through_its_life_and_its_history_says_so(play: Play) -> None:
    number = give(play)
    reported = play.does("nurse", changes.complete_action, number, "Rang  the nurse;\nshe calls back.")
    assert (reported.state, reported.rag) == (ActionState.DONE, Rag.GREEN)
    assert reported.report == Report(
        event_id=2, on=date(2026, 3, 2), by_name="Nurse", words="Rang the nurse; she calls back."
    )
    assert play.does("chair", accepting.reopen_action, number).state is ActionState.OPEN
    assert play.does("matron", changes.complete_action, number).state is ActionState.DONE
    accepted = play.does("chair", accepting.accept_action, number)
    assert (accepted.state, accepted.rag, accepted.report) == (ActionState.CONFIRMED, Rag.BLUE, None)
    shown = play.does("nurse", tracker.show_action, number)
    assert [(line.kind, line.person_name, line.reason) for line in shown.history] == [
        (ActionEventKind.ADDED, "Coordinator", None),
        (ActionEventKind.DONE, "Nurse", "Rang the nurse; she calls back."),
        (ActionEventKind.REOPENED, "Chair", None),
        (ActionEventKind.DONE, "Matron", None),
        (ActionEventKind.CONFIRMED, "Chair", None),
    ]
    assert (shown.may_answer, shown.may_accept, shown.may_reopen) == (False, False, False)
    assert play.refused("chair", accepting.accept_action, number) == (
        "Action 1 is already accepted as done, so it can't be accepted. "
        "If there is more to do, add a new action, or ask the chair to reopen it. "
        "The action was accepted for the panel by Chair on Mon 2 Mar 2026 at 10:00."
    )


@pytest.mark.databases("sqlite")
def test_not_done_and_no_longer_possible_stay_apart(play: Play) -> None:
    first, second = give(play), give(play)
    assert play.does("nurse", changes.give_up_action, first, possible=True, reason="No staff.").state is (
        ActionState.REPORTED_NOT_DONE
    )
    assert play.does("nurse", changes.give_up_action, second, possible=False, reason="Family moved.").state is (
        ActionState.REPORTED_NOT_POSSIBLE
    )
    reasons = [play.does("chair", tracker.show_action, number).history[-1].reason for number in (first, second)]
    assert reasons == ["No staff.", "Family moved."]
    ended = [play.does("chair", accepting.accept_action, number) for number in (first, second)]
    assert [(one.state, one.rag) for one in ended] == [
        (ActionState.NOT_DONE, Rag.CLOSED),
        (ActionState.NOT_POSSIBLE, Rag.CLOSED),
    ]
    assert play.refused("nurse", changes.give_up_action, give(play), possible=True, reason="") == changes.NO_REASON


@pytest.mark.databases("sqlite")
def test_only_its_agency_and_who_steers_answer_for_an_action(play: Play) -> None:
    number = give(play)
    sentence = "Only the holder, their agency on this panel, the chair or the co-ordinator can report this action."
    assert play.refused("socialworker", changes.complete_action, number) == sentence
    assert play.refused("minutetaker", changes.complete_action, number) == sentence
    assert play.refused("observer", changes.complete_action, number).startswith("I can't find action 1")
    assert play.does("midwife", changes.complete_action, number).state is ActionState.DONE


@pytest.mark.databases("sqlite")
def test_done_twice_is_said_and_not_done_again(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.complete_action, number)
    assert play.refused("nurse", changes.complete_action, number) == (
        "Action 1 is already reported done. If there is more to do, reopen it first. "
        "The action was reported done by Nurse on Mon 2 Mar 2026 at 10:00."
    )
    assert len(play.does("nurse", tracker.show_action, number).history) == 2


@pytest.mark.databases("sqlite")
def test_without_a_chair_the_vice_chair_rules_on_more_time(play: Play) -> None:
    number = give(play)
    play.loses_place("chair")
    for due in ("2026-03-16", "2026-03-20"):
        play.does("nurse", changes.extend_action, number, due=due, reason="School is shut.")
    assert play.sent("extension_asked") == [("extension_asked", "vicechair")]


def test_the_first_extension_is_free_and_the_next_is_for_the_chair(play: Play) -> None:
    number = give(play)
    first = play.does("nurse", changes.extend_action, number, due="2026-03-16", reason="School is shut.")
    assert (first.granted, first.action.due_on, first.action.extensions) == (True, date(2026, 3, 16), 1)
    assert play.sent("extension_asked") == []
    second = play.does("nurse", changes.extend_action, number, due="2026-03-20", reason="Still shut.")
    assert (second.granted, second.asked_for, second.action.due_on) == (False, date(2026, 3, 20), date(2026, 3, 16))
    assert play.sent("extension_asked") == [("extension_asked", "chair")]
    asked = 3  # added, extended, asked
    assert play.refused("nurse", changes.rule_on_extension, asked, grant=True).startswith("I can't find that request")
    granted = play.does("chair", changes.rule_on_extension, asked, grant=True)
    assert (granted.granted, granted.action.due_on, granted.action.extensions) == (True, date(2026, 3, 20), 2)
    assert play.sent("extension_answered") == [("extension_answered", "nurse")]
    again = "The chair has already answered this request."
    assert play.refused("vicechair", changes.rule_on_extension, asked, grant=False) == again
    assert play.does("nurse", tracker.show_action, number).action.due_on == date(2026, 3, 20)


@pytest.mark.databases("sqlite")
def test_an_open_action_is_not_reopened(play: Play) -> None:
    assert play.refused("nurse", accepting.reopen_action, give(play)) == "Action 1 is open already."


def test_the_chair_is_asked_once_for_a_date_and_at_most_once_more_for_another(play: Play) -> None:
    number = give(play)
    ask = partial(changes.extend_action, reason="Still shut.")
    play.does("nurse", ask, number, due="2026-03-16")
    play.does("nurse", ask, number, due="2026-03-20")
    asked = "The chair has already been asked for {}. Please wait for the answer."
    assert play.refused("nurse", ask, number, due="2026-03-20") == asked.format("20 March 2026")
    assert play.sent("extension_asked") == [("extension_asked", "chair")]
    assert not play.does("matron", ask, number, due="2026-03-23").granted
    assert play.sent("extension_asked") == [("extension_asked", "chair")] * 2
    assert play.refused("nurse", ask, number, due="2026-03-24") == asked.format("23 March 2026")
    first, second = 3, 4
    assert play.refused("chair", changes.rule_on_extension, first, grant=True) == (
        "There is a newer request for another date. Answer that one instead."
    )
    assert play.does("chair", changes.rule_on_extension, second, grant=True).action.due_on == date(2026, 3, 23)
    assert not play.does("nurse", ask, number, due="2026-03-27").granted


def test_a_date_that_has_come_is_no_longer_granted(play: Play) -> None:
    number = give(play)
    for due in ("2026-03-16", "2026-03-20"):
        play.does("nurse", changes.extend_action, number, due=due, reason="Shut.")
    play.at(3, 20)
    assert play.refused("chair", changes.rule_on_extension, 3, grant=True) == (
        "The date asked for, 20 March 2026, is no longer in the future. Refuse the request, or give another date with "
        "`/action extend 1 DATE because REASON`."
    )
    assert not play.does("chair", changes.rule_on_extension, 3, grant=False).granted


def test_a_closed_item_being_discussed_is_not_given_away(play: Play) -> None:
    play.accepted("WEST-0001", closed=True)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    view = play.does(
        "minutetaker", changes.add_action, WEST, holder_user_id=user_id("nurse"), text="Book a room", due="Friday"
    )
    assert (view.case_id, view.case_reference) == (None, None)


@pytest.mark.parametrize("named", ["WEST-0666", "WEST0666"])
def test_a_closed_item_beside_another_case_in_the_words_is_never_asked_about(play: Play, named: str) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    words = f"Ring the schools about WEST-0001 and {named}"
    given = {"holder_user_id": user_id("nurse"), "text": words, "due": "Friday"}
    assert play.refused("coordinator", changes.add_action, WEST, **given) == (
        f"I can't find case {named}, or it isn't for you. If you expected to see it, ask your panel's co-ordinator."
    )
    assert play.refused("chair", changes.add_action, WEST, **given) == (
        "The words name WEST-0001 and WEST-0666. Which case is the action about?"
    )


def test_an_extension_the_chair_refuses_leaves_the_date(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.extend_action, number, due="2026-03-16", reason="School is shut.")
    play.does("nurse", changes.extend_action, number, due="2026-03-20", reason="Still shut.")
    refused = play.does("chair", changes.rule_on_extension, 3, grant=False)
    assert (refused.granted, refused.action.due_on, refused.action.extensions) == (False, date(2026, 3, 16), 1)
    assert play.does("chair", tracker.show_action, number).history[-1] == HistoryLine(
        at=play.does("chair", tracker.show_action, number).history[-1].at,
        kind=ActionEventKind.EXTENSION_REFUSED,
        person_name="Chair",
        due_on=None,
        holder_name=None,
        reason=None,
    )


def test_the_chair_extends_without_asking(play: Play) -> None:
    number = give(play)
    for due in ("2026-03-16", "2026-03-20", "2026-03-27"):
        assert play.does("chair", changes.extend_action, number, due=due, reason="Agreed.").granted


@pytest.mark.parametrize(
    ("due", "sentence"),
    [
        ("2026-03-09", "The action is already due on 9 March 2026. Choose a later date."),
        ("2026-03-06", "The action is already due on 9 March 2026. Choose a later date."),
    ],
)
def test_more_time_means_a_later_date(play: Play, due: str, sentence: str) -> None:
    assert play.refused("nurse", changes.extend_action, give(play), due=due, reason="Busy.") == sentence


def test_an_action_is_passed_on_within_the_agency_and_across_by_who_steers(play: Play) -> None:
    number = give(play)
    passed = play.does("nurse", changes.reassign_action, number, holder_user_id=user_id("matron"))
    assert (passed.holder_name, passed.agency_name) == ("Matron", "Health")
    refusal = play.refused("nurse", changes.reassign_action, number, holder_user_id=user_id("constable"))
    assert (
        refusal == "You can give actions within your own agency. For another agency, ask the chair or the co-ordinator."
    )
    moved = play.does("coordinator", changes.reassign_action, number, holder_user_id=user_id("constable"))
    assert (moved.holder_name, moved.agency_name) == ("Constable", "Police")
    same = play.refused("coordinator", changes.reassign_action, number, holder_user_id=user_id("constable"))
    assert same == "<@UCONSTABLE> holds this action already."
    assert play.sent("action_given") == [("action_given", who) for who in ("nurse", "matron", "constable")]


def test_a_person_recused_after_being_given_an_action_sees_it_no_more(play: Play) -> None:
    play.accepted("WEST-0001")
    number = give(play, case_reference="WEST-0001")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    assert play.does("nurse", tracker.list_actions, WEST, "mine").actions == ()
    assert play.refused("nurse", changes.complete_action, number).startswith("I can't find action 1")
    assert [action.id for action in play.does("matron", tracker.list_actions, WEST, "open").actions] == [number]
    sentence = "<@UNURSE> cannot be given an action on this item. Choose another person."
    refusal = play.refused(
        "coordinator",
        changes.add_action,
        WEST,
        holder_user_id=user_id("nurse"),
        text="Ring",
        due="2026-03-09",
        case_reference="WEST-0001",
    )
    assert refusal == sentence


def test_an_action_given_as_the_meeting_closes_is_told_to_its_holder(play: Play) -> None:
    """The giver was in an open meeting when they asked, and the meeting's summary has gone."""
    play.at(3, 24, 14)
    play.opens()
    play.does("chair", opening.close_meeting, WEST)
    with play.store.work() as work:
        who = actor(work, "coordinator")
        here = find_panel(work, who, WEST, Verb.ADD_ACTION)
        here = replace(here, open_meeting_id=play.county.west_meetings[0])  # as it was a moment ago
        given = changes.add_action(
            work,
            who,
            Where(channel_id="CWEST", here=here),
            holder_user_id=user_id("nurse"),
            text="Ring the school nurse",
            due="2026-04-20",
        )
    with play.store.reading() as work:
        assert work.session.get_one(Action, given.id).meeting_id is None
    assert len(play.sent("action_given")) == 1


def test_a_number_tells_nothing_of_other_actions_and_is_short(play: Play) -> None:
    """Drawn as at work, not counted as in other tests."""
    play.store.draw = draw_any
    numbers = [give(play) for _ in range(40)]
    assert len(set(numbers)) == 40
    assert {len(str(number)) for number in numbers} == {4}
    assert sorted(numbers) != numbers


def test_a_number_that_another_action_has_is_drawn_again_and_grows_when_room_is_scarce(play: Play) -> None:
    drawn: list[tuple[int, int]] = []

    def draw(first: int, last: int) -> int:
        drawn.append((first, last))
        return first

    play.store.draw = draw
    assert [give(play) for _ in range(3)] == [1000, 10_000, 100_000]
    assert drawn[:6] == [(1000, 9999)] * 5 + [(10_000, 99_999)]


def test_who_is_told_of_more_time_asked_for_is_who_may_grant_it(play: Play) -> None:
    number = give(play)
    for day in ("2026-03-16", "2026-03-23"):
        play.does("nurse", changes.extend_action, number, due=day, reason="The clinic is shut.")
    asked = 3  # added, extended, asked
    asks = partial(extension_asked_for, action_id=number, event_id=asked, verb=Verb.CONFIRM_ACTIONS)
    found = play.does("chair", asks)
    assert found is not None
    assert (found.due_on, found.asker_name, found.reason) == (date(2026, 3, 23), "Nurse", "The clinic is shut.")
    assert play.refused("constable", asks).startswith("I can't find")


@pytest.mark.databases("sqlite")
def test_only_the_office_may_move_an_action_of_another_agency(play: Play) -> None:
    number = give(play)
    for who in ("constable", "minutetaker"):  # not even to themselves
        assert play.refused(who, changes.reassign_action, number, holder_user_id=user_id(who)) == (
            "You can pass this action on within your own agency. For another agency, ask the chair or the co-ordinator."
        )
    assert play.does("chair", tracker.show_action, number).action.holder_name == "Nurse"


@pytest.mark.databases("sqlite")
def test_an_action_never_names_a_case_that_is_kept_from_its_giver(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    given = {"holder_user_id": user_id("midwife"), "text": "Ring the school", "due": "2026-03-09"}
    for reference in ("WEST-0001", "WEST-9999"):
        assert play.refused("nurse", changes.add_action, WEST, case_reference=reference, **given) == unseen(
            f"case {reference}"
        )
    assert play.does("chair", tracker.list_actions, WEST, "all").actions == ()


@pytest.mark.databases("sqlite")
def test_only_for_who_records_the_meeting_an_action_is_a_sign_of_being_there(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    for who in ("constable", "minutetaker"):
        give(play, who, who, "2026-03-27", case_reference="WEST-0001")
    here = {one.name: one.status for one in play.does("chair", opening.room, WEST).attendees}
    assert (here["Constable"], here["Minutetaker"]) == (None, AttendanceStatus.IN_ATTENDANCE)


@pytest.mark.databases("sqlite")
def test_only_who_may_add_actions_is_offered_holders_and_days(play: Play) -> None:
    for use_case, given in (
        (changes.people_to_hold, ()),
        (changes.members_of_agency, ("health: ring the school",)),
        (changes.days_to_offer, ()),
    ):
        assert play.refused("outsider", use_case, WEST, *given) == NO_PANEL
        assert play.refused("observer", use_case, WEST, *given) == (
            "On West Operational MET, observers can't add actions."
        )
