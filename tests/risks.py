"""Levels of the shipped tools, as tests name them."""

from bot.documents.panel_files import shipped_tools
from bot.domain.risk import Risk, levels_of

SHIPPED = {risk.key: risk for tool in shipped_tools().values() for risk in levels_of(tool)}


def level(tool: str, key: str) -> Risk:
    """Return a level of a shipped tool."""
    return SHIPPED[tool, key]
