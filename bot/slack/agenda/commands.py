"""`/agenda`: the chair's triage, the order of the day, and what agencies bring."""

from bot.domain.permissions import Verb as May
from bot.errors import NotForYou
from bot.models.vocabulary import ReturnKnowledge
from bot.records.access.queries import Where, find_panel
from bot.services.agenda import returns, triage
from bot.services.agenda.triage import Verdict
from bot.slack import pages
from bot.slack.agenda import returns_views, views
from bot.slack.blocks import escape
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import Reply, Request, View, the_panel
from bot.store.rows import Page

_PAGE = Page(0, pages.LINES)


def _triage(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(modal=_triaging(request, where))


def _triaging(request: Request, where: Where, note: str = "", starts: pages.Starts = pages.FIRST) -> View:
    page = starts.page(pages.FLAGS)
    return views.triage(triage.flags_to_triage(request.work, request.actor, where, page), note, starts)


def _turned_triage(request: Request) -> Reply:
    """Another page of the flags, in its place."""
    panel_key, starts = pages.taken(request.value)
    return Reply(next_view=_triaging(request, Where(panel_key=panel_key), starts=starts))


def _turned(request: Request) -> Reply:
    """Another page of the agenda, in its place."""
    panel_key, starts = pages.taken(request.value)
    page = starts.page(pages.LINES)
    agenda = triage.show_agenda(request.work, request.actor, Where(panel_key=panel_key), page)
    text, blocks = views.shown(agenda, starts=starts)
    return Reply(text=text, blocks=blocks, replaces=True)


def _show(request: Request) -> Reply:
    where = the_panel(request)
    text, blocks = views.shown(triage.show_agenda(request.work, request.actor, where, _PAGE))
    return Reply(text=text, blocks=blocks)


def _compile(request: Request) -> Reply:
    where = the_panel(request)
    agenda = triage.compile_agenda(request.work, request.actor, where, _PAGE)
    text, blocks = views.shown(agenda, "Compiled. `/agenda publish` circulates it.")
    return Reply(text=text, blocks=blocks)


def _publish(request: Request) -> Reply:
    where = the_panel(request)
    agenda = triage.publish_agenda(request.work, request.actor, where, _PAGE)
    text, blocks = views.shown(agenda, "Published: members are being told, and the Word file is on its way to you.")
    return Reply(text=text, blocks=blocks)


def _returns(request: Request) -> Reply:
    """The gaps for the office; an agency's own list for who answers for one."""
    where = the_panel(request)
    try:
        find_panel(request.work, request.actor, where, May.SEE_RETURNS)
    except NotForYou:
        return Reply(modal=returns_views.owed(returns.returns_asked(request.work, request.actor, where)))
    return Reply(modal=returns_views.gaps(returns.gaps(request.work, request.actor, where)))


def _accepted(request: Request) -> Reply:
    flag = triage.triage_flag(request.work, request.actor, request.number(), Verdict.ACCEPT)
    return Reply(next_view=_remaining(request, f"{escape(flag.reference)} is accepted."))


def _defer(request: Request) -> Reply:
    return Reply(next_view=views.reason_form(request.number(), Verdict.DEFER, *_back(request)))


def _signpost(request: Request) -> Reply:
    return Reply(next_view=views.reason_form(request.number(), Verdict.SIGNPOST, *_back(request)))


def _reasoned(request: Request) -> Reply:
    flag = triage.triage_flag(
        request.work,
        request.actor,
        request.metadata.number("flag"),
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


def _mine(request: Request) -> Reply:
    found = returns.returns_of_meeting(request.work, request.actor, request.number())
    return request.shown(returns_views.owed(found))


def _gaps(request: Request) -> Reply:
    return request.shown(returns_views.gaps(returns.gaps_of_meeting(request.work, request.actor, request.number())))


def _page(request: Request) -> Reply:
    meeting_id, _, page = request.value.partition(":")
    found = returns.returns_of_meeting(request.work, request.actor, int(meeting_id))
    return Reply(next_view=returns_views.owed(found, page=int(page)))


def _gaps_page(request: Request) -> Reply:
    meeting_id, _, page = request.value.partition(":")
    return Reply(
        next_view=returns_views.gaps(returns.gaps_of_meeting(request.work, request.actor, int(meeting_id)), int(page))
    )


def _answer(request: Request) -> Reply:
    found = returns.return_form(request.work, request.actor, request.number())
    return Reply(next_view=returns_views.form(found, int(request.metadata.get("page", 0))))


def _answered(request: Request) -> Reply:
    flag_id = request.metadata.number("flag")
    knowledge = ReturnKnowledge(request.field("knowledge"))
    found = returns.make_return(request.work, request.actor, flag_id, knowledge, request.field("text"))
    reference = next((line.reference for line in found.lines if line.flag_id == flag_id), "")
    note = f"Thank you: {escape(reference)} is answered."
    return Reply(next_view=returns_views.owed(found, note, int(request.metadata.get("page", 0))))


def _rest(request: Request) -> Reply:
    found, count = returns.nothing_to_add(request.work, request.actor, request.number())
    note = f"Thank you: nothing to add to {count} case{'' if count == 1 else 's'}."
    return Reply(next_view=returns_views.owed(found, note, int(request.metadata.get("page", 0))))


def _open(request: Request) -> Reply:
    return Reply(modal=returns_views.case(returns.case_returns(request.work, request.actor, request.number())))


RETURNS = Noun(
    clicks={
        "returns.mine": _mine,
        "returns.gaps": _gaps,
        "returns.page": _page,
        "returns.gaps_page": _gaps_page,
        "returns.answer": _answer,
        "returns.rest": _rest,
        "returns.open": _open,
    },
    submissions={"returns.answer": _answered},
    reads=frozenset(
        {"returns.mine", "returns.gaps", "returns.page", "returns.gaps_page", "returns.answer", "returns.open"}
    ),
)
