"""What people write, as it is kept."""

from datetime import date

import pytest

from bot.domain.language.identifiers import accept_line, accept_text
from bot.errors import Mistake

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("hidden", ["\u061c", "\u200b", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"])
def test_what_nobody_sees_is_not_kept(hidden: str) -> None:
    assert accept_line(f"ring {hidden}the nurse", field="text", missing="", today=TODAY) == "ring the nurse"
    assert accept_text(f"{hidden}one\n{hidden}two", field="text", missing="", today=TODAY) == "one\ntwo"


def test_an_identifier_cannot_hide_behind_it() -> None:
    with pytest.raises(Mistake, match="phone number"):
        accept_line("ring 07700\u200b 9001\u202e23", field="text", missing="", today=TODAY)


def test_nothing_but_what_nobody_sees_is_nothing() -> None:
    with pytest.raises(Mistake, match=r"^Say something\.$"):
        accept_line("\u202e\u2066", field="text", missing="Say something.", today=TODAY)
