"""The script that Alembic runs, on the connection that `bot.store.schema` opened, locked and will commit."""

from alembic import context

from bot.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # on SQLite too: our engine says BEGIN itself
    render_as_batch=True,
)
context.run_migrations()
