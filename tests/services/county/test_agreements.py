"""Sharing agreements whose review co-ordinators hear of, job titles and markings that minutes print."""

from datetime import date

import pytest
from sqlmodel import col

from bot.documents.county_file import read_county_file
from bot.errors import Misconfigured
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.services.county.agreements import AGREEMENT_REVIEWS, AgreementView, agreement_for_notice
from bot.services.county.application import apply_county
from bot.services.minutes import papers
from bot.store.unit_of_work import Store
from tests.county import WEST
from tests.services.conftest import Play
from tests.services.county.test_application import county_file
from tests.services.minutes.heard import hear
from tests.services.minutes.test_correcting import said

pytestmark = pytest.mark.databases("sqlite")


def is_signed(play: Play, agency: str, review: date, signed: date | None = None) -> None:
    """Let an agency's sharing agreement be reviewed by that day."""
    with play.store.work() as work:
        row = work.session.get_one(Agency, play.county.agency[agency])
        row.sharing_agreement_review_on, row.sharing_agreement_signed_on = review, signed
        work.session.add(row)


@pytest.mark.databases("sqlite", "postgresql")
def test_co_ordinators_hear_30_days_before_a_review_once_for_each(play: Play) -> None:
    is_signed(play, "health", date(2026, 4, 30), date(2025, 4, 30))
    play.at(3, 30)
    assert play.ticks(AGREEMENT_REVIEWS) == 0
    play.at(3, 31, 3)
    assert play.ticks(AGREEMENT_REVIEWS) == 0  # nobody is told in the night
    play.at(3, 31)
    assert play.ticks(AGREEMENT_REVIEWS) == 1
    assert play.ticks(AGREEMENT_REVIEWS) == 0
    assert play.sent("agreement_review") == [("agreement_review", "coordinator")]
    found = play.does("coordinator", agreement_for_notice, play.county.agency["health"], "2026-04-30")
    assert found == AgreementView("Health", date(2025, 4, 30), date(2026, 4, 30))
    assert play.does("nurse", agreement_for_notice, play.county.agency["health"], "2026-04-30") is None
    # With another day the message is overtaken, and the next one comes in its time.
    is_signed(play, "health", date(2027, 4, 30), date(2026, 4, 1))
    assert play.does("coordinator", agreement_for_notice, play.county.agency["health"], "2026-04-30") is None
    assert play.ticks(AGREEMENT_REVIEWS) == 0


def test_an_agency_that_sends_nobody_is_the_administrators(play: Play) -> None:
    is_signed(play, "council", date(2026, 3, 9))
    for who in ("minutetaker", "observer"):
        play.loses_place(who)
    play.at(3, 10)
    assert play.ticks(AGREEMENT_REVIEWS) == 1
    assert play.sent("agreement_review") == [("agreement_review", "administrator")]


def test_the_file_says_when_agreements_are_reviewed_and_what_people_do(store: Store) -> None:
    file = county_file(store)
    agency, *others = file.agencies
    days = {"sharing_agreement_signed": date(2026, 1, 5), "sharing_agreement_review": date(2027, 1, 5)}
    person, *people = file.people
    named = file.model_copy(
        update={
            "agencies": (agency.model_copy(update=days), *others),
            "people": (person.model_copy(update={"job_title": "Detective inspector"}), *people),
        }
    )
    unnamed = named.model_copy(update={"people": file.people})
    emptied = named.model_copy(update={"people": (person.model_copy(update={"job_title": ""}), *people)})
    with store.work() as work:
        apply_county(work, named)
        row = work.find(Agency, col(Agency.key) == agency.key)
        assert row is not None
        assert (row.sharing_agreement_signed_on, row.sharing_agreement_review_on) == tuple(days.values())
        one = work.find(Person, col(Person.key) == person.key)
        assert one is not None
        assert one.job_title == "Detective inspector"
        assert apply_county(work, named) == ()
        assert apply_county(work, unnamed) == ()  # what the file doesn't say, or was given in Slack, stays
        assert one.job_title == "Detective inspector"
        assert apply_county(work, emptied) == (f"~ person {person.key}: job title changed",)
        assert one.job_title == ""


def test_an_agreement_is_not_reviewed_before_it_is_signed(store: Store) -> None:
    wrong = (
        '[county]\nkey = "demo"\ntitle = "Demo"\nteam = "T0DEMO"\n[[agencies]]\nkey = "health"\nname = "Health"\n'
        'kind = "health"\nsharing_agreement_signed = 2026-05-01\nsharing_agreement_review = 2026-04-01\n'
    )
    with pytest.raises(Misconfigured, match=r"sharing_agreement_review \(2026-04-01\) is not after"):
        read_county_file(wrong, name="demo.toml", definitions=store.definitions)


def test_minutes_print_job_titles_and_the_marking_of_the_kind_of_panel(play: Play) -> None:
    with play.store.work() as work:
        nurse = work.session.get_one(Person, play.county.person["nurse"])
        nurse.job_title = "Named nurse"
        work.session.add(nurse)
        kind = work.session.get_one(Panel, play.county.west_id).definition
        usual = work.definition(kind)
    definitions = play.store.definitions
    own = {"handling": "Not to be copied", "legal_basis": "Children Act 2004.", "statement": "Keep it safe."}
    play.store.definitions = {**definitions, kind: usual.model_copy(update=own)}
    try:
        hear(play)
        play.does("minutetaker", papers.draft_minutes, WEST)
        facts = said(play)
    finally:
        play.store.definitions = definitions
    assert [(one.name, one.job_title) for one in facts.present if one.job_title] == [("Nurse", "Named nurse")]
    assert facts.marking == "OFFICIAL-SENSITIVE – Not to be copied"
    assert facts.confidentiality.split("\n\n")[-2:] == ["Legal basis: Children Act 2004.", "Keep it safe."]
