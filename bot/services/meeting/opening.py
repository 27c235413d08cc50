"""Opening and closing a meeting, and recording attendance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import col, select

from bot.domain.language.identifiers import accept_text
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import QuorumView
from bot.domain.states import OPEN_STATES, REPORTED_STATES, UNCONFIRMED_STATES, MeetingEvent
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.cases import Case
from bot.models.meetings import Attendance, Guest, Meeting
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import AttendanceStatus, FlagState, ItemState, MeetingState, Role
from bot.records.access.queries import (
    Standing,
    Where,
    holds_at,
    local_time,
    require_meeting,
    rules_of,
    stepped_back,
    today_at,
)
from bot.records.actions.queries import ActionView, count_actions, heard_since, not_kept_from, view_actions
from bot.records.agenda.changes import compile_items
from bot.records.agenda.gathering import gather_due
from bot.records.agenda.queries import lines_for
from bot.records.cases.decisions import DecisionView, standing_decisions
from bot.records.diary.queries import (
    OfMeeting,
    count_flags,
    is_shared,
    lock_diary,
    meeting_after,
    next_for_cases,
    next_meeting,
    of_meeting,
    open_meeting,
)
from bot.records.invitations.changes import record_apologies
from bot.records.invitations.queries import expected_at, speaks_for
from bot.records.meeting.attendance import IN_THE_ROOM, Before, before_change, is_under_way, keep_entries
from bot.records.meeting.board import post_board, redraw_board
from bot.records.meeting.duties import closed_words, find_for_meeting, has_acknowledged
from bot.records.meeting.given import given_at, tell_holders
from bot.records.meeting.outcomes import tell_outcomes
from bot.records.meeting.queries import (
    Line,
    attendance_row,
    attendance_rows,
    attends,
    lines_of,
    open_sitting,
    quorum_at,
)
from bot.records.meeting.room import RoomView, room_of
from bot.records.meeting.transfers import tell_receivers
from bot.records.people.queries import members, members_who_may
from bot.records.rescheduling.changes import change_meeting
from bot.records.rescheduling.queries import new_date_owed
from bot.services.meeting.arrivals import Moves, is_overtaken, moment_of_moves, move_guests, move_person
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ClosingView:
    """The results of a closed meeting, as the person who closed it sees them."""

    meeting_id: int
    panel_key: str
    panel_title: str
    discussed: int
    carried: tuple[str, ...]  #: cases without a decision, which go to the next meeting
    not_reached: tuple[str, ...]  #: headings that nobody came to
    decided: tuple[tuple[str, tuple[DecisionView, ...]], ...]  #: by reference, what was decided; without rationales
    actions: int
    quorum: QuorumView
    next_meeting_at: datetime | None
    is_interim: bool = False
    new_date_by: date | None = None  #: after an interim discussion, where no meeting is in the diary by then
    untriaged: int = 0  #: flags that were not triaged, which go to the next meeting

    @property
    def decisions(self) -> int:
        """Return the number of decisions in the meeting that this reader sees."""
        return sum(len(decisions) for _, decisions in self.decided)


@dataclass(frozen=True, slots=True)
class Unfinished(OfMeeting):
    """What is not finished in an open meeting before it is closed, as this reader sees it."""

    undecided: tuple[tuple[int, str], ...]  #: cases without a decision, by item and reference
    not_reached: int  #: headings that nobody came to
    current: int | None  #: the item being discussed, if this reader sees it
    untriaged: int  #: flags that need triage by the chair
    may_triage: bool  #: the reader is chair or vice-chair
    unacknowledged: tuple[str, ...]  #: who is here and has not accepted the confidentiality statement
    overdue: int  #: actions of the panel that are overdue, and neither their holder nor the panel has answered
    reported: int  #: actions from before the meeting whose holder's report the panel has not answered
    unheld: tuple[int, ...]  #: actions whose holder has left the panel, or has stepped back from the case
    arising: int | None  #: the item under which outstanding actions are answered; none where the agenda has none

    @property
    def carried(self) -> tuple[str, ...]:
        """Return the references of the cases without a decision, which go to the next meeting."""
        return tuple(reference for _, reference in self.undecided)

    @property
    def is_worth_asking(self) -> bool:
        """Return whether people in the room can still finish something. Headings that were not reached don't count."""
        actions = self.overdue or self.reported or self.unheld
        return bool(self.undecided or self.untriaged or self.unacknowledged or actions)


def open_panel_meeting(work: Work, actor: Actor, where: Where) -> RoomView:
    """Open the panel's next meeting, bring its agenda up to date and post the board. Return who is at the meeting."""
    standing = find_for_meeting(work, actor, where, Verb.RUN_MEETING)
    lock_diary(work, standing.panel_id)
    if open_meeting(work, standing.panel_id) is not None:
        raise Mistake("The meeting is open already. `/meeting next` shows the next item, `/meeting close` ends it.")
    meeting = next_meeting(work, standing.panel_id)
    if meeting is None:
        raise Mistake(f"{standing.panel.title} has no meeting in the diary. To add meetings: `/panel create`.")
    starts = local_time(work, standing.panel, meeting.starts_at)
    if starts.date() != today_at(work, standing.panel):
        raise Mistake(
            f"The next meeting is on {starts:%A %-d %B %Y at %H:%M}. "
            "To hold it today, first move the meeting: `/panel reschedule`."
        )
    gather_due(work, standing.panel, meeting)
    compile_items(work, standing.panel, meeting)
    change_meeting(work, meeting, MeetingEvent.OPENED)
    meeting.asked_open_at = None  # from an earlier opening, after which the meeting was postponed
    attends(work, standing, meeting)
    record_apologies(work, meeting)
    work.audit("open", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    post_board(work, standing.panel, meeting)
    channel_id = standing.panel.channel_id
    room = room_of(work, standing, meeting)
    untriaged = count_flags(work, actor, meeting, FlagState.OPEN)
    shared = channel_id is not None and is_shared(work, channel_id)
    may_triage = standing.may(Verb.TRIAGE)
    has_channel = channel_id is not None
    return replace(room, is_shared=shared, has_channel=has_channel, untriaged=untriaged, may_triage=may_triage)


def unfinished(work: Work, actor: Actor, where: Where, meeting_id: int | None = None) -> Unfinished:
    """Return what is unfinished in the open meeting, before it is closed.

    A case that is kept from the person is left out, since naming it would reveal a closed item. Raise Mistake if the
    meeting `meeting_id` is closed.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING, meeting_id=meeting_id)
    lines = [line for line in lines_of(work, meeting, actor.person_id) if line.is_readable]
    room = room_of(work, standing, meeting)
    headings = {one.key for one in work.definition(standing.panel.definition).agenda if one.kind.lists_actions}
    arising = [line.item for line in lines if line.item.section in headings and line.item.kind is None]
    opened_at = meeting.opened_at or work.now
    unheard = (
        col(Action.panel_id) == standing.panel_id,
        col(Action.id).not_in(heard_since(work, standing.panel_id, opened_at)),
    )
    late = (col(Action.due_on) < today_at(work, standing.panel), col(Action.state).in_(sorted(OPEN_STATES)))
    before = (col(Action.created_at) < opened_at, col(Action.state).in_(sorted(REPORTED_STATES)))
    return Unfinished(
        *of_meeting(work, standing.panel, meeting),
        undecided=tuple((id_of(line.item), line.item.title) for line in lines if line.is_owed),
        not_reached=sum(line.case is None and line.item.state is ItemState.PENDING for line in lines),
        current=next((id_of(line.item) for line in lines if line.item.state is ItemState.CURRENT), None),
        untriaged=count_flags(work, actor, meeting, FlagState.OPEN),
        may_triage=standing.may(Verb.TRIAGE),
        unacknowledged=tuple(
            one.name
            for one in room.attendees
            if one.status in IN_THE_ROOM and not one.acknowledged and one.left_at is None and not one.reads_out
        ),
        overdue=count_actions(work, actor.person_id, *unheard, *late),
        reported=count_actions(work, actor.person_id, *unheard, *before),
        unheld=_unheld(work, standing),
        arising=id_of(arising[0]) if arising else None,
    )


def _unheld(work: Work, standing: Standing) -> tuple[int, ...]:
    """Return the numbers of unfinished actions whose holder has no place on the panel or stepped back from the case."""
    holders = [id_of(person) for person in members_who_may(work, standing.panel_id, Verb.HOLD_ACTIONS)]
    query = (
        select(col(Action.id))
        .join(Case, col(Case.id) == col(Action.case_id), isouter=True)
        .where(
            col(Action.panel_id) == standing.panel_id,
            col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
            col(Action.holder_id).not_in(holders) | stepped_back(col(Action.holder_id)),
            *not_kept_from(standing.actor.person_id),
        )
        .order_by(col(Action.id))
    )
    return tuple(work.session.execute(query).scalars())


def close_meeting(work: Work, actor: Actor, where: Where, meeting_id: int | None = None) -> ClosingView:
    """Close the meeting. Cases without a decision, and cases that a decision brings back, go to later meetings.

    Raise Mistake if `meeting_id` is not the open meeting, because it was closed meanwhile.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING, meeting_id=meeting_id)
    lock_diary(work, standing.panel_id)
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING, meeting_id=meeting_id)
    if meeting_id not in (None, meeting.id):
        raise Mistake("Another meeting is open. `/meeting now` shows where it is.")
    meeting_id = id_of(meeting)
    lines = lines_of(work, meeting, actor.person_id)
    for line in lines:
        if line.case is not None or line.item.state is ItemState.CURRENT:
            line.item.state = line.state_when_left
        if line.item.state is ItemState.PENDING:
            line.item.state = ItemState.NOT_REACHED
    _absent(work, standing, meeting)
    change_meeting(work, meeting, MeetingEvent.CLOSED)
    redraw_board(work, standing.panel, meeting)
    seen = lines_for(work, actor.person_id, meeting)
    tell_holders(work, meeting)
    work.audit("close", "meeting", meeting_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    tell_outcomes(work, meeting, except_for=actor.person_id)
    tell_receivers(work, meeting, except_for=actor.person_id)
    coming = next_for_cases(work, standing.panel_id)
    if coming is not None:
        gather_due(work, standing.panel, coming)
    following = meeting_after(work, standing.panel_id, meeting.starts_at)
    return ClosingView(
        meeting_id=meeting_id,
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        discussed=sum(item.state is ItemState.DISCUSSED for item in seen),
        carried=tuple(item.title for item in seen if item.state is ItemState.NOT_REACHED and item.flag_id),
        not_reached=tuple(item.title for item in seen if item.state is ItemState.NOT_REACHED and not item.flag_id),
        decided=_decided(work, standing, lines),
        actions=count_actions(work, actor.person_id, col(Action.meeting_id) == meeting_id),
        quorum=quorum_at(work, standing.panel, meeting),
        next_meeting_at=local_time(work, standing.panel, following.starts_at) if following else None,
        is_interim=meeting.is_interim,
        new_date_by=new_date_owed(work, standing.panel, meeting) if meeting.is_interim else None,
        untriaged=count_flags(work, actor, meeting, FlagState.OPEN),
    )


def _decided(work: Work, standing: Standing, lines: Sequence[Line]) -> tuple[tuple[str, tuple[DecisionView, ...]], ...]:
    """Return the reference and the decisions of each case that the person may read. Record that the cases were read."""
    theirs = [(line, line.case) for line in lines if line.is_decided and line.is_readable and line.case is not None]
    decisions = standing_decisions(work, [id_of(line.item) for line, _ in theirs])
    work.saw(standing.actor.person_id, ((case.id, standing.panel_id) for _, case in theirs))
    return tuple((line.item.title, decisions[id_of(line.item)]) for line, _ in theirs)


def actions_of_meeting(
    work: Work, actor: Actor, meeting_id: int, since: datetime | None = None
) -> tuple[str, tuple[ActionView, ...]]:
    """Return the panel's title and the actions given to this person at a meeting.

    If `since` is set, only actions given after that moment are returned.
    """
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_ACTIONS)
    theirs = (given_at(meeting, since), col(Action.holder_id) == actor.person_id)
    mine = view_actions(work, actor.person_id, *theirs, with_own=True)
    return standing.panel.title, tuple(mine)


def _absent(work: Work, standing: Standing, meeting: Meeting) -> None:
    """Record members as absent if no attendance was recorded for them.

    Observers, and members whose deputy came, are left out.
    """
    statuses = {
        row.person_id: row.status
        for row in work.session.exec(select(Attendance).where(col(Attendance.meeting_id) == id_of(meeting)))
    }
    there = [person_id for person_id, status in statuses.items() if status is AttendanceStatus.PRESENT]
    deputies = select(Membership.deputy_for_id).where(
        col(Membership.panel_id) == standing.panel_id,
        col(Membership.person_id).in_(there),
        # A place for this meeting alone may have lapsed by its end, or been given during the meeting.
        or_(holds_at(meeting.opened_at or work.now), holds_at(work.now)),
    )
    stood_in_for = set(work.session.exec(deputies))
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


def room(work: Work, actor: Actor, where: Where, verb: Verb = Verb.SEE_DIARY) -> RoomView:
    """Return who is at the open meeting, for a person who may do `verb` there."""
    standing, meeting = open_sitting(work, actor, where, verb)
    return room_of(work, standing, meeting)


@dataclass(frozen=True, slots=True)
class Statement:
    """The confidentiality statement of an open meeting."""

    meeting_id: int
    panel_title: str
    words: str


def show_statement(work: Work, actor: Actor, meeting_id: int) -> Statement | None:
    """Return the meeting's confidentiality statement, or None if the actor has accepted it there.

    Raise the same errors as `acknowledge`.
    """
    standing, _ = _meeting_to_join(work, actor, meeting_id)
    if has_acknowledged(work, standing, meeting_id):
        return None
    return Statement(meeting_id, standing.panel.title, rules_of(work, standing.panel).confidentiality)


def acknowledge(work: Work, actor: Actor, meeting_id: int) -> RoomView:
    """Record that the actor is here and accepts the confidentiality statement.

    After the first item, the actor counts as arriving late. Raise NotForYou if the actor has no place on the panel, and
    Mistake if the meeting is not open.
    """
    standing, meeting = _meeting_to_join(work, actor, meeting_id)
    observes = standing.roles == {Role.OBSERVER}
    agency_id = speaks_for(work, meeting, actor.person_id, actor.agency_id)
    row = attendance_row(work, meeting, actor.person_id, agency_id)
    before = before_change(row)
    row.status = AttendanceStatus.OBSERVER if observes else AttendanceStatus.PRESENT
    row.acknowledged_at = row.acknowledged_at or work.now
    if not before.is_in_the_room and is_under_way(work, meeting):
        row.arrived_at = work.now
    row.left_at = None  # a person who had left has come back
    work.session.add(row)
    keep_entries(work, meeting, actor.person_id, [(row, before)])
    redraw_board(work, standing.panel, meeting)
    work.audit("acknowledge", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return room_of(work, standing, meeting)


def _meeting_to_join(work: Work, actor: Actor, meeting_id: int) -> tuple[Standing, Meeting]:
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)
    if not standing.roles:
        raise NotForYou("that meeting")
    if meeting.state is MeetingState.CLOSED:
        raise Mistake(f"{closed_words(work, standing, meeting)}.")
    if meeting.state is not MeetingState.OPEN:
        raise Mistake("That meeting is not open.")
    return standing, meeting


def record_attendance(
    work: Work,
    actor: Actor,
    where: Where,
    *,
    present: tuple[str, ...] = (),
    apologies: tuple[str, ...] = (),
    information: str = "",
    sent_on: date | None = None,
    accepted: bool = False,
    moves: Moves | None = None,
) -> RoomView:
    """Record who is here and who sent apologies, by Slack user.

    `information` is what absent agencies sent, and `sent_on` is the day on which they sent it (without it, minutes
    print no day). `accepted` says that the confidentiality statement was read out and that everyone here accepts it.
    `moves` are people who came late or left early. People who are not named keep the attendance recorded before.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.TAKE_ATTENDANCE)
    moves = moves or Moves()
    at = moment_of_moves(work, standing, meeting, moves.at)
    present = tuple(dict.fromkeys((*present, *moves.late, *moves.left)))
    apologies = tuple(dict.fromkeys(apologies))
    both = set(present) & set(apologies)
    if both:
        named = "present" if sorted(both)[0] not in (*moves.late, *moves.left) else "those who came"
        raise Mistake(f"<@{sorted(both)[0]}> is under both {named} and apologies.", field="apologies")
    sent = None
    if information.strip():
        if not apologies:
            raise Mistake("Say whose apologies this information came with.", field="apologies")
        checked = accept_text(information, field="information", missing="", today=work.now.date())
        sent = work.seal(standing.panel.data_key_id, checked)
    sent_at = _noon(work, standing, sent_on) if sent_on is not None and sent is not None else None
    observers = {id_of(person) for person in members(work, standing.panel_id, {Role.OBSERVER})}
    everyone = {id_of(person) for person in members(work, standing.panel_id, set(Role))}
    is_named = col(Person.user_id).in_([*present, *apologies])
    people = select(Person).where(col(Person.team_id) == actor.team_id, is_named, col(Person.left_at).is_(None))
    enrolled = {person.user_id: person for person in work.session.exec(people)}
    speaking = {one.person_id: id_of(one.agency) for one in expected_at(work, meeting)}
    agencies = {id_of(one): speaking.get(id_of(one), one.agency_id) for one in enrolled.values()}
    rows = attendance_rows(work, meeting, agencies)
    before = {person_id: before_change(row) for person_id, row in rows.items()}
    for field, user_ids in (("present", present), ("apologies", apologies)):
        for user_id in user_ids:
            person = enrolled.get(user_id)
            if person is None:
                raise Mistake(f"<@{user_id}> is not enrolled. An administrator can add them.", field=field)
            row = rows[id_of(person)]
            if is_overtaken(before[id_of(person)].status, moves, user_id, is_here=field == "present"):
                del before[id_of(person)]
                continue
            if field == "apologies":
                _record_apologies(row, sent, sent_at)
                continue
            if user_id not in moves.were_here:  # a form saved unchanged changes nobody's attendance
                _record_here(row, observes=person.id in observers, sits=person.id in everyone)
            if accepted:
                row.acknowledged_at = row.acknowledged_at or work.now
            move_person(row, moves, user_id, at)
    changed: list[tuple[Attendance | Guest, Before]] = [(rows[number], was) for number, was in before.items()]
    add_rows(work.session, [rows[number] for number, was in before.items() if was.status is None])
    changed += move_guests(work, meeting, moves, at, accepted=accepted)
    keep_entries(work, meeting, actor.person_id, changed)
    attends(work, standing, meeting)
    redraw_board(work, standing.panel, meeting)
    work.audit("attendance", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return room_of(work, standing, meeting)


def _record_apologies(row: Attendance, sent: bytes | None, sent_at: datetime | None) -> None:
    row.status = AttendanceStatus.APOLOGIES
    row.arrived_at = row.left_at = None
    if sent is not None:
        row.information_sent, row.information_sent_at = sent, sent_at


def _record_here(row: Attendance, *, observes: bool, sits: bool) -> None:
    if observes:
        row.status = AttendanceStatus.OBSERVER
    elif not sits:
        row.status = AttendanceStatus.IN_ATTENDANCE
    elif row.id is None or row.acknowledged_at or row.status is not AttendanceStatus.IN_ATTENDANCE:
        # A co-ordinator recorded as in attendance stays so, although the form names them among the people here.
        row.status = AttendanceStatus.PRESENT


def _noon(work: Work, standing: Standing, on: date) -> datetime:
    """Return noon of the day `on` in the panel's time zone, as the moment to store if no time is known.

    Raise Mistake for a future day.
    """
    if on > today_at(work, standing.panel):
        raise Mistake("That day has not come yet. When was it sent?", field="sent_on")
    zone = ZoneInfo(work.definition(standing.panel.definition).timezone)
    return datetime.combine(on, time(12), tzinfo=zone).astimezone(UTC)
