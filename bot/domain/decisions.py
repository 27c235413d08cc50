"""Decisions on a case: which of them exclude each other, what each must say, and how it is worded."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, Protocol

from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind

_KEEPING = frozenset({DecisionKind.RETAIN, DecisionKind.ESCALATE, DecisionKind.MASE, DecisionKind.TRANSFER})
#: What becomes of the case at this panel is decided once; NRM referral and strategy discussion go with all of these.
_CONTRARY: Final[Mapping[DecisionKind, frozenset[DecisionKind]]] = {
    DecisionKind.CLOSE: _KEEPING | {DecisionKind.RETURN, DecisionKind.STEP_DOWN},
    DecisionKind.STEP_DOWN: _KEEPING,
    DecisionKind.RETURN: frozenset({DecisionKind.RETAIN, DecisionKind.ESCALATE}),
}


def excluded_by(kind: DecisionKind) -> frozenset[DecisionKind]:
    """Return the kinds of decision that can't be on the same case as one of this kind, its own included."""
    against = {other for other, kinds in _CONTRARY.items() if kind in kinds}
    return frozenset({kind, *against, *_CONTRARY.get(kind, ())})


class Decided(Protocol):
    """What the wording of a decision needs to know of it."""

    @property
    def kind(self) -> DecisionKind:
        """Return what was decided."""

    @property
    def review_on(self) -> date | None:
        """Return the day of the review, or the day by which the decision is to be carried out."""

    @property
    def close_reason(self) -> CloseReason | None:
        """Return why the case is closed."""

    @property
    def adult_route(self) -> AdultRoute | None:
        """Return who works with a young person who turned eighteen."""

    @property
    def area(self) -> str:
        """Return where the case is transferred to. Empty where the reader has no words."""


def decision_words(decision: Decided, day: Callable[[date], str]) -> str:
    """Return a decision in a few words without its rationale, its date as `day` writes it."""
    said = decision.kind.label
    if decision.kind is DecisionKind.TRANSFER and decision.area:
        said = f"transfer to {decision.area}"
    if decision.close_reason is not None:
        why = [decision.close_reason.label]
        if decision.adult_route is not None:
            why.append(decision.adult_route.label)
        said += f" ({', '.join(why)})"
    if decision.review_on is not None:
        said += f"{'' if decision.kind is DecisionKind.RETAIN else ','} by {day(decision.review_on)}"
    return said


def transfer_question(area: str) -> str:
    """Return what the panel is asked at each meeting until another area has accepted a case."""
    return f"Has {area or 'the other area'} accepted the transfer of this case?"
