"""Meetings without a quorum in chat: how the chair chooses to go on, forms for a new date, and the results."""

from bot.domain.language.day_words import listed
from bot.services.meeting.inquorate import InquorateView, Postponed
from bot.slack.blocks import (
    button,
    buttons,
    context,
    counted,
    day,
    day_input,
    escape,
    field,
    modal,
    moment,
    radio,
    section,
    sure,
    text_input,
)
from bot.slack.request import Block, Said, View

OTHER, NONE = "other", "none"


def choice(sentence: str, meeting_id: int) -> Said:
    """Return a message with the buttons to wait, postpone, or hold an interim discussion."""
    return escape(sentence), (section(escape(sentence)), controls(meeting_id))


def controls(meeting_id: int) -> Block:
    """Return the buttons to wait, postpone, or hold an interim discussion."""
    text = "You can record notes and actions, but no decisions. A quorate meeting will decide the cases."
    confirm = sure("Interim discussion?", text, "Hold it")
    return buttons(
        button("Wait", "meeting.wait", meeting_id),
        button("Postpone the meeting", "meeting.postpone", meeting_id),
        button("Hold an interim discussion", "meeting.interim", meeting_id, confirm=confirm),
    )


def quorate_button(meeting_id: int) -> Block:
    """Return the button that turns an interim discussion into a full meeting once the quorum is there."""
    return buttons(button("We are quorate now", "meeting.quorate", meeting_id, style="primary"))


def waiting() -> str:
    """Return a message to a chair who chose to wait for missing people, saying how the meeting goes on."""
    return (
        "The meeting waits. People who arrive can accept the statement in the channel, or you can record them with "
        "`/meeting attendance`. Once the meeting is quorate, type `/meeting next`. Until then you can go to a "
        "heading: type `/meeting next` and its number."
    )


def postpone_form(found: InquorateView) -> View:
    """Return the form that asks for the new date of a postponed meeting, and for the reason."""
    blocks = [
        section(
            f"*{escape(found.panel_title)}*, {moment(found.starts_at)}. Missing from the quorum: "
            f"{escape(listed(found.quorum.missing))}."
        ),
        *_when(found),
        field(
            "reason",
            "Reason",
            text_input(lines=True, most=500),
            optional=True,
            hint="I'll still record that this meeting was not quorate. If your date is after the last one above, "
            "give a reason.",
        ),
        context("The cases and the agenda move with the meeting. I'll clear the attendance and tell members."),
    ]
    return modal(
        "meeting.postpone", "Postpone the meeting", blocks, submit="Postpone", metadata={"meeting": found.meeting_id}
    )


def date_form(found: InquorateView) -> View:
    """Return the form that asks for the date of the quorate meeting after an interim discussion."""
    blocks = [
        section(f"*{escape(found.panel_title)}* must meet with a quorum by *{day(found.by)}*."),
        *_when(found, can_decline=True),
        field(
            "reason",
            "Reason",
            text_input(lines=True, most=500),
            optional=True,
            hint="If you set no date, say why. The minutes record your reason.",
        ),
    ]
    return modal("meeting.new_date", "A new date", blocks, submit="Save", metadata={"meeting": found.meeting_id})


def _when(found: InquorateView, *, can_decline: bool = False) -> list[Block]:
    options = [(at.strftime("%Y-%m-%dT%H:%M"), moment(at)) for at in found.offered]
    options.append((OTHER, "Another date, below"))
    if can_decline:
        options.append((NONE, "No new date"))
    when = radio(options, initial=options[0][0])
    return [
        field("when", f"When, by {day(found.by)}", when, hint="The chair has no clash on these dates."),
        field("date", "Another date", day_input(), optional=True),
        field("time", "Time", text_input(initial=f"{found.starts_at:%H:%M}", most=5), optional=True),
    ]


def postponed(found: Postponed) -> str:
    """Return a sentence with the new date of a postponed meeting, and the number of cases that moved with it."""
    cases = f" {counted(found.cases, 'case')} moved with it." if found.cases else ""
    return (
        f"{escape(found.panel_title)} is postponed from {moment(found.before)} to *{moment(found.starts_at)}*."
        f"{cases} I'm telling members."
    )


def interim(found: InquorateView) -> Said:
    """Return a message saying that the meeting is now an interim discussion, and when its cases will be decided."""
    text = (
        f"*{escape(found.panel_title)}* holds an interim discussion. You can record notes and actions, but no "
        f"decisions. {_decides(found)}"
    )
    blocks: list[Block] = [section(text)]
    if found.needs_date:
        blocks.append(buttons(button("Set the new date", "meeting.date", found.meeting_id, style="primary")))
    blocks.append(
        context("To go on, type `/meeting next`. If the missing agencies come after all, type `/meeting quorate`.")
    )
    return text, tuple(blocks)


def _decides(found: InquorateView) -> str:
    if not found.needs_date and found.next_at is not None:
        return f"The panel will decide at the quorate meeting on *{moment(found.next_at)}*."
    return f"The panel needs a new date by *{day(found.by)}*."


def dated(found: InquorateView) -> str:
    """Return a sentence saying that the full meeting is in the diary, and when its cases will be decided."""
    when = f" The panel will decide on *{moment(found.next_at)}*." if found.next_at else ""
    return f"The new date of {escape(found.panel_title)} is in the diary.{when} I'm telling members."


def declined(found: InquorateView) -> str:
    """Return a sentence saying that the chair sets no date for a full meeting, and when the next meeting is."""
    when = f" The next meeting is on {moment(found.next_at)}." if found.next_at else ""
    return f"No new date is set. The minutes say why.{when}"


def quorate(found: InquorateView) -> str:
    """Return a sentence saying that the meeting is quorate and decisions are taken from now on."""
    return f"*{escape(found.panel_title)}* is quorate, so you can record decisions. To go on, type `/meeting next`."
