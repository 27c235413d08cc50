"""Meetings that nobody opened: they stand as not held until it is said what became of them."""

from datetime import datetime

import pytest

from bot.domain.deadlines import Lateness
from bot.models.meetings import Meeting
from bot.models.panels import Membership
from bot.models.vocabulary import MeetingState, Role
from bot.services.agenda import triage
from bot.services.cases.lists import list_flags
from bot.services.diary import panels
from bot.services.home import overview
from bot.services.rescheduling import meetings, not_held
from bot.slack.home import views
from tests.county import WEST
from tests.services.conftest import LONDON, Play

WEST_AT = datetime(2026, 3, 24, 14, 0, tzinfo=LONDON)
SAID_ALREADY = "Someone has already recorded what happened to that meeting."
pytestmark = pytest.mark.databases("sqlite")


def missed(play: Play) -> int:
    """Let a case be accepted for a meeting that nobody opens. Return the number of the meeting."""
    play.accepted("WEST-0001")
    play.at(3, 24, 16)
    return play.county.west_meetings[0]


def seen(play: Play) -> tuple[list[str], list[str], list[bool], list[bool]]:
    """Return where the meeting counts as not held: co-ordinator's Home, chair's Home, list of panels, dates of the
    panel.
    """
    late = [one.panel_key for one in play.does("coordinator", overview.home_of).late if one.kind is Lateness.NOT_HELD]
    cards = [card.panel.key for card in play.does("chair", overview.home_of).chairing if card.not_held]
    listed = [bool(one.not_held) for one in play.does("nurse", panels.list_panels).panels]
    return late, cards, listed, [one.is_not_held for one in play.does("nurse", panels.diary, WEST)]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_meeting_that_nobody_opened_stands_as_not_held_from_its_end(play: Play) -> None:
    play.at(3, 24, 15, 59)
    assert seen(play) == ([], [], [False], [False, False])
    missed(play)
    assert seen(play) == (["west-met"], ["west-met"], [True], [True, False, False])
    (card,) = play.does("chair", overview.home_of).chairing
    assert card.not_held == ((play.county.west_meetings[0], WEST_AT),)
    chair = repr(views.home(play.does("chair", overview.home_of)))
    coordinator = repr(views.home(play.does("coordinator", overview.home_of)))
    assert "*not held*: Tue 24 Mar 2026, 14:00" in chair
    assert "Tue 24 Mar 2026, 14:00: *not held*, nobody opened it" in coordinator
    assert "panel.not_held:west-met:1" in chair
    assert "panel.not_held:west-met:1" in coordinator
    # Others read it in the lists, and have nothing to say about it.
    assert "not held" not in repr(views.home(play.does("nurse", overview.home_of)))
    play.at(4, 20)
    assert seen(play)[:2] == (["west-met", "shire-met"], ["west-met"])  # Shire was to meet on 31 March


def test_a_meeting_that_was_opened_does_not_stand_so(play: Play) -> None:
    play.at(3, 24, 14)
    play.holds({})
    play.at(3, 25)
    assert seen(play) == ([], [], [False], [False, False])


def test_only_who_keeps_the_diary_says_what_became_of_it(play: Play) -> None:
    number = missed(play)
    for who in ("nurse", "minutetaker", "observer", "countychair", "outsider"):
        for use_case in (not_held.show_not_held, not_held.preview_elsewhere):
            assert play.refused(who, use_case, number).startswith("I can't find that meeting")
        assert play.refused(who, not_held.say_elsewhere, number, reason="Police station.").startswith("I can't find")
    coming = play.county.west_meetings[1]
    assert play.refused("chair", not_held.show_not_held, coming) == SAID_ALREADY


def test_postponed_it_is_a_coming_meeting_with_its_cases_again(play: Play) -> None:
    number = missed(play)
    given = {"starts_at": datetime(2026, 3, 31, 14, 0), "meeting_id": number}  # noqa: DTZ001 - the panel's wall clock
    preview = play.does("coordinator", meetings.preview_move, WEST, **given)
    assert (preview.cases_moved, preview.is_past) == (1, True)
    play.does("coordinator", meetings.reschedule_meeting, WEST, reason="Snow.", **given)
    assert seen(play) == ([], [], [False], [False, False, False])
    assert [one.reference for one in play.does("chair", list_flags, WEST).flags] == ["WEST-0001"]
    assert play.refused("chair", not_held.show_not_held, number) == SAID_ALREADY


def test_postponed_after_the_next_agenda_took_its_cases_they_stay_there(play: Play) -> None:
    number = missed(play)
    play.at(4, 14)
    published = play.does("coordinator", triage.publish_agenda, WEST)
    assert "WEST-0001" in [item.title for item in published.agenda.items]
    given = {"starts_at": datetime(2026, 5, 5, 14, 0), "meeting_id": number}  # noqa: DTZ001 - the panel's wall clock
    preview = play.does("chair", meetings.preview_move, WEST, **given)
    assert preview.cases_moved == 0
    play.does("chair", meetings.reschedule_meeting, WEST, reason="Snow.", **given)
    assert [one.reference for one in play.does("chair", list_flags, WEST).flags] == ["WEST-0001"]
    counts = [(one.starts_at.date().isoformat(), one.cases) for one in play.does("chair", panels.diary, WEST)]
    assert counts == [("2026-04-21", 1), ("2026-05-05", 0), ("2026-05-19", 0)]


def test_cancelled_its_cases_go_to_the_next_meeting(play: Play) -> None:
    number = missed(play)
    change = play.does("chair", meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=number)
    assert (change.cases_moved, change.is_past, change.meeting.state) == (1, True, MeetingState.CANCELLED)
    assert seen(play) == ([], [], [False], [False, False])
    assert [one.cases for one in play.does("chair", panels.diary, WEST)] == [1, 0]


def test_held_elsewhere_keeps_the_reason_and_its_cases_stay_owed(play: Play) -> None:
    number = missed(play)
    before = len(play.sent())
    play.does("coordinator", not_held.say_elsewhere, number, reason="Held at the police station, without a network.")
    assert seen(play) == ([], [], [False], [False, False])
    assert len(play.sent()) == before  # nobody is told
    with play.store.reading() as work:
        meeting = work.session.get_one(Meeting, number)
        assert (meeting.state, meeting.opened_at) == (MeetingState.SCHEDULED, None)
        assert meeting.reason is not None
        assert work.open(meeting.reason) == "Held at the police station, without a network."
    assert play.audited("elsewhere") == [("meeting", number, "coordinator")]
    assert play.refused("chair", not_held.say_elsewhere, number, reason="Again.") == SAID_ALREADY
    assert play.refused("chair", meetings.cancel_meeting, WEST, reason="No.", meeting_id=number) == (
        "That meeting was held elsewhere, so it can't be moved or cancelled."
    )
    play.at(4, 14)
    published = play.does("coordinator", triage.publish_agenda, WEST)
    assert "WEST-0001" in [item.title for item in published.agenda.items]


def test_held_elsewhere_needs_a_reason(play: Play) -> None:
    number = missed(play)
    assert play.refused("coordinator", not_held.say_elsewhere, number, reason=" ")
    assert seen(play)[0] == ["west-met"]


def test_that_a_meeting_was_held_elsewhere_can_be_taken_back(play: Play) -> None:
    number = missed(play)
    before = len(play.sent())
    assert play.refused("coordinator", not_held.take_back_elsewhere, number) == (
        "That meeting isn't recorded as held elsewhere."
    )
    play.does("coordinator", not_held.say_elsewhere, number, reason="Held at the police station.")
    for who in ("chair", "coordinator", "administrator"):
        assert [one.id for one in play.does(who, not_held.held_elsewhere, WEST)] == [number]
    assert play.does("nurse", not_held.held_elsewhere, WEST) == ()
    assert play.refused("nurse", not_held.take_back_elsewhere, number).startswith("I can't find that meeting")
    view = play.does("chair", not_held.take_back_elsewhere, number)
    assert (view.id, view.is_not_held) == (number, True)
    assert len(play.sent()) == before
    assert play.audited("not_elsewhere") == [("meeting", number, "chair")]
    assert seen(play) == (["west-met"], ["west-met"], [True], [True, False, False])
    assert play.does("chair", not_held.held_elsewhere, WEST) == ()
    # It can be said again what became of it, that too.
    play.does("coordinator", not_held.say_elsewhere, number, reason="Held at the town hall.")
    play.at(8, 1)
    assert play.does("chair", not_held.held_elsewhere, WEST) == ()


def test_an_administrator_sees_what_was_not_held_on_panels_without_a_place(play: Play) -> None:
    missed(play)
    assert [(one.kind, one.panel_key) for one in play.does("administrator", overview.home_of).late] == [
        (Lateness.NOT_HELD, "west-met")
    ]
    with play.store.work() as work:
        shire = Membership(
            panel_id=play.county.shire_id,
            person_id=play.county.person["administrator"],
            role=Role.OBSERVER,
            began_at=work.now,
        )
        work.session.add(shire)
    found = play.does("administrator", overview.home_of)
    assert [(one.kind, one.panel_key) for one in found.late] == [(Lateness.NOT_HELD, "west-met")]
    assert "panel.not_held:west-met:1" in repr(views.home(found))
    play.does("administrator", not_held.say_elsewhere, play.county.west_meetings[0], reason="At the police station.")
    assert play.does("administrator", overview.home_of).late == ()
