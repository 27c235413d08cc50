"""The README of the panel definitions names every key, its default, and every value it may take."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bot.domain.panel_definition import ChaseLadder, Deadlines, Holds, PanelDefinition, Quorum, Section
from bot.models.vocabulary import AgencyKind, DecisionKind

README = (Path(__file__).parents[2] / "agendas" / "README.md").read_text(encoding="utf-8")
ROWS = dict(
    reversed(re.findall(r"^\| `(\w+)` \| (.+?) \|", README, flags=re.MULTILINE))
)  # the first row of a key counts
TABLES = {"deadlines", "chasing", "quorum", "agenda"}  # explained by headings of their own


@pytest.mark.parametrize("model", [PanelDefinition, Deadlines, ChaseLadder, Quorum, Section])
def test_every_key_is_explained_with_its_default(model: type[BaseModel]) -> None:
    told = {}
    for name, field in model.model_fields.items():
        if model is PanelDefinition and name in TABLES:
            assert f"`[[{name}]]`" in README or f"`[{name}]`" in README
            continue
        default = field.default
        if default is PydanticUndefined:
            told[name] = "none"
        elif name == "decisions":
            told[name] = "all"
        elif isinstance(default, str):
            told[name] = f'`"{default}"`'
        elif isinstance(default, bool):
            told[name] = f"`{str(default).lower()}`"  # as TOML writes it
        else:
            told[name] = f"`{list(default) if isinstance(default, tuple) else default}`"
    shared = {"key", "title"} if model is Section else set()  # also keys of the definition itself
    assert {name: ROWS.get(name) for name in told if name not in shared} == {
        name: default for name, default in told.items() if name not in shared
    }


def test_every_value_is_named() -> None:
    values = [kind.value for kind in AgencyKind]
    values += [f'"{one.value}"' for one in DecisionKind]
    values += [f'"{one}"' for one in Holds]
    assert [value for value in values if f"`{value}`" not in README] == []


def test_the_small_example_is_a_sound_definition() -> None:
    (example,) = re.findall(r"```toml\n(.+?)```", README, flags=re.DOTALL)
    assert PanelDefinition.model_validate(tomllib.loads(example)).key == "town-centre-panel"
