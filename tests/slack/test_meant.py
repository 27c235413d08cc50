"""The command that was meant, filled in with what was typed."""

from dataclasses import dataclass

import pytest

from bot.slack.meant import filled_in, label_of, lacking_reason, other_verbs, whole_commands


@dataclass(frozen=True)
class Typed:
    """A verb as far as its offers look at it."""

    name: str
    usage: str
    offered_for: tuple[str, ...] = ()
    offered_with: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    offered_behind: tuple[str, ...] = ()
    offered_behind_number: tuple[str, ...] = ()
    fills_in: bool = False
    reads: bool = False


VERBS = (
    Typed("add", "@holder what is to be done by DATE"),
    Typed("list", "[open | overdue | mine]"),
    Typed("show", "NUMBER"),
    Typed("withdraw", "NUMBER because REASON", ("delete",)),
    Typed("replies", "[panel]", ("who",)),
)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("lst overdue", ["list overdue"]),
        ("Show: 4", ["show 4"]),
        ("mine", ["list mine"]),
        ("4", ["show 4", "withdraw 4"]),
        ("<@U1> ring the school by Friday", ["add <@U1> ring the school by Friday"]),
        ("what's shown? show 4", ["show 4"]),
        ("delete 4 because twice", ["withdraw 4 because twice"]),
        ("who is coming", ["replies"]),
        ("xyzzy", []),
    ],
)
def test_a_word_that_is_no_verb_has_what_may_have_been_meant(typed: str, offered: list[str]) -> None:
    assert list(dict.fromkeys(other_verbs(typed, VERBS))) == offered


MEETING_VERBS = (
    Typed("list", "[open | overdue | mine]", offered_with=("my",)),
    Typed("attendance", "[panel]", ("whos here",)),
    Typed("note", "[AGENCY:] WORDS"),
    Typed("dissent", "AGENCY: WORDS", ("disagrees",)),
    Typed("close", "[panel]", aliases=("finish",)),
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("who\u2019s here", "attendance"),
        ("my actions", "list my actions"),
        ("Police: seen twice", "note Police: seen twice"),
        ("Health disagrees, would retain", "dissent Health would retain"),
        ("closing", "close"),
        ("finished", "close"),
        ("attend", "attendance"),
        ("pls", None),
    ],
)
def test_a_phrase_a_form_of_a_verb_or_a_speaker_has_its_verb_first(typed: str, first: str | None) -> None:
    assert next(other_verbs(typed, MEETING_VERBS), None) == first


@pytest.mark.parametrize(
    ("usage", "typed", "made"),
    [
        (
            "REFERENCE [panel] because REASON",
            "WEST-0004 missing since Friday",
            "WEST-0004 because missing since Friday",
        ),
        (
            "REFERENCE [panel] because REASON",
            "WEST-0004, mum works here west-met",
            "WEST-0004 west-met because mum works here",
        ),
        ("REFERENCE [panel] because REASON", "WEST-0004", None),  # its reason is still to be said
        ("REFERENCE [panel] because REASON", "for WEST-0004 – covert", None),  # the verb reads it so itself
        ("REFERENCE @name [panel] because REASON", "<@U1> WEST-0009 she leads", "WEST-0009 <@U1> because she leads"),
        ("[panel]", "21 April because of Easter", ""),
        ("[panel]", "west-met to 31 March", "west-met"),
        ("[panel]", "west-met please", None),
        ("[NUMBER] [panel]", "WEST-0003", None),  # it names a case, and no item
        ("NUMBER", "4 to say ring the school", "4"),
        ("NUMBER", "4, 5", None),
        ("@person", "<@U1> on Friday", "<@U1>"),
        ("[AGENCY:] WORDS", "Police: seen", None),
    ],
)
def test_what_was_typed_is_put_where_the_verb_takes_it(usage: str, typed: str, made: str | None) -> None:
    assert filled_in(usage, typed) == made


def test_a_missing_reason_is_shown_in_its_place() -> None:
    assert (
        lacking_reason("REFERENCE [panel] because REASON", "WEST-0004 west-met") == "WEST-0004 west-met because REASON"
    )
    assert lacking_reason("NUMBER because REASON", "4 – given twice") is None
    assert lacking_reason("NUMBER because REASON", "because twice") is None


def test_a_button_names_no_account() -> None:
    assert label_of("/people leave <@U1>") == "/people leave @…"


OF_ONE_ACTION = (
    Typed("done", "NUMBER \u2026"),
    Typed("show", "NUMBER", reads=True),
    Typed("extend", "NUMBER DATE because REASON", ("more time", "more time for"), offered_behind_number=("needs",)),
    Typed("not-ours", "NUMBER because REASON", offered_behind_number=("isnt ours",)),
    Typed("deputise", "@deputy [for @person]", offered_behind=("covering",)),
    Typed("reassign", "NUMBER @name"),
    Typed("dissent", "AGENCY: WORDS", ("disagrees",), offered_behind=("disagrees",)),
    Typed("open", "[panel]"),
    Typed("cancel", "[panel]", ("stop",), fills_in=True),
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("4127 isn\u2019t ours, it\u2019s for Health", "not-ours 4127 because it\u2019s for Health"),
        ("#4127 needs another week", "extend 4127 another week"),
        ("more time for 4127 till Friday", "extend 4127 till Friday"),
        ("4127 was done", "done 4127"),
        ("4127 should be dmitri\u2019s now", "reassign 4127 dmitri"),
        ("4127 is now Kofi Mensah's", "reassign 4127 Kofi Mensah"),
        ("amara disagrees, she\u2019d keep it open", "dissent amara: disagrees, she\u2019d keep it open"),
        ("sam covering for me", "deputise sam covering for me"),
        ("stop the 5 May meeting", "cancel the 5 May meeting"),  # its form takes the words
    ],
)
def test_what_stands_behind_a_number_or_a_name_says_what_was_meant(typed: str, first: str) -> None:
    assert next(other_verbs(typed, OF_ONE_ACTION)) == first


def test_what_is_denied_is_never_offered_as_done() -> None:
    assert list(other_verbs("4127 can\u2019t be done", OF_ONE_ACTION)) == ["show 4127 can\u2019t be done"]


def test_of_the_phrases_of_one_verb_the_longest_counts() -> None:
    assert list(other_verbs("more time for 4127", OF_ONE_ACTION)) == ["extend 4127"]


def test_another_noun_may_have_the_answer() -> None:
    phrases = {"/panel next": ("when", "when is"), "/action list": ("actions",)}
    assert whole_commands("When is it?", phrases) == ["/panel next"]
    assert whole_commands("what is it", phrases) == []


def test_a_reason_after_because_in_short_is_one() -> None:
    assert filled_in("NUMBER because REASON", "so 4 bc the ward moved him") == "4 because the ward moved him"
    assert filled_in("REFERENCE because REASON", "WEST-0001 till next month, mum is ill") == (
        "WEST-0001 because mum is ill"
    )
