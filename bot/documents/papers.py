"""Turns the views that people see on a screen into the facts that papers print, so that screen and paper agree."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.documents.meeting_facts import ActionFacts, PresentedCase
from bot.documents.word import capital, sentence
from bot.domain.decisions import decision_words
from bot.domain.language.day_words import date_words
from bot.models.vocabulary import Urgency
from bot.records.actions.queries import ActionView, Ending
from bot.records.cases.queries import Concern, FlagView, Hearing


@dataclass(frozen=True, slots=True)
class File:
    """A paper that is not written yet, with the facts to print. Its name has no case reference.

    `write` returns the paper's bytes, and raises Misconfigured if the template is missing or faulty. Writing is slow,
    so call `write` outside any transaction.
    """

    name: str
    title: str
    write: Callable[[], bytes] = field(repr=False)
    panel_id: int | None = None  #: none: of all the reader's panels
    meeting_id: int | None = None
    case_ids: frozenset[int] = frozenset()  #: the cases that it tells of


def presented(flag: FlagView, earlier: tuple[Hearing, ...] = ()) -> PresentedCase:
    """Return the facts that an agenda or minutes print about a case.

    `earlier` are the case's earlier hearings, which are printed with their decisions.
    """
    return PresentedCase(
        **flag.facts.model_dump(),
        risk=flag.risk,
        agency=flag.agency_name,
        presenter=flag.presenter_name,
        is_stale=flag.is_stale,
        is_late=flag.is_late,
        is_closed_item=flag.is_closed_item,
        origin=(*flag.origin.words, *([f"sent on because: {flag.sent_because}"] if flag.sent_because else [])),
        also=flag.also,
        concerns=tuple(map(_concern, flag.concerns)),
        review=flag.review.words if flag.review else "",
        is_counted=flag.review is None or not flag.review.is_awaited,
        earlier=tuple(
            f"{date_words(hearing.flag.meeting_at)}, {hearing.flag.panel_title}: "
            + "; ".join(decision_words(decision, date_words) for decision in hearing.decisions)
            for hearing in earlier
            if hearing.decisions
        ),
    )


def _concern(concern: Concern) -> str:
    """Return sentences that say what another agency says of a case.

    They have its urgency, level, judgement and request, and its answer on what has changed since the last hearing.
    """
    facts = concern.facts
    level = concern.risk.words if concern.risk else "not assessed yet"
    urgency = "" if facts.urgency is Urgency.ROUTINE else f"{facts.urgency.label}, "
    said = [
        f"{concern.agency_name}: {urgency}{level}",
        f"Judgement: {facts.judgement}" if facts.judgement else "",
        f"The child's voice: {facts.childs_voice}" if facts.childs_voice else "",
        f"Request to the panel: {facts.asked_of_panel}" if facts.asked_of_panel else "",
        capital(concern.review.words) if concern.review else "",
    ]
    return " ".join(sentence(words) for words in said if words)


def ended_facts(ending: Ending) -> ActionFacts:
    """Return the facts that papers print about an action that has ended, including how, when and why it ended."""
    said = f": {sentence(ending.reason)}" if ending.reason else "."
    how = f"{capital(ending.state.label)} on {date_words(ending.on)}{said}"
    return action_facts(ending.action).model_copy(update={"state": ending.state, "reported": "", "ended": how})


def action_facts(action: ActionView) -> ActionFacts:
    """Return the facts that papers print about an action in a table of actions."""
    report, reported = action.report, ""
    if report is not None:
        reported = f"on {date_words(report.on)}{f': {sentence(report.words)}' if report.words else ''}"
    return ActionFacts(
        number=action.id,
        kind=action.kind,
        text=action.text,
        agency=action.agency_name,
        holder=action.holder_name,
        due=action.due_on,
        state=action.state,
        reported=reported,
        case=action.case_reference or "",
    )
