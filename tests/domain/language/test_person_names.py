"""People who were typed and not picked from Slack's list."""

import pytest

from bot.domain.language.person_names import TypedPeople, mention_first, mention_typed

PEOPLE = {
    "U1": "Farah Siddiqi",
    "U2": "Sam Ode",
    "U3": "Sam Lund",
    "U4": "Kofi Mensah-Lowe",
}
ANYWHERE = r"(?<![\w@.|<-])"


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("4 to @farah", "4 to <@U1>"),
        ("4 to @Farah Siddiqi", "4 to <@U1>"),
        ("@farah.siddiqi 4", "<@U1> 4"),
        ("@fsiddiqi, 4", "<@U1>, 4"),
        ("4 @farah\u2019s", "4 <@U1>"),
        ("@kofi.mensah-lowe", "<@U4>"),
        ("@Sam Ode and @Sam Lund", "<@U2> and <@U3>"),
        ("4 to Farah", "4 to Farah"),  # without "@" only where nothing else is expected
        ("farah@example.org", "farah@example.org"),
        ("<@U2> 4", "<@U2> 4"),
    ],
)
def test_an_at_and_a_name_mean_one_person(typed: str, made: str) -> None:
    assert mention_typed(typed, PEOPLE).text == made


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("4 to Farah", "4 to <@U1>"),
        ("farah siddiqi 4", "<@U1> 4"),
        ("Siddiqi 4", "<@U1> 4"),
        ("WEST-0004 Farahs", "WEST-0004 <@U1>"),
        ("farah-west", "farah-west"),  # a panel's key
        *((f"4 to Kofi Mensah{dash}Lowe", "4 to <@U4>") for dash in "-\u2010\u2011\u2013\u2014"),
        ("4 to Farah\u2013urgent", "4 to <@U1>\u2013urgent"),
    ],
)
def test_a_bare_name_counts_where_a_person_is_expected(typed: str, made: str) -> None:
    assert mention_typed(typed, PEOPLE, after=ANYWHERE).text == made


def test_a_name_of_several_people_is_unsure() -> None:
    assert mention_typed("4 to @sam", PEOPLE) == TypedPeople("4 to @sam", ("@sam", ("U2", "U3")))


def test_a_name_of_nobody_is_told() -> None:
    assert mention_typed("4 to @bob.", PEOPLE) == TypedPeople("4 to @bob.", unknown="@bob")


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("Farah and Kofi to ring the school", "<@U1>, <@U4> to ring the school"),
        ("<@U1> & kofi: ring the school", "<@U1>, <@U4>: ring the school"),
        ("Farah and also Kofi to ring the school", "<@U1>, <@U4> to ring the school"),
        ("Farah as well as Kofi to ring the school", "<@U1>, <@U4> to ring the school"),
        ("Farah together with Kofi ring the school", "<@U1>, <@U4> ring the school"),
        ("Farah (plus Kofi) to ring the school", "<@U1>, <@U4>) to ring the school"),
        ("farah/kofi to ring the school", "<@U1>, <@U4> to ring the school"),
        ("Farah to meet with Kofi as well as Sam", "Farah to meet with Kofi as well as Sam"),
        ("Farah to ring Kofi and Sam", "Farah to ring Kofi and Sam"),
        ("Farah and the school to meet", "Farah and the school to meet"),
    ],
)
def test_several_people_at_the_beginning_are_all_mentioned(typed: str, made: str) -> None:
    assert mention_first(typed, PEOPLE) == made
