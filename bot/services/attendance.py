"""Attendance: who is here, and who sent apologies and what with them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.domain.narrative import accept_text
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.meetings import Meeting
from bot.models.people import Person
from bot.models.vocabulary import (
    AttendanceStatus,
    MeetingState,
    Role,
)
from bot.records.access.clocks import today_at
from bot.records.access.queries import Standing, Where, require
from bot.records.invitations.queries import expected_at, speaks_for
from bot.records.meeting.queries import RoomView, attendance_row, attendance_rows, attends, open_sitting, room_of
from bot.records.people.queries import members
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work


def room(work: Work, actor: Actor, where: Where) -> RoomView:
    """Who is at the open meeting."""
    standing, meeting = open_sitting(work, actor, where, Verb.SEE_DIARY)
    return room_of(work, standing, meeting)


def acknowledge(work: Work, actor: Actor, meeting_id: int) -> RoomView:
    """Somebody says that they are here and accept the confidentiality statement."""
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotForYou("that meeting")
    standing = require(work, actor, meeting.panel_id, Verb.SEE_DIARY, noun="that meeting")
    if not standing.roles:
        raise NotForYou("that meeting")
    if meeting.state is not MeetingState.OPEN:
        raise Mistake("The meeting is over.")
    observes = standing.roles == {Role.OBSERVER}
    agency_id = speaks_for(work, meeting, actor.person_id, actor.agency_id)
    row = attendance_row(work, meeting, actor.person_id, agency_id)
    row.status = AttendanceStatus.OBSERVER if observes else AttendanceStatus.PRESENT
    row.acknowledged_at = row.acknowledged_at or work.now
    work.session.add(row)
    work.audit("acknowledge", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return room_of(work, standing, meeting)


def record_attendance(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    present: tuple[str, ...] = (),
    apologies: tuple[str, ...] = (),
    information: str = "",
    sent_on: date | None = None,
) -> RoomView:
    """Record who is here and who sent apologies, by Slack user id; `information` is what the absent agency sent.
    `sent_on` is the day on which they sent it; what has none is printed without a day.

    Somebody recorded before and named again changes; who is not named stays as they were.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.TAKE_ATTENDANCE)
    both = set(present) & set(apologies)
    if both:
        raise Mistake(f"<@{sorted(both)[0]}> is under both present and apologies.", field="apologies")
    sent = None
    if information.strip():
        if not apologies:
            raise Mistake("Say whose apologies this information came with.", field="apologies")
        checked = accept_text(information, field="information", missing="")
        sent = work.seal(standing.panel.data_key_id, checked)
    sent_at = _noon(work, standing, sent_on) if sent_on is not None and sent is not None else None
    observers = {id_of(person) for person in members(work, standing.panel_id, {Role.OBSERVER})}
    everyone = {id_of(person) for person in members(work, standing.panel_id, set(Role))}
    enrolled = _enrolled(work, actor, (*present, *apologies))
    speaking = {one.person_id: id_of(one.agency) for one in expected_at(work, meeting)}
    rows = attendance_rows(
        work,
        meeting,
        {id_of(one): speaking.get(id_of(one), one.agency_id) for one in enrolled.values()},
    )
    for field, user_ids in (("present", present), ("apologies", apologies)):
        for user_id in user_ids:
            person = enrolled.get(user_id)
            if person is None:
                raise Mistake(f"<@{user_id}> is not enrolled; an administrator can add them.", field=field)
            row = rows[id_of(person)]
            if field == "apologies":
                row.status = AttendanceStatus.APOLOGIES
                if sent is not None:
                    row.information_sent, row.information_sent_at = sent, sent_at
            elif person.id in observers:
                row.status = AttendanceStatus.OBSERVER
            elif person.id not in everyone:
                row.status = AttendanceStatus.IN_ATTENDANCE
            elif row.id is None or row.acknowledged_at or row.status is not AttendanceStatus.IN_ATTENDANCE:
                # A co-ordinator in attendance stays so: the form names them among those here without being asked to.
                row.status = AttendanceStatus.PRESENT
            if row.id is not None:
                work.session.add(row)
    named = [rows[id_of(person)] for person in enrolled.values()]
    add_rows(work.session, [row for row in named if row.id is None])
    attends(work, standing, meeting)
    work.audit("attendance", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return room_of(work, standing, meeting)


def _enrolled(work: Work, actor: Actor, user_ids: Iterable[str]) -> dict[str, Person]:
    """By Slack user, the enrolled people of the actor's workspace who have not left."""
    people = work.session.exec(
        select(Person).where(
            col(Person.team_id) == actor.team_id, col(Person.user_id).in_(list(user_ids)), col(Person.left_at).is_(None)
        )
    )
    return {person.user_id: person for person in people}


def _noon(work: Work, standing: Standing, on: date) -> datetime:
    """A moment that stands for a whole day on the panel's clock. Raises Mistake for a day to come."""
    if on > today_at(work, standing.panel):
        raise Mistake("That day has not come yet. When was it sent?", field="sent_on")
    zone = ZoneInfo(work.definition(standing.panel.definition).timezone)
    return datetime.combine(on, time(12), tzinfo=zone).astimezone(UTC)
