"""Which step may follow which state of the minutes."""

import pytest

from bot.domain.minutes import approved_by, next_minutes_state
from bot.errors import Mistake
from bot.models.vocabulary import MinutesState as State
from bot.models.vocabulary import MinutesStep as Step

ALLOWED = {
    (State.DRAFT, Step.SUBMITTED): State.WITH_CHAIR,
    (State.DRAFT, Step.REPLACED): State.REPLACED,
    (State.WITH_CHAIR, Step.SENT_BACK): State.SENT_BACK,
    (State.WITH_CHAIR, Step.REPLACED): State.REPLACED,
    (State.WITH_CHAIR, Step.APPROVED): State.APPROVED,
    (State.SENT_BACK, Step.SUBMITTED): State.WITH_CHAIR,
    (State.SENT_BACK, Step.REPLACED): State.REPLACED,
    (State.APPROVED, Step.CIRCULATED): State.CIRCULATED,
    (State.APPROVED, Step.ANNEX_APPROVED): State.APPROVED,
    (State.CIRCULATED, Step.ANNEX_APPROVED): State.CIRCULATED,
}


def test_only_these_steps_lead_anywhere() -> None:
    found = {}
    for state in State:
        for step in Step:
            try:
                found[state, step] = next_minutes_state(state, step)
            except Mistake as refused:
                assert str(refused).endswith(".")  # noqa: PT017 - most of them are refused
    assert found == ALLOWED


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            State.DRAFT,
            "The chair doesn't have this draft yet. "
            "`/minutes draft` writes the next version and sends it to the chair.",
        ),
        (
            State.SENT_BACK,
            "This draft was sent back. `/minutes draft` writes the next version and sends it to the chair.",
        ),
        (
            State.REPLACED,
            "There is a newer version. `/minutes export` sends it to you.",
        ),
        (
            State.CIRCULATED,
            "These minutes are approved already. To add a correction slip: `/minutes amend`.",
        ),
    ],
)
def test_what_can_not_be_approved_says_what_helps(state: State, said: str) -> None:
    with pytest.raises(Mistake) as refused:
        next_minutes_state(state, Step.APPROVED)
    assert str(refused.value) == said


def test_people_who_may_approve_are_named_as_people_name_them() -> None:
    assert approved_by(["Ann"]) == "Another person must approve the minutes: Ann."
    assert approved_by(["Ann", "Ben", "Cat"]) == "Another person must approve the minutes: Ann, Ben or Cat."
