"""A crime disclosed at the table becomes a police action in two clicks: the button on the case's card, and *Add*."""

from tests.slack.actions.test_answering import pressed
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.meeting.test_board import begin
from tests.slack.test_cycle import go_to_case, opened


def test_a_disclosed_crime_is_the_polices_in_two_clicks(scene: Scene) -> None:
    begin(scene)
    kim = scene.person("U3")
    heading = kim.types(CHANNEL, "/meeting now").replies[0]
    assert [name for name in heading.actions if name.startswith("action.crime:")] == []
    go_to_case(scene)
    card = kim.types(CHANNEL, "/meeting now").replies[0]
    form = opened(kim.clicks(card, pressed(card, "action.crime:")).view)
    held = {name: next(iter(field.values())) for name, field in form.values.items()}
    assert (held["holder"]["selected_user"], held["due"]["selected_date"]) == ("U1", "2026-12-11")
    assert held["text"]["value"] == "Record the crime disclosed at the meeting and start the enquiry"
    added = opened(kim.submits(form, {}).view)
    assert added.blocks[0]["text"]["text"] == (
        "*Action 1* recorded about SAMPLE-0012 for <@U1> (Police):\n"
        ">Record the crime disclosed at the meeting and start the enquiry\n"
        "Due *Friday 11 December 2026 (tomorrow)*. Kind: *crime report*.\nTo correct it: `/action edit 1`."
    )
    late = opened(kim.clicks(card, pressed(card, "action.crime:")).view)
    scene.settled()
    assert "Action 1: crime report, Police (Alex), by Fri 11 Dec 2026" in "".join(
        one.words.replace("*", "") for one in scene.person("U2").messages(CHANNEL)
    )
    kim.types(CHANNEL, "/meeting close now")
    assert kim.submits(late, {}).errors == {
        "holder": "The meeting of Thursday 10 December 2026 was closed at 14:00, so you can record nothing more there. "
        "To correct the minutes: /minutes look 10 December 2026 west-met."
    }
