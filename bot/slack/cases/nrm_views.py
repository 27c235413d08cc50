"""Referrals to the National Referral Mechanism in chat: the form, and a line for each referral."""

from collections.abc import Sequence
from dataclasses import asdict

from bot.models.vocabulary import FirstResponder, GuardianOffer, NrmOutcome, NrmRoute
from bot.records.cases.nrm import ReferralView
from bot.services.cases.nrm import CaseReferrals
from bot.slack.blocks import context, day, day_input, escape, field, modal, section, select, tick_boxes, word_options
from bot.slack.request import Block, View


def referral_form(found: CaseReferrals) -> View:
    """Return the form that records a new referral of the case or changes its last referral."""
    last = found.referrals[-1] if found.referrals else None
    initial = {name: str(value or "") for name, value in asdict(last.facts).items()} if last else {}
    awaited = NrmOutcome.AWAITED.value
    blocks: list[Block] = [context(f"*{escape(found.reference)}* · Only a first-responder organisation can refer.")]
    if found.referrals:
        again = tick_boxes(("again", "This is another referral"))
        hint = f"If you leave this empty, you change the referral of {day(found.referrals[-1].facts.referred_on)}."
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
            hint="This usually takes 5 working days, or 45 days with a pilot panel.",
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
    """Return the sentence shown after a referral is recorded: a line for each referral of the case."""
    return f"*{escape(found.reference)}*, NRM:\n" + "\n".join(map(_line, found.referrals))


def referral_lines(referrals: Sequence[ReferralView]) -> list[Block]:
    """Return a paragraph with a line for each referral, or nothing if the case was never referred."""
    return [section("\n".join(("*NRM*", *map(_line, referrals))))] if referrals else []


def _line(referral: ReferralView) -> str:
    facts = referral.facts
    said = [f"• Referred {day(facts.referred_on)} by {facts.organisation.label}, {facts.route.label}"]
    for name, outcome, on in (
        ("reasonable grounds", facts.reasonable, facts.reasonable_on),
        ("conclusive grounds", facts.conclusive, facts.conclusive_on),
    ):
        said.append(f"{name} {outcome.label}" + (f" {day(on)}" if on else ""))
    said.append(f"independent guardian offered: {facts.guardian.label if facts.guardian else 'not recorded'}")
    return " · ".join(said)
