"""Facts shown in App Home. They are read for all of a person's panels together, never with a query for each panel."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.minutes import APPROVED_STATES
from bot.domain.permissions import Actor, Verb, may
from bot.domain.states import OPEN_STATES, REPORTED_STATES, UNCONFIRMED_STATES
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.meetings import Attendance, Meeting, Rsvp
from bot.models.minutes import Minutes, MinutesCopy
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import FlagState, MeetingState, MinutesState, Reply, Role
from bot.records.access.queries import carries, holds_at, is_running, readable
from bot.records.actions.queries import not_kept_from
from bot.records.cases.queries import is_own_withheld
from bot.records.cases.served import is_folded
from bot.records.diary.queries import flags_at, is_coming
from bot.records.invitations.queries import answers_to, expected_at_each
from bot.records.people.queries import IS_HERE
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

_TO_APPROVE: Final = (MinutesState.DRAFT, MinutesState.WITH_CHAIR)
#: How far Home looks ahead for meetings, and back for minutes.
_AHEAD, _BEHIND = timedelta(days=60), timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Seated:
    """A panel, and the roles and places that a person has on it."""

    panel: Panel
    roles: frozenset[Role]
    places: tuple[Membership, ...] = ()

    def comes_to(self, meeting: Meeting) -> bool:
        """Return whether one of the person's places on the panel lets them attend this meeting.

        The result is always True for an administrator who keeps the diary without a place.
        """
        return not self.places or any(
            place.meeting_id in (None, meeting.id) and (place.lapses_at is None or place.lapses_at > meeting.starts_at)
            for place in self.places
        )

    @property
    def comes_to_one(self) -> bool:
        """Return whether the person has places on the panel only for single meetings."""
        return bool(self.places) and all(place.meeting_id is not None for place in self.places)

    def may(self, verb: Verb) -> bool:
        """Return whether the person's roles on the panel allow `verb`. Being an administrator doesn't count here."""
        return may(verb, self.roles)


@dataclass(frozen=True, slots=True)
class HeldMeeting:
    """A meeting that is being held now, and what one member can do in it from Home."""

    key: str
    title: str  #: of its panel
    meeting_id: int
    is_here: bool  #: they have accepted the confidentiality statement
    opens_items: bool  #: false for an observer


@dataclass(frozen=True, slots=True)
class OwnFlag:
    """A person's own flag that is not triaged yet, so that they may still change it."""

    reference: str  #: by which they flagged it
    panel_id: int
    meeting_at: datetime


@dataclass(frozen=True, slots=True)
class DiaryEnds:
    """When the first and the last coming meeting in a panel's diary begin."""

    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Unapproved:
    """A closed meeting whose minutes are not approved."""

    meeting_id: int
    panel_id: int
    starts_at: datetime
    drafted_by_id: int | None  #: the writer of the draft to approve; None without such a draft

    @property
    def is_drafted(self) -> bool:
        """Return whether the minutes have a draft that can be approved."""
        return self.drafted_by_id is not None


@dataclass(frozen=True, slots=True)
class Unacknowledged:
    """A meeting whose approved minutes some members have not acknowledged, with the number of these members."""

    meeting_id: int
    panel_id: int
    starts_at: datetime
    told_at: datetime
    count: int


def seated_on(work: Work, actor: Actor) -> dict[int, Seated]:
    """Return the person's roles and places on running panels, as a dict from panel id, sorted by the panels' titles.

    Panels where the person has no place are left out.
    """
    rows = work.session.execute(
        select(Panel, Membership)
        .join(Membership, col(Membership.panel_id) == col(Panel.id))
        .where(col(Membership.person_id) == actor.person_id, holds_at(work.now), is_running(work))
        .order_by(col(Panel.title), col(Panel.id))
    ).all()
    panels = {id_of(panel): panel for panel, _ in rows}
    return {
        number: Seated(panels[number], frozenset(place.role for place in places), tuple(places))
        for number, places in grouped((place.panel_id, place) for _, place in rows).items()
    }


def every_panel(work: Work) -> dict[int, Seated]:
    """Return every running panel by its id, for an administrator who has no place on any panel."""
    every = work.find_all(Panel, is_running(work), by=[col(Panel.title), col(Panel.id)])
    return {id_of(panel): Seated(panel, frozenset()) for panel in every}


def coming_meetings(work: Work, panel_ids: Collection[int]) -> list[Meeting]:
    """Return these panels' open meetings and their meetings in the next 60 days, the soonest first."""
    is_soon = and_(is_coming(work), col(Meeting.starts_at) < work.now + _AHEAD)
    return work.find_all(
        Meeting,
        col(Meeting.panel_id).in_(panel_ids),
        or_(col(Meeting.state) == MeetingState.OPEN, is_soon),
        by=[col(Meeting.starts_at), col(Meeting.id)],
    )


def diary_ends(work: Work, panel_ids: Collection[int]) -> dict[int, DiaryEnds]:
    """Return a dict from panel id to when the panel's first and last coming meetings begin.

    Panels without a coming meeting are left out.
    """
    rows = work.session.execute(
        select(Meeting.panel_id, func.min(Meeting.starts_at), func.max(Meeting.starts_at))
        .where(col(Meeting.panel_id).in_(panel_ids), is_coming(work))
        .group_by(col(Meeting.panel_id))
    )
    return {panel_id: DiaryEnds(first, last) for panel_id, first, last in rows}


def unapproved(work: Work, panel_ids: Collection[int]) -> list[Unapproved]:
    """Return these panels' closed meetings of the last 180 days without approved minutes, the earliest first."""
    of_meeting = col(Minutes.meeting_id) == col(Meeting.id)
    approved = select(Minutes.id).where(of_meeting, col(Minutes.state).in_(sorted(APPROVED_STATES)))
    # A draft that was sent back needs a new version, so it is not counted as a draft to approve.
    drafted = select(Minutes.drafted_by_id).where(of_meeting, col(Minutes.state).in_(_TO_APPROVE)).scalar_subquery()
    rows = work.session.execute(
        select(Meeting.id, Meeting.panel_id, Meeting.starts_at)
        .add_columns(drafted)
        .where(
            col(Meeting.panel_id).in_(panel_ids),
            col(Meeting.state) == MeetingState.CLOSED,
            col(Meeting.starts_at) > work.now - _BEHIND,
            ~approved.exists(),
        )
        .order_by(col(Meeting.starts_at))
    )
    return [Unapproved(*row) for row in rows]


def approvers(work: Work, panel_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """Return a dict from panel id to the people who may approve the panel's minutes, the chair first.

    Each person is a pair of id and name with role, such as "Sam Jones (chair)".
    """
    query = (
        select(col(Membership.panel_id), col(Membership.role), col(Person.id), col(Person.name))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.panel_id).in_(panel_ids), carries(Verb.APPROVE_MINUTES, work.now), IS_HERE)
        .order_by(col(Membership.role) == Role.VICE_CHAIR, col(Person.name))
    )
    rows = work.session.execute(query)
    return grouped((panel_id, (number, f"{name} ({role.label})")) for panel_id, role, number, name in rows)


def unacknowledged(work: Work, panel_ids: Collection[int]) -> list[Unacknowledged]:
    """Return the meetings whose minutes some members have not acknowledged.

    Only current members who were told of the minutes in the last 180 days are counted.
    """
    still_sits = exists().where(
        col(Membership.panel_id) == col(Meeting.panel_id),
        col(Membership.person_id) == col(MinutesCopy.person_id),
        carries(Verb.READ_MINUTES, work.now),
    )
    rows = work.session.execute(
        select(Meeting.id, Meeting.panel_id, Meeting.starts_at)
        .add_columns(func.min(MinutesCopy.told_at), func.count(col(MinutesCopy.id)))
        .join(Minutes, col(Minutes.meeting_id) == col(Meeting.id))
        .join(MinutesCopy, col(MinutesCopy.minutes_id) == col(Minutes.id))
        .join(Person, col(Person.id) == col(MinutesCopy.person_id))
        .where(
            col(Meeting.panel_id).in_(panel_ids),
            col(MinutesCopy.acknowledged_at).is_(None),
            col(MinutesCopy.told_at) > work.now - _BEHIND,
            still_sits,
            IS_HERE,
        )
        .group_by(col(Meeting.id), col(Meeting.panel_id), col(Meeting.starts_at))
        .order_by(col(Meeting.starts_at))
    )
    return [Unacknowledged(*row) for row in rows]


def waiting_flags(work: Work, actor: Actor, meeting_ids: Collection[int]) -> dict[int, int]:
    """Return a dict from meeting id to the number of flags that need triage and that the person may see."""
    waiting = flags_at(work, actor, meeting_ids, col(Flag.state) == FlagState.OPEN)
    return {meeting_id: count for (meeting_id, _), count in waiting.items()}


def held_meetings(
    work: Work, actor: Actor, seats: Mapping[int, Seated], meetings: Mapping[int, Meeting]
) -> tuple[HeldMeeting, ...]:
    """Return the meetings that are being held now on panels where the person has a place, sorted by title.

    `seats` and `meetings` are dicts from panel id.
    """
    held = {
        id_of(one): seats[number]
        for number, one in meetings.items()
        if one.state is MeetingState.OPEN and seats[number].roles
    }
    if not held:
        return ()
    theirs = (col(Attendance.person_id) == actor.person_id, col(Attendance.acknowledged_at).is_not(None))
    accepted = set(
        work.session.exec(select(Attendance.meeting_id).where(col(Attendance.meeting_id).in_(held), *theirs))
    )
    found = [
        HeldMeeting(seat.panel.key, seat.panel.title, number, number in accepted, seat.may(Verb.SEE_AGENDA))
        for number, seat in held.items()
    ]
    return tuple(sorted(found, key=lambda one: one.title))


def own_replies(work: Work, actor: Actor, meetings: Sequence[Meeting]) -> dict[int, Reply]:
    """Return a dict from meeting id to the person's own answer to the invitation.

    Answers for an earlier time of the meeting are left out. The answer "a deputy comes" is left out if the deputy can't
    come any more.
    """
    answers = answers_to(work, meetings, col(Rsvp.person_id) == actor.person_id)
    found = {meeting_id: own.reply for meeting_id, theirs in answers.items() for own in theirs.values()}
    # The answer "a deputy comes" counts only while the deputy can come, so these meetings are looked at again.
    sent = [meeting for meeting in meetings if found.get(id_of(meeting)) is Reply.DEPUTY]
    for meeting_id, everybody in expected_at_each(work, sent).items() if sent else ():
        me = next((one for one in everybody if one.person_id == actor.person_id), None)
        if me is None or me.reply is None:
            del found[meeting_id]
    return found


def overdue_by_agency(
    work: Work, actor: Actor, panel_ids: Collection[int], today: date
) -> dict[int, list[tuple[str, int]]]:
    """Return a dict from panel id to pairs of an agency's name and its number of overdue actions, highest number first.

    Only actions that the person may see are counted.
    """
    count = func.count()
    rows = work.session.execute(
        select(Action.panel_id, Agency.name, count)
        .join(Agency, col(Agency.id) == col(Action.agency_id))
        .join(Case, col(Case.id) == col(Action.case_id), isouter=True)
        .where(
            col(Action.panel_id).in_(panel_ids),
            col(Action.state).in_(sorted(OPEN_STATES)),
            col(Action.due_on) < today,
            *not_kept_from(actor.person_id, with_own=True),
        )
        .group_by(col(Action.panel_id), col(Agency.name))
        .order_by(count.desc(), col(Agency.name))
    )
    return grouped((panel_id, (agency, number)) for panel_id, agency, number in rows)


def to_confirm(work: Work, actor: Actor, panel_ids: Collection[int]) -> dict[int, int]:
    """Return a dict from panel id to how many reported actions the person could accept for the panel.

    Only actions that other people hold and that the person may see are counted.
    """
    rows = work.session.execute(
        select(Action.panel_id, func.count())
        .join(Case, col(Case.id) == col(Action.case_id), isouter=True)
        .where(
            col(Action.panel_id).in_(panel_ids),
            col(Action.state).in_(sorted(REPORTED_STATES)),
            col(Action.holder_id) != actor.person_id,  # nobody accepts their own report
            *not_kept_from(actor.person_id, with_own=True),
        )
        .group_by(col(Action.panel_id))
    )
    return {panel_id: count for panel_id, count in rows}  # noqa: C416 - rows are not pairs to the type checker


def own_open_actions(actor: Actor, panel_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    """Return SQL conditions on Action, all true for the person's own actions on these panels that are not accepted."""
    return (
        col(Action.holder_id) == actor.person_id,
        col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
        col(Action.panel_id).in_(panel_ids),
    )


def how_many_people(work: Work) -> int:
    """Return how many people are enrolled and have not left."""
    return work.session.exec(select(func.count()).select_from(Person).where(IS_HERE)).one()


def panels_without_chair(work: Work) -> list[str]:
    """Return the titles of active panels that have neither a chair nor a vice-chair."""
    presiding = select(Membership.id).where(
        col(Membership.panel_id) == col(Panel.id), carries(Verb.APPROVE_MINUTES, work.now)
    )
    query = select(Panel.title).where(col(Panel.is_active), ~presiding.exists())
    return list(work.session.exec(query.order_by(col(Panel.title))))


def flags_to_change(work: Work, actor: Actor, panel_ids: Collection[int]) -> list[OwnFlag]:
    """Return the person's own flags to these panels that they may still change, sorted by meeting and reference.

    Their own flag of a closed item is included even if they are not one of the item's readers.
    """
    live, named = aliased(Flag), aliased(Case)
    is_accepted = exists().where(
        col(live.case_id) == col(Flag.case_id),
        col(live.meeting_id) == col(Flag.meeting_id),
        col(live.state) == FlagState.ACCEPTED,
    )
    waits = or_(col(Flag.state) == FlagState.OPEN, is_folded())
    rows = work.session.execute(
        select(func.coalesce(col(named.reference), col(Case.reference)), Flag.panel_id, Meeting.starts_at)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .join(named, and_(col(named.id) == col(Flag.named_id)), isouter=True)
        .where(
            col(Flag.person_id) == actor.person_id,
            col(Flag.agency_id) == actor.agency_id,
            col(Flag.panel_id).in_(panel_ids),
            col(Flag.triaged_at).is_(None),
            col(Flag.origin_id).is_(None),
            waits,
            is_coming(work),
            or_(and_(readable(actor.person_id), ~is_accepted), is_own_withheld(actor)),
        )
        .order_by(col(Meeting.starts_at), col(Case.reference), col(Flag.id))
    )
    return [OwnFlag(*row) for row in rows]
