"""What is typed after a command: its verb, and what follows."""

import pytest

from bot.slack.actions.scopes import ListMeant, read_list
from bot.slack.typed import (
    folded,
    is_question,
    item_number,
    may_end_in_panel,
    only_key,
    only_numbers,
    parted,
    several_commands,
    several_numbers,
    take_number,
    without_courtesy,
)

VERBS = ("add", "done", "not-done", "extend", "list", "show", "history")


@pytest.mark.parametrize(
    ("typed", "begun"),
    [
        ("done 4", ("done", "4")),
        ("3 done", ("done", "3")),
        ("3 and 4 are done", ("done", "3 and 4")),
        ("6 is not done because the post is vacant", ("not-done", "6 because the post is vacant")),
        ("Action 3 is done", ("done", "Action 3")),
        ("1. done 4", ("done", "4")),  # a list's number
        ("1. done", ("done", "1")),
        ("\u201cdone 4\u201d", ("done", "4")),
        ("Hi, please can you list mine", ("list", "mine")),
        ("please mark 4 done", ("done", "4")),
        ("/action done 4", ("done", "4")),
        ("WEST 0001 history", ("history", "WEST 0001")),
        ("<@U1> add ring the school", ("add", "<@U1> ring the school")),
        ("list?", ("list", "")),
        ("I\u2019ve done 4", ("done", "4")),
        ("we have already done 4", ("done", "4")),
        ("please", ("", "")),
        ("can\u2019t do 4", ("can\u2019t", "do 4")),
    ],
)
def test_a_verb_is_found_behind_its_subject_and_fillers(typed: str, begun: tuple[str, str]) -> None:
    assert parted(typed, VERBS) == begun


@pytest.mark.parametrize(
    ("typed", "commands"),
    [
        ("done 4 /action done 5", ["/action done 4", "/action done 5"]),
        ("done 4; extend 5 by Friday", ["/action done 4", "/action extend 5 by Friday"]),
        ("done 4 and then list", ["/action done 4", "/action list"]),
        ("done 4, extend 5 by Friday", ["/action done 4", "/action extend 5 by Friday"]),
        ("done 4, then list", ["/action done 4", "/action list"]),
        ("done 4 and extend action 5 to Friday", ["/action done 4", "/action extend action 5 to Friday"]),
        ("done 4 because it is sent; all agreed", []),
        ("done 4 because it is sent, list attached", []),
        (
            "done 4 because it is sent, extend 5 days of it",
            ["/action done 4 because it is sent", "/action extend 5 days of it"],
        ),
        ("done 4, extended to 5", []),
        ("1. done 4", []),
        ("done 4 and 5", []),
    ],
)
def test_a_second_command_in_one_line_is_seen(typed: str, commands: list[str]) -> None:
    assert several_commands("/action", typed, VERBS, {"done", "extend"}, takes_words=False) == commands


def test_words_that_are_recorded_hold_a_second_command_only_with_its_slash() -> None:
    assert several_commands("/action", "add x; done", VERBS, takes_words=True) == []
    assert several_commands("/action", "add x /case list", VERBS, takes_words=True) == ["/action add x", "/case list"]


def test_a_list_of_numbers_is_taken_from_the_front() -> None:
    assert several_numbers("4, 5 and no. 6 by Friday") == ([4, 5, 6], "by Friday")
    assert several_numbers("4 2 weeks") == ([], "4 2 weeks")
    assert several_numbers("4 and 2 weeks") == ([], "4 and 2 weeks")


@pytest.mark.parametrize(
    ("typed", "key"), [("the meeting today", ""), ("for West-Met", "west-met"), ("next week", "next week")]
)
def test_a_key_stands_among_words_that_say_nothing(typed: str, key: str) -> None:
    assert only_key(typed) == key


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ListMeant((), "")),
        ("my actions", ListMeant(("mine",), "")),
        ("over due", ListMeant(("overdue",), "")),
        ("what\u2019s outstanding", ListMeant(("open",), "")),
        ("my open actions", ListMeant(("mine",), "")),
        ("police", ListMeant((), "police")),
        ("<@U1>", ListMeant((), "<@U1>")),
    ],
)
def test_a_list_is_read_as_people_ask_for_it(typed: str, meant: ListMeant) -> None:
    assert read_list(typed) == meant


@pytest.mark.parametrize("typed", ["#4128 \U0001f60a", "4128\U0001f60a", "4128 :blush:", "\U0001f44d 4128"])
def test_an_emoji_beside_a_number_is_overlooked(typed: str) -> None:
    assert only_numbers(typed, "") == [4128]
    assert take_number(typed, "") == (4128, "")
    assert item_number("5 \U0001f44d") == "5"
    assert only_key("west-met :+1:") == "west-met"
    assert without_courtesy("by Friday please \U0001f44d") == "by Friday"


def test_an_emoji_in_words_that_are_recorded_stays() -> None:
    assert take_number("4128 \U0001f44d rang mum \U0001f60a", "") == (4128, "rang mum \U0001f60a")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ring the school comma then mum full stop", "ring the school, then mum."),
        ("note police colon seen twice", "note police: seen twice"),
        ("history sample dash 0041", "history sample-0041"),
        ("who is coming question mark", "who is coming?"),
        ("a full stop was put to it", "a. was put to it"),
        ("ring the school\n\nKind regards\nLena Kowalczyk\nMinute taker", "ring the school"),
        ("ring the school\nSent from my iPhone", "ring the school"),
        ("ring the school\nThanks,\nLena", "ring the school"),
        ("one\nThanks\nAlso Esme to ring the GP by Friday", "one\nThanks\nAlso Esme to ring the GP by Friday"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_spoken_marks_and_the_end_of_an_email(typed: str, said: str) -> None:
    assert folded(typed) == said


@pytest.mark.parametrize(
    "typed", ["are we quorate", "is 4 done", "who\u2019s coming", "next?", "do we have a quorum", "4? thanks"]
)
def test_what_asks(typed: str) -> None:
    assert is_question(typed)


@pytest.mark.parametrize("typed", ["done 4", "have til Friday for 4", "do it", "can we close", "area team to ring"])
def test_what_asks_nothing(typed: str) -> None:
    assert not is_question(typed)


@pytest.mark.parametrize(
    ("typed", "may"),
    [
        ("shire", True),
        ("sure yet", True),
        ("not sure yet", False),
        ("list of actions for shire", True),
        ("what was decided shire-met", True),
        ("SAMPLE 0016 i know the family", False),
    ],
)
def test_only_a_few_words_or_one_behind_for_may_end_in_a_panel(typed: str, may: bool) -> None:
    assert may_end_in_panel(typed) is may
