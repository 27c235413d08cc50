"""Quorum is composition."""

import pytest

from bot.domain.panel_definition import Quorum
from bot.domain.quorum import QuorumView, assess_quorum
from bot.models.vocabulary import AgencyKind as Kind

USUAL = Quorum(all_of=(Kind.CHILDRENS_SOCIAL_CARE, Kind.POLICE), any_of=(Kind.HEALTH, Kind.EDUCATION))


@pytest.mark.parametrize(
    ("quorum", "present", "missing"),
    [
        (USUAL, [Kind.CHILDRENS_SOCIAL_CARE, Kind.POLICE, Kind.EDUCATION], ()),
        (USUAL, [Kind.CHILDRENS_SOCIAL_CARE, Kind.HEALTH], ("police",)),
        (USUAL, [Kind.CHILDRENS_SOCIAL_CARE, Kind.POLICE], ("one of health or education",)),
        (USUAL, [], ("children's social care", "police", "one of health or education")),
        (Quorum(any_of=(Kind.HEALTH,)), [], ("health",)),
        (Quorum(any_of=(Kind.HEALTH, Kind.HOUSING, Kind.POLICE)), [], ("one of health, housing or police",)),
        (Quorum(at_least=3), [Kind.POLICE], ("2 more agencies",)),
        (Quorum(at_least=3), [Kind.POLICE, Kind.POLICE, Kind.HEALTH], ("1 more agency",)),
        (
            Quorum(at_least=2, of=(Kind.HEALTH, Kind.HOUSING, Kind.EDUCATION)),
            [Kind.POLICE, Kind.HEALTH],
            ("1 more of housing or education",),
        ),
        # The police are counted on: with them there are three, so nobody else is missing.
        (Quorum(all_of=(Kind.POLICE,), at_least=3), [Kind.HEALTH, Kind.HOUSING], ("police",)),
        (
            Quorum(any_of=(Kind.HEALTH, Kind.HOUSING), at_least=3),
            [Kind.POLICE],
            ("one of health or housing", "1 more agency"),
        ),
        # One of them is asked for anyway.
        (Quorum(all_of=(Kind.HEALTH,), any_of=(Kind.HEALTH, Kind.POLICE)), [], ("health",)),
        (Quorum(), [], ()),
    ],
)
def test_what_is_missing_is_the_least_that_would_do(
    quorum: Quorum, present: list[Kind], missing: tuple[str, ...]
) -> None:
    assert assess_quorum(quorum, present) == QuorumView(met=not missing, missing=missing)
