"""`/action` as people type it."""

from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL


def test_an_action_is_answered_with_number_holder_text_and_day(either: Scene) -> None:
    answer = either.person("U3").types(CHANNEL, "/action add @sam ring the school nurse & ask by Friday")
    assert answer.error is None
    assert answer.text == (
        "*Action 1* recorded for <@U2> (Health):\n"
        ">ring the school nurse &amp; ask\n"
        "Due *Friday 27 November 2026 (in 4 days)*.\n"
        "To correct it: `/action extend 1 DATE because REASON` or `/action reassign 1 @name`."
    )
    assert answer.replies[0].ephemeral
