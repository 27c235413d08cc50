"""By when, at every door through which an action is given or more time is asked for: one phrase, one answer."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.domain.language.due_phrases import read_due
from bot.domain.language.due_reading import DueKind
from bot.slack.actions.drafts import said_in, take_case, what_and_when, when_and_why, with_case_last
from tests.domain.language.test_due_phrases import CASES, CASES_SAID, FURTHER

WHAT = "ring the school"


def _from_message(text: str) -> tuple[str, str | None]:
    said = said_in(text, {"UFARAH": "Farah Siddiqi"}, date(2026, 1, 6))
    return said.what, said.due or None


#: Each door, from a phrase as it is typed there to what is to be done and the due phrase that is read.
DOORS: dict[str, Callable[[str], tuple[str, str | None]]] = {
    "command with by": lambda phrase: what_and_when(f"{WHAT} by {phrase}"),
    "command without by": lambda phrase: what_and_when(f"{WHAT} {phrase}"),
    "form": lambda phrase: (WHAT, phrase),
    "message with by": lambda phrase: _from_message(f"ACTION: Farah to {WHAT} by {phrase}"),
    "message without by": lambda phrase: _from_message(f"ACTION: Farah to {WHAT} {phrase}"),
    "extension": lambda phrase: (WHAT, when_and_why(f"{phrase} because the clinic is shut")[0]),
    "extension with to": lambda phrase: (WHAT, when_and_why(f"to {phrase} – the clinic is shut")[0]),
}
#: "Now" is today, but "by now" says what was to be done already.
NO_DAY_BEHIND_BY = {"now"}
NAMES_A_DAY = {DueKind.ONE_DAY.value, DueKind.TWO_READINGS.value}


def answered(door: str, phrase: str) -> str:
    """Return what a phrase comes to at a door: its days with their kind, or that it is refused with an offer."""
    what, due = DOORS[door](phrase)
    if due is None:
        return "refused"
    found = read_due(due, CASES_SAID)
    if found.kind.value not in NAMES_A_DAY:
        return "refused" if found.offers else "refused without an offer"
    return f"{found.kind} {' '.join(map(str, found.days))}" + (f", of {what}" if what != WHAT else "")


@pytest.mark.parametrize("door", DOORS)
def test_every_door_reads_a_phrase_alike(door: str) -> None:
    wrong = {
        phrase: said
        for phrase, kind, days in CASES + FURTHER
        if (said := answered(door, phrase))
        != (f"{kind} {days}" if kind in NAMES_A_DAY and not _is_no_day(door, phrase) else "refused")
    }
    assert wrong == {}


def _is_no_day(door: str, phrase: str) -> bool:
    return "with by" in door and phrase in NO_DAY_BEHIND_BY


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("ring the nurse case:WEST-0001", ("ring the nurse", "WEST-0001", True)),
        ("ring the nurse, WEST-0001", ("ring the nurse", "WEST-0001", False)),
        ("check WEST-0001 and WEST-0002", ("check WEST-0001 and WEST-0002", "WEST-0002", False)),
        ("check 0001, WEST-0002", ("check 0001, WEST-0002", "WEST-0002", False)),
        ("ring the nurse about WEST-0001", ("ring the nurse about WEST-0001", "WEST-0001", False)),
    ],
)
def test_a_reference_among_others_stays_in_the_words(typed: str, taken: tuple[str, str | None, bool]) -> None:
    assert take_case(typed) == taken


def test_the_case_that_was_chosen_does_not_hide_the_holder() -> None:
    assert with_case_last("case:WEST-0001 Farah ring the nurse") == "Farah ring the nurse case:WEST-0001"
    assert with_case_last("Farah ring the nurse case:WEST-0001") == "Farah ring the nurse case:WEST-0001"
