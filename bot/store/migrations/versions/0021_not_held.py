"""Let past meetings that were never opened count as not held, unless they are recorded as held elsewhere."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add a column for the moment at which a meeting was recorded as held elsewhere."""
    # SQLite rebuilds the table, so that its definition reads as the models make it.
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("meeting", recreate=recreate) as table:
        table.add_column(sa.Column("elsewhere_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop the records that meetings were held elsewhere. These meetings then count as not held again."""
    with op.batch_alter_table("meeting") as table:
        table.drop_column("elsewhere_at")
