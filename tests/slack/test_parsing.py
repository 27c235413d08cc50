"""Reading what people type after a command."""

import pytest

from bot.errors import Mistake
from bot.slack.parsing import plain, take_mention, take_number


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("ring &amp; ask if &lt;5", "ring & ask if <5"),
        ("see <https://example.org/a|example.org/a>", "see example.org/a"),
        ("see <https://example.org/a>", "see https://example.org/a"),
        ("ask <@U2|sam> in <#C1|west>", "ask sam in west"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_text_is_as_the_person_typed_it(written: str, typed: str) -> None:
    assert plain(written) == typed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<@U2|sam> ring by Friday", ("U2", "ring by Friday")),
        ("<@U2> ring by Friday", ("U2", "ring by Friday")),
        ("ring  <@W2|sam>  by Friday", ("W2", "ring by Friday")),
        ("ring by Friday", (None, "ring by Friday")),
        ("@sam ring", (None, "@sam ring")),
    ],
)
def test_the_first_person_mentioned_is_taken_out(text: str, found: tuple[str | None, str]) -> None:
    assert take_mention(text) == found


@pytest.mark.parametrize(("text", "found"), [("12", (12, "")), ("#12 because", (12, "because")), (" 7 x", (7, "x"))])
def test_a_number_is_taken_from_the_front(text: str, found: tuple[int, str]) -> None:
    assert take_number(text, "Type it.") == found


@pytest.mark.parametrize("text", ["", "x", "-1", "12th", "9999999999"])
def test_what_is_no_number_is_asked_for(text: str) -> None:
    with pytest.raises(Mistake, match=r"^Which one\? Type it\.$"):
        take_number(text, "Type it.")
