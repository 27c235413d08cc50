"""`/action` as people type it."""

from bot.services.actions import changes
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


def test_several_actions_are_done_in_one_line_or_none_of_them(scene: Scene) -> None:
    chair = scene.person("U3")
    for _ in range(3):
        chair.types(CHANNEL, "/action add @sam ring the school by Friday")
    assert chair.types(CHANNEL, "/action done 2, 3").text == (
        "*Action 2* is marked done and awaits the panel's confirmation. If that was a slip: `/action reopen 2`.\n"
        "*Action 3* is marked done and awaits the panel's confirmation. If that was a slip: `/action reopen 3`."
    )
    refused = chair.types(CHANNEL, "/action done 1 2").text
    assert refused.startswith("Action 2 is already done")
    assert refused.endswith("Nothing was changed for the others either.")
    assert chair.types(CHANNEL, "/action reopen 1").text == "Action 1 is open already."
    assert chair.types(CHANNEL, "/action done 1.5").text.startswith("Which one?")


def test_an_action_is_not_closed_without_a_reason(scene: Scene) -> None:
    chair = scene.person("U3")
    for _ in range(2):
        chair.types(CHANNEL, "/action add @sam ring the school by Friday")
    for empty in ("", " because", " because:", " because because -"):
        assert chair.types(CHANNEL, f"/action not-possible 1{empty}").text == changes.NO_REASON
    assert chair.types(CHANNEL, "/action not-done 1 2 because gone").text.startswith("One action at a time")
    assert chair.types(CHANNEL, "/action extend 1 in 3 weeks because because").text.startswith("More time needs")
    assert chair.types(CHANNEL, "/action not-possible 1 because the family has moved").text.startswith("*Action 1* is")
