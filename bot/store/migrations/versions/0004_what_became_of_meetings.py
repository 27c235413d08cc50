"""Keep why a meeting was postponed, and when it was cancelled, whatever changes later."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Keep the reason of a postponement apart from that of the latest change."""
    # Written anew, so that SQLite keeps the table in the words in which the models make it.
    with op.batch_alter_table(
        "meeting", recreate="always" if op.get_bind().dialect.name == "sqlite" else "never"
    ) as table:
        table.add_column(sa.Column("postponed_because", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE meeting SET postponed_because = reason WHERE postponed_from IS NOT NULL")


def downgrade() -> None:
    """Remove the columns. The latest reason stays."""
    with op.batch_alter_table("meeting") as table:
        table.drop_column("cancelled_at")
        table.drop_column("postponed_because")
