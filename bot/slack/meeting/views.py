"""A meeting in chat from opening to closing: attendance, the current item with its buttons, and the result."""

from collections.abc import Sequence
from typing import Any, Final

from bot.domain.decisions import excluded_by, transfer_question, until_word
from bot.domain.language.day_words import listed
from bot.models.vocabulary import (
    AttendanceStatus,
    CloseReason,
    DecisionKind,
    ItemState,
    NoteKind,
)
from bot.records.actions.queries import ActionView
from bot.records.agenda.returns import ReturnView
from bot.records.meeting.attendance import IN_THE_ROOM
from bot.records.meeting.outcomes import CaseOutcome, CaseOutcomes
from bot.records.meeting.queries import NOTHING_DISCUSSED, CurrentItem, NoteView
from bot.records.meeting.room import AttendeeView, RoomView
from bot.services.meeting.timing import SplitTime
from bot.slack.actions.views import line as action_line
from bot.slack.blocks import (
    MESSAGE_BLOCKS,
    button,
    buttons,
    capital,
    context,
    counted,
    cut,
    day,
    escape,
    field,
    header,
    modal,
    moment,
    page,
    paragraphs,
    section,
    select,
    spoken,
    sure,
    text_input,
    word_options,
)
from bot.slack.cases.nrm_views import referral_lines
from bot.slack.cases.views import decided_lines, decided_words, decision_line, summary
from bot.slack.meeting.arising_views import arising, over, sent_up, tabled_blocks
from bot.slack.meeting.closing_views import close_button
from bot.slack.meeting.inquorate_views import controls, quorate_button
from bot.slack.meeting.statement_views import whole_statement
from bot.slack.request import Block, Said, View

_MOST_EARLIER: Final = 3  # earlier hearings on the card of a case; the rest are counted


def opened(room: RoomView) -> Said:
    """Return the message to the person who opened the meeting: what to do next, with buttons to do it."""
    asked = (
        "I've posted the board of this meeting in the panel's channel. "
        "On the board, members say that they are here and accept the statement."
    )
    by_hand = "Read the statement out, and record under *Attendance* who is here and accepts it."
    if room.is_shared:
        asked = f"*The panel's channel is shared with another workspace, so I won't post there.* {by_hand}"
    elif not room.has_channel:
        asked = f"This panel has no channel, so there is no board. {by_hand}"
    need = counted(room.untriaged, "flagged case needs", "flagged cases need")
    them = "it" if room.untriaged == 1 else "them"
    waiting = f"\n*{need} triage by the chair* before the agenda lists {them}." if room.untriaged else ""
    text = f"*{escape(room.panel_title)}* is open. {asked}\n{quorum(room)}{waiting}"
    under = f"{room.panel_key}:{room.meeting_id}"
    ways = [
        button("First item", "meeting.next", f"{room.panel_key}:0", style="primary"),
        button("Attendance", "meeting.attendance", under),
        button("A person without Slack", "meeting.guest", room.panel_key),
    ]
    if room.untriaged and room.may_triage:
        ways.append(button("Triage", "home.triage", room.panel_key))
    # Without a board, the person who reads the statement out finds it nowhere else.
    read = [] if room.has_channel and not room.is_shared else whole_statement(room.confidentiality)
    return text, (section(text), *read, buttons(*ways))


def quorum(room: RoomView) -> str:
    """Return a sentence saying whether the meeting is quorate and, if not, which agencies are missing."""
    if room.quorum.met:
        return "Quorate."
    return f"*Not quorate yet:* waiting for {escape(listed(room.quorum.missing))}."


def present(room: RoomView) -> str:
    """Return a list of the people here, grouped by how they take part."""
    lines = [f"*{escape(room.panel_title)}*: {quorum(room)}"]
    for status in AttendanceStatus:
        names = [
            f"{escape(one.name)} ({', '.join(_of_attendee(one))})" for one in room.attendees if one.status is status
        ]
        if names:
            lines.append(f"{status.label.capitalize()}: {', '.join(names)}")
    unknown = [escape(one.name) for one in room.attendees if one.status is None]
    if unknown:
        lines.append(f"No word from: {', '.join(unknown)}")
    return "\n".join(lines)


def _of_attendee(one: AttendeeView) -> list[str]:
    """Return what to say after an attendee's name: agency, confidentiality, times of coming and leaving."""
    said = [escape(one.agency_name)]
    if one.status in IN_THE_ROOM and not one.acknowledged and not one.reads_out:
        said.append("not yet acknowledged")
    said += [f"arrived {one.arrived_at:%H:%M}"] if one.arrived_at else []
    return said + ([f"left {one.left_at:%H:%M}"] if one.left_at else [])


def room(found: RoomView) -> Said:
    """Return who is here. Without a quorum, a person who runs the meeting also gets buttons to choose how to go on."""
    text = present(found)
    if not found.may_run or (found.quorum.met and not found.is_interim):
        return text, ()
    shown: list[Block] = [section(text)]
    if found.is_interim:
        shown.append(context("This is an interim discussion, so you can't record decisions."))
    if found.is_interim and found.quorum.met:
        shown.append(quorate_button(found.meeting_id))
    elif not found.is_interim:
        shown.append(controls(found.meeting_id))
    return text, tuple(shown)


def welcomed(room: RoomView) -> str:
    """Return a sentence with thanks for accepting the confidentiality statement, saying whether there is a quorum."""
    return f"Thank you. You are recorded as attending {escape(room.panel_title)}. {quorum(room)}"


def _nowhere(found: CurrentItem) -> str:
    """Return a sentence saying that no item is being discussed. It tells people who run the meeting how to go on."""
    if found.is_through:
        return f"That was the last item.{' To end the meeting, type `/meeting close`.' if found.may_run else ''}"
    return NOTHING_DISCUSSED if found.may_run else "No item is being discussed."


def current(found: CurrentItem) -> Said:
    """Return the item being discussed with its case, returns, actions and decisions, for the one person who asked."""
    item, first = found.item, _first(found)
    if item is None:
        said = f"{first} {_nowhere(found)}".strip()
        return said, (section(said), buttons(_next(found))) if found.may_run else ()
    text = f"Item {item.number}{f' of {found.count}' if found.count else ''}: {item.title}"
    by = f" · {escape(item.presenter)}" if item.presenter else ""
    top: list[Block] = [header(text), context(f"{item.starts_at:%H:%M} · {item.minutes} minutes{by}")]
    if first:
        top.insert(1, section(first))
    if found.discussed:
        top.append(context(discussed_now(found)))
    if found.interim:
        top.insert(1, section(f":warning: {escape(found.interim)}"))
    if item.prompt:
        top.append(context(escape(item.prompt)))
    if found.statement:
        top += whole_statement(found.statement)
    groups: list[list[Block]] = []
    if item.flag is not None:
        groups.append(summary(item.flag))
    groups += [tabled_blocks(one) for one in item.tabled]
    for hearing in found.earlier[:_MOST_EARLIER]:
        undecided = hearing.passed.label if hearing.passed else hearing.flag.state.label
        decided = "; ".join(map(decision_line, hearing.decisions)) or undecided
        when = moment(hearing.flag.meeting_at)
        words = [block for one in hearing.decisions for block in decided_words(one, most=400)]
        groups.append([context(f"Earlier, {when}, {escape(hearing.flag.panel_title)}: {decided}"), *words])
    if len(found.earlier) > _MOST_EARLIER and item.flag is not None:
        more = counted(len(found.earlier) - _MOST_EARLIER, "more earlier hearing", "more earlier hearings")
        groups.append([context(f"{more}: `/case history {escape(item.flag.reference)}`")])
    groups += _transfer(found)
    groups += [[block] for block in referral_lines(found.referrals)]
    if found.is_nrm and not found.referrals:
        groups.append(
            [
                context(
                    "The panel decided on an NRM referral, but none is recorded yet. To record it, press *NRM* below."
                )
            ]
        )
    groups += _returns(found.returns)
    groups += sent_up(found)
    groups += arising(found) if found.speaks else _actions("Outstanding actions", found.outstanding)
    groups += over(found)
    if found.notes:
        groups.append([section("*Noted*")])
        groups += [[spoken(note_line(note))] for note in found.notes]
    groups += decided_lines(found.decisions, "Decided")
    groups += _actions("Actions given", found.given)
    below = [*last_minutes_blocks(found), *_controls(found)]
    body = page(
        groups, most_blocks=MESSAGE_BLOCKS - len(top) - len(below), more="`/action list` and the papers have the rest."
    )
    return f"{escape(text)}. {first}" if first else escape(text), (*top, *body, *below)


def discussed_now(found: CurrentItem) -> str:
    """Return a sentence saying which item the meeting is at, for a person who looks at another item."""
    return f"Being discussed now: item {escape(found.discussed)}."


def last_minutes_blocks(found: CurrentItem) -> list[Block]:
    """Return blocks that ask whether the last minutes are accurate. The meeting can move on without an answer."""
    last = found.last_minutes
    if last is None or found.item is None:
        return []
    if last.minutes_id is None:
        return [context(f"The minutes {last.words} are not approved yet, so there is nothing to confirm.")]
    answered = f" *{capital(last.answer.label)}*, {escape(last.by_name)}." if last.answer else ""
    under = f"{found.panel_key}:{found.item.id}"
    return [
        section(f"*Are the minutes {last.words} accurate?*{answered}"),
        buttons(
            button("Accurate", "minutes.accurate", under),
            button("With corrections", "minutes.corrections", under),
        ),
    ]


def _transfer(found: CurrentItem) -> list[list[Block]]:
    """Return blocks that ask whether a case was transferred as decided earlier, or nothing if this is answered."""
    ends = excluded_by(DecisionKind.TRANSFER)
    if found.asked is None or any(decision.kind in ends for decision in found.decisions):
        return []
    how = (
        f"If they have accepted it, decide to close the case, as {CloseReason.TRANSFERRED.label}. "
        "If not, this panel keeps the case, and I'll ask again at its next meeting."
    )
    return [[section(f"*{escape(transfer_question(found.asked.area))}* {how}")]]


def _first(found: CurrentItem) -> str:
    """Return the sentence shown above the item, or "" if there is nothing to say.

    For instance, the sentence says that the meeting has moved on, or that a case has no decision yet.
    """
    if found.moved_on:
        return "The meeting had already moved on, so nothing was changed."
    if found.moved_by is not None:
        on = f" to item {found.item.number}" if found.item else ""
        return f"{escape(found.moved_by)} moved the meeting on{on} just now. Type `/meeting next` again to go on."
    if found.put_off:
        return f"{escape(found.put_off)} will be heard after the items that are left. What is already recorded stays."
    if found.skipped:
        return (
            f"{escape(found.skipped)} is skipped, so this meeting won't hear it. To go back to it, type "
            "`/meeting next` and its number."
        )
    if found.owed is None:
        return ""
    if found.item is not None and found.item.title == found.owed:
        return (
            f"{escape(found.owed)} has no decision yet, and no other item is left. Record a decision, "
            "or type `/meeting close` to carry it to the next meeting."
        )
    return f"{escape(found.owed)} has no decision yet, so it stays on the agenda."


def _next(found: CurrentItem) -> Block:
    """Return the button to the next item or, after the last one, the button that leads to closing."""
    if found.is_last:
        return close_button(found.panel_key, found.meeting_id)
    return button("Next item", "meeting.next", _under(found), style="primary")


def _under(found: CurrentItem) -> str:
    """Return the value of a button under the item. It has the item's id, so a late click can't change the next item."""
    return f"{found.panel_key}:{found.item.id if found.item else 0}"


def _controls(found: CurrentItem) -> list[Block]:
    under = _under(found)
    flag = found.item.flag if found.item is not None else None
    made = [_next(found)] if found.may_run else []
    if found.may_record:
        if found.item is not None:
            made.append(button("Record", "meeting.record", under))
        if flag is not None and not found.interim:
            made.append(button("Decide", "meeting.decide", under))
        made.append(button("Note", "meeting.note", under))
        if flag is not None:
            made.append(button("Crime disclosed", "action.crime", under))
    if flag is not None and found.is_nrm:
        made.append(button("NRM", "case.nrm", f"{found.panel_key}:{flag.case_id}"))
    if flag is not None:
        made.append(_interest(flag.reference, under))
    leaves = found.may_run and found.item is not None and found.item.state is ItemState.CURRENT
    skip = [button("Hear later", "meeting.later", under), button("Skip", "meeting.skip", under)] if leaves else []
    if leaves:
        skip.append(button("Split time", "meeting.split", under))
    if found.may_record:
        skip.append(button("My entries", "meeting.mine", found.panel_key))
    if found.has_earlier:
        skip.append(button("Earlier words", "meeting.earlier", under))
    return [buttons(*group) for group in (made, skip) if group]


def _interest(reference: str, under: str) -> Block:
    """Return the button with which a person declares an interest in the case and steps back from it."""
    words = f"You will step back from {reference}: you can no longer see or receive it, and the minutes will say so."
    confirm = sure("Declare an interest?", words, "Declare it", "Cancel")
    return button("I have an interest", "meeting.interest", under, confirm=confirm)


def split(found: SplitTime) -> str:
    """Return a message saying how many minutes each remaining case gets after the time left is split."""
    cases = "the case" if found.cases == 1 else f"each of the {found.cases} cases"
    each = f"*{counted(found.each, 'minute')}* for {cases}"
    return (
        f"{counted(found.left, 'minute')} left until {found.until:%H:%M}. That's {each}. Other items keep their times."
    )


def _returns(returns: Sequence[ReturnView]) -> list[list[Block]]:
    """Return the agencies' returns on a case. The first line names every agency, also those that have not answered.

    The text of each return follows.
    """
    if not returns:
        return []
    said = [f"{escape(one.agency_name)} {one.knowledge.label}" for one in returns if one.knowledge]
    owing = [escape(one.agency_name) for one in returns if not one.knowledge]
    if owing:
        said.append(f"not answered by {', '.join(owing)}" if said else f"none yet from {', '.join(owing)}")
    words = [spoken(cut(f"{one.agency_name}: {one.text}", 600)) for one in returns if one.text]
    return [[section(cut(f"*Returns:* {'; '.join(said)}", 2500))], *[[word] for word in words]]


def _actions(heading: str, actions: Sequence[ActionView]) -> list[list[Block]]:
    if not actions:
        return []
    return [[section(f"*{heading}*")], *[[section(cut(action_line(action), 600))] for action in actions]]


def note_line(note: NoteView) -> str:
    """Return one note of the meeting's record as a line that begins with the note's agency or heading."""
    if note.kind in _HEADED:
        return f"{capital(note.kind.label)}: {note.text}"
    dissent = " (dissent)" if note.kind is NoteKind.DISSENT else ""
    return f"{note.agency_name}{dissent}: {note.text}" if note.agency_name else note.text


#: Kinds of notes that have a heading in place of the agency that said them.
_HEADED: Final = (NoteKind.MAY_HAPPEN, NoteKind.RAISES_RISK, NoteKind.PROTECTS, NoteKind.CHILDS_VIEW)


def noted(found: CurrentItem) -> str:
    """Return a message that repeats the notes just recorded and says under which item they are."""
    where = f" under item {found.item.number}, {escape(found.item.title)}" if found.item else ""
    added = found.notes[-found.added :] if found.added else ()
    lines = "\n".join(f">{escape(cut(note_line(note), 300))}" for note in added)
    takes = "take it back" if len(added) < 2 else "take back the last of them"
    unsure = ""
    if found.unplaced:
        name = escape(found.unplaced)
        unsure = f"\nI can't tell which agency “{name}” is, so this counts as the panel's own discussion."
    return f"Noted{where}:\n{lines}\nTo {takes}: `/meeting undo`.{unsure}"


_OTHER_KINDS: Final = ((NoteKind.DISSENT.value, "Dissent of an agency"), *word_options(_HEADED))


def note_form(title: str, metadata: dict[str, Any]) -> View:
    """Return the form for a note under the item with this title."""
    blocks = [
        context(f"Under *{escape(title)}*"),
        field(
            "text",
            "What was said",
            text_input(lines=True),
            hint="Write a summary, not every word. If an agency shared it, begin with the agency: Police: …",
        ),
        field(
            "kind",
            "What it is",
            select(_OTHER_KINDS),
            optional=True,
        ),
    ]
    return modal("meeting.note", "Note", blocks, metadata=metadata)


def outcomes(found: CaseOutcomes) -> Said:
    """Return a message to a flagger or sending panel with the outcome of the cases that they brought to a meeting."""
    yours = "your case" if len(found.cases) == 1 else f"your {len(found.cases)} cases"
    text = f"{escape(found.panel_title)}, {moment(found.starts_at)}: the outcome of {yours}."
    coming = found.goes_on
    goes_on = f"it comes to the meeting on {day(coming)}" if coming else "no further meeting is in the diary"
    lines = [f"• *{escape(one.reference)}*: {_came_of(one, goes_on)}" for one in found.cases]
    return text, (section(text), *paragraphs(lines), context("`/case history REFERENCE` shows the reasons."))


def _came_of(one: CaseOutcome, goes_on: str) -> str:
    if one.passed is not None:
        return f"{one.passed.label}; {goes_on}"
    return "; ".join(kind.label + (f"{until_word(kind)} {day(on)}" if on else "") for kind, on in one.decided)
