"""The script that Alembic runs.

The script uses a connection that `bot.store.schema` opens, locks and later commits.
"""

from alembic import context

from bot.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # on SQLite too: our engine says BEGIN itself
    render_as_batch=True,
)
context.run_migrations()
