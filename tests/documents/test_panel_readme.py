"""The README of the panel definitions names every key, its default, and every value it may take."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bot.documents.panel_files import load_panel_definitions, shipped_facts, shipped_tools
from bot.domain.panel_definition import (
    ChaseLadder,
    Deadlines,
    FactKind,
    Holds,
    OptionalFact,
    PanelDefinition,
    Quorum,
    RiskLevel,
    RiskTool,
    Section,
)
from bot.models.vocabulary import AgencyKind, DecisionKind

README = (Path(__file__).parents[2] / "agendas" / "README.md").read_text(encoding="utf-8")
ROWS = dict(
    reversed(re.findall(r"^\| `(\w+)` \| (.+?) \|", README, flags=re.MULTILINE))
)  # the first row of a key counts
#: Explained by headings of their own.
TABLES = {"deadlines", "chasing", "quorum", "risk_tools", "optional_facts", "agenda"}
MODELS = (PanelDefinition, Deadlines, ChaseLadder, Quorum, RiskTool, RiskLevel, OptionalFact, Section)


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_explained_with_its_default(model: type[BaseModel]) -> None:
    told = {}
    for name, field in model.model_fields.items():
        if model is PanelDefinition and name in TABLES:
            assert f"`[[{name}]]`" in README or f"`[{name}]`" in README
            continue
        default = field.default
        if default is PydanticUndefined:
            told[name] = "none"
        elif name in ("decisions", "record"):
            told[name] = "all"
        elif default is None:
            told[name] = "nothing"
        elif isinstance(default, str):
            told[name] = f'`"{default}"`'
        elif isinstance(default, bool):
            told[name] = f"`{str(default).lower()}`"  # as TOML writes it
        else:
            told[name] = f"`{list(default) if isinstance(default, tuple) else default}`"
    shared = (
        {"key", "title"} if model in (Section, RiskTool, RiskLevel, OptionalFact) else set()
    )  # also keys of the definition itself
    assert {name: ROWS.get(name) for name in told if name not in shared} == {
        name: default for name, default in told.items() if name not in shared
    }


def test_every_value_is_named() -> None:
    values = [kind.value for kind in AgencyKind]
    values += [f'"{one.value}"' for one in DecisionKind]
    values += [f'"{one}"' for one in Holds]
    values += [f'"{one}"' for one in FactKind]
    assert [value for value in values if f"`{value}`" not in README] == []


def test_the_small_example_is_a_sound_definition(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.+?)```", README, flags=re.DOTALL)
    (tmp_path / "town.toml").write_text(example, encoding="utf-8")
    tools = load_panel_definitions(tmp_path)["town-centre-panel"].risk_tools
    assert [(tool.title, [level.title for level in tool.levels]) for tool in tools] == [
        ("CERAF", ["standard", "medium", "high"]),
        ("Town Centre scale", ["watch", "act"]),
    ]


def test_the_table_of_the_tools_that_ship_is_true() -> None:
    shown = re.findall(r'^\| `"(ceraf|seraf|london|other)"` \| .+? \| (.+?) \|', README, flags=re.MULTILINE)
    assert {key: re.sub(r" \(.+?\)", "", levels) for key, levels in shown} == {
        key: ", ".join(level.title for level in tool.levels) for key, tool in shipped_tools().items()
    }


def test_the_table_of_the_facts_that_ship_is_true() -> None:
    (table,) = re.findall(r"\| Fact \| Asks \|\n(.+?)\n\n", README, flags=re.DOTALL)
    shown = re.findall(r'^\| `"(\w+)"` \| (.+?) \|', table, flags=re.MULTILINE)
    assert shown == [(key, fact.title) for key, fact in shipped_facts().items()]
