"""Brings a database to this version's schema.

A new database gets all its tables at once, and an older one is migrated.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlmodel import SQLModel

from bot.errors import Misconfigured
from bot.models import actions, bookkeeping, cases, exports, meetings, minutes, outbox, panels, people

if TYPE_CHECKING:
    from alembic.config import Config

MODELS = (people, panels, meetings, minutes, cases, actions, bookkeeping, exports, outbox)
#: All tables of the models with their constraints. Tests compare the migrations with it.
METADATA = SQLModel.metadata

#: The newest revision in `migrations/versions`. It is a constant, so that an ordinary start need not load Alembic.
CURRENT = "0039"

#: The number of the transaction lock that lets one PostgreSQL process at a time migrate.
_SCHEMA_LOCK = 0x736368656D61  # "schema"


def current_revision(engine: Engine) -> str | None:
    """Return the database's schema revision, or None if it has no schema yet."""
    with engine.execution_options(reading=True).connect() as connection:
        return revision_in(connection)


def is_current(engine: Engine) -> bool:
    """Return whether the database has exactly this version's schema."""
    return current_revision(engine) == CURRENT


def upgrade(engine: Engine, then: Callable[[Connection], None] = lambda _connection: None) -> None:
    """Bring the database to this version's schema. If anything changed, call `then` in the same transaction.

    An empty database gets its tables from the models and is marked as migrated, as in Alembic's cookbook ("Building an
    up to date database from scratch"): running all migrations takes ten times as long. Raise Misconfigured if a newer
    version of panelbot made the database.
    """
    if is_current(engine):
        return
    from alembic import command  # noqa: PLC0415 - slow to load, and a usual start has no need of it

    def to_current(config: "Config") -> None:
        connection: Connection = config.attributes["connection"]
        if set(inspect(connection).get_table_names()) <= {"alembic_version"}:
            METADATA.create_all(connection)
            command.stamp(config, CURRENT)
        else:
            command.upgrade(config, CURRENT)

    _migrate(engine, to_current, then)


def migrate(engine: Engine, revision: str = CURRENT) -> None:
    """Run all migrations up to a revision, even on a new database."""
    from alembic import command  # noqa: PLC0415 - as above

    def upwards(config: "Config") -> None:
        command.upgrade(config, revision)

    _migrate(engine, upwards, lambda _connection: None)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Undo migrations down to an earlier revision. Data that the earlier schema can't hold are lost."""
    from alembic import command  # noqa: PLC0415 - as above

    def back(config: "Config") -> None:
        command.downgrade(config, revision)

    _migrate(engine, back, lambda _connection: None)


def _migrate(engine: Engine, move: Callable[["Config"], None], then: Callable[[Connection], None]) -> None:
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with _alone(engine) as connection:
        # Read the revision again under the lock, since another process may have migrated meanwhile.
        revision = revision_in(connection)
        if revision is not None and revision not in known:
            raise Misconfigured(
                f"The database is at schema {revision}, which this version of panelbot does not know. "
                "Install the version that made it, or a newer one."
            )
        config.attributes["connection"] = connection
        move(config)
        then(connection)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction. No other process can migrate until this transaction ends."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
                yield connection
            return
        # Foreign keys are switched off, since a batch that replaces a table would silently delete the rows that point
        # at it. The pragma works only outside a transaction. The connection is discarded, so that no one else gets it
        # switched off.
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - for the type checker: it is open
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():  # BEGIN IMMEDIATE: another process waits here
                yield connection
                _check_references(connection)
        finally:
            connection.invalidate()


def _check_references(connection: Connection) -> None:
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if lost is not None:
        raise RuntimeError(f"the migration would leave a row of {lost[0]} without the row of {lost[2]} it points at")


def revision_in(connection: Connection) -> str | None:
    """Return the schema revision of the connection's database, or None if it has no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision
