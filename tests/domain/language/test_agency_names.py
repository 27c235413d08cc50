"""Notes of what agencies shared, as people type them at the table."""

import pytest

from bot.domain.language.agency_names import (
    Attributed,
    NamedAgency,
    Shared,
    agency_called,
    attribute,
    is_kind_of_agency,
    said_by_agency,
    with_colon,
)
from bot.models.vocabulary import AgencyKind

POLICE, CARE, HEALTH, HOSPITAL, WEST, EAST = range(1, 7)
AGENCIES = (
    NamedAgency(POLICE, "Clearwater Constabulary", "police", AgencyKind.POLICE, ("Alex Adeyemi",)),
    NamedAgency(
        CARE,
        "Shire Children's Social Care",
        "care",
        AgencyKind.CHILDRENS_SOCIAL_CARE,
        ("Priya Nair",),
        ("CSC West", "Children's hub"),
    ),
    NamedAgency(HEALTH, "Shire Community Health", "health", AgencyKind.HEALTH, ("Sam Ode",)),
    NamedAgency(HOSPITAL, "Marsh General", "marsh", AgencyKind.HEALTH, (), ("NHS Marsh", "A&E")),
    NamedAgency(WEST, "West Council", "west", AgencyKind.DISTRICT_COUNCIL, ("Jo Lund", "Kofi Mensah-Lowe")),
    NamedAgency(EAST, "East Council", "east", AgencyKind.DISTRICT_COUNCIL, ("Kim Berg",)),
)


@pytest.mark.parametrize(
    ("typed", "agency_id"),
    [
        ("Police: seen twice", POLICE),
        ("POLICE – seen twice", POLICE),
        ("police - seen twice", POLICE),
        ("Clearwater Constabulary: seen twice", POLICE),
        ("CSC: seen twice", CARE),
        ("social care: seen twice", CARE),
        ("Children\u2019s Social Care: seen twice", CARE),  # as a telephone types it
        ("NHS: seen twice", HEALTH),  # the hospital sits not here
        ("Marsh General: seen twice", HOSPITAL),
        ("Priya: seen twice", CARE),
        ("Priya Nair: seen twice", CARE),
        ("West: seen twice", WEST),
        ("CSC West: seen twice", CARE),
        ("csc\u00a0west – seen twice", CARE),
        ("Children\u2019s hub: seen twice", CARE),
        ("A&E: seen twice", HOSPITAL),
        ("Kofi Mensah-Lowe: seen twice", WEST),
        ("Kofi Mensah\u2013Lowe: seen twice", WEST),
        ("Kofi Mensah\u2011Lowe \u2013 seen twice", WEST),
    ],
)
def test_what_stands_before_a_colon_or_a_dash_names_an_agency(typed: str, agency_id: int) -> None:
    assert attribute(typed, AGENCIES) == Attributed((Shared(agency_id, "seen twice"),))


@pytest.mark.parametrize(
    ("name", "agency_id"),
    [
        ("police", POLICE),
        ("clearwater  constabulary", POLICE),
        ("csc west", CARE),
        ("children\u2019s hub", CARE),
        ("CSC", CARE),
        ("nhs", HEALTH),
        ("NHS Marsh", HOSPITAL),
        ("council", None),  # there are two
        ("fire service", None),
    ],
)
def test_one_agency_is_meant_by_what_it_is_called(name: str, agency_id: int | None) -> None:
    assert agency_called(name, AGENCIES) == agency_id


def test_several_agencies_in_one_note_are_a_part_each() -> None:
    assert attribute("Police: seen twice. Health – no attendances; CSC: visit due", AGENCIES) == Attributed(
        (Shared(POLICE, "seen twice."), Shared(HEALTH, "no attendances;"), Shared(CARE, "visit due"))
    )


def test_what_stands_before_the_first_agency_is_the_panels_own() -> None:
    assert attribute("She is safe. Police: seen twice", AGENCIES) == Attributed(
        (Shared(None, "She is safe."), Shared(POLICE, "seen twice"))
    )


@pytest.mark.parametrize(
    ("typed", "unplaced"),
    [("Council: taxi licences checked", "Council"), ("Fire service: smoke alarms fitted", "Fire service")],
)
def test_a_name_of_none_or_of_two_is_told_as_unplaced(typed: str, unplaced: str) -> None:
    assert attribute(typed, AGENCIES) == Attributed((Shared(None, typed),), unplaced)


@pytest.mark.parametrize(
    "typed",
    ["Seen by police twice", "The school rang police: no answer came for two whole days after", "10:30 seen", "Safe"],
)
def test_words_without_an_agency_at_their_beginning_are_discussion(typed: str) -> None:
    assert attribute(typed, AGENCIES).parts == (Shared(None, typed),)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("note for Health: DNA", (Shared(HEALTH, "DNA"),)),
        ("1. Police: seen 2. Health: DNA", (Shared(POLICE, "seen"), Shared(HEALTH, "DNA"))),
        ("Police and Health: joint visit", (Shared(POLICE, "joint visit"), Shared(HEALTH, "joint visit"))),
        ("Police/NHS: joint visit", (Shared(POLICE, "joint visit"), Shared(HEALTH, "joint visit"))),
        ("Seen 2. Not since", (Shared(None, "Seen 2. Not since"),)),
    ],
)
def test_an_agency_is_found_behind_a_lead_a_list_number_or_another(typed: str, parts: tuple[Shared, ...]) -> None:
    assert attribute(typed, AGENCIES).parts == parts


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("police don\u2019t agree with it", "police: don\u2019t agree with it"),
        ("\u2013 police don't agree", "police: don't agree"),
        ("\u2013 Police: would retain", "Police: would retain"),
        ("Health would retain", "Health: would retain"),
        ("police officers agree", "police officers agree"),
    ],
)
def test_an_agency_that_disagrees_needs_no_colon(typed: str, said: str) -> None:
    assert with_colon(typed, AGENCIES) == said


@pytest.mark.parametrize(
    ("typed", "agency_id", "said"),
    [
        ("Police say seen at the station again", POLICE, "seen at the station again"),
        ("the police said that he was seen", POLICE, "he was seen"),
        ("CSC report that the plan goes on", CARE, "the plan goes on"),
        ("Priya told us he is engaging well", CARE, "he is engaging well"),
        ("nothing to report from Police", POLICE, "nothing to report"),
        ("Police\u2014seen twice", POLICE, "seen twice"),  # a telephone made it of two hyphens
    ],
)
def test_what_an_agency_says_is_from_it(typed: str, agency_id: int, said: str) -> None:
    assert attribute(typed, AGENCIES) == Attributed((Shared(agency_id, said),))


@pytest.mark.parametrize(
    "typed",
    [
        "Police said to the mother that he was seen",
        "Police report attached",
        "school said he is excluded",  # perhaps what another agency heard there
        "health says no",
        "nothing to report from the hub at all",
        "the placement said he left",
    ],
)
def test_what_is_told_of_an_agency_is_not_from_it(typed: str) -> None:
    assert attribute(typed, AGENCIES).parts == (Shared(None, typed),)


def test_a_note_that_is_offered_has_its_agency_first() -> None:
    assert said_by_agency("police say seen twice today") == "Police: seen twice today"
    assert said_by_agency("no update from <@U1>") == "<@U1>: no update"
    assert said_by_agency("seen twice today") is None
    assert is_kind_of_agency("Social Care")
    assert not is_kind_of_agency("the hub")


SEEN, NONE = Shared(POLICE, "stop checked"), Shared(HEALTH, "did not attend")


@pytest.mark.parametrize(
    "typed",
    [
        "\u2022 Police \u2013 stop checked \u2022 Health \u2013 did not attend",
        "\u25aa Police: stop checked \u25aa Health: did not attend",
        "Police \u2013 stop checked \u00b7 Health \u2013 did not attend",
        "Police \u2013 stop checked / Health \u2013 did not attend",
        "- Police: stop checked - Health: did not attend",
        "Police - stop checked, Health - did not attend",
        "Police \u2013 stop checked\nHealth \u2013 did not attend",
        "1) Police \u2013 stop checked 2) Health \u2013 did not attend",
    ],
)
def test_each_agency_of_a_pasted_line_has_a_part(typed: str) -> None:
    assert attribute(typed, AGENCIES) == Attributed((SEEN, NONE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Police \u2013 spoke to mum, Priya \u2013 will ring", "spoke to mum, Priya \u2013 will ring"),
        ("Police: he left school, home \u2013 then ran", "he left school, home \u2013 then ran"),
        ("Police: stop checked - no offences, no warning", "stop checked - no offences, no warning"),
    ],
)
def test_a_person_or_a_place_within_a_line_begins_no_part(typed: str, said: str) -> None:
    assert attribute(typed, AGENCIES) == Attributed((Shared(POLICE, said),))


@pytest.mark.parametrize(
    "typed",
    [
        "\u201cPolice: no intel since March\u201d \u201cHealth: nothing to add\u201d",
        '"Police: no intel since March", "Health: nothing to add"',
        "Police: no intel since March Health: nothing to add",
        "\u201cPolice: no intel since March Health: nothing to add\u201d",
    ],
)
def test_agencies_in_quotes_or_without_a_mark_between_get_a_line_each(typed: str) -> None:
    assert attribute(typed, AGENCIES) == Attributed(
        (Shared(POLICE, "no intel since March"), Shared(HEALTH, "nothing to add"))
    )


@pytest.mark.parametrize(
    "said", ["asked about Mental Health: none known", "seen with Police: yes", "at 10:30 he left", "see Police report"]
)
def test_a_name_within_what_an_agency_says_begins_no_line(said: str) -> None:
    assert attribute(f"CSC: {said}", AGENCIES) == Attributed((Shared(CARE, said),))


def test_a_school_that_says_something_now_speaks_at_the_table() -> None:
    assert said_by_agency("School say attendance is 43%") == "School: attendance is 43%"
    assert said_by_agency("school said he is excluded") is None
    assert said_by_agency("school say no to a meeting") is None
