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
    "chase the referral order breach": ActionKind.OTHER,
    "get the referral form back from school": ActionKind.OTHER,
    "check the visit log": ActionKind.OTHER,
    "bring the visit notes up to date": ActionKind.OTHER,
    "visit record to be shared with police": ActionKind.OTHER,
    "send the missing return interview form": ActionKind.OTHER,
    "read the disruption team's report": ActionKind.OTHER,
    "circulate the disruption officer's note": ActionKind.OTHER,
    "ask mum how the assessment went": ActionKind.OTHER,
    "find out whether the referral was accepted": ActionKind.OTHER,
    "review the strategy meeting minutes": ActionKind.OTHER,
    "file the crime report number": ActionKind.OTHER,
    "check the NRM outcome": ActionKind.OTHER,
    "thank the assessment team": ActionKind.OTHER,
    "ring school and visit mum": ActionKind.VISIT,
    "arrange a joint home visit with police": ActionKind.VISIT,
    "CIN visit": ActionKind.VISIT,
    "send a referral to CAMHS": ActionKind.REFERRAL,
    "complete the early help referral and tell mum": ActionKind.REFERRAL,
    "speak to mum, then refer him to CAMHS": ActionKind.REFERRAL,
    "referral to substance misuse": ActionKind.REFERRAL,
    "hold the return interview within 72 hours": ActionKind.RETURN_INTERVIEW,
    "complete the risk assessment": ActionKind.ASSESSMENT,
    "disrupt the group at the station": ActionKind.DISRUPTION,
    "submit an intelligence report": ActionKind.INTELLIGENCE,
    "share the school report with the intelligence unit": ActionKind.OTHER,
}


@pytest.mark.parametrize(("text", "kind"), KINDS.items())
def test_the_first_telling_word_names_the_kind(text: str, kind: ActionKind) -> None:
    assert guess_kind(text) is kind


def test_every_kind_can_be_told() -> None:
    assert set(KINDS.values()) == set(ActionKind)
