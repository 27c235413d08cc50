"""The form for a panel's decision on a case, filled in from typed words, and the reply that repeats the decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.decisions import decision_words
from bot.domain.language.decision_lines import SaidDecision
from bot.domain.panel_definition import RiskTool
from bot.domain.risk import levels_of
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind
from bot.records.cases.decisions import DecisionView
from bot.records.meeting.queries import CurrentItem
from bot.slack.blocks import (
    TEXT_INPUT,
    capital,
    choices,
    context,
    cut,
    day,
    day_input,
    escape,
    field,
    modal,
    select,
    text_input,
    word_options,
)
from bot.slack.cases.flag_views import risk_select
from bot.slack.cases.views import decision_line, reasons_of
from bot.slack.request import Block, View


@dataclass(frozen=True, slots=True)
class Closing:
    """Facts that only some kinds of decision have: why a case is closed, its adult route, and the area it goes to."""

    close_reason: CloseReason | None = None
    adult_route: AdultRoute | None = None
    area: str = ""


def decide_form(
    found: CurrentItem,
    kinds: Sequence[DecisionKind],
    tools: Sequence[RiskTool],
    metadata: dict[str, Any],
    said: SaidDecision,
    corrected: DecisionView | None = None,
) -> View:
    """Return the form for a decision on the current case. `said` is what was typed, and is filled in.

    `corrected` is a decision in force that the new decision replaces. Its risk is filled in.
    """
    flag = found.item.flag if found.item else None
    reference = flag.reference if flag else ""
    before = f"Risk before: {escape(flag.risk.words) if flag.risk else 'not assessed'}." if flag else ""
    blocks = [
        context(f"*{escape(reference)}* · {before} A panel never replaces a statutory meeting."),
        field(
            "kind",
            "Decision",
            select(word_options(kinds), initial=said.kind),
            hint="Choose one decision. You can add others afterwards.",
        ),
    ]
    if said.others:
        named = " and ".join(escape(kind.label) for kind in said.others)
        blocks.insert(
            1, context(f":warning: You also named {named}. I save one decision at a time: add the other afterwards.")
        )
    if found.decisions:
        standing = [(str(one.id), capital(decision_words(one, day))) for one in found.decisions]
        blocks.append(
            field(
                "replaces",
                "Replaces",
                choices(standing, initial=[str(corrected.id)] if corrected else []),
                optional=True,
                hint="To keep the earlier decisions and add this one, leave this empty.",
            )
        )
    blocks += [
        field(
            "rationale",
            "Rationale",
            text_input(initial=cut(said.rationale, TEXT_INPUT), lines=True),
            hint="Say why, in words that do not blame the child.",
        ),
        field(
            "review",
            "Due date, or review on",
            text_input(initial=said.review, most=80, placeholder="next meeting, in 3 months, 27 November"),
            optional=True,
            hint="Fill this in to retain a case. The case comes back to the first meeting on or after that day.",
        ),
        *risk_fields(tools, corrected),
        *closing_fields(kinds, Closing(said.close_reason, corrected.adult_route if corrected else None, said.area)),
    ]
    title = cut(f"{'Correct' if corrected else 'Decide'} {reference}", 24)
    return modal("meeting.decide", title, blocks, submit="Record", metadata=metadata)


def risk_fields(tools: Sequence[RiskTool], decision: DecisionView | None = None) -> list[Block]:
    """Return the fields for the risk after a decision: the level, the day of its assessment and the judgement.

    If `decision` is given, its risk is filled in.
    """
    level, on, judgement = None, "", ""
    if decision is not None:
        level = decision.risk_after.key if decision.risk_after else None
        on = decision.risk_assessed_on.isoformat() if decision.risk_assessed_on else ""
        judgement = decision.risk_judgement
    known = {risk.key for tool in tools for risk in levels_of(tool)}
    chooser = risk_select(tools, initial=level if level in known else None)
    return [
        field("risk_after", "Risk now", chooser, optional=True, hint="Choose this if the risk has changed."),
        field(
            "risk_assessed_on",
            "Date assessed",
            day_input(initial=on),
            optional=True,
            hint="Fill this in if the panel assessed the risk.",
        ),
        field("risk_judgement", "Judgement of the risk now", text_input(initial=judgement, lines=True), optional=True),
    ]


def closing_fields(kinds: Sequence[DecisionKind], said: Closing) -> list[Block]:
    """Return the fields for facts that only some kinds of decision have, filled in from `said`."""
    blocks = [
        field(
            "close_reason",
            "Reason for closing",
            select(word_options(CloseReason), initial=said.close_reason),
            optional=True,
        ),
        field(
            "adult_route",
            "Adult route",
            select(word_options(AdultRoute), initial=said.adult_route),
            optional=True,
            hint="Fill this in to close a case at eighteen. If there is no adult route, say why in the rationale.",
        ),
    ]
    if DecisionKind.TRANSFER in kinds:
        blocks.append(
            field(
                "area",
                "Area that takes the case over",
                text_input(initial=cut(said.area, 120), most=120),
                optional=True,
                hint="Fill this in to transfer a case. This panel keeps the case until the other area accepts it.",
            )
        )
    return blocks


def decided(found: CurrentItem) -> str:
    """Return a sentence that repeats the last decision of an item, with its rationale and what can be typed next."""
    item = found.item
    if not found.decisions or item is None:
        return "Recorded."
    *others, decision = found.decisions
    reasons = "".join(f">{escape(cut(words, 600))}\n" for words in reasons_of(decision))
    beside = f"Also decided: {'; '.join(map(decision_line, others))}.\n" if others else ""
    return (
        f"*{escape(item.title)}*: {decision_line(decision)}.\n{reasons}{beside}"
        "`/action add` adds an action to this case. `/meeting decide` adds another decision. `/meeting undo` "
        f"takes this decision back.{' `/meeting next` goes to the next item.' if found.may_run else ''}"
    )
