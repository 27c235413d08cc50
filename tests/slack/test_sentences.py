"""A refusal's sentence, as each place can show it."""

import pytest

from bot.slack.incidents import for_field, for_message


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("North & East <District> MET already meets.", "North &amp; East &lt;District&gt; MET already meets."),
        ("<@U0STR> is not enrolled.", "<@U0STR> is not enrolled."),
        ("New <!channel> & Co has left.", "New &lt;!channel&gt; &amp; Co has left."),
        ("A panel <@U1> already meets.", "A panel &lt;@U1&gt; already meets."),
        ("Try `/panel help`.", "Try `/panel help`."),
    ],
)
def test_in_a_message_only_who_was_named_is_mentioned(sentence: str, shown: str) -> None:
    assert for_message(sentence, "<@U0STR|sam> to ring") == shown


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (
            "<@U0STR> is not enrolled. The panel's co-ordinator can add them with `/people enrol`.",
            "That person is not enrolled. The panel's co-ordinator can add them with /people enrol.",
        ),
        ("R & D <x> is over.", "R & D <x> is over."),
    ],
)
def test_under_a_field_nothing_is_marked(sentence: str, shown: str) -> None:
    assert for_field(sentence) == shown
