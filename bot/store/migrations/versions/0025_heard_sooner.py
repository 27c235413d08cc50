"""Store why a flag can't wait, why its case is heard sooner, and whether a meeting was arranged for one case only."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_REASONS = ("urgent_because", "sooner_because")


def upgrade() -> None:
    """Add columns for why a case is urgent, and for whether a meeting was arranged for one case.

    Existing meetings count as ordinary.
    """
    # SQLite rebuilds the table, so that its definition reads as the models make it.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("flag", recreate="always" if is_sqlite else "never") as table:
        for name in _REASONS:
            table.add_column(sa.Column(name, sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("meeting") as table:
        table.add_column(sa.Column("is_extraordinary", sa.Boolean(), nullable=True))
    meeting = sa.table("meeting", sa.column("is_extraordinary", sa.Boolean()))
    op.execute(meeting.update().values(is_extraordinary=sa.false()))
    with op.batch_alter_table("meeting", recreate="always" if is_sqlite else "never") as table:
        table.alter_column("is_extraordinary", existing_type=sa.Boolean(), nullable=False)


def downgrade() -> None:
    """Drop the reasons why cases were urgent. A meeting arranged for one case becomes an ordinary meeting."""
    with op.batch_alter_table("meeting") as table:
        table.drop_column("is_extraordinary")
    with op.batch_alter_table("flag") as table:
        for name in _REASONS:
            table.drop_column(name)
