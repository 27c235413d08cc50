"""A panel whose definition has gone stands still, says why, and stops none of the others."""

import logging
from typing import Any

import pytest
from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.records.access.queries import Where
from bot.services.actions import changes, chasing, tracker
from bot.services.agenda import return_prompts
from bot.services.diary import calendars, panels, prompts
from bot.services.diary.series import DIARIES
from bot.services.home import overview
from bot.services.invitations import asking
from bot.services.leaving import places
from bot.services.people import directory
from bot.ticks import TICKS, Ticks
from tests.county import SHIRE, WEST, user_id
from tests.services.conftest import Play

MISSING = "The panel definition town-centre is missing. An administrator can see it in panelbot check."
#: Those that go over all panels.
SWEEPS: tuple[Any, ...] = (
    prompts.PROMPTS,
    return_prompts.RETURN_PROMPTS,
    chasing.DIGESTS,
    places.PLACES,
    DIARIES,
    asking.INVITATIONS,
)


@pytest.fixture
def stranded(play: Play) -> Play:
    """Give both panels an overdue action, publish Shire's agenda, and then remove its definition."""
    for where in (WEST, SHIRE):
        play.does("coordinator", changes.add_action, where, holder_user_id=user_id("matron"), text="ring", due="Friday")
    with play.store.work() as work:
        panel = work.session.exec(select(Panel).where(col(Panel.key) == "shire-met")).one()
        panel.definition = "town-centre"
        meeting = work.session.get_one(Meeting, play.county.shire_meetings[0])
        meeting.agenda_published_at = work.now
        work.session.add_all([panel, meeting])
    return play


def test_the_other_panels_are_prompted_and_chased(stranded: Play) -> None:
    stranded.at(3, 9, 10)
    for sweep in SWEEPS:
        stranded.ticks(sweep)
    assert stranded.sent("digest") == [("digest", "matron")]
    asked = {"constable", "matron", "nurse", "socialworker"}
    assert set(stranded.sent("prompt")) == {("prompt", who) for who in asked}
    assert len(stranded.sent("invitation")) == 10  # everybody on West


def test_a_person_of_both_sees_the_other_in_every_list(stranded: Play) -> None:
    assert [one.key for one in stranded.does("matron", panels.list_panels).panels] == ["west-met"]
    assert [card.key for card in stranded.does("matron", overview.home_of).panels] == ["west-met"]
    assert [card.key for card in stranded.does("administrator", overview.home_of).diary] == ["west-met"]
    mine = stranded.does("matron", tracker.list_actions, Where(), "mine")
    assert [one.panel_key for one in mine.actions] == ["west-met"]
    assert b"West Operational MET" in stranded.does("matron", calendars.diary_document).write()
    groups = stranded.does("coordinator", directory.list_people).groups
    assert [group.title for group in groups] == ["West Operational MET"]


def test_a_person_who_names_it_is_told_why(stranded: Play) -> None:
    assert stranded.refused("matron", panels.show_next_meeting, SHIRE) == MISSING
    assert stranded.refused("countychair", panels.show_next_meeting, Where()) == MISSING  # their only one


def test_it_is_named_in_the_log_every_hour(stranded: Play, caplog: pytest.LogCaptureFixture) -> None:
    hourly = tuple(tick for tick in TICKS if tick.name == "panels")
    with caplog.at_level(logging.ERROR):
        Ticks(stranded.store, pytest.fail, hourly).run_all()
    assert [record.getMessage() for record in caplog.records] == [
        "the panel shire-met stands still: its definition town-centre is missing"
    ]
