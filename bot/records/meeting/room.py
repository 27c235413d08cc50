"""Who is at the open meeting, person by person, and whether it is quorate."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col

from bot.domain.permissions import Verb
from bot.domain.quorum import QuorumView
from bot.models.meetings import Attendance, Meeting
from bot.models.people import Agency, Person
from bot.models.vocabulary import AttendanceStatus, Role
from bot.records.access.queries import Standing, local_time, rules_of
from bot.records.actions.queries import opened_or_erased
from bot.records.meeting.guests import GuestView, guests_at
from bot.records.meeting.queries import quorum_at
from bot.records.people.queries import members
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class AttendeeView:
    """How one person takes part in the meeting. The person is a member, or a guest without Slack."""

    person_id: int | None  #: none: they have no Slack
    user_id: str  #: empty for a person without Slack
    name: str
    agency_name: str
    status: AttendanceStatus | None  #: none while nothing is known
    acknowledged: bool
    information_sent: str
    information_sent_on: date | None = None  #: where it is known, on the panel's clock
    arrived_at: datetime | None = None  #: after the meeting had begun, on the panel's clock
    left_at: datetime | None = None  #: before its end
    guest_id: int | None = None  #: of a person without Slack
    reads_out: bool = False  #: chairs or records the meeting, so that they read the confidentiality statement out


@dataclass(frozen=True, slots=True)
class RoomView:
    """Who is at the open meeting, and whether it is quorate."""

    meeting_id: int
    panel_key: str
    panel_title: str
    starts_at: datetime
    confidentiality: str
    quorum: QuorumView
    attendees: tuple[AttendeeView, ...]
    is_shared: bool = False  #: another workspace sees its channel, so that nothing is posted there
    has_channel: bool = True
    is_interim: bool = False  #: held without a quorum, as an interim discussion
    may_run: bool = False  #: the reader decides what happens if the meeting is not quorate
    untriaged: int = 0  #: flags that the reader may see and that need triage
    may_triage: bool = False  #: the reader is chair or vice-chair


def room_of(work: Work, standing: Standing, meeting: Meeting) -> RoomView:
    """Return who is at the meeting, person by person, and whether it is quorate."""
    work.session.flush()
    rows = {row.person_id: row for row in work.find_all(Attendance, col(Attendance.meeting_id) == id_of(meeting))}
    everyone = {id_of(person): person for person in members(work, standing.panel_id, set(Role))}
    everyone |= {id_of(one): one for one in work.find_all(Person, col(Person.id).in_(rows.keys() - everyone.keys()))}
    readers_out = {id_of(person) for person in members(work, standing.panel_id, Verb.NOTE.roles)}
    agencies = {agency.id: agency.name for agency in work.find_all(Agency)}
    work.keys.fetch(work.session, (row.information_sent for row in rows.values()))
    attendees = []
    for person_id, person in everyone.items():
        row = rows.get(person_id)
        sent, sent_at = (row.information_sent, _local(work, standing, row.information_sent_at)) if row else (None, None)
        attendees.append(
            AttendeeView(
                person_id=person_id,
                user_id=person.user_id,
                name=person.name,
                agency_name=agencies[row.agency_id if row else person.agency_id],
                status=row.status if row else None,
                acknowledged=bool(row and row.acknowledged_at),
                information_sent=opened_or_erased(work, sent) if sent else "",
                information_sent_on=sent_at.date() if sent_at else None,
                arrived_at=_local(work, standing, row.arrived_at if row else None),
                left_at=_local(work, standing, row.left_at if row else None),
                reads_out=person_id in readers_out,
            )
        )
    attendees += [_attending(work, standing, guest) for guest in guests_at(work, id_of(meeting))]
    return RoomView(
        meeting_id=id_of(meeting),
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        starts_at=local_time(work, standing.panel, meeting.starts_at),
        confidentiality=rules_of(work, standing.panel).confidentiality,
        quorum=quorum_at(work, standing.panel, meeting),
        attendees=tuple(attendees),
        is_interim=meeting.is_interim,
        may_run=standing.may(Verb.RUN_MEETING),
    )


def _attending(work: Work, standing: Standing, guest: GuestView) -> AttendeeView:
    return AttendeeView(
        person_id=None,
        user_id="",
        name=guest.name,
        agency_name=guest.agency_name,
        status=guest.status,
        acknowledged=guest.acknowledged,
        information_sent="",
        arrived_at=_local(work, standing, guest.arrived_at),
        left_at=_local(work, standing, guest.left_at),
        guest_id=guest.id,
    )


def _local(work: Work, standing: Standing, at: datetime | None) -> datetime | None:
    return None if at is None else local_time(work, standing.panel, at)
