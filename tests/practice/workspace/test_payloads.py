"""What arrives at the app, whole."""

import pytest
from slack_bolt import App

from bot.practice.workspace import block_kit
from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Json, Time, modal, section, text_field, whispers

TOKEN = "practice-verification-token"
TEAM = {"id": "T0PRACTICE", "domain": "practice"}
ALEX = {"id": "U1", "username": "alex", "name": "alex", "team_id": "T0PRACTICE"}


@pytest.fixture
def bodies(bolt: App) -> list[Json]:
    """Everything the app is sent, confirmed at once."""
    received: list[Json] = []

    @bolt.middleware
    def keeps(body, ack, next):  # type: ignore[no-untyped-def]
        received.append(body)
        return ack()

    return received


def test_a_slash_command(over_http: Workspace, bodies: list[Json]) -> None:
    over_http.person("U1").types("C2", "/action add @sam by Friday")
    (body,) = bodies
    assert body == {
        "token": TOKEN,
        "team_id": "T0PRACTICE",
        "team_domain": "practice",
        "channel_id": "C2",
        "channel_name": "privategroup",
        "user_id": "U1",
        "user_name": "alex",
        "command": "/action",
        "text": "add <@U2|sam> by Friday",
        "api_app_id": over_http.state.app_id,
        "is_enterprise_install": "false",
        "response_url": body["response_url"],
        "trigger_id": body["trigger_id"],
    }
    assert body["response_url"].startswith(f"{over_http.address}/commands/T0PRACTICE/")


def test_a_click_in_a_message(over_http: Workspace, bolt: App, bodies: list[Json]) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "1"}
    bolt.client.chat_postMessage(
        channel="C1", text="?", blocks=[{"type": "actions", "block_id": "b", "elements": [button]}]
    )
    over_http.settles()
    bodies.clear()
    alex = over_http.person("U1")
    (seen,) = alex.messages("C1")
    alex.clicks(seen, "go")
    (body,) = bodies
    assert body == {
        "type": "block_actions",
        "team": TEAM,
        "user": ALEX,
        "api_app_id": over_http.state.app_id,
        "token": TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
        "container": {"type": "message", "message_ts": seen.ts, "channel_id": "C1", "is_ephemeral": False},
        "trigger_id": body["trigger_id"],
        "channel": {"id": "C1", "name": "district"},
        "state": {"values": {}},
        "response_url": body["response_url"],
        "actions": [
            {
                "type": "button",
                "action_id": "go",
                "block_id": "b",
                "text": {"type": "plain_text", "text": "Go", "emoji": True},
                "value": "1",
                "action_ts": "1795000000.000000",
            }
        ],
        "message": {
            "type": "message",
            "user": over_http.bot_user_id,
            "ts": seen.ts,
            "text": "?",
            "team": "T0PRACTICE",
            "bot_id": over_http.state.bot.bot_id,
            "app_id": over_http.state.app_id,
            "blocks": list(seen.blocks),
        },
    }


def test_a_click_in_an_ephemeral_message_does_not_carry_it(over_http: Workspace, bodies: list[Json]) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = block_kit.message_blocks([{"type": "actions", "elements": [button]}])
    whispers(over_http, "U1", text="?", blocks=blocks)
    alex = over_http.person("U1")
    alex.clicks(alex.messages("C1")[0], "go")
    (body,) = bodies
    assert (body["container"]["is_ephemeral"], "message" in body) == (True, False)


def test_a_submission_and_a_closure(over_http: Workspace, bolt: App, bodies: list[Json]) -> None:
    alex = over_http.person("U1")
    for _ in range(2):
        trigger = over_http.state.new_trigger("U1")
        bolt.client.views_open(
            trigger_id=trigger, view=modal(text_field("why"), callback_id="cb", notify_on_close=True)
        )
        assert alex.view is not None
        if bodies:
            alex.closes(alex.view)
        else:
            alex.submits(alex.view, {"why": "because"})
    submission, closure = bodies
    common = {
        "team": TEAM,
        "user": ALEX,
        "api_app_id": over_http.state.app_id,
        "token": TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }
    assert submission == {
        **common,
        "type": "view_submission",
        "trigger_id": submission["trigger_id"],
        "view": submission["view"],
        "response_urls": [],
    }
    values = {"why": {"text": {"type": "plain_text_input", "value": "because"}}}
    assert submission["view"]["state"] == {"values": values}
    assert closure == {**common, "type": "view_closed", "view": closure["view"], "is_cleared": False}


def test_a_message_shortcut(over_http: Workspace, bodies: list[Json]) -> None:
    alex = over_http.person("U1")
    said = alex.says("C1", "ring the GP")
    over_http.settles()
    bodies.clear()
    alex.uses_shortcut("make_action", message=said)
    (body,) = bodies
    assert body == {
        "type": "message_action",
        "team": TEAM,
        "user": ALEX,
        "token": TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
        "action_ts": "1795000000.000000",
        "callback_id": "make_action",
        "trigger_id": body["trigger_id"],
        "channel": {"id": "C1", "name": "district"},
        "response_url": body["response_url"],
        "message_ts": said.ts,
        "message": {"type": "message", "user": "U1", "ts": said.ts, "text": "ring the GP", "team": "T0PRACTICE"},
    }


def test_a_message_event(over_http: Workspace, bodies: list[Json]) -> None:
    said = over_http.person("U1").says("C1", "a < b")
    over_http.settles()
    (body,) = bodies
    assert body == {
        "token": TOKEN,
        "team_id": "T0PRACTICE",
        "context_team_id": "T0PRACTICE",
        "context_enterprise_id": None,
        "api_app_id": over_http.state.app_id,
        "event": {
            "type": "message",
            "user": "U1",
            "ts": said.ts,
            "text": "a &lt; b",
            "team": "T0PRACTICE",
            "channel": "C1",
            "channel_type": "channel",
            "event_ts": said.ts,
        },
        "type": "event_callback",
        "event_id": body["event_id"],
        "event_time": 1_795_000_000,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": "T0PRACTICE",
                "user_id": over_http.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": body["event_context"],
    }


def events(over_http: Workspace, bodies: list[Json]) -> list[Json]:
    over_http.settles()
    return [body["event"] for body in bodies]


def test_a_mention_comes_as_an_event_of_its_own(over_http: Workspace, bodies: list[Json]) -> None:
    over_http.person("U1").says("C1", f"<@{over_http.bot_user_id}> help")
    assert sorted(event["type"] for event in events(over_http, bodies)) == ["app_mention", "message"]


def test_only_subscribed_events_of_places_the_bot_is_in_arrive(over_http: Workspace, bodies: list[Json]) -> None:
    place = over_http.add_channel("elsewhere", ["U1"], with_bot=False)
    alex = over_http.person("U1")
    alex.says(place, "unheard")
    alex.says(alex.direct, "heard")
    assert [(event["channel_type"], event["text"]) for event in events(over_http, bodies)] == [("im", "heard")]


def test_entering_a_channel_and_being_deactivated_are_told(over_http: Workspace, bodies: list[Json]) -> None:
    place = over_http.add_channel("open", ["U1"])
    over_http.person("U2").joins(place)
    over_http.deactivate("U2")
    joined, changed = sorted(events(over_http, bodies), key=lambda event: str(event["type"]))
    assert joined == {
        "type": "member_joined_channel",
        "user": "U2",
        "channel": place,
        "channel_type": "C",
        "team": "T0PRACTICE",
        "event_ts": "1795000000.000000",
    }
    assert (changed["type"], changed["user"]["id"], changed["user"]["deleted"]) == ("user_change", "U2", True)


def test_a_person_from_another_workspace_brings_their_own_team(over_http: Workspace, bodies: list[Json]) -> None:
    over_http.add_team("T2", "Trust", "trust")
    jo = over_http.add_user("jo", id="U7", team_id="T2")
    place = over_http.add_channel("shared", ["U7"], shared_with=("T2",))
    jo.types(place, "/action x")
    jo.uses_shortcut("flag_case")
    jo.says(place, "hello")
    over_http.settles()
    command, shortcut, message = bodies
    assert (command["team_id"], command["team_domain"], command["user_id"]) == ("T2", "trust", "U7")
    assert (shortcut["team"], shortcut["user"]["team_id"]) == ({"id": "T2", "domain": "trust"}, "T2")
    assert (message["team_id"], message["event"]["team"], message["is_ext_shared_channel"]) == (
        "T0PRACTICE",
        "T2",
        True,
    )


def test_event_times_follow_the_workspace_clock(over_http: Workspace, bodies: list[Json], time: Time) -> None:
    time.passes(86_400)
    over_http.person("U1").says("C1", "tomorrow")
    over_http.settles()
    assert (bodies[0]["event_time"], bodies[0]["event"]["ts"]) == (1_795_086_400, "1795086400.000000")


def test_edits_and_deletions_are_told_with_what_was_there(over_http: Workspace, bolt: App) -> None:
    sent = bolt.client.chat_postMessage(channel="C1", text="old", blocks=[section("old")])["ts"]
    over_http.settles()
    bolt.client.chat_update(channel="C1", ts=sent, text="new")
    over_http.settles()
    bolt.client.chat_delete(channel="C1", ts=sent)
    shown = [
        (event.get("subtype"), event.get("previous_message", {}).get("text"), event.get("deleted_ts"))
        for event in (delivery.payload["event"] for delivery in over_http.deliveries)
    ]
    # Read on the way out: Bolt itself drops what its own bot did.
    assert shown == [(None, None, None), ("message_changed", "old", None), ("message_deleted", "new", sent)]
