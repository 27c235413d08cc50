"""Panels and their meetings, as people see them in lists and messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.domain.language.due_reading import DueTerms
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.permissions import Actor, Verb
from bot.domain.recurrence import words_of
from bot.errors import Misconfigured
from bot.models.meetings import Meeting
from bot.models.panels import Panel, Series
from bot.models.vocabulary import MeetingChange, MeetingState, Role
from bot.records.access.queries import (
    Where,
    find_panel,
    local_time,
    panels_where,
    require,
    require_meeting,
    standings_on,
)
from bot.records.diary.due_days import due_terms
from bot.records.diary.queries import (
    MeetingView,
    meetings_after,
    not_held,
    open_or_next,
    upcoming_meeting,
    view_meeting,
    view_meetings,
)
from bot.store.rows import WHOLE, Page, grouped, id_of
from bot.store.unit_of_work import Work

DEFAULT_COUNT = 12  # a year of a monthly panel


@dataclass(frozen=True, slots=True)
class PanelView:
    """A panel with the reader's roles on it, its next meeting and meetings that were not held."""

    key: str
    title: str
    channel_id: str | None
    roles: tuple[Role, ...]
    next_meeting: MeetingView | None
    not_held: tuple[datetime, ...] = ()  #: meetings that were never opened, in the panel's own time


@dataclass(frozen=True, slots=True)
class PanelList:
    """One page of the panels that a person sees."""

    panels: tuple[PanelView, ...]
    count: int  #: of all pages
    first: int  #: where the page begins, from 0


@dataclass(frozen=True, slots=True)
class NoticeOfMeeting:
    """What happened to one of the meetings that a message lists."""

    notice: MeetingChange
    before: datetime | None
    meeting: MeetingView


@dataclass(frozen=True, slots=True)
class NoticeOfDiary:
    """What happened to several meetings of one panel at once, for one message."""

    panel_key: str
    panel_title: str
    rule: str  #: the new rule; empty if the rule has not changed
    meetings: tuple[NoticeOfMeeting, ...]
    reason_of: int | None  #: the first of these meetings that has a reason


def list_panels(work: Work, actor: Actor, page: Page = WHOLE) -> PanelList:
    """Return one page of the panels on which the person has a place, or of all panels for an administrator.

    Panels with an open meeting come first, then the others by next meeting, and at the end those without a meeting.
    """
    panels = panels_where(work, actor, Verb.SEE_DIARY)
    meetings = open_or_next(work, [id_of(panel) for panel in panels])

    def soonest(panel: Panel) -> tuple[bool, bool, float, str]:
        meeting = meetings.get(id_of(panel))
        if meeting is None:
            return True, True, 0.0, panel.title
        return False, meeting.state is not MeetingState.OPEN, meeting.starts_at.timestamp(), panel.title

    page = page.within(len(panels))
    shown = sorted(panels, key=soonest)[page.first :][: page.most]
    standings = standings_on(work, actor, shown)
    listed = [(standings[number], meetings[number]) for number in standings if number in meetings]
    views = {view.panel_id: view for view in view_meetings(work, listed)}
    missed = grouped(
        (one.panel_id, local_time(work, standings[one.panel_id].panel, one.starts_at))
        for one in not_held(work, list(standings))
    )
    return PanelList(
        panels=tuple(
            PanelView(
                key=standing.panel.key,
                title=standing.panel.title,
                channel_id=standing.panel.channel_id,
                roles=tuple(sorted(standing.roles, key=list(Role).index)),
                next_meeting=views.get(panel_id),
                not_held=tuple(missed.get(panel_id, ())),
            )
            for panel_id, standing in standings.items()
        ),
        count=len(panels),
        first=page.first,
    )


def show_next_meeting(work: Work, actor: Actor, where: Where) -> MeetingView:
    """Return the panel's open or next meeting, with its deadlines."""
    standing = find_panel(work, actor, where, Verb.SEE_DIARY)
    return view_meeting(work, standing, upcoming_meeting(work, standing))


def diary(work: Work, actor: Actor, where: Where, count: int = DEFAULT_COUNT) -> tuple[MeetingView, ...]:
    """Return the panel's past meetings that were not held, and then its coming meetings, soonest first."""
    standing = find_panel(work, actor, where, Verb.SEE_DIARY)
    missed = not_held(work, [standing.panel_id])
    coming = meetings_after(work, standing.panel_id, work.now, most=count)
    return tuple(view_meetings(work, [(standing, meeting) for meeting in (*missed, *coming)]))


def meeting_for_notice(work: Work, actor: Actor, meeting_id: int) -> tuple[MeetingView, str]:
    """Return a meeting and the reason why it was moved or cancelled, for a message."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)
    return view_meeting(work, standing, meeting), work.open(meeting.reason) if meeting.reason else ""


def diary_for_notice(
    work: Work, actor: Actor, panel_id: int, changes: Sequence[Mapping[str, Any]], series_id: int | None
) -> NoticeOfDiary | None:
    """Return what happened to several meetings, with their present times, for one message.

    Return None if all the meetings have changed again since then and no new rule is in force.
    """
    standing = require(work, actor, panel_id, Verb.SEE_DIARY)
    numbers = [change["meeting_id"] for change in changes]
    meetings = {one.id: one for one in work.session.exec(select(Meeting).where(col(Meeting.id).in_(numbers)))}
    views = view_meetings(work, [(standing, meeting) for meeting in meetings.values()])
    shown = dict(zip(meetings, views, strict=True))
    listed = []
    reason_of: int | None = None
    for change in changes:
        notice, meeting = MeetingChange(change["notice"]), meetings.get(change["meeting_id"])
        # Meetings that were reinstated or cancelled since have a message of their own.
        if meeting is None or (meeting.state is MeetingState.CANCELLED) != (notice is MeetingChange.CANCELLED):
            continue
        before = datetime.fromisoformat(change["before"]) if change["before"] else None
        local = local_time(work, standing.panel, before) if before else None
        listed.append(NoticeOfMeeting(notice, local, shown[meeting.id]))
        reason_of = reason_of or (meeting.id if meeting.reason else None)
    series = work.session.get(Series, series_id) if series_id is not None else None
    is_current = series is not None and series.ended_at is None
    if not listed and not is_current:
        return None
    return NoticeOfDiary(
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        rule=words_of(parse_rule(series.rule)) if series is not None and is_current else "",
        meetings=tuple(listed),
        reason_of=reason_of,
    )


def due_terms_of(work: Work, panel_key: str) -> DueTerms:
    """Return the facts needed to read due phrases on a panel, for the command line.

    These facts are, for instance, the panel's meetings and bank holidays. Raise Misconfigured for an unknown key.
    """
    panel = work.find(Panel, col(Panel.key) == panel_key)
    if panel is None:
        raise Misconfigured(f"--panel: there is no panel {panel_key}.")
    return due_terms(work, panel)
