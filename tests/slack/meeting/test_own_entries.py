"""An entry is corrected and taken back by a button under the answer to it, and from the list of one's entries."""

from datetime import timedelta

from bot.practice.workspace.sights import SeenMessage, SeenView
from tests.slack.actions.test_commands import labels
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import answer, begin, pressing
from tests.slack.meeting.test_sheet import text_in
from tests.slack.test_cycle import go_to_case, opened


def ways(shown: SeenMessage | SeenView) -> list[str]:
    """Return the labels of the buttons that correct an entry or take it back."""
    found = [block for block in shown.blocks if block["type"] == "actions"]
    named = [one["text"]["text"] for block in found for one in block["elements"]]
    return [one for one in named if one in ("Correct", "Undo")]


def questions(shown: SeenMessage | SeenView) -> list[str]:
    """Return what the buttons of a message or view ask before they act."""
    found = [block for block in shown.blocks if block["type"] == "actions"]
    return [one["confirm"]["title"]["text"] for block in found for one in block["elements"] if "confirm" in one]


def test_undo_asks_by_name_of_what_it_takes_back(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    assert questions(kim.types(CHANNEL, "/meeting note Police: seen twice").replies[0]) == ["Take this note back?"]
    given = kim.types(CHANNEL, "/action add @sam ring the school nurse by Friday 18 December").replies[0]
    assert questions(given) == ["Take action 1 back?"]
    form = opened(kim.clicks(given, pressing(given, "action.edit")).view)
    corrected = opened(kim.submits(form, {"text": "ring the clinic", "reason": "It was misheard."}).view)
    assert questions(corrected) == ["Take this correction back?"]
    listed = kim.types(CHANNEL, "/meeting mine").replies[0]
    assert {"Take this note back?", "Take action 1 back?", "Take this correction back?"} <= set(questions(listed))


def test_a_note_is_corrected_in_the_sheet_and_taken_back_from_its_answer(either: Scene) -> None:
    scene = either
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    first = kim.types(CHANNEL, "/meeting note Police: seen twice").replies[0]
    assert ways(first) == ["Correct", "Undo"]
    sheet = opened(kim.clicks(first, pressing(first, "meeting.record")).view)
    assert (sheet.title, text_in(sheet, "Police")) == ("Record SAMPLE-0012", "seen twice")
    second = kim.types(CHANNEL, "/meeting note Police: seen three times").replies[0]
    # The button means the entry above it, also when another was recorded since.
    kim.clicks(first, pressing(first, "meeting.take_back"))
    card = kim.types(CHANNEL, "/meeting now").replies[0].words
    assert "seen three times" in card
    assert "seen twice" not in card
    kim.clicks(second, pressing(second, "meeting.take_back"))
    assert "Noted" not in kim.types(CHANNEL, "/meeting now").replies[0].words


def test_an_entry_is_taken_back_by_nobody_else_and_once(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim, alex = scene.person("U3"), scene.person("U1")
    kim.types(CHANNEL, "/meeting note Police: seen twice")
    theirs = alex.types(CHANNEL, "/meeting note Health: attended").replies[0]
    alex.clicks(theirs, pressing(theirs, "meeting.take_back"))
    again = alex.clicks(theirs, pressing(theirs, "meeting.take_back"))
    assert "Nothing was taken back." in opened(again.view).words
    assert "seen twice" in kim.types(CHANNEL, "/meeting now").replies[0].words


def test_a_decision_is_corrected_in_its_form_filled_in_and_replaces_what_it_was(either: Scene) -> None:
    scene = either
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting decide retain because the plan is new, review 14 January").view)
    done = opened(kim.submits(form, {"rationale": "The plan is new.", "review": "14 January", "kind": "retain"}).view)
    assert ways(done) == ["Correct", "Undo"]
    correct = opened(kim.clicks(done, pressing(done, "meeting.correct")).view)
    assert correct.title == "Correct SAMPLE-0012"
    shown = {one["block_id"]: one["element"] for one in correct.blocks if one["type"] == "input"}
    assert shown["kind"]["initial_option"]["value"] == "retain"
    assert (shown["rationale"]["initial_value"], shown["review"]["initial_value"]) == (
        "The plan is new.",
        "Thursday 14 January 2027",
    )
    now = opened(kim.submits(correct, {"rationale": "The plan has only begun."}).view)
    assert "retain and review by Thu 14 Jan 2027" in now.words
    assert "Also decided" not in now.words
    card = kim.types(CHANNEL, "/meeting now").replies[0]
    assert card.words.count("etain and review by Thu 14 Jan 2027") == 1
    # The decision that was replaced can't be corrected any more; what replaced it is taken back, and it returns.
    stale = kim.clicks(done, pressing(done, "meeting.correct"))
    assert "That decision is no longer in force." in opened(stale.view).words
    kim.clicks(now, pressing(now, "meeting.take_back"))
    assert "The plan is new." in kim.types(CHANNEL, "/meeting now").replies[0].words


def test_an_action_is_corrected_and_both_are_taken_back_from_their_answers(either: Scene) -> None:
    scene = either
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    given = kim.types(CHANNEL, "/action add <@U2> ring the school nurse by Friday 18 December").replies[0]
    assert labels(given) == ["Change kind", "Correct", "Undo"]
    form = opened(kim.clicks(given, pressing(given, "action.edit")).view)
    done = opened(kim.submits(form, {"text": "ring the clinic", "reason": "It was misheard."}).view)
    assert ways(done) == ["Correct", "Undo"]
    back = opened(kim.clicks(done, pressing(done, "action.undo_edit")).view)
    assert "In force again: Words: ring the school nurse." in back.words
    assert "ring the school nurse" in kim.types(CHANNEL, "/action list").replies[0].words
    # It was corrected since it was given, so the bot asks why it is a mistake, before it goes.
    why = opened(kim.clicks(given, pressing(given, "action.undo")).view)
    assert why.title.startswith("Withdraw ")
    other = kim.types(CHANNEL, "/action add <@U2> write to the school by Friday 18 December").replies[0]
    kim.clicks(other, pressing(other, "action.undo"))
    assert "write to the school" not in kim.types(CHANNEL, "/action list").replies[0].words


def test_ones_entries_are_listed_from_the_card_each_with_its_buttons(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    kim.types(CHANNEL, "/meeting note Police: seen twice")
    given = kim.types(CHANNEL, "/action add <@U2> ring the school nurse by Friday 18 December").replies[0]
    form = opened(kim.clicks(given, pressing(given, "action.edit")).view)
    opened(kim.submits(form, {"text": "ring the clinic", "reason": "It was misheard."}).view)
    card = kim.types(CHANNEL, "/meeting now").replies[0]
    listed = answer(scene, "U3", card, "meeting.mine")
    lines = [block["text"]["text"] for block in listed.blocks if block["type"] == "section"]
    assert [line.partition(": ")[2].partition(".")[0] for line in lines[1:4]] == [
        "correction of action 1",
        "action 1, ring the clinic (Sam, by Fri 18 Dec 2026)",
        "Police: seen twice",
    ]
    assert ways(listed) == ["Correct", "Undo"] * 3
    assert "`/meeting undo` takes back your correction of action 1" in lines[-1]
    kim.clicks(listed, pressing(listed, "action.undo_edit"))
    assert "ring the school nurse" in kim.types(CHANNEL, "/action list").replies[0].words


def test_typed_undo_takes_back_the_correction_at_once_and_asks_when_it_is_older(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    given = kim.types(CHANNEL, "/action add <@U2> ring the school nurse by Friday 18 December").replies[0]

    def corrects() -> None:
        form = opened(kim.clicks(given, pressing(given, "action.edit")).view)
        opened(kim.submits(form, {"text": "ring the clinic", "reason": "It was misheard."}).view)

    corrects()
    assert kim.types(CHANNEL, "/meeting undo").text == (
        "You have taken back your correction of action 1. The action's history keeps the correction.\n"
        ">Words: ring the school nurse → ring the clinic\n"
        "In force again: Words: ring the school nurse."
    )
    corrects()
    scene.clock.move_to(scene.clock.now() + timedelta(minutes=2))
    asked = kim.types(CHANNEL, "/meeting undo").replies[0]
    assert asked.words.splitlines()[:2] == [
        "Take this back? Your correction of action 1 was the last thing you recorded.",
        ">Words: ring the school nurse → ring the clinic",
    ]
    # Who records something else before answering takes nothing back with the old question.
    kim.types(CHANNEL, "/meeting note this item: seen twice")
    stale = kim.clicks(asked, pressing(asked, "meeting.undo"))
    assert "You have recorded something else since" in opened(stale.view).words
    kim.types(CHANNEL, "/meeting undo")
    kim.clicks(asked, pressing(asked, "meeting.undo"))
    assert "ring the school nurse" in kim.types(CHANNEL, "/action list").replies[0].words


def test_attendance_is_corrected_in_its_form_from_the_list(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/meeting attendance").view)
    opened(kim.submits(form, {"present": ["U1"], "apologies": ["U2"]}).view)
    listed = kim.types(CHANNEL, "/meeting mine").replies[0]
    assert ways(listed)[:2] == ["Correct", "Undo"]
    assert opened(kim.clicks(listed, pressing(listed, "meeting.attendance")).view).title == form.title
