"""Papers of a meeting as people ask for them: told by a button or typed, and handed over in a direct message."""

from datetime import UTC, datetime

import pytest

from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import SeenMessage
from tests.documents.word_files import texts
from tests.slack.agenda.test_nothing_waits import accepts_what_waits, decides, pressed, said_to
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import JUDGEMENT, flag, open_quorate

pytestmark = pytest.mark.slow  # papers are written by a process of their own


def holds_a_meeting(scene: Scene) -> None:
    """Hear one case on 10 December, and retain it with an action for Sam."""
    alex, kim = scene.person("U1"), scene.person("U3")
    flag(scene)
    accepts_what_waits(alex, CHANNEL, "/agenda triage")
    kim.types(CHANNEL, "/agenda compile")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    assert "recorded" in alex.types(CHANNEL, "/action add @sam ring the school nurse by Friday 18 December").text
    decides(alex, CHANNEL, "retain", review="in 3 months")


def carried(person: Person, name: str) -> list[SeenMessage]:
    """Return the direct messages that carry a file of this name."""
    return [one for one in person.dm() if any(called.startswith(name) for called, _ in one.files)]


def paper(person: Person, name: str) -> list[str]:
    """Return what the last file of this name says, once it has come."""
    found = person.waits_for(lambda: carried(person, name))[-1]
    return texts(found.files[0][1])


def test_the_summary_is_told_the_next_day_and_comes_with_a_press(scene: Scene) -> None:
    holds_a_meeting(scene)
    scene.clock.move_to(datetime(2026, 12, 11, 10, 0, tzinfo=UTC))
    scene.bot.ticks.run_all()
    sam, kim = scene.person("U2"), scene.person("U3")
    told = said_to(sam, "The decisions and actions of West Operational MET, held on Thu 10 Dec 2026, are ready.")
    assert "drafted" not in told.words
    assert "You can draft the minutes: `/minutes draft west-met`." in said_to(kim, "are ready").words
    sam.clicks(told, pressed(told, "minutes.summary:"))
    lines = paper(sam, "west-met-2026-12-10-decisions-and-actions.docx")
    assert "Retain and review by 10 March 2027." in lines
    assert not any(words in line for line in lines for words in (JUDGEMENT, "Three districts are touched."))
    # Nothing that was decided or given to do is in the message itself.
    assert not any(words in told.words for words in ("SAMPLE-0012", "school nurse", "etain"))


def test_the_summary_is_asked_for_by_day(scene: Scene) -> None:
    holds_a_meeting(scene)
    jo = scene.person("U4")
    said = jo.types(CHANNEL, "/minutes summary 10 December").text
    assert said == (
        "The decisions and actions of West Operational MET, Thu 10 Dec 2026, 14:00, are on their way to your direct "
        "messages."
    )
    assert "Item" in " ".join(paper(jo, "west-met-2026-12-10-decisions-and-actions.docx"))
    asked = jo.types(CHANNEL, "/minutes summary soonish").text
    assert asked.startswith("I can't find that panel") or "Which meeting?" in asked
    assert scene.person("U5").types(CHANNEL, "/minutes summary").text == (
        "On West Operational MET, observers can't read minutes."
    )


def test_an_extract_is_for_the_childs_file(scene: Scene) -> None:
    holds_a_meeting(scene)
    kim, alex, jo = (scene.person(user_id) for user_id in ("U3", "U1", "U4"))
    assert (
        "no minutes of West Operational MET about this case" in jo.types(CHANNEL, "/minutes extract SAMPLE-0012").text
    )
    kim.types(CHANNEL, "/minutes draft")
    alex.types(CHANNEL, "/minutes approve")
    said = jo.types(CHANNEL, "/minutes extract for sample-0012, west-met").text
    assert said == (
        "The extract for SAMPLE-0012 from the minutes of 1 meeting of West Operational MET is on its way to "
        "your direct messages. "
        "I have taken out other children's references. "
        "Before you file the extract, check it for names of people and places."
    )
    lines = paper(jo, "west-met-2026-12-10-extract.docx")
    assert lines[0] == "West Operational MET: extract for SAMPLE-0012"
    assert f"Judgement\t{JUDGEMENT}" in lines
    for usual in ("SAMPLE-0012 10 December", "SAMPLE-0012 all meetings"):
        assert "on its way" in jo.types(CHANNEL, f"/minutes extract {usual}").text
    assert "Which case?" in jo.types(CHANNEL, "/minutes extract").text
    assert jo.types(CHANNEL, "/minutes extract SAMPLE-4711").text.startswith(
        "I can't find case SAMPLE-4711, or it isn't"
    )


def test_packs_and_the_annex_are_asked_for(scene: Scene) -> None:
    holds_a_meeting(scene)
    kim, alex, sam = (scene.person(user_id) for user_id in ("U3", "U1", "U2"))
    assert "no approved minutes" in sam.types(CHANNEL, "/minutes pack").text
    kim.types(CHANNEL, "/minutes draft")
    alex.types(CHANNEL, "/minutes approve")
    assert sam.types(CHANNEL, "/minutes pack").text == (
        "I'm sending Health's pack from the minutes of West Operational MET, Thu 10 Dec 2026, 14:00, to you."
    )
    assert "1 action from this meeting" in " ".join(paper(sam, "west-met-2026-12-10-pack-health-v1.docx"))
    jo = scene.person("U4")
    assert kim.types(CHANNEL, "/minutes pack health 10 December").text == (
        "I'm sending Health's pack from the minutes of West Operational MET, Thu 10 Dec 2026, 14:00, "
        "to Jo and Sam. Each person gets only what they may see."
    )
    assert paper(jo, "west-met-2026-12-10-pack-health-v1.docx")
    assert "can send other agencies' packs" in sam.types(CHANNEL, "/minutes pack police").text
    assert "have no closed item that you may read" in alex.types(CHANNEL, "/minutes annex").text
    alex.types(CHANNEL, "/case close-item SAMPLE-0012 because it is sensitive")
    assert alex.types(CHANNEL, "/minutes annex 10 December").text == (
        "The closed annex of the minutes of West Operational MET, Thu 10 Dec 2026, 14:00, is on its way to your direct "
        "messages. The annex is only for the named readers of the closed items."
    )
    assert f"Judgement\t{JUDGEMENT}" in paper(alex, "west-met-2026-12-10-annex-approved-v1.docx")
    assert "have no closed item that you may read" in kim.types(CHANNEL, "/minutes annex").text
