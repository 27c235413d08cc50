"""The Slack side of a measurement: a local workspace in a process of its own, and people who send signed commands."""

import http.client
import itertools
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from urllib.parse import urlencode

from bot.documents.panel_files import load_panel_definitions
from bot.practice.mode import read_sample_county, settle
from bot.practice.workspace.delivery import sign
from bot.practice.workspace.web_api import RateLimits
from bot.practice.workspace.workspace import Workspace
from bot.slack.manifest import PATH, manifest
from bot.slack.tables import build_registry

SECRET = "bench-signing-secret"
TOKEN = "xoxb-bench"
_requests = itertools.count(1)


@contextmanager
def workspace_elsewhere() -> Iterator[str]:
    """Run the workspace of the sample county in another process than the one that measures.

    Yield the address of its Web API.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve_workspace, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join()


def _serve_workspace(pipe: Connection) -> None:
    county = read_sample_county(load_panel_definitions())
    address = "http://127.0.0.1:1"  # nothing is delivered: people post their commands themselves
    workspace = Workspace(
        manifest(build_registry(), request_url=address),
        bot_token=TOKEN,
        signing_secret=SECRET,
        team_id=county.county.team,
        delivery="http",
        request_url=address,
        rate_limits=RateLimits.off(),
    )
    settle(workspace, county)
    with workspace:
        pipe.send(workspace.api_url)
        pipe.recv()


class Typist:
    """One person who types commands one after the other, over one HTTP connection that stays open, as Slack's does."""

    def __init__(self, port: int, *, user: str, channel: str, team: str) -> None:
        self._who = {"team_id": team, "user_id": user, "channel_id": channel, "token": "x"}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def types(self, text: str) -> tuple[float, str]:
        """Send `/action` with this text. Return the seconds until the acknowledgement, and its body.

        Raise RuntimeError for another status than 200.
        """
        number = next(_requests)
        form = {
            **self._who,
            "command": "/action",
            "text": text,
            "trigger_id": f"{number}.bench",
            "response_url": f"http://127.0.0.1:1/{number}",
        }
        body = urlencode(form).encode()
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(SECRET, timestamp, body),
        }
        began = time.perf_counter()
        self._connection.request("POST", PATH, body, headers)
        response = self._connection.getresponse()
        said = response.read().decode()
        took = time.perf_counter() - began
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {said}")
        return took, said

    def leaves(self) -> None:
        """Close the connection."""
        self._connection.close()


def free_port() -> int:
    """Return a TCP port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_it_listens(port: int, seconds: float = 30.0) -> None:
    """Wait until something listens on the port. Raise TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")
