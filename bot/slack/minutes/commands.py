"""`/minutes`: from the record to a Word document."""

import contextlib
from datetime import date, datetime

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.records.access.queries import Where
from bot.services.minutes import papers
from bot.slack.minutes import views
from bot.slack.parsing import plain, take_panel
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import Reply, Request


def _meant(request: Request, verb: May) -> tuple[Where, date | None]:
    """The panel, and the day of the meeting when one is named."""
    where, text = take_panel(request, request.text, verb)
    words = plain(text)
    if not words:
        return where, None
    for form in ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d/%m/%Y"):
        with contextlib.suppress(ValueError):
            return where, datetime.strptime(words, form).date()  # noqa: DTZ007 - a day has no zone
    raise Mistake("Which meeting? Give its day with the year, such as `7 April 2026`, or nothing for the latest.")


def _draft(request: Request) -> Reply:
    where, on = _meant(request, May.DRAFT_MINUTES)
    return Reply(text=views.drafted(papers.draft_minutes(request.work, request.actor, where, on)))


def _approve(request: Request) -> Reply:
    where, on = _meant(request, May.APPROVE_MINUTES)
    return Reply(text=views.approved(papers.approve_minutes(request.work, request.actor, where, on)))


def _export(request: Request) -> Reply:
    where, on = _meant(request, May.READ_MINUTES)
    found = papers.export_minutes(request.work, request.actor, where, request_key=request.key[:32], on=on)
    return Reply(text=views.exported(found))


COMMAND = Command(
    "/minutes",
    "Draft, approve and fetch the minutes",
    (
        Verb("draft", "[DAY] [panel]", "write the minutes of the meeting that waits for them", "7 April 2026", _draft),
        Verb("approve", "[DAY] [panel]", "the chair approves the draft", "", _approve),
        Verb("export", "[DAY] [panel]", "get them as a Word file by direct message", "7 April 2026", _export),
    ),
)

NOUN = Noun(command=COMMAND)
