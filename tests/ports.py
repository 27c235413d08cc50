"""Addresses for servers that tests start."""

import contextlib
import random
import socket


def free_port() -> int:
    """Return a port that is not in use, below those that the system hands out to who connects meanwhile."""
    for port in random.sample(range(20_000, 30_000), 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")
