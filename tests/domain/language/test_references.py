"""The shape of an agency's references, and birthdays that are taken for references."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.language.references import (
    bare_digits,
    check_new_reference,
    check_shape,
    example_of,
    fits,
    is_named_in,
    is_shaped,
    item_said_in,
    named_in,
    take_item,
    take_item_number,
    with_case_led,
    with_dash_closed,
    with_hyphen,
    with_hyphen_in_word,
    words_like_references,
)
from bot.errors import Mistake

TODAY = date(2026, 11, 28)


def refusal(reference: str, shape: str | None = None) -> str | None:
    try:
        check_new_reference(reference, shape=shape, agency="Health", today=TODAY)
    except Mistake as refused:
        return f"{refused.field}: {refused}"
    return None


@pytest.mark.parametrize(
    ("shape", "example"),
    [("WEST-####", "WEST-0012"), ("AA/##/####", "AA/00/0012"), ("#######", "0000012"), ("CSC-#", "CSC-1")],
)
def test_a_shape_gives_its_example(shape: str, example: str) -> None:
    assert (check_shape(shape), example_of(shape)) == (shape, example)


@pytest.mark.parametrize("shape", ["west-####", "AAAA", "##", "WEST-[0-9]+", "#" * 21, "WEST ####", ""])
def test_what_is_no_shape_is_refused(shape: str) -> None:
    with pytest.raises(Mistake, match=r"^a reference's shape has 3 to 20 signs: .+ such as WEST-####$"):
        check_shape(shape)


@given(shape=st.text("#AWX7-/", min_size=3, max_size=20).filter(lambda shape: "#" in shape), data=st.data())
def test_a_reference_fits_sign_by_sign(shape: str, data: st.DataObject) -> None:
    assert fits(example_of(shape), shape)
    place = data.draw(st.integers(0, len(shape) - 1))
    wrong = {"#": "Z", "A": "5"}.get(shape[place], "Q")
    assert not fits(example_of(shape)[:place] + wrong + example_of(shape)[place + 1 :], shape)
    assert not fits(example_of(shape) + "1", shape)


@pytest.mark.parametrize("reference", ["WEST-001", "WEST-00012", "EAST-0012", "WEST-001A", "WEST/0012", "12032009"])
def test_a_reference_in_another_shape_is_refused_with_an_example(reference: str) -> None:
    said = f"References of Health look like WEST-0012, and {reference} doesn't. Check it in your agency's case system."
    assert refusal(reference, "WEST-####") == f"reference: {said}"


def test_a_reference_in_the_shape_is_let_through_also_where_it_could_be_a_day() -> None:
    assert (refusal("WEST-0012", "WEST-####"), refusal("12032009", "########")) == (None, None)


@pytest.mark.parametrize(
    "reference",
    [
        *("20090312", "JS12032009", "JS-12032009", "JS-12-03-2009", "JS-2009-03-12", "JS/12/03/09", "SMITH-20090312"),
        *("12MAR2009", "SMITH-12MAR09", "12-MARCH-09", "DOB120309", "B/1/1/2023"),
    ],
)
def test_a_birthday_is_refused_with_an_example(reference: str) -> None:
    said = "That looks as if it contains a date of birth. Use the agency's own case number, such as SAMPLE-0012."
    assert refusal(reference) == f"reference: {said}"


@pytest.mark.parametrize(
    "reference",
    [
        *("JONES-2010", "JONES2010", "2010-JONES", "KAI/2009", "J-SMITH-1990", "JSMITH2010", "SMITHJ-2026"),
        *("KAISMITH-2011", "KAI-SMITH-2011", "OLIVIA-2010-03", "TYLER-2010-1"),
    ],
)
def test_a_name_with_a_year_is_refused_with_an_example(reference: str) -> None:
    said = "That looks like a name with a year. Use the agency's own case number, such as SAMPLE-0012."
    assert refusal(reference) == f"reference: {said}"


def test_a_name_with_a_year_is_let_through_where_it_has_the_agency_s_shape() -> None:
    assert refusal("JONES-2010", "JONES-####") is None


@pytest.mark.parametrize(
    "reference",
    [
        *("WEST-0001", "SAMPLE-0041", "CIN-20417", "MET-2026-014", "P2026/0041", "WEST-2026", "NORTH-2010", "EAST2010"),
        *(
            "MET-2026",
            "YOT/2011",
            "SAMPLE-2010",
            "CASE-2012",
            "LCS/2026/0012",
            "JONES-1989",
            "JONES-2027",
            "JONES-0041",
        ),
    ],
)
def test_letters_and_a_number_that_are_no_name_with_a_year_are_let_through(reference: str) -> None:
    assert refusal(reference) is None


@pytest.mark.parametrize(
    "reference",
    [
        *("SAMPLE-0012", "LCS/2026/0012", "HAV-001", "SAMPLE0012", "26-0012", "1234567", "CSC-20260312", "B12"),
        *("WEST-20091340", "WEST-31022010", "AB-1120320091", "YJ/19/1234"),
    ],
)
def test_a_case_number_is_let_through(reference: str) -> None:
    assert refusal(reference) is None


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("Can we hear sample-0012 this month? And SAMPLE-0013?", "SAMPLE-0012"),
        ("(WEST-0001)", "WEST-0001"),
        ("About CSC/2026/0044.", "CSC/2026/0044"),
        ("Seen at 14:00, 3 times, on 12-03-2012", ""),
        ("Jo-Ann was there, aged 14", ""),
        ("https://example.org/a-1/b", ""),
        ("", ""),
    ],
)
def test_a_message_names_the_first_reference_in_it_or_none(message: str, named: str) -> None:
    assert named_in(message) == named


@pytest.mark.parametrize("typed", ["WEST-0003", "see west 0003 soon", "WEST0003", "WEST\u20130003.", "(WEST/0003)"])
def test_a_reference_is_named_with_any_mark_or_none(typed: str) -> None:
    assert is_named_in("WEST-0003", typed)


@pytest.mark.parametrize("typed", ["WEST-00031", "NORTH-WEST-0003", "WEST 00 03", "WEST"])
def test_part_of_another_word_names_no_reference(typed: str) -> None:
    assert not is_named_in("WEST-0003", typed)


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("WEST 0001", "WEST-0001"),
        ("west 0001 into west 0002", "west-0001 into west-0002"),
        ("WEST-0001 and unit 1234", "WEST-0001 and unit 1234"),
        ("case 0001", "case 0001"),
        ("June 2026", "June 2026"),
    ],
)
def test_a_space_becomes_the_hyphen_of_a_reference(typed: str, made: str) -> None:
    assert with_hyphen(typed) == made


def test_words_that_may_be_references_have_a_digit_and_a_letter_or_mark() -> None:
    assert words_like_references("ring WEST-0002 or west 0003 by 9 May, 14:00") == ["WEST-0002", "west 0003"]
    assert words_like_references("ring the school on Friday") == []


def test_a_month_with_its_year_has_the_shape_of_no_reference() -> None:
    assert is_shaped("EAST-0001", {"AAAA-####"})
    assert not is_shaped("June-2026", {"AAAA-####"})
    assert not is_shaped("COVID-19", {"AAAA-####"})


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("7 Police: seen", ("7", "Police: seen")),
        ("item 7 Police: seen", ("7", "Police: seen")),
        ("Item no. 6a \u2013 Police: seen", ("6a", "Police: seen")),
        ("at item 7 \u2013 Police: seen", ("7", "Police: seen")),
        ("regarding the agenda item 7: Police: seen", ("7", "Police: seen")),
        ("at 7 Police: seen", (None, "at 7 Police: seen")),  # an hour
        ("7", ("7", "")),
        ("1. Police: seen", (None, "1. Police: seen")),
        ("2 weeks later", (None, "2 weeks later")),
        ("3rd episode", (None, "3rd episode")),
        ("50% attendance", (None, "50% attendance")),
        ("retain", (None, "retain")),
    ],
)
def test_an_item_number_begins_a_line(typed: str, taken: tuple[str | None, str]) -> None:
    assert take_item_number(typed) == taken


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("item 7: seen", ("7", "seen")),
        ("At item 7 \u2013 seen", ("7", "seen")),
        ("under agenda item 6a, seen", ("6a", "seen")),
        ("item 7, 8 and 9: not reached", (None, "item 7, 8 and 9: not reached")),
        ("item 7, item 8: not reached", (None, "item 7, item 8: not reached")),
        ("at item 7 seen", (None, "at item 7 seen")),
    ],
)
def test_an_item_before_a_mark_takes_the_line(typed: str, taken: tuple[str | None, str]) -> None:
    assert take_item(typed) == taken


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("at item 7 police on bail", "7"),
        ("Police (item 7): on bail", "7"),
        ("item 6A was moved", "6a"),
        ("seen after item 7", None),
        ("seen twice", None),
    ],
)
def test_a_line_may_be_for_an_item_that_it_names(typed: str, number: str | None) -> None:
    assert item_said_in(typed) == number


@pytest.mark.parametrize(
    ("typed", "led"),
    [
        ("at 0041 \u2013 Police: seen", "on 0041 \u2013 Police: seen"),
        ("Under WEST-0041: seen", "on WEST-0041: seen"),
        ("at home", "at home"),
        ("seen at 0041", "seen at 0041"),
    ],
)
def test_a_case_at_the_beginning_of_a_line_may_follow_at(typed: str, led: str) -> None:
    assert with_case_led(typed) == led


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("history of west0001", "history of west-0001"),
        ("WEST-0001 and shire0002", "WEST-0001 and shire0002"),
        ("q12026 s47 <@U0001>", "q12026 s47 <@U0001>"),
    ],
)
def test_a_reference_typed_as_one_word_gets_its_hyphen(typed: str, said: str) -> None:
    assert with_hyphen_in_word(typed) == said


@pytest.mark.parametrize(
    "typed",
    [
        "0041",
        "0041: seen twice",
        "for 0041 Police: seen",
        "case 0041, seen",
        "ring the school about 0041",
        "0016 and 0041",
        "0016/0041",
        "0016 / 0041",
        "0016, 0041",
        "link 0016 with 0041",
        "RE 0041",
        "check 0041",
    ],
)
def test_a_case_may_be_named_by_its_digits(typed: str) -> None:
    assert is_named_in("SAMPLE-0041", typed)


@pytest.mark.parametrize(
    "typed",
    [
        "MET 0041",
        "MET-0041",
        "at 0041",
        "action 0041",
        "00412",
        "0041.5",
        "about 0041-2",
        "seen 0041 times",
        "by 0041",
        "10/0041/26",
        "item 0041",
        "room 0041",
    ],
)
def test_other_digits_name_none(typed: str) -> None:
    assert not is_named_in("SAMPLE-0041", typed)


def test_digits_that_may_be_a_year_or_a_number_stand_for_no_case() -> None:
    assert [bare_digits(one) for one in ("WEST-0001", "WEST-2026", "AB/48213", "A12", "WEST-0001A")] == [
        "0001", "", "48213", "", "",
    ]  # fmt: skip
    assert not is_named_in("WEST-2026", "about 2026")


def test_a_dash_with_spaces_at_the_beginning_belongs_to_the_reference() -> None:
    assert with_dash_closed("west \u2013 0301 for April") == "west-0301 for April"
    assert with_dash_closed("case WEST- 0301") == "case WEST-0301"
    assert with_dash_closed("close - 0301") == "close - 0301"
    assert with_dash_closed("WEST-0001 because police - 0301") == "WEST-0001 because police - 0301"
