"""The action tracker as people read it: what each list holds, and that another panel's actions are not there."""

from bot.services.actions import accepting, changes, tracker
from tests.county import SHIRE, WEST, user_id
from tests.services.actions.test_changes import give
from tests.services.conftest import Play


def test_each_list_holds_what_its_heading_says(play: Play) -> None:
    late, soon, done = give(play, due="2026-03-04"), give(play, due="2026-03-20"), give(play, due="2026-03-06")
    play.does("nurse", changes.complete_action, done)
    play.at(3, 10)
    other = give(play, "chair", "constable", due="2026-03-24")

    def numbers(who: str, scope: str) -> tuple[str, list[int]]:
        found = play.does(who, tracker.list_actions, WEST, scope)
        return found.heading, [action.id for action in found.actions]

    assert numbers("nurse", "mine") == ("Your open actions", [late, soon, done])
    assert numbers("constable", "mine") == ("Your open actions", [other])
    assert numbers("chair", "open") == ("Open actions of West Operational MET", [late, soon, other, done])
    assert numbers("chair", "overdue") == ("Overdue actions of West Operational MET", [late])
    assert numbers("chair", "reported") == ("Reported actions of West Operational MET", [done])
    assert numbers("chair", "all") == ("All actions of West Operational MET", [late, soon, other, done])
    play.does("chair", accepting.accept_action, done)
    assert numbers("chair", "open") == ("Open actions of West Operational MET", [late, soon, other])
    assert numbers("nurse", "mine") == ("Your open actions", [late, soon])
    assert numbers("chair", "reported") == ("Reported actions of West Operational MET", [])


def test_the_history_of_an_action_is_told_on_the_panels_clock_in_summer_and_winter(play: Play) -> None:
    play.at(3, 27, 13, 58)  # a Friday before the clocks go forward
    number = give(play, due="2026-04-30")
    play.at(3, 30, 13, 58)
    play.does("nurse", changes.complete_action, number)
    play.at(3, 31, 0, 30)  # the day before by UTC
    play.does("chair", accepting.accept_action, number)
    history = play.does("chair", tracker.show_action, number).history
    assert [f"{line.at:%d %b %H:%M}" for line in history] == ["27 Mar 13:58", "30 Mar 13:58", "31 Mar 00:30"]


def test_actions_of_another_panel_are_not_there(play: Play) -> None:
    given = play.does(
        "countychair", changes.add_action, SHIRE, holder_user_id=user_id("chair"), text="Map it", due="2026-03-09"
    )
    assert play.refused("nurse", tracker.show_action, given.id).startswith("I can't find action 1")
    assert play.does("chair", tracker.show_action, given.id).action.panel_key == "shire-met"


def test_only_the_office_may_give_an_action_to_another_agency(play: Play) -> None:
    number = give(play)
    steers = {
        who: play.does(who, tracker.show_action, number).may_steer
        for who in ("chair", "vicechair", "coordinator", "minutetaker", "nurse", "midwife", "constable")
    }
    assert [who for who, may in steers.items() if may] == ["chair", "vicechair", "coordinator"]
