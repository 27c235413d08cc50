"""Panels, dates of meetings, calendars and prompts as they are shown in chat."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.deadlines import MeetingDeadlines
from bot.models.vocabulary import MeetingChange, MeetingState, PromptKind
from bot.records.diary.queries import MeetingChoice, MeetingView
from bot.services.diary.calendars import FeedView
from bot.services.diary.channels import GuestsView, SharedView
from bot.services.diary.panels import NoticeOfDiary, NoticeOfMeeting, PanelList, PanelView
from bot.services.diary.prompts import PromptView
from bot.services.leaving.departure import PanelEnded
from bot.slack.blocks import (
    button,
    buttons,
    context,
    counted,
    day,
    escape,
    modal,
    moment,
    paragraphs,
    section,
    sitting,
    spoken,
    sure,
    within_a_message,
)
from bot.slack.cases.flag_views import flag_button
from bot.slack.pages import FIRST, Starts, turning
from bot.slack.request import Block, Said, View

NOT_HELD_SHOWN = 3


def listed(found: PanelList, starts: Starts = FIRST) -> Said:
    """Return one page of the person's panels, each with its next meeting."""
    if not found.count:
        return "You aren't on a panel yet. Ask your panel's co-ordinator to add you.", ()
    lines = [_listed(panel) for panel in found.panels]
    if len(lines) == found.count:
        return within_a_message(lines, "`/panel next KEY` shows any of them."), ()
    starts = starts.at(found.first)
    turn = turning("panel.page", "", starts, len(lines), found.count)
    return f"Your panels: {found.count}", (*paragraphs(lines), *turn)


def _listed(panel: PanelView) -> str:
    roles = ", ".join(role.label for role in panel.roles) or "administrator"
    meeting = panel.next_meeting
    when = "no meeting in the diary" if meeting is None else f"next on {moment(meeting.starts_at)}"
    if meeting is not None and meeting.state is MeetingState.OPEN:
        when = "meeting now"
    where = f" in <#{panel.channel_id}>" if panel.channel_id else ""
    missed = f"; {not_held(panel.not_held)}" if panel.not_held else ""
    return f"*{escape(panel.title)}* (`{panel.key}`){where}: you are {roles}; {when}{missed}"


def not_held(meetings: Sequence[datetime]) -> str:
    """Return words that list the dates of meetings that nobody opened, to be added to a line."""
    more = f" and {len(meetings) - NOT_HELD_SHOWN} more" if len(meetings) > NOT_HELD_SHOWN else ""
    return f"*not held*: {', '.join(moment(at) for at in meetings[:NOT_HELD_SHOWN])}{more}"


def meetings_not_held(meetings: Sequence[datetime]) -> str:
    """Return a line that lists the meetings that nobody opened, as in "Meetings *not held*: …", without a full stop."""
    return f"Meeting{'s' if len(meetings) > 1 else ''} {not_held(meetings)}"


def upcoming(meeting: MeetingView) -> str:
    """Describe a panel's next meeting: date, venue, deadlines, and how many cases are accepted or need triage."""
    when = sitting(meeting.starts_at, meeting.ends_at, meeting.venue)
    state = " *The meeting is open now.*" if meeting.state is MeetingState.OPEN else ""
    lines = [
        f"*{escape(meeting.panel_title)}*: {when}.{state}",
        deadlines(meeting.deadlines),
    ]
    if meeting.flags_open or meeting.cases_accepted:
        lines.append(f"Cases: {meeting.cases_accepted} accepted, {meeting.flags_open} for the chair to triage.")
    return "\n".join(lines)


def deadlines(dates: MeetingDeadlines) -> str:
    """Return the deadlines that follow from a meeting's date, as one line."""
    return (
        f"Flags by {day(dates.flags_close)} · triage by {day(dates.triage)} · agenda on {day(dates.agenda)} · "
        f"minutes by {day(dates.approved_minutes)}"
    )


def dates(meetings: Sequence[MeetingView]) -> str:
    """Return the coming meetings of one panel, and earlier meetings that nobody opened."""
    coming = [each for each in meetings if not each.is_not_held]
    missed = [each.starts_at for each in meetings if each.is_not_held]
    lines = [f"*{escape(coming[0].panel_title)}*, the next {len(coming)}:"] if coming else [_NO_MEETING]
    lines += [f"• {sitting(each.starts_at, each.ends_at)}" for each in coming]
    if missed:
        lines.append(f"{meetings_not_held(missed)}. On Home, the chair or co-ordinator can record what happened.")
    return "\n".join(lines)


def dates_and_elsewhere(meetings: Sequence[MeetingView], elsewhere: Sequence[MeetingChoice]) -> Said:
    """Return the dates of a panel. Each meeting recorded as held elsewhere has a button to undo this."""
    text = dates(meetings)
    if not elsewhere:
        return text, ()
    blocks = [
        section(
            f"{moment(one.starts_at)}: held elsewhere",
            button("Take it back", "panel.not_elsewhere", one.id, confirm=_NOT_ELSEWHERE),
        )
        for one in elsewhere
    ]
    return text, (*paragraphs(text.split("\n")), *blocks)


_NOT_ELSEWHERE = sure(
    "Not held elsewhere?", "The meeting goes back to “not held”, and I'll delete your reason.", "Take it back"
)
_NO_MEETING = "There is no meeting in the diary. The co-ordinator can add meetings."


def notice(meeting: MeetingView, kind: MeetingChange, reason: str) -> Said:
    """Return a message telling a member how one meeting was changed. A button shows the reason for the change."""
    title = escape(meeting.panel_title)
    when = sitting(meeting.starts_at, meeting.ends_at, meeting.venue)
    text = {
        MeetingChange.CANCELLED: f"The meeting of {title} on {moment(meeting.starts_at)} is cancelled.",
        MeetingChange.MOVED: f"The meeting of {title} is now on {when}.",
        MeetingChange.ADDED: f"{title} has an extra meeting: {when}.",
        MeetingChange.REINSTATED: f"{title} meets after all: {when}.",
        MeetingChange.ELSEWHERE: f"{title} on {moment(meeting.starts_at)} has a new venue: {_place(meeting)}.",
        MeetingChange.LENGTHENED: f"The meeting of {title} now lasts longer: {when}.",
    }[kind]
    return text, (section(text, _show_reason(meeting.id) if reason else None),)


def reason(found: tuple[MeetingView, str]) -> View:
    """Return a modal with the reason why a meeting was moved, cancelled or held elsewhere."""
    meeting, why = found
    head = f"*{escape(meeting.panel_title)}*, {moment(meeting.starts_at)}"
    return modal("notice", "Reason", [section(head), spoken(why or "The reason is no longer on record.")], submit=None)


def _show_reason(meeting_id: int) -> Block:
    return button("Show the reason", "panel.reason", meeting_id)


def ended(found: PanelEnded) -> Said:
    """Return a message telling a person that a panel has ended, and which of their agency's cases it will not hear."""
    text = f"{escape(found.panel_title)} has ended{'; its meetings are cancelled' if found.had_meetings else ''}."
    blocks = [section(text)]
    if found.references or found.waiting:
        count = len(found.references) or found.waiting
        named = f": {', '.join(escape(one) for one in found.references)}" if found.references else ""
        blocks.append(
            section(
                f"{counted(count, 'case')} of your agency waited there and will not be heard there{named}. "
                "If a case still needs a panel, flag it to another one."
            )
        )
    return text, tuple(blocks)


def diary_notice(found: NoticeOfDiary) -> Said:
    """Return one message telling a member how several meetings were changed. A button shows the reason."""
    title = escape(found.panel_title)
    places = {(each.notice, each.meeting.venue) for each in found.meetings}
    if len(places) == 1 and found.meetings[0].notice is MeetingChange.ELSEWHERE:
        text = f"{title} has a new venue: {_place(found.meetings[0].meeting)}."
        lines = [f"• {moment(each.meeting.starts_at)}" for each in found.meetings]
    else:
        text = f"The diary of {title} has changed."
        lines = [_change(each) for each in found.meetings]
    if found.rule:
        text += f" New meeting days: {escape(found.rule)}."
    why = None if found.reason_of is None else _show_reason(found.reason_of)
    return text, (section(text, why), *paragraphs(lines))


def _place(meeting: MeetingView) -> str:
    return f"*{escape(meeting.venue)}*" if meeting.venue else "venue to be confirmed"


def _change(each: NoticeOfMeeting) -> str:
    at = moment(each.meeting.starts_at)
    if each.notice is MeetingChange.CANCELLED:
        return f"• {at}: cancelled"
    if each.notice is MeetingChange.ELSEWHERE:
        return f"• {at}: {_place(each.meeting)}"
    if each.notice is MeetingChange.MOVED and each.before is not None:
        return f"• {moment(each.before)} → *{at}*"
    return f"• {at}: {'held after all' if each.notice is MeetingChange.REINSTATED else 'new'}"


def calendar_file(title: str) -> str:
    """Return a sentence saying that a meeting's calendar file is on its way."""
    return f"The calendar file of {escape(title)} is on its way to you by direct message."


def diary_file(count: int, *, can_subscribe: bool) -> str:
    """Return a sentence saying that a file with all coming meetings is on its way.

    If the person can't subscribe to a feed, the sentence says why.
    """
    meetings = f"your next {count} meetings" if count > 1 else "your next meeting"
    why = "" if can_subscribe else " I'm not on the web here, so your calendar can't update itself."
    return (
        f"A calendar file with {meetings} is on its way to you by direct message.{why} "
        "The file won't update. If dates change, ask for a new file."
    )


def subscription(feed: FeedView) -> Said:
    """Return a message with the buttons for a person's own calendar: the address of a feed, or a file."""
    if feed.made_at is None:
        text = "Your calendar can update itself when meetings change. Get a private address to add to your calendar."
        made = [button("Get my feed's address", "calendar.make", "new", style="primary")]
    else:
        text = f"You made your calendar feed's address on {day(feed.made_at.date())}. I show an address only once."
        new = sure("Make a new address?", "Calendars that use the old address will stop updating.", "Yes", "No")
        end = sure("Switch the feed off?", "Calendars that use its address will stop updating.", "Yes", "No")
        made = [
            button("Make a new address", "calendar.make", "again", confirm=new),
            button("Switch it off", "calendar.off", "feed", style="danger", confirm=end),
        ]
    made.append(button("One file with all my meetings", "calendar.diary", "all"))
    return text, (section(text), buttons(*made))


def feed_address(address: str) -> View:
    """Return a modal with the address of a person's calendar feed, which is not shown a second time."""
    blocks = [
        section("Copy it into your calendar, under *Subscribe* or *Add calendar from the web*:"),
        spoken(address),
        context(
            "I show this address only once. Anyone who has it can see when your panels meet, so keep it to yourself. "
            "To make a new one, or to switch the feed off, type `/meeting calendar`."
        ),
    ]
    return modal("feed", "Your feed's address", blocks, submit=None)


def feed_off(had_one: bool) -> str:
    """Return a sentence saying that a person's calendar feed is switched off, or that they had none."""
    return "Your calendar feed is switched off." if had_one else "Your calendar feed was off already."


def prompt(found: PromptView) -> Said:
    """Return one prompt about a meeting: what its reader can or must do now, with a button to do so."""
    title, when, key = escape(found.panel_title), moment(found.starts_at), found.panel_key
    need = f"{counted(found.waiting, 'case needs', 'cases need')} triage for {title} on {when}."
    no_chair = f"{need} The panel has no chair or vice-chair. To add one: `/people enrol @name`."
    flag = flag_button(key)
    said: dict[PromptKind, tuple[str, Block | None]] = {
        PromptKind.FLAGS_OPEN: (f"{title} meets on {when}. You can flag cases from now on.", flag),
        PromptKind.FLAGS_CLOSE: (
            f"{'Today' if found.today == found.deadline_on else day(found.deadline_on)} is the last day to "
            f"flag cases to {title} on {when}. Later flags need the chair's agreement.",
            flag,
        ),
        PromptKind.TRIAGE: (
            (need, button("Triage", "home.triage", key, style="primary")) if found.may_triage else (no_chair, None)
        ),
        PromptKind.SUMMARY: (
            f"The decisions and actions of {title}, held on {day(found.starts_at.date())}, are ready."
            + (f" You can draft the minutes: `/minutes draft {key}`." if found.may_draft else ""),
            button("Get summary", "minutes.summary", found.meeting_id),
        ),
    }
    text, made = said.get(found.kind, (f"{title} meets on {when}.", None))
    return text, (section(text), *([buttons(made)] if made else []))


def channel_shared(found: SharedView) -> str:
    """Return a message saying whether a panel's channel is shared with another workspace, and what this means."""
    where = f"<#{found.channel_id}>, the channel of {escape(found.panel_title)},"
    if not found.is_shared:
        return f"{where} is no longer shared with another workspace. I've started posting there again."
    return (
        f"{where} is shared with another workspace, so people outside can read what is posted there. I won't post "
        f"there while it is shared. `/meeting room` shows an open meeting. Ask a Slack administrator to stop sharing "
        f"the channel. Or an administrator can give the panel another channel."
    )


def channel_guests(found: GuestsView) -> str:
    """Return a message listing the accounts in a panel's channel that have no place on the panel, and what to do."""
    named = "\n".join(
        f"• {escape(guest.name)} ({escape(guest.agency)})" if guest.name else f"• <@{guest.user_id}>, not enrolled"
        for guest in found.guests
    )
    return (
        f"In <#{found.channel_id}>, the channel of {escape(found.panel_title)}, but not on the panel:\n{named}\n"
        "These people can read what is posted in the channel. Remove them from the channel in Slack. "
        "If they belong on the panel, the "
        "co-ordinator can give them a place."
    )
