"""Views of people and their places, for the co-ordinators and administrators who manage people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.records.access.queries import is_running, is_to_hold, last_day, local_time
from bot.records.people.queries import IS_HERE
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place on a panel that is in force or will be. Days are in the panel's time zone."""

    id: int
    person_id: int
    panel_id: int
    panel_title: str
    role: Role
    deputy_for_name: str | None
    begins_on: date | None  #: none: it has begun
    until: date | None  #: none: a standing place
    meeting_at: datetime | None  #: for one meeting only


@dataclass(frozen=True, slots=True)
class PersonView:
    """An enrolled person with their agency, offices and places."""

    id: int
    user_id: str
    name: str
    job_title: str  #: as minutes print it; empty where none is kept
    agency_id: int
    agency_name: str
    timezone: str
    leads_agency: bool
    is_administrator: bool
    places: tuple[PlaceView, ...]


def view_people(
    work: Work, *conditions: ColumnElement[bool], panel_ids: Iterable[int] | None = None
) -> list[PersonView]:
    """Return the people who meet `conditions` and have not left, sorted by name, with their places.

    `panel_ids` limits the places to these panels.
    """
    rows = work.session.execute(
        select(Person, Agency)
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(IS_HERE, *conditions)
        .order_by(col(Person.name), col(Person.id))
    ).all()
    wanted = [col(Membership.person_id).in_([person.id for person, _ in rows])]
    if panel_ids is not None:
        wanted.append(col(Membership.panel_id).in_(list(panel_ids)))
    places = grouped((place.person_id, place) for place in view_places(work, *wanted))
    return [
        PersonView(
            id=id_of(person),
            user_id=person.user_id,
            name=person.name,
            job_title=person.job_title,
            agency_id=person.agency_id,
            agency_name=agency.name,
            timezone=person.timezone,
            leads_agency=person.leads_agency,
            is_administrator=person.is_administrator,
            places=tuple(places.get(id_of(person), ())),
        )
        for person, agency in rows
    ]


def view_person(work: Work, person: Person, panel_ids: Iterable[int] | None = None) -> PersonView:
    """Return the view of one person who has not left.

    If `panel_ids` is given, only places on these panels are shown.
    """
    return view_people(work, col(Person.id) == id_of(person), panel_ids=panel_ids)[0]


def view_places(work: Work, *conditions: ColumnElement[bool]) -> list[PlaceView]:
    """Return the places that meet `conditions` on running panels, sorted by panel and role.

    Only places that are in force, or will be, are returned.
    """
    absent = aliased(Person)
    rows = work.session.execute(
        select(Membership, Panel, absent, Meeting)
        .join(Panel, col(Panel.id) == col(Membership.panel_id))
        .join(absent, col(absent.id) == col(Membership.deputy_for_id), isouter=True)
        .join(Meeting, col(Meeting.id) == col(Membership.meeting_id), isouter=True)
        .where(is_to_hold(work.now), is_running(work), *conditions)
        .order_by(col(Panel.title), col(Membership.began_at), col(Membership.id))
    ).all()
    order = list(Role)
    views = [_place(work, *row) for row in rows]
    return sorted(views, key=lambda place: (place.panel_title, order.index(place.role)))


def _place(work: Work, place: Membership, panel: Panel, absent: Person | None, meeting: Meeting | None) -> PlaceView:
    ahead = place.began_at > work.now
    return PlaceView(
        id=id_of(place),
        person_id=place.person_id,
        panel_id=place.panel_id,
        panel_title=panel.title,
        role=place.role,
        deputy_for_name=absent.name if absent else None,
        begins_on=local_time(work, panel, place.began_at).date() if ahead else None,
        until=last_day(work, panel, place.lapses_at) if place.lapses_at else None,
        meeting_at=local_time(work, panel, meeting.starts_at) if meeting else None,
    )
