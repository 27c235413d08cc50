"""Referrals to the National Referral Mechanism in chat: the form, and a line for each referral."""

from collections.abc import Sequence
from dataclasses import asdict

from bot.models.vocabulary import FirstResponder, GuardianOffer, NrmOutcome, NrmRoute
from bot.records.cases.nrm import AwaitedGrounds, Grounds, ReferralView
from bot.services.cases.nrm import CaseReferrals
from bot.services.cases.nrm_chasing import CHASED_EVERY, AwaitedReferral
from bot.slack.blocks import (
    button,
    buttons,
    context,
    day,
    day_input,
    escape,
    field,
    modal,
    section,
    select,
    tick_boxes,
    word_options,
)
from bot.slack.request import Block, Said, View


def referral_form(found: CaseReferrals) -> View:
    """Return the form that records a new referral of the case or changes its last referral."""
    last = found.referrals[-1] if found.referrals else None
    initial = {name: str(value or "") for name, value in asdict(last.facts).items()} if last else {}
    awaited = NrmOutcome.AWAITED.value
    blocks: list[Block] = [context(f"*{escape(found.reference)}* · Only a first-responder organisation can refer.")]
    if found.referrals:
        again = tick_boxes(("again", "This is another referral"))
        hint = f"If you don't tick this, you change the referral of {day(found.referrals[-1].facts.referred_on)}."
        blocks.append(field("again", "A second referral", again, optional=True, hint=hint))
    blocks += [
        field("referred_on", "Referred on", day_input(initial=initial.get("referred_on", ""))),
        field(
            "organisation",
            "Referred by",
            select(word_options(FirstResponder), initial=initial.get("organisation") or None),
        ),
        field("route", "Route", select(word_options(NrmRoute), initial=initial.get("route") or None)),
        field(
            "reasonable",
            "Reasonable grounds",
            select(word_options(NrmOutcome), initial=initial.get("reasonable", awaited)),
        ),
        field(
            "reasonable_on",
            "Decided on reasonable grounds on",
            day_input(initial=initial.get("reasonable_on", "")),
            optional=True,
            hint="The decision usually takes 5 working days, or 45 days with a pilot panel.",
        ),
        field(
            "conclusive",
            "Conclusive grounds",
            select(word_options(NrmOutcome), initial=initial.get("conclusive", awaited)),
        ),
        field(
            "conclusive_on",
            "Decided on conclusive grounds on",
            day_input(initial=initial.get("conclusive_on", "")),
            optional=True,
        ),
        field(
            "guardian",
            "Independent guardian offered",
            select(word_options(GuardianOffer), initial=initial.get("guardian") or None),
            optional=True,
        ),
    ]
    carried = {"panel": found.panel_key, "case": found.case_id} | ({"referral": last.id} if last else {})
    return modal("case.nrm", "NRM referral", blocks, metadata=carried)


def recorded(found: CaseReferrals) -> str:
    """Return the message shown after a referral is recorded, with a line for each referral of the case."""
    return f"*{escape(found.reference)}*, NRM:\n" + "\n".join(map(_line, found.referrals))


def referral_lines(referrals: Sequence[ReferralView]) -> list[Block]:
    """Return a paragraph with a line for each referral, or nothing if the case was never referred."""
    return [section("\n".join(("*NRM*", *map(_line, referrals))))] if referrals else []


def awaited(found: Sequence[AwaitedReferral]) -> Said:
    """Return a reminder of decisions on NRM referrals that are due and not recorded yet, each with its button."""
    count = len(found)
    text = "An NRM decision is awaited." if count == 1 else f"{count} NRM decisions are awaited."
    blocks: list[Block] = [section(text)]
    for one in found:
        said = f"*{escape(one.reference)}* · {_awaited(one.awaited)} · {escape(one.panel_title)}"
        record = button("Record decision", "case.nrm", f"{one.panel_key}:{one.case_id}", style="primary")
        blocks += [section(said), buttons(record)]
    rest = f"If you have no decision yet, ask for it. You'll be reminded again after {CHASED_EVERY} working days."
    return text, (*blocks, context(rest))


def _awaited(one: AwaitedGrounds) -> str:
    due = "due" if one.grounds is Grounds.REASONABLE else "due from"
    return f"{one.grounds.value} grounds awaited since {day(one.since)}, {due} {day(one.due_on)}"


def _line(referral: ReferralView) -> str:
    facts, waits = referral.facts, referral.awaited
    said = [f"• Referred {day(facts.referred_on)} by {facts.organisation.label}, {facts.route.label}"]
    for grounds, outcome, on in (
        (Grounds.REASONABLE, facts.reasonable, facts.reasonable_on),
        (Grounds.CONCLUSIVE, facts.conclusive, facts.conclusive_on),
    ):
        if waits is not None and waits.grounds is grounds:
            said.append(_awaited(waits))
        elif on is not None:
            said.append(f"{grounds.value} grounds {outcome.label} {day(on)}")
    said.append(f"independent guardian offered: {facts.guardian.label if facts.guardian else 'not recorded'}")
    return " · ".join(said)
