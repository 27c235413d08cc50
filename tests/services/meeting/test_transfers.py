"""A transfer to an area of this county: the receiving panel's chair is told how many cases, and none by name."""

import pytest

from bot.models.panels import Panel
from bot.models.people import Area
from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.records.meeting.transfers import transfer_for_notice
from bot.services.cases import closed_items
from bot.services.meeting import discussion, opening
from bot.slack.meeting import closing_views
from tests.county import WEST
from tests.services.conftest import Play


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting is open and quorate, with two cases."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    return play


def test_the_chair_of_the_receiving_panel_is_told_of_a_transfer_without_the_case(sitting: Play) -> None:
    with sitting.store.reading() as work:
        shire = work.session.get_one(Panel, sitting.county.shire_id)
        area, title = work.session.get_one(Area, shire.area_id).name, shire.title
    for number in (1, 2):
        sitting.goes_to(f"WEST-000{number}")
        form = DecisionForm(DecisionKind.TRANSFER, "The family has moved.", area=f" {area.upper()}")
        sitting.does("chair", discussion.decide, WEST, form)
    sitting.does("chair", closed_items.close_item, WEST, "WEST-0002", "Need to know.")
    sitting.does("coordinator", opening.close_meeting, WEST)
    sent = [who for _, who in sitting.sent("transfer_decided")]
    assert sent == ["countychair"]
    found = sitting.does("countychair", transfer_for_notice, 1, sitting.county.shire_id)
    assert found is not None
    assert closing_views.transfer_decided(found) == (
        "On Tue 24 Mar 2026, *West Operational MET* decided to transfer 1 case to the area of "
        f"*{title}*. West Operational MET keeps the case until your area accepts it. To hear about it, speak to Chair."
    )
    assert sitting.does("nurse", transfer_for_notice, 1, sitting.county.shire_id) is None


def test_a_transfer_out_of_the_county_or_of_closed_items_alone_tells_no_panel(sitting: Play) -> None:
    with sitting.store.reading() as work:
        area = work.session.get_one(Area, work.session.get_one(Panel, sitting.county.shire_id).area_id).name
    for number, to in ((1, "Northshire"), (2, area)):
        sitting.goes_to(f"WEST-000{number}")
        sitting.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.TRANSFER, "Moved.", area=to))
    sitting.does("chair", closed_items.close_item, WEST, "WEST-0002", "Need to know.")
    sitting.does("coordinator", opening.close_meeting, WEST)
    assert sitting.sent("transfer_decided") == []
