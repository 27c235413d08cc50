"""What a county file says about itself: every key named once, every reference kept, nobody in two minds."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from bot.documents.county_schema import Agency, Area, Case, Entry, Panel, Person
from bot.documents.dates import USUAL_COUNT
from bot.documents.file_faults import Place, nearest
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.panel_definition import PanelDefinition
from bot.domain.recurrence import occurrences
from bot.errors import Mistake
from bot.models.vocabulary import AreaKind, Role

Fault = tuple[Place, str]

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
_ANY_DAY: Final = date(2024, 1, 1)  # what gives no meeting in the sixty years from here on never does
LISTED_PEOPLE = (("panels", "members", "person"), ("panels", "members", "deputy_for"), ("cases", "readers", None))


@dataclass(frozen=True)
class Sound:
    """Those entries of a file that are well formed by themselves, each with its position among all."""

    areas: list[tuple[int, Area]]
    agencies: list[tuple[int, Agency]]
    people: list[tuple[int, Person]]
    panels: list[tuple[int, Panel]]
    cases: list[tuple[int, Case]]


@dataclass(frozen=True)
class Keys:
    """Every key the file gives, malformed entries included, so that one mistake is told once."""

    areas: set[str]
    agencies: set[str]
    people: set[str]
    panels: set[str]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Keys":
        """The keys of a file as `tomllib` read it."""
        return cls(
            *({key for _, key in _keyed(raw, table, "key")} for table in ("areas", "agencies", "people", "panels"))
        )


def check_references(
    raw: Mapping[str, Any], sound: Sound, definitions: Mapping[str, PanelDefinition] | None
) -> Iterator[Fault]:
    """Each broken reference or duplicate with its place; kinds of panel are checked when `definitions` is given."""
    keys = Keys.of(raw)
    yield from _duplicates(raw)
    yield from _known(raw, keys)
    yield from _areas_and_agencies(sound)
    yield from _panels(sound, definitions)
    yield from _members(sound)
    yield from _diaries(sound, definitions or {})
    yield from _cases(sound, keys)


def _keyed(raw: Mapping[str, Any], table: str, key: str) -> Iterator[tuple[int, str]]:
    entries = raw.get(table, ())
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and isinstance(entry.get(key), str):
            yield index, entry[key]


def _duplicates(raw: Mapping[str, Any]) -> Iterator[Fault]:
    named = [("areas", "key"), ("agencies", "key"), ("people", "key"), ("panels", "key"), ("panels", "channel")]
    for table, key in [*named, ("cases", "reference")]:
        yield from _twice(table, key, _keyed(raw, table, key))
    users = dict(_keyed(raw, "people", "user"))
    teams = dict(_keyed(raw, "people", "team"))
    seen: dict[Hashable, int] = {}
    for index, user in users.items():
        first = seen.setdefault((teams.get(index), user), index)
        if first != index:
            yield ("people", index, "user"), f'people[{first + 1}] has the Slack user "{user}" already'


def _twice(table: str, key: str, entries: Iterator[tuple[int, str]]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, value in entries:
        first = seen.setdefault(value, index)
        if first != index:
            yield (table, index, key), f'{table}[{first + 1}] has the {key} "{value}" already'


def _known(raw: Mapping[str, Any], keys: Keys) -> Iterator[Fault]:
    """Each key that is named and that nothing has; malformed entries are searched too."""
    nouns = {"area": keys.areas, "agency": keys.agencies, "person": keys.people, "panel": keys.panels}
    for table, field, noun in REFERENCES:
        for index, given in _keyed(raw, table, field):
            yield from _unknown((table, index, field), noun, given, nouns[noun])
    for table, field, inner in LISTED_PEOPLE:
        entries = raw.get(table, ())
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            listed = entry.get(field) if isinstance(entry, dict) else None
            for position, given in enumerate(listed if isinstance(listed, list) else ()):
                if inner is None and isinstance(given, str):
                    yield from _unknown((table, index, field, position), "person", given, keys.people)
                elif inner is not None and isinstance(given, dict) and isinstance(given.get(inner), str):
                    yield from _unknown((table, index, field, position, inner), "person", given[inner], keys.people)


def _unknown(place: Place, noun: str, given: str, known: set[str]) -> Iterator[Fault]:
    if given not in known:
        yield place, f'no {noun} has the key "{given}"{nearest(given, sorted(known))}'


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
                f'a panel of the kind "{definition.key}" sits in a {definition.level}; '
                f'"{area.key}" is a {area.kind.value}',
            )
        above = panels.get(panel.escalates_to or "")
        if above is panel:
            yield (*place, "escalates_to"), "a panel cannot escalate to itself"
        elif above is not None and above.area in areas and areas[above.area].kind is not AreaKind.COUNTY:
            yield (*place, "escalates_to"), f'"{above.key}" sits in a district; panels escalate to a county panel'


def _members(sound: Sound) -> Iterator[Fault]:
    homes = {person.key: person.agency for _, person in sound.people}
    for panel_index, panel in sound.panels:
        place: Place = ("panels", panel_index, "members")
        held: dict[Hashable, int] = {}
        representatives = {member.person for member in panel.members if member.role is Role.REPRESENTATIVE}
        chairs = [index for index, member in enumerate(panel.members) if member.role is Role.CHAIR]
        for index in chairs[1:]:
            yield (*place, index, "role"), f"members[{chairs[0] + 1}] is the chair already; a panel has one"
        for index, member in enumerate(panel.members):
            period = (member.begins_on, member.until) if member.until else None  # one may come for several
            first = held.setdefault((member.person, member.role, period), index)
            if first != index:
                already = f'members[{first + 1}] makes "{member.person}" {member.role.label} already'
                yield (*place, index, "role"), already
            absent, own, other = member.deputy_for, homes.get(member.person), homes.get(member.deputy_for or "")
            if absent in homes and absent not in representatives:
                yield (*place, index, "deputy_for"), f'"{absent}" is not a representative on this panel'
            elif own is not None and other is not None and own != other:
                yield (
                    (*place, index, "deputy_for"),
                    f'"{member.person}" works for "{own}" and "{absent}" for "{other}"; '
                    "a deputy comes from the same agency",
                )


def _diaries(sound: Sound, definitions: Mapping[str, PanelDefinition]) -> Iterator[Fault]:
    """The rules that can give no diary, whatever the day on which the file is applied."""
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
            # Its ends are seen from the day of applying, which may be long ago; its rhythm is not.
            rule, start, count = replace(rule, begins=None, ends=None, times=None), _ANY_DAY, 1
        elif count is None and rule.ends is None and rule.times is None:
            count = USUAL_COUNT
        try:
            occurrences(rule, start=start, count=count, definition=definition)
        except Mistake as mistake:
            yield ("panels", index, "rule"), str(mistake)


def _cases(sound: Sound, keys: Keys) -> Iterator[Fault]:
    areas = {area.key: area for _, area in sound.areas}
    people = {person.key: person for _, person in sound.people}
    panels = {panel.key: panel for _, panel in sound.panels}
    for index, case in sound.cases:
        place: Place = ("cases", index)
        district, panel, person = areas.get(case.district), panels.get(case.panel), people.get(case.flagged_by)
        if district is not None and district.kind is not AreaKind.DISTRICT:
            yield (*place, "district"), f'"{district.key}" is a county; a case belongs to a district'
        elif district and panel and panel.area in areas and panel.area not in (district.key, district.parent):
            elsewhere = f'"{panel.key}" sits in "{panel.area}" and does not hear cases of "{district.key}"'
            yield (*place, "panel"), elsewhere
        if person is not None and case.agency in keys.agencies and person.agency != case.agency:
            yield (*place, "flagged_by"), f'"{person.key}" works for "{person.agency}", not for "{case.agency}"'
        if person and panel and person.key not in {member.person for member in panel.members}:
            yield (*place, "flagged_by"), f'"{person.key}" is not a member of "{panel.key}"'


def sound_entries(raw: Mapping[str, Any], table: str, model: type[Entry], bad: set[Place]) -> list[tuple[int, Any]]:
    """The entries of a table that carry no fault of their own, as models, with their positions."""
    entries = raw.get(table, ())
    return [
        (index, model.model_validate(entry))
        for index, entry in enumerate(entries if isinstance(entries, list) else ())
        if (table, index) not in bad and (table,) not in bad
    ]
