"""Two references of one child merged in Slack: looked at first, then one case, and the older reference leads to it."""

from tests.slack.agenda.test_nothing_waits import said_to
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import CASE, flag, opened

OTHER = "SAMPLE-0034"
MERGE = f"/case merge {OTHER} into SAMPLE-0012"


def flags_both(scene: Scene) -> None:
    """Sam flags one reference for health, and Kim the other for social care."""
    flag(scene)
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, f"/case flag {OTHER}").view)
    kim.closes(opened(kim.submits(form, {**CASE, "reference": OTHER}).view))


def test_a_chair_merges_them_and_the_older_reference_is_answered_with_the_newer(scene: Scene) -> None:
    flags_both(scene)
    alex, sam, kim = scene.person("U1"), scene.person("U2"), scene.person("U3")
    form = opened(alex.types(CHANNEL, f"{MERGE} because the health number is the same").view)
    assert f"*{OTHER}* and *SAMPLE-0012* become one case, *SAMPLE-0012*." in form.words
    assert "The two cases become one agenda item at: West Operational MET, Thu 10 Dec 2026, 14:00." in form.words
    assert "You can't undo this." in form.words
    done = opened(alex.submits(form, {}).view)
    assert f"*{OTHER}* is now part of *SAMPLE-0012*." in done.words
    alex.closes(done)
    for person in (sam, kim):
        told = said_to(person, "are the same child, and now one case")
        assert "health number" not in told.words
    history = opened(sam.types(CHANNEL, f"/case history {OTHER}").view)
    assert f"*{OTHER}* is now *SAMPLE-0012*." in history.words
    assert (
        f"*{OTHER}* has been part of this case since Mon 23 Nov 2026: "
        "Alex merged them for West Operational MET." in history.words
    )
    assert "the health number is the same" in history.words
    sam.closes(history)
    given = sam.types(CHANNEL, f"/action add @sam ring the school by Friday case:{OTHER}")
    assert f"*{OTHER}* is now *SAMPLE-0012*." in given.text
    # What is not typed by the older reference says nothing of it.
    assert "is now" not in opened(sam.types(CHANNEL, "/case history SAMPLE-0012").view).words
    assert f"also {OTHER}" in alex.types(CHANNEL, "/case list").text


def test_what_has_changed_since_it_was_looked_at_is_shown_again(scene: Scene) -> None:
    flags_both(scene)
    alex, sam = scene.person("U1"), scene.person("U2")
    form = opened(alex.types(CHANNEL, MERGE).view)
    sam.types(CHANNEL, f"/case withdraw {OTHER} because of nothing")
    kim = scene.person("U3")
    kim.types(CHANNEL, "/action add @kim ring the school by Friday case:SAMPLE-0012")
    again = opened(alex.submits(form, {"reason": "The health number is the same."}).view)
    assert "Something has changed since you opened this. Please check again." in again.words
    assert "The health number is the same." in str(again.values)
    done = opened(alex.submits(again, {}).view)
    assert f"*{OTHER}* is now part of *SAMPLE-0012*." in done.words


def test_others_are_told_who_merges_and_a_reference_too_few_is_asked_for(scene: Scene) -> None:
    flags_both(scene)
    told = scene.person("U2").types(CHANNEL, MERGE).text
    assert told.startswith("Only the chair or the vice-chair of a panel that hears both references can merge them.")
    asked = scene.person("U1").types(CHANNEL, f"/case merge {OTHER}").text
    assert asked.startswith("Which two references? Type `/case merge OLD into NEW [panel] [because REASON]`")
