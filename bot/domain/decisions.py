"""Decisions on a case: which kinds exclude each other, and how a decision is worded."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, Protocol

from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind

_KEEPING = frozenset({DecisionKind.RETAIN, DecisionKind.ESCALATE, DecisionKind.MASE, DecisionKind.TRANSFER})
#: Each kind with the kinds that contradict it. An NRM referral and a strategy discussion contradict no other kind.
_CONTRARY: Final[Mapping[DecisionKind, frozenset[DecisionKind]]] = {
    DecisionKind.CLOSE: _KEEPING | {DecisionKind.RETURN, DecisionKind.STEP_DOWN},
    DecisionKind.STEP_DOWN: _KEEPING,
    DecisionKind.RETURN: frozenset({DecisionKind.RETAIN, DecisionKind.ESCALATE}),
}


def excluded_by(kind: DecisionKind) -> frozenset[DecisionKind]:
    """Return the kinds of decision that can't be in force together with this kind, including this kind itself."""
    against = {other for other, kinds in _CONTRARY.items() if kind in kinds}
    return frozenset({kind, *against, *_CONTRARY.get(kind, ())})


class Decided(Protocol):
    """The facts of a decision that its wording needs."""

    @property
    def kind(self) -> DecisionKind:
        """Return the kind of the decision."""

    @property
    def review_on(self) -> date | None:
        """Return the day of the review, or the day by which the decision must be carried out."""

    @property
    def close_reason(self) -> CloseReason | None:
        """Return why the case is closed."""

    @property
    def adult_route(self) -> AdultRoute | None:
        """Return the service that works with a young person who has turned eighteen."""

    @property
    def area(self) -> str:
        """Return the area that the case is transferred to, or an empty string if the reader may not see it."""


def decision_words(decision: Decided, day: Callable[[date], str]) -> str:
    """Return a decision in a few words, without its rationale. `day` is a function that puts a date into words."""
    said = decision.kind.label
    if decision.kind is DecisionKind.TRANSFER and decision.area:
        said = f"transfer to {decision.area}"
    if decision.close_reason is not None:
        why = [decision.close_reason.label]
        if decision.adult_route is not None:
            why.append(decision.adult_route.label)
        said += f" ({', '.join(why)})"
    if decision.review_on is not None:
        said += f"{until_word(decision.kind)} {day(decision.review_on)}"
    return said


def until_word(kind: DecisionKind) -> str:
    """Return the words between a decision and its day: "retain and review by 3 May", "NRM referral, due 3 May"."""
    return " by" if kind is DecisionKind.RETAIN else ", due"


def needs_day(kind: DecisionKind) -> bool:
    """Return whether a decision of this kind needs a day, on which the case comes back."""
    return kind is DecisionKind.RETAIN


def transfer_question(area: str) -> str:
    """Return the question about a case that was transferred to `area`.

    The panel is asked this question at each meeting until that area has accepted the case.
    """
    return f"Has {area or 'the other area'} accepted the transfer of this case?"
