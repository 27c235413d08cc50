"""Opening and closing a meeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_
from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import QuorumView
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.meetings import AgendaItem, Attendance, Decision, Meeting
from bot.models.panels import Membership, Panel
from bot.models.vocabulary import (
    AttendanceStatus,
    ItemState,
    MeetingState,
    Role,
)
from bot.records.access.clocks import local_time, today_at
from bot.records.access.queries import Standing, Where, find_panel, holds_at, require
from bot.records.actions.queries import ActionView, count_actions, view_actions
from bot.records.agenda.changes import compile_items, gather_due
from bot.records.agenda.queries import lines_for
from bot.records.diary.queries import lock_diary, meeting_after, next_meeting, open_meeting
from bot.records.invitations.changes import record_apologies
from bot.records.meeting.queries import RoomView, attends, lines_of, open_sitting, quorum_at, room_of
from bot.records.people.queries import members
from bot.records.rescheduling.queries import new_date_owed
from bot.store.outbox import Effect
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ClosingView:
    """What a meeting came to."""

    meeting_id: int
    panel_key: str
    panel_title: str
    discussed: int
    carried: tuple[str, ...]  #: cases without a decision, which go to the next meeting
    not_reached: tuple[str, ...]  #: headings that nobody came to
    decisions: int
    actions: int
    quorum: QuorumView
    next_meeting_at: datetime | None
    is_interim: bool = False
    new_date_by: date | None = None  #: after an interim discussion, where no meeting is in the diary by then


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What an open meeting would carry to the next one if it closed now."""

    meeting_id: int
    panel_key: str
    panel_title: str
    carried: tuple[str, ...]  #: cases without a decision, of those this reader sees


def open_panel_meeting(work: Work, actor: Actor, where: Where) -> RoomView:
    """Begin the panel's next meeting: the agenda is brought up to date, and attendance is asked for in its channel."""
    standing = find_panel(work, actor, where, Verb.RUN_MEETING)
    lock_diary(work, standing.panel_id)
    if open_meeting(work, standing.panel_id) is not None:
        raise Mistake("The meeting is open already. `/meeting next` shows the next item, `/meeting close` ends it.")
    meeting = next_meeting(work, standing.panel_id)
    if meeting is None:
        raise Mistake(f"{standing.panel.title} has no meeting in the diary. `/panel create` adds some.")
    starts = local_time(work, standing.panel, meeting.starts_at)
    if starts.date() != today_at(work, standing.panel):
        raise Mistake(
            f"The next meeting is on {starts:%A %-d %B %Y at %H:%M}. "
            "To hold it today, move it first: `/panel reschedule`."
        )
    gather_due(work, standing.panel, meeting)
    compile_items(work, standing.panel, meeting)
    meeting.state = MeetingState.OPEN
    meeting.opened_at = work.now
    work.session.add(meeting)
    work.session.flush()
    attends(work, standing, meeting)
    record_apologies(work, meeting)
    work.audit("open", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    if standing.panel.channel_id:
        work.send(
            Effect(
                key=f"meeting-opened:{meeting.id}:{meeting.sequence}",
                lane=f"channel:{standing.panel.channel_id}",
                kind="meeting_opened",
                payload={"channel_id": standing.panel.channel_id, "meeting_id": meeting.id},
            )
        )
    return room_of(work, standing, meeting)


def room_for_notice(work: Work, meeting_id: int) -> RoomView | None:
    """The opening of a meeting for its own channel: title and statement, nobody's attendance; None once over."""
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None or meeting.state is not MeetingState.OPEN:
        return None
    panel = work.session.get_one(Panel, meeting.panel_id)
    return RoomView(
        meeting_id=meeting_id,
        panel_title=panel.title,
        starts_at=local_time(work, panel, meeting.starts_at),
        confidentiality=work.definition(panel.definition).confidentiality,
        quorum=QuorumView(met=True, missing=()),
        attendees=(),
    )


def unfinished(work: Work, actor: Actor, where: Where) -> Unfinished:
    """What would be carried over if the meeting closed now.

    A case that is kept from the person is carried too, without a word: to ask about it would give it away.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING)
    return Unfinished(
        meeting_id=id_of(meeting),
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        carried=tuple(
            line.item.title for line in lines_of(work, meeting, actor.person_id) if line.is_owed and line.is_readable
        ),
    )


def close_meeting(work: Work, actor: Actor, where: Where, meeting_id: int | None = None) -> ClosingView:
    """End the meeting. What was not decided and what was finds its way to the meetings that follow.

    Raises Mistake when `meeting_id` names another meeting than the open one: it was closed since somebody was asked.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING)
    lock_diary(work, standing.panel_id)
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING)
    if meeting_id not in (None, meeting.id):
        raise Mistake("That meeting is closed already, and another one is open. `/meeting now` shows where it is.")
    meeting_id = id_of(meeting)
    for line in lines_of(work, meeting, actor.person_id):
        if line.case is not None or line.item.state is ItemState.CURRENT:
            line.item.state = line.state_when_left
        if line.item.state is ItemState.PENDING:
            line.item.state = ItemState.NOT_REACHED
        work.session.add(line.item)
    _absent(work, standing, meeting)
    meeting.state = MeetingState.CLOSED
    meeting.closed_at = work.now
    work.session.add(meeting)
    work.session.flush()
    seen = lines_for(work, actor.person_id, meeting)
    holders = work.session.exec(select(Action.holder_id).where(col(Action.meeting_id) == meeting_id).distinct())
    for holder_id in holders:
        work.send(
            Effect(
                key=f"meeting-actions:{meeting_id}:{holder_id}",
                lane=f"person:{holder_id}",
                kind="meeting_actions",
                payload={"person_id": holder_id, "meeting_id": meeting_id},
            )
        )
    work.audit("close", "meeting", meeting_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    following = meeting_after(work, standing.panel_id, meeting.starts_at)
    return ClosingView(
        meeting_id=meeting_id,
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        discussed=sum(item.state is ItemState.DISCUSSED for item in seen),
        carried=tuple(item.title for item in seen if item.state is ItemState.NOT_REACHED and item.flag_id),
        not_reached=tuple(item.title for item in seen if item.state is ItemState.NOT_REACHED and not item.flag_id),
        decisions=_count_decisions(work, seen),
        actions=count_actions(work, actor.person_id, col(Action.meeting_id) == meeting_id),
        quorum=quorum_at(work, standing, meeting),
        next_meeting_at=local_time(work, standing.panel, following.starts_at) if following else None,
        is_interim=meeting.is_interim,
        new_date_by=new_date_owed(work, standing.panel, meeting) if meeting.is_interim else None,
    )


def actions_of_meeting(work: Work, actor: Actor, meeting_id: int) -> tuple[str, tuple[ActionView, ...]]:
    """A panel's title and the actions that one holder was given at a meeting, for the message after it."""
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotForYou("that meeting")
    standing = require(work, actor, meeting.panel_id, Verb.SEE_ACTIONS)
    mine = view_actions(
        work, actor.person_id, col(Action.meeting_id) == meeting_id, col(Action.holder_id) == actor.person_id
    )
    return standing.panel.title, tuple(mine)


def _count_decisions(work: Work, lines: Sequence[AgendaItem]) -> int:
    """How many of an agenda's lines have a decision that stands."""
    return work.session.exec(
        select(func.count())
        .select_from(Decision)
        .where(col(Decision.item_id).in_([id_of(line) for line in lines]), col(Decision.undone_at).is_(None))
    ).one()


def _absent(work: Work, standing: Standing, meeting: Meeting) -> None:
    """Members of whom nothing is known by the end were absent, unless their deputy came; observers do not count."""
    statuses = {
        row.person_id: row.status
        for row in work.session.exec(select(Attendance).where(col(Attendance.meeting_id) == id_of(meeting)))
    }
    there = [person_id for person_id, status in statuses.items() if status is AttendanceStatus.PRESENT]
    stood_in_for = set(
        work.session.exec(
            select(Membership.deputy_for_id).where(
                col(Membership.panel_id) == standing.panel_id,
                col(Membership.person_id).in_(there),
                # One who came for this meeting alone may have lapsed by its end, or been named during it.
                or_(holds_at(meeting.opened_at or work.now), holds_at(work.now)),
            )
        )
    )
    absent = [
        Attendance(
            meeting_id=id_of(meeting),
            person_id=id_of(person),
            agency_id=person.agency_id,
            status=AttendanceStatus.ABSENT,
        )
        for person in members(work, standing.panel_id, {Role.CHAIR, Role.VICE_CHAIR, Role.REPRESENTATIVE})
        if person.id not in statuses and person.id not in stood_in_for
    ]
    add_rows(work.session, absent)
