"""The forms that give an action or ask for more time, and the draft of an action that is read from a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.language.action_kinds import guess_kind
from bot.models.vocabulary import ActionKind, Priority
from bot.records.actions.queries import ActionView
from bot.slack.blocks import (
    button,
    buttons,
    context,
    day,
    day_input,
    escape,
    field,
    modal,
    person_input,
    section,
    select,
    text_input,
    word_options,
)
from bot.slack.fallback import TYPE_AGAIN
from bot.slack.request import Said, View

DUE_EXAMPLES = "Friday, 27 November, in 2 weeks, next meeting"


def more_time_form(action: ActionView, metadata: dict[str, Any], *, due: date | None = None, reason: str = "") -> View:
    """Return the form that asks for more time for an action. The new date `due` and the `reason` are filled in."""
    blocks = [
        section(f"Action {action.id} is due *{day(action.due_on)}*."),
        field("due", "New date", day_input(initial=due.isoformat() if due else "")),
        field(
            "reason",
            "Reason",
            text_input(initial=reason, lines=True, most=1000),
            hint="Your reason goes into the minutes.",
        ),
    ]
    return modal("action.extend", f"More time: action {action.id}", blocks, submit="Ask", metadata=metadata)


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of an action that were read from a message. They are filled into the form or command for the action."""

    what: str = ""
    holder: str = ""  #: a user of Slack
    due: str = ""
    case: str = ""
    left_out: tuple[str, ...] = ()  #: a sentence for each part that was cut or could not be understood


MOST_WORDS = 1000  #: characters of an action


def hint(said: Draft) -> Said:
    """Return a reply saying that a message reads like an action, which the bot has not recorded.

    The reply has a button that types the command to record the action, or says which facts are missing.
    """
    if said.left_out or not said.holder:
        lines = [*said.left_out, *([] if said.holder else ["I couldn't see who should do it."])]
        text = "That reads like an action, but I haven't recorded it.\n" + "\n".join(f"• {line}" for line in lines)
        text += "\nChoose *Record as action* in the message's menu: the form opens with the message's words filled in."
        return text, (section(text),)
    about = f" case:{said.case}" if said.case and said.case not in said.what else ""
    by = "" if said.due.lower().startswith("before") else "by "
    typed = f"/action add <@{said.holder}> {escape(said.what)} {by}{escape(said.due)}{escape(about)}"
    text = f"That reads like an action, but I haven't recorded it. *Record it* types this for you:\n>{typed}"
    return text, (section(text), buttons(button("Record it", TYPE_AGAIN, 0, style="primary") | {"value": typed}))


def record_form(
    said: Draft,
    *,
    panels: Sequence[tuple[str, str]],
    panel: str | None,
    metadata: dict[str, Any],
    under: str = "",
) -> View:
    """Return the form for a new action, filled in from `said`.

    `under` is the title of its agenda item, if it has one.
    """
    text = said.what
    blocks = [
        field("holder", "Who", person_input(initial=said.holder)),
        field(
            "text",
            "What",
            text_input(initial=text, lines=True, most=MOST_WORDS),
            hint="Write one thing to do and what it should achieve. Use case references, never names.",
        ),
        field(
            "kind",
            "Kind",
            select(word_options(ActionKind), initial=guess_kind(text).value if text else None),
            hint="If you leave this empty, I'll choose the kind from the words.",
            optional=True,
        ),
        field("due", "Due date", text_input(initial=said.due, placeholder=DUE_EXAMPLES, most=80)),
        field("priority", "Priority", select(word_options(Priority), initial=Priority.NORMAL.value)),
    ]
    if under:
        blocks.insert(0, context(f"Under *{escape(under)}*, {escape(panels[0][1])}"))
        return modal("action.record", "New action", blocks, submit="Add", metadata=metadata)
    blocks.append(field("case", "Case reference", text_input(initial=said.case, most=20), optional=True))
    if len(panels) > 1:
        blocks.insert(0, field("panel", "Panel", select(panels, initial=panel)))
    elif panels:
        blocks.insert(0, context(f"For {escape(panels[0][1])}."))
    if said.left_out:
        blocks.insert(0, section("\n".join(f":warning: {sentence}" for sentence in said.left_out)))
    return modal("action.record", "Record as action", blocks, submit="Record", metadata=metadata)
