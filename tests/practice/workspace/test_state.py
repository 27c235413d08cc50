"""The workspace can be watched."""

from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Call, whispers


def test_a_watcher_hears_of_each_change_for_as_long_as_it_watches(workspace: Workspace, call: Call) -> None:
    heard: list[str] = []
    with (
        workspace.state.watched(lambda: heard.append("first")),
        workspace.state.watched(lambda: heard.append("second")),
    ):
        call("chat.postMessage", channel="C1", text="public")
        assert heard == ["first", "second"]
        whispers(workspace, "U2", text="sam only")
        call("views.publish", user_id="U1", view={"type": "home", "blocks": []})
    assert heard == ["first", "second"] * 3
    call("chat.postMessage", channel="C1", text="nobody watches any longer")
    assert heard == ["first", "second"] * 3
