"""Panels and their diary, as people look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.permissions import Actor, Verb
from bot.domain.recurrence import parse_rule
from bot.errors import NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Series
from bot.models.vocabulary import MeetingState, Notice, Role
from bot.store.access import Where, find_panel, panels_where, require, standing_on
from bot.store.diary import local_time, meetings_after, next_meeting, open_meeting
from bot.store.meeting_views import MeetingView, upcoming_meeting, view_meeting
from bot.store.series_plan import words_of
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


@dataclass(frozen=True, slots=True)
class NoticeOfMeeting:
    """What became of one meeting, for a message that lists several."""

    notice: Notice
    before: datetime | None
    meeting: MeetingView


@dataclass(frozen=True, slots=True)
class NoticeOfDiary:
    """What became of several meetings of one panel at once."""

    panel_key: str
    panel_title: str
    rule: str  #: how often it meets from now on; empty when that is as it was
    meetings: tuple[NoticeOfMeeting, ...]
    reason: str


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


def diary_for_notice(
    work: Work, actor: Actor, panel_id: int, changes: Sequence[Mapping[str, Any]], series_id: int | None
) -> NoticeOfDiary | None:
    """Several meetings as they are now, for a message that is about to be sent; None when all changed again since."""
    standing = require(work, actor, panel_id, Verb.SEE_DIARY)
    listed = []
    reason = ""
    for change in changes:
        notice, meeting = Notice(change["notice"]), work.session.get(Meeting, change["meeting_id"])
        # What was put back or cancelled meanwhile has a message of its own.
        if meeting is None or (meeting.state is MeetingState.CANCELLED) != (notice is Notice.CANCELLED):
            continue
        before = datetime.fromisoformat(change["before"]) if change["before"] else None
        local = local_time(work, standing.panel, before) if before else None
        listed.append(NoticeOfMeeting(notice, local, view_meeting(work, standing, meeting)))
        reason = reason or (work.open(meeting.reason) if meeting.reason else "")
    series = work.session.get(Series, series_id) if series_id is not None else None
    is_current = series is not None and series.ended_at is None
    if not listed and not is_current:
        return None
    return NoticeOfDiary(
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        rule=words_of(parse_rule(series.rule)) if series is not None and is_current else "",
        meetings=tuple(listed),
        reason=reason,
    )
