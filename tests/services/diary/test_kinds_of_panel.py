"""Panels of other kinds, by their definition alone: a meeting called within days, and a body that hears no case."""

from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from bot.models.meetings import Meeting, Prompt
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind, PromptKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import changes
from bot.services.agenda import papers
from bot.services.cases import flags
from bot.services.diary import prompts
from bot.services.meeting import discussion, opening
from bot.services.minutes import papers as minutes_papers
from tests.county import WEST, flag_form, user_id
from tests.documents.word_files import texts
from tests.services.conftest import Play

#: Whole cycles, with their papers.
pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def _becomes(play: Play, kind: str) -> None:
    """West is a panel of this kind from now on."""
    with play.store.work() as work:
        panel = work.session.get_one(Panel, play.county.west_id)
        panel.definition = kind
        work.session.add(panel)


def _is_called_for(play: Play, at: datetime) -> None:
    with play.store.work() as work:
        meeting = work.session.get_one(Meeting, play.county.west_meetings[0])
        meeting.starts_at, meeting.ends_at = at, at.replace(hour=at.hour + 1)
        work.session.add(meeting)


def _prompts(play: Play) -> set[tuple[str, str]]:
    play.ticks(prompts.PROMPTS)
    return set(play.sent("prompt"))


@pytest.fixture
def high_risk(play: Play) -> Play:
    """On Monday morning West calls a high-risk meeting for Tuesday at two."""
    _becomes(play, "high-risk-strategy")
    _is_called_for(play, datetime(2026, 3, 3, 14, tzinfo=UTC))
    return play


def test_for_a_meeting_that_is_called_for_tomorrow_nothing_is_late(high_risk: Play) -> None:
    assert not high_risk.does("socialworker", flags.flag_case, WEST, flag_form("WEST-0001")).is_late
    high_risk.at(3, 3, 9)
    assert not high_risk.does("nurse", flags.flag_case, WEST, flag_form("WEST-0002")).is_late


def test_a_meeting_that_is_called_for_tomorrow_asks_for_flags_today_and_triage_on_the_day(high_risk: Play) -> None:
    asked = _prompts(high_risk)
    assert {who for _, who in asked} >= {"nurse", "socialworker"}
    high_risk.flags("WEST-0001")
    high_risk.at(3, 3, 10)
    assert ("prompt", "chair") in _prompts(high_risk)
    before = high_risk.sent("prompt")
    high_risk.at(3, 3, 14, 30)
    _prompts(high_risk)
    assert high_risk.sent("prompt") == before  # the meeting has begun: nobody is asked for anything any more


@pytest.mark.databases("sqlite", "postgresql")
def test_a_high_risk_meeting_is_held_from_its_own_papers(high_risk: Play) -> None:
    high_risk.accepted("WEST-0001")
    high_risk.at(3, 3, 14)
    agenda = high_risk.does("chair", papers.agenda_document, high_risk.county.west_meetings[0])
    printed = texts(agenda.write())
    assert "Children at high risk" in printed
    assert not any(line.startswith("Please say by") for line in printed)
    high_risk.holds({"WEST-0001": DecisionForm(DecisionKind.STRATEGY, "It cannot wait.")})
    draft = high_risk.does("minutetaker", minutes_papers.draft_minutes, WEST)
    printed = texts(high_risk.does("chair", minutes_papers.minutes_document, draft.id).write())
    assert "Decision: Strategy discussion requested." in printed
    assert "Who does what by when" in printed
    assert "Minutes of the last meeting" not in printed


@pytest.fixture
def planning(play: Play) -> Play:
    """West works on an action plan."""
    _becomes(play, "action-plan-group")
    return play


def test_no_case_is_flagged_to_a_body_that_hears_none(planning: Play) -> None:
    assert planning.refused("nurse", flags.flag_case, WEST, flag_form("WEST-0001")) == (
        "West Operational MET hears no cases. Flag the case to a panel that does."
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_nobody_is_asked_for_cases_that_nobody_will_hear(planning: Play) -> None:
    for day in range(2, 24):
        planning.at(3, day, 11)
        _prompts(planning)
    with planning.store.reading() as work:
        ours = select(Prompt).where(col(Prompt.meeting_id).in_(planning.county.west_meetings))
        kinds = {prompt.kind for prompt in work.session.exec(ours)}
    assert kinds.isdisjoint({PromptKind.FLAGS_OPEN, PromptKind.FLAGS_CLOSE, PromptKind.TRIAGE, PromptKind.RETURNS})


def test_a_body_that_hears_no_case_works_through_its_plan(planning: Play) -> None:
    planning.does(
        "chair", changes.add_action, WEST, holder_user_id=user_id("nurse"), text="Train the wards.", due="in 6 weeks"
    )
    planning.at(3, 24, 14)
    planning.opens()
    current = planning.does("chair", discussion.next_item, WEST, "3")
    assert current.item is not None
    assert current.item.title == "The action plan"
    assert [action.text for action in current.outstanding] == ["Train the wards."]
    while not (found := planning.does("chair", discussion.next_item, WEST)).is_through:
        assert found.item is not None
        if found.item.title == "Report to the safeguarding partnership":
            planning.does("chair", discussion.add_note, WEST, "Two wards are trained.")
            break
    planning.does("chair", opening.close_meeting, WEST)
    draft = planning.does("minutetaker", minutes_papers.draft_minutes, WEST)
    printed = texts(planning.does("chair", minutes_papers.minutes_document, draft.id).write())
    reported = printed.index("Report to the safeguarding partnership")
    assert printed[reported + 1 : reported + 4] == [
        "Item 7: Report to the safeguarding partnership",
        "Discussion",
        "Two wards are trained.",
    ]
    assert "Children to be discussed" not in printed


def test_a_case_from_before_the_change_still_stands_on_the_agenda(play: Play) -> None:
    play.accepted("WEST-0001")
    _becomes(play, "action-plan-group")
    assert play.compiles() == ["WEST-0001"]
