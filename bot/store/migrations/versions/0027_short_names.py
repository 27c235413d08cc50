"""Give agencies the short names that their county uses."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add the names, which are empty so far."""
    with op.batch_alter_table("agency") as table:
        table.add_column(sa.Column("short_names", sa.JSON(), nullable=True))
    op.execute("UPDATE agency SET short_names = '[]'")
    # Written once more, so that SQLite keeps the table in the words in which the models make it.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("agency", recreate="always" if is_sqlite else "never") as table:
        table.alter_column("short_names", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("agency") as table:
        table.drop_column("short_names")
