"""What minutes print of risk before and after, also those that were sealed before levels belonged to tools."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col

from bot.documents.minutes import minutes_fields
from bot.domain.risk import RiskKey
from bot.models.cases import Case
from bot.models.minutes import Minutes, MinutesPart
from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.minutes import papers
from bot.services.minutes.record import facts_for
from tests.county import WEST, actor
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite")


def drafted(play: Play, risk_after: RiskKey | None, **facts: Any) -> None:
    """Hold the meeting of 24 March with one decision, and draft its minutes."""
    play.accepted("WEST-0001", **facts)
    play.at(3, 24, 14)
    play.compiles()
    play.holds({"WEST-0001": DecisionForm(DecisionKind.STEP_DOWN, "Settled.", risk_after=risk_after)})
    play.does("coordinator", papers.draft_minutes, WEST)


def printed(play: Play) -> str:
    """Return what the minutes print of the risk of their only case."""
    with play.store.work() as work:
        (minutes,) = work.find_all(Minutes)
        facts, _ = facts_for(work, actor(work, "chair"), minutes)
    (risk,) = (item["case"]["risk"] for item in minutes_fields(facts)["items"] if item["case"])
    return str(risk)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (None, "Medium (by CERAF); unchanged"),
        (("ceraf", "high"), "Medium (by CERAF) before, high after discussion"),
        (
            ("london", "category_3"),
            "Medium (by CERAF) before, category 3 (by London categories) after discussion; the two are not compared",
        ),
        (
            ("other", "medium"),  # of the same name in another tool
            "Medium (by CERAF) before, medium (by another tool) after discussion; the two are not compared",
        ),
    ],
)
def test_before_and_after_are_printed_with_their_tools(play: Play, after: RiskKey | None, said: str) -> None:
    drafted(play, after)
    assert printed(play) == said


def of_one_scale(tool: str, before: str | None, after: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return how an item was sealed when tool and level were words of one scale."""

    def rewrite(item: dict[str, Any]) -> dict[str, Any]:
        case = {name: fact for name, fact in item["case"].items() if name != "risk"}
        case |= {"risk_tool": before and tool, "risk_level": before}
        (decision,) = item["decisions"]
        kept = {name: facts for name, facts in item.items() if name not in ("decisions", "dissent")}
        return kept | {"case": case, "decision": decision | {"risk_before": before, "risk_after": after}}

    return rewrite


@pytest.mark.parametrize(
    ("rewrite", "said"),
    [
        (of_one_scale("ceraf", "medium", "high"), "Medium (by CERAF) before, high after discussion"),
        (of_one_scale("seraf", "medium", "standard"), "Medium (by SERAF) before, standard after discussion"),
        (of_one_scale("other", "standard", "standard"), "Standard (by another tool); unchanged"),
        (of_one_scale("ceraf", None, "high"), "Not assessed before, high (by another tool) after discussion"),
    ],
)
def test_minutes_sealed_before_tools_had_levels_print_what_they_did(
    play: Play, rewrite: Callable[[dict[str, Any]], dict[str, Any]], said: str
) -> None:
    drafted(play, None)
    with play.store.work() as work:
        for part in work.find_all(MinutesPart, col(MinutesPart.case_id).is_not(None)):
            facts = json.loads(work.open(part.facts))
            if "item" in facts:
                key_id = work.session.get_one(Case, part.case_id).data_key_id
                part.facts = work.seal(key_id, json.dumps({"item": rewrite(facts["item"])}))
                work.session.add(part)
    assert printed(play) == said


def test_a_score_is_printed_with_its_tool(play: Play) -> None:
    drafted(play, None, risk_tool="seraf", risk_level="moderate", score=12)
    assert printed(play) == "Moderate (by SERAF, score 12); unchanged"
