"""One run over one county file: its rows by key, and the changes as they are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import select

from bot.documents.county_file import CountyFile
from bot.models.panels import Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import BankHolidays
from bot.records.leaving.changes import deputies_of
from bot.store.unit_of_work import Work

_BACK = {"is_active", "left_at"}  # of what is in the file these change in one direction only
_UNSAID = {"departure", "enrolled_at"}  # go with left_at
RowT = TypeVar("RowT", Area, Agency, Person, Panel)  # what a file declares by key


@dataclass(frozen=True, slots=True)
class Before:
    """What a panel's coming meetings were put into the diary by."""

    title: str
    venue: str
    bank_holidays: BankHolidays | None


class Run:
    """What the parts of one application share."""

    def __init__(self, work: Work, file: CountyFile) -> None:
        self.work = work
        self.file = file
        self.changes: list[str] = []
        self.remarks: list[str] = []  #: what the file says in vain; nothing changes by it
        self.areas: dict[str, Area] = {}
        self.agencies: dict[str, Agency] = {}
        self.people: dict[str, Person] = {}
        self.panels: dict[str, Panel] = {}
        self.teams = {file.county.team} | {person.team for person in file.people}
        self.away: set[str] = set()  #: people of the file who left otherwise than by the file, and stay away
        self.gone: set[int] = set()
        self.before: dict[str, Before] = {}  #: by panel that was there already
        self.moved: dict[int, int] = {}  #: whose agency changed, and from which
        self.deputies = deputies_of(work)  #: by panel and whom they stood in for before this file

    def declare(
        self,
        noun: str,
        table: type[RowT],
        key: str,
        facts: dict[str, Any],
        only_when_new: Callable[[], dict[str, Any]] = dict,
    ) -> RowT:
        """The row with this key, new or with these facts."""
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
