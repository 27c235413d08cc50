"""What is kept while one county file is applied: rows by key, a line for each change, and what is audited."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import col, select

from bot.documents.county_file import CountyFile
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import BankHolidays
from bot.records.leaving.changes import deputies_of
from bot.store.rows import table_of
from bot.store.unit_of_work import Work

_BACK = {"is_active", "left_at"}  # applying a row can only restore these, never take them away
_UNSAID = {"departure", "enrolled_at"}  # columns that change together with left_at, and need no line
RowT = TypeVar("RowT", Area, Agency, Person, Panel)  # what a file declares by key


@dataclass(frozen=True, slots=True)
class Before:
    """A panel's title, venue and rule for bank holidays before the county file was applied."""

    title: str
    venue: str
    bank_holidays: BankHolidays | None


_PERSON = table_of(Person)
_PLACE = select(col(Membership.id), col(Membership.person_id), col(Membership.panel_id)).add_columns(
    col(Membership.began_at), col(Membership.lapses_at)
)


class Audited:
    """Remembers people and places before a county file is applied, so that changes can be audited afterwards."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._people, self._places = self._now()

    def note(self) -> None:
        """Add audit entries for people who were enrolled, changed or left, and places given, moved or ended."""
        people, places = self._now()
        for number in sorted(people.keys() | self._people.keys()):
            verb = _verb(self._people.get(number), people.get(number), ("enrol", "change", "leave"))
            if verb:
                self._work.audit(verb, "person", number)
        for number in sorted(places.keys() | self._places.keys()):
            verb = _verb(self._places.get(number), places.get(number), ("place", "move", "end"))
            if verb:
                person_id, panel_id, *_ = places.get(number) or self._places[number]
                self._work.audit(verb, "membership", person_id, panel_id=panel_id)

    def _now(self) -> tuple[dict[int, tuple[Any, ...]], dict[int, tuple[Any, ...]]]:
        """Return the people who have not left and the places that have not ended, each in a dict by id."""
        self._work.session.flush()
        people = self._work.execute(_PERSON.select().where(_PERSON.c.left_at.is_(None)))
        places = self._work.execute(_PLACE.where(col(Membership.ended_at).is_(None)))
        return {row.id: tuple(row) for row in people}, {row[0]: tuple(row[1:]) for row in places}


def _verb(before: object, after: object, verbs: tuple[str, str, str]) -> str:
    """Return one of the three audit `verbs`: for something begun, changed or ended.

    Return an empty string if nothing changed.
    """
    begun, changed, ended = verbs
    if before is None or after is None:
        return begun if before is None else ended
    return changed if before != after else ""


class Run:
    """The state that all steps of applying a county file share."""

    def __init__(self, work: Work, file: CountyFile) -> None:
        self.work = work
        self.file = file
        self.changes: list[str] = []
        self.remarks: list[str] = []  #: things to do or to know, about which nothing changes
        self.areas: dict[str, Area] = {}
        self.agencies: dict[str, Agency] = {}
        self.people: dict[str, Person] = {}
        self.panels: dict[str, Panel] = {}
        self.teams = {file.county.team} | {person.team for person in file.people}
        self.away: set[str] = set()  #: people of the file who left in another way than by the file, and stay away
        self.gone: set[int] = set()
        self.before: dict[str, Before] = {}  #: by the key of each panel that existed already
        self.moved: dict[int, int] = {}  #: by person whose agency changed, the former agency
        self.deputies = deputies_of(work)  #: by panel and member, the deputies before this file

    def declare(
        self,
        noun: str,
        table: type[RowT],
        key: str,
        facts: dict[str, Any],
        only_when_new: Callable[[], dict[str, Any]] = dict,
    ) -> RowT:
        """Return the row with this key, added or updated with these facts. Record a line for each change."""
        session = self.work.session
        row = session.exec(select(table).where(table.key == key)).first()
        if row is None:
            row = table(key=key, **facts, **only_when_new())
            self.changes.append(f"+ {noun} {key}")
        else:
            for field, value in facts.items():
                if getattr(row, field) != value:
                    setattr(row, field, value)
                    if field in _BACK:
                        self.changes.append(f"+ {noun} {key} is back")
                    elif field not in _UNSAID:
                        self.changes.append(f"~ {noun} {key}: {field.removesuffix('_id').replace('_', ' ')} changed")
        session.add(row)
        session.flush()
        return row
