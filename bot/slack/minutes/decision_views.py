"""The form that corrects a decision of draft minutes, or adds one that was forgotten."""

from bot.services.minutes.correcting_decisions import DecisionInDraft
from bot.slack.blocks import TEXT_INPUT, context, cut, day_input, escape, field, modal, moment, select, text_input
from bot.slack.blocks import word_options as options
from bot.slack.meeting.decision_views import Closing, closing_fields, risk_fields
from bot.slack.request import View


def form(found: DecisionInDraft, *, turn: int) -> View:
    """Return the form that corrects a decision, filled in with its facts, or an empty form for a forgotten one.

    `turn` is the turn of the page from which the form is opened.
    """
    now = found.decision
    closing = Closing(now.close_reason, now.adult_route, now.area) if now else Closing()
    review = now.review_on.isoformat() if now and now.review_on else ""
    blocks = [
        context(f"{escape(found.panel_title)}, {moment(found.starts_at)} · *{escape(found.title)}*"),
        context("This decision counts as if the meeting had made it. Dates, papers and messages follow from it."),
        field("kind", "Decision", select(options(found.kinds), initial=now.kind if now else None)),
        field("rationale", "Rationale", text_input(initial=cut(now.rationale, TEXT_INPUT) if now else "", lines=True)),
        field("review", "Due date, or review on", day_input(initial=review), optional=True),
        *risk_fields(found.risk_tools, now),
        *closing_fields(found.kinds, closing),
        field(
            "reason",
            "Why are you correcting it?",
            text_input(most=300),
            hint="People who write or approve the minutes can read your reason. It isn't printed.",
        ),
    ]
    metadata = {
        "minutes": found.minutes_id,
        "page": found.page,
        "item": found.item_id,
        "decision": now.id if now else 0,
        "mark": found.mark,
        "turn": turn,
    }
    title = "Correct decision" if now else "Add decision"
    return modal("minutes.decision", title, blocks, submit="Save", metadata=metadata)
