"""Cases that can't wait for their meeting: the message and forms for the chair, and messages to the flaggers."""

from bot.records.cases.queries import FlagView
from bot.services.agenda.sooner import UrgentFlag
from bot.slack.blocks import (
    button,
    buttons,
    context,
    day_input,
    escape,
    field,
    modal,
    moment,
    section,
    spoken,
    text_input,
)
from bot.slack.cases.views import marks
from bot.slack.request import Said, View


def urgent(found: UrgentFlag) -> Said:
    """Return the message that asks the chair when to hear an urgent case: today, at an extra meeting, or as flagged."""
    flag = found.flag
    who = f"{escape(flag.presenter_name)} ({escape(flag.agency_name)})"
    at = f"the meeting of {escape(flag.panel_title)} on {moment(flag.meeting_at)}"
    if found.is_urgent:
        text = f"*{escape(flag.reference)}* can't wait for {at}. {who} flagged it."
    else:
        text = (
            f"{who} has just flagged *{escape(flag.reference)}* for {at}. "
            "The panel is meeting now. When should it hear the case?"
        )
    if not found.may_triage:
        return text, (
            section(text),
            context("Only a chair can decide when the case is heard. The panel has no chair just now."),
        )
    answers = [
        *([button("Hear it today", "agenda.today", flag.id, style="primary")] if found.meets_now else []),
        button("Hear it now", "agenda.now", flag.id, style=None if found.meets_now else "primary"),
        button("At the meeting", "agenda.hear", flag.id),
        *([button("Why it can't wait", "agenda.why", found.asked_id)] if found.is_urgent else []),
    ]
    return text, (section(text), context(marks(flag)), buttons(*answers))


def asked(found: UrgentFlag) -> str:
    """Return a sentence to the flagger, saying that the chair is asked to hear a case before its meeting."""
    return f"I've asked the chair to hear *{escape(found.flag.reference)}* before {moment(found.flag.meeting_at)}."


def why(flag: FlagView) -> View:
    """Return a modal with the flagger's reason why a case can't wait."""
    said = flag.urgent_because or "There is no reason on record."
    return modal("notice", flag.reference, [spoken(f"The case can't wait because: {said}")], submit=None)


def today_form(flag: FlagView) -> View:
    """Return the form in which the chair gives the reason for hearing a case today."""
    about = f"*{escape(flag.reference)}* will be heard at the end of the open meeting."
    return modal(
        "agenda.today", "Hear it today", [context(about), *_reason()], submit="Hear it", metadata={"flag": flag.id}
    )


def now_form(flag: FlagView) -> View:
    """Return the form for an extraordinary meeting that hears one case: date, time, venue and reason."""
    about = (
        f"*{escape(flag.reference)}* will have an extraordinary meeting of one hour, before {moment(flag.meeting_at)}. "
        "I'll invite all members. Only those who may read the case will get the agenda."
    )
    blocks = [
        context(about),
        field("date", "Date", day_input()),
        field("time", "Time", text_input(most=5, placeholder="14:00"), hint="Such as 14:00."),
        field(
            "venue",
            "Where",
            text_input(most=200),
            optional=True,
            hint="If you leave this empty, I'll use the panel's usual venue.",
        ),
        *_reason(),
    ]
    return modal("agenda.now", "Hear it now", blocks, submit="Hear it", metadata={"flag": flag.id})


def _reason() -> list[dict[str, object]]:
    hint = "Each agency that flagged the case can read this."
    return [field("reason", "Reason", text_input(lines=True, most=1000), hint=hint)]


def heard(flag: FlagView) -> str:
    """Return a sentence to the chair, saying on which day and at what time a case is now heard."""
    return (
        f"*{escape(flag.reference)}* will be heard on {moment(flag.meeting_at)}. I'm telling each agency that "
        f"flagged it."
    )


def told(flag: FlagView) -> Said:
    """Return a message telling the flagger that the case is heard sooner than at the meeting for which it was flagged.

    A button shows the chair's reason.
    """
    text = (
        f"{escape(flag.reference)}, flagged to {escape(flag.panel_title)}, will be heard sooner: "
        f"{moment(flag.meeting_at)}."
    )
    return text, (section(text, button("Show the reason", "agenda.why_sooner", flag.id)),)


def why_sooner(flag: FlagView) -> View:
    """Return a modal with the chair's reason for hearing a case before its meeting."""
    said = flag.sooner_because or "There is no reason on record."
    return modal("notice", flag.reference, [section(told(flag)[0]), spoken(f"The chair: {said}")], submit=None)
