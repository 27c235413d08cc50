"""A decision that is typed opens its form filled in."""

from datetime import UTC, datetime

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
