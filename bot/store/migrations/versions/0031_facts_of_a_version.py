"""Store a hash of each case's facts with its published line, so that the next version can say what has changed."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add a column for the hash of a case's facts. The facts of a line without a hash count as unchanged."""
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("published_line", recreate=recreate) as table:
        table.add_column(sa.Column("facts_digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Drop the hashes of cases' facts."""
    with op.batch_alter_table("published_line") as table:
        table.drop_column("facts_digest")
