"""Keep why a meeting was postponed and when it was cancelled, even after later changes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add columns for the reason of a postponement, and for the moment at which a meeting was cancelled."""
    # SQLite rebuilds the table, so that its definition reads as the models make it.
    with op.batch_alter_table(
        "meeting", recreate="always" if op.get_bind().dialect.name == "sqlite" else "never"
    ) as table:
        table.add_column(sa.Column("postponed_because", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE meeting SET postponed_because = reason WHERE postponed_from IS NOT NULL")


def downgrade() -> None:
    """Drop the columns for why meetings were postponed and when they were cancelled. The latest reason is kept."""
    with op.batch_alter_table("meeting") as table:
        table.drop_column("cancelled_at")
        table.drop_column("postponed_because")
