"""Reads the county file for `panelbot apply`. A file with any fault is refused, and all its faults are named.

The module also checks that keys are unique, and that each key to which the file refers is defined in the file.
"""

import re
import tomllib
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from bot.documents.county_schema import (
    PATTERN_WORDS,
    TEAM_ID,
    Agency,
    Area,
    Case,
    County,
    CountyFile,
    Member,
    Panel,
    Person,
)
from bot.documents.dates import USUAL_COUNT
from bot.documents.file_faults import (
    Fault,
    Place,
    TomlLines,
    in_order,
    nearest,
    plain_faults,
    syntax_fault,
    timezone_fault,
)
from bot.domain.language.agency_names import plain_name
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.panel_definition import PanelDefinition, Strict
from bot.domain.recurrence import occurrences
from bot.domain.risk import check_risk
from bot.errors import Misconfigured, Mistake
from bot.models.vocabulary import AreaKind, Role

__all__ = ["Agency", "Area", "Case", "County", "CountyFile", "Member", "Panel", "Person", "read_county_file"]

Value = TypeVar("Value", bound=Hashable)

TABLES: dict[str, type[Strict]] = {"areas": Area, "agencies": Agency, "people": Person, "panels": Panel, "cases": Case}


def read_county_file(text: str, *, name: str, definitions: Mapping[str, PanelDefinition] | None = None) -> CountyFile:
    """Return the county that `text` describes. People without a Slack workspace or time zone get the county's.

    `name` is how faults name the file. With `definitions`, kinds of panel are checked too. Raise `Misconfigured` with
    every fault in the order of the file, each as `NAME: line N, place: sentence`.
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
    sound = Sound(**{table: _sound(raw, table, model, bad) for table, model in TABLES.items()})
    faults += check_references(raw, sound, definitions)
    faults += _timezones(raw)
    if faults or read is None:
        raise Misconfigured(*in_order(name, faults, TomlLines(text), raw))
    return read


def _sound(raw: Mapping[str, Any], table: str, model: type[Strict], bad: set[Place]) -> list[tuple[int, Any]]:
    if (table,) in bad:
        return []
    return [(index, model.model_validate(entry)) for index, entry in _entries(raw, table) if (table, index) not in bad]


def _fill_in(raw: dict[str, Any]) -> None:
    county = raw.get("county")
    team, zone = "T00", "Europe/London"  # used if the county's own are faulty, so that the fault is told only once
    if isinstance(county, dict):
        zone = county.get("timezone", zone)
        given = county.get("team")
        team = given if isinstance(given, str) and re.search(TEAM_ID, given) else team
    for _, person in _entries(raw, "people"):
        person.setdefault("team", team)
        person.setdefault("timezone", zone)


def _timezones(raw: Mapping[str, Any]) -> list[Fault]:
    county = raw.get("county")
    shared = county.get("timezone") if isinstance(county, dict) else None
    people = ((("people", index), person["timezone"]) for index, person in _entries(raw, "people"))
    named: list[tuple[Place, Any]] = [(("county",), shared), *(each for each in people if each[1] != shared)]
    return [
        ((*place, "timezone"), fault)
        for place, zone in named
        if isinstance(zone, str) and (fault := timezone_fault(zone))
    ]


TABLE_OF = {"area": "areas", "agency": "agencies", "person": "people", "panel": "panels"}
REFERENCES = (  # table, field, what the field's key must name
    ("areas", "parent", "area"),
    ("agencies", "lead", "person"),
    ("people", "agency", "agency"),
    ("panels", "area", "area"),
    ("panels", "escalates_to", "panel"),
    ("cases", "district", "area"),
    ("cases", "agency", "agency"),
    ("cases", "flagged_by", "person"),
    ("cases", "panel", "panel"),
)
_ANY_DAY: Final = date(2024, 1, 1)  # a rule that gives no meeting in the sixty years after this day never gives one
LISTED_PEOPLE = (("panels", "members", "person"), ("panels", "members", "deputy_for"), ("cases", "readers", None))


@dataclass(frozen=True)
class Sound:
    """The well-formed entries of a county file. Each entry has its position among all entries of its table."""

    areas: list[tuple[int, Area]]
    agencies: list[tuple[int, Agency]]
    people: list[tuple[int, Person]]
    panels: list[tuple[int, Panel]]
    cases: list[tuple[int, Case]]


def check_references(
    raw: Mapping[str, Any], sound: Sound, definitions: Mapping[str, PanelDefinition] | None
) -> Iterator[Fault]:
    """Yield a fault for each duplicate in a county file, and for each reference to an entry that is missing or can't be
    used.

    With `definitions`, kinds of panel are checked too.
    """
    # Keys of malformed entries count as defined, so that one mistake is reported once.
    keys = {noun: {key for _, key in _keyed(raw, table, "key")} for noun, table in TABLE_OF.items()}
    yield from _duplicates(raw)
    yield from _known(raw, keys)
    yield from _areas_and_agencies(sound)
    yield from _short_names(sound)
    yield from _panels(sound, definitions)
    yield from _members(sound)
    yield from _diaries(sound, definitions or {})
    yield from _cases(sound, keys, definitions or {})


def _entries(raw: Mapping[str, Any], table: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries of a list of tables, each with its position. Entries that are not tables are left out."""
    entries = raw.get(table)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield index, entry


def _keyed(raw: Mapping[str, Any], table: str, key: str) -> Iterator[tuple[int, str]]:
    for index, entry in _entries(raw, table):
        if isinstance(entry.get(key), str):
            yield index, entry[key]


def _duplicates(raw: Mapping[str, Any]) -> Iterator[Fault]:
    named = [("areas", "key"), ("agencies", "key"), ("people", "key"), ("panels", "key"), ("panels", "channel")]
    for table, key in [*named, ("cases", "reference")]:
        for index, first, value in _repeated(_keyed(raw, table, key)):
            yield (table, index, key), f'{table}[{first + 1}] has the {key} "{value}" already'
    teams = dict(_keyed(raw, "people", "team"))
    users = ((index, (teams.get(index), user)) for index, user in _keyed(raw, "people", "user"))
    for index, first, (_, user) in _repeated(users):
        yield ("people", index, "user"), f'people[{first + 1}] has the Slack user "{user}" already'


def _repeated(entries: Iterable[tuple[int, Value]]) -> Iterator[tuple[int, int, Value]]:
    """Yield each repeated value, with its position and the position at which the value first appears."""
    seen: dict[Value, int] = {}
    for index, value in entries:
        first = seen.setdefault(value, index)
        if first != index:
            yield index, first, value


def _known(raw: Mapping[str, Any], keys: Mapping[str, set[str]]) -> Iterator[Fault]:
    """Yield a fault for each key that the file uses but does not define.

    References in malformed entries are checked too.
    """
    named: list[tuple[Place, str, Any]] = []
    for table, field, noun in REFERENCES:
        named += [((table, index, field), noun, given) for index, given in _keyed(raw, table, field)]
    for table, field, inner in LISTED_PEOPLE:
        for index, entry in _entries(raw, table):
            for position, listed in enumerate(entry[field] if isinstance(entry.get(field), list) else ()):
                place: Place = (table, index, field, position)
                if inner is None:
                    named.append((place, "person", listed))
                elif isinstance(listed, dict):
                    named.append(((*place, inner), "person", listed.get(inner)))
    for place, noun, given in named:
        if isinstance(given, str) and given not in keys[noun]:
            yield place, f'no {noun} has the key "{given}"{nearest(given, sorted(keys[noun]))}'


def _areas_and_agencies(sound: Sound) -> Iterator[Fault]:
    kinds = {area.key: area.kind for _, area in sound.areas}
    for index, area in sound.areas:
        if area.parent is not None and kinds.get(area.parent) is AreaKind.DISTRICT:
            yield ("areas", index, "parent"), f'"{area.parent}" is a district; the parent of a district is a county'
    homes = {person.key: person.agency for _, person in sound.people}
    for index, agency in sound.agencies:
        if agency.lead is not None and homes.get(agency.lead, agency.key) != agency.key:
            yield (
                ("agencies", index, "lead"),
                f'"{agency.lead}" works for "{homes[agency.lead]}"; an agency is led by one of its own',
            )


def _short_names(sound: Sound) -> Iterator[Fault]:
    """Yield a fault for each short name that two agencies have, since people could mean either agency by it."""
    names = {plain_name(name): index for index, one in sound.agencies for name in (one.key, one.name)}
    for index, agency in sound.agencies:
        for position, name in enumerate(agency.short_names):
            first = names.setdefault(plain_name(name), index)
            if first != index:
                yield ("agencies", index, "short_names", position), f'agencies[{first + 1}] is called "{name}" already'


def _panels(sound: Sound, definitions: Mapping[str, PanelDefinition] | None) -> Iterator[Fault]:
    areas = {area.key: area for _, area in sound.areas}
    panels = {panel.key: panel for _, panel in sound.panels}
    for index, panel in sound.panels:
        place: Place = ("panels", index)
        area = areas.get(panel.area)
        definition = (definitions or {}).get(panel.definition)
        if definitions is not None and definition is None:
            close = nearest(panel.definition, sorted(definitions))
            yield (*place, "definition"), f'no kind of panel has the key "{panel.definition}"{close}'
        if definition is not None and area is not None and definition.level != area.kind.value:
            yield (
                (*place, "area"),
                f'a panel of the kind "{definition.key}" belongs to a {definition.level}; '
                f'"{area.key}" is a {area.kind.value}',
            )
        above = panels.get(panel.escalates_to or "")
        if above is panel:
            yield (*place, "escalates_to"), "a panel cannot escalate to itself"
        elif above is not None and above.area in areas and areas[above.area].kind is not AreaKind.COUNTY:
            yield (*place, "escalates_to"), f'"{above.key}" belongs to a district; panels escalate to a county panel'


def _members(sound: Sound) -> Iterator[Fault]:
    homes = {person.key: person.agency for _, person in sound.people}
    for panel_index, panel in sound.panels:
        place: Place = ("panels", panel_index, "members")
        representatives = {member.person for member in panel.members if member.role is Role.REPRESENTATIVE}
        chairs = [index for index, member in enumerate(panel.members) if member.role is Role.CHAIR]
        for index in chairs[1:]:
            yield (*place, index, "role"), f"members[{chairs[0] + 1}] is the chair already; a panel has one"
        # A person may be a deputy for several periods.
        held = [(one.person, one.role, (one.begins_on, one.until) if one.until else None) for one in panel.members]
        for index, first, (person, role, _) in _repeated(enumerate(held)):
            yield (*place, index, "role"), f'members[{first + 1}] makes "{person}" {role.label} already'
        for index, member in enumerate(panel.members):
            absent, own, other = member.deputy_for, homes.get(member.person), homes.get(member.deputy_for or "")
            if absent in homes and absent not in representatives:
                yield (*place, index, "deputy_for"), f'"{absent}" is not a representative on this panel'
            elif own is not None and other is not None and own != other:
                yield (
                    (*place, index, "deputy_for"),
                    f'"{member.person}" works for "{own}" and "{absent}" for "{other}"; '
                    "a deputy must work for the same agency",
                )


def _diaries(sound: Sound, definitions: Mapping[str, PanelDefinition]) -> Iterator[Fault]:
    """Yield a fault for each series whose rule gives no meetings, whatever the day on which the file is applied."""
    for index, panel in sound.panels:
        definition = definitions.get(panel.definition)
        if panel.rule is None or definition is None:
            continue
        if panel.bank_holidays is not None:
            definition = definition.model_copy(update={"bank_holidays": panel.bank_holidays.value})
        rule, start, count = parse_rule(panel.rule), panel.starts_on, panel.count
        if start is None and rule.begins is not None and rule.begins.year is not None:
            start = rule.begins.on_or_after(_ANY_DAY)
        if start is None:
            # When the rule ends depends on the day of applying, so only its rhythm is checked here.
            rule, start, count = replace(rule, begins=None, ends=None, times=None), _ANY_DAY, 1
        elif count is None and rule.ends is None and rule.times is None:
            count = USUAL_COUNT
        try:
            occurrences(rule, start=start, count=count, definition=definition)
        except Mistake as mistake:
            yield ("panels", index, "rule"), str(mistake)


def _cases(sound: Sound, keys: Mapping[str, set[str]], definitions: Mapping[str, PanelDefinition]) -> Iterator[Fault]:
    areas = {area.key: area for _, area in sound.areas}
    people = {person.key: person for _, person in sound.people}
    panels = {panel.key: panel for _, panel in sound.panels}
    for index, case in sound.cases:
        place: Place = ("cases", index)
        district, panel, person = areas.get(case.district), panels.get(case.panel), people.get(case.flagged_by)
        if district is not None and district.kind is not AreaKind.DISTRICT:
            yield (*place, "district"), f'"{district.key}" is a county; a case belongs to a district'
        elif district and panel and panel.area in areas and panel.area not in (district.key, district.parent):
            elsewhere = f'"{panel.key}" belongs to "{panel.area}" and does not hear cases of "{district.key}"'
            yield (*place, "panel"), elsewhere
        if person is not None and case.agency in keys["agency"] and person.agency != case.agency:
            yield (*place, "flagged_by"), f'"{person.key}" works for "{person.agency}", not for "{case.agency}"'
        if person and panel and person.key not in {member.person for member in panel.members}:
            yield (*place, "flagged_by"), f'"{person.key}" is not a member of "{panel.key}"'
        definition = definitions.get(panel.definition) if panel else None
        if definition is not None and case.risk_tool is not None and case.risk_level is not None:
            try:
                check_risk(definition.risk_tools, (case.risk_tool, case.risk_level), case.score, tool_field="risk_tool")
            except Mistake as mistake:
                yield (*place, mistake.field or ""), str(mistake)
