"""Levels of risk: in order within their tool, refused where the tool has none such, never compared across tools."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.panel_files import shipped_tools
from bot.domain.agenda_order import CaseForAgenda, order_cases
from bot.domain.panel_definition import RiskTool
from bot.domain.risk import Risk, change_in_words, check_risk, known_risks, levels_of, risk_of
from bot.errors import Mistake
from bot.models.vocabulary import Urgency
from tests.domain.definitions import a_definition
from tests.risks import level

SHIPPED = tuple(shipped_tools().values())


def a_tool(key: str, count: int) -> RiskTool:
    levels = [{"key": f"level-{number}", "title": f"level {number}"} for number in range(count)]
    return RiskTool.model_validate({"key": key, "title": key, "levels": levels})


TOOLS = st.lists(st.integers(2, 12), min_size=1, max_size=5).map(
    lambda counts: [a_tool(f"tool-{number}", count) for number, count in enumerate(counts)]
)


@given(tools=TOOLS, seed=st.randoms(use_true_random=False))
def test_an_agenda_has_the_order_of_each_tool_and_the_highest_of_all_tools_first(
    tools: list[RiskTool], seed: Any
) -> None:
    every = [risk for tool in tools for risk in levels_of(tool)]
    seed.shuffle(every)
    cases = [
        CaseForAgenda(number, f"SAMPLE-{number:04}", Urgency.ROUTINE, risk.below_highest, None, None, False, None)
        for number, risk in enumerate(every)
    ]
    heard = [every[case.flag_id] for case in order_cases(cases, meeting_on=date(2026, 11, 24), stale_after_months=3)]
    for tool in tools:
        assert [risk for risk in heard if risk.tool == tool.key] == list(reversed(levels_of(tool)))
    assert {(risk.tool, risk.level) for risk in heard[: len(tools)]} == {
        (tool.key, tool.levels[-1].key) for tool in tools
    }
    shares = [(sum(one.tool == risk.tool for one in every), levels_of_tool(tools, risk)) for risk in heard]
    assert [place * 1000 // count for count, place in shares] == [risk.below_highest for risk in heard]


def levels_of_tool(tools: list[RiskTool], risk: Risk) -> int:
    """Return how many levels of its tool are above this one."""
    (tool,) = (tool for tool in tools if tool.key == risk.tool)
    return len(tool.levels) - 1 - [one.key for one in tool.levels].index(risk.level)


@pytest.mark.parametrize(
    ("risk", "score", "said"),
    [
        (("ceraf", "mild"), None, "CERAF has no level “mild”. Its levels are standard, medium and high."),
        (("other", "category_1"), None, "Another tool has no level “category 1”. Its levels are low, medium and high."),
        (("dash", "high"), None, "This panel doesn't use the tool “dash”. It uses CERAF, SERAF, London categories"),
        (("seraf", "mild"), 11, "A SERAF score of 11 is moderate, not mild."),
    ],
)
def test_a_level_that_the_tool_does_not_have_is_refused_with_those_that_it_has(
    risk: tuple[str, str], score: int | None, said: str
) -> None:
    with pytest.raises(Mistake) as refused:
        check_risk(SHIPPED, risk, score)
    assert str(refused.value).startswith(said)
    assert refused.value.field == "risk_level"


def test_every_level_that_ships_is_let_through_and_a_score_says_nothing_of_a_tool_without_scores() -> None:
    for tool in SHIPPED:
        for risk in levels_of(tool):
            check_risk(SHIPPED, risk.key)
    check_risk(SHIPPED, ("ceraf", "standard"), 99)


def test_seraf_scores_have_their_levels() -> None:
    scored = [shipped_tools()["seraf"].level_of_score(score) for score in (0, 5, 6, 10, 11, 15, 16, 99)]
    assert [one.key if one else None for one in scored] == [
        "not_at_risk", "not_at_risk", "mild", "mild", "moderate", "moderate", "significant", "significant",
    ]  # fmt: skip


def test_levels_of_two_tools_are_told_with_both_tools_and_not_compared() -> None:
    medium, high, third = level("ceraf", "medium"), level("ceraf", "high"), level("london", "category_3")
    assert change_in_words(medium, high) == "CERAF: medium to high"
    assert change_in_words(medium, third) == (
        "CERAF: medium before, London categories: category 3 after (different tools, so not compared)"
    )


def test_what_no_definition_has_any_longer_keeps_its_name_and_comes_with_the_highest() -> None:
    known = known_risks([a_definition(risk_tools=SHIPPED)])
    of_old, gone = risk_of(known, "ceraf", "not_at_risk"), risk_of(known, "old-scale", "very_high")
    assert of_old is not None
    assert gone is not None
    assert (of_old.words, of_old.below_highest) == ("CERAF: not at risk", 0)
    assert (gone.words, gone.below_highest) == ("old scale: very high", 0)
    assert (risk_of(known, None, "high"), risk_of(known, "ceraf", None)) == (None, None)
