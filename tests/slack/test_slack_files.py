"""Papers that are sent as files are recorded, say when they leave, and leave: by the tick or when a person says so."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlmodel import col

from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Case
from bot.models.outbox import SlackFile, SlackFileCase
from bot.models.panels import CountySettings
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.sights import SeenMessage
from bot.services.county.slack_files import FILE_REMOVALS, list_slack_files, remove_slack_files
from bot.store.sweeps import run_sweep
from tests.slack.conftest import NOW, Scene
from tests.slack.county import CHANNEL
from tests.slack.home.test_undelivered import home_of
from tests.slack.test_cycle import flag

pytestmark = pytest.mark.slow  # papers are written by a process of their own


def tracker(scene: Scene, user_id: str = "U3") -> SeenMessage:
    """Ask for the panel's action tracker as a person. Return the message that carries it."""
    person = scene.person(user_id)
    before = len(carried(scene, user_id))
    assert person.types(CHANNEL, "/action tracker").error is None
    return person.waits_for(lambda: carried(scene, user_id)[before:])[0]


def carried(scene: Scene, user_id: str = "U3") -> list[SeenMessage]:
    return [one for one in scene.person(user_id).dm() if one.files]


def of_a_case(scene: Scene) -> int:
    """Add an action about the flagged case, so that the tracker tells of it. Return the case's number."""
    flag(scene)
    scene.settled()
    assert scene.person("U3").types(CHANNEL, "/action add <@U2> case:SAMPLE-0012 ring by 4 December").error is None
    with scene.store.reading() as work:
        (case,) = work.find_all(Case)
        assert case.id is not None
        return case.id


def in_slack(scene: Scene) -> list[SlackFile]:
    scene.settled()
    with scene.store.reading() as work:
        return [SlackFile(**row.model_dump()) for row in work.find_all(SlackFile, by=[col(SlackFile.id)])]


def due(scene: Scene, *, days: int) -> None:
    scene.clock.move_to(NOW + timedelta(days=days, minutes=1))
    run_sweep(scene.store, FILE_REMOVALS)
    scene.bot.courier.wake()


def test_a_file_is_recorded_with_what_it_tells_of_and_its_message_says_when_it_leaves(either: Scene) -> None:
    scene = either
    case_id = of_a_case(scene)
    message = tracker(scene)
    assert message.text == "Slack removes this file on Mon 7 Dec 2026."
    (file,) = in_slack(scene)
    (shared,) = scene.workspace.state.files.values()
    assert (file.slack_id, file.kind, file.person_id, file.panel_id, file.meeting_id) == (
        shared.id,
        "tracker_file",
        scene.county.person["coordinator"],
        scene.county.west_id,
        None,
    )
    assert (file.channel_id, file.sent_at.date()) == (shared.shared_in[0], NOW.date())
    assert file.remove_after.date() == NOW.date() + timedelta(days=14)
    assert (file.arrived_at is not None, file.asked_at, file.removed_at) == (True, None, None)
    with scene.store.reading() as work:
        (made,) = work.find_all(AuditEntry, col(AuditEntry.verb) == "make")
        assert (made.noun, made.noun_id, made.actor_id) == ("file", file.id, file.person_id)
        assert made.sha256 == file.digest == sha256(message.files[0][1]).hexdigest()
    with scene.store.reading() as work:
        assert [(one.file_id, one.case_id) for one in work.find_all(SlackFileCase)] == [(file.id, case_id)]


def test_on_its_day_it_is_removed_from_slack_and_not_before(either: Scene) -> None:
    scene = either
    tracker(scene)
    due(scene, days=13)
    assert len(carried(scene)) == 1
    due(scene, days=14)
    assert [file.removed_at is not None for file in in_slack(scene)] == [True]
    assert carried(scene) == []
    assert scene.posted("files.delete") == 1
    due(scene, days=15)
    assert scene.settled()[-1] == ("file_removed", "done")
    assert scene.posted("files.delete") == 1
    assert ("remove", "slack_file", "done") in scene.audit()


def test_how_many_days_is_the_county_files_to_say(scene: Scene) -> None:
    with scene.store.work() as work:
        work.session.add(CountySettings(slack_files_days=3))
    assert tracker(scene).text == "Slack removes this file on Thu 26 Nov 2026."
    due(scene, days=3)
    in_slack(scene)
    assert carried(scene) == []


@pytest.mark.parametrize("word", ["file_not_found", "file_deleted"])
def test_a_file_that_a_person_deleted_before_counts_as_removed(scene: Scene, word: str) -> None:
    tracker(scene)
    scene.workspace.faults.next("files.delete", Fault.api_error(word))
    due(scene, days=14)
    assert [file.removed_at is not None for file in in_slack(scene)] == [True]
    assert scene.settled()[-1] == ("file_removed", "done")


def test_a_removal_that_slack_refuses_is_on_home_and_in_the_list_and_may_be_asked_for_again(scene: Scene) -> None:
    tracker(scene)
    scene.workspace.faults.next("files.delete", Fault.api_error("cant_delete_file"))
    due(scene, days=14)
    assert [file.removed_at for file in in_slack(scene)] == [None]
    shown = home_of(scene, "U3").words
    assert "*Kim*: the removal of a file from Slack was refused by Slack (cant_delete_file)" in shown
    with scene.store.work() as work:
        assert [(one.refused, one.is_leaving) for one in list_slack_files(work)] == [("cant_delete_file", False)]
        assert remove_slack_files(work) == (1, 0)
        assert remove_slack_files(work) == (1, 0)  # of what is promised in this transaction nothing is queued yet
    scene.bot.courier.wake()
    assert [file.removed_at is not None for file in in_slack(scene)] == [True]


def test_a_file_of_which_nobody_knows_whether_it_arrived_is_removed_too(scene: Scene) -> None:
    """The answer is lost after Slack took it, as when the process dies there: its id was written down before."""
    scene.workspace.faults.next("files.completeUploadExternal", Fault.drop_after_accept())
    tracker(scene)
    assert scene.settled() == [("tracker_file", "ambiguous")]
    (file,) = in_slack(scene)
    assert (file.slack_id, file.arrived_at) == (next(iter(scene.workspace.state.files)), None)
    with scene.store.work() as work:
        assert [one.has_arrived for one in list_slack_files(work)] == [False]
    due(scene, days=14)
    assert [one.removed_at is not None for one in in_slack(scene)] == [True]
    assert carried(scene) == []


def test_a_file_that_slack_did_not_take_leaves_no_record(scene: Scene) -> None:
    of_a_case(scene)
    scene.workspace.faults.next("files.completeUploadExternal", Fault.api_error("posting_to_channel_denied"))
    assert scene.person("U3").types(CHANNEL, "/action tracker").error is None
    assert in_slack(scene) == []
    assert carried(scene) == []


def test_a_file_that_cannot_be_recorded_is_not_shown(scene: Scene) -> None:
    with scene.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE slack_file RENAME TO elsewhere")
    assert scene.person("U3").types(CHANNEL, "/action tracker").error is None
    scene.workspace.state.waits_for(lambda: bool(scene.workspace.state.files), 30, "the upload to begin")
    assert scene.posted("files.completeUploadExternal") == 0
    with scene.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO slack_file")
    assert [file.arrived_at is not None for file in in_slack(scene)] == [True]


def test_the_file_of_a_person_who_left_is_removed_all_the_same(scene: Scene) -> None:
    tracker(scene, "U2")
    scene.workspace.deactivate("U2")
    scene.workspace.settles()
    due(scene, days=14)
    assert [file.removed_at is not None for file in in_slack(scene)] == [True]


def test_the_page_shows_a_removed_file_no_longer(scene: Scene) -> None:
    message = tracker(scene)
    assert message.files[0][1].startswith(b"PK")
    due(scene, days=14)
    in_slack(scene)
    (after,) = [one for one in scene.person("U3").dm() if one.text == message.text]
    assert after.files == ()
