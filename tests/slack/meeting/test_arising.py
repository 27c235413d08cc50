"""Matters arising at the real listener: one press for each answer, on the item's own card."""

from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import answer, begin, settled_board


def test_one_press_answers_an_action_and_shows_those_that_are_left(scene: Scene) -> None:
    kim = scene.person("U3")
    for text in ("ring the school nurse", "visit the clinic"):
        kim.types(CHANNEL, f"/action add @sam {text} by Friday 18 December")
    begin(scene)
    card = kim.types(CHANNEL, "/meeting next 3").replies[0]
    assert "Outstanding actions: what does the panel say?" in card.words.replace("*", "")
    answers = [one for one in card.actions if one.startswith("meeting.answer:")]
    assert len(answers) == 4
    not_yet, done = (next(one for one in answers if kind in one) for kind in (".not_yet.", ".done."))
    kim.clicks(card, not_yet)
    kim.waits_for(lambda: [one for one in kim.messages(CHANNEL) if "At this meeting: not done yet" in one.words])
    card = next(one for one in kim.messages(CHANNEL) if "At this meeting: not done yet" in one.words)
    done = next(one for one in card.actions if ".done." in one)
    kim.clicks(card, done)
    shown = kim.waits_for(lambda: [one for one in kim.messages(CHANNEL) if "What happened to earlier" in one.words])[0]
    assert "done and accepted" in shown.words.lower()
    assert not [one for one in shown.actions if one.startswith("meeting.answer:")]
    # A member reads the same without the buttons.
    theirs = answer(scene, "U2", settled_board(scene), "meeting.item")
    assert "What happened to earlier" in theirs.words
    assert not [one for one in theirs.actions if one.startswith("meeting.answer:")]
