"""A risk assessment that is still to be made: its form, the reminder and the button, also for a closed item."""

from datetime import UTC, datetime

from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, opened

UNASSESSED = {"risk_level": "", "assessed_on": "", "assessment_due_on": "2026-12-01"}
MADE = {"risk_level": "ceraf:high", "assessed_on": "2026-12-01"}


def test_a_reminder_opens_the_form_alike_for_a_new_case_and_for_a_closed_item_of_another_agency(scene: Scene) -> None:
    sam = scene.person("U2")
    flag(scene, "U1", reference="SAMPLE-0001", closed=["closed"])
    for reference in ("SAMPLE-0001", "SAMPLE-0002"):
        flag(scene, "U2", reference=reference, **UNASSESSED)
        form = opened(sam.types(CHANNEL, f"/case assess {reference}").view)
        assert f"{reference}, West Operational MET. The assessment was due Tue 1 Dec 2026." in form.words.replace(
            "*", ""
        )
        sam.closes(form)
    scene.clock.move_to(datetime(2026, 12, 1, 10, 0, tzinfo=UTC))
    scene.bot.ticks.run_all()
    scene.settled()
    (reminder,) = [message for message in sam.dm() if "missing" in message.words and "assessment" in message.words]
    assert reminder.words == (
        "2 risk assessments are missing.\n"
        "*SAMPLE-0001* · *not assessed yet, due Tue 1 Dec 2026* · West Operational MET\nAdd assessment\n"
        "*SAMPLE-0002* · *not assessed yet, due Tue 1 Dec 2026* · West Operational MET\nAdd assessment"
    )
    for action, reference in zip(
        (one for one in reminder.actions if one.startswith("case.assess")), ("SAMPLE-0001", "SAMPLE-0002"), strict=True
    ):
        form = opened(sam.clicks(reminder, action).view)
        outcome = sam.submits(form, MADE)
        said = outcome.view.words if outcome.view else outcome.replies[0].words
        assert f"You have added an assessment of *{reference}*: CERAF: high." in said
        if outcome.view:
            sam.closes(outcome.view)
    assert "not assessed yet" not in sam.types(CHANNEL, "/case list").text
