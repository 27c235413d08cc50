"""Lists of people by panel or agency, and the attendance of agencies."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.language.day_words import listed
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import assess_quorum
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.meetings import Attendance, Guest, Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import AttendanceStatus, MeetingState, Role
from bot.records.access.queries import held_at, is_running, is_to_hold, local_time, panels_where
from bot.records.people.queries import active_agencies, agency_named, members
from bot.records.people.views import PersonView, PlaceView, view_people
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one panel or agency, each with their places as the reader may see them."""

    title: str
    people: tuple[PersonView, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """Groups of people with their places, and the lead of each agency in these groups."""

    groups: tuple[Group, ...]
    leads: tuple[tuple[str, str | None], ...]  #: agency and its lead


def list_people(work: Work, actor: Actor, sought: str = "") -> Directory:
    """Return the people of a panel or an agency, or all people that the reader manages.

    `sought` is the key of a panel or any name of an agency. If it is empty, return all. Co-ordinators see the people of
    their panels, an agency's lead sees their own agency, and administrators see everyone. Raise NotAllowed for other
    people. Raise NotForYou for a panel or agency that is unknown or that the reader does not manage.
    """
    panels = panels_where(work, actor, Verb.MANAGE_PEOPLE)
    if not panels and not actor.is_administrator and not actor.leads_agency:
        raise NotAllowed(_refusal_of_list(work, actor))
    work.audit("list", "person", actor_id=actor.person_id)
    sought = sought.strip().lower()
    panel = next((panel for panel in panels if panel.key == sought), None)
    if panel is not None:
        panels, agencies, is_whole = [panel], [], False
    elif sought:
        agencies, panels, is_whole = [_agency(work, actor, sought, bool(panels))], [], False
    else:
        is_whole = actor.is_administrator
        agencies = [work.session.get_one(Agency, actor.agency_id)] if not panels and not is_whole else []
    groups = _panel_groups(work, panels)
    groups += [_agency_group(work, actor, each) for each in agencies]
    if is_whole:
        groups.append(Group("On no panel", tuple(_on_no_panel(work))))
    return Directory(tuple(groups), _leads(work, groups))


def _refusal_of_list(work: Work, actor: Actor) -> str:
    """Return the text of a refusal: who may see the list of people, and which co-ordinators the person can ask."""
    panels = panels_where(work, actor, Verb.SEE_DIARY)
    names = dict.fromkeys(one.name for panel in panels for one in members(work, id_of(panel), {Role.COORDINATOR}))
    asked = f"Ask {listed(list(names), 'or')}." if names else "Ask one of them."
    return f"Only co-ordinators, an agency's lead and administrators see the list of people. {asked}"


def _agency(work: Work, actor: Actor, sought: str, is_manager: bool) -> Agency:
    agencies = {id_of(agency): agency for agency in active_agencies(work)}
    number = agency_named(sought, agencies.values())
    if number is not None and (is_manager or actor.is_administrator or number == actor.agency_id):
        return agencies[number]
    if len(sought) > 60:
        raise Mistake("Give a panel's short name or an agency's name. To see everyone, give neither.")
    raise NotForYou("that panel or agency")


def _panel_groups(work: Work, panels: Sequence[Panel]) -> list[Group]:
    """Return the people of each panel with their places on it. More panels don't need more SQL statements."""
    numbers = [id_of(panel) for panel in panels]
    sitting = select(Membership.person_id).where(col(Membership.panel_id).in_(numbers), is_to_hold(work.now))
    groups: dict[int, list[PersonView]] = {number: [] for number in numbers}
    for person in view_people(work, col(Person.id).in_(sitting), panel_ids=numbers) if numbers else ():
        places: dict[int, list[PlaceView]] = {}
        for place in person.places:
            places.setdefault(place.panel_id, []).append(place)
        for number, there in places.items():
            groups[number].append(replace(person, places=tuple(there)))
    return [Group(panel.title, tuple(groups[id_of(panel)])) for panel in panels]


def _agency_group(work: Work, actor: Actor, agency: Agency) -> Group:
    """Return an agency's people. A co-ordinator sees only people who have places on the co-ordinator's panels."""
    sees_all = actor.is_administrator or (actor.leads_agency and actor.agency_id == agency.id)
    panels = None if sees_all else [id_of(panel) for panel in panels_where(work, actor, Verb.MANAGE_PEOPLE)]
    people = view_people(work, col(Person.agency_id) == id_of(agency), panel_ids=panels)
    return Group(agency.name, tuple(person for person in people if sees_all or person.places))


def _on_no_panel(work: Work) -> list[PersonView]:
    sitting = select(Membership.id).where(col(Membership.person_id) == col(Person.id), is_to_hold(work.now))
    return view_people(work, ~sitting.exists())


def _leads(work: Work, groups: list[Group]) -> tuple[tuple[str, str | None], ...]:
    shown = {person.agency_id: person.agency_name for group in groups for person in group.people}
    of_those = (col(Person.leads_agency), col(Person.left_at).is_(None), col(Person.agency_id).in_(list(shown)))
    leads = {person.agency_id: person.name for person in work.session.exec(select(Person).where(*of_those))}
    return tuple((name, leads.get(agency_id)) for agency_id, name in sorted(shown.items(), key=lambda one: one[1]))


MEETINGS = 12  # a year of a monthly panel
#: The roles that attend for an agency: co-ordinators, minute-takers and observers come for the panel.
_SITS_FOR_AGENCY = frozenset({Role.CHAIR, Role.VICE_CHAIR, Role.REPRESENTATIVE, Role.DEPUTY})


class Came(Enum):
    """The ways in which an agency can attend or miss a meeting."""

    PRESENT = "present"
    DEPUTY = "deputy"  # only deputies came
    INFORMED = "apologies, with information"
    APOLOGIES = "apologies"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class AgencyRecord:
    """One agency's attendance at a panel's meetings."""

    agency_name: str
    came: tuple[tuple[date, Came], ...]  #: newest first
    inquorate_on: tuple[date, ...]  #: days on which this agency was missing for the quorum

    def count(self, how: Came) -> int:
        """Return the number of meetings at which the agency's attendance was `how`."""
        return sum(one is how for _, one in self.came)

    @property
    def percentage(self) -> int:
        """Return the percentage of the meetings at which the agency was present or sent a deputy."""
        there = self.count(Came.PRESENT) + self.count(Came.DEPUTY)
        return round(100 * there / len(self.came))


@dataclass(frozen=True, slots=True)
class PanelRecord:
    """The attendance of all agencies at one panel's meetings."""

    panel_title: str
    meetings: int
    agencies: tuple[AgencyRecord, ...]


def attendance_history(work: Work, actor: Actor, sought: str = "", here: str | None = None) -> tuple[PanelRecord, ...]:
    """Return how each agency attended the last closed meetings of the panels that the reader may see.

    `sought` names an agency, a panel, or both, to limit the answer. `here` is the key of the panel to show if `sought`
    names no panel and the reader may see that panel. Chairs, co-ordinators and administrators see their panels. An
    agency's lead sees their own agency on every panel. Raise NotAllowed for other people. Raise NotForYou for a panel
    or agency that is unknown or that the reader may not see.
    """
    panels = {id_of(panel): panel for panel in panels_where(work, actor, Verb.SEE_ATTENDANCE)}
    own = actor.agency_id if actor.leads_agency else None
    if not panels and own is None and not actor.is_administrator:
        raise NotAllowed(
            "Only chairs and co-ordinators see attendance. An agency's lead sees their own agency's attendance."
        )
    everywhere = dict(panels)
    if own is not None:
        everywhere |= {id_of(panel): panel for panel in _panels_of(work, own)}
    agencies = {id_of(agency): agency for agency in work.session.exec(select(Agency))}
    panel_ids, agency_ids = _narrow(everywhere, agencies, sought, own if not panels else None, here)
    work.audit("read", "attendance", actor_id=actor.person_id)
    held = _held(work, panel_ids)
    records = []
    for panel_id in panel_ids:
        shown = agency_ids if panel_id in panels else agency_ids & {own}
        records.append(_record(work, everywhere[panel_id], held.get(panel_id, ()), agencies, shown))
    return tuple(sorted(records, key=lambda one: one.panel_title))


def _panels_of(work: Work, agency_id: int) -> Iterable[Panel]:
    sitting = (
        select(Membership.panel_id)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Person.agency_id) == agency_id, col(Membership.role).in_(sorted(_SITS_FOR_AGENCY)))
    )
    return work.session.exec(select(Panel).where(is_running(work), col(Panel.id).in_(sitting)))


def _narrow(
    panels: dict[int, Panel], agencies: dict[int, Agency], sought: str, only_agency: int | None, here: str | None
) -> tuple[set[int], set[int]]:
    keys = {panel.key: number for number, panel in panels.items()}
    words = sought.lower().split()
    panel_ids, agency_ids = set(panels), set(agencies)
    named = next((word for word in words[:1] + words[-1:] if word in keys), None)
    is_agency = agency_named(" ".join(words), agencies.values()) is not None
    if named is not None and not (is_agency and len(words) > 1):
        panel_ids = {keys[named]}
        words.remove(named)
    elif here in keys:
        panel_ids = {keys[here]}
    if words:
        number = agency_named(" ".join(words), agencies.values())
        if number is None or only_agency not in (None, number):
            raise NotForYou("that panel or agency")
        agency_ids = {number}
    return panel_ids, agency_ids


@dataclass(frozen=True, slots=True)
class _Held:
    """One closed meeting, with its attendance, and the people who were on the panel only as deputies."""

    meeting: Meeting
    rows: Sequence[Attendance]
    deputies: set[int]
    guests: frozenset[int]  #: the agencies for which a person without Slack spoke


def _held(work: Work, panel_ids: Collection[int]) -> dict[int, list[_Held]]:
    """Return a dict from panel id to the panel's last closed meetings, the newest first.

    All panels take one set of SQL statements.
    """
    newest = func.row_number().over(partition_by=col(Meeting.panel_id), order_by=col(Meeting.starts_at).desc())
    numbered = (
        select(col(Meeting.id).label("id"), newest.label("number"))
        .where(col(Meeting.panel_id).in_(panel_ids), col(Meeting.state) == MeetingState.CLOSED)
        .subquery()
    )
    meetings = work.session.exec(
        select(Meeting)
        .join(numbered, numbered.c.id == col(Meeting.id))
        .where(numbered.c.number <= MEETINGS)
        .order_by(col(Meeting.starts_at).desc())
    ).all()
    numbers = [id_of(meeting) for meeting in meetings]
    came: dict[int, list[Attendance]] = {}
    rows = select(Attendance).where(col(Attendance.meeting_id).in_(numbers)).order_by(col(Attendance.id))
    for row in work.session.exec(rows):
        came.setdefault(row.meeting_id, []).append(row)
    spoke: dict[int, set[int]] = {}
    speaking = (col(Guest.status) == AttendanceStatus.PRESENT, col(Guest.undone_at).is_(None))
    for guest in work.find_all(Guest, col(Guest.meeting_id).in_(numbers), *speaking):
        spoke.setdefault(guest.meeting_id, set()).update([guest.agency_id] if guest.agency_id is not None else [])
    deputies = _only_deputies_then(work, numbers)
    found: dict[int, list[_Held]] = {}
    for meeting in meetings:
        number = id_of(meeting)
        guests = frozenset(spoke.get(number, ()))
        one = _Held(meeting, came.get(number, ()), deputies.get(number, set()), guests)
        found.setdefault(meeting.panel_id, []).append(one)
    return found


def _record(
    work: Work,
    panel: Panel,
    meetings: Sequence[_Held],
    agencies: dict[int, Agency],
    shown: set[int | None] | set[int],
) -> PanelRecord:
    came: dict[int, list[tuple[date, Came]]] = {}
    missed: dict[int, list[date]] = {}
    for held in meetings:
        day = local_time(work, panel, held.meeting.starts_at).date()
        rows, deputies = held.rows, held.deputies
        expected = {row.agency_id for row in rows if row.status in _COUNTS} | held.guests
        there = {row.agency_id for row in rows if row.status is AttendanceStatus.PRESENT} | held.guests
        here = {agencies[number].kind for number in there}
        quorum = work.definition(panel.definition).quorum
        missing = assess_quorum(quorum, here).missing
        for agency_id in expected & {number for number in shown if number is not None}:
            theirs = [row for row in rows if row.agency_id == agency_id]
            how = Came.PRESENT if agency_id in held.guests else _came(theirs, deputies)
            came.setdefault(agency_id, []).append((day, how))
            with_them = assess_quorum(quorum, here | {agencies[agency_id].kind}).missing
            if missing and agencies[agency_id].kind not in here and with_them != missing:
                missed.setdefault(agency_id, []).append(day)
    records = [
        AgencyRecord(agencies[number].name, tuple(days), tuple(missed.get(number, ()))) for number, days in came.items()
    ]
    return PanelRecord(panel.title, len(meetings), tuple(sorted(records, key=lambda one: one.agency_name)))


_COUNTS = frozenset({AttendanceStatus.PRESENT, AttendanceStatus.APOLOGIES, AttendanceStatus.ABSENT})


def _only_deputies_then(work: Work, meeting_ids: Collection[int]) -> dict[int, set[int]]:
    """Return a dict from meeting id to the ids of people who were only deputies on the panel when the meeting began."""
    rows = work.session.execute(
        select(Meeting.id, Membership.person_id, Membership.role)
        .join(Membership, col(Membership.panel_id) == col(Meeting.panel_id))
        .where(
            col(Meeting.id).in_(meeting_ids),
            held_at(table_of(Meeting).c.starts_at),
        )
    ).all()
    held: dict[int, dict[int, set[Role]]] = {}
    for meeting_id, person_id, role in rows:
        held.setdefault(meeting_id, {}).setdefault(person_id, set()).add(role)
    return {
        meeting_id: {person_id for person_id, roles in people.items() if roles == {Role.DEPUTY}}
        for meeting_id, people in held.items()
    }


def _came(rows: Sequence[Attendance], deputies: set[int]) -> Came:
    there = [row for row in rows if row.status is AttendanceStatus.PRESENT]
    if there:
        return Came.DEPUTY if all(row.person_id in deputies for row in there) else Came.PRESENT
    sorry = [row for row in rows if row.status is AttendanceStatus.APOLOGIES]
    if sorry:
        return Came.INFORMED if any(row.information_sent is not None for row in sorry) else Came.APOLOGIES
    return Came.ABSENT
