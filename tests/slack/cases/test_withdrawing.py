"""Taking a flag back in Slack: by a line, or by the form that asks why; who flagged reads the reason on demand."""

from tests.slack.agenda.test_nothing_waits import accepts_what_waits, pressed, said_to
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, opened


def test_the_co_ordinator_withdraws_by_the_form_and_who_flagged_and_the_chair_are_told(scene: Scene) -> None:
    alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
    flag(scene)
    accepts_what_waits(alex, CHANNEL, "/agenda triage")
    form = opened(kim.types(CHANNEL, "/case withdraw SAMPLE-0012").view)
    assert "SAMPLE-0012" in form.words
    assert kim.submits(form, {"reason": " "}).errors == {
        "reason": "Please give the reason. I'll tell each agency that flagged the case."
    }
    done = kim.submits(form, {"reason": "Heard at Dorset instead."})
    assert opened(done.view).words.startswith("You have withdrawn *SAMPLE-0012* from West Operational MET")
    message = said_to(sam, "which you flagged to West Operational MET")
    assert "Dorset" not in message.words
    assert (
        "Kim: Heard at Dorset instead." in opened(sam.clicks(message, pressed(message, "case.withdrawal")).view).words
    )
    assert "which Health flagged" in said_to(alex, "Kim (Social Care) withdrew").words


def test_a_line_with_its_reason_withdraws_at_once(scene: Scene) -> None:
    sam = scene.person("U2")
    flag(scene)
    assert sam.types(CHANNEL, "/case withdraw SAMPLE-0012 because the family has moved").text.startswith(
        "You have withdrawn *SAMPLE-0012* from West Operational MET on Thu 10 Dec 2026, 14:00."
    )
    assert sam.types(CHANNEL, "/case list").text == "No case is flagged to the next meeting."


def test_the_history_of_a_case_that_is_flagged_again_shows_what_was_withdrawn_and_why(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    flag(scene)
    sam.types(CHANNEL, "/case withdraw SAMPLE-0012 because the family has moved")
    flag(scene)
    history = opened(alex.types(CHANNEL, "/case history SAMPLE-0012").view)
    assert "Withdrawn by Sam, Health, on Mon 23 Nov 2026, 09:00.\nSam: the family has moved" in history.words


def test_words_behind_a_mark_are_the_reason_and_without_one_are_asked_about(scene: Scene) -> None:
    sam = scene.person("U2")
    flag(scene)
    asked = sam.types(CHANNEL, "/case withdraw SAMPLE-0012 family moved out of area")
    assert asked.text.startswith("Is \u201cfamily moved out of area\u201d the reason? Then type `because` before it.")
    assert sam.types(CHANNEL, "/case withdraw SAMPLE-0012 for north").text.startswith("I can't find that panel")
    done = sam.types(CHANNEL, "/case withdraw SAMPLE-0012, missing since Sunday")
    assert done.text.startswith("You have withdrawn *SAMPLE-0012* from West Operational MET on Thu 10 Dec 2026, 14:00.")
    flag(scene)
    history = opened(scene.person("U1").types(CHANNEL, "/case history SAMPLE-0012").view)
    assert "Sam: missing since Sunday" in history.words
