"""A county file for `panelbot apply`: read whole or refused whole, with every fault named."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.documents.county_references import Fault, Sound, check_references, sound_entries
from bot.documents.county_schema import (
    PATTERN_WORDS,
    TEAM_ID,
    Agency,
    Area,
    Case,
    County,
    CountyFile,
    Entry,
    Member,
    Panel,
    Person,
)
from bot.documents.file_faults import Place, TomlLines, plain_faults, syntax_fault, timezone_fault
from bot.domain.panel_definition import PanelDefinition
from bot.errors import Misconfigured

__all__ = ["Agency", "Area", "Case", "County", "CountyFile", "Member", "Panel", "Person", "read_county_file"]

TABLES: dict[str, type[Entry]] = {"areas": Area, "agencies": Agency, "people": Person, "panels": Panel, "cases": Case}


def read_county_file(text: str, *, name: str, definitions: Mapping[str, PanelDefinition] | None = None) -> CountyFile:
    """The county that `text` describes; people's team and time zone are filled in from the county's.

    `name` is what faults call the file. With `definitions` the kinds of panel are checked too. Raises
    `Misconfigured` with every fault in the order of the file, each as `NAME: line N, place: sentence`.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(syntax_fault(name, error, text)) from error
    _fill_in(raw)
    read: CountyFile | None = None
    faults: list[Fault] = []
    try:
        read = CountyFile.model_validate(raw)
    except ValidationError as error:
        faults += plain_faults(error, CountyFile, PATTERN_WORDS)
    bad = {place[:2] for place, _ in faults}
    sound = Sound(**{table: sound_entries(raw, table, model, bad) for table, model in TABLES.items()})
    faults += check_references(raw, sound, definitions)
    faults += _timezones(raw)
    if faults or read is None:
        lines = TomlLines(text)
        ordered = sorted(faults, key=lambda fault: lines.line(fault[0]) or 0)
        raise Misconfigured(*(f"{name}: {_where(place, raw, lines)}: {said}" for place, said in ordered))
    return read


def _fill_in(raw: dict[str, Any]) -> None:
    county, people = raw.get("county"), raw.get("people")
    team, zone = "T00", "Europe/London"  # stand in where the county's own are at fault, which is told once
    if isinstance(county, dict):
        zone = county.get("timezone", zone)
        given = county.get("team")
        team = given if isinstance(given, str) and re.search(TEAM_ID, given) else team
    for person in people if isinstance(people, list) else ():
        if isinstance(person, dict):
            person.setdefault("team", team)
            person.setdefault("timezone", zone)


def _timezones(raw: Mapping[str, Any]) -> list[Fault]:
    named: list[tuple[Place, Any]] = []
    shared = None
    if isinstance(county := raw.get("county"), dict):
        shared = county.get("timezone")
        named.append((("county", "timezone"), shared))
    people = raw.get("people")
    for index, person in enumerate(people if isinstance(people, list) else ()):
        if isinstance(person, dict) and person["timezone"] != shared:
            named.append((("people", index, "timezone"), person["timezone"]))
    return [(place, fault) for place, zone in named if isinstance(zone, str) and (fault := timezone_fault(zone))]


def _where(place: Place, raw: Mapping[str, Any], lines: TomlLines) -> str:
    """`line 120, people[3] (key "amy-police").agency`: entries count from 1, and carry the name they gave."""
    words, here = "", raw
    for step in place:
        if isinstance(step, str):
            words += f".{step}" if words else step
            here = here.get(step, {}) if isinstance(here, Mapping) else {}
            continue
        words += f"[{step + 1}]"
        here = here[step] if isinstance(here, list) and step < len(here) else {}
        if isinstance(here, Mapping):
            for label in ("key", "reference", "person"):
                if isinstance(here.get(label), str):
                    words += f' ({label} "{here[label]}")'
                    break
    line = lines.line(place)
    return f"line {line}, {words}" if line else words or "the file"
