"""`/case nrm` and its form: record an NRM referral and its outcome."""

from functools import partial

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import FirstResponder, GuardianOffer, NrmOutcome, NrmRoute
from bot.records.cases.nrm import ReferralFacts
from bot.services.cases import nrm as nrm_referrals
from bot.slack.cases import nrm_views
from bot.slack.editing import quoting
from bot.slack.references import reference_and_words
from bot.slack.request import Reply, Request, take_panel


def nrm(request: Request, usage: str) -> Reply:
    """Open the form for the NRM referral of a typed case. `usage` says how to type the command."""
    where, text = take_panel(request, request.text, May.READ_CASES)
    reference, words = reference_and_words(text, usage)
    is_open = request.here is not None and request.here.open_meeting_id is not None
    try:
        found = request.do(nrm_referrals.referrals_to_follow, where, reference)
    except Mistake as refused:
        way_on = f"/meeting decide {reference} NRM referral" if is_open else f"/case history {reference}"
        refused.commands = ((way_on, way_on),)
        raise
    return quoting(Reply(modal=nrm_views.referral_form(found)), words)


def clicked_nrm(request: Request) -> Reply:
    """Open the form for the NRM referral of the case in the button's value."""
    where, case_id = request.panel_and_number()
    return request.shown(nrm_views.referral_form(request.do(nrm_referrals.referrals_of_case, where, case_id)))


def referred(request: Request) -> Reply:
    """Record the NRM referral in the form and what became of it. Raise Mistake if the form has no day."""
    carried = request.metadata
    last = carried.if_any(carried.number, "referral")
    referred_on = request.day("referred_on")
    where, case_id = request.panel(), carried.number("case")
    if referred_on is None:
        request.do(nrm_referrals.referrals_of_case, where, case_id)
        raise Mistake("On which day was the referral made?", field="referred_on")
    facts = ReferralFacts(
        referred_on=referred_on,
        organisation=request.option("organisation", FirstResponder),
        route=request.option("route", NrmRoute),
        reasonable=request.option("reasonable", NrmOutcome),
        reasonable_on=request.day("reasonable_on"),
        conclusive=request.option("conclusive", NrmOutcome),
        conclusive_on=request.day("conclusive_on"),
        guardian=request.if_any(partial(request.option, kind=GuardianOffer), "guardian"),
    )
    referral_id = None if "again" in request.choices("again") else last
    return Reply(text=nrm_views.recorded(request.do(nrm_referrals.record_referral, where, case_id, facts, referral_id)))
