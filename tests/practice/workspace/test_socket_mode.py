"""Socket Mode with slack_sdk's clients, and on the wire."""

import gc
import json
import threading
from collections.abc import Callable, Iterator

import pytest
import websocket
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler as BuiltinHandler
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler as WebsocketClientHandler

from bot.practice.stopwatch import GIVE_UP_SECONDS
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.sights import Outcome
from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Json, Time, answer, client_for

Open = Callable[[], websocket.WebSocket]


@pytest.fixture
def opens(workspace: Workspace) -> Iterator[Open]:
    """opens() → a raw socket, its hello not yet read."""
    sockets: list[websocket.WebSocket] = []

    def opened() -> websocket.WebSocket:
        url = answer(client_for(workspace, workspace.app_token), "apps.connections.open")["url"]
        sockets.append(websocket.create_connection(url, timeout=GIVE_UP_SECONDS))
        return sockets[-1]

    yield opened
    for socket in sockets:
        socket.shutdown()  # close() leaves the file descriptor open when the server closed first


def read(socket: websocket.WebSocket) -> Json:
    message: Json = json.loads(socket.recv())
    return message


def acknowledge(socket: websocket.WebSocket, envelope: Json, **more: object) -> None:
    socket.send(json.dumps({"envelope_id": envelope["envelope_id"], **more}))


def types(workspace: Workspace) -> tuple[threading.Thread, list[Outcome]]:
    """Type a command in a thread of its own, as the answer is given here."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(workspace.person("U1").types("C1", "/action x")))
    thread.start()
    return thread, outcomes


def test_hello_counts_the_connections(workspace: Workspace, opens: Open) -> None:
    hellos = [read(opens()) for _ in range(2)]
    assert hellos == [
        {
            "type": "hello",
            "num_connections": number + 1,
            "debug_info": {"host": f"applink-{number}", "build_number": 1, "approximate_connection_time": 18_060},
            "connection_info": {"app_id": workspace.state.app_id},
        }
        for number in range(2)
    ]


def test_a_ticket_opens_one_socket(workspace: Workspace) -> None:
    url = answer(client_for(workspace, workspace.app_token), "apps.connections.open")["url"]
    first = websocket.create_connection(url + "&debug_reconnects=true", timeout=GIVE_UP_SECONDS)
    assert read(first)["debug_info"]["approximate_connection_time"] == 360
    with pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(url, timeout=GIVE_UP_SECONDS)
    first.close()


def test_the_eleventh_connection_is_one_too_many(opens: Open) -> None:
    greetings = [read(opens())["type"] for _ in range(10)]
    assert greetings == ["hello"] * 10
    assert read(opens()) == {
        "type": "disconnect",
        "reason": "too_many_websockets",
        "debug_info": {"host": "applink-0"},
    }


def test_an_envelope_goes_to_one_socket_and_the_next_to_another(workspace: Workspace, opens: Open) -> None:
    first, second = opens(), opens()
    assert [read(socket)["type"] for socket in (first, second)] == ["hello", "hello"]
    texts = []
    for socket in (second, first):
        thread, _ = types(workspace)
        envelope = read(socket)
        acknowledge(socket, envelope)
        thread.join()
        texts.append((envelope["type"], envelope["accepts_response_payload"], envelope["payload"]["text"]))
    assert texts == [("slash_commands", True, "x")] * 2


def test_a_command_nobody_confirms_times_out_and_is_not_sent_again(
    workspace: Workspace, opens: Open, time: Time
) -> None:
    socket = opens()
    read(socket)
    thread, outcomes = types(workspace)
    envelope = read(socket)
    time.passes(2.9)
    assert outcomes == []
    time.passes(0.1)
    thread.join()
    assert [outcome.error for outcome in outcomes] == ['/action failed with the error "operation_timeout"']
    sent = [one for one in workspace.deliveries if one.kind == "slash_commands"]
    assert [len(delivery.attempts) for delivery in sent] == [1]
    acknowledge(socket, envelope, payload={"text": "too late"})
    workspace.person("U1").waits_for(lambda: workspace.sockets.late)
    assert workspace.person("U1").messages("C1") == []


def test_a_command_confirmed_within_three_seconds_is_answered(workspace: Workspace, opens: Open, time: Time) -> None:
    socket = opens()
    read(socket)
    thread, outcomes = types(workspace)
    envelope = read(socket)
    time.passes(2.9)
    acknowledge(socket, envelope, payload={"text": "just in time"})
    thread.join()
    assert [(outcome.text, outcome.error) for outcome in outcomes] == [("just in time", None)]


def test_the_three_seconds_pass_by_themselves_where_nobody_holds_them(manifest: Json) -> None:
    built = Workspace(manifest, acknowledge_within=0.05)
    built.add_user("alex", id="U1")
    built.add_channel("district", ["U1"], id="C1")
    with built as workspace:
        url = answer(client_for(workspace, workspace.app_token), "apps.connections.open")["url"]
        socket = websocket.create_connection(url, timeout=GIVE_UP_SECONDS)
        read(socket)
        outcome = workspace.person("U1").types("C1", "/action x")
        assert outcome.error == '/action failed with the error "operation_timeout"'
        socket.close()


def test_a_command_without_any_connection_is_not_dispatched(workspace: Workspace) -> None:
    outcome = workspace.person("U1").types("C1", "/action x")
    assert outcome.error == '/action failed with the error "dispatch_failed"'


def test_an_event_is_sent_again_elsewhere_when_its_socket_breaks(workspace: Workspace, opens: Open) -> None:
    first, second = opens(), opens()
    for socket in (first, second):
        read(socket)
    workspace.person("U1").says("C1", "hello")
    lost = read(second)
    second.close()
    again = read(first)
    acknowledge(first, again)
    workspace.settles()
    shown = [(one["retry_attempt"], one["retry_reason"], one["payload"]["event"]["text"]) for one in (lost, again)]
    assert shown == [(0, "", "hello"), (1, "timeout", "hello")]
    assert lost["payload"] == again["payload"]


def test_an_event_is_given_up_after_three_repetitions(workspace: Workspace) -> None:
    workspace.person("U1").says("C1", "hello")
    workspace.settles()
    (delivery,) = workspace.deliveries
    assert [attempt.reason for attempt in delivery.attempts] == ["unreachable"] * 4


def test_content_is_ignored_where_the_envelope_takes_none(workspace: Workspace, opens: Open) -> None:
    socket = opens()
    read(socket)
    workspace.person("U1").says("C1", "hello")
    envelope = read(socket)
    acknowledge(socket, envelope, payload={"text": "nobody asked"})
    workspace.settles()
    assert envelope["accepts_response_payload"] is False
    assert [seen.text for seen in workspace.person("U1").messages("C1")] == ["hello"]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
def test_a_disconnection_is_announced_with_its_reason(workspace: Workspace, opens: Open, reason: str) -> None:
    socket = opens()
    read(socket)
    workspace.disconnect_sockets(reason)  # type: ignore[arg-type]
    assert read(socket) == {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-0"}}
    if reason == "warning":
        assert len(workspace.sockets.connections) == 1
        return
    if reason == "refresh_requested":
        # It stays until the app has the next one.
        assert len(workspace.sockets.connections) == 1
        read(opens())
    assert socket.recv() == ""


def test_the_server_pings(manifest: Json) -> None:
    with Workspace(manifest, ping_seconds=0.05) as workspace:
        url = answer(client_for(workspace, workspace.app_token), "apps.connections.open")["url"]
        socket = websocket.create_connection(url, timeout=GIVE_UP_SECONDS)
        read(socket)
        opcode, _ = socket.recv_data(control_frame=True)
        assert opcode == websocket.ABNF.OPCODE_PING
        socket.close()


@pytest.mark.parametrize("handler_class", [BuiltinHandler, WebsocketClientHandler], ids=["builtin", "websocket_client"])
@pytest.mark.slow
# websocket-client leaves the socket of a connection that the server closed to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_bolt_answers_a_command_and_comes_back_after_a_refresh(
    workspace: Workspace, app: App, handler_class: type
) -> None:
    @app.command("/action")
    def answers(ack, command):  # type: ignore[no-untyped-def]
        ack(f"heard {command['text']}")

    handler = handler_class(app, workspace.app_token, ping_interval=1)
    handler.connect()
    workspace.waits_for_app()
    alex = workspace.person("U1")
    first = alex.types("C1", "/action one").text
    before = list(workspace.sockets.connections)
    workspace.disconnect_sockets("refresh_requested")
    alex.waits_for(lambda: [new for new in workspace.sockets.connections if new not in before])
    # Commands that fall into the change of connections may be lost, as at Slack; the person types again.
    second = alex.waits_for(lambda: alex.types("C1", "/action two").text)
    handler.client.auto_reconnect_enabled = False
    handler.close()
    del handler
    gc.collect()
    assert (first, second) == ("heard one", "heard two")


def test_sockets_can_break_while_a_call_is_answered(workspace: Workspace, opens: Open) -> None:
    socket = opens()
    read(socket)
    workspace.faults.next("auth.test", Fault.disconnect_sockets())
    assert answer(client_for(workspace), "auth.test")["ok"] is True
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        socket.recv()
    workspace.person("U1").waits_for(lambda: not workspace.sockets.connections)
