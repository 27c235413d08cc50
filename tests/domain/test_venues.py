"""A venue names a place: it goes into calendars, where neither a child nor a case may stand."""

from datetime import date

import pytest

from bot.domain.language.identifiers import accept_venue
from bot.errors import Mistake

TODAY = date(2026, 11, 22)

PLACES = [
    "Harrowmere council offices, committee room",
    "Wendle House, room 4",
    "Room B12 and B14",
    "Rooms 101/102",
    "Rooms 12-14, 2nd floor",
    "Lower ground LG-101",
    "Unit 4/12, 1024 High Street, Harrowmere SO14 2AB",
    "Civic Centre, SO142AB",
    "Online from 14:00-16:00",
    "Teams, meeting 387 512 904 27",
    "https://zoom.us/j/98765432109?pwd=aB1234cd",
    "teams.microsoft.com/l/meetup-join/19%3ameeting_NDY3MTE2MzQ/0?context=ab1-2345",
    "https://meet.example.org/7f3c1234-ab12-4455-9012-3456789abcde",
    "Family hub (moved on 12/03/2026)",
    "",
]


@pytest.mark.parametrize("venue", PLACES)
def test_a_place_is_a_place_with_its_postcode_room_and_link(venue: str) -> None:
    assert accept_venue(venue, field="venue", today=TODAY) == venue


def test_its_spaces_are_tidied_and_what_nobody_sees_is_left_out() -> None:
    assert accept_venue("  Room\u200b  2,\n\tCivic Centre ", field="venue", today=TODAY) == "Room 2, Civic Centre"


def refusal(venue: str) -> tuple[str, str | None]:
    with pytest.raises(Mistake) as refused:
        accept_venue(venue, field="where", today=TODAY)
    return str(refused.value), refused.value.field


@pytest.mark.parametrize(
    ("venue", "found"),
    [
        ("Room 2, ring 07700 900123", "a phone number"),
        ("Room 2, ring 0770\u200b0 900123", "a phone number"),
        ("tel:07700900123", "a phone number"),
        ("Home of 943 476 5919", "an NHS number"),
        ("Ask amy@example.org", "an e-mail address"),
        ("School of the child born on 12/03/2011", "a date of birth"),
        ("Room 2 (dob 12.03.11), SO14 2AB", "a date of birth"),
        ("Room 2, 07700 900123 or amy@example.org", "a phone number and an e-mail address"),
    ],
)
def test_what_identifies_a_person_is_no_venue(venue: str, found: str) -> None:
    assert refusal(venue) == (
        f"This venue looks as if it contains {found}, and people's calendars show the venue. "
        'Give the venue alone, such as "Council offices, room 2".',
        "where",
    )


@pytest.mark.parametrize(
    "reference",
    [
        *("SAMPLE-0012", "sample-0012", "SAMPLE/0012", "SAMPLE\u20110012", "SAMPLE0012", "HAV-001", "S-20260"),
        *("LCS/2026/0012", "LCS-26-0012-B", "2026/0012", "26-0012", "1234567", "(SAMPLE-0012)", "for:SAMPLE-0012."),
        *("https://files.example.org/SAMPLE-0012", "files.example.org/cases?for=sample-0012&open=1"),
    ],
)
def test_a_case_reference_is_no_venue(reference: str) -> None:
    assert refusal(f"Room 2, about {reference}") == (
        "This venue looks as if it contains a case reference, and people's calendars show the venue. Leave it out: "
        'if it is a room, write its number apart, such as "room CH 1012".',
        "where",
    )


def test_the_way_out_that_is_offered_is_one() -> None:
    assert accept_venue("Council offices, room 2", field="venue", today=TODAY) == "Council offices, room 2"
    assert accept_venue("room CH 1012", field="venue", today=TODAY) == "room CH 1012"


def test_a_venue_is_short() -> None:
    assert accept_venue("a" * 200, field="venue", today=TODAY) == "a" * 200
    assert refusal("a" * 201) == ("The venue has 201 characters, but at most 200 fit. Please shorten it.", "where")
