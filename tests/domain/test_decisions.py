"""Which decisions on a case exclude each other, and how each is worded."""

from dataclasses import dataclass
from datetime import date

import pytest

from bot.domain.decisions import decision_words, excluded_by, transfer_question
from bot.domain.language.day_words import short_date
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind


@dataclass(frozen=True)
class Made:
    kind: DecisionKind
    review_on: date | None = None
    close_reason: CloseReason | None = None
    adult_route: AdultRoute | None = None
    area: str = ""


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_a_second_of_a_kind_is_excluded_and_exclusion_is_mutual(kind: DecisionKind) -> None:
    assert kind in excluded_by(kind)
    assert all(kind in excluded_by(other) for other in excluded_by(kind))


@pytest.mark.parametrize("kind", [DecisionKind.NRM, DecisionKind.STRATEGY])
def test_a_referral_goes_with_every_other_decision(kind: DecisionKind) -> None:
    assert excluded_by(kind) == {kind}


def test_what_becomes_of_the_case_is_decided_once() -> None:
    assert excluded_by(DecisionKind.CLOSE) == set(DecisionKind) - {DecisionKind.NRM, DecisionKind.STRATEGY}
    assert excluded_by(DecisionKind.RETAIN) == {
        DecisionKind.RETAIN,
        DecisionKind.RETURN,
        DecisionKind.STEP_DOWN,
        DecisionKind.CLOSE,
    }
    assert excluded_by(DecisionKind.TRANSFER) == {
        DecisionKind.TRANSFER,
        DecisionKind.STEP_DOWN,
        DecisionKind.CLOSE,
    }


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (Made(DecisionKind.RETAIN, date(2026, 5, 5)), "retain and review by Tue 5 May 2026"),
        (Made(DecisionKind.NRM, date(2026, 5, 5)), "NRM referral, due Tue 5 May 2026"),
        (Made(DecisionKind.STRATEGY), "strategy discussion requested"),
        (Made(DecisionKind.TRANSFER), "transfer to another area"),
        (Made(DecisionKind.TRANSFER, area="Northshire"), "transfer to Northshire"),
        (Made(DecisionKind.CLOSE, close_reason=CloseReason.MOVED), "close (moved)"),
        (
            Made(DecisionKind.CLOSE, close_reason=CloseReason.TURNED_18, adult_route=AdultRoute.MARAC),
            "close (turned 18, MARAC)",
        ),
        (Made(DecisionKind.CLOSE, close_reason=CloseReason.TURNED_18), "close (turned 18)"),
    ],
)
def test_a_decision_is_worded_with_what_its_kind_has(made: Made, words: str) -> None:
    assert decision_words(made, short_date) == words


def test_the_other_area_is_asked_about_by_name_where_it_is_known() -> None:
    assert transfer_question("Northshire") == "Has Northshire accepted the transfer of this case?"
    assert transfer_question("") == "Has the other area accepted the transfer of this case?"
