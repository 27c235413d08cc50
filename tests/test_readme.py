"""The README and the documents beside it are true: the example applies, what they name is there."""

import re
import tomllib
from pathlib import Path

import pytest

from bot.cli import app
from bot.documents.county_schema import Agency, Area, County, Panel, Person
from bot.models.vocabulary import AgencyKind, Role
from bot.settings import Settings
from bot.slack.tables import build_registry
from tests.test_command_line import panelbot

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
COUNTY_FILE = (ROOT / "docs" / "county-file.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_county_file_of_the_readme_is_right_at_the_first_try(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.+?)```", README, flags=re.DOTALL)
    (tmp_path / "county.toml").write_text(example, encoding="utf-8")
    file = str(tmp_path / "county.toml")
    assert len(tomllib.loads(example)["panels"]) == 2
    assert panelbot("apply", file, "--dry-run", folder=tmp_path / "data")[0] == 0
    status, said = panelbot("apply", file, folder=tmp_path / "data")
    assert (status, said.splitlines()[-1]) == (0, "26 changes made.")
    status, said = panelbot("check", folder=tmp_path / "data")
    assert (status, said.splitlines()[-1]) == (0, "All is well.")


def test_the_readme_lists_the_kinds_of_panel_and_agency_and_the_roles() -> None:
    rows = dict(re.findall(r"^\| (`\w+`(?: of an agency)?) \| (.+?) \|$", README, flags=re.MULTILINE))
    shipped = {tomllib.loads(file.read_text(encoding="utf-8"))["key"] for file in (ROOT / "agendas").glob("*.toml")}
    assert set(re.findall(r"`([a-z-]+)`", rows["`definition`"])) == shipped
    assert re.findall(r"`(\w+)`", rows["`kind` of an agency"]) == [kind.value for kind in AgencyKind]
    assert set(re.findall(r"`(\w+)`", rows["`role`"])) == {*(role.value for role in Role), "deputy_for"}


@pytest.mark.parametrize("table", [County, Area, Agency, Person, Panel])
def test_every_key_of_the_county_file_is_described(table: type[County]) -> None:
    described = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (.+?) \|", COUNTY_FILE, flags=re.MULTILINE))))
    assert set(table.model_fields) - described == set()


def test_every_command_with_its_verbs_is_described() -> None:
    parts = re.split(
        r"^## `(/\w+)`.*$", (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    described = {
        command: set(re.findall(r"`([a-z-]+)`", "\n".join(re.findall(r"^\| (`.+?) \|", text, flags=re.MULTILINE))))
        for command, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    assert described == {
        command.name: {verb.name for verb in command.verbs} for command in build_registry().commands.values()
    }


def test_every_variable_is_described() -> None:
    described = set(
        re.findall(r"`((?:SLACK|PANELBOT)_\w+)`", (ROOT / "docs" / "running.md").read_text(encoding="utf-8"))
    )
    assert described == {name.upper() for name in Settings.model_fields}


def test_every_command_of_the_terminal_that_is_named_is_there() -> None:
    there = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    there |= {group.name for group in app.registered_groups}
    named = {
        word
        for file in DOCUMENTS
        for word in re.findall(r"`(?:\.venv/bin/)?panelbot ([a-z-]+)", file.read_text("utf-8"))
    }
    assert named - there == set()


def test_every_target_of_make_that_is_named_is_there() -> None:
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {word for file in DOCUMENTS for word in re.findall(r"[`\n]make ([a-z]+)", file.read_text("utf-8"))}
    assert named - there == set()


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_every_link_leads_to_a_file_and_no_picture_is_left_over(file: Path) -> None:
    linked = [
        target.partition("#")[0]
        for target in re.findall(r"\]\(([^)]+)\)", file.read_text(encoding="utf-8"))
        if not target.startswith(("http", "#"))
    ]
    assert [target for target in linked if not (file.parent / target).is_file()] == []
    if file.name == "README.md":
        assert {name for name in linked if name.endswith(".png")} == {
            f"docs/{picture.name}" for picture in (ROOT / "docs").glob("*.png")
        }
