"""A level is chosen with its tool in one field, and stays with its tool up to the minutes."""

import io
from datetime import UTC, datetime

import pytest
from docx import Document

from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, go_to_case, open_quorate, opened

pytestmark = pytest.mark.databases("sqlite")


def test_the_form_offers_each_tool_with_its_levels_under_it(scene: Scene) -> None:
    form = opened(scene.person("U2").types(CHANNEL, "/case flag").view)
    assert [
        (group["label"]["text"], [option["text"]["text"] for option in group["options"]])
        for block in form.blocks
        if block.get("block_id") == "risk_level"
        for group in block["element"]["option_groups"]
    ] == [
        ("CERAF", ["CERAF: standard", "CERAF: medium", "CERAF: high"]),
        ("SERAF", ["SERAF: not at risk", "SERAF: mild", "SERAF: moderate", "SERAF: significant"]),
        (
            "London categories",
            ["London categories: category 1", "London categories: category 2", "London categories: category 3"],
        ),
        ("Another tool", ["Another tool: low", "Another tool: medium", "Another tool: high"]),
    ]


def test_a_score_that_comes_to_another_level_is_refused_at_the_level(scene: Scene) -> None:
    sam = scene.person("U2")
    flag(scene, risk_level="", assessed_on="", assessment_due_on="2026-12-01")
    form = opened(sam.types(CHANNEL, "/case assess SAMPLE-0012").view)
    made = {"risk_level": "seraf:significant", "score": "12", "assessed_on": "2026-11-02"}
    wrong = sam.submits(form, made)
    assert wrong.errors == {
        "risk_level": "A SERAF score of 12 is moderate, not significant. "
        "If you judge the risk differently, choose another tool and write down why."
    }
    done = sam.submits(opened(wrong.view), {"risk_level": "seraf:moderate"})
    assert "You have added an assessment of *SAMPLE-0012*: SERAF: moderate." in opened(done.view).words


def test_a_london_category_is_flagged_and_the_panel_decides_by_another_tool(scene: Scene) -> None:
    alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
    flag(scene, risk_level="london:category_2")
    assert "urgent · London categories: category 2 · new" in sam.types(CHANNEL, "/case list").text
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    alex.clicks(triage, next(action for action in triage.actions if action.startswith("agenda.accept:")))
    kim.types(CHANNEL, "/agenda publish")
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    open_quorate(scene)
    card = go_to_case(scene).words
    assert "London categories: category 2" in card
    assert "\nAssessed Fri 30 Oct 2026" in card
    form = opened(kim.types(CHANNEL, "/meeting decide").view)
    assert "Risk before: London categories: category 2." in form.words
    made = {"kind": "strategy", "rationale": "The threshold is met.", "risk_after": "ceraf:high"}
    read_back = opened(kim.submits(form, made).view).words
    assert "London categories: category 2 before, CERAF: high after (different tools, so not compared)" in read_back
    kim.types(CHANNEL, "/meeting close now")
    assert "Draft minutes" in kim.types(CHANNEL, "/minutes draft").text
    paper = alex.waits_for(lambda: [message for message in alex.dm() if message.files])[-1]
    printed = "".join(Document(io.BytesIO(paper.files[0][1])).element.body.itertext())
    assert (
        "Category 2 (by London categories) before, high (by CERAF) after discussion; the two are not compared"
    ) in printed
    assert not {"higher", "lower", "unchanged"} & set(printed.lower().split())
