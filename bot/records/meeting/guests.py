"""People without Slack at a meeting, recorded by name and agency."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from bot.models.meetings import Guest
from bot.models.people import Agency
from bot.models.vocabulary import AttendanceStatus
from bot.records.actions.queries import opened_or_erased
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class GuestView:
    """One person without Slack at a meeting, with their agency and attendance."""

    id: int
    name: str
    agency_name: str
    status: AttendanceStatus
    acknowledged: bool
    arrived_at: datetime | None
    left_at: datetime | None


def guests_at(work: Work, meeting_id: int) -> list[GuestView]:
    """Return the people without Slack recorded at a meeting, in the order in which they were recorded."""
    rows = work.find_all(Guest, col(Guest.meeting_id) == meeting_id, col(Guest.undone_at).is_(None), by=[col(Guest.id)])
    return view_guests(work, rows)


def view_guests(work: Work, rows: list[Guest]) -> list[GuestView]:
    """Return the views of these people. A name whose key was destroyed reads "(erased)"."""
    if not rows:
        return []
    numbers = {row.agency_id for row in rows}
    agencies = {agency.id: agency.name for agency in work.find_all(Agency, col(Agency.id).in_(numbers))}
    work.keys.fetch(work.session, (sealed for row in rows for sealed in (row.name, row.agency_name)))
    return [
        GuestView(
            id=id_of(row),
            name=opened_or_erased(work, row.name),
            agency_name=agencies[row.agency_id] if row.agency_name is None else opened_or_erased(work, row.agency_name),
            status=row.status,
            acknowledged=row.acknowledged_at is not None,
            arrived_at=row.arrived_at,
            left_at=row.left_at,
        )
        for row in rows
    ]
