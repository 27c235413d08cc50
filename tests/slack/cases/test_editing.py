"""Putting a flag right in Slack: by the button under the answer, by command, and from the history."""

import pytest

from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import SeenView
from tests.slack.agenda.test_nothing_waits import accepts_what_waits, pressed
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.home.test_home import home_of
from tests.slack.test_cycle import CASE, JUDGEMENT, opened


def test_the_answer_to_flagging_opens_the_form_filled_in(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    said = opened(sam.submits(opened(sam.types(CHANNEL, "/case flag sample-0012").view), CASE).view)
    form = opened(sam.clicks(said, pressed(said, "case.edit")).view)
    assert "You haven't changed anything yet." in sam.submits(form, {}).errors["purpose"]
    done = sam.submits(form, {"judgement": "She was hurt on Sunday."})
    assert opened(done.view).words.startswith("*SAMPLE-0012* is changed.")
    history = opened(alex.types(CHANNEL, "/case history SAMPLE-0012").view)
    assert "She was hurt on Sunday." in history.words
    assert f"Judgement: {JUDGEMENT}" in history.words
    assert not [action for action in history.actions if action.startswith("case.edit")]


def test_the_command_and_the_history_open_it_until_triage(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    sam.closes(opened(sam.submits(opened(sam.types(CHANNEL, "/case flag sample-0012").view), CASE).view))
    sam.closes(opened(sam.types(CHANNEL, "/case edit sample-0012").view))
    history = opened(sam.types(CHANNEL, "/case history SAMPLE-0012").view)
    form = opened(sam.clicks(history, pressed(history, "case.edit")).view)
    accepts_what_waits(alex, CHANNEL, "/agenda triage")
    refused = sam.submits(form, {"judgement": "Too late."}).errors
    assert "The chair has accepted SAMPLE-0012 for 10 December" in next(iter(refused.values()))
    assert "The chair has accepted SAMPLE-0012" in sam.types(CHANNEL, "/case edit SAMPLE-0012").text


def test_home_has_it_beside_each_flag_until_triage(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    sam.closes(opened(sam.submits(opened(sam.types(CHANNEL, "/case flag sample-0012").view), CASE).view))
    home = home_of(scene, "U2", "Your flags that still need triage:")
    form = opened(sam.clicks(home, pressed(home, "case.edit")).view)
    done = sam.submits(form, {"judgement": "She was hurt on Sunday."})
    assert opened(done.view).words.startswith("*SAMPLE-0012* is changed.")
    sam.closes(opened(done.view))
    assert "She was hurt on Sunday." not in home_of(scene, "U2").words
    accepts_what_waits(alex, CHANNEL, "/agenda triage")
    assert "Your flags that still need triage" not in home_of(scene, "U2").words


@pytest.mark.parametrize("door", ["shortcut", "command"])
def test_who_flags_a_case_of_their_agency_again_changes_its_flag_until_triage(scene: Scene, door: str) -> None:
    alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
    sam.closes(opened(sam.submits(opened(sam.types(CHANNEL, "/case flag sample-0012").view), CASE).view))
    message = kim.says(CHANNEL, "Sample-0012 was missing again.")

    def flags(person: Person) -> SeenView:
        if door == "shortcut":
            return opened(person.uses_shortcut("case.flag_message", message=message).view)
        return opened(person.types(CHANNEL, "/case flag SAMPLE-0012").view)

    form = flags(sam)
    assert form.title == "Edit a flag"
    assert "Health has already flagged this case. Change that flag here." in form.words
    assert form.values["judgement"]["judgement"]["value"] == JUDGEMENT
    done = sam.submits(form, {"judgement": "She was hurt on Sunday."})
    assert opened(done.view).words.startswith("*SAMPLE-0012* is changed.")
    sam.closes(opened(done.view))
    # Another agency says something of its own, and after triage there is nothing to change.
    others = flags(kim)
    assert (others.title, JUDGEMENT in str(others.blocks)) == ("Flag a case", False)
    kim.closes(others)
    accepts_what_waits(alex, CHANNEL, "/agenda triage")
    assert flags(sam).title == "Flag a case"
