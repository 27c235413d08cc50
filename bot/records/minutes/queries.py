"""Which minutes are meant: the meeting by its day, the latest version of it, and how a version is seen."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col, select

from bot.domain.language.day_words import YearDay, not_that_weekday
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import sitting_words
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.meetings import AgendaItem, Decision, Meeting, Minutes
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, MinutesState
from bot.records.access.queries import Standing, Where, day_begins, day_ends, find_panel, require, today_at
from bot.records.actions.queries import count_actions
from bot.records.agenda.queries import lines_for
from bot.records.cases.decisions import STANDS
from bot.records.diary.queries import OfMeeting, last_closed_meeting, of_meeting
from bot.records.meeting.queries import quorum_at
from bot.records.rescheduling.queries import postponed_words
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class MinutesView(OfMeeting):
    """Where a meeting's minutes stand."""

    id: int
    version: int
    state: MinutesState
    approved_at: datetime | None
    items: int
    actions: int
    sitting: str = ""  #: how it was held, where it was not simply quorate


def require_minutes(work: Work, actor: Actor, minutes_id: int) -> tuple[Standing, Meeting, Minutes]:
    """Return a version that the person may read, a draft where they record or chair. Raises NotForYou."""
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        raise NotForYou("those minutes")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    verb = Verb.DRAFT_MINUTES if minutes.state is MinutesState.DRAFT else Verb.READ_MINUTES
    return require(work, actor, meeting.panel_id, verb, noun="those minutes"), meeting, minutes


def find_held(work: Work, actor: Actor, where: Where, verb: Verb, on: YearDay | None) -> tuple[Standing, Meeting]:
    """Return the meeting held on that day, else the latest one whose minutes are not approved, else the last one.

    Of those whose minutes are not approved, the ones with a draft come first where one is to be approved.
    """
    standing = find_panel(work, actor, where, verb)
    if on is not None:
        return standing, work.session.get_one(Meeting, held_on(work, standing, on))
    written = select(Minutes.id).where(col(Minutes.meeting_id) == col(Meeting.id))
    approved = written.where(col(Minutes.state) != MinutesState.DRAFT)
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
        raise Mistake(f"{standing.panel.title} has not held a meeting yet. `/meeting close` ends one.")
    return standing, meeting


def held_on(work: Work, standing: Standing, on: YearDay) -> int:
    """Return the meeting held on that day, the latest one where its year is open."""
    panel = standing.panel
    day = on.on()
    if day is not None and on.weekday not in (None, day.weekday()):
        raise Mistake(f"{not_that_weekday(day, on.weekday)}.")
    days = on.until(today_at(work, panel))
    held = work.session.exec(
        select(Meeting.id)
        .where(
            col(Meeting.panel_id) == standing.panel_id,
            col(Meeting.state) == MeetingState.CLOSED,
            or_(false(), *(_on_day(work, panel, each) for each in days)),
        )
        .order_by(col(Meeting.starts_at).desc(), col(Meeting.id))
        .limit(1)
    ).first()
    if held is not None:
        return held
    raise Mistake(f"{panel.title} held no meeting on {on}.")


def _on_day(work: Work, panel: Panel, day: date) -> ColumnElement[bool]:
    begins = col(Meeting.starts_at) >= day_begins(work, panel, day)
    return and_(begins, col(Meeting.starts_at) < day_ends(work, panel, day))


def latest_version(work: Work, meeting: Meeting) -> Minutes | None:
    """Return the newest version of a meeting's minutes; None before the first."""
    return work.session.exec(
        select(Minutes).where(col(Minutes.meeting_id) == id_of(meeting)).order_by(col(Minutes.version).desc()).limit(1)
    ).first()


def view_minutes(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> MinutesView:
    """Return where a version stands, with what this reader may see counted."""
    return MinutesView(
        *of_meeting(work, standing.panel, meeting),
        id=id_of(minutes),
        version=minutes.version,
        state=minutes.state,
        approved_at=minutes.approved_at,
        items=len(lines_for(work, standing.actor.person_id, meeting)),
        actions=count_actions(work, standing.actor.person_id, col(Action.meeting_id) == id_of(meeting)),
        sitting=_sitting(work, standing, meeting),
    )


def _sitting(work: Work, standing: Standing, meeting: Meeting) -> str:
    """As the minutes say it, where the meeting was not quorate or was postponed."""
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
