"""The server under the door: connections that stall keep nobody waiting, and its end drops no answer."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bot.slack.web_server import MOST_BYTES, WSGI_ARRIVED, Door, WebServer
from tests.slack.conftest import Scene

HALF_HEADERS = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Le"
HALF_BODY = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\ncommand="
NOTHING = b""


@contextmanager
def served(application: object, **limits: float) -> Iterator[WebServer]:
    """Yield a server in a thread of its own, until the end of the block."""
    server = WebServer(application, host="127.0.0.1", port=0, **limits)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join()


def stall(server: WebServer, beginning: bytes) -> socket.socket:
    """Return a connection that says this much and then stalls."""
    connection = socket.create_connection(("127.0.0.1", int(server.effective_port)), timeout=30)
    connection.sendall(beginning)
    return connection


def ask(server: WebServer, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", int(server.effective_port), timeout=30)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_forty_stalled_connections_keep_nobody_waiting(scene: Scene) -> None:
    assert isinstance(scene.bot.door, Door)
    with served(scene.bot.door) as server, ExitStack() as stalled:
        for number in range(40):
            beginning = (HALF_HEADERS, HALF_BODY, NOTHING)[number % 3]
            stalled.enter_context(contextlib.closing(stall(server, beginning)))
        # More than there are threads, each answered while all forty stay.
        for _ in range(20):
            assert ask(server, "GET", "/healthz") == (200, b"ok")
            assert ask(server, "POST", "/slack/events", b"command=/action")[0] == 401
        assert len(server.active_channels) >= 40


@pytest.mark.parametrize("beginning", [HALF_HEADERS, HALF_BODY, NOTHING])
def test_what_does_not_come_in_time_is_hung_up_on(beginning: bytes) -> None:
    with served(_says("never")[0], reading_seconds=0.2) as server, contextlib.closing(stall(server, beginning)) as one:
        assert one.recv(100) == b""


def test_a_request_that_trickles_in_has_one_deadline_for_all_of_it() -> None:
    with served(_says("never")[0], reading_seconds=0.5) as server, contextlib.closing(stall(server, b"P")) as one:
        one.settimeout(0.05)
        for _ in range(400):
            with contextlib.suppress(TimeoutError):
                if one.recv(1) == b"":
                    break
            with contextlib.suppress(OSError):
                one.sendall(b"P")
        else:
            pytest.fail("it went on for ever")


def test_a_connection_stays_for_the_next_request() -> None:
    with served(_says("here")[0]) as server:
        connection = http.client.HTTPConnection("127.0.0.1", int(server.effective_port), timeout=30)
        for _ in range(3):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"here"
        connection.close()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(scene: Scene) -> None:
    assert scene.bot.door is not None
    with served(scene.bot.door) as server:
        head = f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST_BYTES + 1}\r\n\r\n".encode()
        with contextlib.closing(stall(server, head)) as one:
            assert one.recv(100).startswith(b"HTTP/1.1 413")


def test_the_application_learns_when_a_request_began_to_come_in() -> None:
    application, seen = _says("here")
    with served(application) as server:
        ask(server, "GET", "/")
    assert [isinstance(one[WSGI_ARRIVED], float) for one in seen] == [True]


def test_what_is_being_answered_is_answered_before_the_end_and_nothing_new_is_taken() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def application(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        begun.set()
        may_end.wait(30)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    answers: list[tuple[int, bytes]] = []
    server = WebServer(application, host="127.0.0.1", port=0)
    serving = threading.Thread(target=server.run)
    serving.start()
    asking = threading.Thread(target=lambda: answers.append(ask(server, "GET", "/")))
    asking.start()
    begun.wait(30)
    idle = stall(server, NOTHING)
    server.end()
    assert idle.recv(1) == b""  # hung up on at once
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        stall(server, NOTHING)
    may_end.set()
    asking.join()
    serving.join()
    assert answers == [(200, b"done")]


def _says(words: str) -> tuple[Callable[..., list[bytes]], list[dict[str, object]]]:
    """Return an application with one answer, and what it was asked."""
    seen: list[dict[str, object]] = []

    def application(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        seen.append(dict(environ))
        start_response("200 OK", [("Content-Length", str(len(words)))])
        return [words.encode()]

    return application, seen
