"""Levels of risk. Each belongs to a risk tool, and can be compared only with other levels of the same tool."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict

from bot.domain.language.day_words import listed
from bot.domain.panel_definition import PanelDefinition, RiskTool
from bot.errors import Mistake

RiskKey = tuple[str, str]  #: of a tool, and of one of its levels

HIGHEST: Final = 0
_SCALE: Final = 1000


class Risk(BaseModel):
    """A level of a risk tool, with the titles of tool and level, and how far the level is below the tool's highest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str  #: its key
    tool_title: str
    level: str  #: its key
    title: str
    #: How far this level is below the tool's highest, from 0 to 999. The steps below the highest are divided by the
    #: number of levels, because tools have different numbers of levels: the second highest of three is 333, of four
    #: 250. The highest level of each tool is 0. The number only sorts the agenda. People are never told that a level of
    #: one tool is higher than a level of another.
    below_highest: int = HIGHEST

    @property
    def key(self) -> RiskKey:
        """Return the keys of the tool and the level."""
        return self.tool, self.level

    @property
    def words(self) -> str:
        """Return the titles of the tool and the level, as lists and forms show them."""
        return f"{self.tool_title}: {self.title}"


Risks = Mapping[RiskKey, Risk]


def levels_of(tool: RiskTool) -> tuple[Risk, ...]:
    """Return every level of a tool, the lowest first."""
    count = len(tool.levels)
    return tuple(
        Risk(
            tool=tool.key,
            tool_title=tool.title,
            level=level.key,
            title=level.title,
            below_highest=_SCALE * (count - position) // count,
        )
        for position, level in enumerate(tool.levels, start=1)
    )


def known_risks(definitions: Iterable[PanelDefinition]) -> Risks:
    """Return every level of every tool in these definitions. Definitions that share a tool give it the same levels."""
    tools = {tool.key: tool for definition in definitions for tool in definition.risk_tools}
    return MappingProxyType({risk.key: risk for tool in tools.values() for risk in levels_of(tool)})


def risk_of(known: Risks, tool: str | None, level: str | None) -> Risk | None:
    """Return the level with these keys, or None if the tool's or the level's key is None.

    A level that is no longer in any definition is shown by its keys, and sorted with the highest levels.
    """
    if tool is None or level is None:
        return None
    found = known.get((tool, level))
    if found is None:
        title = next((risk.tool_title for risk in known.values() if risk.tool == tool), _words(tool))
        return Risk(tool=tool, tool_title=title, level=level, title=_words(level))
    return found


def _words(key: str) -> str:
    return key.replace("_", " ").replace("-", " ")


def check_risk(
    tools: Sequence[RiskTool],
    risk: RiskKey,
    score: int | None = None,
    *,
    field: str = "risk_level",
    tool_field: str | None = None,
) -> None:
    """Raise Mistake unless one of these tools has this level, and the score (if given) belongs to the level.

    The error is attached to the form field `field`, or to `tool_field` (if given) when the tool itself is wrong.
    """
    tool_key, level_key = risk
    tool = next((tool for tool in tools if tool.key == tool_key), None)
    if tool is None:
        raise Mistake(
            f"This panel doesn't use the tool “{_words(tool_key)}”. It uses {listed(tool.title for tool in tools)}.",
            field=tool_field or field,
        )
    level = next((level for level in tool.levels if level.key == level_key), None)
    if level is None:
        raise Mistake(
            f"{_capital(tool.title)} has no level “{_words(level_key)}”. "
            f"Its levels are {listed(level.title for level in tool.levels)}.",
            field=field,
        )
    scored = None if score is None else tool.level_of_score(score)
    if scored is not None and scored is not level:
        raise Mistake(
            f"A {tool.title} score of {score} is {scored.title}, not {level.title}. "
            "If you judge the risk differently, choose another tool and write down why.",
            field=field,
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def change_in_words(before: Risk, after: Risk) -> str:
    """Return the two levels in words. If they belong to different tools, add that the levels can't be compared."""
    if before.tool == after.tool:
        return f"{before.words} to {after.title}"
    return f"{before.words} before, {after.words} after (different tools, so not compared)"
