"""The command line in processes of their own that begin with all imported, since importing takes most of a second."""

import multiprocessing
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.cli import main

_LIMIT_SECONDS = 600
_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        __name__,
        "alembic.command",
        "bot.bootstrap",
        "bot.health",
        "bot.practice.mode",
        "bot.services.county.application",
        "bot.services.county.run",
    ]
)


def run_panelbot(words: tuple[str, ...], environment: dict[str, str], given: str = "") -> tuple[int, str]:
    """Run a command in a new process with this environment alone. Return its exit status and all that it printed.

    `given` is what is piped into it.
    """
    with TemporaryDirectory() as folder:
        printed = [Path(folder) / "out", Path(folder) / "err"]
        piped = Path(folder) / "in"
        piped.write_text(given, encoding="utf-8")
        process = _FORKS.Process(target=_command, args=(words, environment, printed, piped))
        process.start()
        process.join(_LIMIT_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"panelbot {' '.join(words)}")
        return process.exitcode, "".join(file.read_text(encoding="utf-8") for file in printed)


def _command(words: tuple[str, ...], environment: dict[str, str], printed: list[Path], piped: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(printed, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    sys.stdin = piped.open(encoding="utf-8")
    sys.argv = ["panelbot", *words]
    main()
