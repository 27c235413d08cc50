"""Who came for each agency, and what its absence cost."""

from datetime import date

from bot.models.vocabulary import AttendanceStatus
from bot.services.meeting import guests, opening
from bot.services.people import changing, directory
from bot.services.people.directory import Came
from tests.county import WEST, user_id
from tests.services.conftest import Play


def sits(play: Play, present: tuple[str, ...], apologies: tuple[str, ...] = (), information: str = "") -> None:
    """Let the chair open a meeting of West and close it, with these there."""
    play.does("coordinator", opening.open_panel_meeting, WEST)
    play.does(
        "coordinator",
        opening.record_attendance,
        WEST,
        present=tuple(user_id(one) for one in present),
        apologies=tuple(user_id(one) for one in apologies),
        information=information,
    )
    play.does("coordinator", opening.close_meeting, WEST)


def test_each_agency_with_its_percentage_and_what_was_not_quorate_without_it(play: Play) -> None:
    play.at(3, 24, 14)
    sits(play, ("chair", "nurse", "socialworker"))
    play.at(4, 21, 14)
    sits(play, ("chair", "midwife", "socialworker"), ("observer",))
    play.at(5, 19, 14)
    sits(play, ("chair", "socialworker"), ("nurse",), "Two children are known to us.")
    (west,) = play.does("chair", directory.attendance_history)
    assert (west.panel_title, west.meetings) == ("West Operational MET", 3)
    health = next(one for one in west.agencies if one.agency_name == "Health")
    assert health.came == (
        (date(2026, 5, 19), Came.INFORMED),
        (date(2026, 4, 21), Came.DEPUTY),
        (date(2026, 3, 24), Came.PRESENT),
    )
    assert (health.percentage, health.inquorate_on) == (67, (date(2026, 5, 19),))
    police = next(one for one in west.agencies if one.agency_name == "Police")
    assert (police.percentage, police.inquorate_on) == (100, ())


def test_nobody_at_all_is_absent(play: Play) -> None:
    play.at(3, 24, 14)
    sits(play, ("socialworker",))
    (west,) = play.does("coordinator", directory.attendance_history, "west-met")
    by_name = {one.agency_name: one for one in west.agencies}
    assert by_name["Health"].came == ((date(2026, 3, 24), Came.ABSENT),)
    assert by_name["Health"].percentage == 0
    assert by_name["Police"].inquorate_on == (date(2026, 3, 24),)


def test_the_panel_of_the_channel_is_meant_where_none_is_named(play: Play) -> None:
    panels = {record.panel_title for record in play.does("coordinator", directory.attendance_history)}
    assert {"West Operational MET"} < panels
    (west,) = play.does("coordinator", directory.attendance_history, "", "west-met")
    assert west.panel_title == "West Operational MET"
    (west,) = play.does("coordinator", directory.attendance_history, "police", "west-met")
    assert west.panel_title == "West Operational MET"
    (other,) = play.does("coordinator", directory.attendance_history, "shire-met", "west-met")
    assert other.panel_title != "West Operational MET"
    assert len(play.does("coordinator", directory.attendance_history, "", "not-theirs")) == len(panels)


def test_who_moves_to_another_agency_takes_no_past_along(play: Play) -> None:
    play.at(3, 24, 14)
    sits(play, ("chair", "nurse", "socialworker"))
    before = play.does("chair", directory.attendance_history, "west-met")
    moved = changing.Change(
        "Constable", play.county.agency["council"], "Europe/London", False, False, keeps_places=True
    )
    play.does("coordinator", changing.change_person, user_id("constable"), moved)
    assert play.does("chair", directory.attendance_history, "west-met") == before


def test_an_agency_for_which_a_person_without_slack_spoke_was_there(play: Play) -> None:
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    here = tuple(map(user_id, ("chair", "socialworker")))
    play.does("coordinator", opening.record_attendance, WEST, present=here)
    speaks = guests.GuestForm("Bea Holt", AttendanceStatus.PRESENT, agency_id=play.county.agency["health"])
    play.does("coordinator", guests.record_guest, WEST, speaks)
    play.does("chair", opening.close_meeting, WEST)
    (west,) = play.does("chair", directory.attendance_history, "west-met")
    health = next(one for one in west.agencies if one.agency_name == "Health")
    assert (health.came, health.inquorate_on) == (((date(2026, 3, 24), Came.PRESENT),), ())


def test_who_sees_what(play: Play) -> None:
    play.at(3, 24, 14)
    sits(play, ("chair", "nurse", "socialworker"))
    everywhere = play.does("administrator", directory.attendance_history)
    assert [(one.panel_title, one.meetings) for one in everywhere] == [
        ("Shire Operational MET", 0),
        ("West Operational MET", 1),
    ]
    own = play.does("matron", directory.attendance_history)
    assert [(one.panel_title, [each.agency_name for each in one.agencies]) for one in own] == [
        ("Shire Operational MET", []),  # it has not met yet
        ("West Operational MET", ["Health"]),
    ]
    (narrowed,) = play.does("chair", directory.attendance_history, "social care")
    assert [one.agency_name for one in narrowed.agencies] == ["Social Care"]
    assert play.refused("nurse", directory.attendance_history).startswith(
        "Only chairs and co-ordinators see attendance"
    )
    for who, sought in (("matron", "police"), ("chair", "shire-met"), ("chair", "nowhere")):
        assert play.refused(who, directory.attendance_history, sought).startswith("I can't find that panel or agency")


def test_an_agency_is_sought_by_whatever_it_is_called(play: Play) -> None:
    play.at(3, 24, 14)
    sits(play, ("chair", "nurse", "socialworker"))
    play.names("social-care", "CSC West")
    for sought in ("csc west", "CSC", "social-care", "west-met csc west", "CSC West west-met"):
        (west,) = play.does("chair", directory.attendance_history, sought)
        assert [one.agency_name for one in west.agencies] == ["Social Care"]
    for sought in ("csc west", "NHS"):
        assert len(play.does("administrator", directory.list_people, sought).groups) == 1
    # What an agency is called tells a lead nothing of one that is not their own.
    for sought in ("csc west", "csc east"):
        refused = play.refused("matron", directory.list_people, sought)
        assert refused.startswith("I can't find that panel or agency, or it isn't for you.")
