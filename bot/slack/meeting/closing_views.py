"""Messages about closing a meeting: what is missing before, the result after, and a meeting that was left open."""

from typing import Final

from bot.domain.language.day_words import listed
from bot.records.meeting.transfers import TransferToPanel
from bot.services.meeting.left_open import LeftOpen
from bot.services.meeting.opening import ClosingView, Unfinished
from bot.slack.blocks import (
    button,
    buttons,
    context,
    counted,
    cut,
    day,
    escape,
    moment,
    section,
    within_a_message,
)
from bot.slack.cases.views import decision_line
from bot.slack.request import Block, Said

_MOST_TO_RECORD: Final = 5  # cases with a button of their own before closing; the rest are named


def close_button(panel_key: str, meeting_id: int) -> Block:
    """Return the button that shows what the meeting lacks, with the button that closes it."""
    return button("Close", "meeting.closing", f"{panel_key}:{meeting_id}", style="primary")


def closing_question(left: Unfinished) -> Said:
    """Return the message shown before closing: what the meeting lacks, with buttons to add that or to close anyway."""
    lines = []
    if left.undecided:
        names = ", ".join(left.carried)
        has, goes = ("has", "the case goes") if len(left.undecided) == 1 else ("have", "the cases go")
        lines.append(
            f"{counted(len(left.undecided), 'case')} {has} no decision yet: {escape(cut(names, 2000))}. "
            f"If you close the meeting now, {goes} to the next meeting."
        )
    if left.untriaged:
        need = counted(left.untriaged, "flagged case needs", "flagged cases need")
        lines.append(f"{need} triage by {'you' if left.may_triage else 'the chair'}.")
    if left.unacknowledged:
        names = escape(cut(listed(left.unacknowledged), 500))
        lines.append(
            f"{names} {'has' if len(left.unacknowledged) == 1 else 'have'} not accepted the statement yet. "
            "They can press *I'm here* on the board, or you can record that under *Attendance*."
        )
    if left.overdue:
        is_late = counted(left.overdue, "overdue action has", "overdue actions have")
        lines.append(f"{is_late} no answer.")
    if left.reported:
        need = counted(left.reported, "report on an action needs", "reports on actions need")
        lines.append(f"{need} the panel's answer.")
    if left.unheld:
        named = listed([str(number) for number in left.unheld[:_MOST_TO_RECORD]])
        more = f" and {len(left.unheld) - _MOST_TO_RECORD} more" if len(left.unheld) > _MOST_TO_RECORD else ""
        one, need = ("Action", "needs") if len(left.unheld) == 1 else ("Actions", "need")
        lines.append(f"{one} {named}{more} {need} another holder, who is on the panel and may read the case.")
    if left.not_reached:
        lines.append(f"{counted(left.not_reached, 'agenda heading was', 'agenda headings were')} not reached.")
    if len(left.undecided) > _MOST_TO_RECORD:
        more = counted(len(left.undecided) - _MOST_TO_RECORD, "more case", "more cases")
        lines.append(f"To record {more}, type `/meeting record` and the case's reference.")
    missing = "\n".join(f"• {line}" for line in lines)
    said = f"Anything left goes to the next meeting:\n{missing}" if lines else "Nothing is missing."
    text = f"*{escape(left.panel_title)}* is still open. {said}"
    under = f"{left.panel_key}:{left.meeting_id}"
    close = button("Close the meeting", "meeting.close", under, style="danger")
    return text, (
        section(cut(text, 2900)),
        *([buttons(*ways)] if (ways := _ways(left, under)) else []),
        buttons(close),
    )


def _ways(left: Unfinished, under: str) -> list[Block]:
    """Return buttons for what is missing and can still be done before the meeting closes.

    `under` is the value of the *Attendance* button.
    """
    made = [
        button(cut(f"Record {reference}", 75), "meeting.record", f"{left.panel_key}:{item_id}")
        for item_id, reference in left.undecided[:_MOST_TO_RECORD]
    ]
    if left.untriaged and left.may_triage:
        made.append(button("Triage", "home.triage", left.panel_key))
    if left.unacknowledged:
        made.append(button("Attendance", "meeting.attendance", under))
    if (left.overdue or left.reported) and left.arising is not None:
        made.append(button("Outstanding actions", "meeting.item", f"{left.panel_key}:{left.arising}"))
    made += [button(f"Correct action {number}", "action.edit", number) for number in left.unheld[:_MOST_TO_RECORD]]
    if left.not_reached:
        made.append(button("Next item", "meeting.next", f"{left.panel_key}:{left.current or 0}"))
    return made


def closed(closing: ClosingView) -> str:
    """Return a message saying what a closed meeting decided and carried forward, and when the next meeting is."""
    lines = [
        f"*{escape(closing.panel_title)}* is closed: {counted(closing.discussed, 'item')} discussed, "
        f"{counted(closing.decisions, 'decision')}, {counted(closing.actions, 'action')}."
    ]
    for reference, decisions in closing.decided:
        lines.append(f"• {escape(reference)}: {'; '.join(map(decision_line, decisions))}")
    if closing.is_interim and not closing.decisions:
        lines.append("The meeting was an interim discussion, so nothing was decided.")
    if closing.new_date_by:
        lines.append(f"*The panel needs a quorate meeting by {day(closing.new_date_by)}:* `/panel add`.")
    if not closing.quorum.met:
        lines.append(f"*The meeting was not quorate:* it also needed {escape(listed(closing.quorum.missing))}.")
    if closing.carried:
        lines.append(f"Carried to the next meeting without a decision: {escape(', '.join(closing.carried))}.")
    if closing.untriaged:
        lines.append(f"Carried to the next meeting without triage: {counted(closing.untriaged, 'flagged case')}.")
    if closing.not_reached:
        lines.append(f"Not reached: {escape('; '.join(closing.not_reached))}.")
    if closing.next_meeting_at:
        lines.append(f"Next meeting: {moment(closing.next_meeting_at)}.")
    lines.append(f"To draft the minutes, type `/minutes draft {closing.panel_key}`.")
    return within_a_message(lines, "The minutes list them all.")


def left_open(found: LeftOpen) -> Said:
    """Return the message that asks a chair or co-ordinator whether a meeting opened on an earlier day is over."""
    text = (
        f"The meeting of *{escape(found.panel_title)}* has been open since {moment(found.opened_at)}. "
        "Is the meeting over?"
    )
    asked = buttons(
        button("Close the meeting", "meeting.closing", f"{found.panel_key}:{found.meeting_id}", style="primary"),
        button("Still going on", "meeting.still_open", found.meeting_id),
    )
    told = "I've told people about the actions given so far. You can draft the minutes once you close the meeting."
    return text, (section(text), asked, context(told))


def kept_open(found: LeftOpen) -> str:
    """Return a sentence saying that a meeting stays open, and when the bot asks about the meeting again."""
    return f"*{escape(found.panel_title)}* stays open. I'll ask you again on {day(found.asked_next_on)}."


def transfer_decided(found: TransferToPanel) -> str:
    """Return the message to a receiving panel's chair that cases are transferred to the panel's area."""
    them, keeps = ("it", "the case") if found.cases == 1 else ("them", "the cases")
    ask = f" To hear about {them}, speak to {escape(listed(found.chairs))}." if found.chairs else ""
    return (
        f"On {day(found.held_at.date())}, *{escape(found.from_title)}* decided to transfer "
        f"{counted(found.cases, 'case')} to the area of *{escape(found.panel_title)}*. "
        f"{escape(found.from_title)} keeps {keeps} until your area accepts {them}.{ask}"
    )
