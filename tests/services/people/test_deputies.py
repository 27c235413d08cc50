"""Standing in: for one meeting, for a period, until further notice; access goes with the minute."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from bot.domain.permissions import Verb
from bot.errors import NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Membership
from bot.models.vocabulary import MeetingState, Role
from bot.records.people.queries import members_who_may
from bot.services.actions.changes import add_action
from bot.services.actions.tracker import list_actions
from bot.services.diary.panels import list_panels
from bot.services.leaving import places
from bot.services.people import deputies
from tests.county import SHIRE, WEST, actor, user_id
from tests.services.conftest import Play
from tests.services.leaving.test_departure import holder

pytestmark = pytest.mark.databases("sqlite")

OUTSIDER, NURSE = user_id("outsider"), user_id("nurse")  # both of health; the outsider sits nowhere


def names(play: Play, who: str = "nurse", deputy: str = OUTSIDER, person: str = NURSE, **how: Any) -> deputies.Named:
    """Let a person name a deputy."""
    return play.does(who, deputies.name_deputy, deputy, person, **how)


def gets_in(play: Play, who: str = "outsider") -> bool:
    """Return whether a person sees West's actions."""
    with play.store.work() as work:
        try:
            list_actions(work, actor(work, who), WEST)
        except NotForYou:
            return False
        return True


@pytest.mark.databases("sqlite", "postgresql")
def test_for_one_meeting_they_see_that_panel_until_the_end_of_its_day(play: Play) -> None:
    assert not gets_in(play)
    named = names(play, how="meeting", meeting_id=play.county.west_meetings[1])
    (place,) = named.places
    assert (place.role, place.deputy_for_name, place.until) == (Role.DEPUTY, "Nurse", date(2026, 4, 21))
    assert [panel.key for panel in play.does("outsider", list_panels).panels] == ["west-met"]
    assert play.refused("outsider", list_actions, SHIRE).startswith("I can't find that panel")
    play.at(4, 21, 23, 59)
    assert gets_in(play)
    play.at(4, 22, 0, 0)  # London is on summer time: an hour before midnight in UTC
    assert not gets_in(play)
    assert play.does("outsider", list_panels).panels == ()


@pytest.mark.databases("sqlite", "postgresql")
def test_for_a_period_it_begins_and_ends_by_itself(play: Play) -> None:
    names(play, how="period", begins_on=date(2026, 3, 10), until=date(2026, 3, 12))
    assert not gets_in(play)
    play.at(3, 9, 23, 59)
    assert not gets_in(play)
    play.at(3, 10, 0, 0)
    assert gets_in(play)
    with play.store.reading() as work:
        able = {person.key for person in members_who_may(work, play.county.west_id, Verb.HOLD_ACTIONS)}
    assert "outsider" in able
    play.at(3, 13, 0, 0)
    assert not gets_in(play)


@pytest.mark.databases("sqlite", "postgresql")
def test_until_further_notice_until_a_person_says_so(play: Play) -> None:
    names(play, how="standing")
    assert gets_in(play)
    assert play.refused("nurse", deputies.name_deputy, OUTSIDER, NURSE, how="standing").startswith(
        "Outsider already stands in for Nurse then."
    )
    (place,) = play.does("nurse", places.propose_end, OUTSIDER).places
    play.does("nurse", places.end_places, OUTSIDER, [place.id])
    assert not gets_in(play)


def test_both_are_told_unless_they_did_it(play: Play) -> None:
    names(play, how="standing")
    names(play, "coordinator", how="meeting", deputy=user_id("socialworker"), meeting_id=play.county.west_meetings[0])
    assert sorted(play.sent("deputy_named")) == [
        ("deputy_named", "nurse"),
        ("deputy_named", "outsider"),
        ("deputy_named", "socialworker"),
    ]


@pytest.mark.parametrize("who", ["nurse", "matron", "chair", "vicechair", "coordinator", "administrator"])
def test_who_may_name_a_deputy_of_the_same_agency(play: Play, who: str) -> None:
    names(play, who, how="standing")
    assert gets_in(play)


@pytest.mark.parametrize("who", ["socialworker", "midwife", "observer", "minutetaker"])
def test_nobody_else_may(play: Play, who: str) -> None:
    sentence = play.refused(who, deputies.name_deputy, OUTSIDER, NURSE, how="standing")
    assert sentence.startswith("Only the representative")
    assert not gets_in(play)


@pytest.mark.parametrize(("who", "may"), [("nurse", False), ("matron", False), ("chair", True), ("coordinator", True)])
def test_a_person_of_another_agency_only_by_the_chairs_office(play: Play, who: str, may: bool) -> None:
    given: dict[str, Any] = {"how": "meeting", "meeting_id": play.county.west_meetings[0]}
    deputy = user_id("administrator")
    if may:
        names(play, who, deputy, **given)
    else:
        assert play.refused(who, deputies.name_deputy, deputy, NURSE, **given).startswith(
            "A deputy must work for the same agency, and Administrator doesn't."
        )


@pytest.mark.parametrize("given", [{"how": "standing"}, {"how": "period", "until": date(2026, 4, 1)}])
def test_for_longer_than_a_meeting_only_of_the_same_agency(play: Play, given: dict[str, Any]) -> None:
    for who in ("chair", "coordinator", "administrator"):
        assert play.refused(who, deputies.name_deputy, user_id("constable"), NURSE, **given) == (
            "A deputy must work for the same agency, and Constable doesn't. A person from another agency can stand in "
            "at one meeting: choose “For one meeting”."
        )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"how": "meeting"}, "Which meeting?"),
        ({"how": "period"}, "Until which day?"),
        ({"how": "period", "until": date(2026, 3, 1)}, "That day has passed."),
        ({"how": "period", "begins_on": date(2026, 3, 1), "until": date(2026, 3, 9)}, "That day has passed."),
        (
            {"how": "period", "begins_on": date(2026, 3, 10), "until": date(2026, 3, 9)},
            "The last day is before the first.",
        ),
        ({"how": "standing", "until": date(2026, 3, 9)}, "“Until further notice” has no last day."),
    ],
)
def test_days_that_cannot_be_are_named(play: Play, given: dict[str, Any], sentence: str) -> None:
    assert play.refused("nurse", deputies.name_deputy, OUTSIDER, NURSE, **given).startswith(sentence)


def test_nobody_stands_in_for_themselves_or_twice(play: Play) -> None:
    assert play.refused("nurse", deputies.name_deputy, NURSE, NURSE, how="standing").startswith(
        "You named one person twice"
    )
    meeting = play.county.west_meetings[0]
    names(play, how="meeting", meeting_id=meeting)
    assert play.refused("nurse", deputies.name_deputy, OUTSIDER, NURSE, how="meeting", meeting_id=meeting) == (
        "Outsider already stands in at that meeting."
    )
    assert play.refused("observer", deputies.name_deputy, OUTSIDER, user_id("observer"), how="standing") == (
        "You don't represent an agency on a panel, so you need no deputy."
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_a_meeting_that_moves_takes_its_deputy_along_and_a_cancelled_one_does_not(play: Play) -> None:
    meeting_id = play.county.west_meetings[0]
    names(play, how="meeting", meeting_id=meeting_id)
    with play.store.work() as work:
        meeting = work.session.get_one(Meeting, meeting_id)
        meeting.starts_at, meeting.ends_at = (
            meeting.starts_at.replace(day=30),
            meeting.ends_at.replace(day=30),
        )
        work.session.add(meeting)
    assert play.ticks(places.PLACES) == 1
    play.at(3, 30, 12)
    assert gets_in(play)
    with play.store.work() as work:
        meeting = work.session.get_one(Meeting, meeting_id)
        meeting.state = MeetingState.CANCELLED
        work.session.add(meeting)
    assert play.ticks(places.PLACES) == 1
    assert not gets_in(play)


@pytest.mark.databases("sqlite", "postgresql")
def test_what_a_deputy_was_given_goes_back_in_working_hours(play: Play) -> None:
    names(play, how="period", until=date(2026, 3, 3))
    number = play.does("chair", add_action, WEST, holder_user_id=OUTSIDER, text="Ring the school", due="2026-03-20").id
    play.at(3, 4, 0, 5)
    assert play.ticks(places.PLACES) == 1  # the place; nobody is woken by the rest
    assert holder(play, number) == ("outsider", "health")
    play.at(3, 4, 9, 5)
    assert play.ticks(places.PLACES) == 1
    assert holder(play, number) == ("nurse", "health")
    assert play.sent("handed_over") == [("handed_over", "nurse")]
    assert play.ticks(places.PLACES) == 0
    with play.store.reading() as work:
        place = work.session.exec(
            select(Membership).where(col(Membership.person_id) == play.county.person["outsider"])
        ).one()
        assert place.ended_at == place.lapses_at


@pytest.mark.databases("sqlite", "postgresql")
def test_ending_a_representatives_place_hands_over_what_they_hold_there(play: Play) -> None:
    number = play.does("chair", add_action, WEST, holder_user_id=NURSE, text="Ring the school", due="2026-03-20").id
    (place,) = play.does("coordinator", places.propose_end, NURSE).places
    assert play.refused("matron", places.end_places, NURSE, [place.id]).startswith("I can't find that place")
    assert play.refused("coordinator", places.end_places, NURSE, []) == "Choose the places that should end."
    ended = play.does("coordinator", places.end_places, NURSE, [place.id])
    assert holder(play, number) == ("midwife", "health")
    assert ended.handover.deputies == (("Midwife", "West Operational MET", None),)
    assert not gets_in(play, "nurse")
    assert play.refused("coordinator", places.propose_end, NURSE) == "Nurse has no place that you can end."


def test_a_meeting_whose_day_has_gone_is_not_offered_and_refused_on_an_old_form(play: Play) -> None:
    play.at(3, 24, 14)
    play.opens()
    first = play.county.west_meetings[0]
    play.at(3, 24, 23, 59)
    assert first in [number for number, _, _ in play.does("nurse", deputies.propose_deputy, OUTSIDER, None).meetings]
    play.at(3, 25, 10)  # it is open still
    assert first not in [
        number for number, _, _ in play.does("nurse", deputies.propose_deputy, OUTSIDER, None).meetings
    ]
    assert play.refused("nurse", deputies.name_deputy, OUTSIDER, NURSE, how="meeting", meeting_id=first) == (
        "That meeting's day has passed. Choose another."
    )
