"""The buttons of returns: an agency answers, the chair sees the gaps; `/agenda returns` opens them."""

from bot.models.vocabulary import ReturnKnowledge
from bot.services.agenda import returns
from bot.slack.registry import Noun
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import returns as show
from bot.slack.views.blocks import escape


def _mine(request: Request) -> Reply:
    found = returns.returns_of_meeting(request.work, request.actor, int(request.value))
    return request.shown(show.owed(found))


def _gaps(request: Request) -> Reply:
    return request.shown(show.gaps(returns.gaps_of_meeting(request.work, request.actor, int(request.value))))


def _page(request: Request) -> Reply:
    meeting_id, _, page = request.value.partition(":")
    found = returns.returns_of_meeting(request.work, request.actor, int(meeting_id))
    return Reply(next_view=show.owed(found, page=int(page)))


def _gaps_page(request: Request) -> Reply:
    meeting_id, _, page = request.value.partition(":")
    return Reply(next_view=show.gaps(returns.gaps_of_meeting(request.work, request.actor, int(meeting_id)), int(page)))


def _answer(request: Request) -> Reply:
    found = returns.return_form(request.work, request.actor, int(request.value))
    return Reply(next_view=show.form(found, int(request.metadata.get("page", 0))))


def _answered(request: Request) -> Reply:
    flag_id = int(request.metadata["flag"])
    knowledge = ReturnKnowledge(request.field("knowledge"))
    found = returns.make_return(request.work, request.actor, flag_id, knowledge, request.field("text"))
    reference = next((line.reference for line in found.lines if line.flag_id == flag_id), "")
    note = f"Thank you: {escape(reference)} is answered."
    return Reply(next_view=show.owed(found, note, int(request.metadata.get("page", 0))))


def _rest(request: Request) -> Reply:
    found, count = returns.nothing_to_add(request.work, request.actor, int(request.value))
    note = f"Thank you: nothing to add to {count} case{'' if count == 1 else 's'}."
    return Reply(next_view=show.owed(found, note, int(request.metadata.get("page", 0))))


def _open(request: Request) -> Reply:
    return Reply(modal=show.case(returns.case_returns(request.work, request.actor, int(request.value))))


NOUN = Noun(
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
