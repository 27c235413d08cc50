"""Modals and Home tabs: triggers, the stack, versions."""

import pytest
from slack_bolt import App

from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Call, Json, Time, answer, client_for, modal, plain, section, text_field


@pytest.fixture
def trigger(workspace: Workspace) -> str:
    return workspace.state.new_trigger("U1")


def test_a_trigger_opens_one_modal(workspace: Workspace, call: Call, trigger: str) -> None:
    view = modal(text_field("why"), callback_id="case", private_metadata="7", notify_on_close=True)
    opened = call("views.open", trigger_id=trigger, view=view)["view"]
    assert opened == {
        "id": opened["id"],
        "team_id": "T0PRACTICE",
        "type": "modal",
        "blocks": [
            {
                "type": "input",
                "block_id": "why",
                "label": {"type": "plain_text", "text": "why", "emoji": True},
                "element": {"type": "plain_text_input", "action_id": "text"},
            }
        ],
        "private_metadata": "7",
        "callback_id": "case",
        "state": {"values": {"why": {"text": {"type": "plain_text_input", "value": None}}}},
        "hash": opened["hash"],
        "title": {"type": "plain_text", "text": "Case", "emoji": True},
        "clear_on_close": False,
        "notify_on_close": True,
        "close": None,
        "submit": {"type": "plain_text", "text": "Save", "emoji": True},
        "previous_view_id": None,
        "root_view_id": opened["id"],
        "app_id": workspace.state.app_id,
        "external_id": "",
        "app_installed_team_id": "T0PRACTICE",
        "bot_id": workspace.state.bot.bot_id,
    }
    assert call("views.open", trigger_id=trigger, view=view) == {"ok": False, "error": "exchanged_trigger_id"}


@pytest.mark.parametrize("wrong", ["", "abc", "1.2.xyz", "1.2", "1.2.abc"])
def test_a_malformed_or_foreign_trigger_is_invalid(call: Call, wrong: str) -> None:
    refusal = call("views.open", trigger_id=wrong, view=modal())
    expected = "invalid_trigger_id" if wrong else "invalid_arguments"
    assert refusal["error"] == expected


def test_a_trigger_expires_after_three_seconds(call: Call, trigger: str, time: Time) -> None:
    time.passes(3.1)
    assert call("views.open", trigger_id=trigger, view=modal()) == {"ok": False, "error": "expired_trigger_id"}


def test_a_refused_view_leaves_the_trigger_for_another_try(call: Call, trigger: str) -> None:
    refused = call("views.open", trigger_id=trigger, view={"type": "modal", "blocks": []})
    opened = call("views.open", trigger_id=trigger, view=modal())
    assert (refused["error"], opened["ok"]) == ("invalid_arguments", True)


def test_three_modals_may_lie_on_each_other_and_no_fourth(workspace: Workspace, call: Call, trigger: str) -> None:
    ids = [call("views.open", trigger_id=trigger, view=modal())["view"]["id"]]
    for _ in range(2):
        from_top = workspace.state.new_trigger("U1", from_view=ids[-1])
        pushed = call("views.push", trigger_id=from_top, view=modal())["view"]
        assert (pushed["previous_view_id"], pushed["root_view_id"]) == (ids[-1], ids[0])
        ids.append(pushed["id"])
    fourth = workspace.state.new_trigger("U1", from_view=ids[-1])
    assert call("views.push", trigger_id=fourth, view=modal()) == {"ok": False, "error": "push_limit_reached"}


def test_nothing_is_pushed_by_a_trigger_from_outside_a_modal(workspace: Workspace, call: Call, trigger: str) -> None:
    call("views.open", trigger_id=trigger, view=modal())
    outside = workspace.state.new_trigger("U1")
    assert call("views.push", trigger_id=outside, view=modal()) == {"ok": False, "error": "not_found"}


def test_an_update_keeps_what_was_typed_and_changes_the_hash(workspace: Workspace, call: Call, trigger: str) -> None:
    before = call("views.open", trigger_id=trigger, view=modal(text_field("why")))["view"]
    alex = workspace.person("U1")
    assert alex.view is not None
    alex.fills(alex.view, {"why": "typed"})
    after = call(
        "views.update", view_id=before["id"], hash=before["hash"], view=modal(text_field("why"), section("more"))
    )
    assert (after["view"]["state"]["values"]["why"]["text"]["value"], after["view"]["hash"] == before["hash"]) == (
        "typed",
        False,
    )
    stale = call("views.update", view_id=before["id"], hash=before["hash"], view=modal())
    assert stale == {"ok": False, "error": "hash_conflict"}


def test_a_view_is_found_by_its_external_id(workspace: Workspace, call: Call, trigger: str) -> None:
    call("views.open", trigger_id=trigger, view=modal(external_id="case-1"))
    updated = call("views.update", external_id="case-1", view=modal(section("new"), external_id="case-1"))
    again = call("views.open", trigger_id=workspace.state.new_trigger("U2"), view=modal(external_id="case-1"))
    assert (updated["ok"], again) == (True, {"ok": False, "error": "duplicate_external_id"})


def test_a_closed_view_cannot_be_updated(workspace: Workspace, call: Call, trigger: str) -> None:
    opened = call("views.open", trigger_id=trigger, view=modal())["view"]["id"]
    alex = workspace.person("U1")
    assert alex.view is not None
    alex.closes(alex.view)
    assert call("views.update", view_id=opened, view=modal()) == {"ok": False, "error": "not_found"}


def test_the_home_tab_is_published_per_person(workspace: Workspace, call: Call) -> None:
    home: Json = {"type": "home", "blocks": [section("Nothing due")]}
    first = call("views.publish", user_id="U1", view=home)["view"]
    stale = call("views.publish", user_id="U1", view=home, hash="0.0")
    second = call("views.publish", user_id="U1", view={"type": "home", "blocks": []}, hash=first["hash"])["view"]
    alex, sam = workspace.person("U1"), workspace.person("U2")
    assert (first["id"] == second["id"], stale["error"], sam.home) == (True, "hash_conflict", None)
    assert alex.home is not None
    assert alex.home.words == ""


def test_a_home_tab_that_is_switched_off_is_not_enabled(manifest: Json) -> None:
    manifest["features"]["app_home"]["home_tab_enabled"] = False
    with Workspace(manifest) as workspace:
        workspace.add_user("alex", id="U1")
        refusal = answer(client_for(workspace), "views.publish", user_id="U1", view={"type": "home", "blocks": []})
        assert refusal == {"ok": False, "error": "not_enabled"}


def test_a_home_tab_for_nobody_is_refused(call: Call) -> None:
    refusal = call("views.publish", user_id="U9", view={"type": "home", "blocks": []})
    assert refusal == {"ok": False, "error": "user_not_found"}


def test_a_view_above_250_kilobytes_is_too_large(call: Call, trigger: str) -> None:
    option = {"text": plain("ä" * 75), "value": "x" * 150}
    menu = {"type": "static_select", "action_id": "m", "options": [option] * 100}
    blocks = [{"type": "actions", "elements": [{**menu, "action_id": str(n)} for n in range(10)]}]
    assert call("views.open", trigger_id=trigger, view=modal(*blocks)) == {"ok": False, "error": "view_too_large"}


def test_a_command_opens_a_modal_through_bolt(workspace: Workspace, connected: App) -> None:
    @connected.command("/action")
    def opens(ack, body, client):  # type: ignore[no-untyped-def]
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_field("why")))
        ack()

    outcome = workspace.person("U1").types("C1", "/action add")
    assert outcome.view is not None
    assert (outcome.view.title, outcome.replies, outcome.error) == ("Case", (), None)


def test_the_right_view_is_updated_when_several_people_have_one_open(
    workspace: Workspace, call: Call, trigger: str
) -> None:
    call("views.open", trigger_id=trigger, view=modal(section("alex")))
    second = call("views.open", trigger_id=workspace.state.new_trigger("U2"), view=modal(section("sam")))["view"]["id"]
    call("views.update", view_id=second, view=modal(section("new")))
    views = [workspace.person(user).view for user in ("U1", "U2")]
    assert [view.words for view in views if view is not None] == ["alex", "new"]
