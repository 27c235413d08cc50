"""An agenda that is out, as people live through it: what is new, items that are not cases, and too long a meeting."""

from datetime import UTC, datetime
from pathlib import Path

from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import SeenMessage
from tests.slack.agenda.test_nothing_waits import accepts_what_waits, pressed, said_to, two_panels
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, open_quorate, opened

TITLE = "Online harm in the holidays"


def accepted(scene: Scene, reference: str, **more: str) -> None:
    """Flag a case as health, and let the chair accept it."""
    flag(scene, reference=reference, **more)
    accepts_what_waits(scene.person("U1"), CHANNEL, "/agenda triage")


def publishes(person: Person) -> SeenMessage:
    """Publish the agenda, and return the answer."""
    return person.types(CHANNEL, "/agenda publish").replies[0]


def line_of(shown: SeenMessage, words: str) -> str:
    """Return the line of an agenda that has these words."""
    return next(line for line in shown.words.splitlines() if words in line)


def test_a_case_that_comes_late_has_a_letter_in_every_place(scene: Scene) -> None:
    alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
    accepted(scene, "SAMPLE-0012")
    first = publishes(kim)
    number = line_of(first, "SAMPLE-0012").split()[1].removesuffix(".")
    said_to(sam, "The agenda of West Operational MET is out.")
    assert "Nothing has changed since version 1, so I won't tell anyone again." in publishes(kim).words

    accepted(scene, "SAMPLE-0013", urgency="routine")
    said = f"Changed since version 1. Added: {number}a SAMPLE-0013."
    compiled = kim.types(CHANNEL, "/agenda compile").replies[0].words
    assert f"*Not published yet.* Added: {number}a SAMPLE-0013." in compiled
    assert said in publishes(kim).words
    told = said_to(sam, "The agenda of West Operational MET has changed.")
    assert said in told.words
    assert f"  {number}. SAMPLE-0012" in told.words
    assert f"  {number}a. SAMPLE-0013" in told.words

    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    reached = alex.types(CHANNEL, f"/meeting next {number}A").replies[0]
    assert f"Item {number}a: SAMPLE-0013" in reached.words
    assert "has no item 99. Its items are 1, 2" in alex.types(CHANNEL, "/meeting next 99").text
    assert "Which item?" in alex.types(CHANNEL, "/meeting next a6").text


def test_what_another_agency_says_after_publication_is_told_without_its_words(scene: Scene) -> None:
    sam, kim = scene.person("U2"), scene.person("U3")
    accepted(scene, "SAMPLE-0012")
    number = line_of(publishes(kim), "SAMPLE-0012").split()[1].removesuffix(".")
    flag(scene, "U1", judgement="Seen in a car at night.")
    said = f"The facts changed for SAMPLE-0012 (item {number})."
    assert f"*Not published yet.* {said}" in kim.types(CHANNEL, "/agenda show").replies[0].words
    assert f"Changed since version 1. {said}" in publishes(kim).words
    told = said_to(sam, "The agenda of West Operational MET has changed.")
    assert f"Changed since version 1. {said}" in told.words
    assert "Seen in a car" not in told.words
    assert "Nothing has changed since version 2, so I won't tell anyone again." in publishes(kim).words


def test_an_item_that_is_no_case_is_added_moved_and_removed(scene: Scene) -> None:
    sam, kim = scene.person("U2"), scene.person("U3")
    accepted(scene, "SAMPLE-0012")
    shown = kim.types(CHANNEL, "/agenda compile").replies[0]
    form = opened(kim.clicks(shown, pressed(shown, "agenda.item")).view)
    values = {"kind": "presentation", "title": "Born on 3 March 2012", "minutes": "15", "presenter": "Barnardo's"}
    refused = kim.submits(form, values)
    assert "a date of birth" in refused.errors["title"]
    arranged = opened(kim.submits(opened(refused.view), {"title": TITLE}).view)
    assert f"*Presentation: {TITLE}* (15 min) · Barnardo's" in arranged.words

    button = next(action for action in reversed(arranged.actions) if action.startswith("agenda.line:"))
    line = opened(kim.clicks(arranged, button).view)
    assert TITLE in line.words
    moved = opened(kim.submits(line, {"move": "first", "minutes": "20"}).view)
    assert "I've changed the agenda item." in moved.words
    kim.closes(moved)
    compiled = kim.types(CHANNEL, "/agenda compile").replies[0]
    assert line_of(compiled, TITLE) == f"14:00  1. *Presentation: {TITLE}* (20 min) · Barnardo's"
    assert TITLE in publishes(kim).words
    told = said_to(sam, "is out.")
    assert "1. *Presentation* (20 min)" in told.words
    assert TITLE not in told.words
    assert TITLE in sam.types(CHANNEL, "/agenda show").replies[0].words
    assert not [action for action in told.actions if action.startswith("agenda.")]

    arranged = opened(kim.clicks(compiled, pressed(compiled, "agenda.lines")).view)
    line = opened(kim.clicks(arranged, pressed(arranged, "agenda.line:")).view)
    left = opened(kim.clicks(line, pressed(line, "agenda.remove")).view)
    assert "I've removed the item." in left.words
    assert TITLE not in left.words


def test_an_item_is_added_by_command(scene: Scene) -> None:
    kim = scene.person("U3")
    shown = kim.types(CHANNEL, "/agenda item paper 10 The new referral form").replies[0].words
    assert "I've added the item to the agenda." in shown
    assert "*Paper: The new referral form* (10 min)" in shown
    assert "*Any other business: Christmas* (5 min)" in kim.types(CHANNEL, "/agenda item Christmas").replies[0].words
    assert opened(kim.types(CHANNEL, "/agenda item").view).title == "Add an item"


def test_a_meeting_that_is_too_short_is_lengthened_or_a_case_is_deferred(tmp_path: Path) -> None:
    with two_panels(tmp_path) as scene:
        too_short(scene)


def too_short(scene: Scene) -> None:
    """Defer one of two cases of an agenda that is too long, and lengthen the meeting for the rest."""
    alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
    accepted(scene, "SAMPLE-0012")
    accepted(scene, "SAMPLE-0013", urgency="routine")
    kim.types(CHANNEL, "/agenda item 42 A long talk")
    shown = alex.types(CHANNEL, "/agenda show").replies[0]
    assert "*Too long.*" in shown.words
    drops = [action for action in shown.actions if action.startswith("agenda.drop")]
    assert drops
    assert not [action for action in kim.types(CHANNEL, "/agenda show").replies[0].actions if "drop" in action]
    form = opened(alex.clicks(shown, drops[0]).view)
    answer = alex.submits(form, {"reason": "There is no time for it."})
    assert answer.errors == {}
    done = opened(answer.view)
    assert (
        "SAMPLE-0013 is deferred. I'm telling the agency that flagged it. "
        "The agenda no longer lists the case." in done.words
    )
    alex.closes(done)

    shown = kim.types(CHANNEL, "/agenda compile").replies[0]
    assert "*Too long.*" in shown.words
    kim.clicks(shown, pressed(shown, "agenda.lengthen"))
    longer = kim.waits_for(lambda: [one for one in kim.messages(CHANNEL) if "The meeting now ends at" in one.words])[-1]
    assert "*Too long.*" not in longer.words
    said_to(sam, "The meeting of West Operational MET now lasts longer:")


def test_an_item_may_be_added_while_the_meeting_is_held(scene: Scene) -> None:
    alex, kim = scene.person("U1"), scene.person("U3")
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    open_quorate(scene)
    typed = kim.types(CHANNEL, "/agenda item 10 Online harm")
    assert typed.text == "I've added the item as the last of this meeting. To reach it, type `/meeting next`."
    form = opened(kim.types(CHANNEL, "/agenda item").view)
    done = opened(kim.submits(form, {"title": "A new form"}).view)
    assert "I've added the item as the last of this meeting." in done.words
    kim.closes(done)
    said = [alex.types(CHANNEL, "/meeting next").text for _ in range(14)]
    reached = [title for title in ("Online harm", "A new form") if any(title in one for one in said)]
    assert reached == ["Online harm", "A new form"]
