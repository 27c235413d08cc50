"""Whether an agenda fits its meeting."""

from dataclasses import dataclass

from bot.domain.agenda_order import Overrun, length_words, overrun_of


@dataclass(frozen=True)
class Line:
    section: str
    minutes: int


TITLES = {"new": "New children", "close": "Any other business"}
LINES = [Line("open", 5), *[Line("new", 10)] * 6, Line("close", 5)]


def test_what_fits_has_no_overrun() -> None:
    assert overrun_of(LINES, 70, TITLES) is None
    assert overrun_of([], 60, TITLES) is None


def test_an_agenda_that_is_too_long_says_by_how_much_and_what_weighs_most() -> None:
    found = overrun_of(LINES, 30, TITLES)
    assert found == Overrun(minutes=40, length=30, heaviest="New children", heaviest_minutes=60)
    assert (
        found.words == "The agenda is 40 minutes longer than the meeting, which lasts 30 minutes. "
        "The longest part is New children, with 1 hour."
    )
    assert Overrun(61, 120, "Reviews", 95).words == (
        "The agenda is 1 hour 1 minute longer than the meeting, which lasts 2 hours. "
        "The longest part is Reviews, with 1 hour 35 minutes."
    )


def test_a_section_without_a_title_goes_by_its_key() -> None:
    found = overrun_of([Line("odd", 9)], 5, {})
    assert found is not None
    assert found.heaviest == "odd"


def test_lengths_are_told_in_hours_and_minutes() -> None:
    assert [length_words(count) for count in (0, 1, 60, 150)] == [
        "no minutes",
        "1 minute",
        "1 hour",
        "2 hours 30 minutes",
    ]
