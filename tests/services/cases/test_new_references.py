"""A new reference has its agency's shape; what is held already is the name that others know the case by."""

import pytest

from bot.models.people import Agency
from bot.services.cases import closed_items
from bot.services.cases.flags import example_reference, flag_case
from tests.county import SHIRE, WEST, flag_form
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite")

SAID = "References of Health look like RXH-000012, and {} doesn't. Check it in your agency's case system."


@pytest.fixture
def shaped(play: Play) -> Play:
    """Give the health agency's references a shape."""
    with play.store.work() as work:
        work.session.get_one(Agency, play.county.agency["health"]).reference_pattern = "RXH-######"
    return play


@pytest.mark.databases("sqlite", "postgresql")
def test_a_new_reference_in_another_shape_is_refused_and_one_in_it_taken(shaped: Play) -> None:
    assert shaped.refused("nurse", flag_case, WEST, flag_form("west-0001")) == SAID.format("WEST-0001")
    assert shaped.does("nurse", flag_case, WEST, flag_form("rxh-123456")).reference == "RXH-123456"
    assert shaped.does("nurse", example_reference) == "RXH-000012"


def test_the_shape_is_one_agencys(shaped: Play) -> None:
    assert shaped.does("socialworker", flag_case, WEST, flag_form("WEST-0001")).reference == "WEST-0001"
    assert shaped.does("socialworker", example_reference) == "SAMPLE-0012"


def test_a_reference_that_is_held_is_taken_in_any_shape(shaped: Play) -> None:
    shaped.does("socialworker", flag_case, WEST, flag_form("WEST-0001"))
    assert shaped.does("matron", flag_case, SHIRE, flag_form("WEST-0001", district_key="west")).reference == "WEST-0001"


def test_a_closed_item_that_is_kept_from_them_is_refused_as_a_new_reference_is(shaped: Play) -> None:
    shaped.does("socialworker", flag_case, WEST, flag_form("WEST-0001"))
    shaped.does("chair", closed_items.close_item, WEST, "WEST-0001", "A professional is a suspect.")
    refused = [shaped.refused("nurse", flag_case, WEST, flag_form(one)) for one in ("WEST-0001", "WEST-0002")]
    assert refused == [SAID.format("WEST-0001"), SAID.format("WEST-0002")]


def test_a_birthday_is_refused_where_an_agency_has_no_shape(play: Play) -> None:
    assert "date of birth" in play.refused("nurse", flag_case, WEST, flag_form("JS-12032012"))


def test_a_name_with_a_year_is_refused_where_an_agency_has_no_shape(play: Play) -> None:
    assert play.refused("nurse", flag_case, WEST, flag_form("jones-2010")) == (
        "That looks like a name with a year. Use the agency's own case number, such as SAMPLE-0012."
    )
