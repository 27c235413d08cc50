"""Many panels of one kind that all meet on the same day, put into a store in a few statements."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert
from sqlalchemy import select as tables_select
from sqlmodel import select

from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import (
    AgeBand,
    AgencyKind,
    AreaKind,
    FlagState,
    LegalStatus,
    MeetingState,
    Role,
    Urgency,
)
from bot.store.rows import id_of, table_of
from bot.store.unit_of_work import Store, Work

TEAM = "T0MANY"
KINDS = (AgencyKind.POLICE, AgencyKind.HEALTH, AgencyKind.CHILDRENS_SOCIAL_CARE)
#: Who sits on each panel: the role, and which of the three agencies they come from.
SEATS = (
    (Role.CHAIR, 0),
    (Role.VICE_CHAIR, 2),
    (Role.COORDINATOR, 2),
    (Role.MINUTE_TAKER, 2),
    (Role.REPRESENTATIVE, 0),
    (Role.REPRESENTATIVE, 1),
    (Role.REPRESENTATIVE, 2),
    (Role.DEPUTY, 1),
    (Role.OBSERVER, 0),
)


@dataclass(frozen=True, slots=True)
class Panels:
    """The numbers of what was made, panel by panel; a panel's people are in the order of SEATS."""

    panels: list[int]
    people: list[list[int]]
    meetings: list[int]


def furnish_panels(
    store: Store,
    count: int,
    *,
    starts_at: datetime,
    definition: str = "district-operational-met",
    state: MeetingState = MeetingState.SCHEDULED,
    timezone: str = "Europe/London",
) -> Panels:
    """Put this many panels into an empty store, each with its own nine people and one meeting at `starts_at`."""
    with store.work() as work:
        area = Area(key="many", name="Many", kind=AreaKind.DISTRICT)
        agencies = [Agency(key=kind.value, name=kind.label, kind=kind) for kind in KINDS]
        work.session.add_all([area, *agencies])
        work.session.flush()
        agency_ids = [id_of(agency) for agency in agencies]
        key_id = work.keys.new_key(work.session, "panel", work.now)
        _insert(
            work,
            Panel,
            [
                {
                    "id": number,
                    "key": f"panel-{number}",
                    "title": f"Panel {number:04}",
                    "definition": definition,
                    "area_id": id_of(area),
                    "venue": f"Room {number}",
                    "data_key_id": key_id,
                    "is_active": True,
                }
                for number in range(1, count + 1)
            ],
        )
        people = [[panel * len(SEATS) + seat + 1 for seat in range(len(SEATS))] for panel in range(count)]
        _insert(
            work,
            Person,
            [
                {
                    "id": number,
                    "key": f"person-{number}",
                    "name": f"Person {number:05}",
                    "team_id": TEAM,
                    "user_id": f"U{number}",
                    "agency_id": agency_ids[agency],
                    "leads_agency": False,
                    "is_administrator": False,
                    "timezone": timezone,
                    "enrolled_at": work.now,
                }
                for numbers in people
                for number, (_, agency) in zip(numbers, SEATS, strict=True)
            ],
        )
        _insert(
            work,
            Membership,
            [
                {
                    "panel_id": panel,
                    "person_id": number,
                    "role": role,
                    "deputy_for_id": numbers[5] if role is Role.DEPUTY else None,
                    "began_at": work.now,
                }
                for panel, numbers in enumerate(people, 1)
                for number, (role, _) in zip(numbers, SEATS, strict=True)
            ],
        )
        is_held = state is MeetingState.CLOSED
        _insert(
            work,
            Meeting,
            [
                {
                    "id": panel,
                    "panel_id": panel,
                    "starts_at": starts_at,
                    "ends_at": starts_at + timedelta(hours=2),
                    "venue": "",
                    "state": state,
                    "uid": f"uid-{panel}",
                    "sequence": 0,
                    "is_interim": False,
                    "agenda_version": 0,
                    "opened_at": starts_at if is_held else None,
                    "closed_at": starts_at + timedelta(hours=2) if is_held else None,
                }
                for panel in range(1, count + 1)
            ],
        )
        if work.session.get_bind().dialect.name == "postgresql":
            for model in (Panel, Person, Meeting):
                table = table_of(model)
                counter = func.pg_get_serial_sequence(table.name, "id")
                last = tables_select(func.max(table.c.id)).scalar_subquery()
                work.session.connection().execute(tables_select(func.setval(counter, last)))
    return Panels(list(range(1, count + 1)), people, list(range(1, count + 1)))


def publish_agendas(store: Store, many: Panels, *, at: datetime) -> None:
    """Put one accepted case, of social care, on each panel's meeting, whose agenda is out since `at`."""
    with store.work() as work:
        area_id = id_of(work.session.exec(select(Area)).one())
        agency_id = work.session.get_one(Person, many.people[0][6]).agency_id
        keys = [work.keys.new_key(work.session, "case", work.now) for _ in many.panels]
        _insert(
            work,
            Case,
            [
                {
                    "id": panel,
                    "reference": f"SAMPLE-{panel:04}",
                    "area_id": area_id,
                    "is_closed": False,
                    "data_key_id": key_id,
                    "created_at": work.now,
                }
                for panel, key_id in zip(many.panels, keys, strict=True)
            ],
        )
        _insert(
            work,
            Flag,
            [
                {
                    "case_id": panel,
                    "panel_id": panel,
                    "meeting_id": panel,
                    "agency_id": agency_id,
                    "person_id": people[6],
                    "state": FlagState.ACCEPTED,
                    "age_band": AgeBand.FROM_14_TO_15,
                    "legal_status": LegalStatus.CIN,
                    "urgency": Urgency.ROUTINE,
                    "risk_tool": "ceraf",
                    "risk_level": "medium",
                    "assessed_on": work.now.date(),
                    "judgement": b"sealed",
                    "asked_of_panel": b"sealed",
                    "flagged_at": work.now,
                    "is_late": False,
                    "is_escalated": False,
                    "themes": [],
                    "missing_episodes": 0,
                    "interviews_offered": 0,
                    "interviews_within_72h": 0,
                }
                for panel, people in zip(many.panels, many.people, strict=True)
            ],
        )
        for meeting in work.session.exec(select(Meeting)):
            meeting.agenda_version, meeting.agenda_published_at = 1, at
            work.session.add(meeting)


def _insert(work: Work, model: type, rows: list[dict[str, object]]) -> None:
    work.session.connection().execute(insert(table_of(model)), rows)
