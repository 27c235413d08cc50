"""A panel definition to test with; each test states only what it is about."""

from typing import Any

from bot.domain.panel_definition import PanelDefinition

DISTRICT_AGENDA = (
    {"key": "welcome", "title": "Welcome and quorum", "minutes": 5},
    {"key": "actions", "title": "Outstanding actions", "minutes": 15, "holds": "matters_arising"},
    {"key": "new", "title": "New children", "minutes": 10, "holds": "new_cases"},
    {"key": "reviews", "title": "Reviews", "minutes": 5, "holds": "review_cases"},
    {"key": "close", "title": "Any other business", "minutes": 5},
)


def a_definition(**differences: Any) -> PanelDefinition:
    """Return a district panel of two hours at 14:00, changed as the test needs it."""
    usual: dict[str, Any] = {
        "key": "sample",
        "title": "Sample panel",
        "level": "district",
        "duration": 120,
        "confidentiality": "What is said here stays here unless a child needs it shared.",
        "agenda": DISTRICT_AGENDA,
    }
    return PanelDefinition.model_validate(usual | differences)
