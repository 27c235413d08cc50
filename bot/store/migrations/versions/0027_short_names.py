"""Store the short names by which people in the county call each agency."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add a column for the short names of agencies, empty so far."""
    with op.batch_alter_table("agency") as table:
        table.add_column(sa.Column("short_names", sa.JSON(), nullable=True))
    op.execute("UPDATE agency SET short_names = '[]'")
    # SQLite rebuilds the table, so that its definition reads as the models make it.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("agency", recreate="always" if is_sqlite else "never") as table:
        table.alter_column("short_names", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    """Drop the short names of agencies."""
    with op.batch_alter_table("agency") as table:
        table.drop_column("short_names")
