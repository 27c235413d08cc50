"""The workspace can be watched, each person seeing their own changes."""

import queue

from bot.practice.workspace.state import Change
from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Call, whispers


def test_a_watcher_hears_what_their_person_can_see(workspace: Workspace, call: Call) -> None:
    alex: queue.SimpleQueue[Change] = queue.SimpleQueue()
    sam: queue.SimpleQueue[Change] = queue.SimpleQueue()
    stop = workspace.state.watch(alex.put, "U1")
    workspace.state.watch(sam.put, "U2")
    call("chat.postMessage", channel="C1", text="public")
    call("chat.postMessage", channel="C2", text="alex only")
    whispers(workspace, "U2", text="sam only")
    stop()
    call("chat.postMessage", channel="C1", text="sam still listens")
    heard = [[(change.kind, change.channel) for change in _drain(pipe)] for pipe in (alex, sam)]
    assert heard == [
        [("message", "C1"), ("message", "C2")],
        [("message", "C1"), ("ephemeral", "C1"), ("message", "C1")],
    ]


def test_a_watcher_of_everything_hears_everything(workspace: Workspace, call: Call) -> None:
    pipe: queue.SimpleQueue[Change] = queue.SimpleQueue()
    workspace.state.watch(pipe.put)
    call("views.publish", user_id="U1", view={"type": "home", "blocks": []})
    assert _drain(pipe) == [Change("home", None, frozenset({"U1"}))]


def _drain(pipe: "queue.SimpleQueue[Change]") -> list[Change]:
    heard = []
    while not pipe.empty():
        heard.append(pipe.get())
    return heard
