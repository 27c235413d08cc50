"""Looking people up."""

from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Call


def test_a_person_is_described_with_zone_role_and_address(workspace: Workspace, form: Call) -> None:
    user = form("users.info", user="U1")["user"]
    assert user == {
        "id": "U1",
        "team_id": "T0PRACTICE",
        "name": "alex",
        "deleted": False,
        "profile": {
            "real_name": "Alex",
            "real_name_normalized": "Alex",
            "display_name": "alex",
            "display_name_normalized": "alex",
            "team": "T0PRACTICE",
            "email": "alex@police.example",
        },
        "is_bot": False,
        "is_app_user": False,
        "updated": 1_795_000_000,
        "real_name": "Alex",
        "tz": "Europe/London",
        "tz_label": "Europe/London",
        "tz_offset": 0,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
    }


def test_a_deactivated_person_is_still_there_with_little_said(workspace: Workspace, form: Call) -> None:
    workspace.deactivate("U1")
    user = form("users.info", user="U1")["user"]
    assert (user["deleted"], "tz" in user, "is_admin" in user) == (True, False, False)


def test_a_foreign_person_is_a_stranger(workspace: Workspace, form: Call) -> None:
    workspace.add_team("T2", "Trust", "trust")
    workspace.add_user("jo", id="U7", team_id="T2")
    user = form("users.info", user="U7")["user"]
    assert (user["team_id"], user["is_stranger"]) == ("T2", True)


def test_guests_are_marked(workspace: Workspace, form: Call) -> None:
    workspace.add_user("guest", id="U8", is_single_channel_guest=True)
    user = form("users.info", user="U8")["user"]
    assert (user["is_restricted"], user["is_ultra_restricted"]) == (True, True)


def test_a_person_unknown_is_not_found(form: Call) -> None:
    assert form("users.info", user="U9") == {"ok": False, "error": "user_not_found"}
