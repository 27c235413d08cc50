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
