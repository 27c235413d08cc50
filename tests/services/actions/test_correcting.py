"""An action that was given by mistake is withdrawn by those who gave or record it, and is then no outcome at all."""

import pytest

from bot.domain.states import Rag
from bot.models.vocabulary import ActionEventKind, ActionState
from bot.services.actions import accepting, changes, correcting, tracker
from bot.services.meeting import discussion, opening
from bot.services.minutes import approving
from bot.slack.actions import answer_views
from tests.county import WEST, user_id
from tests.services.actions.test_changes import give
from tests.services.conftest import Play
from tests.services.minutes.test_ended_actions import minuted


def test_what_is_withdrawn_is_on_no_list_and_its_giver_and_holder_are_told(play: Play) -> None:
    number, other = give(play, "chair"), give(play)
    gone = play.does("coordinator", correcting.withdraw_action, number, "It was given twice.")
    assert (gone.state, gone.rag) == (ActionState.WITHDRAWN, Rag.CLOSED)
    for who, scope in (("chair", "open"), ("chair", "all"), ("nurse", "mine")):
        found = play.does(who, tracker.list_actions, WEST, scope)
        assert ([one.id for one in found.actions], found.count) == ([other], 1)
    assert play.sent("action_changed") == [("action_changed", "chair"), ("action_changed", "nurse")]
    giver = play.does("chair", accepting.change_for_notice, number, 3)
    assert giver == accepting.ActionChange(
        gone, ActionEventKind.WITHDRAWN, "Coordinator", is_yours=False, is_given=True
    )
    assert answer_views.changed(giver)[0] == "Coordinator withdrew action 1, which you gave. Press *Open* to see why."
    told = play.does("nurse", accepting.change_for_notice, number, 3)
    assert told == accepting.ActionChange(gone, ActionEventKind.WITHDRAWN, "Coordinator", is_yours=True)
    shown = play.does("nurse", tracker.show_action, number)
    assert (shown.history[-1].reason, shown.may_answer) == ("It was given twice.", False)
    assert play.audited("withdrawn") == [("action", number, "coordinator")]
    assert play.refused("nurse", changes.complete_action, number) == (
        "Action 1 was withdrawn as a mistake, so it can't be reported done. "
        "The person who gave it can put it "
        "back. The action was withdrawn as a mistake by Coordinator on Mon 2 Mar 2026 at 10:00."
    )


def test_it_is_minuted_once_as_a_mistake_and_counted_by_no_meeting(play: Play) -> None:
    number = give(play)
    play.at(3, 24, 14)
    play.opens()
    play.does("chair", discussion.next_item, WEST)
    given = play.does(
        "minutetaker", changes.add_action, WEST, holder_user_id=user_id("nurse"), text="Ring", due="2026-04-01"
    )
    play.does("minutetaker", correcting.withdraw_action, given.id, "Under the wrong child.")
    play.does("chair", correcting.withdraw_action, number, "It was given twice.")
    closing = play.does("chair", opening.close_meeting, WEST)
    assert closing.actions == 0
    assert play.sent("meeting_actions") == []
    ended = "Withdrawn on 24 March 2026: {}"
    assert sorted(minuted(play)) == [
        (number, ended.format("It was given twice.")),
        (given.id, ended.format("Under the wrong child.")),
    ]
    play.does("chair", approving.approve_minutes, WEST)
    play.at(4, 21, 14)
    play.holds({})
    assert minuted(play) == []


@pytest.mark.databases("sqlite")
def test_what_was_no_mistake_after_all_is_put_back_open(play: Play) -> None:
    number = give(play, "chair")
    play.does("nurse", changes.complete_action, number)
    play.does("coordinator", correcting.withdraw_action, number, "It was given twice.")
    back = play.does("coordinator", correcting.put_back_action, number)
    assert (back.state, back.report) == (ActionState.OPEN, None)
    assert play.sent("action_changed") == [("action_changed", "chair"), ("action_changed", "nurse")] * 2
    told = play.does("chair", accepting.change_for_notice, number, 4)
    assert told is not None
    assert answer_views.changed(told)[0] == (
        "Coordinator put back action 1, which you gave: it is no longer withdrawn."
    )
    assert [one.id for one in play.does("nurse", tracker.list_actions, WEST, "mine").actions] == [number]


@pytest.mark.databases("sqlite")
def test_who_gave_it_or_records_for_the_panel_says_so_with_a_reason_and_nobody_else(play: Play) -> None:
    sentence = (
        "Only the person who gave an action, the chair, co-ordinator or minute-taker can say that it was a mistake."
    )
    number = give(play)
    for who in ("nurse", "matron", "constable", "socialworker"):
        assert play.refused(who, correcting.withdraw_action, number, "Twice.") == sentence
        assert play.refused(who, correcting.offer_withdrawal, number) == sentence
    assert play.refused("observer", correcting.withdraw_action, number, "Twice.").startswith("I can't find action 1")
    assert play.refused("chair", correcting.withdraw_action, number, " ") == correcting.NO_REASON
    for who in ("chair", "vicechair", "coordinator", "minutetaker"):
        assert play.does(who, correcting.withdraw_action, number, "Twice.").state is ActionState.WITHDRAWN
        assert play.does(who, correcting.put_back_action, number).state is ActionState.OPEN
    own = give(play, "nurse", "nurse")
    assert play.does("nurse", correcting.withdraw_action, own, "Twice.").state is ActionState.WITHDRAWN
    assert play.does("nurse", tracker.show_action, own).may_put_back


@pytest.mark.databases("sqlite")
def test_what_has_ended_is_not_withdrawn(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.complete_action, number)
    play.does("chair", accepting.accept_action, number)
    assert play.refused("chair", correcting.withdraw_action, number, "Twice.").startswith(
        "Action 1 is already accepted as done, so it can't be withdrawn. "
        "If there is more to do, add a new action, or ask the chair to reopen it."
    )
