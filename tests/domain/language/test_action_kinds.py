"""The kind that an action's plain words tell."""

import pytest

from bot.domain.language.action_kinds import guess_kind
from bot.models.vocabulary import ActionKind

KINDS = {
    "ring the school nurse": ActionKind.OTHER,
    "Visit mum at home to finish the assessment": ActionKind.VISIT,
    "joint visiting with police": ActionKind.VISIT,
    "refer to substance misuse": ActionKind.REFERRAL,
    "make a re-referral": ActionKind.REFERRAL,
    "submit a referral to the NRM": ActionKind.NRM,
    "National Referral Mechanism form": ActionKind.NRM,
    "share intel on the flat": ActionKind.INTELLIGENCE,
    "put in an intelligence submission": ActionKind.INTELLIGENCE,
    "offer a return home interview": ActionKind.RETURN_INTERVIEW,
    "chase the RHI": ActionKind.RETURN_INTERVIEW,
    "complete a CERAF assessment": ActionKind.ASSESSMENT,
    "reassess the risk": ActionKind.ASSESSMENT,
    "call a strategy discussion": ActionKind.STRATEGY,
    "ask for a strat": ActionKind.STRATEGY,
    "agree a disruption plan": ActionKind.DISRUPTION,
    "serve a CAWN": ActionKind.DISRUPTION,
    "record the crime and start the enquiry": ActionKind.CRIME_REPORT,
    "put in a crime report": ActionKind.CRIME_REPORT,
    "ring the visitors' book, referee or reference": ActionKind.OTHER,
    "be intelligent about strategy": ActionKind.OTHER,
}


@pytest.mark.parametrize(("text", "kind"), KINDS.items())
def test_the_first_telling_word_names_the_kind(text: str, kind: ActionKind) -> None:
    assert guess_kind(text) is kind


def test_every_kind_can_be_told() -> None:
    assert set(KINDS.values()) == set(ActionKind)
