"""Correcting an action in Slack: the form says what it says now, the history what it said before."""

from bot.practice.workspace.sights import SeenView
from tests.slack.actions.test_answering import given, pressed
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import opened

CANARY = "zanzibar"


def filled_in(form: SeenView) -> dict[str, object]:
    """Return what the fields of a form hold when it is opened."""
    held = {name: next(iter(field.values())) for name, field in form.values.items()}
    return {
        "text": held["text"]["value"],
        "holder": held["holder"]["selected_user"],
        "due": held["due"]["selected_date"],
        "kind": held["kind"]["selected_option"]["value"],
        "case": held["case"]["value"],
    }


def test_an_action_is_corrected_from_what_it_says_now_and_its_history_has_both(either: Scene) -> None:
    kim, sam = either.person("U3"), either.person("U2")
    given(either)
    story = opened(kim.types(CHANNEL, "/action show 1").view)
    form = opened(kim.clicks(story, pressed(story, "action.edit:")).view)
    now = {"text": f"ring the {CANARY} school", "holder": "U2", "due": "2026-11-27", "kind": "other", "case": None}
    assert filled_in(form) == now
    missing = kim.submits(form, {"due": "2026-11-20", "reason": "It was put down wrongly."})
    assert missing.errors["due"].startswith("Friday 20 November 2026 has passed.")
    nobody = kim.submits(form, {"due": "2026-11-27", "case": "WEST-9999"})
    assert nobody.errors == {
        "case": "I can't find case WEST-9999, or it isn't for you. "
        "If you expected to see it, ask your panel's co-ordinator."
    }
    outcome = kim.submits(
        form,
        {
            "text": "ring the clinic",
            "due": "2026-11-25",
            "kind": "visit",
            "case": "",
            "reason": f"The {CANARY} school moved.",
        },
    )
    assert outcome.errors == {}
    assert opened(outcome.view).blocks[0]["text"]["text"] == (
        "*Action 1* is now for <@U2> (Health), due Wed 25 Nov 2026, kind: visit.\n>ring the clinic\n"
        "To see the old version: `/action show 1`."
    )
    told = sam.waits_for(lambda: [m for m in sam.dm() if "corrected action 1" in m.words])[0]
    assert "Kim corrected action 1. Press *Open* to see the old and the new version, and why." in told.words
    assert CANARY not in told.words
    seen = opened(sam.clicks(told, pressed(told, "action.show:")).view)
    assert "corrected by Kim, due Wed 25 Nov 2026" in seen.words
    assert f"Words: ring the {CANARY} school → ring the clinic\nKind: other → visit\n" in seen.words
    assert "Due: Fri 27 Nov 2026 → Wed 25 Nov 2026" in seen.words
    assert f"The {CANARY} school moved." in seen.words
    assert [name for name in seen.actions if name.startswith("action.edit:")] == []
    assert ("edited", "action", "done") in either.audit()


def test_the_command_opens_the_form_for_those_who_may_and_a_form_that_was_overtaken_saves_nothing(scene: Scene) -> None:
    alex, kim, sam = scene.person("U1"), scene.person("U3"), scene.person("U2")
    given(scene)
    form = opened(kim.types(CHANNEL, "/action edit 1").view)
    other = opened(alex.types(CHANNEL, "/action correct 1").view)
    opened(alex.submits(other, {"holder": "U4", "reason": "Jo does it."}).view)
    assert kim.submits(form, {"due": "2026-11-25", "reason": "Sooner."}).errors == {
        "text": "Alex changed action 1 since you opened this form, so nothing was saved. "
        "Copy your words, and open the form again: /action edit 1."
    }
    assert sam.waits_for(lambda: [m for m in sam.dm() if "no longer yours" in m.words])[0].words == (
        "Alex gave action 1 to Health. The action is no longer yours."
    )
    assert sam.types(CHANNEL, "/action edit 1").text == (
        "Only the person who gave an action, the chair, the co-ordinator or the minute-taker can correct it."
    )
    kim.types(CHANNEL, "/action withdraw 1 because it was given twice")
    assert kim.types(CHANNEL, "/action edit 1").text.startswith("Action 1 was withdrawn as a mistake, so it")
    assert "give one number and nothing after it" in kim.types(CHANNEL, "/action edit 1 2").text


def test_the_day_that_is_typed_with_the_number_is_filled_in(scene: Scene) -> None:
    kim = scene.person("U3")
    given(scene)
    view = opened(kim.types(CHANNEL, "/action edit 1 due date to 30 November").view)
    assert "'initial_date': '2026-11-30'" in str(view)
