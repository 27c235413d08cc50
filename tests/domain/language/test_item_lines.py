"""Items of an agenda that are no case, as people type them."""

import pytest

from bot.domain.language.item_lines import SaidItem, read_item


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("presentation 10 Online harm", SaidItem("Online harm", "presentation", 10)),
        ("Presentation Online harm, 20 minutes", SaidItem("Online harm", "presentation", 20)),
        ("a presentation about Online harm for 20 minutes", SaidItem("Online harm", "presentation", 20)),
        ("20 min presentation Online harm", SaidItem("Online harm", "presentation", 20)),
        ("paper: Online harm \u2013 10 min", SaidItem("Online harm", "paper", 10)),
        ("Online harm (15mins)", SaidItem("Online harm", "", 15)),
        ("Online harm half an hour", SaidItem("Online harm", "", 30)),
        ("Online harm, an hour", SaidItem("Online harm", "", 60)),
        ("Profile 2026", SaidItem("Profile 2026")),
        ("The first 10 minutes of a missing episode", SaidItem("The first 10 minutes of a missing episode")),
        ("Rush hour thefts", SaidItem("Rush hour thefts")),
        ("Christmas cover", SaidItem("Christmas cover")),
        ("item \u201cCounty lines briefing\u201d 15 mins", SaidItem("County lines briefing", "", 15)),
        ("new agenda item: thresholds, 10 mins", SaidItem("thresholds", "", 10)),
        ('"Online harm" 10 minutes', SaidItem("Online harm", "", 10)),
        ("item 3 again", SaidItem("item 3 again")),
        (
            "10 mins Online harm presentation by Barnardo\u2019s",
            SaidItem("Online harm presentation by Barnardo\u2019s", "presentation", 10),
        ),
        ("Thresholds paper from the DSL", SaidItem("Thresholds paper from the DSL", "paper")),
        ("Paper round thefts", SaidItem("round thefts", "paper")),
        ("Theft of paper goods", SaidItem("Theft of paper goods")),
        ("\u201cOnline\u201d harm", SaidItem("\u201cOnline\u201d harm")),
    ],
)
def test_an_item_has_its_minutes_wherever_they_stand(typed: str, said: SaidItem) -> None:
    assert read_item(typed) == said
