"""`/agenda`: the chair's triage, and the order of the day."""

from bot.domain.permissions import Verb as May
from bot.errors import NotForYou
from bot.services import agendas, return_gaps, returns
from bot.services.agendas import Verdict
from bot.slack.parsing import the_panel
from bot.slack.registry import Command, Noun, Verb
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import agendas as show
from bot.slack.views import returns as show_returns
from bot.slack.views.blocks import escape
from bot.store.access import Where, find_panel


def _triage(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(modal=show.triage(agendas.flags_to_triage(request.work, request.actor, where)))


def _show(request: Request) -> Reply:
    where = the_panel(request)
    text, blocks = show.shown(agendas.show_agenda(request.work, request.actor, where))
    return Reply(text=text, blocks=blocks)


def _compile(request: Request) -> Reply:
    where = the_panel(request)
    agenda = agendas.compile_agenda(request.work, request.actor, where)
    text, blocks = show.shown(agenda, "Compiled. `/agenda publish` circulates it.")
    return Reply(text=text, blocks=blocks)


def _publish(request: Request) -> Reply:
    where = the_panel(request)
    agenda = agendas.publish_agenda(request.work, request.actor, where)
    text, blocks = show.shown(agenda, "Published: members are being told, and the Word file is on its way to you.")
    return Reply(text=text, blocks=blocks)


def _returns(request: Request) -> Reply:
    """The gaps for the office; an agency's own list for who answers for one."""
    where = the_panel(request)
    try:
        find_panel(request.work, request.actor, where, May.SEE_RETURNS)
    except NotForYou:
        return Reply(modal=show_returns.owed(returns.returns_asked(request.work, request.actor, where)))
    return Reply(modal=show_returns.gaps(return_gaps.gaps(request.work, request.actor, where)))


def _accepted(request: Request) -> Reply:
    flag = agendas.triage_flag(request.work, request.actor, int(request.value), Verdict.ACCEPT)
    return Reply(next_view=_remaining(request, f"{escape(flag.reference)} is accepted."))


def _defer(request: Request) -> Reply:
    return Reply(next_view=show.reason_form(int(request.value), Verdict.DEFER, request.metadata["panel"]))


def _signpost(request: Request) -> Reply:
    return Reply(next_view=show.reason_form(int(request.value), Verdict.SIGNPOST, request.metadata["panel"]))


def _reasoned(request: Request) -> Reply:
    flag = agendas.triage_flag(
        request.work,
        request.actor,
        int(request.metadata["flag"]),
        Verdict(request.metadata["verdict"]),
        request.field("reason"),
    )
    return Reply(next_view=_remaining(request, f"{escape(flag.reference)} is {flag.state.label}."))


def _remaining(request: Request, note: str) -> dict[str, object]:
    where = Where(panel_key=request.metadata["panel"])
    return show.triage(agendas.flags_to_triage(request.work, request.actor, where), note)


COMMAND = Command(
    "/agenda",
    "What the next meeting hears, in which order",
    (
        Verb("triage", "[panel]", "the chair accepts, defers or signposts each flag", "", _triage),
        Verb("show", "[panel]", "the agenda as it stands", "", _show, reads=True),
        Verb("compile", "[panel]", "lay it out from what was accepted and what is due", "", _compile),
        Verb("publish", "[panel]", "circulate it to the members", "", _publish),
        Verb("returns", "[panel]", "what your agency will bring; for the chair, the gaps", "", _returns),
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks={"agenda.accept": _accepted, "agenda.defer": _defer, "agenda.signpost": _signpost},
    submissions={"agenda.reason": _reasoned},
)
