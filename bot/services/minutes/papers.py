"""Minutes: drafted from the record, approved once, and given to each reader as they may see them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col, select

from bot.documents.minutes import MinutesFacts, render_minutes
from bot.documents.papers import File
from bot.domain.language.day_words import YearDay, not_that_weekday
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.quorum import sitting_words
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.meetings import AgendaItem, Decision, Meeting, Minutes
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, MinutesState
from bot.records.access.queries import Standing, Where, day_begins, day_ends, find_panel, local_time, require, today_at
from bot.records.actions.queries import count_actions
from bot.records.agenda.queries import lines_for
from bot.records.cases.decisions import STANDS
from bot.records.diary.queries import OfMeeting, last_closed_meeting, of_meeting
from bot.records.meeting.queries import quorum_at
from bot.records.people.queries import members_who_may, presiding
from bot.records.rescheduling.queries import postponed_words
from bot.services.minutes.record import facts_for, record_parts
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


def draft_minutes(work: Work, actor: Actor, where: Where, on: YearDay | None = None) -> MinutesView:
    """Write a meeting's minutes; chair and drafter get them as a Word document to look through.

    `on` is the meeting's day; without it, the latest meeting held whose minutes are not approved.

    Raises Mistake when none was held, or they are approved already.
    """
    standing, meeting = _held(work, actor, where, Verb.DRAFT_MINUTES, on)
    existing = _latest(work, meeting)
    if existing is not None and existing.state is not MinutesState.DRAFT:
        raise Mistake("These minutes are approved and do not change any more. `/minutes export` sends them to you.")
    minutes = Minutes(
        meeting_id=id_of(meeting),
        version=existing.version + 1 if existing else 1,
        drafted_by_id=actor.person_id,
        drafted_at=work.now,
    )
    work.session.add(minutes)
    work.session.flush()
    record_parts(work, standing, meeting, minutes)
    work.audit("draft", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    readers = {id_of(person) for person in presiding(work, standing.panel_id)} | {actor.person_id}
    for person_id in sorted(readers):
        work.tell(person_id, Notice.MINUTES_FILE, once="drafted", minutes_id=id_of(minutes))
    return _view(work, standing, meeting, minutes)


def day_to_minute(work: Work, actor: Actor, where: Where, meeting_id: int) -> YearDay | None:
    """Return the day of a meeting on the panel's clock; None when there is no such meeting."""
    panel = find_panel(work, actor, where, Verb.DRAFT_MINUTES).panel
    meeting = work.session.get(Meeting, meeting_id)
    return YearDay.of_date(local_time(work, panel, meeting.starts_at).date()) if meeting else None


def approve_minutes(work: Work, actor: Actor, where: Where, on: YearDay | None = None) -> MinutesView:
    """The chair approves a draft, which never changes from now on; members are told where to get it.

    `on` is the meeting's day; without it, the latest meeting whose draft is not approved.
    """
    standing, meeting = _held(work, actor, where, Verb.APPROVE_MINUTES, on)
    minutes = _latest(work, meeting)
    if minutes is None:
        raise Mistake("There is no draft yet. `/minutes draft` writes one.")
    if minutes.state is not MinutesState.DRAFT:
        raise Mistake("These minutes are approved already.")
    minutes.state = MinutesState.APPROVED
    minutes.approved_by_id = actor.person_id
    minutes.approved_at = work.now
    work.audit("approve", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    for person in members_who_may(work, standing.panel_id, Verb.READ_MINUTES):
        work.tell(id_of(person), Notice.MINUTES_APPROVED, minutes_id=minutes.id)
    return _view(work, standing, meeting, minutes)


def export_minutes(
    work: Work, actor: Actor, where: Where, *, request_key: str, on: YearDay | None = None
) -> MinutesView:
    """Send the asker the latest minutes they may read as a Word document; drafts go to those who record and chair.

    `on` is the day of another meeting.

    `request_key` names this request, so that one request sends one file.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    query = (
        select(Minutes)
        .join(Meeting, col(Meeting.id) == col(Minutes.meeting_id))
        .where(col(Meeting.panel_id) == standing.panel_id)
        .order_by(col(Meeting.starts_at).desc(), col(Minutes.version).desc())
    )
    if on is not None:
        query = query.where(col(Meeting.id) == held_on(work, standing, on))
    if not standing.may(Verb.DRAFT_MINUTES):
        query = query.where(col(Minutes.state) != MinutesState.DRAFT)
    minutes = work.session.exec(query.limit(1)).first()
    if minutes is None:
        raise Mistake(f"There are no minutes of {standing.panel.title} to send yet.")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    work.audit("export", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    work.tell(actor.person_id, Notice.MINUTES_FILE, once=request_key, minutes_id=id_of(minutes))
    return _view(work, standing, meeting, minutes)


def minutes_for_notice(work: Work, actor: Actor, minutes_id: int) -> MinutesView:
    """Where minutes stand, for a message that is about to be sent."""
    standing, meeting, minutes = readable_version(work, actor, minutes_id)
    return _view(work, standing, meeting, minutes)


def minutes_document(work: Work, actor: Actor, minutes_id: int) -> File:
    """The Word document as this reader may see it: what is kept from them is not in it. Raises NotForYou."""
    standing, meeting, minutes = readable_version(work, actor, minutes_id)
    facts, case_ids = version_facts(work, standing, minutes)
    definition = work.definition(standing.panel.definition)
    day = local_time(work, standing.panel, meeting.starts_at).date()
    mark = "draft" if minutes.state is MinutesState.DRAFT else "approved"
    return File(
        name=f"{standing.panel.key}-{day.isoformat()}-minutes-{mark}-v{minutes.version}.docx",
        title=f"Minutes, {standing.panel.title}, {day:%-d %B %Y} ({mark})",
        write=partial(render_minutes, facts, work.templates, definition.minutes_template),
        panel_id=standing.panel_id,
        meeting_id=minutes.meeting_id,
        case_ids=case_ids,
    )


def version_facts(
    work: Work, standing: Standing, minutes: Minutes, *, of_cases: Collection[int] | None = None
) -> tuple[MinutesFacts, frozenset[int]]:
    """Return what a version says to this reader, with who approved it and when, and of which cases.

    `of_cases` leaves out all that is about other cases, and about none.
    """
    facts, case_ids = facts_for(work, standing.actor, minutes, of_cases=of_cases)
    if minutes.approved_at is not None:
        approver = work.session.get_one(Person, minutes.approved_by_id)
        approval = {
            "is_draft": False,
            "approved_on": local_time(work, standing.panel, minutes.approved_at).date(),
            "approved_by": approver.name,
        }
        facts = facts.model_copy(update=approval)
    return facts, case_ids


def readable_version(work: Work, actor: Actor, minutes_id: int) -> tuple[Standing, Meeting, Minutes]:
    """Return a version that the person may have; drafts are for those who record and chair. Raises NotForYou."""
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        raise NotForYou("those minutes")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    verb = Verb.DRAFT_MINUTES if minutes.state is MinutesState.DRAFT else Verb.READ_MINUTES
    return require(work, actor, meeting.panel_id, verb, noun="those minutes"), meeting, minutes


def _held(work: Work, actor: Actor, where: Where, verb: Verb, on: YearDay | None) -> tuple[Standing, Meeting]:
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


def _latest(work: Work, meeting: Meeting) -> Minutes | None:
    return work.session.exec(
        select(Minutes).where(col(Minutes.meeting_id) == id_of(meeting)).order_by(col(Minutes.version).desc()).limit(1)
    ).first()


def _view(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> MinutesView:
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
