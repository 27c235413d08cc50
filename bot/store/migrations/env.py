"""The script that Alembic runs.

It uses the connection that `bot.store.schema` has opened and locked, and will commit.
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
