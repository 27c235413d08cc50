"""Reads panel definitions from TOML files: the shipped ones, and those in an administrator's own folder.

A file in the administrator's folder replaces the shipped one with the same key, or adds a kind of panel.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.documents.file_faults import Fault, TomlLines, in_order, plain_faults, syntax_fault, timezone_fault, where
from bot.domain.panel_definition import OptionalFact, PanelDefinition, RiskTool
from bot.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class PanelFile:
    """A panel definition that has no faults, with its file and the line of each of its keys."""

    name: str
    definition: PanelDefinition
    lines: TomlLines

    def where(self, key: str) -> str:
        """Return where a key is set, as `FILE: line N, KEY`.

        If the definition lacks the key, return where the key should be.
        """
        return where(self.name, (key,), self.lines)


@dataclass(frozen=True, slots=True)
class PanelFiles:
    """The definitions that have no faults, by their keys, and every fault as `FILE: line N, KEY.PATH: sentence`."""

    sound: dict[str, PanelFile] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  #: the names of files with faults, and their keys where there are any

    @property
    def definitions(self) -> dict[str, PanelDefinition]:
        """Return the definitions that have no faults, as a dict by their keys."""
        return {key: file.definition for key, file in self.sound.items()}


def load_panel_definitions(override: Path | None = None) -> dict[str, PanelDefinition]:
    """Return the panel definitions, shipped and from the folder `override`, as a dict by their keys.

    A definition in the folder replaces the shipped one with the same key. Raise `Misconfigured` with every fault of
    every file.
    """
    read = read_panel_files(override)
    if read.faults:
        raise Misconfigured(*read.faults)
    return read.definitions


def read_panel_files(override: Path | None = None) -> PanelFiles:
    """Return the definitions and faults of the shipped files and of those in the folder `override`.

    A file in the folder replaces the shipped one with the same key.
    """
    read = _shipped()
    if override is None:
        return _with_tools(PanelFiles(dict(read.sound), list(read.faults), set(read.broken)))
    try:
        own = _read_folder(override.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        own = PanelFiles(
            faults=[
                f"{override}: this folder of panel definitions does not exist; make it, or unset PANELBOT_AGENDAS_DIR"
            ]
        )
    except OSError as unreadable:
        own = PanelFiles(faults=[f"{override}: this folder of panel definitions cannot be read ({_why(unreadable)})"])
    # A faulty file of the folder still removes the shipped definition that it should replace: using that one would be
    # wrong.
    shipped = {key: file for key, file in read.sound.items() if not own.broken & {key, file.name}}
    return _with_tools(PanelFiles(shipped | own.sound, read.faults + own.faults, read.broken | own.broken))


@cache
def shipped_tools() -> dict[str, RiskTool]:
    """Return the risk tools that panelbot ships, as a dict by their keys."""
    raw = tomllib.loads(files("agendas").joinpath("risk_tools", "shipped.toml").read_text(encoding="utf-8"))
    return {tool.key: tool for tool in (RiskTool.model_validate(one) for one in raw["risk_tools"])}


@cache
def shipped_facts() -> dict[str, OptionalFact]:
    """Return the optional facts that panelbot ships, as a dict by their keys."""
    raw = tomllib.loads(files("agendas").joinpath("optional_facts", "shipped.toml").read_text(encoding="utf-8"))
    return {fact.key: fact for fact in (OptionalFact.model_validate(one) for one in raw["optional_facts"])}


def _with_tools(read: PanelFiles) -> PanelFiles:
    """Give the shipped risk tools to definitions that name no tools. Return `read` with the new definitions.

    If a definition changes a shipped tool, every definition gets the changed tool. A tool must mean the same on every
    panel, since cases move between panels with their level. So it is a fault if two definitions give one tool different
    titles or levels.
    """
    shipped, given = shipped_tools(), dict[str, tuple[PanelFile, RiskTool]]()
    for file in read.sound.values():
        for index, tool in enumerate(file.definition.risk_tools):
            if tool == shipped.get(tool.key):
                continue  # named by its key, or written out unchanged
            first, same = given.setdefault(tool.key, (file, tool))
            if same != tool:
                place = where(file.name, ("risk_tools", index), file.lines)
                read.faults.append(
                    f'{place}: {first.name} gives the tool "{tool.key}" another title or other levels; a tool is the '
                    "same on every panel, so make them agree or give one of them another key"
                )
    usual = shipped | {key: tool for key, (_, tool) in given.items() if key in shipped}
    for key, file in read.sound.items():
        tools = tuple(usual.get(tool.key, tool) for tool in file.definition.risk_tools) or tuple(usual.values())
        read.sound[key] = replace(file, definition=file.definition.model_copy(update={"risk_tools": tools}))
    return read


def _name_shipped(raw: dict[str, Any]) -> None:
    """Fill in the tools and optional facts that the file gives only by key.

    Each such key is replaced by the shipped tool or fact that has this key.
    """
    for table, shipped in (("risk_tools", shipped_tools()), ("optional_facts", shipped_facts())):
        if isinstance(taken := raw.get(table), list):
            raw[table] = [
                shipped.get(str(one["key"]), one) if isinstance(one, dict) and one.keys() == {"key"} else one
                for one in taken
            ]


def doubts_about(read: PanelFiles) -> Iterator[str]:
    """Yield a sentence about each setting that is allowed but probably a mistake, in the same form as faults."""
    for file in read.sound.values():
        taken = sum(section.minutes for section in file.definition.agenda if not section.kind.takes)
        lasts = file.definition.duration
        if taken > lasts:
            yield (
                f"{file.where('duration')}: the meeting is booked for {lasts} minutes, and the headings that hold no "
                f"cases take {taken} already"
            )


@cache
def _shipped() -> PanelFiles:
    """Return what the shipped files say. The files don't change while panelbot runs, so they are read only once."""
    return _read_folder(files("agendas").iterdir())


def _read_folder(entries: Iterable[Traversable]) -> PanelFiles:
    found = PanelFiles()
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            _read_file(entry, found)
    return found


def _why(unreadable: OSError) -> str:
    if isinstance(unreadable, IsADirectoryError):
        return "it is a folder"
    if isinstance(unreadable, FileNotFoundError):
        return "it is a link to something that is not there"
    return (unreadable.strerror or type(unreadable).__name__).lower()


def _read_file(entry: Traversable, read: PanelFiles) -> None:
    """Read one file, and add its definition, or else its faults, to `read`."""
    name, text = entry.name, ""
    try:
        text = entry.read_bytes().decode("utf-8-sig")
        raw = tomllib.loads(text)
        _name_shipped(raw)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        read.faults.append(_unreadable(name, error, text))
        read.broken.add(name)
        return
    lines, found = TomlLines(text), list[Fault]()
    zone = raw.get("timezone")
    if isinstance(zone, str) and (fault := timezone_fault(zone)):
        found.append((("timezone",), fault))
    definition: PanelDefinition | None = None
    try:
        definition = PanelDefinition.model_validate(raw)
    except ValidationError as error:
        found += plain_faults(error, PanelDefinition)
    if found or definition is None:
        read.faults.extend(in_order(name, found, lines))
        read.broken.update((name, str(raw.get("key"))))
        return
    key, file = definition.key, PanelFile(name, definition, lines)
    first = read.sound.setdefault(key, file)
    if first is not file:
        sentence = f'{first.name} has the key "{key}" too; give each kind of panel its own'
        read.faults.append(f"{file.where('key')}: {sentence}")


def _unreadable(name: str, error: OSError | UnicodeDecodeError | tomllib.TOMLDecodeError, text: str) -> str:
    if isinstance(error, OSError):
        return f"{name}: cannot be read as a panel definition ({_why(error)})"
    if isinstance(error, UnicodeDecodeError):
        line = error.object[: error.start].count(b"\n") + 1
        return f"{name}: line {line}: this is not UTF-8 text; save the file as UTF-8"
    return syntax_fault(name, error, text)
