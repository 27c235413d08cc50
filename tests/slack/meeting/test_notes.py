"""A note that names another child: the bot asks which is meant before anything is written."""

from datetime import UTC, datetime

from tests.slack.actions.test_commands import labels, reads
from tests.slack.agenda.test_publishing import accepted
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import open_quorate, opened


def two_cases(scene: Scene) -> tuple[str, str, str]:
    """Discuss the first of two cases. Return its reference, the other's reference, and the first's number."""
    for reference in ("SAMPLE-0012", "SAMPLE-0013"):
        accepted(scene, reference)
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    while "SAMPLE-00" not in (said := scene.person("U3").types(CHANNEL, "/meeting next").replies[0]).words:
        continue
    first, other = ("SAMPLE-0012", "SAMPLE-0013") if "SAMPLE-0012" in said.words else ("SAMPLE-0013", "SAMPLE-0012")
    return first, other, said.text.removeprefix("Item ").partition(" ")[0]


def test_which_child_is_asked_and_each_answer_is_one_click(either: Scene) -> None:
    first, other, number = two_cases(either)
    there = str(int(number) + 1)
    kim, typed = either.person("U3"), f"/meeting note Police: {other} was seen twice"
    asked = kim.types(CHANNEL, typed).replies[0]
    assert asked.words.splitlines()[0] == (
        f"{other} is item {there}, and {first} is being discussed. Which child is this about? "
        f"If it's about {first}, you can also begin the note with `this item:`."
    )
    # What is about to be stored is repeated, as it was typed, so that it is read before it is stored.
    assert asked.words.splitlines()[1] == f"Nothing is recorded yet. You typed: “Police: {other} was seen twice”"
    assert labels(asked) == [f"{first}, item {number}", f"{other}, item {there}"]
    kim.clicks(asked, "command.again:0")
    assert f">Police: {other} was seen twice" in reads(either, "U3", f"Noted under item {number}").words
    asked = kim.types(CHANNEL, f"{typed} more").replies[0]
    kim.clicks(asked, "command.again:1")
    assert f">Police: {other} was seen twice more" in reads(either, "U3", f"Noted under item {there}").words


def test_typed_words_are_repeated_and_do_nothing_in_the_question(scene: Scene) -> None:
    first, other, number = two_cases(scene)
    there = int(number) + 1
    kim = scene.person("U3")
    kim.types(CHANNEL, "/meeting note seen")
    scene.person("U1").types(CHANNEL, f"/meeting next {there}")
    asked = kim.types(CHANNEL, "/meeting note <!channel> seen <b> again").replies[0]
    assert asked.words.splitlines()[:2] == [
        f"You were last at {first}, and the meeting is at {other}. Which of the two is this about?",
        "Nothing is recorded yet. You typed: “&lt;!channel&gt; seen &lt;b&gt; again”",
    ]
    assert labels(asked) == [f"{first}, item {number}", f"{other}, item {there}"]


def test_in_the_form_it_is_said_under_the_words(scene: Scene) -> None:
    first, other, _ = two_cases(scene)
    kim = scene.person("U3")
    card = kim.types(CHANNEL, "/meeting now").replies[0]
    form = opened(kim.clicks(card, next(one for one in card.actions if one.startswith("meeting.note:"))).view)
    wrong = kim.submits(form, {"text": f"{other} was seen twice"})
    assert wrong.errors["text"].startswith(f"{other} is item ")
    done = opened(kim.submits(opened(wrong.view), {"text": f"this item: {first} was seen with {other}"}).view)
    assert f">{first} was seen with {other}" in done.words
