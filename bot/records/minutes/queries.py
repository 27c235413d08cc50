"""Queries on minutes: the past meeting of a given day, its newest version of minutes, and who may approve a version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, false, func, or_
from sqlmodel import col, select

from bot.domain.language.day_words import YearDay, listed, not_that_weekday
from bot.domain.minutes import APPROVED_STATES
from bot.domain.permissions import ROLES, Actor, Verb
from bot.domain.quorum import sitting_words
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.cases import Case
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.minutes import Correction, Minutes
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, MinutesState, Role
from bot.records.access.queries import (
    Standing,
    Where,
    day_begins,
    day_ends,
    find_panel,
    local_time,
    readable,
    require,
    today_at,
)
from bot.records.actions.queries import count_actions
from bot.records.agenda.queries import lines_for
from bot.records.cases.decisions import STANDS
from bot.records.diary.queries import OfMeeting, last_closed_meeting, of_meeting
from bot.records.meeting.queries import quorum_at
from bot.records.people.queries import members
from bot.records.rescheduling.queries import postponed_words
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: The SQL condition on Minutes, true if the version is approved.
IS_APPROVED: Final = col(Minutes.state).in_(sorted(APPROVED_STATES))


@dataclass(frozen=True, slots=True)
class MinutesView(OfMeeting):
    """A version of a meeting's minutes as one reader sees it: its state, and how many items and actions it has."""

    id: int
    version: int
    state: MinutesState
    approved_at: datetime | None
    items: int
    actions: int
    sitting: str = ""  #: how it was held, where it was not simply quorate
    corrections: int = 0  #: corrections that this version lacks and the reader may see
    is_rewritten: bool = False  #: it was written just now, since the one that was to be approved lacked corrections
    approvers: tuple[str, ...] = ()  #: by name, with their role, who may approve it
    annex: tuple[str, ...] | None = None  #: who is asked to approve closed items that the approver had recorded


def require_minutes(work: Work, actor: Actor, minutes_id: int) -> tuple[Standing, Meeting, Minutes]:
    """Return the reader's standing, the meeting, and the version of its minutes with the id `minutes_id`.

    Raise NotForYou if the reader may not read this version. A version that is not approved is only for people who write
    minutes, and for chairs and vice-chairs.
    """
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        raise NotForYou("those minutes")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    verb = Verb.READ_MINUTES if minutes.state in APPROVED_STATES else Verb.DRAFT_MINUTES
    return require(work, actor, meeting.panel_id, verb, noun="those minutes"), meeting, minutes


def find_held(work: Work, actor: Actor, where: Where, verb: Verb, on: YearDay | None) -> tuple[Standing, Meeting]:
    """Return the person's standing on the panel that they mean, and the panel's meeting held on the day `on`.

    If `on` is None, the meeting is the latest one without approved minutes, or else the latest one. For a person who
    approves minutes, meetings with a draft come first. Raise Mistake if the panel has held no such meeting.
    """
    standing = find_panel(work, actor, where, verb)
    if on is not None:
        return standing, work.session.get_one(Meeting, held_on(work, standing, on))
    written = select(Minutes.id).where(col(Minutes.meeting_id) == col(Meeting.id))
    approved = written.where(IS_APPROVED)
    is_closed = (col(Meeting.panel_id) == standing.panel_id, col(Meeting.state) == MeetingState.CLOSED)
    to_approve = (written.exists().desc(),) if verb is Verb.APPROVE_MINUTES else ()
    waiting = (
        select(Meeting)
        .where(*is_closed, ~approved.exists())
        .order_by(*to_approve, col(Meeting.starts_at).desc())
        .limit(1)
    )
    meeting = work.session.exec(waiting).first() or last_closed_meeting(work, standing.panel_id)
    if meeting is None:
        raise Mistake(f"{standing.panel.title} has not closed a meeting yet. `/meeting close` ends an open meeting.")
    return standing, meeting


def held_on(work: Work, standing: Standing, on: YearDay) -> int:
    """Return the id of the panel's meeting held on the day `on`. Without a year, this is the latest such day.

    Raise Mistake if no meeting was held on that day, or if several were and the time of day doesn't tell them apart.
    """
    panel = standing.panel
    day = on.on()
    if day is not None and on.weekday not in (None, day.weekday()):
        raise Mistake(f"{not_that_weekday(day, on.weekday)}.")
    days = on.until(today_at(work, panel))
    rows = work.session.execute(
        select(col(Meeting.id), col(Meeting.starts_at))
        .where(
            col(Meeting.panel_id) == standing.panel_id,
            col(Meeting.state) == MeetingState.CLOSED,
            or_(false(), *(_on_day(work, panel, each) for each in days)),
        )
        .order_by(col(Meeting.starts_at).desc(), col(Meeting.id))
    )
    held = [(int(number), local_time(work, panel, starts_at)) for number, starts_at in rows]
    if not held:
        nearest = _nearest_held(work, panel, standing.panel_id, days)
        said = f" The nearest was on {nearest:%-d %B %Y}." if nearest else ""
        raise Mistake(
            f"{panel.title} held no meeting on {replace(on, at=None)}.{said}", days=[nearest] if nearest else []
        )
    that_day = [(number, at) for number, at in held if at.date() == held[0][1].date()]
    meant = [number for number, at in that_day if on.at is None or at.time() == on.at]
    if len(meant) == 1:
        return meant[0]
    times = listed([f"{at:%H:%M}" for _, at in reversed(that_day)])
    said = f"{panel.title} met at {times} on {held[0][1]:%-d %B %Y}."
    raise Mistake(f"{said} Give the time as well, such as `{that_day[-1][1]:%-d %B %Y %H:%M}`.")


def _nearest_held(work: Work, panel: Panel, panel_id: int, days: Sequence[date]) -> date | None:
    """Return the day of the panel's closed meeting nearest to one of `days`.

    Return None if `days` is empty or the panel has no closed meeting.
    """
    is_held = (col(Meeting.panel_id) == panel_id, col(Meeting.state) == MeetingState.CLOSED)
    rows = work.session.execute(select(col(Meeting.starts_at)).where(*is_held)).scalars().all() if days else []
    held = [local_time(work, panel, starts_at).date() for starts_at in rows]
    return min(held, key=lambda day: (min(abs(day - each) for each in days), day), default=None)


def _on_day(work: Work, panel: Panel, day: date) -> ColumnElement[bool]:
    begins = col(Meeting.starts_at) >= day_begins(work, panel, day)
    return and_(begins, col(Meeting.starts_at) < day_ends(work, panel, day))


def latest_version(work: Work, meeting: Meeting) -> Minutes | None:
    """Return the newest version of a meeting's minutes, or None if there is none yet."""
    return work.session.exec(
        select(Minutes).where(col(Minutes.meeting_id) == id_of(meeting)).order_by(col(Minutes.version).desc()).limit(1)
    ).first()


def approvers_of(work: Work, panel_id: int, minutes: Minutes) -> list[tuple[Person, Role]]:
    """Return the people who may approve this version of the minutes, with their role, the chair first.

    The person who drafted the version may not approve it.
    """
    found: dict[int, tuple[Person, Role]] = {}
    for role in (Role.CHAIR, Role.VICE_CHAIR):
        for person in members(work, panel_id, {role} & ROLES[Verb.APPROVE_MINUTES]):
            if person.id != minutes.drafted_by_id:
                found.setdefault(id_of(person), (person, role))
    return list(found.values())


def approver_names(work: Work, panel_id: int, minutes: Minutes) -> tuple[str, ...]:
    """Return the names of the people who may approve this version, such as `Sam Jones (chair)`, the chair first."""
    return tuple(f"{person.name} ({role.label})" for person, role in approvers_of(work, panel_id, minutes))


def corrections_of(work: Work, reader_id: int | None, minutes: Minutes) -> int:
    """Return how many corrections to this version of the minutes the reader may see."""
    query = select(func.count(col(Correction.id))).where(col(Correction.minutes_id) == id_of(minutes))
    if reader_id is not None:
        hidden = select(Case.id).where(col(Case.id) == col(Correction.case_id), ~readable(reader_id)).exists()
        query = query.where(~hidden)
    return work.session.exec(query).one()


def view_minutes(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> MinutesView:
    """Return the view of a version of the minutes.

    Its counts of items, actions and corrections include only what this reader may see.
    """
    return MinutesView(
        *of_meeting(work, standing.panel, meeting),
        id=id_of(minutes),
        version=minutes.version,
        state=minutes.state,
        approved_at=minutes.approved_at,
        items=len(lines_for(work, standing.actor.person_id, meeting)),
        actions=count_actions(work, standing.actor.person_id, col(Action.meeting_id) == id_of(meeting)),
        sitting=_sitting(work, standing, meeting),
        corrections=corrections_of(work, standing.actor.person_id, minutes),
        approvers=approver_names(work, standing.panel_id, minutes),
    )


def newest_for(work: Work, standing: Standing, on: YearDay | None = None) -> tuple[Minutes, Meeting] | None:
    """Return the panel's latest minutes that the reader may have, with the meeting, or None if there are none.

    `on` limits this to the meeting held on that day. Drafts are only for people who write minutes. Raise Mistake if no
    meeting was held on that day.
    """
    query = (
        select(Minutes, Meeting)
        .join(Meeting, col(Meeting.id) == col(Minutes.meeting_id))
        .where(col(Meeting.panel_id) == standing.panel_id)
        .order_by(col(Meeting.starts_at).desc(), col(Minutes.version).desc())
    )
    if on is not None:
        query = query.where(col(Meeting.id) == held_on(work, standing, on))
    if not standing.may(Verb.DRAFT_MINUTES):
        query = query.where(IS_APPROVED)
    found = work.session.execute(query.limit(1)).first()
    return None if found is None else (found[0], found[1])


def _sitting(work: Work, standing: Standing, meeting: Meeting) -> str:
    """Return sentences for the minutes if the meeting was not quorate or was postponed, or else an empty string."""
    quorum = quorum_at(work, standing.panel, meeting)
    if quorum.met and not meeting.is_interim and meeting.postponed_from is None:
        return ""
    decided = select(Decision.id).join(AgendaItem, col(AgendaItem.id) == col(Decision.item_id))
    decided = decided.where(col(AgendaItem.meeting_id) == id_of(meeting), STANDS)
    return sitting_words(
        quorum,
        is_interim=meeting.is_interim,
        has_decisions=work.session.exec(decided.limit(1)).first() is not None,
        postponed=postponed_words(work, standing.panel, meeting),
    )
