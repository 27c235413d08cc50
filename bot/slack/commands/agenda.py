"""`/agenda`: the chair's triage, and the order of the day."""

from bot.domain.permissions import Verb as May
from bot.errors import NotForYou
from bot.records.access.queries import Where, find_panel
from bot.services.agenda import returns, triage
from bot.services.agenda.triage import Verdict
from bot.slack.parsing import the_panel
from bot.slack.registry import Command, Noun, Verb
from bot.slack.reply import Reply, View
from bot.slack.request import Request
from bot.slack.views import agendas as show
from bot.slack.views import pages
from bot.slack.views import returns as show_returns
from bot.slack.views.blocks import escape
from bot.store.pages import Page

_PAGE = Page(0, pages.LINES)


def _triage(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(modal=_triaging(request, where))


def _triaging(request: Request, where: Where, note: str = "", starts: pages.Starts = pages.FIRST) -> View:
    page = Page(starts.first, pages.FLAGS)
    return show.triage(triage.flags_to_triage(request.work, request.actor, where, page), note, starts)


def _turned_triage(request: Request) -> Reply:
    """Another page of the flags, in its place."""
    panel_key, starts = pages.taken(request.value)
    return Reply(next_view=_triaging(request, Where(panel_key=panel_key), starts=starts))


def _turned(request: Request) -> Reply:
    """Another page of the agenda, in its place."""
    panel_key, starts = pages.taken(request.value)
    page = Page(starts.first, pages.LINES)
    agenda = triage.show_agenda(request.work, request.actor, Where(panel_key=panel_key), page)
    text, blocks = show.shown(agenda, starts=starts)
    return Reply(text=text, blocks=blocks, replaces=True)


def _show(request: Request) -> Reply:
    where = the_panel(request)
    text, blocks = show.shown(triage.show_agenda(request.work, request.actor, where, _PAGE))
    return Reply(text=text, blocks=blocks)


def _compile(request: Request) -> Reply:
    where = the_panel(request)
    agenda = triage.compile_agenda(request.work, request.actor, where, _PAGE)
    text, blocks = show.shown(agenda, "Compiled. `/agenda publish` circulates it.")
    return Reply(text=text, blocks=blocks)


def _publish(request: Request) -> Reply:
    where = the_panel(request)
    agenda = triage.publish_agenda(request.work, request.actor, where, _PAGE)
    text, blocks = show.shown(agenda, "Published: members are being told, and the Word file is on its way to you.")
    return Reply(text=text, blocks=blocks)


def _returns(request: Request) -> Reply:
    """The gaps for the office; an agency's own list for who answers for one."""
    where = the_panel(request)
    try:
        find_panel(request.work, request.actor, where, May.SEE_RETURNS)
    except NotForYou:
        return Reply(modal=show_returns.owed(returns.returns_asked(request.work, request.actor, where)))
    return Reply(modal=show_returns.gaps(returns.gaps(request.work, request.actor, where)))


def _accepted(request: Request) -> Reply:
    flag = triage.triage_flag(request.work, request.actor, int(request.value), Verdict.ACCEPT)
    return Reply(next_view=_remaining(request, f"{escape(flag.reference)} is accepted."))


def _defer(request: Request) -> Reply:
    return Reply(next_view=show.reason_form(int(request.value), Verdict.DEFER, *_back(request)))


def _signpost(request: Request) -> Reply:
    return Reply(next_view=show.reason_form(int(request.value), Verdict.SIGNPOST, *_back(request)))


def _reasoned(request: Request) -> Reply:
    flag = triage.triage_flag(
        request.work,
        request.actor,
        int(request.metadata["flag"]),
        Verdict(request.metadata["verdict"]),
        request.field("reason"),
    )
    return Reply(next_view=_remaining(request, f"{escape(flag.reference)} is {flag.state.label}."))


def _back(request: Request) -> tuple[str, str]:
    """The panel and the page to which a form leads back."""
    return request.metadata["panel"], request.metadata.get("starts", "")


def _remaining(request: Request, note: str) -> View:
    panel_key, starts = _back(request)
    return _triaging(request, Where(panel_key=panel_key), note, pages.Starts.read(starts))


COMMAND = Command(
    "/agenda",
    "What the next meeting hears, in which order",
    (
        Verb("triage", "[panel]", "the chair accepts, defers or signposts each flag", "", _triage),
        Verb("show", "[panel]", "the agenda as it stands", "", _show, reads=True),
        Verb("compile", "[panel]", "lay it out from what was accepted and what is due", "", _compile),
        Verb("publish", "[panel]", "circulate it to the members", "", _publish),
        Verb("returns", "[panel]", "what your agency will bring; for the chair, the gaps", "", _returns, reads=True),
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks={
        "agenda.accept": _accepted,
        "agenda.defer": _defer,
        "agenda.signpost": _signpost,
        "agenda.page": _turned,
        "agenda.triage_page": _turned_triage,
    },
    submissions={"agenda.reason": _reasoned},
    reads=frozenset({"agenda.page", "agenda.defer", "agenda.signpost"}),
)
