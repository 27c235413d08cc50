"""Numbers of actions in typed lines: some of them left out, one with its reason, and the item or case at the end."""

import pytest

from bot.errors import Mistake
from bot.slack.actions.drafts import when_last, with_item_first
from bot.slack.actions.numbers import number_and_reason, number_and_words, refuse_left_out
from bot.slack.request import TypedAgain

USAGE = "Type a number."


@pytest.mark.parametrize(
    ("typed", "sentence", "offered"),
    [
        ("4 and 5 not 6", "Only for 4 and 5, and not for 6?", "/action done 4 5"),
        ("4, 5 but not 6", "Only for 4 and 5, and not for 6?", "/action done 4 5"),
        ("4\u20136 except 5", "Only for 4 and 6, and not for 5?", "/action done 4 6"),
        ("4 not 5 &amp; 6", "Only for 4, and not for 5 and 6?", "/action done 4"),
        ("4 done, 5 not yet", "Only for 4, and not for 5?", "/action done 4"),
        ("4 and 5, 6 isn\u2019t", "Only for 4 and 5, and not for 6?", "/action done 4 5"),
        ("4 5, 6 still open, waiting for the CPS", "Only for 4 and 5, and not for 6?", "/action done 4 5"),
    ],
)
def test_a_number_that_is_left_out_is_asked_about(typed: str, sentence: str, offered: str) -> None:
    with pytest.raises(TypedAgain) as refused:
        refuse_left_out(typed, "done")
    assert (str(refused.value), refused.value.commands) == (sentence, ((offered, offered),))


@pytest.mark.parametrize(
    "typed", ["4", "4 and 5", "4 not needed any more", "4 but not by us", "4 because 5 is not due"]
)
def test_a_line_that_leaves_no_number_out_is_not_asked_about(typed: str) -> None:
    refuse_left_out(typed, "done")


def test_what_is_not_done_is_never_offered_as_done() -> None:
    with pytest.raises(Mistake, match="Only the numbers of what is done, please") as refused:
        refuse_left_out("not 4", "done")
    assert (refused.value.commands, refused.value.to_edit) == ((), "/action not-done 4 because ")


def test_further_numbers_are_seen_behind_an_ampersand_as_slack_writes_it() -> None:
    assert number_and_words("4 &amp; 5. 6 by Friday", USAGE) == (4, "")
    assert number_and_words("4 sent &amp; filed", USAGE) == (4, "sent & filed")
    with pytest.raises(Mistake, match="One action at a time, please: each needs its own reason"):
        number_and_reason("4 &amp; 5 because they moved", USAGE, "withdraw")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<@U2> ring mum by Friday item 7", "item 7: <@U2> ring mum by Friday"),
        ("<@U2> ring mum by Friday (under item 6a).", "item 6a: <@U2> ring mum by Friday"),
        ("<@U2> discuss item 7", "<@U2> discuss item 7"),
        ("<@U2> by Friday discuss item 7", "<@U2> by Friday discuss item 7"),
    ],
)
def test_an_item_behind_the_day_is_the_item_of_the_action(typed: str, read: str) -> None:
    assert with_item_first(typed) == read


@pytest.mark.parametrize("typed", ["4 yet", "yet 4", "4 not yet", "4 – still, at the moment.", "still action 4"])
def test_that_work_goes_on_is_no_reason(typed: str) -> None:
    with pytest.raises(TypedAgain) as refused:
        number_and_reason(typed, USAGE, "not-done")
    assert str(refused.value) == (
        "Are you still working on action 4? To report it, give a reason: `/action not-done 4 because REASON`."
    )
    assert [command for _, command in refused.value.commands] == ["/action extend 4", "/action show 4"]


@pytest.mark.parametrize("typed", ["4 nearly", "4 almost, waiting for the CPS", "4 (not quite)", "4 half of it"])
def test_what_is_nearly_done_is_not_reported_as_done(typed: str) -> None:
    with pytest.raises(TypedAgain, match=r"^Are you still working on action 4\?$"):
        number_and_words(typed, USAGE)


def test_a_reason_may_say_that_work_goes_on() -> None:
    assert number_and_reason("4 because still waiting for the CPS", USAGE, "not-done") == (
        4,
        "still waiting for the CPS",
    )
    assert number_and_words("4 not needed any more", USAGE) == (4, "not needed any more")


def test_a_day_at_the_end_of_a_reason_is_the_day_that_is_asked_for() -> None:
    said = ", school closed for easter, can i have til 30 april"
    assert when_last(said) == ("30 april", "school closed for easter")
    assert when_last("the clinic is shut until further notice") is None
    assert when_last("the clinic is shut") is None
