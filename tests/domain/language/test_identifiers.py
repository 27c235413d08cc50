"""Text that identifies a person is caught; the panels' own shorthand is not."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.language.identifiers import (
    Identifier,
    accept_line,
    check_reference,
    find_identifiers,
    refuse_identifiers,
)
from bot.errors import Mistake

TODAY = date(2026, 11, 22)

# Numbers reserved for examples where such exist (Ofcom's 01632 960, 07700 900, 020 7946 0; HMRC's QQ).
CAUGHT = {
    "NHS number": [
        "943 476 5919", "943-476-5919", "9434765919", "NHS no. 943 476 5918", "NHS: 9434765918",
    ],
    "phone number": [
        "07700 900123", "07700900123", "0770 090 0123", "+44 7700 900 123", "+44 (0)7700 900123", "0044 7700 900123",
        "020 7946 0018", "(020) 7946 0018", "01632 960123", "(01632) 960123", "01632 96012", "+44 1632 960123",
        "07700-900-123",
    ],
    "postcode": ["SO14 2AB", "so14 2ab", "SW1A1AA", "M1 1AA", "EC1A 1BB", "b33 8th"],
    "date of birth": [
        "12/03/2011", "12-03-2011", "12.03.2011", "12/03/11", "12.03.11", "2011-03-12", "12 March 2011",
        "12th of March 2011", "12-Mar-2011", "March 12, 2011", "1/1/1985", "DOB 12/03/2011", "DOB: 12 March 2011",
        "D.O.B. 12/03/25", "12 03 2011", "12 Mar '11", "12/Mar/2011", "year of birth 2011",
        "date of birth 12/3/2025", "born 12 March 2011",
        "born in 2011", "born on 12/03/2011",
    ],
    "e-mail address": ["a.person@example.org", "a+b@mail.example.co.uk"],
    "National Insurance number": ["QQ 12 34 56 C", "ab123456c"],
    "pupil number (UPN)": ["H801200001001", "h801200001001"],
    "social media name": ["facebook.com/kayleigh.dean.99", "instagram.com/kayz_xo", "facebook.com/profile.php?id=1004"],
    "device number": ["handset 356948 03412765 4", "IMEI 35-694803-412765-4", "phone 356948034127654"],
    "bank account": [
        "12-34-56 / 12345678", "12 34 56 12345678", "12345678, 12-34-56", "account no 12345678, sort 12 34 56",
        "sort code 12-34-56",
    ],
    "name": ["goes by the name of Jaydon Price", "going by the street name Tre", "calls herself Kay Banks"],
    "address": ["3a Station Approach", "12 Mill Wharf"],
}  # fmt: skip

LEFT_ALONE = [
    "HAV-0001", "Ref 12/345", "SAMPLE-0012/3", "meeting at 14:00", "2 pm to 4.30", "CERAF 14/20", "SERAF score 16",
    "due 27/11/2026", "by 3 March 2027", "27/11/26 at 14:00", "2026-11-27", "assessed 12/03/2025",
    "01-02-2026 14:00", "01.02.2026 14:00", "07-12-2026 14:30", "943 476 5918", "crime 44260012345", "0000000000",
    "S20 1st review", "looked after (S31)", "s20 2nd", "section 4.1.12", "NHS trust, 10 beds", "year 2011",
    "airborne in 2011", "3 missing episodes, 2 return interviews", "H801200001002", "12/13/2011", "31/02/2011",
    "IRO Ms Clarke to bring the review forward", "social worker Mr Okafor", "DSL Mrs Patel", "goes by the book",
    "facebook.com/groups/parents", "12-01-26, item 12345678", "14 Hyde Park visits",
    "E1 and E2", "72 h", "call 999 or 101", "@here", "10 of 12 actions", "MET 4AB",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in CAUGHT.items() for text in texts])
def test_an_identifier_is_found_whole_in_a_sentence(kind: str, text: str) -> None:
    before = "The worker noted "
    assert find_identifiers(f"{before}{text}, then left.", today=TODAY) == (
        Identifier(kind, text, len(before), len(before) + len(text)),
    )


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_a_panel_writes_anyway_is_left_alone(text: str) -> None:
    assert find_identifiers(f"Noted: {text}.", today=TODAY) == ()
    assert find_identifiers(text) == ()


def _lines(name: str) -> list[tuple[str, str, str]]:
    """Return whether a line identifies or is clean, what it identifies, and the line as people type it."""
    file = Path(__file__).parent / "cases" / name
    rows = [line.split("\t", 2) for line in file.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return [(kind, what, line) for kind, what, line in rows]


def _unescaped(line: str) -> str:
    return line.encode("latin-1", "backslashreplace").decode("unicode_escape")


def test_lines_of_practice_are_stopped_and_what_is_clean_is_not() -> None:
    lines = [
        (kind, line.encode("latin-1", "backslashreplace").decode("unicode_escape"))
        for kind, _, line in _lines("identifiers.tsv")
    ]
    assert len(lines) == 224
    assert [line for kind, line in lines if bool(find_identifiers(line, today=TODAY)) is (kind == "clean")] == []


def test_further_lines_are_stopped_as_they_are_typed() -> None:
    lines = _lines("identifiers_as_typed.tsv")
    assert len(lines) == 200
    assert [line for kind, _, line in lines if bool(find_identifiers(line, today=TODAY)) is (kind == "clean")] == [
        "postcode is zz99 3vz",  # no inward half has a V
        "postcode: P O 9 9 4 L D (read out over the phone)",
        "MOTHER DEBORAH REPORTS NO CONCERNS",
    ]


def test_lines_of_the_same_kinds_are_stopped_however_they_are_put() -> None:
    lines = _lines("identifiers_further.tsv")
    assert len(lines) == 545
    assert [line for kind, _, line in lines if bool(find_identifiers(line, today=TODAY)) is (kind == "clean")] == [
        "social worker Jane Roberts",  # who works on a case may be named
        "Dr Malik saw her",
        "18 on 3 July 2028",  # a score on a day is written so
        "private plate K4Y LEE",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The advert gives 07700 900123 [kept because it is the intelligence]",
        "The advert gives 07700 900123 (kept because it is the intelligence).",
        "The advert gives 07700 900123 – kept because: it is the intelligence",
        "The advert gives 07700 900123. Kept because it is the intelligence.",
    ],
)
def test_why_it_is_kept_is_read_in_any_marks(text: str) -> None:
    assert accept_line(text, field="text", missing="", today=TODAY) == text


def test_several_are_found_in_order_and_none_twice() -> None:
    text = "born on 12/03/2011, lives in SO14 2AB, ring 07700900123"
    assert [(each.kind, each.excerpt) for each in find_identifiers(text)] == [
        ("date of birth", "born on 12/03/2011"),
        ("postcode", "SO14 2AB"),
        ("phone number", "07700900123"),
    ]
    assert all(text[each.start : each.end] == each.excerpt for each in find_identifiers(text))


def test_a_date_counts_as_a_birth_once_it_is_four_years_old() -> None:
    text = "seen on 12/03/2022"
    assert find_identifiers(text, today=date(2025, 6, 1)) == ()
    assert [each.kind for each in find_identifiers(text, today=date(2026, 6, 1))] == ["date of birth"]


@settings(max_examples=100, deadline=None)
@given(st.integers(100_000_000, 999_999_999))
def test_one_wrong_digit_breaks_an_nhs_number(nine: int) -> None:
    digits = [int(digit) for digit in str(nine)]
    check = -sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11
    found = [number for number in range(10) if find_identifiers(f"{nine}{number}")]
    # Nine digits have one check digit, or none when it would be ten; the rest are no NHS numbers.
    assert found == ([] if check == 10 else [check])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert all(text[each.start : each.end] == each.excerpt for each in find_identifiers(text))


def test_long_text_is_read_without_backtracking_for_ever() -> None:
    assert find_identifiers("a" * 20_000 + " " + "7" * 20_000 + "1 2 " * 5_000 + "a." * 5_000) == ()


def test_the_refusal_names_the_kinds_and_never_the_text() -> None:
    with pytest.raises(Mistake) as refused:
        refuse_identifiers("Ring 07700 900123 or write to a@example.org", field="professional_judgement")
    assert str(refused.value) == (
        "This looks as if it contains a phone number and an e-mail address. "
        'Use the case reference instead. If it must stay, end the text with "[kept because REASON]".'
    )
    assert refused.value.field == "professional_judgement"


def test_a_stated_reason_lets_the_text_stay() -> None:
    refuse_identifiers("The advert gives 07700 900123", because="the number is the intelligence")
    refuse_identifiers("Nothing that identifies anybody")
    with pytest.raises(Mistake):
        refuse_identifiers("The advert gives 07700 900123", because="  ")


def test_the_reason_must_not_identify_anybody_either() -> None:
    with pytest.raises(Mistake) as refused:
        refuse_identifiers("See the log", because="NHS 943 476 5919 agreed")
    assert str(refused.value) == "The reason looks as if it contains an NHS number. Leave that out."


@pytest.mark.parametrize(
    ("typed", "stored"), [(" sample-0012 ", "SAMPLE-0012"), ("sample/12", "SAMPLE/12"), ("1234567", "1234567")]
)
def test_a_reference_is_kept_in_capitals(typed: str, stored: str) -> None:
    assert check_reference(typed) == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("AB", "A case reference has 3 to 20 letters, digits, hyphens or slashes, such as SAMPLE-0012."),
        ("SAMPLE 12", "A case reference has 3 to 20 letters, digits, hyphens or slashes, such as SAMPLE-0012."),
        ("S" * 20 + "1", "A case reference has 3 to 20 letters, digits, hyphens or slashes, such as SAMPLE-0012."),
        ("SAMPLE-١٢", "A case reference has 3 to 20 letters, digits, hyphens or slashes, such as SAMPLE-0012."),
        ("SURNAME", "A case reference contains a digit, such as SAMPLE-0012. Never use a name."),
        ("12/03/2026", "A case reference must not be a date. Use the agency's own case number, such as SAMPLE-0012."),
        ("2026-11-27", "A case reference must not be a date. Use the agency's own case number, such as SAMPLE-0012."),
        ("12032011", "A case reference must not be a date. Use the agency's own case number, such as SAMPLE-0012."),
        (
            "9434765919",
            "That looks like an NHS number. Use the agency's own case number, such as SAMPLE-0012.",
        ),
        (
            "07700900123",
            "That looks like a phone number. Use the agency's own case number, such as SAMPLE-0012.",
        ),
    ],
)
def test_a_reference_is_never_a_name_a_date_or_another_identifier(typed: str, sentence: str) -> None:
    with pytest.raises(Mistake) as refused:
        check_reference(typed)
    assert (str(refused.value), refused.value.field) == (sentence, "reference")
