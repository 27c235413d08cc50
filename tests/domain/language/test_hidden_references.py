"""What is said of other children is taken out of a text that goes into one child's file."""

import pytest

from bot.domain.language.references import hider_of_references, shape_of

KNOWN = ("WEST-0001", "WEST-0002", "CF/12345", "1234567", "S20")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Seen with WEST-0002 and west-0002's aunt.", "Seen with [another child] and [another child]'s aunt."),
        ("Seen with WEST\u20130002.", "Seen with [another child]."),
        ("Seen with West 0002, WEST0002.", "Seen with [another child], [another child]."),
        ("WEST-0001 came with west 0001.", "WEST-0001 came with west 0001."),  # the child's own
        ("With EAST-4711, CF/99999 and 7654321.", "With [another child], [another child] and [another child]."),
        ("In June 2026, on 2026-04-21, under S31, at 14:00, for 3 days.",) * 2,
        ("Under S20.", "Under [another child]."),
        ("Room WEST-00021 and AWEST-0002.",) * 2,  # longer words are no references of this county
        ("", ""),
    ],
)
def test_each_word_that_is_shaped_as_a_reference_is_another_child(text: str, left: str) -> None:
    assert hider_of_references(KNOWN, {"WEST-0001"})(text) == left


def test_a_child_that_nobody_has_flagged_is_left_out_like_one_that_was() -> None:
    hide = hider_of_references(["WEST-0001", "WEST-0666"], {"WEST-0001"})
    assert hide("WEST-0666") == hide("WEST-0777") == "[another child]"


def test_without_any_reference_a_text_stays() -> None:
    assert hider_of_references([], set())("WEST-0002") == "WEST-0002"


def test_a_shape_has_a_sign_for_each_letter_and_digit() -> None:
    assert [shape_of(reference) for reference in KNOWN] == ["AAAA-####", "AAAA-####", "AA/#####", "#######", "A##"]
