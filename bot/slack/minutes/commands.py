"""`/minutes`: from the record to a Word document; chat says only where they stand, their words are in the file."""

from bot.domain.language.day_words import YearDay
from bot.domain.permissions import Verb as May
from bot.models.vocabulary import MinutesState
from bot.records.access.queries import Where
from bot.services.minutes import papers
from bot.services.minutes.papers import MinutesView
from bot.slack.blocks import counted, escape, moment
from bot.slack.minutes import paper_commands
from bot.slack.minutes.paper_commands import day_meant
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import Reply, Request, take_panel


def _which(minutes: MinutesView) -> str:
    return f"{escape(minutes.panel_title)}, {moment(minutes.starts_at)}, version {minutes.version}"


def drafted(minutes: MinutesView) -> str:
    """That a draft is written and on its way."""
    return (
        f"Draft minutes of {_which(minutes)}: {counted(minutes.items, 'item')}, {counted(minutes.actions, 'action')}. "
        f"{escape(minutes.sitting)}{' ' if minutes.sitting else ''}"
        "The Word file is on its way to you and the chair. "
        f"The chair approves with `/minutes approve {minutes.panel_key}`."
    )


def approved(minutes: MinutesView) -> str:
    """That they are approved."""
    return f"The minutes of {_which(minutes)} are approved and do not change any more. Members are being told."


def exported(minutes: MinutesView) -> str:
    """That the file is on its way."""
    mark = "draft" if minutes.state is MinutesState.DRAFT else "approved"
    return f"The minutes of {_which(minutes)} ({mark}) are on their way to your direct messages."


def told(minutes: MinutesView) -> str:
    """Telling a member where to get them."""
    return (
        f"The minutes of {_which(minutes)} are approved. "
        f"`/minutes export {minutes.panel_key}` sends you the Word file, as you may see it."
    )


def _meant(request: Request, verb: May) -> tuple[Where, YearDay | None]:
    """The panel, and the day of the meeting when one is named."""
    where, text = take_panel(request, request.text, verb)
    return where, day_meant(text, _WITHOUT_DAY[verb])


_WITHOUT_DAY = {
    May.DRAFT_MINUTES: "Without a day I take the latest meeting without approved minutes.",
    May.APPROVE_MINUTES: "Without a day I take the latest draft.",
    May.READ_MINUTES: "Without a day I send the latest minutes.",
}


def _draft(request: Request) -> Reply:
    where, on = _meant(request, May.DRAFT_MINUTES)
    return Reply(text=drafted(request.do(papers.draft_minutes, where, on)))


def _approve(request: Request) -> Reply:
    where, on = _meant(request, May.APPROVE_MINUTES)
    return Reply(text=approved(request.do(papers.approve_minutes, where, on)))


def _export(request: Request) -> Reply:
    where, on = _meant(request, May.READ_MINUTES)
    found = request.do(papers.export_minutes, where, request_key=request.key[:32], on=on)
    return Reply(text=exported(found))


_VERBS = (
    Verb(
        "draft",
        "[DAY] [panel]",
        "write the minutes; without a day, of the latest meeting without approved ones",
        "7 April 2026",
        _draft,
    ),
    Verb("approve", "[DAY] [panel]", "the chair approves the draft", "", _approve),
    Verb("export", "[DAY] [panel]", "get them as a Word file by direct message", "7 April 2026", _export),
)

NOUN = Noun(
    command=Command("/minutes", "Draft, approve and fetch the minutes", (*_VERBS, *paper_commands.VERBS)),
    clicks=paper_commands.CLICKS,
)
