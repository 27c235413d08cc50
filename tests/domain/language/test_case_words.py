"""How often a child was missing, a level of risk and a return, read from words behind a case reference."""

import pytest

from bot.domain.language.case_words import SaidReturn, missing_episodes, read_return, risk_said
from bot.models.vocabulary import ReturnKnowledge


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("missing 3 times this month", "3"),
        ("missing twice since Friday", "2"),
        ("missing x4", "4"),
        ("gone missing four times", "4"),
        ("3 missing episodes", "3"),
        ("two mispers last week", "2"),
        ("missing 3 times, 3 missing episodes", "3"),
        ("missing 3 days", ""),
        ("missing since 3 May", ""),
        ("not missing 3 times", ""),
        ("missing twice or 3 missing episodes", ""),
        ("older friends", ""),
    ],
)
def test_missing_episodes_are_counted_where_the_words_are_clear(typed: str, said: str) -> None:
    assert missing_episodes(typed) == said


LEVELS = {
    "ceraf:medium": "CERAF: medium",
    "ceraf:high": "CERAF: high",
    "seraf:significant": "SERAF: significant",
    "other:high": "Another tool: high",
}
TWO = {"ceraf:high": "CERAF: high", "own:high": "Our tool: high"}


@pytest.mark.parametrize(
    ("typed", "levels", "now", "key"),
    [
        ("high risk missing 3 times", LEVELS, "", "ceraf:high"),
        ("- now high risk", LEVELS, "other:high", "other:high"),
        ("risk level is high", LEVELS, "", "ceraf:high"),
        ("CERAF medium", LEVELS, "", "ceraf:medium"),
        ("change risk to significant", LEVELS, "", "seraf:significant"),
        ("another tool: high", LEVELS, "", "other:high"),
        ("high risk", TWO, "", ""),
        ("high risk", TWO, "own:high", "own:high"),
        ("our tool high", TWO, "", "own:high"),
        ("medium risk, high level", LEVELS, "", ""),
        ("not high risk", LEVELS, "", ""),
        ("was high risk", LEVELS, "", ""),
        ("from medium risk to high", LEVELS, "", ""),
        ("found in the high street", LEVELS, "", ""),
        ("high risk", {}, "", ""),
    ],
)
def test_a_level_of_risk_is_read_where_the_words_are_clear(
    typed: str, levels: dict[str, str], now: str, key: str
) -> None:
    assert risk_said(typed, levels, now) == key


KNOWN, NOT_KNOWN, NOTHING = ReturnKnowledge.KNOWN, ReturnKnowledge.NOT_KNOWN, ReturnKnowledge.NOTHING_TO_ADD


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0041 known, CAMHS letter", SaidReturn(KNOWN, "CAMHS letter")),
        ("WEST-0041 known to us: will bring the chronology", SaidReturn(KNOWN, "will bring the chronology")),
        ("0041 – we know him, open to CAMHS", SaidReturn(KNOWN, "open to CAMHS")),
        ("for 0041 we will bring a letter", SaidReturn(None, "we will bring a letter")),
        ("nothing known on 0041", SaidReturn(NOT_KNOWN)),
        ("0041 not known", SaidReturn(NOT_KNOWN)),
        ("0041 don\u2019t know him", SaidReturn(NOT_KNOWN)),
        ("0041 nothing to add", SaidReturn(NOTHING)),
        ("0041 known, nothing new", SaidReturn(NOTHING)),
        ("0041 known, not known to school", SaidReturn(None)),
        ("0041 nothing on the system", SaidReturn(None, "nothing on the system")),
        ("0041", SaidReturn(None)),
    ],
)
def test_a_return_is_read_from_words_and_never_turned_round(typed: str, said: SaidReturn) -> None:
    assert read_return(typed, "WEST-0041") == said
