"""A decision that is typed opens its form filled in; of several decisions each brings its case back on its day."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.practice.workspace.person import Person
from tests.slack.agenda.test_nothing_waits import accepts_what_waits, pressed, two_panels
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, go_to_case, open_quorate, opened


def test_a_typed_decision_stands_in_the_form_and_is_recorded_with_one_press(scene: Scene) -> None:
    alex = scene.person("U1")
    flag(scene)
    accept = opened(alex.types(CHANNEL, "/agenda triage").view)
    alex.clicks(accept, next(action for action in accept.actions if action.startswith("agenda.accept:")))
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    open_quorate(scene)
    go_to_case(scene)
    line = "/meeting decide retain, review in 3 months because the plan is new"
    form = opened(alex.types(CHANNEL, line).view)
    values = {name: field for block in form.values.values() for name, field in block.items()}
    assert values["kind"]["selected_option"]["value"] == "retain"
    assert (values["rationale"]["value"], values["review"]["value"]) == ("the plan is new", "in 3 months")
    done = opened(alex.submits(form, {}).view)
    assert "*SAMPLE-0012*: retain and review by" in done.words
    assert ">the plan is new" in done.words


def decides(person: Person, kind: str, rationale: str, review: str) -> str:
    """Decide about the case that is discussed, and return what that says."""
    form = opened(person.types(CHANNEL, "/meeting decide").view)
    done = person.submits(form, {"kind": kind, "rationale": rationale, "review": review})
    assert done.errors == {}
    said = opened(done.view)
    person.closes(said)
    return said.words


@pytest.mark.parametrize("is_undone", [False, True], ids=["both", "the one taken back"])
def test_of_two_decisions_that_stands_which_was_not_taken_back(tmp_path: Path, is_undone: bool) -> None:
    with two_panels(tmp_path) as scene:
        alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
        flag(scene)
        accepts_what_waits(alex, CHANNEL, "/agenda triage")
        scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
        open_quorate(scene)
        go_to_case(scene)
        assert "NRM referral, due Thu 14 Jan 2027" in decides(kim, "nrm", "Moved to sell drugs.", "14 January")
        assert "retain and review by Thu 14 Jan 2027" in decides(kim, "retain", "The plan is new.", "next meeting")
        if is_undone:
            taken_back = kim.types(CHANNEL, "/meeting undo").text
            assert "(retain and review by Thu 14 Jan 2027). The record keeps the entry" in taken_back
        asked = alex.types(CHANNEL, "/meeting close").replies[0]
        alex.clicks(asked, pressed(asked, "meeting.close"))

        # It comes back by itself, once, and every place says why.
        scene.bot.ticks.run_all()
        listed = alex.types(CHANNEL, "/case list").text
        assert "NRM referral, due 14 January 2027" in listed
        card = opened(alex.types(CHANNEL, "/case history SAMPLE-0012").view).words
        assert ("etain and review by Thu 14 Jan 2027" in card) is not is_undone
        agenda = kim.types(CHANNEL, "/agenda compile").replies[0].words
        assert agenda.count("SAMPLE-0012") == 1
        assert "SAMPLE-0012" in sam.types(CHANNEL, "/case list").text
