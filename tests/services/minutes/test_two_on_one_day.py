"""Two meetings of a panel on one day: the time says which, without it both are named, and nothing breaks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.domain.language.day_words import YearDay
from bot.export import Asked, plan_export
from bot.models.meetings import Meeting
from bot.services.minutes import approving, papers, summary
from bot.services.minutes.exports import Period
from bot.slack.minutes.paper_commands import day_meant
from tests.county import WEST
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite")

DAY = YearDay(3, 24, 2026)


@pytest.fixture
def twice(play: Play) -> Play:
    """West meets on 24 March at two and at five, and both have minutes."""
    with play.store.work() as work:
        starts = datetime(2026, 3, 24, 17, 0, tzinfo=UTC)
        work.session.add(
            Meeting(panel_id=play.county.west_id, starts_at=starts, ends_at=starts.replace(hour=18), venue="Here")
        )
    for hour in (14, 17):
        play.at(3, 24, hour)
        play.holds({})
        play.does("minutetaker", papers.draft_minutes, WEST)
        play.does("chair", approving.approve_minutes, WEST)
    return play


def test_the_time_says_which(twice: Play) -> None:
    for at in (time(14), time(17)):
        found = twice.does("nurse", summary.export_summary, WEST, request_key="a", on=replace(DAY, at=at))
        assert found.starts_at.time() == at
        sent = twice.does("nurse", papers.export_minutes, WEST, request_key="a", on=replace(DAY, at=at))
        assert sent.starts_at.time() == at


def test_without_it_both_are_named(twice: Play) -> None:
    for use_case in (papers.export_minutes, summary.export_summary):
        for on in (DAY, replace(DAY, at=time(15))):
            assert twice.refused("nurse", use_case, WEST, request_key="a", on=on) == (
                "West Operational MET met at 14:00 and 17:00 on 24 March 2026. Give the time as well, such as "
                "`24 March 2026 14:00`."
            )


def test_the_papers_of_each_have_a_folder_of_their_own(twice: Play, tmp_path: Path) -> None:
    plan = plan_export(
        twice.store, "nurse", Asked(panel="west-met", period=Period(date(2026, 3, 1), date(2026, 3, 31)))
    )
    assert sorted({folder for folder, _ in plan.papers}) == ["", "2026-03-24-1400", "2026-03-24-1700"]


@pytest.mark.parametrize(
    "typed", ["2026-03-24 14:00", "24 March 2026 at 14.00", "24/3/2026, 14:00", "24 March 2026 14:00"]
)
def test_a_time_is_typed_after_its_day(typed: str) -> None:
    assert day_meant(typed, "") == replace(DAY, at=time(14))
