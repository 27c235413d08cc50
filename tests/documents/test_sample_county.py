"""The county for practice: whole, lively, and obviously invented."""

from collections import Counter
from importlib.resources import files

import pytest

from bot.documents.county_file import CountyFile, read_county_file
from bot.documents.panel_files import load_panel_definitions
from bot.models.vocabulary import AgencyKind, Role, Theme


@pytest.fixture(scope="module")
def county() -> CountyFile:
    text = (files("bot.practice") / "sample_county.toml").read_text(encoding="utf-8")
    return read_county_file(text, name="sample_county.toml", definitions=load_panel_definitions())


def test_it_has_the_promised_numbers(county: CountyFile) -> None:
    assert {
        "areas": len(county.areas),
        "agencies": len(county.agencies),
        "people": len(county.people),
        "panels": Counter(panel.definition for panel in county.panels),
        "cases": len(county.cases),
        "administrators": [person.key for person in county.people if person.administrator],
    } == {
        "areas": 5,
        "agencies": 10,
        "people": 30,
        "panels": {"district-operational-met": 4, "county-operational-met": 1, "mase": 1},
        "cases": 60,
        "administrators": ["avery"],
    }


def test_every_theme_leads_five_cases(county: CountyFile) -> None:
    assert Counter(case.themes[0] for case in county.cases) == dict.fromkeys(Theme, 5)


def test_every_panel_has_each_office_and_can_be_quorate(county: CountyFile) -> None:
    home = {person.key: person.agency for person in county.people}
    kind = {agency.key: agency.kind for agency in county.agencies}
    core = {AgencyKind.CHILDRENS_SOCIAL_CARE, AgencyKind.POLICE, AgencyKind.HEALTH}
    for panel in county.panels:
        assert {member.role for member in panel.members} == set(Role)
        speakers = {kind[home[member.person]] for member in panel.members if member.role is Role.REPRESENTATIVE}
        assert core - speakers == set()


def test_references_are_obviously_synthetic_and_judgements_all_differ(county: CountyFile) -> None:
    assert [case.reference for case in county.cases] == [f"SAMPLE-{number:04}" for number in range(1, 61)]
    assert len({case.judgement for case in county.cases}) == 60


def test_judgements_name_nobody(county: CountyFile) -> None:
    names = {part for person in county.people for part in person.name.replace("-", " ").split()}
    said = " ".join(case.judgement + case.asked_of_panel for case in county.cases)
    assert names & set(said.replace(".", " ").replace(",", " ").split()) == set()


def test_some_assessments_are_stale_and_some_cases_are_closed(county: CountyFile) -> None:
    stale = [case for case in county.cases if (case.assessed_days_ago or 0) > 92]
    assert (len(stale) > 5, sum(case.closed for case in county.cases)) == (True, 2)


def test_people_and_channels_are_in_the_practice_workspace(county: CountyFile) -> None:
    assert {person.team for person in county.people} == {"T0PRACTICE"}
    assert all(person.user == f"U0{person.key.upper()}" for person in county.people)
