"""Approved minutes circulated: each member is told once and acknowledges; day five shows who has not."""

from datetime import date

import pytest

from bot.domain.deadlines import Lateness
from bot.services.home import overview
from bot.services.minutes import approving, circulating, papers
from tests.county import WEST
from tests.services.conftest import Play

TOLD = ("chair", "constable", "coordinator", "matron", "midwife", "minutetaker", "nurse", "socialworker", "vicechair")


@pytest.fixture
def circulated(play: Play) -> Play:
    """Approve the minutes of Tuesday 24 March on Wednesday the 25th."""
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    play.at(3, 25)
    play.does("chair", approving.approve_minutes, WEST)
    return play


def late(play: Play) -> list[tuple[date, int]]:
    """Return since when the co-ordinator's Home shows members without the minutes, and how many."""
    found = play.does("coordinator", overview.home_of).late
    return [(one.since, one.count) for one in found if one.kind is Lateness.RECEIPT]


def without(play: Play) -> list[str]:
    """Return who has not acknowledged, as the co-ordinator sees it."""
    view = play.does("coordinator", circulating.show_receipts, WEST, play.county.west_meetings[0])
    return [one.name.lower() for one in view.receipts if one.acknowledged_at is None]


def test_who_has_not_acknowledged_by_the_fifth_working_day_shows_on_the_coordinators_home(circulated: Play) -> None:
    assert circulated.sent("minutes_approved") == [("minutes_approved", who) for who in TOLD]
    assert without(circulated) == [who for who in TOLD if who != "chair"]
    for who in TOLD:
        if who not in ("nurse", "matron", "chair"):
            circulated.does(who, circulating.acknowledge_minutes, 1)
    circulated.does("constable", circulating.acknowledge_minutes, 1)  # pressed again, nothing is different
    circulated.at(3, 31)
    assert late(circulated) == []
    circulated.at(4, 1)
    assert late(circulated) == [(date(2026, 4, 1), 2)]
    circulated.loses_place("matron")
    assert late(circulated) == [(date(2026, 4, 1), 1)]
    circulated.does("nurse", circulating.acknowledge_minutes, 1)
    assert late(circulated) == []
    assert len(circulated.audited("acknowledge")) == 7


@pytest.mark.databases("sqlite")
def test_minutes_are_acknowledged_by_those_who_were_told(circulated: Play) -> None:
    said = "I can't find those minutes, or it isn't for you."
    for who in ("observer", "countychair"):
        assert circulated.refused(who, circulating.acknowledge_minutes, 1).startswith(said)
    assert circulated.refused("nurse", circulating.show_receipts, WEST, 1).startswith("On West Operational MET")
