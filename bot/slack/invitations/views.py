"""Invitations in chat: the invitation with its buttons, the answer in place of the buttons, and lists of replies."""

from collections.abc import Sequence

from bot.models.vocabulary import MeetingState, Reply
from bot.records.invitations.changes import InvitationView
from bot.records.invitations.queries import AgencyAnswer, Expected
from bot.services.invitations.answering import Answered, DeputyForm, StandingIn
from bot.services.invitations.asking import Overtaken, QuorumWarning
from bot.services.invitations.replies import RepliesView
from bot.slack.blocks import (
    VIEW_BLOCKS,
    button,
    buttons,
    capital,
    context,
    counted,
    day,
    divider,
    escape,
    field,
    modal,
    moment,
    page,
    person_input,
    section,
    sitting,
    spoken,
    sure,
    text_input,
)
from bot.slack.cases.flag_views import flag_button
from bot.slack.request import Block, Said, View

_CASES_ELSEWHERE = "Write no names. Put what you know of a case into your agency's return."


def invitation(view: InvitationView, *, flags: bool = False, again: bool = False) -> Said:
    """Return an invitation to a meeting with buttons to answer, or with the answer given. `again` marks a reminder."""
    text = f"{'Please answer: ' if again else ''}{escape(view.panel_title)} meets on {_when(view)}."
    return text, (section(text), *_dates(view, flags=flags), *question(view))


def overtaken(found: Overtaken) -> Said | None:
    """Return the new text of an earlier message about a moved or cancelled meeting, or None for any other meeting."""
    before = f"{escape(found.panel_title)}, ~{moment(found.was_at)}~"
    if found.is_cancelled:
        text = f"{before}: cancelled."
    elif found.starts_at != found.was_at:
        text = f"{before}: moved to {_when(found)}."
    else:
        return None
    return text, (section(text),)


def meets(found: Overtaken) -> Said:
    """Return a message that says when and where a meeting is and asks for no answer."""
    text = f"{escape(found.panel_title)} meets on {_when(found)}."
    return text, (section(text), buttons(_file(found.meeting_id)))


def question(view: InvitationView) -> tuple[Block, ...]:
    """Return the buttons that answer an invitation or, once it is answered, the answer and a button to change it."""
    if view.state is not MeetingState.SCHEDULED:
        return (buttons(_file(view.meeting_id)),)
    if view.reply is not None:
        return (
            section(answer(view)),
            buttons(button("Change", "invitation.change", _under(view)), _file(view.meeting_id)),
        )
    made = answers(_under(view), may_send_deputy=view.may_send_deputy, style="primary")
    return (buttons(*made, _file(view.meeting_id)),)


def changing(view: InvitationView) -> Said:
    """Return a message with an answered invitation and the buttons for another answer."""
    text = f"{escape(view.panel_title)} meets on {_when(view)}."
    leave = button("Leave it", "invitation.leave", _under(view))
    made = answers(_under(view), may_send_deputy=view.may_send_deputy)
    return text, (section(text), section(answer(view)), buttons(*made, leave))


def changing_form(view: InvitationView) -> View:
    """Return a modal with an answered invitation and the buttons for another answer, for a person on Home."""
    text = f"*{escape(view.panel_title)}*, {_when(view)}"
    made = answers(_under(view), may_send_deputy=view.may_send_deputy)
    blocks = [section(text), section(answer(view)), buttons(*made)]
    return modal("notice", "Change my answer", blocks, submit=None)


def answers(under: str, *, may_send_deputy: bool, style: str | None = None) -> list[Block]:
    """Return the buttons that answer an invitation.

    `under` is the buttons' value: the number and time of the meeting. `style` is the style of the first button.
    """
    deputy = [button("A deputy comes", "invitation.deputy", under)] if may_send_deputy else []
    coming = button("I am coming", "invitation.coming", under, style=style)
    return [coming, *deputy, button("Apologies", "invitation.apologies", under)]


def _under(view: InvitationView) -> str:
    return f"{view.meeting_id}:{view.at}"


def answer(view: InvitationView) -> str:
    """Return a sentence that repeats a member's own answer to an invitation."""
    match view.reply:
        case Reply.COMING:
            return "*You are coming.*"
        case Reply.DEPUTY:
            return f"*{escape(view.deputy_name)} is coming in your place.*"
        case Reply.APOLOGIES:
            sent = " The chair and co-ordinator have what your agency sent." if view.has_sent_information else ""
            return f"*You have sent apologies.*{sent}"
        case None:
            return "You have not answered yet."


def answered(found: Answered) -> str:
    """Return a sentence to the person who answered an invitation, repeating the recorded answer and its meeting."""
    view = found.invitation
    if found.is_own:
        said = answer(view)
    elif view.reply is Reply.DEPUTY:
        said = f"*{escape(view.deputy_name)} is coming in place of {escape(found.name)}.*"
    elif view.reply is Reply.COMING:
        said = f"*{escape(found.name)} is coming.*"
    else:
        said = f"*{escape(found.name)} has sent apologies.*"
    return (
        f"{said} {escape(view.panel_title)}, {moment(view.starts_at)}. "
        "You can change the answer until the meeting opens."
    )


def answered_for(view: InvitationView) -> Said:
    """Return a message telling a member that the chair or co-ordinator entered an answer for them."""
    text = f"An answer was entered for you: {escape(view.panel_title)} meets on {_when(view)}."
    return text, (section(text), *question(view))


def stand_in(found: StandingIn) -> Said:
    """Return a message telling a deputy that they are to come to a meeting for a member, or no longer need to come."""
    view = found.invitation
    if view is None:
        when = f"{escape(found.panel_title)} on {moment(found.starts_at)}"
        if found.is_cancelled:
            text = f"The meeting of {when} is cancelled, so you are not needed there."
            return text, (section(text), buttons(_file(found.meeting_id)))
        text = f"You are no longer needed at {when}."
        return text, (section(text),)
    text = f"{escape(found.sent_by)} has named you as deputy: {escape(view.panel_title)} meets on {_when(view)}."
    until = context("Until the end of that day, you can see the panel's agenda and actions.")
    return text, (section(text), *_dates(view, flags=False), until, *question(view))


def deputy_away(view: InvitationView) -> Said:
    """Return a message telling a member that the deputy they named can't come."""
    text = f"The deputy you named cannot come to {escape(view.panel_title)} on {_when(view)}. Who comes for you?"
    return text, (section(text), *question(view))


def deputy_form(form: DeputyForm) -> View:
    """Return the form that asks which colleague comes as deputy."""
    view = form.invitation
    blocks = [
        section(f"*{escape(view.panel_title)}*, {_when(view)}."),
        field(
            "deputy",
            "Who comes",
            person_input(initial=form.deputy_user_id),
            hint="Choose a colleague from your agency.",
        ),
        context("I'll tell your deputy. Until the end of that day, they can see the panel's agenda and actions."),
    ]
    return modal(
        "invitation.deputy",
        "A deputy comes",
        blocks,
        submit="They come",
        metadata={"meeting": view.meeting_id, "at": view.at},
    )


def apologies_form(view: InvitationView, before: str) -> View:
    """Return the form for apologies, with a field for information that the agency sends instead of a person."""
    blocks = [
        section(f"*{escape(view.panel_title)}*, {_when(view)}."),
        field(
            "information",
            "What your agency sends instead",
            text_input(initial=before, lines=True),
            optional=True,
            hint=_CASES_ELSEWHERE,
        ),
        context("The chair and the co-ordinator see this, and it goes into the minutes."),
    ]
    return modal(
        "invitation.apologies",
        "Apologies",
        blocks,
        submit="Send apologies",
        metadata={"meeting": view.meeting_id, "at": view.at},
    )


def replies(view: RepliesView) -> View:
    """Return a modal with each agency's replies to an invitation, and whether the meeting will be quorate."""
    top: list[Block] = [
        section(f"*{escape(view.panel_title)}*, {sitting(view.starts_at, view.ends_at)}"),
        section(f"*{escape(view.forecast.words)}*"),
    ]
    if view.reminded is not None:
        top.append(section(_reminded(view.reminded, view.asleep)))
    elif view.to_remind:
        asked = f"I'll ask {_people(view.to_remind)}. I remind each person only once."
        confirm = sure("Ask them again?", asked, "Ask them", "Not now")
        label = "Remind those who have not answered"
        top.append(buttons(button(label, "invitation.remind", view.meeting_id, confirm=confirm)))
    groups = [_agency(one, view.sent) for one in view.agencies]
    shown = page(groups, most_blocks=VIEW_BLOCKS - len(top) - 1, more="Not all agencies fit here.")
    blocks = [*top, divider(), *(shown or (section("Nobody is on this panel yet."),))]
    return modal("replies", "Who is coming", blocks, submit=None)


def _agency(one: AgencyAnswer, sent: dict[int, str]) -> list[Block]:
    aside = "" if one.is_counted else " (not counted for the quorum)"
    lines = [f"*{escape(one.name)}*: {_state(one.reply)}{aside}", *(_line(person, sent) for person in one.people)]
    made: list[Block] = [section("\n".join(lines))]
    for person in one.people:
        if person.person_id in sent:
            made += [context(f"{escape(person.name)} sends:"), spoken(sent[person.person_id])]
    return made


def _state(reply: Reply | None) -> str:
    return "no answer yet" if reply is None else {Reply.DEPUTY: "a deputy comes"}.get(reply, reply.label)


def _line(one: Expected, sent: dict[int, str]) -> str:
    if one.reply is Reply.DEPUTY:
        state = f"sends {escape(one.deputy_name)}"
    elif one.reply is Reply.APOLOGIES:
        state = "apologies, with information" if one.person_id in sent else "apologies, nothing sent"
    else:
        state = _state(one.reply)
    return f"• {escape(one.name)}: {state}"


def _reminded(count: int, asleep: int) -> str:
    said = f"I'm asking {_people(count)} once more." if count else "Nobody was asked."
    if asleep:
        said += f" {_people(asleep)} {'is' if asleep == 1 else 'are'} out of working hours: try again then."
    return said


def _people(count: int) -> str:
    return counted(count, "person", "people")


def warning(found: QuorumWarning) -> Said:
    """Return a warning to a chair or co-ordinator that a meeting may lack a quorum, with buttons to act on this."""
    text = f"{escape(found.panel_title)}, {moment(found.starts_at)}: {escape(found.forecast.words)}"
    return text, (
        section(f"*{escape(found.panel_title)}*, {moment(found.starts_at)}\n{escape(found.forecast.words)}"),
        context("Call anyone missing, ask for a deputy, or move the meeting."),
        buttons(
            button("See replies", "invitation.replies", found.meeting_id, style="primary"),
            button("Move the meeting", "invitation.move", found.meeting_id),
        ),
    )


def _dates(view: InvitationView, *, flags: bool) -> Sequence[Block]:
    if not view.knows_cases:
        return ()
    dates = view.deadlines
    named = (("flags by", dates.flags_close), ("agenda on", dates.agenda), ("returns by", dates.returns))
    said = " · ".join(f"{what} {day(on)}" for what, on in named if on >= view.today)
    lines = [context(capital(said))] if said else []
    if flags and dates.flags_close >= view.today:
        lines.append(section("You can flag cases from now on.", flag_button(view.panel_key)))
    return lines


def _when(view: InvitationView | Overtaken) -> str:
    return sitting(view.starts_at, view.ends_at, view.venue)


def _file(meeting_id: int) -> Block:
    return button("Calendar file", "calendar.file", meeting_id)


def under_notice(view: InvitationView | None, meeting_id: int) -> tuple[Block, ...]:
    """Return the buttons under a notice of a changed meeting: those of the invitation, or one for a calendar file."""
    return (buttons(_file(meeting_id)),) if view is None else question(view)
