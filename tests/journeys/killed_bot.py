"""A bot that is born again quickly each time it is killed: one process loads everything, and forks a bot on request.

Each line on its input asks for one life. The child is the real thing from the settings on: the store, Bolt, the
listener, the courier, over a socket or as signed HTTP. Run as a module: `python -m tests.journeys.killed_bot`.
"""

import json
import os
import signal
import sys
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from bot.bootstrap import build_bot, build_store
from bot.settings import Settings
from bot.slack.listener import LONG_PATIENCE


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    # Head and body leave together: half a head, cut off by the kill, would look like an answer without words.
    wbufsize = 65536

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def live(facts: dict[str, Any]) -> None:
    """Serve until killed; says `ready` once Slack can reach it.

    It has all the time it wants for an answer, as Slack has in these tests: what it doesn't do was killed, never late.
    """
    settings = Settings.model_validate(facts)
    bot = build_bot(settings, build_store(settings), patience=LONG_PATIENCE)
    if bot.door is None:
        bot.start(ticking=False)
        print("ready", flush=True)
        signal.pause()
    else:
        port = settings.panelbot_port or 0
        server = make_server("127.0.0.1", port, bot.door, server_class=_Server, handler_class=_Quiet)  # type: ignore[arg-type]
        bot.start(ticking=False)
        print("ready", flush=True)
        server.serve_forever()


def main() -> None:
    """Fork one bot for each line, and wait for its end before the next."""
    facts = json.loads(sys.argv[1])
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            live(facts)
            os._exit(1)
        print(f"born {child}", flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    main()
