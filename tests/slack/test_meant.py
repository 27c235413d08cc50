"""The command that was meant, filled in with what was typed."""

from dataclasses import dataclass

import pytest

from bot.slack.meant import filled_in, label_of, lacking_reason, other_verbs


@dataclass(frozen=True)
class Typed:
    """A verb as far as its offers look at it."""

    name: str
    usage: str
    offered_for: tuple[str, ...] = ()
    offered_with: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


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
