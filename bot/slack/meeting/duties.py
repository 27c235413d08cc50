"""Replies in a meeting: where they are shown, and what a refused member reads.

A refusal says who may do the task, and offers what the refused member may do.
"""

from bot.errors import NotAcknowledged, NotTheirDuty
from bot.slack.blocks import button, modal, section
from bot.slack.meeting.statement_views import here_button, statement
from bot.slack.request import Handler, Offering, Reply, Request, Said, View


def shown_anywhere(request: Request, found: Said, title: str, *, replaces: bool = False) -> Reply:
    """Return a reply that shows a message. After a click in a modal or on Home, a modal with this title shows it.

    `replaces` means the same as in `Reply`.
    """
    if request.clicked is None or request.is_from("message"):
        return request.shown(found, replaces=replaces)
    text, blocks = found
    return request.shown(modal("notice", title, blocks or [section(text)], submit=None))


def telling_whose(handler: Handler) -> Handler:
    """Return a handler that runs `handler`. If the handler refuses a person, the refusal says who may do the task.

    The refusal has buttons for what the refused member may do. A person who has not accepted the confidentiality
    statement gets the statement with a button to accept it.
    """

    def answer(request: Request) -> Reply:
        try:
            return handler(request)
        except NotTheirDuty as refused:
            raise _offering(refused) from refused
        except NotAcknowledged as refused:
            said = statement(str(refused), refused.statement, refused.meeting_id, refused.commands)
            if request.is_from("modal"):
                return Reply(modal=modal("notice", "Not done yet", said[1], submit=None))
            return shown_anywhere(request, said, "Not done yet")

    return answer


def above_form(form: View, refused: NotAcknowledged) -> View:
    """Return the submitted form with the confidentiality statement and the button to accept it above the fields."""
    _, blocks = statement(str(refused), refused.statement, refused.meeting_id)
    return {**form, "blocks": [*blocks, *form["blocks"]]}


def _offering(refused: NotTheirDuty) -> Offering:
    offered = []
    if refused.may_open_items:
        offered.append(button("Open item", "meeting.item", f"{refused.panel_key}:0"))
    if refused.meeting_id is not None and not refused.is_here:
        offered.append(here_button(refused.meeting_id))
    return Offering(str(refused), offered)
