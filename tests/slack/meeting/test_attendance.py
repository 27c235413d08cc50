"""Attendance at the real listener: late and gone, people without Slack, and taken back by who recorded it."""

from datetime import UTC, datetime

import pytest

from bot.practice.workspace.sights import SeenMessage
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import begin, pressing, says_here, settled_board
from tests.slack.test_cycle import go_to_case, opened


def undo(scene: Scene, user_id: str) -> SeenMessage:
    return scene.person(user_id).types(CHANNEL, "/meeting undo").replies[0]


def test_a_member_who_comes_late_is_shown_so_and_takes_it_back_themselves(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    board = settled_board(scene)
    says_here(scene, "U4", board)
    assert "Health 2" in settled_board(scene).words
    kim = scene.person("U3")
    assert "Jo (Health, arrived 14:00)" in kim.types(CHANNEL, "/meeting room").replies[0].words
    mine = scene.person("U4").types(CHANNEL, "/meeting mine").replies[0]
    assert "attendance. Jo: present, accepts the statement, arrived at 14:00" in mine.words
    assert undo(scene, "U4").words == (
        "You have taken back this entry. The record keeps the entry, marked as taken back.\n"
        ">Jo: present, accepts the statement, arrived at 14:00"
    )
    assert "Health 1" in settled_board(scene).words
    assert undo(scene, "U4").words == (
        "You have recorded nothing in this meeting that you can take back.\n/meeting mine"
    )


def test_the_form_marks_who_left_and_is_asked_about_before_it_is_taken_back(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    scene.clock.move_to(datetime(2026, 12, 10, 14, 30, tzinfo=UTC))
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting attendance").view)
    kim.submits(form, {"left": ["U2"], "at": "14:10"})
    assert "*Not quorate:* no health" in settled_board(scene).words
    assert "Sam (Health, left 14:10)" in kim.types(CHANNEL, "/meeting room").replies[0].words
    wrong = kim.submits(opened(kim.types(CHANNEL, "/meeting attendance").view), {"late": ["U4"], "at": "2.75"})
    assert wrong.errors == {"at": "Write the time as hours and minutes, such as 14:25."}
    scene.clock.move_to(datetime(2026, 12, 10, 14, 32, tzinfo=UTC))
    asked = undo(scene, "U3")
    assert asked.words.splitlines()[:2] == [
        "Take this back? Your attendance entry was the last thing you recorded.",
        ">Sam: present, left at 14:10",
    ]
    kim.clicks(asked, pressing(asked, "meeting.undo"))
    scene.settled()
    assert "Quorate" in settled_board(scene).words


def test_a_guest_is_recorded_from_the_form_of_attendance(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    attendance = opened(kim.types(CHANNEL, "/meeting attendance").view)
    form = opened(kim.clicks(attendance, pressing(attendance, "meeting.guest")).view)
    facts = {"name": "Bea Holt", "part": "in_attendance", "other": "Hill School", "accepted": ["accepted"]}
    said = opened(kim.submits(form, facts).view)
    assert "In attendance: Bea Holt (Hill School)" in said.words
    board = settled_board(scene)
    assert "guests 1" in board.words
    assert "Hill School" not in board.words
    again = opened(kim.types(CHANNEL, "/meeting attendance").view)
    assert "Bea Holt, Hill School" in str(again.blocks)


def test_an_action_of_a_moment_ago_is_withdrawn_at_once(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    scene.person("U3").types(CHANNEL, "/action add @sam ring the school nurse by Friday 18 December")
    assert undo(scene, "U3").words.startswith("*Action 1* is withdrawn: it was given by mistake.")
    assert "Action 1" not in settled_board(scene).words


def test_people_without_slack_are_offered_by_name(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    for name in ("Zoe Ash", "bea Holt"):
        form = opened(kim.types(CHANNEL, "/meeting guest").view)
        kim.submits(form, {"name": name, "part": "in_attendance", "agency": "2"})
    go_to_case(scene)
    form = opened(kim.types(CHANNEL, "/meeting attendance").view)
    (menu,) = [one["element"] for one in form.blocks if one.get("block_id") == "guests_left"]
    assert [one["text"]["text"] for one in menu["options"]] == ["bea Holt, Health", "Zoe Ash, Health"]


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("Sam left at 2.10pm", {"present": ["U1", "U2", "U3"], "late": None, "left": ["U2"], "at": "14:10"}),
        (
            "Jo joined at quarter past two",
            {"present": ["U1", "U2", "U3", "U4"], "late": ["U4"], "left": None, "at": "14:15"},
        ),
        ("Jo here 2.20", {"present": ["U1", "U2", "U3", "U4"], "late": ["U4"], "left": None, "at": "14:20"}),
        ("Jo arrived late", {"present": ["U1", "U2", "U3", "U4"], "late": ["U4"], "left": None, "at": None}),
        ("Jo is here", {"present": ["U1", "U2", "U3", "U4"], "late": None, "left": None, "at": None}),
        ("Jo will be late", {"present": ["U1", "U2", "U3"], "late": None, "left": None, "at": None}),
        (
            "Sam left before item 5",
            {"present": ["U1", "U2", "U3"], "late": None, "left": ["U2"], "at": "left before item 5"},
        ),
    ],
)
def test_who_came_or_left_is_filled_in_with_the_time(scene: Scene, typed: str, fields: dict[str, object]) -> None:
    begin(scene)
    scene.clock.move_to(datetime(2026, 12, 10, 14, 30, tzinfo=UTC))
    form = opened(scene.person("U3").types(CHANNEL, f"/meeting attendance {typed}").view)
    drawn = {block["block_id"]: block["element"] for block in form.blocks if block["type"] == "input"}
    filled = {name: drawn[name].get("initial_users", drawn[name].get("initial_value")) for name in fields}
    assert {name: sorted(one) if isinstance(one, list) else one for name, one in filled.items()} == fields


def test_a_time_that_is_not_read_is_refused_and_none_is_recorded(scene: Scene) -> None:
    begin(scene)
    scene.clock.move_to(datetime(2026, 12, 10, 14, 30, tzinfo=UTC))
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting attendance Sam left before item 5").view)
    assert kim.submits(form, {}).errors == {"at": "Write the time as hours and minutes, such as 14:25."}
    assert "left" not in kim.types(CHANNEL, "/meeting room").replies[0].words


def test_the_room_before_the_meeting_is_who_says_they_come(scene: Scene) -> None:
    kim = scene.person("U3")
    assert opened(kim.types(CHANNEL, "/meeting room").view).title == "Who is coming"
    begin(scene)
    assert kim.types(CHANNEL, "/meeting room").replies[0].words.startswith("*West Operational MET*: Quorate.\nPresent:")


def test_the_person_whose_attendance_entry_is_replaced_gets_a_message_that_opens_the_form(scene: Scene) -> None:
    begin(scene)  # Alex records who is here
    alex, kim = scene.person("U1"), scene.person("U3")
    kim.submits(opened(kim.types(CHANNEL, "/meeting attendance").view), {"present": ["U1", "U3"], "apologies": ["U2"]})
    (told,) = alex.waits_for(lambda: [m for m in alex.dm() if "changed the attendance" in m.words])
    assert told.words.splitlines()[:2] == [
        "Kim changed the attendance that you recorded for West Operational MET.",
        "• Sam: apologies. Before: present, accepts the statement.",
    ]
    form = opened(alex.clicks(told, pressing(told, "meeting.attendance")).view)
    assert form.title == "Attendance"
