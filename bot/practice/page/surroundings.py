"""What stands around the workspace for every window alike: the clock, the weather at Slack, the guide's progress."""

import threading
from collections.abc import Callable
from typing import Any


class Surroundings:
    """Named parts, each looked up anew for every picture; `say` tells the windows to look again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: list[Callable[[], None]] = []
        self._looks: dict[str, Callable[[], Any]] = {}

    def add(self, name: str, look: Callable[[], Any]) -> None:
        """Show one more part; `look` returns it as JSON, is called from any thread and must be quick."""
        self._looks[name] = look

    def parts(self) -> dict[str, Any]:
        """Return all parts as they are now."""
        return {name: look() for name, look in self._looks.items()}

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back when somebody says that something changed; returns how to stop."""
        with self._lock:
            self._watchers.append(callback)

        def stop() -> None:
            with self._lock:
                if callback in self._watchers:
                    self._watchers.remove(callback)

        return stop

    def say(self) -> None:
        """Something changed."""
        with self._lock:
            watchers = list(self._watchers)
        for callback in watchers:
            callback()
