"""The dates that a rule gives and their deadlines, as a table for people and as JSON for programs."""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from bot.domain.deadlines import meeting_deadlines
from bot.domain.language.day_words import MONTHS, WEEKDAYS, days_in_month
from bot.domain.language.rhythm_rule import FIRST_YEAR, LAST_YEAR, MOST_MEETINGS
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.panel_definition import PanelDefinition
from bot.domain.recurrence import Occurrence, occurrences
from bot.errors import Mistake

USUAL_COUNT: Final = 12  # a year of a monthly panel
USUAL_DEFINITION: Final = "district-operational-met"
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_GAP: Final = "  "


@dataclass(frozen=True, slots=True)
class Dates:
    """The meetings that a rule gives for one kind of panel."""

    rule: str  #: in standard wording, with the years that were not typed
    definition: PanelDefinition
    meetings: tuple[Occurrence, ...]
    is_usual: bool = False  #: the kind of panel was not chosen

    def deadlines(self, meeting: Occurrence) -> dict[str, date]:
        """Return a dict from the name of each of the meeting's deadlines to its date."""
        return asdict(meeting_deadlines(self.definition, meeting.starts_at.date()))


def dates_of(
    words: str,
    definitions: Mapping[str, PanelDefinition],
    *,
    today: date,
    start: str | None = None,
    count: str | None = None,
    definition: str | None = None,
) -> Dates:
    """Return the dates of a rule typed on a command line.

    Raise Mistake, with what to type instead, if the rule or an option is not understood.
    """
    kind = _definition(definitions, definition)
    rule = parse_rule(words)
    wanted = _count(count) if count is not None else None
    if wanted is None and rule.times is None and rule.ends is None:
        wanted = USUAL_COUNT
    first = _day(start, today) if start is not None else today
    given = occurrences(rule, start=first, count=wanted, definition=kind)
    return Dates(rule.settled(first).describe(), kind, given, is_usual=definition is None)


def as_json(dates: Dates) -> str:
    """Return the meetings as a JSON list. Each has its start, its deadlines and, if moved, the day that the rule gave.

    Starts have their UTC offset.
    """
    listed = [
        {
            "starts_at": each.starts_at.isoformat(),
            "deadlines": {name: on.isoformat() for name, on in dates.deadlines(each).items()},
            **({"moved": {"from": each.rule_on.isoformat(), "why": each.moved}} if each.moved else {}),
        }
        for each in dates.meetings
    ]
    return json.dumps(listed, indent=2)


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one line for each row, with columns aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [_GAP.join(cell.ljust(room) for cell, room in zip(row, widths, strict=True)).rstrip() for row in rows]


def as_lines(dates: Dates, width: int | None) -> list[str]:
    """Return the meetings as the lines of a table if it fits `width` (None for any), or else as paragraphs."""
    head = [dates.rule, f"Deadlines as for {dates.definition.title}."]
    if dates.is_usual:
        head.append("For another kind of panel, add --definition KEY.")
    dated = [
        (each, {name.replace("_", " "): _short(on) for name, on in dates.deadlines(each).items()})
        for each in dates.meetings
    ]
    rows = [["meeting", *dated[0][1], ""], *([_moment(each), *days.values(), _why(each)] for each, days in dated)]
    table = in_columns(rows)
    if width is None or max(len(line) for line in table) <= width:
        return [*head, "", *table]
    lines = list(head)
    for each, days in dated:
        lines += ["", ", ".join(filter(None, (_moment(each), _why(each))))]
        lines += _filled([f"{name} {on}" for name, on in days.items()], width)
    return lines


def _filled(parts: Sequence[str], width: int) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) + 3 <= width:
            lines[-1] += f" · {part}"
        else:
            lines.append(f"{_GAP}{part}")
    return lines


def _short(on: date) -> str:
    return f"{WEEKDAYS[on.weekday()][:3]} {on.day:2} {MONTHS[on.month - 1][:3]}"


def _moment(each: Occurrence) -> str:
    return f"{_short(each.starts_at.date())} {each.starts_at:%Y, %H:%M}"


def _why(each: Occurrence) -> str:
    return f"instead of {_short(each.rule_on)}: {each.moved}" if each.moved else ""


def _definition(definitions: Mapping[str, PanelDefinition], key: str | None) -> PanelDefinition:
    if key is None:
        return definitions.get(USUAL_DEFINITION) or definitions[min(definitions)]
    if key in definitions:
        return definitions[key]
    near = difflib.get_close_matches(key.casefold(), list(definitions), n=1, cutoff=0.5)
    meant = f' Did you mean "{near[0]}"?' if near else ""
    raise Mistake(f'There is no panel definition "{key}"; there are {", ".join(sorted(definitions))}.{meant}')


def _count(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text.strip()):
        raise Mistake(f'--count takes a whole number, not "{text}"; try --count {USUAL_COUNT}.')
    count = int(text)
    if count == 0:
        raise Mistake(f"A series of zero meetings has no dates; try --count 1, or leave it out for {USUAL_COUNT}.")
    if not 1 <= count <= MOST_MEETINGS:
        nearest = 1 if count < 1 else MOST_MEETINGS
        raise Mistake(f"A series has from 1 to {MOST_MEETINGS} meetings, not {count}; try --count {nearest}.")
    return count


def _day(text: str, today: date) -> date:
    found = _ISO.fullmatch(text.strip())
    if found is None:
        raise Mistake(f'--from takes a day as year-month-day, not "{text}"; try --from {today.isoformat()}.')
    year, month, day = (int(part) for part in found.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Mistake(f"{text} is out of reach; try --from {today.isoformat()}.")
    sure_month = min(max(month, 1), 12)
    longest = days_in_month(year, sure_month)
    nearest = date(year, sure_month, min(max(day, 1), longest))
    if (nearest.month, nearest.day) != (month, day):
        has = "a year has 12 months" if month != sure_month else f"{MONTHS[month - 1]} {year} has {longest} days"
        raise Mistake(f"There is no {text}: {has}; try --from {nearest.isoformat()}.")
    return nearest
