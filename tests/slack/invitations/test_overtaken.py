"""Messages about a meeting that has changed since: they say what is so, and nothing of the old can be clicked."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership, Panel
from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import SeenMessage
from bot.records.access.queries import Where, identify
from bot.records.leaving.panels import end_panel, tell_of_end
from bot.services.invitations.asking import look_again
from bot.services.rescheduling import meetings
from tests.county import TEAM
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.invitations.test_invitations import QUESTION, becomes, button, invited, now

WEST = Where(panel_key="west-met")
ASKED = ["I am coming", "A deputy comes", "Apologies", "Calendar file"]
DATES = "Flags by Thu 26 Nov 2026 · agenda on Thu 3 Dec 2026 · returns by Tue 8 Dec 2026"
FLAGS = ("You can flag cases from now on.", "Flag a case")


def does(scene: Scene, use_case: Callable[..., Any], *given: Any, who: str = "U3", **more: Any) -> Any:
    """Do something as the co-ordinator or another person, and wait until all that follows has been sent."""
    with scene.store.work() as work:
        done = use_case(work, identify(work, TEAM, who), *given, **more)
    scene.settled()
    return done


def moves(scene: Scene, day: int, hour: int = 14) -> None:
    """Move the meeting of 10 December to another day of the month."""
    starts_at = datetime(2026, 12, day, hour, 0)  # noqa: DTZ001 - the panel's wall clock
    first = scene.county.west_meetings[0]
    does(scene, meetings.reschedule_meeting, WEST, starts_at=starts_at, reason="The court.", meeting_id=first)


def cancels(scene: Scene) -> None:
    """Cancel the meeting of 10 December. Another is in the diary."""
    later = datetime(2027, 1, 14, 14, 0)  # noqa: DTZ001 - as above
    does(scene, meetings.add_meeting, WEST, starts_at=later, venue="", reason="Many cases.")
    does(scene, meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=scene.county.west_meetings[0])


def puts_back(scene: Scene) -> None:
    """It is held after all."""
    does(scene, meetings.reinstate_meetings, WEST, meeting_ids=(scene.county.west_meetings[0],), reason="It thawed.")


def goes_to(scene: Scene, venue: str) -> None:
    """It is held in another room."""
    changed = {"venue": venue, "and_later": False, "reason": "Works."}
    does(scene, meetings.change_venue, scene.county.west_meetings[0], **changed)


def lines(person: Person, message: SeenMessage) -> list[str]:
    """Return what the message says now, its buttons last."""
    return now(person, message).words.splitlines()


def newest(person: Person) -> SeenMessage:
    """Return what came last into a person's direct messages."""
    return max(person.dm(), key=lambda one: float(one.ts))


def test_every_earlier_message_about_a_meeting_that_moved_says_where_to(either: Scene) -> None:
    scene, sam = either, either.person("U2")
    asked = invited(scene)
    sam.clicks(asked, button(asked, "invitation.coming"))
    becomes(sam, asked, "You are coming.")
    scene.settled()
    moves(scene, 17)
    notice = newest(sam)
    assert lines(sam, asked) == [
        "West Operational MET, ~Thu 10 Dec 2026, 14:00~: moved to Thu 17 Dec 2026, 14:00 to 16:00, Civic Centre."
    ]
    assert lines(sam, notice)[-4:] == ASKED
    moves(scene, 18, 9)
    now_on = "moved to Fri 18 Dec 2026, 09:00 to 11:00, Civic Centre."
    assert [lines(sam, one) for one in (asked, notice)] == [
        [f"West Operational MET, ~Thu 10 Dec 2026, 14:00~: {now_on}"],
        [f"West Operational MET, ~Thu 17 Dec 2026, 14:00~: {now_on}"],
    ]
    assert len(sam.dm()) == 3
    # Once for each change: five who were invited, and the second time also the four who heard of the first.
    assert len([kind for kind, _ in scene.effects() if kind == "message_overtaken"]) == 5 + 5 + 4


def test_one_that_is_cancelled_says_so_and_asks_again_when_it_is_held_after_all(scene: Scene) -> None:
    sam, asked = scene.person("U2"), invited(scene)
    cancels(scene)
    notice = newest(sam)
    assert lines(sam, asked) == ["West Operational MET, ~Thu 10 Dec 2026, 14:00~: cancelled."]
    assert lines(sam, notice)[-1] == "Calendar file"
    puts_back(scene)
    assert lines(sam, asked) == [QUESTION, DATES, *FLAGS, *ASKED]
    assert lines(sam, notice) == [QUESTION, "Calendar file"]


def test_another_venue_asks_nothing_and_stands_in_the_message_that_did(scene: Scene) -> None:
    sam, asked = scene.person("U2"), invited(scene)
    goes_to(scene, "Town Hall")
    notice = newest(sam)
    there = [
        "West Operational MET on Thu 10 Dec 2026, 14:00 has a new venue: *Town Hall*.",
        "Show the reason",
        "Calendar file",
    ]
    at_town_hall = QUESTION.replace("Civic Centre", "Town Hall")
    assert lines(sam, notice) == there
    assert lines(sam, asked) == [at_town_hall, DATES, *FLAGS, *ASKED]
    sam.clicks(now(sam, asked), button(now(sam, asked), "invitation.coming"))
    scene.settled()
    assert lines(sam, asked) == [at_town_hall, DATES, "*You are coming.*", "Change", "Calendar file"]
    assert lines(sam, notice) == there
    scene.clock.move_to(datetime(2026, 12, 1, 10, 0, tzinfo=UTC))  # flags are closed
    goes_to(scene, "Library")
    at_library = QUESTION.replace("Civic Centre", "Library")
    still_to_come = "Agenda on Thu 3 Dec 2026 · returns by Tue 8 Dec 2026"
    assert lines(sam, asked) == [at_library, still_to_come, "*You are coming.*", "Change", "Calendar file"]
    assert lines(sam, notice) == [at_library, "Calendar file"]
    assert len(sam.dm()) == 3


def test_a_notice_that_asked_nobody_yet_asks_nobody_when_it_is_rewritten(scene: Scene) -> None:
    sam = scene.person("U2")
    starts_at = datetime(2027, 3, 11, 14, 0)  # noqa: DTZ001 - the panel's wall clock
    added = does(scene, meetings.add_meeting, WEST, starts_at=starts_at, venue="", reason="Many cases.")
    notice = newest(sam)
    does(scene, meetings.change_venue, added.meeting.id, venue="Town Hall", and_later=False, reason="Works.")
    assert lines(sam, notice) == [
        "West Operational MET meets on Thu 11 Mar 2027, 14:00 to 16:00, Town Hall.",
        "Calendar file",
    ]


def test_who_came_for_that_meeting_alone_sees_that_it_is_cancelled_and_held_after_all(scene: Scene) -> None:
    max_, kim = scene.person("U6"), scene.person("U3")
    kim.types(CHANNEL, "/meeting reply deputy @max for @alex")
    scene.settled()
    sent = newest(max_)
    cancels(scene)
    assert lines(max_, sent) == ["West Operational MET, ~Thu 10 Dec 2026, 14:00~: cancelled."]
    puts_back(scene)
    assert lines(max_, sent)[0] == f"Alex has named you as deputy: {QUESTION}"


def test_the_chairs_warning_moves_with_the_meeting(scene: Scene) -> None:
    alex = scene.person("U1")
    scene.clock.move_to(datetime(2026, 12, 8, 10, 0, tzinfo=UTC))
    invited(scene, "U1")
    warning = alex.waits_for(lambda: [one for one in alex.dm() if "See replies" in one.words])[0]
    before = lines(alex, warning)
    goes_to(scene, "Town Hall")
    assert lines(alex, warning) == before
    moves(scene, 17)
    assert lines(alex, warning) == [
        "West Operational MET, ~Thu 10 Dec 2026, 14:00~: moved to Thu 17 Dec 2026, 14:00 to 16:00, Town Hall."
    ]


def test_who_left_the_panel_learns_nothing_more_of_it(scene: Scene) -> None:
    sam, asked = scene.person("U2"), invited(scene)
    with scene.store.work() as work:
        place = work.session.exec(
            select(Membership).where(col(Membership.person_id) == scene.county.person["nurse"])
        ).one()
        place.ended_at = work.now
        work.session.add(place)
    before = lines(sam, asked)
    moves(scene, 17)
    assert lines(sam, asked) == before
    with scene.store.reading() as work:
        rows = work.session.exec(select(OutboxRow).where(OutboxRow.kind == "message_overtaken"))
        states = {row.payload["person_id"]: row.state for row in rows}
    assert states.pop(scene.county.person["nurse"]) == "dropped"
    assert set(states.values()) == {"done"}


def test_the_messages_of_a_panel_that_ends_say_that_its_meeting_is_cancelled(scene: Scene) -> None:
    sam, max_, asked = scene.person("U2"), scene.person("U6"), invited(scene)
    scene.settled()
    with scene.store.work() as work:
        panel = work.session.get_one(Panel, scene.county.west_id)
        end_panel(work, panel)
        tell_of_end(work, panel, [work.session.get_one(Meeting, scene.county.west_meetings[0])])
    scene.settled()
    assert lines(sam, newest(sam)) == ["West Operational MET has ended; its meetings are cancelled."]
    assert lines(sam, asked) == ["West Operational MET, ~Thu 10 Dec 2026, 14:00~: cancelled."]
    assert max_.dm() == []


def test_messages_about_a_meeting_that_was_held_stay_as_they_are(scene: Scene) -> None:
    first, at = scene.county.west_meetings[0], int(datetime(2026, 12, 10, 14, 0, tzinfo=UTC).timestamp())
    assert does(scene, look_again, first, at, who="U2") is not None
    scene.clock.move_to(datetime(2026, 12, 10, 16, 0, tzinfo=UTC))
    assert does(scene, look_again, first, at, who="U2") is None
