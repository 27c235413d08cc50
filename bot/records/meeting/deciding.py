"""Decisions on a case: checked and put in force in a meeting, or corrected in draft minutes after the meeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.decisions import decision_words, excluded_by, needs_day
from bot.domain.language.day_words import short_date
from bot.domain.language.identifiers import accept_text
from bot.domain.permissions import Actor
from bot.domain.risk import RiskKey, check_risk
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Decision
from bot.models.panels import Panel
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind
from bot.records.access.queries import today_at
from bot.records.cases.decisions import decisions_in_force, view_decision
from bot.records.diary.due_days import due_day
from bot.records.meeting.changes import hold_item
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """The values of the form that records a decision on a case."""

    kind: DecisionKind
    rationale: str
    review: str | date | None = None  #: by when, as a phrase or a date; needed to retain
    close_reason: CloseReason | None = None
    adult_route: AdultRoute | None = None  #: needed to close at eighteen
    area: str = ""  #: needed to transfer
    risk_after: RiskKey | None = None  #: none: as before
    risk_assessed_on: date | None = None  #: if the panel assessed the risk itself
    risk_judgement: str = ""  #: what the panel says of the level
    replaces: tuple[int, ...] = ()  #: the numbers of the standing decisions whose place it takes


def check_decision(
    work: Work,
    actor: Actor,
    panel: Panel,
    item: AgendaItem,
    case: Case,
    form: DecisionForm,
    *,
    since: date | None = None,
    instead: Decision | None = None,
) -> tuple[Decision, list[Decision]]:
    """Return a new decision on a case, not stored yet, and the decisions in force that it replaces. Lock the item.

    `since` is the day of a meeting that is over. The date of a review may then be any day from `since` on. `instead` is
    the decision in force that is being corrected. Its level of risk is kept if the form has none.

    Raise Mistake, attached to the field at fault, if the decision lacks something that its kind needs, or has something
    that its kind can't have. Raise Mistake also if it excludes a decision in force without replacing that decision.
    """
    definition = work.definition(panel.definition)
    is_kept = instead is not None and instead.kind is form.kind
    if form.kind not in definition.decisions and not is_kept:
        raise Mistake(f"{panel.title} cannot decide to {form.kind.label}.", field="kind")
    rationale = accept_text(
        form.rationale, field="rationale", missing="Every decision needs its rationale.", today=work.now.date()
    )
    review_on = _review_date(work, panel, form, since)
    _require_what_its_kind_needs(form)
    area = ""
    if form.kind is DecisionKind.TRANSFER:
        area = accept_text(
            form.area, field="area", missing="To which area is the case transferred?", today=work.now.date()
        )
    flag = work.session.get_one(Flag, item.flag_id)
    hold_item(work, item)
    others = [one for one in decisions_in_force(work, [id_of(item)]) if instead is None or one.id != instead.id]
    known = (flag.risk_tool, flag.risk_level)
    if instead is not None:
        known = (instead.risk_tool_after, instead.risk_after)
    elif others:  # a level decided on this item already applies to its other decisions too
        known = (others[-1].risk_tool_after, others[-1].risk_after)
    if form.risk_after is not None and form.risk_after not in ((flag.risk_tool, flag.risk_level), known):
        check_risk(definition.risk_tools, form.risk_after, field="risk_after")
    replaced = _replaced(work, form, others, is_over=since is not None)
    tool_after, level_after = form.risk_after or known
    judgement = _judgement(work, panel, form, is_level_known=level_after is not None)
    decision = Decision(
        item_id=id_of(item),
        kind=form.kind,
        rationale=work.seal(case.data_key_id, rationale),
        review_on=review_on,
        close_reason=form.close_reason,
        adult_route=form.adult_route,
        area=work.seal(case.data_key_id, area) if area else None,
        risk_tool_before=flag.risk_tool,
        risk_before=flag.risk_level,
        risk_tool_after=tool_after,
        risk_after=level_after,
        risk_assessed_on=form.risk_assessed_on,
        risk_judgement=work.seal(case.data_key_id, judgement) if judgement else None,
        decided_by_id=actor.person_id,
        decided_at=work.now,
    )
    return decision, replaced


def _replaced(work: Work, form: DecisionForm, others: Sequence[Decision], *, is_over: bool) -> list[Decision]:
    """Return the decisions in force that the new decision replaces.

    Raise Mistake if a decision chosen in the form is no longer in force. Raise Mistake also if the new decision
    excludes a decision in force that it does not replace.
    """
    if set(form.replaces) - {one.id for one in others}:
        raise Mistake(
            "A decision that you chose no longer applies. `/meeting now` shows the decisions that do.", field="replaces"
        )
    against = [one for one in others if one.kind in excluded_by(form.kind) and one.id not in form.replaces]
    if against:
        named = "; ".join(decision_words(view_decision(work, one), short_date) for one in against)
        if is_over:
            raise Mistake(f"Also decided here: {named}. Both can't apply. Correct that decision instead.", field="kind")
        raise Mistake(
            f"Already decided here: {named}. If your new decision replaces it, choose the earlier one under "
            "“Replaces”. If you don't see that field, type `/meeting decide` again.",
            field="replaces",
        )
    return [one for one in others if one.id in form.replaces]


def put_in_place(work: Work, decision: Decision, replaced: Sequence[Decision] = ()) -> None:
    """Store a new decision, and mark the decisions in `replaced` as replaced by it."""
    # No two decisions of a kind may be in force at once: the old ones point at themselves until the new one has its id.
    for one in replaced:
        one.superseded_by_id = one.id
    work.session.flush()
    work.session.add(decision)
    work.session.flush()
    for one in replaced:
        one.superseded_by_id = id_of(decision)
    work.session.flush()


#: When and under which item a decision was made. These facts stay when the decision is corrected.
_KEPT = ("id", "item_id", "risk_tool_before", "risk_before", "decided_at", "undone_at", "superseded_by_id")


def put_right(work: Work, decision: Decision, facts: Decision) -> None:
    """Correct the facts of a decision in force. The earlier facts are stored as a replaced decision.

    The corrected decision keeps its row, because decisions are ordered by id. Later decisions on the item that took
    over the wrong risk level get the corrected level too.
    """
    before = {name: getattr(decision, name) for name in Decision.model_fields if name != "id"}
    work.session.add(Decision(**before | {"superseded_by_id": id_of(decision)}))
    was = (decision.risk_tool_after, decision.risk_after)
    for name in Decision.model_fields:
        if name not in _KEPT:
            setattr(decision, name, getattr(facts, name))
    work.session.add(decision)
    for other in decisions_in_force(work, [decision.item_id]):
        is_taken_over = other.risk_assessed_on is None and other.risk_judgement is None
        if id_of(other) > id_of(decision) and is_taken_over and (other.risk_tool_after, other.risk_after) == was:
            other.risk_tool_after, other.risk_after = facts.risk_tool_after, facts.risk_after
            work.session.add(other)
    work.session.flush()


def _require_what_its_kind_needs(form: DecisionForm) -> None:
    """Raise Mistake if a decision lacks something that its kind needs, or has something that its kind can't have."""
    is_close, is_at_18 = form.kind is DecisionKind.CLOSE, form.close_reason is CloseReason.TURNED_18
    if is_close != (form.close_reason is not None):
        raise Mistake(
            "Why is the case closed? Choose a reason."
            if is_close
            else "Only a decision to close needs a reason for closing. Leave it empty.",
            field="close_reason",
        )
    if is_at_18 != (form.adult_route is not None):
        raise Mistake(
            "Who works with the young person next? Choose the adult route. If there is none, say why in the rationale."
            if is_at_18
            else "Only a case closed at eighteen needs an adult route. Leave it empty.",
            field="adult_route",
        )
    if is_close and form.review:
        raise Mistake("A closed case doesn't come back. Leave the date empty, or retain the case.", field="review")
    if form.area.strip() and form.kind is not DecisionKind.TRANSFER:
        raise Mistake("Only a decision to transfer needs an area. Leave it empty.", field="area")


def _judgement(work: Work, panel: Panel, form: DecisionForm, *, is_level_known: bool) -> str:
    """Return what the form says about the child's risk, in words.

    Raise Mistake if there are words or a day of assessment, but no level of risk.
    """
    judgement = accept_text(form.risk_judgement, field="risk_judgement", missing="", today=work.now.date())
    if not is_level_known and (judgement or form.risk_assessed_on is not None):
        raise Mistake("You gave a day or a judgement of the risk. Choose the risk level too.", field="risk_after")
    if form.risk_assessed_on is not None and form.risk_assessed_on > today_at(work, panel):
        raise Mistake("The assessment cannot be dated in the future.", field="risk_assessed_on")
    return judgement


def _review_date(work: Work, panel: Panel, form: DecisionForm, since: date | None) -> date | None:
    if form.review is None or form.review == "":
        if needs_day(form.kind):
            raise Mistake("When should the panel review the case? Give a date.", field="review")
        return None
    if since is None or not isinstance(form.review, date):
        return due_day(work, panel, form.review)
    if form.review < since:
        raise Mistake("That day is before the meeting. Give a later date.", field="review")
    return form.review
