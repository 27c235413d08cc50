"""Panels and their diary, as people look at them."""

from dataclasses import dataclass

from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.meetings import Meeting
from bot.models.vocabulary import Role
from bot.store.access import Where, find_panel, panels_where, require, standing_on
from bot.store.diary import meetings_after, next_meeting, open_meeting
from bot.store.meeting_views import MeetingView, upcoming_meeting, view_meeting
from bot.store.unit_of_work import Work

DEFAULT_COUNT = 12  # a year of a monthly panel


@dataclass(frozen=True, slots=True)
class PanelView:
    """A panel with the reader's roles on it and its next meeting."""

    key: str
    title: str
    channel_id: str | None
    roles: tuple[Role, ...]
    next_meeting: MeetingView | None


def list_panels(work: Work, actor: Actor) -> tuple[PanelView, ...]:
    """Every panel that the person is on (an administrator: every panel), by title."""
    views = []
    for panel in panels_where(work, actor, Verb.SEE_DIARY):
        standing = standing_on(work, actor, panel)
        meeting = open_meeting(work, standing.panel_id) or next_meeting(work, standing.panel_id)
        views.append(
            PanelView(
                key=panel.key,
                title=panel.title,
                channel_id=panel.channel_id,
                roles=tuple(sorted(standing.roles, key=list(Role).index)),
                next_meeting=view_meeting(work, standing, meeting) if meeting else None,
            )
        )
    return tuple(views)


def show_next_meeting(work: Work, actor: Actor, where: Where) -> MeetingView:
    """The meeting that is open or comes next, with its deadlines."""
    standing = find_panel(work, actor, where, Verb.SEE_DIARY)
    return view_meeting(work, standing, upcoming_meeting(work, standing))


def diary(work: Work, actor: Actor, where: Where, count: int = DEFAULT_COUNT) -> tuple[MeetingView, ...]:
    """The panel's coming meetings, soonest first."""
    standing = find_panel(work, actor, where, Verb.SEE_DIARY)
    return tuple(view_meeting(work, standing, m) for m in meetings_after(work, standing.panel_id, work.now)[:count])


def meeting_for_notice(work: Work, actor: Actor, meeting_id: int) -> tuple[MeetingView, str]:
    """A meeting with the reason it was moved or cancelled, for a message that is about to be sent."""
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotForYou("that meeting")
    standing = require(work, actor, meeting.panel_id, Verb.SEE_DIARY)
    return view_meeting(work, standing, meeting), work.open(meeting.reason) if meeting.reason else ""
