"""The agenda that the board opens: to any item and back, and closing after the last."""

from bot.practice.workspace.sights import SeenMessage
from tests.slack.conftest import Scene, comes_true
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import answer, begin, pressing, settled_board
from tests.slack.meeting.test_duties import RUNS, offered
from tests.slack.test_cycle import go_to_case, opened


def menu(agenda: SeenMessage) -> dict[str, str]:
    """Return what the menu of items offers, by what it says."""
    found = [one for block in agenda.blocks if block["type"] == "actions" for one in block["elements"]]
    (chooser,) = [one for one in found if one["type"] == "static_select"]
    return {one["text"]["text"]: one["value"] for one in chooser["options"]}


def choose(scene: Scene, user_id: str, agenda: SeenMessage, action: str, label: str) -> SeenMessage:
    """Return what a person reads after they chose an item on the agenda."""
    person = scene.person(user_id)
    before = {one.ts for one in person.messages(CHANNEL)}
    assert person.clicks(agenda, pressing(agenda, action), menu(agenda)[label]).error is None
    return person.waits_for(
        lambda: [one for one in person.messages(CHANNEL) if one.ephemeral and one.ts not in before]
    )[0]


def test_the_meeting_goes_to_any_item_of_the_agenda_and_back(either: Scene) -> None:
    scene = either
    begin(scene)
    first = settled_board(scene)
    agenda = answer(scene, "U3", first, "meeting.agenda")
    labels = list(menu(agenda))
    (case,) = [one for one in labels if one.endswith("SAMPLE-0012")]
    assert labels[0].startswith("1. ")
    assert [one.partition(".")[0] for one in labels] == [str(number + 1) for number in range(len(labels))]

    card = choose(scene, "U3", agenda, "meeting.go_to", case)
    assert card.text.startswith(f"Item {case.partition('.')[0]} of ")
    assert "Now: SAMPLE-0012" in settled_board(scene).words.replace("*", "")
    card = choose(scene, "U3", agenda, "meeting.go_to", labels[0])
    assert card.text.startswith("Item 1 of ")
    assert "Now: SAMPLE-0012" not in settled_board(scene).words.replace("*", "")
    # The item at which the meeting is already is left by nobody.
    assert choose(scene, "U3", agenda, "meeting.go_to", labels[0]).text.startswith("Item 1 of ")


def test_a_representative_opens_any_item_and_the_meeting_stays(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    board = settled_board(scene)
    agenda = answer(scene, "U2", board, "meeting.agenda")
    label = next(iter(menu(agenda)))
    assert choose(scene, "U2", agenda, "meeting.item", label).text.startswith("Item 1 of ")
    assert settled_board(scene).words == board.words


def test_the_last_item_offers_close_and_no_next(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    agenda = answer(scene, "U3", settled_board(scene), "meeting.agenda")
    numbers = [label.partition(".")[0] for label in menu(agenda)]
    for number in numbers[:-1]:
        kim.types(CHANNEL, f"/meeting next {number}")
        if "SAMPLE-0012" in settled_board(scene).words:
            form = opened(kim.types(CHANNEL, "/meeting decide").view)
            kim.submits(form, {"kind": "step_down", "rationale": "Settled at home."})
    assert "meeting.next" in offered(settled_board(scene))
    kim.types(CHANNEL, f"/meeting next {numbers[-1]}")
    board = settled_board(scene)
    assert ("meeting.closing" in offered(board), "meeting.next" in offered(board)) == (True, False)
    assert answer(scene, "U2", board, "meeting.closing").words.splitlines()[0] == RUNS
    asked = answer(scene, "U3", board, "meeting.closing")
    assert asked.words == "*West Operational MET* is still open. Nothing is missing.\nClose the meeting"
    kim.clicks(asked, pressing(asked, "meeting.close"))
    comes_true(lambda: any("is closed" in one.words for one in kim.messages(CHANNEL)))


def test_the_board_of_a_closed_meeting_shows_the_agenda_of_that_meeting(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    board, kim = settled_board(scene), scene.person("U3")
    scene.person("U1").types(CHANNEL, "/meeting close now")
    # A screen that is not redrawn yet still has the button.
    agenda = answer(scene, "U3", board, "meeting.agenda").words
    assert "Thu 10 Dec 2026" in agenda
    assert "SAMPLE-0012" in agenda
    assert "This meeting is closed. For the next agenda: /agenda show west-met." in agenda.replace("`", "")
    assert "Thu 10 Dec 2026" not in kim.types(CHANNEL, "/agenda show").replies[0].words
