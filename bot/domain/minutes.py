"""The states of a version of the minutes, the steps that may follow each, and the people who may approve it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.domain.language.day_words import listed
from bot.errors import Mistake
from bot.models.vocabulary import MinutesState as State
from bot.models.vocabulary import MinutesStep as Step

#: States of a version whose facts no longer change.
APPROVED_STATES: Final = frozenset({State.APPROVED, State.CIRCULATED})

#: States of a version that can still be corrected and may be approved.
OPEN_STATES: Final = frozenset({State.DRAFT, State.WITH_CHAIR, State.SENT_BACK})

#: The working days in which a member should acknowledge minutes. After that the co-ordinator is shown that they have
#: not.
ACKNOWLEDGED_WITHIN: Final = 5

_NEXT: Final[Mapping[tuple[State, Step], State]] = MappingProxyType(
    {
        (State.DRAFT, Step.SUBMITTED): State.WITH_CHAIR,
        (State.SENT_BACK, Step.SUBMITTED): State.WITH_CHAIR,
        (State.WITH_CHAIR, Step.SENT_BACK): State.SENT_BACK,
        **{(state, Step.REPLACED): State.REPLACED for state in OPEN_STATES},
        (State.WITH_CHAIR, Step.APPROVED): State.APPROVED,
        (State.APPROVED, Step.CIRCULATED): State.CIRCULATED,
        (State.APPROVED, Step.ANNEX_APPROVED): State.APPROVED,
        (State.CIRCULATED, Step.ANNEX_APPROVED): State.CIRCULATED,
    }
)

_SLIP: Final = "To add a correction slip: `/minutes amend`."
_AGAIN: Final = "`/minutes draft` writes the next version and sends it to the chair."

#: The error if a step is not allowed, by the state, with what to do instead.
_REFUSED: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.DRAFT: f"The chair doesn't have this draft yet. {_AGAIN}",
        State.WITH_CHAIR: "The chair has this draft, and can approve it or send it back.",
        State.SENT_BACK: f"This draft was sent back. {_AGAIN}",
        State.REPLACED: "There is a newer version. `/minutes export` sends it to you.",
        State.APPROVED: f"These minutes are approved already. {_SLIP}",
        State.CIRCULATED: f"These minutes are approved already. {_SLIP}",
    }
)


def approved_by(names: Sequence[str]) -> str:
    """Return a sentence that names the people who may approve minutes.

    If `names` is empty, since no one else on the panel may approve them, the sentence says what to do.
    """
    if names:
        return f"Another person must approve the minutes: {listed(names, 'or')}."
    return (
        "Another person must approve the minutes, but nobody else on this panel may. Ask the co-ordinator to name "
        "a vice-chair, or ask another person to draft the minutes with `/minutes draft`."
    )


def next_minutes_state(state: State, step: Step) -> State:
    """Return the state of a version of the minutes after a step.

    Raise Mistake, with what to do instead, if the step is not allowed.
    """
    if (following := _NEXT.get((state, step))) is not None:
        return following
    raise Mistake(_REFUSED[state])
