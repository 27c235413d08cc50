"""Store when a meeting first came to an agenda item."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Add a column for the moment at which a meeting first came to an item. It is empty for earlier items."""
    # On SQLite the table is written once more, in the words in which the models make it.
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("agenda_item", recreate=recreate) as table:
        table.add_column(sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop the moments at which meetings first came to their items."""
    with op.batch_alter_table("agenda_item") as table:
        table.drop_column("reached_at")
