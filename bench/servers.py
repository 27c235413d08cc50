"""The processes that are measured, with their settings and databases."""

import os
import subprocess
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from bench.slack import SECRET, TOKEN, free_port, wait_until_it_listens
from bot.bootstrap import build_store
from bot.practice.mode import read_sample_county
from bot.services.county.application import apply_county
from bot.settings import Settings
from tests.postgres import PostgresServer

MASTER_KEY = urlsafe_b64encode(bytes(32)).decode()
_FOLDERS = tempfile.TemporaryDirectory(prefix="panelbot-bench-")


def settings_of(url: str) -> Settings:
    """Return settings for the database at `url`. Its data folder is deleted when this process ends."""
    folder = Path(_FOLDERS.name) / sha256(url.encode()).hexdigest()[:16]
    given = {"panelbot_database_url": url, "panelbot_master_key": MASTER_KEY, "panelbot_data_dir": folder}
    return Settings.model_validate(given)


@contextmanager
def databases(backend: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of two empty databases of one kind, `sqlite` or `postgresql`.

    They write each commit to disk, as in production.
    """
    if backend == "sqlite":
        with tempfile.TemporaryDirectory(prefix="panelbot-bench-") as folder:
            yield f"sqlite:///{folder}/panelbot.db", f"sqlite:///{folder}/bare.db"
        return
    with PostgresServer(durable=True) as server:
        yield server.url(server.create_database()), server.url(server.create_database())


def environment(url: str, api_url: str, port: int, folder: Path) -> dict[str, str]:
    """Return the environment variables for a bot's process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PANELBOT_", "SLACK_"))}
    return {
        **kept,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": api_url,
        "PANELBOT_PORT": str(port),
        "PANELBOT_DATABASE_URL": url,
        "PANELBOT_DATA_DIR": str(folder),
        "PANELBOT_MASTER_KEY": MASTER_KEY,
    }


@contextmanager
def serving(module: str, *arguments: str, url: str, api_url: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Run a Python module as a process that serves HTTP on a free port.

    Yield the port and the process once the port answers.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="panelbot-bench-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment(url, api_url, port, Path(folder)),
            stdout=subprocess.DEVNULL,
            cwd=Path(__file__).parents[1],
        )
        try:
            wait_until_it_listens(port)
            yield port, process
        finally:
            process.terminate()
            process.wait(timeout=30)


def settle_county(url: str) -> None:
    """Add the sample county to the database at `url`."""
    store = build_store(settings_of(url))
    with store.work() as work:
        apply_county(work, read_sample_county(store.definitions))
    store.close()
