"""Another venue: for single meetings, or for a panel from one meeting on, those not yet in the diary too."""

from collections.abc import Sequence

from bot.models.meetings import Meeting
from bot.models.vocabulary import MeetingState
from bot.store.diary import meetings_after, meetings_of
from bot.store.unit_of_work import Work


def meetings_from(work: Work, first: Meeting) -> list[Meeting]:
    """A coming meeting and those of its panel that follow, soonest first."""
    return [
        one
        for one in meetings_of(work, first.panel_id)
        if one.state is MeetingState.SCHEDULED and one.starts_at >= first.starts_at
    ]


def coming_at(work: Work, panel_id: int, venue: str) -> list[Meeting]:
    """The coming meetings of a panel that are to be held there, soonest first."""
    return [one for one in meetings_after(work, panel_id, work.now) if one.venue == venue]


def hold_at(work: Work, meetings: Sequence[Meeting], venue: str, *, by_id: int | None) -> None:
    """Hold meetings somewhere else; calendars that have them follow."""
    for meeting in meetings:
        meeting.venue = venue
        meeting.sequence += 1
        work.session.add(meeting)
        work.audit("venue", "meeting", meeting.id, panel_id=meeting.panel_id, actor_id=by_id)
    work.session.flush()
