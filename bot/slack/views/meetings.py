"""A meeting in chat from its opening to its close: who is here, whether it is quorate, what it came to."""

from collections.abc import Sequence
from typing import Any

from bot.models.vocabulary import AttendanceStatus
from bot.records.meeting.queries import RoomView
from bot.services.meeting.opening import ClosingView, Unfinished
from bot.slack.reply import Block, View
from bot.slack.views.blocks import (
    button,
    buttons,
    context,
    counted,
    cut,
    day_input,
    escape,
    field,
    header,
    modal,
    plain,
    section,
    spoken,
    text_input,
)
from bot.slack.views.days import day, moment
from bot.slack.views.inquorate import controls, quorate_button


def opening(room: RoomView) -> tuple[str, tuple[Block, ...]]:
    """The opening in the panel's channel: the statement, and a button for everybody."""
    text = f"The meeting of {escape(room.panel_title)} is open. Please acknowledge the confidentiality statement."
    return text, (
        header(f"{room.panel_title} is open"),
        spoken(room.confidentiality),
        buttons(button("I am here and accept this", "meeting.acknowledge", room.meeting_id, style="primary")),
        context("Observers too. Apologies are recorded by the minute-taker with what your agency sent."),
    )


def opened(room: RoomView) -> str:
    """What whoever opened it reads."""
    return (
        f"*{escape(room.panel_title)}* is open. Members are asked to acknowledge the statement in the channel.\n"
        f"{quorum(room)}\n"
        "`/meeting attendance` records who is here, `/meeting next` goes to the first item."
    )


def quorum(room: RoomView) -> str:
    """Whether it is quorate, and who is missing."""
    if room.quorum.met:
        return "Quorate."
    return f"*Not quorate yet:* waiting for {escape(', '.join(room.quorum.missing))}."


def present(room: RoomView) -> str:
    """Who is here, by how they take part."""
    lines = [f"*{escape(room.panel_title)}*: {quorum(room)}"]
    for status in AttendanceStatus:
        names = [
            f"{escape(one.name)} ({escape(one.agency_name)}{'' if one.acknowledged else ', not yet acknowledged'})"
            if status is AttendanceStatus.PRESENT
            else f"{escape(one.name)} ({escape(one.agency_name)})"
            for one in room.attendees
            if one.status is status
        ]
        if names:
            lines.append(f"{status.label.capitalize()}: {', '.join(names)}")
    unknown = [escape(one.name) for one in room.attendees if one.status is None]
    if unknown:
        lines.append(f"Nothing known of: {', '.join(unknown)}")
    return "\n".join(lines)


def room(found: RoomView) -> tuple[str, tuple[Block, ...]]:
    """Who is here; for who runs the meeting, with the choice where it is not quorate."""
    text = present(found)
    if not found.may_run or (found.quorum.met and not found.is_interim):
        return text, ()
    shown: list[Block] = [section(text)]
    if found.is_interim:
        shown.append(context("This is an interim discussion: decisions are not taken."))
    if found.is_interim and found.quorum.met:
        shown.append(quorate_button(found.meeting_id))
    elif not found.is_interim:
        shown.append(controls(found.meeting_id))
    return text, tuple(shown)


def welcomed(room: RoomView) -> str:
    """What somebody reads who acknowledged."""
    return f"Thank you. You are recorded at {escape(room.panel_title)}. {quorum(room)}"


def attendance_form(room: RoomView, metadata: dict[str, Any]) -> View:
    """Who is here and who sent apologies."""
    here = [
        one.user_id
        for one in room.attendees
        if one.status in (AttendanceStatus.PRESENT, AttendanceStatus.IN_ATTENDANCE, AttendanceStatus.OBSERVER)
    ]
    away = [one.user_id for one in room.attendees if one.status is AttendanceStatus.APOLOGIES]
    return modal(
        "meeting.attendance",
        "Attendance",
        [
            section(quorum(room)),
            field("present", "Here", _people(here), optional=True),
            field("apologies", "Apologies", _people(away), optional=True),
            field(
                "information",
                "Information sent with the apologies",
                text_input(lines=True),
                optional=True,
                hint="What the absent agency sent. It goes into the minutes.",
            ),
            field("sent_on", "When they sent it", day_input(), optional=True, hint="If you know the day."),
        ],
        metadata=metadata,
    )


def _people(initial: Sequence[str]) -> Block:
    return {"type": "multi_users_select", **({"initial_users": list(initial)} if initial else {})}


def closing_question(left: Unfinished) -> tuple[str, tuple[Block, ...]]:
    """Whether to close with cases undecided, naming them; the button asks once more."""
    names = ", ".join(left.carried)
    has, goes = ("has", "goes") if len(left.carried) == 1 else ("have", "go")
    text = (
        f"*{escape(left.panel_title)}* is still open: {counted(len(left.carried), 'case')} {has} no decision yet "
        f"and {goes} to the next meeting if you close it now: {escape(cut(names, 2000))}."
    )
    close = button("Close the meeting", "meeting.close", f"{left.panel_key}:{left.meeting_id}", style="danger")
    close["confirm"] = {
        "title": plain("Close the meeting?"),
        "text": plain(cut(f"Carried to the next meeting without a decision: {names}", 300)),
        "confirm": plain("Close it"),
        "deny": plain("Go on meeting"),
        "style": "danger",
    }
    return text, (section(text), buttons(close), context("`/meeting next` goes to the first of them."))


def closed(closing: ClosingView) -> str:
    """What a meeting came to."""
    lines = [
        f"*{escape(closing.panel_title)}* is closed: {counted(closing.discussed, 'item')} discussed, "
        f"{counted(closing.decisions, 'decision')}, {counted(closing.actions, 'action')}."
    ]
    if closing.is_interim and not closing.decisions:
        lines.append("It was held as an interim discussion; nothing was decided.")
    if closing.new_date_by:
        lines.append(f"*It needs a quorate meeting by {day(closing.new_date_by)}:* `/panel add`.")
    if not closing.quorum.met:
        lines.append(f"*It was not quorate:* it needed {escape(', '.join(closing.quorum.missing))}.")
    if closing.carried:
        lines.append(f"Without a decision, carried to the next meeting: {escape(', '.join(closing.carried))}.")
    if closing.not_reached:
        lines.append(f"Not reached: {escape(', '.join(closing.not_reached))}.")
    if closing.next_meeting_at:
        lines.append(f"Next meeting: {moment(closing.next_meeting_at)}.")
    lines.append(f"`/minutes draft {closing.panel_key}` writes the minutes.")
    return "\n".join(lines)
