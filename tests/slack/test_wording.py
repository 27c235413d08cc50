"""Hints about words that may blame the child: below the answer, and never instead of it."""

import pytest

from bot.documents.wording import shipped_wordings
from bot.domain.language.wording import Found, Wording, find_blame
from bot.slack.wording import hint_about
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL

LIST = (Wording(("lifestyle choice", "won't engage"), "say why"), Wording(("promiscuous",), "say who did it"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is a Lifestyle Choice of hers.", (Found("Lifestyle Choice", "say why"),)),
        ("She won\u2019t engage.", (Found("won\u2019t engage", "say why"),)),
        (
            "promiscuous, a lifestyle choice",
            (Found("lifestyle choice", "say why"), Found("promiscuous", "say who did it")),
        ),
        ("Unpromiscuously said.", ()),
        ("She was offered support twice.", ()),
    ],
)
def test_words_that_blame_are_found_as_they_were_typed(text: str, found: tuple[Found, ...]) -> None:
    assert find_blame(text, LIST) == found


def test_each_of_the_words_that_ship_is_found_and_has_another_way_to_say_it() -> None:
    for one in shipped_wordings():
        assert one.instead
        assert one.says
        for words in one.says:
            assert Found(words, one.instead) in find_blame(f"They say: {words}.", shipped_wordings())


def test_no_answer_is_given_a_hint_without_a_reason() -> None:
    assert hint_about("Police to visit the home.", "") == ""


def test_an_action_is_recorded_as_it_was_typed_with_a_hint_below(scene: Scene) -> None:
    answer = scene.person("U3").types(CHANNEL, "/action add @sam ask why she is promiscuous by Friday")
    assert ">ask why she is promiscuous\n" in answer.text
    assert answer.text.endswith(
        "\n:speech_balloon: _“promiscuous” may read as blaming the child: "
        "say what was done to the child, and who did it._"
    )
