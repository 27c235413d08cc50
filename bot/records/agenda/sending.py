"""Cases sent from one panel to another: which panels send to which, who is told, and who may read a closed item."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import Verb
from bot.models.cases import Case, Flag
from bot.models.meetings import Decision, Meeting
from bot.models.panels import Panel
from bot.models.people import Area
from bot.models.vocabulary import AccessChange, Role
from bot.records.access.changes import name_readers, note_access
from bot.records.people.queries import members, members_who_may, presiding_or_office
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def tell_of_sent(work: Work, panel: Panel, meeting: Meeting, case_ids: Iterable[int], *, except_for: int = 0) -> None:
    """Tell the panel's chair and co-ordinators, except the person `except_for`, which cases were sent to the panel."""
    live = (col(Flag.meeting_id) == id_of(meeting), col(Flag.state).in_(LIVE_STATES))
    flags = work.find_all(Flag, *live, col(Flag.case_id).in_(list(case_ids)), by=[col(Flag.id)])
    people = [*presiding_or_office(work, id_of(panel)), *members(work, id_of(panel), {Role.COORDINATOR})]
    for person_id in sorted({id_of(person) for person in people} - {except_for}):
        work.tell(person_id, Notice.CASES_SENT, meeting_id=id_of(meeting), flags=[id_of(flag) for flag in flags])


def let_receivers_read(work: Work, panel: Panel, sent_by: Mapping[int, int]) -> None:
    """Make the chairs of a panel named readers of the closed items sent to it, since chairs must triage these cases.

    `sent_by` is a dict from case id to the id of the person who sent the case.
    """
    if not sent_by:
        return
    closed = {id_of(case): case for case in work.find_all(Case, col(Case.id).in_(sent_by), col(Case.is_closed))}
    if not closed:
        return
    chairs = [id_of(person) for person in members_who_may(work, id_of(panel), Verb.TRIAGE)]
    for case_id, person_id in name_readers(work, closed, chairs):
        reason = f"Sent on to {panel.title}, where they triage it."
        note_access(work, closed[case_id], id_of(panel), AccessChange.NAMED, person_id, sent_by[case_id], reason)


@dataclass(frozen=True, slots=True)
class County:
    """All panels and areas of the county, to work out which panel sends cases to which."""

    panels: dict[int, Panel]
    parents: dict[int, int | None]  #: the id of each area to that of the area of which it is a part

    @classmethod
    def read(cls, work: Work) -> "County":
        """Return all panels and areas, read in two statements."""
        panels = {id_of(panel): panel for panel in work.find_all(Panel)}
        areas = work.session.execute(select(Area.id, Area.parent_id))
        return cls(panels, dict(tuple(row) for row in areas))

    def below(self, panel_id: int) -> list[int]:
        """Return the ids of the other panels in this panel's area and in the areas that are parts of it."""
        area_id = self.panels[panel_id].area_id
        return [
            number
            for number, place in self.panels.items()
            if number != panel_id and area_id in (place.area_id, self.parents.get(place.area_id))
        ]

    def above(self, panel_id: int) -> list[int]:
        """Return the ids of the panels of the next larger area, which contains the area of this panel."""
        parent = self.parents.get(self.panels[panel_id].area_id)
        return [number for number, place in self.panels.items() if parent is not None and place.area_id == parent]

    def goes_elsewhere(self, work: Work, flag: Flag, decision: Decision | None, panel: Panel) -> bool:
        """Return whether a decision on a flag sends its case to a panel other than `panel`.

        The case goes to the panel that the flag's panel escalates to. If that panel does not receive such decisions,
        the case goes to the next panel above it that does. If no panel above receives them, return False. Every panel
        that receives such decisions then gets the case, since a case heard twice is better than one never heard.
        """
        above = self.panels[flag.panel_id].escalates_to_id
        passed: set[int] = set()
        while above is not None and above not in passed:
            passed.add(above)
            chosen = self.panels[above]
            definition = work.definitions.get(chosen.definition)
            receives = (
                chosen.is_active
                and definition is not None
                and decision is not None
                and decision.kind in definition.receives
            )
            if receives and flag.panel_id in self.below(above):
                return above != panel.id
            above = chosen.escalates_to_id
        return False

    def around(self, panel_id: int) -> set[int]:
        """Return the ids of the other panels in the same area, in areas above, below or beside it.

        Areas are beside each other if they have the same parent.
        """
        parent = self.parents.get(self.panels[panel_id].area_id)
        beside = {number for number, place in self.panels.items() if self.parents.get(place.area_id) == parent}
        siblings = beside if parent is not None else set()
        return {*self.below(panel_id), *self.above(panel_id), *siblings} - {panel_id}
