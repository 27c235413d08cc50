"""What leaves the list of open actions is in the minutes of the next meeting with its reason, and in no others."""

from bot.documents.meeting_facts import action_fields
from bot.models.minutes import Minutes
from bot.services.actions import accepting, changes
from bot.services.cases import interests
from bot.services.meeting import opening
from bot.services.minutes import approving, papers
from bot.services.minutes.record import facts_for
from tests.county import WEST, actor
from tests.services.actions.test_changes import give
from tests.services.conftest import Play


def minuted(play: Play, who: str = "chair") -> list[tuple[int, str]]:
    """Draft the minutes of the last meeting, and return what arises: each number, and how it ended or nothing."""
    drafted = play.does("coordinator", papers.draft_minutes, WEST)
    with play.store.work() as work:
        minutes = work.session.get_one(Minutes, drafted.id)
        facts, _ = facts_for(work, actor(work, who), minutes)
        return [(action.number, action.ended) for action in facts.outstanding]


def test_each_ending_is_minuted_once_with_its_reason_at_the_next_meeting(play: Play) -> None:
    done, gone, vacant, still = (give(play, due=f"2026-03-{day:02}") for day in (9, 10, 11, 12))
    play.does("nurse", changes.complete_action, done, "Rang on Monday.")
    play.does("nurse", changes.give_up_action, gone, possible=False, reason="the family has moved")
    play.does("nurse", changes.give_up_action, vacant, possible=True, reason="The post is vacant.")
    play.at(3, 10)
    play.does("chair", accepting.accept_action, done)
    play.does("vicechair", accepting.accept_action, gone)
    play.at(3, 24, 14)
    play.holds({})
    ended = [
        (done, "Done and accepted on 10 March 2026: Rang on Monday."),
        (gone, "No longer possible (circumstances changed) on 10 March 2026: The family has moved."),
    ]
    assert minuted(play) == [(vacant, ""), (still, ""), *ended]
    assert minuted(play) == [(vacant, ""), (still, ""), *ended]  # written again, the same
    play.does("chair", approving.approve_minutes, WEST)
    play.at(4, 1)
    play.does("chair", accepting.accept_action, vacant)
    play.at(4, 21, 14)
    play.holds({})
    assert minuted(play) == [
        (still, ""),
        (vacant, "Not done (agency has not acted) on 1 April 2026: The post is vacant."),
    ]


def test_a_report_that_the_panel_has_not_accepted_is_minuted_with_its_day_and_words(play: Play) -> None:
    silent, gone, still = (give(play, due=f"2026-03-{day:02}") for day in (9, 10, 11))
    play.does("nurse", changes.complete_action, silent)
    play.at(3, 12)
    play.does("nurse", changes.give_up_action, gone, possible=False, reason="the family has moved")
    play.at(3, 24, 14)
    play.holds({})
    drafted = play.does("coordinator", papers.draft_minutes, WEST)
    with play.store.work() as work:
        facts, _ = facts_for(work, actor(work, "chair"), work.session.get_one(Minutes, drafted.id))
    assert {one.number: action_fields(one)["state"] for one in facts.outstanding} == {
        silent: "Reported done on 2 March 2026",
        gone: "Reported not possible on 12 March 2026: The family has moved.",
        still: "Open",
    }


def test_what_is_accepted_after_the_meeting_is_for_the_next_and_what_was_reopened_is_not_minuted(play: Play) -> None:
    number, back = give(play), give(play)
    play.does("nurse", changes.give_up_action, back, possible=False, reason="They moved.")
    play.does("chair", accepting.accept_action, back)
    play.does("chair", accepting.reopen_action, back)
    play.at(3, 24, 14)
    play.holds({})
    play.does("nurse", changes.complete_action, number)
    play.does("chair", accepting.accept_action, number)
    assert minuted(play) == [(back, "")]
    play.does("chair", approving.approve_minutes, WEST)
    play.at(4, 21, 14)
    play.holds({})
    assert minuted(play) == [(back, ""), (number, "Done and accepted on 24 March 2026.")]


def test_what_the_panel_accepts_in_the_meeting_is_in_its_minutes(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.complete_action, number)
    play.at(3, 24, 14)
    play.opens()
    play.does("minutetaker", accepting.accept_action, number)
    play.does("chair", opening.close_meeting, WEST)
    assert minuted(play) == [(number, "Done and accepted on 24 March 2026.")]


def test_how_an_action_on_a_case_ended_is_for_the_readers_of_that_case(play: Play) -> None:
    play.accepted("WEST-0001")
    number = give(play, case_reference="WEST-0001")
    play.does("matron", interests.declare_interest, WEST, "WEST-0001")
    play.does("nurse", changes.complete_action, number, "Rang on Monday.")
    play.does("chair", accepting.accept_action, number)
    play.at(3, 24, 14)
    play.holds({})
    assert minuted(play, "constable") == [(number, "Done and accepted on 2 March 2026: Rang on Monday.")]
    assert minuted(play, "matron") == []
