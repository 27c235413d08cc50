"""What Slack says of a conversation."""

from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Call


def test_slack_says_of_a_conversation_what_its_scope_allows(workspace: Workspace, form: Call) -> None:
    workspace.add_team("T2", "Elsewhere", "elsewhere")
    workspace.add_channel("ours", ["U1"], id="C7", shared_with=("T2",))
    workspace.add_channel("theirs", ["U1"], id="C8", private=True, with_bot=False)
    seen = form("conversations.info", channel="C7")["channel"]
    assert (seen["id"], seen["is_ext_shared"], seen["is_private"], seen["is_member"]) == ("C7", True, False, True)
    assert form("conversations.info", channel="C8")["error"] == "channel_not_found"
    assert form("conversations.info")["error"] == "invalid_arguments"


def test_the_members_of_a_conversation_come_a_page_at_a_time(workspace: Workspace, form: Call) -> None:
    everybody = [workspace.add_user(f"one{number}", id=f"U7{number}").id for number in range(5)]
    workspace.add_channel("ours", everybody, id="C7", private=True)
    workspace.add_channel("theirs", ["U1"], id="C8", private=True, with_bot=False)
    first = form("conversations.members", channel="C7", limit=4)
    cursor = first["response_metadata"]["next_cursor"]
    rest = form("conversations.members", channel="C7", limit=4, cursor=cursor)
    assert [*first["members"], *rest["members"]] == [*everybody, workspace.state.bot.id]
    assert rest["response_metadata"]["next_cursor"] == ""
    assert form("conversations.members", channel="C7")["members"] == [*everybody, workspace.state.bot.id]
    refused = {
        "invalid_limit": {"channel": "C7", "limit": 1000},
        "invalid_cursor": {"channel": "C7", "cursor": "x"},
        "channel_not_found": {"channel": "C8"},
        "invalid_arguments": {},
    }
    assert {form("conversations.members", **args)["error"] for args in refused.values()} == set(refused)
