"""Panels and their diary in chat."""

from collections.abc import Sequence

from bot.models.vocabulary import MeetingState, Notice
from bot.records.diary.queries import MeetingView
from bot.services.diary.panels import NoticeOfDiary, NoticeOfMeeting, PanelList, PanelView
from bot.services.leaving.notices import PanelEnded
from bot.slack.reply import Block
from bot.slack.views.blocks import counted, escape, paragraphs, section, spoken, within_a_message
from bot.slack.views.days import day, moment, sitting
from bot.slack.views.pages import FIRST, Starts, turning


def listed(found: PanelList, starts: Starts = FIRST) -> tuple[str, tuple[Block, ...]]:
    """One page of one's panels, each with the next meeting."""
    if not found.count:
        return "You are on no panel yet. Ask your panel's co-ordinator to add you.", ()
    lines = [_listed(panel) for panel in found.panels]
    if len(lines) == found.count:
        return within_a_message(lines, "`/panel next KEY` shows any of them."), ()
    starts = starts.at(found.first)
    turn = turning("panel.page", "", starts, len(lines), found.count)
    return f"Your panels: {found.count}", (*paragraphs(lines), *turn)


def _listed(panel: PanelView) -> str:
    roles = ", ".join(role.label for role in panel.roles) or "administrator"
    meeting = panel.next_meeting
    when = "no meeting in the diary" if meeting is None else _when(meeting)
    where = f" in <#{panel.channel_id}>" if panel.channel_id else ""
    return f"*{escape(panel.title)}* (`{panel.key}`){where}: you are {roles}; {when}"


def _when(meeting: MeetingView) -> str:
    if meeting.state is MeetingState.OPEN:
        return "meeting now"
    return f"next on {moment(meeting.starts_at)}"


def upcoming(meeting: MeetingView) -> str:
    """The next meeting with its deadlines."""
    venue = f", {escape(meeting.venue)}" if meeting.venue else ""
    state = " *It is open now.*" if meeting.state is MeetingState.OPEN else ""
    lines = [
        f"*{escape(meeting.panel_title)}*: {sitting(meeting.starts_at, meeting.ends_at)}{venue}.{state}",
        f"Flags by {day(meeting.deadlines.flags_close)} · triage by {day(meeting.deadlines.triage)} · "
        f"agenda on {day(meeting.deadlines.agenda)} · minutes by {day(meeting.deadlines.approved_minutes)}",
    ]
    if meeting.flags_open or meeting.cases_accepted:
        lines.append(f"Cases: {meeting.cases_accepted} accepted, {meeting.flags_open} waiting for the chair.")
    return "\n".join(lines)


def dates(meetings: Sequence[MeetingView]) -> str:
    """The coming meetings of one panel."""
    if not meetings:
        return "There is no meeting in the diary. `/panel create` adds some."
    lines = [f"*{escape(meetings[0].panel_title)}*, the next {len(meetings)}:"]
    lines += [f"• {sitting(each.starts_at, each.ends_at)}" for each in meetings]
    return "\n".join(lines)


def notice(meeting: MeetingView, kind: Notice, reason: str) -> tuple[str, tuple[Block, ...]]:
    """Telling a member what became of one meeting."""
    title = escape(meeting.panel_title)
    venue = f", {escape(meeting.venue)}" if meeting.venue else ""
    when = f"{sitting(meeting.starts_at, meeting.ends_at)}{venue}"
    text = {
        Notice.CANCELLED: f"The meeting of {title} on {moment(meeting.starts_at)} is cancelled.",
        Notice.MOVED: f"The meeting of {title} is now on {when}.",
        Notice.ADDED: f"{title} meets once more: {when}.",
        Notice.REINSTATED: f"{title} meets after all: {when}.",
        Notice.ELSEWHERE: f"{title} on {moment(meeting.starts_at)} is held elsewhere: {_place(meeting)}.",
    }[kind]
    blocks: tuple[Block, ...] = (section(text),)
    return text, (*blocks, spoken(reason)) if reason else blocks


def ended(found: PanelEnded) -> tuple[str, tuple[Block, ...]]:
    """Telling somebody that a panel is no more, and of their agency's cases that waited there."""
    text = f"{escape(found.panel_title)} has ended{'; its meetings are cancelled' if found.had_meetings else ''}."
    blocks = [section(text)]
    if found.references or found.waiting:
        count = len(found.references) or found.waiting
        named = f": {', '.join(escape(one) for one in found.references)}" if found.references else ""
        blocks.append(
            section(
                f"{counted(count, 'case')} of your agency waited there and will not be heard there{named}. "
                "Flag to another panel what still needs one."
            )
        )
    return text, tuple(blocks)


def diary_notice(found: NoticeOfDiary) -> tuple[str, tuple[Block, ...]]:
    """Telling a member what became of several meetings, in one message."""
    title = escape(found.panel_title)
    places = {(each.notice, each.meeting.venue) for each in found.meetings}
    if len(places) == 1 and found.meetings[0].notice is Notice.ELSEWHERE:
        text = f"{title} is held elsewhere: {_place(found.meetings[0].meeting)}."
        lines = [f"• {moment(each.meeting.starts_at)}" for each in found.meetings]
    else:
        text = f"The diary of {title} has changed."
        lines = [_change(each) for each in found.meetings]
    if found.rule:
        text += f" It now meets: {escape(found.rule)}."
    blocks: tuple[Block, ...] = (section(text), *paragraphs(lines))
    return text, (*blocks, spoken(found.reason)) if found.reason else blocks


def _place(meeting: MeetingView) -> str:
    return f"*{escape(meeting.venue)}*" if meeting.venue else "the place is still to be said"


def _change(each: NoticeOfMeeting) -> str:
    at = moment(each.meeting.starts_at)
    if each.notice is Notice.CANCELLED:
        return f"• {at}: cancelled"
    if each.notice is Notice.ELSEWHERE:
        return f"• {at}: {_place(each.meeting)}"
    if each.notice is Notice.MOVED and each.before is not None:
        return f"• {moment(each.before)} → *{at}*"
    return f"• {at}: {'held after all' if each.notice is Notice.REINSTATED else 'new'}"
