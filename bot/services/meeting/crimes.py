"""A crime disclosed in the meeting: an action for the police, due on the next working day."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import col

from bot.domain.deadlines import add_working_days
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.cases import Case
from bot.models.meetings import Attendance, Meeting
from bot.models.people import Agency
from bot.models.vocabulary import AgencyKind, AttendanceStatus, Role
from bot.records.access.queries import Standing, Where, readable_cases, today_at
from bot.records.meeting.queries import open_sitting, row_to_record
from bot.records.people.queries import Holder, holders_at, members
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: The text of the action for the police, which says nothing of what was disclosed.
WORDS: Final = "Record the crime disclosed at the meeting and start the enquiry"


@dataclass(frozen=True, slots=True)
class CrimeReport:
    """The case, the police officers and the due date, for the form that gives a disclosed crime to the police."""

    panel_key: str
    item_id: int
    title: str
    police: tuple[Holder, ...]  #: who of them may hold it, by name; none where no police officer may read the case
    suggested: Holder | None  #: the only police officer, or the only one present
    due_on: date


def offer_crime_report(work: Work, actor: Actor, where: Where, item_id: int | None = None) -> CrimeReport:
    """Return the choices for the form that gives a disclosed crime to the police, for a case of the open meeting.

    The officers offered are police representatives who may read the case, or else their deputies, or else other police
    members. The action is due on the panel's next working day. Raise Mistake if the item is not a case.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE, item_id)
    item, case = row_to_record(work, standing, meeting, item_id)
    if case is None:
        raise Mistake("This item isn't a case. Give the action with `/action add` instead.")
    work.saw(actor.person_id, [(id_of(case), standing.panel_id)])
    panel = standing.panel
    police = _police(work, standing, case)
    here = police if len(police) == 1 else _of_those_here(work, meeting, police)
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    return CrimeReport(
        panel.key,
        id_of(item),
        item.title,
        police,
        here[0] if len(here) == 1 else None,
        add_working_days(today_at(work, panel), 1, subdivision),
    )


def _police(work: Work, standing: Standing, case: Case) -> tuple[Holder, ...]:
    agencies = {agency.id for agency in work.find_all(Agency, col(Agency.kind) == AgencyKind.POLICE)}
    everyone = holders_at(work, standing.panel_id, standing.actor.team_id)
    police = tuple(
        one
        for one in everyone
        if one.agency_id in agencies and readable_cases(work, one.person_id, [id_of(case)])  # a handful of people
    )
    for role in (Role.REPRESENTATIVE, Role.DEPUTY):
        seated = {person.id for person in members(work, standing.panel_id, {role})}
        if found := tuple(one for one in police if one.person_id in seated):
            return found
    return police


def _of_those_here(work: Work, meeting: Meeting, police: tuple[Holder, ...]) -> tuple[Holder, ...]:
    """Return the police officers in `police` who are present at the meeting."""
    there = (
        col(Attendance.meeting_id) == id_of(meeting),
        col(Attendance.status) == AttendanceStatus.PRESENT,
        col(Attendance.left_at).is_(None),
    )
    present = {row.person_id for row in work.find_all(Attendance, *there)}
    return tuple(one for one in police if one.person_id in present)
