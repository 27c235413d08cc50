"""Where a panel meets: another venue for one meeting, or from one on; shown before it is saved."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.clashes import accept_venue
from bot.domain.language.identifiers import accept_reason
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake
from bot.models.meetings import Meeting
from bot.models.vocabulary import MeetingState, Notice
from bot.records.access.clocks import local_time
from bot.records.access.queries import Standing, require_meeting
from bot.records.diary.changes import hold_at, meetings_from
from bot.records.diary.clashes import ROOM_TAKEN, Clash, clashes_at
from bot.records.diary.queries import lock_diary
from bot.records.rescheduling.changes import tell_of, tell_of_many
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class VenueChange:
    """What becomes of the venue of one meeting or of several."""

    panel_key: str
    panel_title: str
    venue: str  #: empty: none is named
    moves: tuple[tuple[datetime, str], ...]  #: each meeting that changes, in the panel's own time, and its venue before
    and_later: bool  #: those not yet in the diary too
    agenda_is_out: bool  #: of one of them, with the venue it has now
    clashes: tuple[Clash, ...]  #: of the room alone


def preview_venue(work: Work, actor: Actor, meeting_id: int, *, venue: str, and_later: bool) -> VenueChange:
    """What another venue would change; nothing is saved. Raises Mistake for one that is no venue, or none new."""
    standing, first = _coming(work, actor, meeting_id)
    return _change(work, standing, first, accept_venue(venue, field="venue"), and_later)[0]


def change_venue(work: Work, actor: Actor, meeting_id: int, *, venue: str, and_later: bool, reason: str) -> VenueChange:
    """Meet somewhere else, at the same times; members are told once. Raises Mistake as its preview does."""
    reason = accept_reason(reason)
    place = accept_venue(venue, field="venue")
    standing, first = _coming(work, actor, meeting_id)
    lock_diary(work, standing.panel_id)
    standing, first = _coming(work, actor, meeting_id)  # whatever somebody did to it while this waited
    change, meetings = _change(work, standing, first, place, and_later)
    for meeting in meetings:
        meeting.reason = work.seal(standing.panel.data_key_id, reason)
    hold_at(work, meetings, place, by_id=actor.person_id)
    if and_later:
        standing.panel.venue = place
        work.session.add(standing.panel)
    if len(meetings) == 1:
        tell_of(work, standing, meetings[0], Notice.ELSEWHERE)
    elif meetings:
        key = f"venue:{standing.panel_id}:{id_of(meetings[0])}.{meetings[0].sequence}"
        told = [(meeting, Notice.ELSEWHERE, None) for meeting in meetings]
        tell_of_many(work, standing.panel_id, key, told, besides=actor.person_id)
    return change


def _coming(work: Work, actor: Actor, meeting_id: int) -> tuple[Standing, Meeting]:
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SCHEDULE)
    if meeting.state is not MeetingState.SCHEDULED or meeting.ends_at <= work.now:
        raise Mistake("That meeting is not to come any more; only a coming one can be held elsewhere.")
    return standing, meeting


def _change(
    work: Work, standing: Standing, first: Meeting, venue: str, and_later: bool
) -> tuple[VenueChange, list[Meeting]]:
    panel = standing.panel
    meetings = [one for one in (meetings_from(work, first) if and_later else [first]) if one.venue != venue]
    if not meetings and not (and_later and panel.venue != venue):
        said = f"at {venue}" if venue else "without a venue"
        raise Mistake(f"{panel.title} meets {said} then already.", field="venue")
    clashes: list[Clash] = []
    besides = [id_of(one) for one in meetings]
    for lasts in sorted({one.ends_at - one.starts_at for one in meetings}):
        starts = [one.starts_at for one in meetings if one.ends_at - one.starts_at == lasts]
        clashes += clashes_at(work, standing, starts, lasts=lasts, venue=venue, besides=besides)
    change = VenueChange(
        panel_key=panel.key,
        panel_title=panel.title,
        venue=venue,
        moves=tuple((local_time(work, panel, one.starts_at), one.venue) for one in meetings),
        and_later=and_later,
        agenda_is_out=any(one.agenda_published_at is not None for one in meetings),
        clashes=tuple(found for clash in clashes for found in _of_the_room(clash)),
    )
    return change, meetings


def _of_the_room(clash: Clash) -> tuple[Clash, ...]:
    reasons = tuple(reason for reason in clash.reasons if reason.startswith(ROOM_TAKEN))
    return (replace(clash, reasons=reasons),) if reasons else ()
