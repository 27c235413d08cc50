"""Panel definitions from their TOML files: those that ship, and those of a folder that replaces or adds to them."""

import tomllib
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from bot.documents.file_faults import place_words, plain_faults, syntax_fault, timezone_fault
from bot.documents.toml_lines import Place, TomlLines
from bot.domain.panel_definition import PanelDefinition
from bot.errors import Misconfigured


def load_panel_definitions(override: Path | None = None) -> dict[str, PanelDefinition]:
    """Every kind of panel by its key: the shipped files, then those of `override`, which win.

    Raises `Misconfigured` with every fault of every file, each as `FILE: line N, KEY.PATH: sentence`.
    """
    faults: list[str] = []
    definitions = _read_folder(files("agendas").iterdir(), faults)
    if override is not None:
        if override.is_dir():
            definitions |= _read_folder(override.iterdir(), faults)
        else:
            faults.append(f"{override}: this folder of panel definitions does not exist")
    if faults:
        raise Misconfigured(*faults)
    return definitions


def _read_folder(entries: Iterable[Traversable], faults: list[str]) -> dict[str, PanelDefinition]:
    found: dict[str, PanelDefinition] = {}
    origin: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.name):
        if not entry.name.endswith(".toml"):
            continue
        definition = _read_file(entry.name, entry.read_bytes(), faults)
        if definition is None:
            continue
        if definition.key in found:
            faults.append(
                f'{entry.name}: key: {origin[definition.key]} has the key "{definition.key}" too; '
                "give each kind of panel its own"
            )
            continue
        found[definition.key], origin[definition.key] = definition, entry.name
    return found


def _read_file(file: str, content: bytes, faults: list[str]) -> PanelDefinition | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        faults.append(f"{file}: line {line}: this is not UTF-8 text; save the file as UTF-8")
        return None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(syntax_fault(file, error, text))
        return None
    found: list[tuple[Place, str]] = []
    zone = raw.get("timezone")
    if isinstance(zone, str) and (fault := timezone_fault(zone)):
        found.append((("timezone",), fault))
    definition: PanelDefinition | None = None
    try:
        definition = PanelDefinition.model_validate(raw)
    except ValidationError as error:
        found += plain_faults(error, PanelDefinition)
    lines = TomlLines(text)
    for place, sentence in sorted(found, key=lambda fault: lines.line(fault[0]) or 0):
        at, words = lines.line(place), place_words(place)
        where = ", ".join(([f"line {at}"] if at else []) + ([words] if words else []))
        faults.append(f"{file}: {where}: {sentence}" if where else f"{file}: {sentence}")
    return None if found else definition
