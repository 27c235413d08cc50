"""A flag from a message's shortcut by a person on several panels, outside their channels."""

from sqlmodel import col

from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.store.rows import id_of
from tests.slack.agenda.test_nothing_waits import pressed
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL, OTHER_CHANNEL
from tests.slack.test_cycle import CASE, flag, opened


def add_panel(scene: Scene, who: str) -> None:
    """Add a panel, East Operational MET, with a meeting and this person as its representative."""
    with scene.store.work() as work:
        west = work.session.get_one(Panel, scene.county.west_id)
        same = west.model_dump(exclude={"id", "key", "title", "channel_id"})
        east = Panel(**same, key="east-met", title="East Operational MET")
        work.session.add(east)
        work.session.flush()
        (meeting,) = work.find_all(Meeting, col(Meeting.panel_id) == west.id)
        at = {name: getattr(meeting, name) for name in ("starts_at", "ends_at")}
        work.session.add(Meeting(panel_id=id_of(east), **at))
        person_id = scene.county.person[who]
        (place,) = work.find_all(
            Membership, col(Membership.panel_id) == west.id, col(Membership.person_id) == person_id
        )
        work.session.add(Membership(**place.model_dump(exclude={"id", "panel_id"}), panel_id=id_of(east)))


def test_the_reference_is_kept_when_the_panel_is_asked(scene: Scene) -> None:
    add_panel(scene, "nurse")
    sam = scene.person("U2")
    message = scene.person("U3").says(OTHER_CHANNEL, "Is sample-0012 for the panel? She was hurt on Sunday.")
    asked = opened(sam.uses_shortcut("case.flag_message", message=message).view)
    assert (asked.title, "Which panel should hear *SAMPLE-0012*?" in asked.words) == ("Which panel?", True)
    assert "Sunday" not in str(asked.blocks)
    form = opened(sam.clicks(asked, pressed(asked, "case.flag:west-met")).view)
    assert form.values["reference"]["reference"]["value"] == "SAMPLE-0012"
    assert "For West Operational MET." in form.words
    done = opened(sam.submits(form, CASE).view)
    assert "*SAMPLE-0012* is flagged to West Operational MET" in done.words


def test_a_case_that_the_agency_flagged_to_the_chosen_panel_opens_its_flag(scene: Scene) -> None:
    add_panel(scene, "nurse")
    flag(scene)
    sam = scene.person("U2")
    message = scene.person("U3").says(OTHER_CHANNEL, "Sample-0012 was missing again.")
    asked = opened(sam.uses_shortcut("case.flag_message", message=message).view)
    form = opened(sam.clicks(asked, pressed(asked, "case.flag:west-met")).view)
    assert form.title == "Edit a flag"
    assert "Health has already flagged this case. Change that flag here." in form.words


def test_a_message_without_a_reference_asks_for_the_panel_alone(scene: Scene) -> None:
    add_panel(scene, "nurse")
    sam = scene.person("U2")
    message = scene.person("U3").says(OTHER_CHANNEL, "She was hurt on Sunday.")
    asked = opened(sam.uses_shortcut("case.flag_message", message=message).view)
    assert "should hear" not in asked.words
    form = opened(sam.clicks(asked, pressed(asked, "case.flag:east-met")).view)
    assert "For East Operational MET." in form.words
    assert CHANNEL not in form.words
