"""From item to item, when more than one person runs the meeting."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.services.agenda import triage
from bot.services.meeting import discussion, opening
from bot.slack.blocks import section
from bot.slack.meeting import views
from bot.store.audit_check import check_audit
from tests.county import WEST
from tests.services.conftest import Play
from tests.standing_clock import StandingClock


@pytest.fixture
def clock_of_sitting(play: Play) -> StandingClock:
    """West's meeting is open, a case and a closed one on its agenda, and the clock stands still."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    play.at(3, 24, 14)
    play.opens()
    standing = StandingClock(play.clock.now())
    play.store.clock = standing
    return standing


def next_of(play: Play, who: str, number: int | None = None) -> tuple[int | None, str | None]:
    """Ask for the next item. Return the number of the current one, and who had moved the meeting on instead."""
    found = play.does(who, discussion.next_item, WEST, str(number) if number else None)
    return (int(found.item.number) if found.item else None), found.moved_by


def test_the_second_of_two_who_ask_at_once_is_told_and_asks_again(play: Play, clock_of_sitting: StandingClock) -> None:
    assert next_of(play, "chair") == (1, None)
    told = play.does("coordinator", discussion.next_item, WEST)
    sentence = "Chair moved the meeting on to item 1 just now. Type `/meeting next` again to go on."
    assert told.item is not None
    assert views.current(told)[0] == f"Item 1 of {told.count}: {told.item.title}. {sentence}"
    assert views.current(told)[1][1] == section(sentence)
    assert next_of(play, "coordinator") == (2, None)
    # The person who went on is not told, and the other is told again of a new move.
    assert next_of(play, "chair") == (2, "Coordinator")
    assert next_of(play, "chair") == (3, None)


def test_everybody_but_who_moved_it_is_told(play: Play, clock_of_sitting: StandingClock) -> None:
    assert next_of(play, "chair") == (1, None)
    assert next_of(play, "coordinator") == (1, "Chair")
    assert next_of(play, "vicechair") == (1, "Chair")
    assert next_of(play, "vicechair") == (2, None)


def test_one_person_who_asks_twice_moves_twice(play: Play, clock_of_sitting: StandingClock) -> None:
    assert [next_of(play, "chair") for _ in range(3)] == [(1, None), (2, None), (3, None)]


def test_after_five_seconds_it_is_another_step(play: Play, clock_of_sitting: StandingClock) -> None:
    assert next_of(play, "chair") == (1, None)
    clock_of_sitting.put_forward(seconds=4.999)
    assert next_of(play, "coordinator") == (1, "Chair")
    assert next_of(play, "vicechair") == (1, "Chair")
    clock_of_sitting.put_forward(seconds=0.001)
    assert next_of(play, "coordinator") == (2, None)


def test_who_names_a_number_means_that_item(play: Play, clock_of_sitting: StandingClock) -> None:
    assert next_of(play, "chair", 2) == (2, None)
    assert next_of(play, "coordinator", 4) == (4, None)
    assert next_of(play, "chair") == (4, "Coordinator")


def test_a_move_to_a_closed_item_is_not_given_away(play: Play, clock_of_sitting: StandingClock) -> None:
    titles = [item.title for item in play.does("chair", triage.show_agenda, WEST).items]
    assert next_of(play, "chair", titles.index("WEST-0666") + 1) == (titles.index("WEST-0666") + 1, None)
    found = play.does("coordinator", discussion.next_item, WEST)
    assert found.moved_by is None
    assert found.item is not None
    assert views.current(found)[0] == f"Item {found.item.number} of {found.count}: {found.item.title}"


def test_two_who_ask_in_the_same_moment_are_at_the_same_item(play: Play, clock_of_sitting: StandingClock) -> None:
    """Whether the second sees the first or not, the meeting moves by one."""
    clock_of_sitting.put_forward(minutes=1)
    for step in range(1, 7):
        together = Barrier(2)

        def ask(who: str, together: Barrier = together) -> tuple[int | None, str | None]:
            together.wait()
            return next_of(play, who)

        with ThreadPoolExecutor(2) as pool:
            asked = list(pool.map(ask, ("chair", "vicechair")))
        assert [position for position, _ in asked] == [step, step]
        assert [by for _, by in asked] in ([None, None], [None, "Chair"], ["Vicechair", None])
        clock_of_sitting.put_forward(minutes=1)
    with play.store.reading() as work:
        assert check_audit(work.session.connection(), work.keys).fault is None


def test_two_who_name_different_items_in_the_same_moment_are_at_one_of_them(
    play: Play, clock_of_sitting: StandingClock
) -> None:
    clock_of_sitting.put_forward(minutes=1)
    numbers = (2, 4)
    for _ in range(6):
        together = Barrier(2)

        def goes_to(who: str, number: int, together: Barrier = together) -> int | None:
            together.wait()
            return next_of(play, who, number)[0]

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(goes_to, ("chair", "vicechair"), numbers)) == list(numbers)
        now = play.does("chair", discussion.current_item, WEST).item
        assert now is not None
        assert int(now.number) in numbers
        numbers = (3, 5) if numbers == (2, 4) else (2, 4)
        clock_of_sitting.put_forward(minutes=1)


def test_an_item_says_who_may_run_the_meeting_and_who_may_record_in_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    shown = {}
    for who in ("chair", "vicechair", "coordinator", "minutetaker", "nurse", "midwife"):
        play.does(who, opening.acknowledge, play.county.west_meetings[0])
        item = play.does(who, discussion.current_item, WEST)
        shown[who] = (item.may_run, item.may_record, play.does(who, opening.room, WEST).may_run)
    assert shown == {
        "chair": (True, True, True),
        "vicechair": (True, True, True),
        "coordinator": (True, True, True),
        "minutetaker": (False, True, False),
        "nurse": (False, False, False),
        "midwife": (False, False, False),
    }
