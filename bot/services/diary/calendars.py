"""Meetings in a person's own calendar: a file to open, or a feed with an address that can be switched off."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.documents.calendar import CalendarMeeting, diary_file, meeting_file
from bot.documents.papers import File
from bot.domain.language.day_words import full_date
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb, may
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import CalendarFeed
from bot.models.vocabulary import MeetingState, Role
from bot.records.access.queries import actor_of, holds_at, is_running, local_time, require_meeting
from bot.records.invitations.changes import deadlines_of
from bot.records.invitations.stand_ins import was_seated
from bot.records.people.queries import live_feed
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: How far back a feed goes.
_PAST = timedelta(days=92)
FEED_PATH = "/calendar/"
_NAME = "Panel meetings"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class FeedView:
    """Whether a person can subscribe to a calendar feed, and when their feed's address was made."""

    can_subscribe: bool  #: whether this bot has an address that calendars can reach
    made_at: datetime | None  #: when their feed's address was made, on their own clock; none: they have none


@dataclass(frozen=True, slots=True)
class Feed:
    """The answer to a calendar program: the calendar file, and a tag that stays the same until the meetings change."""

    content: bytes
    tag: str


def send_meeting_file(work: Work, actor: Actor, meeting_id: int, *, request_key: str) -> str:
    """Send the asker a calendar file with one meeting.

    Return the panel's title. Raise NotForYou if it is not their meeting.
    """
    panel, _ = _their_meeting(work, actor, meeting_id)
    work.tell(actor.person_id, Notice.CALENDAR_FILE, once=(meeting_id, request_key), meeting_id=meeting_id)
    return panel.title


def send_diary(work: Work, actor: Actor, *, request_key: str) -> int:
    """Send the asker all their coming meetings as one calendar file.

    Return the number of meetings. Raise Mistake if it is 0.
    """
    count = len(_to_come(work, actor))
    if not count:
        raise Mistake("You have no meeting in the diary yet.")
    work.tell(actor.person_id, Notice.CALENDAR_FILE, once=("all", request_key))
    return count


def meeting_document(work: Work, actor: Actor, meeting_id: int) -> File:
    """Return one meeting as a calendar file. Raise NotForYou if it is not the person's meeting."""
    panel, meeting = _their_meeting(work, actor, meeting_id)
    shown = _shown(work, panel, meeting, _roles(work, actor).get(id_of(panel), frozenset()))
    return File(
        name=f"{panel.key}-{shown.starts_at:%Y-%m-%d}.ics",
        title=f"{panel.title}, {shown.starts_at:%-d %B %Y}",
        write=partial(meeting_file, shown, made_at=work.now),
        panel_id=id_of(panel),
        meeting_id=meeting_id,
    )


def diary_document(work: Work, actor: Actor) -> File:
    """Return all coming meetings of one person as a calendar file."""
    return File(
        name=f"panel-meetings-{work.now:%Y-%m-%d}.ics",
        title="Your panel meetings",
        write=partial(diary_file, _to_come(work, actor), name=_NAME, made_at=work.now),
    )


def calendar_document(work: Work, actor: Actor, meeting_id: int | None) -> File:
    """Return a calendar file with one meeting or, without `meeting_id`, with all coming meetings of the person.

    Raise NotForYou if the meeting is not one of the person's.
    """
    return diary_document(work, actor) if meeting_id is None else meeting_document(work, actor, meeting_id)


def feed_of(work: Work, actor: Actor) -> FeedView:
    """Return whether the person can subscribe to a feed, and when the address of their feed was made."""
    row = live_feed(work, actor.person_id)
    zone = ZoneInfo(actor.timezone)
    return FeedView(work.public_url is not None, row.made_at.astimezone(zone) if row else None)


def make_feed_address(work: Work, actor: Actor) -> str:
    """Create a new address for the person's feed and return it. An older address stops working.

    Only a hash of the address is stored, so the address can't be shown again. Raise Mistake if calendars can't reach
    this bot.
    """
    if work.public_url is None:
        raise Mistake("I'm not on the web here, so I can't give you a feed. `/meeting calendar` sends a file.")
    switch_feed_off(work, actor)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    work.session.add(CalendarFeed(person_id=actor.person_id, secret_digest=_digest(secret), made_at=work.now))
    work.session.flush()
    work.audit("make", "calendar_feed", actor_id=actor.person_id)
    return f"{work.public_url}{FEED_PATH}{secret}.ics"


def switch_feed_off(work: Work, actor: Actor) -> bool:
    """Make the address of the person's feed stop working. Return whether the person had a feed."""
    row = live_feed(work, actor.person_id)
    if row is None:
        return False
    row.revoked_at = work.now
    work.session.flush()  # saved before a new feed is added, since a person has at most one
    work.audit("revoke", "calendar_feed", actor_id=actor.person_id)
    return True


def fetch_feed(work: Work, secret: str) -> Feed | None:
    """Return the calendar file of a feed, with the meetings that its owner may see.

    Return None if the feed's address doesn't work.
    """
    is_it = (col(CalendarFeed.secret_digest) == _digest(secret), col(CalendarFeed.revoked_at).is_(None))
    row = work.session.exec(select(CalendarFeed).where(*is_it)).first()
    actor = actor_of(work, row.person_id) if row else None
    if actor is None:
        return None
    meetings = _meetings(work, actor, since=work.now - _PAST)
    # The hash is of the facts, since the file itself also has the time at which it was made.
    tag = hashlib.sha256(repr(meetings).encode()).hexdigest()[:32]
    return Feed(diary_file(meetings, name=_NAME, made_at=work.now), tag)


def _their_meeting(work: Work, actor: Actor, meeting_id: int) -> tuple[Panel, Meeting]:
    """Return a meeting that the person may have in their calendar, with its panel.

    If the person had a place for this meeting alone, the meeting may also be a cancelled one.
    """
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is not None and meeting.state is MeetingState.CANCELLED and was_seated(work, meeting, actor.person_id):
        return work.session.get_one(Panel, meeting.panel_id), meeting
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)
    return standing.panel, meeting


def _to_come(work: Work, actor: Actor) -> list[CalendarMeeting]:
    return [one for one in _meetings(work, actor, since=work.now) if not one.is_cancelled]


def _meetings(work: Work, actor: Actor, *, since: datetime) -> list[CalendarMeeting]:
    """Return the meetings that end after `since` and that the person's present places let them see.

    A place may be for all meetings of a panel, or for one meeting only.
    """
    rows = work.session.execute(
        select(Membership, Panel, Meeting)
        .join(Panel, col(Panel.id) == col(Membership.panel_id))
        .join(Meeting, col(Meeting.panel_id) == col(Membership.panel_id))
        .where(
            col(Membership.person_id) == actor.person_id,
            holds_at(work.now),
            is_running(work),
            col(Membership.meeting_id).is_(None) | (col(Membership.meeting_id) == col(Meeting.id)),
            col(Membership.lapses_at).is_(None) | (col(Membership.lapses_at) > col(Meeting.starts_at)),
            col(Meeting.ends_at) > since,
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    ).all()
    roles = _roles(work, actor)
    found = {id_of(meeting): (panel, meeting) for _, panel, meeting in rows}
    return [_shown(work, panel, meeting, roles[id_of(panel)]) for panel, meeting in found.values()]


def _roles(work: Work, actor: Actor) -> dict[int, frozenset[Role]]:
    places = work.session.exec(
        select(Membership).where(col(Membership.person_id) == actor.person_id, holds_at(work.now))
    )
    found: dict[int, frozenset[Role]] = {}
    for place in places:
        found[place.panel_id] = found.get(place.panel_id, frozenset()) | {place.role}
    return found


def _shown(work: Work, panel: Panel, meeting: Meeting, roles: frozenset[Role]) -> CalendarMeeting:
    dates = deadlines_of(work, panel, meeting)
    notes = (  # the meeting's deadlines, and nothing about its cases
        f"Flag cases by {full_date(dates.flags_close)}.",
        f"Agenda on {full_date(dates.agenda)}.",
        f"Returns by {full_date(dates.returns)}.",
    )
    return CalendarMeeting(
        uid=meeting.uid,
        sequence=meeting.sequence,
        title=panel.title,
        starts_at=local_time(work, panel, meeting.starts_at),
        ends_at=local_time(work, panel, meeting.ends_at),
        venue=meeting.venue,
        is_cancelled=meeting.state is MeetingState.CANCELLED,
        notes=notes if may(Verb.READ_CASES, roles) and work.definition(panel.definition).hears_cases else (),
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
