"""A panel's channel that another workspace sees: no post, chair and co-ordinator know, and it goes on afterwards."""

from datetime import UTC, datetime

import pytest

from bot.health import look
from bot.models.panels import SharedChannel
from bot.practice.workspace.faults import Fault
from tests.slack.conftest import Scene, settings_for
from tests.slack.county import CHANNEL, OTHER_CHANNEL

ABROAD = "T0OTHER"
NEWS = "is shared with another workspace"
OVER = "is no longer shared with another workspace. I've started posting there again."


def opens_the_meeting(scene: Scene) -> list[str]:
    """Open the meeting as co-ordinator. Return what the whole channel then reads of it."""
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    assert scene.person("U1").types(CHANNEL, "/meeting open").error is None
    scene.settled()
    return [one.words for one in scene.person("U5").messages(CHANNEL)]


def told(scene: Scene, words: str) -> list[str]:
    """Return who was told so in a direct message, once for each message."""
    scene.workspace.settles()
    scene.settled()
    return [
        user for user in ("U1", "U2", "U3", "U4", "U5", "U6") for one in scene.person(user).dm() if words in one.words
    ]


def known_as_shared(scene: Scene) -> list[str]:
    with scene.store.reading() as work:
        return [one.channel_id for one in work.find_all(SharedChannel)]


def test_a_channel_that_becomes_shared_is_told_to_chair_and_coordinator_once(either: Scene) -> None:
    either.workspace.share(CHANNEL, ABROAD)
    assert told(either, NEWS) == ["U1", "U3"]
    either.workspace.share(CHANNEL, ABROAD)
    assert told(either, NEWS) == ["U1", "U3"]
    assert either.audit().count(("share", "channel", "done")) == 1


def test_a_channel_of_no_panel_is_nobodys_news(scene: Scene) -> None:
    scene.workspace.share(OTHER_CHANNEL, ABROAD)
    assert told(scene, NEWS) == []
    assert known_as_shared(scene) == []


def test_nothing_is_posted_in_a_shared_channel(scene: Scene) -> None:
    scene.workspace.share(CHANNEL, ABROAD)
    assert told(scene, NEWS) == ["U1", "U3"]
    assert opens_the_meeting(scene) == []
    assert ("board_posted", "dropped") in scene.settled()


def test_who_opens_a_meeting_is_told_that_nothing_is_posted(scene: Scene) -> None:
    scene.workspace.share(CHANNEL, ABROAD)
    assert told(scene, NEWS) == ["U1", "U3"]
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    said = scene.person("U1").types(CHANNEL, "/meeting open").text
    assert "I won't post there.* Read the statement out, and record under *Attendance* who is here" in said
    assert "in the channel." not in said


def test_a_share_that_slack_did_not_tell_of_is_seen_before_the_post(scene: Scene) -> None:
    scene.workspace.state.channels[CHANNEL].shared_with = (ABROAD,)
    assert opens_the_meeting(scene) == []
    assert ("board_posted", "dropped") in scene.settled()
    assert told(scene, NEWS) == ["U1", "U3"]
    assert known_as_shared(scene) == [CHANNEL]


def test_posts_go_on_when_it_is_shared_no_longer(scene: Scene) -> None:
    scene.workspace.add_team("T0THIRD", "Third", "third")
    scene.workspace.share(CHANNEL, ABROAD)
    scene.workspace.share(CHANNEL, "T0THIRD")
    scene.workspace.unshare(CHANNEL, ABROAD)
    assert told(scene, OVER) == []  # the third workspace is still there
    scene.workspace.unshare(CHANNEL, "T0THIRD")
    assert told(scene, OVER) == ["U1", "U3"]
    assert known_as_shared(scene) == []
    assert len(opens_the_meeting(scene)) == 1


def test_an_end_that_slack_did_not_tell_of_is_seen_before_the_post(scene: Scene) -> None:
    scene.workspace.share(CHANNEL, ABROAD)
    assert told(scene, NEWS) == ["U1", "U3"]
    scene.workspace.state.channels[CHANNEL].shared_with = ()
    assert len(opens_the_meeting(scene)) == 1
    assert told(scene, OVER) == ["U1", "U3"]


@pytest.mark.parametrize("word", ["missing_scope", "channel_not_found", "unknown_method"])
@pytest.mark.parametrize("was_shared", [False, True])
def test_where_slack_does_not_let_the_bot_look_what_its_events_told_counts(
    scene: Scene, word: str, was_shared: bool
) -> None:
    if was_shared:
        scene.workspace.share(CHANNEL, ABROAD)
        assert told(scene, NEWS) == ["U1", "U3"]
    scene.workspace.faults.next("conversations.info", Fault.api_error(word))
    assert len(opens_the_meeting(scene)) == (0 if was_shared else 1)
    assert ("board_posted", "dropped" if was_shared else "done") in scene.settled()
    assert known_as_shared(scene) == ([CHANNEL] if was_shared else [])


def test_check_names_the_panel(scene: Scene) -> None:
    settings = settings_for(scene.workspace, scene.store.checkpoint_file.parent)  # type: ignore[union-attr]
    found = [one for one in look(settings) if "shared with another workspace" in one.sentence]
    assert found == []
    scene.workspace.share(CHANNEL, ABROAD)
    told(scene, NEWS)
    (finding,) = [one for one in look(settings) if "shared with another workspace" in one.sentence]
    assert finding.is_fault
    assert finding.sentence == (
        "The channel of West Operational MET (west-met) has been shared with another workspace since 23 November 2026. "
        "Nothing is posted there until a Slack administrator stops sharing it."
    )
