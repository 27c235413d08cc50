"""People in a panel's channel who are not on the panel: chair and co-ordinator read their names once."""

from datetime import timedelta

import pytest
from sqlmodel import col

from bot.health import look
from bot.models.outbox import OutboxRow
from bot.models.panels import ChannelGuest, Membership
from bot.practice.workspace.faults import Fault
from bot.services.diary.channels import CHANNEL_LOOKS
from bot.store.sweeps import run_sweep
from tests.slack.conftest import Scene, settings_for
from tests.slack.county import CHANNEL, FOREIGN, OTHER_CHANNEL, STRANGER

ELSEWHERE = "U6"  # Max of the police, who has a place on no panel
TO_DO = (
    "These people can read what is posted in the channel. Remove them from the channel in Slack. "
    "If they belong on the panel, the "
    "co-ordinator can give them a place."
)


def only_members(scene: Scene) -> None:
    """Leave those in the channel who are on the panel, and the bot."""
    for user_id in (STRANGER, FOREIGN, ELSEWHERE):
        scene.workspace.remove_member(CHANNEL, user_id)


def looks(scene: Scene) -> int:
    """Tick, and let all that follows from it happen."""
    asked = run_sweep(scene.store, CHANNEL_LOOKS)
    scene.bot.courier.wake()
    settled(scene)
    return asked


def settled(scene: Scene) -> None:
    scene.workspace.settles()
    scene.settled()


def next_day(scene: Scene) -> None:
    scene.clock.move_to(scene.clock.now() + timedelta(days=1))


def told(scene: Scene) -> dict[str, list[str]]:
    """Return, by account, the messages about people in a channel."""
    found = {
        user: [one.words for one in scene.person(user).dm() if "but not on the panel" in one.words]
        for user in ("U1", "U2", "U3", "U4", "U5", "U6")
    }
    return {user: words for user, words in found.items() if words}


def named(scene: Scene) -> list[str]:
    """Return the lines with a name in all that the chair was told."""
    return [line for words in told(scene).get("U3", []) for line in words.splitlines() if line.startswith("•")]


def test_those_who_are_not_on_the_panel_are_named_once_to_chair_and_coordinator(either: Scene) -> None:
    assert looks(either) == 1
    words = (
        f"In <#{CHANNEL}>, the channel of West Operational MET, but not on the panel:\n• Max (Police)\n"
        f"• <@{FOREIGN}>, not enrolled\n• <@{STRANGER}>, not enrolled\n{TO_DO}"
    )
    assert told(either) == {"U1": [words], "U3": [words]}
    assert looks(either) == 0
    next_day(either)
    assert looks(either) == 1
    assert {user: len(all_of) for user, all_of in told(either).items()} == {"U1": 1, "U3": 1}
    assert either.audit().count(("name_guests", "channel", "done")) == 1


def test_the_bot_and_apps_are_named_to_no_one(scene: Scene) -> None:
    only_members(scene)
    looks(scene)
    assert told(scene) == {}
    with scene.store.reading() as work:
        assert [one.is_bot for one in work.find_all(ChannelGuest)] == [True]
    before = scene.posted("users.info")
    next_day(scene)
    looks(scene)
    assert scene.posted("users.info") == before  # Slack is not asked about an account a second time


def test_an_account_that_joins_is_named_at_once(scene: Scene) -> None:
    only_members(scene)
    scene.workspace.add_member(CHANNEL, STRANGER)
    settled(scene)
    assert named(scene) == [f"• <@{STRANGER}>, not enrolled"]
    scene.workspace.add_member(OTHER_CHANNEL, FOREIGN)
    settled(scene)
    assert scene.posted("conversations.members") == 1


def test_a_member_who_joins_is_no_news(scene: Scene) -> None:
    only_members(scene)
    scene.workspace.remove_member(CHANNEL, "U2")
    scene.workspace.add_member(CHANNEL, "U2")
    settled(scene)
    assert scene.posted("conversations.members") == 0


def test_who_loses_their_place_and_stays_in_the_channel_is_named_with_their_agency(scene: Scene) -> None:
    only_members(scene)
    looks(scene)
    with scene.store.work() as work:
        for place in work.find_all(Membership, col(Membership.person_id) == scene.county.person["nurse"]):
            place.ended_at = work.now
    next_day(scene)
    looks(scene)
    assert named(scene) == ["• Sam (Health)"]


def test_who_goes_and_comes_back_is_named_again(scene: Scene) -> None:
    only_members(scene)
    for _ in range(2):
        scene.workspace.add_member(CHANNEL, STRANGER)
        settled(scene)
        scene.workspace.remove_member(CHANNEL, STRANGER)
        next_day(scene)
        looks(scene)
    assert len(named(scene)) == 2


def test_a_channel_of_many_is_looked_at_page_by_page(scene: Scene) -> None:
    only_members(scene)
    many = [f"UX{number:03}" for number in range(230)]
    for user_id in many:
        scene.workspace.add_user(user_id.lower(), id=user_id)
        scene.workspace.state.channels[CHANNEL].members.append(user_id)
    for _ in range(9):  # thirty unknown accounts in one look
        looks(scene)
        next_day(scene)
    with scene.store.reading() as work:
        assert {one.user_id for one in work.find_all(ChannelGuest) if not one.is_bot} == set(many)
    assert len(named(scene)) == len(many)
    assert scene.posted("conversations.members") == 18


@pytest.mark.parametrize("word", ["channel_not_found", "fetch_members_failed", "ratelimited"])
def test_a_look_that_slack_refuses_is_on_home_or_made_again(scene: Scene, word: str) -> None:
    scene.workspace.faults.next("conversations.members", Fault.api_error(word))
    run_sweep(scene.store, CHANNEL_LOOKS)
    scene.bot.courier.wake()
    if word == "channel_not_found":
        settled(scene)
        assert ("channel_look", "dead") in scene.effects()
        next_day(scene)
        assert run_sweep(scene.store, CHANNEL_LOOKS) == 0  # until a person decides about the one before
    with scene.store.reading() as work:
        (effect, *_) = work.find_all(OutboxRow, col(OutboxRow.kind) == "channel_look")
        assert effect.state in ("dead", "ready", "claimed", "sending", "done")


def test_an_account_that_slack_does_not_show_is_taken_for_a_person(scene: Scene) -> None:
    scene.workspace.remove_member(CHANNEL, FOREIGN)
    scene.workspace.faults.next("users.info", Fault.api_error("user_not_visible"))
    looks(scene)
    assert f"• <@{STRANGER}>, not enrolled" in named(scene)


def test_check_names_them(scene: Scene) -> None:
    settings = settings_for(scene.workspace, scene.store.checkpoint_file.parent)  # type: ignore[union-attr]
    only_members(scene)
    scene.workspace.add_member(CHANNEL, STRANGER)
    settled(scene)
    (finding,) = [one for one in look(settings) if "not on the panel" in one.sentence]
    assert finding.is_doubtful
    assert finding.sentence == (
        f"In the channel of West Operational MET (west-met), but not on the panel: {STRANGER}. Remove them from the "
        "channel in Slack, or give them a place."
    )
