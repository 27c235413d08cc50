"""Circulating approved minutes. Every member is told once, and acknowledges them with a button."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes, MinutesCopy
from bot.models.people import Agency, Person
from bot.models.vocabulary import MinutesStep
from bot.records.access.queries import Standing, Where, find_panel, local_time
from bot.records.diary.queries import OfMeeting, of_meeting
from bot.records.minutes.changes import change_minutes
from bot.records.minutes.queries import MinutesView, require_minutes, view_minutes
from bot.records.people.queries import members_who_may
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work


def circulate(work: Work, standing: Standing, minutes: Minutes) -> None:
    """Tell members that minutes are approved, except members who were told before. Record who was told."""
    told = {copy.person_id for copy in work.find_all(MinutesCopy, col(MinutesCopy.minutes_id) == id_of(minutes))}
    people = [id_of(person) for person in members_who_may(work, standing.panel_id, Verb.READ_MINUTES)]
    new = [person_id for person_id in people if person_id not in told]
    rows = [MinutesCopy(minutes_id=id_of(minutes), person_id=person_id, told_at=work.now) for person_id in new]
    for row in rows:
        if row.person_id == standing.actor.person_id:
            row.acknowledged_at = work.now  # the approver has the minutes already
    add_rows(work.session, rows)
    for person_id in new:
        work.tell(person_id, Notice.MINUTES_APPROVED, minutes_id=id_of(minutes))
    change_minutes(work, standing.actor, minutes, MinutesStep.CIRCULATED)
    work.audit(
        "circulate",
        "minutes",
        minutes.id,
        panel_id=standing.panel_id,
        actor_id=standing.actor.person_id,
        sha256=minutes.digest,
    )


def acknowledge_minutes(work: Work, actor: Actor, minutes_id: int) -> MinutesView:
    """Record that a member acknowledges approved minutes. Repeating it changes nothing. Raise NotForYou for drafts."""
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    copy = work.find(
        MinutesCopy, col(MinutesCopy.minutes_id) == minutes_id, col(MinutesCopy.person_id) == actor.person_id
    )
    if copy is None:
        raise NotForYou("those minutes")
    if copy.acknowledged_at is None:
        copy.acknowledged_at = work.now
        work.session.add(copy)
        work.audit("acknowledge", "minutes", minutes_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view_minutes(work, standing, meeting, minutes)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One member who was told of approved minutes, with times on the panel's clock."""

    name: str
    agency_name: str
    told_at: datetime
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptsView(OfMeeting):
    """The members who were told of a meeting's approved minutes. Those who have not acknowledged them come first."""

    receipts: tuple[Receipt, ...]


def show_receipts(work: Work, actor: Actor, where: Where, meeting_id: int) -> ReceiptsView:
    """Return who was told of a meeting's minutes and who acknowledged them, for a chair or co-ordinator."""
    standing = find_panel(work, actor, where, Verb.COMPILE)
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None or meeting.panel_id != standing.panel_id:
        raise NotForYou("that meeting")
    query = (
        select(MinutesCopy, Person.name, Agency.name)
        .join(Minutes, col(Minutes.id) == col(MinutesCopy.minutes_id))
        .join(Person, col(Person.id) == col(MinutesCopy.person_id))
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(col(Minutes.meeting_id) == meeting_id)
        .order_by(col(MinutesCopy.acknowledged_at).is_(None).desc(), col(Person.name))
    )
    panel = standing.panel
    receipts = tuple(
        Receipt(
            name,
            agency_name,
            local_time(work, panel, copy.told_at),
            local_time(work, panel, copy.acknowledged_at) if copy.acknowledged_at else None,
        )
        for copy, name, agency_name in work.session.execute(query)
    )
    return ReceiptsView(*of_meeting(work, panel, meeting), receipts=receipts)
