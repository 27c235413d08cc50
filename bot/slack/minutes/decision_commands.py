"""The button and the form in *Look through* that correct a decision or add a forgotten one."""

from functools import partial

from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.minutes import correcting_decisions
from bot.slack.cases.flag_views import risk_key
from bot.slack.minutes import decision_views, look_views
from bot.slack.request import Reply, Request


def offer(request: Request) -> Reply:
    """Show the form for the decision in the button's value, or for a new decision if the value is 0."""
    carried = request.metadata
    found = request.do(
        correcting_decisions.offer_decision,
        carried.number("minutes"),
        carried.number("page"),
        carried.number("item"),
        request.number() or None,
    )
    return request.shown(decision_views.form(found, turn=carried.number("turn")))


def save(request: Request) -> Reply:
    """Save the decision in the form, and show the draft's page again."""
    carried = request.metadata
    found = request.do(
        correcting_decisions.save_decision,
        carried.number("minutes"),
        carried.number("item"),
        carried.number("decision") or None,
        _form_in(request),
        mark=carried.text("mark"),
        reason=request.field("reason"),
        page=carried.number("page"),
    )
    return Reply(next_view=look_views.page(found, turn=carried.number("turn") + 1))


def _form_in(request: Request) -> DecisionForm:
    return DecisionForm(
        kind=request.option("kind", DecisionKind),
        rationale=request.field("rationale"),
        review=request.day("review"),
        close_reason=request.if_any(partial(request.option, kind=CloseReason), "close_reason"),
        adult_route=request.if_any(partial(request.option, kind=AdultRoute), "adult_route"),
        area=request.field("area"),
        risk_after=request.if_any(lambda block: risk_key(request.field(block)), "risk_after"),
        risk_assessed_on=request.day("risk_assessed_on"),
        risk_judgement=request.field("risk_judgement"),
    )
