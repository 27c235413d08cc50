"""`/minutes`: from the record to a Word document."""

from bot.services import minutes
from bot.slack.parsing import the_panel
from bot.slack.registry import Command, Noun, Verb
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import minutes as show


def _draft(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show.drafted(minutes.draft_minutes(request.work, request.actor, where)))


def _approve(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show.approved(minutes.approve_minutes(request.work, request.actor, where)))


def _export(request: Request) -> Reply:
    where = the_panel(request)
    found = minutes.export_minutes(request.work, request.actor, where, request_key=request.key[:32])
    return Reply(text=show.exported(found))


COMMAND = Command(
    "/minutes",
    "Draft, approve and fetch the minutes",
    (
        Verb("draft", "[panel]", "write the minutes of the last meeting held", "", _draft),
        Verb("approve", "[panel]", "the chair approves the draft", "", _approve),
        Verb("export", "[panel]", "get them as a Word file by direct message", "", _export),
    ),
)

NOUN = Noun(command=COMMAND)
