"""A crime disclosed at the table is given to the police for the next working day."""

from datetime import UTC, date, datetime

import pytest

from bot.models.meetings import Meeting
from bot.models.panels import Membership
from bot.models.vocabulary import ActionKind, Role
from bot.services.actions import changes
from bot.services.cases import interests
from bot.services.meeting import crimes, discussion, opening
from tests.county import WEST, user_id
from tests.services.conftest import Play


def test_the_polices_representative_gets_it_for_the_next_working_day(play: Play) -> None:
    play.accepted("WEST-0001")
    with play.store.work() as work:
        meeting = work.session.get_one(Meeting, play.county.west_meetings[0])
        meeting.starts_at = datetime(2026, 4, 2, 13, tzinfo=UTC)  # the Thursday before Easter
        meeting.ends_at = datetime(2026, 4, 2, 15, tzinfo=UTC)
        work.session.add(meeting)
    play.at(4, 2, 14)
    play.opens()
    play.goes_to("WEST-0001")
    found = play.does("minutetaker", crimes.offer_crime_report, WEST)
    assert (found.title, [one.name for one in found.police]) == (
        "WEST-0001",
        ["Constable"],
    )
    assert (found.suggested, found.due_on) == (found.police[0], date(2026, 4, 7))  # the Tuesday after
    given = play.does(
        "minutetaker",
        changes.add_action,
        WEST,
        holder_user_id=found.police[0].user_id,
        text=crimes.WORDS,
        due=found.due_on,
        kind=ActionKind.CRIME_REPORT,
        item_id=found.item_id,
    )
    assert (given.case_reference, given.agency_name, given.kind, given.due_on) == (
        "WEST-0001",
        "Police",
        ActionKind.CRIME_REPORT,
        date(2026, 4, 7),
    )
    assert [one.id for one in play.does("chair", discussion.current_item, WEST).given] == [given.id]


@pytest.mark.databases("sqlite")
def test_police_who_stepped_back_are_not_offered_and_others_take_their_place(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("constable", interests.declare_interest, WEST, "WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    found = play.does("coordinator", crimes.offer_crime_report, WEST)
    # The police's only representative stepped back: what is left is the chair, who is of the police too.
    assert ([one.name for one in found.police], found.suggested) == (["Chair"], found.police[0])


@pytest.mark.databases("sqlite")
def test_of_several_the_one_who_is_here_is_suggested(play: Play) -> None:
    play.accepted("WEST-0001")
    with play.store.work() as work:
        place = Membership(
            panel_id=play.county.west_id,
            person_id=play.county.person["countychair"],
            role=Role.REPRESENTATIVE,
            began_at=work.now,
        )
        work.session.add(place)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    found = play.does("chair", crimes.offer_crime_report, WEST)
    assert ([one.name for one in found.police], found.suggested) == (["Constable", "Countychair"], None)
    play.does("coordinator", opening.record_attendance, WEST, present=(user_id("constable"),), accepted=True)
    found = play.does("chair", crimes.offer_crime_report, WEST)
    assert found.suggested == found.police[0]


@pytest.mark.databases("sqlite")
def test_it_is_for_those_who_record_a_case_in_an_open_meeting(play: Play) -> None:
    play.accepted("WEST-0001")
    assert play.refused("chair", crimes.offer_crime_report, WEST).startswith("No meeting of West Operational MET")
    play.at(3, 24, 14)
    play.opens()
    play.does("chair", discussion.next_item, WEST)
    assert play.refused("chair", crimes.offer_crime_report, WEST) == (
        "This item isn't a case. Give the action with `/action add` instead."
    )
    play.goes_to("WEST-0001")
    for who in ("nurse", "constable", "observer"):
        assert play.refused(who, crimes.offer_crime_report, WEST).endswith("minute-taker can record notes.")
    assert play.refused("outsider", crimes.offer_crime_report, WEST).startswith("I can't find that panel")
    play.does("chair", opening.close_meeting, WEST)
    assert play.refused("chair", crimes.offer_crime_report, WEST).startswith(
        "The meeting of Tuesday 24 March 2026 was closed at 14:00"
    )
